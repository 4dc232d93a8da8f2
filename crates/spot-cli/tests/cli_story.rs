//! Stories at the command line: list, show, export, delete, verify; what they print and how they end.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{empty, json, spot, write};
use polars::prelude::*;
use serde_json::{Value, json};

/// Three flows and two answers of 2016-07-08.
fn folder(name: &str) -> PathBuf {
    let root = empty(&format!("story-{name}"));
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
        "frame_time" => ["Jul  8 2016 09:00:00.3 UTC"; 2],
        "unix_tstamp" => [1_467_968_400i64, 1_467_968_460],
        "frame_len" => [100i32; 2],
        "ip_dst" => ["10.0.0.5"; 2],
        "ip_src" => ["10.0.0.1"; 2],
        "dns_qry_name" => ["www.evil.com", "a;=1\u{1b}[2J.tunnel.org"],
        "dns_qry_class" => ["0x00000001"; 2],
        "dns_qry_type" => [1i32; 2],
        "dns_qry_rcode" => [0i32; 2],
        "dns_a" => ["203.0.113.9", ""],
    )
    .expect("frame");
    write(&root.join("dns/y=2016/m=7/d=8/h=9/part-0.parquet"), &mut answers);
    root
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// Saves both stories.
fn saved(name: &str) -> PathBuf {
    let data = folder(name);
    let of = ["--data", text(&data), "--date", "20160708", "--format", "json"];
    let words = ["--title", "\u{1b}[2J=Beacon", "--text", "one\n- two"];
    json(&[&["save", "flow", "--anchor", "10.0.0.5"], &of[..], &words].concat());
    json(&[&["save", "dns", "--client", "10.0.0.5"], &of[..], &words].concat());
    data
}

/// Runs `spot WORDS.. --data DATA`: what it prints, and its exit code.
fn run(data: &Path, words: &[&str]) -> (String, Option<i32>) {
    let output = spot(&[words, &["--data", text(data)]].concat());
    let mut said = String::from_utf8(output.stdout).expect("UTF-8");
    said.push_str(&String::from_utf8_lossy(&output.stderr));
    (said, output.status.code())
}

#[test]
fn stories_are_listed_and_shown_without_control_characters() {
    let data = saved("list");
    for pipeline in ["flow", "dns"] {
        let (listed, code) = run(&data, &["story", "list", pipeline]);
        assert_eq!(code, Some(0), "{listed}");
        assert!(listed.starts_with("1 story on 1 day") && listed.contains("10.0.0.5"), "{listed}");
        assert!(listed.contains("\\u{1b}[2J=Beacon") && !listed.contains('\u{1b}'), "{listed}");
        let (told, code) = run(&data, &["story", "show", pipeline, "--anchor", "10.0.0.5"]);
        assert_eq!(code, Some(0), "{told}");
        assert!(told.contains("- two") && told.contains("part-0.parquet"), "{told}");
        assert!(!told.contains('\u{1b}'), "{told}");
    }
    let listed: Value = json(&["story", "list", "flow", "--data", text(&data), "--format", "json"]);
    let [story] = listed["stories"].as_array().expect("list").as_slice() else {
        panic!("{listed}")
    };
    assert_eq!(story["anchor"], json!({"type": "ip", "value": "10.0.0.5"}));
    assert_eq!(story["title"], "\u{1b}[2J=Beacon");
    assert_eq!(story["manifest"]["schema_version"], 2);
    assert!(story["manifest"]["author"].is_string() || std::env::var("USER").is_err());
    let (other, _) = run(&data, &["story", "list", "flow", "--date", "2016-07-09"]);
    assert_eq!(other, "No story is saved.\n");
}

#[test]
fn an_export_writes_into_the_folder_that_is_named() {
    let data = saved("export");
    let out = empty("story-export-out");
    for (format, files) in [("csv", 2), ("parquet", 2), ("stix", 1)] {
        for (pipeline, rows) in [("flow", "2 of 2 rows"), ("dns", "2 of 2 rows")] {
            let words = ["story", "export", pipeline, "--anchor", "10.0.0.5", "--format", format];
            let folder = out.join(format).join(pipeline);
            let words = [&words[..], &["--out", text(&folder)]].concat();
            let (said, code) = run(&data, &words);
            assert_eq!(code, Some(0), "{said}");
            assert!(said.contains(rows), "{said}");
            assert_eq!(fs::read_dir(&folder).expect("folder").count(), files);
            let (said, code) = run(&data, &words);
            assert!(code == Some(2) && said.contains("--force"), "{said}");
            assert_eq!(run(&data, &[&words[..], &["--force"]].concat()).1, Some(0));
        }
    }
    let rows = fs::read_to_string(out.join("csv/dns/rows-client-10_0_0_5-20160708.csv"));
    assert!(rows.expect("CSV").contains("a;'=1"));
}

