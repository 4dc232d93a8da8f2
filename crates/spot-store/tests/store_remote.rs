//! Writes to HDFS and to an object store: the same files as in a folder, all of a save or nothing.

mod common;
mod stored;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use chrono::NaiveDate;
use common::{bench_with_out, comments, dns, plain, put, save, spots, tree};
use polars::prelude::*;
use sha2::{Digest, Sha256};
use spot_analysis::model::Address;
use spot_store::settings::given;
use spot_store::{
    DnsWorkbench, FlowFilter, Pipeline, Rating, Result, Score, Settings, Stories, StoryAnchor,
    Workbench,
};
use stored::Stored;

fn settings(data: &Path, out: &str) -> Settings {
    let data = data.to_string_lossy().into_owned();
    let cell = given([
        ("SPOT_DATA", data),
        ("SPOT_OUT", out.to_owned()),
        ("SPOT_HDFS_USER", "ann".to_owned()),
        ("SPOT_TIMEOUT", "10".to_owned()),
    ]);
    Settings::resolve(&cell, &given::<String, String>([]), None).expect("settings")
}

fn hdfs(server: &Stored, data: &Path) -> Result<Workbench> {
    let out = format!("webhdfs://{}/user/my%20spot", server.address);
    Workbench::open(settings(data, &out))
}

/// What lies in the folder there, by path below it.
fn below(server: &Stored, root: &str) -> BTreeMap<String, Vec<u8>> {
    let files = server.files().into_iter();
    let below = |name: &String| name.strip_prefix(root).map(str::to_owned);
    files.map(|(name, bytes)| (below(&name).unwrap_or(name), bytes)).collect()
}

/// What lies in a folder here.
fn here(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let name = |path: &Path| path.to_string_lossy().into_owned();
    tree(root).into_iter().map(|(path, bytes)| (name(&path), bytes)).collect()
}

/// The same without the times of saves.
fn timeless(mut files: BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    for (_, bytes) in files.iter_mut().filter(|(name, _)| name.contains("/story-")) {
        let text = String::from_utf8(bytes.clone()).expect("UTF-8");
        let time = |line: &&str| {
            ["\"created\"", "\"updated\"", "\"saved\""]
                .iter()
                .any(|key| line.trim().starts_with(key))
        };
        let lines: Vec<_> = text.lines().filter(|line| !time(line)).collect();
        assert!(lines.len() < text.lines().count());
        *bytes = lines.join("\n").into_bytes();
    }
    files
}

#[test]
fn a_save_leaves_there_what_it_leaves_in_a_folder() {
    let (data, folder, server) = (spots(), tempfile::tempdir().expect("folder"), Stored::hdfs());
    let before = tree(data.path());
    let (local, remote) =
        (bench_with_out(data.path(), folder.path()), hdfs(&server, data.path()).expect("opens"));
    for bench in [&local, &remote] {
        save(bench, "10.0.0.5", "Beacon", "every ten minutes");
        save(bench, "192.0.2.44", "Scan", "=1+1");
        save(bench, "10.0.0.5", "Beacon", "every ten minutes, to 203.0.113.9");
    }
    let there = below(&server, "/user/my spot/");
    assert_eq!(there.keys().collect::<Vec<_>>(), here(folder.path()).keys().collect::<Vec<_>>());
    assert_eq!(timeless(there), timeless(here(folder.path())));
    assert_eq!(comments(&remote), comments(&local));
    assert_eq!(tree(data.path()), before);
    let shown = format!("writes to webhdfs://{}/user/my%20spot", server.address);
    assert!(remote.store().describe().ends_with(&shown), "{}", remote.store().describe());

    // Another machine, later: it reads what was saved, and sees what others do.
    let other = hdfs(&server, data.path()).expect("opens");
    assert_eq!(comments(&other), comments(&local));
    let revision = |bench: &Workbench| save(bench, "10.0.0.5", "Beacon", "new").revision;
    assert_eq!(revision(&other), 3);
    std::thread::sleep(std::time::Duration::from_millis(2100));
    assert_eq!(comments(&remote)[0].2, "new");
}

#[test]
fn stories_there_are_listed_verified_and_deleted() {
    let (data, server) = (plain(), Stored::hdfs());
    let bench = hdfs(&server, data.path()).expect("opens");
    save(&bench, "10.0.0.5", "Beacon", "every ten minutes");
    save(&bench, "192.0.2.44", "Other", "stays");
    // Another machine: nothing of it is here yet.
    let stories = Stories::open(bench.settings().clone()).expect("opens");
    let anchor = StoryAnchor::Ip(Address::new("10.0.0.5"));
    let told = stories.find(&anchor, None).expect("found");
    assert_eq!(told.title, "Beacon");
    let verified = stories.verify(&told).expect("verified");
    assert!(verified.agrees(), "{verified:?}");
    stories.delete(&anchor, told.day).expect("deleted");
    let names: Vec<_> = below(&server, "/user/my spot/").into_keys().collect();
    let own: Vec<_> = names.iter().filter(|name| name.contains("/10_0_0_5/")).collect();
    assert_eq!(own, ["flow/oa/storyboard/2016/7/8/10_0_0_5/deleted-10_0_0_5.json"]);
    let listed = stories.of_day(Pipeline::Flow, told.day).expect("stories");
    assert_eq!(listed.iter().map(|told| told.title.as_str()).collect::<Vec<_>>(), ["Other"]);
    assert!(stories.verify(&listed[0]).expect("verified").agrees());
}

