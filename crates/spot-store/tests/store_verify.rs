//! What is said of a story whose inputs, files, rows or manifest changed since.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

use common::leaves::{edited, label, leaves, without};
use common::stories::{
    FOLDER, RAW, by, client, day, differences, flip, ip, manifest, name, stories, verified,
};
use common::{bench, bench_with_out, dns, get, plain, put, save};
use polars::prelude::*;
use serde_json::{Value, json};
use spot_analysis::dns::Scope;
use spot_store::error::Kind;
use spot_store::layout::{day_folder, dns_file_stem, file_stem};
use spot_store::{Format, Pipeline, Stories, StoryAnchor};

const STORY: &str = "story-10_0_0_5.json";
const BOARD: &str = "flow_storyboard/y=2016/m=7/d=8/part-0.parquet";

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

/// What only the manifest knows; see the table in `verify`.
const NOT_COMPARED: [&str; 13] = [
    "/artefacts/dns_storyboard/sha256",
    "/artefacts/dns_threat_dendro/sha256",
    "/artefacts/flow_storyboard/sha256",
    "/artefacts/flow_timeline/sha256",
    "/artefacts/threats.csv/sha256",
    "/author",
    "/created",
    "/previous/*/author",
    "/previous/*/saved",
    "/previous/*/text",
    "/previous/*/title",
    "/query/top_results",
    "/updated",
];

/// A flow story and a DNS story with something in every field.
fn two_stories() -> tempfile::TempDir {
    let root = dns::folder(dns::PLAIN);
    let odd = [("soon", "10.0.0.5", "203.0.113.9", 1, 2, 1, 1)];
    put(root.path(), RAW, common::flows(&[&common::V1[..], &odd].concat()));
    fs::create_dir(root.path().join("context")).expect("folder");
    let ranges = "10.0.0.0,10.255.255.255,Ours\n";
    fs::write(root.path().join("context/ipranges.csv"), ranges).expect("file");
    for text in ["one", "two"] {
        save(&by(root.path(), "ada"), "10.0.0.5", "Beacon", text);
        dns::save(&dns::bench(root.path()), &dns::query("evil.com"), "Domain", text);
    }
    root
}

#[test]
fn every_field_of_a_manifest_that_can_be_made_again_is_compared() {
    let root = two_stories();
    let mut left_alone = BTreeSet::new();
    for (anchor, path) in [
        (ip("10.0.0.5"), format!("{FOLDER}/{STORY}")),
        (
            name("evil.com"),
            "dns/oa/storyboard/2016/7/8/query-evil.com/story-query-evil.com.json".to_owned(),
        ),
    ] {
        let path = root.path().join(path);
        let bytes = fs::read(&path).expect("manifest");
        let saved: Value = serde_json::from_slice(&bytes).expect("JSON");
        let found = |story: &Value| {
            fs::write(&path, story.to_string()).expect("manifest");
            differences(&verified(root.path(), &anchor))
        };
        assert_eq!(found(&saved), [""; 0]);
        let all = leaves(&saved);
        assert!(all.len() > 50, "{all:?}");
        for pointer in all {
            let field = label(&saved, &pointer);
            let changed = found(&edited(&saved, &pointer));
            if NOT_COMPARED.contains(&field.as_str()) {
                assert_eq!(changed, [""; 0], "{field} is compared");
                left_alone.insert(field);
                continue;
            }
            assert!(!changed.is_empty(), "{field} is not compared");
            assert!(!found(&without(&saved, &pointer)).is_empty(), "{field} may be left out");
        }
        for list in ["/inputs/files/0", "/query/context/0", "/artefacts/0", "/artefacts/1"] {
            assert!(!found(&without(&saved, list)).is_empty(), "{list} may be left out");
        }
        // Who sets the version back has no less compared; nothing is known of a part.
        for (object, field, value) in
            [("", "schema_version", json!(1)), ("/inputs", "partial", json!("x"))]
        {
            let mut story = saved.clone();
            story.pointer_mut(object).expect("object")[field] = value;
            let changed = found(&story);
            assert_eq!(changed.len(), 1, "{field}: {changed:?}");
        }
        // Nor who takes away all that version 1 did not have: the table of all rows is there.
        let changed = found(&as_version_1(&saved));
        assert!(changed.iter().any(|line| line.starts_with("schema_version")), "{changed:?}");
    }
    assert_eq!(left_alone.iter().map(String::as_str).collect::<Vec<_>>(), NOT_COMPARED);
}

