//! The day of an anchor: lanes to draw, and the rows of Spot's `flow_timeline`.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use polars::prelude::*;

use crate::biflow;
use crate::error::{AnalysisError, Result};
use crate::flows::{Flows, SECOND};
use crate::model::{Address, Bin, Lane, Peer, Span, Timeline};
use crate::rows;

/// The bin of [`crate::investigate()`]: 144 of them are a day.
pub const BIN_MINUTES: u32 = 10;

const DAY_MINUTES: u32 = 24 * 60;
const DAY_SECONDS: u32 = DAY_MINUTES * 60;

/// Rows that are at most so many seconds apart are one span.
pub const SPAN_GAP_SECONDS: u32 = 60;

/// The columns of [`rows_for_table`], in the order of Spot's table.
pub const TABLE_COLUMNS: [&str; 10] =
    ["ip_threat", "tstart", "tend", "srcip", "dstip", "proto", "sport", "dport", "ipkt", "ibyt"];

/// Lanes for the first `lanes` of `peers` (which come most bytes first), in bins of `bin_minutes`.
///
/// A row is in the bin of its time. Every row of a lane's peer counts: there is no limit other than
/// `lanes`, and [`Timeline::of`] says of how many. Rows without a time or of another day than `day`
/// are in the lane's sums and in no bin. Spans go from the start of a row to its end, as far as they
/// are on the day; those at most [`SPAN_GAP_SECONDS`] apart are one.
///
/// # Errors
/// A frame of another shape; a bin that does not divide the day.
pub fn timeline(
    rows: &DataFrame,
    anchor: &Address,
    day: NaiveDate,
    peers: &[Peer],
    lanes: usize,
    bin_minutes: u32,
) -> Result<Timeline> {
    let flows = Flows::read(rows, anchor)?;
    let service_ports = biflow::join(&flows).service_ports;
    from_flows(&flows, &service_ports, day, peers, lanes, bin_minutes).map(|(timeline, _)| timeline)
}

#[derive(Default)]
struct BinSums {
    connections: u64,
    bytes: u64,
    ports: BTreeMap<u16, u64>,
}

/// Also gives the number of rows of another day.
pub(crate) fn from_flows(
    flows: &Flows,
    service_ports: &[Option<u16>],
    day: NaiveDate,
    peers: &[Peer],
    lanes: usize,
    bin_minutes: u32,
) -> Result<(Timeline, u64)> {
    if bin_minutes == 0 || !DAY_MINUTES.is_multiple_of(bin_minutes) {
        return Err(AnalysisError::BinWidth { minutes: bin_minutes });
    }
    let midnight = day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_micros();
    let bin_micros = i64::from(bin_minutes) * 60 * SECOND;
    let drawn = &peers[..lanes.min(peers.len())];
    let lane_of_address: HashMap<&Address, usize> =
        drawn.iter().enumerate().map(|(lane, peer)| (&peer.address, lane)).collect();
    let lane_of: Vec<Option<usize>> =
        flows.peers.iter().map(|peer| lane_of_address.get(peer).copied()).collect();

    let mut other_days = 0;
    let mut bins: Vec<BTreeMap<u32, BinSums>> = drawn.iter().map(|_| BTreeMap::new()).collect();
    let mut spans: Vec<Vec<Span>> = drawn.iter().map(|_| Vec::new()).collect();
    for (flow, port) in flows.flows.iter().zip(service_ports) {
        let Some(end) = flow.end else { continue };
        let lane = lane_of.get(flow.peer as usize).copied().flatten();
        let start = flow.start().unwrap_or(end);
        if let Some(spans) = lane.and_then(|lane| spans.get_mut(lane)) {
            spans.extend(on_day(start.saturating_sub(midnight), end.saturating_sub(midnight)));
        }
        let index = end.saturating_sub(midnight).div_euclid(bin_micros);
        let Some(index) =
            u32::try_from(index).ok().filter(|&index| index < DAY_MINUTES / bin_minutes)
        else {
            other_days += 1;
            continue;
        };
        let Some(bins) = lane.and_then(|lane| bins.get_mut(lane)) else { continue };
        let bin = bins.entry(index).or_default();
        bin.connections += 1;
        bin.bytes = bin.bytes.saturating_add(flow.bytes).saturating_add(flow.bytes_back);
        if let Some(port) = *port {
            *bin.ports.entry(port).or_default() += 1;
        }
    }
    let lanes = drawn.iter().zip(bins).zip(spans);
    let lanes = lanes.map(|((peer, bins), spans)| lane(peer, bins, merged(spans))).collect();
    Ok((Timeline { bin_minutes, lanes, of: peers.len() as u64 }, other_days))
}

