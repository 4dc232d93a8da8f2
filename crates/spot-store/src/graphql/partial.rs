//! Rows made of the sums that Spot's own server gives, which the analysis can read.
//!
//! A line of sums that stands for n rows becomes n rows with the same sums: one has the most bytes and
//! packets, the others share the rest; the first and the last have the times that are known, the others
//! none. So counts, sums and first and last times are those of the server. The most goes to a row
//! without a time, where there is one, so that no picture shows it at a time that nobody knows.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use polars::prelude::*;
use spot_analysis::{dns, rows};

use super::answer::Item;
use crate::error::{Result, StoreError};
use crate::parquet::engine;

/// Most rows that sums may stand for. A server that says more wants to fill our memory.
const MOST: u64 = 5_000_000;

/// Most bytes of their texts.
const TEXTS: u64 = 1 << 30;

/// What every finding from sums says.
pub(super) const NOTE: &str = "This server gives sums of rows, as Apache Spot's own does. Bytes and \
    packets of a peer come from averages, which it may have cut to whole numbers. Protocols, codes, \
    answers and most times are not known, nor which of two rows was the bigger.";

/// The rows of a flow search, and notes.
pub(super) fn flows(details: &[Item<'_>]) -> Result<(DataFrame, Vec<String>)> {
    let mut lines = Vec::new();
    for item in details {
        let rows = counted(item.whole("connections")?, item, "connections")?;
        let port =
            |name| Ok::<_, StoreError>(item.whole(name)?.and_then(|n| i32::try_from(n).ok()));
        lines.push(Line {
            rows,
            seen: (item.time("firstSeen")?, item.time("lastSeen")?),
            ends: (item.text("srcIp")?, item.text("dstIp")?),
            ports: (port("srcPort")?, port("dstPort")?),
            packets: shares(item.whole("maxPkts")?, item.number("avgPkts")?, rows),
            bytes: shares(item.whole("maxBytes")?, item.number("avgBytes")?, rows),
        });
    }
    let bytes = |line: &Line<'_>| [line.ends.0, line.ends.1].map(|end| end.map_or(0, str::len));
    let total = total(lines.iter().map(|line| (line.rows, bytes(line).iter().sum())))?;
    let each = || lines.iter().flat_map(|line| (0..line.rows).map(move |n| (line, n)));
    let micros = |time: NaiveDateTime| time.and_utc().timestamp_micros();
    let time: Int64Chunked = each().map(|(line, n)| line.time(n).map(micros)).collect();
    let timeless = time.null_count();
    let of = |share: fn(&Line<'_>) -> Shares| -> Int64Chunked {
        each().map(|(line, n)| share(line).of(n)).collect()
    };
    let frame = df!(
        rows::TIME => time.into_series(),
        rows::DURATION => Float64Chunked::full("".into(), 0.0, total).into_series(),
        rows::SRC => each().map(|(line, _)| line.ends.0).collect::<StringChunked>().into_series(),
        rows::DST => each().map(|(line, _)| line.ends.1).collect::<StringChunked>().into_series(),
        rows::SRC_PORT => each().map(|(line, _)| line.ports.0).collect::<Int32Chunked>().into_series(),
        rows::DST_PORT => each().map(|(line, _)| line.ports.1).collect::<Int32Chunked>().into_series(),
        rows::PROTO => StringChunked::full_null("".into(), total).into_series(),
        rows::FLAG => StringChunked::full_null("".into(), total).into_series(),
        rows::PACKETS => of(|line| line.packets).into_series(),
        rows::BYTES => of(|line| line.bytes).into_series(),
        rows::PACKETS_BACK => Int64Chunked::full("".into(), 0, total).into_series(),
        rows::BYTES_BACK => Int64Chunked::full("".into(), 0, total).into_series(),
    );
    let frame = as_microseconds(frame, rows::TIME)?;
    let note = format!("{timeless} rows have no time of their own; they count, but are in no bin");
    Ok((frame, (timeless > 0).then_some(note).into_iter().collect()))
}

/// The rows of a DNS search.
pub(super) fn answers(details: &[Item<'_>]) -> Result<DataFrame> {
    let mut lines = BTreeMap::<_, u64>::new();
    for item in details {
        let rows = counted(item.whole("total")?, item, "total")?;
        let line = (item.text("clientIp")?, item.text("dnsQuery")?);
        let known = lines.entry(line).or_default();
        *known = known.saturating_add(rows);
    }
    let bytes = |(client, name): &(Option<&str>, Option<&str>)| {
        client.map_or(0, str::len) + name.map_or(0, str::len)
    };
    let total = total(lines.iter().map(|(line, rows)| (*rows, bytes(line))))?;
    let each = || lines.iter().flat_map(|(line, rows)| (0..*rows).map(move |_| *line));
    let texts = || StringChunked::full_null("".into(), total).into_series();
    let codes = || Int32Chunked::full_null("".into(), total).into_series();
    let frame = df!(
        dns::rows::TIME => Int64Chunked::full_null("".into(), total).into_series(),
        dns::rows::CLIENT => each().map(|(client, _)| client).collect::<StringChunked>().into_series(),
        dns::rows::SERVER => texts(),
        dns::rows::NAME => each().map(|(_, name)| name).collect::<StringChunked>().into_series(),
        dns::rows::CLASS => texts(),
        dns::rows::TYPE => codes(),
        dns::rows::RCODE => codes(),
        dns::rows::ANSWERS => texts(),
    );
    as_microseconds(frame, dns::rows::TIME)
}

fn as_microseconds(frame: PolarsResult<DataFrame>, time: &str) -> Result<DataFrame> {
    let typed = frame.and_then(|frame| {
        let time = col(time).cast(DataType::Datetime(TimeUnit::Microseconds, None));
        frame.lazy().with_column(time).collect()
    });
    typed.map_err(|e| engine(&e))
}

/// Sums of rows between two ends and ports.
struct Line<'a> {
    rows: u64,
    seen: (Option<NaiveDateTime>, Option<NaiveDateTime>),
    ends: (Option<&'a str>, Option<&'a str>),
    ports: (Option<i32>, Option<i32>),
    packets: Shares,
    bytes: Shares,
}

impl Line<'_> {
    fn time(&self, row: u64) -> Option<NaiveDateTime> {
        match row {
            0 => self.seen.0.or(self.seen.1),
            1 => self.seen.1,
            _ => None,
        }
    }
}

