//! The DNS answers of the day: Spot's columns, and a day that its flows confirm.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::Path;

use common::{Result, addresses, columns, day, numbers, read, run, scratch, texts};
use example_day::dns::incidents::{
    BEACON_NAME, GENERATOR, HIGH_CLIENTS, RENDEZVOUS, TUNNEL, TUNNELLER,
};
use example_day::hosts::is_inside;
use example_day::incidents::{CONTROL, INFECTED};
use example_day::services::is_documentation;
use polars::prelude::*;

/// The columns of the schema file, written down a second time on purpose.
const DNS: &str = "frame_time:str unix_tstamp:i64 frame_len:i32 ip_dst:str ip_src:str \
    dns_qry_name:str dns_qry_class:str dns_qry_type:i32 dns_qry_rcode:i32 dns_a:str";
const THREATS: &str = "unix_tstamp:i64 ip_dst:str dns_qry_name:str ip_sev:i32 dns_sev:i32";

/// 2026-03-12 in seconds since 1970.
const MIDNIGHT: i64 = 1_773_273_600;

/// The 24 tables of one pipeline, by hour.
fn hours(root: &Path, table: &str) -> Result<Vec<DataFrame>> {
    let day = root.join(table).join("y=2026/m=3/d=12");
    (0..24).map(|hour| read(&day.join(format!("h={hour}/part-0.parquet")))).collect()
}

fn threats(root: &Path) -> Result<DataFrame> {
    read(&root.join("dns_threat_investigation/y=2026/m=3/d=12/part-0.parquet"))
}

/// One row of `dns`, its name as it is compared.
struct Row {
    time: i64,
    client: IpAddr,
    server: IpAddr,
    raw: String,
    name: String,
    kind: i64,
    rcode: i64,
    addresses: Vec<IpAddr>,
}

fn rows(root: &Path) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for frame in hours(root, "dns")? {
        let (time, raw) = (numbers(&frame, "unix_tstamp")?, texts(&frame, "dns_qry_name")?);
        let (client, server) = (addresses(&frame, "ip_dst")?, addresses(&frame, "ip_src")?);
        let (kind, rcode) = (numbers(&frame, "dns_qry_type")?, numbers(&frame, "dns_qry_rcode")?);
        let answers = texts(&frame, "dns_a")?;
        for i in 0..frame.height() {
            let addresses = answers[i].split('|').filter(|text| !text.is_empty());
            rows.push(Row {
                time: time[i],
                client: client[i],
                server: server[i],
                raw: raw[i].clone(),
                name: raw[i].trim_end_matches('.').to_ascii_lowercase(),
                kind: kind[i],
                rcode: rcode[i],
                addresses: addresses.map(str::parse).collect::<std::result::Result<_, _>>()?,
            });
        }
    }
    Ok(rows)
}

#[test]
fn columns_are_spots_and_answers_are_as_many_as_asked() -> Result<()> {
    let cases: [(&[&str], usize); 4] = [
        (&["--rows", "1000"], 300),
        (&["--rows", "4999"], 1_499),
        (&["--rows", "1000", "--answers", "2001"], 2_001),
        (&["--rows", "50000"], 15_000),
    ];
    for (n, (args, answers)) in cases.into_iter().enumerate() {
        let root = day(&format!("dns-rows-{n}"), args)?;
        let hours = hours(&root, "dns")?;
        for frame in &hours {
            assert_eq!(columns(frame), DNS);
            assert!(frame.columns().iter().all(|column| column.null_count() == 0));
        }
        assert_eq!(hours.iter().map(DataFrame::height).sum::<usize>(), answers);
        assert_eq!(columns(&threats(&root)?), THREATS);
    }
    let out = scratch("dns-too-few")?.join("day");
    for args in [["--rows", "1000", "--answers", "299"], ["--rows", "40000", "--answers", "2000"]] {
        let refused = run(&out, &args)?;
        assert_eq!(refused.status.code(), Some(2), "{args:?}");
        assert!(!out.exists());
    }
    Ok(())
}

#[test]
fn the_flows_do_not_depend_on_the_answers() -> Result<()> {
    let few = day("dns-few", &["--rows", "3000"])?;
    let many = day("dns-many", &["--rows", "3000", "--answers", "5000"])?;
    for table in ["flow", "flow_threat_investigation"] {
        let (few, many) = (common::files(&few.join(table))?, common::files(&many.join(table))?);
        assert!(few == many, "{table} differs");
    }
    Ok(())
}

