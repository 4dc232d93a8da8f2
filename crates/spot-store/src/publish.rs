//! Several files changed as one: readers of this crate see all of a save or nothing of it.
//!
//! A save is a redo log. Under an exclusive lock on `.spot.lock` in the out folder it
//! 1. writes every new file beside its place (`.NAME.new`) and syncs it,
//! 2. renames a journal to `.spot-journal.json`, which names what changes: *the save is done*,
//! 3. renames the new files to their places, in order,
//! 4. removes the journal.
//!
//! A crash before 2 leaves the old; what lies beside is no data and is overwritten. After 2 it leaves
//! the new: whoever writes next finishes step 3, and a [`View`] reads through the journal, so that even a
//! reader that may not write sees the new. Locks die with their process, so none is ever stale.
//! Programs that know nothing of the journal see whole files only, the comment last.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::{Result, StoreError};
use crate::layout::data_files;

const LOCK: &str = ".spot.lock";
const JOURNAL: &str = ".spot-journal.json";

/// Called with the name of each step of a save before it is done, so that a test can end there.
pub type StepHook = Arc<dyn Fn(&str) + Send + Sync>;

/// One file of a save; paths are relative to the out folder.
pub(crate) enum Change {
    /// The file becomes these bytes.
    Put { path: PathBuf, bytes: Vec<u8> },
    /// The file becomes the one at `from`, on the same disk and complete.
    Take { path: PathBuf, from: PathBuf },
    /// The file goes away.
    Remove { path: PathBuf },
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Journal {
    moves: Vec<Move>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Move {
    /// Relative to the out folder.
    target: PathBuf,
    /// The target goes away; nothing lies beside it.
    remove: bool,
}

/// Where the new bytes of `target` wait. Dot files are no data to anybody who reads tables.
pub(crate) fn beside(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.new"))
}

/// The folder that receives writes.
pub(crate) struct Publisher {
    out: PathBuf,
    hook: Option<StepHook>,
}

impl Publisher {
    pub fn new(out: PathBuf) -> Self {
        Self { out, hook: None }
    }

    pub fn out(&self) -> &Path {
        &self.out
    }

    pub fn set_hook(&mut self, hook: StepHook) {
        self.hook = Some(hook);
    }

    fn step(&self, name: &str) {
        if let Some(hook) = &self.hook {
            hook(name);
        }
    }

    /// Waits for other writers and readers, finishes a save that a crash cut off, and hands out the
    /// right to write.
    pub fn write(&self) -> Result<Writer<'_>> {
        fs::create_dir_all(&self.out)
            .map_err(|e| self.refused("make the folder", &self.out, &e))?;
        let path = self.out.join(LOCK);
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let lock = lock.map_err(|e| self.refused("write below the folder", &self.out, &e))?;
        lock.lock().map_err(|e| StoreError::io("lock", &path, &e))?;
        let writer = Writer { publisher: self, _lock: lock };
        writer.apply()?;
        Ok(writer)
    }

    /// Finishes a save that a crash cut off, if there is one. A folder that cannot be written is no
    /// failure: [`Publisher::view`] reads through the journal.
    pub fn recover(&self) {
        if self.out.join(JOURNAL).exists() {
            drop(self.write());
        }
    }

    /// The state to read from. While a view lives, no writer moves a file.
    pub fn view(&self) -> Result<View> {
        let path = self.out.join(LOCK);
        let lock = File::open(&path).ok();
        if let Some(lock) = &lock {
            lock.lock_shared().map_err(|e| StoreError::io("lock", &path, &e))?;
        }
        Ok(View {
            out: self.out.clone(),
            journal: journal(&self.out)?.unwrap_or_default(),
            _lock: lock,
        })
    }

    fn refused(&self, doing: &str, path: &Path, error: &io::Error) -> StoreError {
        let mut refused = StoreError::io(doing, path, error);
        refused.fix = format!(
            "nothing was saved: make {} a folder that can be written, or set SPOT_OUT to one",
            self.out.display()
        );
        refused
    }
}

/// A consistent state of the out folder.
pub(crate) struct View {
    out: PathBuf,
    journal: Journal,
    _lock: Option<File>,
}

impl View {
    /// The data files of `folder` (relative), each with the path under which its bytes are now.
    pub fn files(&self, folder: &Path) -> Result<Vec<(PathBuf, PathBuf)>> {
        let absolute = data_files(&self.out.join(folder))?;
        let relative = |path: &PathBuf| path.strip_prefix(&self.out).ok().map(Path::to_path_buf);
        let mut names: Vec<_> = absolute.iter().filter_map(relative).collect();
        let targets = self.journal.moves.iter().map(|entry| &entry.target);
        names.extend(targets.filter(|target| target.starts_with(folder)).cloned());
        names.sort();
        names.dedup();
        Ok(names.into_iter().filter_map(|name| Some((name.clone(), self.locate(&name)?))).collect())
    }

