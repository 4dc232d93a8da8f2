//! What Spot's pages read from tables that its batch job made: here from scores, where there are any,
//! and from the raw answers.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use async_graphql::SimpleObject;
use chrono::{DateTime, NaiveDateTime, Timelike};
use polars::prelude::{Column, DataFrame, PolarsResult};
use spot_analysis::dns::{Name, iana, rows};
use spot_analysis::model::Address;

use crate::flow_batch::MOST;
use crate::scalars::{SpotDatetime, SpotIp};

/// An answer that the machine found unlikely and nobody has scored.
#[derive(SimpleObject)]
#[graphql(name = "DnsSuspiciousType")]
pub struct Suspicious {
    frame_time: Option<SpotDatetime>,
    frame_length: Option<i64>,
    client_ip: Option<SpotIp>,
    dns_query: Option<String>,
    dns_query_class: Option<i32>,
    dns_query_type: Option<i32>,
    dns_query_rcode: Option<i32>,
    /// The lower, the less likely.
    score: Option<f64>,
    tld: Option<String>,
    dns_query_rep: Option<String>,
    /// 0: nobody has scored it.
    client_ip_sev: Option<i32>,
    #[graphql(deprecation = "nobody has scored it")]
    dns_query_sev: Option<i32>,
    dns_query_class_label: Option<String>,
    dns_query_type_label: Option<String>,
    dns_query_rcode_label: Option<String>,
    #[graphql(deprecation = "see the context files")]
    network_context: Option<String>,
    unix_timestamp: Option<i64>,
}

fn seconds(time: Option<i64>) -> Option<SpotDatetime> {
    Some(DateTime::from_timestamp(time.unwrap_or(0), 0)?.naive_utc().into())
}

/// Numbers and names of class, type and code.
struct Codes {
    class: Option<i32>,
    kind: Option<i32>,
    rcode: Option<i32>,
}

impl Codes {
    fn labels(&self) -> [Option<String>; 3] {
        let Self { class, kind, rcode } = *self;
        [iana::class_name(class), iana::type_name(kind), iana::rcode_name(rcode)].map(Some)
    }
}

/// The first [`MOST`] of a day's `scores` whose client and name its `threats` do not have together,
/// of one client and with a text in the name where these are given.
pub fn suspicious(
    scores: &DataFrame,
    threats: &DataFrame,
    client: Option<&Address>,
    part: Option<&str>,
) -> PolarsResult<Vec<Suspicious>> {
    let pairs = |frame: &DataFrame| -> PolarsResult<Vec<(Address, Name)>> {
        let (clients, names) =
            (frame.column("ip_dst")?.str()?, frame.column("dns_qry_name")?.str()?);
        let pairs = clients.iter().zip(names.iter());
        let pair = |(client, name): (Option<&str>, Option<&str>)| {
            (Address::new(client.unwrap_or_default()), Name::new(name.unwrap_or_default()))
        };
        Ok(pairs.map(pair).collect())
    };
    let scored: HashSet<(Address, Name)> = pairs(threats)?.into_iter().collect();
    let part = part.map(str::to_ascii_lowercase);
    let wanted = |pair: &(Address, Name)| {
        let of_client = client.is_none_or(|client| pair.0 == *client);
        let of_name = part.as_deref().is_none_or(|part| pair.1.as_str().contains(part));
        of_client && of_name && !scored.contains(pair)
    };
    let all = pairs(scores)?;
    let text = |name: &str| scores.column(name).and_then(Column::str);
    let whole = |name: &str| scores.column(name).and_then(Column::i32);
    let count = |name: &str| scores.column(name).and_then(Column::i64);
    let (time, length) = (count("unix_tstamp")?, count("frame_len")?);
    let (class, kind, rcode) =
        (text("dns_qry_class")?, whole("dns_qry_type")?, whole("dns_qry_rcode")?);
    let score = scores.column("ml_score")?.f64()?;
    let (tld, rep, context) = (text("tld")?, text("query_rep")?, text("network_context")?);
    let (clients, names) = (text("ip_dst")?, text("dns_qry_name")?);
    let own = |text: Option<&str>| text.map(str::to_owned);
    let kept = all.iter().enumerate().filter(|(_, pair)| wanted(pair)).take(MOST);
    Ok(kept
        .map(|(row, _)| {
            let class = class.get(row).and_then(iana::class_code);
            let codes = Codes { class, kind: kind.get(row), rcode: rcode.get(row) };
            let [class_label, type_label, rcode_label] = codes.labels();
            Suspicious {
                frame_time: seconds(time.get(row)),
                frame_length: length.get(row),
                client_ip: own(clients.get(row)).map(SpotIp),
                dns_query: own(names.get(row)),
                dns_query_class: Some(codes.class.unwrap_or(0)),
                dns_query_type: Some(codes.kind.unwrap_or(0)),
                dns_query_rcode: Some(codes.rcode.unwrap_or(0)),
                score: Some(score.get(row).filter(|score| score.is_finite()).unwrap_or(0.0)),
                tld: own(tld.get(row)),
                dns_query_rep: own(rep.get(row)),
                client_ip_sev: Some(0),
                dns_query_sev: Some(0),
                dns_query_class_label: class_label,
                dns_query_type_label: type_label,
                dns_query_rcode_label: rcode_label,
                network_context: own(context.get(row)),
                unix_timestamp: time.get(row),
            }
        })
        .collect())
}

