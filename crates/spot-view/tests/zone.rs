//! Times of another zone: labels and words change, the day, the bars and all rows stay where they are.

mod answers;
mod days;
mod made;
mod reading;

use chrono::NaiveDate;
use chrono_tz::Tz;
use reading::{Tag, read, words};
use spot_analysis::dns::Investigation as Names;
use spot_view::figure::{self, Svg, gallery};
use spot_view::report::{DnsReport, FlowReport, dns, flow};
use spot_view::result::{ResultOptions, investigation};

/// Ahead and behind, with half an hour, with a change of clocks on some day, and the longest of names.
const ZONES: [Tz; 6] = [
    Tz::UTC,
    Tz::Asia__Kolkata,
    Tz::America__New_York,
    Tz::Europe__Prague,
    Tz::Pacific__Kiritimati,
    Tz::America__Argentina__ComodRivadavia,
];

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn tags(svg: &Svg) -> Vec<Tag> {
    read(svg.source()).expect("well formed")
}

/// Minute of the UTC day, place and words of each label of the axis.
fn axis(tags: &[Tag]) -> Vec<(u32, String, String)> {
    let labels = tags.iter().filter(|tag| !tag.attribute("data-minute").is_empty());
    let told = |tag: &Tag| {
        let minute = tag.attribute("data-minute").parse().expect("a minute");
        (minute, tag.attribute("x").to_owned(), tag.text.clone())
    };
    labels.map(told).collect()
}

/// All but what is written.
fn drawn(tags: &[Tag]) -> Vec<(&str, &str)> {
    let paths = tags.iter().filter(|tag| tag.name == "path");
    paths.map(|tag| (tag.attribute("class"), tag.attribute("d"))).collect()
}

#[test]
fn the_answers_of_a_day_are_labelled_in_a_zone() {
    for (date, zone, expected, name) in [
        (
            "2022-06-13",
            Tz::Asia__Kolkata,
            "05:30 08:30 11:30 14:30 17:30 20:30 23:30 02:30 +1 05:30 +1",
            "Asia/Kolkata (UTC+5:30), a bar for each",
        ),
        (
            "2022-06-13",
            Tz::America__New_York,
            "20:00 -1 23:00 -1 02:00 05:00 08:00 11:00 14:00 17:00 20:00",
            "America/New_York (UTC-4), a bar for each",
        ),
        // Clocks go back at 01:00 UTC.
        (
            "2022-10-30",
            Tz::Europe__Prague,
            "02:00 04:00 07:00 10:00 13:00 16:00 19:00 22:00 01:00 +1",
            "Europe/Prague (UTC+2, from 01:00 UTC UTC+1), a bar for each",
        ),
        (
            "2022-06-13",
            Tz::UTC,
            "00:00 03:00 06:00 09:00 12:00 15:00 18:00 21:00 24:00",
            "UTC, a bar for each",
        ),
    ] {
        let found = Names { day: day(date), ..answers::tunnel() };
        let svg = figure::queries_in(&found, 20, zone);
        let tags = tags(&svg);
        let told: Vec<String> = axis(&tags).into_iter().map(|(_, _, text)| text).collect();
        assert_eq!(told.join(" "), expected, "{date} {zone}");
        assert!(tags.iter().any(|tag| tag.name == "text" && tag.text.starts_with(name)), "{name}");
        assert!(svg.alt().contains(zone.name()), "{}", svg.alt());
    }
}

#[test]
fn a_zone_changes_words_and_moves_nothing() {
    let flows = days::busy();
    let names = answers::tunnel();
    for zone in ZONES {
        for (here, there) in [
            (
                figure::timeline(&flows.timeline, &flows.anchor, flows.day),
                figure::timeline_in(&flows.timeline, &flows.anchor, flows.day, zone),
            ),
            (figure::queries(&names, 20), figure::queries_in(&names, 20, zone)),
        ] {
            assert_eq!(here.source() == there.source(), zone == Tz::UTC, "{zone}");
            let (here, there) = (tags(&here), tags(&there));
            assert_eq!(drawn(&here), drawn(&there), "{zone}");
            let places = |tags: &[Tag]| -> Vec<(u32, String)> {
                axis(tags).into_iter().map(|(minute, x, _)| (minute, x)).collect()
            };
            assert_eq!(places(&here), places(&there), "a script finds the UTC day in {zone}");
            let minutes: Vec<u32> = axis(&there).iter().map(|(minute, ..)| *minute).collect();
            assert_eq!(minutes, [0, 180, 360, 540, 720, 900, 1080, 1260, 1440]);
        }
    }
}

