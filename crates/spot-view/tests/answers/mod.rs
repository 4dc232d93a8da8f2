//! DNS findings as data, summed up by plain loops from made-up answers.
#![allow(dead_code, missing_docs)]

use chrono::{Duration, NaiveDate, NaiveDateTime, NaiveTime};
use spot_analysis::dns::*;
use spot_analysis::model::{Address, Flag, Provenance, SourceFile};

pub fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 12).unwrap_or_default()
}

fn at(minute: i64) -> NaiveDateTime {
    day().and_time(NaiveTime::MIN) + Duration::minutes(minute)
}

/// Client, name, query type, response code, addresses, then first minute, step in minutes, answers.
#[derive(Clone)]
pub struct Asked(pub String, pub String, pub i32, pub i32, pub Vec<String>, pub [i64; 3]);

pub fn asked(
    client: &str,
    name: &str,
    kind: i32,
    rcode: i32,
    addresses: &[&str],
    times: [i64; 3],
) -> Asked {
    let addresses = addresses.iter().map(|a| a.to_string()).collect();
    Asked(client.into(), name.into(), kind, rcode, addresses, times)
}

fn minutes([first, step, answers]: [i64; 3]) -> impl Iterator<Item = i64> {
    (0..answers).map(move |n| (first + step * n).min(1439))
}

fn count(counts: &mut Counts, code: i32, n: u64) {
    match counts.iter_mut().find(|(known, _)| *known == Some(code)) {
        Some((_, sum)) => *sum += n,
        None => counts.push((Some(code), n)),
    }
    counts.sort_by_key(|(code, n)| (std::cmp::Reverse(*n), *code));
}

fn bin(bins: &mut Vec<Bin>, index: u32, nxdomain: u64) {
    match bins.iter_mut().find(|bin| bin.index == index) {
        Some(bin) => {
            bin.answers += 1;
            bin.nxdomain += nxdomain;
        }
        None => bins.push(Bin { index, answers: 1, nxdomain }),
    }
    bins.sort_by_key(|bin| bin.index);
}

