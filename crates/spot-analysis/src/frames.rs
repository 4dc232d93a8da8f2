//! The tables of a finding as frames, for cells that go on calculating.

use chrono::NaiveDateTime;
use polars::prelude::*;

use crate::error::Result;
use crate::model::{Facts, Investigation, Peer, Timeline, TopTable};

/// One line a peer, in the finding's order. Times are Datetime(us), UTC; lists (`service_ports`,
/// `protocols`) are text, joined by blanks.
///
/// # Errors
/// Only if the table engine refuses.
pub fn peers_frame(peers: &[Peer]) -> Result<DataFrame> {
    let text = |of: fn(&Peer) -> String| peers.iter().map(of).collect::<Vec<_>>();
    let number = |of: fn(&Peer) -> u64| peers.iter().map(of).collect::<Vec<_>>();
    let maybe = |of: fn(&Peer) -> Option<&str>| peers.iter().map(of).collect::<Vec<_>>();
    let degrees = |of: fn(&Peer) -> Option<f64>| peers.iter().map(of).collect::<Vec<_>>();
    let frame = df!(
        "peer" => text(|peer| peer.address.to_string()),
        "inside" => peers.iter().map(|peer| peer.side.inside).collect::<Vec<_>>(),
        "inside_rule" => text(|peer| peer.side.rule.clone()),
        "direction" => text(|peer| peer.direction.name().to_owned()),
        "lateral" => peers.iter().map(|peer| peer.lateral).collect::<Vec<_>>(),
        "connections" => number(|peer| peer.connections),
        "rows_in" => number(|peer| peer.rows_in),
        "rows_out" => number(|peer| peer.rows_out),
        "bytes" => number(Peer::bytes),
        "bytes_in" => number(|peer| peer.bytes_in),
        "bytes_out" => number(|peer| peer.bytes_out),
        "packets_in" => number(|peer| peer.packets_in),
        "packets_out" => number(|peer| peer.packets_out),
        "max_bytes" => number(|peer| peer.max_bytes),
        "service_ports" => text(|peer| joined(&peer.service_ports)),
        "service_port_count" => number(|peer| peer.service_port_count),
        "protocols" => text(|peer| joined(&peer.protocols)),
        "first_seen" => peers.iter().map(|peer| micros(peer.first_seen)).collect::<Vec<_>>(),
        "last_seen" => peers.iter().map(|peer| micros(peer.last_seen)).collect::<Vec<_>>(),
        "active_minutes" => number(|peer| peer.active_minutes),
        "began" => text(|peer| peer.initiator.began.name().to_owned()),
        "began_by_anchor" => number(|peer| peer.initiator.by_anchor),
        "conversations" => number(|peer| peer.initiator.conversations),
        "began_sure" => peers.iter().map(|peer| peer.initiator.sure).collect::<Vec<_>>(),
        "context" => maybe(|peer| Some(peer.context.as_ref()?.name.as_str())),
        "context_rule" => maybe(|peer| Some(peer.context.as_ref()?.rule.as_str())),
        "country" => maybe(|peer| Some(peer.place.as_ref()?.country.as_str())),
        "city" => maybe(|peer| Some(peer.place.as_ref()?.city.as_str())),
        "owner" => maybe(|peer| Some(peer.place.as_ref()?.owner.as_str())),
        "latitude" => degrees(|peer| peer.place.as_ref()?.latitude),
        "longitude" => degrees(|peer| peer.place.as_ref()?.longitude),
    )?;
    with_times(frame, &["first_seen", "last_seen"])
}

/// One of the four tables; columns peer, direction, connections, bytes, bytes_back, ports,
/// port_count, first_seen, last_seen, context.
///
/// # Errors
/// Only if the table engine refuses.
pub fn top_frame(table: &TopTable) -> Result<DataFrame> {
    let rows = &table.rows;
    let frame = df!(
        "peer" => rows.iter().map(|row| row.peer.as_str()).collect::<Vec<_>>(),
        "direction" => rows.iter().map(|row| row.direction.name()).collect::<Vec<_>>(),
        "connections" => rows.iter().map(|row| row.connections).collect::<Vec<_>>(),
        "bytes" => rows.iter().map(|row| row.bytes).collect::<Vec<_>>(),
        "bytes_back" => rows.iter().map(|row| row.bytes_back).collect::<Vec<_>>(),
        "ports" => rows.iter().map(|row| joined(&row.ports)).collect::<Vec<_>>(),
        "port_count" => rows.iter().map(|row| row.port_count).collect::<Vec<_>>(),
        "first_seen" => rows.iter().map(|row| micros(row.first_seen)).collect::<Vec<_>>(),
        "last_seen" => rows.iter().map(|row| micros(row.last_seen)).collect::<Vec<_>>(),
        "context" => rows.iter().map(|row| Some(row.context.as_ref()?.name.as_str())).collect::<Vec<_>>(),
    )?;
    with_times(frame, &["first_seen", "last_seen"])
}

