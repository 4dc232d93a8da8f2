//! The flows of the day, and the folder that they lie in.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::process::Output;

use common::{Result, addresses, columns, day, files, numbers, read, run, scratch, texts};
use example_day::hosts::is_inside;
use example_day::incidents::{
    BEACON, BURSTS, CONTROL, DROP, GUESSER, HIGH_LIST, INFECTED, LATERAL, SCANNER, SWEEP, TERMINAL6,
};
use example_day::services::is_documentation;
use polars::prelude::*;

/// The columns of the schema file, written down a second time on purpose.
const FLOW: &str = "treceived:str unix_tstamp:i64 tryear:i32 trmonth:i32 trday:i32 trhour:i32 \
    trminute:i32 trsec:i32 tdur:f32 sip:str dip:str sport:i32 dport:i32 proto:str flag:str fwd:i32 \
    stos:i32 ipkt:i64 ibyt:i64 opkt:i64 obyt:i64 input:i32 output:i32 sas:i32 das:i32 dtos:i32 \
    dir:i32 rip:str";
const THREATS: &str = "tstart:str srcip:str dstip:str srcport:i32 dstport:i32 score:i32";

/// The 24 tables of flows, by hour.
fn hours(root: &Path) -> Result<Vec<DataFrame>> {
    let day = root.join("flow/y=2026/m=3/d=12");
    (0..24).map(|hour| read(&day.join(format!("h={hour}/part-0.parquet")))).collect()
}

fn threats(root: &Path) -> Result<DataFrame> {
    read(&root.join("flow_threat_investigation/y=2026/m=3/d=12/part-0.parquet"))
}

#[test]
fn the_seed_decides_every_byte() -> Result<()> {
    let args = |seed| ["--rows", "5000", "--seed", seed];
    let one = files(&day("seed-a", &args("11"))?)?;
    let again = files(&day("seed-b", &args("11"))?)?;
    let other = files(&day("seed-c", &args("12"))?)?;
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    assert_eq!(one.len(), 51, "24 hours and the scores of two pipelines, the record");
    for (path, bytes) in &one {
        assert!(again.get(path) == Some(bytes), "{} differs between equal seeds", path.display());
        assert!(other.get(path) != Some(bytes), "{} is the same for two seeds", path.display());
    }
    Ok(())
}

#[test]
fn columns_are_spots_and_rows_are_as_many_as_asked() -> Result<()> {
    for rows in [1_000, 1_001, 4_999] {
        let root = day(&format!("rows-{rows}"), &["--rows", &rows.to_string()])?;
        let hours = hours(&root)?;
        for frame in &hours {
            assert_eq!(columns(frame), FLOW);
            assert!(frame.columns().iter().all(|column| column.null_count() == 0));
        }
        assert_eq!(hours.iter().map(DataFrame::height).sum::<usize>(), rows);
        assert_eq!(columns(&threats(&root)?), THREATS);
    }
    Ok(())
}

#[test]
fn times_agree_with_each_other_and_with_the_folder() -> Result<()> {
    let root = day("times", &["--rows", "3000"])?;
    let midnight = 1_773_273_600;
    for (hour, frame) in hours(&root)?.iter().enumerate() {
        let received = texts(frame, "treceived")?;
        let unix = numbers(frame, "unix_tstamp")?;
        let parts = ["tryear", "trmonth", "trday", "trhour", "trminute", "trsec"];
        let parts = parts.iter().map(|part| numbers(frame, part)).collect::<Result<Vec<_>>>()?;
        for row in 0..frame.height() {
            let [year, month, day, h, m, s] = std::array::from_fn(|part| parts[part][row]);
            assert_eq!(h, hour as i64);
            assert_eq!(
                received[row],
                format!("{year:04}-{month:02}-{day:02} {h:02}:{m:02}:{s:02}")
            );
            assert_eq!((year, month, day), (2026, 3, 12));
            assert_eq!(unix[row], midnight + h * 3_600 + m * 60 + s);
        }
    }
    Ok(())
}

#[test]
fn every_address_is_the_sites_or_reserved_for_documentation() -> Result<()> {
    let root = day("addresses", &["--rows", "5000"])?;
    let mut outside6 = 0;
    for frame in hours(&root)? {
        let senders = addresses(&frame, "sip")?;
        for (src, dst) in senders.iter().zip(addresses(&frame, "dip")?) {
            for ip in [*src, dst] {
                assert!(is_inside(ip) != is_documentation(ip), "{ip} is somebody's");
                outside6 += usize::from(ip.is_ipv6() && is_documentation(ip));
            }
            assert!(is_inside(*src) || is_inside(dst), "{src} to {dst} never passes the site");
        }
    }
    assert!(outside6 > 0, "no IPv6 outside");
    Ok(())
}

