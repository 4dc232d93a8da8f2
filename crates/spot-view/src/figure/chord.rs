//! Bytes between the anchor and its peers as a chord diagram, each way a ribbon of its own.

use std::f64::consts::{FRAC_PI_2, PI};

use spot_analysis::model::{Direction, Investigation, Peer};

use super::Svg;
use super::canvas::{EM, EN, FONT, NARROW, class, document, finished, label, note, path, text};
use crate::format;
use crate::markup::{Element, Markup, el};
use crate::style;
use crate::tables;
use crate::visible::{plain, shorten};

/// Peers with an arc of their own.
const PEERS: usize = 12;
const CENTRE: (f64, f64) = (134.0, 172.0);
/// Outer and inner radius of the arcs, and where ribbons end.
const OUTER: f64 = 124.0;
const INNER: f64 = 115.0;
const RIBBON: f64 = 113.5;
/// Angle between two arcs.
const PAD: f64 = 0.03;
/// Where names stand, and their distance.
const NAMES: f64 = 284.0;
const LINE: f64 = 18.5;
const ANCHOR: usize = 30;

/// An arc at the right: a peer, or all that have none of their own.
struct Side {
    /// The peer's address; of others nothing.
    key: String,
    name: String,
    direction: Option<Direction>,
    /// What the anchor received from it and sent to it.
    received: u64,
    sent: u64,
}

impl Side {
    fn bytes(&self) -> u128 {
        u128::from(self.received) + u128::from(self.sent)
    }

    fn class(&self) -> &'static str {
        self.direction.map_or("rest", class)
    }

    fn words(&self, all: u128) -> String {
        format!(
            "{}: {} of all bytes; the anchor received {} from it and sent {} to it",
            self.name,
            percent(self.bytes(), all),
            format::bytes(self.received),
            format::bytes(self.sent)
        )
    }
}

/// `43 %`, `<1 %`.
fn percent(part: u128, whole: u128) -> String {
    match part * 100 / whole.max(1) {
        0 if part > 0 => "<1 %".to_owned(),
        percent => format!("{percent} %"),
    }
}

/// The first peers with bytes, the others in one, and how many have bytes.
fn sides(found: &Investigation) -> (Vec<Side>, u64) {
    let with: Vec<&Peer> = found.peers.iter().filter(|peer| peer.bytes() > 0).collect();
    // Twelve and a single other need no sum.
    let own = if with.len() == PEERS + 1 { PEERS + 1 } else { PEERS.min(with.len()) };
    let mut sides: Vec<Side> = with[..own]
        .iter()
        .map(|peer| Side {
            key: peer.address.as_str().to_owned(),
            name: plain(peer.address.as_str()),
            direction: Some(peer.direction),
            received: peer.bytes_in,
            sent: peer.bytes_out,
        })
        .collect();
    let others = &with[own..];
    if !others.is_empty() {
        let sum = |of: fn(&Peer) -> u64| others.iter().map(|p| of(p)).fold(0, u64::saturating_add);
        sides.push(Side {
            key: String::new(),
            name: format!("{} others", format::count(others.len() as u64)),
            direction: None,
            received: sum(|peer| peer.bytes_in),
            sent: sum(|peer| peer.bytes_out),
        });
    }
    (sides, with.len() as u64)
}

