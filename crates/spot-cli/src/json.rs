//! The answers as JSON, named as in Spot's GraphQL. Times are UTC, `YYYY-MM-DD HH:MM:SS`.

use chrono::{NaiveDate, NaiveDateTime};
use serde_json::{Map, Value, json};
use spot_analysis::details;
use spot_analysis::dns::{self, Counts, Row, iana};
use spot_analysis::model::{Flag, Investigation, Peer, TopRow};
use spot_store::{DayInfo, FlowRows, Result, Saved, Suspect};

use crate::history;

const TIME: &str = "%Y-%m-%d %H:%M:%S";

/// The contract of `spot search flow --format json`.
pub fn search(found: &Investigation, rows: &FlowRows) -> Result<Value> {
    let names = [
        "sourcesByConnections",
        "destinationsByConnections",
        "sourcesByBytes",
        "destinationsByBytes",
    ];
    let tables = names.iter().zip(&found.top);
    let top =
        tables.map(|(name, table)| ((*name).to_owned(), table.rows.iter().map(top_row).collect()));
    let facts = &found.facts;
    let mut search = json!({
        "anchor": found.anchor,
        "date": found.day.to_string(),
        "inside": found.side.inside,
        "insideRule": found.side.rule,
        "context": found.context.as_ref().map(|context| &context.name),
        "highRows": found.high_rows,
        "connections": facts.connections,
        "selfConnections": facts.self_connections,
        "bytesIn": facts.bytes_in,
        "bytesOut": facts.bytes_out,
        "details": details::objects(&rows.frame)?,
        "peers": found.peers.iter().map(peer).collect::<Vec<_>>(),
        "top": top.collect::<Map<String, Value>>(),
        "scanned": found.provenance.scanned,
        "provenance": found.provenance,
        "notes": found.notes,
    });
    if let Some(history) = &found.history {
        search["history"] = history::flow(history);
    }
    Ok(with_flags(search, &found.flags))
}

/// The object with what the list of indicators says, if it says something.
fn with_flags(mut object: Value, flags: &[Flag]) -> Value {
    if !flags.is_empty() {
        object["flags"] = json!(flags);
    }
    object
}

/// A line of the threat list.
pub fn suspect(suspect: &Suspect) -> Value {
    let object = json!({
        "ip": suspect.address,
        "inside": suspect.side.inside,
        "highRows": suspect.high_rows,
        "asSource": suspect.as_source,
        "asDestination": suspect.as_destination,
        "ports": suspect.ports,
        "saved": suspect.saved,
    });
    with_flags(object, &suspect.flags)
}

/// The contract of `spot search dns --format json`. Codes have their number and their IANA name.
pub fn dns_search(found: &dns::Investigation) -> Value {
    let facts = &found.facts;
    let mut search = json!({
        "anchor": found.anchor,
        "scope": found.scope,
        "date": found.day.to_string(),
        "highRows": found.high_rows,
        "answers": facts.answers,
        "clients": facts.clients,
        "names": facts.names,
        "domains": facts.domains,
        "servers": facts.servers,
        "nxdomain": facts.nxdomain,
        "nxdomainShare": facts.nxdomain_share(),
        "firstSeen": time(facts.seen.map(|(first, _)| first)),
        "lastSeen": time(facts.seen.map(|(_, last)| last)),
        "types": codes(&facts.types, iana::type_name),
        "classes": codes(&facts.classes, iana::class_name),
        "rcodes": codes(&facts.rcodes, iana::rcode_name),
        "details": found.rows.iter().map(dns_row).collect::<Vec<_>>(),
        "scanned": facts.scanned,
        "provenance": found.provenance,
        "notes": found.notes,
    });
    if let Some(history) = &found.history {
        search["history"] = history::dns(history);
    }
    with_flags(search, &found.flags)
}

fn dns_row(row: &Row) -> Value {
    let object = json!({
        "total": row.total,
        "dnsQuery": row.name,
        "clientIp": row.client,
        "firstSeen": time(row.first_seen),
        "lastSeen": time(row.last_seen),
        "dnsQueryRaw": row.name.raw(),
        "registeredDomain": row.registered_domain,
        "types": codes(&row.types, iana::type_name),
        "classes": codes(&row.classes, iana::class_name),
        "rcodes": codes(&row.rcodes, iana::rcode_name),
        "nxdomain": row.nxdomain,
        "nxdomainShare": row.nxdomain_share(),
        "answers": row.answers,
        "answerCount": row.answer_count,
        "servers": row.servers,
        "serverCount": row.server_count,
        "length": row.length,
        "entropy": row.entropy,
    });
    with_flags(object, &row.flags)
}

fn codes(counts: &Counts, name: fn(Option<i32>) -> String) -> Vec<Value> {
    let one = |(code, answers): &(Option<i32>, u64)| json!({"code": code, "name": name(*code), "answers": answers});
    counts.iter().map(one).collect()
}

fn time(time: Option<NaiveDateTime>) -> Option<String> {
    time.map(|time| time.format(TIME).to_string())
}

/// A line of the threat list of DNS.
pub fn dns_suspect(suspect: &dns::Suspect) -> Value {
    let object = json!({
        "type": suspect.anchor.kind(),
        "value": suspect.anchor.as_str(),
        "highRows": suspect.high_rows,
        "saved": suspect.saved,
    });
    with_flags(object, &suspect.flags)
}

/// The days.
pub fn days(days: &[DayInfo]) -> Value {
    let day = |info: &DayInfo| json!({"date": info.day.to_string(), "highRows": info.high_rows});
    json!({"days": days.iter().map(day).collect::<Vec<_>>()})
}

/// What a save did.
pub fn saved(anchor: Value, day: NaiveDate, saved: &Saved) -> Value {
    json!({
        "success": true,
        "anchor": anchor,
        "date": day.to_string(),
        "revision": saved.revision,
        "artefacts": saved.artefacts,
    })
}

fn peer(peer: &Peer) -> Value {
    let object = json!({
        "peer": peer.address,
        "direction": peer.direction,
        "connections": peer.connections,
        "bytes": peer.bytes(),
        "bytesIn": peer.bytes_in,
        "bytesOut": peer.bytes_out,
        "firstSeen": peer.first_seen.format(TIME).to_string(),
        "lastSeen": peer.last_seen.format(TIME).to_string(),
        "rowsIn": peer.rows_in,
        "rowsOut": peer.rows_out,
        "packetsIn": peer.packets_in,
        "packetsOut": peer.packets_out,
        "maxBytes": peer.max_bytes,
        "inside": peer.side.inside,
        "lateral": peer.lateral,
        "began": peer.initiator.began,
        "beganSure": peer.initiator.sure,
        "servicePorts": peer.service_ports,
        "protocols": peer.protocols,
        "context": peer.context.as_ref().map(|context| &context.name),
        "country": peer.place.as_ref().map(|place| &place.country),
    });
    with_flags(object, &peer.flags)
}

fn top_row(row: &TopRow) -> Value {
    let object = json!({
        "peer": row.peer,
        "direction": row.direction,
        "connections": row.connections,
        "bytes": row.bytes,
        "bytesBack": row.bytes_back,
        "ports": row.ports,
        "firstSeen": row.first_seen.format(TIME).to_string(),
        "lastSeen": row.last_seen.format(TIME).to_string(),
        "context": row.context.as_ref().map(|context| &context.name),
    });
    with_flags(object, &row.flags)
}
