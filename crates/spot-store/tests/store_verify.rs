//! What is said of a story whose inputs, files or rows changed since, and what is given to others.

mod common;

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use common::stories::{
    FOLDER, RAW, by, client, differences, flip, ip, manifest, name, stories, verified,
};
use common::{bench, dns, get, plain, put, save, tree};
use polars::prelude::*;
use serde_json::{Value, json};
use spot_analysis::dns::Scope;
use spot_store::Format;
use spot_store::error::Kind;

#[test]
fn an_untouched_story_agrees() {
    let root = dns::folder(dns::PLAIN);
    put(root.path(), RAW, common::flows(&common::V1));
    save(&bench(root.path()), "10.0.0.5", "Beacon", "x");
    let dns = dns::bench(root.path());
    // The name and the client share a text, and a row.
    dns::save(&dns, &dns::client("10.0.0.5"), "Client", "c");
    dns::save(&dns, &dns::query("10.0.0.5"), "Name", "n");
    let scope = Scope::RegisteredDomain;
    let found = dns.investigate(&dns::query("www.evil.com"), &scope).expect("finding");
    dns.save(&found, "Domain", "d").expect("saved");
    for anchor in [ip("10.0.0.5"), client("10.0.0.5"), name("10.0.0.5"), name("www.evil.com")] {
        let found = verified(root.path(), &anchor);
        assert_eq!(differences(&found), [""; 0], "{anchor:?}");
        assert_eq!(found.inputs, 1);
        assert!(found.values > 20 && found.artefacts >= 4, "{found:?}");
    }
    // Another time of the same bytes is no difference.
    let file = fs::File::options().write(true).open(root.path().join(RAW)).expect("file");
    file.set_modified(SystemTime::UNIX_EPOCH).expect("time");
    assert_eq!(differences(&verified(root.path(), &ip("10.0.0.5"))), [""; 0]);
}

#[test]
fn a_changed_byte_of_an_input_is_found_wherever_it_is() {
    let size = fs::metadata(plain().path().join(RAW)).expect("file").len() as usize;
    for at in [0, 5, size / 3, size / 2, size - 1] {
        let root = plain();
        save(&bench(root.path()), "10.0.0.5", "T", "x");
        flip(&root.path().join(RAW), at);
        let found = differences(&verified(root.path(), &ip("10.0.0.5")));
        let of_file = |line: &&String| line.starts_with(&format!("input {RAW}: "));
        let changed = found.iter().find(of_file).unwrap_or_else(|| panic!("byte {at}: {found:?}"));
        assert!(changed.matches("sha256").count() == 2, "{changed}");
    }
}

#[test]
fn one_store_that_remembers_files_is_not_fooled_either() {
    let root = plain();
    let bench = bench(root.path());
    save(&bench, "10.0.0.5", "T", "x");
    let stories = stories(root.path());
    let told = stories.find(&ip("10.0.0.5"), None).expect("story");
    assert!(stories.verify(&told).expect("verified").agrees());
    flip(&root.path().join(RAW), 5);
    assert!(!stories.verify(&told).expect("verified").agrees());
}

