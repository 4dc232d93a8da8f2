//! Files of the raw tables that come from outside: they wait in a folder of their own, and become part
//! of the tables all at once.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use crate::error::{Result, StoreError};
use crate::layout::{Layout, Pipeline, data_files};
use crate::publish::{Change, Publisher};

/// The first letters of the folders in which files wait. Dot files are no data to anybody.
const WAITING: &str = ".import-";
/// And while one is being made.
const MAKING: &str = ".importing-";

/// An import that is not yet part of the tables: dropped, it leaves nothing.
pub struct Incoming {
    publisher: Publisher,
    folder: PathBuf,
    _lock: File,
    waiting: Vec<Waiting>,
    next: usize,
}

struct Waiting {
    file: PathBuf,
    /// Below the data folder.
    target: PathBuf,
}

impl Incoming {
    /// Opens an import into the data folder `root`, which is made where it is missing, and takes away what
    /// imports that were killed left.
    ///
    /// # Errors
    /// A folder that cannot be made or written.
    pub fn open(root: &Path) -> Result<Self> {
        let refused = |path: &Path, e: &io::Error| {
            let mut refused = StoreError::io("make the folder", path, e);
            refused.fix = "nothing was imported: give a data folder that can be written".to_owned();
            refused
        };
        fs::create_dir_all(root).map_err(|e| refused(root, &e))?;
        sweep(root);
        for number in 0.. {
            let name = format!("{}-{number}", std::process::id());
            let folder = root.join(format!("{WAITING}{name}"));
            // Seen with its lock or not at all: another import sweeps away what nobody holds.
            let new = root.join(format!("{MAKING}{name}"));
            match fs::create_dir(&new) {
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => continue,
                made => made.map_err(|e| refused(&new, &e))?,
            }
            let lock = File::create(new.join("lock")).and_then(|lock| lock.lock().map(|()| lock));
            let lock = lock.map_err(|e| refused(&new, &e))?;
            if folder.exists() {
                // Of an import that was killed, by a process of the same number.
                drop(fs::remove_dir_all(&new));
                continue;
            }
            fs::rename(&new, &folder).map_err(|e| refused(&folder, &e))?;
            return Ok(Self {
                publisher: Publisher::new(root.to_path_buf()),
                _lock: lock,
                folder,
                waiting: Vec::new(),
                next: 0,
            });
        }
        unreachable!("some number is free")
    }

    /// A new file to write to, which nobody sees.
    pub fn file(&mut self) -> PathBuf {
        self.next += 1;
        self.folder.join(self.next.to_string())
    }

    /// Says what a file of [`Incoming::file`] that is written becomes: `name` among the raw rows of an hour,
    /// UTC.
    pub fn add(
        &mut self,
        file: PathBuf,
        (pipeline, day, hour): (Pipeline, NaiveDate, u32),
        name: &str,
    ) {
        let root = self.publisher.out();
        let layout = Layout::of(root, pipeline).or_else(|| Layout::find(root));
        let layout = layout.unwrap_or(Layout::Plain);
        let target = layout.partition(root, pipeline.raw(), day).join(format!("h={hour}"));
        self.waiting.push(Waiting { file, target: target.join(name) });
    }

    /// The files of the raw tables whose names begin with one of `starts`, below the data folder.
    ///
    /// # Errors
    /// A folder that cannot be listed.
    pub fn known(&self, starts: &[String]) -> Result<Vec<PathBuf>> {
        let root = self.publisher.out();
        let mut found = BTreeSet::new();
        for pipeline in [Pipeline::Flow, Pipeline::Dns] {
            for layout in [Layout::Plain, Layout::Spot] {
                for day in layout.days(root, pipeline.raw()) {
                    for folder in layout.partitions(root, pipeline.raw(), day) {
                        let files = data_files(&folder)?.into_iter();
                        found.extend(files.filter(|path| {
                            let name = path.file_name().unwrap_or_default().to_string_lossy();
                            starts.iter().any(|start| name.starts_with(start.as_str()))
                        }));
                    }
                }
            }
        }
        let below = |path: PathBuf| path.strip_prefix(root).ok().map(Path::to_path_buf);
        Ok(found.into_iter().filter_map(below).collect())
    }

    /// Makes all files part of the tables, in place of `instead` (paths as [`Incoming::known`] gives them), or
    /// none; gives how many.
    ///
    /// # Errors
    /// A folder that cannot be written; nothing is changed then.
    pub fn publish(mut self, instead: Vec<PathBuf>) -> Result<usize> {
        let waiting = std::mem::take(&mut self.waiting);
        let count = waiting.len();
        let targets: BTreeSet<_> = waiting.iter().map(|one| one.target.clone()).collect();
        let gone = instead.into_iter().filter(|path| !targets.contains(path));
        let writer = self.publisher.write()?;
        let mut changes: Vec<_> = waiting
            .into_iter()
            .map(|Waiting { file, target }| Change::Take { path: target, from: file })
            .collect();
        changes.extend(gone.map(|path| Change::Remove { path }));
        if !changes.is_empty() {
            writer.publish(&changes)?;
        }
        drop(writer);
        Ok(count)
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // What stays of it is taken away by the next import.
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// Takes away folders of imports whose process is gone.
fn sweep(root: &Path) {
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().starts_with(WAITING) {
            continue;
        }
        let lock = File::open(entry.path().join("lock"));
        let alive = lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)));
        if !alive {
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}
