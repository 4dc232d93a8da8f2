//! `spot score`: high, medium, low, by hand and by a list.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{empty, spot, write};
use polars::prelude::*;
use serde_json::{Value, json};

/// A day of flows and answers, and no scores of any machine.
fn folder(name: &str) -> PathBuf {
    let root = empty(&format!("score-{name}"));
    let mut flows = df!(
        "treceived" => ["2016-07-08 09:00:00", "2016-07-08 09:10:00", "2016-07-08 10:00:00"],
        "tdur" => [0.5f32; 3],
        "sip" => ["10.0.0.5", "10.0.0.5", "192.0.2.44"],
        "dip" => ["203.0.113.9", "203.0.113.9", "10.0.0.5"],
        "sport" => [50001i32, 50002, 33333],
        "dport" => [443i32, 443, 3389],
        "proto" => ["TCP"; 3],
        "flag" => [".AP.SF"; 3],
        "ipkt" => [10i64, 20, 1],
        "ibyt" => [1000i64, 5000, 60],
        "opkt" => [0i64; 3],
        "obyt" => [0i64; 3],
    )
    .expect("frame");
    write(&root.join("flow/y=2016/m=7/d=8/h=9/part-0.parquet"), &mut flows);
    let mut answers = df!(
        "frame_time" => ["Jul  8 2016 09:00:00.000000000 UTC"; 2],
        "unix_tstamp" => [1_467_968_400_i64; 2],
        "frame_len" => [100i32; 2],
        "ip_dst" => ["10.0.0.5", "10.0.0.6"],
        "ip_src" => ["10.0.0.1"; 2],
        "dns_qry_name" => ["c2.evil.example", "good.example"],
        "dns_qry_class" => ["0x00000001"; 2],
        "dns_qry_type" => [1i32; 2],
        "dns_qry_rcode" => [0i32; 2],
        "dns_a" => ["203.0.113.9", "192.0.2.1"],
    )
    .expect("frame");
    write(&root.join("dns/y=2016/m=7/d=8/h=9/part-0.parquet"), &mut answers);
    root
}

/// Runs `spot WORDS.. --data DATA`: exit code, and what it prints on both.
fn run(data: &Path, words: &[&str]) -> (Option<i32>, String) {
    let output = spot(&[words, &["--data", data.to_str().expect("UTF-8")]].concat());
    let mut said = String::from_utf8(output.stdout).expect("UTF-8");
    said.push_str(&String::from_utf8_lossy(&output.stderr));
    (output.status.code(), said)
}

fn suspects(data: &Path, pipeline: &str) -> String {
    run(data, &["threats", pipeline]).1
}

#[test]
fn rows_are_scored_by_address_and_the_last_score_wins() {
    let data = folder("hand");
    let (code, said) =
        run(&data, &["score", "flow", "high", "--anchor", "10.0.0.5", "--reason", "odd"]);
    assert!(code == Some(0) && said.starts_with("2016-07-08: 2 rows scored high"), "{said}");
    assert!(suspects(&data, "flow").contains("203.0.113.9"));
    let (code, said) =
        run(&data, &["score", "flow", "low", "--src", "192.0.2.44", "--dst-port", "3389"]);
    assert!(code == Some(0) && said.contains("1 row scored low"), "{said}");
    assert!(!suspects(&data, "flow").contains("192.0.2.44"));
    let (code, _) = run(&data, &["score", "dns", "high", "--query", "C2.evil.example."]);
    assert_eq!(code, Some(0));
    assert!(suspects(&data, "dns").contains("c2.evil.example"));

    let (code, said) = run(&data, &["score", "flow", "reset"]);
    assert!(code == Some(2) && said.contains("--yes") && said.contains("2016-07-08"), "{said}");
    assert!(suspects(&data, "flow").contains("203.0.113.9"), "a question first");
    let (code, _) = run(&data, &["score", "flow", "reset", "--date", "2016-07-08", "--yes"]);
    assert_eq!(code, Some(0));
    assert!(!suspects(&data, "flow").contains("203.0.113.9"));
}

