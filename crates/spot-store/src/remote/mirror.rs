//! A day of a remote folder as it is here, and how what is saved here gets there.
//!
//! A save is a redo log there, too: one file below [`LOGS`] holds all that changes, and with it the save is
//! done; then every file is put in its place, the comment last, and the log is removed. Who reads, reads
//! through the logs that lie there; who writes next finishes those that a crash or a lost connection cut
//! off. A server has no locks for several machines: of two that save to one day at the same moment, one may
//! lose.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{Datelike, NaiveDate, Utc};
use tempfile::TempDir;

use super::Remote;
use super::log::{LOGS, Log, name_of};
use super::storage::{Found, Storage};
use crate::error::{Result, StoreError};
use crate::layout::{Layout, Pipeline, Table, day_folder};
use crate::publish::Change;
use crate::scoring::feedback_path;

/// How long a day is as it was just seen.
const FRESH: Duration = Duration::from_secs(2);

/// Seconds after which nobody is at work on a log any more, and after which one that cannot be read is no
/// longer being written.
const LEFT: i64 = 60;
const BROKEN: i64 = 3600;

/// How deep below a partition or a day its files lie.
const DEPTH: u32 = 3;

/// What of a day is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    /// Who was scored.
    List,
    /// Titles and texts.
    Comments,
    /// All that a save reads.
    All,
}

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
    seen: HashMap<(Pipeline, NaiveDate, Part), Instant>,
}

/// A mirror that nobody else changes meanwhile. Taken before the right to write its folder.
pub(crate) struct Held<'a> {
    mirror: &'a Mirror,
    state: MutexGuard<'a, State>,
}

/// What is there of a day.
pub(crate) struct Fetched {
    key: (Pipeline, NaiveDate, Part),
    /// Of the mirror: what lies in there and was not found is gone.
    folders: Vec<PathBuf>,
    /// Years of tables, so that the layout is seen.
    years: Vec<String>,
    /// Name, stamp, and the bytes of those that are not here as they are there.
    files: Vec<(String, String, Option<Vec<u8>>)>,
    /// In order.
    logs: Vec<Log>,
}

impl Mirror {
    /// Opens the folder; it is made by the first save.
    pub fn open(remote: &Remote) -> Result<Self> {
        let storage = Storage::new(remote)?;
        // A server that is not there, or does not let us in, is said now and not at the first save.
        storage.list(LOGS)?;
        sweep(&std::env::temp_dir());
        let folder = TempDir::with_prefix(format!("{PREFIX}{}-", std::process::id()));
        let folder = folder
            .map_err(|e| StoreError::io("make a temporary folder", &std::env::temp_dir(), &e))?;
        Ok(Self { storage, folder, shown: remote.shown.clone(), state: Mutex::default() })
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The address, for people.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    pub fn hold(&self) -> Held<'_> {
        Held { mirror: self, state: self.state.lock().unwrap_or_else(PoisonError::into_inner) }
    }

    /// The logs that lie there, oldest first, those that can be read; how old each is, in seconds before
    /// the newest.
    fn logs(&self) -> Result<Vec<(String, i64, Option<Log>)>> {
        let mut found = self.storage.list(LOGS)?;
        // Their names begin with a time.
        found.sort_by(|a, b| a.name.cmp(&b.name));
        let newest = found.iter().filter_map(|found| found.written).max().unwrap_or_default();
        let mut logs = Vec::new();
        for Found { name, is_folder, written, .. } in found {
            let bytes = if is_folder { None } else { self.storage.read(&name)? };
            if let Some(bytes) = bytes {
                logs.push((name, newest - written.unwrap_or(newest), Log::read(&bytes)));
            }
        }
        Ok(logs)
    }

