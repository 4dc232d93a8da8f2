//! Evidence: what speaks against an anchor, of all its peers.

use std::fmt::Write;

use spot_analysis::evidence::{self, Reason};
use spot_analysis::model::Address;
use spot_analysis::network::Network;

use crate::given::{Outcome, frame, parse, search};

/// Twelve calls at the same pace to one peer, and so many bytes to each of `busy` others that none of
/// them leaves the first one a lane in the figure.
fn day_of(busy: usize, minutes: u32) -> String {
    let mut rows = String::new();
    for call in 0..12 {
        let at = call * minutes;
        let (hour, minute) = (at / 60, at % 60);
        writeln!(
            rows,
            "{hour:02}:{minute:02} 1 10.0.0.5 4000{call} 203.0.113.9 443 TCP .AP.SF 2 120"
        )
        .expect("text");
    }
    for peer in 0..busy {
        writeln!(rows, "10:00 1 10.0.0.5 50000 198.51.100.{peer} 443 TCP .AP.SF 9 99999")
            .expect("text");
    }
    rows
}

fn regular(rows: &str) -> Outcome<Option<Reason>> {
    let rows = frame(&parse(rows)?)?;
    let found = search(&rows, "10.0.0.5", &Network::default())?;
    let reasons = evidence::of_flows(&found, &rows)?;
    Ok(reasons.into_iter().find(|reason| matches!(reason, Reason::Regular { .. })))
}

#[test]
fn a_pace_is_seen_however_many_peers_sent_more() -> Outcome {
    let said = |every_minutes| {
        let peer = Address::new("203.0.113.9");
        Some(Reason::Regular { peer, every_minutes, bins: 12 })
    };
    for busy in [0, 1, 30, 200] {
        assert_eq!(regular(&day_of(busy, 60))?, said(60), "{busy} other peers");
        assert_eq!(regular(&day_of(busy, 30))?, said(30), "{busy} other peers");
    }
    Ok(())
}

#[test]
fn what_has_no_pace_is_not_said_to_have_one() -> Outcome {
    let times = ["00:00", "00:20", "01:50", "02:00", "05:10", "05:20", "07:40", "09:00", "11:30"];
    let more = ["12:00", "15:10", "19:30", "22:00"];
    let line = |time: &&str| format!("{time} 1 10.0.0.5 40000 203.0.113.9 443 TCP .AP.SF 2 120\n");
    assert_eq!(regular(&times.iter().chain(&more).map(line).collect::<String>())?, None);
    Ok(())
}

#[test]
fn of_two_peers_at_the_same_pace_the_one_with_more_bytes_is_named() -> Outcome {
    let calls = |peer: &str, bytes: u32| -> String {
        let hours = (0..12)
            .map(|hour| format!("{hour:02}:00 1 10.0.0.5 40000 {peer} 443 TCP .AP.SF 2 {bytes}\n"));
        hours.collect()
    };
    let cases = [
        (120, 5000, "198.51.100.7"),
        (5000, 120, "203.0.113.9"),
        // Neither: the first by address, whichever way the rows came.
        (120, 120, "198.51.100.7"),
    ];
    for (one, other, named) in cases {
        let [one, other] = [calls("203.0.113.9", one), calls("198.51.100.7", other)];
        for rows in [format!("{one}{other}"), format!("{other}{one}")] {
            let said = regular(&rows)?;
            let peer = Address::new(named);
            assert_eq!(said, Some(Reason::Regular { peer, every_minutes: 60, bins: 12 }), "{rows}");
        }
    }
    Ok(())
}
