//! Ranges of days: how they are written, which day counts, what each day has, what is new.

mod common;
mod played;

use std::path::Path;

use chrono::{Datelike, NaiveDate};
use common::dns::answers;
use common::{flows, put, threats};
use played::{Reply, play};
use serde_json::json;
use spot_analysis::dns::{Anchor, Name, Scope};
use spot_analysis::model::Address;
use spot_store::settings::given;
use spot_store::{Dates, DnsWorkbench, Pipeline, Result, Settings, Store as _, Workbench};

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn settings(data: &Path, days: &str) -> Result<Settings> {
    let cell = given([("SPOT_DATA", data.to_str().expect("UTF-8")), ("SPOT_DATE", days)]);
    Settings::resolve(&cell, &given::<String, String>([]), None)
}

fn flow(data: &Path, days: &str) -> Result<Workbench> {
    Workbench::open(settings(data, days)?)
}

fn dns(data: &Path, days: &str) -> Result<DnsWorkbench> {
    DnsWorkbench::open(settings(data, days)?)
}

fn folder(day: &str) -> String {
    let [year, month, day] = [0, 1, 2].map(|n| day.split('-').nth(n).expect("three parts"));
    let bare = |text: &str| text.trim_start_matches('0').to_owned();
    format!("y={year}/m={}/d={}", bare(month), bare(day))
}

