//! What is written: rows that are added, never changed. Each save is a folder of its own below its day, so
//! that writers are not in each other's way, and its rows carry its number; the newest counts.
//!
//! The comment of a story is written last: rows of a timeline whose save no comment has are nobody's.

use std::collections::BTreeSet;

use chrono::{NaiveDate, Utc};
use polars::prelude::*;
use serde_json::{Map, Value as Json, json};
use spot_analysis::dns::{Anchor, frames};
use spot_analysis::model::Address;
use spot_analysis::threats::{SCORED_AT, SCORED_BY, SCORED_WHY};

use super::place::Spark;
use super::questions::{self, Where};
use super::store::SparkStore;
use crate::conversations;
use crate::dns_story::{self, DnsStory};
use crate::error::{Result, StoreError};
use crate::flow_story::{self, Story};
use crate::layout::{Pipeline, Table};
use crate::lists::threat_columns;
use crate::parquet::{Column as Wanted, Type, engine};
use crate::scoring::{self, DnsFilter, FlowFilter, Score, Scored};
use crate::source::sha256;
use crate::store::Store;
use crate::story::{Artefact, Comment, Saved};

/// What each added row carries: its save, its place in it, and whether it says that all before is forgotten.
const ADDED: [Wanted; 3] = [("save", Type::Text), ("place", Type::Big), ("deed", Type::Text)];

/// A deed of a row: it takes what was said before away.
const RESET: &str = "reset";

/// What a comment carries beside Spot's columns: its number, and what a manifest says.
const STORY: [Wanted; 2] = [("revision", Type::Big), ("manifest", Type::Text)];

const WHO: [Wanted; 3] =
    [(SCORED_AT, Type::Text), (SCORED_BY, Type::Text), (SCORED_WHY, Type::Text)];

/// Which rows of a table that saves write.
#[derive(Clone, Copy, PartialEq)]
enum With {
    /// Those that nobody has forgotten since.
    WhatCounts,
    /// All: a story keeps its number.
    WhatWasForgotten,
}

/// Rows of a table that saves write, oldest first.
struct Added {
    frame: DataFrame,
}

impl Added {
    fn texts(&self, name: &str) -> Result<StringChunked> {
        self.frame.column(name).and_then(Column::str).cloned().map_err(|e| engine(&e))
    }
}

/// The number of a save: later ones come later in the order of texts.
fn new_save() -> String {
    let micros = Utc::now().timestamp_micros().max(0);
    format!("{micros:016}-{}", hex_of_random())
}

fn hex_of_random() -> String {
    // A hash of what no two saves share: the time, the process and a counter.
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let seed = std::collections::hash_map::RandomState::new();
    let salt = std::hash::BuildHasher::hash_one(&seed, count);
    let of = format!("{} {count} {salt} {:?}", std::process::id(), std::time::Instant::now());
    sha256(of.as_bytes())[..16].to_owned()
}

impl SparkStore {
    /// The rows of a table that saves write on a day: those of the data folder, then those of the out folder,
    /// in the order in which they were written.
    fn added(
        &self,
        (table, day): (Table, NaiveDate),
        columns: &[Wanted],
        with: With,
    ) -> Result<Added> {
        let mut roots = vec![self.spark.folder.as_str()];
        if self.spark.out != self.spark.folder {
            roots.push(&self.spark.out);
        }
        let ordered = self.ordered((table, day), columns, &roots)?;
        let deeds = ordered.column("deed").and_then(Column::str).map_err(|e| engine(&e))?;
        let mut kept: Vec<IdxSize> = Vec::new();
        for (row, deed) in (0..).zip(deeds.iter()) {
            match deed {
                Some(RESET) if with == With::WhatCounts => kept.clear(),
                Some(RESET) => {}
                _ => kept.push(row),
            }
        }
        let kept = IdxCa::from_vec("kept".into(), kept);
        Ok(Added { frame: ordered.take(&kept).map_err(|e| engine(&e))? })
    }

