//! DNS: what a search reads and what a save leaves. V5, V8, D-5, D-6, D-8.

mod common;

use std::fs;
use std::path::PathBuf;

use common::dns::*;
use common::{TEXTS, flows, get, put, settings, tree};
use polars::prelude::*;
use spot_analysis::dns::Scope;
use spot_analysis::model::Address;
use spot_store::error::Kind;
use spot_store::layout::dns_file_stem;
use spot_store::{DnsWorkbench, Settings, Workbench};

#[test]
fn either_layout_is_read_and_written() {
    for tables in [PLAIN, SPOTS] {
        let root = folder(tables);
        let bench = bench(root.path());
        assert_eq!(bench.day().to_string(), "2016-07-08");
        let days: Vec<_> = bench.days().expect("days").iter().map(|day| day.high_rows).collect();
        assert_eq!(days, [3]);
        let suspects = bench.suspects().expect("suspects");
        let anchors: Vec<_> = suspects.iter().map(|suspect| suspect.anchor.clone()).collect();
        assert_eq!(anchors, [client("10.0.0.5"), query("10.0.0.5"), query("evil.com")]);

        let saved = save(&bench, &query("evil.com"), "Title", "text");
        let names: Vec<_> = saved.artefacts.iter().map(|a| a.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "dns_threat_dendro",
                "threats.csv",
                "rows-query-evil.com.parquet",
                "dns_storyboard",
                "story-query-evil.com.json"
            ]
        );
        for artefact in &saved.artefacts {
            assert!(root.path().join(&artefact.path).is_file(), "{}", artefact.path);
        }
        let written = tables
            .map(|table| root.path().join(table).join("y=2016/m=7/d=8/part-0.parquet").is_file());
        assert_eq!(written, [false, true, true, true]);
        let storyboard = get(&root.path().join(tables[2]).join("y=2016/m=7/d=8/part-0.parquet"));
        assert_eq!(storyboard.get_column_names(), ["ip_threat", "dns_threat", "title", "text"]);
        let saved: Vec<_> = bench.suspects().expect("list").iter().map(|s| s.saved).collect();
        assert_eq!(saved, [false, false, true]);
    }
}

#[test]
fn any_spelling_finds_any_spelling() {
    let root = folder(PLAIN);
    let bench = bench(root.path());
    let exact = Scope::Exact;
    for name in ["www.evil.com", "WWW.EVIL.COM", "wWw.eViL.cOm."] {
        assert_eq!(lines(&bench, &query(name), &exact), ["2 10.0.0.5 www.evil.com"]);
    }
    assert_eq!(lines(&bench, &query("10.0.0.5"), &exact).len(), 2);
    assert_eq!(lines(&bench, &client("2001:DB8::5"), &exact), ["1 2001:db8::5 a.evil.com"]);
    assert_eq!(
        lines(&bench, &query("www.evil.com"), &Scope::RegisteredDomain),
        ["2 10.0.0.5 www.evil.com", "1 2001:db8::5 a.evil.com", "1 10.0.0.9 evil.com"]
    );
    let part = Scope::Substring("TEVIL".to_owned());
    assert_eq!(lines(&bench, &query("x"), &part), ["1 10.0.0.9 notevil.com"]);
    let found = bench.investigate(&query("EVIL.com"), &exact).expect("finding");
    assert_eq!((found.facts.scanned, found.provenance.rows, found.high_rows), (7, 1, 1));
    assert_eq!(found.provenance.filter, "dns_qry_name is evil.com");
    let empty = bench.investigate(&query("x"), &Scope::Substring(String::new()));
    assert_eq!(empty.expect_err("an error").kind, Kind::Usage);
}

/// V10: nothing found is a finding; it cannot be saved.
#[test]
fn nothing_found_cannot_be_saved_and_leaves_nothing() {
    let root = folder(PLAIN);
    let bench = bench(root.path());
    let before = tree(root.path());
    for bench in [bench.clone(), bench.on_day("20160709").expect("day")] {
        let found = bench.investigate(&query("nobody.example"), &Scope::Exact).expect("finding");
        assert!(found.rows.is_empty());
        assert_eq!(bench.save(&found, "a", "b").expect_err("an error").kind, Kind::Usage);
    }
    let other = bench.on_day("20160709").expect("day");
    let found = other.investigate(&client("10.0.0.5"), &Scope::Exact).expect("finding");
    assert!(found.notes[0].contains("no DNS answers of 2016-07-09"), "{:?}", found.notes);
    assert_eq!(tree(root.path()), before);
}

