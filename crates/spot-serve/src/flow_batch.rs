//! What Spot's pages read from tables that its batch job made: here from scores, where there are any,
//! and from the raw rows.

use std::collections::{BTreeMap, HashSet};

use async_graphql::SimpleObject;
use chrono::{NaiveDateTime, Timelike};
use polars::prelude::{Column, DataFrame, PolarsResult};
use spot_analysis::model::Address;
use spot_analysis::rows;

use crate::scalars::SpotDatetime;

/// Most lines of a list of suspicious rows, as in Spot.
pub const MOST: usize = 250;

/// A connection that the machine found unlikely and nobody has scored.
#[derive(SimpleObject)]
#[graphql(name = "NetflowSuspiciousType")]
pub struct Suspicious {
    tstart: Option<SpotDatetime>,
    src_ip: Option<String>,
    dst_ip: Option<String>,
    src_port: Option<i32>,
    dst_port: Option<i32>,
    protocol: Option<String>,
    in_pkts: Option<i64>,
    in_bytes: Option<i64>,
    out_pkts: Option<i64>,
    out_bytes: Option<i64>,
    /// The lower, the less likely.
    score: Option<f64>,
    rank: Option<i32>,
    #[graphql(name = "srcIp_isInternal")]
    src_internal: Option<i32>,
    #[graphql(name = "dstIp_isInternal")]
    dst_internal: Option<i32>,
    #[graphql(name = "srcIp_geoloc")]
    src_geoloc: Option<String>,
    #[graphql(name = "dstIp_geoloc")]
    dst_geoloc: Option<String>,
    #[graphql(name = "srcIp_domain")]
    src_domain: Option<String>,
    #[graphql(name = "dstIp_domain")]
    dst_domain: Option<String>,
    #[graphql(name = "srcIp_rep")]
    src_rep: Option<String>,
    #[graphql(name = "dstIp_rep")]
    dst_rep: Option<String>,
}

/// Source, destination and their ports: what is scored.
type Connection = (Address, Address, i32, i32);

fn connections(
    frame: &DataFrame,
    [src, dst, src_port, dst_port]: [&str; 4],
) -> PolarsResult<Vec<Connection>> {
    let address = |text: Option<&str>| Address::new(text.unwrap_or_default());
    let (src, dst) = (frame.column(src)?.str()?, frame.column(dst)?.str()?);
    let (src_port, dst_port) = (frame.column(src_port)?.i32()?, frame.column(dst_port)?.i32()?);
    let ports = src_port.iter().zip(dst_port.iter());
    let ends = src.iter().zip(dst.iter()).zip(ports);
    Ok(ends
        .map(|((src, dst), (src_port, dst_port))| {
            (address(src), address(dst), src_port.unwrap_or(0), dst_port.unwrap_or(0))
        })
        .collect())
}

/// The first [`MOST`] of a day's `scores` that its `threats` do not have, and that have `ip` at one end.
pub fn suspicious(
    scores: &DataFrame,
    threats: &DataFrame,
    ip: Option<&Address>,
) -> PolarsResult<Vec<Suspicious>> {
    let scored = connections(threats, ["srcip", "dstip", "srcport", "dstport"])?;
    let scored: HashSet<Connection> = scored.into_iter().collect();
    let all = connections(scores, ["srcip", "dstip", "sport", "dport"])?;
    let text = |name: &str| scores.column(name).and_then(Column::str);
    let whole = |name: &str| scores.column(name).and_then(Column::i32);
    let count = |name: &str| scores.column(name).and_then(Column::i64);
    let (time, proto, src, dst) = (text("tstart")?, text("proto")?, text("srcip")?, text("dstip")?);
    let (in_pkts, in_bytes) = (count("ipkt")?, count("ibyt")?);
    let (out_pkts, out_bytes) = (count("opkt")?, count("obyt")?);
    let (score, rank) = (scores.column("ml_score")?.f64()?, whole("rank")?);
    let (src_internal, dst_internal) = (whole("srcip_internal")?, whole("dstip_internal")?);
    let (src_geoloc, dst_geoloc) = (text("src_geoloc")?, text("dst_geoloc")?);
    let (src_domain, dst_domain) = (text("src_domain")?, text("dst_domain")?);
    let (src_rep, dst_rep) = (text("src_rep")?, text("dst_rep")?);
    let own = |text: Option<&str>| text.map(str::to_owned);
    let wanted = |connection: &Connection| {
        let of_ip = ip.is_none_or(|ip| connection.0 == *ip || connection.1 == *ip);
        of_ip && !scored.contains(connection)
    };
    let kept = all.iter().enumerate().filter(|(_, connection)| wanted(connection)).take(MOST);
    Ok(kept
        .map(|(row, connection)| Suspicious {
            tstart: own(time.get(row)).map(SpotDatetime),
            src_ip: own(src.get(row)),
            dst_ip: own(dst.get(row)),
            src_port: Some(connection.2),
            dst_port: Some(connection.3),
            protocol: own(proto.get(row)),
            in_pkts: Some(in_pkts.get(row).unwrap_or(0)),
            in_bytes: Some(in_bytes.get(row).unwrap_or(0)),
            out_pkts: Some(out_pkts.get(row).unwrap_or(0)),
            out_bytes: Some(out_bytes.get(row).unwrap_or(0)),
            // What has no number in JSON has none here.
            score: Some(score.get(row).filter(|score| score.is_finite()).unwrap_or(0.0)),
            rank: rank.get(row),
            src_internal: src_internal.get(row),
            dst_internal: dst_internal.get(row),
            src_geoloc: own(src_geoloc.get(row)),
            dst_geoloc: own(dst_geoloc.get(row)),
            src_domain: own(src_domain.get(row)),
            dst_domain: own(dst_domain.get(row)),
            src_rep: own(src_rep.get(row)),
            dst_rep: own(dst_rep.get(row)),
        })
        .collect())
}

