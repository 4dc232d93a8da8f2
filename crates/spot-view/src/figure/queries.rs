//! The day of a client or a name: all answers, then a lane for each domain or client.

use std::fmt::Write;

use chrono_tz::Tz;
use spot_analysis::dns::{Anchor, Bin, Investigation, LaneOf};

use super::{Svg, lanes};
use crate::dns::{kind, shown as shown_anchor};
use crate::flags;
use crate::format;
use crate::visible::plain;

/// Room at the right for sums.
const RIGHT: f64 = 142.0;

/// Draws the answers of the day in at most `top` lanes and one for all of them.
///
/// Times are UTC, a bar's height is the logarithm of its answers; those that said that there is no
/// such name go downwards.
pub fn queries(found: &Investigation, top: usize) -> Svg {
    queries_in(found, top, Tz::UTC)
}

/// As [`queries`], with the times of another zone. The day remains the one of UTC, as in
/// [`timeline_in`](super::timeline_in).
pub fn queries_in(found: &Investigation, top: usize, zone: Tz) -> Svg {
    let timeline = &found.timeline;
    let minutes = lanes::bin_minutes(timeline.bin_minutes);
    let clock = lanes::Clock { day: found.day, zone };
    let shown = &timeline.lanes[..timeline.lanes.len().min(top)];
    let (one, many) = match found.anchor {
        Anchor::Client(_) => ("domain", "domains"),
        Anchor::Query(_) => ("client", "clients"),
    };
    let limit = format!(
        "{} {}",
        format::of(shown.len(), timeline.of),
        if timeline.of == 1 { one } else { many }
    );
    let title = format!(
        "Answers of {} {} on {}",
        kind(&found.anchor),
        shown_anchor(&found.anchor),
        found.day
    );

    let facts = &found.facts;
    let mut words =
        vec![words("all", facts.answers, facts.nxdomain, &timeline.bins, (minutes, clock))];
    let mut drawn = Vec::new();
    if facts.answers > 0 {
        drawn.push(lanes::Lane {
            label: "all answers".to_owned(),
            mark: "",
            class: "two",
            words: words[0].clone(),
            sum: format::count(facts.answers),
            port: String::new(),
            bars: bars(&timeline.bins),
            spans: Vec::new(),
            key: String::new(),
        });
    }
    for lane in shown {
        let label = match lane.of.as_str() {
            "" => "(empty)",
            text => text,
        };
        let mut told =
            self::words(label, lane.answers, lane.nxdomain, &lane.bins, (minutes, clock));
        if lane.flagged {
            told.push_str("; on the indicator list");
        }
        words.push(told.clone());
        let (inner, inners) = match lane.of {
            LaneOf::Client(_) | LaneOf::Domain(_) => ("name", "names"),
            LaneOf::Name(_) => ("", ""),
        };
        let mut sum = format::count(lane.answers);
        if lane.names > 1 && !inner.is_empty() {
            let _ = write!(sum, " · {}", format::counted(lane.names, inner, inners));
        }
        drawn.push(lanes::Lane {
            label: flags::marked(lane.flagged, label),
            mark: "",
            class: "out",
            words: told,
            sum,
            port: String::new(),
            bars: bars(&lane.bins),
            spans: Vec::new(),
            key: lane.of.as_str().to_owned(),
        });
    }
    lanes::draw(&lanes::Day {
        alt: lanes::describe(&title, &limit, (minutes, clock), &words),
        title,
        captions: vec![
            format!(
                "{}, a bar for each {}, by answers (log), downwards: no such name.",
                clock.name(),
                lanes::span(minutes)
            ),
            format!("{limit}."),
        ],
        nothing: "no answers on this day",
        bin_minutes: minutes,
        clock,
        both: true,
        right: RIGHT,
        lanes: drawn,
    })
}

fn bars(bins: &[Bin]) -> Vec<lanes::Bar> {
    bins.iter()
        .filter(|bin| bin.answers > 0)
        .map(|bin| lanes::Bar {
            index: bin.index,
            amount: bin.answers.saturating_sub(bin.nxdomain),
            below: bin.nxdomain,
        })
        .collect()
}

/// A lane in words, with its fullest bin.
fn words(
    of: &str,
    answers: u64,
    nxdomain: u64,
    bins: &[Bin],
    (minutes, clock): (u32, lanes::Clock),
) -> String {
    let mut out = format!("{}: {}", plain(of), format::counted(answers, "answer", "answers"));
    if nxdomain > 0 {
        let _ = write!(out, ", {} without such a name", format::share(nxdomain, answers));
    }
    let fullest = bins.iter().max_by_key(|bin| (bin.answers, std::cmp::Reverse(bin.index)));
    if let Some(bin) = fullest {
        let _ = write!(out, "; most at {}", clock.bin(bin.index, minutes));
    }
    out
}
