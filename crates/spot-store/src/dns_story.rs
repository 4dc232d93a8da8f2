//! What a save of a DNS story writes: its rows of `dns_threat_dendro` and `dns_storyboard`, its line of
//! `threats.csv`, its rows with all that is known of them, and a manifest that lists them.

use std::sync::Arc;

use chrono::NaiveDate;
use polars::prelude::*;
use serde_json::json;
use spot_analysis::dns::{Anchor, Investigation, Name, frames};
use spot_analysis::model::Address;

use crate::error::{Result, StoreError};
use crate::layout::{Pipeline, Table, day_folder, dns_file_stem};
use crate::manifest::{Inputs, Query};
use crate::parquet::{Column as Wanted, FileInfo, Type, engine};
use crate::publish::Change;
use crate::story::{
    self, About, Comment, Draft, OwnFile, Saved, Target, owners, remaining, to_parquet,
};
use crate::threats_csv;

/// A DNS finding with what the analyst says of it. The numbers are the store's own.
#[derive(Clone, Debug)]
pub struct DnsStory {
    pub(crate) investigation: Investigation,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) author: Option<String>,
    pub(crate) query: Query,
}

impl DnsStory {
    /// A story of `investigation`.
    ///
    /// # Errors
    /// The name that rows without a name have: no table could say whose story it is.
    pub fn new(
        investigation: Investigation,
        title: impl Into<String>,
        text: impl Into<String>,
    ) -> Result<Self> {
        if investigation.anchor.as_str().is_empty() {
            let fix = "choose a client or a name";
            return Err(StoreError::usage("a story needs a client or a name", fix));
        }
        let (title, text) = (title.into(), text.into());
        Ok(Self { investigation, title, text, author: None, query: Query::default() })
    }

    /// Says who writes it, and what was asked.
    #[must_use]
    pub fn by(self, author: Option<String>, query: Query) -> Self {
        Self { author, query, ..self }
    }
}

pub(crate) const STORYBOARD: [Wanted; 4] = [
    ("ip_threat", Type::Text),
    ("dns_threat", Type::Text),
    ("title", Type::Text),
    ("text", Type::Text),
];

/// The files of a story's own, beside its manifest: name and bytes, rows where it is a table.
pub(crate) fn own_files(found: &Investigation) -> Result<Vec<OwnFile>> {
    let rows = to_parquet(frames::rows_frame(&found.rows)?)?;
    let name = format!("rows-{}.parquet", dns_file_stem(&found.anchor));
    Ok(vec![(name, rows, Some(found.rows.len() as u64))])
}

/// Whether the anchor of the other type that has the same text has a story on `day`.
pub(crate) fn has_namesake(anchor: &Anchor, day: NaiveDate, target: &Target<'_>) -> Result<bool> {
    let known = comments(&target.inspect(&target.files(Table::DnsStoryboard, day)?)?)?;
    let namesake = namesake(anchor);
    Ok(known.iter().any(|story| story.anchor == namesake))
}

/// The files that make `story` true, and what to tell of them. The comment comes last.
pub(crate) fn changes(
    story: &DnsStory,
    inputs: Inputs,
    target: &Target<'_>,
) -> Result<(Vec<Change>, Saved)> {
    let found = &story.investigation;
    let mut draft = Draft::new(target, found.day);

    let namesake = has_namesake(&found.anchor, found.day, target)?;
    let others =
        |frame: &DataFrame, file: &FileInfo| rows_of_others(frame, file, &found.anchor, namesake);
    let rows = frames::rows_for_table(&found.anchor, &found.rows)?;
    draft.table(Table::DnsDendro, &rows, &others)?;

    let day = day_folder(Pipeline::Dns, found.day);
    let (list, bytes) = threats_csv::with(story, target, &day)?;
    draft.file(list, bytes);
    let stem = dns_file_stem(&found.anchor);
    let folder = day.join(&stem);
    draft.own(&folder, own_files(found)?);

    let (ip, name) = match &found.anchor {
        Anchor::Client(client) => (client.as_str(), ""),
        Anchor::Query(name) => ("", name.as_str()),
    };
    let row = df!(
        "ip_threat" => [ip],
        "dns_threat" => [name],
        "title" => [story.title.as_str()],
        "text" => [story.text.as_str()],
    );
    let row = row.map_err(|e| engine(&e))?;
    let others =
        |frame: &DataFrame, file: &FileInfo| comments_of_others(frame, file, &found.anchor);
    let mut anchor = json!(found.anchor);
    anchor["scope"] = json!(found.scope);
    let about = About {
        path: folder.join(format!("story-{stem}.json")),
        anchor,
        title: &story.title,
        text: &story.text,
        author: story.author.as_deref(),
        inputs,
        query: Query { scope: Some(found.scope.clone()), ..story.query.clone() },
        counts: json!(found.facts),
        notes: &found.notes,
    };
    draft.finish((Table::DnsStoryboard, &row), &others, about)
}

