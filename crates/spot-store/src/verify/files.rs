//! The story's files: as they lie there, and as they would be written now.

use std::collections::BTreeMap;
use std::fs;

use super::{Again, Saved, Verified, rows};
use crate::layout::{Pipeline, Table, day_folder};
use crate::source::sha256;
use crate::stories::{located, place};
use crate::story::{Target, slashed};
use crate::threats_csv;

/// The story's own files.
pub(super) fn files(
    verified: &mut Verified,
    saved: &Saved<'_>,
    again: Option<&Again>,
    target: &Target<'_>,
) {
    let made: BTreeMap<&str, &[u8]> = again
        .iter()
        .flat_map(|again| &again.own)
        .map(|(name, bytes, _)| (name.as_str(), bytes.as_slice()))
        .collect();
    for artefact in saved.manifest.own_files() {
        verified.artefacts += 1;
        let now = located(target, &artefact.path);
        let bytes = now.map(fs::read);
        let what = format!("file {}", artefact.path);
        let then = format!("sha256 {}", artefact.sha256);
        match bytes.as_ref().map(|read| read.as_deref().map(sha256)) {
            None => verified.differs(&what, &then, "missing"),
            Some(Err(error)) => {
                verified.differs(&what, &then, format!("cannot be read: {error}"));
            }
            Some(Ok(hash)) if hash != artefact.sha256 => {
                verified.differs(&what, &then, format!("sha256 {hash}"));
            }
            Some(Ok(_)) => {}
        }
        let bytes = bytes.and_then(Result::ok);
        let Some(again) = again else { continue };
        match (made.get(artefact.name.as_str()), bytes) {
            // Another version of this program may write the same table in other bytes.
            (Some(_), Some(bytes)) if artefact.name.ends_with(".parquet") => {
                rows(verified, bytes, again);
            }
            (Some(_), None) if artefact.name.ends_with(".parquet") => {}
            (Some(made), _) => {
                let what = format!("{} from the inputs", artefact.name);
                verified.compare(what, then, format!("sha256 {}", sha256(made)));
            }
            // A name that nothing is written by: see `artefacts`.
            (None, _) => {}
        }
    }
}

/// Names, paths and rows of what the manifest lists: all that a save would write now, and nothing else.
pub(super) fn artefacts(
    verified: &mut Verified,
    saved: &Saved<'_>,
    again: &Again,
    target: &Target<'_>,
) {
    let mut expected = expected(saved, again, target);
    for artefact in &saved.manifest.artefacts {
        let what = format!("artefact {}", artefact.name);
        let Some((paths, rows)) = expected.remove(artefact.name.as_str()) else {
            verified.differs(what, &artefact.path, "is not written");
            continue;
        };
        verified.values += 1;
        if !paths.contains(&artefact.path) {
            verified.differs(format!("path of {what}"), &artefact.path, paths.join(" or "));
        }
        verified.compare(format!("rows of {what}"), artefact.rows, rows);
    }
    // Version 1 had fewer files.
    if !saved.old {
        for (name, (paths, _)) in expected {
            verified.differs(format!("artefact {name}"), "not listed", paths.join(" or "));
        }
    }
}

/// By name the paths that are right, and the rows.
fn expected(
    saved: &Saved<'_>,
    again: &Again,
    target: &Target<'_>,
) -> BTreeMap<String, (Vec<String>, u64)> {
    let (pipeline, day) = (saved.told.anchor.pipeline(), saved.told.day);
    let (folder, _) = place(&saved.told.anchor, day);
    let own = again.own.iter().map(|(name, _, rows)| {
        (name.clone(), (vec![slashed(&folder.join(name))], rows.unwrap_or(1)))
    });
    // Another program may have made the day's folder in another spelling since; then both are right.
    let paths = |table: Table| {
        let first = target.layout.partition(target.out, table, day);
        let all = target.layout.partitions(target.out, table, day).into_iter();
        let all = all.filter_map(|folder| Some(folder.strip_prefix(target.out).ok()?.to_owned()));
        let mut paths: Vec<_> =
            [first].into_iter().chain(all).map(|of| slashed(&of.join("part-0.parquet"))).collect();
        paths.dedup();
        paths
    };
    let [board, shared] = pipeline.stories();
    let tables = [(board, 1), (shared, again.shared.height() as u64)];
    let tables = tables.map(|(table, rows)| (table.name().to_owned(), (paths(table), rows)));
    let list = (pipeline == Pipeline::Dns).then(|| {
        let path = slashed(&day_folder(pipeline, day).join(threats_csv::NAME));
        (threats_csv::NAME.to_owned(), (vec![path], 1))
    });
    own.chain(tables).chain(list).collect()
}
