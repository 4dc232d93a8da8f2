//! The day as lanes: a peer each, a bar for each time bin with rows.

use std::fmt::Write;

use chrono::NaiveDate;
use spot_analysis::model::{Address, Bin, Direction, Lane, Timeline};

use super::Svg;
use crate::format;
use crate::markup::{Element, Markup, el};
use crate::style;
use crate::visible::{plain, shorten};

/// Width of the drawing in its own units; shown between 660 and 1100 pixels wide.
const WIDTH: f64 = 920.0;
/// Height of a lane.
const LANE: f64 = 22.0;
/// Highest and lowest bar.
const BAR: (f64, f64) = (17.0, 3.0);
/// Where lanes begin.
const TOP: f64 = 22.0;
/// Room at the right for sums.
const RIGHT: f64 = 74.0;
/// A label's font sizes and its longest text.
const FONT: (f64, f64) = (12.5, 11.0);
const LABEL: usize = 40;
/// Width of a monospace character, as a part of the font size.
const EM: f64 = 0.61;
const MINUTES: u32 = 24 * 60;

const CSS: &str = "text{font:12px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;fill:#656d76;\
unicode-bidi:isolate}.l{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;\
fill:#4b535c}.g{stroke:#7f7f7f;stroke-opacity:.32}.h{stroke:#7f7f7f;stroke-opacity:.13}\
.in{fill:#c8503c}.out{fill:#2f7fc2}.two{fill:#8a6cc9}\
@media (prefers-color-scheme:dark){text{fill:#9aa4ae}.l{fill:#dfe4e8}\
.in{fill:#e07a6b}.out{fill:#6fb1e0}.two{fill:#a99fe0}}";

/// Draws the day. Times are UTC, a bar's height is the logarithm of its bytes.
pub fn timeline(timeline: &Timeline, anchor: &Address, day: NaiveDate) -> Svg {
    let minutes = timeline.bin_minutes.clamp(1, MINUTES);
    let bins = MINUTES.div_ceil(minutes);
    let lanes = &timeline.lanes;
    let most = lanes.iter().flat_map(|l| &l.bins).map(|b| b.bytes).max().unwrap_or(0);

    let labels: Vec<String> =
        lanes.iter().map(|l| shorten(&plain(l.peer.as_str()), LABEL)).collect();
    let longest = labels.iter().map(|l| l.chars().count()).max().unwrap_or(0);
    let font = if longest > 24 { FONT.1 } else { FONT.0 };
    // The label, a blank, the arrow, and air at both sides.
    let left = (longest as f64 + 2.0) * font * EM + 14.0;
    let plot = Plot { left, width: WIDTH - RIGHT - left, bins, most };
    let foot = TOP + LANE * lanes.len().max(1) as f64;

    let title = format!("Timeline of {} on {day}", plain(anchor.as_str()));
    let limit = format::of(lanes.len(), timeline.of);
    let alt = describe(timeline, &title, minutes);
    let caption = format!(
        "UTC, one bar for each {}, height by bytes (log). {limit} peers shown.",
        span(minutes)
    );

    let mut root = el("svg")
        .own("xmlns", "http://www.w3.org/2000/svg")
        .own("viewBox", &format!("0 0 {WIDTH} {}", foot + 22.0))
        .own("width", &WIDTH.to_string())
        .own("height", &(foot + 22.0).to_string())
        .own("role", "img")
        .child(el("title").flat(&title))
        .child(el("desc").flat(&alt))
        .child(el("style").child(Markup::trusted(CSS)))
        .children((0..=24).flat_map(|hour| hour_line(&plot, hour, foot)));
    for (i, (lane, label)) in lanes.iter().zip(&labels).enumerate() {
        root = root.child(draw_lane(&plot, lane, label, font, TOP + LANE * i as f64, minutes));
    }
    if lanes.is_empty() {
        let at = plot.left + plot.width / 2.0;
        root = root.child(text(at, TOP + 14.0, "middle").flat("no peers on this day"));
    }
    let source = root.child(text(left, foot + 16.0, "start").flat(&caption));
    Svg { source: Markup::from(source).into_string(), alt }
}

