//! Flow rows written as text, so that tests read as tables.

use std::error::Error;

use chrono::{NaiveDate, NaiveDateTime};
use polars::prelude::*;
use spot_analysis::model::{Address, Investigation, Provenance};
use spot_analysis::network::Network;
use spot_analysis::{InvestigateInput, investigate, rows};

pub type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// The day of all tests.
pub fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2016, 7, 8).unwrap_or_default()
}

/// A flow row; `-` in the text is a null.
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub time: Option<NaiveDateTime>,
    pub duration: Option<f64>,
    pub src: Option<String>,
    pub dst: Option<String>,
    pub src_port: Option<i32>,
    pub dst_port: Option<i32>,
    pub proto: Option<String>,
    pub flag: Option<String>,
    pub packets: Option<i64>,
    pub bytes: Option<i64>,
    pub packets_back: Option<i64>,
    pub bytes_back: Option<i64>,
}

/// A table written as text: the words of each line that has some.
pub fn words(table: &str) -> Vec<Vec<&str>> {
    let lines = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    lines.filter(|words| !words.is_empty()).collect()
}

/// Column `n` of such a table as numbers.
pub fn numbers(table: &[Vec<&str>], n: usize) -> Outcome<Vec<i32>> {
    table.iter().map(|line| Ok(line[n].parse()?)).collect()
}

/// Column `n` of such a table.
pub fn texts<'a>(table: &[Vec<&'a str>], n: usize) -> Vec<&'a str> {
    table.iter().map(|line| line[n]).collect()
}

/// The column `time` of rows with these times.
pub fn times(times: impl Iterator<Item = Option<NaiveDateTime>>) -> PolarsResult<Column> {
    let micros: Vec<_> = times.map(|time| Some(time?.and_utc().timestamp_micros())).collect();
    let time = DataType::Datetime(TimeUnit::Microseconds, None);
    Column::new(rows::TIME.into(), micros).cast(&time)
}

/// Where rows of a test come from.
pub fn provenance(table: &str, filter: String, rows: usize, scanned: usize) -> Provenance {
    Provenance {
        table: table.to_owned(),
        filter,
        rows: rows as u64,
        scanned: scanned as u64,
        files: Vec::new(),
        fingerprint: String::new(),
        partial: None,
    }
}

/// Values of a field of all rows.
macro_rules! column {
    ($rows:expr, $field:ident) => {
        $rows.iter().map(|row| row.$field.clone()).collect::<Vec<_>>()
    };
}
pub(crate) use column;

/// Lines of `time duration src port dst port proto flag packets bytes`; time is `HH:MM[:SS[.frac]]`.
pub fn parse(table: &str) -> Outcome<Vec<Row>> {
    let lines = table.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| row(line).map_err(|error| format!("{line}: {error}").into())).collect()
}

fn row(line: &str) -> Outcome<Row> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [time, duration, src, src_port, dst, dst_port, proto, flag, packets, bytes] = fields[..]
    else {
        return Err("not ten fields".into());
    };
    let long = if time.len() == 5 { format!("{time}:00") } else { time.to_owned() };
    let time = (time != "-").then(|| {
        NaiveDateTime::parse_from_str(&format!("{} {long}", day()), "%Y-%m-%d %H:%M:%S%.f")
    });
    Ok(Row {
        time: time.transpose()?,
        duration: value(duration)?,
        src: value(src)?,
        dst: value(dst)?,
        src_port: value(src_port)?,
        dst_port: value(dst_port)?,
        proto: value(proto)?,
        flag: value(flag)?,
        packets: value(packets)?,
        bytes: value(bytes)?,
        packets_back: Some(0),
        bytes_back: Some(0),
    })
}

fn value<T: std::str::FromStr>(text: &str) -> Result<Option<T>, T::Err> {
    if text == "-" { Ok(None) } else { text.parse().map(Some) }
}

/// The rows as the frame that the crate takes.
pub fn frame(all: &[Row]) -> Outcome<DataFrame> {
    let frame = df!(
        rows::DURATION => column!(all, duration),
        rows::SRC => column!(all, src),
        rows::DST => column!(all, dst),
        rows::SRC_PORT => column!(all, src_port),
        rows::DST_PORT => column!(all, dst_port),
        rows::PROTO => column!(all, proto),
        rows::FLAG => column!(all, flag),
        rows::PACKETS => column!(all, packets),
        rows::BYTES => column!(all, bytes),
        rows::PACKETS_BACK => column!(all, packets_back),
        rows::BYTES_BACK => column!(all, bytes_back),
    )?;
    let time = times(all.iter().map(|row| row.time))?;
    Ok(DataFrame::new(all.len(), [vec![time], frame.into_columns()].concat())?)
}

/// A search with 20 results.
pub fn search(frame: &DataFrame, anchor: &str, network: &Network) -> Outcome<Investigation> {
    Ok(investigate(InvestigateInput {
        rows: frame,
        anchor: Address::new(anchor),
        day: day(),
        network,
        high_rows: 1,
        top_results: 20,
        provenance: provenance("flow", String::new(), frame.height(), frame.height()),
        notes: Vec::new(),
    })?)
}

/// A small generator, so that random frames are the same on every machine.
pub struct Lcg(pub u64);

impl Lcg {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % limit
    }
}
