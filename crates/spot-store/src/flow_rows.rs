//! The flow rows of one anchor on one day, in the shape that the analysis starts from.

use std::path::Path;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use polars::prelude::*;
use sha2::{Digest, Sha256};
use spot_analysis::model::{Address, Provenance, SourceFile};
use spot_analysis::rows;
use spot_analysis::spellings::spellings;

use crate::error::Result;
use crate::parquet::{Column, FileInfo, Type, cast, engine, scan};

/// Rows with the anchor at either end.
#[derive(Clone, Debug)]
pub struct FlowRows {
    /// Shape: [`spot_analysis::rows::schema`].
    pub frame: DataFrame,
    /// Files, filter, counts.
    pub provenance: Provenance,
    /// What the reader should know.
    pub notes: Vec<String>,
}

const FLOW: [Column; 12] = [
    ("treceived", Type::Text),
    ("tdur", Type::Float),
    ("sip", Type::Text),
    ("dip", Type::Text),
    ("sport", Type::Int),
    ("dport", Type::Int),
    ("proto", Type::Text),
    ("flag", Type::Text),
    ("ipkt", Type::Big),
    ("ibyt", Type::Big),
    ("opkt", Type::Big),
    ("obyt", Type::Big),
];

/// Our names for `tdur` and what follows it.
const RENAMED: [&str; 11] = [
    rows::DURATION,
    rows::SRC,
    rows::DST,
    rows::SRC_PORT,
    rows::DST_PORT,
    rows::PROTO,
    rows::FLAG,
    rows::PACKETS,
    rows::BYTES,
    rows::PACKETS_BACK,
    rows::BYTES_BACK,
];

const EPOCH: &str = "unix_tstamp";

/// Filters `files`, the day's partition below `root`, for `anchor`.
pub(crate) fn read(root: &Path, files: &[Arc<FileInfo>], anchor: &Address) -> Result<FlowRows> {
    let spelled = Series::new("spellings".into(), spellings(anchor));
    let filter = |schema: &Schema| {
        // One look-up a value: half the time of comparing with each spelling in turn.
        let [sip, dip] = ["sip", "dip"].map(|end| {
            let text = cast((end, Type::Text), schema.get(end).unwrap_or(&DataType::String));
            text.is_in(lit(spelled.clone()).implode(false), false)
        });
        Some(sip.or(dip))
    };
    let select = |schema: &Schema| {
        let typed = |column: Column| cast(column, schema.get(column.0).unwrap_or(&DataType::Null));
        let epoch = match schema.get(EPOCH) {
            Some(found) if found.is_integer() => col(EPOCH).strict_cast(DataType::Int64),
            _ => lit(NULL).cast(DataType::Int64),
        };
        let renamed =
            FLOW[1..].iter().zip(RENAMED).map(|(column, name)| typed(*column).alias(name));
        let mut columns = vec![typed(FLOW[0]), epoch.alias(EPOCH)];
        columns.extend(renamed);
        columns
    };
    let raw = scan(files, &FLOW, &filter, &select)?;
    let (frame, notes) = with_time(raw)?;
    let provenance = Provenance {
        table: "flow".to_owned(),
        filter: format!("sip = {anchor} or dip = {anchor}"),
        rows: frame.height() as u64,
        scanned: files.iter().map(|file| file.rows).sum(),
        fingerprint: String::new(),
        files: sources(root, files),
    };
    let provenance = Provenance { fingerprint: fingerprint(&provenance.files), ..provenance };
    Ok(FlowRows { frame, provenance, notes })
}

/// `treceived` and the epoch become `time`; counts what could not be read.
fn with_time(raw: DataFrame) -> Result<(DataFrame, Vec<String>)> {
    let micros = DataType::Datetime(TimeUnit::Microseconds, None);
    let parsed = |format: &str| {
        let options = StrptimeOptions {
            format: Some(format.into()),
            strict: false,
            exact: true,
            cache: true,
        };
        let text = col("treceived").str().strip_chars(lit(NULL));
        text.str().to_datetime(Some(TimeUnit::Microseconds), None, options, lit("raise"))
    };
    // Seconds that no date can hold stay null.
    let sane = col(EPOCH).gt(lit(-62_135_596_800_i64)).and(col(EPOCH).lt(lit(253_402_300_800_i64)));
    let epoch = when(sane).then(col(EPOCH) * lit(1_000_000_i64)).otherwise(lit(NULL)).cast(micros);
    let collect = |frame: LazyFrame| frame.collect().map_err(|e| engine(&e));
    let mut frame = collect(raw.lazy().with_column(parsed("%Y-%m-%d %H:%M:%S").alias(rows::TIME)))?;
    let mut notes = Vec::new();
    let unread = nulls(&frame);
    if unread > 0 {
        let better = col(rows::TIME).fill_null(parsed("%Y-%m-%dT%H:%M:%S%.f"));
        let better = better.fill_null(parsed("%Y-%m-%d %H:%M:%S%.f"));
        frame = collect(frame.lazy().with_column(better))?;
        let unread = nulls(&frame);
        frame = collect(frame.lazy().with_column(col(rows::TIME).fill_null(epoch)))?;
        let timeless = nulls(&frame);
        if unread > timeless {
            notes.push(format!(
                "{} rows have no readable treceived; their unix_tstamp was taken",
                unread - timeless
            ));
        }
        if timeless > 0 {
            notes.push(format!(
                "{timeless} rows have neither a readable treceived nor a unix_tstamp"
            ));
        }
    }
    let order = rows::schema();
    let frame = collect(
        frame.lazy().select(order.iter_names().map(|name| col(name.clone())).collect::<Vec<_>>()),
    )?;
    Ok((frame, notes))
}

fn nulls(frame: &DataFrame) -> usize {
    frame.column(rows::TIME).map_or(0, |time| time.null_count())
}

fn sources(root: &Path, files: &[Arc<FileInfo>]) -> Vec<SourceFile> {
    let source = |file: &Arc<FileInfo>| {
        let path = file.path.strip_prefix(root).unwrap_or(&file.path);
        let modified = match file.modified.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_secs()).unwrap_or(i64::MAX),
        };
        SourceFile { path: path.to_string_lossy().into_owned(), size: file.size, modified }
    };
    files.iter().map(source).collect()
}

fn fingerprint(files: &[SourceFile]) -> String {
    let mut hash = Sha256::new();
    for file in files {
        // Length first, so that no two lists of files make the same bytes.
        hash.update((file.path.len() as u64).to_le_bytes());
        hash.update(file.path.as_bytes());
        hash.update(file.size.to_le_bytes());
        hash.update(file.modified.to_le_bytes());
    }
    hex(&hash.finalize())
}

/// SHA-256 of `bytes`, as hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