#[test]
fn dns_stories_scores_and_resets_go_there_too() {
    let (data, server) = (dns::folder(dns::PLAIN), Stored::hdfs());
    put(data.path(), "flow/y=2016/m=7/d=8/h=9/part-0.parquet", common::flows(&common::V1));
    let unlikely = df!(
        "tstart" => ["2016-07-08 09:00:00"], "srcip" => ["10.0.0.5"], "dstip" => ["203.0.113.9"],
        "sport" => [50001i32], "dport" => [443i32], "rank" => [0i32],
    );
    put(data.path(), "flow_scores/y=2016/m=7/d=8/part-0.parquet", unlikely.expect("frame"));
    let flow = hdfs(&server, data.path()).expect("opens");
    let dns = DnsWorkbench::with_store(
        settings(data.path(), &format!("webhdfs://{}/user/my%20spot", server.address)),
        spot_store::open(flow.settings()).expect("opens"),
    )
    .expect("opens");
    dns::save(&dns, &dns::query("www.evil.com"), "C2", "line\nbreak");
    let day = NaiveDate::from_ymd_opt(2016, 7, 8).expect("day");
    let of = FlowFilter { src: Some(Address::new("10.0.0.5")), ..FlowFilter::default() };
    let scores = [Score::new(of, Rating::High)];
    assert_eq!(flow.store().score_flows(day, &scores, None).expect("scored"), [Some(1)]);
    assert_eq!(flow.suspects().expect("suspects").len(), 2);
    let names: Vec<String> = below(&server, "/user/my spot/").into_keys().collect();
    assert_eq!(
        names,
        [
            "dns/oa/storyboard/2016/7/8/query-www.evil.com/rows-query-www.evil.com.parquet",
            "dns/oa/storyboard/2016/7/8/query-www.evil.com/story-query-www.evil.com.json",
            "dns/oa/storyboard/2016/7/8/threats.csv",
            "dns_storyboard/y=2016/m=7/d=8/part-0.parquet",
            "dns_threat_dendro/y=2016/m=7/d=8/part-0.parquet",
            "flow/scored_results/20160708/feedback/ml_feedback.csv",
            "flow_threat_investigation/y=2016/m=7/d=8/part-0.parquet",
        ]
    );
    dns.store().reset_scores(Pipeline::Dns, day).expect("reset");
    assert!(dns.stories().expect("stories").is_empty());
    assert!(dns.suspects().expect("suspects").is_empty());
}

#[test]
fn a_save_that_is_cut_off_at_any_request_is_the_old_or_the_new() {
    let data = plain();
    let (mut olds, mut news) = (0, 0);
    for changes in 0.. {
        let server = Stored::hdfs();
        // So long a time that nobody is at work on a log any more.
        server.ticks(61_000);
        let bench = hdfs(&server, data.path()).expect("opens");
        save(&bench, "10.0.0.5", "Old", "old");
        let found = bench.investigate(&Address::new("10.0.0.5")).expect("finding");
        server.dies_after(Some(changes));
        let saved = bench.save(&found, "New", "new");
        server.dies_after(None);
        if saved.is_ok() {
            break;
        }
        // Whoever comes next, here or on another machine.
        let other = hdfs(&server, data.path()).expect("opens");
        let seen = comments(&other);
        match seen[0].1.as_str() {
            "Old" => olds += 1,
            title => {
                assert_eq!(title, "New", "{changes}");
                news += 1;
            }
        }
        // What it left is whole: another save works, on it and on the one that failed.
        save(&other, "192.0.2.44", "Other", "x");
        save(&bench, "10.0.0.5", "Newer", "newer");
        let all: Vec<_> = comments(&bench).into_iter().map(|(_, title, _)| title).collect();
        assert_eq!(all, ["Newer", "Other"], "{changes}");
        assert!(!server.files().keys().any(|name| name.contains(".spot-save")), "{changes}");
    }
    assert!(olds > 0 && news > 3, "{olds} {news}");
}

