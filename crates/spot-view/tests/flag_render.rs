//! The list of indicators: what is on it is marked wherever it is shown, in words too, and nothing that
//! the list says becomes markup.

mod answers;
mod days;
mod reading;

use answers::{asked, flag};
use reading::{assert_survives, read, words};
use spot_analysis::dns::{Anchor, Name, Scope, Suspect};
use spot_analysis::model::{Address, Flag};
use spot_view::result::{ResultOptions, investigation};
use spot_view::tables::{SuspectLine, suspects};
use spot_view::{dns, figure, format, text};

/// The titles of all marks.
fn marks(html: &str) -> Vec<String> {
    let tags = read(html).expect("well formed");
    let marks = tags.iter().filter(|tag| tag.name == "img" && !tag.attribute("title").is_empty());
    marks.map(|tag| tag.attribute("title").to_owned()).collect()
}

fn flagged_day() -> spot_analysis::model::Investigation {
    let mut found = days::found("10.0.0.5", days::BUSY, 8, 5);
    let heaviest = found.peers[0].address.clone();
    let flags = vec![flag(heaviest.as_str(), "147.0.0.0/8", "Feed", "C2")];
    found.peers[0].flags = flags.clone();
    for row in found.top.iter_mut().flat_map(|table| &mut table.rows) {
        if row.peer == heaviest {
            row.flags = flags.clone();
        }
    }
    found.timeline.lanes[0].flagged = true;
    found
}

#[test]
fn a_flow_result_tells_it_on_top_and_marks_every_row_and_lane() {
    let found = flagged_day();
    let peer = found.peers[0].address.as_str().to_owned();
    let html = investigation(&found, &ResultOptions::default()).into_string();
    let line = format!(
        "1 of {} peers are on the indicator list: {peer}, listed as 147.0.0.0/8 (Feed: C2).",
        found.peers.len()
    );
    assert!(words(&html).contains(&line), "{line}");
    let rows = found.top.iter().flat_map(|t| &t.rows).filter(|row| !row.flags.is_empty()).count();
    let title = format!("on the indicator list: {peer}, listed as 147.0.0.0/8 (Feed: C2)");
    assert_eq!(marks(&html), vec![title; rows]);
    assert!(rows >= 2);

    let plain = text::investigation(&found, 8);
    assert!(plain.contains(&line));
    assert_eq!(plain.matches(&format!("{peer} ⚑")).count(), rows);

    let picture = figure::timeline(&found.timeline, &found.anchor, found.day);
    assert!(picture.source().contains(&format!("⚑ {peer}")));
    assert!(picture.alt().contains("on the indicator list"));

    // Nothing of it where nothing is on the list.
    let quiet = days::found("10.0.0.5", days::BUSY, 8, 5);
    let html = investigation(&quiet, &ResultOptions::default()).into_string();
    assert!(!html.contains("indicator") && !html.contains('⚑'));
    assert!(!text::investigation(&quiet, 8).contains('⚑'));
}

#[test]
fn the_anchor_too_and_long_lists_are_counted() {
    let mut found = flagged_day();
    found.flags = (0..5).map(|n| flag("10.0.0.5", &format!("10.0.0.{n}/31"), "", "")).collect();
    let html = words(&investigation(&found, &ResultOptions::default()).into_string());
    assert!(
        html.contains("The anchor is on the indicator list: 10.0.0.5, listed as 10.0.0.0/31; ")
    );
    assert!(html.contains("; and 2 more."), "{html}");
    // A line that holds many is told once; lines that are not told are counted.
    let all = found.peers.len();
    let on_top = |found: &spot_analysis::model::Investigation| {
        words(&investigation(found, &ResultOptions::default()).into_string())
    };
    for peer in &mut found.peers {
        peer.flags = vec![flag(peer.address.as_str(), "0.0.0.0/0", "Feed", "all")];
    }
    let line = format!(
        "{all} of {all} peers are on the indicator list: 0.0.0.0/0 (Feed: all) holds {all} of them."
    );
    assert!(on_top(&found).contains(&line), "{line}");
    for peer in &mut found.peers {
        peer.flags = vec![flag(peer.address.as_str(), peer.address.as_str(), "", "")];
    }
    let line = format!("; and {} more indicators.", all - 3);
    assert!(on_top(&found).contains(&line), "{line}");
}

