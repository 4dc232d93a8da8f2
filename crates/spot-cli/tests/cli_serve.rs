//! `spot serve`, asked over HTTP on 127.0.0.1 by the store that notebooks use.

mod common;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use common::stores::{Served, folder, hostile, same_dns, same_flows};
use common::{json, write};
use polars::prelude::*;
use spot_analysis::dns::{Anchor, Name, Scope};
use spot_analysis::model::Address;
use spot_store::{DnsFilter, DnsWorkbench, FlowFilter, Pipeline, Rating, Score, Workbench};

#[test]
fn captures_are_answered_as_from_the_folder() {
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/captures");
    let Ok(sets) = std::fs::read_dir(&captures) else {
        eprintln!("skipped: {} is not there", captures.display());
        return;
    };
    let context = captures.join("context");
    let context = [("SPOT_CONTEXT", context.to_str().expect("UTF-8"))];
    // Each of them is searched twice, some thousand times: all under `cargo xtask test --long`.
    let every = if std::env::var_os("LONG_TESTS").is_some() { 1 } else { 12 };
    let mut seen = (0, 0);
    for set in sets.map(|set| set.expect("entry").path()) {
        let (has_flow, has_dns) = (set.join("flow").is_dir(), set.join("dns").is_dir());
        if !has_flow && !has_dns {
            continue;
        }
        let served = Served::start(&set, &["--context", context[0].1]);
        if has_flow {
            let ours = Workbench::open(folder(&set, &context)).expect("folder");
            let theirs = served.flow(&context);
            assert_eq!(ours.days().expect("folder"), theirs.days().expect("server"));
            for info in ours.days().expect("days") {
                let day = info.day.to_string();
                let on = |bench: &Workbench| bench.on_day(&day).expect("day");
                seen.0 += same_flows(&on(&ours), &on(&theirs), every);
            }
        }
        if has_dns {
            let ours = DnsWorkbench::open(folder(&set, &context)).expect("folder");
            let theirs = DnsWorkbench::open(served.settings(&context)).expect("server");
            assert_eq!(ours.days().expect("folder"), theirs.days().expect("server"));
            for info in ours.days().expect("days") {
                let day = info.day.to_string();
                let on = |bench: &DnsWorkbench| bench.on_day(&day).expect("day");
                seen.1 += same_dns(&on(&ours), &on(&theirs), every);
            }
        }
    }
    assert!(seen.0 > 500 && seen.1 > 1000, "{seen:?}");
}

#[test]
fn hostile_data_are_answered_as_from_the_folder() {
    let data = hostile("serve-hostile");
    let served = Served::start(&data, &[]);
    let ours = Workbench::open(folder(&data, &[])).expect("folder");
    assert_eq!(same_flows(&ours, &served.flow(&[]), 1), 3);
    let found = served.flow(&[]).investigate(&Address::new("2001:DB8::5")).expect("finding");
    assert_eq!(found.facts.connections, 3);
    assert_eq!(found.peers[0].max_bytes, 3_000_000_000);
    // By the context files that lie with the data, wherever the notebook runs.
    assert!(found.peers[0].side.inside && found.peers[0].side.rule.contains("Campus"));
    assert_eq!(found.peers[0].context.as_ref().map(|name| name.class()), Some("Labs"));
    assert_eq!(found.peers[0].flags[0].note, "<b>");
    let ours = DnsWorkbench::open(folder(&data, &[])).expect("folder");
    let theirs = DnsWorkbench::open(served.settings(&[])).expect("server");
    assert_eq!(same_dns(&ours, &theirs, 1), 5);
}

#[test]
fn a_database_of_places_stays_at_the_server_and_the_client_says_so() {
    let data = hostile("serve-database");
    std::fs::write(data.join("context/GeoLite2-City.mmdb"), "anything").expect("file");
    let served = Served::start(&data, &[]);
    let notes = served.flow(&[]).network().notes();
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].starts_with("the server has GeoLite2-City.mmdb, which it does not send"));
}

