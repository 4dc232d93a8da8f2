//! The report of an address: its peers, the groups of its rows, the names that led to its peers.

use std::collections::HashMap;

use polars::prelude::{Column as Values, DataFrame, DataType, PolarsResult, TimeUnit};
use spot_analysis::details::details;
use spot_analysis::dns::cross::Resolved;
use spot_analysis::model::{Address, Began, Initiator, Investigation, Peer};

use super::page::{Page, document};
use super::table::{Cells, Column, Related, Table, Words, seconds};
use super::{FlowReport, MOST, PEERS, STILL};
use crate::figure::{self, gallery};
use crate::flags;
use crate::format;
use crate::history;
use crate::markup::{Markup, el};
use crate::result;
use crate::states;
use crate::style;
use crate::visible::plain;

/// The report of an address on a day: the whole document.
pub fn flow(report: &FlowReport<'_>) -> String {
    let found = report.found;
    let still = report.top_results.max(STILL);
    let mut words = Words::default();
    let mut briefing = vec![
        el("div").own("class", "who").child(result::who(found)).into(),
        result::partial(&found.provenance),
    ];
    briefing.extend(report.story.map(result::story_box));
    briefing.push(flags::box_of(&flags::of_flows(found)));

    let mut overview = Vec::new();
    let mut tables = Vec::new();
    if found.facts.connections == 0 {
        overview.push(result::nothing(found));
        overview.push(history::flow(found, report.top_results));
    } else {
        let facts = result::facts(&found.facts, found);
        overview.push(el("div").own("class", "facts").child(facts).into());
        overview.push(result::gist(found));
        overview.push(figure::directions(&found.peers));
        overview.push(history::flow(found, report.top_results));
        if !found.peers.is_empty() {
            tables.push(peers(found, still, &mut words));
        }
        match groups(report.rows, still, &mut words) {
            Ok(table) => tables.push(table),
            Err(why) => overview.push(states::error(
                "The rows cannot be shown.",
                &plain(&why.to_string()),
                "The sums above are whole. Make the report again from the tables.",
            )),
        }
        if !report.resolved.is_empty() {
            tables.push(names(report.resolved, still, &mut words));
        }
    }
    document(Page {
        title: format!("{} on {}: threat summary", plain(found.anchor.as_str()), found.day),
        heading: Markup::from_iter([
            Markup::trusted("Threat summary for "),
            el("span").own("class", "m").text(found.anchor.as_str()).into(),
        ]),
        briefing,
        overview,
        figures: gallery::flow_in(found, report.zone),
        tables,
        last: "Notes and sources",
        end: vec![result::notes(&found.notes), result::provenance(&found.provenance)],
        words,
        day: found.day,
        zone: report.zone,
        anchor: plain(found.anchor.as_str()),
        provenance: Some(&found.provenance),
        up: report.up,
    })
}

/// Who opened the connections, in words.
fn opened(by: &Initiator) -> &'static str {
    match by.began {
        Began::Anchor => "this address",
        Began::Peer => "the peer",
        Began::Both => "both",
        Began::Unknown => "unknown",
    }
}

/// What that rests on.
fn rests_on(by: &Initiator) -> &'static str {
    if by.sure { "start times or flags" } else { "port numbers only" }
}

/// A column of what files of the analyst tell; where they tell nothing of anybody, it takes no room.
fn known(name: &'static str, cells: Cells, any: bool) -> Column {
    let column = Column::new(name, cells).long();
    if any { column } else { column.more() }
}

