//! What a save of a flow story writes: two table rows and partitions, Spot's JSON files, the peers and a
//! manifest that lists them.

use std::sync::Arc;

use chrono::NaiveDate;
use polars::prelude::*;
use serde_json::json;
use spot_analysis::model::{Address, Investigation};
use spot_analysis::{frames, spot_json, timeline};

use crate::error::{Result, StoreError};
use crate::layout::{Table, file_stem, story_folder};
use crate::manifest::{Inputs, Query};
use crate::parquet::{Column as Wanted, FileInfo, Type, engine};
use crate::publish::Change;
use crate::source::FlowRows;
use crate::story::{
    self, About, Comment, Draft, OwnFile, Saved, Target, owners, pretty, remaining, to_parquet,
};

/// A finding with what the analyst says of it. The numbers are the store's own: see [`Story::new`].
#[derive(Clone, Debug)]
pub struct Story {
    pub(crate) investigation: Investigation,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) timeline: DataFrame,
    /// What the investigation was made from.
    pub(crate) rows: DataFrame,
    pub(crate) author: Option<String>,
    pub(crate) query: Query,
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
        let (title, text, rows) = (title.into(), text.into(), rows.frame.clone());
        let (author, query) = (None, Query::default());
        Ok(Self { investigation, title, text, timeline, rows, author, query })
    }

    /// Says who writes it, and what was asked.
    #[must_use]
    pub fn by(self, author: Option<String>, query: Query) -> Self {
        Self { author, query, ..self }
    }
}

pub(crate) const STORYBOARD: [Wanted; 3] =
    [("ip_threat", Type::Text), ("title", Type::Text), ("text", Type::Text)];

/// The files of a story's own, beside its manifest: name and bytes, rows where it is a table.
pub(crate) fn own_files(found: &Investigation) -> Result<Vec<OwnFile>> {
    let stem = file_stem(&found.anchor);
    let peers = to_parquet(frames::peers_frame(&found.peers)?)?;
    let mut files = vec![
        (format!("stats-{stem}.json"), pretty(&spot_json::stats(found))?, None),
        (format!("threat-dendro-{stem}.json"), pretty(&spot_json::threat_dendro(found))?, None),
        (format!("peers-{stem}.parquet"), peers, Some(found.peers.len() as u64)),
    ];
    if let Some(globe) = spot_json::globe(found) {
        files.push((map_name(&stem), pretty(&globe)?, None));
    }
    Ok(files)
}

fn map_name(stem: &str) -> String {
    format!("globe-{stem}.json")
}

/// The files that make `story` true, and what to tell of them. The comment comes last.
pub(crate) fn changes(
    story: &Story,
    inputs: Inputs,
    target: &Target<'_>,
) -> Result<(Vec<Change>, Saved)> {
    let found = &story.investigation;
    let stem = file_stem(&found.anchor);
    let folder = story_folder(found.day, &found.anchor);
    let mut draft = Draft::new(target, found.day);
    let own = own_files(found)?;
    if !own.iter().any(|(name, ..)| *name == map_name(&stem)) {
        // A map of an earlier save would speak of other numbers.
        draft.without(folder.join(map_name(&stem)));
    }
    draft.own(&folder, own);

    let others = |frame: &DataFrame, file: &FileInfo| others(frame, file, &found.anchor);
    draft.table(Table::Timeline, &story.timeline, &others)?;

    let row = df!(
        "ip_threat" => [found.anchor.as_str()],
        "title" => [story.title.as_str()],
        "text" => [story.text.as_str()],
    );
    let row = row.map_err(|e| engine(&e))?;
    let about = About {
        path: folder.join(format!("story-{stem}.json")),
        anchor: json!({"type": "ip", "value": found.anchor}),
        title: &story.title,
        text: &story.text,
        author: story.author.as_deref(),
        inputs,
        query: story.query.clone(),
        counts: json!(found.facts),
        notes: &found.notes,
    };
    draft.finish((Table::Storyboard, &row), &others, about)
}

/// Which rows are not `anchor`'s, of either table.
pub(crate) fn others(
    frame: &DataFrame,
    file: &FileInfo,
    anchor: &Address,
) -> Result<BooleanChunked> {
    let owners = owners(frame, "ip_threat", file)?;
    let other = owners.iter().map(|ip| ip.is_none_or(|ip| Address::new(ip) != *anchor));
    Ok(BooleanChunked::from_iter_values("other".into(), other))
}

/// What a deletion takes away beside the story's own files; the comment goes first.
pub(crate) fn removal(
    anchor: &Address,
    day: NaiveDate,
    target: &Target<'_>,
) -> Result<Vec<Change>> {
    let others = |frame: &DataFrame, file: &FileInfo| others(frame, file, anchor);
    let mut changes = remaining(target, (Table::Storyboard, day), &others)?;
    changes.extend(remaining(target, (Table::Timeline, day), &others)?);
    Ok(changes)
}

/// The comments in `files`, of addresses.
pub(crate) fn comments(files: &[Arc<FileInfo>]) -> Result<Vec<Comment>> {
    story::comments(files, &STORYBOARD, |of| of.first().copied().flatten().map(Address::new))
}
