//! How long and how random the names are: a point for every name.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Svg;
use super::canvas::{WIDTH, document, finished, label, path, text};
use crate::dns::sums::{DomainSum, NameSum, missing};
use crate::format;
use crate::markup::Element;
use crate::visible::{plain, shorten};

const LEFT: f64 = 58.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 12.0;
const HEIGHT: f64 = 190.0;
/// Cells of the grid, in which points lie on each other.
const CELLS: (f64, f64) = (140.0, 38.0);
/// Smallest and biggest radius.
const RADIUS: (f64, f64) = (2.6, 6.5);
/// Domains that are named in the picture.
const NAMED: usize = 3;
const LABEL: usize = 36;

/// Draws length against entropy, where it tells something: a domain with many long or random names,
/// or many names that do not exist.
pub(crate) fn shape(names: &[NameSum<'_>], domains: &[DomainSum<'_>]) -> Option<Svg> {
    let odd: Vec<&DomainSum<'_>> = domains.iter().filter(|d| d.is_odd()).take(NAMED).collect();
    let gone = missing(names);
    if odd.is_empty() && gone.is_none() {
        return None;
    }
    let longest = names.iter().map(|n| n.length).max().unwrap_or(0).max(20) as f64;
    let most = names.iter().map(|n| n.entropy).fold(4.0, f64::max);
    // Round ends of the axes.
    let step = if longest > 100.0 { 50.0 } else { 10.0 };
    let axes = Axes { length: (longest / step).ceil() * step, entropy: most.ceil() };
    let title =
        format!("Length and entropy of {}", format::counted(names.len() as u64, "name", "names"));
    let alt = describe(&title, names, &odd, gone);

    let foot = TOP + HEIGHT;
    let mut picture = document((WIDTH, foot + 54.0), &title, &alt);
    let mut at = 0.0;
    while at <= axes.length {
        let x = axes.x(at);
        picture = picture
            .child(path("h", &format!("M{x:.1} {TOP:.1}V{foot:.1}")))
            .child(text(x, foot + 15.0, "middle").flat(&format!("{at:.0}")));
        at += step;
    }
    for bits in 0..=axes.entropy as u32 {
        let y = axes.y(f64::from(bits));
        picture = picture
            .child(path("h", &format!("M{LEFT:.1} {y:.1}H{:.1}", WIDTH - RIGHT)))
            .child(text(LEFT - 8.0, y + 4.0, "end").flat(&bits.to_string()));
    }
    picture = picture
        .child(points(names, &axes, true))
        // On top: the one generated name that exists is what one looks for.
        .child(points(names, &axes, false))
        .children(odd.iter().map(|domain| named(domain, &axes)));
    let captions = [
        "Across: characters of the name. Upwards: bits a character below the registered domain.",
        "A point for each name, bigger for several; hollow: there is no such name.",
    ];
    let source = captions
        .iter()
        .zip([33.0, 48.0])
        .fold(picture, |p, (line, down)| p.child(text(LEFT, foot + down, "start").flat(line)));
    Some(finished(source, WIDTH, alt))
}

/// The ends of the axes.
struct Axes {
    length: f64,
    entropy: f64,
}

impl Axes {
    fn x(&self, length: f64) -> f64 {
        LEFT + (WIDTH - LEFT - RIGHT) * (length / self.length).min(1.0)
    }

    fn y(&self, entropy: f64) -> f64 {
        TOP + HEIGHT * (1.0 - (entropy / self.entropy).min(1.0))
    }
}

/// The names that exist, or those that do not; names at one place are one bigger point.
fn points(names: &[NameSum<'_>], axes: &Axes, missing: bool) -> Element {
    let mut cells: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    for name in names.iter().filter(|name| name.is_missing() == missing) {
        let across = (name.length as f64 / axes.length * CELLS.0).round() as u32;
        let up = (name.entropy / axes.entropy * CELLS.1).round() as u32;
        *cells.entry((across, up)).or_default() += 1;
    }
    let most = cells.values().copied().max().unwrap_or(1).max(2) as f64;
    let mut d = String::new();
    for ((across, up), n) in cells {
        let x = axes.x(f64::from(across) / CELLS.0 * axes.length);
        let y = axes.y(f64::from(up) / CELLS.1 * axes.entropy);
        let r = RADIUS.0 + (RADIUS.1 - RADIUS.0) * (n as f64).ln() / most.ln();
        // Writing to a String cannot fail.
        let _ = write!(
            d,
            "M{:.1} {y:.1}a{r:.1} {r:.1} 0 1 0 {:.1} 0a{r:.1} {r:.1} 0 1 0 -{:.1} 0z",
            x - r,
            2.0 * r,
            2.0 * r
        );
    }
    let points = path(if missing { "no" } else { "out" }, &d);
    if missing { points } else { points.own("fill-opacity", "0.75") }
}

/// A conspicuous domain's name, above the middle of its points.
fn named(domain: &DomainSum<'_>, axes: &Axes) -> Element {
    let x = axes.x(domain.length);
    let anchor = if x > WIDTH * 0.7 { "end" } else { "start" };
    let words = format!(
        "{}, {}",
        shorten(&plain(domain.domain.as_str()), LABEL),
        format::counted(domain.names, "name", "names")
    );
    // Below the cloud, where there are only few points.
    label(x, (axes.y(domain.entropy) + 34.0).min(TOP + HEIGHT - 4.0), anchor, 12.0).flat(&words)
}

fn describe(
    title: &str,
    names: &[NameSum<'_>],
    odd: &[&DomainSum<'_>],
    gone: Option<u64>,
) -> String {
    let mut out = format!("{title}.");
    for domain in odd {
        let _ = write!(
            out,
            " {}: {}, on average {:.0} characters and {:.1} bits a character.",
            plain(domain.domain.as_str()),
            format::counted(domain.names, "name", "names"),
            domain.length,
            domain.entropy
        );
    }
    if let Some(gone) = gone {
        let _ =
            write!(out, " {} names do not exist.", format::of(gone as usize, names.len() as u64));
    }
    out
}
