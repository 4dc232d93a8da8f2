//! Tables of a DNS finding: its rows, its registered domains, its branches, the list of suspects.

use chrono::{NaiveDate, NaiveDateTime};
use spot_analysis::dns::{Anchor, Name, Row, Suspect, iana};
use spot_analysis::model::Address;

use super::sums::{Branch, DomainSum, Of, counted, types};
use super::{coded, nxdomain};
use crate::figure::{leaf_text, tree_label};
use crate::flags;
use crate::format::{self, NONE};
use crate::markup::{Element, Markup, el};
use crate::states;
use crate::style;
use crate::tables::{address, bar_cell, cell, closed, even, folded, grid, head, line};
use crate::visible::{plain, shorten};

/// Longest query name in a table, in characters; the whole is in its `title`.
const NAME: usize = 56;
/// Longest text that stands where an answer or a server should.
const NO_ADDRESS: usize = 24;
/// Query types, answers and servers of one row that are listed before `+n`.
const TYPES: usize = 3;
const ANSWERS: usize = 2;

/// The rows `from..to` (counted from 0, the end not among them) in the order given: address, query,
/// total, first and last time seen, types, share of NXDOMAIN, answers, servers.
///
/// A page that begins behind the last row is empty. Times of another day than `day` carry their date.
pub fn rows(rows: &[Row], day: NaiveDate, from: usize, to: usize) -> Markup {
    let lines = cells(rows, day, from, to).map(|cells| line().children(cells));
    let table = grid(false, heads(), lines);
    shown(rows, from, to, || el("div").style("overflow-x:auto").child(table).into())
}

/// As [`rows`], for a panel that has a control beside each row: rows of one height.
pub fn page(rows: &[Row], day: NaiveDate, from: usize, to: usize) -> Markup {
    shown(rows, from, to, || even(false, heads(), cells(rows, day, from, to)))
}

fn shown(rows: &[Row], from: usize, to: usize, table: impl FnOnce() -> Markup) -> Markup {
    if from >= to.min(rows.len()) {
        return states::empty("No rows on this page.", "");
    }
    table()
}

fn heads() -> [Element; 10] {
    [
        head("IP", false),
        head("Query", false),
        head("Total", true),
        head("", false),
        head("First", true),
        head("Last", true),
        head("Types", false),
        head("NXDOMAIN", true),
        head("Answers", false),
        head("Servers", false),
    ]
}

fn cells(
    rows: &[Row],
    day: NaiveDate,
    from: usize,
    to: usize,
) -> impl Iterator<Item = [Element; 10]> {
    // Bars of all pages are measured alike: against the most active row of the finding.
    let most = rows.iter().map(|row| row.total).max().unwrap_or(0);
    rows.iter().take(to).skip(from).map(move |row| {
        [
            flags::cell(address(&row.client), flags::about(row, row.client.as_str())),
            flags::cell(name(&row.name), flags::about(row, row.name.as_str())),
            cell(true, "").text(&format::count(row.total)),
            bar_cell(row.total, most, style::LANE),
            moment(day, row.first_seen),
            moment(day, row.last_seen),
            cell(false, style::MUTED).attr("title", &kinds(row)).text(&types(&row.types, TYPES)),
            codes(row),
            flags::cell(several(&row.answers, row.answer_count), flags::of_answers(row)),
            several(&row.servers, row.server_count),
        ]
    })
}

/// A query name as it is compared, shortened in its middle; hostile characters are boxed.
pub(super) fn name(name: &Name) -> Element {
    let cell = cell(false, "font-family:monospace;min-width:230px;word-break:break-all");
    if name.is_empty() {
        return cell.attr("title", "these answers hold no name").text("(no name)");
    }
    let text = name.as_str();
    // Boxed characters are six times as wide.
    let boxes = plain(text).chars().count() > text.chars().count() + NAME;
    let short = shorten(text, if boxes { NAME / 3 } else { NAME });
    // In full also where nothing was cut: a title does not wrap.
    cell.attr("title", text).text(&short)
}

pub(super) fn moment(day: NaiveDate, at: Option<NaiveDateTime>) -> Element {
    match at {
        Some(at) => {
            cell(true, style::MUTED).attr("title", &format::utc(at)).text(&format::time(day, at))
        }
        None => cell(true, style::MUTED).attr("title", "no row has a time").text(NONE),
    }
}

/// Query types with their counts, and classes but the usual one.
fn kinds(row: &Row) -> String {
    let types = counted(&row.types, iana::type_name);
    match row.classes[..] {
        [(Some(1), _)] | [] => types,
        _ => format!("{types}; class {}", counted(&row.classes, iana::class_name)),
    }
}

/// The share of NXDOMAIN; other failures are named behind it.
fn codes(row: &Row) -> Element {
    let mut text = nxdomain(row.nxdomain, row.total, coded(&row.rcodes));
    let failed = |code: &Option<i32>| !matches!(code, Some(0 | iana::NXDOMAIN) | None);
    if let Some((code, _)) = row.rcodes.iter().find(|(code, _)| failed(code)) {
        text = format!("{text} · {}", iana::rcode_name(*code));
    }
    let all = row.nxdomain > 0 && row.nxdomain >= row.total;
    let style = if all { format!("color:{}", style::RED) } else { style::MUTED.to_owned() };
    cell(true, &style).attr("title", &counted(&row.rcodes, iana::rcode_name)).text(&text)
}

