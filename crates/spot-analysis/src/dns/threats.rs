//! The list of suspects: clients and names that an analyst scored high.

use std::collections::{BTreeSet, HashMap};

use polars::prelude::*;

use super::flags::flags_of;
use super::model::{Anchor, Suspect};
use super::name::Name;
use crate::error::Result;
use crate::model::Address;
use crate::network::Network;
use crate::threats::{HIGH, cast, in_order_of_scoring};

/// The suspects of a day's `dns_threat_investigation` rows (unix_tstamp, ip_dst, dns_qry_name,
/// ip_sev, dns_sev; further columns do not matter): clients in numeric order, then names by registered
/// domain and name.
///
/// A row scores its client (`ip_sev`), its name (`dns_sev`) or both; 0 and null score nothing. What
/// counts for a client and a name of one pair is the latest score, by
/// [`SCORED_AT`](crate::threats::SCORED_AT) if there is such a column, else the last in the frame: what
/// was scored high and then low is no suspect. Spellings of one address, or of one name, are one
/// suspect; a name that looks like an address stays a name. [`Suspect::flags`] is empty: see
/// [`flagged`].
///
/// # Errors
/// A missing column, or one that cannot be read as its type.
pub fn suspects(rows: &DataFrame, saved: &BTreeSet<Anchor>) -> Result<Vec<Suspect>> {
    let scores = scores(&in_order_of_scoring(rows)?)?;

    let mut high_rows: HashMap<Anchor, u64> = HashMap::new();
    for ((anchor, _), (latest, high_times)) in scores {
        if latest == HIGH && !anchor.as_str().is_empty() {
            *high_rows.entry(anchor).or_default() += high_times.len() as u64;
        }
    }
    let mut suspects: Vec<Suspect> = high_rows
        .into_iter()
        .map(|(anchor, high_rows)| {
            let (saved, flags) = (saved.contains(&anchor), Vec::new());
            Suspect { anchor, high_rows, saved, flags }
        })
        .collect();
    suspects.sort_by_cached_key(|suspect| place(&suspect.anchor));
    Ok(suspects)
}

/// The same with what the list of indicators says of each.
pub fn flagged(mut suspects: Vec<Suspect>, network: &Network) -> Vec<Suspect> {
    for suspect in &mut suspects {
        suspect.flags = flags_of(&suspect.anchor, network);
    }
    suspects
}

/// Who is scored, and by the row of whom: (anchor, the other end).
type Scored = (Anchor, String);

/// The latest score of each, and the times of its rows that were ever scored high.
fn scores(rows: &DataFrame) -> Result<HashMap<Scored, (i64, BTreeSet<i64>)>> {
    let (client, name) =
        (cast(rows, "ip_dst", DataType::String)?, cast(rows, "dns_qry_name", DataType::String)?);
    let [tstamp, ip_sev, dns_sev] =
        ["unix_tstamp", "ip_sev", "dns_sev"].map(|column| cast(rows, column, DataType::Int64));
    let (tstamp, ip_sev, dns_sev) = (tstamp?, ip_sev?, dns_sev?);

    let mut scores: HashMap<Scored, (i64, BTreeSet<i64>)> = HashMap::new();
    let texts = client.str()?.iter().zip(name.str()?.iter());
    let numbers = tstamp.i64()?.iter().zip(ip_sev.i64()?.iter().zip(dns_sev.i64()?.iter()));
    for ((client, name), (tstamp, (ip_sev, dns_sev))) in texts.zip(numbers) {
        let client = Address::new(client.unwrap_or_default());
        let name = Name::new(name.unwrap_or_default());
        let (client_text, name_text) = (client.as_str().to_owned(), name.as_str().to_owned());
        let scored = [
            (ip_sev, (Anchor::Client(client), name_text)),
            (dns_sev, (Anchor::Query(name), client_text)),
        ];
        for (score, key) in scored {
            let Some(score) = score.filter(|&score| score != 0) else { continue };
            let (latest, high_times) = scores.entry(key).or_default();
            *latest = score;
            if score == HIGH {
                high_times.insert(tstamp.unwrap_or_default());
            }
        }
    }
    Ok(scores)
}

/// Distinct rows whose client or name is scored high, as [`suspects`] tells them.
///
/// # Errors
/// As there.
pub fn high_rows(rows: &DataFrame) -> Result<u64> {
    let mut rows_of: HashMap<(String, String), BTreeSet<i64>> = HashMap::new();
    for ((anchor, other), (latest, times)) in scores(&in_order_of_scoring(rows)?)? {
        if latest == HIGH {
            let own = anchor.as_str().to_owned();
            let pair = match anchor {
                Anchor::Client(_) => (own, other),
                Anchor::Query(_) => (other, own),
            };
            rows_of.entry(pair).or_default().extend(times);
        }
    }
    Ok(rows_of.values().map(|times| times.len() as u64).sum())
}

/// Clients as addresses are ordered; names of one registered domain stand together.
fn place(anchor: &Anchor) -> (Option<Name>, Anchor) {
    match anchor {
        Anchor::Client(_) => (None, anchor.clone()),
        Anchor::Query(name) => {
            (Some(name.registered_domain().unwrap_or_else(|| name.clone())), anchor.clone())
        }
    }
}
