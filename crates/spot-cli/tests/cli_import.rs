//! `spot import`: from a log to a saved story, and what is said on the way.

mod common;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use common::{empty, json, spot};

const CONN: &str = "#separator \\x09
#path\tconn
#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tduration\tconn_state\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes
1467968400.5\t10.0.0.5\t50001\t203.0.113.9\t443\ttcp\t1.5\tSF\tShADadFf\t12\t1307\t11\t2133
1467969000.5\t10.0.0.5\t50002\t203.0.113.9\t443\ttcp\t1.5\tSF\tShADadFf\t12\t1307\t11\t2133
1467972000\t10.0.0.5\t5353\t10.0.0.9\t53\tudp\t0.1\tSF\tDd\t1\t67\t1\t83
";

const DNS: &str = r#"{"ts":1467968399.5,"id.orig_h":"10.0.0.5","id.orig_p":5353,"id.resp_h":"10.0.0.9","id.resp_p":53,"proto":"udp","rtt":0.25,"query":"c2.evil.example","qclass":1,"qtype":1,"rcode":0,"answers":["203.0.113.9"]}
{"ts":1467968399.5,"id.orig_h":"10.0.0.5","id.orig_p":5353,"id.resp_h":"10.0.0.9","id.resp_p":53,"proto":"udp","query":"nobody.example","qtype":1}
"#;

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// Exit code, and what is printed on both.
fn run(words: &[&str]) -> (Option<i32>, String) {
    let output = spot(words);
    let mut said = String::from_utf8(output.stdout).expect("UTF-8");
    said.push_str(&String::from_utf8_lossy(&output.stderr));
    (output.status.code(), said)
}

#[test]
fn two_commands_lead_from_a_log_to_the_first_search_and_two_more_to_a_story() {
    let root = empty("import-story");
    fs::create_dir_all(&root).expect("folder");
    let (conn, dns, data) = (root.join("conn.log"), root.join("dns.log"), root.join("day"));
    fs::write(&conn, CONN).expect("log");
    fs::write(&dns, DNS).expect("log");
    let (code, said) = run(&["import", "zeek", text(&conn), text(&dns), "--data", text(&data)]);
    assert_eq!(code, Some(0), "{said}");
    for line in [
        "conn.log: 3 flow rows of 3 lines, 0 skipped",
        "dns.log: 1 DNS row of 2 lines, 1 skipped",
        "  skipped 1 line a question that nobody answered (line 2)",
        "2016-07-08: 3 files in ",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }

    let at = ["--data", text(&data), "--format", "json"];
    let found = json(&[&["search", "flow", "--anchor", "10.0.0.5"], &at[..]].concat());
    assert_eq!(found["peers"].as_array().map(Vec::len), Some(2), "{found}");
    let found = json(&[&["search", "dns", "--query", "c2.evil.example"], &at[..]].concat());
    assert_eq!(found["answers"], 1, "{found}");

    // Nobody has scored anything yet.
    let (code, _) = run(&["score", "flow", "high", "--dst", "203.0.113.9", "--data", text(&data)]);
    assert_eq!(code, Some(0));
    assert!(run(&["threats", "flow", "--data", text(&data)]).1.contains("203.0.113.9"));
    let saved = ["save", "flow", "--anchor", "10.0.0.5", "--title", "Beacon", "--text", "Twice."];
    json(&[&saved[..], &at[..]].concat());
    let (code, said) = run(&["verify", "all", "--data", text(&data)]);
    assert!(code == Some(0) && said.contains("all agree"), "{said}");
}

#[test]
fn standard_input_and_packed_logs_are_read_and_what_cannot_be_is_said() {
    let root = empty("import-words");
    fs::create_dir_all(&root).expect("folder");
    let data = root.join("day");
    let mut child = Command::new(env!("CARGO_BIN_EXE_spot"))
        .args(["import", "zeek", "-", "--data", text(&data), "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut input = child.stdin.take().expect("input");
    input.write_all(CONN.as_bytes()).expect("written");
    drop(input);
    let output = child.wait_with_output().expect("ends");
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&told["logs"][0]["flows"], &told["days"][0]), (&3.into(), &"2016-07-08".into()));

    let log = root.join("conn.log");
    fs::write(&log, CONN).expect("log");
    let (code, said) = run(&["import", "zeek", text(&log), "--data", text(&data)]);
    assert!(code == Some(0) && said.contains("imported before, left out"), "{said}");

    let (none, other) = (root.join("none.log"), root.join("http.log"));
    fs::write(&none, "").expect("log");
    fs::write(&other, "GET / HTTP/1.1\n").expect("log");
    let cases: [(&[&str], i32, &str); 6] = [
        (&["import", "zeek", text(&none), "--data", text(&data)], 1, "the log is empty"),
        (&["import", "zeek", text(&other), "--data", text(&data)], 1, "no line became a row"),
        (&["import", "zeek", "no.log", "--data", text(&data)], 2, "no such file"),
        (&["import", "zeek", text(&root), "--data", text(&data)], 2, "a folder is no log"),
        (
            &["import", "zeek", text(&log), "--start", "noon", "--data", text(&data)],
            2,
            "is no time",
        ),
        (&["import", "zeek", text(&log), "--data", "/dev/null/day"], 1, "nothing was imported"),
    ];
    for (words, code, expected) in cases {
        let (ended, said) = run(words);
        assert!(ended == Some(code) && said.contains(expected), "{words:?}: {said}");
        assert!(said.contains("what to do"), "{words:?}: {said}");
    }
    // Columns of somebody else's table.
    let table = root.join("table.csv");
    fs::write(&table, "from,to,when\n10.0.0.5,10.0.0.9,1467968400\n").expect("table");
    let csv = ["import", "csv", text(&table), "--data", text(&data)];
    let (code, said) = run(&csv);
    assert!(code == Some(1) && said.contains("--map 'sip=Source IP'"), "{said}");
    let (code, said) =
        run(&["import", "zeek", text(&log), "--data", text(&data), "--map", "sip=from"]);
    assert!(code == Some(2) && said.contains("the columns of zeek are known"), "{said}");
    let (code, said) = run(&[&csv[..], &["--map", "what=from"]].concat());
    assert!(code == Some(2) && said.contains("the tables have no column `what`"), "{said}");
    let map = ["--map", "sip=from", "--map", "dip=to", "--map", "treceived=when"];
    let (code, said) = run(&[&csv[..], &map].concat());
    assert!(code == Some(0) && said.contains("1 flow row of 1 line, 0 skipped"), "{said}");
    let eve = root.join("eve.json");
    fs::write(&eve, r#"{"event_type":"alert"}"#).expect("log");
    let (code, said) = run(&["import", "suricata", text(&eve), "--data", text(&data)]);
    assert!(code == Some(1) && said.contains("give Suricata's eve.json"), "{said}");

    // One that cannot be read does not keep the others out, and is said.
    let more = root.join("more.log");
    fs::write(&more, CONN.replace("10.0.0.5", "10.0.0.6")).expect("log");
    let (code, said) = run(&["import", "zeek", text(&none), text(&more), "--data", text(&data)]);
    assert!(code == Some(1) && said.contains("more.log: 3 flow rows"), "{said}");
}
