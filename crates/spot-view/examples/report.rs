//! Writes the report of a made-up finding, says its size and how long it took, to look at and to measure:
//! `cargo run --release -p spot-view --example report -- FLOWS FILE.html [PEERS]`.
//! Beside it: `dns.html`, `hostile.html`, `payloads.html`, `empty.html` and `index.html`.

#[path = "../tests/answers/mod.rs"]
mod answers;
#[path = "../tests/days/mod.rs"]
mod days;
#[path = "../tests/made/mod.rs"]
mod made;
#[path = "../tests/payloads/mod.rs"]
mod payloads;

use std::path::Path;
use std::time::Instant;

use spot_analysis::model::Investigation;
use spot_view::report::{DnsReport, FlowReport, IndexLine, dns, flow, index};
use spot_view::result::Story;

const ANCHOR: &str = "10.0.0.5";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let flows: usize = arguments.next().unwrap_or_else(|| "5000".into()).parse()?;
    let file = arguments.next().unwrap_or_else(|| "report.html".into());
    let peers: usize = arguments.next().map_or(Ok((flows / 10).max(1)), |n| n.parse())?;
    let folder = Path::new(&file).parent().unwrap_or(Path::new(".")).to_owned();
    let story = Story {
        title: "Beacon to a cloud host, and a scan",
        text: "Every five minutes to one address, all night.\nO'Brien asks the owner; the scan is <blocked>.",
        saved_at: made::day().and_hms_opt(21, 30, 5),
    };

    let rows = made::frame(ANCHOR, &made::rows_of(flows, peers));
    let mut found = made::found(ANCHOR, &rows, &made::network(), 20);
    found.notes = vec![
        "networkcontext_1.csv, line 7: \"10.0.0.5/99\" is no range; the line was left out.".into(),
    ];
    let write = |name: &str, found: &Investigation, rows| -> std::io::Result<()> {
        let resolved = made::names(found, 120);
        let report = FlowReport {
            found,
            rows,
            resolved: &resolved,
            story: Some(story),
            top_results: 20,
            zone: chrono_tz::Tz::UTC,
            up: Some("index.html"),
        };
        let begin = Instant::now();
        let html = flow(&report);
        let took = begin.elapsed();
        std::fs::write(name, &html)?;
        println!("{name}: {} bytes in {took:?}", html.len());
        Ok(())
    };
    write(&file, &found, &rows)?;
    let beside = |name: &str| folder.join(name).to_string_lossy().into_owned();
    write(&beside("hostile.html"), &days::hostile(0), &rows)?;
    let mut bad = made::rows_of(3 * payloads::all().len(), payloads::all().len());
    for (i, row) in bad.iter_mut().enumerate() {
        row.peer = payloads::all()[i % payloads::all().len()].to_owned();
    }
    let bad = made::frame(ANCHOR, &bad);
    write(&beside("payloads.html"), &made::found(ANCHOR, &bad, &made::network(), 300), &bad)?;
    write(&beside("empty.html"), &days::empty(), &rows.head(Some(0)))?;

    let tunnel = answers::tunnel();
    let html = dns(&DnsReport {
        found: &tunnel,
        followed: &made::followed(&tunnel),
        pairs: 40,
        story: Some(story),
        top_results: 20,
        zone: chrono_tz::Tz::UTC,
        up: Some("index.html"),
    });
    std::fs::write(folder.join("dns.html"), html)?;
    let name = Path::new(&file).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let lines: Vec<IndexLine> = (0..56u64)
        .map(|i| IndexLine {
            about: format!("10.0.0.{}", 5 + i),
            kind: if i % 3 == 0 { "outside" } else { "inside" }.into(),
            file: name.clone(),
            high_rows: 90 / (i + 1),
            rows: 50_000 / (i + 1),
            peers: 5_000 / (i + 1),
            bytes: Some(9_000_000_000 / (i * i + 1)),
            evidence: vec![
                format!("scored high in {} rows", 90 / (i + 1)),
                "steady, all day".into(),
            ],
            score: 1_000 / (i + 1),
            story: (i == 0).then(|| story.title.to_owned()),
            flags: u64::from(i == 1) * 2,
            failed: (i == 40)
                .then(|| "flow/y=2022/m=6/d=13/h=4/part-0.parquet is cut short".into()),
        })
        .collect();
    std::fs::write(folder.join("index.html"), index("flow", made::day(), &lines, &[]))?;
    Ok(())
}
