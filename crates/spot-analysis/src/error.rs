//! What can be wrong with what this crate is given.

use polars::prelude::PolarsError;

/// Why a finding could not be made. Odd *values* are never an error (they become notes); only
/// frames of another shape, and settings that make no sense, are.
#[derive(Debug, thiserror::Error)]
pub enum AnalysisError {
    /// A column is not there.
    #[error(
        "column `{column}` is missing from the {table} rows; rename or add it before the analysis"
    )]
    MissingColumn {
        /// The column.
        column: String,
        /// What the rows are: `flow`, `DNS` or `threat`.
        table: &'static str,
    },
    /// A column has another type.
    #[error(
        "column `{column}` of the {table} rows is {found}, not {wanted}; cast it before the analysis"
    )]
    ColumnType {
        /// The column.
        column: String,
        /// What the rows are: `flow`, `DNS` or `threat`.
        table: &'static str,
        /// The type that was found, in Polars' words.
        found: String,
        /// The type that is needed.
        wanted: String,
    },
    /// A bin width that does not divide the day.
    #[error(
        "{minutes} minutes are no bin width; take one that divides the 1440 minutes of a day, such as 1, 5, 10 or 60"
    )]
    BinWidth {
        /// The width that was asked for.
        minutes: u32,
    },
    /// A search for names that contain nothing.
    #[error("the text to look for is empty; give at least one character of the names")]
    EmptySubstring,
    /// More rows or peers than 32-bit row numbers reach.
    #[error(
        "{rows} rows are more than one analysis holds (4 294 967 295); narrow the day or the address"
    )]
    TooManyRows {
        /// Rows given.
        rows: usize,
    },
    /// Polars refused; its text names the column.
    #[error("the table engine refused: {0}")]
    Table(#[from] PolarsError),
}

/// A result of this crate.
pub type Result<T, E = AnalysisError> = std::result::Result<T, E>;