#[test]
fn a_deletion_wants_a_day_and_a_yes_and_can_be_told_later() {
    let data = saved("delete");
    let delete = ["story", "delete", "flow", "--anchor", "10.0.0.5"];
    let (said, code) = run(&data, &[&delete[..], &["--yes"]].concat());
    assert!(code == Some(2) && said.contains("--date"), "{said}");
    let delete = [&delete[..], &["--date", "2016-07-08"]].concat();
    let (said, code) = run(&data, &delete);
    assert!(code == Some(2) && said.contains("--yes"), "{said}");
    assert!(run(&data, &["story", "list", "flow"]).0.contains("10.0.0.5"));
    let (said, code) = run(&data, &[&delete[..], &["--yes"]].concat());
    assert!(code == Some(0) && said.contains("deleted-10_0_0_5.json"), "{said}");
    assert_eq!(run(&data, &["story", "list", "flow"]).0, "No story is saved.\n");
    let (listed, _) = run(&data, &["story", "list", "flow", "--deleted"]);
    assert!(listed.contains("1 story was deleted") && listed.contains("=Beacon"), "{listed}");
    let (said, code) = run(&data, &[&delete[..], &["--yes"]].concat());
    assert!(code == Some(2) && said.contains("there is no story of 10.0.0.5"), "{said}");
    assert!(run(&data, &["story", "list", "dns"]).0.contains("10.0.0.5"));
}

#[test]
fn verify_ends_with_0_or_1_and_names_what_differs() {
    let data = saved("verify");
    let manifest = data.join("flow/oa/storyboard/2016/7/8/10_0_0_5/story-10_0_0_5.json");
    let ways: [&[&str]; 4] = [
        &["verify", "flow", "--anchor", "10.0.0.5"],
        &["verify", "dns", "--client", "10.0.0.5", "--date", "20160708"],
        &["verify", "all", "--date", "2016-07-08"],
        &["verify", text(&manifest)],
    ];
    for words in ways {
        let (said, code) = run(&data, words);
        assert!(code == Some(0) && said.contains("all agree"), "{words:?}: {said}");
    }
    // A manifest says where it lies.
    let alone = spot(&["verify", text(&manifest)]);
    assert_eq!(alone.status.code(), Some(0), "{}", String::from_utf8_lossy(&alone.stderr));

    for raw in ["flow/y=2016/m=7/d=8/h=9/part-0.parquet", "dns/y=2016/m=7/d=8/h=9/part-0.parquet"] {
        let path = data.join(raw);
        let modified = fs::metadata(&path).expect("file").modified().expect("time");
        let mut bytes = fs::read(&path).expect("file");
        bytes[6] ^= 1;
        fs::write(&path, bytes).expect("file");
        let file = fs::File::options().write(true).open(&path).expect("file");
        file.set_modified(modified).expect("time");
    }
    for words in ways {
        let (said, code) = run(&data, words);
        assert!(code == Some(1) && said.contains("part-0.parquet"), "{words:?}: {said}");
        let output = spot(&[words, &["--data", text(&data), "--format", "json"]].concat());
        let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(told["agree"], false);
        let first = &told["stories"][0]["differences"][0]["what"];
        assert!(first.as_str().is_some_and(|what| what.starts_with("input ")), "{told}");
    }
}

/// `spot verify all`: its exit code, its text, and its JSON.
fn verify_all(data: &Path) -> (Option<i32>, String, Value) {
    let (said, code) = run(data, &["verify", "all"]);
    let output = spot(&["verify", "all", "--data", text(data), "--format", "json"]);
    assert_eq!(output.status.code(), code);
    let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(told["agree"], json!(code == Some(0)));
    (code, said, told)
}

