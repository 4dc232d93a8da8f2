//! A day in memory answers as its files do, row by row, and only as long as they are the same.

mod common;

use std::path::Path;
use std::sync::Arc;

use common::{dns, flows, plain, put, settings, threats};
use polars::prelude::*;
use spot_analysis::dns::Scope;
use spot_analysis::model::Address;
use spot_store::{Bench, DnsWorkbench, Embedded, PipelineKind, Rows, Settings, Workbench};

const MB: usize = 1_000_000;

/// The folder read from its files, and the same held in memory, where it was read two rows at a time.
fn both<K: PipelineKind>(data: &Path) -> [Bench<K>; 2] {
    both_by::<K>(data, 2)
}

fn both_by<K: PipelineKind>(data: &Path, part: u32) -> [Bench<K>; 2] {
    let open = || {
        let store = Embedded::open(data, None).expect("store").holding_from(part);
        Bench::<K>::with_store(settings(data), Arc::new(store)).expect("workbench")
    };
    let [files, held] = [open(), open()];
    held.hold().expect("a thread").join().expect("held");
    assert!(held.store().held().rows > 0, "nothing is held");
    assert!(held.hold().is_none(), "it is held already");
    [files, held]
}

fn assert_same(files: &Rows, held: &Rows) {
    assert!(files.frame.equals_missing(&held.frame), "{}\n{}", files.frame, held.frame);
    assert_eq!(files.frame.schema(), held.frame.schema());
    assert_eq!(files.notes, held.notes);
    assert_eq!(files.provenance, held.provenance);
}

/// Every third value missing, so that each column has nulls in rows of its own.
fn with_holes(frame: DataFrame) -> DataFrame {
    let columns = frame.columns().iter().enumerate().map(|(n, column)| {
        let there: BooleanChunked = (0..column.len()).map(|row| (row + n) % 3 != 0).collect();
        let nulls = Column::full_null(column.name().clone(), column.len(), column.dtype());
        column.zip_with(&there, &nulls).expect("as long")
    });
    DataFrame::new(frame.height(), columns.collect()).expect("equally long columns")
}

#[test]
fn flows_from_memory_are_those_of_the_files() {
    let root = plain();
    let odd = flows(&[
        ("2016-07-08T12:00:00.250", "::ffff:10.0.0.5", "2001:DB8::9", 1, 2, 3, 4),
        ("no time", "10.0.0.5", "10.0.0.5", -1, 70000, i64::MAX, -5),
        ("2016-07-08 12:00:00", "", "10.0.0.5", 0, 0, 0, 0),
        ("2016-07-08 12:00:01", "2001:0db8:0000:0000:0000:0000:0000:0009", "10.0.0.5", 1, 1, 1, 1),
    ]);
    put(root.path(), "flow/y=2016/m=7/d=8/h=10/part-0.parquet", odd.clone());
    put(root.path(), "flow/y=2016/m=7/d=8/h=11/part-0.parquet", with_holes(odd));
    let [files, held] = both::<spot_store::Flow>(root.path());
    for anchor in ["10.0.0.5", "203.0.113.9", "2001:db8::9", "192.0.2.200", "no address"] {
        let anchor = Address::new(anchor);
        let [files, held] = [&files, &held].map(|bench| bench.rows(&anchor).expect("rows"));
        assert_same(&files, &held);
    }
}

