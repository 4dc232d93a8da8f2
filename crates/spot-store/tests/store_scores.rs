//! What an analyst says of unlikely rows: appended, the last one counts, nothing is lost.

mod common;

use std::fs;
use std::path::Path;

use chrono::NaiveDate;
use common::{bench, bench_with_out, comments, dns, get, plain, put, save, spots, tree};
use polars::prelude::*;
use spot_analysis::dns::Name;
use spot_analysis::model::Address;
use spot_store::{DnsFilter, FlowFilter, Pipeline, Rating, Score, Workbench};

const LIST: &str = "flow_threat_investigation/y=2016/m=7/d=8/part-0.parquet";
const DNS_LIST: &str = "dns_threat_investigation/y=2016/m=7/d=8/part-0.parquet";
const FEEDBACK: &str = "flow/scored_results/20160708/feedback/ml_feedback.csv";
const DNS_FEEDBACK: &str = "dns/scored_results/20160708/feedback/ml_feedback.csv";

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2016, 7, 8).expect("day")
}

/// Four unlikely flows: a connection twice, its way back, one of ports 0.
fn with_scores(root: &Path, table: &str) {
    let frame = df!(
        "tstart" => ["2016-07-08 09:00:00", "2016-07-08 10:00:00", "2016-07-08 09:00:01", "2016-07-08 11:00:00"],
        "srcip" => ["192.0.2.44", "192.0.2.44", "10.0.0.9", "2001:0db8::5"],
        "dstip" => ["10.0.0.9", "10.0.0.9", "192.0.2.44", "10.0.0.9"],
        "sport" => [40000i32, 40000, 22, 0],
        "dport" => [22i32, 22, 40000, 0],
        "ipkt" => [3i64, 4, 5, 6],
        "ibyt" => [300i64, 400, 3_000_000_000, 600],
        "rank" => [0i32, 1, 2, 3],
    );
    put(root, &format!("{table}/y=2016/m=7/d=8/part-0.parquet"), frame.expect("frame"));
}

fn of(src: &str, port: Option<u16>) -> FlowFilter {
    let src = Some(src).filter(|src| !src.is_empty()).map(Address::new);
    FlowFilter { src, dst_port: port, ..FlowFilter::default() }
}

fn rate(bench: &Workbench, of: FlowFilter, rating: Rating) -> Vec<Option<u64>> {
    let scores = [Score::new(of, rating)];
    bench.store().score_flows(day(), &scores, Some("ana")).expect("scored")
}

fn suspects(bench: &Workbench) -> Vec<String> {
    let suspects = bench.suspects().expect("suspects").into_iter();
    suspects.map(|s| format!("{} {}", s.address, s.high_rows)).collect()
}

fn high_rows(bench: &Workbench) -> u64 {
    bench.days().expect("days")[0].high_rows
}

