//! The log of a save to a remote folder: one file with all that changes.

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use crate::error::{Result, StoreError};
use crate::publish::Change;
use crate::source::sha256;

/// Where the logs of saves lie; no name of a table, and not seen by who reads tables.
pub(crate) const LOGS: &str = ".spot-saves";

/// A save, as its log holds it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Log {
    pub changes: Vec<Entry>,
    /// Of the changes: a log that is cut short is none.
    pub sha256: String,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Entry {
    pub name: String,
    /// Base64; absent: the file goes away.
    bytes: Option<String>,
}

impl Log {
    pub fn new(changes: &[Change]) -> std::io::Result<Self> {
        let put = |path: &Path, bytes: &[u8]| Entry {
            name: name_of(path),
            bytes: Some(BASE64_STANDARD.encode(bytes)),
        };
        let entry = |change: &Change| {
            Ok(match change {
                Change::Put { path, bytes } => put(path, bytes),
                Change::Take { path, from } => put(path, &std::fs::read(from)?),
                Change::Remove { path } => Entry { name: name_of(path), bytes: None },
            })
        };
        let changes = changes.iter().map(entry).collect::<std::io::Result<Vec<Entry>>>()?;
        Ok(Self { sha256: hash(&changes), changes })
    }

    /// The log in `bytes`, if it is whole and names nothing outside of the folder.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let log: Self = serde_json::from_slice(bytes).ok()?;
        let inside = |part: &str| !matches!(part, "" | "." | "..") && !part.contains('\\');
        let all = log.changes.iter().all(|entry| entry.name.split('/').all(inside));
        let decodes = |entry: &Entry| entry.bytes().is_ok();
        let whole = all && hash(&log.changes) == log.sha256 && log.changes.iter().all(decodes);
        whole.then_some(log)
    }
}

impl Entry {
    /// `None`: the file goes away.
    pub fn bytes(&self) -> Result<Option<Vec<u8>>> {
        let decoded = self.bytes.as_ref().map(|text| BASE64_STANDARD.decode(text)).transpose();
        decoded.map_err(|e| {
            let fix = format!("remove the files in {LOGS} there, then save again");
            StoreError::data(format!("a save cannot be read: {e}"), fix)
        })
    }
}

fn hash(changes: &[Entry]) -> String {
    let parts = changes
        .iter()
        .flat_map(|entry| [entry.name.as_str(), "\n", entry.bytes.as_deref().unwrap_or("-"), "\n"]);
    sha256(parts.collect::<String>().as_bytes())
}

/// A path below the folder as names are written there.
pub(crate) fn name_of(path: &Path) -> String {
    let parts = path.iter().map(|part| part.to_string_lossy().into_owned());
    parts.collect::<Vec<_>>().join("/")
}
