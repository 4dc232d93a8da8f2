//! The answers of the day beside those of the days before.

use spot_analysis::dns::history::{History, LaneUsual, New};
use spot_analysis::dns::{Anchor, Investigation, Scope};

use super::{HEADING, kind, shown as shown_anchor};
use crate::format::{self, NONE};
use crate::history::{
    SENTENCES, against, beside, beside_titles, capital, first_of, heading, limit, no_past, numbers,
    part, picture, usual_line,
};
use crate::markup::{Element, Markup, el};
use crate::style;
use crate::tables::{cell, closed, folded, grid, head, line};
use crate::text::aligned;
use crate::visible::{plain, shorten};

/// Longest name in a column.
const NAME: usize = 64;

/// New things of one kind: one, several, which, and how many the day has.
type Kind<'a> = (&'static str, &'static str, &'a [New], u64);

/// The part of a result that tells of the days before; nothing where none were asked for.
pub(crate) fn shown(found: &Investigation, top: usize) -> Markup {
    let Some(history) = &found.history else { return Markup::empty() };
    let bars = history.days.iter().map(|day| (day.day, day.scanned, day.answers));
    let of = of(found);
    let picture = picture(bars, &history.facts.answers, &of, ("answer", "answers"));
    let said = el("div").style(SENTENCES).text(&sentences(found, history));
    let mut body = vec![said.into(), picture];
    let before = history.days_before();
    if before > 0 {
        body.extend(kinds(found, history).map(|kind| new(found, kind, top)));
        body.push(unusual(history, top));
        body.push(numbers(
            &[
                ("Answers", &history.facts.answers, format::count),
                ("Names", &history.facts.names, format::count),
                ("Registered domains", &history.facts.domains, format::count),
                ("Clients", &history.facts.clients, format::count),
                ("Servers", &history.facts.servers, format::count),
                ("NXDOMAIN", &history.facts.nxdomain, format::count),
            ],
            before,
        ));
    }
    let (title, days) = heading(before, &days_of(history));
    folded(&title, &days, body.into_iter().collect())
}

fn days_of(history: &History) -> Vec<(chrono::NaiveDate, u64)> {
    history.days.iter().map(|day| (day.day, day.scanned)).collect()
}

fn of(found: &Investigation) -> String {
    format!("{} {}", kind(&found.anchor), shorten(&shown_anchor(&found.anchor), HEADING))
}

/// What may be new: a client asks for names, a name is asked for by clients.
fn kinds<'a>(
    found: &Investigation,
    history: &'a History,
) -> impl Iterator<Item = Kind<'a>> + use<'a> {
    let facts = &history.facts;
    let client = matches!(found.anchor, Anchor::Client(_));
    let several = client || found.scope != Scope::Exact;
    let clients: Kind<'a> = ("client", "clients", &history.new_clients, facts.clients.today);
    let domains: Kind<'a> =
        ("registered domain", "registered domains", &history.new_domains, facts.domains.today);
    let names: Kind<'a> = ("name", "names", &history.new_names, facts.names.today);
    let servers: Kind<'a> = ("server", "servers", &history.new_servers, facts.servers.today);
    [
        (!client).then_some(clients),
        several.then_some(domains),
        several.then_some(names),
        Some(servers),
    ]
    .into_iter()
    .flatten()
}

fn sentences(found: &Investigation, history: &History) -> String {
    let facts = &history.facts;
    let (before, looked_at) = (history.days_before(), history.days_looked_at());
    let seen_today = facts.answers.today > 0;
    let past =
        no_past(&capital(&of(found)), seen_today, &facts.answers, (before, looked_at), found.day);
    let mut out: Vec<String> = past.into_iter().collect();
    if before == 0 {
        return out.join(" ");
    }
    if seen_today {
        let new: Vec<String> = kinds(found, history)
            .map(|(one, many, new, all)| {
                format!("{} {}", part(new.len() as u64, all), if all == 1 { one } else { many })
            })
            .collect();
        out.push(format!(
            "New, first seen on {} of the {looked_at} days looked at: {}.",
            found.day,
            new.join(", ")
        ));
    }
    if facts.answers.seen > 0 {
        out.push(format!(
            "{}.",
            capital(&against("answers", &facts.answers, format::count, before))
        ));
    }
    out.join(" ")
}