/// How n rows share a sum: the one at `at` has the most, the others what is left, the first of them what
/// does not divide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shares {
    at: u64,
    most: Option<i64>,
    odd: i64,
    each: i64,
}

impl Shares {
    fn of(self, row: u64) -> Option<i64> {
        let most = self.most?;
        let first = u64::from(self.at == 0);
        Some(match row {
            row if row == self.at => most,
            row if row == first => self.each + self.odd,
            _ => self.each,
        })
    }
}

fn shares(most: Option<i64>, average: Option<f64>, rows: u64) -> Shares {
    let at = if rows > 2 { 2 } else { 0 };
    let Some(most) = most.map(|most| most.max(0)) else {
        return Shares { at, most: None, odd: 0, each: 0 };
    };
    // `as` saturates, and NaN becomes 0.
    let sum = (average.unwrap_or(0.0) * rows as f64).round() as i64;
    let others = i64::try_from(rows).unwrap_or(i64::MAX) - 1;
    if others < 1 {
        return Shares { at, most: Some(most), odd: 0, each: 0 };
    }
    let left = sum.saturating_sub(most).max(0);
    Shares { at, most: Some(most), odd: left % others, each: left / others }
}

fn counted(rows: Option<i64>, item: &Item<'_>, name: &str) -> Result<u64> {
    rows.and_then(|rows| u64::try_from(rows).ok()).ok_or_else(|| item.no(name, "number of rows"))
}

/// Of lines: the rows that each stands for, and the bytes of the texts of one.
fn total(lines: impl Iterator<Item = (u64, usize)>) -> Result<usize> {
    let (total, bytes) = lines.fold((0u64, 0u64), |(total, bytes), (rows, each)| {
        (total.saturating_add(rows), bytes.saturating_add(rows.saturating_mul(each as u64)))
    });
    if total > MOST || bytes > TEXTS {
        let what = format!("the server says that {total} rows match, more than {MOST}");
        let fix = "ask `spot serve`, which sends rows, or open the folder";
        return Err(StoreError::data(what, fix));
    }
    Ok(total as usize)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::answer::Answer;
    use super::*;

    fn of<T>(list: Value, read: impl Fn(&[Item<'_>]) -> Result<T>) -> Result<T> {
        let answer = Answer::new(json!({"data": {"list": list}})).expect("an answer");
        let (items, _) = answer.list(&["list"])?;
        read(&items)
    }

    fn line(connections: i64, max: i64, avg: f64) -> Value {
        json!({
            "srcIp": "10.0.0.5", "dstIp": "203.0.113.9", "srcPort": 50002, "dstPort": 443,
            "connections": connections, "maxPkts": 20, "avgPkts": 12.5, "maxBytes": max,
            "avgBytes": avg, "firstSeen": "2016-07-08 09:10:00", "lastSeen": "2016-07-08 10:00:00",
        })
    }

    #[test]
    fn rows_have_the_sums_that_the_server_gave() {
        for (n, max, avg) in [(2, 5000, 2750.0), (3, 10, 4.0), (1, 7, 7.0), (7, 3_000_000_000, 5e8)]
        {
            let (frame, notes) = of(json!([line(n, max, avg)]), flows).expect("rows");
            rows::check(&frame).expect("the shape");
            let bytes = frame.column(rows::BYTES).and_then(Column::i64).expect("bytes");
            assert_eq!(frame.height() as i64, n);
            assert_eq!(bytes.max(), Some(max));
            assert_eq!(bytes.iter().flatten().sum::<i64>(), (avg * n as f64) as i64);
            let time = frame.column(rows::TIME).expect("time");
            assert_eq!((time.len() - time.null_count()) as i64, n.min(2));
            assert_eq!(notes.len(), usize::from(n > 2));
        }
    }

    #[test]
    fn hostile_sums_are_refused() {
        for connections in [-1, i64::from(i32::MAX), i64::MAX] {
            assert!(of(json!([line(connections, 1, 1.0)]), flows).is_err(), "{connections}");
        }
        let mut long = line(4_000_000, 1, 1.0);
        long["srcIp"] = json!("x".repeat(1000));
        assert!(of(json!([long]), flows).is_err());
        let (frame, _) = of(json!([line(2, i64::MIN, -1e300)]), flows).expect("rows");
        assert_eq!(frame.height(), 2);
    }

    #[test]
    fn answers_are_counted() {
        let list = json!([
            {"total": 3, "clientIp": "10.0.0.5", "dnsQuery": "a.evil.com"},
            {"total": 1, "clientIp": null, "dnsQuery": "a.evil.com"},
        ]);
        let frame = of(list, answers).expect("rows");
        dns::rows::check(&frame).expect("the shape");
        assert_eq!(frame.height(), 4);
    }
}
