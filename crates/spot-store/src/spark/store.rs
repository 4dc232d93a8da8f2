//! The questions of [`Store`], asked in SQL.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use chrono::NaiveDate;
use polars::prelude::*;
use spot_analysis::dns::{self, Anchor, Name, Selection, cross};
use spot_analysis::history::DayRows;
use spot_analysis::model::{Address, Provenance, SourceFile};
use spot_analysis::threats;

use super::place::Spark;
use super::questions::{self, Where};
use super::session::Sessions;
use crate::dates::Dates;
use crate::dns_story::DnsStory;
use crate::error::{Result, StoreError};
use crate::flow_story::Story;
use crate::layout::{Pipeline, Table};
use crate::lists::score_columns;
use crate::parquet::{Column as Wanted, Type, engine};
use crate::scoring::{DnsFilter, FlowFilter, Score};
use crate::source::{DnsRows, FlowRows, Rows, fingerprint};
use crate::store::{DayInfo, Named, Store};
use crate::story::{Comment, Saved};
use crate::{dns_rows, flow_rows, rank};

/// Tables that a Spark server reads.
pub struct SparkStore {
    pub(super) spark: Spark,
    pub(super) sessions: Sessions,
    has: [OnceLock<bool>; 2],
}

impl SparkStore {
    /// Loads the driver and looks whether the server is there.
    ///
    /// # Errors
    /// A driver that is missing, a server that cannot be reached or does not let us in, a folder without
    /// tables.
    pub fn open(spark: &Spark) -> Result<Self> {
        let sessions = Sessions::new(spark)?;
        let store = Self { spark: spark.clone(), sessions, has: Default::default() };
        let any = store.look(Pipeline::Flow)? || store.look(Pipeline::Dns)?;
        if !any {
            let fix =
                "set SPOT_SPARK_FOLDER to the folder that holds `flow` or `dns`, as Spark sees it";
            let what = "Spark finds no flow or dns table in the data folder";
            return Err(StoreError::usage(what, fix).at(&spark.folder));
        }
        Ok(store)
    }

    fn look(&self, pipeline: Pipeline) -> Result<bool> {
        let known = &self.has[usize::from(pipeline == Pipeline::Dns)];
        if let Some(known) = known.get() {
            return Ok(*known);
        }
        let mut found = false;
        for table in [pipeline.raw(), pipeline.threats(), pipeline.scores()] {
            found = found || !self.days_of(table)?.is_empty();
        }
        Ok(*known.get_or_init(|| found))
    }

    /// The days of a table below the data folder, with rows and files.
    fn days_of(&self, table: Table) -> Result<Vec<(NaiveDate, u64, u64)>> {
        self.days_below(&self.spark.folder, table)
    }

    /// The days of a table below `root`, with rows and files.
    pub(super) fn days_below(
        &self,
        root: &str,
        table: Table,
    ) -> Result<Vec<(NaiveDate, u64, u64)>> {
        let question = questions::days((root, table));
        let Some(found) = self.sessions.rows(&question)? else { return Ok(Vec::new()) };
        let number = |name: &str| -> Result<Vec<Option<i64>>> {
            let column = found.column(name).and_then(|c| c.cast(&DataType::Int64));
            let column = column.map_err(|e| engine(&e))?;
            Ok(column.i64().map_err(|e| engine(&e))?.iter().collect())
        };
        let [y, m, d, rows, files] = ["y", "m", "d", "rows", "files"].map(number);
        let (y, m, d, rows, files) = (y?, m?, d?, rows?, files?);
        let whole = |number: Option<i64>| number.and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
        let mut days: Vec<(NaiveDate, u64, u64)> = Vec::new();
        for row in 0..found.height() {
            let part = |of: &[Option<i64>]| of[row].and_then(|n| u32::try_from(n).ok());
            let year = y[row].and_then(|year| i32::try_from(year).ok());
            let day = year.zip(part(&m)).zip(part(&d));
            let day = day.and_then(|((y, m), d)| NaiveDate::from_ymd_opt(y, m, d));
            let Some(day) = day else { continue };
            let (rows, files) = (whole(rows[row]), whole(files[row]));
            match days.last_mut().filter(|(last, ..)| *last == day) {
                Some(last) => *last = (day, last.1 + rows, last.2 + files),
                None => days.push((day, rows, files)),
            }
        }
        Ok(days)
    }