#[test]
fn answers_from_memory_are_those_of_the_files() {
    let root = dns::folder(dns::PLAIN);
    put(root.path(), "dns/y=2016/m=7/d=8/h=10/part-0.parquet", with_holes(dns::answers(&dns::DAY)));
    put(root.path(), "flow/y=2016/m=7/d=8/h=9/part-0.parquet", flows(&common::V1));
    let [files, held] = both::<spot_store::Dns>(root.path());
    let substring = Scope::Substring("EVIL".into());
    let questions = [
        (dns::client("10.0.0.5"), Scope::Exact),
        (dns::client("2001:db8::5"), Scope::Exact),
        (dns::query("evil.com"), Scope::Exact),
        (dns::query("www.evil.com"), Scope::RegisteredDomain),
        (dns::query("evil"), substring),
        (dns::query("nobody.example"), Scope::Exact),
        (dns::query(""), Scope::Exact),
    ];
    for (anchor, scope) in &questions {
        let [(files, told), (held, held_told)] = [&files, &held].map(|bench: &DnsWorkbench| {
            let rows = bench.rows(anchor, scope).expect("rows");
            let told = bench.followed_by(&rows).expect("flows that followed");
            (rows, told)
        });
        assert_same(&files, &held);
        assert_eq!(told, held_told);
    }
    // From the other side.
    let [files, held] = both::<spot_store::Flow>(root.path());
    let peers = ["203.0.113.9", "198.51.100.7"].map(Address::new);
    let [files, held] = [&files, &held].map(|b: &Workbench| b.resolved_to(&peers).expect("names"));
    assert_eq!(files, held);
    assert!(!files.is_empty());

    // The same where every answer has a time, which is counted by numbers alone.
    let root = dns::folder(dns::PLAIN);
    put(root.path(), "flow/y=2016/m=7/d=8/h=9/part-0.parquet", flows(&common::V1));
    let [files, held] = both::<spot_store::Flow>(root.path());
    let peers = ["203.0.113.9", "2001:db8::9", "203.0.113.10"].map(Address::new);
    let [files, held] = [&files, &held].map(|b: &Workbench| b.resolved_to(&peers).expect("names"));
    assert_eq!(files, held);
    assert_eq!(files.len(), 4);
}

#[test]
fn files_that_changed_are_read_again() {
    let root = plain();
    let [_, held] = both::<spot_store::Flow>(root.path());
    let anchor = Address::new("10.0.0.5");
    let before = held.rows(&anchor).expect("rows").frame.height();
    let more = [("2016-07-08 13:00:00", "10.0.0.5", "203.0.113.9", 1, 2, 3, 4)];
    put(root.path(), "flow/y=2016/m=7/d=8/h=13/part-0.parquet", flows(&more));
    assert_eq!(held.rows(&anchor).expect("rows").frame.height(), before + 1);
    // And they are held when that is asked for again.
    held.hold().expect("other files").join().expect("held");
    assert_eq!(held.store().held().rows, 7);
    // A day that is not worth it takes the place of one that was.
    assert!(held.on_day("20160709").expect("day").hold().is_none());
    assert_eq!(held.store().held().rows, 0);
    held.hold().expect("the day before").join().expect("held");
    assert_eq!(held.rows(&anchor).expect("rows").frame.height(), before + 1);
}

#[test]
fn a_day_that_is_too_big_too_small_or_broken_is_not_held() {
    let root = plain();
    let pipelines = [spot_store::Pipeline::Flow];
    let day = chrono::NaiveDate::from_ymd_opt(2016, 7, 8).expect("day");
    let open = || Embedded::open(root.path(), None).expect("store");
    use spot_store::Store;

    let small = open();
    assert!(small.hold(&pipelines, day, 900 * MB).is_none());
    let never = open().holding_from(0);
    assert!(never.hold(&pipelines, day, 0).is_none());
    let little = open().holding_from(0);
    little.hold(&pipelines, day, 100).expect("it is tried").join().expect("given up");
    assert_eq!(little.held().bytes, 0);
    assert!(little.hold(&pipelines, day, 100).is_none(), "it is not tried again");

    let wrong = threats(&[("10.0.0.5", "203.0.113.9", 443, 1)]);
    put(root.path(), "flow/y=2016/m=7/d=8/h=14/part-0.parquet", wrong);
    let broken = open().holding_from(0);
    broken.hold(&pipelines, day, MB).expect("it is tried").join().expect("given up");
    assert_eq!(broken.held().rows, 0);
    assert!(broken.flow_rows(day, &Address::new("10.0.0.5")).is_err(), "the search says so");
}

#[test]
fn the_memory_that_is_told_is_that_of_the_rows() {
    let rows: Vec<_> = (0..5000).map(|_| common::V1[0]).collect();
    let root = tempfile::tempdir().expect("temporary folder");
    put(root.path(), "flow/y=2016/m=7/d=8/h=9/part-0.parquet", flows(&rows));
    let [_, held] = both_by::<spot_store::Flow>(root.path(), 1000);
    let info = held.store().held();
    // One distinct value a column: a byte a row and column, and hardly more.
    assert_eq!(info.rows, 5000);
    assert!((5000 * 14..5000 * 15).contains(&info.bytes), "{}", info.bytes);
    let settings = Settings { hold_mb: 0, ..settings(root.path()) };
    assert!(Workbench::open(settings).expect("workbench").hold().is_none());
}
