//! Data that are not as they should be: the error names file and column and says what to do.

mod common;

use std::fs;
use std::path::Path;

use common::{V1, bench, flows, plain, put, settings};
use polars::prelude::*;
use spot_analysis::model::Address;
use spot_store::error::Kind;
use spot_store::{StoreError, Workbench};

const PART: &str = "flow/y=2016/m=7/d=8/h=9/part-0.parquet";

fn search(root: &Path) -> StoreError {
    bench(root).rows(&Address::new("10.0.0.5")).expect_err("an error")
}

fn says(error: &StoreError, texts: &[&str]) {
    let all = error.to_string();
    for text in texts {
        assert!(all.contains(text), "{text:?} is not in {all:?}");
    }
    assert!(all.contains("what to do: ") && !error.fix.is_empty());
}

#[test]
fn a_file_cut_short_anywhere_is_named() {
    let root = plain();
    let path = root.path().join(PART);
    let whole = fs::read(&path).expect("bytes");
    // A good file beside it must not hide which one is broken.
    put(root.path(), "flow/y=2016/m=7/d=8/h=8/part-0.parquet", flows(&V1));
    for keep in [0, 3, 4, 12, whole.len() / 2, whole.len() - 9, whole.len() - 1] {
        fs::write(&path, &whole[..keep]).expect("cut");
        let error = search(root.path());
        assert_eq!(error.kind, Kind::Data);
        says(&error, &["h=9/part-0.parquet", "Parquet"]);
    }
}

#[test]
fn bytes_turned_around_are_an_error_or_rows_but_never_a_crash() {
    let root = plain();
    let path = root.path().join(PART);
    let whole = fs::read(&path).expect("bytes");
    for at in (0..whole.len()).step_by(29) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xff;
        fs::write(&path, &bytes).expect("turned");
        if let Err(error) = bench(root.path()).rows(&Address::new("10.0.0.5")) {
            says(&error, &["part-0.parquet"]);
        }
    }
}

#[test]
fn every_missing_column_is_named() {
    let root = plain();
    for column in [
        "treceived",
        "tdur",
        "sip",
        "dip",
        "sport",
        "dport",
        "proto",
        "flag",
        "ipkt",
        "ibyt",
        "opkt",
        "obyt",
    ] {
        put(root.path(), PART, flows(&V1).drop(column).expect("dropped"));
        says(&search(root.path()), &[column, "missing", "part-0.parquet"]);
    }
    // Only a fallback for treceived.
    put(root.path(), PART, flows(&V1).drop("unix_tstamp").expect("dropped"));
    assert_eq!(bench(root.path()).rows(&Address::new("10.0.0.5")).expect("rows").frame.height(), 6);
}

#[test]
fn a_column_of_another_type_is_named_with_both_types() {
    let root = plain();
    for (column, dtype, texts) in [
        ("ibyt", DataType::String, ["str", "BIGINT"]),
        ("ipkt", DataType::Float64, ["f64", "BIGINT"]),
        ("dport", DataType::String, ["str", "INT"]),
        ("sip", DataType::Int64, ["", "STRING"]),
    ] {
        let cast = match column {
            "sip" => lit(167_772_165_i64).alias("sip"),
            other => col(other).cast(dtype),
        };
        put(root.path(), PART, flows(&V1).lazy().with_column(cast).collect().expect("cast"));
        let error = search(root.path());
        says(&error, &[&format!("part-0.parquet, column {column}"), texts[0], texts[1]]);
    }
}

#[test]
fn a_number_too_big_for_its_column_is_no_silent_null() {
    let root = plain();
    let huge = flows(&V1).lazy().with_column(lit(u64::MAX).alias("ibyt")).collect().expect("frame");
    put(root.path(), PART, huge);
    says(&search(root.path()), &["part-0.parquet"]);
}

#[test]
fn a_folder_without_tables_says_what_is_expected() {
    let root = tempfile::tempdir().expect("folder");
    fs::create_dir(root.path().join("flow")).expect("folder");
    for path in [root.path().to_path_buf(), root.path().join("nowhere")] {
        let error = Workbench::open(settings(&path)).err().expect("an error");
        assert_eq!(error.kind, Kind::Usage);
        says(&error, &[&path.to_string_lossy(), "SPOT_DATA"]);
    }
}

#[test]
fn a_broken_threat_list_is_named() {
    let root = plain();
    let path = "flow_threat_investigation/y=2016/m=7/d=8/part-0.parquet";
    let text = common::threats(&[("10.0.0.5", "203.0.113.9", 443, 1)]);
    let text =
        text.lazy().with_column(col("score").cast(DataType::String)).collect().expect("cast");
    put(root.path(), path, text);
    let error = Workbench::open(settings(root.path())).err().expect("an error");
    says(&error, &["threat_investigation", "column score"]);
}

#[test]
fn a_hostile_journal_moves_nothing_outside_of_the_folder() {
    let home = tempfile::tempdir().expect("folder");
    let data = home.path().join("data");
    put(&data, PART, flows(&V1));
    fs::write(home.path().join("precious"), "old").expect("file");
    fs::write(home.path().join(".precious.new"), "evil").expect("file");
    for target in
        ["../precious", "flow/../../precious", &home.path().join("precious").to_string_lossy()]
    {
        let journal = format!(r#"{{"moves":[{{"target":"{target}","remove":false}}]}}"#);
        fs::write(data.join(".spot-journal.json"), journal).expect("journal");
        let bench = bench(&data);
        let error = bench.stories().expect_err("an error");
        says(&error, &[".spot-journal.json"]);
        let found = bench.investigate(&Address::new("10.0.0.5")).expect("finding");
        assert!(bench.save(&found, "title", "text").is_err());
        assert_eq!(fs::read_to_string(home.path().join("precious")).expect("text"), "old");
    }
}