#[test]
fn times_agree_with_each_other_and_with_the_folder() -> Result<()> {
    let root = day("dns-times", &["--rows", "5000"])?;
    for (hour, frame) in hours(&root, "dns")?.iter().enumerate() {
        let (times, unix) = (texts(frame, "frame_time")?, numbers(frame, "unix_tstamp")?);
        for (text, second) in times.iter().zip(unix) {
            let s = second - MIDNIGHT;
            let expected =
                format!("Mar 12 2026 {:02}:{:02}:{:02}.", s / 3_600, s / 60 % 60, s % 60);
            assert!(text.starts_with(&expected) && text.ends_with(" UTC"), "{text}, {second}");
            assert_eq!(s / 3_600, hour as i64, "{text}");
        }
    }
    // A day of one digit takes two places, as tshark writes it.
    let args = ["--rows", "1000", "--date", "2026-03-02"];
    let early = day("dns-early", &args)?;
    let frame = read(&early.join("dns/y=2026/m=3/d=2/h=12/part-0.parquet"))?;
    assert!(texts(&frame, "frame_time")?.iter().all(|text| text.starts_with("Mar  2 2026 12:")));
    Ok(())
}

#[test]
fn every_name_and_address_is_the_sites_or_reserved() -> Result<()> {
    let root = day("dns-names", &["--rows", "20000"])?;
    let mut seen = BTreeMap::new();
    for row in rows(&root)? {
        assert!(is_inside(row.client) && is_inside(row.server) && row.client != row.server);
        let ends = ["10", "11"].map(|host| [format!("10.20.0.{host}"), format!("fd00:20::{host}")]);
        assert!(ends.concat().contains(&row.server.to_string()), "{} is no resolver", row.server);
        let top = row.name.rsplit('.').next().unwrap_or_default();
        let reserved = ["test", "invalid", "example", "arpa"].contains(&top)
            || ["example.net", "example.org"].iter().any(|domain| row.name.ends_with(domain));
        assert!(reserved, "{} is somebody's", row.name);
        assert!(row.name.len() <= 253 && row.name.split('.').all(|label| label.len() <= 63));
        for ip in &row.addresses {
            let list_says_yes = ip.to_string() == "127.0.0.2";
            assert!(list_says_yes || is_inside(*ip) || is_documentation(*ip), "{ip}");
        }
        assert!(row.addresses.is_empty() || (row.kind, row.rcode) == (1, 0), "{}", row.raw);
        let spelling = match &row.raw {
            raw if raw.ends_with('.') => "final dot",
            raw if *raw == raw.to_ascii_uppercase() => "capitals",
            raw if *raw != row.name => "mixed",
            _ => "plain",
        };
        for what in
            [spelling.to_owned(), format!("type {}", row.kind), format!("rcode {}", row.rcode)]
        {
            *seen.entry(what).or_insert(0) += 1;
        }
        *seen.entry("several addresses".to_owned()).or_insert(0) +=
            usize::from(row.addresses.len() > 1);
        *seen.entry("IPv6 client".to_owned()).or_insert(0) += usize::from(row.client.is_ipv6());
    }
    for what in [
        "plain",
        "final dot",
        "capitals",
        "mixed",
        "type 1",
        "type 5",
        "type 6",
        "type 10",
        "type 12",
        "type 15",
        "type 16",
        "type 28",
        "type 33",
        "type 65",
        "rcode 0",
        "rcode 2",
        "rcode 3",
        "rcode 5",
        "several addresses",
        "IPv6 client",
    ] {
        assert!(seen.get(what).is_some_and(|&n| n > 0), "no {what} in {seen:?}");
    }
    Ok(())
}

#[test]
fn answers_and_flows_confirm_each_other() -> Result<()> {
    let root = day("dns-cross", &["--rows", "40000"])?;
    let mut talks: BTreeMap<(IpAddr, IpAddr), Vec<i64>> = BTreeMap::new();
    for frame in hours(&root, "flow")? {
        let (src, dst) = (addresses(&frame, "sip")?, addresses(&frame, "dip")?);
        for (i, time) in numbers(&frame, "unix_tstamp")?.into_iter().enumerate() {
            talks.entry((src[i], dst[i])).or_default().push(time);
        }
    }
    let (mut resolved, mut followed) = (0, 0);
    for row in rows(&root)?.iter().filter(|row| !row.addresses.is_empty()) {
        resolved += 1;
        let flows = talks.get(&(row.client, row.addresses[0]));
        followed += usize::from(flows.is_some_and(|ends| ends.iter().any(|end| *end >= row.time)));
    }
    assert!(followed * 2 > resolved, "{followed} of {resolved} answers led to a flow");
    Ok(())
}

