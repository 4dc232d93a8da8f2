//! The two tables: Spot's columns in Spot's order, made from flows.

use std::net::IpAddr;

use chrono::NaiveDate;
use polars::prelude::*;

use crate::clock::HOUR_MS;
use crate::flow::{Flow, Proto, flag_text};
use crate::hosts::{is_inside, subnet};
use crate::services::autonomous_system;

/// Columns of `flow`, as in `spot-setup/hive/create_flow_parquet.hql`; the partition columns y, m,
/// d and h are folder names only.
pub const FLOW: [(&str, DataType); 28] = [
    ("treceived", DataType::String),
    ("unix_tstamp", DataType::Int64),
    ("tryear", DataType::Int32),
    ("trmonth", DataType::Int32),
    ("trday", DataType::Int32),
    ("trhour", DataType::Int32),
    ("trminute", DataType::Int32),
    ("trsec", DataType::Int32),
    ("tdur", DataType::Float32),
    ("sip", DataType::String),
    ("dip", DataType::String),
    ("sport", DataType::Int32),
    ("dport", DataType::Int32),
    ("proto", DataType::String),
    ("flag", DataType::String),
    ("fwd", DataType::Int32),
    ("stos", DataType::Int32),
    ("ipkt", DataType::Int64),
    ("ibyt", DataType::Int64),
    ("opkt", DataType::Int64),
    ("obyt", DataType::Int64),
    ("input", DataType::Int32),
    ("output", DataType::Int32),
    ("sas", DataType::Int32),
    ("das", DataType::Int32),
    ("dtos", DataType::Int32),
    ("dir", DataType::Int32),
    ("rip", DataType::String),
];

/// Columns of `flow_threat_investigation`.
pub const THREATS: [(&str, DataType); 6] = [
    ("tstart", DataType::String),
    ("srcip", DataType::String),
    ("dstip", DataType::String),
    ("srcport", DataType::Int32),
    ("dstport", DataType::Int32),
    ("score", DataType::Int32),
];

/// The router between the site and the Internet.
const EDGE: &str = "10.20.0.1";
/// The router between the subnets.
const CORE: &str = "10.20.0.2";

/// A polars schema of one of the tables above.
pub fn schema(columns: &[(&str, DataType)]) -> Schema {
    columns.iter().map(|(name, kind)| Field::new((*name).into(), kind.clone())).collect()
}

/// Second of the day.
fn second(flow: &Flow) -> i64 {
    flow.end_ms.div_euclid(1_000).rem_euclid(24 * HOUR_MS / 1_000)
}

/// `treceived`: the end, cut to the second.
fn received(date: NaiveDate, flow: &Flow) -> String {
    let s = second(flow);
    format!("{date} {:02}:{:02}:{:02}", s / 3_600, s / 60 % 60, s % 60)
}

/// SNMP index of the router's interface on the side of an address: subnets one by one, then outside.
fn interface(ip: IpAddr) -> i32 {
    if !is_inside(ip) {
        return 9;
    }
    match subnet(ip) {
        0 => 1,
        1 => 2,
        10 | 11 => 3,
        _ => 4,
    }
}

fn texts(name: &str, flows: &[Flow], value: impl Fn(&Flow) -> String) -> Column {
    let values = flows.iter().map(|flow| Some(value(flow)));
    StringChunked::from_iter_options(name.into(), values).into_column()
}

fn names(name: &str, flows: &[Flow], value: impl Fn(&Flow) -> &'static str) -> Column {
    let values = flows.iter().map(|flow| Some(value(flow)));
    StringChunked::from_iter_options(name.into(), values).into_column()
}

fn ints(name: &str, flows: &[Flow], value: impl Fn(&Flow) -> i32) -> Column {
    Int32Chunked::from_iter_values(name.into(), flows.iter().map(value)).into_column()
}

fn longs(name: &str, flows: &[Flow], value: impl Fn(&Flow) -> i64) -> Column {
    Int64Chunked::from_iter_values(name.into(), flows.iter().map(value)).into_column()
}

/// Rows of `flow`.
///
/// # Errors
/// Polars' own, should the columns disagree.
pub fn flow_frame(date: NaiveDate, flows: &[Flow]) -> PolarsResult<DataFrame> {
    use chrono::Datelike;
    let lengths = flows.iter().map(|flow| flow.length_ms as f32 / 1e3);
    let columns =
        vec![
            texts("treceived", flows, |flow| received(date, flow)),
            longs("unix_tstamp", flows, |flow| flow.end_ms.div_euclid(1_000)),
            ints("tryear", flows, |_| date.year()),
            ints("trmonth", flows, |_| date.month() as i32),
            ints("trday", flows, |_| date.day() as i32),
            ints("trhour", flows, |flow| (second(flow) / 3_600) as i32),
            ints("trminute", flows, |flow| (second(flow) / 60 % 60) as i32),
            ints("trsec", flows, |flow| (second(flow) % 60) as i32),
            Float32Chunked::from_iter_values("tdur".into(), lengths).into_column(),
            texts("sip", flows, |flow| flow.src.to_string()),
            texts("dip", flows, |flow| flow.dst.to_string()),
            ints("sport", flows, |flow| flow.sport.into()),
            ints("dport", flows, |flow| flow.dport.into()),
            names("proto", flows, |flow| flow.proto.name()),
            texts("flag", flows, |flow| {
                flag_text(if flow.proto == Proto::Tcp { flow.flags } else { 0 })
            }),
            ints("fwd", flows, |_| 0),
            ints("stos", flows, |_| 0),
            longs("ipkt", flows, |flow| flow.volume.packets as i64),
            longs("ibyt", flows, |flow| flow.volume.bytes as i64),
            longs("opkt", flows, |_| 0),
            longs("obyt", flows, |_| 0),
            ints("input", flows, |flow| interface(flow.src)),
            ints("output", flows, |flow| interface(flow.dst)),
            ints("sas", flows, |flow| autonomous_system(flow.src)),
            ints("das", flows, |flow| autonomous_system(flow.dst)),
            ints("dtos", flows, |_| 0),
            ints("dir", flows, |_| 0),
            names("rip", flows, |flow| {
                if is_inside(flow.src) && is_inside(flow.dst) { CORE } else { EDGE }
            }),
        ];
    DataFrame::new(flows.len(), columns)
}

/// Rows of `flow_threat_investigation`; `tstart` is Spot's name for the flow's `treceived`.
///
/// # Errors
/// Polars' own, should the columns disagree.
pub fn threat_frame(date: NaiveDate, flows: &[Flow]) -> PolarsResult<DataFrame> {
    let columns = vec![
        texts("tstart", flows, |flow| received(date, flow)),
        texts("srcip", flows, |flow| flow.src.to_string()),
        texts("dstip", flows, |flow| flow.dst.to_string()),
        ints("srcport", flows, |flow| flow.sport.into()),
        ints("dstport", flows, |flow| flow.dport.into()),
        ints("score", flows, |flow| flow.score.into()),
    ];
    DataFrame::new(flows.len(), columns)
}
