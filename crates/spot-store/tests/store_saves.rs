//! What a save writes, and what it leaves alone.

mod common;

use std::fs;
use std::path::Path;

use common::{TEXTS, bench, bench_with_out, comments, get, plain, put, save, spots, tree};
use polars::prelude::*;
use spot_analysis::model::Address;
use spot_store::error::Kind;
use spot_store::layout::{file_stem, story_folder};

const STORYBOARD: &str = "flow_storyboard/y=2016/m=7/d=8/part-0.parquet";
const TIMELINE: &str = "flow_timeline/y=2016/m=7/d=8/part-0.parquet";

fn of(anchor: &str, title: &str, text: &str) -> (String, String, String) {
    (anchor.to_owned(), title.to_owned(), text.to_owned())
}

/// V4: saving twice leaves one comment and as many timeline rows.
#[test]
fn a_second_save_replaces_the_first() {
    let root = plain();
    let bench = bench(root.path());
    let first = save(&bench, "10.0.0.5", "First", "one");
    let rows = get(&root.path().join(TIMELINE)).height();
    let second = save(&bench, "10.0.0.5", "Second", "two");
    let third = save(&bench, "10.0.0.5", "Second", "two");
    assert_eq!([first.revision, second.revision, third.revision], [1, 2, 2]);
    assert_eq!(second, third);
    assert_eq!(comments(&bench), [of("10.0.0.5", "Second", "two")]);
    assert_eq!(get(&root.path().join(STORYBOARD)).height(), 1);
    assert_eq!(get(&root.path().join(TIMELINE)).height(), rows);
    assert!(rows > 0);
}

/// V5: any text comes back byte for byte, and other comments stay.
#[test]
fn texts_round_trip_byte_for_byte() {
    let root = plain();
    let bench = bench(root.path());
    save(&bench, "203.0.113.9", "Other", "stays");
    for (title, text) in TEXTS {
        save(&bench, "10.0.0.5", title, text);
        let expected = [of("10.0.0.5", title, text), of("203.0.113.9", "Other", "stays")];
        assert_eq!(comments(&bench), expected);
        assert_eq!(comments(&common::bench(root.path())), expected);
    }
}

#[test]
fn all_of_spots_files_are_written_in_the_layout_that_was_found() {
    for (root, oa) in [
        (plain(), ["flow_storyboard", "flow_timeline"]),
        (spots(), ["flow/hive/oa/storyboard", "flow/hive/oa/timeline"]),
    ] {
        let saved = save(&bench(root.path()), "10.0.0.5", "Title", "text");
        let names: Vec<_> = saved.artefacts.iter().map(|a| a.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "stats-10_0_0_5.json",
                "threat-dendro-10_0_0_5.json",
                "peers-10_0_0_5.parquet",
                "flow_timeline",
                "flow_storyboard",
                "story-10_0_0_5.json"
            ]
        );
        for artefact in &saved.artefacts {
            assert!(root.path().join(&artefact.path).is_file(), "{}", artefact.path);
            assert_eq!(artefact.sha256.len(), 64);
        }
        let [storyboard, timeline] =
            oa.map(|folder| get(&root.path().join(folder).join("y=2016/m=7/d=8/part-0.parquet")));
        assert_eq!(storyboard.get_column_names(), ["ip_threat", "title", "text"]);
        assert_eq!(
            timeline.get_column_names()[..10],
            [
                "ip_threat",
                "tstart",
                "tend",
                "srcip",
                "dstip",
                "proto",
                "sport",
                "dport",
                "ipkt",
                "ibyt"
            ]
        );
        let bytes = timeline.column("ibyt").expect("ibyt").i64().expect("i64").sum();
        assert_eq!(bytes, Some(1000 + 5000 + 500 + 180 + 4000 + 60));

        let folder = root.path().join("flow/oa/storyboard/2016/7/8/10_0_0_5");
        let json = |name: &str| -> serde_json::Value {
            serde_json::from_slice(&fs::read(folder.join(name)).expect(name)).expect("JSON")
        };
        assert_eq!(json("stats-10_0_0_5.json")["size"], 3);
        assert_eq!(json("threat-dendro-10_0_0_5.json")["name"], "10.0.0.5");
        let manifest = json("story-10_0_0_5.json");
        assert_eq!((&manifest["revision"], &manifest["date"]), (&1.into(), &"2016-07-08".into()));
        assert_eq!(manifest["artefacts"].as_array().map(Vec::len), Some(5));
        assert_eq!(manifest["inputs"]["scanned"], 6);
        let listed = &saved.artefacts[..5];
        assert_eq!(manifest["artefacts"], serde_json::to_value(listed).expect("JSON"));
    }
}