    /// All rows of a table below `roots`, in the order in which they were written, each once.
    fn ordered(
        &self,
        (table, day): (Table, NaiveDate),
        columns: &[Wanted],
        roots: &[&str],
    ) -> Result<DataFrame> {
        let mut wanted = columns.to_vec();
        wanted.extend(ADDED);
        let mut all: Option<DataFrame> = None;
        for root in roots {
            let question =
                questions::rows((root, table, day), &wanted, Where::all(), Some(self.spark.most));
            let Some(found) = self.sessions.rows(&question)? else { continue };
            match &mut all {
                None => all = Some(found),
                Some(all) => all.vstack_mut_owned(found).map(drop).map_err(|e| engine(&e))?,
            }
        }
        let schema = wanted.iter().map(|(name, kind)| Field::new((*name).into(), kind.read_as()));
        let all = all.unwrap_or_else(|| DataFrame::empty_with_schema(&Schema::from_iter(schema)));
        let order = SortMultipleOptions::default()
            .with_order_descending_multi([true, false, false])
            .with_maintain_order(true);
        let other = col("save").is_null();
        let ordered = all.lazy().sort_by_exprs([other, col("save"), col("place")], order).collect();
        let ordered = ordered.map_err(|e| engine(&e))?;
        let saves = ordered.column("save").and_then(Column::str).map_err(|e| engine(&e))?;
        let places = ordered.column("place").and_then(Column::i64).map_err(|e| engine(&e))?;
        let mut seen = BTreeSet::new();
        // A save is there twice while its partition is rewritten.
        let once = saves
            .iter()
            .zip(places.iter())
            .map(|(save, place)| save.is_none_or(|save| seen.insert((save.to_owned(), place))));
        let once =
            BooleanChunked::from_iter_values("once".into(), once.collect::<Vec<_>>().into_iter());
        ordered.filter(&once).map_err(|e| engine(&e))
    }

    /// Adds `rows` to a table as one save; how many, and the hash of what was sent.
    fn add(
        &self,
        (table, day): (Table, NaiveDate),
        columns: &[Wanted],
        rows: &[Map<String, Json>],
        save: &str,
        deed: Option<&str>,
    ) -> Result<Artefact> {
        let mut wanted = columns.to_vec();
        wanted.extend(ADDED);
        let row = |(place, row): (usize, &Map<String, Json>)| {
            let mut row = row.clone();
            row.insert("save".into(), json!(save));
            row.insert("place".into(), json!(place));
            row.insert("deed".into(), json!(deed));
            Json::Object(row)
        };
        let sent = Json::Array(rows.iter().enumerate().map(row).collect());
        let path = Spark::save(table, day, save);
        self.sessions.write(&questions::insert((&self.spark.out, &path), &wanted, &sent))?;
        let sha256 = sha256(sent.to_string().as_bytes());
        Ok(Artefact { name: table.name().to_owned(), path, rows: rows.len() as u64, sha256 })
    }

    pub(super) fn scored_days(&self, pipeline: Pipeline) -> Result<BTreeSet<NaiveDate>> {
        let mut days = BTreeSet::new();
        let mut roots = vec![&self.spark.folder];
        if self.spark.out != self.spark.folder {
            roots.push(&self.spark.out);
        }
        for root in roots {
            days.extend(
                self.days_below(root, pipeline.threats())?.into_iter().map(|(day, ..)| day),
            );
        }
        Ok(days)
    }

    pub(super) fn list(&self, pipeline: Pipeline, day: NaiveDate) -> Result<DataFrame> {
        let columns = list_columns(pipeline);
        let added = self.added((pipeline.threats(), day), &columns, With::WhatCounts)?;
        let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
        added.frame.select(names).map_err(|e| engine(&e))
    }

    pub(super) fn flow_board(&self, day: NaiveDate) -> Result<Vec<Comment>> {
        let found = self.flow_saves(day, With::WhatCounts)?;
        Ok(found.into_iter().map(|(comment, _)| comment).collect())
    }

    pub(super) fn dns_board(&self, day: NaiveDate) -> Result<Vec<Comment<Anchor>>> {
        let found = self.dns_saves(day, With::WhatCounts)?;
        Ok(found.into_iter().map(|(comment, _)| comment).collect())
    }

    fn flow_saves(&self, day: NaiveDate, with: With) -> Result<Vec<(Comment, u64)>> {
        let anchor = |of: &[Option<&str>]| of.first().copied().flatten().map(Address::new);
        self.board((Table::Storyboard, day), &flow_story::STORYBOARD, with, anchor)
    }

