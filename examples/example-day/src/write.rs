//! Parquet files, laid out so that a search reads little of them.
//!
//! A search wants the rows in which an address is source or destination, and a reader skips a row
//! group when the address lies outside of the smallest and largest value of both columns. In order
//! of time every group would hold every address. So an hour's rows are sorted by who talks to whom
//! (out, in, to a server, from a server, among workstations), then by block of the outside address,
//! then by the site's own host: in each group one column spans few addresses and the other
//! keeps to one block.

use std::fs::{self, File};
use std::io::BufWriter;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use chrono::{Datelike, NaiveDate};
use polars::prelude::*;

use crate::dns::{self, Answer};
use crate::error::{Error, Result};
use crate::flow::Flow;
use crate::hosts::{is_inside, is_server};
use crate::services::block;
use crate::table::{self, flow_frame, threat_frame};

/// Rows of a row group, at most.
const GROUP_ROWS: usize = 32_768;
/// A row group with fewer rows goes on into the next kind of talk.
const LEAST_GROUP_ROWS: usize = 4_096;

/// Who talks to whom, in the order in which rows lie in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Talk {
    Out,
    In,
    ToServer,
    FromServer,
    AmongWorkstations,
}

/// The folder of a table's day.
fn day_folder(root: &Path, name: &str, date: NaiveDate) -> PathBuf {
    root.join(name).join(format!("y={}/m={}/d={}", date.year(), date.month(), date.day()))
}

/// The file of one hour of table `flow`.
pub fn flow_file(root: &Path, date: NaiveDate, hour: usize) -> PathBuf {
    day_folder(root, "flow", date).join(format!("h={hour}")).join("part-0.parquet")
}

/// The file of table `flow_threat_investigation`.
pub fn threat_file(root: &Path, date: NaiveDate) -> PathBuf {
    day_folder(root, "flow_threat_investigation", date).join("part-0.parquet")
}

/// The file of one hour of table `dns`.
pub fn answer_file(root: &Path, date: NaiveDate, hour: usize) -> PathBuf {
    day_folder(root, "dns", date).join(format!("h={hour}")).join("part-0.parquet")
}

/// The file of table `dns_threat_investigation`.
pub fn answer_threat_file(root: &Path, date: NaiveDate) -> PathBuf {
    day_folder(root, "dns_threat_investigation", date).join("part-0.parquet")
}

/// The kind of talk, its block of outside addresses, and the host of the site whose rows belong
/// together.
fn place(flow: &Flow) -> ((Talk, u8), IpAddr) {
    let (src, dst) = (flow.src, flow.dst);
    match (is_inside(src), is_inside(dst)) {
        (true, false) => ((Talk::Out, block(dst)), src),
        (false, _) => ((Talk::In, block(src)), dst),
        (true, true) if is_server(dst) => ((Talk::ToServer, block(dst)), src),
        (true, true) if is_server(src) => ((Talk::FromServer, block(src)), dst),
        (true, true) => ((Talk::AmongWorkstations, block(src)), src),
    }
}

/// The first sixteen letters of an address: Parquet compares addresses as text, so 10.20.10.100
/// comes before 10.20.10.11.
fn letters(ip: IpAddr) -> [u8; 16] {
    let text = ip.to_string();
    let mut letters = [0; 16];
    for (to, from) in letters.iter_mut().zip(text.bytes()) {
        *to = from;
    }
    letters
}

/// Where the row groups of sorted rows end.
fn group_ends(flows: &[Flow]) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut begin = 0;
    for end in 1..=flows.len() {
        let rows = end - begin;
        let turns = end < flows.len() && place(&flows[end - 1]).0 != place(&flows[end]).0;
        if rows == GROUP_ROWS || end == flows.len() || (turns && rows >= LEAST_GROUP_ROWS) {
            ends.push(end);
            begin = end;
        }
    }
    ends
}

/// Sorts an hour's rows and writes them; the size in bytes.
///
/// # Errors
/// What the disk or polars says.
pub fn flows(path: &Path, date: NaiveDate, flows: &mut [Flow]) -> Result<u64> {
    flows.sort_by_cached_key(|flow| {
        let (kind, host) = place(flow);
        (kind, letters(host), flow.end_ms)
    });
    let mut groups = Vec::new();
    let mut begin = 0;
    for end in group_ends(flows) {
        groups.push(&flows[begin..end]);
        begin = end;
    }
    write(path, &table::schema(&table::FLOW), groups.into_iter().map(|rows| flow_frame(date, rows)))
}

/// Writes the scored rows, High first; the size in bytes.
///
/// # Errors
/// What the disk or polars says.
pub fn threats(path: &Path, date: NaiveDate, scored: &mut [Flow]) -> Result<u64> {
    scored.sort_by_key(|flow| (flow.score, flow.end_ms, flow.src, flow.sport));
    write(path, &table::schema(&table::THREATS), std::iter::once(threat_frame(date, scored)))
}

/// Sorts an hour's answers by client and writes them; the size in bytes.
///
/// A search for a client reads few row groups; one for a name reads them all, since names are as
/// many as answers and lie everywhere.
///
/// # Errors
/// What the disk or polars says.
pub fn answers(path: &Path, answers: &mut [Answer]) -> Result<u64> {
    answers.sort_by_cached_key(|answer| (letters(answer.client), answer.at_us));
    let groups = answers.chunks(GROUP_ROWS).map(dns::answer_frame);
    write(path, &table::schema(&dns::ANSWERS), groups)
}

/// Writes the scored answers, High first; the size in bytes.
///
/// # Errors
/// What the disk or polars says.
pub fn answer_threats(path: &Path, scored: &mut [Answer]) -> Result<u64> {
    let worst = |answer: &Answer| {
        let (client, name) = answer.scores;
        [client, name].into_iter().filter(|&score| score > 0).min()
    };
    scored.sort_by_key(|answer| (worst(answer), answer.at_us, answer.client));
    let frame = dns::threat_frame(scored);
    write(path, &table::schema(&dns::THREATS), std::iter::once(frame))
}

/// Writes one file, a row group for each frame, and sees it on the disk.
fn write(
    path: &Path,
    schema: &Schema,
    groups: impl Iterator<Item = PolarsResult<DataFrame>>,
) -> Result<u64> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Error::disk(folder))?;
    }
    let file = File::create(path).map_err(Error::disk(path))?;
    let mut writer = ParquetWriter::new(BufWriter::new(&file))
        .with_compression(ParquetCompression::Zstd(None))
        .with_statistics(StatisticsOptions::full())
        .batched(schema)
        .map_err(Error::table(path))?;
    for group in groups {
        let frame = group.map_err(Error::table(path))?;
        writer.write_batch(&frame).map_err(Error::table(path))?;
    }
    writer.finish().map_err(Error::table(path))?;
    drop(writer);
    file.sync_all().map_err(Error::disk(path))?;
    Ok(file.metadata().map_err(Error::disk(path))?.len())
}
