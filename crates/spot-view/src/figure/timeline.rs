//! The day as lanes: a peer each, a bar for each time bin with rows.

use std::fmt::Write;

use chrono::NaiveDate;
use spot_analysis::model::{Address, Bin, Direction, Lane, Timeline};

use super::{Svg, lanes};
use crate::format;
use crate::style;
use crate::visible::plain;

/// Room at the right for sums.
const RIGHT: f64 = 74.0;

/// Draws the day. Times are UTC, a bar's height is the logarithm of its bytes.
pub fn timeline(timeline: &Timeline, anchor: &Address, day: NaiveDate) -> Svg {
    let minutes = lanes::bin_minutes(timeline.bin_minutes);
    let title = format!("Timeline of {} on {day}", plain(anchor.as_str()));
    let limit = format::of(timeline.lanes.len(), timeline.of);
    let words: Vec<String> = timeline.lanes.iter().map(|l| lane_text(l, minutes)).collect();
    lanes::draw(&lanes::Day {
        alt: lanes::describe(&title, &format!("{limit} peers"), minutes, &words),
        title,
        caption: format!(
            "UTC, one bar for each {}, height by bytes (log). {limit} peers shown.",
            lanes::span(minutes)
        ),
        nothing: "no peers on this day",
        bin_minutes: minutes,
        both: false,
        right: RIGHT,
        lanes: timeline.lanes.iter().zip(words).map(|(l, words)| lane(l, words)).collect(),
    })
}

fn lane(lane: &Lane, words: String) -> lanes::Lane {
    let bins = lane.bins.iter().filter(|b| b.connections > 0 || b.bytes > 0);
    lanes::Lane {
        label: lane.peer.as_str().to_owned(),
        mark: style::mark(lane.direction),
        class: match lane.direction {
            Direction::Inbound => "in",
            Direction::Outbound => "out",
            Direction::TwoWay => "two",
        },
        words,
        sum: format::bytes(lane.bytes),
        bars: bins.map(|b| lanes::Bar { index: b.index, amount: b.bytes, below: 0 }).collect(),
    }
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
        let port = bin.port.map(|p| format!(", mostly port {p}")).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = write!(out, "; most at {}{port}", lanes::bin_time(bin.index, minutes));
    }
    out
}

fn fullest(lane: &Lane) -> Option<&Bin> {
    lane.bins.iter().max_by_key(|b| (b.bytes, b.connections, std::cmp::Reverse(b.index)))
}
