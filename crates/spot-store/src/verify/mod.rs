//! Makes every number of a saved story again from its inputs, and says which differ.
//!
//! Nothing that was remembered of a file counts: contents are hashed and rows are read anew. Compared are
//! the input files, the context files, rows and facts of the search, every value of the peers (or of the
//! clients and names), the story's own files, and its rows in the tables that it shares with others.

mod inputs;
mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Arc;

use chrono::NaiveDate;
use polars::prelude::DataFrame;
use serde_json::{Value, json};
use spot_analysis::model::{Address, Provenance};
use spot_analysis::{dns, frames, timeline};

use self::inputs::{context, inputs};
use self::rows::{rows, tables};
use crate::dns_workbench::DnsWorkbench;
use crate::embedded::Embedded;
use crate::error::{Result, StoreError};
use crate::manifest::{Manifest, StoryAnchor};
use crate::remote::Part;
use crate::settings::Settings;
use crate::source::sha256;
use crate::stories::{Stories, Told, located};
use crate::story::{OwnFile, Target};
use crate::workbench::Workbench;
use crate::{dns_story, flow_story};

/// Differences that are told one by one; all are counted.
pub const TOLD: usize = 200;

/// Something that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// A file, a number, a row.
    pub what: String,
    /// As it was saved.
    pub then: String,
    /// As it is now.
    pub now: String,
}

/// What a verification found.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The day.
    pub day: NaiveDate,
    /// What the story is about.
    pub anchor: StoryAnchor,
    /// Its revision.
    pub revision: u64,
    /// Input files whose contents were hashed.
    pub inputs: u64,
    /// Values that were made again and compared.
    pub values: u64,
    /// Files and tables of the story that were looked at.
    pub artefacts: u64,
    /// What differs: the first [`TOLD`].
    pub differences: Vec<Difference>,
    /// How many differ in all.
    pub differing: u64,
    /// What could not be compared.
    pub notes: Vec<String>,
}

impl Verified {
    /// Whether everything is as it was saved.
    pub fn agrees(&self) -> bool {
        self.differing == 0
    }

    fn differs(&mut self, what: impl Into<String>, then: impl ToString, now: impl ToString) {
        self.differing += 1;
        if self.differences.len() < TOLD {
            let (what, then, now) = (what.into(), then.to_string(), now.to_string());
            self.differences.push(Difference { what, then, now });
        }
    }

    fn compare<T: PartialEq + ToString>(&mut self, what: impl Into<String>, then: T, now: T) {
        self.values += 1;
        if then != now {
            self.differs(what, then, now);
        }
    }
}

/// What the same search finds now.
struct Again {
    provenance: Provenance,
    counts: Value,
    notes: Vec<String>,
    own: Vec<OwnFile>,
    /// The peers, or the clients and names, and the columns that name one of them.
    rows: DataFrame,
    keys: &'static [&'static str],
    /// This story's rows of the table that it shares.
    shared: DataFrame,
}

impl Stories {
    /// Verifies a story.
    ///
    /// # Errors
    /// A story without a manifest; a folder that cannot be read. Inputs that are missing, broken or
    /// changed are no error but a difference.
    pub fn verify(&self, told: &Told) -> Result<Verified> {
        // Another store, which remembers nothing.
        Self::open(self.settings().clone())?.verified(told)
    }

    fn verified(&self, told: &Told) -> Result<Verified> {
        let manifest = told.manifest()?;
        let (pipeline, day) = (told.anchor.pipeline(), told.day);
        self.store().pull(pipeline, day, Part::All)?;
        let mut verified = Verified {
            day,
            anchor: told.anchor.clone(),
            revision: manifest.revision,
            inputs: 0,
            values: 0,
            artefacts: 0,
            differences: Vec::new(),
            differing: 0,
            notes: Vec::new(),
        };
        if manifest.schema_version < 2 {
            let note = "saved by an earlier version, without hashes of the inputs and without a \
                        table of all rows: sizes and times are compared instead";
            verified.notes.push(note.to_owned());
        }
        inputs(&mut verified, manifest, self.store(), pipeline)?;
        let settings = Settings {
            date: Some(day.into()),
            top_results: manifest.query.top_results.unwrap_or(self.settings().top_results),
            ..self.settings().clone()
        };
        let again = match search(&mut verified, manifest, settings, self.store().clone()) {
            Ok(again) => Some(again),
            Err(error) => {
                let then = format!("{} rows found", manifest.inputs.rows);
                let place = error.at.map(|at| format!(" ({at})")).unwrap_or_default();
                verified.differs("the search", then, format!("{}{place}", error.what));
                None
            }
        };
        self.store().look((pipeline, &told.root), |target| {
            if let Some(again) = &again {
                numbers(&mut verified, manifest, again);
            }
            files(&mut verified, manifest, again.as_ref(), target)?;
            tables(&mut verified, told, again.as_ref(), target)
        })?;
        Ok(verified)
    }
}

