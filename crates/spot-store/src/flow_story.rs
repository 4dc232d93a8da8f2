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
use crate::story::{self, About, Comment, Draft, Saved, Target, owners, pretty};

/// A finding with what the analyst says of it. The numbers are the store's own: see [`Story::new`].
#[derive(Clone, Debug)]
pub struct Story {
    pub(crate) investigation: Investigation,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) timeline: DataFrame,
    /// What the investigation was made from.
    pub(crate) rows: DataFrame,
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
        Ok(Self { investigation, title, text, timeline, rows })
    }
}

const STORYBOARD: [Wanted; 3] =
    [("ip_threat", Type::Text), ("title", Type::Text), ("text", Type::Text)];

/// The files that make `story` true, and what to tell of them. The comment comes last.
pub(crate) fn changes(story: &Story, target: &Target<'_>) -> Result<(Vec<Change>, Saved)> {
    let found = &story.investigation;
    let stem = file_stem(&found.anchor);
    let folder = story_folder(found.day, &found.anchor);
    let mut draft = Draft::new(target, found.day);
    let stats = pretty(&spot_json::stats(found))?;
    draft.file(folder.join(format!("stats-{stem}.json")), stats);
    let dendro = pretty(&spot_json::threat_dendro(found))?;
    draft.file(folder.join(format!("threat-dendro-{stem}.json")), dendro);
    let map = folder.join(format!("globe-{stem}.json"));
    match spot_json::globe(found) {
        Some(globe) => draft.file(map, pretty(&globe)?),
        // A map of an earlier save would speak of other numbers.
        None => draft.without(map),
    }

    let others = |frame: &DataFrame, file: &FileInfo| {
        let owners = owners(frame, "ip_threat", file)?;
        let other = owners.iter().map(|ip| ip.is_none_or(|ip| Address::new(ip) != found.anchor));
        Ok(BooleanChunked::from_iter_values("other".into(), other))
    };
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
        inputs: &found.provenance,
        counts: json!(found.facts),
    };
    draft.finish((Table::Storyboard, &row), &others, about)
}

/// The comments in `files`, of addresses.
pub(crate) fn comments(files: &[Arc<FileInfo>]) -> Result<Vec<Comment>> {
    story::comments(files, &STORYBOARD, |of| of.first().copied().flatten().map(Address::new))
}
