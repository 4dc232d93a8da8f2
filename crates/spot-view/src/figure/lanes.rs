//! A day as lanes, whatever they are of: a label, a bar for each time bin, a sum.

use std::fmt::Write;

use chrono::{Duration, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone};
use chrono_tz::Tz;

use super::Svg;
use super::canvas::{self, EM, FONT, WIDTH, document, log_part, path, text};
use crate::format;
use crate::markup::{Element, el};
use crate::visible::{plain, shorten};

/// Height of a lane.
const LANE: f64 = 22.0;
/// Highest and lowest bar.
const BAR: (f64, f64) = (15.0, 3.0);
/// The same where bars also go downwards, and how far those go at most.
const BAR_ABOVE: (f64, f64) = (12.0, 2.5);
const BELOW: f64 = 6.0;
/// Where lanes begin.
const TOP: f64 = 22.0;
/// A label's longest text.
const LABEL: usize = 40;
/// Where a port stands, right of the sum.
const PORT: f64 = 74.0;
pub(super) const MINUTES: u32 = 24 * 60;
const SECONDS: u32 = MINUTES * 60;

/// The day and the zone in which its times are told; the day itself is one of UTC.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    pub day: NaiveDate,
    pub zone: Tz,
}

impl Clock {
    /// The UTC time of a minute of the day.
    fn instant(&self, minute: u32) -> NaiveDateTime {
        let midnight = self.day.and_time(NaiveTime::MIN);
        // At the end of chrono's time there is nothing later.
        midnight.checked_add_signed(Duration::minutes(minute.into())).unwrap_or(midnight)
    }

    /// `14:05`; on another day of the zone with `+1` or `-1`. The end of a day in UTC is `24:00`.
    pub fn time(&self, minute: u32) -> String {
        if self.zone == Tz::UTC {
            return format!("{:02}:{:02}", minute / 60, minute % 60);
        }
        let instant = self.instant(minute);
        // At either end of chrono's time the zone's own may lie beyond it.
        let there = instant.checked_add_offset(self.offset(minute)).unwrap_or(instant);
        let days = (there.date() - self.day).num_days();
        let time = there.format("%H:%M");
        if days == 0 { time.to_string() } else { format!("{time} {days:+}") }
    }

    /// How far the zone is from UTC at that time.
    fn offset(&self, minute: u32) -> FixedOffset {
        self.zone.offset_from_utc_datetime(&self.instant(minute)).fix()
    }

    /// `UTC`, or `Europe/Prague (UTC+1)`; with both offsets and the time of change on the day on which
    /// they change.
    pub fn name(&self) -> String {
        if self.zone == Tz::UTC {
            return "UTC".to_owned();
        }
        let (first, last) = (self.offset(0), self.offset(MINUTES - 1));
        let mut out = format!("{} ({}", self.zone.name(), utc_offset(first));
        if last != first {
            let change = (0..MINUTES).find(|&minute| self.offset(minute) != first).unwrap_or(0);
            let _ = write!(out, ", from {} UTC {}", format_minute(change), utc_offset(last));
        }
        out.push(')');
        out
    }

    /// `14:05 to 14:10`, the time of a bin.
    pub fn bin(&self, index: u32, minutes: u32) -> String {
        let from = index.saturating_mul(minutes).min(MINUTES - minutes);
        format!("{} to {}", self.time(from), self.time(from + minutes))
    }
}

fn format_minute(minute: u32) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// `UTC+1`, `UTC-3:30`.
fn utc_offset(offset: FixedOffset) -> String {
    let seconds = offset.local_minus_utc();
    let minutes = seconds.unsigned_abs() / 60;
    let sign = if seconds < 0 { '-' } else { '+' };
    match minutes % 60 {
        0 => format!("UTC{sign}{}", minutes / 60),
        rest => format!("UTC{sign}{}:{rest:02}", minutes / 60),
    }
}

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
    /// Right of the sum; may be empty.
    pub port: String,
    /// Bins with something in them.
    pub bars: Vec<Bar>,
    /// Stretches of the day, in seconds, beneath the bars.
    pub spans: Vec<(u32, u32)>,
    /// Whose lane it is, for a page's script.
    pub key: String,
}

/// All of the picture.
pub(super) struct Day {
    pub title: String,
    pub alt: String,
    /// Sentences below.
    pub captions: Vec<String>,
    /// In the middle when there are no lanes.
    pub nothing: &'static str,
    pub bin_minutes: u32,
    pub clock: Clock,
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

/// Draws the lanes.
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

