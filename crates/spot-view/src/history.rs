//! The day beside the days before it: what is new, what is far from the usual.

use spot_analysis::history::{History, NewPeer, NewPeerPorts, NewPort, PeerUsual, Usual};
use spot_analysis::model::Investigation;

use crate::figure::{self, DayBar, Days};
use crate::format::{self, NONE};
use crate::markup::{Element, Markup, el};
use crate::style;
use crate::tables::{address, cell, closed, folded, grid, head, line};
use crate::text::aligned;
use crate::visible::plain;

/// Ports of one row that are listed before `+n`.
const PORTS: usize = 4;

/// The part of a result that tells of the days before; nothing where none were asked for.
pub(crate) fn flow(found: &Investigation, top: usize) -> Markup {
    let Some(history) = &found.history else { return Markup::empty() };
    let bars = history.days.iter().map(|day| (day.day, day.scanned, day.rows));
    let of = plain(found.anchor.as_str());
    let picture = picture(bars, &history.facts.connections, &of, ("row", "rows"));
    let far = far(history);
    let said = el("div").style(SENTENCES).text(&sentences(found, history));
    let mut body = vec![said.into(), picture];
    if history.days_before() > 0 {
        body.extend([
            new_peers(found, history, top),
            new_ports(history, top),
            new_peer_ports(history, top),
            unusual(history, &far, top),
            numbers(&flow_numbers(history), history.days_before()),
        ]);
    }
    let (title, limit) = heading(history.days_before(), &days_of(history));
    folded(&title, &limit, body.into_iter().collect())
}

pub(crate) const SENTENCES: &str = "margin:2px 0 4px;overflow-wrap:break-word";

/// The picture of the days as an image.
pub(crate) fn picture(
    days: impl Iterator<Item = (chrono::NaiveDate, u64, u64)>,
    usual: &Usual,
    of: &str,
    unit: (&'static str, &'static str),
) -> Markup {
    let bar = |(day, scanned, amount)| DayBar { day, amount: (scanned > 0).then_some(amount) };
    let mut bars: Vec<DayBar> = days.map(bar).collect();
    // The day itself is known, whatever it has.
    if let Some(last) = bars.last_mut() {
        last.amount = Some(usual.today);
    }
    let of = crate::visible::shorten(of, 64);
    let usual = (usual.seen > 0).then_some(usual.median);
    let picture = figure::days(&Days { bars, usual, of: &of, unit });
    picture.as_img(picture.alt())
}

/// First and last day, whether they have rows.
fn days_of(history: &History) -> Vec<(chrono::NaiveDate, u64)> {
    history.days.iter().map(|day| (day.day, day.scanned)).collect()
}

/// `Against the 7 days before`, and which they are.
pub(crate) fn heading(with_rows: u64, days: &[(chrono::NaiveDate, u64)]) -> (String, String) {
    let before = days.split_last().map_or(&[][..], |(_, before)| before);
    let title = match with_rows {
        1 => "Against the day before".to_owned(),
        n => format!("Against the {} days before", format::count(n)),
    };
    let limit = match (before.first(), before.last()) {
        (Some((first, _)), Some((last, _))) if first == last => first.to_string(),
        (Some((first, _)), Some((last, _))) => format!("{first} to {last}"),
        _ => String::new(),
    };
    let limit = match before.len() as u64 == with_rows {
        true => limit,
        false => format!("{limit}, {} days have rows", part(with_rows, before.len() as u64)),
    };
    (title, limit)
}

/// `n of N`, of counts.
pub(crate) fn part(n: u64, all: u64) -> String {
    format::of(usize::try_from(n).unwrap_or(usize::MAX), all)
}

/// A number beside the usual: `bytes 10.7 MB, 8.2 × the usual 1.3 MB (on 6 of 7 days)`.
pub(crate) fn against(
    name: &str,
    usual: &Usual,
    show: fn(u64) -> String,
    days_before: u64,
) -> String {
    if usual.seen == 0 {
        return format!("{name} {}", show(usual.today));
    }
    let beside = match usual.ratio() {
        Some(_) => format!("{} the usual {}", format::times(usual.ratio()), show(usual.median)),
        None => format!("usually {}", show(usual.median)),
    };
    format!("{name} {}, {beside} (on {} days)", show(usual.today), part(usual.seen, days_before))
}

/// When nothing can be compared, or the anchor is new itself; else nothing.
pub(crate) fn no_past(
    of: &str,
    seen_today: bool,
    usual: &Usual,
    days: (u64, u64),
    day: chrono::NaiveDate,
) -> Option<String> {
    let (before, looked_at) = days;
    if before == 0 {
        return Some("The table has no rows of the days before: nothing to compare with.".into());
    }
    if usual.seen > 0 {
        return None;
    }
    Some(match seen_today {
        true => {
            format!("{of} itself is new: first seen on {day} of the {looked_at} days looked at.")
        }
        false => format!("{of} is on none of the {looked_at} days looked at."),
    })
}

