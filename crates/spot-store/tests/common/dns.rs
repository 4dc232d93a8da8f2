//! Small folders with DNS.

use std::path::Path;

use polars::prelude::*;
use spot_analysis::dns::{Anchor, Name, Scope};
use spot_analysis::model::Address;
use spot_store::{DnsWorkbench, Saved};

use super::{get, put, settings};

/// epoch, client, name, type, rcode, answers.
pub type Answer = (i64, &'static str, &'static str, i32, i32, &'static str);

/// 2016-07-08 09:00:00 UTC.
pub const NINE: i64 = 1_467_968_400;

pub const DAY: [Answer; 7] = [
    (NINE, "10.0.0.5", "WWW.Evil.com.", 1, 0, "203.0.113.9|203.0.113.10"),
    (NINE + 60, "10.0.0.5", "www.evil.com", 28, 3, ""),
    (NINE + 61, "10.0.0.9", "evil.com", 1, 0, "203.0.113.9"),
    (NINE + 62, "10.0.0.9", "notevil.com", 1, 0, ""),
    (NINE + 63, "10.0.0.5", "10.0.0.5", 1, 3, ""),
    (NINE + 64, "10.0.0.9", "10.0.0.5", 1, 3, ""),
    (NINE + 65, "2001:0DB8:0000:0000:0000:0000:0000:0005", "a.evil.com", 28, 0, "2001:db8::9"),
];

pub fn answers(rows: &[Answer]) -> DataFrame {
    let n = rows.len();
    let frame = df!(
        "frame_time" => vec!["Jul  8 2016 09:00:00.337519000 UTC"; n],
        "unix_tstamp" => rows.iter().map(|r| r.0).collect::<Vec<_>>(),
        "frame_len" => vec![100i32; n],
        "ip_dst" => rows.iter().map(|r| r.1).collect::<Vec<_>>(),
        "ip_src" => vec!["10.0.0.1"; n],
        "dns_qry_name" => rows.iter().map(|r| r.2).collect::<Vec<_>>(),
        "dns_qry_class" => vec!["0x00000001"; n],
        "dns_qry_type" => rows.iter().map(|r| r.3).collect::<Vec<_>>(),
        "dns_qry_rcode" => rows.iter().map(|r| r.4).collect::<Vec<_>>(),
        "dns_a" => rows.iter().map(|r| r.5).collect::<Vec<_>>(),
    );
    frame.expect("equally long columns")
}

/// client, name, score of the client, score of the name.
pub fn threats(rows: &[(&str, &str, i32, i32)]) -> DataFrame {
    let frame = df!(
        "unix_tstamp" => vec![NINE; rows.len()],
        "ip_dst" => rows.iter().map(|r| r.0).collect::<Vec<_>>(),
        "dns_qry_name" => rows.iter().map(|r| r.1).collect::<Vec<_>>(),
        "ip_sev" => rows.iter().map(|r| r.2).collect::<Vec<_>>(),
        "dns_sev" => rows.iter().map(|r| r.3).collect::<Vec<_>>(),
    );
    frame.expect("equally long columns")
}

pub const PART: &str = "dns/y=2016/m=7/d=8/h=9/part-0.parquet";

/// Raw, threats, storyboard, dendro of either layout.
pub const PLAIN: [&str; 4] =
    ["dns", "dns_threat_investigation", "dns_storyboard", "dns_threat_dendro"];
pub const SPOTS: [&str; 4] = [
    "dns/hive",
    "dns/hive/oa/threat_investigation",
    "dns/hive/oa/storyboard",
    "dns/hive/oa/threat_dendro",
];

pub fn folder(tables: [&str; 4]) -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("temporary folder");
    let [raw, high, ..] = tables;
    put(root.path(), &format!("{raw}/y=2016/m=7/d=8/h=9/part-0.parquet"), answers(&DAY));
    let high_rows = threats(&[
        ("10.0.0.5", "www.evil.com", 1, 0),
        ("10.0.0.9", "EVIL.com.", 0, 1),
        ("10.0.0.9", "10.0.0.5", 0, 1),
        ("10.0.0.9", "low.org", 3, 3),
    ]);
    put(root.path(), &format!("{high}/y=2016/m=7/d=8/part-0.parquet"), high_rows);
    root
}

pub fn bench(data: &Path) -> DnsWorkbench {
    DnsWorkbench::open(settings(data)).expect("workbench")
}

pub fn client(text: &str) -> Anchor {
    Anchor::Client(Address::new(text))
}

pub fn query(text: &str) -> Anchor {
    Anchor::Query(Name::new(text))
}

pub fn lines(bench: &DnsWorkbench, anchor: &Anchor, scope: &Scope) -> Vec<String> {
    let found = bench.investigate(anchor, scope).expect("finding");
    found.rows.iter().map(|row| format!("{} {} {}", row.total, row.client, row.name)).collect()
}

pub fn save(bench: &DnsWorkbench, anchor: &Anchor, title: &str, text: &str) -> Saved {
    let found = bench.investigate(anchor, &Scope::Exact).expect("finding");
    bench.save(&found, title, text).expect("saved")
}

/// (anchor, title, text) of all stories of the day, in order of anchors.
pub fn stories(bench: &DnsWorkbench) -> Vec<(Anchor, String, String)> {
    let stories = bench.stories().expect("stories").into_iter();
    stories.map(|story| (story.anchor, story.title, story.text)).collect()
}

/// `anchor total name client` of the table, as it is on disk.
pub fn dendro(root: &Path) -> Vec<String> {
    let frame = get(&root.join("dns_threat_dendro/y=2016/m=7/d=8/part-0.parquet"));
    assert_eq!(frame.get_column_names(), ["anchor", "total", "dns_qry_name", "ip_dst"]);
    let text = |name: &str| frame.column(name).and_then(Column::str).expect("text").clone();
    let (anchors, names, clients) = (text("anchor"), text("dns_qry_name"), text("ip_dst"));
    let totals = frame.column("total").and_then(Column::i64).expect("totals");
    let mut lines: Vec<String> = anchors
        .iter()
        .zip(totals.iter())
        .zip(names.iter().zip(clients.iter()))
        .map(|((anchor, total), (name, client))| {
            let texts = [anchor, name, client].map(Option::unwrap_or_default);
            format!("{} {} {} {}", texts[0], total.unwrap_or_default(), texts[1], texts[2])
        })
        .collect();
    lines.sort();
    lines
}
