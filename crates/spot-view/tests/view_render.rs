//! What people see, checked as structure: hostile text stays text, limits are told, and a result
//! holds only what survives in a notebook that somebody else made.

mod days;
mod reading;

use chrono::NaiveDateTime;
use polars::prelude::{DataType, IntoColumn, NamedFrom, Series, TimeUnit, df};
use reading::{Tag, decoded, read, words};
use spot_analysis::model::{Address, Investigation};
use spot_view::figure;
use spot_view::result::{ResultOptions, Story, investigation};
use spot_view::states::{self, Written};
use spot_view::tables::{self, SuspectLine, suspects};
use spot_view::{Markup, format, page, text};

fn harmless() -> Vec<Investigation> {
    vec![
        days::busy(),
        days::one_peer(),
        days::empty(),
        days::only_itself(),
        days::ipv6(),
        days::twenty_lanes(),
    ]
}

fn hostile() -> Vec<Investigation> {
    (0..days::HOSTILE.len()).map(days::hostile).collect()
}

fn shown(found: &Investigation) -> String {
    let bad = days::HOSTILE[found.peers.len() % days::HOSTILE.len()];
    let story = Some(Story { title: bad, text: days::HOSTILE[8], saved_at: None });
    investigation(found, &ResultOptions { top_results: 8, story }).into_string()
}

/// Tags, attributes and style properties that JupyterLab 4 keeps in an untrusted notebook.
const TAGS: &[&str] = &[
    "b", "bdi", "br", "code", "details", "div", "h3", "img", "span", "summary", "table", "tbody",
    "td", "th", "thead", "tr",
];
const ATTRIBUTES: &[&str] = &["alt", "dir", "open", "scope", "src", "style", "title"];
const PROPERTIES: &[&str] = &[
    "background-color",
    "background-image",
    "background-size",
    "border",
    "border-bottom",
    "border-collapse",
    "border-left",
    "border-radius",
    "border-right",
    "border-top",
    "color",
    "cursor",
    "display",
    "font-family",
    "font-size",
    "font-weight",
    "height",
    "line-height",
    "margin",
    "margin-right",
    "margin-top",
    "max-width",
    "min-width",
    "opacity",
    "overflow-wrap",
    "overflow-x",
    "padding",
    "padding-right",
    "padding-top",
    "table-layout",
    "text-align",
    "vertical-align",
    "white-space",
    "width",
    "word-break",
    // May be dropped; the tables then stand in one column.
    "grid-template-columns",
];

fn assert_survives(html: &str) {
    assert!(!html.chars().any(char::is_control), "a control character or line break in {html:?}");
    for tag in read(html).expect("well formed") {
        let Tag { name, attributes, .. } = &tag;
        assert!(TAGS.contains(&name.as_str()), "tag {tag:?}");
        for (attribute, value) in attributes {
            assert!(ATTRIBUTES.contains(&attribute.as_str()), "attribute {tag:?}");
            match attribute.as_str() {
                "src" => assert!(value.starts_with("data:image/svg+xml;base64,"), "{value}"),
                "style" => {
                    assert!(!value.contains("var(") && !value.contains("url("), "{value}");
                    for declaration in value.split(';') {
                        let property = declaration.split(':').next().unwrap_or_default().trim();
                        assert!(
                            PROPERTIES.contains(&property),
                            "property {property:?} in {value:?}"
                        );
                    }
                }
                _ => {}
            }
        }
    }
}