#[test]
fn the_incidents_look_as_told() -> Result<()> {
    let root = day("dns-story", &["--rows", "40000"])?;
    let rows = rows(&root)?;

    let tunnel: Vec<&Row> = rows.iter().filter(|row| row.name.ends_with("example.net")).collect();
    let names: BTreeSet<&str> = tunnel.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names.len(), 1_500);
    for row in &tunnel {
        assert_eq!(row.client, TUNNELLER);
        assert!(row.name.ends_with(&format!(".{TUNNEL}")) && (60..=200).contains(&row.name.len()));
        assert!([5, 10, 16].contains(&row.kind), "type {}", row.kind);
    }

    let generated: Vec<&Row> = rows
        .iter()
        .filter(|row| row.client == GENERATOR && row.name.matches('.').count() == 1)
        .filter(|row| !row.name.contains('-') && row.name.len() > 16)
        .collect();
    assert!((295..=305).contains(&generated.len()), "{} generated names", generated.len());
    let missing = generated.iter().filter(|row| row.rcode == 3).count();
    assert!(missing * 10 > generated.len() * 9, "{missing} of {}", generated.len());
    let (ip, port) = RENDEZVOUS;
    let found: Vec<&&Row> = generated.iter().filter(|row| row.rcode == 0).collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].addresses, [IpAddr::V4(ip)]);
    let mut wait = i64::MAX;
    let mut calls = Vec::new();
    for frame in hours(&root, "flow")? {
        let (src, dst) = (addresses(&frame, "sip")?, addresses(&frame, "dip")?);
        let (time, dport) = (numbers(&frame, "unix_tstamp")?, numbers(&frame, "dport")?);
        for i in 0..frame.height() {
            if (src[i], dst[i], dport[i]) == (GENERATOR, IpAddr::V4(ip), port.into()) {
                wait = wait.min(time[i] - found[0].time);
            } else if (src[i], dst[i]) == (INFECTED, CONTROL) {
                calls.push(time[i]);
            }
        }
    }
    assert!((0..120).contains(&wait), "the connection follows after {wait} s");

    let mut asked: Vec<i64> = Vec::new();
    for row in rows.iter().filter(|row| row.name == BEACON_NAME) {
        assert_eq!((row.client, &row.addresses[..]), (INFECTED, &[CONTROL][..]));
        asked.push(row.time);
    }
    asked.sort_unstable();
    calls.sort_unstable();
    assert!(asked.len() + 1 >= calls.len() && asked.len() > 280, "{} questions", asked.len());
    assert!(asked.windows(2).all(|pair| (284..=316).contains(&(pair[1] - pair[0]))));
    for (question, call) in asked.iter().rev().zip(calls.iter().rev()) {
        assert!((0..=2).contains(&(call - question)), "asked at {question}, called at {call}");
    }
    Ok(())
}

#[test]
fn each_incident_is_scored_and_its_scored_rows_exist() -> Result<()> {
    for rows_wanted in ["1000", "40000"] {
        let root = day(&format!("dns-scores-{rows_wanted}"), &["--rows", rows_wanted])?;
        let known: BTreeSet<(i64, IpAddr, String)> =
            rows(&root)?.into_iter().map(|row| (row.time, row.client, row.raw)).collect();
        let scored = threats(&root)?;
        let (time, client) = (numbers(&scored, "unix_tstamp")?, addresses(&scored, "ip_dst")?);
        let name = texts(&scored, "dns_qry_name")?;
        let (ip_sev, dns_sev) = (numbers(&scored, "ip_sev")?, numbers(&scored, "dns_sev")?);
        let (mut clients, mut names) = (BTreeSet::new(), BTreeSet::new());
        for i in 0..scored.height() {
            let row = (time[i], client[i], name[i].clone());
            assert!(known.contains(&row), "no answer for the scored {row:?}");
            clients.extend((ip_sev[i] == 1).then_some(client[i]));
            names.extend((dns_sev[i] == 1).then(|| name[i].clone()));
        }
        assert_eq!(clients, BTreeSet::from(HIGH_CLIENTS));
        assert_eq!(names.iter().filter(|name| name.ends_with(TUNNEL)).count(), 6);
        assert!(names.contains(BEACON_NAME));
        assert_eq!(names.len(), 12, "{names:?}");
        let levels: BTreeSet<i64> = ip_sev.into_iter().chain(dns_sev).collect();
        assert_eq!(levels, BTreeSet::from([0, 1, 2, 3]));
    }
    Ok(())
}
