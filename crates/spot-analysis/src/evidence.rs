//! What speaks against an anchor, so that many suspects can be put in an order worth reading.
//!
//! Every reason is a fact of the finding with a weight that stands here and nowhere else; the score is
//! their sum. It ranks, it does not judge: an anchor without a reason is the last, not innocent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use polars::prelude::DataFrame;

use crate::dns;
use crate::error::Result;
use crate::model::{Address, Began, Direction, Investigation, Lane};
use crate::timeline::timeline;

/// A fact that speaks against an anchor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
pub enum Reason {
    /// Somebody scored rows with it high.
    ScoredHigh {
        /// Those rows.
        rows: u64,
    },
    /// It, or something it had to do with, is on the list of indicators.
    Listed {
        /// Whether it is itself.
        anchor: bool,
        /// Peers, or DNS rows, that name something on the list.
        others: u64,
    },
    /// Much more went out of our network than came back.
    SentOut {
        /// Bytes to outside peers, or of an outside anchor from inside ones.
        bytes: u64,
        /// Bytes the other way.
        back: u64,
    },
    /// It opened connections to many addresses.
    AskedMany {
        /// Peers whose connections the anchor opened.
        peers: u64,
    },
    /// The same amount at the same pace over hours: what a program does, not a person.
    Regular {
        /// The peer.
        peer: Address,
        /// Minutes from one bin with rows to the next.
        every_minutes: u32,
        /// Bins with rows.
        bins: u64,
    },
    /// It opened connections to other addresses of ours.
    Lateral {
        /// Those peers.
        peers: u64,
    },
    /// Names below one domain that are long or look random: what a tunnel leaves behind.
    ManyNames {
        /// The registered domain.
        domain: dns::Name,
        /// Names below it.
        names: u64,
    },
    /// Names that do not exist: what a program does that guesses its server's name.
    Missing {
        /// Answers that said so.
        answers: u64,
        /// All answers.
        of: u64,
    },
}

impl Reason {
    /// What it adds to the score.
    pub fn weight(&self) -> u64 {
        match self {
            Self::ScoredHigh { rows } => (10 + rows).min(40),
            Self::Listed { anchor: true, .. } => 60,
            Self::SentOut { .. } | Self::ManyNames { .. } => 40,
            Self::Listed { .. } | Self::Regular { .. } | Self::Missing { .. } => 30,
            Self::AskedMany { .. } => 25,
            Self::Lateral { .. } => 10,
        }
    }
}

/// The sum of all weights.
pub fn score(reasons: &[Reason]) -> u64 {
    reasons.iter().map(Reason::weight).sum()
}

/// Bytes out of our network from which on they speak, and how many times those that came back.
const MUCH: u64 = 20_000_000;
const MORE: u64 = 4;
/// Peers from which on an anchor asks many.
const MANY_PEERS: u64 = 100;
/// Bins of a lane from which on a pace can be seen.
const PACE: usize = 12;
/// Names of a domain, their mean length and bits a character, from which on they look made.
const MANY_NAMES: u64 = 50;
const LONG: f64 = 40.0;
const RANDOM: f64 = 3.9;
/// Answers from which on missing names speak, and the share.
const MANY_ANSWERS: u64 = 50;
const SHARE: f64 = 0.4;