/// A finding whose rows, lanes and facts are sums over `all`.
pub fn found(anchor: Anchor, scope: Scope, all: &[Asked], top: usize) -> Investigation {
    const BIN: u32 = 5;
    let mut rows: Vec<Row> = Vec::new();
    let mut facts = Facts { scanned: 60_000, ..Facts::default() };
    let mut timeline = Timeline { bin_minutes: BIN, ..Timeline::default() };
    let mut servers: Vec<Address> = Vec::new();
    for Asked(client, name, kind, rcode, addresses, times) in all {
        let (client, name) = (Address::new(client), Name::new(name));
        let n = times[2] as u64;
        let gone = if *rcode == 3 { n } else { 0 };
        let server = Address::new(if times[0] % 7 == 0 { "10.20.0.11" } else { "10.20.0.10" });
        let row = match rows.iter().position(|row| row.client == client && row.name == name) {
            Some(known) => &mut rows[known],
            None => {
                rows.push(Row {
                    client: client.clone(),
                    registered_domain: name.registered_domain(),
                    total: 0,
                    first_seen: None,
                    last_seen: None,
                    types: vec![],
                    classes: vec![],
                    rcodes: vec![],
                    nxdomain: 0,
                    answers: vec![],
                    answer_count: 0,
                    servers: vec![],
                    server_count: 0,
                    length: name.length() as u64,
                    entropy: name.entropy(),
                    flags: vec![],
                    name: name.clone(),
                });
                rows.last_mut().expect("just pushed")
            }
        };
        row.total += n;
        row.nxdomain += gone;
        for minute in minutes(*times) {
            row.first_seen = Some(row.first_seen.map_or(at(minute), |t| t.min(at(minute))));
            row.last_seen = Some(row.last_seen.map_or(at(minute), |t| t.max(at(minute))));
        }
        count(&mut row.types, *kind, n);
        count(&mut row.rcodes, *rcode, n);
        count(&mut row.classes, 1, n);
        for address in addresses.iter().map(Address::new) {
            if !row.answers.contains(&address) {
                row.answers.push(address);
            }
        }
        row.answer_count = row.answers.len() as u64;
        row.answers.truncate(Row::KEPT);
        for list in [&mut row.servers, &mut servers] {
            if !list.contains(&server) {
                list.push(server.clone());
            }
        }
        row.server_count = row.servers.len() as u64;
        count(&mut facts.types, *kind, n);
        count(&mut facts.rcodes, *rcode, n);
        count(&mut facts.classes, 1, n);
        facts.answers += n;
        facts.nxdomain += gone;

        let of = match (&anchor, name.registered_domain()) {
            (Anchor::Query(_), _) => LaneOf::Client(client),
            (_, Some(domain)) => LaneOf::Domain(domain),
            (_, None) => LaneOf::Name(name),
        };
        let lane = match timeline.lanes.iter().position(|lane| lane.of == of) {
            Some(known) => &mut timeline.lanes[known],
            None => {
                let (bins, flagged) = (vec![], false);
                timeline.lanes.push(Lane { of, answers: 0, nxdomain: 0, names: 0, bins, flagged });
                timeline.lanes.last_mut().expect("just pushed")
            }
        };
        lane.answers += n;
        lane.nxdomain += gone;
        lane.names += 1;
        for minute in minutes(*times) {
            for bins in [&mut lane.bins, &mut timeline.bins] {
                bin(bins, minute as u32 / BIN, u64::from(*rcode == 3));
            }
        }
    }
    rows.sort_by(|a, b| b.total.cmp(&a.total).then_with(|| a.name.cmp(&b.name)));
    let distinct = |texts: Vec<String>| {
        let mut texts: Vec<String> = texts.into_iter().filter(|text| !text.is_empty()).collect();
        texts.sort();
        texts.dedup();
        texts.len() as u64
    };
    let domain = |row: &Row| row.registered_domain.as_ref().map_or("", Name::as_str).to_owned();
    facts.clients = distinct(rows.iter().map(|row| row.client.to_string()).collect());
    facts.names = distinct(rows.iter().map(|row| row.name.to_string()).collect());
    facts.domains = distinct(rows.iter().map(domain).collect());
    facts.servers = servers.len() as u64;
    facts.seen = rows
        .iter()
        .filter_map(|row| row.first_seen)
        .min()
        .zip(rows.iter().filter_map(|row| row.last_seen).max());
    timeline.lanes.sort_by(|a, b| b.answers.cmp(&a.answers).then_with(|| a.of.cmp(&b.of)));
    timeline.of = timeline.lanes.len() as u64;
    timeline.lanes.truncate(top);
    Investigation {
        provenance: Provenance {
            table: "dns".into(),
            filter: format!("{} = {anchor}", anchor.kind()),
            rows: facts.answers,
            scanned: facts.scanned,
            files: (0..24)
                .map(|hour| SourceFile {
                    path: format!("dns/y=2026/m=3/d=12/h={hour}/part-0.parquet"),
                    size: 61_345 + hour * 1_013,
                    modified: 1_773_360_000 + hour as i64,
                })
                .collect(),
            fingerprint: "51aa4e07d2a95b3c8e6f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e90".into(),
            partial: None,
        },
        anchor,
        scope,
        day: day(),
        high_rows: 3,
        flags: vec![],
        facts,
        rows,
        timeline,
        notes: vec![],
        history: None,
    }
}

/// What a list of indicators says.
pub fn flag(of: &str, indicator: &str, source: &str, note: &str) -> Flag {
    let [of, indicator, source, note] = [of, indicator, source, note].map(str::to_owned);
    Flag { of, indicator, source, note }
}

/// Letters that look random and are the same in every run.
pub fn letters(seed: u64, length: usize, of: &[u8]) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..length)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            char::from(of[(state >> 33) as usize % of.len()])
        })
        .collect()
}

const BASE32: &[u8] = b"abcdefghijklmnopqrstuvwxyz234567";
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";

