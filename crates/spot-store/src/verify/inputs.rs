//! The files that were read for a story, then and now.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use rayon::prelude::*;

use super::Verified;
use crate::contents::hashed;
use crate::embedded::Embedded;
use crate::error::Result;
use crate::layout::Pipeline;
use crate::manifest::{ContextFile, InputFile, Manifest};

/// The files that were read, then and now.
pub(super) fn inputs(
    verified: &mut Verified,
    manifest: &Manifest,
    store: &Embedded,
    pipeline: Pipeline,
) -> Result<()> {
    let root = store.data();
    let name =
        |path: &PathBuf| path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
    let paths = store.raw_files(pipeline, manifest.date)?;
    let hashes: Vec<_> = paths
        .par_iter()
        .map(|path| {
            let size = fs::metadata(path).map(|stat| stat.len()).unwrap_or(0);
            (name(path), (hashed(path), size))
        })
        .collect();
    verified.inputs = hashes.len() as u64;
    let mut now: BTreeMap<String, (Result<String>, u64)> = hashes.into_iter().collect();
    for file in &manifest.inputs.files {
        let what = format!("input {}", file.path);
        let then = described(file.sha256.as_deref(), file.size);
        match now.remove(&file.path) {
            None => verified.differs(what, then, "missing"),
            Some((Err(error), _)) => verified.differs(what, then, error.what),
            Some((Ok(hash), size)) => {
                let same = match &file.sha256 {
                    Some(known) => *known == hash,
                    None => looks_same(file, &root.join(&file.path)),
                };
                verified.values += 1;
                if !same {
                    verified.differs(what, then, described(Some(&hash), size));
                }
            }
        }
    }
    for (path, (_, size)) in now {
        verified.differs(format!("input {path}"), "not there", described(None, size));
    }
    Ok(())
}

fn described(hash: Option<&str>, size: u64) -> String {
    let hash = hash.map(|hash| format!(", sha256 {hash}")).unwrap_or_default();
    format!("{size} bytes{hash}")
}

/// What can be said of a file whose hash nobody took.
fn looks_same(file: &InputFile, path: &Path) -> bool {
    let Ok(stat) = fs::metadata(path) else { return false };
    let modified = stat.modified().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok());
    let modified = modified.and_then(|after| i64::try_from(after.as_secs()).ok());
    stat.len() == file.size && modified.is_none_or(|modified| modified == file.modified)
}

/// The files that sides, names and places come from.
pub(super) fn context(verified: &mut Verified, manifest: &Manifest, now: &[ContextFile]) {
    if manifest.schema_version < 2 {
        return;
    }
    let by_name = |files: &[ContextFile]| -> BTreeMap<String, String> {
        files.iter().map(|file| (file.name.clone(), file.sha256.clone())).collect()
    };
    let (then, now) = (by_name(&manifest.query.context), by_name(now));
    let names: BTreeSet<_> = then.keys().chain(now.keys()).collect();
    let shown = |hash: Option<&String>| {
        hash.map_or_else(|| "not there".to_owned(), |hash| format!("sha256 {hash}"))
    };
    for name in names {
        let what = format!("context file {name}");
        verified.compare(what, shown(then.get(name)), shown(now.get(name)));
    }
}
