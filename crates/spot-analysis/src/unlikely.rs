//! The rows that a machine found unlikely, each with what analysts said of it last.

use std::collections::HashMap;
use std::hash::Hash;

use polars::prelude::*;

use crate::dns::Name;
use crate::error::Result;
use crate::model::Address;
use crate::rank::Subject;
use crate::threats::{SCORED_AT, SCORED_BY, SCORED_WHY, cast, in_order_of_scoring};

/// What an analyst said of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rated {
    /// 1 high, 2 medium, 3 low.
    pub score: i64,
    /// When, UTC; unknown where another program wrote it.
    pub at: Option<String>,
    /// Who.
    pub by: Option<String>,
    /// Why.
    pub why: Option<String>,
}

/// A flow that a machine found unlikely.
#[derive(Clone, Debug, PartialEq)]
pub struct UnlikelyFlow {
    /// Its time, as the table has it.
    pub time: String,
    /// Source.
    pub src: Address,
    /// Destination.
    pub dst: Address,
    /// Source port; 0 where there is none.
    pub src_port: u16,
    /// Destination port.
    pub dst_port: u16,
    /// Protocol.
    pub proto: String,
    /// Packets, source to destination.
    pub packets: u64,
    /// Bytes, source to destination.
    pub bytes: u64,
    /// How likely it is to machine learning: the least likely have the smallest.
    pub score: Option<f64>,
    /// What was said of the connection last.
    pub rated: Option<Rated>,
}

/// An answer that a machine found unlikely.
#[derive(Clone, Debug, PartialEq)]
pub struct UnlikelyAnswer {
    /// Its time, as the table has it.
    pub time: String,
    /// Who asked.
    pub client: Address,
    /// For what.
    pub name: Name,
    /// Type and response code.
    pub outcome: (Option<i32>, Option<i32>),
    /// How likely it is to machine learning: the least likely have the smallest.
    pub score: Option<f64>,
    /// What was said of the client last, in a row of this name.
    pub client_rated: Option<Rated>,
    /// What was said of the name last, in a row of this client.
    pub name_rated: Option<Rated>,
}

/// The first `most` rows of `scores` (Spot's `flow_scores`, or
/// [`conversations`](crate::conversations())), in their order, with the last score in `threats`
/// (`flow_threat_investigation`) of the same ends and ports. Those of other days or of other connections of an
/// address say nothing of a row.
///
/// # Errors
/// A missing column, or one that cannot be read as its type.
pub fn flows(scores: &DataFrame, threats: &DataFrame, most: usize) -> Result<Vec<UnlikelyFlow>> {
    let scores = scores.head(Some(most));
    let threats = in_order_of_scoring(threats)?;
    let key = |frame: &DataFrame, names: [&str; 4]| -> Result<Vec<(Address, Address, i64, i64)>> {
        let [src, dst] = [addresses(frame, names[0])?, addresses(frame, names[1])?];
        let [from, to] = [numbers(frame, names[2])?, numbers(frame, names[3])?];
        let ends = src.into_iter().zip(dst).zip(from.into_iter().zip(to));
        let key = |((src, dst), (from, to)): ((_, _), (Option<i64>, Option<i64>))| {
            (src, dst, from.unwrap_or(0), to.unwrap_or(0))
        };
        Ok(ends.map(key).collect())
    };
    let keys = key(&threats, ["srcip", "dstip", "srcport", "dstport"])?;
    let rated = last(keys, &rated(&threats, "score")?);

    let [time, proto] = [texts(&scores, "tstart")?, texts(&scores, "proto")?];
    let [packets, bytes] = [numbers(&scores, "ipkt")?, numbers(&scores, "ibyt")?];
    let score = decimals(&scores, "ml_score")?;
    let rows = key(&scores, ["srcip", "dstip", "sport", "dport"])?.into_iter().enumerate();
    let row = |(row, key): (usize, (Address, Address, i64, i64))| {
        let count = |of: &[Option<i64>]| u64::try_from(of[row].unwrap_or(0)).unwrap_or(0);
        let port = |port: i64| u16::try_from(port).unwrap_or(0);
        let rated = rated.get(&key).cloned();
        let (src, dst, src_port, dst_port) = key;
        UnlikelyFlow {
            time: time[row].clone().unwrap_or_default(),
            src,
            dst,
            src_port: port(src_port),
            dst_port: port(dst_port),
            proto: proto[row].clone().unwrap_or_default(),
            packets: count(&packets),
            bytes: count(&bytes),
            score: score[row],
            rated,
        }
    };
    Ok(rows.map(row).collect())
}

