//! What a search reads: layouts, spellings, types, and what is no data.

mod common;

use std::fs;

use chrono::NaiveDate;
use common::{V1, bench, flows, plain, put, settings, spots, threats};
use polars::prelude::*;
use spot_analysis::model::{Address, Direction};
use spot_analysis::rows;
use spot_store::settings::given;
use spot_store::{Dates, Layout, Settings, Workbench};

fn rows_of(root: &std::path::Path, anchor: &str) -> usize {
    bench(root).rows(&Address::new(anchor)).expect("rows").frame.height()
}

#[test]
fn both_layouts_give_the_same_finding() {
    let (plain, spots) = (plain(), spots());
    assert_eq!(Layout::find(plain.path()), Some(Layout::Plain));
    assert_eq!(Layout::find(spots.path()), Some(Layout::Spot));
    let anchor = Address::new("10.0.0.5");
    let findings =
        [plain.path(), spots.path()].map(|root| bench(root).investigate(&anchor).expect("finding"));
    let [mut a, b] = findings;
    assert_eq!(a.high_rows, 1);
    assert_eq!(a.facts.connections, 6);
    assert_ne!(a.provenance, b.provenance);
    a.provenance = b.provenance.clone();
    assert_eq!(a, b);
}

/// V1: classes, counts and bytes as the document says.
#[test]
fn peers_of_v1() {
    let root = plain();
    let found = bench(root.path()).investigate(&Address::new("10.0.0.5")).expect("finding");
    let peers: Vec<_> = found
        .peers
        .iter()
        .map(|p| (p.address.as_str(), p.direction, p.connections, p.bytes_in, p.bytes_out))
        .collect();
    assert_eq!(
        peers,
        [
            ("203.0.113.9", Direction::Outbound, 3, 0, 6500),
            ("198.51.100.7", Direction::TwoWay, 2, 180, 4000),
            ("192.0.2.44", Direction::Inbound, 1, 60, 0),
        ]
    );
    assert_eq!(found.provenance.scanned, 6);
    assert_eq!(found.provenance.rows, 6);
    assert_eq!(found.provenance.files[0].path, "flow/y=2016/m=7/d=8/h=9/part-0.parquet");
}

#[test]
fn the_frame_has_the_agreed_shape_with_and_without_rows() {
    let root = plain();
    for (anchor, height) in [("10.0.0.5", 6), ("10.9.9.9", 0)] {
        let read = bench(root.path()).rows(&Address::new(anchor)).expect("rows");
        assert_eq!(read.frame.height(), height);
        rows::check(&read.frame).expect("shape");
        assert_eq!(read.frame.get_column_names(), rows::schema().iter_names().collect::<Vec<_>>());
        assert_eq!(read.provenance.scanned, 6);
    }
}

#[test]
fn a_day_without_a_partition_is_an_empty_finding_with_a_note() {
    let root = plain();
    let settings = Settings {
        date: NaiveDate::from_ymd_opt(2016, 7, 9).map(Dates::from),
        ..settings(root.path())
    };
    let bench = Workbench::open(settings).expect("workbench");
    let found = bench.investigate(&Address::new("10.0.0.5")).expect("finding");
    assert_eq!((found.facts.connections, found.provenance.scanned), (0, 0));
    assert!(
        found.notes.iter().any(|note| note.contains("no flows of 2016-07-09")),
        "{:?}",
        found.notes
    );
    assert!(bench.suspects().expect("suspects").is_empty());
}

#[test]
fn every_spelling_of_the_anchor_is_found() {
    let cases = [
        ("10.0.0.5", ["10.0.0.5", "::ffff:10.0.0.5", "::FFFF:10.0.0.5", "0:0:0:0:0:ffff:a00:5"]),
        (
            "2001:db8::5",
            [
                "2001:db8::5",
                "2001:DB8::5",
                "2001:db8:0:0:0:0:0:5",
                "2001:0db8:0000:0000:0000:0000:0000:0005",
            ],
        ),
    ];
    for (anchor, spellings) in cases {
        let root = tempfile::tempdir().expect("folder");
        let rows = spellings.map(|sip| ("2016-07-08 09:00:00", sip, "203.0.113.9", 1, 2, 1, 100));
        put(root.path(), "flow/y=2016/m=7/d=8/h=9/part-0.parquet", flows(&rows));
        for typed in spellings {
            let found = bench(root.path()).investigate(&Address::new(typed)).expect("finding");
            assert_eq!(found.facts.connections, 4, "{typed}");
            assert_eq!(found.anchor.as_str(), anchor);
        }
        // The other end is one peer, and the neighbours are nobody's.
        assert_eq!(rows_of(root.path(), "203.0.113.9"), 4);
        assert_eq!(rows_of(root.path(), "10.0.0.50"), 0);
        assert_eq!(rows_of(root.path(), "2001:db8::50"), 0);
    }
}