    fn dns_saves(&self, day: NaiveDate, with: With) -> Result<Vec<(Comment<Anchor>, u64)>> {
        self.board((Table::DnsStoryboard, day), &dns_story::STORYBOARD, with, dns_anchor)
    }

    /// The newest comment of each anchor, with its number.
    fn board<A: PartialEq>(
        &self,
        (table, day): (Table, NaiveDate),
        columns: &[Wanted],
        with: With,
        anchor: impl Fn(&[Option<&str>]) -> Option<A>,
    ) -> Result<Vec<(Comment<A>, u64)>> {
        let mut wanted = columns.to_vec();
        wanted.extend(STORY);
        let added = self.added((table, day), &wanted, with)?;
        let texts =
            columns.iter().map(|(name, _)| added.texts(name)).collect::<Result<Vec<_>>>()?;
        let numbers =
            added.frame.column("revision").and_then(Column::i64).map_err(|e| engine(&e))?;
        let mut found: Vec<(Comment<A>, u64)> = Vec::new();
        for row in 0..added.frame.height() {
            let cells: Vec<_> = texts.iter().map(|column| column.get(row)).collect();
            let [of @ .., title, text] = cells.as_slice() else { break };
            let Some(anchor) = anchor(of) else { continue };
            let [title, text] = [title, text].map(|t| t.unwrap_or_default().to_owned());
            let number = numbers.get(row).and_then(|n| u64::try_from(n).ok()).unwrap_or(1);
            found.retain(|(earlier, _)| earlier.anchor != anchor);
            found.push((Comment { anchor, title, text }, number));
        }
        Ok(found)
    }

    pub(super) fn save_flow(&self, story: &Story) -> Result<Saved> {
        let found = &story.investigation;
        let day = found.day;
        let board = self.flow_saves(day, With::WhatWasForgotten)?;
        let revision = revision(&board, &found.anchor, &story.title, &story.text);
        let save = new_save();
        let (columns, rows) = rows_of(&story.timeline)?;
        let timeline = self.add((Table::Timeline, day), &columns, &rows, &save, None)?;
        let manifest = json!({
            "author": story.author, "saved": Utc::now().to_rfc3339(), "query": story.query,
            "inputs": found.provenance, "counts": found.facts, "notes": found.notes,
        });
        let row = json!({
            "ip_threat": found.anchor, "title": story.title, "text": story.text,
            "revision": revision, "manifest": manifest.to_string(),
        });
        let columns = [&flow_story::STORYBOARD[..], &STORY].concat();
        let board = self.add((Table::Storyboard, day), &columns, &[object(row)], &save, None)?;
        Ok(Saved { artefacts: vec![timeline, board], revision })
    }

    pub(super) fn save_dns(&self, story: &DnsStory) -> Result<Saved> {
        let found = &story.investigation;
        let day = found.day;
        let board = self.dns_saves(day, With::WhatWasForgotten)?;
        let revision = revision(&board, &found.anchor, &story.title, &story.text);
        let save = new_save();
        let (columns, rows) = rows_of(&frames::rows_for_table(&found.anchor, &found.rows)?)?;
        let dendro = self.add((Table::DnsDendro, day), &columns, &rows, &save, None)?;
        let manifest = json!({
            "author": story.author, "saved": Utc::now().to_rfc3339(), "query": story.query,
            "scope": found.scope, "inputs": found.provenance, "counts": found.facts,
            "notes": found.notes,
        });
        let (ip, name) = match &found.anchor {
            Anchor::Client(client) => (client.as_str(), ""),
            Anchor::Query(name) => ("", name.as_str()),
        };
        let row = json!({
            "ip_threat": ip, "dns_threat": name, "title": story.title, "text": story.text,
            "revision": revision, "manifest": manifest.to_string(),
        });
        let columns = [&dns_story::STORYBOARD[..], &STORY].concat();
        let board = self.add((Table::DnsStoryboard, day), &columns, &[object(row)], &save, None)?;
        Ok(Saved { artefacts: vec![dendro, board], revision })
    }

    pub(super) fn rate_flows(
        &self,
        day: NaiveDate,
        scores: &[Score<FlowFilter>],
        by: Option<&str>,
    ) -> Result<Vec<Option<u64>>> {
        scoring::check_flows(scores)?;
        let unlikely = self.scores(Pipeline::Flow, day)?;
        let rows = match unlikely.height() {
            0 => conversations::flow(self, day, scores)?,
            _ => unlikely,
        };
        self.rate((Pipeline::Flow, day), by, &scoring::flows(&rows, scores)?)
    }

