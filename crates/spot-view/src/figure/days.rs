//! Several days beside each other: a bar each, the day itself last.

use chrono::{Datelike, NaiveDate};

use super::Svg;
use super::canvas::{WIDTH, document, finished, text};
use crate::format;
use crate::markup::{Element, el};

const LEFT: f64 = 62.0;
/// Room at the right for the name of the usual.
const RIGHT: f64 = 112.0;
const TOP: f64 = 20.0;
const HEIGHT: f64 = 84.0;
/// Widest bar, and the room that a date and a number need.
const BAR: f64 = 46.0;
const DATE: f64 = 46.0;

/// What is drawn of a day.
#[derive(Clone, Copy)]
pub(crate) struct DayBar {
    pub day: NaiveDate,
    /// How much; nothing where the table has no rows of the day.
    pub amount: Option<u64>,
}

/// All of the picture.
pub(crate) struct Days<'a> {
    /// In order; the day itself is the last one.
    pub bars: Vec<DayBar>,
    /// Height of the dashed line across.
    pub usual: Option<u64>,
    /// Whose days these are, plain text.
    pub of: &'a str,
    /// What a bar counts: `row`, `rows`.
    pub unit: (&'static str, &'static str),
}

/// Draws the days. A bar's height is its number, from 0: no logarithm, so that twice as high is twice
/// as much.
pub(crate) fn days(days: &Days<'_>) -> Svg {
    let Days { bars, of, unit: (one, many), .. } = days;
    let (first, last) = (bars.first().map(|b| b.day), bars.last().map(|b| b.day));
    let title = match first.zip(last) {
        Some((first, last)) => format!("{many} of {of} a day, {first} to {last}"),
        None => format!("{many} of {of} a day"),
    };
    let title = capital(&title);
    let alt = describe(&title, days);
    let most = bars.iter().filter_map(|bar| bar.amount).chain(days.usual).max().unwrap_or(0);
    let plot =
        Plot { most: rounded(most), slot: (WIDTH - LEFT - RIGHT) / bars.len().max(1) as f64 };
    let foot = TOP + HEIGHT;

    let mut picture = document((WIDTH, foot + 40.0), &title, &alt);
    for part in [0, plot.most / 2, plot.most] {
        let y = plot.y(part);
        picture = picture.child(text(LEFT - 8.0, y + 4.0, "end").flat(&short(part)));
        // No line on top: it would run through the numbers there.
        if part < plot.most {
            let class = if part == 0 { "g" } else { "h" };
            picture = picture.child(line(LEFT, WIDTH - RIGHT, y).own("class", class));
        }
    }
    if let Some(usual) = days.usual {
        let y = plot.y(usual);
        picture = picture
            .child(line(LEFT, WIDTH - RIGHT, y).own("class", "tie").own("stroke-dasharray", "5 4"))
            .child(
                text(WIDTH - RIGHT + 22.0, y + 4.0, "start")
                    .flat(&format!("usual {}", short(usual))),
            );
    }
    // So many days apart that dates do not touch each other.
    let step = (DATE / plot.slot).ceil().max(1.0) as usize;
    let end = bars.len().saturating_sub(1);
    for (i, bar) in bars.iter().enumerate() {
        let is_last = i == end;
        let dated = is_last || (i.is_multiple_of(step) && i + step <= end);
        picture = picture.child(draw(&plot, bar, i, (is_last, dated), (one, many)));
    }
    let mut caption = format!("A bar for each day, UTC: {many}. The full bar is the day itself.");
    if bars.iter().any(|bar| bar.amount.is_none()) {
        caption.push_str(" Dashed box: the table has no rows of that day.");
    }
    let source = picture.child(text(LEFT, foot + 34.0, "start").flat(&caption));
    finished(source, WIDTH, alt)
}

struct Plot {
    /// Where the scale ends; at least 2.
    most: u64,
    /// Room of a day.
    slot: f64,
}

impl Plot {
    fn y(&self, amount: u64) -> f64 {
        TOP + HEIGHT * (1.0 - (amount as f64 / self.most as f64).min(1.0))
    }
}

fn draw(
    plot: &Plot,
    bar: &DayBar,
    index: usize,
    (is_last, dated): (bool, bool),
    (one, many): (&str, &str),
) -> Element {
    let middle = LEFT + plot.slot * (index as f64 + 0.5);
    let width = (plot.slot * 0.72).clamp(0.8, BAR);
    let (x, foot) = (middle - width / 2.0, TOP + HEIGHT);
    let words = match bar.amount {
        Some(amount) => format!("{}: {}", bar.day, format::counted(amount, one, many)),
        None => format!("{}: the table has no rows of this day", bar.day),
    };
    let mut group = el("g").child(el("title").flat(&words));
    group = group.child(match bar.amount {
        None => el("path")
            .own("class", "tie")
            .own("stroke-dasharray", "2 3")
            .own("d", &format!("M{x:.1} {foot:.1}v-{HEIGHT:.1}h{width:.1}v{HEIGHT:.1}")),
        Some(amount) => {
            // Something is never drawn as nothing.
            let least = if amount > 0 { 1.5 } else { 0.0 };
            let height = (foot - plot.y(amount)).max(least);
            let path = el("path")
                .own("class", if is_last { "in" } else { "out" })
                .own("d", &format!("M{x:.1} {foot:.1}v-{height:.1}h{width:.1}v{height:.1}z"));
            // Told apart without colour too.
            if is_last { path } else { path.own("fill-opacity", "0.5") }
        }
    });
    if let Some(amount) = bar.amount.filter(|_| is_last || plot.slot >= DATE) {
        let y = plot.y(amount) - 5.0;
        group = group.child(bold(text(middle, y, "middle"), is_last).flat(&short(amount)));
    }
    if dated {
        let date = format!("{:02}-{:02}", bar.day.month(), bar.day.day());
        group = group.child(bold(text(middle, foot + 15.0, "middle"), is_last).flat(&date));
    }
    group
}

fn bold(text: Element, is_last: bool) -> Element {
    if is_last { text.own("class", "l").own("style", "font-weight:700") } else { text }
}

fn line(from: f64, to: f64, y: f64) -> Element {
    el("path").own("d", &format!("M{from:.1} {y:.1}H{to:.1}"))
}

/// The next number that is round in its second digit, and even.
fn rounded(most: u64) -> u64 {
    let step = 10u64.pow(most.max(1).ilog10().saturating_sub(1)) * 2;
    most.max(2).div_ceil(step).saturating_mul(step)
}

/// `999`, `12.3 k`, `4.0 M`: where there is little room.
fn short(n: u64) -> String {
    match n {
        0..10_000 => format::count(n),
        10_000..1_000_000 => format!("{:.0} k", n as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} M", n as f64 / 1e6),
        _ => format!("{:.1} G", n as f64 / 1e9),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

fn describe(title: &str, days: &Days<'_>) -> String {
    let (one, many) = days.unit;
    let mut out = format!("{title}.");
    if let Some(last) = days.bars.last() {
        let amount = last.amount.unwrap_or(0);
        out.push_str(&format!(" On {}: {}.", last.day, format::counted(amount, one, many)));
    }
    if let Some(usual) = days.usual {
        out.push_str(&format!(" Usual: {}.", format::counted(usual, one, many)));
    }
    let gaps = days.bars.iter().filter(|bar| bar.amount.is_none()).count();
    if gaps > 0 {
        let of = format::of(gaps, days.bars.len() as u64);
        out.push_str(&format!(" The table has no rows of {of} days."));
    }
    out
}