/// The reasons of a flow finding, heaviest first. `rows` are those it was made of: the paces of all
/// peers are looked at, also of those that the finding's figure has no lane for.
///
/// # Errors
/// A frame of another shape.
pub fn of_flows(found: &Investigation, rows: &DataFrame) -> Result<Vec<Reason>> {
    let mut reasons = Vec::new();
    if found.high_rows > 0 {
        reasons.push(Reason::ScoredHigh { rows: found.high_rows });
    }
    let others = found.peers.iter().filter(|peer| !peer.flags.is_empty()).count() as u64;
    reasons.extend(listed(!found.flags.is_empty(), others));
    let inside = found.side.inside;
    let (mut bytes, mut back) = (0u64, 0u64);
    for peer in found.peers.iter().filter(|peer| peer.side.inside != inside) {
        let (out, into) =
            if inside { (peer.bytes_out, peer.bytes_in) } else { (peer.bytes_in, peer.bytes_out) };
        bytes = bytes.saturating_add(out);
        back = back.saturating_add(into);
    }
    if bytes >= MUCH && bytes / MORE >= back {
        reasons.push(Reason::SentOut { bytes, back });
    }
    let asked = found.peers.iter().filter(|peer| peer.initiator.began == Began::Anchor);
    let peers = asked.clone().count() as u64;
    if peers >= MANY_PEERS {
        reasons.push(Reason::AskedMany { peers });
    }
    let lateral = asked.filter(|peer| peer.lateral).count() as u64;
    if lateral > 0 {
        reasons.push(Reason::Lateral { peers: lateral });
    }
    let apart: Vec<_> = found.peers.iter().filter(|p| p.side.inside != inside).cloned().collect();
    let minutes = found.timeline.bin_minutes;
    let all = timeline(rows, &found.anchor, found.day, &apart, apart.len(), minutes)?;
    // Of several regular peers the busiest says it; of equals the last is taken, so from behind.
    let lanes = all.lanes.iter().rev();
    let paced = lanes.filter_map(|lane| Some((pace(lane, minutes)?, lane)));
    if let Some(((bins, every_minutes), lane)) =
        paced.max_by_key(|((bins, _), lane)| (*bins, lane.bytes))
    {
        reasons.push(Reason::Regular { peer: lane.peer.clone(), every_minutes, bins });
    }
    Ok(sorted(reasons))
}

/// Bins of a lane with rows, and the minutes between two of them, when both the gaps and the
/// amounts are nearly always the same.
fn pace(lane: &Lane, bin_minutes: u32) -> Option<(u64, u32)> {
    if lane.bins.len() < PACE || lane.direction == Direction::Inbound {
        return None;
    }
    let gaps = lane.bins.windows(2).map(|two| two[1].index.saturating_sub(two[0].index));
    let gap = usual(gaps, lane.bins.len() - 1)?;
    usual(lane.bins.iter().map(|bin| bin.connections), lane.bins.len())?;
    Some((lane.bins.len() as u64, gap.saturating_mul(bin_minutes)))
}

/// The value that at least nine of ten have.
fn usual<T: Ord + Copy>(values: impl Iterator<Item = T>, of: usize) -> Option<T> {
    let mut counts: BTreeMap<T, usize> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    let (value, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    (count * 10 >= of * 9).then_some(value)
}

fn listed(anchor: bool, others: u64) -> Option<Reason> {
    (anchor || others > 0).then_some(Reason::Listed { anchor, others })
}

/// The reasons of a DNS finding, heaviest first.
pub fn of_answers(found: &dns::Investigation) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if found.high_rows > 0 {
        reasons.push(Reason::ScoredHigh { rows: found.high_rows });
    }
    let others = found.rows.iter().filter(|row| !row.flags.is_empty()).count() as u64;
    reasons.extend(listed(!found.flags.is_empty(), others));
    let facts = &found.facts;
    if facts.nxdomain >= MANY_ANSWERS && facts.nxdomain_share() >= SHARE {
        reasons.push(Reason::Missing { answers: facts.nxdomain, of: facts.answers });
    }
    let mut domains: BTreeMap<&dns::Name, BTreeMap<&dns::Name, (u64, f64)>> = BTreeMap::new();
    for row in &found.rows {
        let Some(domain) = &row.registered_domain else { continue };
        domains.entry(domain).or_default().insert(&row.name, (row.length, row.entropy));
    }
    let odd = domains.into_iter().filter_map(|(domain, names)| {
        let count = names.len() as f64;
        let length: f64 = names.values().map(|(length, _)| *length as f64).sum();
        let entropy: f64 = names.values().map(|(_, entropy)| *entropy).sum();
        let made = length / count >= LONG || entropy / count >= RANDOM;
        (names.len() as u64 >= MANY_NAMES && made).then_some((names.len() as u64, domain))
    });
    if let Some((names, domain)) = odd.max_by_key(|(names, _)| *names) {
        reasons.push(Reason::ManyNames { domain: domain.clone(), names });
    }
    sorted(reasons)
}

/// Stable: of equal weight those that were looked for first.
fn sorted(mut reasons: Vec<Reason>) -> Vec<Reason> {
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.weight()));
    reasons
}