/// Asks again what was asked.
fn search(
    verified: &mut Verified,
    manifest: &Manifest,
    settings: Settings,
    store: Arc<Embedded>,
) -> Result<Again> {
    let anchor = match &verified.anchor {
        StoryAnchor::Ip(address) => {
            let address = address.clone();
            return search_flows(verified, manifest, &address, settings, store);
        }
        StoryAnchor::Client(client) => dns::Anchor::Client(client.clone()),
        StoryAnchor::Query(name) => dns::Anchor::Query(name.clone()),
    };
    let bench = DnsWorkbench::with_store(settings, store)?;
    context(verified, manifest, &bench.context_files()?);
    let scope = manifest.scope();
    let rows = bench.rows(&anchor, &scope)?;
    let found = bench.found(&anchor, &scope, &rows)?;
    Ok(Again {
        own: dns_story::own_files(&found)?,
        rows: dns::frames::rows_frame(&found.rows)?,
        keys: &["client", "name"],
        shared: dns::frames::rows_for_table(&anchor, &found.rows)?,
        counts: json!(found.facts),
        notes: found.notes,
        provenance: found.provenance,
    })
}

fn search_flows(
    verified: &mut Verified,
    manifest: &Manifest,
    anchor: &Address,
    settings: Settings,
    store: Arc<Embedded>,
) -> Result<Again> {
    let bench = Workbench::with_store(settings, store)?;
    context(verified, manifest, &bench.context_files()?);
    let rows = bench.rows(anchor)?;
    let found = bench.found(anchor, &rows)?;
    Ok(Again {
        own: flow_story::own_files(&found)?,
        rows: frames::peers_frame(&found.peers)?,
        keys: &["peer"],
        shared: timeline::rows_for_table(&rows.frame, anchor)?,
        counts: json!(found.facts),
        notes: found.notes,
        provenance: found.provenance,
    })
}

/// Rows, facts and notes of the search.
fn numbers(verified: &mut Verified, manifest: &Manifest, again: &Again) {
    let (then, now) = (&manifest.inputs, &again.provenance);
    verified.compare("filter", &then.filter, &now.filter);
    verified.compare("rows found", then.rows, now.rows);
    verified.compare("rows of the day", then.scanned, now.scanned);
    let empty = serde_json::Map::new();
    let (then, now) = (&manifest.counts, &again.counts);
    let (then, now) = (then.as_object().unwrap_or(&empty), now.as_object().unwrap_or(&empty));
    let names: BTreeSet<_> = then.keys().chain(now.keys()).collect();
    for name in names {
        let [then, now] = [then, now].map(|counts| counts.get(name).unwrap_or(&Value::Null));
        verified.compare(format!("fact {name}"), then, now);
    }
    if manifest.schema_version >= 2 {
        verified.compare("notes", manifest.notes.join("; "), again.notes.join("; "));
    }
}

/// The story's own files: as they lie there, and as they would be written now.
fn files(
    verified: &mut Verified,
    manifest: &Manifest,
    again: Option<&Again>,
    target: &Target<'_>,
) -> Result<()> {
    let mut made: BTreeMap<&str, &[u8]> = again
        .iter()
        .flat_map(|again| &again.own)
        .map(|(name, bytes, _)| (name.as_str(), bytes.as_slice()))
        .collect();
    for artefact in manifest.own_files() {
        verified.artefacts += 1;
        let now = located(target, &artefact.path);
        let bytes =
            now.map(|now| fs::read(&now).map_err(|e| StoreError::io("read the file", &now, &e)));
        let bytes = bytes.transpose()?;
        let what = format!("file {}", artefact.path);
        let then = format!("sha256 {}", artefact.sha256);
        match bytes.as_deref().map(sha256) {
            None => verified.differs(&what, &then, "missing"),
            Some(hash) if hash != artefact.sha256 => {
                verified.differs(&what, &then, format!("sha256 {hash}"));
            }
            Some(_) => {}
        }
        let Some(again) = again else { continue };
        let what = format!("{} from the inputs", artefact.name);
        match (made.remove(artefact.name.as_str()), bytes) {
            (None, _) => verified.differs(what, then, "is not made"),
            // Another version of this program may write the same table in other bytes.
            (Some(_), Some(bytes)) if artefact.name.ends_with(".parquet") => {
                rows(verified, bytes, again);
            }
            (Some(_), None) if artefact.name.ends_with(".parquet") => {}
            (Some(made), _) => {
                verified.compare(what, then, format!("sha256 {}", sha256(made)));
            }
        }
    }
    if manifest.schema_version >= 2 {
        for name in made.keys() {
            verified.differs(format!("{name} from the inputs"), "was not made", "is made");
        }
    }
    Ok(())
}
