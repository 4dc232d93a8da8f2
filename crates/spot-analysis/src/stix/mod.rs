//! A story as a bundle of STIX 2.1, for platforms that share what analysts saw.
//!
//! A bundle holds one `report` (title, text, what was seen), one `observed-data` for each peer, or for each
//! client and name, with the cyber-observable objects behind it (`network-traffic`, `ipv4-addr`,
//! `ipv6-addr`, `domain-name`), an `identity` if the author is known, and a `note` for each thing that
//! the reader of the numbers should know. It says what was seen and not what it means: no `indicator`.
//!
//! Identifiers are UUIDs of version 5, so that the same story gives the same bundle: those of
//! observables as the standard has it, all others in [`NAMESPACE`]. A later revision of a story has the same
//! identifier and a later `modified`, which is how STIX tells versions. Texts that are no addresses or no
//! domain names have no place in STIX; a note says how many were left out, and names them.

mod bundle;
mod ids;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use polars::prelude::*;
use serde_json::{Map, Value, json};

use self::bundle::{Bundle, brief};
pub use self::ids::NAMESPACE;
use self::ids::observable_id;
use crate::error::Result;
use crate::model::Address;

/// The largest whole number that every reader of JSON reads right.
const MOST_EXACT: u64 = (1 << 53) - 1;

/// Protocols of flows that STIX knows by the same name.
const PROTOCOLS: [&str; 12] =
    ["tcp", "udp", "icmp", "igmp", "gre", "esp", "ah", "sctp", "ospf", "pim", "vrrp", "ipv6-icmp"];

/// What a bundle says beside the numbers.
#[derive(Clone, Debug)]
pub struct About<'a> {
    /// `ip`, `client` or `query`.
    pub kind: &'a str,
    /// The address or name.
    pub anchor: &'a str,
    /// The day, UTC.
    pub day: NaiveDate,
    /// Title of the story; may be empty.
    pub title: &'a str,
    /// Text of the story; may be empty.
    pub text: &'a str,
    /// Who wrote it.
    pub author: Option<&'a str>,
    /// First saved, UTC.
    pub created: NaiveDateTime,
    /// Last changed, UTC.
    pub updated: NaiveDateTime,
    /// What the reader should know of the numbers.
    pub notes: &'a [String],
    /// Peers or rows that are taken in at most, the first ones.
    pub most: usize,
}

/// A story of flows; `peers` is shaped as [`crate::frames::peers_frame`] makes it.
///
/// Of each peer the traffic is told from who began it, if that is known; else from who sent.
/// `src_byte_count` is what `src_ref` sent. The port is told where there is one.
///
/// # Errors
/// A frame of another shape.
pub fn of_flows(about: &About<'_>, peers: &DataFrame) -> Result<Value> {
    let mut bundle = Bundle::new(about);
    let anchor = bundle.address(&Address::new(about.anchor));
    let [names, began, ports, protocols] = ["peer", "began", "service_ports", "protocols"]
        .map(|name| peers.column(name).and_then(|c| c.str().cloned()));
    let (names, began, ports, protocols) = (names?, began?, ports?, protocols?);
    let number = |name: &str| -> Result<UInt64Chunked> {
        Ok(peers.column(name)?.cast(&DataType::UInt64)?.u64()?.clone())
    };
    let [connections, rows_in, rows_out, bytes_in, bytes_out, packets_in, packets_out] = [
        number("connections")?,
        number("rows_in")?,
        number("rows_out")?,
        number("bytes_in")?,
        number("bytes_out")?,
        number("packets_in")?,
        number("packets_out")?,
    ];
    let (first, last) = (times(peers, "first_seen")?, times(peers, "last_seen")?);
    let (mut seen, mut odd) = (0_u64, Vec::new());
    for row in 0..peers.height().min(about.most) {
        let peer = Address::new(names.get(row).unwrap_or_default());
        let ends = (anchor.clone(), bundle.address(&peer));
        let seen_at = (at_row(&first, row), at_row(&last, row));
        let ((Some(anchor), Some(peer)), (Some(first), Some(last))) = (ends, seen_at) else {
            odd.push(names.get(row).unwrap_or_default().to_owned());
            continue;
        };
        let at = |numbers: &UInt64Chunked| numbers.get(row).unwrap_or(0);
        let sure = began.get(row).unwrap_or_default();
        let by_peer = match sure {
            "peer" => true,
            "anchor" => false,
            _ => at(&rows_out) == 0 && at(&rows_in) > 0,
        };
        let out = [at(&bytes_out), at(&packets_out)];
        let back = [at(&bytes_in), at(&packets_in)];
        let (from, to, sent, received) = match by_peer {
            false => (&anchor, &peer, out, back),
            true => (&peer, &anchor, back, out),
        };
        let mut traffic = Map::new();
        traffic.insert("start".into(), json!(brief(first)));
        traffic.insert("end".into(), json!(brief(last)));
        traffic.insert("src_ref".into(), json!(from));
        traffic.insert("dst_ref".into(), json!(to));
        if let ("anchor" | "peer", Ok(port)) =
            (sure, ports.get(row).unwrap_or_default().parse::<u16>())
        {
            traffic.insert("dst_port".into(), json!(port));
        }
        let spoken = spoken(from, protocols.get(row).unwrap_or_default());
        traffic.insert("protocols".into(), json!(spoken));
        let id = observable_id("network-traffic", &Value::Object(traffic.clone()));
        traffic.insert("is_active".into(), json!(false));
        for (name, count) in ["src_byte_count", "src_packets"]
            .into_iter()
            .zip(sent)
            .chain(["dst_byte_count", "dst_packets"].into_iter().zip(received))
        {
            traffic.insert(name.into(), json!(count.min(MOST_EXACT)));
        }
        bundle.observable("network-traffic", &id, traffic);
        let refs = [id, anchor, peer];
        bundle.observed(&refs, (first, last), at(&connections));
        seen += 1;
    }
    Ok(bundle.finish("peers", seen, &odd, peers.height() as u64))
}

