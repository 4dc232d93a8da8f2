//! The manifest's own fields: beside where it lies, beside each other, and beside the search.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use spot_analysis::model::SourceFile;

use super::{Again, Saved, Verified};
use crate::layout::Pipeline;
use crate::manifest::{InputFile, Manifest, REMEMBERED, SCHEMA_VERSION};
use crate::source::fingerprint;

/// Whether nothing of version 2 is in there. The number is not asked: who sets it back would have less
/// compared.
pub(super) fn is_old(manifest: &Manifest) -> bool {
    let said = [&manifest.created, &manifest.updated].into_iter().any(Option::is_some);
    let asked = manifest.query.top_results.is_some() || !manifest.query.context.is_empty();
    let known = |file: &InputFile| {
        file.sha256.is_some()
            || file.rows.is_some()
            || file.min_ts.is_some()
            || file.max_ts.is_some()
    };
    !said && !asked && !manifest.inputs.files.iter().any(known)
}

/// What can be said without the inputs.
pub(super) fn fields(verified: &mut Verified, saved: &Saved<'_>) {
    let Saved { told, manifest, old } = saved;
    let version = if *old { 1 } else { SCHEMA_VERSION };
    verified.compare("schema_version", manifest.schema_version, version);
    verified.compare("date", manifest.date, told.day);
    verified.compare("tz", manifest.tz.as_str(), "UTC");
    verified.values += 1;
    // Normalised: a name may stand there as it was typed.
    if manifest.anchor().as_ref() != Some(&told.anchor) {
        verified.differs("anchor", &manifest.anchor, json!(told.anchor));
    }
    let scope = match told.anchor.pipeline() {
        Pipeline::Flow => None,
        Pipeline::Dns => Some(json!(manifest.scope())),
    };
    let asked = manifest.anchor.get("scope").cloned();
    verified.compare("scope of the anchor", shown(asked), shown(scope.clone()));
    if !old {
        let asked = manifest.query.scope.as_ref().map(|scope| json!(scope));
        verified.compare("scope of the query", shown(asked), shown(scope));
    }
    let listed = manifest.inputs.files.iter().map(|file| SourceFile {
        path: file.path.clone(),
        size: file.size,
        modified: file.modified,
    });
    let made = fingerprint(&listed.collect::<Vec<_>>());
    verified.compare(
        "fingerprint of the inputs",
        manifest.inputs.fingerprint.as_str(),
        made.as_str(),
    );
    revisions(verified, manifest);
}

/// Revisions count on by one; the oldest ones are forgotten at some time.
fn revisions(verified: &mut Verified, manifest: &Manifest) {
    let there: Vec<u64> = manifest.previous.iter().map(|version| version.revision).collect();
    let first = there.first().filter(|_| there.len() >= REMEMBERED).copied().unwrap_or(1);
    for (number, revision) in there.into_iter().chain([manifest.revision]).enumerate() {
        verified.compare("revision", revision, first.saturating_add(number as u64));
    }
}

/// What the search found, then and now.
pub(super) fn numbers(verified: &mut Verified, saved: &Saved<'_>, again: &Again) {
    let (then, now) = (&saved.manifest.inputs, &again.provenance);
    verified.compare("table", &then.table, &now.table);
    verified.compare("filter", &then.filter, &now.filter);
    verified.compare("rows found", then.rows, now.rows);
    verified.compare("rows of the day", then.scanned, now.scanned);
    let [then, now] = [&then.partial, &now.partial].map(|said| shown(said.as_ref()));
    verified.compare("what the source could not tell", then, now);
    let empty = Map::new();
    let [then, now] =
        [&saved.manifest.counts, &again.counts].map(|counts| counts.as_object().unwrap_or(&empty));
    let names: BTreeSet<_> = then.keys().chain(now.keys()).collect();
    for name in names {
        let [then, now] = [then, now].map(|counts| counts.get(name).unwrap_or(&Value::Null));
        verified.compare(format!("fact {name}"), then, now);
    }
    if !saved.old {
        verified.compare("notes", json!(saved.manifest.notes), json!(again.notes));
    }
}

/// For people.
pub(super) fn shown(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}