#[test]
fn stories_come_back_byte_for_byte() {
    let data = hostile("serve-save");
    let served = Served::start(&data, &[]);
    let bench = served.flow(&[("SPOT_AUTHOR", "ada")]);
    let texts = [
        ("O'Brien's \"C2\"; DROP", "one\ntwo\r\n\u{1f980} <script>alert(1)</script> \\n"),
        ("=cmd|' /C calc'!A0", "'); DELETE FROM flow_storyboard; --"),
    ];
    for (revision, (title, text)) in (1..).zip(texts) {
        for anchor in ["2001:db8::5", "203.0.113.9"].map(Address::new) {
            let found = bench.investigate(&anchor).expect("finding");
            let saved = bench.save(&found, title, text).expect("saved");
            assert_eq!(saved.revision, revision);
            let names: Vec<_> = saved.artefacts.iter().map(|one| one.name.as_str()).collect();
            assert!(names.contains(&"flow_storyboard") || names.contains(&"flow_timeline"));
            let story = bench.story(&anchor).expect("stories").expect("story");
            assert_eq!((story.title.as_str(), story.text.as_str()), (title, text));
        }
    }
    // The folder has them, too, with who wrote them: the caller, and not who runs the server.
    let story = "flow/oa/storyboard/2016/7/8/203_0_113_9/story-203_0_113_9.json";
    let story = std::fs::read_to_string(data.join(story)).expect("the story's own file");
    assert!(story.contains(r#""author": "ada""#), "{story}");
    let ours = Workbench::open(folder(&data, &[])).expect("folder");
    assert_eq!(ours.stories().expect("stories"), bench.stories().expect("stories"));
    assert_eq!(ours.stories().expect("stories").len(), 2);

    let bench = DnsWorkbench::open(served.settings(&[])).expect("server");
    for suspect in bench.suspects().expect("suspects") {
        let found = bench.investigate(&suspect.anchor, &Scope::Exact).expect("finding");
        bench.save(&found, texts[0].0, texts[0].1).expect("saved");
    }
    let stories = bench.stories().expect("stories");
    assert_eq!(stories.len(), 4);
    assert!(stories.iter().all(|story| story.text == texts[0].1));
    assert_eq!(
        DnsWorkbench::open(folder(&data, &[])).expect("folder").stories().expect("s"),
        stories
    );
}

#[test]
fn the_story_of_a_text_in_names_is_that_of_the_name() {
    let data = hostile("serve-part");
    let served = Served::start(&data, &[]);
    let bench = DnsWorkbench::open(served.settings(&[])).expect("server");
    let anchor = Anchor::Query(spot_analysis::dns::Name::new("A.evil.com."));
    let found = bench.investigate(&anchor, &Scope::Substring("evil".into())).expect("finding");
    bench.save(&found, "Part", "x").expect("saved");
    assert_eq!(bench.story(&anchor).expect("stories").expect("story").title, "Part");
    assert_eq!(bench.stories().expect("stories").len(), 1);
}

#[test]
fn who_sends_half_a_request_keeps_nobody() {
    let data = hostile("serve-half");
    let mut served = Served::start(&data, &["--no-token", "--time-limit", "2"]);
    let (status, answer) = served.raw(
        "POST /graphql HTTP/1.1\r\nhost: HERE\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: 1000\r\n\r\n{",
    );
    assert!(status.contains("200") && answer.contains("longer than 2 seconds"), "{answer}");
    let address = served.url.trim_start_matches("http://").trim_end_matches("/graphql");
    let mut silent = TcpStream::connect(address).expect("connects");
    silent.write_all(b"POST /graphql HTTP/1.1\r\nhost:").expect("sent");
    assert!(served.signal("TERM").success());
}

#[test]
fn a_changed_day_is_not_saved() {
    let data = hostile("serve-changed");
    let served = Served::start(&data, &[]);
    let bench = served.flow(&[]);
    let found = bench.investigate(&Address::new("203.0.113.9")).expect("finding");
    let files = "flow/y=2016/m=7/d=8/h=9";
    std::fs::copy(data.join(files).join("part-0.parquet"), data.join(files).join("part-1.parquet"))
        .expect("copy");
    let error = bench.save(&found, "t", "x").expect_err("changed").to_string();
    assert!(error.contains("changed since the search"), "{error}");
    assert!(bench.stories().expect("stories").is_empty());
}

#[test]
fn only_those_with_the_token_are_answered() {
    let data = hostile("serve-token");
    let served = Served::start(&data, &[]);
    let body = r#"{"query":"{served{flow}}"}"#;
    let ask = |head: &str| {
        let length = body.len();
        served.raw(&format!(
            "{head} HTTP/1.1\r\nhost: HERE\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        ))
    };
    let with = |more: &str| {
        let length = body.len();
        served.raw(&format!(
            "POST /graphql HTTP/1.1\r\nhost: HERE\r\nconnection: close\r\n{more}\
             content-length: {length}\r\n\r\n{body}"
        ))
    };
    assert!(ask("GET /graphql").0.contains("405"));
    assert!(ask("POST /other").0.contains("404"));
    let json = "content-type: application/json\r\n";
    assert!(with(json).0.contains("401"));
    assert!(with(&format!("{json}authorization: Bearer wrong\r\n")).0.contains("401"));
    let token = format!("authorization: Bearer {}\r\n", served.token);
    assert!(with(&token).0.contains("415"));
    let (status, answer) = with(&format!("{json}{token}"));
    assert!(status.contains("200"), "{status}");
    assert_eq!(answer, r#"{"data":{"served":{"flow":true}}}"#);

    let wrong = [("SPOT_TOKEN", "wrong")];
    let error = Workbench::open(served.settings(&wrong)).err().expect("refused").to_string();
    assert!(error.contains("does not let us in") && error.contains("SPOT_TOKEN"), "{error}");
}

#[test]
fn the_token_may_stand_in_spot_conf() {
    let data = hostile("serve-conf");
    let conf = data.join("spot.conf");
    std::fs::write(&conf, "SPOT_TOKEN='of the file' # ours\n").expect("file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_spot"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&data);
    command.env("SPOT_CONF", &conf).env_remove("SPOT_TOKEN").stdout(Stdio::piped());
    let mut child = command.spawn().expect("spot runs");
    let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
    let line = lines.next().expect("a line").expect("UTF-8");
    let url = line.strip_prefix("SPOT_DATA=").expect("where it is").to_owned();
    // It is told to nobody: who asks knows the file.
    let mut served = Served { child, url, token: "of the file".to_owned() };
    assert_eq!(served.flow(&[]).suspects().expect("suspects").len(), 4);
    served.token = "another".to_owned();
    let error = Workbench::open(served.settings(&[])).err().expect("not let in").to_string();
    assert!(error.contains("does not let us in"), "{error}");
}

#[test]
fn without_a_token_only_this_machine_is_answered() {
    let data = hostile("serve-no-token");
    let served = Served::start(&data, &["--no-token"]);
    assert_eq!(served.flow(&[]).suspects().expect("suspects").len(), 4);
    let body = r#"{"query":"{served{flow}}"}"#;
    let length = body.len();
    let ask = |host: &str| {
        served.raw(&format!(
            "POST /graphql HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        ))
    };
    assert!(ask("HERE").0.contains("200"));
    // A page of another site, under a name that it made ours.
    assert!(ask("evil.example:8889").0.contains("403"));
    let data = data.to_str().expect("UTF-8");
    let open = common::spot(&["serve", "--listen", "0.0.0.0:0", "--no-token", "--data", data]);
    assert_eq!(open.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&open.stderr).contains("without a token nobody else"));
}

#[test]
fn questions_have_limits() {
    let data = hostile("serve-limits");
    let served = Served::start(&data, &["--no-token"]);
    let ask = |query: &str| {
        let body = serde_json::json!({"query": query}).to_string();
        let length = body.len();
        served
            .raw(&format!(
                "POST /graphql HTTP/1.1\r\nhost: HERE\r\nconnection: close\r\n\
                 content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
            ))
            .1
    };
    let deep = "children{".repeat(25) + "name" + &"}".repeat(25);
    let deep = format!(r#"{{flow{{threat{{incidentProgression(ip:"10.0.0.5"){{{deep}}}}}}}}}"#);
    assert!(ask(&deep).contains("too deep"), "{}", ask(&deep));
    let many: String = (0..700).map(|n| format!("a{n}:served{{flow}} ")).collect();
    assert!(ask(&format!("{{{many}}}")).contains("too complex"));
    for (query, said) in [
        ("{", "errors"),
        (r#"{flow{threat{details(ip:"x' OR 1=1"){srcIp}}}}"#, "no IP address"),
        (r#"{flow{threat{details(date:"8.7.",ip:"10.0.0.5"){srcIp}}}}"#, "2016-07-08"),
        (r#"{dns{threat{details(clientIp:"10.0.0.5",dnsQuery:"a"){total}}}}"#, "of one client or"),
        (r#"{dns{threat{details{total}}}}"#, "of one client or"),
    ] {
        assert!(ask(query).contains(said), "{query}: {}", ask(query));
    }
}

/// Asks a server without a token; its data, without errors.
fn asked(served: &Served, query: &str) -> serde_json::Value {
    let body = serde_json::json!({"query": query}).to_string();
    let length = body.len();
    let (_, answer) = served.raw(&format!(
        "POST /graphql HTTP/1.1\r\nhost: HERE\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    ));
    let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
    assert!(answer.get("errors").is_none(), "{query}: {answer}");
    answer["data"].clone()
}

#[test]
fn what_spots_pages_ask_for_is_served() {
    use serde_json::json;
    let data = hostile("serve-pages");
    // Of the four one is scored; one has both its ends, one its source, one its names the other way.
    let mut scores = df!(
        "tstart" => ["2016-07-08 09:00:00"; 4],
        "srcip" => ["2001:db8::5", "203.0.113.9", "2001:db8::5", "10.0.0.5"],
        "dstip" => ["203.0.113.9", "2001:db8::5", "192.0.2.1", "192.0.2.2"],
        "sport" => [50001i32, 443, 50001, 1],
        "dport" => [443i32, 50001, 443, 2],
        "ibyt" => [1i32, 2, 3, 4],
        "ml_score" => [Some(1e-5), None, Some(f64::NAN), Some(0.0)],
        "rank" => [Some(4i32), Some(3), Some(1), None],
        "srcip_INTernal" => [1i32; 4],
    )
    .expect("frame");
    write(&data.join("flow_scores/y=2016/m=7/d=8/part-0.parquet"), &mut scores);
    let mut scores = df!(
        "unix_tstamp" => [1_467_968_400_i64; 2],
        "ip_dst" => ["10.0.0.5", "10.0.0.6"],
        "dns_qry_name" => ["A.evil.com.", "a.evil.com"],
        "dns_qry_class" => ["0x00000001"; 2],
        "dns_qry_type" => [1i32; 2],
        "dns_qry_rcode" => [3i32; 2],
        "ml_score" => [0.1, 0.2],
    )
    .expect("frame");
    write(&data.join("dns_scores/y=2016/m=7/d=8/part-0.parquet"), &mut scores);
    let served = Served::start(&data, &["--no-token"]);

    let found =
        asked(&served, "{flow{suspicious{srcIp dstIp rank score inBytes srcIp_isInternal}}}");
    let line = |src, dst, rank: Option<i32>, bytes| {
        json!({"srcIp": src, "dstIp": dst, "rank": rank, "score": 0.0, "inBytes": bytes,
               "srcIp_isInternal": 1})
    };
    assert_eq!(
        found["flow"]["suspicious"],
        json!([
            line("2001:db8::5", "192.0.2.1", Some(1), 3),
            line("203.0.113.9", "2001:db8::5", Some(3), 2),
            line("10.0.0.5", "192.0.2.2", None, 4),
        ])
    );
    let found = asked(&served, r#"{flow{suspicious(ip:"10.0.0.5"){rank}}}"#);
    assert_eq!(found["flow"]["suspicious"], json!([{"rank": null}]));
    let found = asked(
        &served,
        r#"{flow{edgeDetails(tstart:"2016-07-08 09:02:00",srcIp:"2001:db8::5",dstIp:"203.0.113.9")
            {tstart srcIp dstPort flags inBytes tos}}}"#,
    );
    assert_eq!(
        found["flow"]["edgeDetails"],
        json!([{"tstart": "2016-07-08 09:02:00", "srcIp": "203.0.113.9", "dstPort": "50001",
                "flags": ".AP.SF", "inBytes": 7, "tos": null}])
    );
    let found =
        asked(&served, r#"{flow{ipDetails(ip:"203.0.113.9"){srcIp dstIp inBytes inPkts}}}"#);
    assert_eq!(
        found["flow"]["ipDetails"],
        json!([
            {"srcIp": "203.0.113.9", "dstIp": "2001:db8::5", "inBytes": 7, "inPkts": 1},
            {"srcIp": "2001:db8::5", "dstIp": "203.0.113.9", "inBytes": 3_000_000_005_i64, "inPkts": 2},
        ])
    );

    let found = asked(&served, "{dns{suspicious{clientIp dnsQueryRcodeLabel dnsQueryClass}}}");
    assert_eq!(
        found["dns"]["suspicious"],
        json!([{"clientIp": "10.0.0.6", "dnsQueryRcodeLabel": "NXDOMAIN", "dnsQueryClass": 1}])
    );
    let found = asked(&served, r#"{dns{suspicious(dnsQuery:"%"){clientIp}}}"#);
    assert_eq!(found["dns"]["suspicious"], json!([]));
    let found = asked(
        &served,
        r#"{dns{edgeDetails(frameTime:"2016-07-08 09:30:00",dnsQuery:"A.EVIL.com")
            {clientIp dnsQueryTypeLabel dnsQueryAnswers unixTimestamp}}}"#,
    );
    assert_eq!(
        found["dns"]["edgeDetails"],
        json!([{"clientIp": "10.0.0.5", "dnsQueryTypeLabel": "A",
                "dnsQueryAnswers": ["203.0.113.9"], "unixTimestamp": 1_467_968_400}])
    );
    let found =
        asked(&served, r#"{dns{ipDetails(clientIp:"2001:db8::5"){dnsQuery dnsQueryAnswers}}}"#);
    let name = "o'brien\"; drop table dns; --";
    assert_eq!(found["dns"]["ipDetails"], json!([{"dnsQuery": name, "dnsQueryAnswers": []}]));

    let months = r#"ingestSummary(startDate:"2016-06-25",endDate:"2016-08-05"){datetime total}"#;
    let found = asked(&served, &format!("{{flow{{{months}}} dns{{{months}}}}}"));
    assert_eq!(
        found,
        json!({
            "flow": {"ingestSummary": [{"datetime": "2016-07-08 00:00:00", "total": 4}]},
            "dns": {"ingestSummary": [{"datetime": "2016-07-08 00:00:00", "total": 3}]},
        })
    );
}

/// Rows of the day's list but for when they were scored, feedback, and who is suspect.
fn scored(data: &Path) -> (Vec<String>, String, String) {
    let list = |table: &str| {
        let path = data.join(format!("{table}/y=2016/m=7/d=8/part-0.parquet"));
        let file = std::fs::File::open(path).expect("list");
        let frame = ParquetReader::new(file).finish().expect("Parquet");
        assert!(frame.column("scored_at").expect("column").null_count() < frame.height());
        format!("{:?}", frame.drop("scored_at").expect("column").columns())
    };
    let lists = ["flow_threat_investigation", "dns_threat_investigation"].map(list).to_vec();
    let feedback = ["flow", "dns"].map(|pipeline| {
        let path = format!("{pipeline}/scored_results/20160708/feedback/ml_feedback.csv");
        std::fs::read_to_string(data.join(path)).expect("feedback")
    });
    let data = data.to_str().expect("UTF-8");
    let threats = |pipeline| json(&["threats", pipeline, "--format", "json", "--data", data]);
    (lists, feedback.concat(), format!("{}{}", threats("flow"), threats("dns")))
}

#[test]
fn scores_and_resets_do_what_they_do_in_the_folder() {
    let day = chrono::NaiveDate::from_ymd_opt(2016, 7, 8).expect("day");
    let rate = |flow: &Workbench, dns: &DnsWorkbench| {
        let flows = [
            FlowFilter { src: Some(Address::new("2001:db8::5")), ..FlowFilter::default() },
            FlowFilter { dst_port: Some(0), ..FlowFilter::default() },
            FlowFilter { dst: Some(Address::new("192.0.2.77")), ..FlowFilter::default() },
        ];
        let flows = flows.map(|of| Score::new(of, Rating::High));
        let name = DnsFilter { client: None, name: Some(Name::new("A.evil.COM")) };
        let answers = [Score::new(name, Rating::Medium).because("a list, line 7")];
        let rows = flow.store().score_flows(day, &flows, Some("ana")).expect("scored");
        assert_eq!(rows, [Some(2), Some(1), Some(0)]);
        let rows = dns.store().score_dns(day, &answers, Some("ana")).expect("scored");
        assert_eq!(rows, [Some(2)]);
    };
    let [one, other] = ["serve-scores", "folder-scores"].map(|name| {
        let data = hostile(name);
        let mut scores = df!(
            "tstart" => ["2016-07-08 09:00:00"; 3],
            "srcip" => ["2001:db8::5", "2001:0db8::0005", "10.0.0.5"],
            "dstip" => ["203.0.113.9", "192.0.2.1", "192.0.2.2"],
            "sport" => [50001i32, 50001, 0],
            "dport" => [443i32, 443, 0],
            "ipkt" => [1i32, 2, 3],
            "ibyt" => [10i32, 20, 30],
            "rank" => [1i32, 2, 3],
        )
        .expect("frame");
        write(&data.join("flow_scores/y=2016/m=7/d=8/part-0.parquet"), &mut scores);
        let mut scores = df!(
            "unix_tstamp" => [1_467_968_400_i64; 2],
            "ip_dst" => ["10.0.0.5", "10.0.0.6"],
            "dns_qry_name" => ["A.evil.com.", "a.evil.com"],
            "dns_qry_type" => [1i32; 2],
            "ml_score" => [0.1, 0.2],
        )
        .expect("frame");
        write(&data.join("dns_scores/y=2016/m=7/d=8/part-0.parquet"), &mut scores);
        data
    });
    let served = Served::start(&one, &["--no-token"]);
    let through = (served.flow(&[]), DnsWorkbench::open(served.settings(&[])).expect("opens"));
    let direct = folder(&other, &[]);
    let direct = (
        Workbench::open(direct.clone()).expect("opens"),
        DnsWorkbench::open(direct).expect("opens"),
    );
    for (flow, dns) in [&through, &direct] {
        rate(flow, dns);
    }
    assert_eq!(scored(&one), scored(&other));
    assert_eq!(through.0.suspects().expect("suspects"), direct.0.suspects().expect("suspects"));

    // What is wrong is said, and nothing is written.
    for (input, error) in [
        ("score:4,srcIp:\"10.0.0.5\"", "4 is no score"),
        ("score:1,dstPort:65536", "65536 is no port"),
        ("score:1,srcIp:\"\"", "needs an address or a port"),
        ("score:1,srcIp:\"x'; DROP\"", "is no IP address"),
    ] {
        let query = format!("mutation{{flow{{score(input:[{{{input}}}]){{success}}}}}}");
        let body = serde_json::json!({"query": query}).to_string();
        let (_, answer) = served.raw(&format!(
            "POST /graphql HTTP/1.1\r\nhost: HERE\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ));
        assert!(answer.contains(error), "{query}: {answer}");
    }
    assert_eq!(scored(&one), scored(&other));

    for (flow, dns) in [&through, &direct] {
        flow.store().reset_scores(Pipeline::Flow, day).expect("reset");
        dns.store().reset_scores(Pipeline::Dns, day).expect("reset");
        assert!(flow.suspects().expect("suspects").is_empty());
        assert!(dns.suspects().expect("suspects").is_empty());
    }
}

#[test]
fn a_server_that_dies_costs_nothing_but_the_answer() {
    let data = hostile("serve-dies");
    let mut served = Served::start(&data, &["--no-token"]);
    let bench = served.flow(&[]);
    let anchor = Address::new("203.0.113.9");
    let found = bench.investigate(&anchor).expect("finding");
    bench.save(&found, "first", "x").expect("saved");
    let before =
        json(&["threats", "flow", "--format", "json", "--data", data.to_str().expect("UTF-8")]);
    assert!(!served.signal("KILL").success());
    for error in [
        bench.investigate(&anchor).expect_err("gone").to_string(),
        bench.save(&found, "second", "x").expect_err("gone").to_string(),
    ] {
        assert!(error.contains("cannot be reached"), "{error}");
    }
    let after =
        json(&["threats", "flow", "--format", "json", "--data", data.to_str().expect("UTF-8")]);
    assert_eq!(before, after);
    // Another one takes its place: the same notebook goes on.
    let port = served.url.trim_end_matches("/graphql").trim_start_matches("http://").to_owned();
    let mut again = Served::start(&data, &["--no-token", "--listen", &port]);
    assert_eq!(bench.investigate(&anchor).expect("back"), found);
    bench.save(&found, "second", "x").expect("saved");
    // Told to end, it ends well.
    assert!(again.signal("TERM").success());
}
