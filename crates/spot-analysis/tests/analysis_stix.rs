//! Bundles of STIX 2.1: identifiers, which end is which, and what has no place there.

use chrono::{NaiveDate, NaiveDateTime};
use polars::prelude::*;
use serde_json::{Value, json};
use spot_analysis::stix::{About, of_dns, of_flows};

/// 2016-07-08 09:00:00 UTC, in microseconds.
const NINE: i64 = 1_467_968_400_000_000;
const HOUR: i64 = 3_600_000_000;

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2016, 7, 8).expect("day")
}

fn saved() -> NaiveDateTime {
    day().and_hms_opt(12, 0, 0).expect("time")
}

fn about<'a>(kind: &'a str, anchor: &'a str) -> About<'a> {
    About {
        kind,
        anchor,
        day: day(),
        title: "Title",
        text: "text",
        author: Some("ada"),
        created: saved(),
        updated: saved(),
        notes: &[],
        most: 100,
    }
}

fn with_times(frame: DataFrame) -> DataFrame {
    let micros = DataType::Datetime(TimeUnit::Microseconds, None);
    let casts = ["first_seen", "last_seen"].map(|name| col(name).cast(micros.clone()));
    frame.lazy().with_columns(casts).collect().expect("times")
}

/// Peer, who began, ports, bytes in and out, rows in and out.
type Peer = (&'static str, &'static str, &'static str, [u64; 2], [u64; 2]);

fn peers(rows: &[Peer]) -> DataFrame {
    let of = |value: fn(&Peer) -> u64| rows.iter().map(value).collect::<Vec<_>>();
    let frame = df!(
        "peer" => rows.iter().map(|r| r.0).collect::<Vec<_>>(),
        "began" => rows.iter().map(|r| r.1).collect::<Vec<_>>(),
        "service_ports" => rows.iter().map(|r| r.2).collect::<Vec<_>>(),
        "protocols" => vec!["TCP <script>"; rows.len()],
        "connections" => of(|r| r.4[0] + r.4[1]),
        "rows_in" => of(|r| r.4[0]),
        "rows_out" => of(|r| r.4[1]),
        "bytes_in" => of(|r| r.3[0]),
        "bytes_out" => of(|r| r.3[1]),
        "packets_in" => of(|r| r.4[0]),
        "packets_out" => of(|r| r.4[1]),
        "first_seen" => vec![NINE; rows.len()],
        "last_seen" => vec![NINE + HOUR; rows.len()],
    );
    with_times(frame.expect("frame"))
}

/// Client, name, answers; without a time if the name begins with `late`.
fn rows(rows: &[(&str, &str, &str)]) -> DataFrame {
    let time = |name: &str, time| (!name.starts_with("late")).then_some(time);
    let frame = df!(
        "client" => rows.iter().map(|r| r.0).collect::<Vec<_>>(),
        "name" => rows.iter().map(|r| r.1).collect::<Vec<_>>(),
        "answers" => rows.iter().map(|r| r.2).collect::<Vec<_>>(),
        "total" => vec![3u64; rows.len()],
        "first_seen" => rows.iter().map(|r| time(r.1, NINE)).collect::<Vec<_>>(),
        "last_seen" => rows.iter().map(|r| time(r.1, NINE + 1)).collect::<Vec<_>>(),
    );
    with_times(frame.expect("frame"))
}

fn of<'a>(bundle: &'a Value, kind: &str) -> Vec<&'a Value> {
    let objects = bundle["objects"].as_array().expect("objects").iter();
    objects.filter(|object| object["type"] == kind).collect()
}

/// The identifiers that the OASIS library makes of the same values.
#[test]
fn identifiers_of_observables_are_those_of_the_standard() {
    let row = ("2001:db8::5", "anchor", "443", [1, 2], [1, 2]);
    let bundle = of_flows(&about("ip", "198.51.100.3"), &peers(&[row])).expect("bundle");
    let (v4, v6) = (of(&bundle, "ipv4-addr")[0], of(&bundle, "ipv6-addr")[0]);
    assert_eq!(v4["id"], "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4");
    assert_eq!(v6["id"], "ipv6-addr--088ee214-b1f7-557f-92b9-c401d94b2165");
    let traffic = of(&bundle, "network-traffic")[0];
    assert_eq!(traffic["id"], "network-traffic--070a0f50-2e16-5096-97bf-eb63bb166c8e");
    assert_eq!(traffic["protocols"], json!(["ipv4", "tcp"]));
    let bundle = of_dns(&about("query", "example.com"), &rows(&[("10.0.0.5", "example.com", "")]));
    let bundle = bundle.expect("bundle");
    assert_eq!(
        of(&bundle, "domain-name")[0]["id"],
        "domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7"
    );
}