/// V5: any text comes back byte for byte, from the table and from the list; other stories stay.
#[test]
fn texts_round_trip_byte_for_byte() {
    let root = folder(PLAIN);
    let bench = bench(root.path());
    save(&bench, &query("evil.com"), "Other", "stays");
    for (title, text) in TEXTS {
        save(&bench, &client("10.0.0.5"), title, text);
        let [title, text] = [title, text].map(str::to_owned);
        let expected = [
            (client("10.0.0.5"), title.clone(), text.clone()),
            (query("evil.com"), "Other".to_owned(), "stays".to_owned()),
        ];
        assert_eq!(stories(&bench), expected);
        let list = root.path().join("dns/oa/storyboard/2016/7/8/threats.csv");
        let mut reader = csv::Reader::from_path(list).expect("list");
        assert_eq!(
            reader.headers().expect("header"),
            vec!["anchor", "type", "title", "text", "rows"]
        );
        let lines: Vec<_> = reader.records().map(|line| line.expect("line")).collect();
        assert_eq!(lines[0], vec!["evil.com", "query", "Other", "stays", "1"]);
        assert_eq!(lines[1], vec!["10.0.0.5", "client", &title, &text, "2"]);
        assert_eq!(lines.len(), 2);
    }
}

/// D-5: the client 10.0.0.5 and the name `10.0.0.5` have stories and rows of their own, even the row
/// that belongs to both.
#[test]
fn a_name_that_looks_like_an_address_has_a_story_of_its_own() {
    let root = folder(PLAIN);
    let bench = bench(root.path());
    let (address, name) = (client("10.0.0.5"), query("10.0.0.5"));
    let shared = "10.0.0.5 1 10.0.0.5 10.0.0.5";
    let of_client = ["10.0.0.5 2 www.evil.com 10.0.0.5", shared];
    let of_name = ["10.0.0.5 1 10.0.0.5 10.0.0.9", shared];
    let sorted = |rows: &[&str]| {
        let mut rows: Vec<String> = rows.iter().map(|row| (*row).to_owned()).collect();
        rows.sort();
        rows
    };
    save(&bench, &address, "client", "1");
    assert_eq!(dendro(root.path()), sorted(&of_client));
    for round in 0..2 {
        save(&bench, &name, "name", &round.to_string());
        assert_eq!(dendro(root.path()), sorted(&[of_client, of_name].concat()));
        save(&bench, &address, "client", &round.to_string());
        assert_eq!(dendro(root.path()), sorted(&[of_client, of_name].concat()));
    }
    let titles: Vec<_> =
        stories(&bench).into_iter().map(|(anchor, title, _)| (anchor, title)).collect();
    assert_eq!(titles, [(address, "client".to_owned()), (name, "name".to_owned())]);
}

/// V8: all rows are saved, whatever is shown; saving again replaces them.
#[test]
fn three_hundred_names_are_saved_and_never_doubled() {
    let root = folder(PLAIN);
    let names: Vec<String> = (0..300).map(|n| format!("n{n:03}.tunnel.example.org")).collect();
    let frame = answers(&vec![DAY[0]; 300])
        .lazy()
        .with_column(lit(Series::new("dns_qry_name".into(), &names)));
    put(root.path(), PART, frame.collect().expect("frame"));
    let limited = Settings { top_results: 20, ..settings(root.path()) };
    let bench = DnsWorkbench::open(limited).expect("workbench");
    // Rows that another program wrote for another anchor, with a column of its own, stay.
    let foreign = df!("anchor" => ["10.9.9.9"], "total" => [7i64], "dns_qry_name" => ["x"], "ip_dst" => ["10.9.9.9"]);
    let path = "dns_threat_dendro/y=2016/m=7/d=8/000000_0";
    put(root.path(), path, foreign.expect("frame"));
    for revision in [1, 1, 2] {
        let text = revision.to_string();
        assert_eq!(save(&bench, &client("10.0.0.5"), "t", &text).revision, revision);
        let rows = dendro(root.path());
        assert_eq!((rows.len(), rows.contains(&"10.9.9.9 7 x 10.9.9.9".to_owned())), (301, true));
        assert!(!root.path().join(path).exists());
    }
    let scope = Scope::RegisteredDomain;
    let found = bench.investigate(&query("n001.tunnel.example.org"), &scope).expect("finding");
    bench.save(&found, "domain", "all").expect("saved");
    assert_eq!(dendro(root.path()).len(), 601);
    bench.save(&found, "domain", "all").expect("saved");
    assert_eq!(dendro(root.path()).len(), 601);
}

