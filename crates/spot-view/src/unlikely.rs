//! The rows that a machine found unlikely, and what was said of them.

use spot_analysis::dns::iana;
use spot_analysis::rank::{Ranked, Subject};
use spot_analysis::unlikely::{Rated, UnlikelyAnswer, UnlikelyFlow};

use crate::format::{self, NONE};
use crate::markup::{Element, Markup, el};
use crate::style;
use crate::tables::{cell, folded, grid, head, line};
use crate::text::aligned;
use crate::visible::{plain, shorten};

/// Characters of a name, and of a reason, in a cell.
const NAME: usize = 60;
const WHY: usize = 80;
/// Characters of a reason in a line of a list.
const LABEL: usize = 110;

/// What the table is called.
const TITLE: &str = "Least likely rows";

/// A score as people call it.
pub fn risk(score: i64) -> &'static str {
    match score {
        1 => "High",
        2 => "Medium",
        3 => "Low",
        _ => "another score",
    }
}

/// A flow as one line: ends, protocol, time, bytes.
pub fn flow_label(row: &UnlikelyFlow) -> String {
    let [src, dst] = ends(row);
    let rated = row.rated.as_ref().map_or("not rated", |rated| risk(rated.score));
    let bytes = format::bytes(row.bytes);
    plain(&format!("{rated} · {src} → {dst} {} · {} · {bytes}", row.proto, row.time))
}

/// An answer as one line: client, name, time.
pub fn answer_label(row: &UnlikelyAnswer) -> String {
    let of = |rated: &Option<Rated>| rated.as_ref().map_or("not rated", |rated| risk(rated.score));
    let (client, name) = (of(&row.client_rated), of(&row.name_rated));
    let rated = match client == name {
        true => name.to_owned(),
        false => format!("client {client}, name {name}"),
    };
    let (asked, outcome) = (shorten(&plain(row.name.raw()), NAME), outcome(row));
    plain(&format!("{rated} · {} · {asked} · {outcome} · {}", row.client, row.time))
}

/// The first `top` flows as a table, in the order given.
pub fn flows(rows: &[UnlikelyFlow], top: usize) -> Markup {
    let shown = &rows[..rows.len().min(top)];
    let lines = shown.iter().map(|row| {
        let [src, dst] = ends(row);
        line()
            .child(cell(false, style::MONO).text(&plain(&row.time)))
            .child(cell(false, style::MONO).text(&src))
            .child(cell(false, style::MONO).text(&dst))
            .child(cell(false, "").text(&plain(&row.proto)))
            .child(cell(true, "").text(&format::count(row.packets)))
            .child(cell(true, "").text(&format::bytes(row.bytes)))
            .child(cell(true, style::MUTED).text(&likely(row.score)))
            .children(rating(row.rated.as_ref()))
    });
    let heads = [
        head("Time (UTC)", false),
        head("Source", false),
        head("Destination", false),
        head("Protocol", false),
        head("Packets", true),
        head("Bytes", true),
        head("ML score", true),
        head("Risk", false),
        head("Said by, when, why", false),
    ];
    folded(TITLE, &format::of(shown.len(), rows.len() as u64), grid(false, heads, lines))
}

/// As [`flows`], of answers.
pub fn answers(rows: &[UnlikelyAnswer], top: usize) -> Markup {
    let shown = &rows[..rows.len().min(top)];
    let lines = shown.iter().map(|row| {
        let of = |rated: Option<&Rated>| rated.map_or(NONE, |rated| risk(rated.score)).to_owned();
        let last = [&row.client_rated, &row.name_rated].into_iter().flatten();
        let last = last.max_by_key(|rated| rated.at.clone());
        line()
            .child(cell(false, style::MONO).text(&plain(&row.time)))
            .child(cell(false, style::MONO).text(&plain(row.client.as_str())))
            .child(cell(false, style::MONO).text(&shorten(&plain(row.name.raw()), NAME)))
            .child(cell(false, "").text(&outcome(row)))
            .child(cell(true, style::MUTED).text(&likely(row.score)))
            .child(cell(false, "").text(&of(row.client_rated.as_ref())))
            .child(cell(false, "").text(&of(row.name_rated.as_ref())))
            .child(cell(false, style::MUTED).text(&said(last)))
    });
    let heads = [
        head("Time (UTC)", false),
        head("Client", false),
        head("Name", false),
        head("Answer", false),
        head("ML score", true),
        head("Client's risk", false),
        head("Name's risk", false),
        head("Said by, when, why", false),
    ];
    folded(TITLE, &format::of(shown.len(), rows.len() as u64), grid(false, heads, lines))
}

