//! What a save works on and what it leaves: the parts that the stories of flows and of DNS share.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;
use polars::io::parquet::write::KeyValueMetadata;
use polars::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use spot_analysis::model::{Address, Provenance};

use crate::error::{Result, StoreError};
use crate::layout::{Layout, Table};
use crate::parquet::{FileInfo, Inspector, engine, whole};
use crate::publish::{Change, View};
use crate::source::sha256;

/// What was written of a story, as its manifest lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artefact {
    /// Table or file, for people: `flow_timeline`, `stats-10_0_0_5.json`.
    pub name: String,
    /// Path below the out folder.
    pub path: String,
    /// This story's rows in a table; 1 for a file of its own.
    pub rows: u64,
    /// SHA-256 (hex) of the whole file as it was written. A table's file is shared by the stories of
    /// its day and changes with each of them.
    pub sha256: String,
}

/// What a save did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// Everything that was written, the manifest last.
    pub artefacts: Vec<Artefact>,
    /// 1 for the first story of this address and day; one more whenever title or text change.
    pub revision: u64,
}

/// A saved title and text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment<A = Address> {
    /// The address; for DNS the client or name.
    pub anchor: A,
    /// Title, as typed.
    pub title: String,
    /// Text, as typed.
    pub text: String,
}

/// Versions of a story that the manifest remembers.
const REMEMBERED: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    pub revision: u64,
    title: String,
    text: String,
}

/// The part of a manifest that the next save reads.
#[derive(Debug, Deserialize)]
struct Earlier {
    #[serde(flatten)]
    version: Version,
    #[serde(default)]
    previous: Vec<Version>,
}

/// What a save works on.
pub(crate) struct Target<'a> {
    pub out: &'a Path,
    pub layout: Layout,
    pub view: &'a View,
    pub inspector: &'a Inspector,
}

impl Target<'_> {
    /// The files of a day's partition of `table`, each with the path under which its bytes are now.
    pub fn files(&self, table: Table, day: NaiveDate) -> Result<Vec<(PathBuf, PathBuf)>> {
        let mut files = Vec::new();
        for folder in self.layout.partitions(self.out, table, day) {
            files.extend(self.view.files(folder.strip_prefix(self.out).unwrap_or(&folder))?);
        }
        Ok(files)
    }

    /// Footers of what [`Target::files`] found.
    pub fn inspect(&self, files: &[(PathBuf, PathBuf)]) -> Result<Vec<Arc<FileInfo>>> {
        let now = files.iter().map(|(_, now)| now.clone()).collect::<Vec<_>>();
        self.inspector.inspect(&now)
    }
}

/// A story's manifest: what was saved, of which inputs, as which files.
pub(crate) struct Manifest<'a> {
    pub day: NaiveDate,
    /// Type and value.
    pub anchor: Value,
    pub inputs: &'a Provenance,
    pub counts: Value,
    pub artefacts: &'a [Artefact],
}

impl Manifest<'_> {
    pub(crate) fn to_json(&self, version: &Version, previous: &[Version]) -> Value {
        json!({
            "schema_version": 1,
            "date": self.day.to_string(),
            "tz": "UTC",
            "anchor": self.anchor,
            "title": version.title,
            "text": version.text,
            "revision": version.revision,
            "inputs": self.inputs,
            "counts": self.counts,
            "artefacts": self.artefacts,
            "previous": previous,
        })
    }
}

/// The version that this save makes; an earlier text that it replaces is remembered. `earlier` is the
/// manifest of the save before.
pub(crate) fn next_version(
    title: &str,
    text: &str,
    earlier: Option<&[u8]>,
) -> (Version, Vec<Version>) {
    let mut now = Version { revision: 1, title: title.to_owned(), text: text.to_owned() };
    // A manifest that cannot be read has nothing to remember.
    let Some(earlier) = earlier.and_then(|bytes| serde_json::from_slice::<Earlier>(bytes).ok())
    else {
        return (now, Vec::new());
    };
    let (before, mut previous) = (earlier.version, earlier.previous);
    now.revision = before.revision;
    if now != before {
        now.revision = before.revision.saturating_add(1);
        previous.push(before);
        previous.drain(..previous.len().saturating_sub(REMEMBERED));
    }
    (now, previous)
}

/// Which rows of a table's file stay when a story is saved: those of other anchors.
pub(crate) type Others<'a> = &'a dyn Fn(&DataFrame, &FileInfo) -> Result<BooleanChunked>;

