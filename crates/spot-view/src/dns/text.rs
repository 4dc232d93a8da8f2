//! A DNS finding without markup, for `text/plain` and terminals: no control character of a name
//! reaches them.

use chrono::NaiveDateTime;
use spot_analysis::dns::{Investigation, Row, Suspect, iana};

use super::sums::{DomainSum, counted, domains, missing, names, types};
use super::{HEADING, coded, history, kind, nothing_text, nxdomain, scope, shown};
use crate::flags;
use crate::format::{self, NONE};
use crate::result;
use crate::text::{aligned, flagged, partial, provenance};
use crate::visible::{plain, shorten};

/// Longest name, and longest list of addresses, in a column.
const NAME: usize = 64;
const LIST: usize = 44;

/// A finding as lines of text, at most `top` rows a table. Ends with a line break.
pub fn investigation(found: &Investigation, top: usize) -> String {
    let facts = &found.facts;
    let anchor = shorten(&shown(&found.anchor), HEADING);
    let mut out = vec![format!("Threat summary for {} {anchor}", kind(&found.anchor)), who(found)];
    out.extend(partial(&found.provenance));
    out.extend(flags::of_answers_found(found));
    if facts.answers == 0 {
        out.push(nothing_text(found));
        out.extend(history::lines(found, top));
    } else {
        let (seen, _) = result::seen(found.day, facts.seen);
        out.push(format!(
            "{} | {} | {} | {} | {} NXDOMAIN | {} | seen {seen} UTC",
            format::counted(facts.answers, "answer", "answers"),
            format::counted(facts.clients, "client", "clients"),
            format::counted(facts.names, "name", "names"),
            format::counted(facts.domains, "registered domain", "registered domains"),
            nxdomain(facts.nxdomain, facts.answers, coded(&facts.rcodes)),
            format::counted(facts.servers, "server", "servers"),
        ));
        out.push(format!(
            "Types {} | codes {}",
            counted(&facts.types, iana::type_name),
            counted(&facts.rcodes, iana::rcode_name)
        ));
        out.extend(history::lines(found, top));
        let names = names(&found.rows);
        let domains = domains(&names);
        if let Some(gone) = missing(&names) {
            let of = format::of(gone as usize, names.len() as u64);
            out.push(format!("Conspicuous: {of} names do not exist"));
        }
        if domains.len() > 1 {
            out.push(String::new());
            out.extend(domain_table(&domains, top));
        }
        out.push(String::new());
        out.extend(table(found, top));
    }
    if !found.notes.is_empty() {
        out.push(String::new());
        out.extend(found.notes.iter().map(|note| format!("note: {}", plain(note))));
    }
    out.push(String::new());
    out.push(provenance(&found.provenance));
    out.join("\n") + "\n"
}

/// The threat list as lines of text, told apart by type. Ends with a line break.
pub fn suspects(all: &[Suspect], top: usize) -> String {
    if all.is_empty() {
        return "No clients or names are scored high on this day.\n".to_owned();
    }
    let shown = &all[..all.len().min(top)];
    let mut lines = vec![["Type", "Client or name", "High rows", "Story"].map(str::to_owned)];
    lines.extend(shown.iter().map(|suspect| {
        [
            kind(&suspect.anchor).to_owned(),
            flagged(named(suspect.anchor.as_str()), &suspect.flags),
            format::count(suspect.high_rows),
            if suspect.saved { "saved" } else { "" }.to_owned(),
        ]
    }));
    let mut out = vec![format!("Suspicious DNS - {}", format::of(shown.len(), all.len() as u64))];
    out.extend(aligned(&lines, &[false, false, true, false]));
    out.join("\n") + "\n"
}

fn who(found: &Investigation) -> String {
    let high = match found.high_rows {
        0 => "not scored high".to_owned(),
        n => format!("scored high in {}", format::counted(n, "row", "rows")),
    };
    format!("{} | {} UTC | {high}", plain(&scope(found)), found.day)
}

fn domain_table(domains: &[DomainSum<'_>], top: usize) -> Vec<String> {
    let shown = &domains[..domains.len().min(top)];
    let titles = ["Domain", "Names", "Answers", "Mean length", "Bits", "NXDOMAIN", ""];
    let mut lines = vec![titles.map(str::to_owned)];
    lines.extend(shown.iter().map(|domain| {
        [
            named(domain.domain.as_str()),
            format::count(domain.names),
            format::count(domain.answers),
            format!("{:.0}", domain.length),
            format!("{:.1}", domain.entropy),
            nxdomain(domain.nxdomain, domain.answers, domain.coded),
            if domain.is_odd() { "many long or random names" } else { "" }.to_owned(),
        ]
    }));
    let limit = format::of(shown.len(), domains.len() as u64);
    let mut out = vec![format!("Registered domains by names - {limit}")];
    out.extend(aligned(&lines, &[false, true, true, true, true, true, false]));
    out
}

fn table(found: &Investigation, top: usize) -> Vec<String> {
    let shown = &found.rows[..found.rows.len().min(top)];
    let titles =
        ["IP", "Query", "Total", "First", "Last", "Types", "NXDOMAIN", "Answers", "Servers"];
    let mut lines = vec![titles.map(str::to_owned)];
    lines.extend(shown.iter().map(|row| line(found, row)));
    let limit = format::of(shown.len(), found.rows.len() as u64);
    let mut out = vec![format!("Queries, most active first - {limit} rows")];
    out.extend(aligned(&lines, &[false, false, true, true, true, false, true, false, false]));
    out
}

fn line(found: &Investigation, row: &Row) -> [String; 9] {
    let time =
        |at: Option<NaiveDateTime>| at.map_or(NONE.to_owned(), |at| format::time(found.day, at));
    let list = |listed: &[spot_analysis::model::Address], all: u64| {
        let texts: Vec<String> = listed.iter().take(2).map(|a| plain(a.as_str())).collect();
        match (texts.is_empty(), all.saturating_sub(texts.len() as u64)) {
            (true, _) => NONE.to_owned(),
            (false, 0) => shorten(&texts.join(", "), LIST),
            (false, more) => {
                format!("{} +{}", shorten(&texts.join(", "), LIST), format::count(more))
            }
        }
    };
    [
        flagged(shorten(&plain(row.client.as_str()), LIST), flags::about(row, row.client.as_str())),
        flagged(named(row.name.as_str()), flags::about(row, row.name.as_str())),
        format::count(row.total),
        time(row.first_seen),
        time(row.last_seen),
        types(&row.types, 3),
        nxdomain(row.nxdomain, row.total, coded(&row.rcodes)),
        flagged(list(&row.answers, row.answer_count), flags::of_answers(row)),
        list(&row.servers, row.server_count),
    ]
}

/// A name in a column; two anchors of another type never look alike, since the type stands beside it.
fn named(text: &str) -> String {
    if text.is_empty() { "(no name)".to_owned() } else { shorten(&plain(text), NAME) }
}