#[test]
fn every_row_that_a_list_names_is_scored_with_the_reason() {
    let stix = json!({"type": "bundle", "id": "bundle--1", "objects": [
        {"type": "indicator", "id": "indicator--1", "name": "C2", "pattern": "[ipv4-addr:value = '203.0.113.9']"},
        {"type": "indicator", "id": "indicator--2", "name": "C2", "pattern": "[domain-name:value = 'evil.example']"},
    ]});
    let misp = json!({"Event": {"info": "Campaign", "Attribute": [
        {"type": "ip-dst", "value": "203.0.113.9", "to_ids": true},
        {"type": "domain", "value": "evil.example", "to_ids": true},
    ]}});
    let lists = [
        (
            "list.csv",
            "indicator,source,note\n203.0.113.0/24,Feed,C2\nevil.example,Feed,C2\n".to_owned(),
            "Feed: C2",
        ),
        ("list.txt", "203.0.113.9\nevil[.]example\nnot a thing\n".to_owned(), "on the list"),
        ("stix.json", stix.to_string(), "STIX indicator--"),
        ("misp.json", misp.to_string(), "MISP Campaign"),
    ];
    for (name, text, reason) in lists {
        let data = folder("list");
        let list = data.join(name);
        fs::write(&list, text).expect("list");
        let list = list.to_str().expect("UTF-8");
        let (code, said) = run(&data, &["score", "flow", "high", "--list", list, "--dry-run"]);
        assert!(code == Some(0) && said.contains("nothing was written"), "{name}: {said}");
        assert!(!data.join("flow_threat_investigation").exists(), "{name}");

        for (pipeline, what) in [("flow", "203.0.113.9"), ("dns", "c2.evil.example")] {
            let (code, said) = run(&data, &["score", pipeline, "high", "--list", list]);
            assert!(code == Some(0) && said.contains(" 1 row scored high"), "{name}: {said}");
            assert!(said.contains(reason) && said.contains(what), "{name}: {said}");
            assert_eq!(said.contains("list.txt line 3"), name == "list.txt", "{said}");
            let listed = suspects(&data, pipeline);
            assert!(listed.contains(what), "{name}: {listed}");
            assert!(!listed.contains("192.0.2.44") && !listed.contains("good.example"), "{listed}");
        }
    }
}

#[test]
fn wrong_use_and_lists_of_nothing_say_what_to_do() {
    let data = folder("wrong");
    let list = |name: &str, bytes: &[u8]| {
        let path = data.join(name);
        fs::write(&path, bytes).expect("list");
        path.to_str().expect("UTF-8").to_owned()
    };
    let broken = list("broken.json", b"{");
    let latin = list("latin.txt", b"192.0.2.1\n\xe4.example\n");
    let nothing = list("empty.txt", b"# nothing\n");
    let useless = list("useless.txt", b"what is this\n");
    let cases: [(&[&str], i32, &str); 9] = [
        (&["score", "flow", "high"], 2, "needs an address or a port"),
        (&["score", "dns", "high"], 2, "needs a client or a name"),
        (&["score", "flow", "high", "--client", "10.0.0.5"], 2, "are of DNS"),
        (&["score", "dns", "high", "--dst", "10.0.0.5"], 2, "are of flows"),
        (&["score", "flow", "high", "--src", "evil.example"], 2, "is no IP address"),
        (&["score", "flow", "high", "--src", "192.0.2.99"], 1, "no row of 2016-07-08"),
        (&["score", "flow", "high", "--list", &broken], 1, "no JSON"),
        (&["score", "flow", "high", "--list", &latin], 1, "no UTF-8 text from byte 10"),
        (&["score", "flow", "high", "--list", &nothing], 1, "the list is empty"),
    ];
    for (words, code, expected) in cases {
        let (ended, said) = run(&data, words);
        assert!(ended == Some(code) && said.contains(expected), "{words:?}: {said}");
        assert!(said.contains("what to do"), "{words:?}: {said}");
    }
    let (code, said) = run(&data, &["score", "flow", "high", "--list", &useless]);
    assert!(code == Some(1) && said.contains("useless.txt line 1"), "{said}");
    assert!(!data.join("flow_threat_investigation").exists(), "nothing was written");
}

#[test]
fn a_score_is_told_as_json() {
    let data = folder("json");
    let words = ["score", "flow", "high", "--dst", "203.0.113.9", "--format", "json"];
    let output = spot(&[&words[..], &["--data", data.to_str().expect("UTF-8")]].concat());
    let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&told["date"], &told["rating"]), (&json!("2016-07-08"), &json!(1)));
    assert_eq!(told["scores"], json!([{"what": "to 203.0.113.9", "rows": 1, "reason": null}]));
}