#[test]
fn the_map_is_there_where_places_are_known_and_goes_with_them() {
    let root = plain();
    let context = root.path().join("context");
    fs::create_dir(&context).expect("folder");
    // 203.0.113.0 to 203.0.113.255
    let line = r#""3405803776","3405804031","DE","Germany","Hesse","Frankfurt","50.1","8.7","Example","example.org""#;
    fs::write(context.join("iploc.csv"), line).expect("file");
    let globe = root.path().join("flow/oa/storyboard/2016/7/8/10_0_0_5/globe-10_0_0_5.json");
    save(&bench(root.path()), "10.0.0.5", "Title", "text");
    assert!(globe.is_file());
    fs::remove_file(context.join("iploc.csv")).expect("removed");
    save(&bench(root.path()), "10.0.0.5", "Title", "text");
    assert!(!globe.exists());
}

#[test]
fn a_separate_out_folder_takes_every_write_and_wins_when_read() {
    let (data, out) = (spots(), tempfile::tempdir().expect("folder"));
    save(&bench(data.path()), "10.0.0.5", "Old", "from data");
    save(&bench(data.path()), "192.0.2.44", "Kept", "from data");
    let before = tree(data.path());
    let bench = bench_with_out(data.path(), out.path());
    assert_eq!(comments(&bench).len(), 2);
    save(&bench, "10.0.0.5", "New", "from out");
    assert_eq!(
        comments(&bench),
        [of("10.0.0.5", "New", "from out"), of("192.0.2.44", "Kept", "from data")]
    );
    assert_eq!(tree(data.path()), before);
    assert!(out.path().join("flow/hive/oa/storyboard/y=2016/m=7/d=8/part-0.parquet").is_file());
    assert!(bench.suspects().expect("suspects").iter().any(|s| s.saved));
}

#[test]
fn rows_of_others_survive_with_their_columns_files_and_spellings() {
    let root = plain();
    let board = |name: &str, rows: &[(&str, &str)]| {
        let frame = df!(
            "ip_threat" => rows.iter().map(|r| r.0).collect::<Vec<_>>(),
            "title" => rows.iter().map(|r| r.1).collect::<Vec<_>>(),
            "text" => vec!["text"; rows.len()],
            "author" => vec!["ada"; rows.len()],
        );
        put(
            root.path(),
            &format!("flow_storyboard/y=2016/m=07/d=08/{name}"),
            frame.expect("frame"),
        );
    };
    board("000000_0", &[("192.0.2.1", "A"), ("::ffff:10.0.0.5", "stale")]);
    board("000001_0", &[("192.0.2.2", "B"), ("10.0.0.5", "staler")]);
    let bench = bench(root.path());
    save(&bench, "10.0.0.5", "New", "text");
    let titles: Vec<_> = comments(&bench).into_iter().map(|c| (c.0, c.1)).collect();
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(titles, [pair("10.0.0.5", "New"), pair("192.0.2.1", "A"), pair("192.0.2.2", "B")]);
    // One file, in the folder that was there.
    let files: Vec<_> =
        tree(&root.path().join("flow_storyboard")).into_iter().map(|f| f.0).collect();
    assert_eq!(files, [Path::new("y=2016/m=07/d=08/part-0.parquet")]);
    let frame = get(&root.path().join("flow_storyboard/y=2016/m=07/d=08/part-0.parquet"));
    let authors: Vec<_> =
        frame.column("author").expect("author").str().expect("text").iter().collect();
    assert_eq!(authors, [Some("ada"), Some("ada"), None]);
}