fn ordinary(client: &str) -> Vec<Asked> {
    let mut all = Vec::new();
    for (n, name) in ["mail", "files1", "proxy", "dc1", "terminal"].iter().enumerate() {
        let (name, ip) = (format!("{name}.corp.test"), format!("10.20.0.{}", 30 + n));
        let n = n as i64;
        all.push(asked(client, &name, 1, 0, &[&ip], [420 + 7 * n, 9 + n, 60 - 9 * n]));
        all.push(asked(client, &name, 28, 0, &[], [421 + 7 * n, 40, 9]));
    }
    for n in 0..14i64 {
        let name = format!("www.{}-harbor.example", letters(n as u64, 5, LETTERS));
        let (ip, other) = (format!("192.0.2.{}", n + 1), format!("198.51.100.{}", n + 1));
        let ips: &[&str] = if n % 3 == 0 { &[&ip, &other] } else { &[&ip] };
        all.push(asked(client, &name, 1, 0, ips, [480 + 31 * n, 13, 20 - n]));
    }
    all.push(asked(client, "wpad.corp.test", 1, 3, &[], [430, 60, 9]));
    all.push(asked(client, "57.10.20.10.in-addr.arpa", 12, 0, &[], [500, 90, 4]));
    all.push(asked(client, "cdn.quiet-field.example", 1, 2, &[], [700, 5, 2]));
    all
}

fn client(address: &str) -> Anchor {
    Anchor::Client(Address::new(address))
}

fn query(name: &str) -> Anchor {
    Anchor::Query(Name::new(name))
}

/// A client through whose questions somebody carries data out: 600 names of one domain.
pub fn tunnel() -> Investigation {
    let host = "10.20.20.31";
    let mut all = ordinary(host);
    for n in 0..600u64 {
        let length = [48, 130, 170][n as usize % 3];
        let data = letters(n, length, BASE32);
        let labels: Vec<&str> =
            (0..length).step_by(56).map(|i| &data[i..(i + 56).min(length)]).collect();
        let name = format!("{}.t.cdn-sync.example.net", labels.join("."));
        let kind = [16, 10, 16, 5][n as usize % 4];
        all.push(asked(
            host,
            &name,
            kind,
            0,
            &[],
            [650 + n as i64 / 6, 1, 1 + i64::from(n % 40 == 0)],
        ));
    }
    found(client(host), Scope::Exact, &all, 20)
}

/// A client that asks for names that a program made up; one of them exists.
pub fn generated() -> Investigation {
    let host = "10.20.11.64";
    let mut all = ordinary(host);
    for n in 0..300u64 {
        let name = format!(
            "{}.{}",
            letters(n + 7, 12 + n as usize % 5, LETTERS),
            ["test", "invalid", "example"][n as usize % 3]
        );
        let last = n == 299;
        let ips: &[&str] = if last { &["198.51.100.88"] } else { &[] };
        let rcode = if last { 0 } else { 3 };
        all.push(asked(host, &name, 1, rcode, ips, [652 + n as i64 / 12, 1, 1]));
    }
    found(client(host), Scope::Exact, &all, 20)
}

/// A name that one client asks for every five minutes, and others now and then.
pub fn beacon() -> Investigation {
    let name = "status.fleet-agent.example.org";
    let all = [
        asked(
            "10.20.10.57",
            "Status.Fleet-Agent.example.org.",
            1,
            0,
            &["203.0.113.77"],
            [2, 5, 288],
        ),
        asked("10.20.10.90", name, 1, 0, &["203.0.113.77", "203.0.113.78"], [615, 30, 3]),
        asked("2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff", name, 28, 0, &[], [700, 1, 1]),
    ];
    found(query(name), Scope::Exact, &all, 20)
}

/// All names of a registered domain.
pub fn wide() -> Investigation {
    let mut all = Vec::new();
    for n in 0..40i64 {
        let name = format!("h{n}.content.example");
        let host = format!("10.20.10.{}", 11 + n % 9);
        all.push(asked(&host, &name, 1, 0, &["192.0.2.9"], [480 + 11 * n, 25, 1 + n % 5]));
        all.push(asked("10.20.1.8", &name, 1, 0, &["192.0.2.9"], [500, 30, 2]));
    }
    found(query("www.content.example"), Scope::RegisteredDomain, &all, 20)
}

/// The tunnel's names, searched by their domain: one client, one domain.
pub fn below_a_domain() -> Investigation {
    let mut all = Vec::new();
    for n in 0..60u64 {
        let name = format!("{}.example.net", letters(n, 60, BASE32));
        all.push(asked("10.20.20.31", &name, 16, 0, &[], [650 + n as i64, 1, 1]));
    }
    found(query("example.net"), Scope::RegisteredDomain, &all, 20)
}