    pub(super) fn rate_answers(
        &self,
        day: NaiveDate,
        scores: &[Score<DnsFilter>],
        by: Option<&str>,
    ) -> Result<Vec<Option<u64>>> {
        scoring::check_dns(scores)?;
        let unlikely = self.scores(Pipeline::Dns, day)?;
        let rows = match unlikely.height() {
            0 => conversations::dns(self, day, scores)?,
            _ => unlikely,
        };
        self.rate((Pipeline::Dns, day), by, &scoring::dns(&rows, scores)?)
    }

    fn rate(
        &self,
        (pipeline, day): (Pipeline, NaiveDate),
        by: Option<&str>,
        scored: &Scored,
    ) -> Result<Vec<Option<u64>>> {
        if scored.rows.iter().any(|rows| *rows > 0) {
            let now = Utc::now().naive_utc().format(scoring::TIME).to_string();
            let (_, mut rows) = rows_of(&scored.list)?;
            for row in &mut rows {
                row.insert(SCORED_AT.into(), json!(now));
                row.insert(SCORED_BY.into(), json!(by));
            }
            let columns = list_columns(pipeline);
            self.add((pipeline.threats(), day), &columns, &rows, &new_save(), None)?;
        }
        Ok(scored.rows.iter().copied().map(Some).collect())
    }

    /// Writes what counts of a day's stories and scores as one save a table in place of all that are there, so
    /// that a day on which much was saved stays quick. Nothing is missing at any moment: the new save is there
    /// before the old ones are emptied, rows that are there twice count once, and saves that others make
    /// meanwhile are left alone. What the data folder has is not touched.
    ///
    /// # Errors
    /// As [`Store::comments`]; a table that cannot be written.
    pub fn compact(&self, pipeline: Pipeline, day: NaiveDate) -> Result<Compacted> {
        let mut done = Compacted::default();
        let [storyboard, own] = pipeline.stories();
        // Saves whose rows of `own` are somebody's.
        let mut counting = BTreeSet::new();
        for table in [storyboard, own, pipeline.threats()] {
            let columns = self.columns_of(table)?;
            let old = self.saves_of(table, day)?;
            let rows = self.ordered((table, day), &columns, &[&self.spark.out])?;
            let read = |name: &str| rows.column(name).and_then(Column::str).map_err(|e| engine(&e));
            let (saves, deeds) = (read("save")?, read("deed")?);
            let last_reset = (0..rows.height()).rev().find(|row| deeds.get(*row) == Some(RESET));
            let counts = |row: usize| last_reset.is_none_or(|reset| row > reset);
            let ours = |row: &usize| saves.get(*row).is_some();
            let mut kept: Vec<usize> = match table {
                _ if table == storyboard => {
                    // The newest of each anchor, and the newest that was forgotten: for its number.
                    let owners = owners(&rows, storyboard)?;
                    let mut newest: Vec<(&(String, String), bool, usize)> = Vec::new();
                    for (row, owner) in owners.iter().enumerate() {
                        if deeds.get(row) != Some(RESET) {
                            newest.retain(|(of, when, _)| (*of, *when) != (owner, counts(row)));
                            newest.push((owner, counts(row), row));
                        }
                    }
                    newest.into_iter().map(|(_, _, row)| row).collect()
                }
                _ if table == own => (0..rows.height())
                    .filter(|row| saves.get(*row).is_some_and(|save| counting.contains(save)))
                    .filter(|row| deeds.get(*row) != Some(RESET))
                    .collect(),
                _ => (0..rows.height()).filter(|row| counts(*row)).collect(),
            };
            kept.extend(last_reset);
            kept.retain(ours);
            kept.sort_unstable();
            if table == storyboard {
                counting.extend(
                    kept.iter()
                        .filter(|row| counts(**row))
                        .filter_map(|row| saves.get(*row))
                        .map(str::to_owned),
                );
            }
            done.before += old.len();
            if old.len() < 2 {
                done.after += old.len();
                continue;
            }
            let places = kept.iter().map(|row| IdxSize::try_from(*row).unwrap_or(IdxSize::MAX));
            let places = IdxCa::from_vec("kept".into(), places.collect());
            let names = columns.iter().chain(&ADDED).map(|(name, _)| *name);
            let rows =
                rows.take(&places).and_then(|rows| rows.select(names)).map_err(|e| engine(&e))?;
            let (wanted, rows) = rows_of(&rows)?;
            let sent = Json::Array(rows.into_iter().map(Json::Object).collect());
            let path = Spark::save(table, day, &new_save());
            self.sessions.write(&questions::insert((&self.spark.out, &path), &wanted, &sent))?;
            for save in old {
                let path = Spark::save(table, day, &save);
                self.sessions.write(&questions::emptied((&self.spark.out, &path), &wanted))?;
            }
            done.after += 1;
        }
        Ok(done)
    }