/// The strongest reason of a subject: one with a technique, for being rare is none.
pub fn strongest(ranked: &Ranked) -> Option<&str> {
    let named = ranked.parts.iter().find(|part| part.technique.is_some());
    named.or(ranked.parts.first()).map(|part| part.sentence.as_str())
}

/// A subject of a ranking as one line: score, subject, the strongest reason.
pub fn ranked_label(ranked: &Ranked, rated: Option<&Rated>) -> String {
    let risk = rated.map_or("not rated", |rated| risk(rated.score));
    let why = strongest(ranked).unwrap_or_default();
    let (subject, score) = (subject(ranked), ranked.score);
    plain(&format!("{risk} · {subject} · {score:.2} · {}", shorten(why, LABEL)))
}

/// The first `top` subjects of a ranking as a table, with all their reasons.
pub fn ranking(lines: &[(Ranked, Option<Rated>)], top: usize) -> Markup {
    let shown = &lines[..lines.len().min(top)];
    let rows = shown.iter().enumerate().map(|(place, (ranked, rated))| {
        let reasons = ranked.parts.iter().map(|part| {
            let technique = part.technique.map(|of| format!(" {} {}", of.id, of.name));
            el("div")
                .text(&plain(&part.sentence))
                .child(el("span").style(style::MUTED).text(&technique.unwrap_or_default()))
        });
        line()
            .child(cell(true, style::MUTED).text(&(place + 1).to_string()))
            .child(cell(true, "").text(&format!("{:.2}", ranked.score)))
            .child(
                // Wide enough for an IPv4 address behind an arrow; longer ones go over several lines.
                cell(false, &format!("{};overflow-wrap:anywhere;min-width:17ch", style::MONO))
                    .text(&subject(ranked)),
            )
            .child(cell(false, "word-break:break-word;min-width:260px").children(reasons))
            .children(rating(rated.as_ref()))
    });
    let heads = [
        head("", true),
        head("Score", true),
        head("Subject", false),
        head("Why, and candidate technique", false),
        head("Risk", false),
        head("Said by, when, why", false),
    ];
    folded("What looks odd", &format::of(shown.len(), lines.len() as u64), grid(false, heads, rows))
}

fn subject(ranked: &Ranked) -> String {
    let text = match &ranked.subject {
        Subject::Pair { client, server } => format!("{client} → {server}"),
        Subject::Host { address } => address.to_string(),
        Subject::Domain { name } => format!("domain {}", name.as_str()),
        Subject::Client { address } => format!("client {address}"),
    };
    shorten(&plain(&text), NAME + NAME)
}

/// The first `top` labels as lines of text, and of how many.
pub fn text(labels: &[String], top: usize) -> String {
    let shown = &labels[..labels.len().min(top)];
    let mut lines = vec![format!("{TITLE} - {}", format::of(shown.len(), labels.len() as u64))];
    let rows: Vec<_> = shown.iter().map(|label| [label.clone()]).collect();
    lines.extend(aligned(&rows, &[false]));
    lines.join("\n")
}

fn ends(row: &UnlikelyFlow) -> [String; 2] {
    let end = |address: &str, port: u16| match (plain(address), port) {
        (address, 0) => address,
        (address, port) if address.contains(':') => format!("[{address}]:{port}"),
        (address, port) => format!("{address}:{port}"),
    };
    [end(row.src.as_str(), row.src_port), end(row.dst.as_str(), row.dst_port)]
}

fn outcome(row: &UnlikelyAnswer) -> String {
    let (kind, rcode) = row.outcome;
    format!("{} {}", iana::type_name(kind), iana::rcode_name(rcode))
}

fn likely(score: Option<f64>) -> String {
    // Of most rows it is far below 1.
    score.map_or(NONE.to_owned(), |score| format!("{score:.3e}"))
}

fn rating(rated: Option<&Rated>) -> [Element; 2] {
    let colour = match rated.map(|rated| rated.score) {
        Some(1) => style::RED,
        _ => "inherit",
    };
    let risk = rated.map_or(NONE, |rated| risk(rated.score));
    [
        cell(false, &format!("color:{colour}")).text(risk),
        cell(false, style::MUTED).text(&said(rated)),
    ]
}

fn said(rated: Option<&Rated>) -> String {
    let Some(rated) = rated else { return String::new() };
    // To the minute: 2016-07-08 09:00:00.000000.
    let at = rated.at.as_ref().map(|at| at.chars().take(16).collect::<String>());
    let parts = [rated.by.clone(), at, rated.why.clone()];
    let parts: Vec<String> = parts.into_iter().flatten().map(|part| plain(&part)).collect();
    shorten(&parts.join(", "), WHY)
}