/// What a deletion takes away beside the story's own files; the comment goes first.
pub(crate) fn removal(anchor: &Anchor, day: NaiveDate, target: &Target<'_>) -> Result<Vec<Change>> {
    let comments = |frame: &DataFrame, file: &FileInfo| comments_of_others(frame, file, anchor);
    let namesake = has_namesake(anchor, day, target)?;
    let rows = |frame: &DataFrame, file: &FileInfo| rows_of_others(frame, file, anchor, namesake);
    let mut changes = remaining(target, (Table::DnsStoryboard, day), &comments)?;
    changes.extend(remaining(target, (Table::DnsDendro, day), &rows)?);
    let list = threats_csv::without(anchor, target, &day_folder(Pipeline::Dns, day))?;
    changes.extend(list.map(|(path, bytes)| Change::Put { path, bytes }));
    Ok(changes)
}

/// Which rows of `dns_storyboard` are not `anchor`'s.
pub(crate) fn comments_of_others(
    frame: &DataFrame,
    file: &FileInfo,
    anchor: &Anchor,
) -> Result<BooleanChunked> {
    let (ips, names) = (owners(frame, "ip_threat", file)?, owners(frame, "dns_threat", file)?);
    let other = ips.iter().zip(names.iter());
    let other = other.map(|(ip, name)| anchor_of(ip, name).as_ref() != Some(anchor));
    Ok(BooleanChunked::from_iter_values("other".into(), other))
}

/// Whose row of `dns_storyboard` it is: the name's if there is one, else the client's.
pub(crate) fn anchor_of(ip: Option<&str>, name: Option<&str>) -> Option<Anchor> {
    let given = |text: Option<&str>| text.map(str::to_owned).filter(|text| !text.is_empty());
    match (given(name), given(ip)) {
        (Some(name), _) => Some(Anchor::Query(Name::new(name))),
        (None, Some(ip)) => Some(Anchor::Client(Address::new(ip))),
        (None, None) => None,
    }
}

/// The anchor of the other type that has the same text.
fn namesake(anchor: &Anchor) -> Anchor {
    match anchor {
        Anchor::Client(client) => Anchor::Query(Name::new(client.as_str())),
        Anchor::Query(name) => Anchor::Client(Address::new(name.as_str())),
    }
}

/// Which rows of `dns_threat_dendro` are not `anchor`'s.
///
/// Spot's table has the anchor's text and not its type. A row of a client has that client as `ip_dst`;
/// any other row with the text is the name's. One row can be both: of a client 10.0.0.5 that asked for
/// the name `10.0.0.5`. It is the same row for both, so one of it stays if `namesake` has a story.
pub(crate) fn rows_of_others(
    frame: &DataFrame,
    file: &FileInfo,
    anchor: &Anchor,
    namesake: bool,
) -> Result<BooleanChunked> {
    let [anchors, names, clients] =
        ["anchor", "dns_qry_name", "ip_dst"].map(|column| owners(frame, column, file));
    let (anchors, names, clients) = (anchors?, names?, clients?);
    let (as_client, as_name) = (Address::new(anchor.as_str()), Name::new(anchor.as_str()));
    let mut stays = namesake;
    let other =
        anchors.iter().zip(names.iter().zip(clients.iter())).map(|(text, (name, client))| {
            let text = text.unwrap_or_default();
            let this = match anchor {
                Anchor::Client(client) => Address::new(text) == *client,
                Anchor::Query(name) => Name::new(text) == *name,
            };
            let by_client = Address::new(client.unwrap_or_default()) == as_client;
            let by_name = Name::new(name.unwrap_or_default()) == as_name;
            match (this, anchor, by_client, by_name) {
                (false, ..) => true,
                (true, _, true, true) => std::mem::take(&mut stays),
                (true, Anchor::Client(_), by_client, _) => !by_client,
                (true, Anchor::Query(_), by_client, _) => by_client,
            }
        });
    let other: Vec<bool> = other.collect();
    Ok(BooleanChunked::from_slice("other".into(), &other))
}

/// The comments in `files`, of clients and names.
pub(crate) fn comments(files: &[Arc<FileInfo>]) -> Result<Vec<Comment<Anchor>>> {
    story::comments(files, &STORYBOARD, |of| match of {
        [ip, name] => anchor_of(*ip, *name),
        _ => None,
    })
}