#[test]
fn padded_and_split_partitions_are_one_day() {
    let root = tempfile::tempdir().expect("folder");
    for (path, rows) in [
        ("flow/y=2016/m=07/d=08/h=09/part-0.parquet", &V1[..2]),
        ("flow/y=2016/m=7/d=8/h=10/000000_0", &V1[2..4]),
        ("flow/y=2016/m=7/d=8/h=11/a.0.parq", &V1[4..]),
        ("flow/y=2016/m=7/d=18/h=11/other-day.parquet", &V1[..]),
    ] {
        put(root.path(), path, flows(rows));
    }
    let bench = bench(root.path()).on_day("20160708").expect("day");
    let read = bench.rows(&Address::new("10.0.0.5")).expect("rows");
    assert_eq!(
        (read.frame.height(), read.provenance.scanned, read.provenance.files.len()),
        (6, 6, 3)
    );
}

#[test]
fn side_files_of_other_programs_are_no_data() {
    let root = plain();
    let hour = root.path().join("flow/y=2016/m=7/d=8/h=9");
    for name in [
        "_SUCCESS",
        ".part-0.parquet.crc",
        "part-0.parquet.crc",
        ".hidden.parquet",
        "_metadata",
        "x.tmp",
    ] {
        fs::write(hour.join(name), b"no parquet").expect("side file");
    }
    fs::create_dir(hour.join("_temporary")).expect("folder");
    fs::write(hour.join("_temporary/part-9.parquet"), b"unfinished").expect("side file");
    assert_eq!(rows_of(root.path(), "10.0.0.5"), 6);
}

#[test]
fn other_widths_and_encodings_are_cast() {
    let root = tempfile::tempdir().expect("folder");
    let cast = |to: &[(&str, DataType)]| {
        let casts =
            to.iter().map(|(name, dtype)| col(*name).cast(dtype.clone())).collect::<Vec<_>>();
        flows(&V1).lazy().with_columns(casts).collect().expect("cast")
    };
    let categories = || DataType::from_categories(Categories::global());
    let variants = [
        cast(&[
            ("sport", DataType::Int64),
            ("dport", DataType::UInt16),
            ("tdur", DataType::Float64),
        ]),
        cast(&[("ibyt", DataType::UInt64), ("ipkt", DataType::Int16), ("opkt", DataType::Int8)]),
        cast(&[("sip", categories()), ("dip", categories()), ("proto", categories())]),
        // Impala writes STRING without saying that it is text.
        cast(&[
            ("sip", DataType::Binary),
            ("dip", DataType::Binary),
            ("treceived", DataType::Binary),
        ]),
        cast(&[("flag", DataType::Null), ("tdur", DataType::Int32)]),
    ];
    let expected = {
        let plain = plain();
        bench(plain.path()).investigate(&Address::new("10.0.0.5")).expect("finding")
    };
    for (number, frame) in variants.into_iter().enumerate() {
        let path = put(root.path(), "flow/y=2016/m=7/d=8/h=9/part-0.parquet", frame);
        let found = bench(root.path()).investigate(&Address::new("10.0.0.5")).expect("finding");
        let bytes = |f: &spot_analysis::Investigation| {
            f.peers.iter().map(|p| (p.bytes_in, p.bytes_out)).collect::<Vec<_>>()
        };
        assert_eq!(bytes(&found), bytes(&expected), "variant {number}");
        assert_eq!(found.facts.seen, expected.facts.seen, "variant {number}");
        fs::remove_file(path).expect("removed");
    }
}

#[test]
fn files_of_one_day_may_differ_in_schema() {
    let root = plain();
    let other = flows(&V1[..1])
        .lazy()
        .with_column(col("ibyt").cast(DataType::Int32))
        .collect()
        .expect("cast");
    put(
        root.path(),
        "flow/y=2016/m=7/d=8/h=10/part-0.parquet",
        other.drop("rip").expect("dropped"),
    );
    let read = bench(root.path()).rows(&Address::new("10.0.0.5")).expect("rows");
    assert_eq!((read.frame.height(), read.provenance.scanned), (7, 7));
}

/// V6: more bytes than 32 bits hold.
#[test]
fn three_thousand_million_bytes_are_shown() {
    let root = tempfile::tempdir().expect("folder");
    let big =
        [("2016-07-08 09:00:00", "10.0.0.5", "203.0.113.9", 1, 443, 2_000_000, 3_000_000_000)];
    put(root.path(), "flow/y=2016/m=7/d=8/h=9/part-0.parquet", flows(&big));
    let found = bench(root.path()).investigate(&Address::new("10.0.0.5")).expect("finding");
    assert_eq!(found.peers[0].bytes_out, 3_000_000_000);
}

