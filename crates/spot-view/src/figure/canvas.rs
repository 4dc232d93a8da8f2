//! What all figures are drawn with: one style, text at a place, marks that tell a class without colour.
//!
//! No element has an id and every rule of the style is for figures only, so that several of them can
//! stand in one page. No element has a style of its own: a page's policy may forbid that.

use std::fmt::Write;

use spot_analysis::model::Direction;

use super::Svg;
use crate::format;
use crate::markup::{Element, Markup, el};

/// Width of a wide drawing in its own units; shown between 660 and 1100 pixels wide.
pub(super) const WIDTH: f64 = 920.0;
/// Width of a drawing of which two may stand beside each other.
pub(super) const NARROW: f64 = 620.0;
/// A label's font sizes.
pub(super) const FONT: (f64, f64) = (12.5, 11.0);
/// Width of a monospace character, and of others on average, as a part of the font size.
pub(super) const EM: f64 = 0.61;
pub(super) const EN: f64 = 0.57;

/// Letters and lines, light and dark. The classes of peers are `in`, `out` and `two`; in the dark only their
/// colour changes, so that a line does not get filled.
const CSS: &str = ".spot-figure text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;\
fill:#656d76;unicode-bidi:isolate}\
.spot-figure .l{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#4b535c}\
.spot-figure .b{font-weight:600;fill:#1b1f24}\
.spot-figure .g{stroke:#7f7f7f;stroke-opacity:.32}.spot-figure .h{stroke:#7f7f7f;stroke-opacity:.13}\
.spot-figure .in{color:#c8503c;fill:currentColor}\
.spot-figure .out{color:#2f7fc2;fill:currentColor}.spot-figure .two{color:#8a6cc9;fill:currentColor}\
.spot-figure .rest{color:#7f7f7f;fill:currentColor}\
.spot-figure .no{fill:none;stroke:#c8503c}.spot-figure .tie{fill:none;stroke:#7f7f7f}\
.spot-figure .ln{fill:none;stroke:currentColor}.spot-figure .pale{fill-opacity:.16;stroke:currentColor}\
.spot-figure .land{fill:#7f7f7f;fill-opacity:.26}\
.spot-figure .sea{fill:#7f7f7f;fill-opacity:.06;stroke:#7f7f7f;stroke-opacity:.45}\
.spot-figure .rim{stroke:#fff;stroke-width:1}.spot-figure .self{fill:#1b1f24}\
.spot-figure .halo{paint-order:stroke;stroke:#fff;stroke-width:3;stroke-linejoin:round}\
@media (prefers-color-scheme:dark){.spot-figure text{fill:#9aa4ae}.spot-figure .l{fill:#dfe4e8}\
.spot-figure .b,.spot-figure .self{fill:#f2f4f6}\
.spot-figure .in{color:#e07a6b}.spot-figure .out{color:#6fb1e0}.spot-figure .two{color:#a99fe0}\
.spot-figure .no{stroke:#e07a6b}\
.spot-figure .rim,.spot-figure .halo{stroke:#14181c}}";

/// An empty picture with its title, its words and its style.
pub(super) fn document((width, height): (f64, f64), title: &str, alt: &str) -> Element {
    el("svg")
        .own("xmlns", "http://www.w3.org/2000/svg")
        .own("viewBox", &format!("0 0 {width} {height}"))
        .own("width", &width.to_string())
        .own("height", &height.to_string())
        .own("class", "spot-figure")
        .own("font-size", "12")
        .own("role", "img")
        .child(el("title").flat(title))
        .child(el("desc").flat(alt))
        .child(el("style").child(Markup::trusted(CSS)))
}

/// The finished picture.
pub(super) fn finished(picture: Element, width: f64, alt: String) -> Svg {
    Svg { source: Markup::from(picture).into_string(), alt, width }
}

/// A text at a place.
pub(super) fn text(x: f64, y: f64, anchor: &'static str) -> Element {
    el("text").own("x", &format!("{x:.1}")).own("y", &format!("{y:.1}")).own("text-anchor", anchor)
}

/// The same in the letters of addresses, of a size.
pub(super) fn label(x: f64, y: f64, anchor: &'static str, size: f64) -> Element {
    text(x, y, anchor).own("class", "l").own("font-size", &size.to_string())
}

/// A line of a figure's own words in small letters.
pub(super) fn note(x: f64, y: f64, words: &str) -> Element {
    text(x, y, "start").flat(words)
}

pub(super) fn path(class: &str, d: &str) -> Element {
    el("path").own("class", class).own("d", d)
}

/// Class of a direction's colour.
pub(super) fn class(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "in",
        Direction::Outbound => "out",
        Direction::TwoWay => "two",
    }
}

