//! Times of rows: from text, from seconds, and what to say where there is none.

use chrono::{DateTime, NaiveDateTime};
use polars::prelude::*;
use spot_analysis::rows::TIME;

use crate::error::Result;
use crate::parquet::engine;

/// The type of all times: microseconds, UTC.
pub(crate) const MICROS: DataType = DataType::Datetime(TimeUnit::Microseconds, None);

/// Seconds since 1970 as a time; those that no date can hold are null.
pub(crate) fn epoch(seconds: Expr) -> Expr {
    let sane = seconds
        .clone()
        .gt(lit(-62_135_596_800_i64))
        .and(seconds.clone().lt(lit(253_402_300_800_i64)));
    when(sane).then(seconds * lit(1_000_000_i64)).otherwise(lit(NULL)).cast(MICROS)
}

/// A text as a time; one of another `format` is null.
pub(crate) fn parsed(text: Expr, format: &str) -> Expr {
    let options =
        StrptimeOptions { format: Some(format.into()), strict: false, exact: true, cache: true };
    let text = text.str().strip_chars(lit(NULL));
    text.str().to_datetime(Some(TimeUnit::Microseconds), None, options, lit("raise"))
}

/// First and last, UTC.
pub(crate) type Span = (NaiveDateTime, NaiveDateTime);

/// The span of `time` in `rows`; none where no row has one.
pub(crate) fn span(rows: LazyFrame) -> Result<Option<Span>> {
    let ends = [col(TIME).min().alias("first"), col(TIME).max().alias("last")];
    let found = rows.select(ends).collect().map_err(|e| engine(&e))?;
    let end = |name: &str| {
        let micros = found.column(name).and_then(|c| c.datetime().cloned()).ok()?.physical().get(0);
        DateTime::from_timestamp_micros(micros?).map(|time| time.naive_utc())
    };
    Ok(end("first").zip(end("last")))
}

/// Rows without a time.
pub(crate) fn timeless(frame: &DataFrame) -> usize {
    frame.column(TIME).map_or(0, |time| time.null_count())
}

/// What to tell of `unread` times in column `read`, of which all but `timeless` came from `instead`.
pub(crate) fn notes(unread: usize, timeless: usize, read: &str, instead: &str) -> Vec<String> {
    let mut notes = Vec::new();
    if unread > timeless {
        let found = unread - timeless;
        notes.push(format!("{found} rows have no usable {read}; their {instead} was taken"));
    }
    if timeless > 0 {
        notes.push(format!("{timeless} rows have neither a usable {read} nor a {instead}"));
    }
    notes
}