/// A flow between two ends.
#[derive(SimpleObject)]
#[graphql(name = "NetflowEdgeDetailsType")]
pub struct Edge {
    tstart: Option<SpotDatetime>,
    src_ip: Option<String>,
    dst_ip: Option<String>,
    src_port: Option<String>,
    dst_port: Option<String>,
    protocol: Option<String>,
    flags: Option<String>,
    /// Never known: the rows that are read have no such column. So are the interfaces and the router.
    tos: Option<String>,
    in_bytes: Option<i64>,
    in_pkts: Option<i64>,
    in_iface: Option<String>,
    out_iface: Option<String>,
    router_ip: Option<String>,
    out_bytes: Option<i64>,
    out_pkts: Option<i64>,
}

/// The rows of `frame` in the minute of `time`, in order of time.
pub fn edges(frame: &DataFrame, time: NaiveDateTime) -> PolarsResult<Vec<Edge>> {
    let minute = |time: NaiveDateTime| time.with_second(0).and_then(|time| time.with_nanosecond(0));
    let text = |name: &str| frame.column(name).and_then(Column::str);
    let count = |name: &str| frame.column(name).and_then(Column::i64);
    let port = |name: &str| frame.column(name).and_then(Column::i32);
    let seen = frame.column(rows::TIME)?.datetime()?.physical();
    let (src, dst) = (text(rows::SRC)?, text(rows::DST)?);
    let (proto, flag) = (text(rows::PROTO)?, text(rows::FLAG)?);
    let (src_port, dst_port) = (port(rows::SRC_PORT)?, port(rows::DST_PORT)?);
    let (packets, bytes) = (count(rows::PACKETS)?, count(rows::BYTES)?);
    let (packets_back, bytes_back) = (count(rows::PACKETS_BACK)?, count(rows::BYTES_BACK)?);
    let mut found = Vec::new();
    for row in 0..frame.height() {
        let Some(at) = seen.get(row).and_then(chrono::DateTime::from_timestamp_micros) else {
            continue;
        };
        let at = at.naive_utc();
        if minute(at) != minute(time) {
            continue;
        }
        let own = |text: Option<&str>| text.map(str::to_owned);
        let edge = Edge {
            tstart: Some(at.into()),
            src_ip: own(src.get(row)),
            dst_ip: own(dst.get(row)),
            src_port: src_port.get(row).map(|port| port.to_string()),
            dst_port: dst_port.get(row).map(|port| port.to_string()),
            protocol: own(proto.get(row)),
            flags: own(flag.get(row)),
            tos: None,
            in_bytes: bytes.get(row),
            in_pkts: packets.get(row),
            in_iface: None,
            out_iface: None,
            router_ip: None,
            out_bytes: bytes_back.get(row),
            out_pkts: packets_back.get(row),
        };
        found.push((at, edge));
    }
    found.sort_by_key(|(at, _)| *at);
    Ok(found.into_iter().map(|(_, edge)| edge).collect())
}

/// What one end sent to another on the day.
#[derive(SimpleObject)]
#[graphql(name = "NetflowIpConnectionDetailsType")]
pub struct Chord {
    src_ip: Option<String>,
    dst_ip: Option<String>,
    in_bytes: Option<u64>,
    in_pkts: Option<u64>,
}

/// Bytes and packets by source and destination, in order of those.
pub fn chords(frame: &DataFrame) -> PolarsResult<Vec<Chord>> {
    let text = |name: &str| frame.column(name).and_then(Column::str);
    let (src, dst) = (text(rows::SRC)?, text(rows::DST)?);
    let (packets, bytes) = (frame.column(rows::PACKETS)?.i64()?, frame.column(rows::BYTES)?.i64()?);
    let mut sums: BTreeMap<(Address, Address), (u64, u64)> = BTreeMap::new();
    let counts = bytes.iter().zip(packets.iter());
    for ((src, dst), (bytes, packets)) in src.iter().zip(dst.iter()).zip(counts) {
        let ends = [src, dst].map(|text| Address::new(text.unwrap_or_default()));
        let [bytes, packets] = [bytes, packets].map(|n| u64::try_from(n.unwrap_or(0)).unwrap_or(0));
        let sum = sums.entry(ends.into()).or_default();
        *sum = (sum.0.saturating_add(bytes), sum.1.saturating_add(packets));
    }
    Ok(sums
        .into_iter()
        .map(|((src, dst), (bytes, packets))| Chord {
            src_ip: Some(src.to_string()),
            dst_ip: Some(dst.to_string()),
            in_bytes: Some(bytes),
            in_pkts: Some(packets),
        })
        .collect())
}