/// As people write it at the start of a line.
pub(super) fn named(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "Inbound",
        Direction::Outbound => "Outbound",
        Direction::TwoWay => "Two-way",
    }
}

/// Dashes of a direction's lines; inbound ones are whole.
pub(super) fn dashed(line: Element, direction: Direction) -> Element {
    match direction {
        Direction::Inbound => line,
        Direction::Outbound => line.own("stroke-dasharray", "6 3"),
        Direction::TwoWay => line.own("stroke-dasharray", "2 2.5"),
    }
}

/// The outline of a direction's mark: inbound a circle, outbound a diamond, two-way a square.
pub(super) fn mark(direction: Direction, (x, y): (f64, f64), r: f64) -> String {
    match direction {
        Direction::Inbound => circle((x, y), r),
        Direction::Outbound => {
            let r = r * 1.25;
            format!("M{:.1} {y:.1}l{r:.1}-{r:.1} {r:.1} {r:.1}-{r:.1} {r:.1}z", x - r)
        }
        Direction::TwoWay => {
            let r = r * 0.9;
            format!("M{:.1} {:.1}h{w:.1}v{w:.1}h-{w:.1}z", x - r, y - r, w = 2.0 * r)
        }
    }
}

pub(super) fn circle((x, y): (f64, f64), r: f64) -> String {
    // Rounded before it is doubled, or the two halves are none.
    let r = (r * 10.0).round() / 10.0;
    format!(
        "M{:.1} {y:.1}a{r:.1} {r:.1} 0 1 0 {w:.1} 0a{r:.1} {r:.1} 0 1 0-{w:.1} 0z",
        x - r,
        w = 2.0 * r
    )
}

/// An arrow's head with its point at `tip`, coming from `from`.
pub(super) fn arrow_head(from: (f64, f64), tip: (f64, f64), size: f64) -> String {
    let (dx, dy) = (tip.0 - from.0, tip.1 - from.1);
    let length = dx.hypot(dy).max(1e-9);
    let (dx, dy) = (dx / length * size, dy / length * size);
    let (x, y) = (tip.0 - dx, tip.1 - dy);
    format!(
        "M{:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}z",
        tip.0,
        tip.1,
        x - dy * 0.42,
        y + dx * 0.42,
        x + dy * 0.42,
        y - dx * 0.42
    )
}

/// Lines between places.
pub(super) fn polyline(points: &[(f64, f64)]) -> String {
    let mut d = String::new();
    for (n, (x, y)) in points.iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(d, "{}{x:.1} {y:.1}", if n == 0 { 'M' } else { 'L' });
    }
    d
}

/// Part of a logarithmic scale, 0 to 1.
pub(super) fn log_part(amount: u64, most: u64) -> f64 {
    ((1.0 + amount as f64).ln() / (1.0 + most.max(1) as f64).ln()).clamp(0.0, 1.0)
}

/// `12 peers`.
pub(super) fn peers(n: u64) -> String {
    format::counted(n, "peer", "peers")
}

/// Many small outlines in one path, in whole half units and relative, so that a coastline of
/// thousands of points stays small. To be drawn with [`Outlines::element`].
#[derive(Default)]
pub(super) struct Outlines(String);

impl Outlines {
    /// Adds a closed outline; points that lie on each other are one, and what is too small to see is
    /// left out.
    pub fn add(&mut self, points: impl IntoIterator<Item = (f64, f64)>) {
        let mut kept: Vec<(i32, i32)> = Vec::new();
        for (x, y) in points {
            let at = ((x * 2.0).round() as i32, (y * 2.0).round() as i32);
            let far = |last: &(i32, i32)| (last.0 - at.0).abs() + (last.1 - at.1).abs() > 2;
            if kept.last().is_none_or(far) {
                kept.push(at);
            }
        }
        let [first, rest @ ..] = &kept[..] else { return };
        if rest.len() < 2 {
            return;
        }
        // Writing to a String cannot fail.
        let _ = write!(self.0, "M{} {}l", first.0, first.1);
        let mut last = first;
        for (n, at) in rest.iter().enumerate() {
            let (dx, dy) = (at.0 - last.0, at.1 - last.1);
            let gap = |value: i32, first: bool| if first || value < 0 { "" } else { " " };
            let _ = write!(self.0, "{}{dx}{}{dy}", gap(dx, n == 0), gap(dy, false));
            last = at;
        }
        self.0.push('z');
    }

    /// The path.
    pub fn element(&self, class: &'static str) -> Element {
        path(class, &self.0).own("fill-rule", "evenodd").own("transform", "scale(0.5)")
    }
}