/// All peers.
fn peers(found: &Investigation, still: usize, words: &mut Words) -> Table {
    let all = &found.peers[..found.peers.len().min(PEERS)];
    let mut texts = |of: &dyn Fn(&Peer) -> String| {
        Cells::Words(all.iter().map(|peer| words.number(&of(peer))).collect())
    };
    let count = |of: fn(&Peer) -> u64| Cells::Counts(all.iter().map(|p| Some(of(p))).collect());
    let bytes = |of: fn(&Peer) -> u64| Cells::Bytes(all.iter().map(|p| Some(of(p))).collect());
    let side = |peer: &Peer| {
        let side = if peer.side.inside { "inside" } else { "outside" };
        match peer.side.rule.as_str() {
            "" => side.to_owned(),
            rule => format!("{side}: {rule}"),
        }
    };
    let context = |peer: &Peer| peer.context.as_ref().map_or("Unknown".into(), |c| c.name.clone());
    let rule = |peer: &Peer| peer.context.as_ref().map_or(format::NONE.into(), |c| c.rule.clone());
    let place = |peer: &Peer| match peer.place.as_ref().map(result::where_text) {
        Some(place) if !place.is_empty() => place,
        _ => "Unknown".to_owned(),
    };
    let owner = |peer: &Peer| match peer.place.as_ref().map(result::owner_text) {
        Some(owner) if !owner.is_empty() => owner,
        _ => format::NONE.to_owned(),
    };
    let way = |p: &Peer| format!("{} {}", style::mark(p.direction), p.direction.name());
    let ports = |p: &Peer| format::ports(&p.service_ports, p.service_port_count, 3);
    let all_ports = |p: &Peer| format::ports(&p.service_ports, p.service_port_count, 8);
    let mut columns = vec![
        Column::new("Class", texts(&way)).way(),
        known("Context", texts(&context), all.iter().any(|peer| peer.context.is_some())),
        known("Place", texts(&place), all.iter().any(|peer| peer.place.is_some())),
        Column::new("Connections", count(|p| p.connections)),
        Column::new("Received", bytes(|p| p.bytes_in)),
        Column::new("Sent", bytes(|p| p.bytes_out)),
        Column::new("Bytes", bytes(Peer::bytes)).bar(),
        Column::new("Service ports", texts(&ports)),
        Column::new("Protocols", texts(&|p| p.protocols.join(", "))),
        Column::new("Opened by", texts(&|p| opened(&p.initiator).to_owned())),
        Column::new(
            "First",
            Cells::Times {
                after: None,
                values: all.iter().map(|p| Some(seconds(p.first_seen))).collect(),
            },
        ),
        Column::new(
            "Last",
            Cells::Times {
                after: Some(11),
                values: all.iter().map(|p| Some(seconds(p.last_seen))).collect(),
            },
        ),
        Column::new("Active minutes", count(|p| p.active_minutes)).more(),
        Column::new("Rows from the peer", count(|p| p.rows_in)).more(),
        Column::new("Rows to the peer", count(|p| p.rows_out)).more(),
        Column::new("Packets received", count(|p| p.packets_in)).more(),
        Column::new("Packets sent", count(|p| p.packets_out)).more(),
        Column::new("Biggest row", bytes(|p| p.max_bytes)).more(),
        Column::new("All service ports", texts(&all_ports)).more(),
        Column::new("Side", texts(&side)).more(),
        Column::new("Rule of the context", texts(&rule)).more(),
        Column::new("Registered to", texts(&owner)).more(),
        Column::new("Who opened rests on", texts(&|p| rests_on(&p.initiator).to_owned())).more(),
        Column::new("Conversations", count(|p| p.initiator.conversations)).more(),
        Column::new("of which this address began", count(|p| p.initiator.by_anchor)).more(),
    ];
    // Last, and not among others: texts that repeat have short numbers, those of the peers count up.
    let address = all.iter().map(|peer| words.number(peer.address.as_str())).collect();
    columns.insert(0, Column::new("Peer", Cells::Words(address)).mono());
    // Last: other columns are meant by their places.
    columns.extend(Column::listed(words, all.iter().map(|peer| peer.flags.as_slice())));
    Table {
        id: "peers",
        title: "Peers",
        unit: "peers",
        lead: "Sums over all rows between this address and the peer. Most bytes first.".into(),
        columns,
        rows: all.len(),
        of: found.facts.peers,
        still,
        filter: "(sip = {anchor} and dip = {0}) or (sip = {0} and dip = {anchor})",
        stands: Some((4, "flow")),
        related: Some(Related { table: "rows", mine: 0, theirs: &[2, 3] }),
        span: None,
    }
}

/// The rows, grouped by source, destination and ports.
fn groups(rows: &DataFrame, still: usize, words: &mut Words) -> Result<Table, String> {
    let table = details(rows).map_err(|why| why.to_string())?;
    groups_of(&table, still, words).map_err(|why| why.to_string())
}