/// An answer for a name.
#[derive(SimpleObject)]
#[graphql(name = "DnsEdgeDetailsType")]
pub struct Edge {
    frame_time: Option<SpotDatetime>,
    /// Never known: the rows that are read have no such column.
    frame_length: Option<i64>,
    client_ip: Option<SpotIp>,
    server_ip: Option<SpotIp>,
    dns_query: Option<String>,
    dns_query_class: Option<i32>,
    dns_query_type: Option<i32>,
    dns_query_rcode: Option<i32>,
    dns_query_class_label: Option<String>,
    dns_query_type_label: Option<String>,
    dns_query_rcode_label: Option<String>,
    dns_query_answers: Option<Vec<Option<String>>>,
    unix_timestamp: Option<i64>,
}

fn answers(cell: Option<&str>) -> BTreeSet<String> {
    let parts = cell.unwrap_or_default().split('|').map(str::trim).filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

/// The rows of `frame` in the hour of `time`, in order of time.
pub fn edges(frame: &DataFrame, time: NaiveDateTime) -> PolarsResult<Vec<Edge>> {
    let hour = |time: NaiveDateTime| (time.date(), time.hour());
    let text = |name: &str| frame.column(name).and_then(Column::str);
    let code = |name: &str| frame.column(name).and_then(Column::i32);
    let seen = frame.column(rows::TIME)?.datetime()?.physical();
    let (clients, servers, names) = (text(rows::CLIENT)?, text(rows::SERVER)?, text(rows::NAME)?);
    let (class, cells) = (text(rows::CLASS)?, text(rows::ANSWERS)?);
    let (kind, rcode) = (code(rows::TYPE)?, code(rows::RCODE)?);
    let mut found = Vec::new();
    for row in 0..frame.height() {
        let Some(at) = seen.get(row).and_then(DateTime::from_timestamp_micros) else { continue };
        if hour(at.naive_utc()) != hour(time) {
            continue;
        }
        let class = class.get(row).and_then(iana::class_code);
        let codes = Codes { class, kind: kind.get(row), rcode: rcode.get(row) };
        let [class_label, type_label, rcode_label] = codes.labels();
        let edge = Edge {
            frame_time: Some(at.naive_utc().into()),
            frame_length: None,
            client_ip: clients.get(row).map(|text| SpotIp(text.to_owned())),
            server_ip: servers.get(row).map(|text| SpotIp(text.to_owned())),
            dns_query: names.get(row).map(str::to_owned),
            dns_query_class: codes.class,
            dns_query_type: codes.kind,
            dns_query_rcode: codes.rcode,
            dns_query_class_label: class_label,
            dns_query_type_label: type_label,
            dns_query_rcode_label: rcode_label,
            dns_query_answers: Some(answers(cells.get(row)).into_iter().map(Some).collect()),
            unix_timestamp: Some(at.timestamp()),
        };
        found.push((at, edge));
    }
    found.sort_by_key(|(at, _)| *at);
    Ok(found.into_iter().map(|(_, edge)| edge).collect())
}

/// A name that a client asked for, and what it was told.
#[derive(SimpleObject)]
#[graphql(name = "DnsIpDetailsType")]
pub struct Asked {
    dns_query: Option<String>,
    dns_query_answers: Option<Vec<Option<String>>>,
}

/// The names of `frame` with all that they resolved to, in order.
pub fn asked(frame: &DataFrame) -> PolarsResult<Vec<Asked>> {
    let text = |name: &str| frame.column(name).and_then(Column::str);
    let mut found: BTreeMap<Name, BTreeSet<String>> = BTreeMap::new();
    for (name, cell) in text(rows::NAME)?.iter().zip(text(rows::ANSWERS)?.iter()) {
        let known = found.entry(Name::new(name.unwrap_or_default())).or_default();
        known.extend(answers(cell));
    }
    Ok(found
        .into_iter()
        .map(|(name, answers)| Asked {
            dns_query: Some(name.as_str().to_owned()),
            dns_query_answers: Some(answers.into_iter().map(Some).collect()),
        })
        .collect())
}
