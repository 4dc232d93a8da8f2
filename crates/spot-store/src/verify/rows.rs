//! The rows of a story: of its own table, and those in the tables that all stories of a day share.

use std::collections::{BTreeSet, HashMap};
use std::io::Cursor;

use polars::prelude::*;
use serde_json::json;
use spot_analysis::dns;
use spot_analysis::model::Address;

use super::{Again, LISTED, Saved, Verified};
use crate::cells::texts;
use crate::error::Result;
use crate::layout::{Pipeline, Table, day_folder};
use crate::manifest::StoryAnchor;
use crate::parquet::{FileInfo, guarded};
use crate::story::{Others, Target, own_rows};
use crate::{dns_story, flow_story, threats_csv};

type Keyed = HashMap<Vec<Option<String>>, usize>;

/// Every value of the table of peers, or of clients and names.
pub(super) fn rows(verified: &mut Verified, bytes: Vec<u8>, again: &Again) {
    let read = guarded(|| ParquetReader::new(Cursor::new(bytes)).finish());
    let stored = read.map_err(|e| e.to_string());
    let compared = stored.and_then(|stored| {
        let by_key = |frame: &DataFrame| -> Result<Keyed, String> {
            let keys = again.keys.iter().map(|name| column(frame, name));
            let keys = keys.collect::<Result<Vec<_>, _>>()?;
            let key = |row: usize| keys.iter().map(|key| at(key, row)).collect();
            Ok((0..frame.height()).map(|row| (key(row), row)).collect())
        };
        let (then, now) = (by_key(&stored)?, by_key(&again.rows)?);
        let named = |key: &[Option<String>]| {
            let parts = key.iter().map(|part| part.as_deref().unwrap_or_default());
            parts.collect::<Vec<_>>().join(" ")
        };
        if stored.height() != then.len() {
            let what = format!("rows with the same {}", again.keys.join(" and "));
            verified.differs(what, 0, stored.height() - then.len());
        }
        let keys: BTreeSet<_> = then.keys().chain(now.keys()).collect();
        for key in &keys {
            match (then.contains_key(*key), now.contains_key(*key)) {
                (true, false) => verified.differs(named(key), "a row", "no row"),
                (false, true) => verified.differs(named(key), "no row", "a row"),
                _ => {}
            }
        }
        for name in again.rows.get_column_names() {
            let Ok(then_values) = column(&stored, name) else {
                verified.differs(format!("column {name}"), "not stored", "is made");
                continue;
            };
            let now_values = column(&again.rows, name)?;
            for key in &keys {
                if let (Some(&a), Some(&b)) = (then.get(*key), now.get(*key)) {
                    let shown = |values: &[_], row: usize| at(values, row).unwrap_or_default();
                    let values = (shown(&then_values, a), shown(&now_values, b));
                    verified.values += 1;
                    if values.0 != values.1 {
                        verified.differs(format!("{} {name}", named(key)), values.0, values.1);
                    }
                }
            }
        }
        Ok(())
    });
    if let Err(error) = compared {
        verified.differs("the table of rows", "can be read", error);
    }
}

fn at(values: &[Option<String>], row: usize) -> Option<String> {
    values.get(row).cloned().flatten()
}

fn column(frame: &DataFrame, name: &str) -> Result<Vec<Option<String>>, String> {
    let column = frame.column(name).map_err(|e| e.to_string())?;
    texts(column).map_err(|e| e.what)
}

