//! The flow rows of one question on one day, in the shape that the analysis starts from.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDateTime;
use polars::prelude::*;
use spot_analysis::model::Address;
use spot_analysis::rows;
use spot_analysis::spellings::spellings;

use crate::error::Result;
use crate::held::{Day, Keep, Test};
use crate::parquet::{self, Column as Wanted, FileInfo, Part, Type, cast, engine, scan};
use crate::source::FlowRows;
use crate::times::{self, Span, epoch, parsed, timeless};

const FLOW: [Wanted; 12] = [
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

/// What a store reads that has no files to look into: each of these, null where it is not there.
#[cfg(feature = "engine")]
pub(crate) const COLUMNS: [Wanted; 13] = {
    let [a, b, c, d, e, f, g, h, i, j, k, l] = FLOW;
    [a, b, c, d, e, f, g, h, i, j, k, l, (EPOCH, Type::Big)]
};

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

/// How Spot writes `treceived`.
const SPOTS_TIME: &str = "%Y-%m-%d %H:%M:%S";

/// The day's rows with `anchor`.
pub(crate) fn read(day: &Day<'_>, anchor: &Address) -> Result<FlowRows> {
    let is_anchor = one_of(spellings(anchor));
    let ends: Vec<(_, Test)> =
        vec![(rows::SRC, Box::new(&is_anchor)), (rows::DST, Box::new(&is_anchor))];
    read_where(day, &Keep::Any(ends), format!("sip = {anchor} or dip = {anchor}"))
}

/// The day's rows of each of `anchors`, in their order, from one pass over the files.
pub(crate) fn read_each(day: &Day<'_>, anchors: &[Address]) -> Result<Vec<FlowRows>> {
    let is_wanted = one_of(anchors.iter().flat_map(spellings).collect());
    let ends: Vec<(_, Test)> =
        vec![(rows::SRC, Box::new(&is_wanted)), (rows::DST, Box::new(&is_wanted))];
    let all = raw_where(day, &Keep::Any(ends))?;
    let places = places_of(&all, anchors).map_err(|e| engine(&e))?;
    let one = |(anchor, places): (&Address, IdxCa)| {
        // As a search of this one alone: what is said of its times is of its own rows.
        let (frame, notes) = with_time(all.take(&places).map_err(|e| engine(&e))?)?;
        let asked = format!("sip = {anchor} or dip = {anchor}");
        Ok(FlowRows::new(frame, notes, "flow", asked, (day.root, day.files)))
    };
    anchors.iter().zip(places).map(one).collect()
}

/// Where the rows of each of `anchors` are.
fn places_of(all: &DataFrame, anchors: &[Address]) -> PolarsResult<Vec<IdxCa>> {
    let mut whose: HashMap<String, Vec<usize>> = HashMap::new();
    for (number, anchor) in anchors.iter().enumerate() {
        for spelling in spellings(anchor) {
            let numbers = whose.entry(spelling).or_default();
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
    }
    let (src, dst) = (all.column(rows::SRC)?.str()?, all.column(rows::DST)?.str()?);
    let mut places: Vec<Vec<IdxSize>> = vec![Vec::new(); anchors.len()];
    let whose = |text: Option<&str>| text.and_then(|text| whose.get(text)).into_iter().flatten();
    for (row, (src, dst)) in (0..).zip(src.iter().zip(dst.iter())) {
        for &number in whose(src).chain(whose(dst)) {
            // A row of an anchor to itself is one row.
            if places[number].last() != Some(&row) {
                places[number].push(row);
            }
        }
    }
    Ok(places.into_iter().map(|places| IdxCa::from_vec("places".into(), places)).collect())
}

/// Rows of [`COLUMNS`], in our shape, with notes on their times.
#[cfg(feature = "engine")]
pub(crate) fn of_raw(raw: DataFrame) -> Result<(DataFrame, Vec<String>)> {
    let columns = select(raw.schema());
    let chosen = raw.lazy().select(columns).collect().map_err(|e| engine(&e))?;
    with_time(with_spots_time(chosen)?)
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
    let (frame, notes) = with_time(raw_where(day, keep)?)?;
    Ok(FlowRows::new(frame, notes, "flow", asked, (day.root, day.files)))
}

/// The rows that `keep` keeps, with the times that are written in Spot's own way.
fn raw_where(day: &Day<'_>, keep: &Keep<'_>) -> Result<DataFrame> {
    let filter = |schema: &Schema| {
        let end = |ours: &str| {
            let name = if ours == rows::SRC { "sip" } else { "dip" };
            cast((name, Type::Text), schema.get(name).unwrap_or(&DataType::String))
        };
        Some(keep.filter(&end))
    };
    match day.held {
        Some(held) => held.select(keep),
        None => with_spots_time(scan(day.files, &FLOW, &filter, &select)?),
    }
}

/// The first and the last time of a file's rows.
pub(crate) fn span(file: &Arc<FileInfo>) -> Result<Option<Span>> {
    let received =
        |schema: &Schema| cast(FLOW[0], schema.get(FLOW[0].0).unwrap_or(&DataType::Null));
    let ends = |schema: &Schema| {
        let text = received(schema);
        let unknown = text.clone().null_count().gt(lit(0)).alias("unknown");
        vec![text.clone().min().alias("first"), text.max().alias("last"), unknown]
    };
    let one = std::slice::from_ref(file);
    let found = scan(one, &FLOW[..1], &|_| None, &ends)?;
    // Texts in one form are ordered as times are: the two ends tell, and no other text is read.
    let end = |name: &str| {
        let text = found.column(name).and_then(Column::str).ok()?.get(0)?;
        NaiveDateTime::parse_from_str(text, SPOTS_TIME).ok()
    };
    let unknown = found.column("unknown").and_then(|c| c.bool().cloned());
    let unknown = unknown.ok().and_then(|unknown| unknown.get(0)).unwrap_or(true);
    if let (false, Some(first), Some(last)) = (unknown, end("first"), end("last")) {
        return Ok(Some((first, last)));
    }
    let columns = |schema: &Schema| {
        let mut columns = select(schema);
        columns.truncate(2);
        columns
    };
    let time = better(parsed(col("treceived"), SPOTS_TIME)).fill_null(epoch(col(EPOCH)));
    times::span(scan(one, &FLOW[..1], &|_| None, &columns)?.lazy().select([time.alias(rows::TIME)]))
}

/// `time`, or what the other forms of `treceived` say.
fn better(time: Expr) -> Expr {
    let parsed = |format: &str| parsed(col("treceived"), format);
    time.fill_null(parsed("%Y-%m-%dT%H:%M:%S%.f")).fill_null(parsed("%Y-%m-%d %H:%M:%S%.f"))
}

/// The columns that a search needs of a file with this schema, all but the time with our names.
fn select(schema: &Schema) -> Vec<Expr> {
    let typed = |column: Wanted| cast(column, schema.get(column.0).unwrap_or(&DataType::Null));
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
    let time = parsed(col("treceived"), SPOTS_TIME).alias(rows::TIME);
    raw.lazy().with_column(time).collect().map_err(|e| engine(&e))
}

/// Fills what [`with_spots_time`] could not read, from `treceived` or the epoch; counts what nobody can.
fn with_time(mut frame: DataFrame) -> Result<(DataFrame, Vec<String>)> {
    let mut notes = Vec::new();
    if timeless(&frame) > 0 {
        let collect = |frame: LazyFrame| frame.collect().map_err(|e| engine(&e));
        frame = collect(frame.lazy().with_column(better(col(rows::TIME))))?;
        let unread = timeless(&frame);
        let by_epoch = col(rows::TIME).fill_null(epoch(col(EPOCH)));
        frame = collect(frame.lazy().with_column(by_epoch))?;
        notes = times::notes(unread, timeless(&frame), "treceived", EPOCH);
    }
    let order: Vec<_> = rows::schema().iter_names().cloned().collect();
    Ok((frame.select(order).map_err(|e| engine(&e))?, notes))
}
