//! Logs of other tools to the raw tables `flow` and `dns`, which everything else here reads.
//!
//! A line becomes a [`rows::Row`]; rows go by hour into Parquet files that are laid out for a search
//! ([`tables`]); all files of an import become part of the tables at once.

mod input;
mod json;
mod lines;
pub mod mapped;
pub mod nfdump;
pub mod pcap;
mod program;
pub mod rows;
mod run;
pub mod suricata;
pub mod tables;
mod times;
mod tool;
pub mod zeek;

pub use input::{Input, inputs};
pub use mapped::Map;
pub use run::{Done, Imported, Options, Progress, Skipped, import};
pub use tables::Directions;
pub use times::Start;
pub use tool::Tool;