/// The row that `replaced` names, and lines of others, as they were.
#[test]
fn a_list_that_somebody_edited_is_kept_or_refused_but_never_lost() {
    let root = folder(PLAIN);
    let bench = bench(root.path());
    let path = root.path().join("dns/oa/storyboard/2016/7/8/threats.csv");
    fs::create_dir_all(path.parent().expect("folder")).expect("folder");
    let edited = "\u{feff}anchor,type,title,text,rows\r\nEVIL.com.,query,\"old, one\",x,9\r\n\
                  evil.com,client,\"a \"\"b\"\"\",\"c\nd\",3\r\n";
    fs::write(&path, edited).expect("list");
    save(&bench, &query("evil.com"), "New", "n");
    let list = fs::read_to_string(&path).expect("list");
    let expected = "anchor,type,title,text,rows\nevil.com,query,New,n,1\n\
                    evil.com,client,\"a \"\"b\"\"\",\"c\nd\",3\n";
    assert_eq!(list, expected);
    for broken in
        ["a,b\n", "anchor,type,title,text,rows\nx,query\n", "anchor;type;title;text;rows\n"]
    {
        fs::write(&path, broken).expect("list");
        let before = tree(root.path());
        let found = bench.investigate(&query("evil.com"), &Scope::Exact).expect("finding");
        let error = bench.save(&found, "a", "b").expect_err("an error");
        assert!(error.to_string().contains("threats.csv"), "{error}");
        assert_eq!(tree(root.path()), before);
    }
}

#[test]
fn hostile_names_are_saved_as_they_are_and_make_no_paths() {
    let long = format!("{}.evil.com", "ä<".repeat(120));
    let names = [
        "<img src=x onerror=alert(1)>.evil.com",
        "../../../etc/passwd",
        "a,b\"c\nd.evil.com",
        "\u{202e}moc.evil",
        "C:\\x\\x00'; drop table dns_storyboard; --",
        "...",
        &long,
    ];
    let mut rows = DAY.to_vec();
    let root = folder(PLAIN);
    for name in names {
        rows.push((NINE, "10.0.0.7", Box::leak(name.to_owned().into_boxed_str()), 16, 0, ""));
    }
    put(root.path(), PART, answers(&rows));
    let bench = bench(root.path());
    for name in names {
        save(&bench, &query(name), name, name);
    }
    let found = stories(&bench);
    assert_eq!(found.len(), names.len());
    for name in names {
        let mine = found.iter().find(|(anchor, ..)| *anchor == query(name)).expect("story");
        assert_eq!((mine.1.as_str(), mine.2.as_str()), (name, name));
    }
    let stories = root.path().join("dns/oa/storyboard/2016/7/8");
    let made: Vec<PathBuf> = tree(root.path()).into_iter().map(|(path, _)| path).collect();
    let manifests = made.iter().filter(|path| path.extension().is_some_and(|e| e == "json"));
    assert_eq!(manifests.clone().count(), names.len());
    for path in manifests {
        assert!(root.path().join(path).starts_with(&stories), "{}", path.display());
    }
    let list =
        csv::Reader::from_path(stories.join("threats.csv")).expect("list").into_records().count();
    assert_eq!(list, names.len());
}

#[test]
fn no_two_anchors_share_a_file_name() {
    let long = |end: &str| query(&format!("{}{end}", "a".repeat(300)));
    let anchors = [
        client("10.0.0.5"),
        query("10.0.0.5"),
        query("10_0_0_5"),
        query("a..b"),
        query("a.%2E.b"),
        query("a%2e%2eb"),
        query(".."),
        query("."),
        long("x"),
        long("y"),
        client("2001:db8::5"),
    ];
    let stems: std::collections::BTreeSet<_> = anchors.iter().map(dns_file_stem).collect();
    assert_eq!(stems.len(), anchors.len());
    assert!(stems.iter().all(|stem| stem.len() < 200 && !stem.contains(['/', '\\'])));
    assert_eq!(dns_file_stem(&query("www.evil.com")), "query-www.evil.com");
}

