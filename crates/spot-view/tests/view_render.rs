//! What people see, checked as structure: hostile text stays text, limits are told, and a result
//! holds only what survives in a notebook that somebody else made.

mod days;
mod reading;

use days::{harmless, hostile_days};
use reading::{Tag, assert_survives, read, words};
use spot_analysis::model::{Address, Investigation};
use spot_view::figure;
use spot_view::result::{ResultOptions, Story, investigation};
use spot_view::states::{self, Written};
use spot_view::tables::{SuspectLine, suspects};
use spot_view::{Markup, page, panel, text};

fn shown(found: &Investigation) -> String {
    let bad = days::HOSTILE[found.peers.len() % days::HOSTILE.len()];
    let story = Some(Story { title: bad, text: days::HOSTILE[8], saved_at: None });
    investigation(found, &ResultOptions { top_results: 8, story, ..ResultOptions::default() })
        .into_string()
}

#[test]
fn a_result_holds_only_what_a_readers_copy_shows() {
    for found in harmless().iter().chain(&hostile_days()) {
        assert_survives(&shown(found));
    }
    for found in harmless() {
        let html = investigation(&found, &ResultOptions::default()).into_string();
        for bad in ["<style", "<svg", "<script", "var(", "url(", "javascript:"] {
            assert!(!html.contains(bad), "{bad} for {}", found.anchor);
        }
    }
}

#[test]
fn states_and_lists_are_safe_too() {
    for bad in days::HOSTILE {
        let line = SuspectLine {
            address: Address::new(bad),
            role: bad.to_string(),
            high_rows: 1,
            inside: false,
            saved: true,
            flags: vec![],
        };
        let written = Written { artefact: bad.to_string(), path: bad.to_string(), rows: 3 };
        for html in [
            suspects(&[line], 9),
            states::error(bad, bad, bad),
            states::empty(bad, bad),
            states::saved(bad, &[written]),
            states::progress(bad),
            states::dead_panel_hint(bad),
            panel::heading(bad, bad),
            panel::note(bad),
            panel::alert(bad),
            panel::story(bad, &Story { title: bad, text: bad, saved_at: None }),
            panel::controls_hint(bad),
        ] {
            assert_survives(html.as_str());
        }
    }
}

#[test]
fn text_stays_text() {
    // What was written, and what a reader sees.
    let seen = [
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("&lt;b&gt; &#60;", "&lt;b&gt; &#60;"),
        ("\"quoted\" 'too'", "\"quoted\" 'too'"),
        ("gpj\u{202e}exe", "gpjU+202Eexe"),
        ("a\u{200b}b\u{feff}c", "aU+200BbU+FEFFc"),
        ("rs\u{1e}esc\u{1b}nul\u{0}", "rsU+001EescU+001BnulU+0000"),
        ("one\r\ntwo", "oneU+000Atwo"),
        ("EVCXR_END_CONTENT", "EVCXR_END_CONTENT"),
        ("ἀγορά, 東京, 🦀", "ἀγορά, 東京, 🦀"),
    ];
    for (written, expected) in seen {
        let html = Markup::text(written).into_string();
        assert_eq!(words(&html), expected);
        assert!(!html.contains("EVCXR_"));
    }
    assert_eq!(words(Markup::lines("one\r\ntwo\rthree").as_str()), "onetwothree");
    assert_eq!(Markup::lines("one\r\ntwo\rthree").as_str(), "one<br>two<br>three");
}

#[test]
fn nothing_hidden_leaves_in_any_form() {
    for found in hostile_days() {
        let html = shown(&found);
        let picture = figure::timeline(&found.timeline, &found.anchor, found.day);
        let told = text::investigation(&found, 8);
        for out in [html.as_str(), picture.source(), told.as_str()] {
            assert!(!out.contains("EVCXR_END") && !out.contains("EVCXR_BEGIN"));
            let bad = out.chars().find(|&c| {
                c != '\n'
                    && (c.is_control()
                        || "\u{202e}\u{2066}\u{200f}\u{200b}\u{feff}\u{ad}".contains(c))
            });
            assert_eq!(bad, None, "for {:?}", found.anchor);
        }
        assert!(told.contains("U+202E") && words(&html).contains("U+202E"));
    }
}

#[test]
fn a_limited_list_says_of_how_many() {
    let busy = days::busy();
    let html = words(&shown(&busy));
    for (table, limit) in busy.top.iter().zip(["8 of 13", "8 of 10", "8 of 13", "8 of 10"]) {
        assert!(html.contains(&format!("{} — {limit}", table.title())), "{}", table.title());
    }
    let picture = figure::timeline(&busy.timeline, &busy.anchor, busy.day);
    assert!(picture.source().contains("8 of 14 peers shown"));
    assert!(picture.alt().contains("8 of 14 peers"));
    let hostile = words(&shown(&days::hostile(0)));
    assert!(hostile.contains("Notes, 12 of 20") && hostile.contains("Files read, 24 of 24"));
    let few = investigation(&busy, &ResultOptions { top_results: 3, ..ResultOptions::default() })
        .into_string();
    assert!(words(&few).contains("Top sources by bytes — 3 of 13"));
    let told = text::investigation(&busy, 3);
    assert!(told.contains("Top sources by bytes - 3 of 13"));
}

