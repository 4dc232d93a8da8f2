//! The shapes of a finding: what a search of one address on one day yields.
//!
//! Everything here is plain data. Functions of the sibling modules fill it from frames;
//! `spot-view` draws it; `spot-store` writes it down.

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

pub use crate::address::Address;
pub use crate::flag::Flag;
use crate::history::History;
use crate::network::class_of;

/// The document's three classes of a peer, seen from our own network.
///
/// For an inside anchor inbound means that it appears only as destination of that peer's rows; for
/// an outside anchor the opposite, so that inbound is always "towards us".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Direction {
    /// Towards our network only.
    #[serde(rename = "inbound")]
    Inbound,
    /// Out of our network only.
    #[serde(rename = "outbound")]
    Outbound,
    /// Rows both ways.
    #[serde(rename = "two-way")]
    TwoWay,
}

impl Direction {
    /// All three, in the order in which they are drawn.
    pub const ALL: [Self; 3] = [Self::Inbound, Self::Outbound, Self::TwoWay];

    /// `inbound`, `outbound` or `two-way`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
            Self::TwoWay => "two-way",
        }
    }
}

/// Who opened the connections between anchor and peer, after both directions were paired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Began {
    /// The anchor opened (nearly) all of them.
    Anchor,
    /// The peer opened (nearly) all of them.
    Peer,
    /// Some each.
    Both,
    /// The rows do not tell.
    Unknown,
}

impl Began {
    /// `anchor`, `peer`, `both` or `unknown`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Anchor => "anchor",
            Self::Peer => "peer",
            Self::Both => "both",
            Self::Unknown => "unknown",
        }
    }
}

/// [`Began`] with what it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Initiator {
    /// Who began.
    pub began: Began,
    /// Conversations (after pairing) that the anchor began, of `conversations`.
    pub by_anchor: u64,
    /// Conversations after pairing the two directions.
    pub conversations: u64,
    /// False when only port numbers tell, true when start times or TCP flags do.
    pub sure: bool,
}

/// A name from `networkcontext_1.csv` and the rule that gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextName {
    /// The name, as written in the file.
    pub name: String,
    /// The rule, as written in the file (`10.0.0.0/8`).
    pub rule: String,
    /// The class of the name; empty in findings that know none, see [`ContextName::class()`].
    #[serde(default)]
    pub class: String,
}

impl ContextName {
    /// The class that the name stands for in the impact analysis, never empty: by the table of
    /// classes that was in force, else by the built-in one.
    pub fn class(&self) -> &str {
        if self.class.is_empty() { class_of(&self.name) } else { &self.class }
    }
}

/// A place from `iploc.csv`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Two-letter country code.
    pub country_code: String,
    /// Country.
    pub country: String,
    /// State or region.
    pub state: String,
    /// City.
    pub city: String,
    /// Degrees north; absent when the file has none.
    pub latitude: Option<f64>,
    /// Degrees east; absent when the file has none.
    pub longitude: Option<f64>,
    /// Who the range is registered to.
    pub owner: String,
    /// Domain of the owner.
    pub domain: String,
}

/// Inside or outside of our own network, and why we think so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// True for an address of our own.
    pub inside: bool,
    /// The rule, for people: `10.20.0.0 to 10.20.255.255, Campus` or `private range 10.0.0.0/8`.
    pub rule: String,
}

/// One peer of the anchor on the day; sums over all rows between the two, none left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Peer {
    /// The other address.
    pub address: Address,
    /// Inside or outside.
    pub side: Side,
    /// The document's class.
    pub direction: Direction,
    /// Both ends are inside.
    pub lateral: bool,
    /// Rows between anchor and peer, `rows_in + rows_out`.
    pub connections: u64,
    /// Rows with the peer as source.
    pub rows_in: u64,
    /// Rows with the peer as destination.
    pub rows_out: u64,
    /// Bytes that the anchor received from the peer.
    pub bytes_in: u64,
    /// Bytes that the anchor sent to the peer.
    pub bytes_out: u64,
    /// Packets that the anchor received.
    pub packets_in: u64,
    /// Packets that the anchor sent.
    pub packets_out: u64,
    /// Bytes of the biggest single row.
    pub max_bytes: u64,
    /// Ports on the service side, most rows first; at most eight.
    pub service_ports: Vec<u16>,
    /// How many distinct service ports there are.
    pub service_port_count: u64,
    /// Distinct protocols, most rows first.
    pub protocols: Vec<String>,
    /// First row's time, UTC.
    pub first_seen: NaiveDateTime,
    /// Last row's time, UTC.
    pub last_seen: NaiveDateTime,
    /// Minutes of the day with at least one row.
    pub active_minutes: u64,
    /// Who opened the connections.
    pub initiator: Initiator,
    /// The name of the most specific context rule.
    pub context: Option<ContextName>,
    /// Where it is registered; never for private or reserved addresses.
    pub place: Option<Place>,
    /// What the list of indicators says of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
}

impl Peer {
    /// Bytes both ways; stops at the largest number instead of wrapping.
    pub fn bytes(&self) -> u64 {
        self.bytes_in.saturating_add(self.bytes_out)
    }
}

/// Which end of a row a top table ranks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Peers that are source of rows to the anchor.
    Source,
    /// Peers that are destination of rows from the anchor.
    Destination,
}

/// What a top table is ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// Number of rows.
    Connections,
    /// Bytes of the rows, in their own direction.
    Bytes,
}

