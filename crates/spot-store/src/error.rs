//! One error for all of the store: what was wrong, where, and what to do.

use std::fmt::Display;
use std::path::Path;

/// Whose turn it is after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A setting is wrong or missing: the caller can put it right (exit code 2).
    Usage,
    /// The data are not as they should be: a broken file, a missing column.
    Data,
    /// The disk refused.
    Io,
    /// The server cannot be reached, or said something else than it should.
    Server,
    /// Whoever waited has asked to stop.
    Cancelled,
}

/// What was wrong, where, and what to do.
///
/// Prints as up to three lines: the fact, `where: ..` (file, row, column) and `what to do: ..`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}{}\n  what to do: {fix}", place(.at.as_deref()))]
pub struct StoreError {
    /// Whose turn it is.
    pub kind: Kind,
    /// What was wrong.
    pub what: String,
    /// File, row and column, or the name of a setting.
    pub at: Option<String>,
    /// What to do about it.
    pub fix: String,
}

/// What the functions of this crate return.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

impl StoreError {
    /// A wrong or missing setting.
    pub fn usage(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { kind: Kind::Usage, what: what.into(), at: None, fix: fix.into() }
    }

    /// Data that cannot be read as they are.
    pub fn data(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { kind: Kind::Data, what: what.into(), at: None, fix: fix.into() }
    }

    /// The disk refused `doing` something with `path`.
    pub fn io(doing: &str, path: &Path, error: &std::io::Error) -> Self {
        use std::io::ErrorKind as E;
        let fix = match error.kind() {
            E::PermissionDenied | E::ReadOnlyFilesystem => {
                "check the permissions of this path, or set SPOT_OUT to a folder that can be written"
            }
            E::NotADirectory | E::AlreadyExists => {
                "a file is where a folder is needed: move it away, or set SPOT_OUT to another folder"
            }
            E::StorageFull => "free some space; the files that were there before are untouched",
            E::NotFound => "check that the path exists",
            _ => "check the disk and try again; the files that were there before are untouched",
        };
        Self {
            kind: Kind::Io,
            what: format!("cannot {doing}: {error}"),
            at: Some(path.display().to_string()),
            fix: fix.to_owned(),
        }
    }

    /// The same error with a place: a file, `FILE, column C`, or a setting's name.
    #[must_use]
    pub fn at(mut self, place: impl Display) -> Self {
        self.at = Some(place.to_string());
        self
    }
}

fn place(at: Option<&str>) -> String {
    at.map(|at| format!("\n  where: {at}")).unwrap_or_default()
}

impl From<spot_analysis::AnalysisError> for StoreError {
    fn from(error: spot_analysis::AnalysisError) -> Self {
        Self::data(error.to_string(), "this is a fault of the program: please report it")
    }
}
