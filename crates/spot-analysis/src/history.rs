//! An anchor's day beside the days before it: who is new, which service ports are, and how far the
//! bytes are from the usual.
//!
//! Only days that were looked at can be compared with: "new" means new among these, never "ever". A day
//! of which the table has no rows at all tells nothing; it is listed, and counts for nothing. Where no
//! day before has rows, nothing is called new.
//!
//! A **usual** value is the median of the days before on which the thing was seen at all: the middle
//! value; of an even number of days the mean of the two in the middle, rounded down.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime};
use polars::prelude::DataFrame;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::flows::{Flows, datetime};
use crate::model::{Address, Provenance};
use crate::peers::{PORTS_NAMED, Sums, span};

/// A value is far from the usual when it is at least so many times as much, or as little.
pub const FAR: u64 = 3;

/// What a table has of one day, as the ingest summary lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayRows {
    /// The day, UTC.
    pub day: NaiveDate,
    /// Rows of the raw table; 0 for a gap.
    pub rows: u64,
    /// Rows of the threat list scored high; absent where a server does not say.
    pub high_rows: Option<u64>,
    /// Files of the raw table; absent where a server does not say.
    pub files: Option<u64>,
}

/// A number of the day beside the days before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usual {
    /// On the day.
    pub today: u64,
    /// Median of the days before on which there was any; 0 without such a day.
    pub median: u64,
    /// The least of these days.
    pub min: u64,
    /// The most of these days.
    pub max: u64,
    /// How many these days are.
    pub seen: u64,
}

impl Usual {
    /// `today` beside the values of the days before on which the thing was seen, in any order.
    pub fn of(today: u64, before: impl IntoIterator<Item = u64>) -> Self {
        let mut before: Vec<u64> = before.into_iter().collect();
        before.sort_unstable();
        let (Some(&min), Some(&max)) = (before.first(), before.last()) else {
            return Self { today, ..Self::default() };
        };
        let half = before.len() / 2;
        let upper = before.get(half).copied().unwrap_or(max);
        let median = match before.len() % 2 {
            1 => upper,
            _ => before.get(half - 1).copied().unwrap_or(min).midpoint(upper),
        };
        Self { today, median, min, max, seen: before.len() as u64 }
    }

    /// How many times the usual; nothing where the usual is nothing.
    pub fn ratio(&self) -> Option<f64> {
        (self.median > 0).then(|| self.today as f64 / self.median as f64)
    }

    /// At least [`FAR`] times as much as usual, or as little.
    pub fn is_far(&self) -> bool {
        let [today, median, far] = [self.today, self.median, FAR].map(u128::from);
        self.seen > 0 && today != median && (today >= median * far || today * far <= median)
    }

    /// How much more or less than usual.
    pub fn distance(&self) -> u64 {
        self.today.abs_diff(self.median)
    }
}

/// What is kept of one day of the anchor.
#[derive(Clone, Debug)]
pub struct Day {
    day: NaiveDate,
    scanned: u64,
    fingerprint: String,
    rows: u64,
    peers: BTreeMap<Address, PeerDay>,
}

#[derive(Clone, Debug)]
struct PeerDay {
    connections: u64,
    bytes_in: u64,
    bytes_out: u64,
    first_seen: Option<NaiveDateTime>,
    /// Rows on each service port.
    ports: BTreeMap<u16, u64>,
}

impl PeerDay {
    fn bytes(&self) -> u64 {
        self.bytes_in.saturating_add(self.bytes_out)
    }
}

impl Day {
    /// Sums the flow rows of `anchor` on `day`, in the shape of [`crate::rows`]; `from` says of how many
    /// rows and which files they are.
    ///
    /// # Errors
    /// A frame of another shape.
    pub fn of(
        rows: &DataFrame,
        anchor: &Address,
        day: NaiveDate,
        from: &Provenance,
    ) -> Result<Self> {
        let flows = Flows::read(rows, anchor)?;
        let sums = Sums::of(&flows);
        let mut peers = BTreeMap::new();
        for (address, sum) in flows.peers.iter().zip(&sums.peers) {
            let (source, destination) = (&sum.source, &sum.destination);
            let connections = source.rows + destination.rows;
            if connections == 0 {
                continue;
            }
            let mut ports: BTreeMap<u16, u64> = BTreeMap::new();
            for (&port, &rows) in source.ports.iter().chain(&destination.ports) {
                *ports.entry(port).or_default() += rows;
            }
            let peer = PeerDay {
                connections,
                bytes_in: source.bytes.saturating_add(destination.bytes_back),
                bytes_out: destination.bytes.saturating_add(source.bytes_back),
                first_seen: span(source.seen, destination.seen).map(|(first, _)| datetime(first)),
                ports,
            };
            peers.insert(address.clone(), peer);
        }
        Ok(Self {
            day,
            scanned: from.scanned,
            fingerprint: from.fingerprint.clone(),
            rows: flows.flows.len() as u64 + flows.self_rows,
            peers,
        })
    }

