//! Beacons: connections at regular gaps, of regular size.

use std::collections::HashMap;

use polars::prelude::*;

use super::connections::{Asked, Connection, Rows, on_all_cores};
use super::flows::MICROS;
use super::fold::{Numbers, Spelled};
use super::model::{Kind, Part, Technique, number};
use super::{Thresholds, counted, lasting, ramp, sized};
use crate::error::Result;
use crate::model::Address;
use crate::rows;

/// The second look at the rows of a few connections.
pub struct Beacon {
    /// Numbers of their ends, as the data spell these.
    ends: Spelled,
    /// Client, server and port to the place of the connection.
    places: PlHashMap<(u32, u32, i32), usize>,
    /// What each core has found.
    found: Vec<Vec<Start>>,
}

/// When a row of a connection began (microseconds since 1970), and its bytes.
struct Start {
    place: usize,
    at: Option<i64>,
    bytes: i64,
}

/// What is regular, and how much.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Gaps {
    /// Different times.
    pub times: usize,
    /// Median gap, and the median distance from it, in seconds.
    pub gap: f64,
    pub spread: f64,
    /// Bowley's skew of the gaps, -1 to 1.
    pub skew: f64,
    /// Median bytes of a connection, and the median distance from them.
    pub bytes: f64,
    pub bytes_spread: f64,
    /// Seconds from the first to the last.
    pub span: f64,
    /// Share of the steps of that time in which there is a connection.
    pub steps: f64,
}

impl Beacon {
    pub(super) fn new(numbers: &Numbers, places: PlHashMap<(u32, u32, i32), usize>) -> Self {
        let ends: PlHashSet<u32> = places.keys().flat_map(|of| [of.0, of.1]).collect();
        let ends = numbers.spelled.only(|number| ends.contains(&number));
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self { ends, places, found: (0..cores).map(|_| Vec::new()).collect() }
    }

    /// Adds rows, the same ones that the sums were made of, in any number of parts.
    ///
    /// # Errors
    /// The table engine's.
    pub fn add(&mut self, rows: &DataFrame) -> Result<()> {
        /// No address has it.
        const UNKNOWN: u32 = u32::MAX - 1;
        let number = |text: &str| self.ends.get(text).unwrap_or(UNKNOWN);
        let places = &self.places;
        on_all_cores(&Rows::pieces(rows), &mut self.found, |found, rows| {
            let (mut of, times, bytes) = (rows.ends()?, rows.times()?, rows.big(rows::BYTES)?);
            for row in 0..rows.len() {
                // Most rows are of nobody who is wanted.
                let server = of.targets.number(row, number);
                let client = of.sources.number(row, number);
                if server == UNKNOWN || client == UNKNOWN {
                    continue;
                }
                let address = |text: &str| Address::new(text);
                let (who, port) = of.asked(row);
                match who {
                    Asked::There => {}
                    Asked::Tie
                        if address(of.sources.text(row)) <= address(of.targets.text(row)) => {}
                    _ => continue,
                }
                if let Some(place) = places.get(&(client, server, port)) {
                    let at = times.end(row).map(|end| end.saturating_sub(times.lasted(row)));
                    let bytes = bytes.get(row).unwrap_or(0);
                    found.push(Start { place: *place, at, bytes });
                }
            }
            Ok(())
        })
    }

    /// By place of the connection.
    pub(super) fn gaps(self, step: f64) -> HashMap<usize, Gaps> {
        let mut of: HashMap<usize, (Vec<i64>, Vec<i64>)> = HashMap::new();
        for Start { place, at, bytes } in self.found.into_iter().flatten() {
            let (times, sizes) = of.entry(place).or_default();
            times.extend(at);
            sizes.push(bytes);
        }
        let measured = |(place, (times, sizes))| Some((place, Gaps::of(times, sizes, step)?));
        of.into_iter().filter_map(measured).collect()
    }
}

impl Gaps {
    /// Of starts in microseconds and bytes; none of fewer than three different times.
    fn of(mut times: Vec<i64>, mut sizes: Vec<i64>, step: f64) -> Option<Self> {
        times.sort_unstable();
        // Rows of one moment are one event.
        times.dedup();
        let mut gaps: Vec<f64> =
            times.windows(2).map(|two| (two[1] - two[0]) as f64 / MICROS).collect();
        if gaps.len() < 2 {
            return None;
        }
        gaps.sort_by(f64::total_cmp);
        let (low, gap, high) = (quantile(&gaps, 0.25), quantile(&gaps, 0.5), quantile(&gaps, 0.75));
        let skew = if high > low { (low + high - 2.0 * gap) / (high - low) } else { 0.0 };
        let step = ((step * MICROS) as i64).max(1);
        let place = |time: &i64| (time - times[0]) / step;
        let mut taken: Vec<i64> = times.iter().map(place).collect();
        taken.dedup();
        let steps = taken.len() as f64 / (place(&times[times.len() - 1]) + 1) as f64;
        sizes.sort_unstable();
        let sizes: Vec<f64> = sizes.into_iter().map(|bytes| bytes as f64).collect();
        let bytes = quantile(&sizes, 0.5);
        Some(Self {
            times: times.len(),
            gap,
            spread: spread(&gaps, gap),
            skew,
            bytes,
            bytes_spread: spread(&sizes, bytes),
            span: (times[times.len() - 1] - times[0]) as f64 / MICROS,
            steps,
        })
    }
}

