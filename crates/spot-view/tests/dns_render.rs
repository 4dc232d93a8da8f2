//! What people see of a DNS finding, checked as structure: hostile names stay text, limits are told.

mod answers;
mod days;
mod reading;

use answers::{day, harmless, hostile_days, hostile_names};
use reading::{Tag, assert_survives, decoded, read, words};
use spot_analysis::dns::{Anchor, Investigation, Name, Row, Suspect};
use spot_analysis::model::Address;
use spot_view::result::{ResultOptions, Story};
use spot_view::{dns, figure, page};

fn shown(found: &Investigation, top_results: usize) -> String {
    dns::investigation(found, &ResultOptions { top_results, ..ResultOptions::default() })
        .into_string()
}

/// Cells of the first table whose first column is called `IP`.
fn cells(html: &str) -> Vec<Vec<String>> {
    let tags = read(html).expect("well formed");
    let from = tags.iter().position(|t| t.name == "th" && t.text == "IP").expect("a table of rows");
    let mut lines = Vec::new();
    for tag in &tags[from..] {
        match tag.name.as_str() {
            "tr" => lines.push(Vec::new()),
            "td" => lines.last_mut().expect("a line").push(decoded(&tag.text)),
            _ => {}
        }
    }
    lines
}

#[test]
fn a_result_holds_only_what_a_readers_copy_shows() {
    for found in harmless().iter().chain(&hostile_days()) {
        let bad = days::HOSTILE[found.rows.len() % days::HOSTILE.len()];
        let story = Some(Story { title: bad, text: days::HOSTILE[8], saved_at: None });
        let options = ResultOptions { top_results: 8, story, ..ResultOptions::default() };
        assert_survives(dns::investigation(found, &options).as_str());
        assert_survives(dns::rows(&found.rows, found.day, 3, 30).as_str());
    }
    for found in harmless() {
        let html = shown(&found, 20);
        for bad in ["<style", "<svg", "<script", "var(", "url(", "javascript:"] {
            assert!(!html.contains(bad), "{bad} for {}", found.anchor);
        }
    }
}

#[test]
fn nothing_hidden_leaves_in_any_form() {
    for found in hostile_days() {
        let html = shown(&found, 20);
        let picture = figure::queries(&found, 20);
        let told = dns::text::investigation(&found, 20);
        for out in [html.as_str(), picture.source(), told.as_str()] {
            assert!(!out.contains("EVCXR_END") && !out.contains("EVCXR_BEGIN"));
            let bad = out.chars().find(|&c| {
                c != '\n'
                    && (c.is_control() || "\u{202e}\u{2066}\u{200f}\u{200b}\u{feff}".contains(c))
            });
            assert_eq!(bad, None, "for {:?}", found.anchor);
        }
        assert!(told.contains("U+202E") && words(&html).contains("U+202E"));
    }
}

#[test]
fn a_hostile_name_is_shown_short_and_is_whole_in_its_title() {
    // What was asked for, what a reader sees of it in the table, and in its title.
    let long = format!("{}.example", "a".repeat(240));
    let shown = [
        (
            "<img src=x onerror=alert(1)>",
            "<img src=x onerror=alert(1)>",
            "<img src=x onerror=alert(1)>",
        ),
        ("a\\x00\\\"b.test", "a\\x00\\\"b.test", "a\\x00\\\"b.test"),
        ("gpj\u{202e}exe.test", "gpjU+202Eexe.test", "gpj⟨U+202E⟩exe.test"),
        ("two\nlines", "twoU+000Alines", "two⟨U+000A⟩lines"),
        ("XN--BLE-HARBOR-BEB.example.", "xn--ble-harbor-beb.example", "xn--ble-harbor-beb.example"),
        ("", "(no name)", "these answers hold no name"),
        (".", ".", "."),
        (&long, "aaaaaaaaaaaaaaaaaaaaaaaaaaaa…aaaaaaaaaaaaaaaaaaa.example", &long),
    ];
    for (asked, seen, title) in shown {
        let all = [answers::asked("10.0.0.5", asked, 16, 0, &[], [60, 1, 1])];
        let anchor = Anchor::Client(Address::new("10.0.0.5"));
        let found = answers::found(anchor, Default::default(), &all, 20);
        let html = dns::rows(&found.rows, found.day, 0, 1).into_string();
        assert!(words(&html).contains(&format!("10.0.0.5{seen}1")), "{seen} in {}", words(&html));
        let titles: Vec<Tag> = read(&html).expect("well formed");
        assert!(titles.iter().any(|t| t.name == "td" && t.attribute("title") == title), "{title}");
    }
}

