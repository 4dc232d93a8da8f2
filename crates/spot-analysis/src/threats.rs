//! The list of suspects: addresses at the ends of connections that an analyst scored high.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use polars::prelude::*;

use crate::error::{AnalysisError, Result};
use crate::model::{Address, Flag, Side};
use crate::network::Network;

/// Spot's score of a high risk; 2 is medium, 3 low.
pub const HIGH: i64 = 1;

/// Optional column: when a row was scored. Without it the order of rows tells.
pub const SCORED_AT: &str = "scored_at";

/// Optional column: who scored it.
pub const SCORED_BY: &str = "scored_by";

/// Optional column: why, if that was said: the indicator that a row matched, a sentence.
pub const SCORED_WHY: &str = "scored_why";

/// What is scored: source and destination, and their ports.
type Connection = (Address, Address, i64, i64);

/// An address of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspect {
    /// The address.
    pub address: Address,
    /// Ours or not, and by which rule.
    pub side: Side,
    /// High rows with the address as source.
    pub as_source: u64,
    /// High rows with the address as destination.
    pub as_destination: u64,
    /// High rows with the address at either end; a row to itself counts once.
    pub high_rows: u64,
    /// Distinct destination ports of those rows, ascending; 0 and numbers that are no port left out.
    pub ports: Vec<u16>,
    /// Whether the address has a story already.
    pub saved: bool,
    /// What the list of indicators says of it.
    pub flags: Vec<Flag>,
}

/// The suspects of a day's `flow_threat_investigation` rows (tstart, srcip, dstip, srcport,
/// dstport, score; further columns do not matter), in numeric order.
///
/// The score of a connection (both addresses and both ports) is that of its latest row, by
/// [`SCORED_AT`] if there is such a column, else the last in the frame: what was scored high and then
/// low is no suspect. Both ends of a high connection are listed, with their role. Rows of one
/// connection that differ in tstart are different rows; repeated scores of one row count once.
///
/// # Errors
/// A missing column, or one that cannot be read as its type.
pub fn suspects(
    rows: &DataFrame,
    network: &Network,
    saved: &BTreeSet<Address>,
) -> Result<Vec<Suspect>> {
    let list = in_order_of_scoring(rows)?;
    let connections = connections(&list)?;

    let mut found: BTreeMap<Address, Suspect> = BTreeMap::new();
    for ((src, dst, _, dst_port), (latest, high_times)) in connections {
        if latest != HIGH {
            continue;
        }
        let count = high_times.len() as u64;
        let port = u16::try_from(dst_port).ok().filter(|&port| port != 0);
        let mut add = |address: &Address, as_source: u64, as_destination: u64, high_rows: u64| {
            if address.as_str().is_empty() {
                return;
            }
            let suspect = found.entry(address.clone()).or_insert_with(|| Suspect {
                address: address.clone(),
                side: network.inside(address),
                as_source: 0,
                as_destination: 0,
                high_rows: 0,
                ports: Vec::new(),
                saved: saved.contains(address),
                flags: network.flags_of(address),
            });
            suspect.as_source += as_source;
            suspect.as_destination += as_destination;
            suspect.high_rows += high_rows;
            suspect.ports.extend(port);
        };
        if src == dst {
            add(&src, count, count, count);
        } else {
            add(&src, count, 0, count);
            add(&dst, 0, count, count);
        }
    }
    Ok(found
        .into_values()
        .map(|mut suspect| {
            suspect.ports.sort_unstable();
            suspect.ports.dedup();
            suspect
        })
        .collect())
}

/// The latest score of each connection, and the times of its rows that were ever scored high.
fn connections(rows: &DataFrame) -> Result<HashMap<Connection, (i64, BTreeSet<String>)>> {
    let (tstart, src, dst) = (
        cast(rows, "tstart", DataType::String)?,
        cast(rows, "srcip", DataType::String)?,
        cast(rows, "dstip", DataType::String)?,
    );
    let (src_port, dst_port) =
        (cast(rows, "srcport", DataType::Int64)?, cast(rows, "dstport", DataType::Int64)?);
    let score = cast(rows, "score", DataType::Int64)?;

    // Later rows overwrite the score; times that were ever scored high are kept beside it.
    let mut connections: HashMap<Connection, (i64, BTreeSet<String>)> = HashMap::new();
    let texts = tstart.str()?.iter().zip(src.str()?.iter().zip(dst.str()?.iter()));
    let numbers = src_port.i64()?.iter().zip(dst_port.i64()?.iter()).zip(score.i64()?.iter());
    for ((tstart, (src, dst)), ((src_port, dst_port), score)) in texts.zip(numbers) {
        let key = (
            Address::new(src.unwrap_or_default()),
            Address::new(dst.unwrap_or_default()),
            src_port.unwrap_or(0),
            dst_port.unwrap_or(0),
        );
        let Some(score) = score else { continue }; // no score: not scored
        let (latest, high_times) = connections.entry(key).or_default();
        *latest = score;
        if score == HIGH {
            high_times.insert(tstart.unwrap_or_default().to_owned());
        }
    }
    Ok(connections)
}

/// Distinct rows that are scored high, as [`suspects`] tells them.
///
/// # Errors
/// As there.
pub fn high_rows(rows: &DataFrame) -> Result<u64> {
    let connections = connections(&in_order_of_scoring(rows)?)?;
    let high = connections.values().filter(|(latest, _)| *latest == HIGH);
    Ok(high.map(|(_, times)| times.len() as u64).sum())
}

/// By [`SCORED_AT`] if there is such a column, else as they are.
pub(crate) fn in_order_of_scoring(rows: &DataFrame) -> Result<DataFrame> {
    let options = SortMultipleOptions::default().with_maintain_order(true).with_nulls_last(false);
    Ok(match rows.column(SCORED_AT) {
        Ok(_) => rows.sort([SCORED_AT], options)?,
        Err(_) => rows.clone(),
    })
}

/// A column of the threat rows as `wanted`.
pub(crate) fn cast(rows: &DataFrame, name: &str, wanted: DataType) -> Result<Column> {
    let column = rows
        .column(name)
        .map_err(|_| AnalysisError::MissingColumn { column: name.to_owned(), table: "threat" })?;
    column.cast(&wanted).map_err(|_| AnalysisError::ColumnType {
        column: name.to_owned(),
        table: "threat",
        found: column.dtype().to_string(),
        wanted: wanted.to_string(),
    })
}
