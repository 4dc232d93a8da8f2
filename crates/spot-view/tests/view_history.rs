//! The day beside the days before: what a reader sees of it, with hostile names and many of them.

mod answers;
mod days;
mod reading;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{Days, NaiveDate};
use reading::{Tag, assert_survives, read, words};
use spot_analysis::dns;
use spot_analysis::history::{
    DayRows, DaySum, Facts, History, NewPeer, NewPeerPorts, NewPort, PeerUsual, Usual,
};
use spot_analysis::model::{Address, Investigation};
use spot_view::result::{ResultOptions, investigation};
use spot_view::{days as rows_per_day, text};

fn usual(today: u64, before: &[u64]) -> Usual {
    Usual::of(today, before.iter().copied())
}

/// A day that ends `rows` (none: a gap), with so many new peers of these names.
fn with(found: Investigation, rows: &[Option<u64>], new: &[&str]) -> Investigation {
    let day = |ago: usize| found.day - Days::new(ago as u64);
    let before: Vec<u64> = rows.iter().copied().flatten().filter(|&rows| rows > 0).collect();
    let mut days: Vec<DaySum> = rows
        .iter()
        .enumerate()
        .map(|(i, day_rows)| DaySum {
            day: day(rows.len() - i),
            scanned: day_rows.map_or(0, |_| 1000),
            rows: day_rows.unwrap_or(0),
            peers: 1,
            new_peers: 0,
            bytes_in: 0,
            bytes_out: 0,
            service_ports: 1,
            fingerprint: String::new(),
        })
        .collect();
    let today = found.facts.connections;
    days.push(DaySum { day: found.day, scanned: 1000, rows: today, ..days[0].clone() });
    let address = |n: usize| Address::new(new[n % new.len()]);
    let history = History {
        days,
        new_peers: (0..new.len())
            .map(|n| NewPeer {
                address: address(n),
                first_seen: Some(found.day.and_hms_opt(9, 5, 0).expect("a time")),
                connections: 3,
                bytes_in: 1000,
                bytes_out: u64::MAX,
                ports: vec![443, 22],
                port_count: 9,
            })
            .collect(),
        new_ports: vec![NewPort { port: 8443, connections: 2, peers: 1 }],
        new_peer_ports: (0..new.len())
            .map(|n| NewPeerPorts {
                peer: address(n),
                connections: 1,
                ports: vec![8443],
                port_count: 1,
            })
            .collect(),
        usual: (0..new.len())
            .map(|n| PeerUsual { peer: address(n), bytes: usual(10_700_000, &[1_300_000]) })
            .chain([PeerUsual { peer: Address::new("192.0.2.200"), bytes: usual(5, &[5]) }])
            .collect(),
        facts: Facts {
            connections: usual(today, &before),
            peers: usual(found.facts.peers, &[4]),
            bytes: usual(10_700_000, &[1_300_000, 1_200_000, 1_400_000]),
            bytes_in: usual(700_000, &[300_000]),
            bytes_out: usual(10_000_000, &[1_000_000]),
            service_ports: usual(9, &[2]),
        },
    };
    Investigation { history: Some(history), ..found }
}

fn shown(found: &Investigation, top: usize) -> String {
    investigation(found, &ResultOptions { top_results: top, ..ResultOptions::default() })
        .into_string()
}

/// The picture of the days in a result: the first image.
fn picture(html: &str) -> (Vec<Tag>, String) {
    let image = read(html).expect("well formed").into_iter().find(|tag| tag.name == "img");
    let image = image.expect("an image");
    let source = image.attribute("src").trim_start_matches("data:image/svg+xml;base64,").to_owned();
    let source = String::from_utf8(STANDARD.decode(source).expect("base64")).expect("UTF-8");
    (read(&source).expect("well formed"), image.attribute("alt").to_owned())
}

const WEEK: [Option<u64>; 7] = [Some(40), Some(60), None, Some(0), Some(50), Some(44), Some(47)];