#[test]
fn a_limited_list_says_of_how_many() {
    // V8: the finding keeps every row, the screen says which part it shows.
    let found = answers::generated();
    assert!(found.rows.len() > 300);
    let html = shown(&found, 20);
    assert_eq!(cells(&html).len(), 20);
    let all = words(&html);
    for part in [
        "Queries, most active first — 20 of 322 rows",
        "Dendrogram — 19 of 19 branches",
        "Registered domains by names — 20 of 317",
    ] {
        assert!(all.contains(part), "{part:?} in {all}");
    }
    let picture = figure::queries(&found, 3);
    assert!(picture.source().contains("3 of 317 domains."));
    assert!(words(&shown(&found, 3)).contains("3 of 322 rows"));
    assert!(dns::text::investigation(&found, 3).contains("most active first - 3 of 322 rows"));
}

#[test]
fn pages_show_every_row_once_and_in_order() {
    let found = answers::tunnel();
    let (mut seen, mut from) = (Vec::new(), 0);
    while from < found.rows.len() {
        let page = dns::rows(&found.rows, found.day, from, from + 50);
        seen.extend(
            cells(page.as_str()).into_iter().map(|line| (line[0].clone(), line[2].clone())),
        );
        from += 50;
    }
    let expected: Vec<(String, String)> =
        found.rows.iter().map(|row| (row.client.to_string(), row.total.to_string())).collect();
    assert_eq!(seen, expected);
    for (from, to) in [(found.rows.len(), usize::MAX), (9, 3), (usize::MAX, 0)] {
        let none = dns::rows(&found.rows, found.day, from, to);
        assert!(words(none.as_str()).contains("No rows on this page"), "{from}..{to}");
    }
}

#[test]
fn the_head_tells_who_when_and_how_much() {
    let cases: [(Investigation, &[&str]); 4] = [
        (
            answers::tunnel(),
            &[
                "Threat summary for client 10.20.20.31",
                "all names that it asked for · 2026-03-12 UTC · scored high in 3 rows",
                "1,074answers",
                "622names",
                "18registered domains",
                "2servers",
                "seen, UTC",
                "Conspicuous: example.net with 600 of 622 names, on average 141 characters",
                "types A 410, TXT 315, CNAME 150, NULL 150, AAAA 45, PTR 4",
                "codes NOERROR 1,063, NXDOMAIN 9, SERVFAIL 2",
                "many long or random names",
                "From 1,074 of 60,000 rows of dns",
                "client = 10.20.20.31",
                "24 files",
            ],
        ),
        (
            answers::generated(),
            &[
                "Conspicuous: 300 of 322 names do not exist.",
                "NXDOMAIN",
                "300 names that do not exist",
            ],
        ),
        (
            answers::beacon(),
            &[
                "Threat summary for name status.fleet-agent.example.org",
                "this name only, in any case, with or without the final dot",
                "292answers",
                "3clients",
                "2query types",
                "Most active client: 10.20.10.57 with 288 of 292 (98 %).",
                "Steady: 10.20.10.57 with 288 answers in 288 of 288 spans of 5 minutes.",
                "00:02 to 23:57seen, UTC",
                "Dendrogram — 3 of 3 branches",
            ],
        ),
        (
            answers::wide(),
            &[
                "the registered domain content.example and all names below it",
                "10clients",
                "Most active client: 10.20.1.8 with 80 of 200 (40 %).",
                "40names",
            ],
        ),
    ];
    for (found, parts) in cases {
        let html = words(&shown(&found, 20));
        for part in parts {
            assert!(html.contains(part), "{part:?} in {html}");
        }
    }
}