/// One line for each bin with rows: peer, direction, bin, minute (of the day, at which the bin
/// starts), connections, bytes, port.
///
/// # Errors
/// Only if the table engine refuses.
pub fn timeline_frame(timeline: &Timeline) -> Result<DataFrame> {
    let bins: Vec<_> = timeline
        .lanes
        .iter()
        .flat_map(|lane| lane.bins.iter().map(move |bin| (lane, bin)))
        .collect();
    Ok(df!(
        "peer" => bins.iter().map(|(lane, _)| lane.peer.as_str()).collect::<Vec<_>>(),
        "direction" => bins.iter().map(|(lane, _)| lane.direction.name()).collect::<Vec<_>>(),
        "bin" => bins.iter().map(|(_, bin)| bin.index).collect::<Vec<_>>(),
        "minute" => bins.iter().map(|(_, bin)| bin.index.saturating_mul(timeline.bin_minutes)).collect::<Vec<_>>(),
        "connections" => bins.iter().map(|(_, bin)| bin.connections).collect::<Vec<_>>(),
        "bytes" => bins.iter().map(|(_, bin)| bin.bytes).collect::<Vec<_>>(),
        "port" => bins.iter().map(|(_, bin)| bin.port.map(u32::from)).collect::<Vec<_>>(),
    )?)
}

/// One line: connections, self_connections, peers, bytes_in, bytes_out, first_seen, last_seen (null
/// without rows), service_ports.
///
/// # Errors
/// Only if the table engine refuses.
pub fn facts_frame(facts: &Facts) -> Result<DataFrame> {
    let micros = |time: Option<NaiveDateTime>| [time.map(micros)];
    let frame = df!(
        "connections" => [facts.connections],
        "self_connections" => [facts.self_connections],
        "peers" => [facts.peers],
        "bytes_in" => [facts.bytes_in],
        "bytes_out" => [facts.bytes_out],
        "first_seen" => micros(facts.seen.map(|(first, _)| first)),
        "last_seen" => micros(facts.seen.map(|(_, last)| last)),
        "service_ports" => [facts.service_ports],
    )?;
    with_times(frame, &["first_seen", "last_seen"])
}

/// Every table of a finding with its name: `facts`, `peers`, the four tops, `timeline`.
///
/// # Errors
/// Only if the table engine refuses.
pub fn frames(found: &Investigation) -> Result<Vec<(&'static str, DataFrame)>> {
    let [a, b, c, d] = &found.top;
    Ok(vec![
        ("facts", facts_frame(&found.facts)?),
        ("peers", peers_frame(&found.peers)?),
        ("sources_by_connections", top_frame(a)?),
        ("destinations_by_connections", top_frame(b)?),
        ("sources_by_bytes", top_frame(c)?),
        ("destinations_by_bytes", top_frame(d)?),
        ("timeline", timeline_frame(&found.timeline)?),
    ])
}

/// Values as one text, blanks between them.
pub(crate) fn joined<T: ToString>(values: &[T]) -> String {
    values.iter().map(T::to_string).collect::<Vec<_>>().join(" ")
}

/// Microseconds since 1970.
pub(crate) fn micros(time: NaiveDateTime) -> i64 {
    time.and_utc().timestamp_micros()
}

/// These columns of microseconds as times.
pub(crate) fn with_times(frame: DataFrame, columns: &[&str]) -> Result<DataFrame> {
    let dtype = DataType::Datetime(TimeUnit::Microseconds, None);
    let casts: Vec<Expr> = columns.iter().map(|name| col(*name).cast(dtype.clone())).collect();
    Ok(frame.lazy().with_columns(casts).collect()?)
}
