//! What a save writes: one story becomes two table rows and partitions, Spot's JSON files and a
//! manifest that lists them.

use std::path::Path;
use std::sync::Arc;

use polars::io::parquet::write::KeyValueMetadata;
use polars::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use spot_analysis::model::{Address, Investigation};
use spot_analysis::{spot_json, timeline};

use crate::error::{Result, StoreError};
use crate::flow_rows::{FlowRows, sha256};
use crate::layout::{Layout, Table, file_stem, story_folder};
use crate::parquet::{Column as Wanted, FileInfo, Inspector, Type, engine, whole};
use crate::publish::{Change, View};

/// A finding with what the analyst says of it. The numbers are the store's own: see [`Story::new`].
#[derive(Clone, Debug)]
pub struct Story {
    pub(crate) investigation: Investigation,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) timeline: DataFrame,
}

impl Story {
    /// A story of `investigation`, which was made from `rows`.
    ///
    /// # Errors
    /// Rows of another shape; rows of other files than the investigation's.
    pub fn new(
        investigation: Investigation,
        rows: &FlowRows,
        title: impl Into<String>,
        text: impl Into<String>,
    ) -> Result<Self> {
        if investigation.provenance.fingerprint != rows.provenance.fingerprint {
            let what = format!("the flow files of {} changed since the search", investigation.day);
            return Err(StoreError::data(what, "search again, then save"));
        }
        let timeline = timeline::rows_for_table(&rows.frame, &investigation.anchor)?;
        Ok(Self { investigation, title: title.into(), text: text.into(), timeline })
    }
}

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
pub struct Comment {
    /// The address.
    pub anchor: Address,
    /// Title, as typed.
    pub title: String,
    /// Text, as typed.
    pub text: String,
}

const STORYBOARD: [Wanted; 3] =
    [("ip_threat", Type::Text), ("title", Type::Text), ("text", Type::Text)];

