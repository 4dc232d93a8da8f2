//! The report of a client or a name: what was asked, of which domains, which flows followed.

use spot_analysis::dns::cross::Followed;
use spot_analysis::dns::{Anchor, Investigation, Name, Row, iana};
use spot_analysis::model::Address;

use super::page::{Page, document};
use super::table::{Cells, Column, Related, Table, Words, seconds};
use super::{DnsReport, MOST, NAMES, STILL};
use crate::dns as view;
use crate::dns::sums::{self, DomainSum, counted, domains, types};
use crate::figure::gallery;
use crate::flags;
use crate::format;
use crate::markup::{Markup, el};
use crate::result;
use crate::visible::{plain, shorten};

/// Longest anchor in the heading, in characters.
const HEADING: usize = 160;

/// The report of a client or a name on a day: the whole document.
pub fn dns(report: &DnsReport<'_>) -> String {
    let found = report.found;
    let still = report.top_results.max(STILL);
    let anchor = view::shown(&found.anchor);
    let mut words = Words::default();
    let mut briefing = vec![
        el("div").own("class", "who").child(view::who(found)).into(),
        result::partial(&found.provenance),
    ];
    briefing.extend(report.story.map(result::story_box));
    briefing.push(flags::box_of(&flags::of_answers_found(found)));

    let mut overview = Vec::new();
    let mut pictures = Vec::new();
    let mut parts = Vec::new();
    if found.facts.answers == 0 {
        overview.push(view::nothing(found));
        overview.push(view::history::shown(found, report.top_results));
    } else {
        let names = sums::names(&found.rows);
        let domains = domains(&names);
        let facts = result::fact_line(view::facts(found));
        overview.push(el("div").own("class", "facts").child(facts).into());
        overview.push(view::gist(found, &names, &domains));
        overview.push(view::codes(found));
        overview.push(view::history::shown(found, report.top_results));
        pictures = gallery::dns_in(found, report.zone);
        if !found.rows.is_empty() {
            parts.push(queries(found, still, &mut words));
        }
        if domains.len() > 1 {
            parts.push(registered(&domains, still, &mut words));
        }
        if !report.followed.is_empty() {
            parts.push(flows(report, still, &mut words));
        }
    }
    document(Page {
        title: format!("{} on {}: threat summary", shorten(&anchor, HEADING), found.day),
        heading: Markup::from_iter([
            Markup::text(&format!("Threat summary for {} ", view::kind(&found.anchor))),
            el("span").own("class", "m").text(&shorten(&anchor, HEADING)).into(),
        ]),
        briefing,
        overview,
        figures: pictures,
        tables: parts,
        last: "Notes and sources",
        end: vec![result::notes(&found.notes), result::provenance(&found.provenance)],
        words,
        day: found.day,
        zone: report.zone,
        anchor,
        provenance: Some(&found.provenance),
        up: report.up,
    })
}

/// The first `most` rows, fewer when their names would fill the file.
fn fitting(rows: &[Row]) -> &[Row] {
    let mut letters = 0;
    let fit = rows.iter().take(MOST).take_while(|row| {
        letters += row.name.as_str().len().min(300) + 8 * row.answers.len().min(2);
        letters <= NAMES
    });
    &rows[..fit.count()]
}

/// Addresses of a list and how many more there are.
fn several(listed: &[Address], all: u64, show: usize) -> String {
    let text: Vec<String> =
        listed.iter().take(show).map(|one| shorten(&plain(one.as_str()), 60)).collect();
    match (text.is_empty(), all.saturating_sub(text.len() as u64)) {
        (true, _) => format::NONE.to_owned(),
        (_, 0) => text.join(", "),
        (_, more) => format!("{} +{}", text.join(", "), format::count(more)),
    }
}

