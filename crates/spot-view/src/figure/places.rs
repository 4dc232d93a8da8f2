//! What map and globe draw: peers with a place, their arcs, and the words for both.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write;

use spot_analysis::model::{Direction, Investigation, Place};
use spot_analysis::spot_json::peer_is_source;

use super::canvas::{EM, arrow_head, class, dashed, log_part, mark, named, note, path, polyline};
use super::geo::LonLat;
use super::placed::{ADDRESS, Placed, SENTENCE};
use crate::format;
use crate::markup::{Element, Markup, el};
use crate::result::place_text;
use crate::style;
use crate::tables;
use crate::visible::{plain, shorten};

/// Points that are drawn, most bytes first.
const DRAWN: usize = 150;
/// Points with a name beside them, as far as there is room.
const NAMED: usize = 10;
/// Smallest and biggest point.
const RADIUS: (f64, f64) = (2.4, 7.0);
/// Length of an arrow's head.
const HEAD: f64 = 7.5;

/// All that has a place.
pub(super) struct Scene<'a> {
    pub found: &'a Investigation,
    pub anchor: Option<LonLat>,
    /// At most [`DRAWN`], most bytes first.
    pub drawn: Vec<Placed<'a>>,
    /// Marks in all, and peers with a place.
    marks: u64,
    placed: u64,
}

/// Latitude and longitude, where both are on the earth.
fn degrees(place: Option<&Place>) -> Option<LonLat> {
    let (longitude, latitude) = place.and_then(|place| place.longitude.zip(place.latitude))?;
    (longitude.abs() <= 180.0 && latitude.abs() <= 90.0).then_some((longitude, latitude))
}

impl<'a> Scene<'a> {
    /// None when no peer has a place.
    pub fn of(found: &'a Investigation) -> Option<Self> {
        // In hundredths of a degree, which is about a kilometre.
        type Key = (i64, i64, Direction, bool);
        let mut marks: BTreeMap<Key, Placed<'_>> = BTreeMap::new();
        let mut placed = 0;
        for peer in &found.peers {
            let Some((place, at)) = peer.place.as_ref().and_then(|p| Some((p, degrees(Some(p))?)))
            else {
                continue;
            };
            placed += 1;
            let (direction, inwards) = (peer.direction, peer_is_source(peer));
            let hundredths = |degrees: f64| (degrees * 100.0).round() as i64;
            let key = (hundredths(at.0), hundredths(at.1), direction, inwards);
            let new = || Placed { peers: Vec::new(), place, at, direction, inwards, bytes: 0 };
            let mark = marks.entry(key).or_insert_with(new);
            mark.peers.push(peer);
            mark.bytes = mark.bytes.saturating_add(peer.bytes());
        }
        let all = marks.len() as u64;
        let mut drawn: Vec<Placed<'_>> = marks.into_values().collect();
        drawn.sort_by_key(|mark| Reverse(mark.bytes));
        drawn.truncate(DRAWN);
        let anchor = degrees(found.place.as_ref());
        (placed > 0).then_some(Self { found, anchor, drawn, marks: all, placed })
    }

    /// `12 of 14 peers have a place`.
    pub fn limit(&self) -> String {
        let all = self.found.peers.len();
        format!(
            "{} {} a place",
            format::of(self.placed as usize, all as u64),
            if all == 1 { "peer has" } else { "peers have" }
        )
    }

    /// The picture in words.
    pub fn describe(&self, title: &str) -> String {
        let mut out = format!("{title}: {}.", self.limit());
        for direction in Direction::ALL {
            let n = self.drawn_of(direction);
            if n > 0 {
                let _ = write!(out, " {} {}.", named(direction), format::count(n));
            }
        }
        for placed in self.drawn.iter().take(3) {
            let _ = write!(out, " {}.", placed.words(self.found));
        }
        if self.anchor.is_none() {
            let _ = write!(out, " {}", self.no_anchor());
        }
        out
    }

    /// Peers of a direction that are drawn.
    fn drawn_of(&self, direction: Direction) -> u64 {
        let of = self.drawn.iter().filter(|placed| placed.direction == direction);
        of.map(|placed| placed.peers.len() as u64).sum()
    }

    fn no_anchor(&self) -> String {
        let anchor = shorten(&plain(self.found.anchor.as_str()), ADDRESS);
        format!("{anchor} itself has no known place: points only, no arcs.")
    }

    /// The captions: what the marks mean, how many of how many.
    pub fn captions(&self) -> Vec<String> {
        let drawn = if self.marks > self.drawn.len() as u64 {
            format!("; {} points drawn, most bytes first", format::of(self.drawn.len(), self.marks))
        } else {
            String::new()
        };
        let first = format!("{}{drawn}. Points by bytes (log).", self.limit());
        match self.anchor {
            Some(_) => vec![format!("{first} Arrows point at the destination.")],
            None => vec![first, self.no_anchor()],
        }
    }