#[test]
fn a_log_or_list_that_leads_elsewhere_is_not_followed() {
    let (data, server) = (plain(), Stored::hdfs());
    let bench = hdfs(&server, data.path()).expect("opens");
    let sha256 = |parts: &[&str]| -> String {
        let hash = Sha256::digest(parts.concat().as_bytes());
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let log = |name: &str, hash: &str| {
        serde_json::json!({"changes": [{"name": name, "bytes": "aGk="}], "sha256": hash})
            .to_string()
    };
    let names = ["a/../../spot-elsewhere", "/tmp/spot-elsewhere", "a\\b", "flow/whole"];
    for (number, name) in names.into_iter().enumerate() {
        let right = sha256(&[name, "\n", "aGk=", "\n"]);
        let path = format!("/user/my spot/.spot-saves/{number:020}-a.json");
        server.put(&path, log(name, &right).as_bytes());
    }
    server.put("/user/my spot/.spot-saves/9-b.json", log("flow/wrong", &"0".repeat(64)).as_bytes());
    server.put("/user/my spot/.spot-saves/9-c.json", b"half");
    server.lies(&["..", "../../spot-elsewhere", "a\\b", ""]);
    save(&bench, "10.0.0.5", "Beacon", "x");
    let temp = std::env::temp_dir();
    for elsewhere in [temp.join("spot-elsewhere"), Path::new("/tmp/spot-elsewhere").to_path_buf()] {
        assert!(!elsewhere.exists(), "{}", elsewhere.display());
    }
    assert_eq!(comments(&bench).len(), 1);
    // Logs of the same minute are left to those who are at work on them.
    let left = server.files().keys().filter(|name| name.contains(".spot-saves")).count();
    assert_eq!(left, names.len() + 2);
    assert!(!server.files().contains_key("/user/my spot/flow/whole"));
    server.ticks(61_000);
    server.put("/user/my spot/other", b"time goes on");
    save(&bench, "10.0.0.5", "Beacon", "y");
    let files = below(&server, "/user/my spot/");
    assert_eq!(files["flow/whole"], b"hi");
    assert!(!files.contains_key("flow/wrong"));
}

#[test]
fn what_answers_404_to_a_save_has_not_saved() {
    let (data, server) = (plain(), Stored::nothing());
    let bench = hdfs(&server, data.path()).expect("an empty folder is no failure");
    let found = bench.investigate(&Address::new("10.0.0.5")).expect("finding");
    let error = bench.save(&found, "t", "x").expect_err("nothing was saved").to_string();
    assert!(error.contains("SPOT_OUT"), "{error}");
    assert!(comments(&bench).is_empty());
}

#[test]
fn what_others_reset_is_gone_here() {
    let (data, server) = (plain(), Stored::hdfs());
    let bench = hdfs(&server, data.path()).expect("opens");
    save(&bench, "10.0.0.5", "Beacon", "x");
    let day = NaiveDate::from_ymd_opt(2016, 7, 8).expect("day");
    let other = hdfs(&server, data.path()).expect("opens");
    other.store().reset_scores(Pipeline::Flow, day).expect("reset");
    save(&bench, "192.0.2.44", "Scan", "y");
    let titles: Vec<_> = comments(&bench).into_iter().map(|(_, title, _)| title).collect();
    assert_eq!(titles, ["Scan"]);
}

#[test]
fn who_is_not_let_in_or_answered_is_told() {
    let (data, server) = (plain(), Stored::hdfs());
    let error = |out: &str| {
        let mut settings = settings(data.path(), &format!("webhdfs://{}/x", server.address));
        let cell = given([("SPOT_DATA", data.path().to_string_lossy()), ("SPOT_OUT", out.into())]);
        settings.out =
            Settings::resolve(&cell, &given::<String, String>([]), None).expect("ok").out;
        Workbench::open(settings).err().expect("an error").to_string()
    };
    let denied = error(&format!("webhdfs://bob@{}/x", server.address));
    assert!(denied.contains("SPOT_HDFS_USER"), "{denied}");
    let gone = error("webhdfs://ann@127.0.0.1:9/x");
    assert!(gone.contains("refused") && gone.contains("SPOT_OUT"), "{gone}");
}

/// Not a test by itself: its environment says where the object store is.
#[test]
#[ignore = "run by the next test, in a process of its own"]
fn saves_to_an_object_store() {
    let Some(data) = std::env::var_os("S3_DATA") else { return };
    let bench = Workbench::open(settings(Path::new(&data), "s3://bucket/some/folder"));
    let bench = bench.expect("opens");
    save(&bench, "10.0.0.5", "Beacon", "every ten minutes");
    save(&bench, "10.0.0.5", "Beacon", "every ten minutes!");
    assert_eq!(comments(&bench).len(), 1);
}

#[test]
fn an_object_store_gets_the_same_files() {
    let (data, folder, server) = (plain(), tempfile::tempdir().expect("folder"), Stored::s3());
    let local = bench_with_out(data.path(), folder.path());
    save(&local, "10.0.0.5", "Beacon", "every ten minutes");
    save(&local, "10.0.0.5", "Beacon", "every ten minutes!");
    let run = |key: &str| {
        let output = Command::new(std::env::current_exe().expect("this test"))
            .args(["saves_to_an_object_store", "--exact", "--ignored", "--nocapture"])
            .env("S3_DATA", data.path())
            .env("AWS_ACCESS_KEY_ID", key)
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ENDPOINT_URL", format!("http://{}", server.address))
            .env("NO_PROXY", "127.0.0.1")
            .output();
        output.expect("process")
    };
    let output = run("key");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(timeless(below(&server, "/some/folder/")), timeless(here(folder.path())));
    assert!(server.asked().iter().all(|asked| !asked.headers.contains("secret")));
    let refused = run("other");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("AWS_ACCESS_KEY_ID"), "{said}");
}
