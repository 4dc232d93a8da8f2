//! The columns of what a machine found unlikely, and of what was scored.

use polars::prelude::*;
use spot_analysis::threats::{SCORED_AT, SCORED_BY, SCORED_WHY};

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

/// Columns of a threat list.
pub(crate) fn threat_columns(pipeline: Pipeline) -> &'static [Wanted] {
    match pipeline {
        Pipeline::Flow => &FLOW_THREATS,
        Pipeline::Dns => &DNS_THREATS,
    }
}

/// A threat list without rows.
pub(crate) fn empty_list(pipeline: Pipeline) -> DataFrame {
    let fields =
        threat_columns(pipeline).iter().map(|(name, kind)| ((*name).into(), kind.read_as()));
    let who = [SCORED_AT, SCORED_BY, SCORED_WHY].map(|name| (name.into(), DataType::String));
    let fields = fields.chain(who).map(|(name, dtype)| Field::new(name, dtype));
    DataFrame::empty_with_schema(&Schema::from_iter(fields))
}
