//! A day of a remote folder as it is here, and how what is saved here gets there.
//!
//! A save is a redo log there, too: one file, [`LOG`], holds all that changes, and with it the save is
//! done; then every file is put in its place, the comment last, and the log is removed. Whoever reads or
//! writes next finishes what a crash or a lost connection cut off. A server has no locks for several
//! machines: of two that save to one day at the same moment, one may lose.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::Remote;
use super::storage::{Found, Storage};
use crate::error::{Result, StoreError};
use crate::layout::{Layout, Pipeline, Table, day_folder};
use crate::publish::Change;
use crate::scoring::feedback_path;
use crate::source::sha256;

const LOG: &str = ".spot-save.json";

/// How long a day is as it was just seen.
const FRESH: Duration = Duration::from_secs(1);

/// How deep below a folder its files lie: an address below a day.
const DEPTH: u32 = 3;

pub(crate) struct Mirror {
    storage: Storage,
    folder: TempDir,
    shown: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Stamps of the files that are here, by name.
    here: HashMap<String, String>,
    seen: HashMap<(Pipeline, NaiveDate), Instant>,
}

/// A save, as [`LOG`] holds it.
#[derive(Serialize, Deserialize)]
struct Log {
    changes: Vec<Entry>,
    /// Of the changes: a log that is cut short is none.
    sha256: String,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    name: String,
    /// Base64; absent: the file goes away.
    bytes: Option<String>,
}

impl Log {
    fn new(changes: &[Change]) -> Self {
        let entry = |change: &Change| match change {
            Change::Put { path, bytes } => {
                Entry { name: name_of(path), bytes: Some(BASE64_STANDARD.encode(bytes)) }
            }
            Change::Remove { path } => Entry { name: name_of(path), bytes: None },
        };
        let changes: Vec<Entry> = changes.iter().map(entry).collect();
        Self { sha256: hash(&changes), changes }
    }

    /// The log in `bytes`, if it is whole and names nothing outside of the folder.
    fn read(bytes: &[u8]) -> Option<Self> {
        let log: Self = serde_json::from_slice(bytes).ok()?;
        let inside = |part: &str| !matches!(part, "" | "." | "..");
        let all = log.changes.iter().all(|entry| entry.name.split('/').all(inside));
        (all && hash(&log.changes) == log.sha256).then_some(log)
    }
}

fn hash(changes: &[Entry]) -> String {
    let parts = changes
        .iter()
        .flat_map(|entry| [entry.name.as_str(), "\n", entry.bytes.as_deref().unwrap_or("-"), "\n"]);
    sha256(parts.collect::<String>().as_bytes())
}

/// A path below the folder as names are written there.
fn name_of(path: &Path) -> String {
    let parts = path.iter().map(|part| part.to_string_lossy().into_owned());
    parts.collect::<Vec<_>>().join("/")
}

impl Mirror {
    /// Opens the folder; it is made by the first save.
    pub fn open(remote: &Remote) -> Result<Self> {
        let storage = Storage::new(remote)?;
        let folder = TempDir::with_prefix("spot-out-")
            .map_err(|e| StoreError::io("make a temporary folder", &std::env::temp_dir(), &e))?;
        let shown = remote.shown.clone();
        let mirror = Self { storage, folder, shown, state: Mutex::default() };
        // A wrong address, or somebody who is not let in, is said now and not at the first save.
        mirror.finish()?;
        Ok(mirror)
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The address, for people.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Brings a day here as it is there, if it was not just done. Nobody may read or write the folder
    /// meanwhile.
    pub fn pull(&self, pipeline: Pipeline, day: NaiveDate, anew: bool) -> Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = state.seen.get(&(pipeline, day));
        if !anew && seen.is_some_and(|seen| seen.elapsed() < FRESH) {
            return Ok(());
        }
        self.finish()?;
        let mut there = Vec::new();
        let tables = pipeline.stories().into_iter().chain([pipeline.threats()]);
        for table in tables {
            for layout in [Layout::Spot, Layout::Plain] {
                self.partition(layout, table, day, &mut there)?;
            }
        }
        self.files(&name_of(&day_folder(pipeline, day)), DEPTH, &mut there)?;
        let feedback = feedback_path(pipeline, day);
        self.files(&feedback.parent().map(name_of).unwrap_or_default(), 0, &mut there)?;

        let of_day = self.of_day(pipeline, day);
        let names: Vec<&String> = there.iter().map(|found| &found.name).collect();
        let gone = |name: &String| of_day(name) && !names.contains(&name);
        let gone: Vec<String> = state.here.keys().filter(|name| gone(name)).cloned().collect();
        for name in gone {
            let path = self.folder().join(&name);
            fs::remove_file(&path).or_else(|e| missing_is_fine(e, &path))?;
            state.here.remove(&name);
        }
        for found in &there {
            if state.here.get(&found.name) == Some(&found.stamp) {
                continue;
            }
            // Between the list and now somebody may have removed it.
            let Some(bytes) = self.storage.read(&found.name)? else { continue };
            let path = self.folder().join(&found.name);
            let folder = path.parent().unwrap_or(&path);
            fs::create_dir_all(folder)
                .map_err(|e| StoreError::io("make the folder", folder, &e))?;
            fs::write(&path, bytes).map_err(|e| StoreError::io("write the file", &path, &e))?;
            state.here.insert(found.name.clone(), found.stamp.clone());
        }
        state.seen.insert((pipeline, day), Instant::now());
        Ok(())
    }

