//! The peers of an anchor: who it talked to, how much, which way, who began.

use polars::prelude::{DataFrame, PlHashMap};

use crate::biflow::{self, Biflows};
use crate::error::Result;
use crate::flows::{Flows, SECOND, datetime};
use crate::model::{Address, Direction, Peer, Role};
use crate::network::Network;

/// How many service ports of a peer are named.
pub const PORTS_NAMED: usize = 8;

/// All peers of `anchor` in `rows` (the shape of [`crate::rows`]), in order: bytes descending,
/// connections descending, address ascending.
///
/// The anchor is none of its own peers. Sums are over all rows between the two and never wrap;
/// nulls and negative counts are 0. Spellings of one address are one peer.
///
/// # Errors
/// A frame of another shape.
pub fn peers(rows: &DataFrame, anchor: &Address, network: &Network) -> Result<Vec<Peer>> {
    let flows = Flows::read(rows, anchor)?;
    let sums = Sums::of(&flows);
    Ok(from_sums(&flows, &sums, anchor, network))
}

/// Sums of one peer in one role.
#[derive(Clone, Debug, Default)]
pub(crate) struct RoleSums {
    pub rows: u64,
    pub packets: u64,
    pub bytes: u64,
    pub packets_back: u64,
    pub bytes_back: u64,
    pub max_bytes: u64,
    /// First and last time.
    pub seen: Option<(i64, i64)>,
    /// Rows on each service port.
    pub ports: PlHashMap<u16, u64>,
}

/// Sums of one peer.
#[derive(Clone, Debug, Default)]
pub(crate) struct PeerSums {
    /// Rows to the anchor.
    pub source: RoleSums,
    /// Rows from the anchor.
    pub destination: RoleSums,
    /// Rows of each protocol, by number.
    pub protos: PlHashMap<u32, u64>,
    pub active_minutes: u64,
}

impl PeerSums {
    pub fn role(&self, role: Role) -> &RoleSums {
        match role {
            Role::Source => &self.source,
            Role::Destination => &self.destination,
        }
    }
}

/// Sums of all peers, in the order of [`Flows::peers`], and who began.
pub(crate) struct Sums {
    pub peers: Vec<PeerSums>,
    pub biflows: Biflows,
}

impl Sums {
    pub fn of(flows: &Flows) -> Self {
        let biflows = biflow::join(flows);
        let mut peers = vec![PeerSums::default(); flows.peers.len()];
        let mut minutes: Vec<(u32, i64)> = Vec::with_capacity(flows.flows.len());
        for (flow, port) in flows.flows.iter().zip(&biflows.service_ports) {
            let Some(peer) = peers.get_mut(flow.peer as usize) else { continue };
            *peer.protos.entry(flow.proto).or_default() += 1;
            let sums = match flow.role {
                Role::Source => &mut peer.source,
                Role::Destination => &mut peer.destination,
            };
            sums.rows += 1;
            sums.packets = sums.packets.saturating_add(flow.packets);
            sums.bytes = sums.bytes.saturating_add(flow.bytes);
            sums.packets_back = sums.packets_back.saturating_add(flow.packets_back);
            sums.bytes_back = sums.bytes_back.saturating_add(flow.bytes_back);
            sums.max_bytes = sums.max_bytes.max(flow.bytes.saturating_add(flow.bytes_back));
            if let Some(end) = flow.end {
                let (first, last) = sums.seen.unwrap_or((end, end));
                sums.seen = Some((first.min(end), last.max(end)));
                minutes.push((flow.peer, end.div_euclid(60 * SECOND)));
            }
            if let Some(port) = *port {
                *sums.ports.entry(port).or_default() += 1;
            }
        }
        minutes.sort_unstable();
        minutes.dedup();
        for (peer, _) in minutes {
            if let Some(peer) = peers.get_mut(peer as usize) {
                peer.active_minutes += 1;
            }
        }
        Self { peers, biflows }
    }
}