/// The part of a row that is on the day; times are microseconds from its midnight.
fn on_day(start: i64, end: i64) -> Option<Span> {
    let last = i64::from(DAY_SECONDS);
    let (from, to) = (start.div_euclid(SECOND), end.div_euclid(SECOND));
    if to < 0 || from >= last {
        return None;
    }
    let second = |at: i64| u32::try_from(at.clamp(0, last)).unwrap_or_default();
    Some(Span { from: second(from), to: second(to) })
}

fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable_by_key(|span| (span.from, span.to));
    let mut out: Vec<Span> = Vec::new();
    for span in spans {
        match out.last_mut() {
            Some(last) if span.from <= last.to.saturating_add(SPAN_GAP_SECONDS) => {
                last.to = last.to.max(span.to);
            }
            _ => out.push(span),
        }
    }
    out
}

fn lane(peer: &Peer, bins: BTreeMap<u32, BinSums>, spans: Vec<Span>) -> Lane {
    let bins = bins
        .into_iter()
        .map(|(index, sums)| Bin {
            index,
            connections: sums.connections,
            bytes: sums.bytes,
            // Of equally many rows the lower port, whatever the order of rows was.
            port: sums
                .ports
                .iter()
                .min_by_key(|(port, rows)| (u64::MAX - **rows, **port))
                .map(|(port, _)| *port),
        })
        .collect();
    Lane {
        peer: peer.address.clone(),
        direction: peer.direction,
        bytes: peer.bytes(),
        connections: peer.connections,
        bins,
        flagged: !peer.flags.is_empty(),
        spans,
        port: peer.service_ports.first().copied(),
    }
}

/// The rows of Spot's table `flow_timeline` for `anchor`: one for each minute, source, destination,
/// protocol and pair of ports.
///
/// `ipkt`, `ibyt` (Int64) are sums over the rows of that minute in their own direction, so that they
/// add up to the sums of the raw rows with a peer, and nothing is cut off. `tstart`, `tend` are the
/// first and last time in the minute, text `YYYY-MM-DD HH:MM:SS`, UTC. Rows of the anchor to itself are
/// left out; so are rows without a time, which no minute has. Nulls and negative counts are 0; a null
/// port is 0, a null text empty, since the table's readers expect values. Ordered by
/// time, then by the other columns.
///
/// # Errors
/// A frame of another shape.
pub fn rows_for_table(flow_rows: &DataFrame, anchor: &Address) -> Result<DataFrame> {
    let flows = Flows::read(flow_rows, anchor)?;
    let with_peer: BooleanChunked = flows.is_peer_row.iter().copied().collect_ca("peer".into());
    let count = |name: &str| when(col(name).gt(lit(0i64))).then(col(name)).otherwise(lit(0i64));
    let time_text = |expr: Expr| expr.dt().to_string("%Y-%m-%d %H:%M:%S");
    let table = flow_rows
        .filter(&with_peer)?
        .lazy()
        .filter(col(rows::TIME).is_not_null())
        .group_by([
            col(rows::TIME).dt().truncate(lit("1m")).alias("minute"),
            col(rows::SRC).fill_null(lit("")).alias("srcip"),
            col(rows::DST).fill_null(lit("")).alias("dstip"),
            col(rows::PROTO).fill_null(lit("")).alias("proto"),
            col(rows::SRC_PORT).fill_null(lit(0i32)).alias("sport"),
            col(rows::DST_PORT).fill_null(lit(0i32)).alias("dport"),
        ])
        .agg([
            time_text(col(rows::TIME).min()).alias("tstart"),
            time_text(col(rows::TIME).max()).alias("tend"),
            count(rows::PACKETS).sum().alias("ipkt"),
            count(rows::BYTES).sum().alias("ibyt"),
        ])
        .with_column(lit(anchor.as_str()).alias("ip_threat"))
        .select(TABLE_COLUMNS.map(col))
        .sort(
            ["tstart", "tend", "srcip", "dstip", "proto", "sport", "dport"],
            SortMultipleOptions::default().with_maintain_order(true),
        )
        .collect()?;
    Ok(table)
}
