//! The report as a file: nothing hostile gets out of its place, the policy fits the script, the data
//! are the finding's numbers, and it stays small.

mod answers;
mod days;
mod made;
mod payloads;
mod reading;

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono_tz::Tz;
use polars::prelude::DataFrame;
use reading::{Tag, decoded, read, words};
use serde_json::Value;
use sha2::{Digest, Sha256};
use spot_analysis::dns::cross::Resolved;
use spot_analysis::dns::{Anchor, Name, Scope};
use spot_analysis::model::{Address, ContextName, Investigation};
use spot_view::report::{DnsReport, FlowReport, IndexLine, dns, flow, index};
use spot_view::result::Story;

const ANCHOR: &str = "10.0.0.5";

fn report(
    found: &Investigation,
    rows: &DataFrame,
    resolved: &[Resolved],
    story: Story<'_>,
) -> String {
    flow(&FlowReport {
        found,
        rows,
        resolved,
        story: Some(story),
        top_results: 20,
        zone: Tz::UTC,
        up: Some("index.html"),
    })
}

const STORY: Story<'static> =
    Story { title: "A title", text: "One line.\nAnother.", saved_at: None };

/// A page without what its styles and scripts hold, and those texts, as a browser's parser parts them.
fn parted(html: &str) -> (String, Vec<(String, String)>) {
    let html = html.strip_prefix("<!doctype html>\n").expect("a document type").trim_end();
    let (mut page, mut raw, mut rest) = (String::new(), Vec::new(), html);
    while let Some(at) = ["<script", "<style>"].iter().filter_map(|tag| rest.find(tag)).min() {
        let (before, element) = rest.split_at(at);
        let (tag, inner) = element.split_once('>').expect("a whole tag");
        let end = if tag.starts_with("<script") { "</script" } else { "</style" };
        let at = inner.to_ascii_lowercase().find(end).expect("an end");
        let (text, after) = inner.split_at(at);
        page.push_str(before);
        page.push_str(tag);
        page.push('>');
        raw.push((tag.to_owned(), text.to_owned()));
        rest = after;
    }
    page.push_str(rest);
    (page, raw)
}

/// Reads a page and checks all that holds for every page: its parts, its policy, its attributes.
fn checked(html: &str) -> (Vec<Tag>, Value) {
    let (page, raw) = parted(html);
    let kinds: Vec<&str> = raw.iter().map(|(tag, _)| tag.as_str()).collect();
    let data = "<script type=\"application/json\" id=\"data\"";
    assert_eq!(kinds, ["<style", data, "<script"], "one style, one block of data, one script");
    for (_, text) in &raw {
        assert!(!text.contains("<!--") && !text.contains("]]>"), "a text that changes the parser");
    }
    assert!(!raw[1].1.contains(['<', '>', '&']), "data hold no markup");

    let tags = read(&page).expect("well formed");
    let policy = tags.iter().find(|tag| tag.attribute("http-equiv") == "Content-Security-Policy");
    let policy = policy.expect("a policy").attribute("content");
    let hash = STANDARD.encode(Sha256::digest(raw[2].1.as_bytes()));
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; img-src data:; style-src 'unsafe-inline'; \
script-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'"
        )
    );
    let mut ids = HashSet::new();
    for tag in &tags {
        for (name, value) in &tag.attributes {
            assert!(!name.starts_with("on"), "a handler: {tag:?}");
            match name.as_str() {
                "id" => assert!(ids.insert(value.clone()), "{value} twice"),
                "href" => assert!(
                    value
                        .strip_prefix('#')
                        .unwrap_or(value)
                        .chars()
                        .all(|c| { c.is_ascii_alphanumeric() || "._-".contains(c) }),
                    "a link to {value}"
                ),
                "src" => assert!(value.starts_with("data:image/"), "{tag:?}"),
                // References inside a figure; nothing is loaded.
                "style" => assert!(!value.replace("url(#", "").contains("url("), "{value}"),
                _ => {}
            }
        }
    }
    let json = serde_json::from_str(&raw[1].1).expect("data that can be read");
    (tags, json)
}

/// Elements by name, how many of each.
fn elements(tags: &[Tag]) -> Vec<String> {
    let mut names: Vec<String> = tags.iter().map(|tag| tag.name.clone()).collect();
    // Boxes around characters without a shape, and what turns right-to-left words, are ours.
    // How many marks a figure has is up to its labels.
    let ours = ["span", "bdi", "br", "g", "path", "text", "title"];
    names.retain(|name| !ours.contains(&name.as_str()));
    names.sort();
    names
}

#[test]
fn there_are_at_least_two_hundred_payloads_and_no_two_are_the_same() {
    let all = payloads::all();
    let distinct: HashSet<&str> = all.iter().copied().collect();
    assert_eq!(distinct.len(), all.len());
    assert!(all.len() >= 200, "{}", all.len());
}

