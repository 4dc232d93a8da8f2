//! Peers, details and tops of small days: V1, V6, V7, V10, V11, and order among equals.

use polars::prelude::*;
use spot_analysis::details::{self, details};
use spot_analysis::model::{Address, Investigation, Peer, Span};
use spot_analysis::network::Network;
use spot_analysis::{get_in_out_and_twoway_conns, get_top_bytes, get_top_conns};

use crate::given::{Outcome, Row, day, frame, parse, search};

/// V1: time duration src port dst port proto flag packets bytes.
pub const V1: &str = "
    09:00 0 10.0.0.5      50001 203.0.113.9   443   TCP - 10 1000
    09:10 0 10.0.0.5      50002 203.0.113.9   443   TCP - 20 5000
    10:00 0 10.0.0.5      50002 203.0.113.9   443   TCP - 5  500
    09:05 0 198.51.100.7  40000 10.0.0.5      22    TCP - 3  180
    09:06 0 10.0.0.5      22    198.51.100.7  40000 TCP - 4  4000
    11:00 0 192.0.2.44    33333 10.0.0.5      3389  TCP - 1  60
";

pub fn v1_network() -> Network {
    Network::parse(Some(("ipranges.csv", "10.0.0.0,10.255.255.255,LAN\n")), None, None)
}

/// A peer on a line: address class rows in>out bytes in>out max first-last ports began.
fn line(peer: &Peer) -> String {
    format!(
        "{} {}{} {}={}+{} {}>{} {} {}-{} {:?} {}{}",
        peer.address,
        peer.direction.name(),
        if peer.lateral { " lateral" } else { "" },
        peer.connections,
        peer.rows_in,
        peer.rows_out,
        peer.bytes_in,
        peer.bytes_out,
        peer.max_bytes,
        peer.first_seen.format("%H:%M"),
        peer.last_seen.format("%H:%M"),
        peer.service_ports,
        peer.initiator.began.name(),
        if peer.initiator.sure { "" } else { "?" },
    )
}

/// Searches `anchor` in `rows` and compares the peers, line by line.
fn check(rows: &str, network: &Network, anchor: &str, expected: &[&str]) -> Outcome<Investigation> {
    let found = search(&frame(&parse(rows)?)?, anchor, network)?;
    assert_eq!(found.peers.iter().map(line).collect::<Vec<_>>(), expected, "anchor {anchor}");
    assert_eq!(found.facts.peers, expected.len() as u64);
    Ok(found)
}

#[test]
fn v1_peers_of_both_anchors() -> Outcome {
    let network = v1_network();
    let inside = check(
        V1,
        &network,
        "10.0.0.5",
        &[
            "203.0.113.9 outbound 3=0+3 0>6500 5000 09:00-10:00 [443] anchor?",
            "198.51.100.7 two-way 2=1+1 180>4000 4000 09:05-09:06 [22] peer",
            "192.0.2.44 inbound 1=1+0 60>0 60 11:00-11:00 [3389] peer?",
        ],
    )?;
    assert_eq!(inside.side.rule, "10.0.0.0 to 10.255.255.255, LAN");
    let classes = get_in_out_and_twoway_conns(&inside.peers);
    assert_eq!([classes.inbound.len(), classes.outbound.len(), classes.twoway.len()], [1, 1, 1]);
    // Of our host's three rows to an outside anchor: out of our network.
    check(
        V1.lines()
            .filter(|line| line.contains("203.0.113.9"))
            .collect::<Vec<_>>()
            .join("\n")
            .as_str(),
        &network,
        "203.0.113.9",
        &["10.0.0.5 outbound 3=3+0 6500>0 5000 09:00-10:00 [443] peer?"],
    )?;
    Ok(())
}

