//! Any store through the GraphQL schema of Apache Spot's server, so that Spot's scripts, its old pages
//! and several notebooks share one machine's data.
//!
//! Names, arguments and nullability are Spot's. What differs from it, on purpose:
//!
//! * Counts may have 64 bits although their type is named `Int`; averages are `Float`.
//! * `threat.details` of DNS gives all lines where `first` is not given, and refuses a client and a name
//!   at once.
//! * `createStoryboard` takes anchor, day and words, and all numbers from the rows: `threatDetails` and
//!   `first` are read and not used.
//! * A row of a threat list without a score has none, not 0.
//! * Trees, map and timeline are those of the day's rows, whether a story was saved or not.
//! * Where no `date` is given, it is the server's own: `SPOT_DATE`, else the latest day with high rows when
//!   it started. Only that day is held in memory.
//! * Added: `served`, `days`, `substring`, `rows`, `rowsBetween`, `answering`, `peers`, `bins`, `scope`,
//!   `fingerprint`, `revision`, `artefacts`, `by`; and `extensions` of an error say whose turn it is
//!   (`kind`), where (`at`) and what to do (`fix`).
//! * `suspicious` hides what was scored on that day, the same client and name or the same connection,
//!   and nothing else; `edgeDetails` and `ipDetails` are of the raw rows; `ingestSummary` has a line a day.
//!
//! * `score` remembers who and when, tells how many rows it found, and adds to the feedback file with the
//!   columns in the order of its header; `resetScoredConnections` also forgets the day's stories, as in
//!   Spot, but not what is written in their files.
//!
//! Left out: `proxy`.

mod app;
mod both;
mod dns;
mod dns_batch;
mod dns_types;
mod flow;
mod flow_batch;
mod flow_types;
mod http;
mod scalars;
mod schema;
mod types;

pub use http::{Limits, Options, serve};
pub use schema::sdl;
