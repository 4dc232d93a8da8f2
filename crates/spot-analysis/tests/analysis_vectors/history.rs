//! A day beside the days before it: lines of `day src port dst port bytes`, all of 10.0.0.5.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use spot_analysis::history::{Day, FAR, History, Usual, history};
use spot_analysis::model::{Address, Investigation};
use spot_analysis::network::Network;

use crate::given::{Outcome, frame, parse, provenance, words};

fn date(text: &str) -> Outcome<NaiveDate> {
    Ok(format!("2016-{text}").parse()?)
}

/// The last day of `table` beside the others, of a range that begins on `from`. Days in `others` have
/// rows, none of which are the anchor's.
fn beside(from: &str, table: &str, others: &[&str]) -> Outcome<History> {
    let anchor = Address::new("10.0.0.5");
    let mut lines: BTreeMap<&str, String> =
        others.iter().map(|day| (*day, String::new())).collect();
    for line in words(table) {
        let [day, src, src_port, dst, dst_port, bytes] = line[..] else {
            return Err(format!("{line:?} has not six words").into());
        };
        let rows = lines.entry(day).or_default();
        rows.push_str(&format!("09:00 0 {src} {src_port} {dst} {dst_port} TCP .AP.SF 1 {bytes}\n"));
    }
    let mut days = Vec::new();
    for (day, rows) in lines {
        let rows = frame(&parse(&rows)?)?;
        let from = provenance("flow", String::new(), rows.height(), rows.height() + 100);
        days.push(Day::of(&rows, &anchor, date(day)?, &from)?);
    }
    let today = days.pop().ok_or("no day")?;
    // In whatever order they come.
    days.reverse();
    Ok(history(date(from)?, days, &today))
}

const WEEK: &str = "
    07-01 10.0.0.5    50001 203.0.113.9  443   1000
    07-01 10.0.0.5    50002 203.0.113.9  443    500
    07-01 10.0.0.5    50003 192.0.2.44   22      60
    07-02 10.0.0.5    50001 203.0.113.9  443   9000
    07-04 10.0.0.5    50001 203.0.113.9  443   2000
    07-04 10.0.0.5    50001 2001:db8::9  443    700
    07-05 10.0.0.5    50001 203.0.113.9  443  20000
    07-05 10.0.0.5    50002 203.0.113.9  8443     5
    07-05 10.0.0.5    50003 2001:DB8:0::9 443    70
    07-05 10.0.0.5    50004 198.51.100.7 22     300
    07-05 10.0.0.5    50005 198.51.100.8 8443  9999
";

#[test]
fn who_is_new_and_on_which_ports() -> Outcome {
    let found = beside("07-01", WEEK, &[])?;
    let new: Vec<_> = found
        .new_peers
        .iter()
        .map(|p| (p.address.as_str(), p.bytes(), p.connections, &p.ports[..], p.port_count))
        .collect();
    assert_eq!(
        new,
        [("198.51.100.8", 9999, 1, &[8443][..], 1), ("198.51.100.7", 300, 1, &[22][..], 1)]
    );
    let first = found.new_peers.iter().map(|p| p.first_seen.map(|at| at.to_string()));
    // The rows of these tests are all of 2016-07-08.
    assert!(first.into_iter().all(|at| at.as_deref() == Some("2016-07-08 09:00:00")));
    // 22 was there before, with another peer; 8443 never was.
    let ports: Vec<_> = found.new_ports.iter().map(|p| (p.port, p.connections, p.peers)).collect();
    assert_eq!(ports, [(8443, 2, 2)]);
    let known: Vec<_> = found
        .new_peer_ports
        .iter()
        .map(|p| (p.peer.as_str(), p.connections, &p.ports[..], p.port_count))
        .collect();
    assert_eq!(known, [("203.0.113.9", 1, &[8443][..], 1)]);
    Ok(())
}

#[test]
fn days_are_told_with_their_gaps_and_who_was_new_on_each() -> Outcome {
    let found = beside("07-01", WEEK, &[])?;
    let days: Vec<_> = found
        .days
        .iter()
        .map(|d| (d.day.to_string(), d.scanned, d.rows, d.peers, d.new_peers, d.bytes_out))
        .collect();
    let day = |text: &str| format!("2016-{text}");
    assert_eq!(
        days,
        [
            (day("07-01"), 103, 3, 2, 2, 1560),
            (day("07-02"), 101, 1, 1, 0, 9000),
            (day("07-03"), 0, 0, 0, 0, 0),
            (day("07-04"), 102, 2, 2, 1, 2700),
            (day("07-05"), 105, 5, 4, 2, 30374),
        ]
    );
    assert_eq!((found.days_before(), found.days_looked_at()), (3, 4));
    Ok(())
}

