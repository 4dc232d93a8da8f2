//! What an analyst says of the rows that a machine found unlikely: high, medium or low.
//!
//! Scores are appended to the day's threat list with who and when; the last one of a connection (or of a
//! client and name) counts, and none is lost. Rows of programs that write no time count as scored before all
//! that have one. Every scored row also goes to `ml_feedback.csv`, which
//! Spot's machine learning reads: `flow/scored_results/20160708/feedback/ml_feedback.csv`, its columns in
//! the order of its header, RFC 4180.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use polars::prelude::*;
use spot_analysis::dns::{Name, iana};
use spot_analysis::model::{Address, Flag};
use spot_analysis::network::Indicators;
use spot_analysis::threats::{SCORED_AT, SCORED_BY, SCORED_WHY};

use crate::error::{Result, StoreError};
use crate::layout::{Pipeline, Table};
use crate::lists::empty_list;
use crate::parquet::{FileInfo, engine, whole};
use crate::publish::Change;
use crate::store::Named;
use crate::story::{Target, replaced, to_parquet};

pub(crate) const TIME: &str = "%Y-%m-%d %H:%M:%S%.6f";

/// The risk that an analyst sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rating {
    /// 1: it is in the list of suspects.
    High = 1,
    /// 2.
    Medium = 2,
    /// 3.
    Low = 3,
}

impl Rating {
    /// Spot's number: 1 high, 2 medium, 3 low.
    ///
    /// # Errors
    /// Another number.
    pub fn new(number: i64) -> Result<Self> {
        match number {
            1 => Ok(Self::High),
            2 => Ok(Self::Medium),
            3 => Ok(Self::Low),
            _ => {
                let fix = "give 1 (high), 2 (medium) or 3 (low)";
                Err(StoreError::usage(format!("{number} is no score"), fix).at("score"))
            }
        }
    }
}

/// Which unlikely flows: those with all of what is given. Port 0 is a port: ICMP has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlowFilter {
    /// Source.
    pub src: Option<Address>,
    /// Destination.
    pub dst: Option<Address>,
    /// Source port.
    pub src_port: Option<u16>,
    /// Destination port.
    pub dst_port: Option<u16>,
}

/// Which unlikely answers: those of the client, which score the client, and those for the name, which
/// score the name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DnsFilter {
    /// Who asked.
    pub client: Option<Address>,
    /// What was asked for.
    pub name: Option<Name>,
}

/// What an analyst says of some rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score<F> {
    /// Which rows.
    pub of: F,
    /// What they are.
    pub rating: Rating,
    /// Why; it is kept beside the score.
    pub reason: Option<String>,
}

impl<F> Score<F> {
    /// Without a reason.
    pub fn new(of: F, rating: Rating) -> Self {
        Self { of, rating, reason: None }
    }

    /// With one.
    #[must_use]
    pub fn because(self, reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..self }
    }
}

/// The flows of a day that name something on a list: both directions of each address, with what the list
/// says as the reason.
pub fn listed_flows(named: &Named, list: &Indicators, rating: Rating) -> Vec<Score<FlowFilter>> {
    let mut scores = Vec::new();
    for address in &named.addresses {
        let Some(reason) = reason(&list.of_address(address)) else { continue };
        let of = |src, dst| FlowFilter { src, dst, ..FlowFilter::default() };
        for of in [of(Some(address.clone()), None), of(None, Some(address.clone()))] {
            scores.push(Score::new(of, rating).because(&reason));
        }
    }
    scores
}

/// As [`listed_flows`], of clients and names.
pub fn listed_dns(named: &Named, list: &Indicators, rating: Rating) -> Vec<Score<DnsFilter>> {
    let clients = named.addresses.iter().filter_map(|client| {
        let reason = reason(&list.of_address(client))?;
        Some((DnsFilter { client: Some(client.clone()), name: None }, reason))
    });
    let names = named.names.iter().filter_map(|name| {
        let reason = reason(&list.of_name(name))?;
        Some((DnsFilter { client: None, name: Some(name.clone()) }, reason))
    });
    clients.chain(names).map(|(of, why)| Score::new(of, rating).because(why)).collect()
}

