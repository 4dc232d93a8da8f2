//! The command line from outside: what it prints and how it ends.

mod common;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use common::{empty, json, spot, write};
use polars::prelude::*;
use serde_json::Value;

fn search(data: &Path, anchor: &str) -> Value {
    let data = data.to_str().expect("UTF-8");
    json(&[
        "search",
        "flow",
        "--data",
        data,
        "--date",
        "2016-07-08",
        "--anchor",
        anchor,
        "--format",
        "json",
    ])
}

/// A folder with the flows of acceptance vector V1.
fn v1() -> PathBuf {
    let root = empty(&format!("v1-{:?}", std::thread::current().id()));
    let rows = [
        ("09:00", "10.0.0.5", "203.0.113.9", 50001, 443, 10i64, 1000i64),
        ("09:10", "10.0.0.5", "203.0.113.9", 50002, 443, 20, 5000),
        ("10:00", "10.0.0.5", "203.0.113.9", 50002, 443, 5, 500),
        ("09:05", "198.51.100.7", "10.0.0.5", 40000, 22, 3, 180),
        ("09:06", "10.0.0.5", "198.51.100.7", 22, 40000, 4, 4000),
        ("11:00", "192.0.2.44", "10.0.0.5", 33333, 3389, 1, 60),
    ];
    let mut flows = df!(
        "treceived" => rows.iter().map(|r| format!("2016-07-08 {}:00", r.0)).collect::<Vec<_>>(),
        "unix_tstamp" => [0i64; 6],
        "tdur" => [0f32; 6],
        "sip" => rows.iter().map(|r| r.1).collect::<Vec<_>>(),
        "dip" => rows.iter().map(|r| r.2).collect::<Vec<_>>(),
        "sport" => rows.iter().map(|r| r.3).collect::<Vec<_>>(),
        "dport" => rows.iter().map(|r| r.4).collect::<Vec<_>>(),
        "proto" => ["TCP"; 6],
        "flag" => [".AP.SF"; 6],
        "ipkt" => rows.iter().map(|r| r.5).collect::<Vec<_>>(),
        "ibyt" => rows.iter().map(|r| r.6).collect::<Vec<_>>(),
        "opkt" => [0i64; 6],
        "obyt" => [0i64; 6],
    )
    .expect("frame");
    write(&root.join("flow/y=2016/m=7/d=8/h=9/part-0.parquet"), &mut flows);
    let mut high = df!(
        "tstart" => ["2016-07-08 09:00:00"],
        "srcip" => ["10.0.0.5"],
        "dstip" => ["203.0.113.9"],
        "srcport" => [50001],
        "dstport" => [443],
        "score" => [1],
    )
    .expect("frame");
    write(&root.join("flow_threat_investigation/y=2016/m=7/d=8/part-0.parquet"), &mut high);
    root
}

#[test]
fn v1_details_are_grouped_and_unrounded() {
    let found = search(&v1(), "10.0.0.5");
    let details = found["details"].as_array().expect("details");
    assert_eq!(details.len(), 5);
    let row = details.iter().find(|row| row["srcPort"] == 50002).expect("the row of port 50002");
    let expected = serde_json::json!({
        "firstSeen": "2016-07-08 09:10:00", "lastSeen": "2016-07-08 10:00:00",
        "srcIp": "10.0.0.5", "dstIp": "203.0.113.9", "srcPort": 50002, "dstPort": 443,
        "connections": 2, "maxPkts": 20, "avgPkts": 12.5, "maxBytes": 5000, "avgBytes": 2750.0,
    });
    assert_eq!(*row, expected);
    assert_eq!(found["scanned"], 6);
}

/// peer, direction, connections, bytes, first and last seen
type ExpectedPeer = (&'static str, &'static str, u64, u64, &'static str, &'static str);

