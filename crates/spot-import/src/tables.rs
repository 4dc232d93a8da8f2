//! Rows as files of the raw tables.
//!
//! A search wants the rows in which an address is source or destination, and a reader skips a row group when
//! the address lies outside of the smallest and largest value of both columns. In order of time every group
//! would hold every address; in order of sources every group would hold every destination. So rows lie along a
//! curve that goes through both at once: the places of source and destination among the distinct addresses,
//! their bits in turn (Z order). Each group is then a small rectangle of few sources and few destinations.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use chrono::{DateTime, Datelike, NaiveDateTime, Timelike};
use polars::io::parquet::write::KeyValueMetadata;
use polars::prelude::*;
use spot_store::{Result, StoreError};

use crate::rows::{Answer, Flow, address, flag_text, icmp, icmp_answer, protocol};

/// Rows of a row group.
pub const GROUP_ROWS: usize = 16_384;

/// How a connection becomes rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Directions {
    /// One row with both directions.
    #[default]
    One,
    /// A row for each direction that had packets, as Spot's own ingest writes them.
    Two,
}

/// Rows of one hour to one file; gives how many rows it has.
///
/// # Errors
/// What the disk or the engine says.
pub fn write_flows(path: &Path, mut flows: Vec<Flow>, directions: Directions) -> Result<u64> {
    if directions == Directions::Two {
        flows = flows.into_iter().flat_map(both).collect();
    }
    let places = Curve::of(flows.iter().map(|flow| (flow.src.address, flow.dst.address)));
    flows.sort_by_cached_key(|flow| {
        (places.along(flow.src.address, flow.dst.address), flow.end, flow.src.port, flow.dst.port)
    });
    let groups = flows.chunks(GROUP_ROWS).map(|rows| flow_frame(rows, &places));
    write(path, groups)?;
    Ok(flows.len() as u64)
}

/// As [`write_flows`], of answers: clients and servers are what addresses are searched in.
///
/// # Errors
/// As there.
pub fn write_answers(path: &Path, mut answers: Vec<Answer>) -> Result<u64> {
    let places = Curve::of(answers.iter().map(|answer| (answer.client, answer.server)));
    answers.sort_by(|a, b| {
        let of = |answer: &Answer| (places.along(answer.client, answer.server), answer.at);
        of(a).cmp(&of(b)).then_with(|| a.name.cmp(&b.name))
    });
    let groups = answers.chunks(GROUP_ROWS).map(|rows| answer_frame(rows, &places));
    write(path, groups)?;
    Ok(answers.len() as u64)
}

/// A row for each direction that had packets.
fn both(flow: Flow) -> impl Iterator<Item = Flow> {
    let (mut src, mut dst) = (flow.dst, flow.src);
    if matches!(flow.proto, 1 | 58) {
        let (kind, code) = (src.port >> 8, src.port & 0xff);
        dst.port = icmp_answer(flow.proto, kind).map_or(icmp(kind, code), |kind| icmp(kind, 0));
        src.port = 0;
    }
    let (flags, there) = ((flow.flags.1, 0), flow.back);
    let back = Flow { src, dst, flags, there, back: (0, 0), ..flow };
    let there = Flow { flags: (flow.flags.0, 0), back: (0, 0), ..flow };
    [there, back].into_iter().filter(|row| row.there.0 > 0)
}

/// Sources and destinations of a file, each among its like.
struct Curve {
    first: Places,
    second: Places,
}

impl Curve {
    fn of(ends: impl Iterator<Item = (u128, u128)>) -> Self {
        let (first, second) = ends.unzip();
        Self { first: Places::of(first), second: Places::of(second) }
    }

    /// The bits of both places in turn.
    fn along(&self, first: u128, second: u128) -> u64 {
        spread(self.first.place(first)) << 1 | spread(self.second.place(second))
    }

    fn text(&self, number: u128) -> &str {
        self.first.text(number).or_else(|| self.second.text(number)).unwrap_or_default()
    }
}

/// The distinct addresses of a column: their texts, and their places in the order of these, spread over 31
/// bits, so that few sources count as much as many destinations.
struct Places(HashMap<u128, (u32, String)>);