    /// The files of a day, as an answer names them, and their rows.
    fn files(&self, table: Table, day: NaiveDate) -> Result<(Vec<SourceFile>, u64)> {
        let root = &self.spark.folder;
        let found = self.sessions.rows(&questions::files(&Spark::day(root, table, day)))?;
        let Some(found) = found else { return Ok(Default::default()) };
        let read = || -> PolarsResult<(Vec<SourceFile>, u64)> {
            let names = found.column("file")?.str()?;
            let (sizes, times) = (found.column("size")?.i64()?, found.column("modified")?.i64()?);
            let rows = found.column("rows")?.i64()?.sum().unwrap_or(0);
            let file = |row: usize| SourceFile {
                path: below(names.get(row).unwrap_or_default(), table).to_owned(),
                size: sizes.get(row).and_then(|n| u64::try_from(n).ok()).unwrap_or(0),
                modified: times.get(row).unwrap_or(0),
            };
            Ok(((0..found.height()).map(file).collect(), u64::try_from(rows).unwrap_or(0)))
        };
        read().map_err(|e| engine(&e))
    }

    /// Raw rows of a day with what they came from; `read` gives them our shape.
    fn raw(
        &self,
        (pipeline, day): (Pipeline, NaiveDate),
        columns: &[Wanted],
        which: Where,
        asked: String,
        read: impl Fn(DataFrame) -> Result<(DataFrame, Vec<String>)>,
    ) -> Result<Rows> {
        let table = pipeline.raw();
        let place = (self.spark.folder.as_str(), table, day);
        let question = questions::rows(place, columns, which, Some(self.spark.most));
        let found = match self.sessions.rows(&question)? {
            Some(found) => found,
            None => empty(columns),
        };
        let (files, scanned) = self.files(table, day)?;
        let (frame, mut notes) = read(found)?;
        if files.is_empty() {
            notes.push(self.no_rows(pipeline, day)?);
        }
        let provenance = Provenance {
            table: pipeline.name().to_owned(),
            filter: asked,
            rows: frame.height() as u64,
            scanned,
            fingerprint: fingerprint(&files),
            partial: None,
            files,
        };
        Ok(Rows { frame, provenance, notes })
    }

    fn no_rows(&self, pipeline: Pipeline, day: NaiveDate) -> Result<String> {
        let what = match pipeline {
            Pipeline::Flow => "flows",
            Pipeline::Dns => "DNS answers",
        };
        let known = self.days_of(pipeline.raw())?;
        let span = match (known.first(), known.last()) {
            (Some((first, ..)), Some((last, ..))) => {
                format!("there are {what} from {first} to {last}")
            }
            _ => format!("there are no {what} at all"),
        };
        Ok(format!("{} has no {what} of {day}; {span}", self.spark.folder))
    }

    fn flows(&self, day: NaiveDate, which: Where, asked: String) -> Result<FlowRows> {
        let columns = flow_rows::COLUMNS;
        self.raw((Pipeline::Flow, day), &columns, which, asked, flow_rows::of_raw)
    }
}

/// A file's path below the data folder: from its table on.
fn below(file: &str, table: Table) -> &str {
    use crate::layout::Layout::{Plain, Spot};
    [Spot, Plain]
        .iter()
        .find_map(|layout| file.rfind(&format!("/{}/y=", layout.folder(table))))
        .map_or(file, |at| &file[at + 1..])
}

/// No rows of these columns.
fn empty(columns: &[Wanted]) -> DataFrame {
    let fields = columns.iter().map(|(name, kind)| Field::new((*name).into(), kind.read_as()));
    DataFrame::empty_with_schema(&Schema::from_iter(fields))
}

impl Store for SparkStore {
    fn has(&self, pipeline: Pipeline) -> bool {
        self.look(pipeline).unwrap_or(false)
    }

    fn days(&self, pipeline: Pipeline) -> Result<Vec<DayInfo>> {
        let raw = self.days_of(pipeline.raw())?;
        let scored: BTreeSet<NaiveDate> = self.scored_days(pipeline)?;
        let mut days: BTreeSet<NaiveDate> = raw.into_iter().map(|(day, ..)| day).collect();
        days.extend(scored.iter().copied());
        let info = |day| {
            let high_rows = match scored.contains(&day) {
                true => self.high_rows(pipeline, day)?,
                false => 0,
            };
            Ok(DayInfo { day, high_rows })
        };
        days.into_iter().map(info).collect()
    }

