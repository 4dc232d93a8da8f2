//! A ranking of a day that explains itself: for days that no machine learning has scored.
//!
//! Detectors measure, each on its own, how much a pair of addresses, a host, a domain or a client looks
//! like something; a score is what the parts come to together. A high score is a reason to look, not a
//! verdict. `docs/ranking.md` has the formulas.
//!
//! * [`flows::FlowSums`] takes the rows of a day in any number of parts and holds sums; [`flows()`] does
//!   it for a frame.
//! * [`dns::DnsSums`] and [`dns()`] do the same for answers.
//! * [`Thresholds`] are all numbers that are compared with, [`AllowList`] hides lines of a [`Ranking`].
//!
//! Pure functions: no files, no clock. The order of the rows does not matter.

mod allow;
mod beacon;
mod connections;
pub mod dns;
pub mod flows;
mod fold;
mod letters;
mod model;
mod names;
mod pairs;
mod scans;
mod thresholds;

use polars::prelude::DataFrame;

pub use allow::{AllowList, Hidden};
pub use letters::surprise;
pub use model::{Kind, Number, Part, Ranked, Ranking, Subject, Technique};
pub use thresholds::Thresholds;

use crate::error::Result;
use crate::network::Network;

/// Ranks the flows of a day, in the shape of [`crate::rows`] (`proto` and `flag` are not needed).
/// `before` are those of earlier days, where something is known of them.
///
/// # Errors
/// A column is missing or has another type.
pub fn flows(
    rows: &DataFrame,
    network: &Network,
    before: Option<&flows::Before>,
    thresholds: &Thresholds,
) -> Result<Ranking> {
    let mut sums = flows::FlowSums::default();
    sums.add(rows)?;
    let mut day = sums.finish(network);
    if let Some(mut asked) = day.candidates(thresholds) {
        asked.add(rows)?;
        day.gaps(asked, thresholds);
    }
    Ok(day.rank(before, thresholds))
}

/// Ranks the DNS answers of a day, in the shape of [`crate::dns::rows`] (only time, client, name, type
/// and rcode are needed). `before` are the registered domains of earlier days.
///
/// # Errors
/// A column is missing or has another type.
pub fn dns(
    rows: &DataFrame,
    before: Option<&dns::Domains>,
    thresholds: &Thresholds,
) -> Result<Ranking> {
    let mut sums = dns::DnsSums::new(thresholds);
    sums.add(rows)?;
    Ok(sums.rank(before, thresholds)?)
}

/// How far `value` is on the way between two thresholds, 0 to 1.
fn ramp(value: f64, from: f64, full: f64) -> f64 {
    if !value.is_finite() || value < from {
        return 0.0;
    }
    if full <= from { 1.0 } else { ((value - from) / (full - from)).min(1.0) }
}

/// As [`ramp`], where each doubling is a step of equal length; from 0.3 on, since `from` says something
/// already.
fn grown(value: f64, from: f64, full: f64) -> f64 {
    if !value.is_finite() || value < from {
        return 0.0;
    }
    let (from, full) = (from.max(1e-9), full.max(1e-9));
    if full <= from {
        return 1.0;
    }
    0.3 + 0.7 * ((value / from).ln() / (full / from).ln()).clamp(0.0, 1.0)
}

/// A line of its parts; none without one that is enough alone.
fn ranked(subject: Subject, mut parts: Vec<Part>, thresholds: &Thresholds) -> Option<Ranked> {
    parts.retain(|part| part.score >= thresholds.least_part || part.kind.only_with_others());
    if parts.iter().all(|part| part.kind.only_with_others()) {
        return None;
    }
    parts.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.kind.cmp(&b.kind)));
    // Independent reasons: what none of them explains is left over.
    let mut by_kind: Vec<&Part> = parts.iter().collect();
    by_kind.sort_by_key(|part| part.kind);
    let left = |part: &&Part| 1.0 - (part.score * weight(part.kind, thresholds)).clamp(0.0, 1.0);
    let score = 1.0 - by_kind.iter().map(left).product::<f64>();
    // What differs less than this is the same.
    let score = (score * 1e4).round() / 1e4;
    Some(Ranked { subject, score, parts })
}

fn weight(kind: Kind, t: &Thresholds) -> f64 {
    match kind {
        Kind::Beacon => t.weight_beacon,
        Kind::LongConnection => t.weight_long,
        Kind::Scan => t.weight_scan,
        Kind::Upload => t.weight_upload,
        Kind::Tunnel => t.weight_tunnel,
        Kind::GeneratedNames => t.weight_generated,
        Kind::NxdomainBurst => t.weight_nxdomain,
        Kind::RarePeer => t.weight_rare,
        Kind::FirstSeen => t.weight_first_seen,
    }
}

/// `1 name`, `2 names`.
fn counted(count: i64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// A time that a person can compare.
fn lasting(seconds: f64) -> String {
    match seconds {
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}

/// Bytes that a person can compare.
fn sized(bytes: f64) -> String {
    match bytes {
        b if b < 1e4 => format!("{b:.0} bytes"),
        b if b < 1e6 => format!("{:.0} kB", b / 1e3),
        b if b < 1e9 => format!("{:.1} MB", b / 1e6),
        b => format!("{:.1} GB", b / 1e9),
    }
}
