//! One search, from answers to finding.

use std::cmp::Reverse;

use chrono::NaiveDate;
use polars::prelude::{DataFrame, PlHashSet};
use rayon::prelude::*;

use super::flags::{Flags, flags_of};
use super::iana::NXDOMAIN;
use super::model::{Anchor, Bin, Counts, Facts, Investigation, Lane, LaneOf, Row, Scope, Timeline};
use super::selection::Selection;
use super::sums::{BIN_MINUTES, BINS, Outcome, Pair, Sums, counts_of};
use crate::error::Result;
use crate::flows::datetime;
use crate::model::{Address, Provenance};
use crate::network::Network;

/// What a search needs to know.
#[derive(Clone, Debug)]
pub struct InvestigateInput<'a> {
    /// The day's answers that [`Selection::filter`] takes in, in the shape of [`super::rows`].
    pub rows: &'a DataFrame,
    /// The client or name that is searched.
    pub anchor: Anchor,
    /// Which names are taken in.
    pub scope: Scope,
    /// The day, UTC.
    pub day: NaiveDate,
    /// The context files, for the list of indicators.
    pub network: &'a Network,
    /// Rows of the threat list with the anchor scored high.
    pub high_rows: u64,
    /// Lanes of the timeline; limits what is drawn, never what is counted.
    pub top_results: usize,
    /// Where the rows come from.
    pub provenance: Provenance,
    /// What the reader should know of the rows; notes of odd rows follow.
    pub notes: Vec<String>,
}

/// Finds everything about the anchor's day. No rows are a finding too: an empty one.
///
/// The rows' totals add up to [`Facts::answers`], as do the counts of types, classes and codes; the
/// bins of the lanes to [`Timeline::bins`] when all lanes are there. The same rows in any order give
/// the same finding.
///
/// # Errors
/// A frame of another shape; an empty [`Scope::Substring`].
pub fn investigate(input: InvestigateInput<'_>) -> Result<Investigation> {
    let InvestigateInput {
        rows,
        anchor,
        scope,
        day,
        network,
        high_rows,
        top_results,
        provenance,
        notes,
    } = input;
    let scope = match anchor {
        Anchor::Client(_) => Scope::Exact,
        Anchor::Query(_) => scope,
    };
    let selection = Selection::new(&anchor, &scope)?;
    let sums = Sums::of(rows, &anchor, &selection, day)?;
    let mut notes = notes;
    if let (Anchor::Query(name), Scope::RegisteredDomain) = (&anchor, &scope)
        && name.registered_domain().is_none()
    {
        notes.push(format!("{name} has no registered domain; it and all below it were searched"));
    }
    notes.extend(sums.notes.iter().cloned());
    for note in network.indicators.notes() {
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    let facts = facts(&sums, provenance.scanned);
    let flags = Flags::of(&sums, network);
    let timeline = timeline(&sums, top_results, &flags.of_lanes(&sums, &anchor));
    Ok(Investigation {
        rows: table(&sums, &flags),
        flags: flags_of(&anchor, network),
        anchor,
        scope,
        day,
        high_rows,
        facts,
        timeline,
        provenance,
        notes,
        history: None,
    })
}

/// One entry of [`Sums::counts`].
type Count = (u32, u32, u64);

/// All rows, most active first.
fn table(sums: &Sums, flags: &Flags) -> Vec<Row> {
    let counts = sums.counts.chunk_by(|a, b| a.0 == b.0);
    let mut pairs: Vec<(&Pair, &[Count])> = sums.pairs.iter().zip(counts).collect();
    // Before rows are made of them, which are ten times as big.
    pairs.sort_by_cached_key(|(pair, _)| {
        (Reverse(pair.total), &sums.names[pair.name as usize], &sums.clients[pair.client as usize])
    });
    pairs.into_par_iter().map(|(pair, counts)| row(sums, pair, counts, flags)).collect()
}

fn row(sums: &Sums, pair: &Pair, counts: &[Count], flags: &Flags) -> Row {
    let name = &sums.names[pair.name as usize];
    let outcomes: Vec<(&Outcome, u64)> =
        counts.iter().map(|&(_, outcome, n)| (&sums.outcomes[outcome as usize], n)).collect();
    let rcodes = codes(&outcomes, |outcome| outcome.rcode);
    let servers = outcomes.iter().map(|(outcome, n)| (&sums.servers[outcome.server as usize], *n));
    let (servers, server_count) = most(servers.filter(|(server, _)| !server.as_str().is_empty()));
    let answers = outcomes.iter().flat_map(|(outcome, n)| {
        sums.cells[outcome.cell as usize].iter().map(|answer| (answer, *n))
    });
    let (answers, answer_count) = most(answers);
    Row {
        client: sums.clients[pair.client as usize].clone(),
        name: name.clone(),
        registered_domain: sums.domains[pair.name as usize].clone(),
        total: pair.total,
        first_seen: pair.seen.map(|(first, _)| datetime(first)),
        last_seen: pair.seen.map(|(_, last)| datetime(last)),
        types: codes(&outcomes, |outcome| outcome.kind),
        classes: codes(&outcomes, |outcome| outcome.class),
        nxdomain: nxdomain(&rcodes),
        rcodes,
        answers,
        answer_count,
        servers,
        server_count,
        length: name.length() as u64,
        entropy: name.entropy(),
        flags: flags.of_row(pair, outcomes.iter().map(|(outcome, _)| outcome.cell)),
    }
}

fn codes(outcomes: &[(&Outcome, u64)], code: impl Fn(&Outcome) -> Option<i32>) -> Counts {
    counts_of(outcomes.iter().map(|(outcome, n)| (code(outcome), *n)))
}

fn nxdomain(rcodes: &Counts) -> u64 {
    rcodes.iter().find(|(code, _)| *code == Some(NXDOMAIN)).map_or(0, |(_, answers)| *answers)
}

/// The first [`Row::KEPT`], most answers first, then as addresses are ordered; and how many there are.
fn most<'a>(counted: impl Iterator<Item = (&'a Address, u64)>) -> (Vec<Address>, u64) {
    let mut ranked: Vec<(&Address, u64)> = counted.collect();
    ranked.sort_unstable();
    ranked.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        kept.1 += if same { next.1 } else { 0 };
        same
    });
    let all = ranked.len() as u64;
    // Stable, so that equals stay in order of addresses.
    ranked.sort_by_key(|(_, answers)| Reverse(*answers));
    let kept = ranked.into_iter().take(Row::KEPT).map(|(address, _)| address.clone());
    (kept.collect(), all)
}