#[test]
fn other_days_are_left_alone() {
    let root = plain();
    put(root.path(), "flow/y=2016/m=7/d=9/h=1/part-0.parquet", common::flows(&common::V1));
    let bench = bench(root.path());
    let next = bench.on_day("2016-07-09").expect("day");
    save(&next, "10.0.0.5", "Ninth", "text");
    let before =
        fs::read(root.path().join("flow_storyboard/y=2016/m=7/d=9/part-0.parquet")).expect("bytes");
    save(&bench, "10.0.0.5", "Eighth", "text");
    let after =
        fs::read(root.path().join("flow_storyboard/y=2016/m=7/d=9/part-0.parquet")).expect("bytes");
    assert_eq!(before, after);
    assert_eq!(comments(&next), [of("10.0.0.5", "Ninth", "text")]);
    assert_eq!(comments(&bench), [of("10.0.0.5", "Eighth", "text")]);
}

#[test]
fn an_out_folder_that_refuses_is_named_and_nothing_changes() {
    let root = plain();
    let home = tempfile::tempdir().expect("folder");
    // A path below a file refuses everybody, whoever runs the test.
    let file = home.path().join("file");
    fs::write(&file, "in the way").expect("file");
    let bench = bench_with_out(root.path(), &file.join("out"));
    let found = bench.investigate(&Address::new("10.0.0.5")).expect("finding");
    let error = bench.save(&found, "title", "text").expect_err("an error");
    assert_eq!(error.kind, Kind::Io);
    let text = error.to_string();
    assert!(text.contains("file/out") && text.contains("SPOT_OUT"), "{text}");

    // The same when only one of the tables is in the way: nothing of the save is seen.
    let out = home.path().join("half");
    fs::create_dir(&out).expect("folder");
    fs::write(out.join("flow_storyboard"), "in the way").expect("file");
    let bench = bench_with_out(root.path(), &out);
    assert!(bench.save(&found, "title", "text").is_err());
    assert_eq!(tree(&out).len(), 1);
    fs::remove_file(out.join("flow_storyboard")).expect("removed");
    bench.save(&found, "title", "text").expect("saved");
    assert_eq!(comments(&bench), [of("10.0.0.5", "title", "text")]);
}

#[test]
fn a_finding_that_is_no_longer_true_is_not_saved() {
    let root = plain();
    let bench = bench(root.path());
    let empty = bench.investigate(&Address::new("10.9.9.9")).expect("finding");
    assert_eq!(bench.save(&empty, "title", "text").expect_err("an error").kind, Kind::Usage);

    let mut found = bench.investigate(&Address::new("10.0.0.5")).expect("finding");
    // Numbers of the caller's own do not get in.
    found.peers.clear();
    bench.save(&found, "title", "text").expect("saved");
    let stats = root.path().join("flow/oa/storyboard/2016/7/8/10_0_0_5/stats-10_0_0_5.json");
    assert!(fs::read_to_string(stats).expect("text").contains("\"size\": 3"));

    put(root.path(), "flow/y=2016/m=7/d=8/h=12/part-0.parquet", common::flows(&common::V1[..1]));
    let error = bench.save(&found, "title", "late").expect_err("an error");
    assert!(error.what.contains("changed since the search"), "{error}");
    assert_eq!(comments(&bench), [of("10.0.0.5", "title", "text")]);
}

#[test]
fn names_of_addresses_in_paths() {
    let day = chrono::NaiveDate::from_ymd_opt(2016, 7, 8).expect("day");
    for (anchor, stem) in [
        ("10.0.0.5", "10_0_0_5"),
        ("::ffff:10.0.0.5", "10_0_0_5"),
        ("2001:DB8:0::5", "2001-db8--5"),
        ("../../etc/passwd", "%2E%2E%2F%2E%2E%2Fetc%2Fpasswd"),
        ("10_0_0_5", "10%5F0%5F0%5F5"),
    ] {
        assert_eq!(file_stem(&Address::new(anchor)), stem);
        let folder = story_folder(day, &Address::new(anchor));
        assert_eq!(folder, Path::new("flow/oa/storyboard/2016/7/8").join(stem));
    }
}