#[test]
fn a_row_tells_types_codes_answers_and_servers() {
    let html = shown(&answers::beacon(), 20);
    let lines = cells(&html);
    let expected: [&[&str]; 2] = [
        &[
            "10.20.10.57",
            "status.fleet-agent.example.org",
            "288",
            "",
            "00:02",
            "23:57",
            "A",
            "0 %",
            "203.0.113.77",
            "10.20.0.10",
        ],
        &[
            "10.20.10.90",
            "status.fleet-agent.example.org",
            "3",
            "",
            "10:15",
            "11:15",
            "A",
            "0 %",
            "203.0.113.77, 203.0.113.78",
            "10.20.0.10",
        ],
    ];
    assert_eq!(&lines[..2], expected);
    let tunnel = shown(&answers::tunnel(), 40);
    let of = |name: &str| {
        let lines = cells(&tunnel);
        lines.into_iter().find(|line| line[1] == name).map(|line| line[7].clone())
    };
    assert_eq!(of("wpad.corp.test").as_deref(), Some("100 %"));
    assert_eq!(of("cdn.quiet-field.example").as_deref(), Some("0 % · SERVFAIL"));
    assert!(tunnel.contains("title=\"A 60, AAAA 9\""));
}

#[test]
fn a_day_without_rows_is_a_state_and_no_error() {
    // V10.
    let found = answers::empty();
    let html = shown(&found, 20);
    let expected = "No answers for name no.such.example on 2026-03-12 (60,000 rows scanned)";
    assert!(words(&html).contains(expected) && words(&html).contains("Nothing to save."));
    assert!(!html.contains("<table") && !html.contains("<img"));
    assert!(dns::text::investigation(&found, 20).contains(expected));
    assert!(words(dns::suspects(&[], 20).as_str()).contains("No clients or names are scored high"));
}

#[test]
fn suspects_are_told_apart_by_type() {
    let of = |anchor, high_rows, saved| Suspect { anchor, high_rows, saved, flags: vec![] };
    let twin = "10.0.0.5";
    let mut all = vec![
        of(Anchor::Client(Address::new(twin)), 25, true),
        of(Anchor::Query(Name::new(twin)), 1, false),
    ];
    let told = words(dns::suspects(&all, 20).as_str());
    assert!(told.contains("client10.0.0.525✓ saved") && told.contains("name10.0.0.51"), "{told}");
    assert_eq!(dns::label(&all[0].anchor), "client 10.0.0.5");
    assert_eq!(dns::label(&all[1].anchor), "name 10.0.0.5");
    let lines = dns::text::suspects(&all, 1);
    assert!(
        lines.contains("Suspicious DNS - 1 of 2") && lines.contains("client  10.0.0.5"),
        "{lines}"
    );
    all.extend(hostile_names().iter().map(|bad| of(Anchor::Query(Name::new(bad)), 2, false)));
    assert_survives(dns::suspects(&all, 99).as_str());
    for suspect in &all {
        let label = dns::label(&suspect.anchor);
        assert!(label.chars().count() <= 80 && !label.chars().any(char::is_control), "{label:?}");
    }
}

#[test]
fn numbers_of_any_size_are_drawn() {
    let mut found = answers::beacon();
    for row in &mut found.rows {
        *row = Row { total: u64::MAX, nxdomain: u64::MAX, answer_count: u64::MAX, ..row.clone() };
    }
    found.facts.answers = u64::MAX;
    assert_survives(&shown(&found, 20));
    assert!(dns::text::investigation(&found, 20).contains("18,446,744,073,709,551,615"));
}

#[test]
fn plain_text_stands_in_columns() {
    let told = dns::text::investigation(&answers::wide(), 20);
    let lines: Vec<&str> = told.lines().collect();
    let head = lines.iter().position(|l| l.starts_with("  IP")).expect("a table");
    let column = lines[head].find("Query").expect("a column");
    for line in &lines[head + 1..head + 20] {
        assert_eq!(line[column..].find('h'), Some(0), "{line}");
    }
}

/// The pages of all findings in one file, to be looked at.
#[test]
fn the_gallery_is_a_page_that_cannot_run_anything() {
    let found = [harmless(), vec![answers::hostile(0), answers::hostile(1)]].concat();
    let body: Vec<_> =
        found.iter().map(|f| dns::investigation(f, &ResultOptions::default())).collect();
    let html = page::document("DNS findings", &body);
    let tags = read(html.trim_start_matches("<!doctype html>").trim()).expect("well formed");
    assert_eq!(tags.iter().filter(|t| t.name == "section").count(), found.len());
    assert!(!tags.iter().any(|t| ["script", "a", "iframe"].contains(&t.name.as_str())));
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("dns-gallery.html");
    std::fs::write(&file, html).expect("a page to look at");
    assert_eq!(day(), found[0].day);
}