pub fn one_row() -> Investigation {
    let all = [asked("2001:db8::5", "www.example.com", 28, 0, &["2001:db8::9"], [61, 1, 1])];
    found(client("2001:db8::5"), Scope::Exact, &all, 20)
}

pub fn empty() -> Investigation {
    let mut found = found(query("no.such.example"), Scope::Substring("evil".into()), &[], 20);
    found.high_rows = 0;
    found
}

/// What an attacker may ask for, besides what may stand in any field.
pub fn hostile_names() -> Vec<String> {
    let mut names: Vec<String> = [
        "<img src=x onerror=alert(1)>.example",
        "\"><script>alert(1)</script>.example",
        "02ad682\u{fffd}2hb\u{fffd}\u{fffd}bbg\u{57e}\u{fffd}We.example.attack",
        "caf\\xc3\\xa9\\x00\\\".example",
        "invoice\u{202e}gpj.exe.example",
        "\u{200b}\u{feff}zero.example",
        "xn--ble-harbor-beb.example",
        "bell\u{7}\u{1b}[31m\nline\r\n.example",
        "a'); DROP TABLE dns; --.example",
        "EVCXR_END_CONTENT.example",
        "\u{5d0}\u{5d1}\u{5d2}.example",
        "=cmd|' /C calc'!A0.example",
        "",
        ".",
        "...",
    ]
    .map(str::to_owned)
    .to_vec();
    names.push(format!("{}.example", "<b>&\u{202e}".repeat(49)));
    names.push("\u{1}".repeat(250));
    names
}

/// A day in which every text is hostile; `n` chooses which name is searched.
pub fn hostile(n: usize) -> Investigation {
    let names = hostile_names();
    let bad = |i: usize| names[i % names.len()].as_str();
    let all: Vec<Asked> = (0..40usize)
        .map(|i| {
            let host = if i % 3 == 0 { bad(i + n) } else { "10.0.0.5" };
            let ips = [bad(i + 1), bad(i + 2), "192.0.2.1", bad(i + 3)];
            let rcode = [0, 3, 2, -1, 77][i % 5];
            asked(
                host,
                bad(i + n),
                [1, 16, 0, 65_280, i32::MAX][i % 5],
                rcode,
                &ips,
                [i as i64 * 30, 3, 2],
            )
        })
        .collect();
    let anchor = match n % 2 {
        0 => Anchor::Query(Name::new(bad(n))),
        _ => client(bad(n)),
    };
    let scope = match n % 4 {
        0 => Scope::Substring(bad(n + 1).to_owned()),
        2 => Scope::RegisteredDomain,
        _ => Scope::Exact,
    };
    let mut found = found(anchor, scope, &all, 20);
    found.provenance.table = bad(n).to_owned();
    found.provenance.filter = bad(n + 1).to_owned();
    found.provenance.fingerprint = bad(n + 2).to_owned();
    for file in &mut found.provenance.files {
        file.path = bad(n + 3).to_owned();
        file.modified = i64::MAX;
    }
    found.timeline.bin_minutes = 0;
    for lane in &mut found.timeline.lanes {
        lane.bins.push(Bin { index: u32::MAX, answers: u64::MAX, nxdomain: u64::MAX });
        lane.flagged = true;
    }
    for row in &mut found.rows {
        row.entropy = [f64::NAN, f64::INFINITY, -1.0, 9.0][row.total as usize % 4];
        row.types.push((None, 5));
        row.classes.push((Some(3), 1));
        (row.first_seen, row.last_seen) = (None, None);
        // About the client, the name and an answer; whatever the list says of them.
        let all = [row.client.as_str(), row.name.as_str(), "192.0.2.1"].map(str::to_owned);
        row.flags = all.into_iter().map(|of| flag(&of, bad(1), bad(2), bad(3))).collect();
    }
    found.notes = (0..20).map(|i| bad(i).to_owned()).collect();
    found
}

pub fn harmless() -> Vec<Investigation> {
    vec![tunnel(), generated(), beacon(), wide(), below_a_domain(), one_row(), empty()]
}

pub fn hostile_days() -> Vec<Investigation> {
    (0..hostile_names().len()).map(hostile).collect()
}