/// A day in which `bad` is the anchor's, a peer's, a name's and everything else's text; or, with a
/// harmless text, the same day.
fn day_of(bad: &str) -> String {
    let mut rows = made::rows_of(60, 12);
    rows[3].peer = bad.to_owned();
    rows[4].proto = bad.to_owned();
    let frame = made::frame(ANCHOR, &rows);
    let mut found = made::found(ANCHOR, &frame, &made::network(), 20);
    found.side.rule = bad.to_owned();
    found.context =
        Some(ContextName { name: bad.to_owned(), rule: bad.to_owned(), class: bad.to_owned() });
    let place = days::place([bad; 6]);
    for peer in &mut found.peers {
        peer.context = found.context.clone();
        peer.place = Some(place.clone());
        peer.protocols = vec![bad.to_owned()];
    }
    found.provenance.filter = bad.to_owned();
    found.provenance.fingerprint = bad.to_owned();
    found.provenance.files[0].path = bad.to_owned();
    found.notes = vec![bad.to_owned()];
    let mut resolved = made::names(&found, 3);
    resolved[0].name = Name::new(bad);
    resolved[1].clients = vec![Address::new(bad)];
    found.anchor = Address::new(bad);
    report(&found, &frame, &resolved, Story { title: bad, text: bad, saved_at: None })
}

#[test]
fn no_payload_becomes_an_element_an_attribute_or_a_script() {
    let (tags, _) = checked(&day_of("harmless"));
    let expected = elements(&tags);
    for bad in payloads::all() {
        let html = day_of(bad);
        let (tags, json) = checked(&html);
        assert_eq!(elements(&tags), expected, "{bad:?}");
        let shown = spot_view::plain(bad.trim());
        assert!(
            json["words"].as_array().expect("words").iter().any(|word| word == &shown),
            "{bad:?}"
        );
        assert_eq!(json["about"]["anchor"], shown);
        let hidden = html.chars().find(|&c| {
            c != '\n'
                && (c.is_control()
                    || "\u{202e}\u{2066}\u{200f}\u{200b}\u{feff}\u{2028}".contains(c))
        });
        assert_eq!(hidden, None, "{bad:?}");
        assert!(!html.contains("EVCXR_"));
    }
}

#[test]
fn no_payload_gets_out_of_a_dns_report_or_the_index() {
    let dns_of = |bad: &str| {
        let mut found = answers::tunnel();
        found.rows.truncate(40);
        found.anchor = Anchor::Query(Name::new(bad));
        found.scope = Scope::Substring(bad.to_owned());
        found.rows[0].name = Name::new(bad);
        found.rows[1].answers = vec![Address::new(bad)];
        found.rows[2].registered_domain = Some(Name::new(bad));
        found.provenance.filter = bad.to_owned();
        let mut followed = made::followed(&found);
        followed[0].names = vec![Name::new(bad)];
        dns(&DnsReport {
            found: &found,
            followed: &followed,
            pairs: 40,
            story: Some(Story { title: bad, text: bad, saved_at: None }),
            top_results: 20,
            zone: Tz::UTC,
            up: None,
        })
    };
    let line = |bad: &str, file: &str| IndexLine {
        about: bad.to_owned(),
        kind: bad.to_owned(),
        file: file.to_owned(),
        high_rows: 3,
        rows: 9,
        peers: 2,
        bytes: Some(70),
        evidence: vec![bad.to_owned(), bad.to_owned()],
        score: 4,
        story: Some(bad.to_owned()),
        flags: 1,
        failed: None,
    };
    let list = |bad: &str| {
        let failed = IndexLine { failed: Some(bad.to_owned()), ..line("x", "x.html") };
        let lines = [line(bad, "one.html"), line(bad, bad), failed];
        index("flow", made::day(), &lines, &[bad.to_owned()])
    };
    let links = |tags: &[Tag]| tags.iter().filter(|tag| tag.name == "a").count();
    let expected = elements(&checked(&list("a text")).0);
    for bad in payloads::all() {
        checked(&dns_of(bad));
        let (tags, _) = checked(&list(bad));
        // The second is a link where the payload is a file's name, which is harmless.
        let mut names = elements(&tags);
        if links(&tags) > expected.iter().filter(|name| *name == "a").count() {
            assert!(bad.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)), "{bad:?}");
            names.remove(0);
        }
        assert_eq!(names, expected, "{bad:?}");
    }
}

/// A table of the data.
fn table<'a>(json: &'a Value, id: &str) -> &'a Value {
    let tables = json["tables"].as_array().expect("tables");
    tables.iter().find(|table| table["id"] == id).expect("the table")
}