/// Every kind of change, and what is said of it first.
#[test]
fn what_was_changed_is_named() {
    type Break = fn(&Path);
    let cases: [(Break, &[&str]); 8] = [
        (
            |root| fs::remove_file(root.join(RAW)).expect("removed"),
            &["input flow/", "missing", "rows found: 6 / 0", "fact connections: 6 / 0"],
        ),
        (
            |root| {
                let rows = common::flows(&common::V1[..1]);
                put(root, "flow/y=2016/m=7/d=8/h=12/part-0.parquet", rows);
            },
            &["h=12", "not there", "rows found: 6 / 7", "203.0.113.9 connections: 3 / 4"],
        ),
        (
            |root| {
                let row = df!("ip_threat" => ["10.0.0.5"], "title" => ["Mine"], "text" => ["x"]);
                let path = "flow_storyboard/y=2016/m=7/d=8/part-0.parquet";
                put(root, path, row.expect("frame"));
            },
            &[r#"title and text in the storyboard: [["T","x"]] / [["Mine","x"]]"#],
        ),
        (
            |root| flip(&root.join(FOLDER).join("stats-10_0_0_5.json"), 9),
            &["stats-10_0_0_5.json: sha256"],
        ),
        (
            |root| {
                fs::remove_file(root.join(FOLDER).join("threat-dendro-10_0_0_5.json")).expect("x")
            },
            &["threat-dendro-10_0_0_5.json: sha256", "missing"],
        ),
        (
            |root| {
                let path = format!("{FOLDER}/peers-10_0_0_5.parquet");
                let peers = get(&root.join(&path)).lazy();
                let peers = peers.with_column(col("bytes_in") + lit(1u64)).collect();
                put(root, &path, peers.expect("frame"));
            },
            &["peers-10_0_0_5.parquet: sha256", "203.0.113.9 bytes_in: 1 / 0"],
        ),
        (
            |root| {
                let path = "flow_timeline/y=2016/m=7/d=8/part-0.parquet";
                let rows = get(&root.join(path));
                put(root, path, rows.slice(1, rows.height() - 1));
            },
            &["rows of flow_timeline: 6 / 5", "1 that are not in the table"],
        ),
        (
            |root| {
                fs::create_dir(root.join("context")).expect("folder");
                let ranges = "192.0.2.0,192.0.2.255,Ours\n";
                fs::write(root.join("context/ipranges.csv"), ranges).expect("file");
            },
            &["context file ipranges.csv: not there", "192.0.2.44 inside: false / true"],
        ),
    ];
    for (number, (change, texts)) in cases.into_iter().enumerate() {
        let root = plain();
        save(&bench(root.path()), "10.0.0.5", "T", "x");
        assert!(verified(root.path(), &ip("10.0.0.5")).agrees());
        change(root.path());
        let found = differences(&verified(root.path(), &ip("10.0.0.5"))).join("\n");
        for text in texts {
            assert!(found.contains(text), "case {number}: no `{text}` in\n{found}");
        }
    }
}

#[test]
fn of_dns_a_changed_list_and_a_changed_row_are_named() {
    let root = dns::folder(dns::PLAIN);
    dns::save(&dns::bench(root.path()), &dns::query("evil.com"), "T", "x");
    let list = root.path().join("dns/oa/storyboard/2016/7/8/threats.csv");
    let text = fs::read_to_string(&list).expect("list").replace("query,T", "query,U");
    fs::write(&list, text).expect("list");
    let mut rows = dns::DAY;
    rows[2].5 = "203.0.113.77";
    put(root.path(), dns::PART, dns::answers(&rows));
    let found = differences(&verified(root.path(), &name("evil.com"))).join("\n");
    for text in ["input dns/", "line of threats.csv", "answers: 203.0.113.9 / 203.0.113.77"] {
        assert!(found.contains(text), "no `{text}` in\n{found}");
    }
}

#[test]
fn exports_are_whole_and_overwrite_nothing() {
    let root = dns::folder(dns::PLAIN);
    put(root.path(), RAW, common::flows(&common::V1));
    let hostile = "=cmd|' /C calc'!A0";
    save(&by(root.path(), "ada"), "10.0.0.5", hostile, "one\n=2\n");
    dns::save(&dns::bench(root.path()), &dns::client("10.0.0.5"), "Client", "x");
    let stories = stories(root.path());
    let told = stories.find(&ip("10.0.0.5"), None).expect("story");
    let out = tempfile::tempdir().expect("folder");
    let folder = out.path().join("new");
    for (format, names) in [
        (Format::Csv, ["peers-10_0_0_5-20160708.csv", "story-10_0_0_5-20160708.csv"].as_slice()),
        (Format::Parquet, &["peers-10_0_0_5-20160708.parquet", "story-10_0_0_5-20160708.json"]),
        (Format::Stix, &["story-10_0_0_5-20160708.stix.json"]),
    ] {
        let exported = stories.export(&told, &folder, format, false).expect("exported");
        assert_eq!((exported.rows, exported.written), (3, 3));
        let files: Vec<_> = names.iter().map(|name| folder.join(name)).collect();
        assert_eq!(exported.files, files);
        let bytes = fs::read(&files[0]).expect("file");
        let error = stories.export(&told, &folder, format, false).expect_err("is there");
        assert!(error.fix.contains("--force"), "{error}");
        stories.export(&told, &folder, format, true).expect("exported");
        assert_eq!(fs::read(&files[0]).expect("file"), bytes);
    }
    assert_eq!(tree(&folder).len(), 5);
    let mut story =
        csv::Reader::from_path(folder.join("story-10_0_0_5-20160708.csv")).expect("CSV");
    let line = story.records().next().expect("a line").expect("readable");
    assert_eq!((&line[3], &line[4], &line[5]), ("'=cmd|' /C calc'!A0", "one\n'=2\n", "ada"));
    let mut peers =
        csv::Reader::from_path(folder.join("peers-10_0_0_5-20160708.csv")).expect("CSV");
    let bytes = peers.headers().expect("names").iter().position(|name| name == "bytes");
    let bytes = bytes.expect("a column");
    let sum: u64 =
        peers.records().map(|r| r.expect("line")[bytes].parse::<u64>().expect("n")).sum();
    assert_eq!(sum, 1000 + 5000 + 500 + 180 + 4000 + 60);

    let path = folder.join("story-10_0_0_5-20160708.stix.json");
    let bundle: Value = serde_json::from_slice(&fs::read(path).expect("file")).expect("JSON");
    let objects = bundle["objects"].as_array().expect("objects");
    let of = |kind: &str| objects.iter().filter(|o| o["type"] == kind).collect::<Vec<_>>();
    let id = |value: &str| {
        objects.iter().find(|o| o["value"] == value).unwrap_or_else(|| panic!("{value}"))["id"]
            .clone()
    };
    let (anchor, web, ssh) = (id("10.0.0.5"), id("203.0.113.9"), id("198.51.100.7"));
    let traffic = of("network-traffic");
    let between = |src: &Value, dst: &Value| {
        let one = traffic.iter().find(|t| t["src_ref"] == *src && t["dst_ref"] == *dst);
        let one = one.unwrap_or_else(|| panic!("{traffic:?}"));
        (one["src_byte_count"].clone(), one["dst_byte_count"].clone(), one["dst_port"].clone())
    };
    assert_eq!(between(&anchor, &web), (json!(6500), json!(0), json!(443)));
    assert_eq!(between(&ssh, &anchor), (json!(180), json!(4000), json!(22)));
    assert_eq!(of("observed-data").len(), 3);
    assert_eq!(of("report")[0]["name"], hostile);
    assert_eq!(of("identity")[0]["name"], "ada");
    let said = of("note")[0]["content"].as_str().expect("text").to_owned();
    assert!(said.starts_with("3 of 3 peers of 10.0.0.5 on 2016-07-08"), "{said}");

    let told = stories.find(&client("10.0.0.5"), None).expect("story");
    stories.export(&told, &folder, Format::Stix, false).expect("exported");
    let path = folder.join("story-client-10_0_0_5-20160708.stix.json");
    let bundle: Value = serde_json::from_slice(&fs::read(path).expect("file")).expect("JSON");
    let text = bundle.to_string();
    assert!(
        text.contains(r#""value":"www.evil.com""#) && text.contains("resolves_to_refs"),
        "{text}"
    );
    // A name that is an address is none of the domain names.
    assert!(text.contains("1 of 2 clients and names of 10.0.0.5"), "{text}");
}

/// Titles and their cells: no text is a formula, in a spreadsheet of whatever settings.
#[test]
fn no_cell_of_an_export_is_a_formula_and_other_texts_stay() {
    let root = plain();
    let out = root.path().join("ex");
    for (title, cell) in [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\r=1", "'\r'=1"),
        ("  =1", "'  =1"),
        ("\"=1\"", "'\"=1\""),
        ("'=1", "''=1"),
        ("\u{feff}=1", "'\u{feff}=1"),
        ("\u{200b}\u{202e}+1", "'\u{200b}\u{202e}+1"),
        ("＝1+1", "'＝1+1"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        ("＠x", "'＠x"),
        ("a;=1", "a;'=1"),
        ("one\n=2", "one\n'=2"),
        ("one\r\n\r\ntwo", "one\r\n\r\ntwo"),
        ("a=b, c-d", "a=b, c-d"),
        ("日本語 1+1 \"x\"", "日本語 1+1 \"x\""),
        ("", ""),
    ] {
        save(&bench(root.path()), "10.0.0.5", title, "x");
        let stories = stories(root.path());
        let told = stories.find(&ip("10.0.0.5"), None).expect("story");
        let exported = stories.export(&told, &out, Format::Csv, true).expect("exported");
        let mut lines = csv::Reader::from_path(&exported.files[1]).expect("CSV");
        let line = lines.records().next().expect("a line").expect("readable");
        assert_eq!(&line[3], cell, "{title:?}");
    }
}

#[test]
fn a_table_that_somebody_changed_is_not_exported() {
    let root = plain();
    save(&bench(root.path()), "10.0.0.5", "T", "x");
    flip(&root.path().join(FOLDER).join("peers-10_0_0_5.parquet"), 10);
    let stories = stories(root.path());
    let told = stories.find(&ip("10.0.0.5"), None).expect("story");
    let out = root.path().join("ex");
    let error = stories.export(&told, &out, Format::Csv, false).expect_err("changed");
    assert!(error.what.contains("not the one that was saved"), "{error}");
    assert!(!out.exists());
}

/// A manifest is anybody's file: paths that lead out of the folder, and odd shapes.
#[test]
fn hostile_manifests_are_faults_and_nothing_is_read_elsewhere() {
    let root = plain();
    save(&bench(root.path()), "10.0.0.5", "T", "x");
    let path = root.path().join(FOLDER).join("story-10_0_0_5.json");
    for text in ["", "{}", "[]", "\u{0}", r#"{"schema_version": 2, "date": "x"}"#] {
        fs::write(&path, text).expect("manifest");
        let stories = stories(root.path());
        let told = stories.find(&ip("10.0.0.5"), None).expect("its row is there");
        assert!(told.fault.is_some(), "{text}");
        assert_eq!(stories.verify(&told).expect_err("no manifest").kind, Kind::Data);
        assert_eq!(told.title, "T");
    }
    save(&bench(root.path()), "10.0.0.5", "T", "x");
    let elsewhere = tempfile::tempdir().expect("folder");
    let copy = elsewhere.path().join("peers.parquet");
    fs::copy(root.path().join(FOLDER).join("peers-10_0_0_5.parquet"), &copy).expect("copy");
    let above = elsewhere.path().file_name().expect("name").to_str().expect("UTF-8");
    for there in [copy.to_str().expect("UTF-8").to_owned(), format!("../{above}/peers.parquet")] {
        let mut story = manifest(root.path());
        let artefacts = story["artefacts"].as_array_mut().expect("artefacts");
        let peers = artefacts.iter_mut().find(|a| a["name"] == "peers-10_0_0_5.parquet");
        peers.expect("peers")["path"] = json!(there);
        fs::write(&path, story.to_string()).expect("manifest");
        let stories = stories(root.path());
        let told = stories.find(&ip("10.0.0.5"), None).expect("story");
        let error = stories.export(&told, &root.path().join("ex"), Format::Parquet, false);
        assert_eq!(error.expect_err("outside").kind, Kind::Data);
        let found = differences(&stories.verify(&told).expect("verified"));
        assert!(found[0].ends_with("missing"), "{found:?}");
        save(&bench(root.path()), "10.0.0.5", "T", &there);
    }
}
