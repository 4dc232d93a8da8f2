//! All figures of a finding, each with its title and the table that says the same.

use chrono_tz::Tz;
use spot_analysis::dns;
use spot_analysis::model::{Investigation, Lane};

use super::lanes::Clock;
use super::places::Scene;
use super::{Svg, chord, globe, impact, map, progression, queries_in, shape, timeline_in, tree};
use crate::dns::{sums, tables as dns_tables};
use crate::format;
use crate::markup::Markup;
use crate::tables;

/// Branches and domains of the figures of names.
const NAMES: usize = 20;

/// A picture with what stands beside it.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Short name, unique on a page: `timeline`, `map`.
    pub name: &'static str,
    /// Heading.
    pub title: &'static str,
    /// The picture; its words are [`Svg::alt`].
    pub svg: Svg,
    /// The same as a table, for those who would rather read or cannot see; may be empty.
    pub table: Markup,
}

/// The figures of a flow finding, in the order in which they are shown, with times in UTC. Without peers:
/// none. Map and globe only when a peer has a place, the chord diagram only when there are bytes.
pub fn flow(found: &Investigation) -> Vec<Figure> {
    flow_in(found, Tz::UTC)
}

/// As [`flow`], with the timeline's times in another zone.
pub fn flow_in(found: &Investigation, zone: Tz) -> Vec<Figure> {
    if found.peers.is_empty() {
        return Vec::new();
    }
    let timeline = Figure {
        name: "timeline",
        title: "Timeline",
        svg: timeline_in(&found.timeline, &found.anchor, found.day, zone),
        table: lanes(found, Clock { day: found.day, zone }),
    };
    std::iter::once(timeline).chain(more(found)).collect()
}

/// All but the timeline.
pub(crate) fn more(found: &Investigation) -> Vec<Figure> {
    let figure = |name, title, svg: Option<Svg>, table: fn(&Investigation) -> Markup| {
        svg.map(|svg| Figure { name, title, svg, table: table(found) })
    };
    let places =
        |found: &Investigation| Scene::of(found).map(|scene| scene.table()).unwrap_or_default();
    [
        figure(
            "progression",
            "Incident progression",
            progression(found),
            super::progression::table,
        ),
        figure("impact", "Impact analysis", impact(found), super::impact::table),
        figure("map", "Map", map(found), places),
        figure("globe", "Globe", globe(found), places),
        figure("chord", "Bytes", chord(found), super::chord::table),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The lanes as a table.
fn lanes(found: &Investigation, clock: Clock) -> Markup {
    let head = [
        tables::head("Peer", false),
        tables::head("Direction", false),
        tables::head("Connections", true),
        tables::head("Bytes", true),
        tables::head("Port", true),
        tables::head(&format!("Under way, {}", clock.name()), false),
    ];
    let rows = found.timeline.lanes.iter().map(|lane| {
        tables::line()
            .child(tables::address(&lane.peer))
            .child(tables::cell(false, "").text(lane.direction.name()))
            .child(tables::cell(true, "").text(&format::count(lane.connections)))
            .child(tables::cell(true, "").text(&format::bytes(lane.bytes)))
            .child(
                tables::cell(true, "")
                    .text(&lane.port.map_or(format::NONE.to_owned(), |p| p.to_string())),
            )
            .child(tables::cell(false, "").text(&under_way(lane, clock)))
    });
    let limit = format!("{} peers.", format::of(found.timeline.lanes.len(), found.timeline.of));
    tables::noted(&limit, tables::grid(false, head, rows))
}

/// `09:00 to 10:05, in 3 parts`.
fn under_way(lane: &Lane, clock: Clock) -> String {
    let (Some(first), Some(last)) = (lane.spans.first(), lane.spans.last()) else {
        return format::NONE.to_owned();
    };
    let parts = match lane.spans.len() {
        1 => String::new(),
        n => format!(", in {} parts", format::count(n as u64)),
    };
    format!("{} to {}{parts}", clock.time(first.from / 60), clock.time(last.to / 60))
}

/// The figures of a DNS finding, in the order in which they are shown, with times in UTC; only those that
/// tell something.
pub fn dns(found: &dns::Investigation) -> Vec<Figure> {
    dns_in(found, Tz::UTC)
}

/// As [`dns`], with the times of another zone.
pub fn dns_in(found: &dns::Investigation, zone: Tz) -> Vec<Figure> {
    if found.facts.answers == 0 {
        return Vec::new();
    }
    let mut out = Vec::new();
    // Where no answer has a time, the picture of the day would say that there was none.
    if found.facts.seen.is_some() {
        let svg = queries_in(found, NAMES, zone);
        out.push(Figure { name: "queries", title: "Answers of the day", svg, table: asked(found) });
    }
    if !found.rows.is_empty() {
        let branches = sums::branches(found);
        let svg = tree(found, &branches, NAMES);
        let table = tables::noted(
            &format!("{} branches.", format::of(branches.len().min(NAMES), branches.len() as u64)),
            dns_tables::branches(&branches, NAMES),
        );
        out.push(Figure { name: "dendrogram", title: "Dendrogram", svg, table });
    }
    let names = sums::names(&found.rows);
    let domains = sums::domains(&names);
    if let Some(svg) = shape(&names, &domains) {
        let table = dns_tables::domains(&domains, NAMES);
        out.push(Figure { name: "shape", title: "Length and entropy of the names", svg, table });
    }
    out
}

/// The lanes of names or clients as a table.
fn asked(found: &dns::Investigation) -> Markup {
    let lanes = &found.timeline.lanes[..found.timeline.lanes.len().min(NAMES)];
    let head = [
        tables::head("Lane", false),
        tables::head("Answers", true),
        tables::head("No such name", true),
        tables::head("Names", true),
    ];
    let rows = lanes.iter().map(|lane| {
        tables::line()
            .child(
                tables::cell(false, "font-family:monospace;word-break:break-all")
                    .text(lane.of.as_str()),
            )
            .child(tables::cell(true, "").text(&format::count(lane.answers)))
            .child(tables::cell(true, "").text(&format::count(lane.nxdomain)))
            .child(tables::cell(true, "").text(&format::count(lane.names)))
    });
    let limit = format!("{} lanes.", format::of(lanes.len(), found.timeline.of));
    tables::noted(&limit, tables::grid(false, head, rows))
}
