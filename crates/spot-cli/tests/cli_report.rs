//! `spot report`: pages for all suspects of a day, kept after a kill, made again when something changed.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{empty, json, spot, write};
use polars::prelude::*;
use serde_json::Value;

/// So many suspects, each with some rows of its own; and a row that names no address.
fn folder(name: &str, suspects: u32, rows: u32) -> PathBuf {
    let root = empty(name);
    let mut flows: Vec<(String, String, i32)> = Vec::new();
    for one in 0..suspects {
        let anchor = format!("10.0.{}.{}", one / 250, one % 250 + 1);
        // The first one has most rows, and so on.
        for row in 0..rows + suspects - one {
            flows.push((anchor.clone(), format!("203.0.113.{}", row % 200), 1024 + row as i32));
        }
    }
    let n = flows.len();
    let minute = |row: usize| format!("2016-07-08 {:02}:{:02}:00", row / 60 % 24, row % 60);
    let mut frame = df!(
        "treceived" => (0..n).map(minute).collect::<Vec<_>>(),
        "unix_tstamp" => vec![0i64; n],
        "tdur" => vec![1f32; n],
        "sip" => flows.iter().map(|r| r.0.as_str()).collect::<Vec<_>>(),
        "dip" => flows.iter().map(|r| r.1.as_str()).collect::<Vec<_>>(),
        "sport" => flows.iter().map(|r| r.2).collect::<Vec<_>>(),
        "dport" => vec![443; n],
        "proto" => vec!["TCP"; n],
        "flag" => vec![".AP.SF"; n],
        "ipkt" => vec![1i64; n],
        "ibyt" => vec![100i64; n],
        "opkt" => vec![0i64; n],
        "obyt" => vec![0i64; n],
    )
    .expect("frame");
    write(&root.join("flow/y=2016/m=7/d=8/h=9/part-0.parquet"), &mut frame);
    let anchors = (0..suspects).map(|one| format!("10.0.{}.{}", one / 250, one % 250 + 1));
    let mut sources: Vec<String> = anchors.collect();
    sources.push("<script>alert(1)</script>".to_owned());
    let n = sources.len();
    let mut high = df!(
        "tstart" => vec!["2016-07-08 09:00:00"; n],
        "srcip" => sources,
        "dstip" => vec!["203.0.113.1"; n],
        "srcport" => vec![1024; n],
        "dstport" => vec![443; n],
        "score" => vec![1; n],
    )
    .expect("frame");
    write(&root.join("flow_threat_investigation/y=2016/m=7/d=8/part-0.parquet"), &mut high);
    root
}

fn report(data: &Path, out: &Path, more: &[&str]) -> Value {
    let (data, out) = (data.to_str().expect("UTF-8"), out.to_str().expect("UTF-8"));
    let mut args = vec!["report", "flow", "--data", data, "--out", out, "--format", "json"];
    args.extend(more);
    json(&args)
}

/// Names and bytes of the pages, without what says which are finished.
fn pages(out: &Path) -> BTreeMap<String, Vec<u8>> {
    let folder = out.join("flow/2016-07-08");
    let entries = fs::read_dir(&folder).expect("folder").map(|entry| entry.expect("entry"));
    let files = entries.filter(|entry| entry.path().is_file());
    let named = files.map(|file| {
        let bytes = fs::read(file.path()).expect("page");
        (file.file_name().into_string().expect("UTF-8"), bytes)
    });
    named.collect()
}

fn counts(done: &Value) -> [u64; 4] {
    let failed = done["failed"].as_array().expect("list").len() as u64;
    let number = |name: &str| done[name].as_u64().expect("number");
    [number("suspects"), number("written"), number("kept"), failed]
}

#[test]
fn every_suspect_has_a_page_and_the_index_names_them_all() {
    let data = folder("report-all", 5, 10);
    let out = empty("report-all-out");
    let done = report(&data, &out, &[]);
    // Five, the address that all of them asked, and the row that names none.
    assert_eq!(counts(&done), [7, 6, 0, 0]);
    assert_eq!(done["refused"][0]["anchor"], "<script>alert(1)</script>");
    let pages = pages(&out);
    assert_eq!(pages.len(), 7, "six pages and the index");
    let index = String::from_utf8(pages["index.html"].clone()).expect("UTF-8");
    for report in done["reports"].as_array().expect("reports") {
        let file = report["file"].as_str().expect("file");
        assert!(pages.contains_key(file), "{file}");
        assert!(index.contains(&format!("href=\"{file}\"")), "{file}");
    }
    assert!(!index.contains("<script>alert"), "shown as written, not run");
    let scores = done["reports"].as_array().expect("reports").iter();
    let scores: Vec<u64> = scores.map(|one| one["score"].as_u64().expect("score")).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
}

