//! The one frame that everything starts from: the flow rows of one anchor on one day.
//!
//! One line a flow record. `spot-store` makes it from whatever schema the data has, so that no other
//! module knows of `treceived` or `id.orig_h`.

use polars::prelude::*;

use crate::error::{AnalysisError, Result};

/// When the flow ended (Spot's `treceived`): UTC without a zone, microseconds.
pub const TIME: &str = "time";
/// How long it took, in seconds; the flow began at `time - duration`.
pub const DURATION: &str = "duration";
/// Source address, as the data spells it.
pub const SRC: &str = "src";
/// Destination address, as the data spells it.
pub const DST: &str = "dst";
/// Source port; null when there is none.
pub const SRC_PORT: &str = "src_port";
/// Destination port; null when there is none. For ICMP type * 256 + code.
pub const DST_PORT: &str = "dst_port";
/// Protocol, `TCP`, `UDP`, `ICMP`.
pub const PROTO: &str = "proto";
/// TCP flags seen, nfdump style: `.AP.SF`.
pub const FLAG: &str = "flag";
/// Packets from source to destination; null counts as 0 in sums.
pub const PACKETS: &str = "packets";
/// Bytes from source to destination; null counts as 0 in sums.
pub const BYTES: &str = "bytes";
/// Packets from destination to source; 0 for one-way records.
pub const PACKETS_BACK: &str = "packets_back";
/// Bytes from destination to source; 0 for one-way records.
pub const BYTES_BACK: &str = "bytes_back";

/// Names and types of the frame, in order. Every column may hold nulls.
pub fn schema() -> Schema {
    let mut schema = Schema::default();
    for (name, dtype) in columns() {
        schema.insert(name.into(), dtype);
    }
    schema
}

fn columns() -> [(&'static str, DataType); 12] {
    [
        (TIME, DataType::Datetime(TimeUnit::Microseconds, None)),
        (DURATION, DataType::Float64),
        (SRC, DataType::String),
        (DST, DataType::String),
        (SRC_PORT, DataType::Int32),
        (DST_PORT, DataType::Int32),
        (PROTO, DataType::String),
        (FLAG, DataType::String),
        (PACKETS, DataType::Int64),
        (BYTES, DataType::Int64),
        (PACKETS_BACK, DataType::Int64),
        (BYTES_BACK, DataType::Int64),
    ]
}

/// Checks that `rows` has all columns of [`schema`] with their types; the order and further columns
/// do not matter.
///
/// # Errors
/// [`AnalysisError::MissingColumn`] or [`AnalysisError::ColumnType`] for the first that is wrong.
pub fn check(rows: &DataFrame) -> Result<()> {
    check_columns(rows, "flow", &columns())
}

/// As [`check`], for any table.
pub(crate) fn check_columns(
    rows: &DataFrame,
    table: &'static str,
    columns: &[(&str, DataType)],
) -> Result<()> {
    for (name, wanted) in columns {
        let column = rows
            .column(name)
            .map_err(|_| AnalysisError::MissingColumn { column: (*name).to_owned(), table })?;
        if column.dtype() != wanted {
            return Err(AnalysisError::ColumnType {
                column: (*name).to_owned(),
                table,
                found: column.dtype().to_string(),
                wanted: wanted.to_string(),
            });
        }
    }
    Ok(())
}