fn new(found: &Investigation, (_, many, all, of): Kind<'_>, top: usize) -> Markup {
    let Some(shown) = first_of(all, top) else { return Markup::empty() };
    let rows = shown.iter().map(|new| {
        let first = new.first_seen.map_or(NONE.to_owned(), |at| format::time(found.day, at));
        line()
            .child(named(&new.text))
            .child(cell(true, style::MUTED).text(&first))
            .child(cell(true, "").text(&format::count(new.answers)))
    });
    let titles = [head("", false), head("First, UTC", true), head("Answers", true)];
    let limit = format!("{} shown, {} on the day", limit(shown, all), format::count(of));
    closed(&format!("New {many}"), &limit, grid(false, titles, rows))
}

/// Counterparts whose answers are far from the usual, the farthest first.
fn far(history: &History) -> Vec<&LaneUsual> {
    history.usual.iter().filter(|lane| lane.answers.is_far()).collect()
}

fn unusual(history: &History, top: usize) -> Markup {
    let far = far(history);
    let Some(shown) = first_of(&far, top) else { return Markup::empty() };
    let before = history.days_before();
    let rows = shown.iter().map(|lane| {
        line().child(named(lane.of.as_str())).children(beside(&lane.answers, format::count, before))
    });
    let titles = std::iter::once(head("", false)).chain(beside_titles("Answers"));
    let known = format::count(history.usual.len() as u64);
    let limit = format!("{}, {known} known", limit(shown, &far));
    closed("Answers far from the usual", &limit, grid(false, titles, rows))
}

fn named(text: &str) -> Element {
    let cell = cell(false, "font-family:monospace;min-width:105px;word-break:break-all");
    match text.chars().count() {
        0 => cell.text("(empty)"),
        length if length <= NAME => cell.text(text),
        _ => cell.attr("title", text).flat(&shorten(&plain(text), NAME)),
    }
}

/// The same without markup; no line where no range was asked for.
pub(super) fn lines(found: &Investigation, top: usize) -> Vec<String> {
    let Some(history) = &found.history else { return Vec::new() };
    let (title, days) = heading(history.days_before(), &days_of(history));
    let mut out = vec![String::new(), format!("{title} - {days}"), sentences(found, history)];
    for (_, many, all, _) in kinds(found, history) {
        let Some(shown) = first_of(all, top) else { continue };
        out.push(format!("New {many} - {}", limit(shown, all)));
        let mut lines = vec![["Name", "First", "Answers"].map(str::to_owned)];
        lines.extend(shown.iter().map(|new| {
            [
                text(&new.text),
                new.first_seen.map_or(NONE.to_owned(), |at| format::time(found.day, at)),
                format::count(new.answers),
            ]
        }));
        out.extend(aligned(&lines, &[false, true, true]));
    }
    let far = far(history);
    if let Some(shown) = first_of(&far, top) {
        out.push(format!("Answers far from the usual - {}", limit(shown, &far)));
        let mut lines = vec![["Name", "Answers", "Usual", "Times", "Days seen"].map(str::to_owned)];
        lines.extend(shown.iter().map(|lane| {
            let name = text(lane.of.as_str());
            usual_line(name, &lane.answers, format::count, history.days_before())
        }));
        out.extend(aligned(&lines, &[false, true, true, true, true]));
    }
    out
}

fn text(name: &str) -> String {
    if name.is_empty() { "(empty)".to_owned() } else { shorten(&plain(name), NAME) }
}