    /// The saves of a day's partition in the out folder that have rows.
    fn saves_of(&self, table: Table, day: NaiveDate) -> Result<Vec<String>> {
        let question = questions::files(&Spark::day(&self.spark.out, table, day));
        let Some(found) = self.sessions.rows(&question)? else { return Ok(Vec::new()) };
        let files = found.column("file").and_then(Column::str).map_err(|e| engine(&e))?;
        let save = |file: &str| {
            let save = file.rsplit_once("/save=")?.1.split('/').next()?;
            let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
            save.bytes().all(plain).then(|| save.to_owned())
        };
        let saves: BTreeSet<String> = files.iter().flatten().filter_map(save).collect();
        Ok(saves.into_iter().collect())
    }

    /// All columns of a table that saves write.
    fn columns_of(&self, table: Table) -> Result<Vec<Wanted>> {
        Ok(match table {
            Table::Storyboard => [&flow_story::STORYBOARD[..], &STORY].concat(),
            Table::DnsStoryboard => [&dns_story::STORYBOARD[..], &STORY].concat(),
            Table::Timeline => {
                let none = DataFrame::empty_with_schema(&spot_analysis::rows::schema());
                rows_of(&spot_analysis::timeline::rows_for_table(&none, &Address::new("0.0.0.0"))?)?
                    .0
            }
            Table::DnsDendro => {
                let anchor = Anchor::Client(Address::new("0.0.0.0"));
                rows_of(&frames::rows_for_table(&anchor, &[])?)?.0
            }
            Table::DnsThreats => list_columns(Pipeline::Dns),
            _ => list_columns(Pipeline::Flow),
        })
    }

    /// A row that takes all before it away, in each table that stories and scores are in: the list last, for
    /// while it is there a story may be of it.
    pub(super) fn reset(&self, pipeline: Pipeline, day: NaiveDate) -> Result<()> {
        let save = new_save();
        let nothing = [Map::new()];
        let [storyboard, own] = pipeline.stories();
        for table in [storyboard, own, pipeline.threats()] {
            let columns = match table {
                Table::Storyboard => flow_story::STORYBOARD.to_vec(),
                Table::DnsStoryboard => dns_story::STORYBOARD.to_vec(),
                Table::Timeline => vec![("ip_threat", Type::Text)],
                Table::DnsDendro => vec![("anchor", Type::Text)],
                _ => list_columns(pipeline),
            };
            self.add((table, day), &columns, &nothing, &save, Some(RESET))?;
        }
        Ok(())
    }
}

/// Whose row of a storyboard it is.
fn owners(rows: &DataFrame, storyboard: Table) -> Result<Vec<(String, String)>> {
    let text = |name: &str, row: usize| -> Result<String> {
        let column = rows.column(name).and_then(Column::str).map_err(|e| engine(&e))?;
        Ok(column.get(row).unwrap_or_default().to_owned())
    };
    let one = |row| match storyboard {
        Table::Storyboard => Ok((Address::new(text("ip_threat", row)?).to_string(), String::new())),
        _ => {
            let (ip, name) = (text("ip_threat", row)?, text("dns_threat", row)?);
            let anchor = dns_story::anchor_of(Some(&ip), Some(&name));
            Ok(anchor.map_or_else(Default::default, |anchor| {
                (anchor.kind().to_owned(), anchor.as_str().to_owned())
            }))
        }
    };
    (0..rows.height()).map(one).collect()
}