/// What the narrowest line of a list says, in one sentence.
fn reason(flags: &[Flag]) -> Option<String> {
    let Flag { indicator, source, note, .. } = flags.first()?;
    let about = [source, note].into_iter().filter(|text| !text.is_empty());
    let about: Vec<&str> = about.map(String::as_str).collect();
    let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(": ")) };
    let whole = format!("on the list: {indicator}{about}");
    // A server takes no more.
    let end = (0..=whole.len().min(REASON)).rev().find(|&at| whole.is_char_boundary(at));
    Some(whole[..end.unwrap_or(0)].to_owned())
}

/// Most bytes of a reason from a list.
const REASON: usize = 1000;

/// What scores write: rows for the threat list, without who and when, and lines of the feedback file.
pub(crate) struct Scored {
    pub list: DataFrame,
    feedback: Vec<Vec<String>>,
    /// Rows of each score.
    pub rows: Vec<u64>,
}

const FLOW_HEADER: [&str; 8] = ["sev", "tstart", "sip", "dip", "sport", "dport", "ipkt", "ibyt"];

const DNS_HEADER: [&str; 18] = [
    "frame_time",
    "frame_len",
    "ip_dst",
    "dns_qry_name",
    "dns_qry_class",
    "dns_qry_type",
    "dns_qry_rcode",
    "score",
    "tld",
    "query_rep",
    "hh",
    "ip_sev",
    "dns_sev",
    "dns_qry_class_name",
    "dns_qry_type_name",
    "dns_qry_rcode_name",
    "network_context",
    "unix_tstamp",
];

fn nothing_given(what: &str) -> StoreError {
    let fix = "a score without any would be of the whole day: say which rows";
    StoreError::usage(format!("a score needs {what}"), fix)
}

/// Refuses scores of everything.
pub(crate) fn check_flows(scores: &[Score<FlowFilter>]) -> Result<()> {
    match scores.iter().any(|score| score.of == FlowFilter::default()) {
        true => Err(nothing_given("an address or a port")),
        false => Ok(()),
    }
}

/// As [`check_flows`].
pub(crate) fn check_dns(scores: &[Score<DnsFilter>]) -> Result<()> {
    match scores.iter().any(|score| score.of == DnsFilter::default()) {
        true => Err(nothing_given("a client or a name")),
        false => Ok(()),
    }
}

/// The rows of `unlikely` (see [`crate::Store::scores`]) that `scores` are about.
pub(crate) fn flows(unlikely: &DataFrame, scores: &[Score<FlowFilter>]) -> Result<Scored> {
    scored_flows(unlikely, scores).map_err(|e| engine(&e))
}