#[test]
fn v1_peers_are_classed_from_our_own_network() {
    let data = v1();
    let cases: [(&str, &[ExpectedPeer]); 2] = [
        (
            "10.0.0.5",
            &[
                ("203.0.113.9", "outbound", 3, 6500, "09:00:00", "10:00:00"),
                ("198.51.100.7", "two-way", 2, 4180, "09:05:00", "09:06:00"),
                ("192.0.2.44", "inbound", 1, 60, "11:00:00", "11:00:00"),
            ],
        ),
        ("203.0.113.9", &[("10.0.0.5", "outbound", 3, 6500, "09:00:00", "10:00:00")]),
    ];
    for (anchor, expected) in cases {
        let found = search(&data, anchor);
        let peers = found["peers"].as_array().expect("peers");
        assert_eq!(peers.len(), expected.len());
        for (peer, (address, direction, connections, bytes, first, last)) in
            peers.iter().zip(expected)
        {
            assert_eq!(peer["peer"], *address);
            assert_eq!(peer["direction"], *direction);
            assert_eq!(peer["connections"], *connections);
            assert_eq!(peer["bytes"], *bytes);
            assert_eq!(
                peer["bytesIn"].as_u64().zip(peer["bytesOut"].as_u64()).map(|(a, b)| a + b),
                Some(*bytes)
            );
            assert_eq!(peer["firstSeen"], format!("2016-07-08 {first}"));
            assert_eq!(peer["lastSeen"], format!("2016-07-08 {last}"));
        }
    }
}

