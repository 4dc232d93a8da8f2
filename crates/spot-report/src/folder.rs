//! The folder of a day's reports: whole files, what is finished, one run at a time.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use spot_store::{Pipeline, Result, StoreError};

use crate::kind::Line;

const DONE: &str = ".done";
const NEW: &str = ".new";

/// Where the reports of a day go below `out`: `OUT/flow/2016-07-08`.
pub fn report_folder(out: &Path, pipeline: Pipeline, day: NaiveDate) -> PathBuf {
    out.join(pipeline.name()).join(day.to_string())
}

/// A page that is finished.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Finished {
    /// What it was made of.
    pub key: String,
    /// Bytes of the page.
    pub size: u64,
    /// Its line of the index.
    pub line: Line,
}

/// The folder, locked against other runs.
pub(crate) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes it where it is missing, and takes away what a run that was cut off left half written.
    pub fn open(path: PathBuf) -> Result<Self> {
        let done = path.join(DONE);
        fs::create_dir_all(&done).map_err(|e| refused("make the folder", &done, &e))?;
        let lock = File::create(done.join("lock")).map_err(|e| refused("write in", &done, &e))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let fix = "wait until it is done, or give another folder";
                let what = "another run writes its reports there";
                return Err(StoreError::data(what, fix).at(path.display()));
            }
            Err(TryLockError::Error(e)) => return Err(refused("lock", &done, &e)),
        }
        for folder in [&path, &done] {
            let entries = fs::read_dir(folder).map_err(|e| refused("list", folder, &e))?;
            for entry in entries.flatten() {
                let name = entry.file_name();
                let name = name.to_string_lossy();
                if name.starts_with('.') && name.ends_with(NEW) {
                    // Overwritten otherwise: what stays of it harms nobody.
                    drop(fs::remove_file(entry.path()));
                }
            }
        }
        Ok(Self { path, _lock: lock })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// What is finished under this name, if its page is there, of the same inputs.
    pub fn finished(&self, stem: &str, key: &str) -> Option<Finished> {
        let state = fs::read(self.path.join(DONE).join(format!("{stem}.json"))).ok()?;
        let finished: Finished = serde_json::from_slice(&state).ok()?;
        let page = fs::metadata(self.file(&format!("{stem}.html"))).ok()?;
        (finished.key == key && page.len() == finished.size).then_some(finished)
    }

    /// Writes the page, then that it is finished.
    pub fn finish(&self, stem: &str, page: &str, finished: &Finished) -> Result<()> {
        self.put(&format!("{stem}.html"), page.as_bytes())?;
        let state = serde_json::to_vec(finished);
        let state = state.map_err(|e| StoreError::data(format!("no JSON: {e}"), "report this"))?;
        self.put(&format!("{DONE}/{stem}.json"), &state)
    }

    /// A file as a whole: beside its place first.
    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let target = self.file(name);
        let last = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let beside = target.with_file_name(format!(".{last}{NEW}"));
        let write = || {
            let mut file = File::create(&beside)?;
            file.write_all(bytes)?;
            file.sync_data()?;
            fs::rename(&beside, &target)
        };
        write().map_err(|e| refused("write", &target, &e))
    }
}

fn refused(doing: &str, path: &Path, error: &std::io::Error) -> StoreError {
    let mut refused = StoreError::io(doing, path, error);
    refused.fix = "give a folder that can be written; pages that are finished are kept".to_owned();
    refused
}
