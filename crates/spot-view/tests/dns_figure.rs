//! The pictures of a DNS finding: everything inside the frame, limits told, hollow where there is
//! nothing.

mod answers;
mod reading;

use answers::{harmless, hostile_days};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reading::{Tag, decoded, read, words};
use spot_analysis::dns::Investigation;
use spot_view::dns;
use spot_view::result::ResultOptions;

/// The pictures of a result, as they leave it: by the first word of their title.
fn pictures(found: &Investigation, top_results: usize) -> Vec<(String, Vec<Tag>)> {
    let html =
        dns::investigation(found, &ResultOptions { top_results, ..ResultOptions::default() });
    let tags = read(html.as_str()).expect("well formed");
    // Marks in a line of text are no figures.
    let mark = |t: &Tag| t.attribute("alt").starts_with("on the indicator list");
    let images = tags.iter().filter(|t| t.name == "img" && !mark(t));
    let picture = |image: &Tag| {
        let uri = image.attribute("src").strip_prefix("data:image/svg+xml;base64,");
        let bytes = STANDARD.decode(uri.expect("a data address")).expect("base64");
        let tags = read(&String::from_utf8(bytes).expect("UTF-8")).expect("well formed");
        let title = tags.iter().find(|t| t.name == "title").expect("a title");
        let told = decoded(&title.text);
        assert!(image.attribute("alt").starts_with(told.trim()), "{}", image.attribute("alt"));
        (told.split(' ').next().unwrap_or_default().to_owned(), tags)
    };
    images.map(picture).collect()
}

fn of(found: &Investigation, name: &str) -> Option<Vec<Tag>> {
    pictures(found, 20).into_iter().find(|(title, _)| title == name).map(|(_, tags)| tags)
}

/// Places that a path goes to by its absolute commands.
fn places(tag: &Tag) -> Vec<(f64, f64)> {
    let number = |text: &str| text.parse::<f64>().ok();
    tag.attribute("d")
        .split(['M', 'C'])
        .skip(1)
        .flat_map(|part| {
            let end = part.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(part.len());
            let numbers: Vec<f64> = part[..end].split(' ').filter_map(number).collect();
            numbers.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn everything_is_inside_its_picture() {
    for found in harmless().iter().chain(&hostile_days()) {
        for (name, tags) in pictures(found, 20) {
            let size: Vec<f64> = tags[0]
                .attribute("viewBox")
                .split(' ')
                .map(|n| n.parse().unwrap_or(-1.0))
                .collect();
            assert_eq!(&size[..2], [0.0, 0.0]);
            let inside = |x: f64, y: f64| {
                (-1.0..=size[2] + 1.0).contains(&x) && (-1.0..=size[3]).contains(&y)
            };
            for tag in &tags {
                let known = ["svg", "title", "desc", "style", "g", "text", "path"];
                assert!(known.contains(&tag.name.as_str()), "{tag:?}");
                let acts =
                    |(name, _): &(String, String)| name.starts_with("on") || name.contains("href");
                assert!(!tag.attributes.iter().any(acts), "{tag:?}");
                for (x, y) in places(tag) {
                    assert!(inside(x, y), "{name} of {}: {x}, {y} in {size:?}", found.anchor);
                }
            }
            for text in tags.iter().filter(|t| t.name == "text") {
                let (x, y) = (text.number("x"), text.number("y"));
                assert!(inside(x, y), "{name}: {} at {x}, {y}", text.text);
                // Letters of the captions are narrower than those of names.
                let wide = if text.attribute("class") == "l" { 6.7 } else { 5.6 };
                let width = decoded(&text.text).chars().count() as f64 * wide;
                let (left, right) = match text.attribute("text-anchor") {
                    "end" => (x - width, x),
                    "middle" => (x - width / 2.0, x + width / 2.0),
                    _ => (x, x + width),
                };
                assert!(
                    left > -3.0 && right < size[2] + 8.0,
                    "{name}: {} is cut off: {left} to {right}",
                    text.text
                );
            }
            let source = &tags.iter().find(|t| t.name == "style").expect("a style").text;
            assert!(source.contains("prefers-color-scheme:dark"));
        }
    }
}

#[test]
fn names_that_do_not_exist_go_downwards() {
    let tags = of(&answers::generated(), "Answers").expect("a day");
    let lane = |label: &str| {
        let at = tags.iter().position(|t| t.text == label).expect("a lane");
        let from = tags[..at].iter().rposition(|t| t.name == "g").expect("its group");
        let group: Vec<&Tag> = tags[from + 1..].iter().take_while(|t| t.name != "g").collect();
        let bars = |class: &str| {
            let drawn = |t: &&&Tag| t.attribute("class") == class && t.attribute("d").contains('z');
            group.iter().find(drawn).map_or(0, |t| t.attribute("d").matches('z').count())
        };
        (bars("two") + bars("out"), bars("in"))
    };
    let (up, down) = lane("all answers");
    assert!(up > 50 && down > 5, "{up} bars up, {down} down");
    assert_eq!(lane("abgriiacbfcvz.example"), (0, 1));
    assert_eq!(lane("quiet-field.example").1, 0);
}

#[test]
fn a_dendrogram_gathers_what_is_many() {
    let tunnel = of(&answers::tunnel(), "Dendrogram").expect("a dendrogram");
    let told: Vec<String> = tunnel.iter().map(|t| decoded(&t.text)).collect();
    for part in ["example.net", "615 · 600 names", "no address (TXT, CNAME, NULL)", "and 4 more"] {
        assert!(told.iter().any(|text| text == part), "{part} in {told:?}");
    }
    let generated = of(&answers::generated(), "Dendrogram").expect("a dendrogram");
    let told: Vec<String> = generated.iter().map(|t| decoded(&t.text)).collect();
    for part in ["300 names that do not exist", "NXDOMAIN 308", "198.51.100.88"] {
        assert!(told.iter().any(|text| text == part), "{part} in {told:?}");
    }
    // Each of the first branches is one group; the caption says of how many.
    for (top, expected) in [(3, 3), (99, 19)] {
        let all = pictures(&answers::generated(), top);
        let (_, tags) = all.iter().find(|(name, _)| name == "Dendrogram").expect("a dendrogram");
        assert_eq!(tags.iter().filter(|t| t.name == "g").count(), expected);
        let limit = format!("{expected} of 19 branches");
        assert!(tags.iter().any(|t| t.text.contains(&limit)), "{limit}");
    }
}

#[test]
fn the_shape_of_names_is_drawn_where_it_tells_something() {
    for (found, drawn) in [
        (answers::tunnel(), true),
        (answers::generated(), true),
        (answers::below_a_domain(), true),
        (answers::beacon(), false),
        (answers::wide(), false),
        (answers::one_row(), false),
    ] {
        assert_eq!(of(&found, "Length").is_some(), drawn, "{}", found.anchor);
    }
    let tags = of(&answers::generated(), "Length").expect("a picture");
    let points = |class: &str| {
        let path =
            tags.iter().find(|t| t.attribute("class") == class && t.attribute("d").contains('z'));
        path.map_or(0, |t| t.attribute("d").matches('z').count())
    };
    assert!(points("no") > 30 && points("out") > 3);
    let html = dns::investigation(&answers::tunnel(), &ResultOptions::default());
    assert!(words(html.as_str()).contains("many long or random names"));
}
