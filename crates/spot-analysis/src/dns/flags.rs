//! Who and what of a DNS finding is on the list of indicators: looked up once for each distinct
//! client, name and answer.

use polars::prelude::PlHashMap;

use super::cross::{Followed, Resolved};
use super::model::Anchor;
use super::sums::{Pair, Sums};
use crate::model::{Address, Flag};
use crate::network::Network;

/// Flags of one row.
const MOST: usize = 16;

/// What the list says of an anchor.
pub(super) fn flags_of(anchor: &Anchor, network: &Network) -> Vec<Flag> {
    match anchor {
        Anchor::Client(client) => network.flags_of(client),
        Anchor::Query(name) => network.flags_of_name(name),
    }
}

/// Fills [`Resolved::flags`].
pub fn flag_resolved(all: &mut [Resolved], network: &Network) {
    for one in all.iter_mut().filter(|_| !network.indicators.is_empty()) {
        let addresses = one.clients.iter().chain([&one.address]);
        let flags = addresses.flat_map(|address| network.flags_of(address));
        one.flags = network.flags_of_name(&one.name).into_iter().chain(flags).collect();
    }
}

/// Fills [`Followed::flags`].
pub fn flag_followed(all: &mut [Followed], network: &Network) {
    for one in all.iter_mut().filter(|_| !network.indicators.is_empty()) {
        let addresses = [&one.client, &one.address].into_iter();
        let flags = addresses.flat_map(|address| network.flags_of(address));
        one.flags = flags.chain(one.names.iter().flat_map(|n| network.flags_of_name(n))).collect();
    }
}

/// Flags by the numbers of [`Sums`]; nothing at all without a list.
#[derive(Default)]
pub(super) struct Flags {
    clients: Vec<Vec<Flag>>,
    names: Vec<Vec<Flag>>,
    cells: Vec<Vec<Flag>>,
}

impl Flags {
    pub fn of(sums: &Sums, network: &Network) -> Self {
        if network.indicators.is_empty() {
            return Self::default();
        }
        let mut known: PlHashMap<&Address, Vec<Flag>> = PlHashMap::default();
        let cells = sums.cells.iter().map(|cell| {
            let mut flags = Vec::new();
            for answer in cell {
                let of = known.entry(answer).or_insert_with(|| network.flags_of(answer));
                flags.extend_from_slice(of);
            }
            flags
        });
        Self {
            cells: cells.collect(),
            clients: sums.clients.iter().map(|client| network.flags_of(client)).collect(),
            names: sums.names.iter().map(|name| network.flags_of_name(name)).collect(),
        }
    }

    fn at(of: &[Vec<Flag>], number: u32) -> &[Flag] {
        of.get(number as usize).map_or(&[], Vec::as_slice)
    }

    /// Of a row: of its name, its client, then its answers in these cells; none twice.
    pub fn of_row(&self, pair: &Pair, cells: impl Iterator<Item = u32>) -> Vec<Flag> {
        let mut flags: Vec<Flag> = Vec::new();
        let own = [Self::at(&self.names, pair.name), Self::at(&self.clients, pair.client)];
        for flag in own.into_iter().chain(cells.map(|cell| Self::at(&self.cells, cell))).flatten() {
            if flags.len() < MOST && !flags.contains(flag) {
                flags.push(flag.clone());
            }
        }
        flags
    }

    /// For each lane whether something in it is flagged. A lane of a client stands for the client
    /// alone: what was asked is the same in all of them.
    pub fn of_lanes(&self, sums: &Sums, anchor: &Anchor) -> Vec<bool> {
        let mut flagged = vec![false; sums.lanes.len()];
        for pair in &sums.pairs {
            let lane = match anchor {
                Anchor::Query(_) => Self::at(&self.clients, pair.client),
                Anchor::Client(_) => Self::at(&self.names, pair.name),
            };
            flagged[pair.lane as usize] |= !lane.is_empty();
        }
        if matches!(anchor, Anchor::Client(_)) && !self.cells.is_empty() {
            for &(pair, outcome, _) in &sums.counts {
                let cell = sums.outcomes[outcome as usize].cell;
                let lane = sums.pairs[pair as usize].lane;
                flagged[lane as usize] |= !Self::at(&self.cells, cell).is_empty();
            }
        }
        flagged
    }
}