fn sentences(found: &Investigation, history: &History) -> String {
    let facts = &history.facts;
    let (before, looked_at) = (history.days_before(), history.days_looked_at());
    let anchor = plain(found.anchor.as_str());
    let seen_today = facts.connections.today > 0;
    let past = no_past(&anchor, seen_today, &facts.connections, (before, looked_at), found.day);
    if before == 0 || !seen_today {
        let usual = (facts.connections.seen > 0).then(|| {
            format!("{}.", capital(&against("rows", &facts.connections, format::count, before)))
        });
        return [past, usual].into_iter().flatten().collect::<Vec<_>>().join(" ");
    }
    let peers = facts.peers.today;
    let known = facts.peers.today.saturating_sub(history.new_peers.len() as u64);
    let mut out: Vec<String> = past.into_iter().collect();
    out.push(format!(
        "{} peers and {} service ports are new: first seen on {} of the {looked_at} days looked at.",
        part(history.new_peers.len() as u64, peers),
        part(history.new_ports.len() as u64, facts.service_ports.today),
        found.day
    ));
    if known > 0 {
        out.push(format!(
            "Of the {} known, {} a new service port.",
            format::counted(known, "peer", "peers"),
            match history.new_peer_ports.len() {
                0 => "none has".to_owned(),
                1 => "1 has".to_owned(),
                n => format!("{} have", format::count(n as u64)),
            }
        ));
    }
    if facts.bytes.seen > 0 {
        out.push(format!("{}.", capital(&against("bytes", &facts.bytes, format::bytes, before))));
    }
    out.join(" ")
}

pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

fn new_peers(found: &Investigation, history: &History, top: usize) -> Markup {
    let all = &history.new_peers;
    let Some(shown) = first_of(all, top) else { return Markup::empty() };
    let rows = shown.iter().map(|peer| {
        let first = peer.first_seen.map_or(NONE.to_owned(), |at| format::time(found.day, at));
        line()
            .child(address(&peer.address))
            .child(cell(true, style::MUTED).text(&first))
            .child(bytes(peer.bytes()))
            .child(cell(true, "").text(&format::count(peer.connections)))
            .child(ports(&peer.ports, peer.port_count))
    });
    let titles = [
        head("Peer", false),
        head("First, UTC", true),
        head("Bytes", true),
        head("Conns", true),
        head("Ports", false),
    ];
    closed("New peers", &shown_of(shown.len(), all.len(), found), grid(false, titles, rows))
}

/// `8 of 12 new, 45 peers on the day`.
fn shown_of(shown: usize, new: usize, found: &Investigation) -> String {
    let peers = format::counted(found.facts.peers, "peer", "peers");
    format!("{} shown, {peers} on the day", format::of(shown, new as u64))
}

fn new_ports(history: &History, top: usize) -> Markup {
    let all: &[NewPort] = &history.new_ports;
    let Some(shown) = first_of(all, top) else { return Markup::empty() };
    let rows = shown.iter().map(|port| {
        line()
            .child(cell(true, style::MONO).text(&port.port.to_string()))
            .child(cell(true, "").text(&format::count(port.connections)))
            .child(cell(true, "").text(&format::count(port.peers)))
    });
    let titles = [head("Port", true), head("Conns", true), head("Peers", true)];
    closed("New service ports", &limit(shown, all), grid(false, titles, rows))
}

fn new_peer_ports(history: &History, top: usize) -> Markup {
    let all: &[NewPeerPorts] = &history.new_peer_ports;
    let Some(shown) = first_of(all, top) else { return Markup::empty() };
    let rows = shown.iter().map(|peer| {
        line()
            .child(address(&peer.peer))
            .child(cell(true, "").text(&format::count(peer.connections)))
            .child(ports(&peer.ports, peer.port_count))
    });
    let titles = [head("Peer", false), head("Conns", true), head("New ports", false)];
    closed("Known peers with new service ports", &limit(shown, all), grid(false, titles, rows))
}

/// Known peers whose bytes are far from the usual, the farthest first.
fn far(history: &History) -> Vec<&PeerUsual> {
    history.usual.iter().filter(|peer| peer.bytes.is_far()).collect()
}

fn unusual(history: &History, far: &[&PeerUsual], top: usize) -> Markup {
    let Some(shown) = first_of(far, top) else { return Markup::empty() };
    let before = history.days_before();
    let rows = shown.iter().map(|peer| {
        line().child(address(&peer.peer)).children(beside(&peer.bytes, format::bytes, before))
    });
    let titles = std::iter::once(head("Peer", false)).chain(beside_titles("Bytes"));
    let limit =
        format!("{}, {} known peers", limit(shown, far), format::count(history.usual.len() as u64));
    closed("Bytes far from the usual", &limit, grid(false, titles, rows))
}