fn scored_flows(unlikely: &DataFrame, scores: &[Score<FlowFilter>]) -> PolarsResult<Scored> {
    let ends = ["srcip", "dstip"].map(|name| addresses(unlikely, name));
    let [src, dst] = ends;
    let (src, dst) = (src?, dst?);
    let port = |name: &str| unlikely.column(name).and_then(Column::i32).cloned();
    let (src_port, dst_port) = (port("sport")?, port("dport")?);
    let is = |wanted: Option<u16>, found: Option<i32>| {
        wanted.is_none_or(|port| i64::from(port) == i64::from(found.unwrap_or(0)))
    };
    let takes_in = |of: &FlowFilter, row: usize| {
        of.src.as_ref().is_none_or(|wanted| *wanted == src[row])
            && of.dst.as_ref().is_none_or(|wanted| *wanted == dst[row])
            && is(of.src_port, src_port.get(row))
            && is(of.dst_port, dst_port.get(row))
    };
    // Each row once, as the last score that is about it says: many scores are no more lines than rows.
    let (mut ratings, mut rows) = (BTreeMap::new(), Vec::new());
    for score in scores {
        let found = (0..unlikely.height()).filter(|&row| takes_in(&score.of, row));
        let given = (score.rating as i32, score.reason.as_deref());
        let found = found.map(|row| ratings.insert(row as IdxSize, given)); // as many rows
        rows.push(found.count() as u64);
    }
    let places = ratings.keys().copied().collect();
    let (given, why): (Vec<i32>, Vec<Option<&str>>) = ratings.into_values().unzip();
    let taken = unlikely.take(&IdxCa::from_vec(PlSmallStr::EMPTY, places))?;
    let list = taken.clone().lazy().select([
        col("tstart"),
        col("srcip"),
        col("dstip"),
        col("sport").alias("srcport"),
        col("dport").alias("dstport"),
    ]);
    let mut list = list.collect()?;
    list.with_column(Column::new("score".into(), &given))?;
    list.with_column(Column::new(SCORED_WHY.into(), &why))?;
    let given = given.iter().map(i32::to_string).collect();
    let columns = ["tstart", "srcip", "dstip", "sport", "dport", "ipkt", "ibyt"];
    let columns = columns.map(|name| texts(&taken, name)).into_iter();
    let columns: Vec<_> = std::iter::once(Ok(given)).chain(columns).collect::<PolarsResult<_>>()?;
    Ok(Scored { list, feedback: lines(&columns), rows })
}

/// As [`flows`], of answers.
pub(crate) fn dns(unlikely: &DataFrame, scores: &[Score<DnsFilter>]) -> Result<Scored> {
    scored_dns(unlikely, scores).map_err(|e| engine(&e))
}

fn scored_dns(unlikely: &DataFrame, scores: &[Score<DnsFilter>]) -> PolarsResult<Scored> {
    let clients = addresses(unlikely, "ip_dst")?;
    let names = unlikely.column("dns_qry_name")?.str()?.iter();
    let names: Vec<Name> = names.map(|name| Name::new(name.unwrap_or_default())).collect();
    // Each row once; 0: that end of it is not scored.
    let (mut ratings, mut rows) =
        (BTreeMap::<IdxSize, (i32, i32, Option<&str>)>::new(), Vec::new());
    for score in scores {
        let mut found = 0;
        for (row, (client, name)) in clients.iter().zip(&names).enumerate() {
            let is_client = score.of.client.as_ref() == Some(client);
            let is_name = score.of.name.as_ref() == Some(name);
            if is_client || is_name {
                let ends = ratings.entry(row as IdxSize).or_default(); // as many rows
                ends.0 = if is_client { score.rating as i32 } else { ends.0 };
                ends.1 = if is_name { score.rating as i32 } else { ends.1 };
                ends.2 = score.reason.as_deref();
                found += 1;
            }
        }
        rows.push(found);
    }
    let places = ratings.keys().copied().collect();
    let (of_client, of_name): (Vec<i32>, Vec<i32>) =
        ratings.values().map(|(client, name, _)| (*client, *name)).unzip();
    let why: Vec<Option<&str>> = ratings.into_values().map(|(.., why)| why).collect();
    let taken = unlikely.take(&IdxCa::from_vec(PlSmallStr::EMPTY, places))?;
    let mut list = taken.select(["unix_tstamp", "ip_dst", "dns_qry_name"])?;
    list.with_column(Column::new("ip_sev".into(), &of_client))?;
    list.with_column(Column::new("dns_sev".into(), &of_name))?;
    list.with_column(Column::new(SCORED_WHY.into(), &why))?;

    let code = |name: &str| -> PolarsResult<Vec<Option<i32>>> {
        Ok(taken.column(name)?.i32()?.iter().collect())
    };
    let class = taken.column("dns_qry_class")?.str()?.iter();
    let class: Vec<_> = class.map(|text| text.and_then(iana::class_code)).collect();
    let hour = taken.column("unix_tstamp")?.i64()?.iter().map(|time| {
        let seconds = time.map(|time| time.rem_euclid(24 * 60 * 60));
        seconds.map(|seconds| (seconds / 3600).to_string()).unwrap_or_default()
    });
    let hour: Vec<String> = hour.collect();
    let label = |codes: Vec<Option<i32>>, of: fn(Option<i32>) -> String| -> Vec<String> {
        codes.into_iter().map(of).collect()
    };
    let text = |name: &str| texts(&taken, name);
    let number = |codes: Vec<i32>| codes.iter().map(i32::to_string).collect();
    let columns = [
        text("frame_time")?,
        text("frame_len")?,
        text("ip_dst")?,
        text("dns_qry_name")?,
        text("dns_qry_class")?,
        text("dns_qry_type")?,
        text("dns_qry_rcode")?,
        text("ml_score")?,
        text("tld")?,
        text("query_rep")?,
        hour,
        number(of_client),
        number(of_name),
        label(class, iana::class_name),
        label(code("dns_qry_type")?, iana::type_name),
        label(code("dns_qry_rcode")?, iana::rcode_name),
        text("network_context")?,
        text("unix_tstamp")?,
    ];
    Ok(Scored { list, feedback: lines(&columns), rows })
}

