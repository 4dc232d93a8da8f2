//! The expanded search: one line for each source, destination and pair of ports.

use polars::prelude::*;
use serde_json::{Map, Value, json};

use crate::error::Result;
use crate::rows::{self, BYTES, DST, DST_PORT, PACKETS, SRC, SRC_PORT, TIME};

/// The columns of [`details`], in order, named as in Spot's GraphQL.
pub const COLUMNS: [&str; 11] = [
    "firstSeen",
    "lastSeen",
    "srcIp",
    "dstIp",
    "srcPort",
    "dstPort",
    "connections",
    "maxPkts",
    "avgPkts",
    "maxBytes",
    "avgBytes",
];

/// Groups flow rows by source, destination and both ports.
///
/// `firstSeen`, `lastSeen` are UTC; `connections` (UInt64) is the number of rows; maxima (Int64) and
/// averages (Float64, unrounded) leave nulls out, as SQL does, and are of the flow's own direction.
/// Ordered by connections and maxBytes descending, then srcIp, dstIp (as text), srcPort, dstPort:
/// the same rows in any order give the same table.
///
/// # Errors
/// A frame of another shape ([`rows::check`]).
pub fn details(flow_rows: &DataFrame) -> Result<DataFrame> {
    rows::check(flow_rows)?;
    let table = flow_rows
        .clone()
        .lazy()
        .group_by([
            col(SRC).alias("srcIp"),
            col(DST).alias("dstIp"),
            col(SRC_PORT).alias("srcPort"),
            col(DST_PORT).alias("dstPort"),
        ])
        .agg([
            col(TIME).min().alias("firstSeen"),
            col(TIME).max().alias("lastSeen"),
            len().cast(DataType::UInt64).alias("connections"),
            col(PACKETS).max().alias("maxPkts"),
            // Summed as numbers with a fraction: the sum of hostile counts may pass 64 bits.
            col(PACKETS).cast(DataType::Float64).mean().alias("avgPkts"),
            col(BYTES).max().alias("maxBytes"),
            col(BYTES).cast(DataType::Float64).mean().alias("avgBytes"),
        ])
        .select(COLUMNS.map(col))
        .sort(
            ["connections", "maxBytes", "srcIp", "dstIp", "srcPort", "dstPort"],
            SortMultipleOptions::default()
                .with_order_descending_multi([true, true, false, false, false, false])
                .with_nulls_last(true)
                .with_maintain_order(true),
        )
        .collect()?;
    Ok(table)
}

/// The lines of [`details`] as objects, named as in Spot's GraphQL; times are UTC texts,
/// `YYYY-MM-DD HH:MM:SS`.
///
/// # Errors
/// As there.
pub fn objects(flow_rows: &DataFrame) -> Result<Vec<Value>> {
    let time = |name| col(name).dt().to_string("%Y-%m-%d %H:%M:%S");
    let table = details(flow_rows)?.lazy();
    let table = table.with_columns([time("firstSeen"), time("lastSeen")]).collect()?;
    let mut objects = vec![Map::new(); table.height()];
    for name in COLUMNS {
        let column = table.column(name)?;
        for (row, object) in objects.iter_mut().enumerate() {
            object.insert(name.to_owned(), cell(column.get(row)?));
        }
    }
    Ok(objects.into_iter().map(Value::Object).collect())
}

fn cell(value: AnyValue<'_>) -> Value {
    match value {
        AnyValue::String(text) => json!(text),
        AnyValue::StringOwned(text) => json!(text.as_str()),
        AnyValue::UInt64(number) => json!(number),
        AnyValue::Int64(number) => json!(number),
        AnyValue::Int32(number) => json!(number),
        AnyValue::Float64(number) => json!(number),
        _ => Value::Null,
    }
}