/// Titles of [`beside`].
pub(crate) fn beside_titles(amount: &str) -> [Element; 6] {
    [
        head(amount, true),
        head("Usual", true),
        head("Times", true),
        head("Least", true),
        head("Most", true),
        head("Days seen", true),
    ]
}

/// A number and the usual one.
pub(crate) fn beside(usual: &Usual, show: fn(u64) -> String, days_before: u64) -> [Element; 6] {
    let then = |n: u64| if usual.seen == 0 { NONE.to_owned() } else { show(n) };
    let times = format::times(usual.ratio());
    let times = if usual.is_far() {
        cell(true, "font-weight:600").text(&times)
    } else {
        cell(true, "").text(&times)
    };
    [
        cell(true, "").text(&show(usual.today)),
        cell(true, "").text(&then(usual.median)),
        times,
        cell(true, style::MUTED).text(&then(usual.min)),
        cell(true, style::MUTED).text(&then(usual.max)),
        cell(true, style::MUTED).text(&part(usual.seen, days_before)),
    ]
}

/// A name, a number and how it is shown.
pub(crate) type Number<'a> = (&'static str, &'a Usual, fn(u64) -> String);

fn flow_numbers(history: &History) -> [Number<'_>; 6] {
    let facts = &history.facts;
    [
        ("Connections", &facts.connections, format::count),
        ("Peers", &facts.peers, format::count),
        ("Bytes", &facts.bytes, format::bytes),
        ("Received", &facts.bytes_in, format::bytes),
        ("Sent", &facts.bytes_out, format::bytes),
        ("Service ports", &facts.service_ports, format::count),
    ]
}

/// The numbers on top beside the usual ones.
pub(crate) fn numbers(numbers: &[Number<'_>], days_before: u64) -> Markup {
    let rows = numbers.iter().map(|(name, usual, show)| {
        line().child(cell(false, "").text(name)).children(beside(usual, *show, days_before))
    });
    let titles = std::iter::once(head("", false)).chain(beside_titles("The day"));
    closed("All numbers", "usual: the median of the days seen", grid(false, titles, rows))
}

/// The first `top`; nothing of nothing.
pub(crate) fn first_of<T>(all: &[T], top: usize) -> Option<&[T]> {
    (!all.is_empty()).then(|| &all[..all.len().min(top)])
}

pub(crate) fn limit<T>(shown: &[T], all: &[T]) -> String {
    format::of(shown.len(), all.len() as u64)
}

fn bytes(n: u64) -> Element {
    cell(true, "").attr("title", &format::exact_bytes(n)).text(&format::bytes(n))
}

fn ports(ports: &[u16], all: u64) -> Element {
    cell(false, style::MUTED)
        .attr("title", &format::ports(ports, all, ports.len()))
        .text(&format::ports(ports, all, PORTS))
}

/// The same without markup; no line where no range was asked for.
pub(crate) fn flow_lines(found: &Investigation, top: usize) -> Vec<String> {
    let Some(history) = &found.history else { return Vec::new() };
    let (title, days) = heading(history.days_before(), &days_of(history));
    let mut out = vec![String::new(), format!("{title} - {days}")];
    out.push(sentences(found, history));
    if let Some(shown) = first_of(&history.new_peers, top) {
        out.push(format!("New peers - {}", limit(shown, &history.new_peers)));
        let mut lines = vec![["Peer", "First", "Bytes", "Conns", "Ports"].map(str::to_owned)];
        lines.extend(shown.iter().map(|peer: &NewPeer| {
            [
                plain(peer.address.as_str()),
                peer.first_seen.map_or(NONE.to_owned(), |at| format::time(found.day, at)),
                format::bytes(peer.bytes()),
                format::count(peer.connections),
                format::ports(&peer.ports, peer.port_count, PORTS),
            ]
        }));
        out.extend(aligned(&lines, &[false, true, true, true, false]));
    }
    let far = far(history);
    if let Some(shown) = first_of(&far, top) {
        out.push(format!("Bytes far from the usual - {}", limit(shown, &far)));
        let mut lines = vec![["Peer", "Bytes", "Usual", "Times", "Days seen"].map(str::to_owned)];
        lines.extend(shown.iter().map(|peer| {
            let name = plain(peer.peer.as_str());
            usual_line(name, &peer.bytes, format::bytes, history.days_before())
        }));
        out.extend(aligned(&lines, &[false, true, true, true, true]));
    }
    out
}

/// A line of text: name, number, usual, times, days.
pub(crate) fn usual_line(
    name: String,
    usual: &Usual,
    show: fn(u64) -> String,
    days_before: u64,
) -> [String; 5] {
    [
        name,
        show(usual.today),
        show(usual.median),
        format::times(usual.ratio()),
        part(usual.seen, days_before),
    ]
}