    fn days_in(&self, pipeline: Pipeline, dates: Dates) -> Result<Vec<DayRows>> {
        let known = self.days_of(pipeline.raw())?;
        let scored = self.scored_days(pipeline)?;
        let one = |day: NaiveDate| {
            let found = known.iter().find(|(of, ..)| *of == day);
            let (rows, files) = found.map_or((0, 0), |(_, rows, files)| (*rows, *files));
            let high_rows = match scored.contains(&day) {
                true => self.high_rows(pipeline, day)?,
                false => 0,
            };
            Ok(DayRows { day, rows, high_rows: Some(high_rows), files: Some(files) })
        };
        dates.days().map(one).collect()
    }

    fn threats(&self, pipeline: Pipeline, day: NaiveDate) -> Result<DataFrame> {
        self.list(pipeline, day)
    }

    fn scores(&self, pipeline: Pipeline, day: NaiveDate) -> Result<DataFrame> {
        let (columns, _, least) = score_columns(pipeline);
        let place = (self.spark.folder.as_str(), pipeline.scores(), day);
        let question = questions::rows(place, columns, Where::all(), Some(self.spark.most));
        let scores = match self.sessions.rows(&question)? {
            Some(scores) => scores,
            None => empty(columns),
        };
        let order = SortMultipleOptions::default().with_nulls_last(true).with_maintain_order(true);
        scores.sort([least], order).map_err(|e| engine(&e))
    }

    fn rows_of(&self, pipeline: Pipeline, day: NaiveDate) -> Result<u64> {
        Ok(self.files(pipeline.raw(), day)?.1)
    }

    fn flow_rows(&self, day: NaiveDate, anchor: &Address) -> Result<FlowRows> {
        let asked = format!("sip = {anchor} or dip = {anchor}");
        self.flows(day, Where::flows_of(anchor), asked)
    }

    fn flow_rows_between(
        &self,
        day: NaiveDate,
        ones: &[Address],
        others: &[Address],
    ) -> Result<FlowRows> {
        let (some, more) = (ones.len(), others.len());
        let asked = format!("one of {some} addresses at one end, one of {more} at the other");
        self.flows(day, Where::flows_between(ones, others), asked)
    }

    fn dns_rows(&self, day: NaiveDate, selection: &Selection) -> Result<DnsRows> {
        let which = Where::answers_of(selection);
        let read = |raw: DataFrame| {
            let filter = selection.filter(col("ip_dst"), col("dns_qry_name"));
            let kept = raw.lazy().filter(filter).collect().map_err(|e| engine(&e))?;
            dns_rows::of_raw(kept)
        };
        self.raw((Pipeline::Dns, day), &dns_rows::COLUMNS, which, selection.to_string(), read)
    }

    fn dns_answering(&self, day: NaiveDate, addresses: &[Address]) -> Result<DataFrame> {
        let wanted = cross::Wanted::new(addresses);
        let place = (self.spark.folder.as_str(), Table::Dns, day);
        let which = Where::answering(addresses);
        let question = questions::rows(place, &dns_rows::COLUMNS, which, Some(self.spark.most));
        let found = match self.sessions.rows(&question)? {
            Some(found) => found,
            None => empty(&dns_rows::COLUMNS),
        };
        let (frame, _) = dns_rows::of_raw(found)?;
        cross::summed(frame.lazy(), &wanted).collect().map_err(|e| engine(&e))
    }

    fn comments(&self, day: NaiveDate) -> Result<Vec<Comment>> {
        let mut comments = self.flow_board(day)?;
        comments.sort_by(|a, b| a.anchor.cmp(&b.anchor));
        Ok(comments)
    }

    fn dns_comments(&self, day: NaiveDate) -> Result<Vec<Comment<Anchor>>> {
        let mut comments = self.dns_board(day)?;
        comments.sort_by(|a, b| a.anchor.cmp(&b.anchor));
        Ok(comments)
    }

    fn save_story(&self, story: &Story) -> Result<Saved> {
        self.save_flow(story)
    }

    fn save_dns_story(&self, story: &DnsStory) -> Result<Saved> {
        self.save_dns(story)
    }

    fn score_flows(
        &self,
        day: NaiveDate,
        scores: &[Score<FlowFilter>],
        by: Option<&str>,
    ) -> Result<Vec<Option<u64>>> {
        self.rate_flows(day, scores, by)
    }

    fn score_dns(
        &self,
        day: NaiveDate,
        scores: &[Score<DnsFilter>],
        by: Option<&str>,
    ) -> Result<Vec<Option<u64>>> {
        self.rate_answers(day, scores, by)
    }