#[test]
fn a_dns_result_marks_client_name_and_answer_each_in_its_cell() {
    let host = "10.20.10.57";
    let all = [
        asked(host, "www.evil.example", 1, 0, &["192.0.2.1"], [60, 5, 9]),
        asked(host, "www.quiet.example", 1, 0, &["203.0.113.9"], [61, 5, 8]),
        asked(host, "www.plain.example", 1, 0, &["192.0.2.2"], [62, 5, 7]),
    ];
    let anchor = Anchor::Client(Address::new(host));
    let mut found = answers::found(anchor, Scope::Exact, &all, 20);
    found.rows[0].flags = vec![flag("www.evil.example", "evil.example", "Feed", "C2")];
    found.rows[1].flags = vec![flag("203.0.113.9", "203.0.113.9", "Feed", "rented")];
    found.timeline.lanes[0].flagged = true;
    found.timeline.lanes[1].flagged = true;
    let html = dns::investigation(&found, &ResultOptions::default()).into_string();
    assert_survives(&html);
    assert!(words(&html).contains(
        "2 of 3 rows name something on the indicator list: www.evil.example, listed as evil.example \
         (Feed: C2); 203.0.113.9 (Feed: rented)."
    ));
    let table = dns::rows(&found.rows, found.day, 0, 3).into_string();
    assert_eq!(
        marks(&table),
        [
            "on the indicator list: www.evil.example, listed as evil.example (Feed: C2)",
            "on the indicator list: 203.0.113.9 (Feed: rented)",
        ]
    );
    // What a reader copies from a cell is what stands in it.
    assert!(!words(&table).contains('⚑'));
    let plain = dns::text::investigation(&found, 20);
    assert!(plain.contains("www.evil.example ⚑") && plain.contains("203.0.113.9 ⚑"));
    // The day and the tree: a mark before the label.
    let day = figure::queries(&found, 20);
    assert!(day.source().contains("⚑ evil.example") && day.source().contains("⚑ quiet.example"));
    assert!(!day.source().contains("⚑ plain.example"));
    // The tree's table says what the tree draws: two branches and one end.
    let signs = marks(&html).iter().filter(|title| *title == "on the indicator list").count();
    assert_eq!(signs, 2);
    assert!(words(&html).contains("⚑ 203.0.113.9"));
}

#[test]
fn lists_of_suspects_are_marked() {
    let flags = vec![flag("203.0.113.9", "203.0.113.9", "Feed", "C2")];
    let line = SuspectLine {
        address: Address::new("203.0.113.9"),
        role: "source".into(),
        high_rows: 1,
        inside: false,
        saved: false,
        flags: flags.clone(),
    };
    let html = suspects(&[line], 9).into_string();
    assert_eq!(marks(&html), ["on the indicator list: 203.0.113.9 (Feed: C2)"]);
    let suspect = Suspect {
        anchor: Anchor::Query(Name::new("www.evil.example")),
        high_rows: 1,
        saved: false,
        flags: vec![flag("www.evil.example", "evil.example", "", "C2")],
    };
    let html = dns::suspects(std::slice::from_ref(&suspect), 9).into_string();
    assert_eq!(
        marks(&html),
        ["on the indicator list: www.evil.example, listed as evil.example (C2)"]
    );
    assert!(dns::text::suspects(&[suspect], 9).contains("www.evil.example ⚑"));
    assert_eq!(format::flag_mark(&flags), "⚑");
    assert_eq!(format::flag_mark(&[]), "");
    assert_eq!(format::flagged_label(&flags, "x"), "⚑ x");
    assert_eq!(format::flag_words(&flags), "203.0.113.9 (Feed: C2)");
}

#[test]
fn hostile_lists_make_no_element_and_no_control_character() {
    for bad in days::HOSTILE {
        let flags: Vec<Flag> = vec![flag(bad, bad, bad, bad); 5];
        let line = SuspectLine {
            address: Address::new(bad),
            role: String::new(),
            high_rows: 1,
            inside: false,
            saved: false,
            flags: flags.clone(),
        };
        let suspect = Suspect {
            anchor: Anchor::Query(Name::new(bad)),
            high_rows: 1,
            saved: false,
            flags: flags.clone(),
        };
        let clean = suspects(&[SuspectLine { flags: vec![], ..line.clone() }], 9).into_string();
        let html = suspects(&[line], 9).into_string();
        assert_survives(&html);
        // One picture more, and no other tag.
        assert_eq!(
            read(&html).expect("read").len(),
            read(&clean).expect("read").len() + 1,
            "{bad:?}"
        );
        assert_survives(dns::suspects(&[suspect], 9).as_str());
        assert!(!format::flag_words(&flags).chars().any(char::is_control), "{bad:?}");
    }
    for found in days::hostile_days() {
        assert_survives(&investigation(&found, &ResultOptions::default()).into_string());
        let plain = text::investigation(&found, 8);
        assert!(plain.contains('⚑') && !plain.chars().any(|c| c.is_control() && c != '\n'));
    }
    for found in answers::hostile_days() {
        assert_survives(&dns::investigation(&found, &ResultOptions::default()).into_string());
        let plain = dns::text::investigation(&found, 8);
        assert!(!plain.chars().any(|c| c.is_control() && c != '\n'));
    }
}