#[test]
fn a_page_of_the_batch_is_the_page_of_a_single_run() {
    let data = folder("report-single", 3, 10);
    let [all, single] = ["report-single-all", "report-single-one"].map(empty);
    report(&data, &all, &[]);
    let done = report(&data, &single, &["--anchor", "10.0.0.2"]);
    assert_eq!(counts(&done), [1, 1, 0, 0]);
    let (all, single) = (pages(&all), pages(&single));
    assert_eq!(single.keys().collect::<Vec<_>>(), ["10_0_0_2.html"], "no index of one");
    let text = |pages: &BTreeMap<String, Vec<u8>>| {
        let page = String::from_utf8(pages["10_0_0_2.html"].clone()).expect("UTF-8");
        // Only the way back to the index is of the batch alone.
        page.split("<main").nth(1).map(str::to_owned).unwrap_or(page)
    };
    assert_eq!(text(&all), text(&single));
}

#[test]
fn some_do_not_take_the_place_of_the_index_of_all() {
    let data = folder("report-some", 4, 10);
    let out = empty("report-some-out");
    let done = report(&data, &out, &["--anchor", "10.0.0.2,10.0.0.3"]);
    assert_eq!(counts(&done), [2, 2, 0, 0]);
    let files = |out: &Path| pages(out).into_keys().collect::<Vec<_>>();
    assert_eq!(files(&out), ["10_0_0_2.html", "10_0_0_3.html"], "no index of some");
    assert!(done["page"].as_str().expect("page").ends_with("2016-07-08"), "{done}");
    let one = report(&data, &out, &["--anchor", "10.0.0.2"]);
    assert!(one["page"].as_str().expect("page").ends_with("10_0_0_2.html"), "{one}");
    report(&data, &out, &[]);
    let whole = pages(&out);
    assert!(
        String::from_utf8_lossy(&whole["10_0_0_3.html"]).contains("index.html"),
        "the way back"
    );
    let done = report(&data, &out, &["--anchor", "10.0.0.2,10.0.0.3"]);
    assert_eq!(counts(&done), [2, 0, 2, 0], "they are what the run of all made");
    assert_eq!(pages(&out), whole, "the index still names all");
}

