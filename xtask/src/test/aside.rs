//! Keeps the programs that users run while others of their names are built.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Result;

/// The files of a folder, put aside; they come back when this is dropped, or by the next one if the
/// process is killed before.
///
/// Cargo gives what it built last its plain name, `target/release/spot`. What the linter built is slow.
pub struct Aside {
    folder: PathBuf,
}

impl Aside {
    /// Puts the files of `folder` aside; hidden ones are cargo's own.
    pub fn new(folder: &Path) -> Result<Self> {
        let aside = Self { folder: folder.to_path_buf() };
        if aside.kept().is_dir() {
            aside.restore()?;
        }
        // Seen as whole or not at all: see `drop`.
        let new = folder.join(".aside.new");
        drop(fs::remove_dir_all(&new));
        fs::create_dir_all(&new)?;
        for (name, path) in files(folder)? {
            let to = new.join(name);
            fs::hard_link(&path, &to).or_else(|_| fs::copy(&path, &to).map(drop))?;
        }
        fs::rename(&new, aside.kept())?;
        Ok(aside)
    }

    fn kept(&self) -> PathBuf {
        self.folder.join(".aside")
    }

    fn restore(&self) -> Result {
        let kept = files(&self.kept())?;
        let names: HashSet<_> = kept.iter().map(|(name, _)| name.clone()).collect();
        for (name, path) in files(&self.folder)? {
            if !names.contains(&name) {
                fs::remove_file(path)?;
            }
        }
        for (name, path) in kept {
            fs::rename(path, self.folder.join(name))?;
        }
        Ok(fs::remove_dir_all(self.kept())?)
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        if let Err(error) = self.restore() {
            eprintln!("note: run `cargo build --release`, {}: {error}", self.folder.display());
        }
    }
}

fn files(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_file() && !name.starts_with('.') {
            files.push((name, entry.path()));
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(folder: &Path) -> Vec<(String, String)> {
        let files = files(folder).expect("files").into_iter();
        let mut told: Vec<_> =
            files.map(|(name, path)| (name, fs::read_to_string(path).expect("text"))).collect();
        told.sort();
        told
    }

    /// As cargo does it: a new file of the name.
    fn built(folder: &Path) {
        drop(fs::remove_file(folder.join("spot")));
        fs::write(folder.join("spot"), "slow").expect("written");
        fs::write(folder.join("only-tests"), "slow").expect("written");
    }

    #[test]
    fn the_files_of_before_come_back() {
        let folder = std::env::temp_dir().join(format!("spot-aside-{}", std::process::id()));
        drop(fs::remove_dir_all(&folder));
        fs::create_dir_all(folder.join("deps")).expect("folder");
        fs::write(folder.join(".cargo-lock"), "").expect("written");
        // Nothing was there: then nothing slow stays.
        let aside = Aside::new(&folder).expect("aside");
        built(&folder);
        drop(aside);
        assert_eq!(told(&folder), []);

        let before = [("libspot.rlib", "fast"), ("spot", "fast")];
        let before = before.map(|(name, text)| (name.to_owned(), text.to_owned()));
        for (name, text) in &before {
            fs::write(folder.join(name), text).expect("written");
        }
        let aside = Aside::new(&folder).expect("aside");
        built(&folder);
        drop(aside);
        assert_eq!(told(&folder), before);

        // Killed, and then another run.
        std::mem::forget(Aside::new(&folder).expect("aside"));
        built(&folder);
        drop(Aside::new(&folder).expect("aside"));
        assert_eq!(told(&folder), before);
        assert!(folder.join(".cargo-lock").is_file() && !folder.join(".aside").exists());
        fs::remove_dir_all(&folder).expect("removed");
    }
}
