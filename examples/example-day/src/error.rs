//! What can go wrong, always with the path that it went wrong at.

use std::fmt;
use std::path::{Path, PathBuf};

use polars::prelude::PolarsError;

/// A failure to make the day.
#[derive(Debug)]
pub enum Error {
    /// The request makes no sense, or the folder may not be touched.
    Usage(String),
    /// The file system refused.
    Disk {
        /// The file or folder that was asked for.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A table could not be built or written.
    Table {
        /// The Parquet file that was being written.
        path: PathBuf,
        /// What polars said.
        source: PolarsError,
    },
}

/// Result with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// For `map_err`: a file system error at `path`.
    pub fn disk(path: &Path) -> impl FnOnce(std::io::Error) -> Error + '_ {
        move |source| Error::Disk { path: path.to_owned(), source }
    }

    /// For `map_err`: a polars error at `path`.
    pub fn table(path: &Path) -> impl FnOnce(PolarsError) -> Error + '_ {
        move |source| Error::Table { path: path.to_owned(), source }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Usage(text) => f.write_str(text),
            Error::Disk { path, source } => write!(f, "{}: {source}", path.display()),
            Error::Table { path, source } => write!(f, "{}: {source}", path.display()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Usage(_) => None,
            Error::Disk { source, .. } => Some(source),
            Error::Table { source, .. } => Some(source),
        }
    }
}