#[test]
fn a_result_holds_only_what_a_readers_copy_shows() {
    for found in harmless().iter().chain(&hostile()) {
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
        };
        let written = Written { artefact: bad.to_string(), path: bad.to_string(), rows: 3 };
        for html in [
            suspects(&[line], 9),
            states::error(bad, bad, bad),
            states::empty(bad, bad),
            states::saved(bad, &[written]),
            states::progress(bad),
            states::dead_panel_hint(bad),
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
    for found in hostile() {
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
    let few = investigation(&busy, &ResultOptions { top_results: 3, story: None }).into_string();
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
    let options = ResultOptions { top_results: 8, story: Some(story) };
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
fn a_timeline_fits_its_picture() {
    for found in harmless().iter().chain(&hostile()) {
        let picture = figure::timeline(&found.timeline, &found.anchor, found.day);
        let tags = read(picture.source()).expect("well formed");
        let size: Vec<f64> =
            tags[0].attribute("viewBox").split(' ').map(|n| n.parse().unwrap_or(-1.0)).collect();
        assert_eq!(&size[..2], [0.0, 0.0]);
        let lanes = tags.iter().filter(|t| t.name == "g").count();
        assert_eq!(lanes, found.timeline.lanes.len());
        let labels: Vec<&Tag> =
            tags.iter().filter(|t| t.name == "text" && t.attribute("class") == "l").collect();
        let mut lanes_from_top = labels.iter().map(|l| l.number("y")).collect::<Vec<_>>();
        assert!(
            lanes_from_top.iter().all(|&y| 20.0 < y && y < size[3]),
            "{lanes_from_top:?} of {size:?}"
        );
        lanes_from_top.dedup_by(|below, above| *below - *above < 15.0);
        assert_eq!(lanes_from_top.len(), lanes, "lanes cover each other");
        for label in labels {
            let font: f64 = label
                .attribute("style")
                .trim_start_matches("font-size:")
                .trim_end_matches("px")
                .parse()
                .expect("a size");
            let width = decoded(&label.text).chars().count() as f64 * font * 0.61;
            assert!(label.number("x") - width >= 0.0, "{} is cut off", label.text);
        }
        for bar in tags.iter().filter(|t| t.name == "path" && t.attribute("d").contains('z')) {
            for start in bar.attribute("d").split('M').skip(1) {
                let x: f64 = start.split(' ').next().unwrap_or_default().parse().expect("a place");
                assert!((0.0..=size[2]).contains(&x), "{x}");
            }
        }
        for tag in &tags {
            assert!(
                !tag.attributes
                    .iter()
                    .any(|(name, _)| name.starts_with("on") || name.contains("href")),
                "{tag:?}"
            );
            assert!(
                ["svg", "title", "desc", "style", "g", "text", "path"].contains(&tag.name.as_str()),
                "{tag:?}"
            );
        }
        assert!(picture.source().contains("prefers-color-scheme:dark"));
        assert_eq!(tags.iter().filter(|t| t.name == "desc").count(), 1);
    }
}

#[test]
fn a_bar_stands_at_its_time_and_is_as_high_as_its_bytes() {
    let found = days::busy();
    let source = figure::timeline(&found.timeline, &found.anchor, found.day);
    let tags = read(source.source()).expect("well formed");
    let hour = |at: &str| {
        tags.iter()
            .find(|t| t.name == "text" && t.text == at)
            .map(|t| t.number("x"))
            .expect("an hour")
    };
    let (from, to) = (hour("00:00"), hour("24:00"));
    let bars: Vec<&str> =
        tags.iter().filter(|t| t.attribute("d").contains('z')).map(|t| t.attribute("d")).collect();
    for (lane, bars) in found.timeline.lanes.iter().zip(&bars) {
        let bars: Vec<&str> = bars.split('M').skip(1).collect();
        assert_eq!(bars.len(), lane.bins.len());
        let mut heights: Vec<(u64, f64)> = Vec::new();
        for (bin, bar) in lane.bins.iter().zip(bars) {
            let x: f64 = bar.split(' ').next().unwrap_or_default().parse().expect("a place");
            let expected = from + (to - from) * f64::from(bin.index) / 288.0;
            assert!((x - expected).abs() < 1.0, "{x} for bin {} at {expected}", bin.index);
            let height = bar.split('-').nth(1).and_then(|h| h.split('h').next()).expect("a height");
            heights.push((bin.bytes, height.parse().expect("a height")));
        }
        heights.sort_by_key(|h| h.0);
        assert!(heights.is_sorted_by(|a, b| a.1 <= b.1), "{heights:?}");
    }
    assert!(source.alt().contains("65.9.94.46, two-way: 4 connections, 2.2 MB"));
}

#[test]
fn a_picture_is_an_image_with_words() {
    let html = shown(&days::busy());
    let images: Vec<Tag> =
        read(&html).expect("well formed").into_iter().filter(|t| t.name == "img").collect();
    assert_eq!(images.len(), 1);
    assert!(images[0].attribute("alt").starts_with("Timeline of 147.32.81.167 on 2022-06-13"));
}

#[test]
fn a_frame_is_shown_in_the_order_asked_for() {
    let times =
        Series::new("treceived".into(), [1_655_164_800_000_000_i64, 1_655_164_861_000_000, 0])
            .cast(&DataType::Datetime(TimeUnit::Microseconds, None))
            .expect("a time");
    let mut frame = df!(
        "sip" => [Some("10.0.0.5"), Some("<b>x</b>"), None],
        "ibyt" => [Some(3_000_000_000_i64), None, Some(-7)],
        "dport" => [53_341_i64, 443, 80],
        "avg" => [12.5, f64::NAN, 1_234.0],
    )
    .expect("a frame");
    frame.with_column(times.into_column()).expect("a column");
    let html = tables::frame(&frame, &["dport", "sip", "ibyt", "avg", "treceived"], 2)
        .expect("known columns");
    assert_survives(html.as_str());
    let tags = read(html.as_str()).expect("well formed");
    let cells = |name: &str| -> Vec<String> {
        tags.iter().filter(|t| t.name == name).map(|t| decoded(&t.text)).collect()
    };
    assert_eq!(cells("th"), ["dport", "sip", "ibyt", "avg", "treceived"]);
    assert_eq!(
        cells("td"),
        [
            "53341",
            "10.0.0.5",
            "3,000,000,000",
            "12.5",
            "2022-06-14 00:00:00", //
            "443",
            "<b>x</b>",
            "–",
            "NaN",
            "2022-06-14 00:01:01",
        ]
    );
    assert!(words(html.as_str()).contains("2 of 3 rows"));
    let right: Vec<bool> = tags
        .iter()
        .filter(|t| t.name == "th")
        .map(|t| t.attribute("style").contains("right"))
        .collect();
    assert_eq!(right, [true, false, true, true, false]);

    let error = tables::frame(&frame, &["sip", "srcIP<"], 2).expect_err("unknown");
    assert_eq!(error.name, "srcIP<");
    assert_survives(error.markup().as_str());
    let told = words(error.markup().as_str());
    assert!(
        told.contains("no column \"srcIP<\"") && told.contains("sip, ibyt, dport, avg, treceived"),
        "{told}"
    );
    let none = tables::frame(&frame.head(Some(0)), &["sip"], 2).expect("known columns");
    assert!(words(none.as_str()).contains("No rows."));
}

#[test]
fn numbers_read_well() {
    let bytes = [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (44_949, "44.9 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (3_000_000_000, "3.0 GB"),
        (u64::MAX, "18.4 EB"),
    ];
    for (n, expected) in bytes {
        assert_eq!(format::bytes(n), expected);
    }
    for (n, expected) in
        [(0, "0"), (999, "999"), (1_000, "1,000"), (u64::MAX, "18,446,744,073,709,551,615")]
    {
        assert_eq!(format::count(n), expected);
    }
    let ports: [(&[u16], u64, &str); 5] = [
        (&[53341, 2069, 17170], 96, "53341, 2069 +94"),
        (&[443], 1, "443"),
        (&[0], 1, "0"),
        (&[], 0, "–"),
        (&[80, 443], 2, "80, 443"),
    ];
    for (listed, all, expected) in ports {
        assert_eq!(format::ports(listed, all, 2), expected);
    }
    let at = |text: &str| NaiveDateTime::parse_from_str(text, "%F %T").expect("a time");
    assert_eq!(format::time(days::day(), at("2022-06-13 15:20:07")), "15:20");
    assert_eq!(format::time(days::day(), at("2022-06-12 23:59:59")), "06-12 23:59");
    assert_eq!(format::share(1, 1_000), "<1 %");
    assert_eq!(format::share(u64::MAX, u64::MAX), "100 %");
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
    let body: Vec<Markup> =
        hostile().iter().map(|found| investigation(found, &ResultOptions::default())).collect();
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
