//! Impact analysis: how many peers, by direction, by class of their context, by its name.

use std::fmt::Write;

use spot_analysis::breakdown::{Branch, branches};
use spot_analysis::model::{Direction, Investigation};
use spot_analysis::spot_json::NO_CONTEXT;

use super::Svg;
use super::canvas::{
    self, EM, EN, FONT, NARROW, class, document, finished, label, named, note, path, text,
};
use crate::format;
use crate::markup::{Element, Markup, el};
use crate::style;
use crate::tables;
use crate::visible::{plain, shorten};

const TOP: f64 = 6.0;
/// Heights of a line and its bar: direction, class, name.
const LINES: [(f64, f64); 3] = [(22.0, 13.0), (18.0, 9.0), (16.0, 5.0)];
/// How far a level stands from the left.
const INDENT: [f64; 3] = [8.0, 22.0, 36.0];
/// Where bars begin, and the longest.
const BARS: f64 = 226.0;
const LONGEST: f64 = 290.0;
/// Names of a class that are drawn: as many as let the picture have at most [`MOST`] lines.
const NAMES: [usize; 3] = [6, 3, 0];
const MOST: usize = 56;
/// Longest name in characters.
const NAME: usize = 26;

/// A line of the picture.
struct Line {
    level: usize,
    direction: Direction,
    /// What is shown at the left.
    words: String,
    /// The whole name, for who points at it.
    full: String,
    /// Text from anywhere, in the letters of addresses.
    foreign: bool,
    peers: u64,
}

