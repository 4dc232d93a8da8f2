//! The two DNS tables: Spot's columns in Spot's order, made from answers.

use chrono::DateTime;
use polars::prelude::*;

use super::Answer;

/// Columns of `dns`, as in `spot-setup/hive/create_dns_parquet.hql`; the partition columns y, m, d
/// and h are folder names only.
pub const ANSWERS: [(&str, DataType); 10] = [
    ("frame_time", DataType::String),
    ("unix_tstamp", DataType::Int64),
    ("frame_len", DataType::Int32),
    ("ip_dst", DataType::String),
    ("ip_src", DataType::String),
    ("dns_qry_name", DataType::String),
    ("dns_qry_class", DataType::String),
    ("dns_qry_type", DataType::Int32),
    ("dns_qry_rcode", DataType::Int32),
    ("dns_a", DataType::String),
];

/// Columns of `dns_threat_investigation`.
pub const THREATS: [(&str, DataType); 5] = [
    ("unix_tstamp", DataType::Int64),
    ("ip_dst", DataType::String),
    ("dns_qry_name", DataType::String),
    ("ip_sev", DataType::Int32),
    ("dns_sev", DataType::Int32),
];

/// `frame_time` as tshark writes it: `Jan  4 2017 04:41:06.337519000 UTC`.
fn frame_time(answer: &Answer) -> String {
    DateTime::from_timestamp_micros(answer.at_us)
        .map(|at| at.format("%b %e %Y %H:%M:%S.%6f000 UTC").to_string())
        .unwrap_or_default()
}

/// `dns_a`: the addresses with `|` between.
fn addresses(answer: &Answer) -> String {
    let texts: Vec<String> = answer.addresses.iter().map(ToString::to_string).collect();
    texts.join("|")
}

fn texts(name: &str, answers: &[Answer], value: impl Fn(&Answer) -> String) -> Column {
    let values = answers.iter().map(|answer| Some(value(answer)));
    StringChunked::from_iter_options(name.into(), values).into_column()
}

fn ints(name: &str, answers: &[Answer], value: impl Fn(&Answer) -> i32) -> Column {
    Int32Chunked::from_iter_values(name.into(), answers.iter().map(value)).into_column()
}

fn seconds(answers: &[Answer]) -> Column {
    let values = answers.iter().map(|answer| answer.at_us.div_euclid(1_000_000));
    Int64Chunked::from_iter_values("unix_tstamp".into(), values).into_column()
}

/// Rows of `dns`.
///
/// # Errors
/// Polars' own, should the columns disagree.
pub fn answer_frame(answers: &[Answer]) -> PolarsResult<DataFrame> {
    let columns = vec![
        texts("frame_time", answers, frame_time),
        seconds(answers),
        ints("frame_len", answers, |answer| answer.frame_bytes() as i32),
        texts("ip_dst", answers, |answer| answer.client.to_string()),
        texts("ip_src", answers, |answer| answer.server.to_string()),
        texts("dns_qry_name", answers, |answer| answer.name.clone()),
        texts("dns_qry_class", answers, |_| "0x00000001".to_owned()),
        ints("dns_qry_type", answers, |answer| answer.kind.into()),
        ints("dns_qry_rcode", answers, |answer| answer.code as i32),
        texts("dns_a", answers, addresses),
    ];
    DataFrame::new(answers.len(), columns)
}

/// Rows of `dns_threat_investigation`.
///
/// # Errors
/// Polars' own, should the columns disagree.
pub fn threat_frame(answers: &[Answer]) -> PolarsResult<DataFrame> {
    let columns = vec![
        seconds(answers),
        texts("ip_dst", answers, |answer| answer.client.to_string()),
        texts("dns_qry_name", answers, |answer| answer.name.clone()),
        ints("ip_sev", answers, |answer| answer.scores.0.into()),
        ints("dns_sev", answers, |answer| answer.scores.1.into()),
    ];
    DataFrame::new(answers.len(), columns)
}
