//! The finding as tables again: to save, to sort, or to work on in a cell.

use polars::prelude::*;

use super::iana::{class_name, rcode_name, type_name};
use super::model::{Anchor, Counts, Facts, Row, Timeline};
use crate::error::Result;
use crate::frames::{joined, micros, with_times};

/// Every row, in order: client, name, registered_domain (null without one), total, first_seen,
/// last_seen (null when no row has a time), types, classes, rcodes (`A 12, AAAA 3`), nxdomain,
/// nxdomain_share (0 to 1), answers, servers (joined by blanks, at most [`Row::KEPT`]), answer_count,
/// server_count, length (characters), entropy (bits a character).
///
/// # Errors
/// Only if the table engine refuses.
pub fn rows_frame(rows: &[Row]) -> Result<DataFrame> {
    fn of<'a, T>(rows: &'a [Row], value: impl Fn(&'a Row) -> T) -> Vec<T> {
        rows.iter().map(value).collect()
    }
    let frame = df!(
        "client" => of(rows, |row| row.client.as_str()),
        "name" => of(rows, |row| row.name.as_str()),
        "registered_domain" => of(rows, |row| row.registered_domain.as_ref().map(|d| d.as_str())),
        "total" => of(rows, |row| row.total),
        "first_seen" => of(rows, |row| row.first_seen.map(micros)),
        "last_seen" => of(rows, |row| row.last_seen.map(micros)),
        "types" => of(rows, |row| counts_text(&row.types, type_name)),
        "classes" => of(rows, |row| counts_text(&row.classes, class_name)),
        "rcodes" => of(rows, |row| counts_text(&row.rcodes, rcode_name)),
        "nxdomain" => of(rows, |row| row.nxdomain),
        "nxdomain_share" => of(rows, Row::nxdomain_share),
        "answers" => of(rows, |row| joined(&row.answers)),
        "answer_count" => of(rows, |row| row.answer_count),
        "servers" => of(rows, |row| joined(&row.servers)),
        "server_count" => of(rows, |row| row.server_count),
        "length" => of(rows, |row| row.length),
        "entropy" => of(rows, |row| row.entropy),
    )?;
    with_times(frame, &["first_seen", "last_seen"])
}

/// The rows of Spot's table `dns_threat_dendro` for `anchor`: anchor, total (Int64), dns_qry_name,
/// ip_dst; all of them, in order. Names and addresses are normalised.
///
/// # Errors
/// Only if the table engine refuses.
pub fn rows_for_table(anchor: &Anchor, rows: &[Row]) -> Result<DataFrame> {
    let total = |row: &Row| i64::try_from(row.total).unwrap_or(i64::MAX);
    Ok(df!(
        "anchor" => vec![anchor.as_str(); rows.len()],
        "total" => rows.iter().map(total).collect::<Vec<_>>(),
        "dns_qry_name" => rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(),
        "ip_dst" => rows.iter().map(|row| row.client.as_str()).collect::<Vec<_>>(),
    )?)
}

/// One line: scanned, answers, clients, names, domains, servers, nxdomain, first_seen, last_seen
/// (null without rows), types, classes, rcodes (`A 12, AAAA 3`).
///
/// # Errors
/// Only if the table engine refuses.
pub fn facts_frame(facts: &Facts) -> Result<DataFrame> {
    let frame = df!(
        "scanned" => [facts.scanned],
        "answers" => [facts.answers],
        "clients" => [facts.clients],
        "names" => [facts.names],
        "domains" => [facts.domains],
        "servers" => [facts.servers],
        "nxdomain" => [facts.nxdomain],
        "first_seen" => [facts.seen.map(|(first, _)| micros(first))],
        "last_seen" => [facts.seen.map(|(_, last)| micros(last))],
        "types" => [counts_text(&facts.types, type_name)],
        "classes" => [counts_text(&facts.classes, class_name)],
        "rcodes" => [counts_text(&facts.rcodes, rcode_name)],
    )?;
    with_times(frame, &["first_seen", "last_seen"])
}

/// One line for each bin of each lane: lane, bin, minute (of the day, at which the bin starts),
/// answers, nxdomain.
///
/// # Errors
/// Only if the table engine refuses.
pub fn timeline_frame(timeline: &Timeline) -> Result<DataFrame> {
    let bins: Vec<_> = timeline
        .lanes
        .iter()
        .flat_map(|lane| lane.bins.iter().map(move |bin| (lane.of.as_str(), bin)))
        .collect();
    let minute = |index: u32| index.saturating_mul(timeline.bin_minutes);
    Ok(df!(
        "lane" => bins.iter().map(|(lane, _)| *lane).collect::<Vec<_>>(),
        "bin" => bins.iter().map(|(_, bin)| bin.index).collect::<Vec<_>>(),
        "minute" => bins.iter().map(|(_, bin)| minute(bin.index)).collect::<Vec<_>>(),
        "answers" => bins.iter().map(|(_, bin)| bin.answers).collect::<Vec<_>>(),
        "nxdomain" => bins.iter().map(|(_, bin)| bin.nxdomain).collect::<Vec<_>>(),
    )?)
}

/// `A 12, AAAA 3`; a code that rows do not say is `none`.
pub fn counts_text(counts: &Counts, name: fn(Option<i32>) -> String) -> String {
    let one = |(code, answers): &(Option<i32>, u64)| match code {
        Some(_) => format!("{} {answers}", name(*code)),
        None => format!("none {answers}"),
    };
    counts.iter().map(one).collect::<Vec<_>>().join(", ")
}
