//! Rows that a machine found unlikely: what is hostile in them stays text.

use spot_analysis::dns::Name;
use spot_analysis::model::Address;
use spot_analysis::rank::{Kind, Part, Ranked, Subject};
use spot_analysis::unlikely::{Rated, UnlikelyAnswer, UnlikelyFlow};
use spot_view::unlikely;

const HOSTILE: &str = "<script>alert(1)</script>\u{202e}\" onload='x' \u{1b}[2J&";

fn rated(score: i64) -> Option<Rated> {
    let text = Some(HOSTILE.to_owned());
    Some(Rated {
        score,
        at: Some("2016-07-08 09:00:00.123456".into()),
        by: text.clone(),
        why: text,
    })
}

fn flow(score: i64) -> UnlikelyFlow {
    UnlikelyFlow {
        time: HOSTILE.to_owned(),
        src: Address::new(HOSTILE),
        dst: Address::new("2001:db8::9"),
        src_port: 0,
        dst_port: 443,
        proto: HOSTILE.to_owned(),
        packets: 1,
        bytes: 3_000_000_000,
        score: Some(1e-7),
        rated: if score == 0 { None } else { rated(score) },
    }
}

fn answer() -> UnlikelyAnswer {
    UnlikelyAnswer {
        time: HOSTILE.to_owned(),
        client: Address::new("10.0.0.5"),
        name: Name::new(HOSTILE),
        outcome: (Some(16), Some(3)),
        score: None,
        client_rated: rated(3),
        name_rated: None,
    }
}

fn ranked() -> Ranked {
    let part = |kind, sentence: &str, technique| Part {
        kind,
        score: 0.5,
        numbers: Vec::new(),
        technique,
        sentence: sentence.to_owned(),
    };
    let technique = Some(spot_analysis::rank::Technique { id: "T1071", name: "Application Layer" });
    Ranked {
        subject: Subject::Domain { name: Name::new(HOSTILE) },
        score: 0.91,
        parts: vec![part(Kind::RarePeer, "1 of 9.", None), part(Kind::Tunnel, HOSTILE, technique)],
    }
}

#[test]
fn nothing_hostile_becomes_markup_or_turns_the_text() {
    let pages = [
        unlikely::flows(&[flow(1), flow(0)], 10).into_string(),
        unlikely::answers(&[answer()], 10).into_string(),
        unlikely::ranking(&[(ranked(), rated(2)), (ranked(), None)], 10).into_string(),
    ];
    for html in &pages {
        assert!(html.contains("&lt;script&gt;") && !html.contains("<script"), "{html}");
        for bad in ["\u{202e}", "\u{1b}", "onload='x'"] {
            assert!(!html.contains(bad), "{bad:?}: {html}");
        }
    }
    let lines = [
        unlikely::flow_label(&flow(1)),
        unlikely::answer_label(&answer()),
        unlikely::ranked_label(&ranked(), None),
    ];
    for line in lines {
        assert!(!line.contains('\u{202e}') && !line.contains('\u{1b}'), "{line:?}");
    }
}

#[test]
fn a_line_says_what_was_said_and_the_reason_that_says_something() {
    assert!(unlikely::flow_label(&flow(1)).starts_with("High · "));
    assert!(unlikely::flow_label(&flow(0)).starts_with("not rated · "));
    assert!(unlikely::flow_label(&flow(0)).contains("→ [2001:db8::9]:443"));
    assert!(unlikely::answer_label(&answer()).starts_with("client Low, name not rated · 10.0.0.5"));
    assert!(unlikely::answer_label(&answer()).contains("TXT NXDOMAIN"));
    assert_eq!(unlikely::strongest(&ranked()), Some(HOSTILE));
    let mut rare = ranked();
    rare.parts.truncate(1);
    assert_eq!(unlikely::strongest(&rare), Some("1 of 9."));
}

#[test]
fn a_table_says_of_how_many_it_shows_how_many() {
    let html = unlikely::flows(&[flow(1), flow(2), flow(3)], 2).into_string();
    assert!(html.contains("2 of 3"), "{html}");
    let text = unlikely::text(&["a".to_owned(), "b".to_owned()], 1);
    assert!(text.contains("1 of 2") && text.ends_with("a"), "{text}");
}