/// The first addresses of a list, and how many more there are.
pub(super) fn several(listed: &[Address], all: u64) -> Element {
    let cell = cell(false, "font-family:monospace;opacity:0.8;white-space:nowrap");
    if listed.is_empty() {
        return cell.text(NONE);
    }
    let text: Vec<String> = listed.iter().take(ANSWERS).map(one).collect();
    let more = all.saturating_sub(text.len() as u64);
    let title: Vec<&str> = listed.iter().map(Address::as_str).collect();
    let text = text.join(", ");
    cell.attr("title", &title.join(", ")).text(&match more {
        0 => text,
        more => format!("{text} +{}", format::count(more)),
    })
}

fn one(address: &Address) -> String {
    match address.ip() {
        Some(_) => address.as_str().to_owned(),
        None => shorten(&plain(address.as_str()), NO_ADDRESS),
    }
}

/// Registered domains with the shape of their names, most names first.
pub(crate) fn domains(all: &[DomainSum<'_>], top: usize) -> Markup {
    let shown = &all[..all.len().min(top)];
    let most = all.iter().map(|d| d.names).max().unwrap_or(0);
    let head = [
        head("Registered domain", false),
        head("Names", true),
        head("", false),
        head("Answers", true),
        head("Mean length", true),
        head("Longest", true),
        head("Bits a character", true),
        head("NXDOMAIN", true),
        head("", false),
    ];
    let lines = shown.iter().map(|domain| {
        let colour = if domain.is_odd() { style::RED } else { style::LANE };
        let nxdomain = nxdomain(domain.nxdomain, domain.answers, domain.coded);
        line()
            .child(match domain.flagged {
                true => name(domain.domain)
                    .child(flags::sign("on the indicator list: names of this domain")),
                false => name(domain.domain),
            })
            .child(cell(true, "").text(&format::count(domain.names)))
            .child(bar_cell(domain.names, most, colour))
            .child(cell(true, "").text(&format::count(domain.answers)))
            .child(cell(true, style::MUTED).text(&format!("{:.0}", domain.length)))
            .child(cell(true, style::MUTED).text(&format::count(domain.longest)))
            .child(cell(true, style::MUTED).text(&format!("{:.1}", domain.entropy)))
            .child(cell(true, style::MUTED).text(&nxdomain))
            .child(cell(false, &format!("color:{}", style::RED)).text(if domain.is_odd() {
                "many long or random names"
            } else {
                ""
            }))
    });
    let limit = format::of(shown.len(), all.len() as u64);
    let title = "Registered domains by names";
    let table = grid(false, head, lines);
    // Domains with a name each say little.
    if all.iter().any(DomainSum::is_odd) {
        folded(title, &limit, table)
    } else {
        closed(title, &limit, table)
    }
}

/// What the dendrogram draws, as a table.
pub(crate) fn branches(all: &[Branch<'_>], top: usize) -> Markup {
    let shown = &all[..all.len().min(top)];
    let head = [
        head("Branch", false),
        head("Answers", true),
        head("Names", true),
        head("NXDOMAIN", true),
        head("Ends in", false),
    ];
    let lines = shown.iter().map(|branch| {
        let ends: Vec<String> = branch.leaves.iter().map(leaf_text).collect();
        let label = match branch.of {
            Of::Name(of) | Of::Domain(of) => name(of),
            Of::Client(client) => address(client),
            Of::Missing => cell(false, "").text(&tree_label(branch).0),
        };
        let label = match branch.flagged {
            true if branch.of != Of::Missing => label.child(flags::sign("on the indicator list")),
            _ => label,
        };
        line()
            .child(label)
            .child(cell(true, "").text(&format::count(branch.answers)))
            .child(cell(true, "").text(&format::count(branch.names)))
            .child(cell(true, style::MUTED).text(&format::count(branch.nxdomain)))
            .child(cell(false, style::MUTED).text(&ends.join(", ")))
    });
    grid(false, head, lines)
}

/// The threat list: the first `top_results` clients and names, in the order given, told apart by type.
pub fn suspects(all: &[Suspect], top_results: usize) -> Markup {
    if all.is_empty() {
        return states::empty(
            "No clients or names are scored high on this day.",
            "Score some in the Suspicious panel, or choose another day.",
        );
    }
    let shown = &all[..all.len().min(top_results)];
    let most = shown.iter().map(|s| s.high_rows).max().unwrap_or(0);
    let lines = shown.iter().map(|suspect| {
        let (kind, what) = match &suspect.anchor {
            Anchor::Client(client) => ("client", address(client)),
            Anchor::Query(of) => ("name", name(of)),
        };
        let what = flags::cell(what, &suspect.flags);
        line()
            .child(cell(false, style::MUTED).text(kind))
            .child(what)
            .child(cell(true, "").text(&format::count(suspect.high_rows)))
            .child(bar_cell(suspect.high_rows, most, style::RED))
            .child(cell(false, "").text(if suspect.saved { "✓ saved" } else { "" }))
    });
    let head = [
        head("Type", false),
        head("Client or name", false),
        head("High rows", true),
        head("", false),
        head("Story", false),
    ];
    folded("Suspicious DNS", &format::of(shown.len(), all.len() as u64), grid(false, head, lines))
}
