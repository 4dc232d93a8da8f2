//! The store where one machine ends: Spark, over Parquet folders that it sees.
//!
//! Questions are Spark's to answer, and only what answers them comes here, through ADBC: see
//! [`Spark`] for the settings. Each save is a folder of its own, so that two writers are never in each
//! other's way; the newest of an anchor counts.

mod frame;
mod place;
mod questions;
mod saves;
mod session;
mod store;

pub use place::Spark;
pub use saves::Compacted;
pub use store::SparkStore;
