//! Stories as files for others.

mod common;

use std::fs;

use common::stories::{FOLDER, RAW, by, client, flip, ip, stories};
use common::{bench, dns, plain, put, save, tree};
use serde_json::{Value, json};
use spot_store::Format;

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
