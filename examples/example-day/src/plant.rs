//! From the tables of [`crate::incidents`] to rows.

use std::net::IpAddr;

use rand::Rng;
use rand::seq::{IndexedRandom, SliceRandom};

use crate::clock::HOUR_MS;
use crate::flow::{
    ACK, CLOSED, Conversation, Flow, PSH, Proto, RST, SYN, ephemeral, syns, tcp_volumes,
};
use crate::hosts::{Role, Site};
use crate::incidents::{BEACON, BURSTS, Beacon, Burst, FULL_ROWS, LATERAL, SWEEP, Sweep};
use crate::sample::stream;
use crate::{Params, odd};

/// Spot's score of what is certainly bad.
const HIGH: u8 = 1;

/// All planted rows of the day, in no order.
pub fn flows(params: Params, midnight_ms: i64, site: &Site) -> Vec<Flow> {
    let scale = (params.rows as f64 / FULL_ROWS as f64).min(1.0);
    // Streams 0 to 23 are the hours'.
    let rng = |n: u64| stream(params.seed, 100 + n);
    let mut all = BEACON.flows(scale, midnight_ms, &mut rng(0));
    all.extend(SWEEP.flows(scale, midnight_ms, site, &mut rng(1)));
    all.extend(LATERAL.flows(scale, midnight_ms, site, &mut rng(2)));
    for (burst, n) in BURSTS.iter().zip(3..) {
        all.extend(burst.flows(scale, midnight_ms, &mut rng(n)));
    }
    all.extend(odd::flows(midnight_ms, &mut rng(99)));
    all
}

/// `full` shrunk to `scale`, not below `least`.
fn scaled((full, least): (usize, usize), scale: f64) -> usize {
    ((full as f64 * scale) as usize).max(least)
}

/// Scores `count` of the rows that `chosen` accepts, evenly spread over the rows.
fn score(flows: &mut [Flow], count: usize, chosen: impl Fn(&Flow) -> bool) {
    let rows: Vec<usize> = (0..flows.len()).filter(|&i| chosen(&flows[i])).collect();
    let count = count.min(rows.len());
    for n in 0..count {
        flows[rows[n * rows.len() / count]].score = HIGH;
    }
}

impl Beacon {
    fn flows(&self, scale: f64, midnight_ms: i64, rng: &mut impl Rng) -> Vec<Flow> {
        // A short day keeps every n-th call, so that the interval stays regular.
        let every =
            ((1.0 / scale) as i64).clamp(1, 24 * HOUR_MS / self.period_ms / self.least as i64);
        let period = self.period_ms * every;
        let mut flows = Vec::new();
        let mut end = rng.random_range(0..period);
        while end < 24 * HOUR_MS {
            // One call in a hundred carries an order and its result.
            let (up, down) = if rng.random_bool(0.01) { (9_000, 52_000) } else { (640, 410) };
            let (up, down) =
                tcp_volumes(up + rng.random_range(0..48), down + rng.random_range(0..32), false);
            let call = Conversation {
                client: self.from,
                server: self.to,
                client_port: ephemeral(rng),
                server_port: self.port,
                proto: Proto::Tcp,
                end_ms: midnight_ms + end,
                length_ms: rng.random_range(380..900),
                up,
                down: Some(down),
                flags: (CLOSED, CLOSED),
            };
            flows.extend(call.rows());
            end += period + rng.random_range(-self.jitter_ms..=self.jitter_ms);
        }
        score(&mut flows, 3, |flow| flow.src == self.from);
        flows
    }
}

impl Sweep {
    fn flows(&self, scale: f64, midnight_ms: i64, site: &Site, rng: &mut impl Rng) -> Vec<Flow> {
        let mut rest: Vec<(Role, IpAddr)> =
            site.hosts.iter().map(|host| (host.role, host.v4.into())).collect();
        rest.retain(|(_, ip)| *ip != self.from);
        let (mut targets, mut rest): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(|(_, ip)| self.first.contains(ip));
        rest.shuffle(rng);
        targets.extend(rest);

        let count = scaled(self.probes, scale);
        let (begin, end) = self.when;
        let mut flows = Vec::new();
        let probes =
            targets.iter().flat_map(|target| self.ports.iter().map(move |port| (target, *port)));
        for (n, (&(role, server), server_port)) in probes.take(count).enumerate() {
            let v6 = server.is_ipv6();
            let tries = *[1, 1, 2].choose(rng).unwrap_or(&1);
            let (up, down, flags) = if self.open.contains(&(role, server_port)) {
                // A half-open scan: SYN, its answer, and off.
                (syns(2, v6), Some(syns(1, v6)), (SYN | RST, SYN | ACK))
            } else if rng.random_bool(self.refused) {
                (syns(1, v6), Some(syns(1, v6)), (SYN, ACK | RST))
            } else {
                (syns(tries, v6), None, (SYN, 0))
            };
            let probe = Conversation {
                client: self.from,
                server,
                client_port: ephemeral(rng),
                server_port,
                proto: Proto::Tcp,
                end_ms: midnight_ms
                    + begin
                    + (end - begin) * n as i64 / count as i64
                    + rng.random_range(0..1_500),
                length_ms: if down.is_none() { 1_000 * (tries as i64 - 1) } else { 1 },
                up,
                down,
                flags,
            };
            flows.extend(probe.rows());
        }
        let open = |flow: &Flow| flow.src == self.from && flow.flags & RST != 0;
        for target in self.first {
            // A target with an open port is what an analyst would mark.
            score(&mut flows, 2, |flow| open(flow) && flow.dst == *target);
        }
        flows
    }
}

impl Burst {
    fn flows(&self, scale: f64, midnight_ms: i64, rng: &mut impl Rng) -> Vec<Flow> {
        let count = scaled(self.count, scale);
        let (begin, end) = self.when;
        let (up, down, seconds) = self.sizes;
        let v6 = self.from.is_ipv6();
        let mut flows = Vec::new();
        for n in 0..count {
            let drawn = (
                up.draw(2.4e9, rng) as u64,
                down.draw(2.4e9, rng) as u64,
                (seconds.draw(1_700.0, rng) * 1e3) as i64,
            );
            let last = self.last.filter(|_| n + 1 == count);
            let (up, down, length_ms) =
                last.map_or(drawn, |(up, down, seconds)| (up, down, seconds * 1_000));
            let (up, down) = tcp_volumes(up, down, v6);
            // Somewhere in its share of the time; the last one ends with it.
            let share = (end - begin) / count as i64;
            let early = if last.is_some() { 0 } else { rng.random_range(0..share.max(1)) };
            let talk = Conversation {
                client: self.from,
                server: self.to,
                client_port: ephemeral(rng),
                server_port: self.port,
                proto: Proto::Tcp,
                end_ms: midnight_ms + begin + share * (n as i64 + 1) - early,
                length_ms: length_ms + rng.random_range(0..1_000),
                up,
                down: Some(down),
                flags: (CLOSED, SYN | ACK | PSH),
            };
            flows.extend(talk.rows());
        }
        score(&mut flows, self.scored, |flow| flow.src == self.from);
        if self.last.is_some() {
            // The row that differs is the first one that an analyst sees.
            if let Some(flow) = flows.iter_mut().rev().find(|flow| flow.src == self.from) {
                flow.score = HIGH;
            }
        }
        flows
    }
}