    /// Makes all `changes` there, or none.
    pub fn push(&self, changes: &[Change]) -> Result<()> {
        let log = Log::new(changes);
        let bytes = serde_json::to_vec(&log).map_err(|e| {
            StoreError::data(format!("the save cannot be sent: {e}"), "please report this")
        })?;
        // Files that change have other stamps then.
        let forget = || {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.seen.clear();
        };
        self.storage.put(LOG, &bytes).inspect_err(|_| forget()).map_err(|e| {
            let fix = format!("{}; look whether it was saved before you try again", e.fix);
            StoreError { fix, ..e }
        })?;
        forget();
        self.redo(&log).map_err(|e| {
            let fix = format!("{}; the save is kept, and whoever asks next finishes it", e.fix);
            StoreError { fix, ..e }
        })
    }

    /// Finishes a save that was cut off, if there is one.
    fn finish(&self) -> Result<()> {
        match self.storage.read(LOG)? {
            None => Ok(()),
            Some(bytes) => match Log::read(&bytes) {
                Some(log) => self.redo(&log),
                // It never got there whole: nothing was saved.
                None => self.storage.remove(LOG),
            },
        }
    }

    fn redo(&self, log: &Log) -> Result<()> {
        for entry in &log.changes {
            match &entry.bytes {
                None => self.storage.remove(&entry.name)?,
                Some(text) => {
                    let bytes = BASE64_STANDARD.decode(text).map_err(|e| {
                        let fix = format!("remove {LOG} there, then save again");
                        StoreError::data(format!("a save cannot be read: {e}"), fix).at(&self.shown)
                    })?;
                    self.storage.put(&entry.name, &bytes)?;
                }
            }
        }
        self.storage.remove(LOG)
    }

    /// The files of a table's day. Its years become folders here, so that the layout is seen.
    fn partition(
        &self,
        layout: Layout,
        table: Table,
        day: NaiveDate,
        files: &mut Vec<Found>,
    ) -> Result<()> {
        let mut folders = vec![layout.folder(table).to_owned()];
        for (key, wanted) in [("y", day.year()), ("m", day.month() as i32), ("d", day.day() as i32)]
        {
            let mut next = Vec::new();
            for folder in &folders {
                for found in self.storage.list(folder)?.into_iter().filter(|found| found.is_folder)
                {
                    let last = found.name.rsplit('/').next().unwrap_or_default();
                    let number = last.strip_prefix(key).and_then(|rest| rest.strip_prefix('='));
                    let Some(number) = number.and_then(|number| number.parse::<i32>().ok()) else {
                        continue;
                    };
                    if key == "y" {
                        let path = self.folder().join(&found.name);
                        fs::create_dir_all(&path)
                            .map_err(|e| StoreError::io("make the folder", &path, &e))?;
                    }
                    if number == wanted {
                        next.push(found.name);
                    }
                }
            }
            folders = next;
        }
        folders.iter().try_for_each(|folder| self.files(folder, 0, files))
    }

    fn files(&self, folder: &str, depth: u32, files: &mut Vec<Found>) -> Result<()> {
        for found in self.storage.list(folder)? {
            match found.is_folder {
                false => files.push(found),
                true if depth > 0 => self.files(&found.name, depth - 1, files)?,
                true => {}
            }
        }
        Ok(())
    }

    /// Whether a file here is of that day.
    fn of_day(&self, pipeline: Pipeline, day: NaiveDate) -> impl Fn(&String) -> bool {
        let mut folders = vec![day_folder(pipeline, day)];
        folders.extend(feedback_path(pipeline, day).parent().map(Path::to_path_buf));
        for table in pipeline.stories().into_iter().chain([pipeline.threats()]) {
            for layout in [Layout::Spot, Layout::Plain] {
                let found = layout.partitions(self.folder(), table, day).into_iter();
                let own =
                    |path: PathBuf| path.strip_prefix(self.folder()).map(Path::to_path_buf).ok();
                folders.extend(found.filter_map(own));
            }
        }
        move |name| folders.iter().any(|folder| Path::new(name).starts_with(folder))
    }
}

fn missing_is_fine(e: std::io::Error, path: &Path) -> Result<()> {
    match e.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(StoreError::io("remove the file", path, &e)),
    }
}
