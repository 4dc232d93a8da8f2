//! Tables: the four of a search and the list of suspects; frames are in [`crate::frame`].

use chrono::NaiveDate;
use spot_analysis::model::{Address, Flag, Measure, Role, TopRow, TopTable};

use crate::flags;
use crate::format;
use crate::markup::{Element, Markup, el};
use crate::style;
use crate::visible::{plain, shorten};

pub use crate::frame::{UnknownColumn, frame};

/// Ports of one row that are listed before `+n`.
const PORTS: usize = 2;
/// Width in pixels of a full bar.
const BAR: f64 = 34.0;
/// Longest context name, and longest text that stands where an address should, in characters.
const NAME: usize = 20;
const NO_ADDRESS: usize = 44;

/// One of the four tables of a search, which may be folded away: title, `n of N`, rows.
///
/// Times of another day than `day` carry their date.
pub fn top(table: &TopTable, day: NaiveDate) -> Markup {
    top_of(table, day, table.rows.len())
}

/// As [`top`], at most `top_results` rows.
pub fn top_of(table: &TopTable, day: NaiveDate, top_results: usize) -> Markup {
    let rows = &table.rows[..table.rows.len().min(top_results)];
    let body = if rows.is_empty() {
        no_rows(table)
    } else {
        let head = heads(table).chain([head("First", true), head("Last", true)]);
        let rows = rows.iter().zip(ranking(table, rows)).map(|(row, cells)| {
            line()
                .children(cells)
                .child(moment(day, row.first_seen))
                .child(moment(day, row.last_seen))
        });
        grid(true, head, rows)
    };
    folded(table.title(), &format::of(rows.len(), table.of), body)
}

/// Height in pixels of a row of [`peers`], its head among them.
pub const PEER_ROW: u32 = 32;

/// One of the four tables for a panel that has a control beside each row: rows of one height,
/// without the times.
pub fn peers(table: &TopTable) -> Markup {
    if table.rows.is_empty() {
        return no_rows(table);
    }
    even(true, heads(table), ranking(table, &table.rows))
}

/// A table whose rows are all [`PEER_ROW`] high, its head among them.
pub(crate) fn even<C: IntoIterator<Item = Element>>(
    full: bool,
    head: impl IntoIterator<Item = Element>,
    rows: impl IntoIterator<Item = C>,
) -> Markup {
    let height = format!("height:{PEER_ROW}px;max-height:{PEER_ROW}px;white-space:nowrap");
    let rows = rows.into_iter().map(|cells| el("tr").style(&height).children(cells));
    let head = el("tr").style(&height).children(head);
    Markup::from(
        el("div").style("overflow-x:auto;overflow-y:hidden").child(table_of(full, head, rows)),
    )
}

fn no_rows(table: &TopTable) -> Markup {
    el("div")
        .style("opacity:0.7;padding:4px 0 8px")
        .text(match table.role {
            Role::Source => "No rows came from a peer.",
            Role::Destination => "No rows went to a peer.",
        })
        .into()
}

/// Titles of the columns of [`ranking`].
fn heads(table: &TopTable) -> impl Iterator<Item = Element> + use<> {
    let (first, other) = match table.measure {
        Measure::Bytes => ("Bytes", "Conns"),
        Measure::Connections => ("Conns", "Bytes"),
    };
    [
        head("Peer", false),
        head("", false),
        head("Context", false),
        head(first, true),
        head("", false),
        head(other, true),
        head("Ports", false),
    ]
    .into_iter()
}

/// The cells of each row, without its times.
fn ranking<'a>(
    table: &TopTable,
    rows: &'a [TopRow],
) -> impl Iterator<Item = [Element; 7]> + use<'a> {
    let by_bytes = table.measure == Measure::Bytes;
    let most =
        rows.iter().map(|r| if by_bytes { r.bytes } else { r.connections }).max().unwrap_or(0);
    rows.iter().map(move |row| ranked(row, by_bytes, most))
}

fn ranked(row: &TopRow, by_bytes: bool, most: u64) -> [Element; 7] {
    let connections = format::count(row.connections);
    let bytes = cell(true, "").attr("title", &bytes_title(row)).text(&format::bytes(row.bytes));
    let connections = cell(true, "").text(&connections);
    let (value, ranked, other) = if by_bytes {
        (row.bytes, bytes, connections)
    } else {
        (row.connections, connections, bytes)
    };
    let bar = bar_cell(value, most, style::colour(row.direction));
    [
        flags::cell(address(&row.peer), &row.flags),
        cell(false, &format!("color:{}", style::colour(row.direction)))
            .attr("title", row.direction.name())
            .text(style::mark(row.direction)),
        context(row),
        ranked,
        bar,
        other,
        cell(false, style::MUTED)
            .attr("title", &format::ports(&row.ports, row.port_count, row.ports.len()))
            .text(&format::ports(&row.ports, row.port_count, PORTS)),
    ]
}

fn bytes_title(row: &TopRow) -> String {
    let mut title = format::exact_bytes(row.bytes);
    if row.bytes_back > 0 {
        title.push_str(&format!(
            ", and {} back in the same rows",
            format::exact_bytes(row.bytes_back)
        ));
    }
    title
}

fn context(row: &TopRow) -> Element {
    match &row.context {
        Some(c) => cell(false, style::MUTED)
            .attr("title", &format!("{} ({})", c.name, c.rule))
            .flat(&shorten(&plain(&c.name), NAME)),
        None => cell(false, "opacity:0.55")
            .attr("title", "no rule of the context file matches")
            .text("unknown"),
    }
}

