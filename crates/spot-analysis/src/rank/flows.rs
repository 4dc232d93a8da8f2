//! The ranking of flows: pairs of addresses, and hosts that scan.

use std::collections::{BTreeMap, HashMap};

use polars::prelude::*;

use super::beacon::{self, Beacon, Gaps};
use super::connections::Connection;
pub use super::connections::{NEEDED, NEEDED_AGAIN};
use super::fold::{Folded, Numbers};
use super::model::{Part, Ranked, Ranking, Subject};
use super::pairs::{first_seen, long, rare, upload};
use super::{Thresholds, ranked, scans};
use crate::error::Result;
use crate::model::Address;
use crate::network::Network;

pub(super) const MICROS: f64 = 1e6;

/// The rows of a day, as sums; they can be given in any number of parts.
#[derive(Default)]
pub struct FlowSums {
    folded: Folded,
}

impl FlowSums {
    /// Adds rows, in the shape of [`NEEDED`].
    ///
    /// # Errors
    /// A column is missing or has another type.
    pub fn add(&mut self, rows: &DataFrame) -> Result<()> {
        self.folded.add(rows)
    }

    /// The day, with the addresses that are ours.
    pub fn finish(self, network: &Network) -> FlowDay {
        let rows = self.folded.rows;
        let (numbers, connections) = self.folded.finish();
        let hosts = numbers.addresses.iter().map(|one| Host::of(one.clone(), network)).collect();
        FlowDay { rows, hosts, connections, gaps: HashMap::new(), numbers, cut: 0 }
    }
}

/// An address of the day.
#[derive(Clone, Debug)]
pub(super) struct Host {
    pub address: Address,
    pub inside: bool,
    /// Multicast, broadcast or unspecified: nobody's.
    pub group: bool,
}

impl Host {
    fn of(address: Address, network: &Network) -> Self {
        use std::net::IpAddr::{V4, V6};
        let group = match address.ip() {
            Some(V4(ip)) => ip.is_multicast() || ip.is_broadcast() || ip.is_unspecified(),
            Some(V6(ip)) => ip.is_multicast() || ip.is_unspecified(),
            None => true,
        };
        Self { inside: network.inside(&address).inside, address, group }
    }
}

/// What is known of the days before.
#[derive(Clone, Debug, Default)]
pub struct Before {
    pub(super) days: u32,
    /// Outside addresses that somebody inside talked to.
    pub(super) known: std::collections::HashSet<Address>,
    /// Bytes sent out, of each day with any.
    sent: HashMap<Address, Vec<i64>>,
}

impl Before {
    /// Adds a day.
    pub fn add(&mut self, day: &FlowDay) {
        self.days += 1;
        let mut sent: HashMap<u32, i64> = HashMap::new();
        for pair in day.pairs() {
            let (client, server) = (&day.hosts[pair.client()], &day.hosts[pair.server()]);
            for (one, other) in [(client, server), (server, client)] {
                if !one.inside && other.inside {
                    self.known.insert(one.address.clone());
                }
            }
            if client.inside && !server.inside {
                *sent.entry(pair.of[0].client).or_default() += pair.sum(|c| c.up);
            }
        }
        for (host, bytes) in sent {
            let address = day.hosts[host as usize].address.clone();
            self.sent.entry(address).or_default().push(bytes);
        }
    }

    /// Days that were added.
    pub fn days(&self) -> u32 {
        self.days
    }
}

/// A day's connections by client, server and port.
#[derive(Default)]
pub struct FlowDay {
    rows: u64,
    pub(super) hosts: Vec<Host>,
    /// In order of client, server, port.
    pub(super) connections: Vec<Connection>,
    /// By place in `connections`.
    gaps: HashMap<usize, Gaps>,
    numbers: Numbers,
    /// Pairs whose gaps were not looked at.
    cut: usize,
}

/// All that one address asked of another.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    /// At least one; a line for each port.
    pub of: &'a [Connection],
    /// Where they begin.
    pub at: usize,
}

impl Pair<'_> {
    pub fn client(&self) -> usize {
        self.of[0].client as usize
    }

    pub fn server(&self) -> usize {
        self.of[0].server as usize
    }

    pub fn sum(&self, of: impl Fn(&Connection) -> i64) -> i64 {
        self.of.iter().map(of).fold(0, i64::saturating_add)
    }
}

