//! All figures of a flow finding: what they say is what the finding has, and it can be read.

mod days;
mod reading;

use std::collections::BTreeSet;

use chrono_tz::Tz;
use days::{contexts, harmless, hostile_days, placed};
use reading::{Tag, assert_survives, decoded, read, words};
use spot_analysis::breakdown::branches;
use spot_analysis::model::{Investigation, Place, Span};
use spot_view::figure::gallery::{self, Figure};
use spot_view::figure::{self, Svg, geo};

fn tags(svg: &Svg) -> Vec<Tag> {
    read(svg.source()).expect("well formed")
}

fn all_days() -> Vec<Investigation> {
    harmless().into_iter().chain(hostile_days()).collect()
}

fn numbers(text: &str) -> Vec<f64> {
    text.split([' ', 'M', 'L', 'H', 'V', 'A', 'Q', 'z', 'h', 'v'])
        .filter_map(|part| part.parse().ok())
        .collect()
}

/// Elements with an attribute, and what is in them: for each the tags up to the next such element.
fn groups<'a>(tags: &'a [Tag], attribute: &str) -> Vec<&'a [Tag]> {
    let has = |tag: &Tag| tag.attributes.iter().any(|(name, _)| name == attribute);
    let at: Vec<usize> = (0..tags.len()).filter(|&n| has(&tags[n])).collect();
    at.iter()
        .enumerate()
        .map(|(n, &from)| &tags[from..at.get(n + 1).copied().unwrap_or(tags.len())])
        .collect()
}

#[test]
fn every_figure_is_whole_quiet_and_inside_its_frame() {
    for found in all_days() {
        for Figure { name, svg, table, .. } in gallery::flow(&found) {
            let tags = tags(&svg);
            let known = ["svg", "title", "desc", "style", "g", "text", "path"];
            let place = format!("{name} of {:?}", found.anchor);
            let frame = numbers(tags[0].attribute("viewBox"));
            assert_eq!(tags.iter().filter(|t| t.name == "desc").count(), 1, "{place}");
            assert!(tags[1].name == "title" && !tags[1].text.is_empty(), "{place}");
            for tag in &tags {
                assert!(known.contains(&tag.name.as_str()), "{place}: {tag:?}");
                for (attribute, _) in &tag.attributes {
                    let may = !attribute.starts_with("on") && !attribute.contains("href");
                    assert!(may && attribute != "style" && attribute != "id", "{place}: {tag:?}");
                }
            }
            for text in tags.iter().filter(|t| t.name == "text") {
                let (x, y) = (text.number("x"), text.number("y"));
                let size = match text.attribute("font-size") {
                    "" => 12.0,
                    size => size.parse().expect("a size"),
                };
                let class = text.attribute("class");
                let part = if class.contains('l') && class != "pale" { 0.605 } else { 0.5 };
                let wide = decoded(&text.text).chars().count() as f64 * size * part;
                let (from, to) = match text.attribute("text-anchor") {
                    "end" => (x - wide, x),
                    "middle" => (x - wide / 2.0, x + wide / 2.0),
                    _ => (x, x + wide),
                };
                assert!(
                    from > -3.0 && to < frame[2] + 3.0 && y > 0.0 && y <= frame[3],
                    "{place}: {} from {from} to {to} at {y} in {frame:?}",
                    text.text
                );
            }
            // In the dark a class gets a colour and no filling: its lines are of the same class.
            let dark = svg.source().split("prefers-color-scheme:dark").nth(1).expect("dark rules");
            for class in [".in", ".out", ".two"] {
                assert!(dark.contains(&format!("{class}{{color:")), "{place}: {class}");
            }
            assert!(svg.source().len() < 150_000, "{place}: {} bytes", svg.source().len());
            let hidden = |c: char| c.is_control() || "\u{202e}\u{200b}\u{feff}\u{ad}".contains(c);
            assert!(!svg.source().contains(hidden), "{place}");
            assert_survives(table.as_str());
            assert!(words(table.as_str()).contains(" of "), "{place} says of how many");
        }
        assert_eq!(shape(&found), shape(&found.clone()));
    }
}

fn shape(found: &Investigation) -> Vec<String> {
    gallery::flow(found).iter().map(|figure| figure.svg.source().to_owned()).collect()
}