#[test]
fn odd_columns_are_read_or_named() {
    let root = folder(PLAIN);
    let times = df!(
        "unix_tstamp" => [Some(NINE), None, Some(i64::MAX), None],
        "frame_time" => [None, Some("Jul  8 2016 10:00:00.500000000 UTC"), Some("yesterday"), Some("Jul  8 2016 10:00:00.5 EDT")],
    );
    let mut frame = times.expect("frame");
    for column in answers(&[DAY[0]; 4]).columns() {
        if frame.column(column.name()).is_err() {
            frame.with_column(column.clone()).expect("column");
        }
    }
    put(root.path(), PART, frame.clone());
    let found =
        bench(root.path()).investigate(&client("10.0.0.5"), &Scope::Exact).expect("finding");
    assert_eq!(found.rows[0].total, 4);
    let seen = found.facts.seen.map(|(first, last)| (last - first).num_milliseconds());
    assert_eq!(seen, Some(3_600_500));
    assert_eq!(
        found.notes[..2],
        [
            "1 rows have no usable unix_tstamp; their frame_time was taken",
            "2 rows have neither a usable unix_tstamp nor a frame_time"
        ]
    );

    // Bytes that are no text, as engines without annotations write them.
    let bytes: Vec<&[u8]> =
        vec![b"WWW.evil.com", b"a\xff\xfeb.evil.com", b"<\x00>.evil.com", b"\xc3\xa4.evil.com"];
    frame.with_column(Series::new("dns_qry_name".into(), bytes).into()).expect("column");
    put(root.path(), PART, frame.clone());
    let names = lines(&bench(root.path()), &query("evil.com"), &Scope::RegisteredDomain);
    let names: Vec<_> =
        names.iter().map(|line| line.split(' ').nth(2).unwrap_or_default()).collect();
    assert_eq!(names, ["<\0>.evil.com", "a\\xff\\xfeb.evil.com", "www.evil.com", "ä.evil.com"]);

    for column in [
        "unix_tstamp",
        "ip_dst",
        "ip_src",
        "dns_qry_name",
        "dns_qry_class",
        "dns_qry_type",
        "dns_qry_rcode",
        "dns_a",
    ] {
        put(root.path(), PART, answers(&DAY).drop(column).expect("dropped"));
        let error = bench(root.path()).investigate(&client("10.0.0.5"), &Scope::Exact);
        let error = error.expect_err("an error").to_string();
        assert!(error.contains(column) && error.contains("missing"), "{error}");
    }
    // Only a fallback for unix_tstamp.
    put(root.path(), PART, answers(&DAY).drop("frame_time").expect("dropped"));
    assert_eq!(lines(&bench(root.path()), &client("10.0.0.5"), &Scope::Exact).len(), 2);
}

#[test]
fn each_pipeline_says_when_only_the_other_is_there() {
    let dns = folder(PLAIN);
    let error = Workbench::open(settings(dns.path())).err().expect("an error");
    assert_eq!(error.kind, Kind::Usage);
    assert!(error.to_string().contains("no flow table"), "{error}");
    let flow = common::plain();
    let error = DnsWorkbench::open(settings(flow.path())).err().expect("an error");
    assert!(error.to_string().contains("no dns table") && error.fix.contains("dns/y="), "{error}");
}

#[test]
fn both_pipelines_tell_of_each_other() {
    let root = folder(PLAIN);
    let mut after = common::V1;
    after[0].0 = "2016-07-08 09:00:30";
    put(root.path(), "flow/y=2016/m=7/d=8/h=9/part-0.parquet", flows(&after));
    let dns = bench(root.path());
    assert!(dns.has_flows());
    let rows = dns.rows(&query("evil.com"), &Scope::RegisteredDomain).expect("rows");
    let (followed, of) = dns.followed_by(&rows).expect("flows");
    let lines: Vec<_> = followed
        .iter()
        .map(|line| format!("{} {} {} {}", line.client, line.address, line.flows, line.bytes_out))
        .collect();
    assert_eq!((lines, of), (vec!["10.0.0.5 203.0.113.9 3 6500".to_owned()], 4));

    let flow = Workbench::open(settings(root.path())).expect("workbench");
    let found = flow.investigate(&Address::new("10.0.0.5")).expect("finding");
    let peers: Vec<_> = found.peers.iter().map(|peer| peer.address.clone()).collect();
    let names = flow.resolved_to(&peers).expect("names");
    let lines: Vec<_> = names
        .iter()
        .map(|line| format!("{} {} {}", line.address, line.name, line.client_count))
        .collect();
    assert_eq!(lines, ["203.0.113.9 evil.com 1", "203.0.113.9 www.evil.com 1"]);
}