fn addresses(frame: &DataFrame, name: &str) -> PolarsResult<Vec<Address>> {
    let texts = frame.column(name)?.str()?.iter();
    Ok(texts.map(|text| Address::new(text.unwrap_or_default())).collect())
}

/// A column for a file: an empty text where there is nothing.
fn texts(frame: &DataFrame, name: &str) -> PolarsResult<Vec<String>> {
    let column = frame.column(name)?.cast(&DataType::String)?;
    let texts = column.str()?.iter();
    Ok(texts.map(|text| text.unwrap_or_default().to_owned()).collect())
}

/// Lines of equally long columns.
fn lines(columns: &[Vec<String>]) -> Vec<Vec<String>> {
    let rows = columns.first().map_or(0, Vec::len);
    (0..rows).map(|row| columns.iter().map(|column| column[row].clone()).collect()).collect()
}

/// The files that make `scored` true: the day's list with its rows at the end, and the feedback.
/// `elsewhere` is the list of a data folder that is not written; the first score copies it.
pub(crate) fn changes(
    (pipeline, day): (Pipeline, NaiveDate),
    scored: &Scored,
    (by, now): (Option<&str>, NaiveDateTime),
    target: &Target<'_>,
    elsewhere: &[Arc<FileInfo>],
) -> Result<Vec<Change>> {
    let table = pipeline.threats();
    let old = target.files(table, day)?;
    let known = match old.is_empty() {
        true => elsewhere.to_vec(),
        false => target.inspect(&old)?,
    };
    let mut rows = scored.list.clone();
    let (count, now) = (rows.height(), after(&known, now)?.format(TIME).to_string());
    for (name, value) in [(SCORED_AT, Some(now.as_str())), (SCORED_BY, by)] {
        let column = StringChunked::from_iter_options(name.into(), vec![value; count].into_iter());
        rows.with_column(column.into_column()).map_err(|e| engine(&e))?;
    }
    // Who and when first, as lists have them that are there already.
    let why = rows.drop_in_place(SCORED_WHY).map_err(|e| engine(&e))?;
    rows.with_column(why).map_err(|e| engine(&e))?;
    let all = |frame: &DataFrame, _: &FileInfo| {
        Ok(BooleanChunked::full("all".into(), true, frame.height()))
    };
    let path = list_path(target, table, day);
    let bytes = to_parquet(replaced(&known, &all, &rows)?)?;
    let mut changes = instead((path, bytes), old);
    changes.push(feedback(pipeline, day, &scored.feedback, target)?);
    Ok(changes)
}

