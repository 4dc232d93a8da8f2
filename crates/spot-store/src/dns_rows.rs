//! The DNS answers of one question on one day, in the shape that the analysis starts from.

use std::sync::Arc;

use polars::prelude::*;
use spot_analysis::dns::cross::{self, Wanted};
use spot_analysis::dns::{Selection, Several, rows};
use spot_analysis::model::Address;

use crate::error::Result;
use crate::held::{Day, Keep, Test};
use crate::parquet::{self, Column, FileInfo, Part, Type, cast, cast_or_escape, engine, scan};
use crate::source::DnsRows;
use crate::times::{self, MICROS, Span, epoch, parsed, timeless};

const DNS: [Column; 8] = [
    ("unix_tstamp", Type::Big),
    ("ip_dst", Type::Text),
    ("ip_src", Type::Text),
    ("dns_qry_name", Type::Text),
    ("dns_qry_class", Type::Text),
    ("dns_qry_type", Type::Int),
    ("dns_qry_rcode", Type::Int),
    ("dns_a", Type::Text),
];

/// What a store reads that has no files to look into: each of these, null where it is not there.
#[cfg(feature = "engine")]
pub(crate) const COLUMNS: [Column; 9] = {
    let [a, b, c, d, e, f, g, h] = DNS;
    [a, b, c, d, e, f, g, h, (FRAME_TIME, Type::Text)]
};

/// Our names for `ip_dst` and what follows it.
const RENAMED: [&str; 7] =
    [rows::CLIENT, rows::SERVER, rows::NAME, rows::CLASS, rows::TYPE, rows::RCODE, rows::ANSWERS];

const FRAME_TIME: &str = "frame_time";

/// The day's answers that `selection` takes in.
pub(crate) fn read(day: &Day<'_>, selection: &Selection) -> Result<DnsRows> {
    let column = if selection.is_of_client() { rows::CLIENT } else { rows::NAME };
    let test = |value: Expr| selection.filter(value.clone(), value);
    read_where(day, &Keep::Any(vec![(column, Box::new(test))]), selection.to_string())
}

/// Rows of [`COLUMNS`], in our shape, with notes on their times.
#[cfg(feature = "engine")]
pub(crate) fn of_raw(raw: DataFrame) -> Result<(DataFrame, Vec<String>)> {
    let mut columns = select(raw.schema());
    let chosen = raw.clone().lazy().select(columns.clone()).collect().map_err(|e| engine(&e))?;
    let unread = timeless(&chosen);
    if unread == 0 {
        return Ok((chosen, Vec::new()));
    }
    columns[0] = columns[0].clone().fill_null(frame_time(raw.schema())).alias(rows::TIME);
    let chosen = raw.lazy().select(columns).collect().map_err(|e| engine(&e))?;
    let notes = times::notes(unread, timeless(&chosen), "unix_tstamp", FRAME_TIME);
    Ok((chosen, notes))
}

/// The day's answers that each of `selections` takes in, in their order, from one pass over the files;
/// `None` where that is not possible: for a scope, or where rows have no time of their own.
pub(crate) fn read_each(day: &Day<'_>, selections: &[Selection]) -> Result<Option<Vec<DnsRows>>> {
    let Some(several) = Several::new(selections) else { return Ok(None) };
    let is_client = |value: Expr| several.clients(value);
    let is_name = |value: Expr| several.names(value);
    let ends: Vec<(_, Test)> =
        vec![(rows::CLIENT, Box::new(is_client)), (rows::NAME, Box::new(is_name))];
    let all = read_where(day, &Keep::Any(ends), String::new())?;
    if !all.notes.is_empty() || timeless(&all.frame) > 0 {
        return Ok(None);
    }
    let places = several.places(&all.frame).map_err(|e| engine(&e))?;
    let one = |(selection, places): (&Selection, IdxCa)| {
        let frame = all.frame.take(&places).map_err(|e| engine(&e))?;
        let asked = selection.to_string();
        Ok(DnsRows::new(frame, Vec::new(), "dns", asked, (day.root, day.files)))
    };
    selections.iter().zip(places).map(one).collect::<Result<Vec<_>>>().map(Some)
}

