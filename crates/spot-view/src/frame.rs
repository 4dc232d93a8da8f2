//! Any polars frame as a table.

use std::fmt;

use chrono::{DateTime, NaiveDateTime};
use polars::prelude::{AnyValue, Column, DataFrame, DataType, TimeUnit};

use crate::format::{self, NONE};
use crate::markup::{Element, Markup};
use crate::states;
use crate::tables::{cell, folded, grid, head, line};
use crate::text;
use crate::visible::{plain, shorten};

/// Longest text of a cell in characters; the whole is in its `title`.
const CELL: usize = 96;

/// A column was asked for that the frame has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownColumn {
    /// The name that was asked for.
    pub name: String,
    /// The names that the frame has.
    pub known: Vec<String>,
}

impl UnknownColumn {
    /// The error as people see it.
    pub fn markup(&self) -> Markup {
        states::error(&self.to_string(), "display_results, first argument", &self.help())
    }

    /// What to do about it.
    pub fn help(&self) -> String {
        if self.known.is_empty() {
            return "This frame has no columns.".to_owned();
        }
        format!("Choose from: {}.", self.known.join(", "))
    }
}

impl fmt::Display for UnknownColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "There is no column {:?}", self.name)
    }
}

impl std::error::Error for UnknownColumn {}

/// The first `top` rows of the chosen columns, in the order of `cols` (all columns when empty).
///
/// Numbers are right-aligned and grouped, but not ports and parts of a date; a missing value is
/// an en dash; times are UTC unless the column names a zone, which is then shown with them.
///
/// # Errors
/// [`UnknownColumn`] for the first name that the frame has not; [`UnknownColumn::markup`] shows it.
pub fn frame(df: &DataFrame, cols: &[&str], top: usize) -> Result<Markup, UnknownColumn> {
    let columns = chosen(df, cols)?;
    let shown = df.height().min(top);
    if df.height() == 0 {
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        return Ok(states::empty("No rows.", &format!("Columns: {}.", names.join(", "))));
    }
    let titles: Vec<Element> = columns
        .iter()
        .map(|(name, column)| head(name, column.dtype().is_primitive_numeric()))
        .collect();
    let rows = (0..shown).map(|row| {
        line().children(columns.iter().map(|(name, column)| {
            let value = column.get(row).unwrap_or(AnyValue::Null);
            value_cell(name, column.dtype(), &value)
        }))
    });
    Ok(folded(
        "Results",
        &format!("{} rows", format::of(shown, df.height() as u64)),
        grid(false, titles, rows),
    ))
}

/// The same without markup: a line for each row, after the columns' names; `n of N` comes last.
pub(crate) fn lines(df: &DataFrame, cols: &[&str], top: usize) -> Result<String, UnknownColumn> {
    let columns = chosen(df, cols)?;
    let shown = df.height().min(top);
    let mut rows = vec![columns.iter().map(|(name, _)| plain(name)).collect::<Vec<String>>()];
    for row in 0..shown {
        let value = |(name, column): &(&str, &Column)| {
            let value = column.get(row).unwrap_or(AnyValue::Null);
            value_text(name, &value).map_or(NONE.to_owned(), |text| shorten(&plain(&text), CELL))
        };
        rows.push(columns.iter().map(value).collect());
    }
    let right: Vec<bool> = columns.iter().map(|(_, c)| c.dtype().is_primitive_numeric()).collect();
    let mut out = text::aligned(&rows, &right).join("\n");
    out.push_str(&format!("\n{} rows\n", format::of(shown, df.height() as u64)));
    Ok(out)
}

/// The columns that were asked for, in that order; all when none was named.
fn chosen<'a>(
    df: &'a DataFrame,
    cols: &[&'a str],
) -> Result<Vec<(&'a str, &'a Column)>, UnknownColumn> {
    let names: Vec<&str> = df.get_column_names().into_iter().map(|name| name.as_str()).collect();
    let unknown = |name: &str| UnknownColumn {
        name: name.to_owned(),
        known: names.iter().map(|&n| n.to_owned()).collect(),
    };
    let asked = if cols.is_empty() { &names[..] } else { cols };
    asked.iter().map(|&name| Ok((name, df.column(name).map_err(|_| unknown(name))?))).collect()
}