    fn redo(&self, log: &Log) -> Result<()> {
        for entry in &log.changes {
            match entry.bytes()? {
                None => self.storage.remove(&entry.name)?,
                Some(bytes) => self.storage.put(&entry.name, &bytes)?,
            }
        }
        Ok(())
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
}

impl Held<'_> {
    /// What is there of a day; `None`: it was just seen. Nothing changes here.
    pub fn fetch(&self, key: (Pipeline, NaiveDate, Part)) -> Result<Option<Fetched>> {
        let (pipeline, day, part) = key;
        let fresh = |seen: &Instant| seen.elapsed() < FRESH;
        if part != Part::All && self.state.seen.get(&key).is_some_and(fresh) {
            return Ok(None);
        }
        let mirror = self.mirror;
        let logs = mirror.logs()?.into_iter().filter_map(|(_, _, log)| log).collect();
        let mut fetched =
            Fetched { key, folders: Vec::new(), years: Vec::new(), files: Vec::new(), logs };
        let mut there = Vec::new();
        let [board, rows] = pipeline.stories();
        let tables: &[Table] = match part {
            Part::List => &[pipeline.threats()],
            Part::Comments => &[board],
            Part::All => &[pipeline.threats(), board, rows],
        };
        for &table in tables {
            for layout in [Layout::Spot, Layout::Plain] {
                self.partition((layout, table, day), &mut fetched, &mut there)?;
            }
        }
        if part == Part::All {
            let feedback = feedback_path(pipeline, day);
            let feedback = feedback.parent().map(Path::to_path_buf);
            for folder in [Some(day_folder(pipeline, day)), feedback].into_iter().flatten() {
                mirror.files(&name_of(&folder), DEPTH, &mut there)?;
                fetched.folders.push(folder);
            }
        }
        for Found { name, stamp, .. } in there {
            let known = self.state.here.get(&name) == Some(&stamp);
            let bytes = if known { None } else { mirror.storage.read(&name)? };
            // Between the list and now somebody may have removed it.
            if known || bytes.is_some() {
                fetched.files.push((name, stamp, bytes));
            }
        }
        Ok(Some(fetched))
    }

    /// The files of a table's day.
    fn partition(
        &self,
        (layout, table, day): (Layout, Table, NaiveDate),
        fetched: &mut Fetched,
        there: &mut Vec<Found>,
    ) -> Result<()> {
        let mirror = self.mirror;
        let mut folders = vec![layout.folder(table).to_owned()];
        for (key, wanted) in [("y", day.year()), ("m", day.month() as i32), ("d", day.day() as i32)]
        {
            let mut next = Vec::new();
            for folder in &folders {
                let found = mirror.storage.list(folder)?.into_iter();
                for found in found.filter(|found| found.is_folder) {
                    let last = found.name.rsplit('/').next().unwrap_or_default();
                    let number = last.strip_prefix(key).and_then(|rest| rest.strip_prefix('='));
                    let Some(number) = number.and_then(|number| number.parse::<i32>().ok()) else {
                        continue;
                    };
                    if key == "y" {
                        fetched.years.push(found.name.clone());
                    }
                    if number == wanted {
                        next.push(found.name);
                    }
                }
            }
            folders = next;
        }
        let own = |path: PathBuf| path.strip_prefix(mirror.folder()).map(Path::to_path_buf).ok();
        let here = layout.partitions(mirror.folder(), table, day);
        fetched.folders.extend(here.into_iter().filter_map(own));
        folders.iter().try_for_each(|folder| mirror.files(folder, DEPTH, there))
    }

    /// Makes the folder what was fetched; whoever calls has the right to write it.
    pub fn apply(&mut self, fetched: Fetched) -> Result<()> {
        let root = self.mirror.folder();
        for year in &fetched.years {
            let path = root.join(year);
            fs::create_dir_all(&path).map_err(|e| StoreError::io("make the folder", &path, &e))?;
        }
        let there: HashSet<&str> = fetched.files.iter().map(|(name, ..)| name.as_str()).collect();
        for folder in &fetched.folders {
            for path in below(&root.join(folder))? {
                let name = path.strip_prefix(root).map(name_of).unwrap_or_default();
                if !there.contains(name.as_str()) {
                    self.forget(&name)?;
                }
            }
        }
        for (name, stamp, bytes) in fetched.files {
            if let Some(bytes) = bytes {
                self.write(&name, &bytes)?;
                self.state.here.insert(name, stamp);
            }
        }
        for entry in fetched.logs.iter().flat_map(|log| &log.changes) {
            match entry.bytes()? {
                None => self.forget(&entry.name)?,
                Some(bytes) => {
                    self.write(&entry.name, &bytes)?;
                    // What lies there is another one, until the log is done.
                    self.state.here.remove(&entry.name);
                }
            }
        }
        self.state.seen.insert(fetched.key, Instant::now());
        Ok(())
    }

