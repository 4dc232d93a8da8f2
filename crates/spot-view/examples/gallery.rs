//! Writes a page with every state that a person may see, to look at them side by side:
//! `cargo run --release -p spot-view --example gallery -- FILE.html`.

#[path = "../tests/days/mod.rs"]
mod days;

use spot_analysis::model::Address;
use spot_view::result::{ResultOptions, Story, investigation};
use spot_view::states::{self, Written};
use spot_view::tables::{SuspectLine, suspects};
use spot_view::{Markup, page};

fn main() -> std::io::Result<()> {
    let file = std::env::args().nth(1).unwrap_or_else(|| "gallery.html".to_owned());
    let story = Story {
        title: "Telnet scan and a cloud upload",
        text: "45.140.140.75 and .78 scanned port 23.\nThe Dropbox lanes are the owner's backup: no action.",
        saved_at: days::day().and_hms_opt(21, 30, 5),
    };
    let busy = ResultOptions { top_results: 8, story: Some(story), ..ResultOptions::default() };
    let bad = Story { title: days::HOSTILE[3], text: days::HOSTILE[8], saved_at: None };
    let hostile = ResultOptions { top_results: 8, story: Some(bad), ..ResultOptions::default() };
    let plain = ResultOptions::default();
    let lines: Vec<SuspectLine> = ["10.0.0.5", "147.32.81.167", "203.0.113.9", "2001:db8::5"]
        .iter()
        .enumerate()
        .map(|(i, address)| SuspectLine {
            address: Address::new(address),
            role: ["source", "both", "destination"][i % 3].to_owned(),
            high_rows: 40 / (i as u64 + 1),
            inside: i < 2,
            saved: i == 1,
            flags: vec![],
        })
        .collect();
    let written = [
        Written {
            artefact: "story".into(),
            path: "flow_storyboard/y=2022/m=6/d=13/story.parquet".into(),
            rows: 1,
        },
        Written {
            artefact: "timeline".into(),
            path: "flow_timeline/y=2022/m=6/d=13/t.parquet".into(),
            rows: 4_113,
        },
    ];
    let body: Vec<Markup> = vec![
        suspects(&lines, 3),
        suspects(&[], 3),
        investigation(&days::busy(), &busy),
        investigation(&days::flagged(), &plain),
        investigation(&days::one_peer(), &plain),
        investigation(&days::empty(), &plain),
        investigation(&days::only_itself(), &plain),
        investigation(&days::ipv6(), &plain),
        investigation(&days::hostile(0), &hostile),
        investigation(&days::twenty_lanes(), &plain),
        states::error(
            "The search could not be performed.",
            "flow/y=2022/m=6/d=13/h=4/part-0.parquet, column ibyt",
            "The file is cut short; copy it again and press Search.",
        ),
        states::saved("147.32.81.167 on 2022-06-13", &written),
        states::progress("Reading 24 files of 2022-06-13"),
        states::dead_panel_hint("start_investigation()"),
    ];
    std::fs::write(&file, page::document("Gallery", &body))?;
    println!("{file}");
    Ok(())
}