#[test]
fn the_part_says_what_is_new_and_of_how_many() {
    let names: Vec<String> = (0..12).map(|n| format!("198.51.100.{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let found = with(days::busy(), &WEEK, &names);
    let html = shown(&found, 8);
    assert_survives(&html);
    let seen = words(&html);
    for part in [
        "Against the 6 days before — 2022-06-06 to 2022-06-12, 6 of 7 days have rows",
        "12 of 14 peers and 1 of 9 service ports are new: first seen on 2022-06-13 of the 7 days looked at.",
        "Of the 2 peers known, 12 have a new service port.",
        "Bytes 10.7 MB, 8.2 × the usual 1.3 MB (on 3 of 6 days).",
        "New peers — 8 of 12 shown, 14 peers on the day",
        "New service ports — 1 of 1",
        "Known peers with new service ports — 8 of 12",
        "Bytes far from the usual — 8 of 12, 13 known peers",
    ] {
        assert!(seen.contains(part), "{part}: {seen}");
    }
    assert!(!seen.contains("192.0.2.200"), "its bytes are as usual");
    for never in ["ever ", "first time"] {
        assert!(!seen.contains(never), "{never}");
    }
    let told = text::investigation(&found, 8);
    for part in [
        "Against the 6 days before - 2022-06-06 to 2022-06-12, 6 of 7 days have rows",
        "New peers - 8 of 12",
        "Bytes far from the usual - 8 of 12",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn without_a_range_nothing_is_said() {
    for found in days::harmless() {
        assert!(!words(&shown(&found, 8)).contains("Against the"));
        assert!(!text::investigation(&found, 8).contains("Against the"));
    }
}

#[test]
fn states_without_a_past_or_without_a_day_are_told() {
    let none = words(&shown(&with(days::busy(), &[None, None], &["192.0.2.1"]), 8));
    assert!(none.contains("no rows of the days before: nothing to compare with"), "{none}");
    assert!(!none.contains("New peers"));
    let fresh = words(&shown(&with(days::busy(), &[Some(0), Some(0)], &["192.0.2.1"]), 8));
    let said = "147.32.81.167 itself is new: first seen on 2022-06-13 of the 3 days looked at.";
    assert!(fresh.contains(said), "{fresh}");
    let away = words(&shown(&with(days::empty(), &[Some(40), Some(60)], &["192.0.2.1"]), 8));
    assert!(away.contains("Rows 0, 0.00 × the usual 50 (on 2 of 2 days)."), "{away}");
    let never = words(&shown(&with(days::empty(), &[Some(0)], &["192.0.2.1"]), 8));
    assert!(never.contains("is on none of the 2 days looked at."), "{never}");
    assert!(never.contains("Against the day before — 2022-06-12"), "{never}");
}

#[test]
fn hostile_names_stay_text() {
    let names: Vec<&str> = days::HOSTILE.to_vec();
    for found in days::hostile_days() {
        let found = with(found, &WEEK, &names);
        let html = shown(&found, 8);
        assert_survives(&html);
        let (tags, alt) = picture(&html);
        assert!(alt.starts_with("Rows of "));
        for tag in &tags {
            let known = ["svg", "title", "desc", "style", "g", "text", "path"];
            assert!(known.contains(&tag.name.as_str()), "{tag:?}");
            let bad = |name: &str| name.starts_with("on") || name.contains("href");
            assert!(!tag.attributes.iter().any(|(name, _)| bad(name)), "{tag:?}");
        }
        let told = text::investigation(&found, 20);
        assert!(!told.contains("EVCXR_END"));
        assert!(!told.chars().any(|c| c != '\n' && c.is_control()));
    }
}

#[test]
fn the_picture_has_a_bar_a_day_that_fits_and_tells_gaps_from_nothing() {
    for length in [1, 2, 7, 31, 90, 365] {
        let rows: Vec<Option<u64>> = (0..length)
            .map(|n| match n % 5 {
                3 => None,
                4 => Some(0),
                n => Some(n * 1000 + 1),
            })
            .collect();
        let (tags, alt) = picture(&shown(&with(days::busy(), &rows, &["192.0.2.1"]), 8));
        let groups = tags.iter().filter(|tag| tag.name == "g").count();
        assert_eq!(groups, rows.len() + 1);
        let view = tags[0].attribute("viewBox").to_owned();
        let size: Vec<f64> = view.split(' ').map(|n| n.parse().expect("a number")).collect();
        let bars: Vec<&Tag> =
            tags.iter().filter(|t| t.name == "path" && t.attribute("d").contains('v')).collect();
        assert_eq!(bars.len(), rows.len() + 1);
        for bar in &bars {
            let x: f64 = bar.attribute("d")[1..].split(' ').next().expect("x").parse().expect("x");
            assert!((0.0..=size[2]).contains(&x), "{x}");
        }
        let gaps = rows.iter().filter(|rows| rows.is_none()).count();
        let dashed = bars.iter().filter(|bar| bar.attribute("stroke-dasharray") == "2 3").count();
        assert_eq!(dashed, gaps);
        // The day itself is the one full bar, told apart without colour.
        let full: Vec<bool> = bars
            .iter()
            .map(|bar| bar.attribute("fill-opacity").is_empty() && bar.attribute("class") != "tie")
            .collect();
        assert_eq!(full.iter().filter(|full| **full).count(), 1);
        assert_eq!(full.last(), Some(&true));
        // Dates do not lie on each other.
        let mut dates: Vec<f64> = tags
            .iter()
            .filter(|tag| tag.name == "text" && tag.text.len() == 5 && tag.text.contains('-'))
            .map(|tag| tag.number("x"))
            .collect();
        dates.sort_by(f64::total_cmp);
        assert!(dates.windows(2).all(|two| two[1] - two[0] > 40.0), "{length}: {dates:?}");
        assert!(!dates.is_empty());
        assert!(alt.contains("On 2022-06-13: "), "{alt}");
        if gaps > 0 {
            assert!(
                alt.contains(&format!("no rows of {gaps} of {} days", rows.len() + 1)),
                "{alt}"
            );
        }
    }
}

fn name(n: usize) -> String {
    let all = answers::hostile_names();
    all[n % all.len()].clone()
}

#[test]
fn new_names_of_a_client_are_told_and_stay_text() {
    use dns::history::{DaySum, Facts, History, LaneUsual, New};
    for found in answers::harmless().into_iter().chain(answers::hostile_days()) {
        let day = |ago: u64| found.day - Days::new(ago);
        let sum = |ago: u64| DaySum {
            day: day(ago),
            scanned: if ago == 2 { 0 } else { 100 },
            answers: 10,
            names: 1,
            domains: 1,
            clients: 1,
            servers: 1,
            nxdomain: 0,
            new: 0,
            fingerprint: String::new(),
        };
        let new = |n: usize| New { text: name(n), answers: 3, first_seen: None };
        let history = History {
            days: (0..5).rev().map(sum).collect(),
            new_names: (0..30).map(new).collect(),
            new_domains: vec![new(0)],
            new_clients: vec![new(1)],
            new_servers: vec![],
            usual: (0..12)
                .map(|n| LaneUsual {
                    of: dns::LaneOf::Name(dns::Name::new(name(n))),
                    answers: usual(90, &[10, 20]),
                })
                .collect(),
            facts: Facts { answers: usual(found.facts.answers, &[10]), ..Facts::default() },
        };
        let found = dns::Investigation { history: Some(history), ..found };
        let html = spot_view::dns::investigation(
            &found,
            &ResultOptions { top_results: 5, ..ResultOptions::default() },
        );
        assert_survives(html.as_str());
        let seen = words(html.as_str());
        assert!(seen.contains("Against the 3 days before"), "{seen}");
        assert!(seen.contains("Answers far from the usual — 5 of 12, 12 known"), "{seen}");
        let several =
            matches!(found.anchor, dns::Anchor::Client(_)) || found.scope != dns::Scope::Exact;
        assert_eq!(seen.contains("New names — 5 of 30 shown"), several);
        assert_eq!(
            seen.contains("New clients — 1 of 1"),
            matches!(found.anchor, dns::Anchor::Query(_))
        );
        let told = spot_view::dns::text::investigation(&found, 5);
        assert!(told.contains("Against the 3 days before"));
        assert!(!told.chars().any(|c| c != '\n' && c.is_control()));
    }
}

#[test]
fn rows_per_day_show_gaps_and_the_day_and_of_how_many() {
    let first = NaiveDate::from_ymd_opt(2016, 1, 25).expect("a day");
    let some: Vec<DayRows> = (0..12)
        .map(|n| DayRows {
            day: first + Days::new(n),
            rows: if n % 3 == 1 { 0 } else { 1000 * n + 7 },
            high_rows: (n < 6).then_some(n),
            files: Some(n),
        })
        .collect();
    let html = rows_per_day::table(&some, some[11].day).into_string();
    assert_survives(&html);
    let seen = words(&html);
    assert!(seen.contains("Rows per day — 8 of 12 with rows"), "{seen}");
    assert_eq!(seen.matches("no rows").count(), 4);
    assert_eq!(seen.matches("◀ the day").count(), 1);
    let told = rows_per_day::text(&some, some[11].day);
    assert!(told.starts_with("Rows per day - 8 of 12 with rows\n"), "{told}");
    let line = |day: &str| told.lines().find(|line| line.contains(day)).expect(day).to_owned();
    assert!(
        line("2016-02-05").contains(&"#".repeat(24)) && line("2016-02-05").ends_with("<- the day")
    );
    assert!(line("2016-01-25").contains(" 7  #  "), "{}", line("2016-01-25"));
    assert!(line("2016-01-26").contains("no rows") && !line("2016-01-26").contains('#'));
    let year: Vec<DayRows> = (0..100)
        .map(|n| DayRows { day: first + Days::new(n), rows: 1, high_rows: None, files: None })
        .collect();
    let seen = words(rows_per_day::table(&year, first).as_str());
    assert!(seen.contains("the last 31 of 100 days shown, 100 of 100 with rows"), "{seen}");
}