/// A column's numbers, as the script reads them: all the same, one more each row, or listed.
fn numbers(table: &Value, name: &str) -> Vec<i128> {
    let rows = table["rows"].as_i64().expect("rows") as usize;
    let columns = table["columns"].as_array().expect("columns");
    let column = columns.iter().find(|column| column["name"] == name).expect("the column");
    if let Some(same) = column["same"].as_u64() {
        return numbers(table, columns[same as usize]["name"].as_str().expect("a name"));
    }
    let number = |value: &Value| match value {
        Value::String(big) => big.parse().expect("digits"),
        value => i128::from(value.as_i64().expect("a number")),
    };
    let values: Vec<i128> = match (&column["seq"], &column["all"], &column["v"]) {
        (Value::Null, Value::Null, listed) => {
            listed.as_array().expect("values").iter().map(number).collect()
        }
        (Value::Null, all, _) => vec![number(all); rows],
        (seq, ..) => (0..rows).map(|row| number(seq) + row as i128).collect(),
    };
    assert_eq!(values.len(), rows, "{name}");
    let base = column["base"].as_i64().unwrap_or(0);
    values.into_iter().map(|value| value + i128::from(base)).collect()
}

#[test]
fn the_data_are_the_numbers_of_the_finding() {
    let frame = made::frame(ANCHOR, &made::rows_of(5_000, 700));
    let found = made::found(ANCHOR, &frame, &made::network(), 20);
    let (_, json) = checked(&report(&found, &frame, &made::names(&found, 50), STORY));
    let peers = table(&json, "peers");
    assert_eq!(peers["rows"], found.peers.len());
    assert_eq!(peers["of"], found.facts.peers);
    let sum = |name| numbers(peers, name).iter().sum::<i128>();
    assert_eq!(sum("Connections"), i128::from(found.facts.connections));
    assert_eq!(sum("Received"), i128::from(found.facts.bytes_in));
    assert_eq!(sum("Sent"), i128::from(found.facts.bytes_out));
    let words = json["words"].as_array().expect("words");
    let addresses: Vec<&str> = numbers(peers, "Peer")
        .into_iter()
        .map(|word| words[word as usize].as_str().expect("a word"))
        .collect();
    let expected: Vec<&str> = found.peers.iter().map(|peer| peer.address.as_str()).collect();
    assert_eq!(addresses, expected);
    let first: Vec<i128> =
        found.peers.iter().map(|p| p.first_seen.and_utc().timestamp().into()).collect();
    assert_eq!(numbers(peers, "First"), first);
    let after: Vec<i128> =
        found.peers.iter().map(|p| (p.last_seen - p.first_seen).num_seconds().into()).collect();
    assert_eq!(numbers(peers, "Last"), after);

    let rows = table(&json, "rows");
    assert_eq!(numbers(rows, "Connections").iter().sum::<i128>(), 5_000);
    assert_eq!(json["about"]["rows"], 5_000);
    assert_eq!(json["about"]["fileCount"], 24);
}

#[test]
fn numbers_that_a_script_would_round_are_texts() {
    let mut found = days::one_peer();
    found.peers[0].bytes_in = u64::MAX;
    found.peers[0].bytes_out = (1 << 53) + 1;
    let rows = made::frame("10.0.0.5", &[]);
    let (_, json) = checked(&report(&found, &rows, &[], STORY));
    let peers = table(&json, "peers");
    assert_eq!(numbers(peers, "Received"), [i128::from(u64::MAX)]);
    assert_eq!(numbers(peers, "Sent"), [(1 << 53) + 1]);
    let column = peers["columns"].as_array().expect("columns").iter().find(|c| c["name"] == "Sent");
    assert_eq!(column.expect("sent")["all"], "9007199254740993");
}

#[test]
fn fifty_thousand_flows_fit_into_five_megabytes() {
    for peers in [5_000, 50_000] {
        let made = made::rows_of(50_000, peers);
        let frame = made::frame(ANCHOR, &made);
        let found = made::found(ANCHOR, &frame, &made::network(), 20);
        assert_eq!(found.peers.len(), peers);
        let html = report(&found, &frame, &made::names(&found, 500), STORY);
        assert!(html.len() < 5_000_000, "{} bytes with {peers} peers", html.len());
        let (_, json) = checked(&html);
        let in_file = table(&json, "peers");
        assert_eq!((&in_file["rows"], &in_file["of"]), (&peers.min(45_000).into(), &peers.into()));
        assert_eq!(table(&json, "rows")["rows"], 50_000, "no two rows have the same ends");
    }
}

