//! The command line's DNS verbs from outside: what they print and how they end.

mod common;

use std::path::{Path, PathBuf};

use common::{empty, spot, write};
use polars::prelude::*;
use serde_json::{Value, json};

/// `spot VERB dns --data DATA --format json MORE..`
fn asked(verb: &str, data: &Path, more: &[&str]) -> Value {
    let data = data.to_str().expect("UTF-8");
    common::json(&[&[verb, "dns", "--data", data, "--format", "json"], more].concat())
}

/// A folder with six answers, one of them to a name with commas, quotes and an escape sequence.
fn folder(name: &str) -> PathBuf {
    let root = empty(&format!("dns-{name}"));
    let rows = [
        (0, "10.0.0.5", "WWW.Evil.com.", 1, 0, "203.0.113.9|203.0.113.10"),
        (60, "10.0.0.5", "www.evil.com", 28, 3, ""),
        (61, "10.0.0.9", "evil.com", 1, 0, "203.0.113.9"),
        (62, "10.0.0.9", "10.0.0.5", 1, 3, ""),
        (63, "10.0.0.9", "a,b'\"\u{1b}[2J.tunnel.org", 65280, 23, ""),
        (64, "2001:db8::5", "www.example.org", 28, 0, "2001:db8::9"),
    ];
    let mut answers = df!(
        "frame_time" => ["Jul  8 2016 09:00:00.3 UTC"; 6],
        "unix_tstamp" => rows.map(|r| 1_467_968_400i64 + r.0),
        "frame_len" => [100i32; 6],
        "ip_dst" => rows.map(|r| r.1),
        "ip_src" => ["10.0.0.1"; 6],
        "dns_qry_name" => rows.map(|r| r.2),
        "dns_qry_class" => ["0x00000001"; 6],
        "dns_qry_type" => rows.map(|r| r.3),
        "dns_qry_rcode" => rows.map(|r| r.4),
        "dns_a" => rows.map(|r| r.5),
    )
    .expect("frame");
    write(&root.join("dns/y=2016/m=7/d=8/h=9/part-0.parquet"), &mut answers);
    let mut high = df!(
        "unix_tstamp" => [1_467_968_400i64; 3],
        "ip_dst" => ["10.0.0.5", "10.0.0.9", "10.0.0.9"],
        "dns_qry_name" => ["www.evil.com", "Evil.com", "10.0.0.5"],
        "ip_sev" => [1i32, 0, 3],
        "dns_sev" => [0i32, 1, 1],
    )
    .expect("frame");
    write(&root.join("dns_threat_investigation/y=2016/m=7/d=8/part-0.parquet"), &mut high);
    root
}

#[test]
fn details_are_total_name_and_client_and_what_is_known_of_them() {
    let found = asked("search", &folder("details"), &["--query", "WWW.EVIL.COM"]);
    let expected = json!([{
        "total": 2,
        "dnsQuery": "www.evil.com",
        "clientIp": "10.0.0.5",
        "firstSeen": "2016-07-08 09:00:00",
        "lastSeen": "2016-07-08 09:01:00",
        "dnsQueryRaw": "www.evil.com",
        "registeredDomain": "evil.com",
        "types": [
            {"code": 1, "name": "A", "answers": 1},
            {"code": 28, "name": "AAAA", "answers": 1},
        ],
        "classes": [{"code": 1, "name": "IN", "answers": 2}],
        "rcodes": [
            {"code": 0, "name": "NOERROR", "answers": 1},
            {"code": 3, "name": "NXDOMAIN", "answers": 1},
        ],
        "nxdomain": 1,
        "nxdomainShare": 0.5,
        "answers": ["203.0.113.9", "203.0.113.10"],
        "answerCount": 2,
        "servers": ["10.0.0.1"],
        "serverCount": 1,
        "length": 12,
        "entropy": 0.0,
    }]);
    assert_eq!(found["details"], expected);
    assert_eq!((&found["scanned"], &found["answers"]), (&json!(6), &json!(2)));
}

#[test]
fn a_client_a_name_and_the_scopes_of_a_name() {
    let data = folder("scopes");
    let cases: [(&[&str], &[&str]); 9] = [
        (&["--client", "10.0.0.5"], &["2 10.0.0.5 www.evil.com"]),
        (&["--client", "2001:DB8::5"], &["1 2001:db8::5 www.example.org"]),
        (&["--query", "10.0.0.5"], &["1 10.0.0.9 10.0.0.5"]),
        (&["--query", "evil.com."], &["1 10.0.0.9 evil.com"]),
        (
            &["--query", "x.y.evil.com", "--scope", "domain"],
            &["2 10.0.0.5 www.evil.com", "1 10.0.0.9 evil.com"],
        ),
        (
            &["--query", "TUNNEL", "--scope", "substring"],
            &["1 10.0.0.9 a,b'\"\u{1b}[2j.tunnel.org"],
        ),
        (&["--query", "a,b'\"\u{1b}[2J.tunnel.org"], &["1 10.0.0.9 a,b'\"\u{1b}[2j.tunnel.org"]),
        (&["--anchor", "query:10.0.0.5"], &["1 10.0.0.9 10.0.0.5"]),
        (&["--query", "%"], &[]),
    ];
    for (more, expected) in cases {
        let found = asked("search", &data, more);
        let line = |row: &Value| {
            let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            format!("{} {} {}", row["total"], text("clientIp"), text("dnsQuery"))
        };
        let lines: Vec<_> =
            found["details"].as_array().expect("details").iter().map(line).collect();
        assert_eq!(lines, expected, "{more:?}");
    }
}