    fn named(&self, pipeline: Pipeline, day: NaiveDate) -> Result<Named> {
        let (scored, raw) = match pipeline {
            Pipeline::Flow => (["srcip", "dstip"], ["sip", "dip"]),
            Pipeline::Dns => (["ip_dst", "dns_qry_name"], ["ip_dst", "dns_qry_name"]),
        };
        let root = self.spark.folder.as_str();
        let ask = |table, columns: [&'static str; 2]| {
            let columns = columns.map(|name| (name, Type::Text));
            self.sessions.rows(&questions::distinct((root, table, day), columns))
        };
        let unlikely = ask(pipeline.scores(), scored)?.filter(|found| found.height() > 0);
        let found = match unlikely {
            Some(found) => Some(found),
            None => ask(pipeline.raw(), raw)?,
        };
        let Some(found) = found else { return Ok(Named::default()) };
        let texts = found.column("value").and_then(Column::str).map_err(|e| engine(&e))?;
        let of = found.column("of").and_then(Column::i32).map_err(|e| engine(&e))?;
        let (mut addresses, mut names) = (BTreeSet::new(), BTreeSet::new());
        for (text, of) in texts.iter().zip(of.iter()) {
            let (Some(text), Some(of)) = (text, of) else { continue };
            match (pipeline, of) {
                (Pipeline::Dns, 1) => drop(names.insert(Name::new(text))),
                _ => drop(addresses.insert(Address::new(text))),
            }
        }
        Ok(Named { addresses: addresses.into_iter().collect(), names: names.into_iter().collect() })
    }

    fn reset_scores(&self, pipeline: Pipeline, day: NaiveDate) -> Result<()> {
        self.reset(pipeline, day)
    }

    fn describe(&self) -> String {
        let Spark { host, folder, out, .. } = &self.spark;
        match folder == out {
            true => format!("{folder} (Spark at {host})"),
            false => format!("{folder} (Spark at {host}), writes to {out}"),
        }
    }

    fn frame(&self, pipeline: Pipeline, day: NaiveDate) -> Result<DataFrame> {
        let columns = columns_of(pipeline);
        let place = (self.spark.folder.as_str(), pipeline.raw(), day);
        let question = questions::rows(place, &columns, Where::all(), Some(self.spark.most));
        self.sessions.rows(&question)?.ok_or_else(|| {
            let what = format!("the day {day} has no rows of table `{}`", pipeline.raw().name());
            StoreError::data(what, "choose another day").at(&self.spark.folder)
        })
    }

    fn each_part(
        &self,
        pipeline: Pipeline,
        day: NaiveDate,
        only: &[&str],
        see: &mut dyn FnMut(&DataFrame) -> Result<()>,
    ) -> Result<Vec<String>> {
        let place = (self.spark.folder.as_str(), pipeline.raw(), day);
        let question = questions::stream(place, &columns_of(pipeline));
        rank::of_parts(pipeline, only, see, |part| {
            self.sessions.each(&question, &mut |frame| part(&frame)).map(drop)
        })
    }
}

impl SparkStore {
    fn high_rows(&self, pipeline: Pipeline, day: NaiveDate) -> Result<u64> {
        let list = self.list(pipeline, day)?;
        Ok(match pipeline {
            Pipeline::Flow => threats::high_rows(&list)?,
            Pipeline::Dns => dns::high_rows(&list)?,
        })
    }
}

/// The columns of a raw table that anything here reads.
fn columns_of(pipeline: Pipeline) -> Vec<Wanted> {
    match pipeline {
        Pipeline::Flow => flow_rows::COLUMNS.to_vec(),
        Pipeline::Dns => dns_rows::COLUMNS.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_from_its_table_on() {
        for (file, table, short) in [
            (
                "file:/data/flow/y=2016/m=7/d=8/h=9/a.parquet",
                Table::Flow,
                "flow/y=2016/m=7/d=8/h=9/a.parquet",
            ),
            ("hdfs://n/user/spot/flow/hive/y=1/m=2/d=3/0", Table::Flow, "flow/hive/y=1/m=2/d=3/0"),
            ("file:/flow/y=1/flow/y=2016/x", Table::Flow, "flow/y=2016/x"),
            ("file:/elsewhere/x", Table::Dns, "file:/elsewhere/x"),
        ] {
            assert_eq!(below(file, table), short);
        }
    }
}