    fn ports(&self) -> BTreeSet<u16> {
        self.peers.values().flat_map(|peer| peer.ports.keys().copied()).collect()
    }

    fn total(&self, of: fn(&PeerDay) -> u64) -> u64 {
        self.peers.values().map(of).fold(0, u64::saturating_add)
    }
}

/// One day of the range, as a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DaySum {
    /// The day, UTC.
    pub day: NaiveDate,
    /// Rows of the day, whoever's; 0: the table has none, nothing is known of the day.
    pub scanned: u64,
    /// Rows of the anchor.
    pub rows: u64,
    /// Its peers.
    pub peers: u64,
    /// Peers that no earlier day of the range had; of the first day with rows: all.
    pub new_peers: u64,
    /// Bytes that the anchor received.
    pub bytes_in: u64,
    /// Bytes that it sent.
    pub bytes_out: u64,
    /// Distinct service ports.
    pub service_ports: u64,
    /// The day's inputs, as [`Provenance::fingerprint`]; empty where nothing was read.
    pub fingerprint: String,
}

/// A peer of the day that no day before had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPeer {
    /// The peer.
    pub address: Address,
    /// Its first row, UTC; absent when no row has a time.
    pub first_seen: Option<NaiveDateTime>,
    /// Rows between anchor and peer.
    pub connections: u64,
    /// Bytes that the anchor received from it.
    pub bytes_in: u64,
    /// Bytes that the anchor sent to it.
    pub bytes_out: u64,
    /// Service ports, most rows first, then lower first; at most eight.
    pub ports: Vec<u16>,
    /// How many distinct service ports there are.
    pub port_count: u64,
}

impl NewPeer {
    /// Bytes both ways.
    pub fn bytes(&self) -> u64 {
        self.bytes_in.saturating_add(self.bytes_out)
    }
}

/// A service port of the day that no day before had, whoever the peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPort {
    /// The port.
    pub port: u16,
    /// Rows on it.
    pub connections: u64,
    /// Peers with such rows.
    pub peers: u64,
}

/// A peer that was seen before, with service ports that it did not have then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPeerPorts {
    /// The peer.
    pub peer: Address,
    /// Rows on the new ports.
    pub connections: u64,
    /// The new ports, most rows first, then lower first; at most eight.
    pub ports: Vec<u16>,
    /// How many new ports there are.
    pub port_count: u64,
}

/// Bytes of a peer that was seen before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerUsual {
    /// The peer.
    pub peer: Address,
    /// Bytes both ways.
    pub bytes: Usual,
}

/// The day's numbers beside those of the days before on which the anchor had rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Rows with the anchor.
    pub connections: Usual,
    /// Peers.
    pub peers: Usual,
    /// Bytes both ways.
    pub bytes: Usual,
    /// Bytes that the anchor received.
    pub bytes_in: Usual,
    /// Bytes that it sent.
    pub bytes_out: Usual,
    /// Distinct service ports.
    pub service_ports: Usual,
}

/// The day beside the days before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// Every day from the first of the range to the day itself, which is the last; gaps among them.
    pub days: Vec<DaySum>,
    /// Peers that no day before had: bytes descending, connections descending, address ascending.
    pub new_peers: Vec<NewPeer>,
    /// Service ports that no day before had: connections descending, port ascending.
    pub new_ports: Vec<NewPort>,
    /// Known peers with new service ports: connections descending, address ascending.
    pub new_peer_ports: Vec<NewPeerPorts>,
    /// All known peers of the day: the farthest from their usual bytes first, then by address.
    pub usual: Vec<PeerUsual>,
    /// The numbers on top, beside the usual ones.
    pub facts: Facts,
}

impl History {
    /// Days before the day of which the table has rows.
    pub fn days_before(&self) -> u64 {
        let before = self.days.split_last().map_or(&[][..], |(_, before)| before);
        before.iter().filter(|day| day.scanned > 0).count() as u64
    }

    /// All days of the range, the day itself among them, of which the table has rows.
    pub fn days_looked_at(&self) -> u64 {
        self.days.iter().filter(|day| day.scanned > 0).count() as u64
    }
}

