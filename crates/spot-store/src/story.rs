//! What a save works on and what it leaves: the parts that the stories of flows and of DNS share.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;
use polars::io::parquet::write::KeyValueMetadata;
use polars::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use spot_analysis::model::Address;

use crate::error::{Result, StoreError};
use crate::layout::{Layout, Table};
use crate::manifest::{self, Inputs, Manifest, Query, SCHEMA_VERSION};
use crate::parquet::{Column as Wanted, FileInfo, Inspector, cast, engine, scan, whole};
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

/// Which rows of a table's file stay when a story is saved: those of other anchors.
pub(crate) type Others<'a> = &'a dyn Fn(&DataFrame, &FileInfo) -> Result<BooleanChunked>;

/// A file of a story's own: name, bytes, rows where it is a table.
pub(crate) type OwnFile = (String, Vec<u8>, Option<u64>);

/// What one save writes, gathered.
pub(crate) struct Draft<'a> {
    target: &'a Target<'a>,
    day: NaiveDate,
    changes: Vec<Change>,
    artefacts: Vec<Artefact>,
}

/// What the manifest says of the story.
pub(crate) struct About<'a> {
    /// Where the manifest goes.
    pub path: PathBuf,
    /// Type and value.
    pub anchor: Value,
    pub title: &'a str,
    pub text: &'a str,
    pub author: Option<&'a str>,
    pub inputs: Inputs,
    pub query: Query,
    pub counts: Value,
    pub notes: &'a [String],
}

impl<'a> Draft<'a> {
    pub(crate) fn new(target: &'a Target<'a>, day: NaiveDate) -> Self {
        Self { target, day, changes: Vec::new(), artefacts: Vec::new() }
    }

    /// Files of its own, below `folder`.
    pub(crate) fn own(&mut self, folder: &Path, files: Vec<OwnFile>) {
        for (name, bytes, rows) in files {
            self.rows(folder.join(name), bytes, rows.unwrap_or(1));
        }
    }

    /// A file of its own.
    pub(crate) fn file(&mut self, path: PathBuf, bytes: Vec<u8>) {
        self.rows(path, bytes, 1);
    }

    /// As [`Draft::file`], of so many rows.
    pub(crate) fn rows(&mut self, path: PathBuf, bytes: Vec<u8>, rows: u64) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.artefacts.push(artefact(name, &path, rows, &bytes));
        self.changes.push(Change::Put { path, bytes });
    }

    /// Takes away a file that an earlier save left.
    pub(crate) fn without(&mut self, path: PathBuf) {
        if self.target.view.locate(&path).is_some() {
            self.changes.push(Change::Remove { path });
        }
    }

    /// The day's partition of `table` with the anchor's rows replaced by `rows`: one file instead of
    /// all that were there.
    pub(crate) fn table(
        &mut self,
        table: Table,
        rows: &DataFrame,
        others: Others<'_>,
    ) -> Result<()> {
        let changes = self.replacing(table, rows, others)?;
        self.changes.extend(changes);
        Ok(())
    }

    /// The manifest, then the comment: its row of the storyboard is what makes a story one.
    pub(crate) fn finish(
        mut self,
        (storyboard, row): (Table, &DataFrame),
        others: Others<'_>,
        about: About<'_>,
    ) -> Result<(Vec<Change>, Saved)> {
        let comment = self.replacing(storyboard, row, others)?;
        let now = self.target.view.locate(&about.path);
        let earlier = now.and_then(|now| std::fs::read(now).ok());
        let manifest = Manifest {
            schema_version: SCHEMA_VERSION,
            date: self.day,
            tz: "UTC".to_owned(),
            anchor: about.anchor,
            title: about.title.to_owned(),
            text: about.text.to_owned(),
            author: about.author.map(str::to_owned),
            created: None,
            updated: None,
            revision: 1,
            inputs: about.inputs,
            query: about.query,
            counts: about.counts,
            artefacts: self.artefacts.clone(),
            notes: about.notes.to_vec(),
            previous: Vec::new(),
        };
        let manifest = manifest.after(earlier.as_deref(), manifest::now());
        self.file(about.path, pretty(&manifest)?);
        self.changes.extend(comment);
        Ok((self.changes, Saved { artefacts: self.artefacts, revision: manifest.revision }))
    }

    fn replacing(
        &mut self,
        table: Table,
        rows: &DataFrame,
        others: Others<'_>,
    ) -> Result<Vec<Change>> {
        let target = self.target;
        let path = target.layout.partition(target.out, table, self.day).join("part-0.parquet");
        let old = target.files(table, self.day)?;
        let frame = replaced(&target.inspect(&old)?, others, rows)?;
        let bytes = to_parquet(frame)?;
        let count = rows.height() as u64;
        self.artefacts.push(artefact(table.name().to_owned(), &path, count, &bytes));
        let obsolete = old.into_iter().map(|(name, _)| name).filter(|name| *name != path);
        let mut changes = vec![Change::Put { path: path.clone(), bytes }];
        changes.extend(obsolete.map(|path| Change::Remove { path }));
        Ok(changes)
    }
}

