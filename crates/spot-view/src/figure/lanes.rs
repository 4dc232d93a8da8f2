//! A day as lanes, whatever they are of: a label, a bar for each time bin, a sum.

use std::fmt::Write;

use super::Svg;
use crate::format;
use crate::markup::{Element, Markup, el};
use crate::visible::{plain, shorten};

/// Width of the drawing in its own units; shown between 660 and 1100 pixels wide.
pub(super) const WIDTH: f64 = 920.0;
/// Height of a lane.
const LANE: f64 = 22.0;
/// Highest and lowest bar.
const BAR: (f64, f64) = (17.0, 3.0);
/// The same where bars also go downwards, and how far those go at most.
const BAR_ABOVE: (f64, f64) = (12.0, 2.5);
const BELOW: f64 = 6.0;
/// Where lanes begin.
const TOP: f64 = 22.0;
/// A label's font sizes and its longest text.
pub(super) const FONT: (f64, f64) = (12.5, 11.0);
const LABEL: usize = 40;
/// Width of a monospace character, as a part of the font size.
pub(super) const EM: f64 = 0.61;
pub(super) const MINUTES: u32 = 24 * 60;

/// Letters and lines of a figure, light and dark; its colours are `in`, `out` and `two`.
pub(super) const CSS: &str = "text{font:12px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;fill:#656d76;\
unicode-bidi:isolate}.l{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;\
fill:#4b535c}.g{stroke:#7f7f7f;stroke-opacity:.32}.h{stroke:#7f7f7f;stroke-opacity:.13}\
.in{fill:#c8503c}.out{fill:#2f7fc2}.two{fill:#8a6cc9}.no{fill:none;stroke:#c8503c}.tie{fill:none;stroke:#7f7f7f}\
@media (prefers-color-scheme:dark){text{fill:#9aa4ae}.l{fill:#dfe4e8}\
.in{fill:#e07a6b}.out{fill:#6fb1e0}.two{fill:#a99fe0}.no{stroke:#e07a6b}}";

/// What a bin holds.
#[derive(Clone, Copy)]
pub(super) struct Bar {
    /// Number of the bin in the day.
    pub index: u32,
    /// How much; the height is its logarithm.
    pub amount: u64,
    /// How much of another kind, downwards; only in a picture that has both.
    pub below: u64,
}

/// One line of the picture.
pub(super) struct Lane {
    /// At the left; text from anywhere.
    pub label: String,
    /// Beside the label, in the lane's colour; may be empty.
    pub mark: &'static str,
    /// Class of the colour.
    pub class: &'static str,
    /// The lane in words, for who points at it.
    pub words: String,
    /// At the right.
    pub sum: String,
    /// Bins with something in them.
    pub bars: Vec<Bar>,
}

/// All of the picture.
pub(super) struct Day {
    pub title: String,
    pub alt: String,
    pub caption: String,
    /// In the middle when there are no lanes.
    pub nothing: &'static str,
    pub bin_minutes: u32,
    /// Whether bars go downwards too.
    pub both: bool,
    /// Room at the right for sums.
    pub right: f64,
    pub lanes: Vec<Lane>,
}

/// Minutes of a bin, whatever the finding says.
pub(super) fn bin_minutes(wanted: u32) -> u32 {
    wanted.clamp(1, MINUTES)
}

/// Draws the lanes. Times are UTC.
pub(super) fn draw(day: &Day) -> Svg {
    let minutes = bin_minutes(day.bin_minutes);
    let bins = MINUTES.div_ceil(minutes);
    let lanes = &day.lanes;
    let bars = || lanes.iter().flat_map(|l| &l.bars);
    let most = bars().map(|b| b.amount.max(b.below)).max().unwrap_or(0);

    let labels: Vec<String> = lanes.iter().map(|l| shorten(&plain(&l.label), LABEL)).collect();
    let longest = labels.iter().map(|l| l.chars().count()).max().unwrap_or(0);
    let font = if longest > 24 { FONT.1 } else { FONT.0 };
    // The label, a blank, the mark, and air at both sides.
    let left = (longest as f64 + 2.0) * font * EM + 14.0;
    let plot = Plot { left, width: WIDTH - day.right - left, bins, most, both: day.both };
    let foot = TOP + LANE * lanes.len().max(1) as f64;

    let mut root = document(foot + 22.0, &day.title, &day.alt)
        .children((0..=24).flat_map(|hour| hour_line(&plot, hour, foot)));
    for (i, (lane, label)) in lanes.iter().zip(&labels).enumerate() {
        root = root.child(draw_lane(&plot, lane, label, font, TOP + LANE * i as f64));
    }
    if lanes.is_empty() {
        let at = plot.left + plot.width / 2.0;
        root = root.child(text(at, TOP + 14.0, "middle").flat(day.nothing));
    }
    let source = root.child(text(left, foot + 16.0, "start").flat(&day.caption));
    Svg { source: Markup::from(source).into_string(), alt: day.alt.clone() }
}