/// `now`, or just after the last score in `files` where another clock is ahead; one that is ahead by more
/// than a day is no clock.
fn after(files: &[Arc<FileInfo>], now: NaiveDateTime) -> Result<NaiveDateTime> {
    let mut last = None;
    for file in files {
        let frame = whole(file)?;
        let Ok(times) = frame.column(SCORED_AT).and_then(|c| c.cast(&DataType::String)) else {
            continue;
        };
        let times = times.str().map_err(|e| engine(&e))?.iter().flatten();
        let times = times
            .filter_map(|text| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok());
        last = last.max(times.filter(|time| *time < now + TimeDelta::days(1)).max());
    }
    Ok(last.map_or(now, |last| now.max(last + TimeDelta::microseconds(1))))
}

fn list_path(target: &Target<'_>, table: Table, day: NaiveDate) -> PathBuf {
    target.layout.partition(target.out, table, day).join("part-0.parquet")
}

/// One file instead of all that were there.
fn instead((path, bytes): (PathBuf, Vec<u8>), old: Vec<(PathBuf, PathBuf)>) -> Vec<Change> {
    let obsolete = old.into_iter().map(|(name, _)| name).filter(|name| *name != path);
    let obsolete: Vec<_> = obsolete.map(|path| Change::Remove { path }).collect();
    std::iter::once(Change::Put { path, bytes }).chain(obsolete).collect()
}

/// Where the feedback of a day is, relative to the out folder.
pub(crate) fn feedback_path(pipeline: Pipeline, day: NaiveDate) -> PathBuf {
    let day = day.format("%Y%m%d");
    format!("{}/scored_results/{day}/feedback/ml_feedback.csv", pipeline.name()).into()
}

/// The feedback file with `lines` at its end; what is there is kept byte for byte.
fn feedback(
    pipeline: Pipeline,
    day: NaiveDate,
    lines: &[Vec<String>],
    target: &Target<'_>,
) -> Result<Change> {
    let path = feedback_path(pipeline, day);
    let mut bytes = match target.view.locate(&path) {
        Some(now) => fs::read(&now).map_err(|e| StoreError::io("read the file", &now, &e))?,
        None => Vec::new(),
    };
    let header: &[&str] = match pipeline {
        Pipeline::Flow => &FLOW_HEADER,
        Pipeline::Dns => &DNS_HEADER,
    };
    let wrong = |e: csv::Error| {
        StoreError::data(format!("cannot write ml_feedback.csv: {e}"), "report this")
    };
    let is_new = bytes.is_empty();
    if !is_new && !bytes.ends_with(b"\n") {
        bytes.push(b'\n');
    }
    let mut writer = csv::Writer::from_writer(bytes);
    if is_new {
        writer.write_record(header).map_err(wrong)?;
    }
    for line in lines {
        writer.write_record(line).map_err(wrong)?;
    }
    let bytes = writer.into_inner().map_err(|e| wrong(e.into_error().into()))?;
    Ok(Change::Put { path, bytes })
}

/// The files that a reset writes and removes: see [`crate::Store::reset_scores`]. `elsewhere`: there is a
/// list of that day in a folder that is not written.
pub(crate) fn reset(
    (pipeline, day): (Pipeline, NaiveDate),
    target: &Target<'_>,
    elsewhere: bool,
) -> Result<Vec<Change>> {
    let table = pipeline.threats();
    let old = target.files(table, day)?;
    let mut changes = Vec::new();
    if elsewhere || !old.is_empty() {
        // An empty list, and not none: that of the data folder would come back.
        let empty = (list_path(target, table, day), to_parquet(empty_list(pipeline))?);
        changes = instead(empty, old);
    }
    for table in pipeline.stories() {
        let files = target.files(table, day)?;
        changes.extend(files.into_iter().map(|(path, _)| Change::Remove { path }));
    }
    Ok(changes)
}