#[test]
fn traffic_goes_from_who_began_and_bytes_with_it() {
    let cases: [(Peer, bool, [u64; 2], Value); 5] = [
        (("192.0.2.1", "anchor", "443", [10, 20], [1, 2]), true, [20, 10], json!(443)),
        (("192.0.2.1", "peer", "22", [10, 20], [1, 2]), false, [10, 20], json!(22)),
        (("192.0.2.1", "both", "22", [10, 20], [1, 2]), true, [20, 10], Value::Null),
        (("192.0.2.1", "unknown", "22", [10, 0], [1, 0]), false, [10, 0], Value::Null),
        (("192.0.2.1", "anchor", "22 443", [10, 20], [1, 2]), true, [20, 10], Value::Null),
    ];
    for (row, from_anchor, [sent, got], port) in cases {
        let bundle = of_flows(&about("ip", "10.0.0.5"), &peers(&[row])).expect("bundle");
        let id = |value: &str| {
            let found = of(&bundle, "ipv4-addr").into_iter().find(|one| one["value"] == value);
            found.expect(value)["id"].clone()
        };
        let (anchor, peer) = (id("10.0.0.5"), id("192.0.2.1"));
        let (src, dst) = if from_anchor { (anchor, peer) } else { (peer, anchor) };
        let traffic = of(&bundle, "network-traffic")[0];
        assert_eq!((&traffic["src_ref"], &traffic["dst_ref"]), (&src, &dst), "{row:?}");
        let bytes = (&traffic["src_byte_count"], &traffic["dst_byte_count"]);
        assert_eq!(bytes, (&json!(sent), &json!(got)), "{row:?}");
        assert_eq!(traffic.get("dst_port").unwrap_or(&Value::Null), &port, "{row:?}");
        let seen = of(&bundle, "observed-data")[0];
        assert_eq!(seen["first_observed"], "2016-07-08T09:00:00.000Z");
        assert_eq!(seen["last_observed"], "2016-07-08T10:00:00.000Z");
    }
}

#[test]
fn one_name_is_one_object_with_all_that_it_resolved_to() {
    let frame = rows(&[
        ("10.0.0.5", "a.example", "192.0.2.1 <b>"),
        ("10.0.0.6", "a.example", "2001:db8::1 192.0.2.1"),
    ]);
    let bundle = of_dns(&about("query", "a.example"), &frame).expect("bundle");
    let [name] = of(&bundle, "domain-name")[..] else { panic!("{bundle}") };
    assert_eq!(name["resolves_to_refs"].as_array().map(Vec::len), Some(2));
    assert_eq!(of(&bundle, "observed-data").len(), 2);
    assert_eq!(of(&bundle, "ipv4-addr").len(), 3);
}

#[test]
fn what_has_no_place_is_counted_and_named() {
    let long = format!("{}.example", "a".repeat(64));
    let odd = [
        "",
        ".",
        "a..example",
        "_dmarc.example",
        "ab--c.example",
        "10.0.0.5",
        "<script>",
        "-a.example",
        "a b.example",
        "bücher.example",
        "late.example",
        &long,
    ];
    let good = ["a.example", "localhost", "xn--bcher-kva.example"];
    let all: Vec<_> = odd.iter().chain(&good).map(|name| ("10.0.0.5", *name, "")).collect();
    let bundle = of_dns(&about("client", "10.0.0.5"), &rows(&all)).expect("bundle");
    let mut names: Vec<_> =
        of(&bundle, "domain-name").iter().map(|one| one["value"].clone()).collect();
    names.sort_by_key(Value::to_string);
    assert_eq!(names, good);
    let said = of(&bundle, "note")[0]["content"].as_str().expect("text");
    assert!(said.starts_with("3 of 15 clients and names of 10.0.0.5"), "{said}");
    assert!(said.contains("12 were left out") && said.contains("12 of 12 are named"), "{said}");
    assert!(odd.iter().all(|name| said.contains(name)), "{said}");

    let texts = [("host", "anchor", "", [1, 1], [1, 1]), ("192.0.2.1", "peer", "", [1, 1], [1, 1])];
    let bundle = of_flows(&about("ip", "10.0.0.5"), &peers(&texts)).expect("bundle");
    let said = of(&bundle, "note")[0]["content"].as_str().expect("text");
    assert!(said.starts_with("1 of 2 peers") && said.ends_with("host"), "{said}");
    // Nothing at all is a bundle, too.
    let bundle = of_flows(&about("ip", "host"), &peers(&[])).expect("bundle");
    assert_eq!(of(&bundle, "report")[0]["object_refs"][0], of(&bundle, "note")[0]["id"]);
}

#[test]
fn a_later_revision_is_a_later_version_of_the_same_objects() {
    let frame = peers(&[("192.0.2.1", "anchor", "443", [10, 20], [1, 2])]);
    let first = of_flows(&about("ip", "10.0.0.5"), &frame).expect("bundle");
    assert_eq!(of_flows(&about("ip", "10.0.0.5"), &frame).expect("bundle"), first);
    let updated = saved() + chrono::TimeDelta::hours(1);
    let later = About { text: "new", updated, ..about("ip", "10.0.0.5") };
    let later = of_flows(&later, &frame).expect("bundle");
    assert_ne!(later["id"], first["id"]);
    let (a, b) = (of(&first, "report")[0], of(&later, "report")[0]);
    assert_eq!((&a["id"], &a["created"]), (&b["id"], &b["created"]));
    assert_eq!(
        (&a["modified"], &b["modified"]),
        (&json!("2016-07-08T12:00:00.000Z"), &json!("2016-07-08T13:00:00.000Z"))
    );
    assert_eq!(of(&first, "identity"), of(&later, "identity"));
    let other = of_flows(&about("ip", "10.0.0.6"), &frame).expect("bundle");
    assert_ne!(of(&other, "report")[0]["id"], a["id"]);
}