/// So many flows and answers of 10.0.0.5 a day.
fn days(of: &[(&str, usize)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("folder");
    for &(day, rows) in of {
        let at: &'static str = format!("{day} 09:00:00").leak();
        let some = vec![(at, "10.0.0.5", "203.0.113.9", 50001, 443, 1, 100); rows];
        put(root.path(), &format!("flow/{}/h=9/part-0.parquet", folder(day)), flows(&some));
        let noon = date(day).and_hms_opt(12, 0, 0).expect("noon").and_utc().timestamp();
        let some = vec![(noon, "10.0.0.5", "www.evil.com", 1, 0, "203.0.113.9"); rows];
        put(root.path(), &format!("dns/{}/h=12/part-0.parquet", folder(day)), answers(&some));
    }
    root
}

#[test]
fn every_way_to_write_a_range_is_the_same_range() {
    let range = Dates::new(date("2016-07-01"), date("2016-07-08")).expect("a range");
    for text in [
        "2016-07-01..2016-07-08",
        "20160701..20160708",
        "2016-07-01/2016-07-08",
        "20160701/2016-07-08",
        " 2016-07-01 .. 2016-07-08 ",
    ] {
        assert_eq!(Dates::parse(text).expect(text), range, "{text}");
    }
    assert!(range.is_range());
    assert_eq!(range.to_string(), "2016-07-01 to 2016-07-08");
    assert_eq!(range.days().count(), 8);
    assert!(range.contains(date("2016-07-01")) && range.contains(date("2016-07-08")));
    let one = Dates::parse("20160708").expect("a day");
    assert_eq!(
        (one, one.is_range(), one.to_string()),
        (date("2016-07-08").into(), false, "2016-07-08".into())
    );
    assert_eq!(Dates::parse("2016-07-08..2016-07-08").expect("a day"), one);
}

#[test]
fn months_years_and_leap_days_are_the_calendars() {
    for (text, days) in [
        ("2016-02-27..2016-03-01", 4),
        ("2015-02-27..2015-03-01", 3),
        ("2015-12-30..2016-01-02", 4),
        ("2016-01-01..2016-12-31", 366),
        ("2016-06-01..2017-06-01", 366),
    ] {
        assert_eq!(Dates::parse(text).expect(text).days().count(), days, "{text}");
    }
    let range = Dates::parse("2016-07-01..2016-07-08").expect("a range");
    let before = |day| range.before(date(day)).map(|dates| dates.to_string());
    assert_eq!(before("2016-07-03").as_deref(), Some("2016-07-01 to 2016-07-02"));
    assert_eq!(before("2016-07-01"), None);
    assert_eq!(before("2016-08-01").as_deref(), Some("2016-07-01 to 2016-07-08"));
}

#[test]
fn what_is_no_range_is_said_with_a_way_out() {
    for (text, what, fix) in [
        (
            "2016-07-08..2016-07-01",
            "ends on 2016-07-01, before it begins",
            "2016-07-01..2016-07-08",
        ),
        ("2016-01-01..2017-01-01", "367 days, more than 366", "fewer"),
        ("0001-01-01..9999-12-31", "more than 366", "fewer"),
        ("..2016-07-08", "no date", "2016-07-01..2016-07-08"),
        ("2016-07-01..", "no date", "2016-07-01..2016-07-08"),
        ("..", "no date", "2016-07-08"),
        ("/", "no date", "2016-07-08"),
        ("2016-07-01..2016-07-08..2016-07-09", "no date", "2016-07-08"),
        ("2015-02-29..2015-03-01", "`2015-02-29` is no date", "2016-07-08"),
        ("2016-07-01-2016-07-08", "no date", "2016-07-01..2016-07-08"),
        ("yesterday..today", "`yesterday` is no date", "2016-07-08"),
    ] {
        let error = settings(Path::new("/x"), text).expect_err(text);
        assert_eq!(error.at.as_deref(), Some("SPOT_DATE"), "{text}");
        assert!(error.what.contains(what), "{text}: {error}");
        assert!(error.fix.contains(fix), "{text}: {error}");
    }
}

#[test]
fn the_last_day_with_rows_is_the_day() {
    let root = days(&[("2016-07-01", 1), ("2016-07-03", 2), ("2016-07-09", 3)]);
    // Scored rows alone are no rows to search.
    let high = threats(&[("10.0.0.5", "203.0.113.9", 443, 1)]);
    put(root.path(), "flow_threat_investigation/y=2016/m=7/d=5/part-0.parquet", high);
    // A table file may be empty.
    put(root.path(), "flow/y=2016/m=7/d=6/h=9/part-0.parquet", flows(&[]));
    for (text, day) in [
        ("2016-07-01..2016-07-08", "2016-07-03"),
        ("2016-06-01..2016-07-01", "2016-07-01"),
        ("2016-07-03..2016-08-08", "2016-07-09"),
        // One day is the day that was asked for, rows or not.
        ("2016-07-08", "2016-07-08"),
        ("2016-07-08..2016-07-08", "2016-07-08"),
    ] {
        assert_eq!(flow(root.path(), text).expect(text).day(), date(day), "{text}");
    }
    assert_eq!(
        dns(root.path(), "2016-07-01..2016-07-08").expect("opens").day(),
        date("2016-07-03")
    );
    let Err(error) = flow(root.path(), "2016-07-04..2016-07-08") else { panic!("no rows there") };
    assert!(error.what.contains("no rows from 2016-07-04 to 2016-07-08"), "{error}");
    assert!(error.fix.contains("2016-07-01 and 2016-07-09"), "{error}");
}

/// V13, and the ends of a year and of February.
#[test]
fn rows_per_day_of_both_pipelines_have_both_months_and_every_gap() {
    for (range, with_rows, days_in_all) in [
        ("2016-01-25..2016-02-05", [("2016-01-25", 2), ("2016-01-31", 1), ("2016-02-05", 4)], 12),
        ("2015-12-30..2016-01-02", [("2015-12-30", 1), ("2015-12-31", 1), ("2016-01-02", 9)], 4),
        ("2016-02-28..2016-03-01", [("2016-02-28", 1), ("2016-02-29", 5), ("2016-03-01", 1)], 3),
    ] {
        let root = days(&with_rows);
        // Neighbours on both sides are not asked for.
        let dates = Dates::parse(range).expect(range);
        let outside = dates.last().succ_opt().expect("a day").to_string();
        let part = format!("dns/{}/h=0/part-0.parquet", folder(&outside));
        put(root.path(), &part, answers(&[(0, "10.0.0.5", "x", 1, 0, "")]));
        let found = [
            flow(root.path(), range).expect("flows").days_in(dates).expect("days"),
            dns(root.path(), range).expect("answers").days_in(dates).expect("days"),
        ];
        for found in found {
            assert_eq!(found.len(), days_in_all, "{range}");
            let days: Vec<_> = found.iter().map(|one| one.day).collect();
            assert_eq!(days, dates.days().collect::<Vec<_>>());
            let rows: Vec<_> = found
                .iter()
                .filter(|one| one.rows > 0)
                .map(|one| (one.day.to_string(), one.rows as usize, one.files))
                .collect();
            let expected = with_rows.map(|(day, rows)| (day.to_owned(), rows, Some(1)));
            assert_eq!(rows, expected, "{range}");
            assert!(found.iter().all(|one| one.high_rows == Some(0)));
        }
    }
}

#[test]
fn high_rows_of_a_range_are_those_of_its_days() {
    let root = days(&[("2016-07-08", 2), ("2016-07-10", 1)]);
    let high = threats(&[("10.0.0.5", "203.0.113.9", 443, 1), ("10.0.0.5", "203.0.113.9", 22, 2)]);
    put(root.path(), "flow_threat_investigation/y=2016/m=7/d=8/part-0.parquet", high);
    let bench = flow(root.path(), "2016-07-07..2016-07-10").expect("opens");
    let days = bench.days_in(bench.dates().expect("a range")).expect("days");
    let lines: Vec<_> = days.iter().map(|one| (one.rows, one.high_rows, one.files)).collect();
    let some = |rows, high, files| (rows, Some(high), Some(files));
    assert_eq!(lines, [some(0, 0, 0), some(2, 1, 1), some(0, 0, 0), some(1, 0, 1)]);
}

#[test]
fn a_search_of_a_range_tells_what_is_new_and_one_of_a_day_does_not() {
    let root = days(&[("2016-07-01", 4), ("2016-07-02", 2), ("2016-07-04", 1)]);
    let some = [
        ("2016-07-04 09:00:00", "10.0.0.5", "203.0.113.9", 50001, 8443, 1, 900),
        ("2016-07-04 09:00:00", "10.0.0.5", "2001:db8::9", 50001, 443, 1, 50),
    ];
    put(root.path(), "flow/y=2016/m=7/d=4/h=10/part-0.parquet", flows(&some));
    let anchor = Address::new("10.0.0.5");
    let range = "2016-07-01..2016-07-05";

    let bench = flow(root.path(), range).expect("opens");
    let found = bench.investigate(&anchor).expect("found");
    let history = found.history.clone().expect("a history");
    let days: Vec<_> = history.days.iter().map(|day| (day.scanned, day.rows)).collect();
    assert_eq!(days, [(4, 4), (2, 2), (0, 0), (3, 3)]);
    assert!(history.days.iter().all(|day| (day.scanned > 0) != day.fingerprint.is_empty()));
    let new: Vec<_> = history.new_peers.iter().map(|peer| peer.address.as_str()).collect();
    assert_eq!(new, ["2001:db8::9"]);
    assert_eq!(history.new_ports.iter().map(|port| port.port).collect::<Vec<_>>(), [8443]);
    let usual = history.usual[0].bytes;
    assert_eq!(
        (usual.today, usual.median, usual.min, usual.max, usual.seen),
        (1000, 300, 200, 400, 2)
    );

    // All but the history is as on the day alone.
    let alone =
        flow(root.path(), "2016-07-04").expect("opens").investigate(&anchor).expect("found");
    assert_eq!(alone.history, None);
    assert_eq!(spot_analysis::Investigation { history: None, ..found.clone() }, alone);

    // Another day of the range has the days before it; a day outside of it, and the first one, none.
    let on = |day| bench.on_day(day).expect("a day").investigate(&anchor).expect("found").history;
    assert_eq!(on("2016-07-02").map(|history| history.days.len()), Some(2));
    assert_eq!(on("2016-07-01"), None);
    assert_eq!(on("2016-07-09"), None);

    // A save is of the day.
    let saved = bench.save(&found, "title", "text").expect("saved");
    assert_eq!(saved.revision, 1);
    let stories = |day| bench.on_day(day).expect("a day").stories().expect("stories").len();
    assert_eq!((stories("2016-07-04"), stories("2016-07-02")), (1, 0));
}

#[test]
fn a_dns_search_of_a_range_does_too() {
    let root = days(&[("2016-12-31", 4), ("2017-01-02", 1)]);
    let noon = date("2017-01-02").and_hms_opt(12, 0, 0).expect("noon").and_utc().timestamp();
    let some =
        [(noon, "10.0.0.5", "new.example", 1, 3, ""), (noon, "10.0.0.9", "www.evil.com", 1, 0, "")];
    put(root.path(), "dns/y=2017/m=1/d=2/h=13/part-0.parquet", answers(&some));
    let bench = dns(root.path(), "2016-12-31..2017-01-02").expect("opens");
    let client = Anchor::Client(Address::new("10.0.0.5"));
    let found = bench.investigate(&client, &Scope::Exact).expect("found");
    let history = found.history.expect("a history");
    let names: Vec<_> = history.new_names.iter().map(|new| new.text.as_str()).collect();
    assert_eq!(names, ["new.example"]);
    assert_eq!((history.facts.answers.today, history.facts.answers.median), (2, 4));
    let name = Anchor::Query(Name::new("www.evil.com"));
    let history =
        bench.investigate(&name, &Scope::Exact).expect("found").history.expect("a history");
    let clients: Vec<_> = history.new_clients.iter().map(|new| new.text.as_str()).collect();
    assert_eq!(clients, ["10.0.0.9"]);
    let alone = dns(root.path(), "2017-01-02").expect("opens");
    assert_eq!(alone.investigate(&name, &Scope::Exact).expect("found").history, None);
}

#[test]
fn an_earlier_file_that_cannot_be_read_is_named() {
    let root = days(&[("2016-07-01", 4), ("2016-07-02", 2)]);
    let broken = root.path().join("flow/y=2016/m=7/d=1/h=9/broken.parquet");
    std::fs::write(&broken, b"PAR1 not a table PAR1").expect("file");
    let Err(error) = flow(root.path(), "2016-07-01..2016-07-02") else { panic!("it is broken") };
    assert!(error.to_string().contains("broken.parquet"), "{error}");
    let day = flow(root.path(), "2016-07-02").expect("the day itself can be read");
    assert_eq!(day.investigate(&Address::new("10.0.0.5")).expect("found").facts.connections, 2);
}

/// V13 with Spot's own server, which compares years, months and days of DNS each on its own.
#[test]
fn a_server_that_compares_months_and_days_apart_gives_both_months_too() {
    let has = [
        ("2016-01-24", 9),
        ("2016-01-25", 2),
        ("2016-01-31", 1),
        ("2016-02-01", 3),
        ("2016-02-05", 4),
        ("2016-02-06", 9),
    ];
    let server = play(move |_, asked| {
        if !asked.body["query"].as_str().unwrap_or_default().contains("ingestSummary") {
            let error = "Cannot query field \"served\"";
            return Reply::Json(json!({"errors": [{"message": error}]}));
        }
        let end = |name: &str| date(asked.body["variables"][name].as_str().expect("a day"));
        let (first, last) = (end("first"), end("last"));
        let lines: Vec<_> = has
            .iter()
            .filter(|(day, _)| {
                let day = date(day);
                (first.year()..=last.year()).contains(&day.year())
                    && (first.month()..=last.month()).contains(&day.month())
                    && (first.day()..=last.day()).contains(&day.day())
            })
            // A line for each of two minutes, as Spot has them.
            .flat_map(|(day, rows)| [(day, "09:00", 1), (day, "09:01", rows - 1)])
            .map(|(day, at, rows)| json!({"datetime": format!("{day} {at}:00"), "total": rows}))
            .collect();
        Reply::Json(json!({"data": {"dns": {"ingestSummary": lines}}}))
    });
    let store = server.open().expect("opens");
    let dates = Dates::parse("2016-01-25..2016-02-05").expect("a range");
    let found = store.days_in(Pipeline::Dns, dates).expect("days");
    assert_eq!(found.len(), 12);
    let rows: Vec<_> = found
        .iter()
        .filter(|one| one.rows > 0)
        .map(|one| (one.day.to_string(), one.rows, one.high_rows, one.files))
        .collect();
    let line = |day: &str, rows| (day.to_owned(), rows, None, None);
    let expected = [
        line("2016-01-25", 2),
        line("2016-01-31", 1),
        line("2016-02-01", 3),
        line("2016-02-05", 4),
    ];
    assert_eq!(rows, expected);
    let bench = DnsWorkbench::open(server.settings(&[("SPOT_DATE", "2016-01-25..2016-02-04")]));
    assert_eq!(bench.expect("opens").day(), date("2016-02-01"));
}