/// Who talks to a peer, and how many hosts of ours there are.
pub(super) struct Popularity {
    /// By number of the address: inside hosts at the other end.
    pub hosts: HashMap<u32, u32>,
    pub inside: usize,
}

impl FlowDay {
    /// Rows that were read.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = Pair<'_>> {
        let mut at = 0;
        let same = |a: &Connection, b: &Connection| (a.client, a.server) == (b.client, b.server);
        self.connections.chunk_by(same).map(move |of| {
            let pair = Pair { of, at };
            at += of.len();
            pair
        })
    }

    fn popularity(&self) -> Popularity {
        let mut hosts: HashMap<u32, u32> = HashMap::new();
        let mut both: Vec<(u32, u32)> = Vec::new();
        for pair in self.pairs() {
            let (client, server) = (pair.of[0].client, pair.of[0].server);
            for (one, other) in [(client, server), (server, client)] {
                if self.hosts[other as usize].inside && !self.hosts[other as usize].group {
                    both.push((one, other));
                }
            }
        }
        both.sort_unstable();
        both.dedup();
        both.iter().for_each(|(one, _)| *hosts.entry(*one).or_default() += 1);
        let inside = self.hosts.iter().filter(|host| host.inside && !host.group).count();
        Popularity { hosts, inside }
    }

    /// Seconds between the first and the last row.
    fn span(&self) -> f64 {
        let seen = |c: &Connection| c.seen;
        let ends =
            self.connections.iter().filter_map(seen).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        ends.map_or(0.0, |(first, last)| last.saturating_sub(first) as f64 / MICROS)
    }

    /// The connections whose gaps are worth a second look; none if there are none.
    pub fn candidates(&mut self, t: &Thresholds) -> Option<Beacon> {
        let popularity = self.popularity();
        let shared = (t.beacon_shared * popularity.inside as f64).max(t.beacon_shared_hosts);
        let asked = |host: u32| popularity.hosts.get(&host).copied().unwrap_or(0);
        let mut wanted: Vec<(u32, usize)> = Vec::new();
        for (place, one) in self.connections.iter().enumerate() {
            let clients = asked(one.server);
            let many = one.asked as f64 >= t.beacon_times && one.asked as f64 <= t.beacon_most;
            let one_way = self.hosts[one.server as usize].group;
            let Some((first, last)) = one.seen.filter(|_| many && !one_way) else { continue };
            let open = one.lasted as f64 / (last - first).max(1) as f64;
            let gap = (last - first) as f64 / MICROS / (one.asked - 1).max(1) as f64;
            if f64::from(clients) <= shared && open <= t.beacon_busy && gap >= t.beacon_fast_gap {
                wanted.push((clients, place));
            }
        }
        // By name, not by number: numbers depend on the order of the rows.
        let name = |place: usize| {
            let one = &self.connections[place];
            let host = |id: u32| self.hosts[id as usize].address.as_str();
            (host(one.client), host(one.server), one.port)
        };
        let most = t.beacon_candidates as usize;
        if wanted.len() > most {
            wanted.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| name(a.1).cmp(&name(b.1))));
            self.cut = wanted.len() - most;
            wanted.truncate(most);
        }
        if wanted.is_empty() {
            return None;
        }
        let wanted = wanted.into_iter().map(|(_, place)| {
            let one = &self.connections[place];
            ((one.client, one.server, one.port), place)
        });
        Some(Beacon::new(&self.numbers, wanted.collect()))
    }

    /// Takes what a second look has found.
    pub fn gaps(&mut self, found: Beacon, t: &Thresholds) {
        self.gaps = found.gaps(t.beacon_fast_bin);
    }

    /// The ranking of the day.
    pub fn rank(&self, before: Option<&Before>, t: &Thresholds) -> Ranking {
        let (popularity, span) = (self.popularity(), self.span());
        let before = before.filter(|before| before.days > 0);
        let usual = self.usual(before, t);
        let mut looked_at = 0;
        let mut all: Vec<Ranked> = Vec::new();
        for pair in self.pairs() {
            looked_at += 1;
            let (client, server) = (&self.hosts[pair.client()], &self.hosts[pair.server()]);
            let mut parts: Vec<Part> = Vec::new();
            let beacons = pair.of.iter().enumerate().filter_map(|(port, one)| {
                beacon::part(self.gaps.get(&(pair.at + port))?, one, span, t)
            });
            parts.extend(beacons.max_by(|a, b| a.score.total_cmp(&b.score)));
            if !client.inside {
                parts.iter_mut().for_each(|part| part.score *= t.outside_beacon_factor);
            }
            let crosses = client.inside != server.inside;
            if crosses {
                parts.extend(long(&pair, span, t));
            }
            if client.inside && !server.inside && !server.group {
                let sent = pair.sum(|c| c.up);
                let usual = usual.of(pair.of[0].client, sent);
                parts.extend(upload(&pair, sent, usual, t));
            }
            if parts.is_empty() {
                continue;
            }
            if (client.inside && server.inside) || client.group || server.group {
                parts.iter_mut().for_each(|part| part.score *= t.inside_factor);
            }
            if crosses {
                let peer = if client.inside { pair.of[0].server } else { pair.of[0].client };
                parts.extend(rare(&popularity, peer, t));
                parts.extend(first_seen(before, &self.hosts[peer as usize].address));
            }
            let subject =
                Subject::Pair { client: client.address.clone(), server: server.address.clone() };
            all.extend(ranked(subject, parts, t));
        }
        all.extend(scans::hosts(self, t).into_iter().filter_map(|(host, part)| {
            ranked(Subject::Host { address: self.hosts[host].address.clone() }, vec![part], t)
        }));
        let mut ranking = Ranking::of(all, looked_at);
        if self.cut > 0 {
            let most = t.beacon_candidates;
            ranking.notes.push(format!(
                "{} pairs more than the {most} of beacon_candidates could be beacons; their gaps were \
                 not looked at",
                self.cut
            ));
        }
        if popularity.inside > 0 && (popularity.inside as f64) < t.rare_population {
            let hosts = popularity.inside;
            ranking.notes.push(format!("{hosts} inside hosts are too few to call a peer rare"));
        }
        ranking
    }

    fn usual(&self, before: Option<&Before>, t: &Thresholds) -> Usual {
        let mut peers: BTreeMap<u32, Vec<i64>> = BTreeMap::new();
        let mut known = HashMap::new();
        for pair in self.pairs() {
            let (client, server) = (&self.hosts[pair.client()], &self.hosts[pair.server()]);
            if !client.inside || server.inside || server.group {
                continue;
            }
            peers.entry(pair.of[0].client).or_default().push(pair.sum(|c| c.up));
            if let Some(days) = before.and_then(|before| before.sent.get(&client.address)) {
                let mut days = days.clone();
                days.sort_unstable();
                known.insert(pair.of[0].client, days[days.len() / 2] as f64);
            }
        }
        peers.values_mut().for_each(|sent| sent.sort_unstable());
        Usual { peers, known, floor: t.upload_floor, least: t.upload_peers as usize }
    }
}

pub(super) const ASSUMED: &str = "assumed of a host with few peers";

/// What hosts send to one outside peer.
struct Usual {
    /// By host: bytes to each of its peers, least first.
    peers: BTreeMap<u32, Vec<i64>>,
    /// Of the days before: bytes of a day.
    known: HashMap<u32, f64>,
    floor: f64,
    least: usize,
}

impl Usual {
    /// Bytes, and of what they are usual.
    fn of(&self, host: u32, sent: i64) -> (f64, &'static str) {
        if let Some(bytes) = self.known.get(&host) {
            return (bytes.max(self.floor), "usual of a whole day before");
        }
        let others: Vec<i64> = self.peers.get(&host).cloned().unwrap_or_default();
        // Without the pair itself.
        let place = others.iter().position(|bytes| *bytes == sent);
        let count = others.len().saturating_sub(1);
        if count < self.least {
            return (self.floor, ASSUMED);
        }
        let middle = count / 2;
        let middle = if place.is_some_and(|place| place <= middle) { middle + 1 } else { middle };
        let bytes = others.get(middle).copied().unwrap_or(0) as f64;
        (bytes.max(self.floor), "usual for one of its other peers")
    }
}