    /// Where the bytes of a file (relative) are now; none if there is no such file.
    pub fn locate(&self, name: &Path) -> Option<PathBuf> {
        let target = self.out.join(name);
        let now = match self.journal.moves.iter().rfind(|entry| entry.target == name) {
            Some(Move { remove: true, .. }) => return None,
            Some(_) if beside(&target).exists() => beside(&target),
            _ => target,
        };
        now.is_file().then_some(now)
    }
}

/// The right to write, until dropped.
pub(crate) struct Writer<'a> {
    publisher: &'a Publisher,
    _lock: File,
}

impl Writer<'_> {
    /// The state to read from while writing; the writer's own lock keeps others away.
    pub fn view(&self) -> View {
        View { out: self.publisher.out.clone(), journal: Journal::default(), _lock: None }
    }

    /// Makes all `changes`, in order, or none.
    pub fn publish(&self, changes: &[Change]) -> Result<()> {
        let out = &self.publisher.out;
        let refused = |path: &Path, e: io::Error| self.publisher.refused("write", path, &e);
        let mut moves = Vec::new();
        for (number, change) in changes.iter().enumerate() {
            self.publisher.step(&format!("stage {number}"));
            moves.push(match change {
                Change::Remove { path } => Move { target: path.clone(), remove: true },
                Change::Take { path, from } => {
                    let target = out.join(path);
                    take(&target, from).map_err(|e| refused(&target, e))?;
                    Move { target: path.clone(), remove: false }
                }
                Change::Put { path, bytes } => {
                    let target = out.join(path);
                    stage(&target, bytes).map_err(|e| refused(&target, e))?;
                    Move { target: path.clone(), remove: false }
                }
            });
        }
        self.publisher.step("commit");
        let path = out.join(JOURNAL);
        let text =
            serde_json::to_vec_pretty(&Journal { moves }).map_err(|e| refused(&path, e.into()))?;
        stage(&path, &text)
            .and_then(|()| fs::rename(beside(&path), &path))
            .and_then(|()| sync_folder(out))
            .map_err(|e| refused(&path, e))?;
        self.apply()
    }

    /// Moves what the journal names to its place; harmless when done twice.
    fn apply(&self) -> Result<()> {
        let out = &self.publisher.out;
        let Some(journal) = journal(out)? else { return Ok(()) };
        for (number, entry) in journal.moves.iter().enumerate() {
            self.publisher.step(&format!("move {number}"));
            let target = out.join(&entry.target);
            // A file that is no longer there was moved or removed before the crash.
            let done = match entry.remove {
                true => fs::remove_file(&target),
                false => fs::rename(beside(&target), &target),
            };
            let done = match done {
                Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
                done => done.and_then(|()| sync_parent(&target)),
            };
            done.map_err(|e| {
                let mut error = self.publisher.refused("finish the save of", &target, &e);
                error.fix =
                    "the save is kept and the next one finishes it: free this path".to_owned();
                error
            })?;
        }
        self.publisher.step("forget the journal");
        let path = out.join(JOURNAL);
        fs::remove_file(&path)
            .and_then(|()| sync_folder(out))
            .map_err(|e| self.publisher.refused("remove", &path, &e))
    }
}

/// Writes what `target` will be beside it, so that a folder which refuses does so before the commit.
pub(crate) fn stage(target: &Path, bytes: &[u8]) -> io::Result<()> {
    staged(target, |path| {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    })
}

/// As [`stage`], of a file that is written already.
fn take(target: &Path, from: &Path) -> io::Result<()> {
    File::open(from)?.sync_all()?;
    staged(target, |path| fs::rename(from, path))
}

fn staged(target: &Path, write: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
    if target.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    let folder = target.parent().unwrap_or(target);
    let missing: Vec<_> = folder.ancestors().take_while(|path| !path.exists()).collect();
    fs::create_dir_all(folder)?;
    write(&beside(target))?;
    sync_folder(folder)?;
    missing.into_iter().try_for_each(sync_parent)
}

fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent().filter(|parent| parent.exists()) {
        Some(parent) => sync_folder(parent),
        None => Ok(()),
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    // Only Unix lets a folder be opened and synced.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn journal(out: &Path) -> Result<Option<Journal>> {
    let path = out.join(JOURNAL);
    let bytes = match fs::read(&path) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        bytes => bytes.map_err(|e| StoreError::io("read the file", &path, &e))?,
    };
    // The folder may be anybody's: a journal must not name files outside of it.
    let inside = |path: &Path| path.components().all(|part| matches!(part, Component::Normal(_)));
    let journal = serde_json::from_slice::<Journal>(&bytes).ok().filter(|journal| {
        journal
            .moves
            .iter()
            .all(|entry| entry.target.file_name().is_some() && inside(&entry.target))
    });
    let Some(journal) = journal else {
        let fix = "it was damaged outside of this program: move it away, then save the story again";
        return Err(
            StoreError::data("the journal of a save cannot be read", fix).at(path.display())
        );
    };
    Ok(Some(journal))
}