    /// The key: a mark and a line for each class that there is.
    pub fn key(&self, x: f64, y: f64) -> Vec<Element> {
        let mut out = Vec::new();
        let mut x = x;
        for direction in Direction::ALL {
            let n = self.drawn_of(direction);
            if n == 0 {
                continue;
            }
            if self.anchor.is_some() {
                let line = path(&format!("{} ln", class(direction)), &format!("M{x:.1} {y:.1}h24"));
                out.push(dashed(line.own("stroke-width", "1.5"), direction));
                x += 32.0;
            }
            out.push(path(class(direction), &mark(direction, (x + 3.0, y), 4.5)));
            let words =
                format!("{} {} {}", style::mark(direction), direction.name(), format::count(n));
            out.push(note(x + 13.0, y + 4.0, &words));
            x += 34.0 + words.chars().count() as f64 * 6.4;
        }
        if self.anchor.is_some() {
            out.push(path("self", &star((x + 3.0, y))));
            out.push(note(x + 13.0, y + 4.0, "the address itself"));
        }
        out
    }

    /// Where the points are, given where their places are: those at one place lie round it, the first on
    /// it.
    pub fn spread(&self, at: impl Fn(LonLat) -> Option<(f64, f64)>) -> Vec<Option<(f64, f64)>> {
        let mut taken: Vec<((i64, i64), u32)> = Vec::new();
        let mut cell_of = |(x, y): (f64, f64)| {
            let cell = ((x * 4.0).round() as i64, (y * 4.0).round() as i64);
            match taken.iter_mut().find(|(other, _)| *other == cell) {
                Some((_, n)) => {
                    *n += 1;
                    *n
                }
                None => {
                    taken.push((cell, 0));
                    0
                }
            }
        };
        if let Some(anchor) = self.anchor.and_then(&at) {
            cell_of(anchor);
        }
        let points = self.drawn.iter().map(|placed| {
            let (x, y) = at(placed.at)?;
            let n = f64::from(cell_of((x, y)));
            let (angle, far) = (n * 2.399_963, 10.0 * n.sqrt());
            Some((x + far * angle.cos(), y + far * angle.sin()))
        });
        points.collect()
    }

    /// An arc that was projected, in pieces: its line, and an arrow's head before its last point.
    pub fn arc(&self, placed: &Placed<'_>, pieces: &[Vec<(f64, f64)>], ends_here: bool) -> Element {
        let direction = placed.direction;
        let d: String = pieces.iter().map(|piece| polyline(piece)).collect();
        let line = path(&format!("{} ln", class(direction)), &d)
            .own("stroke-width", "1.1")
            .own("stroke-opacity", "0.8");
        let mut group = placed
            .group()
            .own("data-arc", direction.name())
            .child(el("title").flat(&placed.words(self.found)))
            .child(dashed(line, direction));
        if let Some(piece) = pieces.last().filter(|_| ends_here) {
            // The head ends beside the point, not in it.
            let gap = if placed.inwards { 7.0 } else { self.radius(placed) + 1.0 };
            if let Some((from, tip)) = before(piece, gap) {
                group = group.child(path(class(direction), &arrow_head(from, tip, HEAD)));
            }
        }
        group
    }

    fn radius(&self, placed: &Placed<'_>) -> f64 {
        let most = self.drawn.iter().map(|placed| placed.bytes).max().unwrap_or(0);
        RADIUS.0 + (RADIUS.1 - RADIUS.0) * log_part(placed.bytes, most).powi(2)
    }

    /// A peer's point.
    pub fn point(&self, placed: &Placed<'_>, at: (f64, f64)) -> Element {
        let direction = placed.direction;
        placed
            .group()
            .own("data-point", direction.name())
            .child(el("title").flat(&placed.words(self.found)))
            .child(path(
                &format!("{} rim", class(direction)),
                &mark(direction, at, self.radius(placed)),
            ))
    }

    /// The anchor's point and name.
    pub fn own(&self, at: (f64, f64)) -> Element {
        let place = self.found.place.as_ref().map(place_text).unwrap_or_default();
        let words =
            format!("{}, {}", plain(self.found.anchor.as_str()), shorten(&plain(&place), SENTENCE));
        el("g")
            .own("data-anchor", "")
            .child(el("title").flat(&words))
            .child(path("self rim", &star(at)))
    }