#[test]
fn pages_of_another_zone_are_made_again() {
    let data = folder("report-zone", 2, 10);
    let out = empty("report-zone-out");
    let run = |zone: &str| -> Value {
        let mut command = Command::new(env!("CARGO_BIN_EXE_spot"));
        let [data, out] = [&data, &out].map(|path| path.to_str().expect("UTF-8"));
        command.args(["report", "flow", "--data", data, "--out", out, "--format", "json"]);
        let done = command.env("SPOT_ZONE", zone).output().expect("spot runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice(&done.stdout).expect("JSON")
    };
    let page = || String::from_utf8(pages(&out)["10_0_0_1.html"].clone()).expect("UTF-8");
    assert_eq!(counts(&run("")), [4, 3, 0, 0]);
    let plain = page();
    assert_eq!(counts(&run("UTC")), [4, 0, 3, 0], "which is what nothing means");
    assert_eq!(counts(&run("Asia/Kolkata")), [4, 3, 0, 0]);
    assert!(page().contains("Asia/Kolkata (UTC+5:30)") && !plain.contains("Kolkata"));
    assert_eq!(counts(&run("Asia/Kolkata")), [4, 0, 3, 0], "and are kept");
    assert_eq!(counts(&run("UTC")), [4, 3, 0, 0]);
    assert_eq!(page(), plain, "byte for byte");
}

#[test]
fn finished_pages_are_kept_until_something_changes() {
    let data = folder("report-kept", 3, 10);
    let out = empty("report-kept-out");
    assert_eq!(counts(&report(&data, &out, &[])), [5, 4, 0, 0]);
    let before = pages(&out);
    assert_eq!(counts(&report(&data, &out, &[])), [5, 0, 4, 0]);
    assert_eq!(pages(&out), before, "byte for byte");
    assert_eq!(counts(&report(&data, &out, &["--again"])), [5, 4, 0, 0]);
    assert_eq!(pages(&out), before, "the same inputs give the same bytes");

    // A story changes one page.
    let data_text = data.to_str().expect("UTF-8");
    let story = ["--anchor", "10.0.0.2", "--title", "Beacon", "--text", "Every ten minutes."];
    let mut save = vec!["save", "flow", "--data", data_text];
    save.extend(story);
    assert!(spot(&save).status.success());
    assert_eq!(counts(&report(&data, &out, &[])), [5, 1, 3, 0]);
    let changed: Vec<String> = {
        let now = pages(&out);
        now.iter().filter(|(name, page)| before[*name] != **page).map(|(n, _)| n.clone()).collect()
    };
    assert_eq!(changed, ["10_0_0_2.html", "index.html"]);

    // A context file changes all of them; so do files of the day.
    fs::create_dir_all(data.join("context")).expect("folder");
    fs::write(data.join("context/networkcontext_1.csv"), "ip,name\n10.0.0.0/8,LAN\n")
        .expect("file");
    assert_eq!(counts(&report(&data, &out, &[])), [5, 4, 0, 0]);
    let part = data.join("flow/y=2016/m=7/d=8/h=9/part-0.parquet");
    fs::copy(&part, part.with_file_name("part-1.parquet")).expect("copy");
    assert_eq!(counts(&report(&data, &out, &[])), [5, 4, 0, 0]);

    // So does one that looks the same from outside: the second, the size and the time are as before.
    let modified = fs::metadata(&part).and_then(|stat| stat.modified()).expect("a time");
    let bytes = fs::read(&part).expect("bytes");
    fs::write(&part, bytes).expect("file");
    fs::File::options().write(true).open(&part).expect("file").set_modified(modified).expect("set");
    assert_eq!(counts(&report(&data, &out, &[])), [5, 4, 0, 0]);
    assert_eq!(counts(&report(&data, &out, &[])), [5, 0, 4, 0]);

    // A page that somebody took away or cut off is made again, and only that one.
    fs::write(out.join("flow/2016-07-08/10_0_0_3.html"), "cut off").expect("file");
    fs::remove_file(out.join("flow/2016-07-08/10_0_0_1.html")).expect("file");
    assert_eq!(counts(&report(&data, &out, &[])), [5, 2, 2, 0]);
}

#[test]
fn a_killed_run_goes_on_where_it_stopped() {
    let data = folder("report-killed", 120, 300);
    let [out, whole] = ["report-killed-out", "report-killed-whole"].map(empty);
    report(&data, &whole, &[]);
    let finished = || fs::read_dir(out.join("flow/2016-07-08/.done")).map_or(0, |d| d.count());
    let mut kills = 0;
    for wanted in [3, 60] {
        let mut run = Command::new(env!("CARGO_BIN_EXE_spot"));
        run.args(["report", "flow", "--data"]).arg(&data).arg("--out").arg(&out);
        let mut run = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("spot runs");
        let began = Instant::now();
        while finished() < wanted && began.elapsed() < Duration::from_secs(120) {
            std::thread::sleep(Duration::from_micros(200));
        }
        run.kill().expect("killed");
        if !run.wait().expect("ended").success() {
            kills += 1;
        }
    }
    assert!(kills > 0, "both runs were done before they were killed");
    let before = pages(&out).len();
    let done = report(&data, &out, &[]);
    let [suspects, written, kept, failed] = counts(&done);
    assert_eq!((suspects, failed), (122, 0));
    assert_eq!(written + kept, 121, "one names no address");
    assert!(kept >= 3, "{kept} kept of {before} that were there");
    assert_eq!(pages(&out), pages(&whole), "byte for byte those of a run that nobody killed");
    let names: Vec<_> = pages(&out).into_keys().collect();
    assert!(names.iter().all(|name| name.ends_with(".html")), "nothing half written: {names:?}");
}

#[test]
fn what_cannot_be_written_is_said_and_the_exit_code_tells() {
    let data = folder("report-refused", 3, 10);
    let out = empty("report-refused-out");
    // A folder is where one of the pages has to go.
    fs::create_dir_all(out.join("flow/2016-07-08/10_0_0_2.html")).expect("folder");
    let [data, out] = [&data, &out].map(|path| path.to_str().expect("UTF-8"));
    let run = spot(&["report", "flow", "--data", data, "--out", out]);
    let said = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(1), "{said}");
    assert!(said.contains("no report about 10.0.0.2"), "{said}");
    let printed = String::from_utf8_lossy(&run.stdout);
    assert!(printed.contains("written: 3") && printed.contains("failed: 1"), "{printed}");
    let index = fs::read_to_string(Path::new(out).join("flow/2016-07-08/index.html"));
    assert!(index.expect("the index is there").contains("10.0.0.2"), "the index says it, too");

    let run = spot(&["report", "flow", "--data", data, "--out", out, "--date", "tomorrow"]);
    assert_eq!(run.status.code(), Some(2), "wrong use");
    let run = spot(&["report", "flow", "--data", data, "--out", "/dev/null/reports"]);
    assert_eq!(run.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&run.stderr).contains("what to do"));
}

#[test]
fn a_day_without_suspects_has_an_index_that_says_so() {
    let data = folder("report-none", 0, 0);
    fs::remove_dir_all(data.join("flow_threat_investigation")).expect("folder");
    let out = empty("report-none-out");
    let done = report(&data, &out, &["--date", "2016-07-08"]);
    assert_eq!(counts(&done), [0, 0, 0, 0]);
    assert_eq!(pages(&out).keys().collect::<Vec<_>>(), ["index.html"]);
}