    /// Whoever has the old file open keeps it.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.mirror.folder().join(name);
        let (folder, file) = (path.parent().unwrap_or(&path), path.file_name().unwrap_or_default());
        fs::create_dir_all(folder).map_err(|e| StoreError::io("make the folder", folder, &e))?;
        let beside = folder.join(format!(".{}.pulled", file.to_string_lossy()));
        let written = fs::write(&beside, bytes).and_then(|()| fs::rename(&beside, &path));
        written.map_err(|e| StoreError::io("write the file", &path, &e))
    }

    fn forget(&mut self, name: &str) -> Result<()> {
        self.state.here.remove(name);
        let path = self.mirror.folder().join(name);
        match fs::remove_file(&path) {
            Err(e) if e.kind() != ErrorKind::NotFound => {
                Err(StoreError::io("remove the file", &path, &e))
            }
            _ => Ok(()),
        }
    }

    /// Makes all `changes` there, or none.
    pub fn push(&mut self, changes: &[Change]) -> Result<()> {
        // Files that change have other stamps then.
        self.state.seen.clear();
        let mirror = self.mirror;
        let unsent = |why: String| {
            StoreError::data(format!("the save cannot be sent: {why}"), "please report this")
        };
        let log = Log::new(changes).map_err(|e| unsent(e.to_string()))?;
        let bytes = serde_json::to_vec(&log).map_err(|e| unsent(e.to_string()))?;
        let micros = Utc::now().timestamp_micros();
        let name = format!("{LOGS}/{micros:020}-{}.json", &log.sha256[..12]);
        mirror.storage.put(&name, &bytes).map_err(|e| {
            let fix = format!("{}; look whether it was saved before you try again", e.fix);
            StoreError { fix, ..e }
        })?;
        self.finish(&name, &log).map_err(|e| {
            let fix = format!("{}; the save is kept, and the next one finishes it", e.fix);
            StoreError { fix, ..e }
        })
    }

    /// Does what `log` says, and before what others left, which it is based on.
    fn finish(&self, name: &str, log: &Log) -> Result<()> {
        let storage = &self.mirror.storage;
        let mut done = Vec::new();
        for (other, age, earlier) in self.mirror.logs()? {
            match earlier {
                Some(earlier) if other != name && age >= LEFT => {
                    self.mirror.redo(&earlier)?;
                    done.push(other);
                }
                None if age >= BROKEN => done.push(other),
                _ => {}
            }
        }
        self.mirror.redo(log)?;
        done.push(name.to_owned());
        done.iter().try_for_each(|name| storage.remove(name))
    }

    /// Forgets what is here: the next look brings it anew.
    pub fn lose(&mut self) {
        self.state.here.clear();
        self.state.seen.clear();
    }
}

/// All files in and below a folder.
fn below(folder: &Path) -> Result<Vec<PathBuf>> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        let fail = |e: std::io::Error| StoreError::io("list the folder", &folder, &e);
        let entries = match fs::read_dir(&folder) {
            Err(e) if e.kind() == ErrorKind::NotFound => continue,
            entries => entries.map_err(fail)?,
        };
        for entry in entries {
            let path = entry.map_err(fail)?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    Ok(files)
}

const PREFIX: &str = "spot-out-";

/// Removes the mirrors of processes that are gone: one that is killed removes nothing.
fn sweep(temp: &Path) {
    let alive =
        |id: &str| !Path::new("/proc/self").exists() || Path::new("/proc").join(id).exists();
    for entry in fs::read_dir(temp).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let id = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split('-').next());
        let is_id = |id: &&str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit());
        if id.filter(is_id).is_some_and(|id| !alive(id)) {
            // Another user's stays.
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}
