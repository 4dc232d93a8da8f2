//! The picture of a day: lanes that fit, bars at their time.

mod days;
mod reading;

use days::{harmless, hostile_days};
use reading::{Tag, decoded, read};
use spot_view::figure;

#[test]
fn a_timeline_fits_its_picture() {
    for found in harmless().iter().chain(&hostile_days()) {
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
            let font = label.number("font-size");
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