/// A story of DNS; `rows` is shaped as [`crate::dns::frames::rows_frame`] makes it.
///
/// Each row is a `domain-name` that a client's address asked for, with the addresses that it resolved
/// to.
///
/// # Errors
/// A frame of another shape.
pub fn of_dns(about: &About<'_>, rows: &DataFrame) -> Result<Value> {
    let mut bundle = Bundle::new(about);
    let [clients, names, answers] =
        ["client", "name", "answers"].map(|name| rows.column(name).and_then(|c| c.str().cloned()));
    let (clients, names, answers) = (clients?, names?, answers?);
    let totals = rows.column("total")?.cast(&DataType::UInt64)?;
    let totals = totals.u64()?;
    let (first, last) = (times(rows, "first_seen")?, times(rows, "last_seen")?);
    let (mut seen, mut odd) = (0_u64, Vec::new());
    // One name is one object, whoever asked: all that it resolved to.
    let mut resolved: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in 0..rows.height().min(about.most) {
        let name = names.get(row).unwrap_or_default();
        let client = bundle.address(&Address::new(clients.get(row).unwrap_or_default()));
        let (Some(client), true, Some(first), Some(last)) =
            (client, is_domain(name), at_row(&first, row), at_row(&last, row))
        else {
            odd.push(format!("{name} (asked by {})", clients.get(row).unwrap_or_default()));
            continue;
        };
        let texts = answers.get(row).unwrap_or_default().split_whitespace();
        let told: Vec<_> = texts.filter_map(|text| bundle.address(&Address::new(text))).collect();
        let id = observable_id("domain-name", &json!({"value": name}));
        resolved.entry(name.to_owned()).or_default().extend(told.iter().cloned());
        let mut refs = vec![id, client];
        refs.extend(told);
        refs.dedup();
        bundle.observed(&refs, (first, last), totals.get(row).unwrap_or(1));
        seen += 1;
    }
    for (name, told) in resolved {
        let id = observable_id("domain-name", &json!({"value": name}));
        let mut domain = Map::from_iter([("value".to_owned(), json!(name))]);
        if !told.is_empty() {
            domain.insert("resolves_to_refs".into(), json!(told));
        }
        bundle.observable("domain-name", &id, domain);
    }
    Ok(bundle.finish("clients and names", seen, &odd, rows.height() as u64))
}

/// `ipv4` or `ipv6` and what STIX knows of `protocols`, lowest layer first.
fn spoken(id: &str, protocols: &str) -> Vec<String> {
    let layer = if id.starts_with("ipv6") { "ipv6" } else { "ipv4" };
    let mut spoken = vec![layer.to_owned()];
    let known = protocols.split_whitespace().map(str::to_ascii_lowercase);
    spoken.extend(known.filter(|name| PROTOCOLS.contains(&name.as_str())));
    spoken
}

/// Whether the standard (RFC 1034, RFC 5890) has it for a domain name: labels of letters, digits and
/// `-`, with which none begins or ends. `_ldap._tcp.example.com` is none.
fn is_domain(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
            && (label.get(2..4) != Some("--") || label.starts_with("xn"))
    };
    name.len() <= 253 && name.parse::<IpAddr>().is_err() && name.split('.').all(label)
}

fn at_row(times: &[Option<NaiveDateTime>], row: usize) -> Option<NaiveDateTime> {
    times.get(row).copied().flatten()
}

/// The times of a column; none where it has none.
fn times(frame: &DataFrame, name: &str) -> Result<Vec<Option<NaiveDateTime>>> {
    let micros = DataType::Datetime(TimeUnit::Microseconds, None);
    let column = frame.column(name)?.cast(&micros)?;
    let time = |micros| DateTime::from_timestamp_micros(micros).map(|time| time.naive_utc());
    Ok(column.datetime()?.physical().iter().map(|micros| time(micros?)).collect())
}