#[test]
fn the_head_tells_who_when_and_how_much() {
    let html = words(&shown(&days::busy()));
    for part in [
        "Threat summary for 147.32.81.167",
        "Inside (147.32.0.0 to 147.32.255.255, CTU campus)",
        "context DMZ.CTU (147.32.81.0/24)",
        "2022-06-13 UTC",
        "scored high in 25 rows",
        "1,591connections",
        "14peers",
        "00:01 to 23:59seen, UTC",
        "4 ← inbound",
        "1 → outbound",
        "9 ↔ two-way",
        "1 lateral",
        "From 1,591 of 1,233,592 rows of flow",
        "sip = 147.32.81.167 or dip = 147.32.81.167",
        "24 files",
        "Most bytes: 65.9.94.46",
        "Most connections: 104.156.155.13 with 655 of 1,591",
    ] {
        assert!(html.contains(part), "{part:?} in {html}");
    }
    let place = words(&shown(&days::ipv6()));
    assert!(place.contains("Outside (in no range of ours)"));
    assert!(place.contains("Praha, Czechia (CZ), registered to CESNET, cesnet.cz"));
}

#[test]
fn a_day_without_rows_is_a_state_and_no_error() {
    let found = days::empty();
    let html = shown(&found);
    let expected = "No flows for 192.0.2.200 on 2022-06-13 (1,232,001 rows scanned)";
    assert!(words(&html).contains(expected));
    assert!(!html.contains("<table") && !html.contains("<img"));
    assert!(text::investigation(&found, 20).contains(expected));
    let own = words(&shown(&days::only_itself()));
    assert!(own.contains("All 12 rows go from the address to itself."));
    assert!(words(suspects(&[], 20).as_str()).contains("No connections are scored high"));
}

#[test]
fn a_story_is_shown_as_it_was_written() {
    let story = Story {
        title: "O'Brien's \"C2\"; DROP",
        text: "first <script>\nsecond 🦀",
        saved_at: days::day().and_hms_opt(21, 30, 5),
    };
    let options = ResultOptions { top_results: 8, story: Some(story), ..ResultOptions::default() };
    for found in [days::busy(), days::empty()] {
        let html = investigation(&found, &options).into_string();
        assert!(html.contains("first &lt;script&gt;<br>second 🦀"));
        assert!(
            words(&html).contains("O'Brien's \"C2\"; DROP · story, saved 2022-06-13 21:30:05 UTC")
        );
    }
    assert_eq!(
        text::story(&story),
        "Story: O'Brien's \"C2\"; DROP (saved 2022-06-13 21:30:05 UTC)\n  first <script>\n  second 🦀\n"
    );
}

#[test]
fn a_picture_is_an_image_with_words() {
    let html = shown(&days::busy());
    let images: Vec<Tag> =
        read(&html).expect("well formed").into_iter().filter(|t| t.name == "img").collect();
    let starts = [
        "Timeline of 147.32.81.167 on 2022-06-13",
        "Incident progression of 147.32.81.167 on 2022-06-13: 14 peers",
        "Impact analysis of 147.32.81.167",
        "Bytes between 147.32.81.167 and its peers",
    ];
    assert_eq!(images.len(), starts.len());
    for (image, start) in images.iter().zip(starts) {
        assert!(image.attribute("alt").starts_with(start), "{}", image.attribute("alt"));
    }
    // Map and globe only where a peer has a place.
    let placed = shown(&days::placed());
    assert_eq!(read(&placed).expect("well formed").iter().filter(|t| t.name == "img").count(), 6);
}

#[test]
fn plain_text_stands_in_columns() {
    let told = text::investigation(&days::ipv6(), 20);
    let lines: Vec<&str> = told.lines().collect();
    let head = lines.iter().position(|l| l.starts_with("  Peer")).expect("a table");
    let width = lines[head].chars().count();
    for line in &lines[head + 1..head + 4] {
        assert_eq!(line.chars().count(), width, "{line}");
    }
    assert!(told.contains("2001:db8:85a3:1319:8a2e:370:7344:abcd"));
}

#[test]
fn a_page_cannot_run_or_ask_anything() {
    let body: Vec<Markup> = hostile_days()
        .iter()
        .map(|found| investigation(found, &ResultOptions::default()))
        .collect();
    let html = page::document("<script>\u{202e}</title>", &body);
    assert!(
        html.contains(
            "default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; img-src data:"
        )
    );
    let tags = read(html.trim_start_matches("<!doctype html>").trim()).expect("well formed");
    for tag in &tags {
        assert!(
            !["script", "link", "iframe", "object", "base", "form", "a"]
                .contains(&tag.name.as_str())
        );
        assert!(!tag.attributes.iter().any(|(name, _)| name.starts_with("on") || name == "href"));
    }
    assert_eq!(tags.iter().filter(|t| t.name == "section").count(), body.len());
}
