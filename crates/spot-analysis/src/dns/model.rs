//! The shapes of a DNS finding: what a search of one client or one name on one day yields.
//!
//! Plain data, as in [`crate::model`]. The rows behind it are **answers** (Spot keeps responses only),
//! so every count here counts answers.

use std::fmt;

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::history::History;
use super::name::Name;
use crate::model::{Address, Flag, Provenance};

/// What a search starts from. The tag is part of it: the client 10.0.0.5 and the name `10.0.0.5` are
/// two anchors. Clients come before names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "lowercase")]
pub enum Anchor {
    /// An address that asked.
    Client(Address),
    /// A name that was asked for.
    Query(Name),
}

impl Anchor {
    /// The address or the normalised name, without the tag: what Spot's tables hold as `anchor`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Client(client) => client.as_str(),
            Self::Query(name) => name.as_str(),
        }
    }

    /// `client` or `query`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Client(_) => "client",
            Self::Query(_) => "query",
        }
    }
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Which names a search of [`Anchor::Query`] takes in. A client is always searched [`Scope::Exact`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "lowercase")]
pub enum Scope {
    /// The name itself, in any case, with or without a final dot.
    #[default]
    Exact,
    /// The name's registered domain and everything below it; of a name that has none, the name and
    /// everything below it.
    #[serde(rename = "domain")]
    RegisteredDomain,
    /// Every name that contains this text, in any case. A literal text, not a pattern; not empty.
    Substring(String),
}

impl Scope {
    /// `exact`, `domain` or `substring`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::RegisteredDomain => "domain",
            Self::Substring(_) => "substring",
        }
    }
}

/// Codes with their numbers of answers, most answers first, then by code; none where a row did not
/// say. The numbers add up to the answers of what they describe. Names: [`super::iana`].
pub type Counts = Vec<(Option<i32>, u64)>;

/// One client and one name: all answers between the two on the day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Who asked (`ip_dst` of the answers).
    pub client: Address,
    /// What for; empty for answers without a name.
    pub name: Name,
    /// The name's registered domain, see [`Name::registered_domain`].
    pub registered_domain: Option<Name>,
    /// Answers.
    pub total: u64,
    /// First answer, UTC; absent when no row has a time that can be read.
    pub first_seen: Option<NaiveDateTime>,
    /// Last answer, UTC.
    pub last_seen: Option<NaiveDateTime>,
    /// Query types (`A`, `TXT`).
    pub types: Counts,
    /// Query classes (`IN`).
    pub classes: Counts,
    /// Response codes.
    pub rcodes: Counts,
    /// Answers that say that the name does not exist.
    pub nxdomain: u64,
    /// Addresses that it resolved to, most answers first, then as addresses are ordered; at most
    /// [`Row::KEPT`]. A text that is no address stays as it is.
    pub answers: Vec<Address>,
    /// Distinct answers in all.
    pub answer_count: u64,
    /// Servers that answered, most answers first, then as addresses are ordered; at most
    /// [`Row::KEPT`].
    pub servers: Vec<Address>,
    /// Distinct servers in all.
    pub server_count: u64,
    /// Characters of the name, final dot left out.
    pub length: u64,
    /// Bits a character, see [`Name::entropy`].
    pub entropy: f64,
    /// What the list of indicators says of the client, the name and all answers, also of those that
    /// are not kept by text; [`Flag::of`] tells of which.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
}

impl Row {
    /// Answers and servers of a row that are kept by text; all are counted.
    pub const KEPT: usize = 8;

    /// NXDOMAIN answers of all its answers, 0 to 1.
    pub fn nxdomain_share(&self) -> f64 {
        share(self.nxdomain, self.total)
    }
}

/// The numbers on top of a result. All are of the rows that the search took in, but `scanned`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Rows of the day, whoever asked.
    pub scanned: u64,
    /// Answers that matched; the sum of all rows' totals.
    pub answers: u64,
    /// Distinct clients.
    pub clients: u64,
    /// Distinct names.
    pub names: u64,
    /// Distinct registered domains; names without one left out.
    pub domains: u64,
    /// Distinct servers.
    pub servers: u64,
    /// Answers that say that the name does not exist.
    pub nxdomain: u64,
    /// First and last answer, UTC; absent without rows.
    pub seen: Option<(NaiveDateTime, NaiveDateTime)>,
    /// Query types of all answers.
    pub types: Counts,
    /// Query classes of all answers.
    pub classes: Counts,
    /// Response codes of all answers.
    pub rcodes: Counts,
}

impl Facts {
    /// NXDOMAIN answers of all answers, 0 to 1.
    pub fn nxdomain_share(&self) -> f64 {
        share(self.nxdomain, self.answers)
    }
}

fn share(part: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { part as f64 / all as f64 }
}

/// One time bin; bins without answers are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bin {
    /// Number of the bin in the day, from 0.
    pub index: u32,
    /// Answers in it.
    pub answers: u64,
    /// NXDOMAIN answers of those.
    pub nxdomain: u64,
}

/// What a lane is of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "lowercase")]
pub enum LaneOf {
    /// A client, when a name was searched.
    Client(Address),
    /// A registered domain and all names below it, when a client was searched: the names of a tunnel
    /// are one lane.
    Domain(Name),
    /// A name that has no registered domain, when a client was searched.
    Name(Name),
}

impl LaneOf {
    /// Address or name, for people.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Client(client) => client.as_str(),
            Self::Domain(name) | Self::Name(name) => name.as_str(),
        }
    }
}

/// One counterpart's day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lane {
    /// Whose.
    pub of: LaneOf,
    /// Answers over the day.
    pub answers: u64,
    /// NXDOMAIN answers over the day.
    pub nxdomain: u64,
    /// Distinct counterparts within: names of a domain's lane, names of a client's lane.
    pub names: u64,
    /// Bins with answers, in order of time.
    pub bins: Vec<Bin>,
    /// Whether the client, or a name of the lane or an answer to it, is on the list of indicators.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub flagged: bool,
}

/// The day as lanes, and all answers together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// Minutes of one bin; divides the day.
    pub bin_minutes: u32,
    /// All answers that matched, whatever the lane.
    pub bins: Vec<Bin>,
    /// At most `top_results` lanes: answers descending, then as [`LaneOf`] is ordered.
    pub lanes: Vec<Lane>,
    /// Lanes in all.
    pub of: u64,
}

/// Everything that one search found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Investigation {
    /// What was searched.
    pub anchor: Anchor,
    /// Which names were taken in.
    pub scope: Scope,
    /// The day, UTC.
    pub day: NaiveDate,
    /// Rows of the threat list with the anchor scored high.
    pub high_rows: u64,
    /// What the list of indicators says of the anchor.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
    /// Numbers on top.
    pub facts: Facts,
    /// **All** rows, most active first: total descending, then name, then client. Whoever shows the
    /// first n says "n of `rows.len()`".
    pub rows: Vec<Row>,
    /// The day as lanes.
    pub timeline: Timeline,
    /// Where the numbers come from.
    pub provenance: Provenance,
    /// What the reader should know: rows without a name or a time, names without a domain.
    pub notes: Vec<String>,
    /// The day beside the days before it, where a range of days was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<History>,
}

/// A client or a name of the threat list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspect {
    /// Who or what.
    pub anchor: Anchor,
    /// Rows scored high for it: `ip_sev` 1 for a client, `dns_sev` 1 for a name.
    pub high_rows: u64,
    /// Whether it has a story already.
    pub saved: bool,
    /// What the list of indicators says of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
}
