//! Parquet files, read as the text that [`csv`](super::csv) reads: the columns that are wanted, some rows at a time.

use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use polars::prelude::*;
use spot_store::StoreError;

use super::Map;

/// Rows that are in memory at once.
const ROWS: u32 = 65_536;

/// A file as CSV.
pub struct Text {
    path: PathBuf,
    columns: Vec<PlSmallStr>,
    next: u32,
    rows: u32,
    /// Bytes of the file, and where they are counted as they are read.
    size: u64,
    counted: u64,
    read: Arc<AtomicU64>,
    waiting: io::Cursor<Vec<u8>>,
}

/// Begins to read a file.
///
/// # Errors
/// It is no Parquet, or has no columns that are wanted.
pub fn text(path: &Path, map: &Map, read: Arc<AtomicU64>) -> spot_store::Result<Text> {
    let broken = |what: String| {
        let fix = "give a Parquet file; others are read by `spot import csv`, `zeek` and so on";
        StoreError::data(what, fix).at(path.display())
    };
    let schema = guarded(|| scan(path)?.collect_schema())
        .map_err(|error| broken(format!("this is no Parquet file: {error}")))?;
    let columns: Vec<PlSmallStr> =
        schema.iter_names().filter(|name| map.meaning(name).is_some()).cloned().collect();
    if columns.is_empty() {
        let names: Vec<&str> = schema.iter_names().map(PlSmallStr::as_str).take(50).collect();
        let what = format!("no column is one of ours; it has {}", names.join(", ").escape_debug());
        let fix = "say which is which: --map sip=NAME --map dip=NAME --map treceived=NAME";
        return Err(StoreError::usage(what, fix).at(path.display()));
    }
    let rows = guarded(|| scan(path)?.select([len()]).collect())
        .and_then(|frame| frame.columns()[0].cast(&DataType::UInt32))
        .and_then(|rows| rows.u32().map(|rows| rows.first().unwrap_or(0)))
        .map_err(|error| broken(format!("its rows cannot be counted: {error}")))?;
    let header: Vec<String> = columns.iter().map(|name| quoted(name)).collect();
    let waiting = io::Cursor::new((header.join(",") + "\n").into_bytes());
    let size = path.metadata().map_or(0, |of| of.len());
    Ok(Text { path: path.to_owned(), columns, next: 0, rows, size, counted: 0, read, waiting })
}

impl Read for Text {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.waiting.read(buffer)?;
            if count > 0 || self.next >= self.rows {
                return Ok(count);
            }
            let frame = guarded(|| {
                let rows = scan(&self.path)?.slice(i64::from(self.next), ROWS);
                rows.select(self.columns.iter().map(|name| col(name.clone())).collect::<Vec<_>>())
                    .collect()
            });
            let frame = frame.map_err(|error| {
                let what = format!("the rows from {} on cannot be read: {error}", self.next);
                io::Error::new(io::ErrorKind::InvalidData, what)
            })?;
            self.next = self.next.saturating_add(ROWS);
            let done = self.size * u64::from(self.next.min(self.rows)) / u64::from(self.rows);
            self.read.fetch_add(done.saturating_sub(self.counted), Ordering::Relaxed);
            self.counted = done;
            self.waiting = io::Cursor::new(lines(&frame).into_bytes());
        }
    }
}

fn scan(path: &Path) -> PolarsResult<LazyFrame> {
    let path = path.to_str().ok_or_else(|| polars_err!(ComputeError: "its name is no UTF-8"))?;
    // A name with a star is a name here.
    let args = ScanArgsParquet { glob: false, low_memory: true, ..ScanArgsParquet::default() };
    LazyFrame::scan_parquet(PlRefPath::new(path), args)
}

/// Damaged files make the reader panic.
fn guarded<T>(read: impl FnOnce() -> PolarsResult<T>) -> PolarsResult<T> {
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| polars_bail!(ComputeError: "the file is damaged"))
}

fn lines(frame: &DataFrame) -> String {
    let mut out = String::new();
    for row in 0..frame.height() {
        for (place, column) in frame.columns().iter().enumerate() {
            if place > 0 {
                out.push(',');
            }
            let text = column.get(row).map(|value| text_of(&value)).unwrap_or_default();
            out.push_str(&quoted(&text));
        }
        out.push('\n');
    }
    out
}

/// A cell: a line's end would be another row's begin.
fn quoted(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ");
    match text.contains(['"', ',', ';', '\t', '|', ' ']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

fn text_of(value: &AnyValue<'_>) -> String {
    let at = |micros: Option<i64>| {
        let at = micros.and_then(chrono::DateTime::from_timestamp_micros);
        at.map_or_else(String::new, |at| at.format("%Y-%m-%dT%H:%M:%S%.6f").to_string())
    };
    match value {
        AnyValue::Null => String::new(),
        AnyValue::String(text) => (*text).to_owned(),
        AnyValue::StringOwned(text) => text.to_string(),
        AnyValue::Binary(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        AnyValue::BinaryOwned(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        // What is stored is UTC, whatever the zone that it is shown in.
        AnyValue::Datetime(value, unit, _) => at(micros(*value, *unit)),
        AnyValue::DatetimeOwned(value, unit, _) => at(micros(*value, *unit)),
        AnyValue::Date(days) => at(i64::from(*days).checked_mul(86_400_000_000)),
        AnyValue::Float32(value) => value.to_string(),
        AnyValue::Float64(value) => value.to_string(),
        AnyValue::List(list) => list.iter().map(|one| text_of(&one)).collect::<Vec<_>>().join("|"),
        AnyValue::Boolean(value) => u8::from(*value).to_string(),
        other => match other.extract::<i128>() {
            Some(number) => number.to_string(),
            None => String::new(),
        },
    }
}

fn micros(value: i64, unit: TimeUnit) -> Option<i64> {
    match unit {
        TimeUnit::Nanoseconds => Some(value.div_euclid(1000)),
        TimeUnit::Microseconds => Some(value),
        TimeUnit::Milliseconds => value.checked_mul(1000),
    }
}
