//! A finding beside the days before, as JSON and for people at a terminal.

use std::fmt::Display;

use chrono::NaiveDateTime;
use serde_json::{Value, json};
use spot_analysis::dns::{self, history as answers};
use spot_analysis::history::{History, Usual};
use spot_analysis::model::Investigation;

use crate::text::Lines;

/// New things that are listed for people; all are counted.
const LISTED: usize = 10;

/// The contract of `history` in `spot search flow --format json`.
pub fn flow(history: &History) -> Value {
    let facts = &history.facts;
    json!({
        "daysBefore": history.days_before(),
        "days": history.days.iter().map(|day| json!({
            "date": day.day.to_string(),
            "scanned": day.scanned,
            "rows": day.rows,
            "peers": day.peers,
            "newPeers": day.new_peers,
            "bytesIn": day.bytes_in,
            "bytesOut": day.bytes_out,
            "servicePorts": day.service_ports,
            "fingerprint": day.fingerprint,
        })).collect::<Vec<_>>(),
        "newPeers": history.new_peers.iter().map(|peer| json!({
            "peer": peer.address,
            "firstSeen": time(peer.first_seen),
            "connections": peer.connections,
            "bytes": peer.bytes(),
            "bytesIn": peer.bytes_in,
            "bytesOut": peer.bytes_out,
            "servicePorts": peer.ports,
            "servicePortCount": peer.port_count,
        })).collect::<Vec<_>>(),
        "newPorts": history.new_ports.iter().map(|port| json!({
            "port": port.port,
            "connections": port.connections,
            "peers": port.peers,
        })).collect::<Vec<_>>(),
        "newPeerPorts": history.new_peer_ports.iter().map(|peer| json!({
            "peer": peer.peer,
            "connections": peer.connections,
            "ports": peer.ports,
            "portCount": peer.port_count,
        })).collect::<Vec<_>>(),
        "usual": history.usual.iter().map(|peer| {
            let mut line = usual(&peer.bytes);
            line["peer"] = json!(peer.peer);
            line
        }).collect::<Vec<_>>(),
        "facts": {
            "connections": usual(&facts.connections),
            "peers": usual(&facts.peers),
            "bytes": usual(&facts.bytes),
            "bytesIn": usual(&facts.bytes_in),
            "bytesOut": usual(&facts.bytes_out),
            "servicePorts": usual(&facts.service_ports),
        },
    })
}

/// The contract of `history` in `spot search dns --format json`.
pub fn dns(history: &answers::History) -> Value {
    let facts = &history.facts;
    let new = |all: &[answers::New]| {
        let one = |new: &answers::New| json!({"value": new.text, "answers": new.answers, "firstSeen": time(new.first_seen)});
        all.iter().map(one).collect::<Vec<_>>()
    };
    json!({
        "daysBefore": history.days_before(),
        "days": history.days.iter().map(|day| json!({
            "date": day.day.to_string(),
            "scanned": day.scanned,
            "answers": day.answers,
            "names": day.names,
            "domains": day.domains,
            "clients": day.clients,
            "servers": day.servers,
            "nxdomain": day.nxdomain,
            "new": day.new,
            "fingerprint": day.fingerprint,
        })).collect::<Vec<_>>(),
        "newNames": new(&history.new_names),
        "newDomains": new(&history.new_domains),
        "newClients": new(&history.new_clients),
        "newServers": new(&history.new_servers),
        "usual": history.usual.iter().map(|lane| {
            let mut line = usual(&lane.answers);
            line["of"] = json!(lane.of);
            line
        }).collect::<Vec<_>>(),
        "facts": {
            "answers": usual(&facts.answers),
            "names": usual(&facts.names),
            "domains": usual(&facts.domains),
            "clients": usual(&facts.clients),
            "servers": usual(&facts.servers),
            "nxdomain": usual(&facts.nxdomain),
        },
    })
}

fn usual(usual: &Usual) -> Value {
    json!({
        "today": usual.today,
        "median": usual.median,
        "min": usual.min,
        "max": usual.max,
        "seenDays": usual.seen,
        "ratio": usual.ratio(),
    })
}