#[test]
fn verify_all_misses_rows_and_manifests() {
    let data = folder("verify-all");
    let (code, said, told) = verify_all(&data);
    assert!(code == Some(0) && said.starts_with("0 stories"), "{said}");
    assert_eq!(told["stories"], json!([]));

    type Break = fn(&Path);
    let cases: [(Break, &str); 3] = [
        (
            |data| {
                for board in ["flow_storyboard", "dns_storyboard"] {
                    let board = data.join(board).join("y=2016/m=7/d=8/part-0.parquet");
                    fs::remove_file(board).expect("removed");
                }
            },
            "title and text in the storyboard",
        ),
        (
            |data| {
                for path in [
                    "flow/oa/storyboard/2016/7/8/10_0_0_5/story-10_0_0_5.json",
                    "dns/oa/storyboard/2016/7/8/client-10_0_0_5/story-client-10_0_0_5.json",
                ] {
                    fs::remove_file(data.join(path)).expect("removed");
                }
            },
            "the story's file ",
        ),
        (
            |data| {
                for pipeline in ["flow", "dns"] {
                    let board = format!("{pipeline}_storyboard/y=2016/m=7/d=8/part-0.parquet");
                    fs::remove_file(data.join(board)).expect("removed");
                    let stem = if pipeline == "dns" { "client-10_0_0_5" } else { "10_0_0_5" };
                    let story =
                        format!("{pipeline}/oa/storyboard/2016/7/8/{stem}/story-{stem}.json");
                    fs::write(data.join(story), "{").expect("written");
                }
            },
            "cannot be read",
        ),
    ];
    for (change, expected) in cases {
        let data = saved("verify-all");
        let (code, said, told) = verify_all(&data);
        assert!(code == Some(0) && said.matches("all agree").count() == 2, "{said}");
        assert_eq!(told["stories"].as_array().map(Vec::len), Some(2));
        change(&data);
        let (code, said, told) = verify_all(&data);
        assert!(code == Some(1) && said.matches(expected).count() >= 2, "{said}");
        let stories = told["stories"].as_array().expect("stories");
        let kinds: Vec<_> = stories.iter().map(|story| &story["anchor"]["type"]).collect();
        assert_eq!(kinds, ["ip", "client"]);
        assert!(stories.iter().all(|story| story["agrees"] == false), "{told}");
    }
}

#[test]
fn one_bad_file_does_not_end_verify_all() {
    let record = "flow/oa/storyboard/2016/7/8/10_0_0_5/deleted-10_0_0_5.json";
    let board = "flow_storyboard/y=2016/m=7/d=8/part-0.parquet";
    let table = "dns/oa/storyboard/2016/7/8/client-10_0_0_5/rows-client-10_0_0_5.parquet";
    // What is cut off, the stories that are verified all the same, and what is said of it.
    let cases: [(&str, &[&str], &str); 3] = [
        (record, &["ip", "client"], "flow stories on 2016-07-08: cannot be verified"),
        (board, &["client"], "flow stories on 2016-07-08: cannot be verified"),
        (table, &["ip", "client"], "1 differs"),
    ];
    for (path, kinds, expected) in cases {
        let data = saved("verify-bad");
        fs::write(data.join(path), "PAR1").expect("written");
        let (code, said, told) = verify_all(&data);
        assert_eq!(code, Some(1), "{path}: {said}");
        let stories = told["stories"].as_array().expect("stories");
        let of = |story: &Value| story["anchor"]["type"].as_str().expect("kind").to_owned();
        assert_eq!(stories.iter().map(of).collect::<Vec<_>>(), kinds, "{path}");
        let file = Path::new(path).file_name().and_then(|name| name.to_str()).expect("name");
        assert!(said.contains(file), "{path}: {said}");
        let faults = told["faults"].as_array().expect("faults").len();
        assert_eq!(faults, usize::from(path != table), "{told}");
        assert!(said.contains(expected) || path == table, "{path}: {said}");
    }
}

#[test]
fn wrong_use_ends_with_2() {
    let data = saved("wrong");
    let cases: [(&[&str], &str); 7] = [
        (&["story", "show", "flow"], "no IP address"),
        (&["story", "show", "flow", "--anchor", "10.9.9.9"], "spot story list flow"),
        (&["story", "show", "flow", "--client", "10.0.0.5"], "are of DNS"),
        (&["story", "export", "flow", "--anchor", "10.0.0.5"], "--out"),
        (&["verify", "flow", "--anchor", "10.9.9.9"], "there is no story"),
        (&["verify", "nothing.json"], "nor a file"),
        (&["story", "list", "flow", "--date", "soon"], "no date"),
    ];
    for (words, expected) in cases {
        let (said, code) = run(&data, words);
        assert!(code == Some(2) && said.contains(expected), "{words:?}: {code:?} {said}");
    }
    let server = Path::new("http://127.0.0.1:9/graphql");
    let (said, code) = run(server, &["story", "list", "flow"]);
    assert!(code == Some(2) && said.contains("not given by a server"), "{said}");
}
