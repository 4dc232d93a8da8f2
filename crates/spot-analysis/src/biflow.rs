//! The two directions of a conversation, joined; who began it, and on which port the service is.
//!
//! NetFlow writes a row for each direction. Rows between the same two ports of the same two addresses
//! are one conversation when each starts at most [`MAX_GAP_SECONDS`] after those before it ended, and
//! both directions are among them. Rows of a single direction stay single.

use std::ops::Range;

use polars::prelude::PlHashMap;

use crate::flows::{Flow, Flows, SECOND};
use crate::model::{Began, Initiator, Role};
use crate::service::{End, Service, Used, service};

/// The longest silence inside a conversation.
pub const MAX_GAP_SECONDS: i64 = 60;

/// "Nearly all": this share of the conversations whose beginner is known.
const NEARLY_ALL: f64 = 0.9;

/// What the joined rows say.
pub(crate) struct Biflows {
    /// Service port of each flow, in the order of [`Flows::flows`].
    pub service_ports: Vec<Option<u16>>,
    /// Initiator for each peer, in the order of [`Flows::peers`].
    pub initiators: Vec<Initiator>,
}

/// All rows between two ports of two addresses, as a range of the sorted order.
struct Channel {
    order: Range<usize>,
    first: Flow,
    /// The end that sent a SYN without ACK, if only one did.
    opened_by: Option<End>,
}

type Key = (u32, u32, Option<u16>, Option<u16>);

fn key(flow: &Flow) -> Key {
    (flow.peer, flow.proto, flow.anchor_port, flow.peer_port)
}

/// [`key`] as one number, in the same order.
fn packed(flow: &Flow) -> u128 {
    let port = |port: Option<u16>| port.map_or(0, |port| u128::from(port) + 1);
    let ends = port(flow.anchor_port) << 17 | port(flow.peer_port);
    u128::from(flow.peer) << 66 | u128::from(flow.proto) << 34 | ends
}

fn sender(flow: &Flow) -> End {
    match flow.role {
        Role::Source => End::Peer,
        Role::Destination => End::Anchor,
    }
}

/// Joins the rows; O(n log n).
pub(crate) fn join(flows: &Flows) -> Biflows {
    let all = &flows.flows;
    // The keys beside each other: looking them up in the rows would be a jump a comparison.
    let keys = all.iter().zip(0u32..).map(|(flow, i)| (packed(flow), flow.start(), flow.end, i));
    let mut keys: Vec<_> = keys.collect(); // rows were counted when read
    keys.sort_unstable();
    let order: Vec<u32> = keys.into_iter().map(|(.., i)| i).collect();
    let channels = channels(all, &order);

    let mut counterparts: PlHashMap<(Option<u32>, u32, Option<u16>), u32> = PlHashMap::default();
    for Channel { first, .. } in &channels {
        for port in [
            (None, first.proto, first.anchor_port),
            (Some(first.peer), first.proto, first.peer_port),
        ] {
            *counterparts.entry(port).or_default() += 1;
        }
    }

    let mut service_ports = vec![None; all.len()];
    let mut tallies = vec![Tally::default(); flows.peers.len()];
    for channel in &channels {
        let first = &channel.first;
        let used = |peer, port| Used {
            port,
            counterparts: counterparts.get(&(peer, first.proto, port)).copied().unwrap_or(0),
        };
        let service = service(
            used(None, first.anchor_port),
            used(Some(first.peer), first.peer_port),
            channel.opened_by,
        );
        let members = &order[channel.order.clone()];
        for &i in members {
            service_ports[i as usize] = service.port;
        }
        if let Some(tally) = tallies.get_mut(first.peer as usize) {
            conversations(all, members, service, tally);
        }
    }
    Biflows { service_ports, initiators: tallies.iter().map(Tally::initiator).collect() }
}