#[test]
fn each_incident_is_scored_and_its_scored_rows_exist() -> Result<()> {
    let root = day("scores", &["--rows", "5000"])?;
    let mut rows = BTreeSet::new();
    for frame in hours(&root)? {
        let (time, src, dst) =
            (texts(&frame, "treceived")?, texts(&frame, "sip")?, texts(&frame, "dip")?);
        let (sport, dport) = (numbers(&frame, "sport")?, numbers(&frame, "dport")?);
        for i in 0..frame.height() {
            rows.insert((time[i].clone(), src[i].clone(), dst[i].clone(), sport[i], dport[i]));
        }
    }
    let scored = threats(&root)?;
    let (time, src, dst) =
        (texts(&scored, "tstart")?, texts(&scored, "srcip")?, texts(&scored, "dstip")?);
    let (sport, dport) = (numbers(&scored, "srcport")?, numbers(&scored, "dstport")?);
    let score = numbers(&scored, "score")?;
    let (mut high, mut pairs) = (BTreeSet::new(), BTreeSet::new());
    for i in 0..scored.height() {
        let row = (time[i].clone(), src[i].clone(), dst[i].clone(), sport[i], dport[i]);
        assert!(rows.contains(&row), "no flow for the scored {row:?}");
        if score[i] == 1 {
            high.extend([src[i].parse::<IpAddr>()?, dst[i].parse()?]);
            pairs.insert((src[i].parse::<IpAddr>()?, dst[i].parse::<IpAddr>()?, dport[i]));
        }
    }
    assert_eq!(high, BTreeSet::from(HIGH_LIST));
    assert!(pairs.contains(&(BEACON.from, BEACON.to, 443)));
    let swept = |from, first: &[IpAddr]| {
        first.iter().all(|to| pairs.iter().any(|p| (p.0, p.1) == (from, *to)))
    };
    assert!(swept(SWEEP.from, SWEEP.first) && swept(LATERAL.from, LATERAL.first));
    for burst in BURSTS.iter().filter(|burst| burst.scored > 0) {
        assert!(pairs.contains(&(burst.from, burst.to, burst.port.into())), "{burst:?}");
    }
    assert_eq!(score.iter().copied().collect::<BTreeSet<_>>(), BTreeSet::from([1, 2, 3]));
    Ok(())
}

#[test]
fn the_incidents_look_as_told() -> Result<()> {
    let root = day("story", &["--rows", "40000"])?;
    let mut calls = Vec::new();
    let (mut swept, mut guesses, mut uploaded, mut huge) = (BTreeSet::new(), 0, 0, Vec::new());
    for frame in hours(&root)? {
        let (src, dst) = (addresses(&frame, "sip")?, addresses(&frame, "dip")?);
        let (time, bytes) = (numbers(&frame, "unix_tstamp")?, numbers(&frame, "ibyt")?);
        let dport = numbers(&frame, "dport")?;
        for i in 0..frame.height() {
            match (src[i], dst[i]) {
                (INFECTED, CONTROL) => calls.push(time[i]),
                (SCANNER, _) => {
                    swept.insert((dst[i], dport[i]));
                }
                (GUESSER, _) => guesses += 1,
                (TERMINAL6, DROP) => uploaded += bytes[i],
                _ => {}
            }
            if bytes[i] > 3_000_000_000 {
                huge.push((src[i], dst[i]));
            }
        }
    }
    calls.sort();
    let gaps: Vec<i64> = calls.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!((280..=290).contains(&calls.len()), "{} calls", calls.len());
    assert!(gaps.iter().all(|gap| (285..=315).contains(gap)), "{gaps:?}");
    assert!(swept.len() > 1_000, "{} probes", swept.len());
    assert_eq!(guesses, 420);
    assert!(uploaded > 7_000_000_000, "{uploaded} bytes uploaded");
    assert_eq!(huge, [(TERMINAL6, DROP)], "one flow that 32 bits cannot say");
    Ok(())
}