/// The day's answers that name one of `addresses`, as [`cross::summed`] counts them.
pub(crate) fn read_answering(day: &Day<'_>, addresses: &[Address]) -> Result<DataFrame> {
    let wanted = Wanted::new(addresses);
    if let Some(held) = day.held {
        let among = |cell: &str| wanted.among(cell);
        let seen_by = [rows::TIME, rows::CLIENT];
        let by = (rows::NAME, &cross::normal as _);
        let names = [cross::TOTAL, cross::FIRST, cross::LAST, cross::CLIENTS];
        if let Some(summed) = held.summed(by, (rows::ANSWERS, &among), seen_by, names)? {
            return Ok(summed);
        }
    }
    let test = |answers: Expr| wanted.among_each(answers).is_not_null();
    let keep = Keep::Any(vec![(rows::ANSWERS, Box::new(test))]);
    // Half of a day may name one of them: no more than a file's rows are made at once.
    let empty = Day { files: &[], held: None, ..*day };
    let empty = read_where(&empty, &keep, String::new())?.frame;
    let mut all = cross::summed(empty.lazy(), &wanted).collect().map_err(|e| engine(&e))?;
    for file in day.files {
        let one = Day { files: std::slice::from_ref(file), held: None, ..*day };
        let frame = read_where(&one, &keep, String::new())?.frame;
        let summed = cross::summed(frame.lazy(), &wanted).collect();
        summed.and_then(|summed| all.vstack_mut(&summed).map(drop)).map_err(|e| engine(&e))?;
    }
    Ok(all)
}

/// Rows of a file, as [`HeldDay`](crate::held::HeldDay) holds them; those without a usable
/// `unix_tstamp` have no time.
pub(crate) fn part(file: &Arc<FileInfo>, rows: Part) -> Result<DataFrame> {
    parquet::part(file, rows, &DNS, &select)
}

/// The first and the last time of a file's rows.
pub(crate) fn span(file: &Arc<FileInfo>) -> Result<Option<Span>> {
    let one = std::slice::from_ref(file);
    let time = |schema: &Schema| epoch(typed(schema, "unix_tstamp"));
    let only = |schema: &Schema| vec![time(schema).alias(rows::TIME)];
    let mut found = scan(one, &DNS[..1], &|_| None, &only)?;
    if timeless(&found) > 0 {
        let with_text =
            |schema: &Schema| vec![time(schema).fill_null(frame_time(schema)).alias(rows::TIME)];
        found = scan(one, &DNS[..1], &|_| None, &with_text)?;
    }
    times::span(found.lazy())
}

/// A column of a file's `schema` as we read it. A name's bytes that are no UTF-8 are shown, not
/// refused: tunnels send such names.
fn typed(schema: &Schema, name: &'static str) -> Expr {
    let column = DNS.into_iter().find(|(known, _)| *known == name).unwrap_or((name, Type::Text));
    let found = schema.get(name).unwrap_or(&DataType::Null);
    if name == "dns_qry_name" { cast_or_escape(column, found) } else { cast(column, found) }
}

/// The columns that a search needs of a file with this schema, with our names.
fn select(schema: &Schema) -> Vec<Expr> {
    let renamed = DNS[1..].iter().zip(RENAMED);
    let renamed = renamed.map(|(&(name, _), ours)| typed(schema, name).alias(ours));
    let mut columns = vec![epoch(typed(schema, "unix_tstamp")).alias(rows::TIME)];
    columns.extend(renamed);
    columns
}

fn read_where(day: &Day<'_>, keep: &Keep<'_>, asked: String) -> Result<DnsRows> {
    let filter = |schema: &Schema| {
        let column = |ours: &str| {
            let place = RENAMED.iter().position(|name| *name == ours).unwrap_or_default();
            typed(schema, DNS[1 + place].0)
        };
        Some(keep.filter(&column))
    };
    let mut notes = Vec::new();
    let mut frame = match day.held {
        Some(held) => held.select(keep)?,
        None => scan(day.files, &DNS, &filter, &select)?,
    };
    let unread = timeless(&frame);
    if unread > 0 {
        // The text costs as much as all other columns: it is read only where it is needed.
        let with_text = |schema: &Schema| {
            let mut columns = select(schema);
            columns[0] = columns[0].clone().fill_null(frame_time(schema)).alias(rows::TIME);
            columns
        };
        frame = scan(day.files, &DNS, &filter, &with_text)?;
        notes = times::notes(unread, timeless(&frame), "unix_tstamp", FRAME_TIME);
    }
    Ok(DnsRows::new(frame, notes, "dns", asked, (day.root, day.files)))
}

/// tshark's `Jan  4 2017 04:41:06.337519000 UTC`; null for any other text or zone.
fn frame_time(schema: &Schema) -> Expr {
    match schema.get(FRAME_TIME).filter(|found| Type::Text.accepts(found)) {
        Some(found) => parsed(cast((FRAME_TIME, Type::Text), found), "%b %e %Y %H:%M:%S%.f UTC"),
        None => lit(NULL).cast(MICROS),
    }
}
