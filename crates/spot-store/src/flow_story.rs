//! What a save of a flow story writes: two table rows and partitions, Spot's JSON files and a manifest
//! that lists them.

use std::sync::Arc;

use polars::prelude::*;
use serde_json::json;
use spot_analysis::model::{Address, Investigation};
use spot_analysis::{spot_json, timeline};

use crate::error::{Result, StoreError};
use crate::layout::{Table, file_stem, story_folder};
use crate::parquet::{Column as Wanted, FileInfo, Type, engine};
use crate::publish::Change;
use crate::source::FlowRows;
use crate::story::{
    Comment, Manifest, Saved, Target, artefact, next_version, owners, pretty, table,
};

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

const STORYBOARD: [Wanted; 3] =
    [("ip_threat", Type::Text), ("title", Type::Text), ("text", Type::Text)];

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

    let others = |frame: &DataFrame, file: &FileInfo| {
        let owners = owners(frame, "ip_threat", file)?;
        let other = owners.iter().map(|ip| ip.is_none_or(|ip| Address::new(ip) != found.anchor));
        Ok(BooleanChunked::from_iter_values("other".into(), other))
    };
    let lines = &story.timeline;
    changes.extend(table((Table::Timeline, found.day), target, lines, &others, &mut artefacts)?);

    let row = df!(
        "ip_threat" => [found.anchor.as_str()],
        "title" => [story.title.as_str()],
        "text" => [story.text.as_str()],
    );
    let row = row.map_err(|e| engine(&e))?;
    let storyboard = table((Table::Storyboard, found.day), target, &row, &others, &mut artefacts)?;

    let name = format!("story-{stem}.json");
    let path = folder.join(&name);
    let earlier = target.view.locate(&path).and_then(|now| std::fs::read(now).ok());
    let (version, previous) = next_version(&story.title, &story.text, earlier.as_deref());
    let manifest = Manifest {
        day: found.day,
        anchor: json!({"type": "ip", "value": found.anchor}),
        inputs: &found.provenance,
        counts: json!(found.facts),
        artefacts: &artefacts,
    };
    let manifest = pretty(&manifest.to_json(&version, &previous))?;
    artefacts.push(artefact(name, &path, 1, &manifest));
    changes.push(Change::Put { path, bytes: manifest });
    changes.extend(storyboard);
    Ok((changes, Saved { artefacts, revision: version.revision }))
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
