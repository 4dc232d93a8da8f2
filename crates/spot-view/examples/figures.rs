//! Writes a page with all figures, each with its table, to look at them:
//! `cargo run --release -p spot-view --example figures -- FILE.html [FINDING.json] [ZONE]`.
//!
//! Without a finding (as `serde` writes an `Investigation`) made-up days are drawn.

#[path = "../tests/answers/mod.rs"]
mod answers;
#[path = "../tests/days/mod.rs"]
mod days;

use spot_analysis::model::Investigation;
use spot_view::figure::gallery::{self, Figure};
use spot_view::{Markup, el, page};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let file = words.next().unwrap_or_else(|| "figures.html".to_owned());
    let given = words.next().filter(|path| !path.is_empty());
    let zone: chrono_tz::Tz = words.next().unwrap_or_else(|| "UTC".to_owned()).parse()?;
    let flows: Vec<Investigation> = match given {
        Some(path) => vec![serde_json::from_str(&std::fs::read_to_string(path)?)?],
        None => vec![
            days::placed(),
            days::contexts(3),
            days::contexts(400),
            days::one_peer(),
            days::ipv6(),
            days::hostile(0),
        ],
    };
    let names = [answers::tunnel(), answers::generated(), answers::hostile(0)];
    let body: Vec<Markup> = flows
        .iter()
        .flat_map(|found| gallery::flow_in(found, zone))
        .chain(names.iter().flat_map(|found| gallery::dns_in(found, zone)))
        .map(shown)
        .collect();
    std::fs::write(&file, page::document("Figures", &body))?;
    println!("{file}");
    Ok(())
}

fn shown(figure: Figure) -> Markup {
    let table = el("details").child(el("summary").text("the same as a table")).child(figure.table);
    Markup::from_iter([
        el("h3").text(figure.title).into(),
        figure.svg.as_img(figure.svg.alt()),
        table.into(),
    ])
}