fn groups_of(all: &DataFrame, still: usize, words: &mut Words) -> PolarsResult<Table> {
    let table = all.head(Some(MOST));
    let address = |name: &str, words: &mut Words| -> PolarsResult<Cells> {
        let mut known: HashMap<&str, u32> = HashMap::new();
        let values = table.column(name)?.str()?;
        let mut numbers = Vec::with_capacity(values.len());
        for text in values.iter() {
            let text = text.unwrap_or_default();
            let number = *known.entry(text).or_insert_with(|| {
                let number = words.number(text);
                let canonical = words.number(Address::new(text).as_str());
                words.same(number, canonical);
                number
            });
            numbers.push(number);
        }
        Ok(Cells::Words(numbers))
    };
    let (source, destination) = (address("srcIp", words)?, address("dstIp", words)?);
    let number = |name: &str| numbers(table.column(name)?);
    let mean = |name: &str| -> PolarsResult<Vec<Option<f64>>> {
        Ok(table.column(name)?.f64()?.iter().collect())
    };
    let columns = vec![
        Column::new(
            "First",
            Cells::Times { after: None, values: times(table.column("firstSeen")?)? },
        ),
        Column::new(
            "Last",
            Cells::Times { after: Some(0), values: times(table.column("lastSeen")?)? },
        ),
        Column::new("Source", source).mono(),
        Column::new("Destination", destination).mono(),
        Column::new("Source port", Cells::Ports(number("srcPort")?)),
        Column::new("Destination port", Cells::Ports(number("dstPort")?)),
        Column::new("Connections", Cells::Counts(number("connections")?)),
        Column::new("Most bytes", Cells::Bytes(number("maxBytes")?)).bar(),
        Column::new(
            "Mean bytes",
            Cells::Means { like: Some(7), bytes: true, values: mean("avgBytes")? },
        ),
        Column::new("Most packets", Cells::Counts(number("maxPkts")?)),
        Column::new(
            "Mean packets",
            Cells::Means { like: Some(9), bytes: false, values: mean("avgPkts")? },
        ),
    ];
    Ok(Table {
        id: "rows",
        title: "Rows by ends and ports",
        unit: "groups",
        lead: "Flow rows with the same source, destination and ports are one line. Most connections first.".into(),
        columns,
        rows: table.height(),
        of: all.height() as u64,
        still,
        filter: "sip = {2} and dip = {3} and sport = {4} and dport = {5}",
        stands: Some((6, "flow")),
        related: None,
        span: Some([0, 1]),
    })
}

/// Numbers of any whole type; what is negative is none.
fn numbers(column: &Values) -> PolarsResult<Vec<Option<u64>>> {
    if let Ok(values) = column.u64() {
        return Ok(values.iter().collect());
    }
    let wide = column.cast(&DataType::Int64)?;
    Ok(wide.i64()?.iter().map(|n| n.and_then(|n| u64::try_from(n).ok())).collect())
}

/// Seconds since 1970.
fn times(column: &Values) -> PolarsResult<Vec<Option<i64>>> {
    let micros = column.cast(&DataType::Datetime(TimeUnit::Microseconds, None))?;
    let values = micros.datetime()?.physical().iter();
    Ok(values.map(|at| at.map(|at| at.div_euclid(1_000_000))).collect())
}

/// Names that led to peers.
fn names(resolved: &[Resolved], still: usize, words: &mut Words) -> Table {
    let all = &resolved[..resolved.len().min(MOST)];
    let mut texts = |of: &dyn Fn(&Resolved) -> String| {
        Cells::Words(all.iter().map(|one| words.number(&of(one))).collect())
    };
    let clients = |one: &Resolved| {
        let listed: Vec<&str> = one.clients.iter().map(Address::as_str).collect();
        match one.client_count.saturating_sub(listed.len() as u64) {
            0 => listed.join(", "),
            more => format!("{} +{more}", listed.join(", ")),
        }
    };
    let mut columns = vec![
        Column::new("Peer", texts(&|one| one.address.as_str().to_owned())).mono(),
        Column::new("Name that resolved to it", texts(&|one| one.name.as_str().to_owned())).mono(),
        Column::new("Answers", Cells::Counts(all.iter().map(|one| Some(one.answers)).collect()))
            .bar(),
        Column::new("Asked by", texts(&clients)).mono(),
        Column::new(
            "First",
            Cells::Times {
                after: None,
                values: all.iter().map(|one| one.first_seen.map(seconds)).collect(),
            },
        ),
        Column::new(
            "Last",
            Cells::Times {
                after: Some(4),
                values: all.iter().map(|one| one.last_seen.map(seconds)).collect(),
            },
        ),
    ];
    columns.extend(Column::listed(words, all.iter().map(|one| one.flags.as_slice())));
    Table {
        id: "names",
        title: "Names of the peers, from DNS",
        unit: "names",
        lead: "What DNS answers of the day resolved to these peers, and who asked.".into(),
        columns,
        rows: all.len(),
        of: resolved.len() as u64,
        still,
        filter: "dns_a contains {0} and dns_qry_name = {1}",
        stands: Some((2, "dns")),
        related: Some(Related { table: "rows", mine: 0, theirs: &[2, 3] }),
        span: None,
    }
}
