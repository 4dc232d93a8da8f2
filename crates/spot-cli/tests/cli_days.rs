//! Ranges of days at the command line, and through a server.

mod common;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use common::{empty, json, spot, write};
use polars::prelude::*;
use serde_json::{Value, json as value};
use spot_analysis::dns::{Anchor, Scope};
use spot_analysis::model::Address;
use spot_store::settings::given;
use spot_store::{DnsWorkbench, Settings, Workbench};

/// day, source, destination, port, bytes.
type Flow = (&'static str, &'static str, &'static str, i32, i64);

const FLOWS: [Flow; 7] = [
    ("2016-01-25", "10.0.0.5", "203.0.113.9", 443, 1000),
    ("2016-01-25", "10.0.0.7", "203.0.113.9", 443, 1000),
    ("2016-01-31", "10.0.0.5", "203.0.113.9", 443, 3000),
    ("2016-02-05", "10.0.0.5", "203.0.113.9", 443, 20000),
    ("2016-02-05", "10.0.0.5", "203.0.113.9", 8443, 5),
    ("2016-02-05", "10.0.0.5", "198.51.100.7", 22, 60),
    ("2016-02-05", "10.0.0.5", "<img src=x onerror=alert(1)>", 22, 1),
];

fn folder(name: &str) -> PathBuf {
    let root = empty(name);
    for day in ["2016-01-25", "2016-01-31", "2016-02-05"] {
        let rows: Vec<&Flow> = FLOWS.iter().filter(|row| row.0 == day).collect();
        let n = rows.len();
        let mut flows = df!(
            "treceived" => vec![format!("{day} 09:00:00"); n],
            "tdur" => vec![0f32; n],
            "sip" => rows.iter().map(|r| r.1).collect::<Vec<_>>(),
            "dip" => rows.iter().map(|r| r.2).collect::<Vec<_>>(),
            "sport" => vec![50001i32; n],
            "dport" => rows.iter().map(|r| r.3).collect::<Vec<_>>(),
            "proto" => vec!["TCP"; n],
            "flag" => vec![".AP.SF"; n],
            "ipkt" => vec![1i64; n],
            "ibyt" => rows.iter().map(|r| r.4).collect::<Vec<_>>(),
            "opkt" => vec![0i64; n],
            "obyt" => vec![0i64; n],
        )
        .expect("frame");
        let noon = day.parse::<chrono::NaiveDate>().expect("day").and_hms_opt(12, 0, 0);
        let noon = noon.expect("noon").and_utc().timestamp();
        let mut answers = df!(
            "frame_time" => vec!["-"; n],
            "unix_tstamp" => vec![noon; n],
            "ip_dst" => rows.iter().map(|r| r.1).collect::<Vec<_>>(),
            "ip_src" => vec!["10.0.0.1"; n],
            "dns_qry_name" => rows.iter().map(|r| format!("port{}.evil.com", r.3)).collect::<Vec<_>>(),
            "dns_qry_class" => vec!["0x00000001"; n],
            "dns_qry_type" => vec![1i32; n],
            "dns_qry_rcode" => vec![0i32; n],
            "dns_a" => rows.iter().map(|r| r.2).collect::<Vec<_>>(),
        )
        .expect("frame");
        let [year, month, date] =
            [0, 1, 2].map(|i| day.split('-').nth(i).expect("part").trim_start_matches('0'));
        let at = format!("y={year}/m={month}/d={date}/h=9/part-0.parquet");
        write(&root.join("flow").join(&at), &mut flows);
        write(&root.join("dns").join(&at), &mut answers);
    }
    root
}

const RANGE: &str = "2016-01-25..2016-02-05";

fn of(data: &Path, words: &[&str]) -> Value {
    let data = ["--data", data.to_str().expect("UTF-8"), "--format", "json"];
    json(&[words, &data].concat())
}

fn printed(data: &Path, words: &[&str]) -> String {
    let output = spot(&[words, &["--data", data.to_str().expect("UTF-8")]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn days_of_a_range_are_all_its_days_of_both_pipelines() {
    let data = folder("days-range");
    for pipeline in ["flow", "dns"] {
        let found = of(&data, &["days", pipeline, "--date", RANGE]);
        assert_eq!(found["from"], "2016-01-25");
        assert_eq!(found["to"], "2016-02-05");
        assert_eq!(found["rows"], 7);
        let days = found["days"].as_array().expect("days");
        assert_eq!(days.len(), 12);
        let expected = |date: &str, rows: u64| value!({"date": date, "rows": rows, "highRows": 0, "files": u64::from(rows > 0)});
        assert_eq!(days[0], expected("2016-01-25", 2));
        assert_eq!(days[1], expected("2016-01-26", 0));
        assert_eq!(days[6], expected("2016-01-31", 1));
        assert_eq!(days[11], expected("2016-02-05", 4));
        let told = printed(&data, &["days", pipeline, "--date", RANGE]);
        assert!(told.starts_with("2016-01-25 to 2016-02-05: 3 of 12 days have rows\n"), "{told}");
        let bar = "#".repeat(30);
        assert!(told.contains(&format!("2016-02-05  4     {bar}  0")), "{told}");
        assert!(told.contains("2016-01-26  0  "), "{told}");
        // Without a range it is as it was.
        let all = of(&data, &["days", pipeline]);
        let first = value!({"date": "2016-01-25", "highRows": 0});
        assert_eq!((all["days"][0].clone(), all.get("from")), (first, None));
    }
}

#[test]
fn a_search_of_a_range_is_of_its_last_day_with_rows_and_tells_what_is_new() {
    let data = folder("days-search");
    let words = ["search", "flow", "--anchor", "10.0.0.5", "--date"];
    let found = of(&data, &[&words[..], &["2016-01-25/20160301"]].concat());
    assert_eq!(found["date"], "2016-02-05");
    assert_eq!(found["connections"], 4);
    let history = &found["history"];
    assert_eq!(history["daysBefore"], 2);
    let days = history["days"].as_array().expect("days");
    assert_eq!(
        (days.len(), &days[11]["date"], &days[11]["newPeers"]),
        (12, &value!("2016-02-05"), &value!(2))
    );
    let new = history["newPeers"].as_array().expect("new peers");
    let new: Vec<_> = new.iter().map(|p| (&p["peer"], &p["bytes"], &p["firstSeen"])).collect();
    let at = value!("2016-02-05 09:00:00");
    assert_eq!(
        new,
        [
            (&value!("198.51.100.7"), &value!(60), &at),
            (&value!("<img src=x onerror=alert(1)>"), &value!(1), &at)
        ]
    );
    assert_eq!(
        history["newPorts"],
        value!([{"port": 22, "connections": 2, "peers": 2}, {"port": 8443, "connections": 1, "peers": 1}])
    );
    assert_eq!(history["newPeerPorts"][0]["ports"], value!([8443]));
    assert_eq!(
        history["usual"],
        value!([{"peer": "203.0.113.9", "today": 20005, "median": 2000, "min": 1000, "max": 3000,
                 "seenDays": 2, "ratio": 20005.0 / 2000.0}])
    );

    let alone = of(&data, &[&words[..], &["2016-02-05"]].concat());
    assert_eq!(alone.get("history"), None);
    let mut without = found.clone();
    without.as_object_mut().expect("an object").remove("history");
    assert_eq!(without, alone);

    let told = printed(&data, &[&words[..], &[RANGE]].concat());
    assert!(told.contains("Against the 2 days before:"), "{told}");
    assert!(
        told.contains("2 of 3 peers and 2 of 3 service ports are new, first seen on 2016-02-05 of the 3 days looked at."),
        "{told}"
    );
    assert!(
        told.contains("20066 bytes, 10.0 x the usual 2000 (1000 to 3000 on 2 of 2 days)"),
        "{told}"
    );
    let told = printed(&data, &[&words[..], &["2016-02-05"]].concat());
    assert!(!told.contains("before"), "{told}");
}

#[test]
fn a_dns_search_of_a_range_tells_what_is_new() {
    let data = folder("days-dns");
    let words = ["search", "dns", "--client", "10.0.0.5", "--date", RANGE];
    let found = of(&data, &words);
    let new = found["history"]["newNames"].as_array().expect("new names");
    let new: Vec<_> = new.iter().map(|new| (&new["value"], &new["answers"])).collect();
    assert_eq!(
        new,
        [(&value!("port22.evil.com"), &value!(2)), (&value!("port8443.evil.com"), &value!(1))]
    );
    assert_eq!(found["history"]["newDomains"], value!([]));
    assert_eq!(found["history"]["facts"]["answers"]["median"], 1);
    let told = printed(&data, &words);
    assert!(told.contains("0 of 1 domains, 2 of 3 names, 0 of 1 servers."), "{told}");
}

#[test]
fn ranges_that_are_none_or_empty_are_errors_with_a_way_out() {
    let data = folder("days-wrong");
    for (date, code, what) in [
        ("2016-02-05..2016-01-25", 2, "before it begins"),
        ("2014-01-01..2016-01-25", 2, "more than 366"),
        ("2016-02-30..2016-03-01", 2, "`2016-02-30` is no date"),
        ("2016-01-26..2016-01-30", 1, "no rows from 2016-01-26 to 2016-01-30"),
    ] {
        for verb in ["days", "threats"] {
            let data = data.to_str().expect("UTF-8");
            let output = spot(&[verb, "flow", "--data", data, "--date", date]);
            let error = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(code), "{date}: {error}");
            assert!(error.contains(what) && error.contains("SPOT_DATE"), "{date}: {error}");
        }
    }
}

#[test]
fn a_save_of_a_range_is_of_its_last_day() {
    let data = folder("days-save");
    let saved =
        of(&data, &["save", "flow", "--anchor", "10.0.0.5", "--title", "t", "--date", RANGE]);
    assert_eq!(saved["date"], "2016-02-05");
    assert!(data.join("flow_storyboard/y=2016/m=2/d=5").is_dir());
    assert!(!data.join("flow_storyboard/y=2016/m=1").exists());
}

/// `spot serve`, ended with the test.
struct Served(Child, Settings);

impl Served {
    fn start(data: &Path, date: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_spot"));
        command.args(["serve", "--no-token", "--listen", "127.0.0.1:0", "--data"]).arg(data);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("SPOT_") {
                command.env_remove(name);
            }
        }
        let mut child = command.stdout(Stdio::piped()).spawn().expect("spot runs");
        let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
        let line = lines.next().expect("a line").expect("UTF-8");
        let url = line.strip_prefix("SPOT_DATA=").expect("its address").to_owned();
        Self(child, settings(&url, date))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn settings(data: &str, date: &str) -> Settings {
    let cell = given([("SPOT_DATA", data), ("SPOT_DATE", date)]);
    Settings::resolve(&cell, &given::<String, String>([]), None).expect("settings")
}

/// V13: the ingest summary of both pipelines has both months, and a range through a server is the range
/// of the folder.
#[test]
fn a_range_through_a_server_is_that_of_the_folder() {
    let data = folder("days-served");
    let served = Served::start(&data, RANGE);
    let own = settings(data.to_str().expect("UTF-8"), RANGE);
    let rows = |days: Vec<spot_store::DayRows>| -> Vec<_> {
        days.iter().map(|one| (one.day, one.rows, one.high_rows)).collect()
    };

    let [here, there] =
        [&own, &served.1].map(|settings| Workbench::open(settings.clone()).expect("opens"));
    let dates = here.dates().expect("a range");
    assert_eq!((here.day(), there.dates()), (there.day(), Some(dates)));
    let (a, b) = (here.days_in(dates).expect("days"), there.days_in(dates).expect("days"));
    assert_eq!(rows(a), rows(b.clone()));
    assert_eq!(b.iter().filter(|one| one.rows > 0).count(), 3);
    let anchor = Address::new("10.0.0.5");
    let [a, b] = [&here, &there].map(|bench| bench.investigate(&anchor).expect("found"));
    assert!(a.history.is_some());
    assert_eq!(a.history, b.history);

    let [here, there] =
        [&own, &served.1].map(|settings| DnsWorkbench::open(settings.clone()).expect("opens"));
    let (a, b) = (here.days_in(dates).expect("days"), there.days_in(dates).expect("days"));
    let days: Vec<_> = b.iter().filter(|one| one.rows > 0).map(|one| one.day.to_string()).collect();
    assert_eq!(days, ["2016-01-25", "2016-01-31", "2016-02-05"]);
    assert_eq!(rows(a), rows(b));
    let client = Anchor::Client(anchor);
    let [a, b] =
        [&here, &there].map(|bench| bench.investigate(&client, &Scope::Exact).expect("found"));
    assert!(a.history.is_some());
    assert_eq!(a.history, b.history);
}
