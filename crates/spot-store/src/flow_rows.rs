//! The flow rows of one question on one day, in the shape that the analysis starts from.

use std::sync::Arc;

use polars::prelude::*;
use spot_analysis::model::Address;
use spot_analysis::rows;
use spot_analysis::spellings::spellings;

use crate::error::Result;
use crate::held::{Day, Keep, Test};
use crate::parquet::{self, Column, FileInfo, Part, Type, cast, engine, scan};
use crate::source::FlowRows;
use crate::times::{self, epoch, parsed, timeless};

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

/// The day's rows with `anchor`.
pub(crate) fn read(day: &Day<'_>, anchor: &Address) -> Result<FlowRows> {
    let is_anchor = one_of(spellings(anchor));
    let ends: Vec<(_, Test)> =
        vec![(rows::SRC, Box::new(&is_anchor)), (rows::DST, Box::new(&is_anchor))];
    read_where(day, &Keep::Any(ends), format!("sip = {anchor} or dip = {anchor}"))
}

/// The day's flows between one of `ones` and one of `others`.
pub(crate) fn read_between(
    day: &Day<'_>,
    ones: &[Address],
    others: &[Address],
) -> Result<FlowRows> {
    let tests: [Test; 2] = [ones, others]
        .map(|ends| -> Test { Box::new(one_of(ends.iter().flat_map(spellings).collect())) });
    let (some, more) = (ones.len(), others.len());
    let asked = format!("one of {some} addresses at one end, one of {more} at the other");
    read_where(day, &Keep::Pair([rows::SRC, rows::DST], tests), asked)
}

/// One look-up a value: half the time of comparing with each spelling in turn.
fn one_of(texts: Vec<String>) -> impl Fn(Expr) -> Expr {
    let texts = Series::new("spellings".into(), texts);
    move |column: Expr| column.is_in(lit(texts.clone()).implode(false), false)
}

/// Rows of a file, as [`HeldDay`](crate::held::HeldDay) holds them: with the times that are written in
/// Spot's own way.
pub(crate) fn part(file: &Arc<FileInfo>, rows: Part) -> Result<DataFrame> {
    with_spots_time(parquet::part(file, rows, &FLOW, &select)?)
}

fn read_where(day: &Day<'_>, keep: &Keep<'_>, asked: String) -> Result<FlowRows> {
    let filter = |schema: &Schema| {
        let end = |ours: &str| {
            let name = if ours == rows::SRC { "sip" } else { "dip" };
            cast((name, Type::Text), schema.get(name).unwrap_or(&DataType::String))
        };
        Some(keep.filter(&end))
    };
    let raw = match day.held {
        Some(held) => held.select(keep)?,
        None => with_spots_time(scan(day.files, &FLOW, &filter, &select)?)?,
    };
    let (frame, notes) = with_time(raw)?;
    Ok(FlowRows::new(frame, notes, "flow", asked, (day.root, day.files)))
}

/// The columns that a search needs of a file with this schema, all but the time with our names.
fn select(schema: &Schema) -> Vec<Expr> {
    let typed = |column: Column| cast(column, schema.get(column.0).unwrap_or(&DataType::Null));
    let epoch = match schema.get(EPOCH) {
        Some(found) if found.is_integer() => col(EPOCH).strict_cast(DataType::Int64),
        _ => lit(NULL).cast(DataType::Int64),
    };
    let renamed = FLOW[1..].iter().zip(RENAMED).map(|(column, name)| typed(*column).alias(name));
    let mut columns = vec![typed(FLOW[0]), epoch.alias(EPOCH)];
    columns.extend(renamed);
    columns
}

/// Adds `time` where `treceived` is `2016-07-08 09:00:00`.
fn with_spots_time(raw: DataFrame) -> Result<DataFrame> {
    let time = parsed(col("treceived"), "%Y-%m-%d %H:%M:%S").alias(rows::TIME);
    raw.lazy().with_column(time).collect().map_err(|e| engine(&e))
}

/// Fills what [`with_spots_time`] could not read, from `treceived` or the epoch; counts what nobody can.
fn with_time(mut frame: DataFrame) -> Result<(DataFrame, Vec<String>)> {
    let mut notes = Vec::new();
    if timeless(&frame) > 0 {
        let parsed = |format: &str| parsed(col("treceived"), format);
        let collect = |frame: LazyFrame| frame.collect().map_err(|e| engine(&e));
        let better = col(rows::TIME).fill_null(parsed("%Y-%m-%dT%H:%M:%S%.f"));
        let better = better.fill_null(parsed("%Y-%m-%d %H:%M:%S%.f"));
        frame = collect(frame.lazy().with_column(better))?;
        let unread = timeless(&frame);
        let by_epoch = col(rows::TIME).fill_null(epoch(col(EPOCH)));
        frame = collect(frame.lazy().with_column(by_epoch))?;
        notes = times::notes(unread, timeless(&frame), "treceived", EPOCH);
    }
    let order: Vec<_> = rows::schema().iter_names().cloned().collect();
    Ok((frame.select(order).map_err(|e| engine(&e))?, notes))
}
