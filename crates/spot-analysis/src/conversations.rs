//! What can be scored of a day without machine learning: who had to do with whom over which service.

use std::collections::BTreeMap;

use chrono::DateTime;
use polars::prelude::*;

use crate::biflow;
use crate::error::Result;
use crate::flows::{Flow, Flows};
use crate::model::{Address, Role};

/// Peer, protocol and service port: one conversation, however often it was taken up.
type Key = (u32, u32, Option<u16>);

/// The first row of a conversation and what all its rows carried, seen from the anchor.
struct Sums {
    first: Flow,
    /// Packets and bytes that the anchor sent, and that it received.
    out: (u64, u64),
    into: (u64, u64),
}

/// The conversations of `anchor`: a row for each peer, protocol and service port, in the columns of Spot's
/// `flow_scores` that say which flow it is: `tstart`, `srcip`, `dstip`, `sport`, `dport`, `proto`, and the
/// sums `ipkt`, `ibyt` (source to destination), `opkt`, `obyt` (back).
///
/// Time, ends and ports are those of the conversation's first row, so that it is the same one whenever it
/// is asked for. Sorted by time, then by ends and ports. `rows` has the shape
/// of [`crate::rows`].
///
/// # Errors
/// A frame of another shape.
pub fn conversations(rows: &DataFrame, anchor: &Address) -> Result<DataFrame> {
    let flows = Flows::read(rows, anchor)?;
    let ports = biflow::join(&flows).service_ports;
    let mut found: BTreeMap<Key, Sums> = BTreeMap::new();
    for (flow, port) in flows.flows.iter().zip(ports) {
        let sums = found.entry((flow.peer, flow.proto, port)).or_insert_with(|| Sums {
            first: *flow,
            out: (0, 0),
            into: (0, 0),
        });
        if order(flow) < order(&sums.first) {
            sums.first = *flow;
        }
        let (there, back) = ((flow.packets, flow.bytes), (flow.packets_back, flow.bytes_back));
        let (out, into) = match flow.role {
            Role::Destination => (there, back),
            Role::Source => (back, there),
        };
        for (sum, more) in [(&mut sums.out, out), (&mut sums.into, into)] {
            *sum = (sum.0.saturating_add(more.0), sum.1.saturating_add(more.1));
        }
    }
    frame(&flows, found.into_values().collect(), anchor)
}

/// The earliest first; of one time the smaller ports.
fn order(flow: &Flow) -> (bool, Option<i64>, Option<u16>, Option<u16>, bool) {
    let from_peer = flow.role == Role::Source;
    (flow.end.is_none(), flow.end, flow.anchor_port, flow.peer_port, from_peer)
}

fn frame(flows: &Flows, found: Vec<Sums>, anchor: &Address) -> Result<DataFrame> {
    let time = |flow: &Flow| {
        let time = flow.end.and_then(DateTime::from_timestamp_micros);
        time.map(|time| time.format("%Y-%m-%d %H:%M:%S").to_string())
    };
    let own = anchor.as_str();
    let mut rows: Vec<_> = found
        .iter()
        .map(|Sums { first, out, into }| {
            let peer = flows.peers.get(first.peer as usize).map_or("", Address::as_str);
            let ports = (first.anchor_port, first.peer_port);
            let (ends, (sport, dport), there, back) = match first.role {
                Role::Destination => ((own, peer), ports, out, into),
                Role::Source => ((peer, own), (ports.1, ports.0), into, out),
            };
            let proto = flows.protos.get(first.proto as usize).map_or("", String::as_str);
            (time(first).unwrap_or_default(), ends, sport, dport, proto, *there, *back)
        })
        .collect();
    rows.sort_unstable();
    let text = |of: &dyn Fn(usize) -> String| (0..rows.len()).map(of).collect::<Vec<_>>();
    let port = |port: Option<u16>| i32::from(port.unwrap_or(0));
    let number = |of: &dyn Fn(usize) -> u64| {
        let signed = |row| i64::try_from(of(row)).unwrap_or(i64::MAX);
        (0..rows.len()).map(signed).collect::<Vec<_>>()
    };
    Ok(df!(
        "tstart" => text(&|row| rows[row].0.clone()),
        "srcip" => text(&|row| rows[row].1.0.to_owned()),
        "dstip" => text(&|row| rows[row].1.1.to_owned()),
        "sport" => rows.iter().map(|row| port(row.2)).collect::<Vec<_>>(),
        "dport" => rows.iter().map(|row| port(row.3)).collect::<Vec<_>>(),
        "proto" => text(&|row| rows[row].4.to_owned()),
        "ipkt" => number(&|row| rows[row].5.0),
        "ibyt" => number(&|row| rows[row].5.1),
        "opkt" => number(&|row| rows[row].6.0),
        "obyt" => number(&|row| rows[row].6.1),
    )?)
}
