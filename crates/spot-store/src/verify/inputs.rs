//! The files that were read for a story, then and now.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::fields::shown;
use super::{Saved, Verified};
use crate::contents::hashed;
use crate::embedded::Embedded;
use crate::error::Result;
use crate::manifest::{ContextFile, InputFile, utc};
use crate::threads::side_by_side;
use crate::times::Span;

/// A file as it is now.
struct Found {
    size: u64,
    hash: Result<String>,
    /// Rows, and the first and last time.
    measured: Result<(u64, Option<Span>)>,
}

/// The files that were read, then and now.
pub(super) fn inputs(verified: &mut Verified, saved: &Saved<'_>, store: &Embedded) -> Result<()> {
    let (pipeline, root) = (saved.told.anchor.pipeline(), store.data());
    let name =
        |path: &PathBuf| path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
    let paths = store.raw_files(pipeline, saved.told.day)?;
    let found = side_by_side(&paths, |path| Found {
        size: fs::metadata(path).map(|stat| stat.len()).unwrap_or(0),
        hash: hashed(path),
        measured: store.measured(pipeline, path),
    });
    verified.inputs = found.len() as u64;
    let mut now: BTreeMap<String, Found> = paths.iter().map(name).zip(found).collect();
    for file in &saved.manifest.inputs.files {
        let what = format!("input {}", file.path);
        let then = described(file.sha256.as_deref(), file.size);
        let Some(found) = now.remove(&file.path) else {
            verified.differs(what, then, "missing");
            continue;
        };
        let same = match (&found.hash, &file.sha256) {
            (Err(_), _) => false,
            (Ok(hash), Some(known)) => known == hash && file.size == found.size,
            (Ok(_), None) => saved.old && looks_same(file, &root.join(&file.path)),
        };
        verified.values += 1;
        match &found.hash {
            Err(error) => verified.differs(what, then, &error.what),
            Ok(hash) if !same => verified.differs(what, then, described(Some(hash), found.size)),
            Ok(_) => {}
        }
        let measured = [file.rows.is_some(), file.min_ts.is_some(), file.max_ts.is_some()];
        if !saved.old || measured.contains(&true) {
            contents(verified, file, &found, same);
        }
    }
    for (path, found) in now {
        verified.differs(format!("input {path}"), "not there", described(None, found.size));
    }
    Ok(())
}

/// Rows and times of a file; of a changed one that cannot be read enough was said.
fn contents(verified: &mut Verified, file: &InputFile, found: &Found, same: bool) {
    let what = |of: &str| format!("{of} of input {}", file.path);
    match &found.measured {
        Ok((rows, span)) => {
            verified.compare(what("rows"), shown(file.rows), shown(Some(rows)));
            for (of, then, now) in [
                ("first time", &file.min_ts, span.map(|(first, _)| first)),
                ("last time", &file.max_ts, span.map(|(_, last)| last)),
            ] {
                verified.compare(what(of), shown(then.as_ref()), shown(now.map(utc)));
            }
        }
        Err(error) if same => verified.differs(what("rows"), shown(file.rows), &error.what),
        Err(_) => {}
    }
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
pub(super) fn context(verified: &mut Verified, saved: &Saved<'_>, now: &[ContextFile]) {
    if saved.old {
        return;
    }
    let by_name = |files: &[ContextFile]| -> BTreeMap<String, String> {
        files.iter().map(|file| (file.name.clone(), file.sha256.clone())).collect()
    };
    let (then, now) = (by_name(&saved.manifest.query.context), by_name(now));
    let names: BTreeSet<_> = then.keys().chain(now.keys()).collect();
    let shown = |hash: Option<&String>| {
        hash.map_or_else(|| "not there".to_owned(), |hash| format!("sha256 {hash}"))
    };
    for name in names {
        let what = format!("context file {name}");
        verified.compare(what, shown(then.get(name)), shown(now.get(name)));
    }
}