fn facts(sums: &Sums, scanned: u64) -> Facts {
    let mut totals = vec![0u64; sums.outcomes.len()];
    for &(_, outcome, answers) in &sums.counts {
        totals[outcome as usize] += answers;
    }
    let outcomes: Vec<(&Outcome, u64)> = sums.outcomes.iter().zip(totals).collect();
    let rcodes = codes(&outcomes, |outcome| outcome.rcode);
    // Names and clients of rows that were left out are known too: count those of pairs.
    let distinct = |of: fn(&Pair) -> u32| sums.pairs.iter().map(of).collect::<PlHashSet<_>>().len();
    let domains: PlHashSet<_> =
        sums.pairs.iter().filter_map(|pair| sums.domains[pair.name as usize].as_ref()).collect();
    let servers: PlHashSet<_> = sums
        .outcomes
        .iter()
        .map(|outcome| &sums.servers[outcome.server as usize])
        .filter(|server| !server.as_str().is_empty())
        .collect();
    let seen = sums.pairs.iter().filter_map(|pair| pair.seen);
    let seen = seen.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
    Facts {
        scanned,
        answers: sums.pairs.iter().map(|pair| pair.total).sum(),
        clients: distinct(|pair| pair.client) as u64,
        names: distinct(|pair| pair.name) as u64,
        domains: domains.len() as u64,
        servers: servers.len() as u64,
        nxdomain: nxdomain(&rcodes),
        seen: seen.map(|(first, last)| (datetime(first), datetime(last))),
        types: codes(&outcomes, |outcome| outcome.kind),
        classes: codes(&outcomes, |outcome| outcome.class),
        rcodes,
    }
}

/// Answers, NXDOMAIN answers and names of a lane.
#[derive(Clone, Copy, Default)]
struct LaneSums {
    answers: u64,
    nxdomain: u64,
    names: u64,
}

fn timeline(sums: &Sums, top_results: usize, flagged: &[bool]) -> Timeline {
    let mut totals = vec![LaneSums::default(); sums.lanes.len()];
    for pair in &sums.pairs {
        let lane = &mut totals[pair.lane as usize];
        lane.answers += pair.total;
        lane.names += 1;
    }
    for &(pair, outcome, answers) in &sums.counts {
        if sums.outcomes[outcome as usize].rcode == Some(NXDOMAIN) {
            totals[sums.pairs[pair as usize].lane as usize].nxdomain += answers;
        }
    }
    let mut order: Vec<(u32, &LaneOf, LaneSums)> =
        (0u32..).zip(&sums.lanes).zip(totals).map(|((lane, of), sums)| (lane, of, sums)).collect();
    order.sort_by(|a, b| (Reverse(a.2.answers), a.1).cmp(&(Reverse(b.2.answers), b.1)));
    order.truncate(top_results);

    let mut place = vec![None; sums.lanes.len()];
    for (drawn, (lane, ..)) in order.iter().enumerate() {
        place[*lane as usize] = Some(drawn);
    }
    let mut all = Bins::default();
    let mut drawn = vec![Bins::default(); order.len()];
    for (&(pair, outcome), &bin) in sums.answers.iter().zip(&sums.bins) {
        let nxdomain = sums.outcomes[outcome as usize].rcode == Some(NXDOMAIN);
        all.add(bin, nxdomain);
        if let Some(lane) = place[sums.pairs[pair as usize].lane as usize] {
            drawn[lane].add(bin, nxdomain);
        }
    }
    let lanes = order.iter().zip(drawn).map(|(&(lane, of, totals), bins)| Lane {
        of: of.clone(),
        answers: totals.answers,
        nxdomain: totals.nxdomain,
        names: totals.names,
        bins: bins.filled(),
        flagged: flagged.get(lane as usize).copied().unwrap_or(false),
    });
    Timeline {
        bin_minutes: BIN_MINUTES,
        lanes: lanes.collect(),
        bins: all.filled(),
        of: sums.lanes.len() as u64,
    }
}

/// Answers and NXDOMAIN answers of every bin of a day.
#[derive(Clone)]
struct Bins([(u64, u64); BINS as usize]);

impl Default for Bins {
    fn default() -> Self {
        Self([(0, 0); BINS as usize])
    }
}

impl Bins {
    /// [`super::sums::NO_BIN`] is no bin of the day and left out.
    fn add(&mut self, bin: u8, nxdomain: bool) {
        if let Some(bin) = self.0.get_mut(usize::from(bin)) {
            bin.0 += 1;
            bin.1 += u64::from(nxdomain);
        }
    }

    /// Those with answers, in order.
    fn filled(&self) -> Vec<Bin> {
        let bins = (0u32..).zip(&self.0).filter(|(_, (answers, _))| *answers > 0);
        bins.map(|(index, &(answers, nxdomain))| Bin { index, answers, nxdomain }).collect()
    }
}