#[test]
fn usual_bytes_are_the_median_of_the_days_on_which_a_peer_was_seen() -> Outcome {
    let found = beside("07-01", WEEK, &[])?;
    let usual: Vec<_> = found.usual.iter().map(|p| (p.peer.as_str(), p.bytes)).collect();
    assert_eq!(
        usual,
        [
            // 1500, 9000, 2000: the farthest from its usual comes first.
            ("203.0.113.9", Usual { today: 20005, median: 2000, min: 1500, max: 9000, seen: 3 }),
            ("2001:db8::9", Usual { today: 70, median: 700, min: 700, max: 700, seen: 1 }),
        ]
    );
    assert!(found.usual.iter().all(|peer| peer.bytes.is_far()));
    let facts = found.facts;
    assert_eq!(facts.bytes, Usual { today: 30374, median: 2700, min: 1560, max: 9000, seen: 3 });
    assert_eq!(facts.connections, Usual { today: 5, median: 2, min: 1, max: 3, seen: 3 });
    assert_eq!(facts.peers, Usual { today: 4, median: 2, min: 1, max: 2, seen: 3 });
    assert_eq!(facts.service_ports, Usual { today: 3, median: 1, min: 1, max: 2, seen: 3 });
    assert_eq!((facts.bytes_in.today, facts.bytes_in.max), (0, 0));
    Ok(())
}

#[test]
fn days_without_the_anchor_are_looked_at_but_are_no_usual_day() -> Outcome {
    let table = "
        07-01 10.0.0.5 50001 203.0.113.9 443 1000
        07-04 10.0.0.5 50001 203.0.113.9 443 1000
    ";
    let found = beside("06-29", table, &["07-02", "07-03"])?;
    assert_eq!(found.days.len(), 6, "29 June to 4 July");
    assert_eq!((found.days_before(), found.days_looked_at()), (3, 4));
    let same = Usual { today: 1000, median: 1000, min: 1000, max: 1000, seen: 1 };
    assert_eq!(found.facts.bytes, same);
    assert_eq!(found.facts.bytes.ratio(), Some(1.0));
    assert!(found.new_peers.is_empty() && found.new_ports.is_empty() && !same.is_far());
    Ok(())
}

#[test]
fn nothing_is_new_where_there_is_nothing_to_compare_with() -> Outcome {
    let table = "07-04 10.0.0.5 50001 203.0.113.9 443 1000";
    let found = beside("07-01", table, &[])?;
    assert_eq!((found.days.len(), found.days_before(), found.days_looked_at()), (4, 0, 1));
    assert!(found.new_peers.is_empty() && found.new_ports.is_empty() && found.usual.is_empty());
    // Others were seen, the anchor was not: all is new.
    let found = beside("07-01", table, &["07-02"])?;
    assert_eq!((found.new_peers.len(), found.new_ports.len()), (1, 1));
    assert_eq!(found.facts.bytes, Usual { today: 1000, ..Usual::default() });
    // The anchor is away today.
    let found = beside("07-01", "07-02 10.0.0.5 50001 203.0.113.9 443 1000", &["07-04"])?;
    assert!(found.new_peers.is_empty() && found.usual.is_empty());
    assert_eq!(found.facts.bytes, Usual { today: 0, median: 1000, min: 1000, max: 1000, seen: 1 });
    assert_eq!(found.facts.bytes.ratio(), Some(0.0));
    Ok(())
}

#[test]
fn days_outside_of_the_range_do_not_count() -> Outcome {
    let found = beside("07-04", WEEK, &[])?;
    let days: Vec<_> = found.days.iter().map(|day| day.day.to_string()).collect();
    assert_eq!(days, ["2016-07-04", "2016-07-05"]);
    let new: Vec<_> = found.new_ports.iter().map(|port| port.port).collect();
    assert_eq!(new, [8443, 22], "22 was last seen before the range");
    Ok(())
}

/// today, before, median, ratio, far
type Median = (u64, &'static [u64], u64, Option<f64>, bool);

#[test]
fn medians_and_ratios() {
    let cases: [Median; 11] = [
        (7, &[], 0, None, false),
        (7, &[7], 7, Some(1.0), false),
        (10, &[9, 1, 5], 5, Some(2.0), false),
        (10, &[4, 1, 9, 7], 5, Some(2.0), false), // (4 + 7) / 2, rounded down
        (15, &[5, 5], 5, Some(3.0), true),
        (14, &[5, 5], 5, Some(2.8), false),
        (5, &[15, 15, 15], 15, Some(1.0 / 3.0), true),
        (6, &[15, 15, 15], 15, Some(0.4), false),
        (1, &[0, 0], 0, None, true),
        (0, &[0], 0, None, false),
        (u64::MAX, &[u64::MAX, u64::MAX], u64::MAX, Some(1.0), false),
    ];
    assert_eq!(FAR, 3);
    for (today, before, median, ratio, far) in cases {
        let usual = Usual::of(today, before.iter().copied());
        assert_eq!((usual.today, usual.median), (today, median), "{before:?}");
        assert_eq!(usual.seen, before.len() as u64);
        assert_eq!((usual.ratio(), usual.is_far()), (ratio, far), "{today} {before:?}");
        assert_eq!(usual.min, before.iter().min().copied().unwrap_or(0));
        assert_eq!(usual.max, before.iter().max().copied().unwrap_or(0));
    }
}

#[test]
fn a_finding_keeps_its_history_and_one_without_says_nothing() -> Outcome {
    let rows = parse("09:00 0 10.0.0.5 50001 203.0.113.9 443 TCP .AP.SF 1 1000")?;
    let found = crate::given::search(&frame(&rows)?, "10.0.0.5", &Network::default())?;
    let text = serde_json::to_value(&found)?;
    assert!(text.get("history").is_none());
    let with = Investigation { history: Some(beside("07-01", WEEK, &[])?), ..found };
    let again: Investigation = serde_json::from_str(&serde_json::to_string(&with)?)?;
    assert_eq!(again, with);
    Ok(())
}
