//! The columns of what a machine found unlikely and of what was scored, and how many rows are high.

use polars::prelude::*;
use spot_analysis::threats::{HIGH, SCORED_AT};

use crate::layout::Pipeline;
use crate::parquet::{Column as Wanted, Type};

const FLOW_THREATS: [Wanted; 6] = [
    ("tstart", Type::Text),
    ("srcip", Type::Text),
    ("dstip", Type::Text),
    ("srcport", Type::Int),
    ("dstport", Type::Int),
    ("score", Type::Int),
];

const DNS_THREATS: [Wanted; 5] = [
    ("unix_tstamp", Type::Big),
    ("ip_dst", Type::Text),
    ("dns_qry_name", Type::Text),
    ("ip_sev", Type::Int),
    ("dns_sev", Type::Int),
];

const FLOW_SCORES: [Wanted; 20] = [
    ("tstart", Type::Text),
    ("srcip", Type::Text),
    ("dstip", Type::Text),
    ("sport", Type::Int),
    ("dport", Type::Int),
    ("proto", Type::Text),
    ("ipkt", Type::Big),
    ("ibyt", Type::Big),
    ("opkt", Type::Big),
    ("obyt", Type::Big),
    ("ml_score", Type::Float),
    ("rank", Type::Int),
    ("srcip_internal", Type::Int),
    ("dstip_internal", Type::Int),
    ("src_geoloc", Type::Text),
    ("dst_geoloc", Type::Text),
    ("src_domain", Type::Text),
    ("dst_domain", Type::Text),
    ("src_rep", Type::Text),
    ("dst_rep", Type::Text),
];

const DNS_SCORES: [Wanted; 12] = [
    ("frame_time", Type::Text),
    ("frame_len", Type::Big),
    ("unix_tstamp", Type::Big),
    ("ip_dst", Type::Text),
    ("dns_qry_name", Type::Text),
    ("dns_qry_class", Type::Text),
    ("dns_qry_type", Type::Int),
    ("dns_qry_rcode", Type::Int),
    ("ml_score", Type::Float),
    ("tld", Type::Text),
    ("query_rep", Type::Text),
    ("network_context", Type::Text),
];

/// Columns of a table of scores; of those which must be there; and which says how unlikely.
pub(crate) fn score_columns(
    pipeline: Pipeline,
) -> (&'static [Wanted], &'static [Wanted], &'static str) {
    match pipeline {
        Pipeline::Flow => (&FLOW_SCORES, &FLOW_SCORES[..5], "rank"),
        Pipeline::Dns => (&DNS_SCORES, &DNS_SCORES[2..5], "ml_score"),
    }
}

/// Columns of a threat list, and those of them that hold scores.
pub(crate) fn threat_columns(pipeline: Pipeline) -> (&'static [Wanted], &'static [&'static str]) {
    match pipeline {
        Pipeline::Flow => (&FLOW_THREATS, &["score"]),
        Pipeline::Dns => (&DNS_THREATS, &["ip_sev", "dns_sev"]),
    }
}

/// Distinct rows of a threat list that are scored high: what was scored again counts as it was then.
pub(crate) fn high_rows(
    list: &DataFrame,
    columns: &[Wanted],
    scores: &[&str],
) -> PolarsResult<u64> {
    // The first column is the row's time: rows of one connection that differ in it are scored as one.
    let (time, rest) = (columns[0].0, &columns[1..]);
    let key = rest.iter().map(|(name, _)| *name).filter(|name| !scores.contains(name));
    let key: Vec<Expr> = key.map(col).collect();
    let options = SortMultipleOptions::default().with_maintain_order(true);
    let sorted = list.clone().lazy().sort([SCORED_AT], options);
    let rows = |score: &&str| {
        let high = col(*score).eq(lit(HIGH));
        let times = col(time).filter(high).n_unique();
        // 0 scores nothing.
        let latest = col(*score).filter(col(*score).neq(lit(0))).last();
        when(latest.eq(lit(HIGH))).then(times).otherwise(lit(0)).alias(*score)
    };
    let each = sorted.group_by(key).agg(scores.iter().map(rows).collect::<Vec<_>>());
    let most = scores.iter().map(|score| col(*score).cast(DataType::UInt64));
    let most = most.reduce(|a, b| when(a.clone().gt(b.clone())).then(a).otherwise(b));
    let total = each.select([most.unwrap_or_else(|| lit(0)).sum().alias("rows")]).collect()?;
    Ok(total.column("rows")?.u64()?.get(0).unwrap_or(0))
}