#[test]
fn v1_details_are_five_rows_with_unrounded_averages() -> Outcome {
    let table = details(&frame(&parse(V1)?)?)?;
    assert_eq!(table.get_column_names(), details::COLUMNS);
    assert_eq!(table.height(), 5);
    let text = |name: &str| -> Outcome<Vec<String>> {
        let column = table.column(name)?.cast(&DataType::String)?;
        Ok(column.str()?.iter().map(|value| value.unwrap_or("null").to_owned()).collect())
    };
    assert_eq!(text("connections")?, ["2", "1", "1", "1", "1"]);
    assert_eq!(text("srcPort")?, ["50002", "22", "50001", "40000", "33333"]);
    assert_eq!(text("maxBytes")?, ["5000", "4000", "1000", "180", "60"]);
    assert_eq!(text("maxPkts")?, ["20", "4", "10", "3", "1"]);
    let averages =
        [table.column("avgBytes")?.f64()?.get(0), table.column("avgPkts")?.f64()?.get(0)];
    assert_eq!(averages, [Some(2750.0), Some(12.5)]);
    Ok(())
}

#[test]
fn the_anchor_is_no_peer_and_rows_to_itself_are_counted_apart() -> Outcome {
    let found = check(
        "09:00 0 10.0.0.5 50001 10.0.0.5 80 TCP - 1 100
         09:01 0 10.0.0.5 50001 ::ffff:10.0.0.5 80 TCP - 1 100
         09:02 0 10.0.0.5 50001 10.0.0.6 445 TCP - 1 7",
        &Network::default(),
        "10.0.0.5",
        &["10.0.0.6 outbound lateral 1=0+1 0>7 7 09:02-09:02 [445] anchor?"],
    )?;
    assert_eq!((found.facts.connections, found.facts.self_connections), (3, 2));
    Ok(())
}

#[test]
fn v6_three_gigabytes_and_sums_beyond_64_bits() -> Outcome {
    let found = check(
        "09:00 0 10.0.0.5 50001 192.0.2.1 443 TCP - 1 3000000000
         09:01 0 10.0.0.5 50002 192.0.2.2 443 TCP - 1 9223372036854775807
         09:02 0 10.0.0.5 50003 192.0.2.2 443 TCP - 1 9223372036854775807
         09:03 0 10.0.0.5 50004 192.0.2.2 443 TCP - 1 9223372036854775807",
        &Network::default(),
        "10.0.0.5",
        &[
            "192.0.2.2 outbound 3=0+3 0>18446744073709551615 9223372036854775807 09:01-09:03 [443] anchor?",
            "192.0.2.1 outbound 1=0+1 0>3000000000 3000000000 09:00-09:00 [443] anchor?",
        ],
    )?;
    assert_eq!(found.facts.bytes_out, u64::MAX);
    Ok(())
}

#[test]
fn v7_the_last_hour_of_a_long_day_is_there() -> Outcome {
    let template = parse("00:00 0 10.0.0.5 50000 203.0.113.9 443 TCP - 1 10")?.remove(0);
    let midnight = day().and_time(chrono::NaiveTime::MIN);
    let rows: Vec<Row> = (0..5000i64)
        .map(|n| Row {
            time: Some(midnight + chrono::TimeDelta::seconds(n * 86_399 / 4999)),
            src_port: Some(40_000 + (n % 20_000) as i32),
            ..template.clone()
        })
        .collect();
    let frame = frame(&rows)?;
    let found = search(&frame, "10.0.0.5", &Network::default())?;
    let [lane] = &found.timeline.lanes[..] else { return Err("not one lane".into()) };
    let bins = 24 * 60 / found.timeline.bin_minutes;
    assert_eq!(
        lane.bins.iter().map(|bin| bin.index).collect::<Vec<_>>(),
        (0..bins).collect::<Vec<_>>()
    );
    assert_eq!(lane.bins.iter().map(|bin| bin.connections).sum::<u64>(), 5000);
    // Seventeen seconds lie between two rows: one span, from the first second to the last.
    assert_eq!(lane.spans, [Span { from: 0, to: 86_399 }]);
    let table = spot_analysis::timeline::rows_for_table(&frame, &Address::new("10.0.0.5"))?;
    assert_eq!(table.height(), 5000); // every row has ports of its own
    assert_eq!(table.column("tend")?.str()?.get(4999), Some("2016-07-08 23:59:59"));
    Ok(())
}