/// This story's rows in the tables that all stories of a day share.
pub(super) fn tables(
    verified: &mut Verified,
    saved: &Saved<'_>,
    again: Option<&Again>,
    target: &Target<'_>,
) -> Result<()> {
    let Saved { told, manifest, .. } = saved;
    let day = told.day;
    let own = |table: Table, others: Others<'_>| own_rows(target, (table, day), others);
    let (board, shared, table) = match &told.anchor {
        StoryAnchor::Ip(address) => {
            let others =
                |frame: &DataFrame, file: &FileInfo| flow_story::others(frame, file, address);
            (own(Table::Storyboard, &others), own(Table::Timeline, &others), Table::Timeline)
        }
        StoryAnchor::Client(_) | StoryAnchor::Query(_) => {
            let anchor = match &told.anchor {
                StoryAnchor::Query(name) => dns::Anchor::Query(name.clone()),
                other => dns::Anchor::Client(Address::new(other.as_str())),
            };
            let namesake = dns_story::has_namesake(&anchor, day, target)?;
            let comments = |frame: &DataFrame, file: &FileInfo| {
                dns_story::comments_of_others(frame, file, &anchor)
            };
            let rows = |frame: &DataFrame, file: &FileInfo| {
                dns_story::rows_of_others(frame, file, &anchor, namesake)
            };
            let lines = threats_csv::of(&anchor, target, &day_folder(Pipeline::Dns, day));
            let then = [manifest.title.clone(), manifest.text.clone()];
            let of_list = manifest.artefacts.iter().any(|a| a.name == threats_csv::NAME);
            if of_list {
                verified.artefacts += 1;
                let rows = manifest.artefacts.iter().find(|a| a.name == Table::DnsDendro.name());
                let [title, text] = then;
                let then = vec![[title, text, rows.map_or(0, |a| a.rows).to_string()]];
                match lines {
                    Ok(now) if now == then => {}
                    Ok(now) => verified.differs("line of threats.csv", json!(then), json!(now)),
                    Err(error) => verified.differs("threats.csv", "can be read", error.what),
                }
            }
            (own(Table::DnsStoryboard, &comments), own(Table::DnsDendro, &rows), Table::DnsDendro)
        }
    };
    verified.artefacts += 2;
    if let (Ok(board), Ok(rows)) = (&board, &shared)
        && board.height() == 0
    {
        verified.notes.push(unlisted(table, rows.height()));
    }
    match board {
        Err(error) => verified.differs("the storyboard", "can be read", error.what),
        Ok(rows) => {
            let then = vec![[manifest.title.clone(), manifest.text.clone()]];
            let [titles, text] =
                ["title", "text"].map(|name| column(&rows, name).unwrap_or_default());
            let cells = titles.into_iter().zip(text);
            let now: Vec<_> = cells.map(|(a, b)| [a, b].map(Option::unwrap_or_default)).collect();
            if now != then {
                verified.differs(LISTED, json!(then), json!(now));
            }
        }
    }
    let recorded = manifest.artefacts.iter().find(|artefact| artefact.name == table.name());
    let recorded = recorded.map_or(0, |artefact| artefact.rows);
    match shared {
        Err(error) => {
            verified.differs(format!("table {}", table.name()), "can be read", error.what)
        }
        Ok(rows) => {
            let what = format!("rows of {}", table.name());
            verified.compare(what.clone(), recorded, rows.height() as u64);
            if let Some(again) = again {
                let (then, now) =
                    (counted(&rows, &again.shared), counted(&again.shared, &again.shared));
                verified.values += again.shared.height() as u64;
                let odd = |a: &Lines, b: &Lines| -> u64 {
                    a.iter().map(|(line, n)| n.saturating_sub(*b.get(line).unwrap_or(&0))).sum()
                };
                let (stored, made) = (odd(&then, &now), odd(&now, &then));
                if stored + made > 0 {
                    let then = format!("{stored} that the inputs do not give");
                    verified.differs(what, then, format!("{made} that are not in the table"));
                }
            }
        }
    }
    Ok(())
}

/// Who may have taken a story's row out of the storyboard, of which `table` still has so many rows.
fn unlisted(table: Table, rows: usize) -> String {
    let table = table.name();
    match rows {
        0 => format!(
            "the storyboard has no row of it. A reset of the day takes it, the scores and the rows of \
             {table} away and leaves no record, so that nobody can say whether it was one: save the \
             story again, or delete it"
        ),
        _ => format!(
            "the storyboard has no row of it. It was no reset, which takes the rows of {table} away, too"
        ),
    }
}

/// Rows and how often each is there.
type Lines = HashMap<Vec<Option<String>>, u64>;

/// The rows of `frame`, of the columns that `like` has.
fn counted(frame: &DataFrame, like: &DataFrame) -> Lines {
    let missing = || vec![None; frame.height()];
    let columns = like.get_column_names().into_iter();
    let columns: Vec<_> =
        columns.map(|name| column(frame, name).unwrap_or_else(|_| missing())).collect();
    let mut lines = Lines::new();
    for row in 0..frame.height() {
        let line = columns.iter().map(|column| at(column, row)).collect();
        *lines.entry(line).or_default() += 1;
    }
    lines
}
