//! The day as lanes: a peer each, a bar for each time bin with rows.

use std::fmt::Write;

use chrono::NaiveDate;
use chrono_tz::Tz;
use spot_analysis::model::{Address, Bin, Lane, Timeline};

use super::canvas::class;
use super::{Svg, lanes};
use crate::flags;
use crate::format;
use crate::style;
use crate::visible::plain;

/// Room at the right for sums and ports.
const RIGHT: f64 = 116.0;

/// Draws the day. Times are UTC, a bar's height is the logarithm of its bytes, the line beneath the bars
/// goes from the start of the flows to their end; at the right the service port with most rows.
pub fn timeline(timeline: &Timeline, anchor: &Address, day: NaiveDate) -> Svg {
    timeline_in(timeline, anchor, day, Tz::UTC)
}

/// As [`timeline`], with the times of another zone. The day remains the one of UTC, from its first minute to
/// its last; each label is the zone's time at that instant, with `+1` on the zone's next day.
pub fn timeline_in(timeline: &Timeline, anchor: &Address, day: NaiveDate, zone: Tz) -> Svg {
    let minutes = lanes::bin_minutes(timeline.bin_minutes);
    let clock = lanes::Clock { day, zone };
    let title = format!("Timeline of {} on {day}", plain(anchor.as_str()));
    let limit = format::of(timeline.lanes.len(), timeline.of);
    let words: Vec<String> = timeline.lanes.iter().map(|l| lane_text(l, minutes, clock)).collect();
    let bars = format!("one bar for each {}, height by bytes (log)", lanes::span(minutes));
    let mut captions = vec![format!("{}, {bars}.", clock.name())];
    if timeline.lanes.iter().any(|lane| !lane.spans.is_empty()) {
        captions.push("The line below: from start to end.".to_owned());
    }
    captions.push(format!("{limit} peers shown."));
    lanes::draw(&lanes::Day {
        alt: lanes::describe(&title, &format!("{limit} peers"), (minutes, clock), &words),
        title,
        captions,
        nothing: "no peers on this day",
        bin_minutes: minutes,
        clock,
        both: false,
        right: RIGHT,
        lanes: timeline.lanes.iter().zip(words).map(|(l, words)| lane(l, words)).collect(),
    })
}

fn lane(lane: &Lane, words: String) -> lanes::Lane {
    let bins = lane.bins.iter().filter(|b| b.connections > 0 || b.bytes > 0);
    lanes::Lane {
        label: flags::marked(lane.flagged, lane.peer.as_str()),
        mark: style::mark(lane.direction),
        class: class(lane.direction),
        words,
        sum: format::bytes(lane.bytes),
        port: lane.port.map(|port| port.to_string()).unwrap_or_default(),
        bars: bins.map(|b| lanes::Bar { index: b.index, amount: b.bytes, below: 0 }).collect(),
        spans: lane.spans.iter().map(|span| (span.from, span.to)).collect(),
        key: lane.peer.as_str().to_owned(),
    }
}

/// A lane in words, with its fullest bin.
fn lane_text(lane: &Lane, minutes: u32, clock: lanes::Clock) -> String {
    let mut out = format!(
        "{}, {}: {}, {}",
        plain(lane.peer.as_str()),
        lane.direction.name(),
        format::counted(lane.connections, "connection", "connections"),
        format::bytes(lane.bytes),
    );
    // Writing to a String cannot fail.
    if let Some(port) = lane.port {
        let _ = write!(out, ", mostly port {port}");
    }
    if lane.flagged {
        out.push_str(", on the indicator list");
    }
    if let Some(bin) = fullest(lane) {
        let port = bin.port.filter(|_| bin.port != lane.port);
        let port = port.map(|p| format!(", there port {p}")).unwrap_or_default();
        let _ = write!(out, "; most at {}{port}", clock.bin(bin.index, minutes));
    }
    out
}

fn fullest(lane: &Lane) -> Option<&Bin> {
    lane.bins.iter().max_by_key(|b| (b.bytes, b.connections, std::cmp::Reverse(b.index)))
}
