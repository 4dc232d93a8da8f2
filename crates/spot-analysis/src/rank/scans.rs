//! Scans: one host that tries many ports, many hosts or many times, and hardly gets an answer.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::connections::Connection;
use super::flows::FlowDay;
use super::model::{Kind, Part, Technique, number};
use super::{Thresholds, counted, grown};

/// What one host tried.
#[derive(Default)]
struct Tried {
    /// Ports of the host at which it tried most of them.
    ports: (i64, u32),
    /// Hosts by port.
    hosts: HashMap<i32, i64>,
    /// Most tries at one port of one host.
    tries: (i64, i32),
    connections: i64,
    packets: i64,
}

/// Hosts that scan, by number, in order.
pub(super) fn hosts(day: &FlowDay, t: &Thresholds) -> Vec<(usize, Part)> {
    // What has no ports is answered by rows of the other end.
    let portless: HashSet<(u32, u32)> =
        day.connections.iter().filter(|c| c.port == 0).map(|c| (c.client, c.server)).collect();
    let mut tried: BTreeMap<u32, Tried> = BTreeMap::new();
    for pair in day.pairs() {
        // Who asks a group gets no answer there.
        if day.hosts[pair.server()].group || day.hosts[pair.client()].group {
            continue;
        }
        let answered = |c: &&Connection| c.port != 0 || !portless.contains(&(c.server, c.client));
        let mut ports = 0;
        for one in pair.of.iter().filter(|c| is_try(c, t)).filter(answered) {
            let host = tried.entry(one.client).or_default();
            ports += 1;
            *host.hosts.entry(one.port).or_default() += 1;
            host.tries = host.tries.max((one.asked, one.port));
            host.connections += one.asked;
            host.packets += one.up_packets;
        }
        if let Some(host) = tried.get_mut(&pair.of[0].client).filter(|_| ports > 0)
            && ports > host.ports.0
        {
            host.ports = (ports, pair.of[0].server);
        }
    }
    let one = |(host, tried): (u32, Tried)| {
        let mut part = part(&tried, t)?;
        if !day.hosts[host as usize].inside {
            part.score *= t.outside_scan_factor;
        }
        Some((host as usize, part))
    };
    tried.into_iter().filter_map(one).collect()
}

/// Little was said, and nothing was answered but a refusal.
fn is_try(c: &Connection, t: &Thresholds) -> bool {
    let rows = c.asked as f64;
    c.asked > 0
        && c.up_packets as f64 <= t.scan_packets * rows
        && c.down as f64 <= t.scan_answer * rows
}

fn part(tried: &Tried, t: &Thresholds) -> Option<Part> {
    let ports = tried.ports.0;
    // The lowest port of those with most hosts.
    let (hosts, port) = tried
        .hosts
        .iter()
        .map(|(port, hosts)| (*hosts, -i64::from(*port)))
        .max()
        .map(|(hosts, port)| (hosts, -port))?;
    let (tries, at) = tried.tries;
    let down = grown(ports as f64, t.scan_ports, t.scan_ports_full);
    let across = grown(hosts as f64, t.scan_hosts, t.scan_hosts_full);
    let again = grown(tries as f64, t.scan_tries, t.scan_tries_full);
    // Each is enough; together they are no less.
    let score = 1.0 - (1.0 - down) * (1.0 - across) * (1.0 - 0.8 * again);
    if score <= 0.0 {
        return None;
    }
    let mut said = Vec::new();
    if down > 0.0 {
        said.push(format!("{} of one host", counted(ports, "port")));
    }
    if across > 0.0 {
        said.push(format!("{} at port {port}", counted(hosts, "host")));
    }
    if again > 0.0 {
        said.push(format!("port {at} of one host {tries} times"));
    }
    let technique = match down.max(across) >= 0.8 * again {
        true => Technique { id: "T1046", name: "Network Service Discovery" },
        false => Technique { id: "T1110", name: "Brute Force" },
    };
    Some(Part {
        kind: Kind::Scan,
        score,
        numbers: vec![
            number("ports_of_one_host", ports as f64, "ports"),
            number("hosts_at_one_port", hosts as f64, "hosts"),
            number("tries_at_one_port", tries as f64, "tries"),
            number("connections", tried.connections as f64, "connections"),
            number("packets", tried.packets as f64, "packets"),
        ],
        technique: Some(technique),
        sentence: format!(
            "It tried {}, in {} with {}, and got no answer or a refusal.",
            said.join(", and "),
            counted(tried.connections, "connection"),
            counted(tried.packets, "packet"),
        ),
    })
}