#[test]
fn long_names_of_zones_stay_in_the_picture() {
    let change = Names { day: day("2022-03-13"), ..answers::wide() };
    for zone in [Tz::America__North_Dakota__New_Salem, Tz::America__Argentina__ComodRivadavia] {
        let svg = figure::queries_in(&change, 20, zone);
        let tags = tags(&svg);
        let width: f64 = tags[0].number("width");
        for text in tags.iter().filter(|t| t.name == "text" && t.attribute("class") != "l") {
            let right = match text.attribute("text-anchor") {
                "start" => text.number("x") + text.text.chars().count() as f64 * 5.6,
                _ => text.number("x"),
            };
            assert!(right < width + 8.0, "{} is cut off", text.text);
        }
        assert!(svg.source().contains(zone.name()));
    }
}

#[test]
fn a_result_has_the_times_of_its_zone_and_is_utc_else() {
    let found = days::busy();
    let names = answers::tunnel();
    let shown = |zone| {
        let options = ResultOptions { zone, ..ResultOptions::default() };
        [investigation(&found, &options), spot_view::dns::investigation(&names, &options)]
            .map(|html| html.into_string())
    };
    assert_eq!(ResultOptions::default().zone, Tz::UTC);
    let plain = shown(Tz::UTC);
    for (html, picture) in plain.iter().zip([
        figure::timeline(&found.timeline, &found.anchor, found.day),
        figure::queries(&names, 20),
    ]) {
        assert!(html.contains(&picture.data_uri()), "as it was without a zone");
    }
    for (html, other) in plain.iter().zip(shown(Tz::Asia__Kolkata)) {
        let told = |html: &str| -> Vec<Tag> {
            let tags = read(html).expect("well formed");
            tags.into_iter().filter(|tag| tag.name == "img").collect()
        };
        let zoned: Vec<Tag> =
            told(&other).into_iter().filter(|t| t.attribute("alt").contains("Kolkata")).collect();
        assert_eq!(zoned.len(), 1, "the picture of the day names the zone");
        assert_eq!(told(html).len(), told(&other).len());
        assert_eq!(words(html), words(&other), "nothing else has its times");
    }
}

/// The data that a page's script works with.
fn data(html: &str) -> &str {
    let (_, rest) = html.split_once("id=\"data\">").expect("data");
    rest.split_once("</script>").expect("an end").0
}

#[test]
fn a_report_is_labelled_in_its_zone_over_the_same_data() {
    let rows = made::frame("10.0.0.5", &made::rows_of(400, 30));
    let found = made::found("10.0.0.5", &rows, &made::network(), 20);
    let names = answers::tunnel();
    let pages = |zone| {
        let flows = flow(&FlowReport {
            found: &found,
            rows: &rows,
            resolved: &[],
            story: None,
            top_results: 20,
            zone,
            up: None,
        });
        let answers = dns(&DnsReport {
            found: &names,
            followed: &[],
            pairs: 0,
            story: None,
            top_results: 20,
            zone,
            up: None,
        });
        [flows, answers]
    };
    let plain = pages(Tz::UTC);
    for zone in ZONES.into_iter().filter(|zone| *zone != Tz::UTC) {
        for (here, there) in plain.iter().zip(pages(zone)) {
            assert!(there.contains(zone.name()) && !here.contains(zone.name()), "{zone}");
            // The script is told the name, for those who want the tables in it, too.
            let named = data(&there).replace(&format!("\"zone\":\"{zone}\""), "\"zone\":\"UTC\"");
            assert_eq!(data(here), named, "{zone}");
            for minute in [0, 1440] {
                let end = format!("data-minute=\"{minute}\"");
                assert_eq!(there.matches(&end).count(), 1, "{zone}");
            }
        }
    }
}

#[test]
fn the_table_beside_the_timeline_has_its_times() {
    let mut found = days::busy();
    found.day = day("2022-06-13");
    found.timeline.lanes[0].spans = vec![spot_analysis::model::Span { from: 3_600, to: 82_859 }];
    for (zone, head, times) in [
        (Tz::UTC, "Under way, UTC", "01:00 to 23:00"),
        (Tz::Asia__Kolkata, "Under way, Asia/Kolkata (UTC+5:30)", "06:30 to 04:30 +1"),
        (Tz::America__New_York, "Under way, America/New_York (UTC-4)", "21:00 -1 to 19:00"),
    ] {
        let figures = gallery::flow_in(&found, zone);
        let table = read(figures[0].table.as_str()).expect("well formed");
        assert!(table.iter().any(|tag| tag.name == "th" && tag.text == head), "{head}");
        assert!(table.iter().any(|tag| tag.name == "td" && tag.text == times), "{times}");
    }
}

#[test]
fn the_first_and_the_last_day_of_all_are_drawn_in_every_zone() {
    for zone in ZONES {
        for day in [NaiveDate::MIN, NaiveDate::MAX] {
            let flows = days::busy();
            tags(&figure::timeline_in(&flows.timeline, &flows.anchor, day, zone));
            tags(&figure::queries_in(&Names { day, ..answers::tunnel() }, 20, zone));
        }
    }
}
