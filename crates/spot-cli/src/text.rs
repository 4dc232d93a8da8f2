//! The answers for people at a terminal.

use std::fmt::{Display, Write};

use spot_analysis::dns::frames::counts_text;
use spot_analysis::dns::{self, iana};
use spot_analysis::model::{Flag, Investigation, Peer};
use spot_store::{DayInfo, Saved, Suspect};

/// Names in flows are chosen by attackers: what a terminal would act on is shown, not sent.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        // Marks that turn the direction of text hide one name behind another.
        let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        match c {
            '\n' => shown.push(c),
            c if c.is_control() || turns => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown
}

/// Who it is, six facts, then the peers.
pub fn search(found: &Investigation) -> String {
    let facts = &found.facts;
    let side = if found.side.inside { "inside" } else { "outside" };
    let mut out = Lines::default();
    out.line(format_args!("{} on {} ({side}: {})", found.anchor, found.day, found.side.rule));
    if facts.connections == 0 {
        out.line(format_args!("No flows ({} rows scanned).", found.provenance.scanned));
        return out.0;
    }
    out.line(format_args!(
        "{} connections of {} rows, {} peers, {} bytes in, {} bytes out, {} high rows",
        facts.connections,
        found.provenance.scanned,
        facts.peers,
        facts.bytes_in,
        facts.bytes_out,
        found.high_rows
    ));
    if let Some((first, last)) = facts.seen {
        out.line(format_args!("Seen from {first} to {last} UTC."));
    }
    out.flags(&found.flags);
    let flagged = found.peers.iter().filter(|peer| !peer.flags.is_empty()).count();
    if flagged > 0 {
        let all = found.peers.len();
        out.line(format_args!("{flagged} of {all} peers are on the indicator list."));
    }
    if facts.self_connections > 0 {
        out.line(format_args!("{} connections to itself are in no peer.", facts.self_connections));
    }
    out.line("");
    let rows: Vec<_> = found.peers.iter().map(peer).collect();
    let head = [
        "PEER",
        "DIRECTION",
        "CONNECTIONS",
        "BYTES IN",
        "BYTES OUT",
        "FIRST",
        "LAST",
        "PORTS",
        "CONTEXT",
        indicator(found.peers.iter().map(|peer| peer.flags.as_slice())),
    ];
    out.table(head, &rows);
    out.0
}

/// What the list of indicators says.
fn flags<'a>(flags: impl IntoIterator<Item = &'a Flag>) -> String {
    let one = |flag: &Flag| {
        let why = [flag.source.as_str(), flag.note.as_str()];
        let why: Vec<&str> = why.into_iter().filter(|text| !text.is_empty()).collect();
        format!("⚑ {} {}", flag.indicator, why.join(": "))
    };
    flags.into_iter().map(one).collect::<Vec<_>>().join("; ")
}

/// The head of the last column, if anything is in it.
fn indicator<'a>(mut all: impl Iterator<Item = &'a [Flag]>) -> &'static str {
    if all.any(|flags| !flags.is_empty()) { "INDICATOR" } else { "" }
}

fn peer(peer: &Peer) -> [String; 10] {
    let ports: Vec<_> = peer.service_ports.iter().map(u16::to_string).collect();
    [
        peer.address.to_string(),
        peer.direction.name().to_owned(),
        peer.connections.to_string(),
        peer.bytes_in.to_string(),
        peer.bytes_out.to_string(),
        peer.first_seen.format("%H:%M:%S").to_string(),
        peer.last_seen.format("%H:%M:%S").to_string(),
        ports.join(","),
        peer.context.as_ref().map(|context| context.name.clone()).unwrap_or_default(),
        flags(&peer.flags),
    ]
}

/// The threat list.
pub fn suspects(day: impl Display, suspects: &[Suspect]) -> String {
    let mut out = Lines::default();
    if suspects.is_empty() {
        out.line(format_args!("There are no connections scored as High risk on {day}."));
        return out.0;
    }
    let rows: Vec<_> = suspects
        .iter()
        .map(|suspect| {
            [
                suspect.address.to_string(),
                if suspect.side.inside { "inside" } else { "outside" }.to_owned(),
                suspect.high_rows.to_string(),
                suspect.as_source.to_string(),
                suspect.as_destination.to_string(),
                if suspect.saved { "saved" } else { "" }.to_owned(),
                flags(&suspect.flags),
            ]
        })
        .collect();
    out.line(format_args!("{} addresses scored high on {day}", suspects.len()));
    out.line("");
    let last = indicator(suspects.iter().map(|suspect| suspect.flags.as_slice()));
    let head = ["ADDRESS", "SIDE", "HIGH ROWS", "AS SOURCE", "AS DESTINATION", "STORY", last];
    out.table(head, &rows);
    out.0
}