/// All rows of `files` of other anchors, then `rows`. Columns that `rows` lacks are kept.
pub(crate) fn replaced(
    files: &[Arc<FileInfo>],
    others: Others<'_>,
    rows: &DataFrame,
) -> Result<DataFrame> {
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

/// The day's partition of `table` without the rows that are not `others`: one file, or none if nothing
/// is left.
pub(crate) fn remaining(
    target: &Target<'_>,
    (table, day): (Table, NaiveDate),
    others: Others<'_>,
) -> Result<Vec<Change>> {
    let old = target.files(table, day)?;
    let frame = replaced(&target.inspect(&old)?, others, &DataFrame::empty())?;
    let path = target.layout.partition(target.out, table, day).join("part-0.parquet");
    let left = frame.height() > 0;
    let obsolete = old.into_iter().map(|(name, _)| name).filter(|name| !left || *name != path);
    let mut changes = Vec::new();
    if left {
        changes.push(Change::Put { path: path.clone(), bytes: to_parquet(frame)? });
    }
    changes.extend(obsolete.map(|path| Change::Remove { path }));
    Ok(changes)
}

/// The rows of `table` that are not `others`, with all columns that any file has.
pub(crate) fn own_rows(
    target: &Target<'_>,
    (table, day): (Table, NaiveDate),
    others: Others<'_>,
) -> Result<DataFrame> {
    let own = |frame: &DataFrame, file: &FileInfo| Ok(!&others(frame, file)?);
    let files = target.files(table, day)?;
    replaced(&target.inspect(&files)?, &own, &DataFrame::empty())
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

pub(crate) fn to_parquet(mut frame: DataFrame) -> Result<Vec<u8>> {
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

pub(crate) fn pretty(value: &impl Serialize) -> Result<Vec<u8>> {
    let bytes = serde_json::to_vec_pretty(value);
    bytes.map_err(|e| StoreError::data(format!("cannot write JSON: {e}"), "report this"))
}

fn artefact(name: String, path: &Path, rows: u64, bytes: &[u8]) -> Artefact {
    Artefact { name, path: slashed(path), rows, sha256: sha256(bytes) }
}

/// A path as a manifest has it.
pub(crate) fn slashed(path: &Path) -> String {
    path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// The comments in `files`, whose `columns` are those of the anchor, then title and text; `anchor` reads
/// the former. Of several for one anchor the last counts.
pub(crate) fn comments<A: PartialEq>(
    files: &[Arc<FileInfo>],
    columns: &'static [Wanted],
    anchor: impl Fn(&[Option<&str>]) -> Option<A>,
) -> Result<Vec<Comment<A>>> {
    let typed = |schema: &Schema| {
        let found = |column: Wanted| schema.get(column.0).unwrap_or(&DataType::String).clone();
        columns.iter().map(|column| cast(*column, &found(*column))).collect()
    };
    let frame = scan(files, columns, &|_| None, &typed)?;
    let texts = columns.iter().map(|(name, _)| frame.column(name).and_then(Column::str));
    let texts = texts.collect::<PolarsResult<Vec<_>>>().map_err(|e| engine(&e))?;
    let mut comments: Vec<Comment<A>> = Vec::new();
    for row in 0..frame.height() {
        let cells: Vec<_> = texts.iter().map(|column| column.get(row)).collect();
        let [of @ .., title, text] = cells.as_slice() else { break };
        let Some(anchor) = anchor(of) else { continue };
        let [title, text] = [title, text].map(|t| t.unwrap_or_default().to_owned());
        comments.retain(|earlier| earlier.anchor != anchor);
        comments.push(Comment { anchor, title, text });
    }
    Ok(comments)
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