#[test]
fn texts_do_not_cover_each_other() {
    for found in all_days() {
        for Figure { name, svg, .. } in gallery::flow(&found) {
            let tags = tags(&svg);
            let boxes: Vec<([f64; 4], String)> = tags
                .iter()
                .filter(|t| t.name == "text")
                .map(|text| {
                    let (x, y) = (text.number("x"), text.number("y"));
                    let class = text.attribute("class");
                    let part = if class.contains('l') && class != "pale" { 0.6 } else { 0.47 };
                    let size = text.attribute("font-size").parse().unwrap_or(12.0);
                    let wide = decoded(&text.text).chars().count() as f64 * size * part;
                    let from = match text.attribute("text-anchor") {
                        "end" => x - wide,
                        "middle" => x - wide / 2.0,
                        _ => x,
                    };
                    ([from, y - 8.0, from + wide, y + 2.0], decoded(&text.text))
                })
                .collect();
            for (n, (a, one)) in boxes.iter().enumerate() {
                for (b, other) in &boxes[n + 1..] {
                    let apart = a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1];
                    assert!(apart, "{name} of {:?}: {one} covers {other}", found.anchor);
                }
            }
        }
    }
}

#[test]
fn progression_draws_every_leaf_and_counts_every_peer() {
    for (found, kept, all) in [(placed(), 5, 5), (contexts(3), 39, 39), (contexts(400), 40, 0)] {
        let svg = figure::progression(&found).expect("peers");
        let tags = tags(&svg);
        let leaves: Vec<&Tag> =
            tags.iter().filter(|t| !t.attribute("data-context").is_empty()).collect();
        let more =
            leaves.iter().filter(|t| t.attribute("data-context").starts_with("and ")).count();
        assert_eq!(leaves.len() - more, kept);
        let counts: u64 = groups(&tags, "data-context")
            .iter()
            .filter_map(|leaf| leaf.iter().rfind(|t| t.name == "text" && t.text.contains(" · ")))
            .filter_map(|text| text.text.split(" · ").next()?.parse::<u64>().ok())
            .sum();
        assert_eq!(counts, found.peers.len() as u64);
        let total = branches(&found).iter().map(|branch| branch.names.len()).sum::<usize>();
        let limit = format!("{kept} of {total} leaves");
        assert!(svg.alt().contains(&limit) && svg.source().contains(&limit), "{limit}");
        assert!(all == 0 || all == total);
        // Lines from top to bottom, none on another, and a frame as high as they need.
        let mut lines: Vec<f64> = tags
            .iter()
            .filter(|t| t.name == "text" && t.text.contains(" · "))
            .map(|t| t.number("y"))
            .collect();
        lines.sort_by(f64::total_cmp);
        assert!(lines.windows(2).all(|pair| pair[1] - pair[0] > 17.0), "{lines:?}");
        assert!(tags[0].number("height") > lines.len() as f64 * 18.0);
    }
}

#[test]
fn v2_contexts_are_names_and_classes_never_a_guess() {
    let mut found = placed();
    let names = ["Proxy-1", "Partner.FW.1"];
    for (n, peer) in found.peers.iter_mut().enumerate() {
        peer.context = names.get(n).map(|name| spot_analysis::model::ContextName {
            name: (*name).to_owned(),
            rule: "192.0.2.44".to_owned(),
            class: String::new(),
        });
    }
    let tree = tags(&figure::progression(&found).expect("peers"));
    let leaves: BTreeSet<&str> = tree.iter().map(|t| t.attribute("data-context")).collect();
    assert_eq!(leaves, ["", "No context", "Partner.FW.1", "Proxy-1"].into());
    let bars = tags(&figure::impact(&found).expect("peers"));
    let of = |level: &str| -> Vec<(String, u64)> {
        let bar = |t: &&Tag| t.attribute("data-level") == level;
        let read = |t: &Tag| (t.attribute("data-name").to_owned(), t.number("data-peers") as u64);
        bars.iter().filter(bar).map(read).collect()
    };
    let sum = |lines: &[(String, u64)]| lines.iter().map(|line| line.1).sum::<u64>();
    assert_eq!(sum(&of("direction")), 14);
    assert_eq!(sum(&of("class")), 14);
    let classes: BTreeSet<String> = of("class").into_iter().map(|line| line.0).collect();
    assert_eq!(classes, ["Proxy".to_owned(), "Unknown".to_owned()].into());
    assert!(of("name").contains(&("Partner.FW.1".to_owned(), 1)));
    // Lengths are numbers of peers.
    let length = |group: &[Tag]| {
        let bar = group.iter().find(|t| t.attribute("d").contains('z')).map(|t| t.attribute("d"));
        bar.map_or(0.0, |d| numbers(d)[2])
    };
    let bars: Vec<(f64, f64)> = groups(&bars, "data-level")
        .iter()
        .map(|group| (group[0].number("data-peers"), length(group)))
        .filter(|(n, _)| *n > 0.0)
        .collect();
    for (n, length) in &bars {
        assert!((length / n - bars[0].1 / bars[0].0).abs() < 0.1, "{bars:?}");
    }
}