/// All rows of the finding.
fn queries(found: &Investigation, still: usize, words: &mut Words) -> Table {
    let all = fitting(&found.rows);
    let mut texts = |of: &dyn Fn(&Row) -> String| {
        Cells::Words(all.iter().map(|row| words.number(&of(row))).collect())
    };
    let name = |row: &Row| match row.name.is_empty() {
        true => "(no name)".to_owned(),
        false => row.name.as_str().to_owned(),
    };
    let domain = |row: &Row| {
        row.registered_domain.as_ref().map_or(format::NONE.to_owned(), |d| d.as_str().to_owned())
    };
    let missing = |row: &Row| view::coded(&row.rcodes).then_some(row.nxdomain);
    let mut columns = vec![
        Column::new("Client", texts(&|row| row.client.as_str().to_owned())).mono(),
        Column::new("Name", texts(&name)).mono(),
        Column::new("Answers", Cells::Counts(all.iter().map(|row| Some(row.total)).collect()))
            .bar(),
        Column::new("NXDOMAIN", Cells::Counts(all.iter().map(missing).collect())),
        Column::new("Types", texts(&|row| types(&row.types, 3))),
        Column::new("Resolved to", texts(&|row| several(&row.answers, row.answer_count, 2))).mono(),
        Column::new("Servers", texts(&|row| several(&row.servers, row.server_count, 1))).mono(),
        Column::new(
            "First",
            Cells::Times {
                after: None,
                values: all.iter().map(|row| row.first_seen.map(seconds)).collect(),
            },
        ),
        Column::new(
            "Last",
            Cells::Times {
                after: Some(7),
                values: all.iter().map(|row| row.last_seen.map(seconds)).collect(),
            },
        ),
        Column::new("Registered domain", texts(&domain)).mono().more(),
        Column::new(
            "All that it resolved to",
            texts(&|row| several(&row.answers, row.answer_count, Row::KEPT)),
        )
        .more(),
        Column::new(
            "All servers",
            texts(&|row| several(&row.servers, row.server_count, Row::KEPT)),
        )
        .more(),
        Column::new("Response codes", texts(&|row| counted(&row.rcodes, iana::rcode_name))).more(),
        Column::new("Types, counted", texts(&|row| counted(&row.types, iana::type_name))).more(),
        Column::new("Classes", texts(&|row| counted(&row.classes, iana::class_name))).more(),
        Column::new("Characters", Cells::Counts(all.iter().map(|row| Some(row.length)).collect()))
            .more(),
        Column::new(
            "Bits a character",
            Cells::Means {
                like: None,
                bytes: false,
                values: all.iter().map(|row| Some((row.entropy * 100.0).round() / 100.0)).collect(),
            },
        )
        .more(),
    ];
    // Last: other columns are meant by their places.
    columns.extend(Column::listed(words, all.iter().map(|row| row.flags.as_slice())));
    let order = match found.anchor {
        Anchor::Client(_) => "What the client asked for, a line for each name.",
        Anchor::Query(_) => "Who asked for what, a line for each client and name.",
    };
    Table {
        id: "rows",
        title: "Queries",
        unit: "rows",
        lead: format!("{order} Most active first."),
        columns,
        rows: all.len(),
        of: found.rows.len() as u64,
        still,
        filter: "ip_dst = {0} and dns_qry_name = {1}",
        stands: Some((2, "dns")),
        related: None,
        span: Some([7, 8]),
    }
}