/// One line of a top table: a peer in one role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TopRow {
    /// The peer.
    pub peer: Address,
    /// The peer's class (of all its rows, not only those counted here).
    pub direction: Direction,
    /// Rows with the peer in this role.
    pub connections: u64,
    /// Bytes that the source of those rows sent.
    pub bytes: u64,
    /// Bytes that came back in the same rows; 0 for one-way flow records.
    pub bytes_back: u64,
    /// Service-side ports of those rows, most rows first; at most eight.
    pub ports: Vec<u16>,
    /// How many distinct service ports there are.
    pub port_count: u64,
    /// First of those rows, UTC.
    pub first_seen: NaiveDateTime,
    /// Last of those rows, UTC.
    pub last_seen: NaiveDateTime,
    /// Context name, if a rule matches.
    pub context: Option<ContextName>,
    /// What the list of indicators says of the peer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
}

/// One of the four accordion tables: the first rows and how many there are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TopTable {
    /// Which end is ranked.
    pub role: Role,
    /// By what.
    pub measure: Measure,
    /// At most `top_results` rows: measure descending, other measure descending, address ascending.
    pub rows: Vec<TopRow>,
    /// All peers in this role.
    pub of: u64,
}

impl TopTable {
    /// The title, as in Spot's accordion: `Top sources by connections`.
    pub fn title(&self) -> &'static str {
        match (self.role, self.measure) {
            (Role::Source, Measure::Connections) => "Top sources by connections",
            (Role::Destination, Measure::Connections) => "Top destinations by connections",
            (Role::Source, Measure::Bytes) => "Top sources by bytes",
            (Role::Destination, Measure::Bytes) => "Top destinations by bytes",
        }
    }
}

/// One time bin of a lane; bins without rows are left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// Number of the bin in the day, from 0.
    pub index: u32,
    /// Rows in it.
    pub connections: u64,
    /// Bytes both ways in it.
    pub bytes: u64,
    /// The service-side port with most rows in it.
    pub port: Option<u16>,
}

/// A stretch of the day in which rows were under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// First second of the day, from 0.
    pub from: u32,
    /// Last second of the day, at most 86,400; not before `from`.
    pub to: u32,
}

/// One peer's day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lane {
    /// The peer.
    pub peer: Address,
    /// Its class.
    pub direction: Direction,
    /// Bytes both ways over the day.
    pub bytes: u64,
    /// Rows over the day.
    pub connections: u64,
    /// Bins with rows, in order of time.
    pub bins: Vec<Bin>,
    /// Whether the peer is on the list of indicators.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub flagged: bool,
    /// When rows were under way, from their start to their end: in order of time, none touching
    /// another. Empty in findings that were saved before there were any.
    #[serde(default)]
    pub spans: Vec<Span>,
    /// The service-side port with most rows over the day.
    #[serde(default)]
    pub port: Option<u16>,
}

/// The day as lanes, a peer each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timeline {
    /// Minutes of one bin; divides the day.
    pub bin_minutes: u32,
    /// At most `top_results` lanes, most bytes first.
    pub lanes: Vec<Lane>,
    /// Peers in all.
    pub of: u64,
}

/// The six numbers on top of a result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Rows with the anchor, rows from the anchor to itself included.
    pub connections: u64,
    /// Rows from the anchor to itself; no peer has them.
    pub self_connections: u64,
    /// Peers.
    pub peers: u64,
    /// Bytes that the anchor received from peers.
    pub bytes_in: u64,
    /// Bytes that the anchor sent to peers.
    pub bytes_out: u64,
    /// First and last time seen, UTC; absent without rows.
    pub seen: Option<(NaiveDateTime, NaiveDateTime)>,
    /// Distinct service ports over all peers.
    pub service_ports: u64,
}

/// A file that was read for an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// Path below the data folder.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Time of last change, seconds since 1970; with size and path it names the version that was read.
    pub modified: i64,
}

/// Where the numbers come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// The table, `flow`.
    pub table: String,
    /// The filter, for people: `sip = 10.0.0.5 or dip = 10.0.0.5`.
    pub filter: String,
    /// Rows that matched.
    pub rows: u64,
    /// Rows of the day.
    pub scanned: u64,
    /// The day's files.
    pub files: Vec<SourceFile>,
    /// SHA-256 (hex) over paths, sizes and times of `files`: the same text means the same inputs.
    pub fingerprint: String,
    /// What the source could not tell, if it gave less than rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<String>,
}

/// Everything that one search found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Investigation {
    /// The address that was searched.
    pub anchor: Address,
    /// The day, UTC.
    pub day: NaiveDate,
    /// Inside or outside.
    pub side: Side,
    /// Context name of the anchor.
    pub context: Option<ContextName>,
    /// Place of the anchor.
    pub place: Option<Place>,
    /// What the list of indicators says of the anchor.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
    /// Rows of the threat list scored high with the anchor at either end.
    pub high_rows: u64,
    /// Numbers on top.
    pub facts: Facts,
    /// All peers: bytes descending, connections descending, address ascending.
    pub peers: Vec<Peer>,
    /// The four tables, in the order of Spot's accordion: sources by connections, destinations by
    /// connections, sources by bytes, destinations by bytes.
    pub top: [TopTable; 4],
    /// The day as lanes.
    pub timeline: Timeline,
    /// Where the numbers come from.
    pub provenance: Provenance,
    /// What the reader should know: bad context lines, unreadable rows.
    pub notes: Vec<String>,
    /// The day beside the days before it, where a range of days was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<History>,
}
