//! Several anchors asked at once get what each of them gets alone.

mod common;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use common::{dns, flows, plain, put, settings};
use spot_analysis::dns::Scope;
use spot_analysis::model::Address;
use spot_store::{Bench, Dns, Embedded, Flow, Layout, Pipeline, PipelineKind, Rows};

/// The folder read from its files, and the same held in memory.
fn both<K: PipelineKind>(data: &Path) -> [Bench<K>; 2] {
    let open = || {
        let store = Embedded::open(data, None).expect("store").holding_from(1);
        Bench::<K>::with_store(settings(data), Arc::new(store)).expect("workbench")
    };
    let [files, held] = [open(), open()];
    held.hold().expect("a thread").join().expect("held");
    [files, held]
}

fn assert_same(alone: &[Rows], each: &[Rows]) {
    assert_eq!(alone.len(), each.len());
    for (alone, each) in alone.iter().zip(each) {
        let filter = &alone.provenance.filter;
        assert!(
            alone.frame.equals_missing(&each.frame),
            "{filter}\n{}\n{}",
            alone.frame,
            each.frame
        );
        assert_eq!(alone.frame.schema(), each.frame.schema(), "{filter}");
        assert_eq!(alone.notes, each.notes, "{filter}");
        assert_eq!(alone.provenance, each.provenance);
    }
}

#[test]
fn flows_of_several_addresses() {
    let root = plain();
    let odd = flows(&[
        ("2016-07-08T12:00:00.250", "::ffff:10.0.0.5", "2001:DB8::9", 1, 2, 3, 4),
        ("no time", "203.0.113.9", "203.0.113.9", -1, 70000, i64::MAX, -5),
        ("2016-07-08 12:00:00", "", "10.0.0.5", 0, 0, 0, 0),
    ]);
    put(root.path(), "flow/y=2016/m=7/d=8/h=10/part-0.parquet", odd);
    // One twice, one in another spelling, one of another family, one without rows, one that is none.
    let texts = ["10.0.0.5", "203.0.113.9", "2001:db8::9", "192.0.2.200", "10.0.0.5", "no address"];
    let anchors = texts.map(Address::new);
    for bench in both::<Flow>(root.path()) {
        let alone: Vec<Rows> = anchors.iter().map(|a| bench.rows(a).expect("rows")).collect();
        assert_same(&alone, &bench.rows_each(&anchors).expect("rows of each"));
        assert_eq!(alone[0].frame.height(), 8, "its rows, whatever their spelling");
        assert!(!alone[1].notes.is_empty(), "a row without a time is said");
        assert_eq!(alone[3].frame.height(), 0);
        assert_eq!(
            bench.store().fingerprint(Pipeline::Flow, bench.day()).expect("files"),
            Some(alone[0].provenance.fingerprint.clone()),
        );
    }
}

#[test]
fn answers_of_several_clients_and_names() {
    let root = dns::folder(dns::PLAIN);
    put(root.path(), "flow/y=2016/m=7/d=8/h=9/part-0.parquet", flows(&common::V1));
    let context = root.path().join("context");
    fs::create_dir_all(&context).expect("folder");
    let listed = "indicator,source,note\n203.0.113.0/24,Feed,bad\nevil.com,Feed,bad\n";
    fs::write(context.join("indicators.csv"), listed).expect("file");
    let mut flagged = 0;
    let anchors = [
        dns::client("10.0.0.5"),
        dns::query("10.0.0.5"),
        dns::query("WWW.evil.COM."),
        dns::client("2001:db8::5"),
        dns::query("nobody.example"),
        dns::query(""),
    ];
    for timeless in [false, true] {
        if timeless {
            // A row of which only the text says when: all are then read one by one.
            let mut row = dns::answers(&[(0, "10.0.0.9", "evil.com", 1, 0, "")]);
            let nothing = polars::prelude::Column::full_null(
                "unix_tstamp".into(),
                1,
                &polars::prelude::DataType::Int64,
            );
            row.with_column(nothing).expect("a column");
            put(root.path(), "dns/y=2016/m=7/d=8/h=10/part-0.parquet", row);
        }
        for bench in both::<Dns>(root.path()) {
            let alone = anchors.iter().map(|a| bench.rows(a, &Scope::Exact).expect("rows"));
            let alone: Vec<Rows> = alone.collect();
            let each = bench.rows_each(&anchors).expect("rows of each");
            assert_same(&alone, &each);
            assert_eq!(alone[2].frame.height(), 2, "in any case, with or without a final dot");
            let told = bench.followed_by_each(&each).expect("flows of each");
            for (rows, told) in each.iter().zip(told) {
                flagged += told.0.iter().filter(|one| !one.flags.is_empty()).count();
                assert_eq!(told, bench.followed_by(rows).expect("flows"));
            }
        }
    }
    assert!(flagged > 0, "the list of indicators names some of them");
}

#[test]
fn names_that_led_to_the_peers_of_several_addresses() {
    let root = dns::folder(dns::PLAIN);
    put(root.path(), "flow/y=2016/m=7/d=8/h=9/part-0.parquet", flows(&common::V1));
    assert_eq!(Layout::find(root.path()), Some(Layout::Plain));
    let [bench, _] = both::<Flow>(root.path());
    let several =
        [vec!["203.0.113.9", "198.51.100.7"], vec![], vec!["203.0.113.10", "203.0.113.9"]];
    let several = several.map(|peers| peers.into_iter().map(Address::new).collect::<Vec<_>>());
    let each = bench.resolved_to_each(&several).expect("names");
    for (peers, each) in several.iter().zip(&each) {
        assert_eq!(*each, bench.resolved_to(peers).expect("names"));
    }
    assert!(each[1].is_empty() && !each[2].is_empty());
}