/// Puts `today` beside the days `before` it, of a range that begins with `from`.
///
/// Days before `from` or after today do not count; of a day that is there twice the last one does.
pub fn history(from: NaiveDate, before: Vec<Day>, today: &Day) -> History {
    let before: BTreeMap<NaiveDate, Day> = before
        .into_iter()
        .filter(|day| (from..today.day).contains(&day.day) && day.scanned > 0)
        .map(|day| (day.day, day))
        .collect();
    let mut known: BTreeMap<&Address, BTreeSet<u16>> = BTreeMap::new();
    let mut days = Vec::new();
    let ends = from.min(today.day);
    for date in ends.iter_days().take_while(|date| *date <= today.day) {
        let day = if date == today.day { Some(today) } else { before.get(&date) };
        let new = |day: &Day| day.peers.keys().filter(|peer| !known.contains_key(peer)).count();
        days.push(line(date, day, day.map_or(0, |day| new(day) as u64)));
        if let Some(day) = day.filter(|day| day.day < today.day) {
            for (address, peer) in &day.peers {
                known.entry(address).or_default().extend(peer.ports.keys());
            }
        }
    }

    let mut found = History {
        days,
        new_peers: Vec::new(),
        new_ports: Vec::new(),
        new_peer_ports: Vec::new(),
        usual: Vec::new(),
        facts: facts(&before, today),
    };
    if before.is_empty() {
        return found;
    }
    let had: BTreeSet<u16> = known.values().flatten().copied().collect();
    let mut new_ports: BTreeMap<u16, NewPort> = BTreeMap::new();
    for (address, peer) in &today.peers {
        for (&port, &rows) in peer.ports.iter().filter(|(port, _)| !had.contains(port)) {
            let new = new_ports.entry(port).or_insert(NewPort { port, connections: 0, peers: 0 });
            new.connections += rows;
            new.peers += 1;
        }
        let Some(ports_before) = known.get(address) else {
            found.new_peers.push(new_peer(address, peer));
            continue;
        };
        let days_of = before.values().filter_map(|day| day.peers.get(address));
        let bytes = Usual::of(peer.bytes(), days_of.map(PeerDay::bytes));
        found.usual.push(PeerUsual { peer: address.clone(), bytes });
        let new = peer.ports.iter().filter(|(port, _)| !ports_before.contains(port));
        let new: BTreeMap<u16, u64> = new.map(|(&port, &rows)| (port, rows)).collect();
        if !new.is_empty() {
            let (ports, port_count) = named(&new);
            let connections = new.values().sum();
            let peer = address.clone();
            found.new_peer_ports.push(NewPeerPorts { peer, connections, ports, port_count });
        }
    }
    // Stable: what is equal stays in the order of addresses and ports.
    found.new_peers.sort_by_key(|peer| (u64::MAX - peer.bytes(), u64::MAX - peer.connections));
    found.new_ports = new_ports.into_values().collect();
    found.new_ports.sort_by_key(|port| u64::MAX - port.connections);
    found.new_peer_ports.sort_by_key(|peer| u64::MAX - peer.connections);
    found.usual.sort_by_key(|peer| u64::MAX - peer.bytes.distance());
    found
}

fn line(date: NaiveDate, day: Option<&Day>, new_peers: u64) -> DaySum {
    DaySum {
        day: date,
        scanned: day.map_or(0, |day| day.scanned),
        rows: day.map_or(0, |day| day.rows),
        peers: day.map_or(0, |day| day.peers.len() as u64),
        new_peers,
        bytes_in: day.map_or(0, |day| day.total(|peer| peer.bytes_in)),
        bytes_out: day.map_or(0, |day| day.total(|peer| peer.bytes_out)),
        service_ports: day.map_or(0, |day| day.ports().len() as u64),
        fingerprint: day.map(|day| day.fingerprint.clone()).unwrap_or_default(),
    }
}

fn facts(before: &BTreeMap<NaiveDate, Day>, today: &Day) -> Facts {
    let usual = |of: fn(&Day) -> u64| {
        Usual::of(of(today), before.values().filter(|day| day.rows > 0).map(of))
    };
    Facts {
        connections: usual(|day| day.rows),
        peers: usual(|day| day.peers.len() as u64),
        bytes: usual(|day| day.total(PeerDay::bytes)),
        bytes_in: usual(|day| day.total(|peer| peer.bytes_in)),
        bytes_out: usual(|day| day.total(|peer| peer.bytes_out)),
        service_ports: usual(|day| day.ports().len() as u64),
    }
}

fn new_peer(address: &Address, peer: &PeerDay) -> NewPeer {
    let (ports, port_count) = named(&peer.ports);
    NewPeer {
        address: address.clone(),
        first_seen: peer.first_seen,
        connections: peer.connections,
        bytes_in: peer.bytes_in,
        bytes_out: peer.bytes_out,
        ports,
        port_count,
    }
}

/// The ports with most rows, lower first among equals, and how many there are.
fn named(ports: &BTreeMap<u16, u64>) -> (Vec<u16>, u64) {
    let mut by_rows: Vec<(u16, u64)> = ports.iter().map(|(&port, &rows)| (port, rows)).collect();
    by_rows.sort_by_key(|&(port, rows)| (u64::MAX - rows, port));
    (by_rows.iter().take(PORTS_NAMED).map(|&(port, _)| port).collect(), by_rows.len() as u64)
}