/// Without the fields of version 2, and without what it wrote in the list of artefacts.
fn as_version_1(story: &Value) -> Value {
    let mut story = story.clone();
    let take = |object: &mut Value, names: &[&str]| {
        let object = object.as_object_mut().expect("object");
        names.iter().for_each(|name| drop(object.remove(*name)));
    };
    story["schema_version"] = json!(1);
    take(&mut story, &["created", "updated", "author", "previous", "notes"]);
    take(&mut story["query"], &["top_results", "context", "scope"]);
    for file in story["inputs"]["files"].as_array_mut().expect("files") {
        take(file, &["sha256", "rows", "min_ts", "max_ts"]);
    }
    let artefacts = story["artefacts"].as_array_mut().expect("artefacts");
    artefacts.retain(|of| !of["name"].as_str().is_some_and(|name| name.ends_with(".parquet")));
    story
}

/// What was taken away of a flow story and of a DNS story, what is said of it first, and then noted.
#[test]
fn a_story_that_lost_its_row_or_its_manifest_differs() {
    type Break = fn(&Path);
    const DNS: &str = "dns/oa/storyboard/2016/7/8/query-evil.com/story-query-evil.com.json";
    fn rows(root: &Path) {
        for board in ["flow_storyboard", "dns_storyboard"] {
            fs::remove_dir_all(root.join(board)).expect("removed");
        }
    }
    fn reset(root: &Path) {
        bench(root).reset_scores().expect("reset");
        dns::bench(root).reset_scores().expect("reset");
    }
    fn manifests(root: &Path) {
        let paths = [format!("{FOLDER}/{STORY}"), DNS.to_owned()];
        paths.iter().for_each(|path| fs::remove_file(root.join(path)).expect("removed"));
    }
    fn broken(root: &Path) {
        let paths = [format!("{FOLDER}/{STORY}"), DNS.to_owned()];
        paths.iter().for_each(|path| fs::write(root.join(path), "{}").expect("written"));
    }
    let cases: [(&[Break], bool, &str, &str); 6] = [
        (&[rows], false, r#"storyboard: [["#, "It was no reset"),
        (&[reset], false, r#"storyboard: [["#, "nobody can say"),
        (&[manifests], true, "json: saved / missing", ""),
        (&[broken], true, "json: saved / cannot be read", ""),
        (&[rows, manifests], false, "json: saved / missing", ""),
        (&[reset, broken], false, "json: saved / cannot be read", ""),
    ];
    for (number, (changes, live, first, note)) in cases.into_iter().enumerate() {
        let root = two_stories();
        changes.iter().for_each(|change| change(root.path()));
        let stories = stories(root.path());
        for (anchor, pipeline) in
            [(ip("10.0.0.5"), Pipeline::Flow), (name("evil.com"), Pipeline::Dns)]
        {
            let listed = stories.of_day(pipeline, day()).expect("stories");
            let gone = stories.gone(pipeline, day()).expect("gone").lost;
            assert_eq!((listed.len(), gone.len()), if live { (1, 0) } else { (0, 1) }, "{number}");
            let told = listed.into_iter().chain(gone).next().expect("a story");
            assert_eq!((&told.anchor, told.is_ours(), told.live), (&anchor, true, live));
            let found = stories.verify(&told).expect("verified");
            let lines = differences(&found);
            assert!(lines.iter().any(|line| line.contains(first)), "case {number}: {lines:?}");
            assert!(live || lines.iter().any(|line| line.contains("storyboard")), "{lines:?}");
            assert!(found.notes.iter().any(|one| one.contains(note)) || note.is_empty());
            // Who names it finds the same, and can put an end to it.
            assert_eq!(differences(&verified(root.path(), &anchor)), lines);
            stories.delete(&anchor, day()).expect("deleted");
            assert!(stories.of_day(pipeline, day()).expect("stories").is_empty());
            assert!(stories.gone(pipeline, day()).expect("gone").lost.is_empty());
        }
    }
}

#[test]
fn rows_of_another_program_are_no_stories_of_ours() {
    let root = plain();
    let row = df!("ip_threat" => ["10.0.0.5"], "title" => ["Theirs"], "text" => ["x"]);
    put(root.path(), BOARD, row.expect("frame"));
    // Spot's own files, and one of ours in a folder that is nobody's.
    for file in [format!("{FOLDER}/stats-10_0_0_5.json"), format!("{FOLDER}/old/{STORY}")] {
        let path = root.path().join(file);
        fs::create_dir_all(path.parent().expect("folder")).expect("folder");
        fs::write(path, "{}").expect("file");
    }
    let stories = stories(root.path());
    let listed = stories.of_day(Pipeline::Flow, day()).expect("stories");
    assert!(listed.len() == 1 && !listed[0].is_ours(), "{listed:?}");
    let error = stories.verify(&listed[0]).expect_err("nothing to compare");
    assert!(error.what.contains("another program"), "{error}");
    assert!(stories.gone(Pipeline::Flow, day()).expect("gone").lost.is_empty());
}

/// Only a table is left of them.
#[test]
fn a_folder_says_whose_story_it_was() {
    let addresses = ["10.0.0.5", "2001:db8::5", "::5", "no address", "a_b-c.d", "ü%41"];
    let names =
        ["www.evil.com", "a..b", "-_", "10.0.0.5", "client-x", "tür%2E/x", "evil.tmp", "x.crc"];
    let mut anchors: Vec<_> = addresses.map(ip).into_iter().chain(addresses.map(client)).collect();
    anchors.extend(names.map(name));
    anchors.sort();
    let root = dns::folder(dns::PLAIN);
    for anchor in &anchors {
        let (kind, stem) = match anchor {
            StoryAnchor::Ip(address) => ("peers", file_stem(address)),
            StoryAnchor::Client(of) => ("rows", dns_file_stem(&dns::client(of.as_str()))),
            StoryAnchor::Query(of) => ("rows", dns_file_stem(&dns::query(of.as_str()))),
        };
        let folder = root.path().join(day_folder(anchor.pipeline(), day())).join(&stem);
        fs::create_dir_all(&folder).expect("folder");
        fs::write(folder.join(format!("{kind}-{stem}.parquet")), "").expect("file");
    }
    let stories = stories(root.path());
    let gone = [Pipeline::Flow, Pipeline::Dns]
        .map(|pipeline| stories.gone(pipeline, day()).expect("gone").lost)
        .concat();
    assert_eq!(gone.into_iter().map(|told| told.anchor).collect::<Vec<_>>(), anchors);
}

#[test]
fn a_row_that_the_out_folder_lost_is_missed_though_the_data_folder_has_one() {
    let (data, out) = (plain(), tempfile::tempdir().expect("folder"));
    save(&bench(data.path()), "10.0.0.5", "Old", "from data");
    let both = bench_with_out(data.path(), out.path());
    save(&both, "10.0.0.5", "New", "from out");
    let stories = Stories::open(both.settings().clone()).expect("stories");
    let gone = || stories.gone(Pipeline::Flow, day()).expect("gone").lost;
    assert!(gone().is_empty());
    fs::remove_file(data.path().join(BOARD)).expect("removed");
    // What lies above counts.
    assert!(gone().is_empty());
    fs::remove_file(out.path().join(BOARD)).expect("removed");
    let told = gone().pop().expect("a story");
    assert_eq!((told.title.as_str(), told.live), ("New", false));
    save(&bench(data.path()), "10.0.0.5", "Old", "from data");
    assert_eq!(stories.of_day(Pipeline::Flow, day()).expect("stories")[0].title, "Old");
    let told = gone().pop().expect("a story");
    assert_eq!(told.title, "New");
    assert!(!stories.verify(&told).expect("verified").agrees());
}

#[test]
fn a_manifest_counts_as_that_of_the_folder_it_lies_in() {
    let root = plain();
    save(&bench(root.path()), "10.0.0.5", "T", "x");
    save(&bench(root.path()), "192.0.2.44", "Other", "y");
    let own = root.path().join(FOLDER).join(STORY);
    let other = root.path().join("flow/oa/storyboard/2016/7/8/192_0_2_44/story-192_0_2_44.json");
    fs::copy(&own, &other).expect("copy");
    let at = |path: &Path| {
        let stories = stories(root.path());
        stories.verify(&stories.at(path).expect("a manifest")).expect("verified")
    };
    let found = at(&other);
    assert_eq!(found.anchor, ip("192.0.2.44"));
    let lines = differences(&found).join("\n");
    assert!(lines.contains(r#"anchor: {"type":"ip","value":"10.0.0.5"}"#), "{lines}");
    assert!(at(&own).agrees() && at(&own).notes.is_empty());
    let copy = root.path().join("copy.json");
    fs::copy(&own, &copy).expect("copy");
    assert!(at(&copy).agrees() && at(&copy).notes[0].contains("no story's folder"));
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
        let found = differences(&stories.verify(&told).expect("verified"));
        assert!(found[0].contains("/ cannot be read"), "{found:?}");
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