/// Where a bin is.
struct Plot {
    left: f64,
    width: f64,
    bins: u32,
    most: u64,
}

impl Plot {
    fn x(&self, bin: u32) -> f64 {
        self.left + self.width * f64::from(bin.min(self.bins)) / f64::from(self.bins)
    }

    fn height(&self, bytes: u64) -> f64 {
        let part = (1.0 + bytes as f64).ln() / (1.0 + self.most.max(1) as f64).ln();
        BAR.1 + (BAR.0 - BAR.1) * part
    }
}

fn text(x: f64, y: f64, anchor: &'static str) -> Element {
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

fn draw_lane(plot: &Plot, lane: &Lane, label: &str, font: f64, top: f64, minutes: u32) -> Element {
    let base = top + LANE - 2.0;
    let right = plot.left + plot.width;
    let width = (plot.width / f64::from(plot.bins) * 0.9).max(2.0);
    let mut bars = String::new();
    for bin in lane.bins.iter().filter(|b| b.connections > 0 || b.bytes > 0) {
        // A bin after the end of the day is drawn at its end: no row may vanish.
        let x = plot.x(bin.index.min(plot.bins - 1)).min(right - width);
        // Writing to a String cannot fail.
        let _ = write!(
            bars,
            "M{x:.1} {base:.1}h{width:.1}v-{:.1}h-{width:.1}z",
            plot.height(bin.bytes)
        );
    }
    let class = match lane.direction {
        Direction::Inbound => "in",
        Direction::Outbound => "out",
        Direction::TwoWay => "two",
    };
    let y = base - 4.0;
    el("g")
        .child(el("title").flat(&lane_text(lane, minutes)))
        .child(
            text(plot.left - 14.0 - font * EM, y, "end")
                .own("class", "l")
                .own("style", &format!("font-size:{font}px"))
                .flat(label),
        )
        .child(
            text(plot.left - 8.0, y, "end").own("class", class).flat(style::mark(lane.direction)),
        )
        .child(
            el("path")
                .own("class", "h")
                .own("d", &format!("M{:.1} {base:.1}H{right:.1}", plot.left)),
        )
        .child(el("path").own("class", class).own("d", &bars))
        .child(text(right + 8.0, y, "start").flat(&format::bytes(lane.bytes)))
}

/// A lane in words, with its fullest bin.
fn lane_text(lane: &Lane, minutes: u32) -> String {
    let mut out = format!(
        "{}, {}: {}, {}",
        plain(lane.peer.as_str()),
        lane.direction.name(),
        format::counted(lane.connections, "connection", "connections"),
        format::bytes(lane.bytes),
    );
    if let Some(bin) = fullest(lane) {
        let from = bin.index.saturating_mul(minutes).min(MINUTES - minutes);
        let port = bin.port.map(|p| format!(", mostly port {p}")).unwrap_or_default();
        let _ = write!(out, "; most at {} to {}{port}", clock(from), clock(from + minutes));
    }
    out
}

fn fullest(lane: &Lane) -> Option<&Bin> {
    lane.bins.iter().max_by_key(|b| (b.bytes, b.connections, std::cmp::Reverse(b.index)))
}

fn clock(minute: u32) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

fn span(minutes: u32) -> String {
    match minutes {
        1 => "minute".to_owned(),
        60 => "hour".to_owned(),
        m if m % 60 == 0 => format!("{} hours", m / 60),
        m => format!("{m} minutes"),
    }
}

/// The picture for those who do not see it: its size and the three lanes with most bytes.
fn describe(timeline: &Timeline, title: &str, minutes: u32) -> String {
    let limit = format::of(timeline.lanes.len(), timeline.of);
    let mut out = format!(
        "{title}, UTC: {limit} peers, a lane each, a bar for each {} with rows.",
        span(minutes)
    );
    for lane in timeline.lanes.iter().take(3) {
        let _ = write!(out, " {}.", lane_text(lane, minutes));
    }
    if timeline.lanes.len() > 3 {
        let _ = write!(out, " And {} more.", timeline.lanes.len() - 3);
    }
    out
}
