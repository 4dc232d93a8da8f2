//! One error for cells: it says what was wrong, where, and what to do.

use std::fmt;

/// What can go wrong in a cell.
#[derive(Debug)]
pub enum Error {
    /// The tables, the settings or a write.
    Store(spot_store::StoreError),
    /// A table whose shape the analysis cannot take.
    Analysis(spot_analysis::AnalysisError),
    /// The user pressed Interrupt.
    Cancelled,
    /// A call that makes no sense here; the text says what to do.
    Use(String),
}

/// Result of the functions of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Store(error) => error.to_string(),
            Self::Analysis(error) => error.to_string(),
            Self::Cancelled => "cancelled: variables and widgets are as they were".to_owned(),
            Self::Use(text) => text.clone(),
        };
        // The text may quote data: it must not look like the kernel's own protocol.
        f.write_str(&evcxr_widgets::defuse(text))
    }
}

impl std::error::Error for Error {}

impl From<spot_store::StoreError> for Error {
    fn from(error: spot_store::StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<spot_analysis::AnalysisError> for Error {
    fn from(error: spot_analysis::AnalysisError) -> Self {
        Self::Analysis(error)
    }
}