/// Draws the bytes of the day: the anchor at the left, peers at the right, most bytes first, and a ribbon for
/// each way, as wide at both ends. None without bytes.
pub fn chord(found: &Investigation) -> Option<Svg> {
    let (sides, with) = sides(found);
    let all: u128 = sides.iter().map(Side::bytes).sum();
    if all == 0 {
        return None;
    }
    let anchor = plain(found.anchor.as_str());
    let title = format!("Bytes between {anchor} and its peers on {}", found.day);
    let own = sides.iter().filter(|side| side.direction.is_some()).count();
    let limit = format!(
        "{} {}",
        format::of(own, found.peers.len() as u64),
        if found.peers.len() == 1 { "peer" } else { "peers" }
    );
    let alt = describe(&title, &limit, found, &sides, all);
    let captions = captions(&limit, found, with);
    let foot = CENTRE.1 + OUTER + 14.0;
    let height = foot + 16.0 * captions.len() as f64 + 6.0;

    let mut picture = document((NARROW, height), &title, &alt);
    let room = PI - PAD * (sides.len() + 1) as f64;
    let angle = |bytes: u64| bytes as f64 / all as f64 * room;
    // Peers clockwise from the top, the anchor's half the other way round, so that no ribbon crosses.
    let mut right = PAD;
    let mut left = -(PI - room) / 2.0;
    let (mut ribbons, mut arcs, mut middles) = (Vec::new(), Vec::new(), Vec::new());
    for side in &sides {
        let begin = right;
        let mut group = el("g")
            .attr("data-peer", &side.key)
            .own("data-received", &side.received.to_string())
            .own("data-sent", &side.sent.to_string())
            .child(el("title").flat(&side.words(all)));
        for (bytes, to_anchor) in [(side.received, true), (side.sent, false)] {
            let wide = angle(bytes);
            let (peer, own) = ((right, right + wide), (left - wide, left));
            if bytes > 0 {
                let (from, to) = if to_anchor { (peer, own) } else { (own, peer) };
                let class = if to_anchor {
                    side.class().to_owned()
                } else {
                    format!("{} pale", side.class())
                };
                let ribbon = path(&class, &ribbon(from, to));
                group = group.child(if to_anchor {
                    ribbon.own("fill-opacity", "0.72").own("data-way", "received")
                } else {
                    ribbon.own("stroke-width", "0.8").own("data-way", "sent")
                });
            }
            right += wide;
            left -= wide;
        }
        ribbons.push(group);
        arcs.push(path(side.class(), &arc(begin, right)).child(el("title").flat(&side.words(all))));
        middles.push((begin + right) / 2.0);
        right += PAD;
    }
    let span = (left, -(PI - room) / 2.0);
    picture = picture.children(ribbons).children(arcs).child(
        path("self", &arc(span.0, span.1))
            .child(el("title").flat(&format!("{anchor}, the anchor"))),
    );
    for ((side, middle), y) in sides.iter().zip(&middles).zip(heights(&middles)) {
        picture = picture.child(name(side, *middle, y, all));
    }
    let facts = &found.facts;
    let own = format!(
        "received {}, sent {}",
        format::bytes(facts.bytes_in),
        format::bytes(facts.bytes_out)
    );
    picture = picture
        .child(
            text(8.0, 16.0, "start")
                .own("class", "l b")
                .own("font-size", &FONT.0.to_string())
                .flat(&shorten(&anchor, ANCHOR)),
        )
        .child(note(8.0, 33.0, &own));
    for (n, line) in captions.iter().enumerate() {
        picture = picture.child(note(8.0, foot + 14.0 + 16.0 * n as f64, line));
    }
    Some(finished(picture, NARROW, alt))
}

fn captions(limit: &str, found: &Investigation, with: u64) -> Vec<String> {
    let mut first = format!("{limit} by name, percent of all bytes.");
    let none = (found.peers.len() as u64).saturating_sub(with);
    if none > 0 {
        first.push_str(&format!(" {} without bytes.", format::count(none)));
    }
    let second =
        "Filled: received by the anchor. Outlined: sent by it. Points show where they arrive.";
    vec![first, second.to_owned()]
}

/// A place on a circle; 0 is the top, clockwise.
fn on(angle: f64, radius: f64) -> (f64, f64) {
    (CENTRE.0 + radius * (angle - FRAC_PI_2).cos(), CENTRE.1 + radius * (angle - FRAC_PI_2).sin())
}

/// A part of the ring.
fn arc(from: f64, to: f64) -> String {
    let to = to.max(from + 0.006);
    let (a, b) = (on(from, OUTER), on(to, OUTER));
    let (c, d) = (on(to, INNER), on(from, INNER));
    let long = u8::from(to - from > PI);
    format!(
        "M{:.2} {:.2}A{OUTER} {OUTER} 0 {long} 1 {:.2} {:.2}L{:.2} {:.2}A{INNER} {INNER} 0 {long} 0 {:.2} {:.2}z",
        a.0, a.1, b.0, b.1, c.0, c.1, d.0, d.1
    )
}

/// From one part of the circle to another, where it ends in a point.
fn ribbon(from: (f64, f64), to: (f64, f64)) -> String {
    let wide = |(a, b): (f64, f64)| if b - a < 0.004 { (a, a + 0.004) } else { (a, b) };
    let (from, to) = (wide(from), wide(to));
    let (a, b) = (on(from.0, RIBBON), on(from.1, RIBBON));
    // A small point in the middle of a wide end.
    let head = RIBBON - 8.0;
    let middle = (to.0 + to.1) / 2.0;
    let half = ((to.1 - to.0) / 2.0).min(0.09);
    let (c, d, tip) = (on(to.0, head), on(to.1, head), on(middle, RIBBON));
    let (e, f) = (on(middle - half, head), on(middle + half, head));
    let (x, y) = CENTRE;
    format!(
        "M{:.2} {:.2}A{RIBBON} {RIBBON} 0 0 1 {:.2} {:.2}Q{x} {y} {:.2} {:.2}A{head} {head} 0 0 1 {:.2} {:.2}\
L{:.2} {:.2}L{:.2} {:.2}A{head} {head} 0 0 1 {:.2} {:.2}Q{x} {y} {:.2} {:.2}z",
        a.0, a.1, b.0, b.1, c.0, c.1, e.0, e.1, tip.0, tip.1, f.0, f.1, d.0, d.1, a.0, a.1
    )
}

