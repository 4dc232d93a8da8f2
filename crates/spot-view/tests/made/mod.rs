//! Flow rows and their finding, made by a rule, as many as one likes; for tests, and to measure.
#![allow(dead_code, missing_docs)]

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use polars::prelude::*;
use spot_analysis::dns::cross::{Followed, Resolved};
use spot_analysis::dns::{self, Name};
use spot_analysis::model::*;
use spot_analysis::{InvestigateInput, Network, investigate, rows};

pub fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2022, 6, 13).unwrap_or_default()
}

fn midnight() -> NaiveDateTime {
    day().and_time(NaiveTime::MIN)
}

/// Raw rows of `anchor`: peer, whether the row goes to the peer, ports, bytes, second of the day.
pub struct Row {
    pub peer: String,
    pub out: bool,
    pub ports: [i32; 2],
    pub bytes: i64,
    pub second: i64,
    pub proto: String,
}

/// `flows` rows with `peers` peers; no two have the same ends and ports.
pub fn rows_of(flows: usize, peers: usize) -> Vec<Row> {
    (0..flows)
        .map(|i| {
            let peer = i * 7919 % peers.max(1);
            let own = 1024 + (i / peers.max(1) * 61 + i % 53) as i32 % 60_000;
            let service = [443, 80, 53, 22, 3389, 8443][(peer / 3) % 6];
            let out = match peer % 7 {
                0..=2 => true,
                3 => false,
                _ => !(i / peers.max(1) + peer).is_multiple_of(3),
            };
            let a = if peer.is_multiple_of(97) {
                "2001:db8::".to_owned() + &format!("{peer:x}")
            } else {
                format!(
                    "{}.{}.{}.{}",
                    [203, 198, 45, 91][peer % 4],
                    peer / 65_025 + 11,
                    peer / 255 % 255,
                    peer % 255
                )
            };
            Row {
                peer: a,
                out,
                ports: if out { [own, service] } else { [service, own] },
                bytes: (40 + (i as i64 * 2_654_435_761) % 90_000) * if peer < 9 { 400 } else { 1 },
                second: (i as i64 * 104_729) % 86_400,
                proto: if service == 53 { "UDP".into() } else { "TCP".into() },
            }
        })
        .collect()
}

pub fn frame(anchor: &str, rows: &[Row]) -> DataFrame {
    let n = rows.len();
    let end = |row: &Row, source: bool| {
        if row.out == source { anchor.to_owned() } else { row.peer.clone() }
    };
    let start = midnight().and_utc().timestamp_micros();
    df!(
        rows::TIME => rows.iter().map(|r| start + r.second * 1_000_000).collect::<Vec<i64>>(),
        rows::DURATION => vec![0.5f64; n],
        rows::SRC => rows.iter().map(|r| end(r, true)).collect::<Vec<String>>(),
        rows::DST => rows.iter().map(|r| end(r, false)).collect::<Vec<String>>(),
        rows::SRC_PORT => rows.iter().map(|r| r.ports[0]).collect::<Vec<i32>>(),
        rows::DST_PORT => rows.iter().map(|r| r.ports[1]).collect::<Vec<i32>>(),
        rows::PROTO => rows.iter().map(|r| r.proto.clone()).collect::<Vec<String>>(),
        rows::FLAG => vec![".AP.SF"; n],
        rows::PACKETS => rows.iter().map(|r| 1 + r.bytes / 900).collect::<Vec<i64>>(),
        rows::BYTES => rows.iter().map(|r| r.bytes).collect::<Vec<i64>>(),
        rows::PACKETS_BACK => vec![0i64; n],
        rows::BYTES_BACK => vec![0i64; n],
    )
    .expect("columns of one length")
    .lazy()
    .with_column(col(rows::TIME).cast(DataType::Datetime(TimeUnit::Microseconds, None)))
    .collect()
    .expect("times")
}

/// Context and places of some peers.
pub fn network() -> Network {
    Network::parse(
        None,
        Some(("networkcontext_1.csv", "203.0.0.0/8,Partner.FW.1\n45.11.0.0/16,DMZ.Mirror\n")),
        Some((
            "iploc.csv",
            "\"3322609664\",\"3322675199\",\"CZ\",\"Czechia\",\"Praha\",\"Praha\",\"50.1\",\"14.4\",\"CESNET\",\"cesnet.cz\"\n",
        )),
    )
}

pub fn found(anchor: &str, frame: &DataFrame, network: &Network, top: usize) -> Investigation {
    let rows = frame.height() as u64;
    investigate(InvestigateInput {
        rows: frame,
        anchor: Address::new(anchor),
        day: day(),
        network,
        high_rows: 25,
        top_results: top,
        provenance: Provenance {
            table: "flow".into(),
            filter: format!("sip = {anchor} or dip = {anchor}"),
            rows,
            scanned: rows + 1_232_001,
            files: (0..24)
                .map(|hour| SourceFile {
                    path: format!("flow/y=2022/m=6/d=13/h={hour}/part-0.parquet"),
                    size: 512_345 + hour * 1_013,
                    modified: 1_655_164_800 + hour as i64,
                })
                .collect(),
            fingerprint: "9c1f4e07d2a95b3c8e6f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5ee2".into(),
            partial: None,
        },
        notes: vec![],
    })
    .expect("a finding")
}

/// A name for each of the first `n` peers.
pub fn names(found: &Investigation, n: usize) -> Vec<Resolved> {
    found
        .peers
        .iter()
        .take(n)
        .enumerate()
        .map(|(i, peer)| Resolved {
            address: peer.address.clone(),
            name: Name::new(format!("host{i}.cdn.example.net")),
            answers: 900 / (i as u64 + 1),
            clients: vec![Address::new("10.0.0.5")],
            client_count: 1,
            first_seen: Some(peer.first_seen),
            last_seen: Some(peer.last_seen),
            flags: Vec::new(),
        })
        .collect()
}

/// Flows to a few addresses after names of `found` had led there.
pub fn followed(found: &dns::Investigation) -> Vec<Followed> {
    found
        .rows
        .iter()
        .take(30)
        .enumerate()
        .map(|(i, row)| {
            let at = found.day.and_time(NaiveTime::MIN) + chrono::Duration::minutes(9 * i as i64);
            Followed {
                client: row.client.clone(),
                address: Address::new(format!("203.0.113.{}", i + 1)),
                names: vec![row.name.clone()],
                name_count: 1,
                first_answer: at,
                flows: 40 - i as u64,
                bytes_out: 9_000_000 / (i as u64 + 1),
                bytes_in: 70_000,
                first_flow: at,
                last_flow: at + chrono::Duration::seconds(90),
                ports: vec![443],
                flags: Vec::new(),
            }
        })
        .collect()
}
