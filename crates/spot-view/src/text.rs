//! Results without markup, for `text/plain` and terminals: no control character of the data
//! reaches them.

use polars::prelude::DataFrame;
use spot_analysis::model::{Direction, Flag, Investigation, Measure, Provenance, TopTable};

use crate::flags;
use crate::format;
use crate::frame::UnknownColumn;
use crate::history;
use crate::result::{self, Story, place_text};
use crate::style;
use crate::visible::{plain, plain_lines, shorten};

/// Longest context name in a column.
const CONTEXT: usize = 24;

/// A finding as lines of text, at most `top` rows a table. Ends with a line break.
pub fn investigation(found: &Investigation, top: usize) -> String {
    let mut out = Vec::new();
    let anchor = plain(found.anchor.as_str());
    out.push(format!("Threat summary for {anchor}"));
    out.push(who(found));
    let from = &found.provenance;
    out.extend(partial(from));
    out.extend(flags::of_flows(found));
    if found.facts.connections == 0 {
        let scanned = format::counted(from.scanned, "row", "rows");
        out.push(format!("No flows for {anchor} on {} ({scanned} scanned)", found.day));
        out.extend(history::flow_lines(found, top));
    } else {
        out.push(facts(found));
        out.push(classes(found));
        out.extend(history::flow_lines(found, top));
        for table in &found.top {
            out.push(String::new());
            out.extend(top_table(table, found, top));
        }
    }
    if !found.notes.is_empty() {
        out.push(String::new());
        out.extend(found.notes.iter().map(|note| format!("note: {}", plain(note))));
    }
    out.push(String::new());
    out.push(provenance(from));
    out.join("\n") + "\n"
}

/// A text of a table with the mark behind it.
pub(crate) fn flagged<'a>(text: String, flags: impl IntoIterator<Item = &'a Flag>) -> String {
    match flags::mark(flags.into_iter().next().is_some()) {
        "" => text,
        mark => format!("{text} {mark}"),
    }
}

/// What the source could not tell.
pub(crate) fn partial(from: &Provenance) -> Option<String> {
    from.partial.as_ref().map(|what| format!("Partial. {}", plain(what)))
}

/// Where the numbers come from, in one line.
pub(crate) fn provenance(from: &Provenance) -> String {
    format!(
        "From {} of {} of {} | {} | {} | input {}",
        format::count(from.rows),
        format::counted(from.scanned, "row", "rows"),
        plain(&from.table),
        plain(&from.filter),
        format::counted(from.files.len() as u64, "file", "files"),
        plain(&format::fingerprint(&from.fingerprint))
    )
}

/// A story as lines of text.
pub fn story(story: &Story<'_>) -> String {
    let at = story.saved_at.map(|at| format!(" (saved {})", format::utc(at))).unwrap_or_default();
    let mut out = format!("Story: {}{at}\n", plain(story.title));
    for line in plain_lines(story.text) {
        out.push_str("  ");
        out.push_str(&line);
        out.push('\n');
    }
    out
}

fn who(found: &Investigation) -> String {
    let side = if found.side.inside { "Inside" } else { "Outside" };
    let mut parts = vec![format!("{side} ({})", plain(&found.side.rule))];
    parts.push(match &found.context {
        Some(c) => format!("context {} ({})", plain(&c.name), plain(&c.rule)),
        None => "no context".to_owned(),
    });
    parts.extend(found.place.as_ref().map(|p| plain(&place_text(p))).filter(|p| !p.is_empty()));
    parts.push(format!("{} UTC", found.day));
    parts.push(match found.high_rows {
        0 => "not scored high".to_owned(),
        n => format!("scored high in {}", format::counted(n, "row", "rows")),
    });
    parts.join(" | ")
}

fn facts(found: &Investigation) -> String {
    let facts = &found.facts;
    let own = match facts.self_connections {
        0 => String::new(),
        n => format!(" ({} to itself)", format::count(n)),
    };
    let (seen, _) = result::seen(found.day, facts.seen);
    format!(
        "{}{own} | {} | {} received | {} sent | seen {seen} UTC | {}",
        format::counted(facts.connections, "connection", "connections"),
        format::counted(facts.peers, "peer", "peers"),
        format::bytes(facts.bytes_in),
        format::bytes(facts.bytes_out),
        format::counted(facts.service_ports, "service port", "service ports"),
    )
}

fn classes(found: &Investigation) -> String {
    let of = |d: Direction| found.peers.iter().filter(|p| p.direction == d).count() as u64;
    let parts: Vec<String> = Direction::ALL
        .iter()
        .map(|&d| format!("{} {} {}", format::count(of(d)), style::mark(d), d.name()))
        .collect();
    format!("Peers: {}", parts.join(", "))
}

fn top_table(table: &TopTable, found: &Investigation, top: usize) -> Vec<String> {
    let shown = &table.rows[..table.rows.len().min(top)];
    let mut out = vec![format!("{} - {}", table.title(), format::of(shown.len(), table.of))];
    if shown.is_empty() {
        return out;
    }
    let by_bytes = table.measure == Measure::Bytes;
    let (first, second) = if by_bytes { ("Bytes", "Conns") } else { ("Conns", "Bytes") };
    let mut rows =
        vec![["Peer", "", "Context", first, second, "Ports", "First", "Last"].map(str::to_owned)];
    rows.extend(shown.iter().map(|r| {
        let (connections, bytes) = (format::count(r.connections), format::bytes(r.bytes));
        let (first, second) = if by_bytes { (bytes, connections) } else { (connections, bytes) };
        [
            flagged(plain(r.peer.as_str()), &r.flags),
            style::mark(r.direction).to_owned(),
            r.context.as_ref().map_or("unknown".to_owned(), |c| shorten(&plain(&c.name), CONTEXT)),
            first,
            second,
            format::ports(&r.ports, r.port_count, 3),
            format::time(found.day, r.first_seen),
            format::time(found.day, r.last_seen),
        ]
    }));
    out.extend(aligned(&rows, &[false, false, false, true, true, false, true, true]));
    out
}

/// The first `top` rows of the chosen columns (all when `cols` is empty) as aligned lines, and
/// `n of N rows`; numbers as in [`crate::tables::frame`].
///
/// # Errors
/// [`UnknownColumn`] for the first name that the frame has not.
pub fn frame(df: &DataFrame, cols: &[&str], top: usize) -> Result<String, UnknownColumn> {
    crate::frame::lines(df, cols, top)
}

/// Columns of equal width, measured in characters.
pub(crate) fn aligned(rows: &[impl AsRef<[String]>], right: &[bool]) -> Vec<String> {
    let mut widths = vec![0; right.len()];
    for row in rows {
        for (width, text) in widths.iter_mut().zip(row.as_ref()) {
            *width = (*width).max(text.chars().count());
        }
    }
    rows.iter()
        .map(|row| {
            let cells =
                row.as_ref().iter().zip(&widths).zip(right).map(|((text, &width), &right)| {
                    if right { format!("{text:>width$}") } else { format!("{text:<width$}") }
                });
            format!("  {}", cells.collect::<Vec<_>>().join("  ").trim_end())
        })
        .collect()
}