/// Versions of a story that the manifest remembers.
const REMEMBERED: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Version {
    revision: u64,
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

/// The files that make `story` true, and what to tell of them. The comment comes last.
pub(crate) fn changes(story: &Story, target: &Target<'_>) -> Result<(Vec<Change>, Saved)> {
    let found = &story.investigation;
    let stem = file_stem(&found.anchor);
    let folder = story_folder(found.day, &found.anchor);
    let mut files = vec![
        (format!("stats-{stem}.json"), spot_json::stats(found)),
        (format!("threat-dendro-{stem}.json"), spot_json::threat_dendro(found)),
    ];
    let map = format!("globe-{stem}.json");
    let globe = spot_json::globe(found);
    // A map of an earlier save would speak of other numbers.
    let stale_map = globe.is_none() && target.view.locate(&folder.join(&map)).is_some();
    files.extend(globe.map(|globe| (map.clone(), globe)));
    let mut changes = Vec::new();
    let mut artefacts = Vec::new();
    for (name, value) in files {
        let path = folder.join(&name);
        let bytes = pretty(&value)?;
        artefacts.push(artefact(name, &path, 1, &bytes));
        changes.push(Change::Put { path, bytes });
    }
    if stale_map {
        changes.push(Change::Remove { path: folder.join(map) });
    }

    changes.extend(table(story, target, Table::Timeline, &story.timeline, &mut artefacts)?);

    let row = df!(
        "ip_threat" => [found.anchor.as_str()],
        "title" => [story.title.as_str()],
        "text" => [story.text.as_str()],
    );
    let row = row.map_err(|e| engine(&e))?;
    let storyboard = table(story, target, Table::Storyboard, &row, &mut artefacts)?;

    let name = format!("story-{stem}.json");
    let path = folder.join(&name);
    let earlier = target.view.locate(&path).and_then(|now| std::fs::read(now).ok());
    let (version, previous) = next_version(story, earlier.as_deref());
    let manifest = pretty(&manifest(found, &version, &previous, &artefacts))?;
    artefacts.push(artefact(name, &path, 1, &manifest));
    changes.push(Change::Put { path, bytes: manifest });
    changes.extend(storyboard);
    Ok((changes, Saved { artefacts, revision: version.revision }))
}

fn manifest(
    found: &Investigation,
    version: &Version,
    previous: &[Version],
    artefacts: &[Artefact],
) -> Value {
    json!({
        "schema_version": 1,
        "date": found.day.to_string(),
        "tz": "UTC",
        "anchor": {"type": "ip", "value": found.anchor},
        "title": version.title,
        "text": version.text,
        "revision": version.revision,
        "inputs": found.provenance,
        "counts": found.facts,
        "artefacts": artefacts,
        "previous": previous,
    })
}

/// The version that this save makes; an earlier text that it replaces is remembered.
fn next_version(story: &Story, earlier: Option<&[u8]>) -> (Version, Vec<Version>) {
    let mut now = Version { revision: 1, title: story.title.clone(), text: story.text.clone() };
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

/// The day's partition of `table` with the anchor's rows replaced by `rows`: one file instead of all
/// that were there.
fn table(
    story: &Story,
    target: &Target<'_>,
    table: Table,
    rows: &DataFrame,
    artefacts: &mut Vec<Artefact>,
) -> Result<Vec<Change>> {
    let Target { out, layout, view, inspector } = target;
    let (day, anchor) = (story.investigation.day, &story.investigation.anchor);
    let partition = layout.partition(out, table, day);
    let path = partition.join("part-0.parquet");
    let mut old = Vec::new();
    for folder in layout.partitions(out, table, day) {
        let folder = folder.strip_prefix(out).unwrap_or(&folder);
        old.extend(view.files(folder)?);
    }
    let infos = old.iter().map(|(_, now)| now.clone()).collect::<Vec<_>>();
    let frame = replaced(&inspector.inspect(&infos)?, anchor, rows)?;
    let bytes = to_parquet(frame)?;
    artefacts.push(artefact(table.name().to_owned(), &path, rows.height() as u64, &bytes));
    let obsolete = old.into_iter().map(|(name, _)| name).filter(|name| *name != path);
    let mut changes = vec![Change::Put { path: path.clone(), bytes }];
    changes.extend(obsolete.map(|path| Change::Remove { path }));
    Ok(changes)
}

/// All rows of `files` of other anchors, then `rows`. Columns that `rows` lacks are kept.
fn replaced(files: &[Arc<FileInfo>], anchor: &Address, rows: &DataFrame) -> Result<DataFrame> {
    let mut kept = Vec::new();
    for file in files {
        let frame = whole(file)?;
        let cast = |name: &str| frame.column(name).and_then(|c| c.cast(&DataType::String));
        let owner = cast("ip_threat").map_err(|_| {
            let place = format!("{}, column ip_threat", file.path.display());
            let fix = "nothing was saved: move this file out of the partition, or write it again";
            StoreError::data("column `ip_threat` is missing or no text", fix).at(place)
        })?;
        let owner = owner.str().map_err(|e| engine(&e))?;
        let other = owner.iter().map(|ip| ip.is_none_or(|ip| Address::new(ip) != *anchor));
        let other = BooleanChunked::from_iter_values("other".into(), other);
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

/// The comments in `files`; of several for one address the last counts.
pub(crate) fn comments(files: &[Arc<FileInfo>]) -> Result<Vec<Comment>> {
    let typed = |schema: &Schema| {
        let found = |column: Wanted| schema.get(column.0).unwrap_or(&DataType::String).clone();
        STORYBOARD.map(|column| crate::parquet::cast(column, &found(column))).to_vec()
    };
    let frame = crate::parquet::scan(files, &STORYBOARD, &|_| None, &typed)?;
    let text = |name: &str| frame.column(name).and_then(Column::str).map_err(|e| engine(&e));
    let (ips, titles, texts) = (text("ip_threat")?, text("title")?, text("text")?);
    let mut comments: Vec<Comment> = Vec::new();
    for ((ip, title), text) in ips.iter().zip(titles.iter()).zip(texts.iter()) {
        let Some(ip) = ip else { continue };
        let [title, text] = [title, text].map(|t| t.unwrap_or_default().to_owned());
        let comment = Comment { anchor: Address::new(ip), title, text };
        comments.retain(|earlier| earlier.anchor != comment.anchor);
        comments.push(comment);
    }
    Ok(comments)
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

fn pretty(value: &Value) -> Result<Vec<u8>> {
    let bytes = serde_json::to_vec_pretty(value);
    bytes.map_err(|e| StoreError::data(format!("cannot write JSON: {e}"), "report this"))
}

fn artefact(name: String, path: &Path, rows: u64, bytes: &[u8]) -> Artefact {
    let path = path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
    Artefact { name, path, rows, sha256: sha256(bytes) }
}
