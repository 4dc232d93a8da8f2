//! Logs of other tools to the raw tables `flow` and `dns`, which everything else here reads.
//!
//! A line becomes a [`rows::Row`]; rows go by hour into Parquet files that are laid out for a search
//! ([`tables`]); all files of an import become part of the tables at once.

mod input;
mod lines;
pub mod rows;
mod run;
pub mod tables;
pub mod zeek;

pub use input::{Input, inputs};
pub use run::{Done, Imported, Options, Progress, Skipped, zeek};
pub use tables::Directions;
