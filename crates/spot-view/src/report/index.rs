//! The page that lists the reports of a day.

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::page::{Page, document};
use super::table::{Cells, Column, Table, Words, is_file};
use super::{MOST, STILL};
use crate::format;
use crate::markup::{Markup, el};
use crate::result;
use crate::states;

/// A report, or why there is none.
#[derive(Clone, Debug)]
pub struct IndexLine {
    /// Whom or what it is about; hostile text.
    pub about: String,
    /// `inside`, `outside`, `client`, `query`.
    pub kind: String,
    /// The report's file in the same folder; letters, digits, `.`, `_` and `-` only, else it is not linked.
    pub file: String,
    /// Rows of the threat list scored high.
    pub high_rows: u64,
    /// Rows of the day's table that it is made of.
    pub rows: u64,
    /// Peers; of DNS, what was asked for or who asked.
    pub peers: u64,
    /// Bytes both ways, of flows.
    pub bytes: Option<u64>,
    /// Why it is where it is in the list, in words.
    pub evidence: Vec<String>,
    /// What it is ranked by.
    pub score: u64,
    /// Title of its story.
    pub story: Option<String>,
    /// Known bad addresses or names that were seen with it.
    pub flags: u64,
    /// Why there is no report.
    pub failed: Option<String>,
}

/// The page that lists `lines` in the order given. `pipeline` is `flow` or `dns`.
pub fn index(pipeline: &str, day: NaiveDate, lines: &[IndexLine], notes: &[String]) -> String {
    let mut words = Words::default();
    let failed = lines.iter().filter(|line| line.failed.is_some()).count();
    let mut tables = Vec::new();
    let mut overview = Vec::new();
    if lines.is_empty() {
        overview.push(states::empty(
            "No suspects.",
            "Nothing is scored high on this day, so there is no report.",
        ));
    } else {
        let done = format!("{} reports", format::of(lines.len() - failed, lines.len() as u64));
        let line = el("p").own("class", "lead").text(&format!("{done} were made"));
        overview.push(match failed {
            0 => line.text(".").into(),
            n => line.text(&format!("; {} failed.", format::count(n as u64))).into(),
        });
        tables.push(suspects(pipeline, lines, &mut words));
    }
    let what = if pipeline == "dns" { "DNS" } else { "Flow" };
    document(Page {
        title: format!("{what} reports of {day}"),
        heading: Markup::text(&format!("{what} reports of {day}")),
        briefing: vec![el("div").own("class", "who").text("Ranked by evidence.").into()],
        overview,
        figures: Vec::new(),
        tables,
        last: "Notes",
        end: vec![match notes.is_empty() {
            true => el("p").own("class", "lead").text("No notes.").into(),
            false => result::notes(notes),
        }],
        words,
        day,
        zone: Tz::UTC,
        anchor: String::new(),
        provenance: None,
        up: None,
    })
}

fn suspects(pipeline: &str, lines: &[IndexLine], words: &mut Words) -> Table {
    let all = &lines[..lines.len().min(MOST)];
    let dns = pipeline == "dns";
    let link = |line: &IndexLine, words: &mut Words| {
        let about = if line.about.is_empty() { "(empty)" } else { &line.about };
        let file = line.failed.is_none() && is_file(&line.file);
        (words.number(about), file.then(|| words.number(&line.file)))
    };
    let about = Cells::Links(all.iter().map(|line| link(line, words)).collect());
    let mut texts = |of: &dyn Fn(&IndexLine) -> String| {
        Cells::Words(all.iter().map(|line| words.number(&of(line))).collect())
    };
    let count =
        |of: fn(&IndexLine) -> u64| Cells::Counts(all.iter().map(|l| Some(of(l))).collect());
    let evidence = |line: &IndexLine| match &line.failed {
        Some(why) => format!("no report: {why}"),
        None => line.evidence.join("; "),
    };
    let mut columns = vec![
        Column::new("Rank", Cells::Counts((1..=all.len() as u64).map(Some).collect())),
        Column::new(if dns { "Client or name" } else { "Address" }, about).mono(),
        Column::new(if dns { "Type" } else { "Side" }, texts(&|line| line.kind.clone())),
        Column::new("Evidence", texts(&evidence)).long(),
        Column::new("Score", count(|line| line.score)).bar(),
        Column::new("High rows", count(|line| line.high_rows)),
        Column::new("Flags", count(|line| line.flags)),
        Column::new(if dns { "Counterparts" } else { "Peers" }, count(|line| line.peers)),
        Column::new("Rows", count(|line| line.rows)),
    ];
    if all.iter().any(|line| line.bytes.is_some()) {
        let bytes = Cells::Bytes(all.iter().map(|line| line.bytes).collect());
        columns.push(Column::new("Bytes", bytes));
    }
    let story = |line: &IndexLine| line.story.clone().unwrap_or_default();
    columns.push(Column::new("Story", texts(&story)).long());
    Table {
        id: "suspects",
        title: "Suspects",
        unit: "suspects",
        lead: String::new(),
        columns,
        rows: all.len(),
        of: lines.len() as u64,
        // All of them: the list is for people who cannot run the script, too.
        still: all.len().max(STILL),
        filter: "",
        stands: None,
        related: None,
        span: None,
    }
}
