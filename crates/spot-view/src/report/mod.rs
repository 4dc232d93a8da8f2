//! The report: one HTML file that can be mailed, and the page that lists many of them.
//!
//! A report needs no kernel, no network and no other file. What it says is in it twice: as plain
//! HTML (the first rows of each table, figures, story), which any browser shows without a script, and
//! as data, of which the page's own script draws all rows, sorts, filters, zooms and says where a
//! number comes from. Its policy lets that one script run, by its hash, and nothing be loaded.
//!
//! Nothing here reads a clock: the same finding gives the same bytes.

mod dns;
mod flow;
mod index;
mod page;
mod table;

use chrono_tz::Tz;
use polars::prelude::DataFrame;
use spot_analysis::dns::cross::{Followed, Resolved};

use crate::result::Story;

pub use dns::dns;
pub use flow::flow;
pub use index::{IndexLine, index};
pub use page::look;

/// Fewest rows of a table that are readable without a script.
const STILL: usize = 20;
/// Most rows of a table that are in the file; all are counted.
const MOST: usize = 60_000;
/// Most peers that are in the file, so that 50,000 flows with as many peers stay below 5 MB.
const PEERS: usize = 45_000;
/// Characters of names that a table may bring into the file.
const NAMES: usize = 2_500_000;

/// What the report of an address is made of.
#[derive(Clone, Copy, Debug)]
pub struct FlowReport<'a> {
    /// The finding.
    pub found: &'a spot_analysis::Investigation,
    /// The rows that it was made of, in the shape of [`spot_analysis::rows`].
    pub rows: &'a DataFrame,
    /// Names that led to its peers.
    pub resolved: &'a [Resolved],
    /// The story, if one was saved.
    pub story: Option<Story<'a>>,
    /// Rows of each table that are shown without a script, at least 20.
    pub top_results: usize,
    /// Zone of the timeline's times; the day and the tables' times are those of UTC.
    pub zone: Tz,
    /// The page that lists all reports, `index.html`; a name in the same folder.
    pub up: Option<&'static str>,
}

/// What the report of a client or a name is made of.
#[derive(Clone, Copy, Debug)]
pub struct DnsReport<'a> {
    /// The finding.
    pub found: &'a spot_analysis::dns::Investigation,
    /// Flows that followed its answers.
    pub followed: &'a [Followed],
    /// Pairs of a client and an address that were told at all; `followed` are some of them.
    pub pairs: u64,
    /// The story, if one was saved.
    pub story: Option<Story<'a>>,
    /// Rows of each table that are shown without a script, at least 20.
    pub top_results: usize,
    /// Zone of the timeline's times; the day and the tables' times are those of UTC.
    pub zone: Tz,
    /// The page that lists all reports, `index.html`; a name in the same folder.
    pub up: Option<&'static str>,
}
