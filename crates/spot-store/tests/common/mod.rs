//! Small data folders for the tests.
#![allow(dead_code, reason = "every test file uses its own part")]

pub mod dns;
pub mod leaves;
pub mod stories;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use polars::prelude::*;
use spot_analysis::model::Address;
use spot_store::settings::given;
use spot_store::{Embedded, Out, Settings, Workbench};

/// time, source, destination, source port, destination port, packets, bytes.
pub type Flow = (&'static str, &'static str, &'static str, i32, i32, i64, i64);

/// The flows of acceptance vector V1, all on 2016-07-08.
pub const V1: [Flow; 6] = [
    ("2016-07-08 09:00:00", "10.0.0.5", "203.0.113.9", 50001, 443, 10, 1000),
    ("2016-07-08 09:10:00", "10.0.0.5", "203.0.113.9", 50002, 443, 20, 5000),
    ("2016-07-08 10:00:00", "10.0.0.5", "203.0.113.9", 50002, 443, 5, 500),
    ("2016-07-08 09:05:00", "198.51.100.7", "10.0.0.5", 40000, 22, 3, 180),
    ("2016-07-08 09:06:00", "10.0.0.5", "198.51.100.7", 22, 40000, 4, 4000),
    ("2016-07-08 11:00:00", "192.0.2.44", "10.0.0.5", 33333, 3389, 1, 60),
];

/// The table `flow` as Spot's Hive schema has it (the columns that matter and two that do not).
pub fn flows(rows: &[Flow]) -> DataFrame {
    let n = rows.len();
    let frame = df!(
        "treceived" => rows.iter().map(|r| r.0).collect::<Vec<_>>(),
        "unix_tstamp" => vec![0i64; n],
        "trhour" => vec![9i32; n],
        "tdur" => vec![0.5f32; n],
        "sip" => rows.iter().map(|r| r.1).collect::<Vec<_>>(),
        "dip" => rows.iter().map(|r| r.2).collect::<Vec<_>>(),
        "sport" => rows.iter().map(|r| r.3).collect::<Vec<_>>(),
        "dport" => rows.iter().map(|r| r.4).collect::<Vec<_>>(),
        "proto" => vec!["TCP"; n],
        "flag" => vec![".AP.SF"; n],
        "ipkt" => rows.iter().map(|r| r.5).collect::<Vec<_>>(),
        "ibyt" => rows.iter().map(|r| r.6).collect::<Vec<_>>(),
        "opkt" => vec![0i64; n],
        "obyt" => vec![0i64; n],
        "rip" => vec!["0.0.0.0"; n],
    );
    frame.expect("equally long columns")
}

/// source, destination, destination port, score.
pub fn threats(rows: &[(&str, &str, i32, i32)]) -> DataFrame {
    let n = rows.len();
    let frame = df!(
        "tstart" => vec!["2016-07-08 09:00:00"; n],
        "srcip" => rows.iter().map(|r| r.0).collect::<Vec<_>>(),
        "dstip" => rows.iter().map(|r| r.1).collect::<Vec<_>>(),
        "srcport" => vec![50001i32; n],
        "dstport" => rows.iter().map(|r| r.2).collect::<Vec<_>>(),
        "score" => rows.iter().map(|r| r.3).collect::<Vec<_>>(),
    );
    frame.expect("equally long columns")
}

/// Writes `frame` as Parquet below `root`.
pub fn put(root: &Path, path: &str, mut frame: DataFrame) -> PathBuf {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a file has a folder")).expect("folder");
    let file = File::create(&path).expect("file");
    ParquetWriter::new(file).finish(&mut frame).expect("Parquet");
    path
}

/// Reads a Parquet file as it is.
pub fn get(path: &Path) -> DataFrame {
    ParquetReader::new(File::open(path).expect("file")).finish().expect("Parquet")
}

/// V1 in the plain layout, with its one high row.
pub fn plain() -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("temporary folder");
    put(root.path(), "flow/y=2016/m=7/d=8/h=9/part-0.parquet", flows(&V1));
    let high = threats(&[("10.0.0.5", "203.0.113.9", 443, 1)]);
    put(root.path(), "flow_threat_investigation/y=2016/m=7/d=8/part-0.parquet", high);
    root
}

