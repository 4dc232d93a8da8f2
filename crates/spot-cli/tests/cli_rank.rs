//! `spot rank`: what it prints, what it hides, and what hostile names look like.

mod common;

use std::fs;
use std::path::PathBuf;

use common::{empty, json, spot, write};
use polars::prelude::*;

/// A host that calls home every five minutes, and one name that turns text around.
fn folder(name: &str) -> PathBuf {
    let root = empty(name);
    let n = 200usize;
    let seconds = |k: usize| 1_467_936_000 + 300 * k as i64;
    let server = |k: usize| if k.is_multiple_of(2) { "203.0.113.9" } else { "ev\u{202e}il\n" };
    let mut flows = df!(
        "treceived" => vec!["2016-07-08 09:00:00"; n],
        "unix_tstamp" => (0..n).map(|k| seconds(k / 2)).collect::<Vec<_>>(),
        "tdur" => vec![0.5f32; n],
        "sip" => vec!["10.0.0.5"; n],
        "dip" => (0..n).map(server).collect::<Vec<_>>(),
        "sport" => (0..n).map(|k| 50_000 + k as i32).collect::<Vec<_>>(),
        "dport" => vec![443i32; n],
        "proto" => vec!["TCP"; n],
        "flag" => vec![".AP.SF"; n],
        "ipkt" => vec![6i64; n],
        "ibyt" => vec![800i64; n],
        "opkt" => vec![0i64; n],
        "obyt" => vec![0i64; n],
    )
    .expect("frame");
    write(&root.join("flow/y=2016/m=7/d=8/h=9/part-0.parquet"), &mut flows);
    let mut answers = df!(
        "frame_time" => vec!["-"; n],
        "unix_tstamp" => (0..n).map(seconds).collect::<Vec<_>>(),
        "ip_dst" => vec!["10.0.0.5"; n],
        "ip_src" => vec!["10.0.0.1"; n],
        "dns_qry_name" => (0..n).map(|k| format!("{:064x}.t.evil.com", k * 0x9e37_79b9)).collect::<Vec<_>>(),
        "dns_qry_class" => vec!["0x00000001"; n],
        "dns_qry_type" => vec![16i32; n],
        "dns_qry_rcode" => vec![0i32; n],
        "dns_a" => vec![""; n],
    )
    .expect("frame");
    write(&root.join("dns/y=2016/m=7/d=8/h=9/part-0.parquet"), &mut answers);
    fs::create_dir_all(root.join("context")).expect("folder");
    root
}

fn text(args: &[&str]) -> (String, String) {
    let output = spot(args);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}", text(&output.stderr));
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_ranking_is_told_hidden_and_noted() {
    let root = folder("cli-rank");
    let data = root.to_str().expect("path");
    let args = ["rank", "flow", "--data", data, "--date", "2016-07-08"];
    let (told, _) = text(&args);
    assert!(told.contains("  1  "), "{told}");
    assert!(told.contains("10.0.0.5 -> 203.0.113.9"), "{told}");
    assert!(told.contains("100 connections to port 443, every 5 min give or take 0.0 s"), "{told}");
    assert!(!told.contains('\u{202e}'), "hostile text is shown, not sent: {told}");
    let list = "what,reason,owner,expires\n203.0.113.9,known,Ann,2999-12-31\n10.0.0.5,old,Ann,2001-01-01\n";
    fs::write(root.join("context/allow.csv"), list).expect("file");
    fs::write(root.join("context/thresholds.csv"), "scan_ports,many\n").expect("file");
    let (told, notes) = text(&args);
    assert!(told.contains("1 hidden by allow.csv:"), "{told}");
    assert!(told.contains("1 by `203.0.113.9` (known; Ann; until 2999-12-31)"), "{told}");
    assert!(!told.contains("10.0.0.5 -> 203.0.113.9"), "{told}");
    assert!(notes.contains("allow.csv line 3: `10.0.0.5` (Ann) expired on 2001-01-01"), "{notes}");
    assert!(notes.contains("thresholds.csv line 1: `many` of scan_ports is no number"), "{notes}");
}

#[test]
fn json_has_the_parts_and_their_numbers() {
    let root = folder("cli-rank-json");
    let data = root.to_str().expect("path");
    let found = json(&["rank", "dns", "--data", data, "--date", "2016-07-08", "--format", "json"]);
    assert_eq!(found["hidden"], 0);
    let line = &found["lines"][0];
    assert_eq!(line["subject"], serde_json::json!({"kind": "domain", "name": "evil.com"}));
    assert_eq!(line["parts"][0]["kind"], "tunnel");
    assert_eq!(line["parts"][0]["technique"]["id"], "T1071.004");
    let names = &line["parts"][0]["numbers"][0];
    assert_eq!(*names, serde_json::json!({"name": "names", "value": 200.0, "unit": "names"}));
    let none = spot(&["rank", "dns", "--data", data, "--date", "2016-07-09"]);
    assert_eq!(none.status.code(), Some(1));
    let why = String::from_utf8_lossy(&none.stderr).into_owned();
    assert!(why.contains("there is nothing to rank: no rows of dns on 2016-07-09"), "{why}");
}
