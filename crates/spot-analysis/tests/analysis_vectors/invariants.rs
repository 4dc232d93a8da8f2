//! What holds for every frame: sums, partition, and that the order of rows does not matter.

use polars::prelude::*;
use spot_analysis::model::{Address, Investigation, Role};
use spot_analysis::network::Network;
use spot_analysis::{details, get_in_out_and_twoway_conns, timeline};

use crate::given::{Lcg, Outcome, Row, day, frame, search};

const ANCHORS: [&str; 3] = ["10.0.0.5", "203.0.113.9", "2001:db8::5"];

/// Rows of one anchor with everything that data may hold; to itself too.
fn random_rows(lcg: &mut Lcg, count: u64, anchor: &str) -> Vec<Row> {
    let addresses = [
        "10.0.0.6",
        "192.0.2.44",
        "::ffff:192.0.2.44",
        "2001:db8::9",
        "junk",
        "10.0.0.7",
        "198.51.100.7",
    ];
    let ports = [0, 22, 53, 443, 3389, 40_000, 40_001, 50_000, 70_000];
    let pick = |lcg: &mut Lcg, of: usize| lcg.below(of as u64) as usize;
    (0..count)
        .map(|_| {
            let peer = match lcg.below(12) {
                0 => anchor,
                _ => addresses[pick(lcg, addresses.len())],
            };
            let (src, dst) = if lcg.below(2) == 0 { (anchor, peer) } else { (peer, anchor) };
            let second = chrono::TimeDelta::seconds(lcg.below(86_400) as i64);
            let count = |lcg: &mut Lcg| (lcg.below(20) > 0).then(|| lcg.below(1 << 30) as i64);
            Row {
                time: Some(day().and_time(chrono::NaiveTime::MIN) + second),
                duration: Some(lcg.below(100) as f64),
                src: Some(src.to_owned()),
                dst: Some(dst.to_owned()),
                src_port: Some(ports[pick(lcg, ports.len())]),
                dst_port: Some(ports[pick(lcg, ports.len())]),
                proto: Some(["TCP", "UDP", "ICMP"][pick(lcg, 3)].to_owned()),
                flag: Some([".AP.SF", "....S.", "", "odd"][pick(lcg, 4)].to_owned()),
                packets: count(lcg),
                bytes: count(lcg),
                packets_back: count(lcg),
                bytes_back: count(lcg),
            }
        })
        .collect()
}

fn total<T>(items: &[T], of: impl Fn(&T) -> u64) -> u64 {
    items.iter().map(of).sum()
}

