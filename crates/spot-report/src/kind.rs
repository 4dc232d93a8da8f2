//! What flows and DNS bring to a report.

use serde::{Deserialize, Serialize};
use spot_analysis::evidence::{self, Reason};
use spot_store::settings::Anchors;
use spot_store::{Bench, Comment, PipelineKind, Result, Settings};
use spot_view::report::IndexLine;

/// What the index says of a suspect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Address or name.
    pub about: String,
    /// `inside` or `outside`; of DNS `client` or `name`.
    pub kind: String,
    /// Rows scored high.
    pub high_rows: u64,
    /// Rows of the raw table.
    pub rows: u64,
    /// Peers; of DNS names or clients.
    pub peers: u64,
    /// Bytes both ways; DNS has none.
    pub bytes: Option<u64>,
    /// What speaks against it.
    pub reasons: Vec<Reason>,
    /// Title of the saved story.
    pub story: Option<String>,
    /// Peers or rows that an indicator names.
    pub flags: u64,
}

impl Line {
    /// What it is ranked by.
    pub fn score(&self) -> u64 {
        evidence::score(&self.reasons)
    }

    /// As the index page takes it; `file` is its page's name, `failed` why it has none.
    pub(crate) fn drawn(&self, file: String, failed: Option<String>) -> IndexLine {
        IndexLine {
            about: self.about.clone(),
            kind: self.kind.clone(),
            file,
            high_rows: self.high_rows,
            rows: self.rows,
            peers: self.peers,
            bytes: self.bytes,
            evidence: self.reasons.iter().map(spot_view::evidence::words).collect(),
            score: self.score(),
            story: self.story.clone(),
            flags: self.flags,
            failed,
        }
    }
}

/// A pipeline of which reports are made.
pub trait Reported: PipelineKind {
    /// Everything that a page says, but the story.
    type Material: Send + Sync;

    /// Whom or what a run without a panel was told to investigate.
    fn anchors(settings: &Settings) -> Option<&Anchors<Self::Anchor>>;

    /// The day's suspects with the number of their high rows, in the order of the threat list.
    ///
    /// # Errors
    /// A threat list that cannot be read.
    fn scored(bench: &Bench<Self>) -> Result<Vec<(Self::Anchor, u64)>>;

    /// Why there can be no report about an anchor; the rows of the threat list are anybody's.
    fn refused(anchor: &Self::Anchor) -> Option<String>;

    /// The page's file name without its end, which no two anchors share.
    fn stem(anchor: &Self::Anchor) -> String;

    /// What is found of each anchor, in their order, from one pass over the day.
    ///
    /// # Errors
    /// Files of the day that cannot be read.
    fn find(bench: &Bench<Self>, anchors: &[Self::Anchor]) -> Result<Vec<Self::Material>>;

    /// The page.
    fn page(
        bench: &Bench<Self>,
        found: &Self::Material,
        story: Option<&Comment<Self::Anchor>>,
        up: Option<&'static str>,
    ) -> Result<String>;

    /// The line of the index.
    fn line(found: &Self::Material, story: Option<&Comment<Self::Anchor>>) -> Line;
}