/// The finding for each peer, ordered.
pub(crate) fn from_sums(
    flows: &Flows,
    sums: &Sums,
    anchor: &Address,
    network: &Network,
) -> Vec<Peer> {
    let anchor_inside = network.inside(anchor).inside;
    let mut peers: Vec<Peer> = flows
        .peers
        .iter()
        .zip(&sums.peers)
        .zip(&sums.biflows.initiators)
        .filter(|((_, sum), _)| sum.source.rows + sum.destination.rows > 0)
        .map(|((address, sum), initiator)| {
            let (from_peer, to_peer) = (&sum.source, &sum.destination);
            let side = network.inside(address);
            let mut ports = from_peer.ports.clone();
            for (&port, &rows) in &to_peer.ports {
                *ports.entry(port).or_default() += rows;
            }
            let (service_ports, service_port_count) = name_ports(&ports);
            let (first, last) = span(from_peer.seen, to_peer.seen).unwrap_or_default();
            Peer {
                direction: direction(anchor_inside, from_peer, to_peer),
                lateral: anchor_inside && side.inside,
                connections: from_peer.rows + to_peer.rows,
                rows_in: from_peer.rows,
                rows_out: to_peer.rows,
                bytes_in: from_peer.bytes.saturating_add(to_peer.bytes_back),
                bytes_out: to_peer.bytes.saturating_add(from_peer.bytes_back),
                packets_in: from_peer.packets.saturating_add(to_peer.packets_back),
                packets_out: to_peer.packets.saturating_add(from_peer.packets_back),
                max_bytes: from_peer.max_bytes.max(to_peer.max_bytes),
                service_ports,
                service_port_count,
                protocols: name_protocols(&sum.protos, flows),
                first_seen: datetime(first),
                last_seen: datetime(last),
                active_minutes: sum.active_minutes,
                initiator: *initiator,
                context: network.context_of(address),
                place: network.place_of(address),
                flags: network.flags_of(address),
                address: address.clone(),
                side,
            }
        })
        .collect();
    by_bytes(&mut peers);
    peers
}

/// The document's rule: inbound when the anchor is only destination, "or the opposite if the IP is
/// external". A row with packets both ways is a row of each direction.
fn direction(anchor_inside: bool, from_peer: &RoleSums, to_peer: &RoleSums) -> Direction {
    let came_back = |sums: &RoleSums| sums.packets_back > 0 || sums.bytes_back > 0;
    let to_anchor = from_peer.rows > 0 || came_back(to_peer);
    let from_anchor = to_peer.rows > 0 || came_back(from_peer);
    match (to_anchor, from_anchor) {
        (true, true) => Direction::TwoWay,
        (true, false) if anchor_inside => Direction::Inbound,
        (false, _) if !anchor_inside => Direction::Inbound,
        _ => Direction::Outbound,
    }
}

/// The ports with most rows, lower first among equals, and how many there are.
pub(crate) fn name_ports(ports: &PlHashMap<u16, u64>) -> (Vec<u16>, u64) {
    let mut by_rows: Vec<(u16, u64)> = ports.iter().map(|(&port, &rows)| (port, rows)).collect();
    by_rows.sort_unstable_by_key(|&(port, rows)| (u64::MAX - rows, port));
    (by_rows.iter().take(PORTS_NAMED).map(|&(port, _)| port).collect(), by_rows.len() as u64)
}

fn name_protocols(protos: &PlHashMap<u32, u64>, flows: &Flows) -> Vec<String> {
    let mut by_rows: Vec<(u64, &str)> = protos
        .iter()
        .filter_map(|(&proto, &rows)| Some((rows, flows.protos.get(proto as usize)?.as_str())))
        .filter(|(_, name)| !name.is_empty())
        .collect();
    by_rows.sort_unstable_by_key(|&(rows, name)| (u64::MAX - rows, name));
    by_rows.into_iter().map(|(_, name)| name.to_owned()).collect()
}

/// From the earlier first to the later last.
pub(crate) fn span(a: Option<(i64, i64)>, b: Option<(i64, i64)>) -> Option<(i64, i64)> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (one, None) | (None, one) => one,
    }
}

fn by_bytes(peers: &mut [Peer]) {
    peers.sort_by(|a, b| {
        (b.bytes(), b.connections)
            .cmp(&(a.bytes(), a.connections))
            .then_with(|| a.address.cmp(&b.address))
    });
}

/// The peers of each class.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conns {
    /// Towards our network only.
    pub inbound: Vec<Peer>,
    /// Out of our network only.
    pub outbound: Vec<Peer>,
    /// Both.
    pub twoway: Vec<Peer>,
}

/// Splits peers by class; every peer is in exactly one, in the order given.
pub fn get_in_out_and_twoway_conns(peers: &[Peer]) -> Conns {
    let mut conns = Conns::default();
    for peer in peers {
        match peer.direction {
            Direction::Inbound => &mut conns.inbound,
            Direction::Outbound => &mut conns.outbound,
            Direction::TwoWay => &mut conns.twoway,
        }
        .push(peer.clone());
    }
    conns
}