/// Every invariant that ties a finding to its rows.
fn hold(found: &Investigation, rows: &[Row], frame: &DataFrame) -> Outcome {
    let anchor = &found.anchor;
    let is_self = |row: &Row| {
        [&row.src, &row.dst]
            .iter()
            .all(|end| Address::new(end.as_deref().unwrap_or_default()) == *anchor)
    };
    let is_out = |row: &Row| Address::new(row.src.as_deref().unwrap_or_default()) == *anchor;
    let sum = |out: bool, of: fn(&Row) -> Option<i64>| -> u64 {
        let rows = rows.iter().filter(|row| !is_self(row) && is_out(row) == out);
        rows.map(|row| of(row).unwrap_or(0) as u64).sum()
    };
    let peers = &found.peers;
    let self_rows = rows.iter().filter(|row| is_self(row)).count() as u64;
    assert_eq!(found.facts.connections, rows.len() as u64);
    assert_eq!(found.facts.self_connections, self_rows);
    assert_eq!(total(peers, |peer| peer.connections), rows.len() as u64 - self_rows);
    assert!(peers.iter().all(|peer| peer.connections == peer.rows_in + peer.rows_out));
    assert!(peers.iter().all(|peer| peer.address != *anchor));
    let bytes_in = sum(false, |row| row.bytes) + sum(true, |row| row.bytes_back);
    let bytes_out = sum(true, |row| row.bytes) + sum(false, |row| row.bytes_back);
    assert_eq!((total(peers, |peer| peer.bytes_in), found.facts.bytes_in), (bytes_in, bytes_in));
    assert_eq!(
        (total(peers, |peer| peer.bytes_out), found.facts.bytes_out),
        (bytes_out, bytes_out)
    );
    let packets = sum(false, |row| row.packets) + sum(true, |row| row.packets_back);
    assert_eq!(total(peers, |peer| peer.packets_in), packets);
    assert!(peers.iter().all(|peer| peer.initiator.by_anchor <= peer.initiator.conversations));
    assert!(peers.iter().all(|peer| peer.initiator.conversations <= peer.connections));

    let classes = get_in_out_and_twoway_conns(peers);
    let parts = [&classes.inbound, &classes.outbound, &classes.twoway];
    let mut together: Vec<_> =
        parts.iter().flat_map(|part| part.iter()).map(|peer| &peer.address).collect();
    together.sort();
    together.dedup();
    assert_eq!(together.len(), peers.len());
    assert_eq!(parts.iter().map(|part| part.len()).sum::<usize>(), peers.len());

    for table in &found.top {
        let of = peers.iter().filter(|peer| match table.role {
            Role::Source => peer.rows_in > 0,
            Role::Destination => peer.rows_out > 0,
        });
        assert_eq!(table.of, of.count() as u64, "{}", table.title());
        let rows_in_role = rows
            .iter()
            .filter(|row| !is_self(row) && is_out(row) == (table.role == Role::Destination));
        assert_eq!(
            total(&table.rows, |row| row.connections),
            rows_in_role.count() as u64,
            "{}",
            table.title()
        );
    }
    for lane in &found.timeline.lanes {
        assert_eq!(total(&lane.bins, |bin| bin.connections), lane.connections, "{}", lane.peer);
        assert_eq!(total(&lane.bins, |bin| bin.bytes), lane.bytes, "{}", lane.peer);
    }

    let sum_of = |frame: &DataFrame, name: &str| -> Outcome<i64> {
        Ok(frame.column(name)?.i64()?.sum().unwrap_or(0))
    };
    let saved = timeline::rows_for_table(frame, anchor)?;
    assert_eq!(saved.get_column_names(), timeline::TABLE_COLUMNS);
    let sent = |of: fn(&Row) -> Option<i64>| (sum(true, of) + sum(false, of)) as i64;
    assert_eq!(sum_of(&saved, "ibyt")?, sent(|row| row.bytes));
    assert_eq!(sum_of(&saved, "ipkt")?, sent(|row| row.packets));
    let connections = details::details(frame)?.column("connections")?.u64()?.sum();
    assert_eq!(connections, Some(rows.len() as u64));
    Ok(())
}

#[test]
fn sums_are_those_of_the_rows_and_classes_partition_the_peers() -> Outcome {
    let mut lcg = Lcg(42);
    for count in [1, 2, 7, 100, 3000] {
        for anchor in ANCHORS {
            let rows = random_rows(&mut lcg, count, anchor);
            let frame = frame(&rows)?;
            hold(&search(&frame, anchor, &Network::default())?, &rows, &frame)
                .map_err(|error| format!("{count} rows of {anchor}: {error}"))?;
        }
    }
    Ok(())
}

#[test]
fn the_order_of_rows_does_not_matter() -> Outcome {
    let mut lcg = Lcg(7);
    for anchor in ANCHORS {
        let mut rows = random_rows(&mut lcg, 500, anchor);
        let network = Network::default();
        let before = frame(&rows)?;
        for n in (1..rows.len()).rev() {
            rows.swap(n, lcg.below(n as u64 + 1) as usize);
        }
        let after = frame(&rows)?;
        assert_eq!(search(&before, anchor, &network)?, search(&after, anchor, &network)?);
        let anchor = Address::new(anchor);
        assert!(details::details(&before)?.equals_missing(&details::details(&after)?));
        let saved = |frame: &DataFrame| timeline::rows_for_table(frame, &anchor);
        assert!(saved(&before)?.equals_missing(&saved(&after)?));
    }
    Ok(())
}

#[test]
fn a_finding_survives_a_round_trip_through_json() -> Outcome {
    let found = search(
        &frame(&random_rows(&mut Lcg(1), 300, "10.0.0.5"))?,
        "10.0.0.5",
        &Network::default(),
    )?;
    let text = serde_json::to_string(&found)?;
    assert_eq!(serde_json::from_str::<Investigation>(&text)?, found);
    Ok(())
}