#[test]
fn the_four_tables_are_there_and_cut_to_size() {
    let data = v1();
    let data = data.to_str().expect("UTF-8");
    let found = json(&[
        "search", "flow", "--data", data, "--anchor", "10.0.0.5", "--format", "json", "--top", "1",
    ]);
    let top = |name: &str| {
        let rows = found["top"][name].as_array().expect("rows").clone();
        rows.iter()
            .map(|row| row["peer"].as_str().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(top("sourcesByConnections"), ["198.51.100.7"]);
    assert_eq!(top("destinationsByConnections"), ["203.0.113.9"]);
    assert_eq!(top("sourcesByBytes"), ["198.51.100.7"]);
    assert_eq!(top("destinationsByBytes"), ["203.0.113.9"]);
    assert_eq!(found["top"].as_object().map(serde_json::Map::len), Some(4));
}

#[test]
fn an_address_without_flows_is_an_answer() {
    let found = search(&v1(), "10.9.9.9");
    for name in ["details", "peers"] {
        assert_eq!(found[name], Value::Array(vec![]));
    }
    assert_eq!(found["top"]["sourcesByBytes"], Value::Array(vec![]));
    assert_eq!(found["scanned"], 6);
}

#[test]
fn saved_stories_come_back_in_the_threat_list() {
    let data = v1();
    let data = data.to_str().expect("UTF-8");
    let saved = json(&[
        "save",
        "flow",
        "--data",
        data,
        "--anchor",
        "10.0.0.5",
        "--title",
        "O'Brien's \"C2\"; DROP",
        "--text",
        "a\nb",
        "--format",
        "json",
    ]);
    assert_eq!((&saved["success"], &saved["revision"]), (&true.into(), &1.into()));
    let listed = json(&["threats", "flow", "--data", data, "--format", "json"]);
    let rows = listed["threats"].as_array().expect("threats");
    let rows: Vec<_> = rows
        .iter()
        .map(|row| (row["ip"].as_str(), row["highRows"].as_u64(), row["saved"].as_bool()))
        .collect();
    assert_eq!(
        rows,
        [(Some("10.0.0.5"), Some(1), Some(true)), (Some("203.0.113.9"), Some(1), Some(false))]
    );
    let days = json(&["days", "flow", "--data", data, "--format", "json"]);
    assert_eq!(days["days"], serde_json::json!([{"date": "2016-07-08", "highRows": 1}]));
}

#[test]
fn exit_codes_and_errors() {
    let data = v1();
    fs::write(data.join("flow/y=2016/m=7/d=8/h=9/cut.parquet"), b"PAR1").expect("file");
    let data = data.to_str().expect("UTF-8");
    let cases: [(&[&str], i32, &[&str]); 8] = [
        (&["search", "flow", "--anchor", "10.0.0.5"], 2, &["SPOT_DATA", "what to do"]),
        (&["search", "flow", "--data", data], 2, &["SPOT_ANCHOR", "10.0.0.5"]),
        (&["search", "flow", "--data", data, "--anchor", "host"], 2, &["`host` is no IP address"]),
        (
            &["search", "flow", "--data", data, "--anchor", "10.0.0.5", "--date", "soon"],
            2,
            &["SPOT_DATE", "2016-07-08"],
        ),
        (
            &["search", "flow", "--data", "/no/such/folder", "--anchor", "10.0.0.5"],
            2,
            &["/no/such/folder"],
        ),
        (
            &["search", "flow", "--data", data, "--anchor", "10.0.0.5", "--format", "xml"],
            2,
            &["json"],
        ),
        (&["sing"], 2, &["sing"]),
        (
            &["search", "flow", "--data", data, "--anchor", "10.0.0.5"],
            1,
            &["cut.parquet", "where:", "what to do"],
        ),
    ];
    for (args, code, texts) in cases {
        let output = spot(args);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {errors}");
        assert!(output.stdout.is_empty());
        for text in texts {
            assert!(errors.contains(text), "{args:?}: {text:?} is not in {errors:?}");
        }
    }
}

/// Every anchor of the high rows of real captures: what the peers add up to is what the rows say.
#[test]
fn sums_over_peers_are_the_rows_of_real_captures() {
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/captures");
    let Ok(sets) = fs::read_dir(&captures) else {
        eprintln!("skipped: there are no captures at {}", captures.display());
        return;
    };
    let mut searched = 0;
    for set in sets.flatten().map(|entry| entry.path()).filter(|path| path.join("flow").is_dir()) {
        let data = set.to_str().expect("UTF-8");
        let days = json(&["days", "flow", "--data", data, "--format", "json"]);
        for day in
            days["days"].as_array().expect("days").iter().filter_map(|info| info["date"].as_str())
        {
            let rows = raw_rows(&set, day);
            let listed =
                json(&["threats", "flow", "--data", data, "--date", day, "--format", "json"]);
            for anchor in listed["threats"]
                .as_array()
                .expect("threats")
                .iter()
                .filter_map(|row| row["ip"].as_str())
            {
                let found = json(&[
                    "search", "flow", "--data", data, "--date", day, "--anchor", anchor,
                    "--format", "json",
                ]);
                check(&found, &rows, anchor, &format!("{data} {day} {anchor}"));
                searched += 1;
            }
        }
    }
    assert!(searched > 0, "captures without a single anchor");
}

/// sip, dip, bytes and bytes back of all rows of a day.
type Raw = Vec<(String, String, i64, i64)>;

fn raw_rows(set: &Path, day: &str) -> Raw {
    let [year, month, day] =
        [0, 1, 2].map(|part| day.split('-').nth(part).and_then(|n| n.parse::<u32>().ok()));
    let day = format!(
        "flow/y={}/m={}/d={}",
        year.expect("year"),
        month.expect("month"),
        day.expect("day")
    );
    let mut rows = Vec::new();
    for hour in fs::read_dir(set.join(day)).into_iter().flatten().flatten() {
        for file in fs::read_dir(hour.path()).expect("hour").flatten() {
            let frame = ParquetReader::new(File::open(file.path()).expect("file"))
                .finish()
                .expect("Parquet");
            let text = |name: &str| frame.column(name).expect(name).str().expect(name).clone();
            let number = |name: &str| frame.column(name).expect(name).i64().expect(name).clone();
            let (sip, dip, ibyt, obyt) = (text("sip"), text("dip"), number("ibyt"), number("obyt"));
            for row in 0..frame.height() {
                let own = |text: Option<&str>| text.unwrap_or_default().to_owned();
                rows.push((
                    own(sip.get(row)),
                    own(dip.get(row)),
                    ibyt.get(row).unwrap_or(0),
                    obyt.get(row).unwrap_or(0),
                ));
            }
        }
    }
    rows
}

fn check(found: &Value, rows: &Raw, anchor: &str, place: &str) {
    let mut peers: BTreeMap<&str, (u64, i64)> = BTreeMap::new();
    let mut own = 0;
    for (sip, dip, bytes, back) in rows {
        let peer = match (sip == anchor, dip == anchor) {
            (true, true) => {
                own += 1;
                continue;
            }
            (true, false) => dip,
            (false, true) => sip,
            (false, false) => continue,
        };
        let sums = peers.entry(peer).or_default();
        *sums = (sums.0 + 1, sums.1 + bytes + back);
    }
    assert_eq!(found["scanned"], rows.len(), "{place}");
    assert_eq!(found["selfConnections"], own, "{place}");
    let listed = found["peers"].as_array().expect("peers");
    let listed: BTreeMap<_, _> = listed
        .iter()
        .filter_map(|peer| {
            Some((peer["peer"].as_str()?, (peer["connections"].as_u64()?, peer["bytes"].as_i64()?)))
        })
        .collect();
    assert_eq!(listed, peers, "{place}");
    let details = found["details"].as_array().expect("details").iter();
    let grouped: u64 = details.filter_map(|row| row["connections"].as_u64()).sum();
    let connections: u64 = peers.values().map(|(rows, _)| rows).sum();
    assert_eq!(grouped, connections + own, "{place}");
}

#[test]
fn what_is_on_the_list_of_indicators_has_flags_and_nothing_else_has() {
    let root = v1();
    let context = root.join("context");
    fs::create_dir_all(&context).expect("folder");
    fs::write(
        context.join("indicators.csv"),
        "indicator,source,note\n203.0.113.9,Feed,\"C2 \u{1b}[31m<b>\"\n",
    )
    .expect("file");
    let found = search(&root, "10.0.0.5");
    assert!(found.get("flags").is_none(), "the anchor is on no list");
    let peers = found["peers"].as_array().expect("peers");
    for peer in peers {
        let flags = match peer["peer"].as_str() {
            Some("203.0.113.9") => serde_json::json!([{
                "of": "203.0.113.9",
                "indicator": "203.0.113.9",
                "source": "Feed",
                "note": "C2 \u{1b}[31m<b>",
            }]),
            _ => Value::Null,
        };
        assert_eq!(peer.get("flags").cloned().unwrap_or_default(), flags);
    }
    let tops = found["top"].as_object().expect("tables").values();
    let rows = tops.flat_map(|rows| rows.as_array().expect("rows"));
    for row in rows {
        assert_eq!(row.get("flags").is_some(), row["peer"] == "203.0.113.9");
    }
    assert!(search(&root, "203.0.113.9")["flags"][0]["source"] == "Feed");

    let data = root.to_str().expect("UTF-8");
    let text = spot(&[
        "search",
        "flow",
        "--data",
        data,
        "--date",
        "2016-07-08",
        "--anchor",
        "10.0.0.5",
        "--format",
        "text",
    ]);
    let text = String::from_utf8(text.stdout).expect("UTF-8");
    assert!(text.contains("1 of 3 peers are on the indicator list."), "{text}");
    assert!(text.contains("INDICATOR") && text.contains("⚑ 203.0.113.9 Feed: C2 \\u{1b}[31m<b>"));
    let list =
        json(&["threats", "flow", "--data", data, "--date", "2016-07-08", "--format", "json"]);
    let flagged: Vec<&Value> = list["threats"]
        .as_array()
        .expect("threats")
        .iter()
        .filter(|suspect| suspect.get("flags").is_some())
        .map(|suspect| &suspect["ip"])
        .collect();
    assert_eq!(flagged, ["203.0.113.9"]);
}