/// V1 as a finding: inbound, outbound and two-way, the latter begun by the peer.
fn v1() -> Investigation {
    use spot_analysis::model::Direction::{Inbound, Outbound, TwoWay};
    let lines = [
        days::Line("203.0.113.9", Outbound, [0, 3], [0, 6500], &[443], "", [540, 30]),
        days::Line("198.51.100.7", TwoWay, [1, 1], [180, 4000], &[22], "", [545, 1]),
        days::Line("192.0.2.44", Inbound, [1, 0], [60, 0], &[3389], "", [660, 1]),
    ];
    days::found("10.0.0.5", &lines, 20, 10)
}

fn town(owner: &str, longitude: f64, latitude: f64) -> Option<Place> {
    let mut place = days::place(["", "Land", "", "Town", owner, ""]);
    (place.longitude, place.latitude) = (Some(longitude), Some(latitude));
    Some(place)
}

/// Where the map has a place, known from the corners of its rim.
fn on_map(tags: &[Tag], place: geo::LonLat) -> (f64, f64) {
    let rim = tags.iter().find(|t| t.attribute("class") == "sea").expect("a rim");
    let points = numbers(rim.attribute("d"));
    let across = points.iter().step_by(2).copied();
    let upwards = points.iter().skip(1).step_by(2).copied();
    let ends = |values: &mut dyn Iterator<Item = f64>| {
        values.fold((f64::MAX, f64::MIN), |(a, b), v| (a.min(v), b.max(v)))
    };
    let ((left, right), (top, bottom)) =
        (ends(&mut across.into_iter()), ends(&mut upwards.into_iter()));
    let (x, y) = geo::natural_earth(place);
    let half = (right - left) / 2.0;
    ((left + right) / 2.0 + half * x, (top + bottom) / 2.0 - half * y)
}

#[test]
fn v12_three_arcs_from_true_source_to_true_destination() {
    let mut found = v1();
    let home = (14.4, 50.1);
    found.place = town("Home", home.0, home.1);
    let places =
        [("203.0.113.9", -74.0, 40.7), ("198.51.100.7", 139.7, 35.7), ("192.0.2.44", -58.4, -34.6)];
    for peer in &mut found.peers {
        let at = places.iter().find(|place| place.0 == peer.address.as_str()).expect("a place");
        peer.place = town(&format!("Owner of {}", at.0), at.1, at.2);
    }
    let svg = figure::map(&found).expect("a map");
    let tags = tags(&svg);
    let arcs = groups(&tags, "data-arc");
    assert_eq!(arcs.len(), 3);
    for (peer, longitude, latitude) in places {
        let arc = arcs.iter().find(|arc| arc[0].attribute("data-peer") == peer).expect("an arc");
        let line = numbers(arc[2].attribute("d"));
        let ends = ((line[0], line[1]), (line[line.len() - 2], line[line.len() - 1]));
        let (there, here) = (on_map(&tags, (longitude, latitude)), on_map(&tags, home));
        let (from, to) = if peer == "203.0.113.9" { (here, there) } else { (there, here) };
        let near = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0).hypot(a.1 - b.1) < 0.3;
        assert!(near(ends.0, from) && near(ends.1, to), "{peer}: {ends:?}, not {from:?} {to:?}");
        // The head is at the destination.
        let head = numbers(arc[3].attribute("d"));
        let far = |place: (f64, f64)| (head[0] - place.0).hypot(head[1] - place.1);
        assert!(far(to) < 10.0 && far(to) < far(from), "{peer}");
        // Every point has its own place in words.
        let point = tags.iter().position(|t| {
            t.attribute("data-peer") == peer && !t.attribute("data-point").is_empty()
        });
        let told = decoded(&tags[point.expect("a point") + 1].text);
        assert!(told.contains(&format!("Owner of {peer}")) && told.starts_with(peer), "{told}");
    }
    // Classes differ without colour.
    let dashes: BTreeSet<&str> =
        arcs.iter().map(|arc| arc[2].attribute("stroke-dasharray")).collect();
    assert_eq!(dashes.len(), 3);
    let globe = self::tags(&figure::globe(&found).expect("a globe"));
    let drawn: BTreeSet<&str> =
        groups(&globe, "data-arc").iter().map(|arc| arc[0].attribute("data-peer")).collect();
    assert_eq!(drawn.len(), 3);
    assert_eq!(groups(&globe, "data-point").len(), 3);

    found.place = None;
    let alone = figure::map(&found).expect("points");
    assert!(!alone.source().contains("data-arc") && alone.source().contains("data-point"));
    assert!(alone.source().contains("itself has no known place"));
}