/// An empty picture as wide as all are, with its title, its words and its style.
pub(super) fn document(height: f64, title: &str, alt: &str) -> Element {
    el("svg")
        .own("xmlns", "http://www.w3.org/2000/svg")
        .own("viewBox", &format!("0 0 {WIDTH} {height}"))
        .own("width", &WIDTH.to_string())
        .own("height", &height.to_string())
        .own("role", "img")
        .child(el("title").flat(title))
        .child(el("desc").flat(alt))
        .child(el("style").child(Markup::trusted(CSS)))
}

/// Where a bin is.
struct Plot {
    left: f64,
    width: f64,
    bins: u32,
    most: u64,
    both: bool,
}

impl Plot {
    fn x(&self, bin: u32) -> f64 {
        self.left + self.width * f64::from(bin.min(self.bins)) / f64::from(self.bins)
    }

    fn height(&self, amount: u64, (highest, lowest): (f64, f64)) -> f64 {
        let part = (1.0 + amount as f64).ln() / (1.0 + self.most.max(1) as f64).ln();
        lowest + (highest - lowest) * part
    }
}

/// A text at a place.
pub(super) fn text(x: f64, y: f64, anchor: &'static str) -> Element {
    el("text").own("x", &format!("{x:.1}")).own("y", &format!("{y:.1}")).own("text-anchor", anchor)
}

/// Every hour a hair line, every third hour a line with its time.
fn hour_line(plot: &Plot, hour: u32, foot: f64) -> Vec<Element> {
    let x = plot.left + plot.width * f64::from(hour) / 24.0;
    let labelled = hour.is_multiple_of(3);
    let line = el("path")
        .own("d", &format!("M{x:.1} {:.1}V{foot:.1}", TOP - 2.0))
        .own("class", if labelled { "g" } else { "h" });
    let label = labelled.then(|| text(x, TOP - 8.0, "middle").flat(&format!("{hour:02}:00")));
    [Some(line), label].into_iter().flatten().collect()
}

fn draw_lane(plot: &Plot, lane: &Lane, label: &str, font: f64, top: f64) -> Element {
    let base = top + LANE - 2.0;
    let right = plot.left + plot.width;
    let width = (plot.width / f64::from(plot.bins) * 0.9).max(2.0);
    let (base, highest) = if plot.both { (base - BELOW, BAR_ABOVE) } else { (base, BAR) };
    let (mut bars, mut below) = (String::new(), String::new());
    for bar in &lane.bars {
        // A bin after the end of the day is drawn at its end: no row may vanish.
        let x = plot.x(bar.index.min(plot.bins - 1)).min(right - width);
        // Writing to a String cannot fail.
        if bar.amount > 0 || !plot.both {
            let height = plot.height(bar.amount, highest);
            let _ = write!(bars, "M{x:.1} {base:.1}h{width:.1}v-{height:.1}h-{width:.1}z");
        }
        if bar.below > 0 {
            let height = plot.height(bar.below, (BELOW, 1.5));
            let _ = write!(below, "M{x:.1} {base:.1}h{width:.1}v{height:.1}h-{width:.1}z");
        }
    }
    let y = top + LANE - 6.0;
    let mut group = el("g").child(el("title").flat(&lane.words)).child(
        text(plot.left - 14.0 - font * EM, y, "end")
            .own("class", "l")
            .own("style", &format!("font-size:{font}px"))
            .flat(label),
    );
    if !lane.mark.is_empty() {
        let mark = text(plot.left - 8.0, y, "end").own("class", lane.class).flat(lane.mark);
        group = group.child(mark);
    }
    group = group
        .child(
            el("path")
                .own("class", "h")
                .own("d", &format!("M{:.1} {base:.1}H{right:.1}", plot.left)),
        )
        .child(el("path").own("class", lane.class).own("d", &bars));
    if !below.is_empty() {
        group = group.child(el("path").own("class", "in").own("d", &below));
    }
    group.child(text(right + 8.0, y, "start").flat(&lane.sum))
}

/// `6:05` of the day in two digits each.
pub(super) fn clock(minute: u32) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// `14:05 to 14:10`, the time of a bin.
pub(super) fn bin_time(index: u32, minutes: u32) -> String {
    let from = index.saturating_mul(minutes).min(MINUTES - minutes);
    format!("{} to {}", clock(from), clock(from + minutes))
}

/// `minute`, `5 minutes`, `hour`.
pub(super) fn span(minutes: u32) -> String {
    match minutes {
        1 => "minute".to_owned(),
        60 => "hour".to_owned(),
        m if m % 60 == 0 => format!("{} hours", m / 60),
        m => format!("{m} minutes"),
    }
}

/// The picture for those who do not see it: how many lanes, the first three in words.
pub(super) fn describe(title: &str, limit: &str, minutes: u32, lanes: &[String]) -> String {
    let span = span(minutes);
    let mut out = format!("{title}, UTC: {limit}, a lane each, a bar for each {span} with rows.");
    for words in lanes.iter().take(3) {
        let _ = write!(out, " {words}.");
    }
    if lanes.len() > 3 {
        let _ = write!(out, " And {} more.", format::count(lanes.len() as u64 - 3));
    }
    out
}
