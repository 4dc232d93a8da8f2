//! Rows of a day, and where they come from.

use std::path::Path;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use polars::prelude::*;
use sha2::{Digest, Sha256};
use spot_analysis::model::{Provenance, SourceFile};

use crate::parquet::FileInfo;

/// The rows of a day that one question takes in.
#[derive(Clone, Debug)]
pub struct Rows {
    /// Shape: [`spot_analysis::rows::schema`], [`spot_analysis::dns::rows::schema`].
    pub frame: DataFrame,
    /// Files, filter, counts.
    pub provenance: Provenance,
    /// What the reader should know.
    pub notes: Vec<String>,
}

/// Rows of flows: shape [`spot_analysis::rows::schema`].
pub type FlowRows = Rows;

/// Rows of DNS answers: shape [`spot_analysis::dns::rows::schema`].
pub type DnsRows = Rows;

impl Rows {
    /// `frame` as what `filter` kept of `files` below `root`, the day's partition of `table`.
    pub(crate) fn new(
        frame: DataFrame,
        notes: Vec<String>,
        table: &str,
        filter: String,
        (root, files): (&Path, &[Arc<FileInfo>]),
    ) -> Self {
        let files_read = sources(root, files);
        let provenance = Provenance {
            table: table.to_owned(),
            filter,
            rows: frame.height() as u64,
            scanned: files.iter().map(|file| file.rows).sum(),
            fingerprint: fingerprint(&files_read),
            partial: None,
            files: files_read,
        };
        Self { frame, provenance, notes }
    }
}

fn sources(root: &Path, files: &[Arc<FileInfo>]) -> Vec<SourceFile> {
    let source = |file: &Arc<FileInfo>| {
        let path = file.path.strip_prefix(root).unwrap_or(&file.path);
        let modified = match file.modified.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_secs()).unwrap_or(i64::MAX),
        };
        SourceFile { path: path.to_string_lossy().into_owned(), size: file.size, modified }
    };
    files.iter().map(source).collect()
}

/// What an answer from `files` below `root` names as its fingerprint.
pub(crate) fn fingerprint_of(root: &Path, files: &[Arc<FileInfo>]) -> String {
    fingerprint(&sources(root, files))
}

/// Of paths, sizes and times of `files`, in their order.
pub(crate) fn fingerprint(files: &[SourceFile]) -> String {
    let mut hash = Sha256::new();
    for file in files {
        // Length first, so that no two lists of files make the same bytes.
        hash.update((file.path.len() as u64).to_le_bytes());
        hash.update(file.path.as_bytes());
        hash.update(file.size.to_le_bytes());
        hash.update(file.modified.to_le_bytes());
    }
    hex(&hash.finalize())
}

/// SHA-256 of `bytes`, as hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
