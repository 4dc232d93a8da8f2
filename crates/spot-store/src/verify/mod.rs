//! Makes every number of a saved story again from its inputs, and says which differ.
//!
//! Nothing that was remembered of a file counts: contents are hashed and rows are read anew. Compared are
//! the input files, the context files, rows and facts of the search, every value of the peers (or of the
//! clients and names), the story's own files, its rows in the tables that it shares with others, and the
//! manifest itself, field by field:
//!
//! | field | compared with |
//! |---|---|
//! | `schema_version` | what the manifest has: hashes and times are of version 2 |
//! | `date`, `anchor` | the folder that it lies in |
//! | `tz` | `UTC` |
//! | `title`, `text` | the storyboard; of DNS also `threats.csv` |
//! | `revision`, `previous[].revision` | each other: they count on by one, from 1 as long as all are there |
//! | `inputs.files[]`: `path`, `size`, `sha256`, `rows`, `min_ts`, `max_ts` | the files of the day |
//! | `inputs.files[].modified`, `inputs.fingerprint` | each other: see below |
//! | `inputs.table`, `filter`, `rows`, `scanned`, `partial`; `counts`, `notes` | the search, made again |
//! | `query.context[]` | the context files |
//! | `query.scope`, `anchor.scope` | each other, and by its rows the search |
//! | `artefacts[]`: `name`, `path`, `rows` | what a save would write now |
//! | `artefacts[].sha256` | the story's own files |
//!
//! Not compared, since nothing else knows them:
//! * `author`, `created`, `updated`; of `previous[]` `title`, `text`, `author` and `saved`: what was typed and
//!   when is nowhere else.
//! * `query.top_results`: how many rows were displayed. No number of a story depends on it.
//! * `artefacts[].sha256` of tables and of `threats.csv`: every later save of the day writes them again. The
//!   story's own rows in them are compared.
//!
//! The time of an input file is not that of the file now: a copy of the folder has other times and the same
//! contents, which the hash is of. The fingerprint is made again from the paths, sizes and times that the
//! manifest lists, so that none of these is changed alone.
//!
//! A story whose files are there and whose row of the storyboard is not **differs**, whoever took the row
//! away ([`Stories::gone`] finds such stories). A reset of the day does so rightly, but leaves no record that
//! tells it from anybody else; a note says whether it can have been one. A story whose manifest is missing
//! beside its table, or cannot be read, differs as well. A row of ours without any file of ours cannot be told
//! from one of another program; and where row and files are all gone nothing is left to compare, but for the
//! record that a deletion leaves.

mod fields;
mod files;
mod inputs;
mod rows;

use std::sync::Arc;

use chrono::NaiveDate;
use polars::prelude::DataFrame;
use serde_json::{Value, json};
use spot_analysis::model::{Address, Provenance};
use spot_analysis::{dns, frames, timeline};

use self::fields::{fields, is_old, numbers};
use self::files::{artefacts, files};
use self::inputs::{context, inputs};
use self::rows::{rows, tables};
use crate::dns_workbench::DnsWorkbench;
use crate::embedded::Embedded;
use crate::error::Result;
use crate::manifest::{Manifest, StoryAnchor};
use crate::remote::Part;
use crate::settings::Settings;
use crate::stories::{Stories, Told, placed};
use crate::story::OwnFile;
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
    /// Its revision; unknown where its manifest is missing or cannot be read.
    pub revision: Option<u64>,
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
    fn new(told: &Told) -> Self {
        Self {
            day: told.day,
            anchor: told.anchor.clone(),
            revision: told.manifest.as_ref().map(|manifest| manifest.revision),
            inputs: 0,
            values: 0,
            artefacts: 0,
            differences: Vec::new(),
            differing: 0,
            notes: Vec::new(),
        }
    }

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

/// What the storyboard says of a story.
const LISTED: &str = "title and text in the storyboard";

/// What was saved.
struct Saved<'a> {
    told: &'a Told,
    manifest: &'a Manifest,
    /// As version 1 has it.
    old: bool,
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
    /// A story that another program saved; a folder that cannot be read. Inputs and manifests that are
    /// missing, broken or changed are no error but a difference.
    pub fn verify(&self, told: &Told) -> Result<Verified> {
        // Another store, which remembers nothing.
        Self::open(self.settings().clone())?.verified(told)
    }

    fn verified(&self, told: &Told) -> Result<Verified> {
        if told.manifest.is_none() && told.is_ours() {
            return Ok(without_manifest(told));
        }
        let manifest = told.manifest()?;
        let (pipeline, day) = (told.anchor.pipeline(), told.day);
        self.store().pull(pipeline, day, Part::All)?;
        // Version 1 wrote no table of all rows: one beside it is of a manifest that lost what it had.
        let saved = Saved { told, manifest, old: is_old(manifest) && !told.has_table };
        let mut verified = Verified::new(told);
        if saved.old {
            let note = "saved by an earlier version, without hashes of the inputs and without a \
                        table of all rows: sizes and times are compared instead";
            verified.notes.push(note.to_owned());
        }
        if placed(&told.path).is_none() {
            let note = "the file lies in no story's folder: day and anchor are what it says itself";
            verified.notes.push(note.to_owned());
        }
        fields(&mut verified, &saved);
        inputs(&mut verified, &saved, self.store())?;
        let settings = Settings {
            date: Some(day.into()),
            top_results: manifest.query.top_results.unwrap_or(self.settings().top_results),
            ..self.settings().clone()
        };
        let again = match search(&mut verified, &saved, settings, self.store().clone()) {
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
                numbers(&mut verified, &saved, again);
            }
            files(&mut verified, &saved, again.as_ref(), target);
            if let Some(again) = &again {
                artefacts(&mut verified, &saved, again, target);
            }
            tables(&mut verified, &saved, again.as_ref(), target)
        })?;
        Ok(verified)
    }
}

/// A story of ours of which nothing can be made again.
fn without_manifest(told: &Told) -> Verified {
    let mut verified = Verified::new(told);
    let path = told.path.strip_prefix(&told.root).unwrap_or(&told.path);
    let now = match &told.fault {
        Some(fault) => format!("cannot be read: {fault}"),
        None => "missing".to_owned(),
    };
    verified.artefacts += 1;
    verified.differs(format!("the story's file {}", path.display()), "saved", now);
    if !told.live {
        verified.differs(LISTED, "a row", "no row");
    }
    verified
}

/// Asks again what was asked.
fn search(
    verified: &mut Verified,
    saved: &Saved<'_>,
    settings: Settings,
    store: Arc<Embedded>,
) -> Result<Again> {
    let anchor = match &verified.anchor {
        StoryAnchor::Ip(address) => {
            let address = address.clone();
            return search_flows(verified, saved, &address, settings, store);
        }
        StoryAnchor::Client(client) => dns::Anchor::Client(client.clone()),
        StoryAnchor::Query(name) => dns::Anchor::Query(name.clone()),
    };
    let bench = DnsWorkbench::with_store(settings, store)?;
    context(verified, saved, &bench.context_files()?);
    let scope = saved.manifest.scope();
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
    saved: &Saved<'_>,
    anchor: &Address,
    settings: Settings,
    store: Arc<Embedded>,
) -> Result<Again> {
    let bench = Workbench::with_store(settings, store)?;
    context(verified, saved, &bench.context_files()?);
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