fn value_cell(name: &str, dtype: &DataType, value: &AnyValue<'_>) -> Element {
    let right = dtype.is_primitive_numeric();
    let Some(text) = value_text(name, value) else {
        return cell(right, "opacity:0.55").text(NONE);
    };
    let length = text.chars().count();
    if length <= CELL {
        return cell(right, "").text(&text);
    }
    let start: String = text.chars().take(CELL - 1).collect();
    cell(right, "").attr("title", &text).text(&format!("{start}…"))
}

/// A value as text; nothing for a missing one.
fn value_text(name: &str, value: &AnyValue<'_>) -> Option<String> {
    let plain = is_label(name);
    let whole = |digits: String| if plain { digits } else { signed(&digits) };
    Some(match value {
        AnyValue::Null => return None,
        AnyValue::Boolean(b) => if *b { "yes" } else { "no" }.to_owned(),
        AnyValue::String(s) => (*s).to_owned(),
        AnyValue::StringOwned(s) => s.to_string(),
        AnyValue::UInt8(n) => whole(n.to_string()),
        AnyValue::UInt16(n) => whole(n.to_string()),
        AnyValue::UInt32(n) => whole(n.to_string()),
        AnyValue::UInt64(n) => whole(n.to_string()),
        AnyValue::Int8(n) => whole(n.to_string()),
        AnyValue::Int16(n) => whole(n.to_string()),
        AnyValue::Int32(n) => whole(n.to_string()),
        AnyValue::Int64(n) => whole(n.to_string()),
        AnyValue::Float32(x) => float(f64::from(*x)),
        AnyValue::Float64(x) => float(*x),
        AnyValue::Datetime(n, unit, zone) => moment(*n, *unit, zone.map(|z| z.as_str())),
        AnyValue::DatetimeOwned(n, unit, zone) => {
            moment(*n, *unit, zone.as_ref().map(|z| z.as_str()))
        }
        other => other.to_string(),
    })
}

/// Names of numbers that are labels: grouping `53341` or `2022` would mislead.
fn is_label(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with("port")
        || matches!(name.as_str(), "y" | "m" | "d" | "h" | "year" | "month" | "day" | "hour" | "id")
        || (name.starts_with("tr")
            && ["year", "month", "day", "hour"].iter().any(|part| name.ends_with(part)))
}

fn signed(digits: &str) -> String {
    match digits.strip_prefix('-') {
        Some(digits) => format!("-{}", format::grouped(digits)),
        None => format::grouped(digits),
    }
}

/// Up to four places, grouped; very small and very big ones as powers of ten.
fn float(x: f64) -> String {
    if !x.is_finite() {
        return x.to_string();
    }
    if x != 0.0 && !(1e-4..1e15).contains(&x.abs()) {
        return format!("{x:.4e}");
    }
    let text = format!("{x:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    match text.split_once('.') {
        Some((whole, part)) => format!("{}.{part}", signed(whole)),
        None => signed(text),
    }
}

fn moment(n: i64, unit: TimeUnit, zone: Option<&str>) -> String {
    let utc: Option<NaiveDateTime> = match unit {
        TimeUnit::Nanoseconds => Some(DateTime::from_timestamp_nanos(n).naive_utc()),
        TimeUnit::Microseconds => DateTime::from_timestamp_micros(n).map(|t| t.naive_utc()),
        TimeUnit::Milliseconds => DateTime::from_timestamp_millis(n).map(|t| t.naive_utc()),
    };
    match (utc, zone) {
        (None, _) => format!("{n} {unit:?} since 1970"),
        (Some(at), None) => at.format("%Y-%m-%d %H:%M:%S").to_string(),
        (Some(at), Some("UTC")) => format::utc(at),
        // The instant is exact; which wall clock it belongs to is named, not converted.
        (Some(at), Some(zone)) => format!("{} ({zone})", format::utc(at)),
    }
}
