//! What is in the input files: their hashes, rows and times. Only saves ask.

use std::collections::HashMap;
use std::fs::{self, File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::error::{Result, StoreError};
use crate::held::lock;
use crate::manifest::Content;
use crate::parquet::FileInfo;
use crate::source::hex;

/// Remembers what was read of files, as long as they look the same from outside.
#[derive(Default)]
pub(crate) struct Contents {
    known: Mutex<HashMap<PathBuf, (Stamp, Content)>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    size: u64,
    modified: Option<SystemTime>,
    /// When the file or its time was last touched, which nobody can set; 0 where that is not known.
    changed: (i64, i64),
}

impl Stamp {
    fn new(stat: &Metadata) -> Self {
        #[cfg(unix)]
        let changed = {
            use std::os::unix::fs::MetadataExt;
            (stat.ctime(), stat.ctime_nsec())
        };
        #[cfg(not(unix))]
        let changed = (0, 0);
        Self { size: stat.len(), modified: stat.modified().ok(), changed }
    }
}

impl Contents {
    /// What is in `paths`, in their order; `read` is asked for those that are not known, several at
    /// once.
    pub fn of(
        &self,
        paths: &[PathBuf],
        read: &(dyn Fn(&Path) -> Result<Content> + Sync),
    ) -> Result<Vec<Content>> {
        let one = |path: &PathBuf| {
            let stat = fs::metadata(path).map_err(|e| StoreError::io("read the file", path, &e))?;
            let stamp = Stamp::new(&stat);
            if let Some((known, content)) = lock(&self.known).get(path)
                && *known == stamp
            {
                return Ok(content.clone());
            }
            let content = read(path)?;
            lock(&self.known).insert(path.clone(), (stamp, content.clone()));
            Ok(content)
        };
        paths.par_iter().map(one).collect()
    }
}

/// Of paths below `root`, sizes and times, as exact as the system keeps them.
pub(crate) fn stamp_of(root: &Path, files: &[Arc<FileInfo>]) -> Result<String> {
    let mut hash = Sha256::new();
    for file in files {
        let path = &file.path;
        let stat = fs::metadata(path).map_err(|e| StoreError::io("read the file", path, &e))?;
        let name = path.strip_prefix(root).unwrap_or(path);
        hash.update(format!("{name:?} {:?}\n", Stamp::new(&stat)));
    }
    Ok(hex(&hash.finalize()))
}

/// SHA-256 (hex) of a file's contents as they are now.
pub(crate) fn hashed(path: &Path) -> Result<String> {
    let fail = |e: std::io::Error| StoreError::io("read the file", path, &e);
    let mut file = File::open(path).map_err(fail)?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut buffer).map_err(fail)? {
            0 => return Ok(hex(&hash.finalize())),
            read => hash.update(&buffer[..read]),
        }
    }
}