/// An address in full, so that it can be copied; another text is shortened.
pub(crate) fn address(address: &Address) -> Element {
    let text = address.as_str();
    let cell = cell(false, "font-family:monospace;min-width:105px;word-break:break-all");
    match address.ip() {
        Some(_) => cell.text(text),
        None if text.is_empty() => cell.text("(empty)"),
        None => cell.attr("title", text).flat(&shorten(&plain(text), NO_ADDRESS)),
    }
}

/// A bar of `n`, as long as its part of `most`.
pub(crate) fn bar_cell(n: u64, most: u64, colour: &'static str) -> Element {
    let width = if most == 0 { 0.0 } else { (n as f64 / most as f64 * BAR).clamp(1.0, BAR) };
    cell(false, "width:34px").child(bar(width, colour))
}

fn bar(width: f64, colour: &'static str) -> Element {
    el("div").style(&format!(
        "width:{width:.0}px;height:8px;border-radius:2px;background-color:{colour}"
    ))
}

fn moment(day: NaiveDate, at: chrono::NaiveDateTime) -> Element {
    cell(true, style::MUTED).attr("title", &format::utc(at)).text(&format::time(day, at))
}

/// A suspect of the threat list, for [`suspects`].
#[derive(Clone, Debug)]
pub struct SuspectLine {
    /// The address.
    pub address: Address,
    /// Where it stands in the rows scored high: `source`, `destination`, `both`.
    pub role: String,
    /// Rows scored high with it at either end.
    pub high_rows: u64,
    /// True for an address of our own.
    pub inside: bool,
    /// True when a story was saved for it on this day.
    pub saved: bool,
    /// What the list of indicators says of it.
    pub flags: Vec<Flag>,
}

/// The threat list: the first `top_results` of the suspects, in the order given.
pub fn suspects(lines: &[SuspectLine], top_results: usize) -> Markup {
    if lines.is_empty() {
        return crate::states::empty(
            "No connections are scored high on this day.",
            "Score some in the Suspicious panel, or choose another day.",
        );
    }
    let shown = &lines[..lines.len().min(top_results)];
    let most = shown.iter().map(|l| l.high_rows).max().unwrap_or(0);
    let rows = shown.iter().map(|suspect| {
        line()
            .child(flags::cell(address(&suspect.address), &suspect.flags))
            .child(cell(false, "").text(if suspect.inside { "inside" } else { "outside" }))
            .child(cell(false, style::MUTED).text(&suspect.role))
            .child(cell(true, "").text(&format::count(suspect.high_rows)))
            .child(bar_cell(suspect.high_rows, most, style::RED))
            .child(cell(false, "").text(if suspect.saved { "✓ saved" } else { "" }))
    });
    let head = [
        head("Address", false),
        head("Side", false),
        head("Role", false),
        head("High rows", true),
        head("", false),
        head("Story", false),
    ];
    folded(
        "Suspicious connections",
        &format::of(shown.len(), lines.len() as u64),
        grid(false, head, rows),
    )
}

/// A titled part that can be folded away; it starts open.
pub(crate) fn folded(title: &str, limit: &str, body: Markup) -> Markup {
    part(el("details").own("open", ""), title, limit, body)
}

/// The same, folded away at first.
pub(crate) fn closed(title: &str, limit: &str, body: Markup) -> Markup {
    part(el("details"), title, limit, body)
}

fn part(details: Element, title: &str, limit: &str, body: Markup) -> Markup {
    details
        .style("padding:0 16px 10px 0")
        .child(
            el("summary").style(style::SECTION).text(title).child(
                el("span").style("opacity:0.7;font-weight:400").text(&format!(" — {limit}")),
            ),
        )
        .child(el("div").style("overflow-x:auto").child(body))
        .into()
}

/// What a table says of how many, and the table.
pub(crate) fn noted(limit: &str, table: Markup) -> Markup {
    let limit = el("div").style("opacity:0.7;font-size:12px;padding:2px 0 4px").text(limit);
    Markup::from_iter([limit.into(), table])
}

/// A table, as wide as its place or as its content. JupyterLab's own style for tables (fixed layout, stripes, right alignment) is undone.
pub(crate) fn grid(
    full: bool,
    head: impl IntoIterator<Item = Element>,
    rows: impl IntoIterator<Item = Element>,
) -> Markup {
    table_of(full, line().children(head), rows)
}

fn table_of(full: bool, head: Element, rows: impl IntoIterator<Item = Element>) -> Markup {
    let width = if full { "width:100%;max-width:780px;" } else { "" };
    el("table")
        .style(&format!(
            "{width}table-layout:auto;border-collapse:collapse;margin:0;font-size:12px;border:none"
        ))
        .child(el("thead").style("border:none").child(head))
        .child(el("tbody").children(rows))
        .into()
}

/// A row.
pub(crate) fn line() -> Element {
    el("tr").style(&format!("background-color:transparent;border-bottom:1px solid {}", style::LINE))
}

/// A column's title.
pub(crate) fn head(title: &str, right: bool) -> Element {
    let align = if right { "right" } else { "left" };
    el("th")
        .own("scope", "col")
        .style(&format!(
            "text-align:{align};padding:2px 7px 2px 0;font-weight:400;opacity:0.7;white-space:nowrap;font-size:11px"
        ))
        .text(title)
}

/// A cell; `more` is appended to its style.
pub(crate) fn cell(right: bool, more: &str) -> Element {
    let align = if right { "right" } else { "left" };
    let wrap = if more.contains("word-break") { "" } else { ";white-space:nowrap" };
    let more = if more.is_empty() { String::new() } else { format!(";{more}") };
    el("td").style(&format!(
        "text-align:{align};vertical-align:middle;padding:2px 7px 2px 0{wrap}{more}"
    ))
}