/// What was searched, the facts, then the first `top` rows.
pub fn dns_search(found: &dns::Investigation, top: usize) -> String {
    let facts = &found.facts;
    let mut out = Lines::default();
    out.line(format_args!("{} on {}", found.provenance.filter, found.day));
    if facts.answers == 0 {
        out.line(format_args!("No DNS answers ({} rows scanned).", facts.scanned));
        return out.0;
    }
    out.line(format_args!(
        "{} answers of {} rows, {} clients, {} names in {} domains, {} NXDOMAIN, {} high rows",
        facts.answers,
        facts.scanned,
        facts.clients,
        facts.names,
        facts.domains,
        facts.nxdomain,
        found.high_rows
    ));
    if let Some((first, last)) = facts.seen {
        out.line(format_args!("Seen from {first} to {last} UTC."));
    }
    out.flags(&found.flags);
    let flagged = found.rows.iter().filter(|row| !row.flags.is_empty()).count();
    if flagged > 0 {
        let all = found.rows.len();
        out.line(format_args!("{flagged} of {all} rows name something on the indicator list."));
    }
    let rows: Vec<_> = found.rows.iter().take(top).map(dns_row).collect();
    out.line(format_args!("Displaying {} of {} results.", rows.len(), found.rows.len()));
    out.line("");
    let last = indicator(found.rows.iter().take(top).map(|row| row.flags.as_slice()));
    let head = ["IP", "QUERY", "TOTAL", "FIRST", "LAST", "TYPES", "CODES", "ANSWERS", last];
    out.table(head, &rows);
    out.0
}

fn dns_row(row: &dns::Row) -> [String; 9] {
    let clock = |time: Option<chrono::NaiveDateTime>| {
        time.map(|time| time.format("%H:%M:%S").to_string()).unwrap_or_default()
    };
    let answers: Vec<_> = row.answers.iter().map(|answer| answer.as_str()).collect();
    [
        row.client.to_string(),
        row.name.raw().to_owned(),
        row.total.to_string(),
        clock(row.first_seen),
        clock(row.last_seen),
        counts_text(&row.types, iana::type_name),
        counts_text(&row.rcodes, iana::rcode_name),
        answers.join(","),
        flags(&row.flags),
    ]
}

/// The threat list of DNS.
pub fn dns_suspects(day: impl Display, suspects: &[dns::Suspect]) -> String {
    let mut out = Lines::default();
    if suspects.is_empty() {
        out.line(format_args!("There are no clients or names scored as High risk on {day}."));
        return out.0;
    }
    let rows: Vec<_> = suspects
        .iter()
        .map(|suspect| {
            [
                suspect.anchor.kind().to_owned(),
                suspect.anchor.to_string(),
                suspect.high_rows.to_string(),
                if suspect.saved { "saved" } else { "" }.to_owned(),
                flags(&suspect.flags),
            ]
        })
        .collect();
    out.line(format_args!("{} clients and names scored high on {day}", suspects.len()));
    out.line("");
    let last = indicator(suspects.iter().map(|suspect| suspect.flags.as_slice()));
    out.table(["TYPE", "CLIENT OR NAME", "HIGH ROWS", "STORY", last], &rows);
    out.0
}

/// The days, latest last.
pub fn days(days: &[DayInfo]) -> String {
    let rows: Vec<_> =
        days.iter().map(|info| [info.day.to_string(), info.high_rows.to_string()]).collect();
    let mut out = Lines::default();
    out.table(["DAY", "HIGH ROWS"], &rows);
    out.0
}

/// What a save wrote.
pub fn saved(anchor: impl Display, day: impl Display, saved: &Saved) -> String {
    let mut out = Lines::default();
    out.line(format_args!("Story of {anchor} on {day} saved, revision {}.", saved.revision));
    for artefact in &saved.artefacts {
        out.line(format_args!("  {} ({} rows) {}", artefact.name, artefact.rows, artefact.path));
    }
    out.0
}

#[derive(Default)]
pub struct Lines(pub String);

impl Lines {
    pub fn line(&mut self, text: impl Display) {
        self.0.push_str(visible(&text.to_string()).trim_end());
        self.0.push('\n');
    }

    /// What the list of indicators says of the anchor.
    fn flags(&mut self, of: &[Flag]) {
        if !of.is_empty() {
            self.line(format_args!("The anchor is on the indicator list: {}.", flags(of)));
        }
    }

    /// Columns as wide as their longest cell, counted in characters.
    pub fn table<const N: usize>(&mut self, head: [&str; N], rows: &[[String; N]]) {
        let mut all = vec![head.map(str::to_owned)];
        all.extend(
            rows.iter().map(|row| row.clone().map(|cell| visible(&cell).replace('\n', " "))),
        );
        let mut widths = [0; N];
        for row in &all {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        for row in &all {
            let mut line = String::new();
            for (width, cell) in widths.iter().zip(row) {
                // Writing into a String does not fail.
                let _ = write!(line, "{cell:width$}  ");
            }
            self.line(line);
        }
    }
}