/// As [`flows`], of `dns_scores` (or [`dns::conversations`](crate::dns::conversations())) and
/// `dns_threat_investigation`.
///
/// # Errors
/// As there.
pub fn answers(
    scores: &DataFrame,
    threats: &DataFrame,
    most: usize,
) -> Result<Vec<UnlikelyAnswer>> {
    let scores = scores.head(Some(most));
    let threats = in_order_of_scoring(threats)?;
    let key = |frame: &DataFrame| -> Result<Vec<(Address, Name)>> {
        let names = texts(frame, "dns_qry_name")?.into_iter();
        let names = names.map(|name| Name::new(name.unwrap_or_default()));
        Ok(addresses(frame, "ip_dst")?.into_iter().zip(names).collect())
    };
    let keys = key(&threats)?;
    let of_clients = last(keys.clone(), &rated(&threats, "ip_sev")?);
    let of_names = last(keys, &rated(&threats, "dns_sev")?);

    let time = texts(&scores, "frame_time")?;
    let [kind, rcode] = [numbers(&scores, "dns_qry_type")?, numbers(&scores, "dns_qry_rcode")?];
    let score = decimals(&scores, "ml_score")?;
    let rows = key(&scores)?.into_iter().enumerate();
    let row = |(row, key): (usize, (Address, Name))| {
        let code = |of: &[Option<i64>]| of[row].and_then(|code| i32::try_from(code).ok());
        let (client_rated, name_rated) =
            (of_clients.get(&key).cloned(), of_names.get(&key).cloned());
        let (client, name) = key;
        UnlikelyAnswer {
            time: time[row].clone().unwrap_or_default(),
            client,
            name,
            outcome: (code(&kind), code(&rcode)),
            score: score[row],
            client_rated,
            name_rated,
        }
    };
    Ok(rows.map(row).collect())
}

/// What was said last of whatever a ranking may be about: pairs and hosts, domains and clients.
#[derive(Clone, Debug, Default)]
pub struct Ratings(HashMap<Subject, Rated>);

impl Ratings {
    /// Of `flow_threat_investigation`. A pair is rated whichever end was the source.
    ///
    /// # Errors
    /// As [`flows`].
    pub fn of_flows(threats: &DataFrame) -> Result<Self> {
        let threats = in_order_of_scoring(threats)?;
        let ends = addresses(&threats, "srcip")?.into_iter().zip(addresses(&threats, "dstip")?);
        let mut all = HashMap::new();
        for ((src, dst), rated) in ends.zip(rated(&threats, "score")?) {
            let Some(rated) = rated else { continue };
            let pair = |client: &Address, server: &Address| Subject::Pair {
                client: client.clone(),
                server: server.clone(),
            };
            let both = [pair(&src, &dst), pair(&dst, &src)];
            let hosts = [src, dst].map(|address| Subject::Host { address });
            for subject in both.into_iter().chain(hosts) {
                all.insert(subject, rated.clone());
            }
        }
        Ok(Self(all))
    }

    /// Of `dns_threat_investigation`. A domain is rated by any name below it.
    ///
    /// # Errors
    /// As [`answers`].
    pub fn of_answers(threats: &DataFrame) -> Result<Self> {
        let threats = in_order_of_scoring(threats)?;
        let mut all = HashMap::new();
        let clients = addresses(&threats, "ip_dst")?.into_iter().zip(rated(&threats, "ip_sev")?);
        for (address, rated) in clients {
            all.extend(rated.map(|rated| (Subject::Client { address }, rated)));
        }
        let names = texts(&threats, "dns_qry_name")?.into_iter().zip(rated(&threats, "dns_sev")?);
        for (name, rated) in names {
            let name = Name::new(name.unwrap_or_default());
            let name = name.registered_domain().unwrap_or(name);
            all.extend(rated.map(|rated| (Subject::Domain { name }, rated)));
        }
        Ok(Self(all))
    }

    /// What was said of a subject last.
    pub fn of(&self, subject: &Subject) -> Option<&Rated> {
        self.0.get(subject)
    }
}

/// What each row of a threat list says; nothing where it scores nothing.
fn rated(threats: &DataFrame, score: &str) -> Result<Vec<Option<Rated>>> {
    let score = numbers(threats, score)?;
    let optional = |name: &str| match threats.column(name) {
        Ok(_) => texts(threats, name),
        Err(_) => Ok(vec![None; threats.height()]),
    };
    let (at, by, why) = (optional(SCORED_AT)?, optional(SCORED_BY)?, optional(SCORED_WHY)?);
    let who = at.into_iter().zip(by).zip(why);
    let one = |(score, ((at, by), why)): (Option<i64>, ((_, _), _))| {
        let score = score.filter(|score| *score != 0)?;
        Some(Rated { score, at, by, why })
    };
    Ok(score.into_iter().zip(who).map(one).collect())
}

fn last<K: Hash + Eq>(keys: Vec<K>, rated: &[Option<Rated>]) -> HashMap<K, Rated> {
    let rated = keys.into_iter().zip(rated);
    rated.filter_map(|(key, rated)| Some((key, rated.clone()?))).collect()
}

fn addresses(frame: &DataFrame, name: &str) -> Result<Vec<Address>> {
    let texts = texts(frame, name)?.into_iter();
    Ok(texts.map(|text| Address::new(text.unwrap_or_default())).collect())
}

fn texts(frame: &DataFrame, name: &str) -> Result<Vec<Option<String>>> {
    let column = cast(frame, name, DataType::String)?;
    Ok(column.str()?.iter().map(|text| text.map(str::to_owned)).collect())
}

fn numbers(frame: &DataFrame, name: &str) -> Result<Vec<Option<i64>>> {
    Ok(cast(frame, name, DataType::Int64)?.i64()?.iter().collect())
}

fn decimals(frame: &DataFrame, name: &str) -> Result<Vec<Option<f64>>> {
    match frame.column(name) {
        Ok(_) => Ok(cast(frame, name, DataType::Float64)?.f64()?.iter().collect()),
        Err(_) => Ok(vec![None; frame.height()]),
    }
}
