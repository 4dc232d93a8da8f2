//! The folder appears whole or not at all: it is written beside its place and renamed into it.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The file that says what a folder was made from.
pub const RECORD: &str = "example-day.json";
/// Held by the run that writes a draft.
const LOCK: &str = ".lock";
/// Ending of an earlier day's hidden name while it makes room.
const REPLACED: &str = "replaced";

/// What is in the place where the day is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing, or an empty folder.
    Free,
    /// A day with the same record.
    Same,
    /// A day with another record.
    Other,
}

/// Looks at `dir`.
///
/// # Errors
/// [`Error::Usage`] when `dir` is a file, or a folder that this program did not make.
pub fn standing(dir: &Path, record: &str) -> Result<Standing> {
    bring_back(dir)?;
    match fs::read_to_string(dir.join(RECORD)) {
        Ok(found) if found == record => return Ok(Standing::Same),
        Ok(_) => return Ok(Standing::Other),
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
        Err(e) => return Err(Error::disk(&dir.join(RECORD))(e)),
    }
    match fs::read_dir(dir) {
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(Standing::Free),
        Err(e) if e.kind() == ErrorKind::NotADirectory => {
            Err(Error::Usage(format!("{} is a file, not a folder", dir.display())))
        }
        Err(e) => Err(Error::disk(dir)(e)),
        Ok(mut entries) => match entries.next() {
            None => Ok(Standing::Free),
            Some(_) => Err(Error::Usage(format!(
                "{} holds something that is no example day (it has no {RECORD}); choose another folder",
                dir.display()
            ))),
        },
    }
}

/// A folder that is being written; dropped before it is published, it goes away.
#[derive(Debug)]
pub struct Draft {
    partial: PathBuf,
    target: PathBuf,
    lock: Option<File>,
}

impl Draft {
    /// Opens the draft of `target` beside it, and clears what an interrupted run left there.
    ///
    /// # Errors
    /// [`Error::Usage`] when `target` has no name of its own, or another run is writing it.
    pub fn open(target: &Path) -> Result<Draft> {
        let partial = beside(target, "partial")?;
        fs::create_dir_all(&partial).map_err(Error::disk(&partial))?;
        let lock_path = partial.join(LOCK);
        let lock = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .open(&lock_path)
            .map_err(Error::disk(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Usage(format!("another run is writing {}", target.display())));
            }
            Err(TryLockError::Error(e)) => return Err(Error::disk(&lock_path)(e)),
        }
        let draft = Draft { partial, target: target.to_owned(), lock: Some(lock) };
        for entry in fs::read_dir(&draft.partial).map_err(Error::disk(&draft.partial))? {
            let path = entry.map_err(Error::disk(&draft.partial))?.path();
            if path.is_dir() {
                fs::remove_dir_all(&path).map_err(Error::disk(&path))?;
            } else if path != lock_path {
                fs::remove_file(&path).map_err(Error::disk(&path))?;
            }
        }
        Ok(draft)
    }

    /// Where to write.
    pub fn path(&self) -> &Path {
        &self.partial
    }

    /// Puts the folder in its place, and an earlier one out of it.
    ///
    /// # Errors
    /// What the disk says; the earlier folder is then back in its place.
    pub fn publish(mut self, record: &str) -> Result<()> {
        let path = self.partial.join(RECORD);
        let mut file = File::create(&path).map_err(Error::disk(&path))?;
        file.write_all(record.as_bytes()).map_err(Error::disk(&path))?;
        file.sync_all().map_err(Error::disk(&path))?;
        let lock_path = self.partial.join(LOCK);
        fs::remove_file(&lock_path).map_err(Error::disk(&lock_path))?;

        let old = beside(&self.target, REPLACED)?;
        if old.exists() && self.target.exists() {
            fs::remove_dir_all(&old).map_err(Error::disk(&old))?;
        }
        let replaces = match fs::rename(&self.target, &old) {
            Ok(()) => true,
            Err(e) if e.kind() == ErrorKind::NotFound => false,
            Err(e) => return Err(Error::disk(&self.target)(e)),
        };
        if let Err(e) = fs::rename(&self.partial, &self.target) {
            if replaces {
                fs::rename(&old, &self.target).map_err(Error::disk(&old))?;
            }
            return Err(Error::disk(&self.target)(e));
        }
        // Published: nothing is left for drop to clear.
        self.lock = None;
        if replaces {
            fs::remove_dir_all(&old).map_err(Error::disk(&old))?;
        }
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.lock.is_some() {
            // Best effort: the next run clears it otherwise.
            let _ = fs::remove_dir_all(&self.partial);
        }
    }
}

/// Puts an earlier day back that a run had moved away when it was stopped between two renames.
fn bring_back(target: &Path) -> Result<()> {
    let old = beside(target, REPLACED)?;
    if old.exists() && !target.exists() {
        fs::rename(&old, target).map_err(Error::disk(&old))?;
    }
    Ok(())
}

/// The hidden sibling `.NAME.what` of `target`.
fn beside(target: &Path, what: &str) -> Result<PathBuf> {
    let Some(name) = target.file_name() else {
        return Err(Error::Usage(format!("{} has no name of its own", target.display())));
    };
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{what}"));
    Ok(target.with_file_name(hidden))
}