#[test]
fn a_broken_time_falls_back_to_the_epoch_and_is_told() {
    let root = tempfile::tempdir().expect("folder");
    let frame = df!(
        "treceived" => [Some("2016-07-08 09:00:00"), Some("2016-07-08 09:00:00.5"), Some("yesterday"), None],
        "unix_tstamp" => [Some(0i64), Some(0), Some(1_467_972_000), Some(i64::MAX)],
    );
    let mut frame = frame.expect("frame");
    for column in flows(&V1[..4]).columns() {
        if frame.column(column.name()).is_err() {
            frame.with_column(column.clone()).expect("column");
        }
    }
    put(root.path(), "flow/y=2016/m=7/d=8/h=9/part-0.parquet", frame);
    let read = bench(root.path()).rows(&Address::new("10.0.0.5")).expect("rows");
    let time = read.frame.column(rows::TIME).expect("time").datetime().expect("datetime");
    let time: Vec<_> = time.physical().iter().collect();
    let nine = 1_467_968_400_000_000;
    assert_eq!(time, [Some(nine), Some(nine + 500_000), Some(nine + 3_600_000_000), None]);
    assert!(
        read.notes.iter().any(|note| note.starts_with("1 rows have no usable treceived")),
        "{:?}",
        read.notes
    );
}

#[test]
fn the_day_is_the_one_named_else_the_folder_else_the_latest_with_high_rows() {
    let root = plain();
    put(root.path(), "flow/y=2016/m=7/d=10/h=1/part-0.parquet", flows(&V1));
    let low = threats(&[("10.0.0.5", "203.0.113.9", 443, 3)]);
    put(root.path(), "flow_threat_investigation/y=2016/m=7/d=10/part-0.parquet", low);
    let days = bench(root.path()).days().expect("days");
    let days: Vec<_> = days.iter().map(|info| (info.day.to_string(), info.high_rows)).collect();
    assert_eq!(days, [("2016-07-08".to_owned(), 1), ("2016-07-10".to_owned(), 0)]);

    let data = root.path().to_string_lossy().into_owned();
    for (date, folder, expected) in [
        (None, None, "2016-07-08"),
        (None, Some("/home/x/ipynb/flow/20160710"), "2016-07-10"),
        (None, Some("/home/x/notebooks"), "2016-07-08"),
        (Some("2016-07-09"), Some("/home/x/ipynb/flow/20160710"), "2016-07-09"),
    ] {
        let mut cell = given([("SPOT_DATA", data.clone())]);
        cell.extend(date.map(|date| ("SPOT_DATE".to_owned(), date.to_owned())));
        let settings = Settings::resolve(
            &cell,
            &given::<String, String>([]),
            folder.map(std::path::Path::new),
        );
        let bench = Workbench::open(settings.expect("settings")).expect("workbench");
        assert_eq!(bench.day().to_string(), expected);
    }
}

#[test]
fn context_is_named_or_in_the_data_folder_or_beside_it() {
    let home = tempfile::tempdir().expect("folder");
    let data = home.path().join("data");
    put(&data, "flow/y=2016/m=7/d=8/h=9/part-0.parquet", flows(&V1));
    let anchor = Address::new("203.0.113.9");
    let inside = |settings| {
        let found =
            Workbench::open(settings).expect("workbench").investigate(&anchor).expect("finding");
        found.side.inside
    };
    assert!(!inside(settings(&data)));
    for folder in [home.path().join("context"), data.join("context"), home.path().join("named")] {
        let rule = if folder.starts_with(&data) {
            "192.0.2.0,192.0.2.9,None"
        } else {
            "203.0.113.0,203.0.113.255,Ours"
        };
        fs::create_dir_all(&folder).expect("folder");
        fs::write(folder.join("ipranges.csv"), format!("{rule}\nnot a range\n")).expect("file");
        let named = folder.ends_with("named").then(|| folder.clone());
        let settings = Settings { context: named, ..settings(&data) };
        assert_eq!(inside(settings), !folder.starts_with(&data), "{}", folder.display());
    }
    // The data folder's own comes before the working folder's.
    fs::remove_dir_all(data.join("context")).expect("removed");
    fs::rename(home.path().join("context"), home.path().join("notebooks-context")).expect("moved");
    assert!(!inside(settings(&data)));
    let notebooks = home.path().join("repository/notebooks");
    fs::create_dir_all(&notebooks).expect("folder");
    fs::rename(home.path().join("notebooks-context"), home.path().join("repository/context"))
        .expect("moved");
    assert!(inside(Settings { working_folder: Some(notebooks), ..settings(&data) }));
    let missing = Settings { context: Some(home.path().join("nowhere")), ..settings(&data) };
    let error = Workbench::open(missing).err().expect("an error");
    assert_eq!(error.at.as_deref(), Some("SPOT_CONTEXT"));
}