#[test]
fn v3_what_has_no_place_is_counted_not_placed() {
    let found = placed();
    let svg = figure::map(&found).expect("a map");
    assert!(svg.source().contains("10 of 14 peers have a place"));
    assert!(!svg.source().contains("10.20.4.7"));
    let tags = tags(&svg);
    // Two of them are in Seattle, both ways: one point.
    let points: Vec<u64> = groups(&tags, "data-point")
        .iter()
        .map(|point| point[0].attribute("data-peers").parse().unwrap_or(1))
        .collect();
    assert_eq!((points.len(), points.iter().sum::<u64>()), (9, 10));
    assert!(tags.iter().any(|t| t.name == "text" && decoded(&t.text) == "2 × Seattle"));
    // No places, or none on the earth: no figure.
    let mut none = found.clone();
    none.peers.iter_mut().for_each(|peer| peer.place = None);
    assert!(figure::map(&none).is_none() && figure::globe(&none).is_none());
    let names: Vec<&str> = gallery::flow(&none).iter().map(|figure| figure.name).collect();
    assert_eq!(names, ["timeline", "progression", "impact", "chord"]);
    for (longitude, latitude) in
        [(Some(f64::NAN), Some(1.0)), (Some(181.0), Some(1.0)), (None, Some(0.0))]
    {
        for peer in &mut none.peers {
            peer.place = town("", 0.0, 0.0);
            if let Some(place) = &mut peer.place {
                (place.longitude, place.latitude) = (longitude, latitude);
            }
        }
        assert!(figure::map(&none).is_none());
    }
}

#[test]
fn all_bytes_of_the_chord_diagram_add_up() {
    for found in [placed(), contexts(3), v1(), days::ipv6()] {
        let svg = figure::chord(&found).expect("bytes");
        let tags = tags(&svg);
        let sum = |name: &str| -> u64 {
            tags.iter().filter_map(|t| t.attribute(name).parse::<u64>().ok()).sum()
        };
        assert_eq!(sum("data-received"), found.facts.bytes_in);
        assert_eq!(sum("data-sent"), found.facts.bytes_out);
        let ribbons = |way: &str| tags.iter().filter(|t| t.attribute("data-way") == way).count();
        let arcs: Vec<&Tag> =
            tags.iter().filter(|t| !t.attribute("data-received").is_empty()).collect();
        assert!(arcs.len() <= 13);
        for (way, data) in [("received", "data-received"), ("sent", "data-sent")] {
            let some = arcs.iter().filter(|arc| arc.attribute(data) != "0").count();
            assert_eq!(ribbons(way), some, "{way}");
        }
        let first = &found.peers[0];
        let told = decoded(
            &tags[tags.iter().position(|t| !t.attribute("data-peer").is_empty()).expect("a peer")
                + 1]
            .text,
        );
        let way = format!("received {} from it", spot_view::format::bytes(first.bytes_in));
        assert!(told.contains(&way), "{told}");
    }
    let svg = figure::chord(&contexts(3)).expect("bytes");
    assert!(svg.source().contains("12 of 500 peers") && svg.source().contains("488 others"));
}