    let captions = joined(&day.captions, ((WIDTH - left) / 6.0) as usize);
    let height = foot + 6.0 + 16.0 * captions.len() as f64;
    let mut root = document((WIDTH, height), &day.title, &day.alt)
        .children((0..=24).flat_map(|hour| hour_line(&plot, day.clock, hour, foot)));
    if lanes.iter().any(|lane| !lane.port.is_empty()) {
        let at = WIDTH - day.right + PORT;
        root = root.child(text(at, TOP - 8.0, "start").own("font-size", "11").flat("port"));
    }
    for (i, (lane, label)) in lanes.iter().zip(&labels).enumerate() {
        root = root.child(draw_lane(&plot, lane, label, font, TOP + LANE * i as f64));
    }
    if lanes.is_empty() {
        let at = plot.left + plot.width / 2.0;
        root = root.child(text(at, TOP + 14.0, "middle").flat(day.nothing));
    }
    for (n, line) in captions.iter().enumerate() {
        root = root.child(text(left, foot + 16.0 * (n + 1) as f64, "start").flat(line));
    }
    canvas::finished(root, WIDTH, day.alt.clone())
}

/// Sentences in lines of at most so many characters; only one that is longer is parted between words.
fn joined(sentences: &[String], most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let length = |text: &str| text.chars().count();
    let parts = sentences.iter().flat_map(|sentence| {
        let parted = length(sentence) > most;
        sentence.split(move |c: char| parted && c == ' ')
    });
    for part in parts {
        match lines.last_mut() {
            Some(line) if length(line) + length(part) < most => {
                line.push(' ');
                line.push_str(part);
            }
            _ => lines.push(part.to_owned()),
        }
    }
    lines
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
        lowest + (highest - lowest) * log_part(amount, self.most)
    }
}

/// Every hour a hair line, every third hour a line with its time. The UTC minute of that is for a page's
/// script, which cannot know it from the time of another zone.
fn hour_line(plot: &Plot, clock: Clock, hour: u32, foot: f64) -> Vec<Element> {
    let x = plot.left + plot.width * f64::from(hour) / 24.0;
    let labelled = hour.is_multiple_of(3);
    let line =
        path(if labelled { "g" } else { "h" }, &format!("M{x:.1} {:.1}V{foot:.1}", TOP - 2.0));
    let minute = hour * 60;
    let label = labelled.then(|| {
        text(x, TOP - 8.0, "middle")
            .own("data-minute", &minute.to_string())
            .flat(&clock.time(minute))
    });
    [Some(line), label].into_iter().flatten().collect()
}

/// Spans as lines; what is nearer than a hair is one.
fn under_way(plot: &Plot, spans: &[(u32, u32)], y: f64) -> String {
    let x =
        |second: u32| plot.left + plot.width * f64::from(second.min(SECONDS)) / f64::from(SECONDS);
    let mut lines: Vec<(f64, f64)> = Vec::new();
    for &(from, to) in spans {
        let (from, to) = (x(from), x(to.max(from)));
        let to = to.max(from + 1.2);
        match lines.last_mut() {
            Some(last) if from <= last.1 + 0.6 => last.1 = last.1.max(to),
            _ => lines.push((from, to)),
        }
    }
    let right = plot.left + plot.width;
    let mut d = String::new();
    for (from, to) in lines {
        // Writing to a String cannot fail.
        let _ = write!(d, "M{:.1} {y:.1}H{:.1}", from.min(right - 1.2), to.min(right));
    }
    d
}

fn draw_lane(plot: &Plot, lane: &Lane, label: &str, font: f64, top: f64) -> Element {
    let foot = top + LANE - 2.0;
    let base = if lane.spans.is_empty() { foot } else { foot - 2.0 };
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
    let mut group = el("g")
        .attr("data-lane", &lane.key)
        .child(el("title").flat(&lane.words))
        .child(canvas::label(plot.left - 14.0 - font * EM, y, "end", font).flat(label));
    if !lane.mark.is_empty() {
        let mark = text(plot.left - 8.0, y, "end").own("class", lane.class).flat(lane.mark);
        group = group.child(mark);
    }
    group = group
        .child(path("h", &format!("M{:.1} {foot:.1}H{right:.1}", plot.left)))
        .child(path(lane.class, &bars));
    if !below.is_empty() {
        group = group.child(path("in", &below));
    }
    if !lane.spans.is_empty() {
        let line = path(&format!("{} ln", lane.class), &under_way(plot, &lane.spans, base + 1.6));
        group = group.child(line.own("stroke-width", "1.6"));
    }
    if !lane.port.is_empty() {
        let at = right + PORT;
        group = group.child(text(at, y, "start").own("font-size", "11").flat(&lane.port));
    }
    group.child(text(right + 8.0, y, "start").flat(&lane.sum))
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
pub(super) fn describe(
    title: &str,
    limit: &str,
    (minutes, clock): (u32, Clock),
    lanes: &[String],
) -> String {
    let (span, zone) = (span(minutes), clock.name());
    let mut out =
        format!("{title}, {zone}: {limit}, a lane each, a bar for each {span} with rows.");
    for words in lanes.iter().take(3) {
        let _ = write!(out, " {words}.");
    }
    if lanes.len() > 3 {
        let _ = write!(out, " And {} more.", format::count(lanes.len() as u64 - 3));
    }
    out
}