fn time(at: Option<NaiveDateTime>) -> Option<String> {
    at.map(|at| at.format("%Y-%m-%d %H:%M:%S").to_string())
}

/// What is new, in a few lines; nothing where no range was asked for.
pub fn text(found: &Investigation) -> String {
    let Some(history) = &found.history else { return String::new() };
    let facts = &history.facts;
    let mut out = Lines::default();
    if !head(&mut out, history.days_before()) {
        return out.0;
    }
    let peers = history.new_peers.len();
    out.line(format_args!(
        "{peers} of {} peers and {} of {} service ports are new, first seen on {} of the {} days looked at.",
        facts.peers.today,
        history.new_ports.len(),
        facts.service_ports.today,
        found.day,
        history.days_looked_at()
    ));
    for (name, one) in [("connections", &facts.connections), ("bytes", &facts.bytes)] {
        against(&mut out, name, one, history.days_before());
    }
    listed(&mut out, "New peers", history.new_peers.iter().map(|peer| &peer.address));
    listed(&mut out, "New service ports", history.new_ports.iter().map(|port| port.port));
    let known = history.new_peer_ports.iter().map(|peer| &peer.peer);
    listed(&mut out, "Known peers with new service ports", known);
    let far = history.usual.iter().filter(|peer| peer.bytes.is_far()).map(|peer| &peer.peer);
    listed(&mut out, "Peers with bytes far from their usual", far);
    out.0
}

/// As [`text`], of DNS.
pub fn dns_text(found: &dns::Investigation) -> String {
    let Some(history) = &found.history else { return String::new() };
    let mut out = Lines::default();
    if !head(&mut out, history.days_before()) {
        return out.0;
    }
    let facts = &history.facts;
    let client = matches!(found.anchor, dns::Anchor::Client(_));
    // A client is one client, a name one name.
    let several = client || found.scope != dns::Scope::Exact;
    let kinds = [
        (several, "domains", &history.new_domains, facts.domains),
        (several, "names", &history.new_names, facts.names),
        (!client, "clients", &history.new_clients, facts.clients),
        (true, "servers", &history.new_servers, facts.servers),
    ];
    let kinds = || kinds.iter().filter(|(told, ..)| *told);
    let counts: Vec<String> = kinds()
        .map(|(_, what, new, all)| format!("{} of {} {what}", new.len(), all.today))
        .collect();
    out.line(format_args!(
        "New, first seen on {} of the {} days looked at: {}.",
        found.day,
        history.days_looked_at(),
        counts.join(", ")
    ));
    against(&mut out, "answers", &facts.answers, history.days_before());
    for (_, what, new, _) in kinds() {
        listed(&mut out, &format!("New {what}"), new.iter().map(|new| &new.text));
    }
    let far =
        history.usual.iter().filter(|lane| lane.answers.is_far()).map(|lane| lane.of.as_str());
    listed(&mut out, "Answers far from their usual", far);
    out.0
}

/// The first lines; false when there is nothing to compare with.
fn head(out: &mut Lines, days_before: u64) -> bool {
    out.line("");
    match days_before {
        0 => out.line("The table has no rows of the days before: nothing to compare with."),
        1 => out.line("Against the day before:"),
        n => out.line(format_args!("Against the {n} days before:")),
    }
    days_before > 0
}

fn against(out: &mut Lines, name: &str, usual: &Usual, days_before: u64) {
    let Usual { today, median, min, max, seen } = usual;
    match usual.ratio() {
        Some(ratio) => out.line(format_args!(
            "{today} {name}, {ratio:.1} x the usual {median} ({min} to {max} on {seen} of {days_before} days)"
        )),
        None if *seen == 0 => out.line(format_args!("{today} {name}, on none of {days_before} days before any")),
        None => out.line(format_args!("{today} {name}, usually 0 ({min} to {max} on {seen} of {days_before} days)")),
    }
}

fn listed<T: Display>(out: &mut Lines, what: &str, all: impl Iterator<Item = T>) {
    let all: Vec<String> = all.map(|one| one.to_string()).collect();
    if all.is_empty() {
        return;
    }
    let shown = &all[..all.len().min(LISTED)];
    out.line(format_args!("{what}, {} of {}: {}", shown.len(), all.len(), shown.join(", ")));
}
