//! The one frame that a DNS search starts from: the answers that it takes in, one line each.

use polars::prelude::*;

use crate::error::Result;
use crate::rows::check_columns;

/// When the answer was seen: UTC without a zone, microseconds.
pub const TIME: &str = "time";
/// Who asked (`ip_dst` of the answer), as the data spell it.
pub const CLIENT: &str = "client";
/// Who answered (`ip_src` of the answer).
pub const SERVER: &str = "server";
/// The name that was asked for, as the data spell it.
pub const NAME: &str = "name";
/// Class, text: `0x00000001`.
pub const CLASS: &str = "class";
/// Type, 1 for A.
pub const TYPE: &str = "type";
/// Response code, 3 for NXDOMAIN.
pub const RCODE: &str = "rcode";
/// What it resolved to: addresses with `|` between them.
pub const ANSWERS: &str = "answers";

/// Names and types of the frame, in order. Every column may hold nulls.
pub fn schema() -> Schema {
    columns().into_iter().map(|(name, dtype)| Field::new(name.into(), dtype)).collect()
}

fn columns() -> [(&'static str, DataType); 8] {
    [
        (TIME, DataType::Datetime(TimeUnit::Microseconds, None)),
        (CLIENT, DataType::String),
        (SERVER, DataType::String),
        (NAME, DataType::String),
        (CLASS, DataType::String),
        (TYPE, DataType::Int32),
        (RCODE, DataType::Int32),
        (ANSWERS, DataType::String),
    ]
}

/// Checks that `rows` has all columns of [`schema`] with their types; the order and further columns
/// do not matter.
///
/// # Errors
/// [`crate::AnalysisError::MissingColumn`] or [`crate::AnalysisError::ColumnType`] for the first that
/// is wrong.
pub fn check(rows: &DataFrame) -> Result<()> {
    check_columns(rows, "DNS", &columns())
}

/// The addresses of one cell of [`ANSWERS`], blanks and empty parts left out.
pub(crate) fn answers_of(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('|').map(str::trim).filter(|part| !part.is_empty())
}