    /// Addresses beside the first points, as far as they cover nothing within `(left, top, right, bottom)`.
    pub fn labels(
        &self,
        points: &[Option<(f64, f64)>],
        own: Option<(f64, f64)>,
        (left, top, right, bottom): (f64, f64, f64, f64),
    ) -> Vec<Element> {
        let mut taken: Vec<[f64; 4]> =
            points.iter().flatten().map(|&(x, y)| [x - 4.0, y - 4.0, x + 4.0, y + 4.0]).collect();
        taken.extend(own.map(|(x, y)| [x - 7.0, y - 7.0, x + 7.0, y + 7.0]));
        let mut out = Vec::new();
        let mut set = |at: (f64, f64), r: f64, words: &str, bold: bool| {
            let width = words.chars().count() as f64 * 11.0 * if bold { 0.66 } else { EM };
            let places = [
                (at.0 + r + 4.0, at.1 + 4.0),
                (at.0 - r - 4.0 - width, at.1 + 4.0),
                (at.0 - width / 2.0, at.1 - r - 6.0),
                (at.0 - width / 2.0, at.1 + r + 14.0),
            ];
            let fits = |&(x, y): &(f64, f64)| {
                let [l, t, r, b] = [x - 1.0, y - 10.0, x + width + 1.0, y + 3.0];
                let free = |o: &[f64; 4]| r < o[0] || l > o[2] || b < o[1] || t > o[3];
                l >= left && r <= right && t >= top && b <= bottom && taken.iter().all(free)
            };
            if let Some((x, y)) = places.into_iter().find(fits) {
                taken.push([x - 1.0, y - 10.0, x + width + 1.0, y + 3.0]);
                let class = if bold { "l b halo" } else { "l halo" };
                let words = el("text")
                    .own("x", &format!("{x:.1}"))
                    .own("y", &format!("{y:.1}"))
                    .own("font-size", "11")
                    .own("class", class)
                    .flat(words);
                out.push(words);
            }
        };
        if let Some(at) = own {
            set(at, 6.0, &shorten(&plain(self.found.anchor.as_str()), ADDRESS), true);
        }
        for (placed, at) in self.drawn.iter().zip(points).take(NAMED) {
            let Some(at) = at else { continue };
            set(*at, self.radius(placed), &placed.label(), false);
        }
        out
    }

    /// The same as a table.
    pub fn table(&self) -> Markup {
        let head = [
            tables::head("Where", false),
            tables::head("Longitude, latitude", true),
            tables::head("Direction", false),
            tables::head("Rows go", false),
            tables::head("Peers", true),
            tables::head("Addresses", false),
            tables::head("Bytes", true),
        ];
        let rows = self.drawn.iter().map(|placed| {
            let way = if placed.inwards { "to the anchor" } else { "from the anchor" };
            tables::line()
                .child(tables::cell(false, "").text(&place_text(placed.place)))
                .child(
                    tables::cell(true, "").text(&format!("{:.2}, {:.2}", placed.at.0, placed.at.1)),
                )
                .child(tables::cell(false, "").text(placed.direction.name()))
                .child(tables::cell(false, "").text(way))
                .child(tables::cell(true, "").text(&format::count(placed.peers.len() as u64)))
                .child(
                    tables::cell(false, "font-family:monospace;word-break:break-all")
                        .text(&placed.listed()),
                )
                .child(tables::cell(true, "").text(&format::bytes(placed.bytes)))
        });
        let limit =
            format!("{}; {} points.", self.limit(), format::of(self.drawn.len(), self.marks));
        tables::noted(&limit, tables::grid(false, head, rows))
    }
}

/// The anchor's mark: a four-pointed star, like no peer's.
fn star((x, y): (f64, f64)) -> String {
    format!("M{x:.1} {:.1}l1.8 5.2 5.2 1.8-5.2 1.8-1.8 5.2-1.8-5.2-5.2-1.8 5.2-1.8z", y - 7.0)
}

/// A point `gap` before the end of a line, and one from which the line comes to it.
fn before(piece: &[(f64, f64)], gap: f64) -> Option<((f64, f64), (f64, f64))> {
    let &end = piece.last()?;
    let far = |&&(x, y): &&(f64, f64), gap: f64| (x - end.0).hypot(y - end.1) >= gap;
    let Some(&from) = piece.iter().rev().find(|point| far(point, gap + HEAD)) else {
        // Too short for that: the head takes what there is.
        return piece.first().filter(|point| far(point, 2.0)).map(|&from| (from, end));
    };
    let length = (from.0 - end.0).hypot(from.1 - end.1);
    let part = gap / length;
    Some((from, (end.0 + (from.0 - end.0) * part, end.1 + (from.1 - end.1) * part)))
}