#[test]
fn v7_the_last_hour_of_five_thousand_flows_is_drawn() {
    let lines = [days::Line(
        "203.0.113.9",
        spot_analysis::model::Direction::Outbound,
        [0, 5000],
        [0, 50_000],
        &[443],
        "",
        [0, 1],
    )];
    let mut found = days::found("10.0.0.5", &lines, 20, 10);
    // As the analysis bins them: all of the day's 144 bins.
    found.timeline.lanes[0].bins = (0..144)
        .map(|index| spot_analysis::model::Bin { index, connections: 34, bytes: 340, port: None })
        .collect();
    let svg = figure::timeline(&found.timeline, &found.anchor, found.day);
    let tags = tags(&svg);
    let hour = |at: &str| {
        tags.iter()
            .find(|t| t.name == "text" && t.text == at)
            .map(|t| t.number("x"))
            .expect("an hour")
    };
    let bars = tags.iter().find(|t| t.attribute("d").contains('z')).expect("bars").attribute("d");
    let starts: Vec<f64> = bars.split('M').skip(1).map(|bar| numbers(bar)[0]).collect();
    assert_eq!(starts.len(), 144);
    let last_hour = hour("24:00") - (hour("24:00") - hour("21:00")) / 3.0 - 0.2;
    assert_eq!(starts.iter().filter(|&&x| x >= last_hour).count(), 6);
}

#[test]
fn the_timeline_has_start_to_end_ports_and_zones() {
    let mut found = v1();
    found.timeline.lanes[0].spans =
        vec![Span { from: 0, to: 21_600 }, Span { from: 86_000, to: 90_000 }];
    let svg = figure::timeline(&found.timeline, &found.anchor, found.day);
    let tags = tags(&svg);
    let hour = |at: &str| {
        tags.iter()
            .find(|t| t.name == "text" && t.text == at)
            .map(|t| t.number("x"))
            .expect("an hour")
    };
    let line = tags.iter().find(|t| t.attribute("class") == "out ln").expect("a line");
    let ends: Vec<f64> =
        line.attribute("d").split(['M', 'H', ' ']).filter_map(|n| n.parse().ok()).collect();
    assert!((ends[0] - hour("00:00")).abs() < 0.2 && (ends[2] - hour("06:00")).abs() < 0.2);
    assert!(ends[5] <= hour("24:00") + 0.2, "{ends:?} ends with the day");
    assert!(tags.iter().any(|t| t.text == "443") && svg.alt().contains("mostly port 443"));

    let day = |text: &str| text.parse().expect("a day");
    let labels = |day, zone| -> (Vec<String>, String) {
        let svg = figure::timeline_in(&found.timeline, &found.anchor, day, zone);
        let tags = read(svg.source()).expect("well formed");
        let middle = |t: &&Tag| t.name == "text" && t.attribute("text-anchor") == "middle";
        let told = tags.iter().filter(middle).map(|t| t.text.clone()).collect();
        let caption = tags.iter().rfind(|t| t.text.contains("one bar for each"));
        (told, caption.map(|t| t.text.clone()).unwrap_or_default())
    };
    for (date, zone, expected, name) in [
        (
            "2022-01-13",
            Tz::Europe__Prague,
            "01:00 04:00 07:00 10:00 13:00 16:00 19:00 22:00 01:00 +1",
            "Europe/Prague (UTC+1)",
        ),
        // Clocks go forward at 01:00 UTC, and back at 01:00 UTC.
        (
            "2022-03-27",
            Tz::Europe__Prague,
            "01:00 05:00 08:00 11:00 14:00 17:00 20:00 23:00 02:00 +1",
            "Europe/Prague (UTC+1, from 01:00 UTC UTC+2)",
        ),
        (
            "2022-10-30",
            Tz::Europe__Prague,
            "02:00 04:00 07:00 10:00 13:00 16:00 19:00 22:00 01:00 +1",
            "Europe/Prague (UTC+2, from 01:00 UTC UTC+1)",
        ),
        (
            "2022-06-13",
            Tz::Asia__Kolkata,
            "05:30 08:30 11:30 14:30 17:30 20:30 23:30 02:30 +1 05:30 +1",
            "Asia/Kolkata (UTC+5:30)",
        ),
        (
            "2022-06-13",
            Tz::America__New_York,
            "20:00 -1 23:00 -1 02:00 05:00 08:00 11:00 14:00 17:00 20:00",
            "America/New_York (UTC-4)",
        ),
        ("2022-06-13", Tz::UTC, "00:00 03:00 06:00 09:00 12:00 15:00 18:00 21:00 24:00", "UTC, "),
    ] {
        let (told, caption) = labels(day(date), zone);
        assert_eq!(told.join(" "), expected, "{date} {zone}");
        assert!(caption.starts_with(name), "{caption}");
    }
}