/// Of sorted values, at least one; between two of them where it falls there.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() as f64 - 1.0);
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    sorted[below] + (sorted[above] - sorted[below]) * (place - place.floor())
}

/// Median distance from `middle`.
fn spread(values: &[f64], middle: f64) -> f64 {
    let mut away: Vec<f64> = values.iter().map(|value| (value - middle).abs()).collect();
    away.sort_by(f64::total_cmp);
    quantile(&away, 0.5)
}

/// How much connections look like a beacon, on a day of which `span` seconds were seen.
pub(super) fn part(gaps: &Gaps, of: &Connection, span: f64, t: &Thresholds) -> Option<Part> {
    let sizes = 1.0 - (gaps.bytes_spread / gaps.bytes.max(1.0)).min(1.0);
    let even = 1.0 - gaps.skew.abs().min(1.0);
    // Gaps that follow each other by chance have a spread of some 0.7 of their median.
    let regular = 1.0 - ((gaps.spread + t.beacon_clock) / gaps.gap.max(1e-6)).min(1.0);
    let fast = gaps.gap < t.beacon_gap;
    let (shape, least) = match fast {
        false => (
            0.65 * ramp(regular, t.beacon_regular, 1.0) + 0.1 * even + 0.25 * sizes,
            t.beacon_times,
        ),
        // Shorter than the clock can tell: what is left is that it goes on, and is always the same.
        true => (t.beacon_fast_factor * gaps.steps * sizes, t.beacon_fast_times),
    };
    let steady = match fast {
        false => regular > t.beacon_regular,
        true => gaps.steps >= t.beacon_fast_cover && sizes >= t.beacon_fast_sizes,
    };
    if (gaps.times as f64) < least || !steady {
        return None;
    }
    let all = span.max(t.beacon_cover).max(1.0);
    // A pause of the host is no end: what counts is how much of its time the gaps explain.
    let explained = if fast { gaps.span } else { gaps.gap * (gaps.times as f64 - 1.0) };
    let cover = (explained / all).clamp(0.0, 1.0);
    let many = ramp(gaps.times as f64, t.beacon_times / 2.0, t.beacon_times_full);
    let score = shape * many.sqrt() * (0.6 + 0.4 * cover);
    let port = of.port;
    Some(Part {
        kind: Kind::Beacon,
        score,
        numbers: vec![
            number("connections", gaps.times as f64, "times"),
            number("gap", gaps.gap, "seconds"),
            number("gap_spread", gaps.spread, "seconds"),
            number("gap_skew", gaps.skew, ""),
            number("bytes", gaps.bytes, "bytes"),
            number("bytes_spread", gaps.bytes_spread, "bytes"),
            number("span", gaps.span, "seconds"),
            number("cover", cover, ""),
            number("port", f64::from(port), ""),
        ],
        technique: Some(match port {
            80 | 443 | 8080 | 8443 => Technique { id: "T1071.001", name: "Web Protocols" },
            53 => Technique { id: "T1071.004", name: "DNS" },
            1..1024 => Technique { id: "T1071", name: "Application Layer Protocol" },
            _ => Technique { id: "T1571", name: "Non-Standard Port" },
        }),
        sentence: match fast {
            true => format!(
                "{} to port {port}, some a second apart, with {} give or take {}, going on for {}.",
                counted(gaps.times as i64, "connection"),
                sized(gaps.bytes),
                sized(gaps.bytes_spread),
                lasting(gaps.span)
            ),
            false => format!(
                "{} to port {port}, every {} give or take {}, with {} give or take {}, over {}.",
                counted(gaps.times as i64, "connection"),
                gap(gaps.gap),
                gap(gaps.spread),
                sized(gaps.bytes),
                sized(gaps.bytes_spread),
                lasting(gaps.span)
            ),
        },
    })
}

fn gap(seconds: f64) -> String {
    if seconds < 10.0 { format!("{seconds:.1} s") } else { lasting(seconds) }
}