#[test]
fn spans_go_from_start_to_end_and_stay_on_the_day() -> Outcome {
    let found = search(
        &frame(&parse(
            "00:05 600  10.0.0.5 1 203.0.113.9 443 TCP - 1 10
             10:00 30   10.0.0.5 2 203.0.113.9 443 TCP - 1 10
             10:01 0    203.0.113.9 443 10.0.0.5 2 TCP - 1 10
             10:30 300  10.0.0.5 3 203.0.113.9 443 TCP - 1 10
             10:28 -    10.0.0.5 3 203.0.113.9 443 TCP - 1 10
             10:32:01 0 10.0.0.5 3 203.0.113.9 80 TCP - 1 10
             -     9    10.0.0.5 4 203.0.113.9 443 TCP - 1 10
             23:59 NaN  10.0.0.5 5 203.0.113.9 443 TCP - 1 10",
        )?)?,
        "10.0.0.5",
        &Network::default(),
    )?;
    let [lane] = &found.timeline.lanes[..] else { return Err("not one lane".into()) };
    let spans: Vec<(u32, u32)> = lane.spans.iter().map(|span| (span.from, span.to)).collect();
    assert_eq!(
        spans,
        [
            (0, 300),         // began on the day before
            (35_970, 36_060), // half a minute, and a minute later the answer
            (37_500, 37_800), // a row in the middle of another
            (37_921, 37_921), // more than a minute later
            (86_340, 86_340),
        ]
    );
    assert_eq!(lane.port, Some(443));
    Ok(())
}

#[test]
fn v10_no_rows_are_an_empty_finding() -> Outcome {
    let found = check("", &Network::default(), "10.0.0.5", &[])?;
    assert_eq!((found.facts.connections, found.facts.seen), (0, None));
    assert!(found.top.iter().all(|table| table.rows.is_empty() && table.of == 0));
    assert!(found.timeline.lanes.is_empty());
    let empty = frame(&[])?;
    assert_eq!(details(&empty)?.height(), 0);
    assert_eq!(spot_analysis::timeline::rows_for_table(&empty, &found.anchor)?.height(), 0);
    for (name, table) in spot_analysis::frames::frames(&found)? {
        assert_eq!(table.height(), usize::from(name == "facts"), "{name}");
    }
    Ok(())
}

#[test]
fn v11_ipv6_as_anchor_and_as_peer_and_spellings_of_one_address() -> Outcome {
    let rows = "
        09:00 0 2001:db8::5              50001 2001:db8:0:0:0:0:0:9 443   TCP - 1 100
        09:00 0 2001:DB8:0::9            443   2001:db8::5          50001 TCP - 1 900
        09:05 0 2001:db8::5              50002 ::ffff:192.0.2.1     80    TCP - 1 10
        09:06 0 192.0.2.1                80    2001:0db8::5         50002 TCP - 1 20
    ";
    let network =
        Network::parse(Some(("ipranges.csv", "2001:db8::,2001:db8::7,Lab\n")), None, None);
    check(
        rows,
        &network,
        "2001:DB8::5",
        &[
            "2001:db8::9 two-way 2=1+1 900>100 900 09:00-09:00 [443] anchor?",
            "192.0.2.1 two-way 2=1+1 20>10 20 09:05-09:06 [80] anchor",
        ],
    )?;
    let to_nine: Vec<&str> =
        rows.lines().filter(|line| line.contains("9 443") || line.contains("::9 ")).collect();
    check(
        &to_nine.join("\n"),
        &network,
        "2001:db8::9",
        &["2001:db8::5 two-way 2=1+1 100>900 900 09:00-09:00 [443] peer?"],
    )?;
    Ok(())
}

