//! What can be scored of a day without machine learning: who asked for what.

use polars::prelude::*;

use super::rows;
use crate::error::Result;

/// A row for each client and name of `rows` (shape: [`super::rows`]), in the columns of Spot's `dns_scores`;
/// those that only machine learning fills are null. Time, class, type and code are those of the pair's first
/// answer. Sorted by time, client and name.
///
/// # Errors
/// A frame of another shape.
pub fn conversations(rows: &DataFrame) -> Result<DataFrame> {
    rows::check(rows)?;
    let whole = SortMultipleOptions::default().with_maintain_order(true).with_nulls_last(true);
    let order = [rows::TIME, rows::CLIENT, rows::NAME, rows::TYPE, rows::RCODE, rows::CLASS];
    let null = |name: &str, kind: DataType| lit(NULL).cast(kind).alias(name);
    let first = |name: &str, spots: &str| col(name).first().alias(spots);
    let found = rows
        .clone()
        .lazy()
        .sort(order, whole)
        .group_by_stable([
            col(rows::CLIENT).fill_null(lit("")).alias("ip_dst"),
            col(rows::NAME).fill_null(lit("")).alias("dns_qry_name"),
        ])
        .agg([
            first(rows::TIME, "time"),
            first(rows::CLASS, "dns_qry_class"),
            first(rows::TYPE, "dns_qry_type"),
            first(rows::RCODE, "dns_qry_rcode"),
        ])
        .select([
            col("time").dt().to_string("%b %e %Y %H:%M:%S%.9f UTC").alias("frame_time"),
            null("frame_len", DataType::Int64),
            (col("time").dt().truncate(lit("1s")).cast(DataType::Int64) / lit(1_000_000i64))
                .cast(DataType::Int64)
                .alias("unix_tstamp"),
            col("ip_dst"),
            col("dns_qry_name"),
            col("dns_qry_class"),
            col("dns_qry_type"),
            col("dns_qry_rcode"),
            null("ml_score", DataType::Float64),
            null("tld", DataType::String),
            null("query_rep", DataType::String),
            null("network_context", DataType::String),
        ]);
    Ok(found.collect()?)
}