fn channels(all: &[Flow], order: &[u32]) -> Vec<Channel> {
    let mut channels: Vec<Channel> = Vec::new();
    let mut at = 0;
    for members in order.chunk_by(|&a, &b| key(&all[a as usize]) == key(&all[b as usize])) {
        if let Some(&i) = members.first() {
            channels.push(Channel {
                order: at..at + members.len(),
                first: all[i as usize],
                opened_by: opened_by(members.iter().map(|&i| &all[i as usize])),
            });
        }
        at += members.len();
    }
    channels
}

/// The end that sent a SYN without ACK, if only one did.
fn opened_by<'a>(flows: impl Iterator<Item = &'a Flow>) -> Option<End> {
    let (mut anchor, mut peer) = (false, false);
    for flow in flows.filter(|flow| flow.flags.syn_only) {
        match sender(flow) {
            End::Anchor => anchor = true,
            End::Peer => peer = true,
        }
    }
    match (anchor, peer) {
        (true, false) => Some(End::Anchor),
        (false, true) => Some(End::Peer),
        _ => None,
    }
}

/// Cuts a channel's rows, ordered by start, into conversations and counts who began them.
fn conversations(all: &[Flow], members: &[u32], service: Service, tally: &mut Tally) {
    let mut run: Vec<&Flow> = Vec::new();
    let mut run_end = i64::MIN;
    for flow in members.iter().map(|&i| &all[i as usize]) {
        let (Some(start), Some(end)) = (flow.start(), flow.end) else {
            tally.count_run(&[flow], service); // without a time it has no partner
            continue;
        };
        if !run.is_empty() && start.saturating_sub(run_end) > MAX_GAP_SECONDS * SECOND {
            tally.count_run(&run, service);
            run.clear();
            run_end = i64::MIN;
        }
        run_end = run_end.max(end);
        run.push(flow);
    }
    tally.count_run(&run, service);
}

/// Conversations of one peer.
#[derive(Clone, Copy, Default)]
struct Tally {
    conversations: u64,
    by_anchor: u64,
    by_peer: u64,
    sure: u64,
}

impl Tally {
    fn count_run(&mut self, run: &[&Flow], service: Service) {
        let both = run.windows(2).any(|pair| pair[0].role != pair[1].role);
        if both {
            self.count(run, service);
        } else {
            for flow in run {
                self.count(&[flow], service);
            }
        }
    }

    fn count(&mut self, conversation: &[&Flow], service: Service) {
        self.conversations += 1;
        let told = opened_by(conversation.iter().copied()).or_else(|| first_to_start(conversation));
        let began = told.or_else(|| service.end.map(End::other));
        match began {
            Some(End::Anchor) => self.by_anchor += 1,
            Some(End::Peer) => self.by_peer += 1,
            None => return,
        }
        self.sure += u64::from(told.is_some());
    }

    fn initiator(&self) -> Initiator {
        let known = self.by_anchor + self.by_peer;
        let most = known as f64 * NEARLY_ALL;
        let began = match known {
            0 => Began::Unknown,
            _ if self.by_anchor as f64 >= most => Began::Anchor,
            _ if self.by_peer as f64 >= most => Began::Peer,
            _ => Began::Both,
        };
        Initiator {
            began,
            by_anchor: self.by_anchor,
            conversations: self.conversations,
            // At least half of what is said rests on more than ports.
            sure: known > 0 && self.sure * 2 >= known,
        }
    }
}

/// The end whose first row starts earlier, if both have rows and the clock is fine enough to tell:
/// ends that are cut to the second leave starts uncertain by as much.
fn first_to_start(conversation: &[&Flow]) -> Option<End> {
    let earliest = |end: End| {
        conversation.iter().filter(|flow| sender(flow) == end).filter_map(|flow| flow.start()).min()
    };
    let (anchor, peer) = (earliest(End::Anchor)?, earliest(End::Peer)?);
    let coarse = conversation.iter().all(|flow| flow.end.is_none_or(|end| end % SECOND == 0));
    let least = if coarse { SECOND } else { 1 };
    if peer.saturating_sub(anchor) >= least {
        Some(End::Anchor)
    } else if anchor.saturating_sub(peer) >= least {
        Some(End::Peer)
    } else {
        None
    }
}