#[test]
fn the_last_score_of_a_connection_counts_and_the_others_are_kept() {
    let root = plain();
    with_scores(root.path(), "flow_scores");
    let bench = bench(root.path());
    let before = ["10.0.0.5 1", "203.0.113.9 1"];
    assert_eq!((suspects(&bench), high_rows(&bench)), (before.map(str::to_owned).to_vec(), 1));

    assert_eq!(rate(&bench, of("192.0.2.44", None), Rating::High), [Some(2)]);
    let high = ["10.0.0.5 1", "10.0.0.9 2", "192.0.2.44 2", "203.0.113.9 1"];
    assert_eq!((suspects(&bench), high_rows(&bench)), (high.map(str::to_owned).to_vec(), 3));

    assert_eq!(rate(&bench, of("192.0.2.44", Some(22)), Rating::Low), [Some(2)]);
    assert_eq!((suspects(&bench), high_rows(&bench)), (before.map(str::to_owned).to_vec(), 1));

    let list = get(&root.path().join(LIST));
    let column = |name: &str| list.column(name).expect("column").cast(&DataType::String);
    let texts = |name: &str| -> Vec<Option<String>> {
        let column = column(name).expect("text");
        column.str().expect("text").iter().map(|text| text.map(str::to_owned)).collect()
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(texts("score"), ["1", "1", "1", "3", "3"].map(some));
    assert_eq!(texts("scored_by"), [None, some("ana"), some("ana"), some("ana"), some("ana")]);
    let when = texts("scored_at");
    assert!(when[0].is_none() && when[1] == when[2] && when[2] < when[3], "{when:?}");
}

#[test]
fn feedback_has_its_columns_in_the_order_of_its_header() {
    let root = plain();
    with_scores(root.path(), "flow_scores");
    let bench = bench(root.path());
    rate(&bench, of("10.0.0.9", None), Rating::Medium);
    rate(&bench, of("2001:db8::5", Some(0)), Rating::High);
    let feedback = fs::read_to_string(root.path().join(FEEDBACK)).expect("feedback");
    assert_eq!(
        feedback,
        "sev,tstart,sip,dip,sport,dport,ipkt,ibyt\n\
         2,2016-07-08 09:00:01,10.0.0.9,192.0.2.44,22,40000,5,3000000000\n\
         1,2016-07-08 11:00:00,2001:0db8::5,10.0.0.9,0,0,6,600\n"
    );
}

#[test]
fn what_finds_nothing_or_says_nothing_writes_nothing() {
    let root = plain();
    let bench = bench(root.path());
    let before = tree(root.path());
    let refused = |of: FlowFilter, day: NaiveDate| {
        let none = bench.store().score_flows(day, &[Score::new(of, Rating::High)], None);
        none.expect_err("nothing to score").to_string()
    };
    let none = refused(of("10.0.0.9", None), NaiveDate::from_ymd_opt(2016, 7, 9).expect("day"));
    assert!(none.contains("`flow_scores` and `flow` have no rows of 2016-07-09"), "{none}");
    // Of conversations a port alone is no question.
    let none = refused(of("", Some(443)), day());
    assert!(none.contains("`flow_scores` has no rows of 2016-07-08"), "{none}");
    assert_eq!(tree(root.path()), before);

    with_scores(root.path(), "flow_scores");
    let before = tree(root.path());
    assert_eq!(rate(&bench, of("10.0.0.200", None), Rating::High), [Some(0)]);
    // A port of everything is a question, nothing at all is none.
    assert_eq!(rate(&bench, of("", Some(1)), Rating::High), [Some(0)]);
    let all = Score::new(FlowFilter::default(), Rating::High);
    let error = bench.store().score_flows(day(), &[all], None).expect_err("everything");
    assert!(error.to_string().contains("needs an address or a port"), "{error}");
    assert_eq!(tree(root.path()), before);
    assert!(Rating::new(0).is_err() && Rating::new(4).is_err());
}

#[test]
fn another_clock_does_not_decide() {
    let root = plain();
    with_scores(root.path(), "flow_scores");
    let bench = bench(root.path());
    // Somebody's clock was ahead, and somebody wrote what no clock says.
    let soon = (chrono::Utc::now() + chrono::TimeDelta::hours(1)).format("%Y-%m-%d %H:%M:%S");
    let times = [soon.to_string(), "9999-12-31 00:00:00".to_owned()];
    let frame = df!(
        "tstart" => ["2016-07-08 09:00:00"; 2],
        "srcip" => ["192.0.2.44"; 2],
        "dstip" => ["10.0.0.9"; 2],
        "srcport" => [40000i32; 2],
        "dstport" => [22i32; 2],
        "score" => [1i32; 2],
        "scored_at" => times,
    );
    put(root.path(), LIST, frame.expect("frame").head(Some(1)));
    rate(&bench, of("192.0.2.44", None), Rating::Low);
    assert!(suspects(&bench).is_empty());
}

#[test]
fn of_several_scores_of_a_row_the_last_counts() {
    let root = plain();
    with_scores(root.path(), "flow_scores");
    let bench = bench(root.path());
    let scores = [
        Score::new(of("192.0.2.44", None), Rating::High),
        Score::new(of("", Some(22)), Rating::Low),
        Score::new(of("10.0.0.9", None), Rating::High),
    ];
    let rows = bench.store().score_flows(day(), &scores, None).expect("scored");
    assert_eq!(rows, [Some(2), Some(2), Some(1)]);
    assert_eq!(get(&root.path().join(LIST)).height(), 1 + 3);
    let feedback = fs::read_to_string(root.path().join(FEEDBACK)).expect("feedback");
    assert_eq!(feedback.lines().count(), 1 + 3);
}

#[test]
fn a_reset_of_a_day_that_is_not_there_makes_none() {
    let root = plain();
    let before = tree(root.path());
    let bench = bench(root.path());
    let other = NaiveDate::from_ymd_opt(2061, 7, 8).expect("day");
    bench.store().reset_scores(Pipeline::Flow, other).expect("nothing to do");
    assert_eq!(tree(root.path()), before);
    assert_eq!(bench.days().expect("days").len(), 1);
    // A list that cannot be read can be reset.
    fs::write(root.path().join(LIST), "no Parquet").expect("written");
    bench.store().reset_scores(Pipeline::Flow, day()).expect("reset");
    assert!(suspects(&bench).is_empty());
}

#[test]
fn a_separate_out_folder_gets_a_copy_of_the_list() {
    let (data, out) = (spots(), tempfile::tempdir().expect("folder"));
    with_scores(data.path(), "flow/hive/oa/suspicious");
    let before = tree(data.path());
    let bench = bench_with_out(data.path(), out.path());
    rate(&bench, of("192.0.2.44", None), Rating::High);
    let high = ["10.0.0.5 1", "10.0.0.9 2", "192.0.2.44 2", "203.0.113.9 1"];
    assert_eq!(suspects(&bench), high);
    assert!(out.path().join("flow/hive/oa/threat_investigation/y=2016/m=7/d=8").is_dir());
    assert!(out.path().join(FEEDBACK).is_file());
    bench.store().reset_scores(Pipeline::Flow, day()).expect("reset");
    assert!(suspects(&bench).is_empty());
    assert_eq!(tree(data.path()), before);
}

#[test]
fn a_reset_forgets_scores_and_stories_of_its_day_but_no_text() {
    let root = plain();
    with_scores(root.path(), "flow_scores");
    let other = "flow_threat_investigation/y=2016/m=7/d=9/part-0.parquet";
    put(root.path(), other, common::threats(&[("10.0.0.5", "203.0.113.9", 443, 1)]));
    let bench = bench(root.path()).on_day("2016-07-08").expect("day");
    rate(&bench, of("192.0.2.44", None), Rating::High);
    save(&bench, "10.0.0.5", "Beacon", "every ten minutes");
    let other_day = fs::read(root.path().join(other)).expect("bytes");
    bench.store().reset_scores(Pipeline::Flow, day()).expect("reset");
    assert!(suspects(&bench).is_empty() && comments(&bench).is_empty());
    for table in ["flow_storyboard", "flow_timeline"] {
        let files = tree(&root.path().join(table));
        assert!(files.is_empty(), "{files:?}");
    }
    let story = "flow/oa/storyboard/2016/7/8/10_0_0_5/story-10_0_0_5.json";
    let story = fs::read_to_string(root.path().join(story)).expect("the story's own file");
    assert!(story.contains("every ten minutes"));
    assert!(root.path().join(FEEDBACK).is_file());
    assert_eq!(fs::read(root.path().join(other)).expect("bytes"), other_day);
    // A day that was reset can be scored again.
    rate(&bench, of("192.0.2.44", None), Rating::High);
    assert_eq!(suspects(&bench), ["10.0.0.9 2", "192.0.2.44 2"]);
}

#[test]
fn a_client_and_a_name_score_their_own_end() {
    let root = dns::folder(dns::PLAIN);
    let frame = df!(
        "frame_time" => ["Jul  8 2016 09:00:00.337519000 UTC"; 3],
        "frame_len" => [90i64, 91, 92],
        "unix_tstamp" => [dns::NINE, dns::NINE + 3600, dns::NINE + 7200],
        "ip_dst" => ["10.0.0.7", "10.0.0.8", "10.0.0.7"],
        "dns_qry_name" => ["a,b.evil.com", "C2.evil.com.", "c2.evil.com"],
        "dns_qry_class" => ["0x00000001"; 3],
        "dns_qry_type" => [1i32, 16, 28],
        "dns_qry_rcode" => [3i32, 0, 0],
        "ml_score" => [1e-5, 0.25, 0.5],
        "tld" => ["com"; 3],
    );
    let frame = frame.expect("frame");
    put(root.path(), "dns_scores/y=2016/m=7/d=8/part-0.parquet", frame);
    let bench = dns::bench(root.path());
    let of =
        DnsFilter { client: Some(Address::new("10.0.0.7")), name: Some(Name::new("c2.EVIL.com")) };
    let scores = [Score::new(of, Rating::High)];
    assert_eq!(bench.store().score_dns(day(), &scores, None).expect("scored"), [Some(3)]);
    let suspects = bench.suspects().expect("suspects").into_iter();
    let suspects: Vec<_> = suspects.map(|s| format!("{} {}", s.anchor, s.high_rows)).collect();
    assert_eq!(suspects, ["10.0.0.5 1", "10.0.0.7 2", "10.0.0.5 1", "c2.evil.com 2", "evil.com 1"]);
    // The name's second row is that client's, too.
    assert_eq!(bench.days().expect("days")[0].high_rows, 6);

    let list = get(&root.path().join(DNS_LIST)).tail(Some(3));
    let sev = |name: &str| -> Vec<i32> {
        list.column(name).and_then(Column::i32).expect("score").iter().flatten().collect()
    };
    assert_eq!((sev("ip_sev"), sev("dns_sev")), (vec![1, 0, 1], vec![0, 1, 1]));

    let feedback = fs::read_to_string(root.path().join(DNS_FEEDBACK)).expect("feedback");
    let mut lines = feedback.lines();
    assert_eq!(
        lines.next(),
        Some(
            "frame_time,frame_len,ip_dst,dns_qry_name,dns_qry_class,dns_qry_type,dns_qry_rcode,\
             score,tld,query_rep,hh,ip_sev,dns_sev,dns_qry_class_name,dns_qry_type_name,\
             dns_qry_rcode_name,network_context,unix_tstamp"
        )
    );
    assert_eq!(
        lines.next(),
        Some(
            "Jul  8 2016 09:00:00.337519000 UTC,90,10.0.0.7,\"a,b.evil.com\",0x00000001,1,3,\
             0.00001,com,,9,1,0,IN,A,NXDOMAIN,,1467968400"
        )
    );

    bench.store().reset_scores(Pipeline::Dns, day()).expect("reset");
    assert!(bench.suspects().expect("suspects").is_empty());
}

/// Without machine learning: V1's flows, and what was asked for.
#[test]
fn a_day_without_unlikely_rows_has_its_conversations_scored() {
    let root = plain();
    fs::remove_dir_all(root.path().join("flow_threat_investigation")).expect("removed");
    let bench = bench(root.path());
    let anchor = Address::new("10.0.0.5");
    let both = [
        FlowFilter { src: Some(anchor.clone()), ..FlowFilter::default() },
        FlowFilter { dst: Some(anchor), ..FlowFilter::default() },
    ];
    let scores = both.map(|of| Score::new(of, Rating::High).because("beacon"));
    let rows = bench.store().score_flows(day(), &scores, Some("ana")).expect("scored");
    assert_eq!(rows, [Some(1), Some(2)]);
    let list = get(&root.path().join(LIST));
    let told =
        ["tstart", "srcip", "dstip", "srcport", "dstport", "score", "scored_by", "scored_why"];
    let told: Vec<Vec<String>> = told
        .iter()
        .map(|name| {
            let column = list.column(name).and_then(|c| c.cast(&DataType::String)).expect("column");
            column.str().expect("text").iter().map(|text| text.unwrap_or("-").to_owned()).collect()
        })
        .collect();
    let lines: Vec<String> = (0..list.height())
        .map(|row| told.iter().map(|column| column[row].as_str()).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        lines,
        [
            "2016-07-08 09:00:00 10.0.0.5 203.0.113.9 50001 443 1 ana beacon",
            "2016-07-08 09:05:00 198.51.100.7 10.0.0.5 40000 22 1 ana beacon",
            "2016-07-08 11:00:00 192.0.2.44 10.0.0.5 33333 3389 1 ana beacon",
        ]
    );
    let suspected = ["10.0.0.5 3", "192.0.2.44 1", "198.51.100.7 1", "203.0.113.9 1"];
    assert_eq!(suspects(&bench), suspected);
    // Again, and other: the same connection, and the last score counts.
    assert_eq!(rate(&bench, of("192.0.2.44", None), Rating::Low), [Some(1)]);
    assert_eq!(suspects(&bench), ["10.0.0.5 2", "198.51.100.7 1", "203.0.113.9 1"]);
    let named = bench.store().named(Pipeline::Flow, day()).expect("named");
    let addresses = ["10.0.0.5", "192.0.2.44", "198.51.100.7", "203.0.113.9"].map(Address::new);
    assert_eq!((named.addresses, named.names), (addresses.to_vec(), Vec::new()));
}

#[test]
fn clients_and_names_of_a_day_without_unlikely_rows_are_scored() {
    let root = dns::folder(dns::PLAIN);
    let bench = dns::bench(root.path());
    let named = bench.store().named(Pipeline::Dns, day()).expect("named");
    assert!(named.names.contains(&Name::new("evil.com")), "{named:?}");
    let name = DnsFilter { client: None, name: Some(Name::new("EVIL.com.")) };
    let scores = [Score::new(name, Rating::High).because("a list")];
    let rows = bench.store().score_dns(day(), &scores, None).expect("scored");
    assert!(rows[0].is_some_and(|rows| rows > 0), "{rows:?}");
    let suspects = bench.suspects().expect("suspects");
    assert!(suspects.iter().any(|of| of.anchor == dns::query("evil.com")), "{suspects:?}");
}

/// V9: what was said of one connection hides no other, on no day.
#[test]
fn a_score_is_of_its_connection_and_its_day() {
    let root = plain();
    let scores = |day: u32, rows: [(&str, &str, i32); 2]| {
        let frame = df!(
            "tstart" => rows.map(|_| format!("2016-07-{day:02} 09:00:00")),
            "srcip" => rows.map(|row| row.0),
            "dstip" => rows.map(|row| row.1),
            "sport" => [50001i32; 2],
            "dport" => rows.map(|row| row.2),
            "ipkt" => [1i64; 2],
            "ibyt" => [60i64; 2],
            "rank" => [0i32, 1],
            "ml_score" => [1e-6f64, 2e-6],
        );
        put(
            root.path(),
            &format!("flow_scores/y=2016/m=7/d={day}/part-0.parquet"),
            frame.expect("frame"),
        );
    };
    let [a, b, c] = ["10.0.0.5", "203.0.113.9", "198.51.100.7"];
    scores(8, [(a, b, 443), (a, c, 443)]);
    scores(9, [(a, c, 443), (a, b, 443)]);
    let first = bench(root.path());
    let of = FlowFilter {
        src: Some(Address::new(a)),
        dst: Some(Address::new(b)),
        dst_port: Some(443),
        src_port: None,
    };
    let score = Score::new(of, Rating::High).because("odd");
    assert_eq!(first.store().score_flows(day(), &[score], Some("ana")).expect("scored"), [Some(1)]);
    let listed = |bench: &Workbench| -> Vec<String> {
        let rows = bench.unlikely(10).expect("rows").into_iter();
        let said = |row: &spot_analysis::unlikely::UnlikelyFlow| match &row.rated {
            Some(rated) => format!("{} {:?} {:?}", rated.score, rated.by, rated.why),
            None => "nothing".to_owned(),
        };
        rows.map(|row| format!("{} {}: {}", row.dst, row.dst_port, said(&row))).collect()
    };
    assert_eq!(
        listed(&first),
        ["203.0.113.9 443: 1 Some(\"ana\") Some(\"odd\")", "198.51.100.7 443: nothing"]
    );
    let second = first.on_day("2016-07-09").expect("day");
    assert_eq!(listed(&second), ["198.51.100.7 443: nothing", "203.0.113.9 443: nothing"]);
    assert_eq!(first.unlikely(1).expect("rows").len(), 1);
}