#[test]
fn a_folder_is_never_half_nor_lost() -> Result<()> {
    let folder = scratch("publish")?;
    let out = folder.join("day");
    let says = |output: &Output| {
        format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )
    };

    assert_eq!(run(&out, &["--rows", "999"])?.status.code(), Some(2), "too few rows");
    assert!(!out.exists());
    // What an interrupted run leaves is cleared by the next.
    fs::create_dir_all(folder.join(".day.partial/flow"))?;
    fs::write(folder.join(".day.partial/flow/half"), "half")?;
    assert!(run(&out, &["--rows", "1000"])?.status.success());
    assert_eq!(fs::read_dir(&folder)?.count(), 1, "nothing is left beside the day");
    let first = files(&out)?;
    assert!(
        first
            .keys()
            .all(|path| path.ends_with("example-day.json") || path.ends_with("part-0.parquet"))
    );

    let same = run(&out, &["--rows", "1000"])?;
    assert!(same.status.success() && says(&same).contains("already there"), "{}", says(&same));
    let other = run(&out, &["--rows", "1200"])?;
    assert!(other.status.code() == Some(2) && says(&other).contains("--force"), "{}", says(&other));
    assert!(files(&out)? == first, "a refused run changes nothing");
    assert!(run(&out, &["--rows", "1200", "--force"])?.status.success());
    assert_eq!(hours(&out)?.iter().map(DataFrame::height).sum::<usize>(), 1_200);
    assert_eq!(fs::read_dir(&folder)?.count(), 1, "nothing is left beside the day");

    let foreign = folder.join("foreign");
    fs::create_dir_all(&foreign)?;
    fs::write(foreign.join("thesis.txt"), "years of work")?;
    let refused = run(&foreign, &["--rows", "1000", "--force"])?;
    assert_eq!(refused.status.code(), Some(2), "{}", says(&refused));
    assert_eq!(fs::read_to_string(foreign.join("thesis.txt"))?, "years of work");
    Ok(())
}

/// An address or an integer of a context file, as a number; IPv4 below 2^32.
fn number(text: &str) -> Result<u128> {
    Ok(match text.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => u32::from(ip).into(),
        Ok(IpAddr::V6(ip)) => ip.into(),
        Err(_) => text.parse()?,
    })
}

#[test]
fn the_context_files_know_the_day() -> Result<()> {
    let context = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../context");
    let mut places = Vec::new();
    for line in fs::read_to_string(context.join("iploc.csv"))?.lines() {
        let inner = line.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let fields: Vec<&str> = inner.ok_or("a field without quotes")?.split("\",\"").collect();
        let [first, last, .., owner, _domain] = fields[..] else {
            return Err(format!("short row {line}").into());
        };
        assert_eq!(fields.len(), 10, "{line}");
        places.push((number(first)?, number(last)?, owner.to_owned()));
    }
    assert!(places.iter().all(|(first, last, _)| first <= last));
    assert!(places.windows(2).all(|pair| pair[0].1 < pair[1].0), "sorted, no overlap");
    let mut inside = Vec::new();
    for line in fs::read_to_string(context.join("ipranges.csv"))?.lines() {
        let fields: Vec<&str> = line.split(',').collect();
        inside.push((number(fields[0])?, number(fields[1])?));
    }

    let root = day("context", &["--rows", "3000"])?;
    for frame in hours(&root)? {
        for ip in addresses(&frame, "sip")?.into_iter().chain(addresses(&frame, "dip")?) {
            let n = number(&ip.to_string())?;
            let owner = places.iter().find(|(first, last, _)| (*first..=*last).contains(&n));
            let known = owner.is_some_and(|(_, _, owner)| owner.starts_with("Example "));
            assert_eq!(known, is_documentation(ip), "{ip} belongs to {owner:?}");
            let home = inside.iter().any(|(first, last)| (*first..=*last).contains(&n));
            assert_eq!(home, is_inside(ip), "{ip}");
        }
    }
    Ok(())
}

#[test]
fn days_before_change_nothing_of_the_day_and_have_no_incident() -> Result<()> {
    let rows = ["--rows", "5000"];
    let alone = files(&day("days-1", &rows)?)?;
    let root = day("days-4", &[&rows[..], &["--days", "4"]].concat())?;
    let several = files(&root)?;
    let again = files(&day("days-4-again", &[&rows[..], &["--days", "4"]].concat())?)?;
    assert_eq!(several, again);
    for (path, bytes) in alone.iter().filter(|(path, _)| !path.ends_with("example-day.json")) {
        assert!(several.get(path) == Some(bytes), "{}", path.display());
    }
    assert_eq!(several.len(), alone.len() + 3 * 48);
    let mut seen = BTreeSet::new();
    for date in 9..12 {
        let path =
            |hour: i32| root.join(format!("flow/y=2026/m=3/d={date}/h={hour}/part-0.parquet"));
        let hours = (0..24).map(|hour| read(&path(hour))).collect::<Result<Vec<_>>>()?;
        let heights: Vec<usize> = hours.iter().map(DataFrame::height).collect();
        assert!(heights.iter().sum::<usize>() > 3000, "{heights:?}");
        assert!(seen.insert(heights), "two days are the same");
        for frame in &hours {
            assert_eq!(columns(frame), FLOW);
            for ends in [texts(frame, "sip")?, texts(frame, "dip")?] {
                assert!(
                    !ends
                        .iter()
                        .any(|end| *end == CONTROL.to_string() || *end == SCANNER.to_string())
                );
            }
        }
    }
    for wrong in ["0", "367"] {
        let output = run(&scratch("days-wrong")?.join("day"), &["--days", wrong])?;
        assert_eq!(output.status.code(), Some(2), "{wrong}");
    }
    Ok(())
}
