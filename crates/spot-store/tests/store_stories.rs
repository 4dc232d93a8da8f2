//! Stories as objects: what their manifests hold, how they are listed, and how they are deleted.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use common::stories::{FOLDER, RAW, by, client, day, ip, manifest, name, stories, verified};
use common::{
    TEXTS, bench, bench_with_out, comments, dies_at, dns, dying_store, get, plain, put, save,
    settings, tree,
};
use polars::prelude::*;
use serde_json::json;
use sha2::{Digest, Sha256};
use spot_store::error::Kind;
use spot_store::{Format, Pipeline, Settings, Stories, Unlisted};

const DELETE_AND_DIE: &str = "delete_and_die";

fn hash(path: &Path) -> String {
    let hash = Sha256::digest(fs::read(path).expect("file"));
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_manifest_says_from_what_by_whom_and_when() {
    let root = plain();
    let context = root.path().join("context");
    fs::create_dir(&context).expect("folder");
    fs::write(context.join("ipranges.csv"), "10.0.0.0,10.255.255.255,Ours\n").expect("file");
    save(&by(root.path(), "ada"), "10.0.0.5", "Beacon", "every ten minutes");
    let story = manifest(root.path());
    assert_eq!(story["schema_version"], 2);
    assert_eq!(story["tz"], "UTC");
    assert_eq!(story["author"], "ada");
    assert_eq!(story["anchor"], json!({"type": "ip", "value": "10.0.0.5"}));
    let time = story["created"].as_str().expect("a time");
    assert!(chrono::DateTime::parse_from_rfc3339(time).is_ok() && time.ends_with('Z'), "{time}");
    assert_eq!(story["created"], story["updated"]);
    let inputs = &story["inputs"];
    assert_eq!((&inputs["rows"], &inputs["scanned"]), (&json!(6), &json!(6)));
    let [file] = inputs["files"].as_array().expect("files").as_slice() else { panic!("{inputs}") };
    assert_eq!(file["path"], RAW);
    assert_eq!(file["sha256"], hash(&root.path().join(RAW)));
    assert_eq!(file["rows"], 6);
    assert_eq!(file["min_ts"], "2016-07-08T09:00:00Z");
    assert_eq!(file["max_ts"], "2016-07-08T11:00:00Z");
    let asked = &story["query"];
    assert_eq!(asked["top_results"], 20);
    assert_eq!(asked["context"][0]["name"], "ipranges.csv");
    assert_eq!(asked["context"][0]["sha256"], hash(&context.join("ipranges.csv")));
    assert_eq!(story["counts"]["connections"], 6);
    for artefact in story["artefacts"].as_array().expect("artefacts") {
        let path = root.path().join(artefact["path"].as_str().expect("path"));
        assert_eq!(artefact["sha256"], hash(&path), "{artefact}");
    }
    let peers = get(&root.path().join(FOLDER).join("peers-10_0_0_5.parquet"));
    let sum = |name: &str| peers.column(name).expect(name).u64().expect("number").sum();
    assert_eq!((peers.height(), sum("connections")), (3, Some(6)));
    assert_eq!(sum("bytes"), Some(1000 + 5000 + 500 + 180 + 4000 + 60));
}

#[test]
fn times_of_files_are_found_in_any_form() {
    let root = plain();
    let odd = [
        ("2016-07-08T03:00:00.5", "10.0.0.5", "203.0.113.9", 1, 2, 1, 1),
        ("garbage", "10.0.0.5", "203.0.113.9", 1, 2, 1, 1),
        ("2016-07-08 02:00:00", "10.0.0.5", "203.0.113.9", 1, 2, 1, 1),
    ];
    let frame = common::flows(&odd).lazy().with_column(lit(1_467_943_200i64).alias("unix_tstamp"));
    put(root.path(), "flow/y=2016/m=7/d=8/h=2/part-0.parquet", frame.collect().expect("frame"));
    save(&bench(root.path()), "10.0.0.5", "T", "x");
    let story = manifest(root.path());
    let file = &story["inputs"]["files"][0];
    assert_eq!(file["min_ts"], "2016-07-08T02:00:00Z");
    assert_eq!(file["max_ts"], "2016-07-08T03:00:00.500Z");
    assert!(story["notes"][0].as_str().is_some_and(|note| note.contains("treceived")), "{story}");
}

#[test]
fn saving_the_same_again_changes_no_byte_and_revisions_keep_who_and_when() {
    let root = plain();
    save(&by(root.path(), "ada"), "10.0.0.5", "Beacon", "one");
    let first = tree(root.path());
    std::thread::sleep(std::time::Duration::from_millis(1100));
    save(&by(root.path(), "bob"), "10.0.0.5", "Beacon", "one");
    assert_eq!(tree(root.path()), first);
    let before = manifest(root.path());
    // Another story of the day changes the tables that both share, and not when this one was saved.
    save(&bench(root.path()), "192.0.2.44", "Other", "x");
    save(&bench(root.path()), "10.0.0.5", "Beacon", "one");
    let again = manifest(root.path());
    assert_eq!((&again["updated"], &again["author"]), (&before["updated"], &json!("ada")));

    save(&by(root.path(), "bob"), "10.0.0.5", "Beacon", "two");
    let second = manifest(root.path());
    assert_eq!((&second["revision"], &second["author"]), (&json!(2), &json!("bob")));
    assert_eq!(second["created"], before["created"]);
    assert_ne!(second["updated"], before["updated"]);
    let earlier = json!([{
        "revision": 1, "title": "Beacon", "text": "one", "author": "ada", "saved": before["updated"],
    }]);
    assert_eq!(second["previous"], earlier);
}

/// A manifest of version 1, as earlier versions of this program wrote it.
#[test]
fn older_manifests_are_read_listed_verified_and_carried_on() {
    let root = plain();
    save(&bench(root.path()), "10.0.0.5", "Old", "old text");
    let path = root.path().join(FOLDER).join("story-10_0_0_5.json");
    let mut story = manifest(root.path());
    let fields = story.as_object_mut().expect("object");
    for name in ["created", "updated", "query", "notes"] {
        fields.remove(name);
    }
    fields["schema_version"] = json!(1);
    let file = fields["inputs"]["files"][0].as_object_mut().expect("file");
    ["sha256", "rows", "min_ts", "max_ts"].iter().for_each(|name| drop(file.remove(*name)));
    fields["artefacts"]
        .as_array_mut()
        .expect("list")
        .retain(|a| a["name"] != "peers-10_0_0_5.parquet");
    fs::write(&path, story.to_string()).expect("manifest");
    fs::remove_file(root.path().join(FOLDER).join("peers-10_0_0_5.parquet")).expect("removed");

    let stories = stories(root.path());
    let told = stories.find(&ip("10.0.0.5"), None).expect("story");
    assert_eq!(told.manifest().expect("manifest").title, "Old");
    let found = stories.verify(&told).expect("verified");
    assert!(found.agrees(), "{found:?}");
    assert!(found.notes[0].contains("earlier version"), "{:?}", found.notes);
    let out = root.path().join("ex");
    let error = stories.export(&told, &out, Format::Csv, false).expect_err("no table");
    assert!(error.fix.contains("save the story again"), "{error}");

    save(&by(root.path(), "ada"), "10.0.0.5", "New", "new text");
    let story = manifest(root.path());
    assert_eq!((&story["revision"], &story["schema_version"]), (&json!(2), &json!(2)));
    assert_eq!(story["previous"][0], json!({"revision": 1, "title": "Old", "text": "old text"}));
    // Nobody knows when the first one was saved.
    assert_eq!(story.get("created"), None);
}

#[test]
fn stories_of_all_days_are_listed_with_their_texts() {
    let root = plain();
    put(root.path(), "flow/y=2016/m=7/d=9/h=1/part-0.parquet", common::flows(&common::V1));
    assert_eq!(stories(root.path()).days(Pipeline::Flow).expect("days"), []);
    let bench = bench(root.path());
    for (title, text) in TEXTS {
        save(&bench.on_day("2016-07-08").expect("day"), "10.0.0.5", title, text);
        save(&bench.on_day("2016-07-09").expect("day"), "203.0.113.9", title, text);
        let stories = stories(root.path());
        let days = stories.days(Pipeline::Flow).expect("days");
        let listed: Vec<_> = days
            .iter()
            .flat_map(|day| stories.of_day(Pipeline::Flow, *day).expect("stories"))
            .map(|told| (told.day.to_string(), told.anchor, told.title, told.text))
            .collect();
        let [title, text] = [title, text].map(str::to_owned);
        let expected = [
            ("2016-07-08".to_owned(), ip("10.0.0.5"), title.clone(), text.clone()),
            ("2016-07-09".to_owned(), ip("203.0.113.9"), title, text),
        ];
        assert_eq!(listed, expected);
        let found = stories.find(&ip("203.0.113.9"), None).expect("found");
        assert_eq!(found.day.to_string(), "2016-07-09");
        assert!(stories.verify(&found).expect("verified").agrees());
    }
    let error = stories(root.path()).find(&ip("10.9.9.9"), None).expect_err("none");
    assert_eq!(error.kind, Kind::Usage);
}

#[test]
fn a_deleted_story_leaves_a_record_and_nothing_else() {
    let root = plain();
    let before = tree(root.path());
    save(&by(root.path(), "ada"), "10.0.0.5", "First", "one");
    save(&by(root.path(), "ada"), "10.0.0.5", "Second", "two");
    let settings = Settings { author: Some("bob".to_owned()), ..settings(root.path()) };
    let stories = Stories::open(settings).expect("stories");
    let gone = stories.delete(&ip("10.0.0.5"), day()).expect("deleted");
    assert_eq!((gone.title.as_str(), gone.uncovered), ("Second", false));
    assert!(comments(&bench(root.path())).is_empty());
    let left: Vec<_> = tree(root.path()).into_iter().map(|(path, _)| path).collect();
    let record = PathBuf::from(FOLDER).join("deleted-10_0_0_5.json");
    let mut expected: Vec<_> = before.into_iter().map(|(path, _)| path).chain([record]).collect();
    expected.sort();
    assert_eq!(left, expected);
    assert_eq!(stories.of_day(Pipeline::Flow, day()).expect("stories").len(), 0);
    let Unlisted { deletions, lost: reset, .. } =
        stories.gone(Pipeline::Flow, day()).expect("gone");
    assert!(reset.is_empty());
    let [of] = deletions.as_slice() else { panic!("{deletions:?}") };
    assert_eq!(of.anchor, ip("10.0.0.5"));
    let [one] = of.deleted.as_slice() else { panic!("{of:?}") };
    assert_eq!(one.by.as_deref(), Some("bob"));
    let told = (one.story.revision, one.story.title.as_str(), one.story.author.as_deref());
    assert_eq!(told, (2, "Second", Some("ada")));
    assert_eq!((one.previous[0].title.as_str(), one.previous[0].text.as_str()), ("First", "one"));
    assert_eq!(stories.delete(&ip("10.0.0.5"), day()).expect_err("gone").kind, Kind::Usage);

    // It can be told again, and deleted again: both are remembered.
    assert_eq!(save(&bench(root.path()), "10.0.0.5", "Third", "three").revision, 1);
    stories.delete(&ip("10.0.0.5"), day()).expect("deleted");
    let Unlisted { deletions, .. } = stories.gone(Pipeline::Flow, day()).expect("gone");
    let titles: Vec<_> = deletions[0].deleted.iter().map(|d| d.story.title.as_str()).collect();
    assert_eq!(titles, ["Second", "Third"]);
}

#[test]
fn others_stay_when_a_story_is_deleted() {
    let root = dns::folder(dns::PLAIN);
    put(root.path(), RAW, common::flows(&common::V1));
    let (flow, dns) = (bench(root.path()), dns::bench(root.path()));
    save(&flow, "203.0.113.9", "Other", "stays");
    dns::save(&dns, &dns::query("10.0.0.5"), "Name", "stays");
    let (rows, before) = (dns::dendro(root.path()), tree(root.path()));
    save(&flow, "10.0.0.5", "Gone", "g");
    dns::save(&dns, &dns::client("10.0.0.5"), "Client", "g");
    let stories = stories(root.path());
    stories.delete(&ip("10.0.0.5"), day()).expect("deleted");
    stories.delete(&client("10.0.0.5"), day()).expect("deleted");
    assert_eq!(dns::dendro(root.path()), rows);
    let after: Vec<_> = tree(root.path())
        .into_iter()
        .filter(|(path, _)| !path.to_string_lossy().contains("/deleted-"))
        .collect();
    assert_eq!(after, before);
    assert!(verified(root.path(), &name("10.0.0.5")).agrees());
    assert!(verified(root.path(), &ip("203.0.113.9")).agrees());
}

#[test]
fn what_a_reset_took_away_is_told_of() {
    let root = plain();
    let bench = bench(root.path());
    save(&bench, "10.0.0.5", "T", "x");
    bench.reset_scores().expect("reset");
    let stories = stories(root.path());
    assert_eq!(stories.of_day(Pipeline::Flow, day()).expect("stories").len(), 0);
    let Unlisted { deletions, lost: reset, .. } =
        stories.gone(Pipeline::Flow, day()).expect("gone");
    assert_eq!((deletions.len(), reset.len(), reset[0].title.as_str()), (0, 1, "T"));
    let told = stories.find(&ip("10.0.0.5"), None).expect("its file");
    assert!(!told.live);
    assert!(!stories.verify(&told).expect("verified").agrees());
}

#[test]
fn stories_of_a_folder_that_is_not_written_are_not_deleted() {
    let (data, out) = (plain(), tempfile::tempdir().expect("folder"));
    save(&bench(data.path()), "10.0.0.5", "Old", "from data");
    let before = tree(data.path());
    let with_out = bench_with_out(data.path(), out.path());
    let stories = Stories::open(with_out.settings().clone()).expect("stories");
    let error = stories.delete(&ip("10.0.0.5"), day()).expect_err("not ours");
    assert!(error.what.contains("not written"), "{error}");
    save(&with_out, "10.0.0.5", "New", "from out");
    let told = stories.find(&ip("10.0.0.5"), None).expect("story");
    assert_eq!(told.title, "New");
    assert!(stories.verify(&told).expect("verified").agrees());
    assert!(stories.delete(&ip("10.0.0.5"), day()).expect("deleted").uncovered);
    assert_eq!(stories.find(&ip("10.0.0.5"), None).expect("story").title, "Old");
    assert_eq!(tree(data.path()), before);
}

/// Not a test by itself: deletes, and dies before the step that DIE_AT names.
#[test]
#[ignore = "run by the test below, in a process of its own"]
fn delete_and_die() {
    let Some((data, store)) = dying_store() else { return };
    Stories::with_store(settings(&data), store).delete(&ip("10.0.0.5"), day()).expect("deleted");
}

#[test]
fn a_deletion_is_all_or_nothing() {
    let files = |root: &Path| -> Vec<_> { tree(root).into_iter().map(|(path, _)| path).collect() };
    let prepared = || {
        let root = plain();
        save(&bench(root.path()), "192.0.2.44", "Other", "stays");
        save(&bench(root.path()), "10.0.0.5", "Old", "old");
        root
    };
    let whole = prepared();
    let before = files(whole.path());
    stories(whole.path()).delete(&ip("10.0.0.5"), day()).expect("deleted");
    let after = files(whole.path());
    let mut seen = BTreeSet::new();
    for step in 0.. {
        let root = prepared();
        let died = dies_at(DELETE_AND_DIE, root.path(), step);
        // Opening finishes what was committed.
        let titles: Vec<_> = comments(&bench(root.path())).into_iter().map(|c| c.1).collect();
        let old = titles.len() == 2;
        assert_eq!(titles, if old { vec!["Old", "Other"] } else { vec!["Other"] }, "step {step}");
        assert_eq!(&files(root.path()), if old { &before } else { &after }, "step {step}");
        seen.insert(old);
        if !died {
            break;
        }
    }
    assert_eq!(seen.len(), 2);
}