#[test]
fn broken_rows_are_counted_and_said() -> Outcome {
    let found = check(
        "09:00 -5  10.0.0.5  70000 not-an-ip  -1    TCP  -  -   -9
         -     -   -         -     10.0.0.5   0     -    -  -3  -
         09:00 NaN 10.0.0.5  0     192.0.2.1  53    UDP  -  1   50
         09:00 inf 192.0.2.7 1     192.0.2.8  2     UDP  -  1   50",
        &Network::default(),
        "10.0.0.5",
        &[
            "192.0.2.1 outbound 1=0+1 0>50 50 09:00-09:00 [53] anchor?",
            " inbound 1=1+0 0>0 0 00:00-00:00 [] unknown?",
            "not-an-ip outbound 1=0+1 0>0 0 09:00-09:00 [] unknown?",
        ],
    )?;
    assert_eq!(
        found.notes,
        [
            "1 rows have 10.0.0.5 at neither end and were left out",
            "1 rows have no time; they count, but are in no bin",
            "2 packet or byte counts are negative and were taken as 0",
            "2 peers are no addresses; they are shown as they are written",
        ]
    );
    Ok(())
}

#[test]
fn a_frame_of_another_shape_is_named() -> Outcome {
    let whole = frame(&parse(V1)?)?;
    let cases = [
        (whole.drop("flag")?, "column `flag` is missing"),
        (
            whole.clone().lazy().with_column(col("bytes").cast(DataType::Float64)).collect()?,
            "column `bytes`",
        ),
    ];
    for (frame, expected) in cases {
        let Err(error) = search(&frame, "10.0.0.5", &Network::default()) else {
            return Err(format!("accepted, not: {expected}").into());
        };
        assert!(error.to_string().contains(expected), "{error}");
    }
    Ok(())
}

#[test]
fn equals_come_in_numeric_order_of_address() -> Outcome {
    let found = search(
        &frame(&parse(
            "09:00 0 10.0.0.5 50001 192.0.2.100 443 TCP - 1 100
             09:00 0 10.0.0.5 50001 2001:db8::1 443 TCP - 1 100
             09:00 0 10.0.0.5 50001 192.0.2.20  443 TCP - 1 100
             09:00 0 10.0.0.5 50001 192.0.2.3   443 TCP - 1 50
             09:00 0 10.0.0.5 50002 192.0.2.3   443 TCP - 1 50
             09:00 0 10.0.0.5 50001 192.0.2.4   443 TCP - 1 500",
        )?)?,
        "10.0.0.5",
        &Network::default(),
    )?;
    let names =
        |peers: &[Peer]| peers.iter().map(|peer| peer.address.to_string()).collect::<Vec<_>>();
    let by_bytes = ["192.0.2.4", "192.0.2.3", "192.0.2.20", "192.0.2.100", "2001:db8::1"];
    let by_conns = ["192.0.2.3", "192.0.2.4", "192.0.2.20", "192.0.2.100", "2001:db8::1"];
    assert_eq!(names(&found.peers), by_bytes);
    let reversed: Vec<Peer> = found.peers.iter().rev().cloned().collect();
    for top in [0, 1, 3, 5, 9] {
        assert_eq!(names(&get_top_bytes(&reversed, top)), by_bytes[..top.min(5)]);
        assert_eq!(names(&get_top_conns(&reversed, top)), by_conns[..top.min(5)]);
    }
    let [_, by_connections, _, by_bytes_table] = &found.top;
    let peers = |table: &spot_analysis::model::TopTable| {
        table.rows.iter().map(|row| row.peer.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(peers(by_connections), by_conns);
    assert_eq!(peers(by_bytes_table), by_bytes);
    Ok(())
}
