//! One search, from rows to finding.

use chrono::NaiveDate;
use polars::prelude::DataFrame;

use crate::error::Result;
use crate::flows::{Flows, datetime};
use crate::model::{Address, Facts, Investigation, Peer, Provenance};
use crate::network::Network;
use crate::peers::{self, Sums};
use crate::{timeline, top};

/// What a search needs to know.
#[derive(Clone, Debug)]
pub struct InvestigateInput<'a> {
    /// Flow rows of the anchor on the day, in the shape of [`crate::rows`].
    pub rows: &'a DataFrame,
    /// The address that is searched.
    pub anchor: Address,
    /// The day, UTC.
    pub day: NaiveDate,
    /// The context files.
    pub network: &'a Network,
    /// Rows of the threat list scored high with the anchor at either end.
    pub high_rows: u64,
    /// Rows of each top table, and lanes; limits what is drawn, never what is counted.
    pub top_results: usize,
    /// Where the rows come from.
    pub provenance: Provenance,
    /// What the reader should know of the rows; notes of the context files and of odd rows follow.
    pub notes: Vec<String>,
}

/// Finds everything about the anchor's day. No rows are a finding too: an empty one.
///
/// Sums of the peers are the sums of the rows; the peers' connections and
/// [`Facts::self_connections`] add up to [`Facts::connections`]; every peer has one class. The same
/// rows in any order give the same finding.
///
/// # Errors
/// A frame of another shape.
pub fn investigate(input: InvestigateInput<'_>) -> Result<Investigation> {
    let InvestigateInput { rows, anchor, day, network, high_rows, top_results, provenance, notes } =
        input;
    let flows = Flows::read(rows, &anchor)?;
    let sums = Sums::of(&flows);
    let peers = peers::from_sums(&flows, &sums, &anchor, network);
    let top = top::from_sums(&flows, &sums, &peers, top_results);
    let (timeline, other_days) = timeline::from_flows(
        &flows,
        &sums.biflows.service_ports,
        day,
        &peers,
        top_results,
        timeline::BIN_MINUTES,
    )?;

    let mut all_notes = notes;
    all_notes.extend(flows.notes.iter().cloned());
    if other_days > 0 {
        all_notes
            .push(format!("{other_days} rows are not of {day}; they count, but are in no bin"));
    }
    let strange = peers.iter().filter(|peer| peer.address.ip().is_none()).count();
    if strange > 0 {
        all_notes
            .push(format!("{strange} peers are no addresses; they are shown as they are written"));
    }
    let addresses = peers.iter().map(|peer| &peer.address).chain([&anchor]);
    for note in network.notes().into_iter().chain(network.databases.unreadable(addresses)) {
        if !all_notes.contains(&note) {
            all_notes.push(note);
        }
    }

    Ok(Investigation {
        day,
        side: network.inside(&anchor),
        context: network.context_of(&anchor),
        place: network.place_of(&anchor),
        flags: network.flags_of(&anchor),
        high_rows,
        facts: facts(&flows, &sums, &peers),
        top,
        timeline,
        peers,
        provenance,
        notes: all_notes,
        history: None,
        anchor,
    })
}

fn facts(flows: &Flows, sums: &Sums, peers: &[Peer]) -> Facts {
    let total = |of: fn(&Peer) -> u64| peers.iter().map(of).fold(0, u64::saturating_add);
    let mut ports: Vec<u16> = sums.biflows.service_ports.iter().flatten().copied().collect();
    ports.sort_unstable();
    ports.dedup();
    Facts {
        connections: flows.flows.len() as u64 + flows.self_rows,
        self_connections: flows.self_rows,
        peers: peers.len() as u64,
        bytes_in: total(|peer| peer.bytes_in),
        bytes_out: total(|peer| peer.bytes_out),
        seen: flows.seen.map(|(first, last)| (datetime(first), datetime(last))),
        service_ports: ports.len() as u64,
    }
}