#[test]
fn a_limited_table_says_of_how_many() {
    let frame = made::frame(ANCHOR, &made::rows_of(61_000, 40));
    let found = made::found(ANCHOR, &frame, &made::network(), 20);
    let html = report(&found, &frame, &made::names(&found, 30), STORY);
    let (_, json) = checked(&html);
    let rows = table(&json, "rows");
    assert_eq!((&rows["rows"], &rows["of"]), (&60_000.into(), &61_000.into()));
    let page = words(&parted(&html).0);
    for limit in ["20 of 40 peers", "20 of 61,000 groups", "20 of 30 names"] {
        assert!(page.contains(limit), "{limit}");
    }
    let mut tunnel = answers::tunnel();
    let row = tunnel.rows[0].clone();
    tunnel.rows = (0..40_000)
        .map(|i| {
            let mut row = row.clone();
            row.name = Name::new(format!("{i}.{}.example.net", "a".repeat(200)));
            row
        })
        .collect();
    let report = DnsReport {
        found: &tunnel,
        followed: &[],
        pairs: 0,
        story: None,
        top_results: 20,
        zone: Tz::UTC,
        up: None,
    };
    let html = dns(&report);
    assert!(html.len() < 5_000_000, "{}", html.len());
    let (_, json) = checked(&html);
    let rows = table(&json, "rows");
    assert_eq!(rows["of"], 40_000);
    assert!(rows["rows"].as_u64().expect("rows") > 5_000);
}

#[test]
fn every_state_of_a_day_has_a_page() {
    let rows = made::frame(ANCHOR, &made::rows_of(30, 5));
    for found in days::harmless().iter().chain(&days::hostile_days()) {
        for rows in [&rows, &rows.head(Some(0)), &DataFrame::empty()] {
            checked(&report(found, rows, &made::names(found, 9), STORY));
        }
    }
    let page = |found: &Investigation, rows: &DataFrame| words(&report(found, rows, &[], STORY));
    assert!(page(&days::empty(), &rows).contains("No flows for 192.0.2.200"));
    assert!(page(&days::busy(), &DataFrame::empty()).contains("The rows cannot be shown."));
    for found in answers::harmless().iter().chain(&answers::hostile_days()) {
        let followed = made::followed(found);
        let report = DnsReport {
            found,
            followed: &followed,
            pairs: 99,
            story: None,
            top_results: 20,
            zone: Tz::UTC,
            up: Some("index.html"),
        };
        checked(&dns(&report));
    }
    checked(&index("dns", made::day(), &[], &[]));
}

#[test]
fn the_story_keeps_its_lines_and_the_same_input_gives_the_same_bytes() {
    let frame = made::frame(ANCHOR, &made::rows_of(400, 30));
    let found = made::found(ANCHOR, &frame, &made::network(), 20);
    let html = report(&found, &frame, &made::names(&found, 9), STORY);
    assert!(html.contains("One line.<br>Another."));
    assert!(html.contains(">A title<"));
    assert_eq!(html, report(&found, &frame, &made::names(&found, 9), STORY));
    // Rows in another order are the same rows.
    let mut other = made::rows_of(400, 30);
    other.reverse();
    let again = made::frame(ANCHOR, &other);
    let found = made::found(ANCHOR, &again, &made::network(), 20);
    assert_eq!(html, report(&found, &again, &made::names(&found, 9), STORY));
}

#[test]
fn the_index_ranks_as_given_and_links_what_was_made() {
    let lines: Vec<IndexLine> = ["192.0.2.7", "10.0.0.5", "198.51.100.1"]
        .iter()
        .enumerate()
        .map(|(i, about)| IndexLine {
            about: about.to_string(),
            kind: "outside".into(),
            file: format!("flow-{i}.html"),
            high_rows: i as u64,
            rows: 10,
            peers: 2,
            bytes: None,
            evidence: vec!["scored high".into(), "steady".into()],
            score: 7,
            story: None,
            flags: 0,
            failed: (i == 2).then(|| "cut short".to_owned()),
        })
        .collect();
    let html = index("flow", made::day(), &lines, &["A note.".into()]);
    let (tags, _) = checked(&html);
    let links: Vec<(&str, String)> = tags
        .iter()
        .filter(|tag| tag.name == "a" && !tag.attribute("href").starts_with('#'))
        .map(|tag| (tag.attribute("href"), decoded(&tag.text)))
        .collect();
    let expected =
        [("flow-0.html", "192.0.2.7".to_owned()), ("flow-1.html", "10.0.0.5".to_owned())];
    assert_eq!(links, expected);
    let page = words(&parted(&html).0);
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text}"));
    assert!(at("192.0.2.7") < at("10.0.0.5") && at("10.0.0.5") < at("198.51.100.1"));
    for text in [
        "2 of 3 reports were made; 1 failed.",
        "no report: cut short",
        "scored high; steady",
        "A note.",
    ] {
        at(text);
    }
}