#[test]
fn the_list_tells_a_name_from_a_client_and_what_is_saved() {
    let data = folder("list");
    let saved = asked("save", &data, &["--query", "EVIL.com", "--title", "T", "--text", "x"]);
    assert_eq!((&saved["success"], &saved["revision"]), (&json!(true), &json!(1)));
    let listed = asked("threats", &data, &[]);
    let expected = json!([
        {"type": "client", "value": "10.0.0.5", "highRows": 1, "saved": false},
        {"type": "query", "value": "10.0.0.5", "highRows": 1, "saved": false},
        {"type": "query", "value": "evil.com", "highRows": 1, "saved": true},
    ]);
    assert_eq!(listed, json!({"date": "2016-07-08", "threats": expected}));
    let days = asked("days", &data, &[]);
    assert_eq!(days, json!({"days": [{"date": "2016-07-08", "highRows": 3}]}));
}

#[test]
fn a_terminal_gets_no_control_characters() {
    let data = folder("terminal");
    let output =
        spot(&["search", "dns", "--data", data.to_str().expect("UTF-8"), "--client", "10.0.0.9"]);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(text.contains("\\u{1b}[2J.tunnel.org") && !text.contains('\u{1b}'), "{text}");
    assert!(text.contains("TYPE65280 1") && text.contains("BADCOOKIE 1"), "{text}");
    assert!(text.contains("Displaying 3 of 3 results."), "{text}");
}

#[test]
fn wrong_use_ends_with_2_and_says_what_to_do() {
    let data = folder("wrong");
    let data = data.to_str().expect("UTF-8");
    let search = ["search", "dns", "--data", data];
    let cases: [(&[&str], &[&str]); 9] = [
        (&[], &["no client and no name", "SPOT_ANCHOR"]),
        (&["--query", ""], &["no client and no name"]),
        (&["--client", "host"], &["`host` is no IP address", "--client"]),
        (&["--client", "10.0.0.5", "--query", "x"], &["--client", "cannot be used with"]),
        (&["--client", "10.0.0.5", "--scope", "domain"], &["cannot be used with"]),
        (&["--anchor", "10.0.0.5", "--query", "x"], &["cannot be used with"]),
        (&["--anchor", "a.org,b.org"], &["more than one"]),
        (&["--anchor", "all"], &["more than one"]),
        (&["--query", "x", "--scope", "regex"], &["exact", "domain", "substring"]),
    ];
    for (more, texts) in cases {
        let output = spot(&[&search, more].concat());
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{more:?}: {errors}");
        assert!(texts.iter().all(|text| errors.contains(text)), "{more:?}: {errors}");
    }
    let flow = spot(&["search", "flow", "--data", data, "--query", "evil.com"]);
    assert_eq!(flow.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&flow.stderr).contains("are of DNS"));
    let unsaid = spot(&["save", "dns", "--data", data, "--query", "evil.com"]);
    assert_eq!(unsaid.status.code(), Some(2));
}

#[test]
fn what_is_on_the_list_of_indicators_has_flags() {
    let data = folder("flags");
    std::fs::create_dir_all(data.join("context")).expect("folder");
    let list = "*.evil.com,Feed,C2\n2001:db8::/64,Feed,\n10.0.0.9,Own,ours\n";
    std::fs::write(data.join("context/indicators.csv"), list).expect("file");
    let flags = |found: &Value| -> Vec<Vec<String>> {
        let rows = found["details"].as_array().expect("details").iter();
        let of = |flag: &Value| flag["of"].as_str().unwrap_or_default().to_owned();
        let all = |row: &Value| row["flags"].as_array().into_iter().flatten().map(of).collect();
        rows.map(all).collect()
    };
    // By name; by answer and client.
    let found = asked("search", &data, &["--client", "10.0.0.5"]);
    assert_eq!(flags(&found), [["www.evil.com"]]);
    assert_eq!(found.get("flags"), None);
    let found = asked("search", &data, &["--client", "2001:db8::5"]);
    assert_eq!(flags(&found), [["2001:db8::5", "2001:db8::9"]]);
    assert_eq!(found["flags"][0]["indicator"], "2001:db8::/64");
    // A name that looks like a listed address is not that address.
    let found = asked("search", &data, &["--query", "10.0.0.5"]);
    assert_eq!(flags(&found), [["10.0.0.9"]]);
    let list = asked("threats", &data, &[]);
    let flagged = list["threats"].as_array().expect("threats").iter();
    let flagged: Vec<bool> = flagged.map(|suspect| suspect.get("flags").is_some()).collect();
    assert_eq!(flagged, [false, false, true], "{list}");

    let text = spot(&[
        "search",
        "dns",
        "--data",
        data.to_str().expect("UTF-8"),
        "--client",
        "10.0.0.5",
        "--format",
        "text",
    ]);
    let text = String::from_utf8(text.stdout).expect("UTF-8");
    assert!(text.contains("1 of 1 rows name something on the indicator list."), "{text}");
    assert!(text.contains("⚑ *.evil.com Feed: C2"), "{text}");
}