impl Places {
    fn of(mut all: Vec<u128>) -> Self {
        all.sort_unstable();
        all.dedup();
        // Readers compare texts.
        let mut texts: Vec<(String, u128)> =
            all.into_iter().map(|number| (address(number).to_string(), number)).collect();
        texts.sort_unstable();
        let count = texts.len().max(1) as u64;
        let places = texts.into_iter().zip(0u64..);
        let spread = |place: u64| u32::try_from((place << 31) / count).unwrap_or(u32::MAX);
        Self(places.map(|((text, number), place)| (number, (spread(place), text))).collect())
    }

    fn place(&self, number: u128) -> u32 {
        self.0.get(&number).map_or(0, |(place, _)| *place)
    }

    fn text(&self, number: u128) -> Option<&str> {
        self.0.get(&number).map(|(_, text)| text.as_str())
    }
}

/// The bits of a number with a gap after each.
fn spread(number: u32) -> u64 {
    let mut bits = u64::from(number);
    for (shift, mask) in [
        (16, 0x0000_ffff_0000_ffff),
        (8, 0x00ff_00ff_00ff_00ff),
        (4, 0x0f0f_0f0f_0f0f_0f0f),
        (2, 0x3333_3333_3333_3333),
        (1, 0x5555_5555_5555_5555),
    ] {
        bits = (bits | bits << shift) & mask;
    }
    bits
}

fn time(micros: i64) -> NaiveDateTime {
    DateTime::from_timestamp_micros(micros).unwrap_or_default().naive_utc()
}

/// Whole seconds since 1970.
fn seconds(micros: i64) -> i64 {
    micros.div_euclid(1_000_000)
}

fn flow_frame(rows: &[Flow], places: &Curve) -> PolarsResult<DataFrame> {
    let texts = |name: &str, of: &dyn Fn(&Flow) -> String| {
        let values = rows.iter().map(|row| Some(of(row)));
        StringChunked::from_iter_options(name.into(), values).into_column()
    };
    let ends = |name: &str, of: fn(&Flow) -> u128| {
        let values = rows.iter().map(|row| Some(places.text(of(row))));
        StringChunked::from_iter_options(name.into(), values).into_column()
    };
    let ints = |name: &str, of: &dyn Fn(&Flow) -> i32| {
        Int32Chunked::from_iter_values(name.into(), rows.iter().map(of)).into_column()
    };
    let longs = |name: &str, of: &dyn Fn(&Flow) -> u64| {
        let values = rows.iter().map(|row| i64::try_from(of(row)).unwrap_or(i64::MAX));
        Int64Chunked::from_iter_values(name.into(), values).into_column()
    };
    let clock = |part: fn(&NaiveDateTime) -> u32| move |row: &Flow| part(&time(row.end)) as i32;
    let lengths = rows.iter().map(|row| row.duration as f32 / 1e3);
    let whole = rows.iter().map(|row| seconds(row.end));
    let columns = vec![
        texts("treceived", &|row| clock_text(row.end)),
        Int64Chunked::from_iter_values("unix_tstamp".into(), whole).into_column(),
        ints("tryear", &|row| time(row.end).year()),
        ints("trmonth", &clock(Datelike::month)),
        ints("trday", &clock(Datelike::day)),
        ints("trhour", &clock(Timelike::hour)),
        ints("trminute", &clock(Timelike::minute)),
        ints("trsec", &clock(Timelike::second)),
        Float32Chunked::from_iter_values("tdur".into(), lengths).into_column(),
        ends("sip", |row| row.src.address),
        ends("dip", |row| row.dst.address),
        ints("sport", &|row| row.src.port.into()),
        ints("dport", &|row| row.dst.port.into()),
        texts("proto", &|row| protocol(row.proto)),
        texts("flag", &|row| flag_text(row.flags.0)),
        ints("fwd", &|_| 0),
        ints("stos", &|_| 0),
        longs("ipkt", &|row| row.there.0),
        longs("ibyt", &|row| row.there.1),
        longs("opkt", &|row| row.back.0),
        longs("obyt", &|row| row.back.1),
        ints("input", &|_| 0),
        ints("output", &|_| 0),
        ints("sas", &|_| 0),
        ints("das", &|_| 0),
        ints("dtos", &|_| 0),
        ints("dir", &|_| 0),
        texts("rip", &|_| "0.0.0.0".to_owned()),
    ];
    DataFrame::new(rows.len(), columns)
}