/// Where the names stand: beside their arcs as near as there is room.
fn heights(middles: &[f64]) -> Vec<f64> {
    let mut out: Vec<f64> = middles.iter().map(|&angle| on(angle, OUTER).1).collect();
    let foot = CENTRE.1 + OUTER + 6.0;
    let mut least = 0.0f64;
    for y in &mut out {
        *y = y.max(least);
        least = *y + LINE;
    }
    let mut most = foot;
    for y in out.iter_mut().rev() {
        *y = y.min(most);
        most = *y - LINE;
    }
    out
}

/// A peer's name with its share, and a line from its arc.
fn name(side: &Side, angle: f64, y: f64, all: u128) -> Element {
    let (from, bend) = (on(angle, OUTER + 1.0), on(angle, OUTER + 7.0));
    let own = side.direction.is_some();
    let mark = side.direction.map_or("", style::mark);
    let (received, sent) = (format::bytes(side.received), format::bytes(side.sent));
    let words = format!("{} · {received} in, {sent} out", percent(side.bytes(), all));
    let x = NAMES + 16.0;
    let letter = FONT.1 * if own { EM } else { EN };
    let room = NARROW - x - 12.0 - words.chars().count() as f64 * FONT.1 * EN;
    let shown = shorten(&side.name, (room / letter).max(8.0) as usize);
    let wide = shown.chars().count() as f64 * letter;
    let name = if own {
        label(x, y + 4.0, "start", FONT.1)
    } else {
        text(x, y + 4.0, "start").own("font-size", "11")
    };
    el("g")
        .attr("data-peer", &side.key)
        .child(el("title").flat(&side.words(all)))
        .child(
            path(
                "g",
                &format!(
                    "M{:.1} {:.1}L{:.1} {:.1}L{:.1} {y:.1}H{:.1}",
                    from.0,
                    from.1,
                    bend.0,
                    bend.1,
                    NAMES - 14.0,
                    NAMES - 3.0
                ),
            )
            .own("fill", "none"),
        )
        .child(text(NAMES, y + 4.0, "start").own("class", side.class()).flat(mark))
        .child(name.flat(&shown))
        .child(text(x + wide + 8.0, y + 4.0, "start").own("font-size", "11").flat(&words))
}

fn describe(title: &str, limit: &str, found: &Investigation, sides: &[Side], all: u128) -> String {
    let mut out = format!(
        "{title}: {limit} by name; received {}, sent {}.",
        format::bytes(found.facts.bytes_in),
        format::bytes(found.facts.bytes_out)
    );
    for side in sides.iter().take(3) {
        out.push_str(&format!(" {}.", side.words(all)));
    }
    if sides.len() > 3 {
        out.push_str(&format!(" And {} more.", sides.len() - 3));
    }
    out
}

/// The same as a table.
pub(super) fn table(found: &Investigation) -> Markup {
    let (sides, _) = sides(found);
    let all: u128 = sides.iter().map(Side::bytes).sum();
    let head = [
        tables::head("Peer", false),
        tables::head("Direction", false),
        tables::head("Received by the anchor", true),
        tables::head("Sent by the anchor", true),
        tables::head("Share", true),
    ];
    let rows = sides.iter().map(|side| {
        tables::line()
            .child(
                tables::cell(false, "font-family:monospace;word-break:break-all").text(&side.name),
            )
            .child(tables::cell(false, "").text(side.direction.map_or("", Direction::name)))
            .child(tables::cell(true, "").text(&format::exact_bytes(side.received)))
            .child(tables::cell(true, "").text(&format::exact_bytes(side.sent)))
            .child(tables::cell(true, "").text(&percent(side.bytes(), all)))
    });
    let own = sides.iter().filter(|side| side.direction.is_some()).count();
    let limit = format!("{} peers by name.", format::of(own, found.peers.len() as u64));
    tables::noted(&limit, tables::grid(false, head, rows))
}