fn lines(branches: &[Branch<'_>; 3], names: usize) -> Vec<Line> {
    let mut out = Vec::new();
    for branch in branches {
        let direction = branch.direction;
        let mut add = |level, words: String, full: String, foreign, peers| {
            out.push(Line { level, direction, words, full, foreign, peers });
        };
        let heading = format!("{} {}", style::mark(direction), named(direction));
        add(0, heading, named(direction).to_owned(), false, branch.peers);
        for part in &branch.classes {
            let class = plain(part.class);
            add(1, shorten(&class, NAME), class.clone(), false, part.peers);
            // The class alone says as much as that none of its peers has a name.
            if names == 0 || part.names.iter().all(|name| name.name.is_none()) {
                continue;
            }
            for name in part.names.iter().take(names) {
                let full = name.name.map_or_else(|| NO_CONTEXT.to_owned(), plain);
                add(2, shorten(&full, NAME), full, name.name.is_some(), name.peers);
            }
            let rest = part.names.get(names..).unwrap_or_default();
            if !rest.is_empty() {
                let words = format!("and {} more", format::count(rest.len() as u64));
                add(2, words.clone(), words, false, rest.iter().map(|name| name.peers).sum());
            }
        }
    }
    out
}

/// Draws bars of numbers of distinct peers: direction, in it the classes, in them the names. Peers without a
/// context are `Unknown`. None without peers.
pub fn impact(found: &Investigation) -> Option<Svg> {
    if found.peers.is_empty() {
        return None;
    }
    let branches = branches(found);
    let few = |&names: &usize| lines(&branches, names).len() <= MOST;
    let most = NAMES.into_iter().find(few).unwrap_or(0);
    let lines = lines(&branches, most);
    let all = found.peers.len() as u64;
    let title = format!("Impact analysis of {} on {}", plain(found.anchor.as_str()), found.day);
    let alt = describe(&title, all, &branches);
    let height: f64 = lines.iter().map(|line| LINES[line.level].0).sum::<f64>() + 2.0 * 5.0;
    let foot = TOP + height;
    let mut picture = document((NARROW, foot + 24.0), &title, &alt)
        .child(path("g", &format!("M{BARS} {TOP}V{:.1}", foot - 4.0)));
    let mut y = TOP;
    for (n, line) in lines.iter().enumerate() {
        if line.level == 0 && n > 0 {
            y += 5.0;
        }
        picture = picture.child(draw(line, all, y));
        y += LINES[line.level].0;
    }
    let names: usize = branches.iter().flat_map(|b| &b.classes).map(|part| part.names.len()).sum();
    let shown: usize =
        branches.iter().flat_map(|b| &b.classes).map(|part| part.names.len().min(most)).sum();
    let mut caption =
        format!("Bars by distinct peers, {} in all: direction, class, name.", format::count(all));
    if shown < names {
        let _ = write!(caption, " {} names.", format::of(shown, names as u64));
    }
    Some(finished(picture.child(note(8.0, foot + 16.0, &caption)), NARROW, alt))
}

fn draw(line: &Line, all: u64, top: f64) -> Element {
    let (height, thick) = LINES[line.level];
    let y = top + height / 2.0;
    let size = if line.level == 0 { 12.0 } else { FONT.1 };
    let width = (line.peers as f64 / all.max(1) as f64 * LONGEST).max(if line.peers > 0 {
        1.5
    } else {
        0.0
    });
    let share = format::share(line.peers, all);
    let words =
        format!("{}, {}: {}, {share}", named(line.direction), line.full, canvas::peers(line.peers));
    let name = if line.foreign {
        label(INDENT[line.level], y + 4.0, "start", FONT.1)
    } else {
        let name = text(INDENT[line.level], y + 4.0, "start").own("font-size", &size.to_string());
        if line.level == 0 { name.own("class", "b") } else { name }
    };
    let mut group = el("g")
        .own("data-direction", line.direction.name())
        .own("data-level", ["direction", "class", "name"][line.level])
        .attr("data-name", &line.full)
        .own("data-peers", &line.peers.to_string())
        .child(el("title").flat(&words))
        .child(name.flat(&fitting(line, size)));
    if line.peers > 0 {
        let bar = path(
            class(line.direction),
            &format!("M{BARS} {:.1}h{width:.1}v{thick}h-{width:.1}z", y - thick / 2.0),
        );
        let bar = if line.level == 0 {
            bar
        } else {
            bar.own("fill-opacity", if line.level == 1 { "0.7" } else { "0.45" })
        };
        group = group.child(bar);
    }
    group.child(
        text(BARS + width + 7.0, y + 4.0, "start").own("font-size", &size.to_string()).flat(
            &if line.peers > 0 {
                format!("{} · {share}", format::count(line.peers))
            } else {
                "0".to_owned()
            },
        ),
    )
}

/// The name, as long as there is room before the bars.
fn fitting(line: &Line, size: f64) -> String {
    let wide = size * if line.foreign { EM } else { EN };
    shorten(&line.words, ((BARS - INDENT[line.level] - 8.0) / wide) as usize)
}

fn describe(title: &str, all: u64, branches: &[Branch<'_>; 3]) -> String {
    let mut out = format!("{title}: {}.", canvas::peers(all));
    for branch in branches {
        // Writing to a String cannot fail.
        let _ = write!(out, " {} {}", named(branch.direction), format::count(branch.peers));
        let classes: Vec<String> = branch
            .classes
            .iter()
            .map(|part| format!("{} {}", plain(part.class), format::count(part.peers)))
            .collect();
        if !classes.is_empty() {
            let _ = write!(out, ": {}", classes.join(", "));
        }
        out.push('.');
    }
    out
}

/// The same as a table; all classes and names.
pub(super) fn table(found: &Investigation) -> Markup {
    let all = found.peers.len() as u64;
    let branches = branches(found);
    let rows: Vec<Element> = branches
        .iter()
        .flat_map(|branch| branch.classes.iter().map(move |part| (branch, part)))
        .flat_map(|(branch, part)| part.names.iter().map(move |name| (branch, part, name)))
        .map(|(branch, part, name)| {
            let full = name.name.map_or_else(|| NO_CONTEXT.to_owned(), plain);
            tables::line()
                .child(tables::cell(false, "").text(branch.direction.name()))
                .child(tables::cell(false, "").text(part.class))
                .child(tables::cell(false, "").text(&full))
                .child(tables::cell(true, "").text(&format::count(name.peers)))
                .child(tables::cell(true, "").text(&format::share(name.peers, all)))
        })
        .collect();
    let head = [
        tables::head("Direction", false),
        tables::head("Class", false),
        tables::head("Context", false),
        tables::head("Peers", true),
        tables::head("Share", true),
    ];
    let limit =
        format!("{} lines, {}.", format::of(rows.len(), rows.len() as u64), canvas::peers(all));
    tables::noted(&limit, tables::grid(false, head, rows))
}