/// V1 in Spot's layout, with its one high row.
pub fn spots() -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("temporary folder");
    put(root.path(), "flow/hive/y=2016/m=7/d=8/h=9/part-0.parquet", flows(&V1));
    let high = threats(&[("10.0.0.5", "203.0.113.9", 443, 1)]);
    put(root.path(), "flow/hive/oa/threat_investigation/y=2016/m=7/d=8/part-0.parquet", high);
    root
}

/// The settings for a data folder, without environment.
pub fn settings(data: &Path) -> Settings {
    let cell = given([("SPOT_DATA", data.to_string_lossy())]);
    Settings::resolve(&cell, &given::<String, String>([]), None).expect("settings")
}

/// Opens a data folder.
pub fn bench(data: &Path) -> Workbench {
    Workbench::open(settings(data)).expect("workbench")
}

/// Opens a data folder that is written elsewhere.
pub fn bench_with_out(data: &Path, out: &Path) -> Workbench {
    let settings = Settings { out: Some(Out::Folder(out.to_path_buf())), ..settings(data) };
    Workbench::open(settings).expect("workbench")
}

/// Titles and texts that some table, script or list could take for something else.
pub const TEXTS: [(&str, &str); 5] = [
    (
        "O'Brien's \"C2\"; DROP",
        "line one\nline two\r\n\ttabbed\n\n🦀 <script>alert(1)</script> \\n ${HOME}",
    ),
    ("", ""),
    ("=cmd|' /C calc'!A0", "+1,-1,@x\r"),
    ("  blanks  ", "\u{202e}turned\u{0}nul\u{feff}"),
    ("日本語", "'); DELETE FROM flow_storyboard; --"),
];

/// In the process that [`dies_at`] starts: the data folder, opened so that a save dies at its step.
pub fn dying_store() -> Option<(PathBuf, Arc<Embedded>)> {
    let data = PathBuf::from(std::env::var_os("CRASH_DATA")?);
    let die_at: usize = std::env::var("DIE_AT").expect("step").parse().expect("number");
    let step = AtomicUsize::new(0);
    let hook = move |_: &str| {
        if step.fetch_add(1, Ordering::SeqCst) == die_at {
            std::process::abort();
        }
    };
    let store = Embedded::open(&data, None).expect("store").with_step_hook(Arc::new(hook));
    Some((data, Arc::new(store)))
}

/// Runs the ignored test `saving` in a process of its own, which dies before that step of its save;
/// true if it died before the save was over.
pub fn dies_at(saving: &str, data: &Path, step: usize) -> bool {
    let status = Command::new(std::env::current_exe().expect("this test"))
        .args([saving, "--exact", "--ignored"])
        .env("CRASH_DATA", data)
        .env("DIE_AT", step.to_string())
        .output()
        .expect("process")
        .status;
    !status.success()
}

/// Searches and saves.
pub fn save(bench: &Workbench, anchor: &str, title: &str, text: &str) -> spot_store::Saved {
    let found = bench.investigate(&Address::new(anchor)).expect("finding");
    bench.save(&found, title, text).expect("saved")
}

/// (anchor, title, text) of all comments of the day.
pub fn comments(bench: &Workbench) -> Vec<(String, String, String)> {
    let stories = bench.stories().expect("comments").into_iter();
    stories.map(|story| (story.anchor.to_string(), story.title, story.text)).collect()
}

/// Every file below `root` with its bytes, dot files left out.
pub fn tree(root: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.expect("entry").path();
            let hidden =
                path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if path.is_dir() {
                folders.push(path);
            } else if !hidden {
                let bytes = fs::read(&path).expect("bytes");
                files.push((path.strip_prefix(root).expect("below root").to_path_buf(), bytes));
            }
        }
    }
    files.sort();
    files
}