/// Saves of a day before and after it was compacted, of all its tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compacted {
    /// Folders with rows before.
    pub before: usize,
    /// And after.
    pub after: usize,
}

/// The columns of a threat list, with who scored and when.
fn list_columns(pipeline: Pipeline) -> Vec<Wanted> {
    [threat_columns(pipeline), &WHO].concat()
}

fn dns_anchor(of: &[Option<&str>]) -> Option<Anchor> {
    match of {
        [ip, name] => dns_story::anchor_of(*ip, *name),
        _ => None,
    }
}

/// The number of a save: 1 at first, one more whenever title or text change.
fn revision<A: PartialEq>(board: &[(Comment<A>, u64)], anchor: &A, title: &str, text: &str) -> u64 {
    match board.iter().find(|(comment, _)| comment.anchor == *anchor) {
        None => 1,
        Some((known, number)) if known.title == title && known.text == text => *number,
        Some((_, number)) => number + 1,
    }
}

fn object(row: Json) -> Map<String, Json> {
    match row {
        Json::Object(row) => row,
        _ => Map::new(),
    }
}

/// Columns, and rows as JSON has them.
type Sent = (Vec<Wanted>, Vec<Map<String, Json>>);

/// The columns of a frame as Spark has them, and its rows.
fn rows_of(frame: &DataFrame) -> Result<Sent> {
    let no = |name: &str| {
        let what = format!("column `{name}` cannot be sent to Spark");
        StoreError::data(what, "this is a fault of the program: please report it")
    };
    let mut rows = vec![Map::new(); frame.height()];
    let mut columns = Vec::new();
    for column in frame.columns() {
        let name = KNOWN.iter().find(|known| **known == column.name().as_str());
        let name = *name.ok_or_else(|| no(column.name()))?;
        let kind = match column.dtype() {
            DataType::String => Type::Text,
            DataType::Int32 => Type::Int,
            dtype if dtype.is_integer() => Type::Big,
            dtype if dtype.is_float() => Type::Float,
            _ => return Err(no(name)),
        };
        let values = column.cast(&kind.read_as()).map_err(|e| engine(&e))?;
        let mut put = |row: usize, value: Json| {
            rows[row].insert(name.to_owned(), value);
        };
        let read = || -> PolarsResult<()> {
            match kind {
                Type::Text => {
                    values.str()?.iter().enumerate().for_each(|(at, v)| put(at, json!(v)))
                }
                Type::Int => values.i32()?.iter().enumerate().for_each(|(at, v)| put(at, json!(v))),
                Type::Big => values.i64()?.iter().enumerate().for_each(|(at, v)| put(at, json!(v))),
                Type::Float => {
                    values.f64()?.iter().enumerate().for_each(|(at, v)| put(at, json!(v)))
                }
            }
            Ok(())
        };
        let mut read = read;
        read().map_err(|e| engine(&e))?;
        columns.push((name, kind));
    }
    Ok((columns, rows))
}

/// Names of columns that are written: of Spot's tables alone.
const KNOWN: [&str; 33] = [
    "save",
    "place",
    "deed",
    "revision",
    "manifest",
    "ip_threat",
    "tstart",
    "tend",
    "srcip",
    "dstip",
    "proto",
    "sport",
    "dport",
    "srcport",
    "dstport",
    "ipkt",
    "ibyt",
    "opkt",
    "obyt",
    "score",
    "unix_tstamp",
    "ip_dst",
    "dns_qry_name",
    "ip_sev",
    "dns_sev",
    "anchor",
    "total",
    "dns_threat",
    "title",
    "text",
    SCORED_AT,
    SCORED_BY,
    SCORED_WHY,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_saves_have_later_numbers_and_none_has_another_s() {
        let saves: Vec<String> = (0..1000).map(|_| new_save()).collect();
        let distinct: BTreeSet<_> = saves.iter().collect();
        assert_eq!(distinct.len(), saves.len());
        assert!(saves[0] < saves[999]);
        assert!(
            saves.iter().all(|save| save.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
        );
    }

    #[test]
    fn a_list_s_columns_are_known() {
        for pipeline in [Pipeline::Flow, Pipeline::Dns] {
            let (columns, rows) = rows_of(&crate::lists::empty_list(pipeline)).unwrap();
            assert_eq!(columns, list_columns(pipeline));
            assert!(rows.is_empty());
        }
    }
}