/// The day's partition of `table` with the anchor's rows replaced by `rows`: one file instead of all
/// that were there.
pub(crate) fn table(
    (table, day): (Table, NaiveDate),
    target: &Target<'_>,
    rows: &DataFrame,
    others: Others<'_>,
    artefacts: &mut Vec<Artefact>,
) -> Result<Vec<Change>> {
    let path = target.layout.partition(target.out, table, day).join("part-0.parquet");
    let old = target.files(table, day)?;
    let frame = replaced(&target.inspect(&old)?, others, rows)?;
    let bytes = to_parquet(frame)?;
    artefacts.push(artefact(table.name().to_owned(), &path, rows.height() as u64, &bytes));
    let obsolete = old.into_iter().map(|(name, _)| name).filter(|name| *name != path);
    let mut changes = vec![Change::Put { path: path.clone(), bytes }];
    changes.extend(obsolete.map(|path| Change::Remove { path }));
    Ok(changes)
}

/// All rows of `files` of other anchors, then `rows`. Columns that `rows` lacks are kept.
fn replaced(files: &[Arc<FileInfo>], others: Others<'_>, rows: &DataFrame) -> Result<DataFrame> {
    let mut kept = Vec::new();
    for file in files {
        let frame = whole(file)?;
        let other = others(&frame, file)?;
        kept.push(frame.filter(&other).map_err(|e| engine(&e))?);
    }
    kept.push(rows.clone());

    let mut schema = rows.schema().as_ref().clone();
    for frame in &kept {
        for (name, dtype) in frame.schema().iter() {
            if !schema.contains(name) {
                schema.insert(name.clone(), dtype.clone());
            }
        }
    }
    let mut all = DataFrame::empty_with_schema(&schema);
    for frame in &kept {
        let column = |(name, dtype): (&PlSmallStr, &DataType)| match frame.column(name) {
            Ok(column) => column.strict_cast(dtype),
            Err(_) => Ok(Column::full_null(name.clone(), frame.height(), dtype)),
        };
        let columns = schema.iter().map(column).collect::<PolarsResult<Vec<_>>>();
        let aligned = columns.and_then(|columns| DataFrame::new(frame.height(), columns));
        aligned.and_then(|aligned| all.vstack_mut(&aligned).map(drop)).map_err(|e| engine(&e))?;
    }
    Ok(all)
}

/// A column of a table's file as texts, to tell whose rows they are.
pub(crate) fn owners(frame: &DataFrame, name: &str, file: &FileInfo) -> Result<StringChunked> {
    let texts = frame.column(name).and_then(|c| c.cast(&DataType::String));
    let texts = texts.and_then(|texts| texts.str().cloned());
    texts.map_err(|_| {
        let place = format!("{}, column {name}", file.path.display());
        let fix = "nothing was saved: move this file out of the partition, or write it again";
        StoreError::data(format!("column `{name}` is missing or no text"), fix).at(place)
    })
}

fn to_parquet(mut frame: DataFrame) -> Result<Vec<u8>> {
    // The note on types that goes with the file: polars would say string_view, which Arrow's own
    // Python library can read but not filter or sort.
    let plain = frame.schema().to_arrow(CompatLevel::oldest());
    let note = polars_parquet::write::schema_to_metadata_key(&plain);
    let note = KeyValueMetadata::from_static(vec![(note.key, note.value.unwrap_or_default())]);
    let mut bytes = Vec::new();
    // Snappy is what every Hive, Impala and Spark reads.
    let writer = ParquetWriter::new(&mut bytes)
        .with_compression(ParquetCompression::Snappy)
        .with_key_value_metadata(Some(note));
    writer.finish(&mut frame).map_err(|e| engine(&e))?;
    Ok(bytes)
}

pub(crate) fn pretty(value: &Value) -> Result<Vec<u8>> {
    let bytes = serde_json::to_vec_pretty(value);
    bytes.map_err(|e| StoreError::data(format!("cannot write JSON: {e}"), "report this"))
}

pub(crate) fn artefact(name: String, path: &Path, rows: u64, bytes: &[u8]) -> Artefact {
    let path = path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
    Artefact { name, path, rows, sha256: sha256(bytes) }
}

/// Says why a finding cannot be saved: nothing was found, or other files than now.
pub(crate) fn worth_saving(
    anchor: &impl std::fmt::Display,
    day: NaiveDate,
    rows: &str,
    count: usize,
    changed: bool,
) -> Result<()> {
    if count == 0 {
        let what = format!("{anchor} has no {rows} on {day}: nothing to save");
        let fix = format!("choose another one, or a day with {rows}");
        return Err(StoreError::usage(what, fix));
    }
    if changed {
        let what = format!("the files with {rows} of {day} changed since the search");
        return Err(StoreError::data(what, "search again, look, then save"));
    }
    Ok(())
}