fn clock_text(micros: i64) -> String {
    let at = time(micros);
    let (date, clock) = (at.date(), at.time());
    // A tenth of what `format` takes, and of every row.
    let pair = |number: u32| {
        let digit = |value: u32| char::from_digit(value % 10, 10).unwrap_or('0');
        [digit(number / 10), digit(number)]
    };
    let mut text = String::with_capacity(19);
    text.push_str(&date.year().to_string());
    for (before, number) in [
        ('-', date.month()),
        ('-', date.day()),
        (' ', clock.hour()),
        (':', clock.minute()),
        (':', clock.second()),
    ] {
        text.push(before);
        text.extend(pair(number));
    }
    text
}

fn answer_frame(rows: &[Answer], places: &Curve) -> PolarsResult<DataFrame> {
    let texts = |name: &str, of: &dyn Fn(&Answer) -> String| {
        let values = rows.iter().map(|row| Some(of(row)));
        StringChunked::from_iter_options(name.into(), values).into_column()
    };
    let ints = |name: &str, of: fn(&Answer) -> u16| {
        let values = rows.iter().map(|row| i32::from(of(row)));
        Int32Chunked::from_iter_values(name.into(), values).into_column()
    };
    let whole = rows.iter().map(|row| seconds(row.at));
    let lengths = rows.iter().map(|row| i32::try_from(row.length?).ok());
    let columns = vec![
        texts("frame_time", &|row| time(row.at).format("%b %e %Y %H:%M:%S%.6f000 UTC").to_string()),
        Int64Chunked::from_iter_values("unix_tstamp".into(), whole).into_column(),
        Int32Chunked::from_iter_options("frame_len".into(), lengths).into_column(),
        texts("ip_dst", &|row| places.text(row.client).to_owned()),
        texts("ip_src", &|row| places.text(row.server).to_owned()),
        texts("dns_qry_name", &|row| row.name.clone()),
        texts("dns_qry_class", &|row| format!("0x{:08x}", row.class)),
        ints("dns_qry_type", |row| row.kind),
        ints("dns_qry_rcode", |row| row.rcode),
        texts("dns_a", &|row| row.addresses.clone()),
    ];
    DataFrame::new(rows.len(), columns)
}

fn write(path: &Path, groups: impl Iterator<Item = PolarsResult<DataFrame>>) -> Result<()> {
    let engine = |error: PolarsError| {
        let what = format!("cannot write the table: {error}");
        StoreError::data(what, "nothing was imported: please report this").at(path.display())
    };
    let disk = |error: std::io::Error| {
        let mut refused = StoreError::io("write the file", path, &error);
        refused.fix =
            "nothing was imported: free some space, or give another data folder".to_owned();
        refused
    };
    let mut groups = groups.peekable();
    let schema = match groups.peek() {
        Some(Ok(frame)) => frame.schema().clone(),
        _ => return groups.next().map_or(Ok(()), |group| group.map(drop).map_err(engine)),
    };
    let file = File::create(path).map_err(disk)?;
    // The note on types that goes with the file: polars would say string_view, which Arrow's own Python
    // library can read but not filter or sort.
    let plain = schema.to_arrow(CompatLevel::oldest());
    let note = polars_parquet::write::schema_to_metadata_key(&plain);
    let note = KeyValueMetadata::from_static(vec![(note.key, note.value.unwrap_or_default())]);
    let mut writer = ParquetWriter::new(BufWriter::new(&file))
        .with_compression(ParquetCompression::Zstd(None))
        .with_key_value_metadata(Some(note))
        .with_statistics(StatisticsOptions::full())
        .batched(&schema)
        .map_err(engine)?;
    for group in groups {
        writer.write_batch(&group.map_err(engine)?).map_err(engine)?;
    }
    writer.finish().map_err(engine)?;
    drop(writer);
    file.sync_all().map_err(disk)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_spread() {
        assert_eq!(spread(0b1011), 0b100_0101);
        assert_eq!(spread(u32::MAX), 0x5555_5555_5555_5555);
    }

    #[test]
    fn times_are_written_as_spot_writes_them() {
        let cases = [
            (1_588_205_198_899_710, "2020-04-30 00:06:38"),
            (0, "1970-01-01 00:00:00"),
            (-1, "1969-12-31 23:59:59"),
            (1_467_936_059_999_999, "2016-07-08 00:00:59"),
        ];
        for (micros, text) in cases {
            assert_eq!(clock_text(micros), text);
            assert_eq!(time(micros).format("%Y-%m-%d %H:%M:%S").to_string(), text);
        }
    }
}
