//! The four accordion tables, and the document's two ranking functions.

use polars::prelude::DataFrame;

use crate::error::Result;
use crate::flows::{Flows, datetime};
use crate::model::{Address, Measure, Peer, Role, TopRow, TopTable};
use crate::peers::{Sums, name_ports};

/// Role and measure of the four tables, in the order of Spot's accordion.
pub const TABLES: [(Role, Measure); 4] = [
    (Role::Source, Measure::Connections),
    (Role::Destination, Measure::Connections),
    (Role::Source, Measure::Bytes),
    (Role::Destination, Measure::Bytes),
];

/// The four tables of `anchor`, `top` rows each; `peers` are the peers of the same rows.
///
/// A line stands for one peer in one role. Bytes are those of the rows' own direction, summed over
/// all of them, not the biggest flow. Ties: other measure descending, address ascending.
///
/// # Errors
/// A frame of another shape.
pub fn top_tables(
    rows: &DataFrame,
    anchor: &Address,
    peers: &[Peer],
    top: usize,
) -> Result<[TopTable; 4]> {
    let flows = Flows::read(rows, anchor)?;
    let sums = Sums::of(&flows);
    Ok(from_sums(&flows, &sums, peers, top))
}

pub(crate) fn from_sums(flows: &Flows, sums: &Sums, peers: &[Peer], top: usize) -> [TopTable; 4] {
    TABLES.map(|(role, measure)| table(flows, sums, peers, role, measure, top))
}

fn table(
    flows: &Flows,
    sums: &Sums,
    peers: &[Peer],
    role: Role,
    measure: Measure,
    top: usize,
) -> TopTable {
    let sums_of: std::collections::HashMap<&Address, _> = flows
        .peers
        .iter()
        .zip(&sums.peers)
        .map(|(address, sums)| (address, sums.role(role)))
        .collect();
    let mut ranked: Vec<_> = peers
        .iter()
        .filter_map(|peer| Some((peer, *sums_of.get(&peer.address)?)))
        .filter(|(_, sums)| sums.rows > 0)
        .collect();
    let rank = |rows: u64, bytes: u64| match measure {
        Measure::Connections => (rows, bytes),
        Measure::Bytes => (bytes, rows),
    };
    ranked.sort_by(|(a, a_sums), (b, b_sums)| {
        rank(b_sums.rows, b_sums.bytes)
            .cmp(&rank(a_sums.rows, a_sums.bytes))
            .then_with(|| a.address.cmp(&b.address))
    });
    let of = ranked.len() as u64;
    let rows = ranked
        .into_iter()
        .take(top)
        .map(|(peer, sums)| {
            let (ports, port_count) = name_ports(&sums.ports);
            let (first, last) = sums.seen.unwrap_or_default();
            TopRow {
                peer: peer.address.clone(),
                direction: peer.direction,
                connections: sums.rows,
                bytes: sums.bytes,
                bytes_back: sums.bytes_back,
                ports,
                port_count,
                first_seen: datetime(first),
                last_seen: datetime(last),
                context: peer.context.clone(),
                flags: peer.flags.clone(),
            }
        })
        .collect();
    TopTable { role, measure, rows, of }
}

/// The `top` peers with most bytes both ways; ties: connections descending, address ascending.
pub fn get_top_bytes(peers: &[Peer], top: usize) -> Vec<Peer> {
    ranked(peers, top, |peer| (peer.bytes(), peer.connections))
}

/// The `top` peers with most connections; ties: bytes descending, address ascending.
pub fn get_top_conns(peers: &[Peer], top: usize) -> Vec<Peer> {
    ranked(peers, top, |peer| (peer.connections, peer.bytes()))
}

fn ranked(peers: &[Peer], top: usize, rank: impl Fn(&Peer) -> (u64, u64)) -> Vec<Peer> {
    let mut ranked: Vec<&Peer> = peers.iter().collect();
    ranked.sort_by(|a, b| rank(b).cmp(&rank(a)).then_with(|| a.address.cmp(&b.address)));
    ranked.into_iter().take(top).cloned().collect()
}