/// Registered domains.
fn registered(domains: &[DomainSum<'_>], still: usize, words: &mut Words) -> Table {
    let all = &domains[..domains.len().min(MOST)];
    let count =
        |of: fn(&DomainSum<'_>) -> u64| Cells::Counts(all.iter().map(|d| Some(of(d))).collect());
    let mean = |of: fn(&DomainSum<'_>) -> f64| Cells::Means {
        like: None,
        bytes: false,
        values: all.iter().map(|d| Some((of(d) * 100.0).round() / 100.0)).collect(),
    };
    let mut texts = |of: &dyn Fn(&DomainSum<'_>) -> String| {
        Cells::Words(all.iter().map(|domain| words.number(&of(domain))).collect())
    };
    let odd = |d: &DomainSum<'_>| if d.is_odd() { "many long or random names" } else { "" };
    let missing = |d: &DomainSum<'_>| d.coded.then_some(d.nxdomain);
    let columns = vec![
        Column::new("Registered domain", texts(&|d| d.domain.as_str().to_owned())).mono(),
        Column::new("Names", count(|d| d.names)).bar(),
        Column::new("Answers", count(|d| d.answers)),
        Column::new("NXDOMAIN", Cells::Counts(all.iter().map(missing).collect())),
        Column::new("Mean length", mean(|d| d.length)),
        Column::new("Longest", count(|d| d.longest)),
        Column::new("Bits a character", mean(|d| d.entropy)),
        Column::new("Conspicuous", texts(&|d| odd(d).to_owned())),
    ];
    Table {
        id: "domains",
        title: "Registered domains",
        unit: "domains",
        lead: "Names added up by the domain that somebody registered. Most names first.".into(),
        columns,
        rows: all.len(),
        of: domains.len() as u64,
        still,
        filter: "({search}) and (dns_qry_name = {0} or it ends in .{0})",
        stands: Some((2, "dns")),
        related: Some(Related { table: "rows", mine: 0, theirs: &[9] }),
        span: None,
    }
}

/// Flows that followed the answers.
fn flows(report: &DnsReport<'_>, still: usize, words: &mut Words) -> Table {
    let all = &report.followed[..report.followed.len().min(MOST)];
    let mut texts = |of: &dyn Fn(&Followed) -> String| {
        Cells::Words(all.iter().map(|one| words.number(&of(one))).collect())
    };
    let names = |one: &Followed| {
        let listed: Vec<&str> = one.names.iter().map(Name::as_str).collect();
        match one.name_count.saturating_sub(listed.len() as u64) {
            0 => listed.join(", "),
            more => format!("{} +{}", listed.join(", "), format::count(more)),
        }
    };
    let ports = |one: &Followed| format::ports(&one.ports, one.ports.len() as u64, 4);
    let time = |after, of: fn(&Followed) -> i64| Cells::Times {
        after,
        values: all.iter().map(|one| Some(of(one))).collect(),
    };
    let mut columns = vec![
        Column::new("Client", texts(&|one| one.client.as_str().to_owned())).mono(),
        Column::new("Address", texts(&|one| one.address.as_str().to_owned())).mono(),
        Column::new("Told by", texts(&names)).mono(),
        Column::new("Flows", Cells::Counts(all.iter().map(|one| Some(one.flows)).collect())),
        Column::new("Sent", Cells::Bytes(all.iter().map(|one| Some(one.bytes_out)).collect()))
            .bar(),
        Column::new("Received", Cells::Bytes(all.iter().map(|one| Some(one.bytes_in)).collect())),
        Column::new("Ports", texts(&ports)),
        Column::new("Answer", time(None, |one| seconds(one.first_answer))),
        Column::new("First flow", time(Some(7), |one| seconds(one.first_flow))),
        Column::new("Last flow", time(Some(8), |one| seconds(one.last_flow))),
    ];
    columns.extend(Column::listed(words, all.iter().map(|one| one.flags.as_slice())));
    Table {
        id: "followed",
        title: "Flows that followed",
        unit: "pairs of client and address with flows",
        lead: format!(
            "Flows to an address after an answer had named it. {} told in all.",
            format::counted(
                report.pairs,
                "pair of client and address was",
                "pairs of client and address were"
            )
        ),
        columns,
        rows: all.len(),
        of: report.followed.len() as u64,
        still,
        filter: "sip = {0} and dip = {1}, begun at the first answer or later",
        stands: Some((3, "flow")),
        related: None,
        span: None,
    }
}
