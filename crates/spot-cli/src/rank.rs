//! `spot rank`: whom to look at first on a day that nobody has scored, and why.

use std::fmt::Write;
use std::path::PathBuf;

use chrono::{NaiveDate, Utc};
use clap::Args;
use serde_json::{Value, json};
use spot_analysis::rank::{Hidden, Ranked};
use spot_store::{Bench, Dns, Flow, Result, Settings, StoreError};

use crate::text::visible;
use crate::{Format, Pipeline, Where, settings_of, shown};

#[derive(Args)]
pub struct Rank {
    /// What the rows are of.
    pipeline: Pipeline,
    /// Folder with the tables, or http(s)://HOST:PORT/graphql [else: SPOT_DATA].
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Day, 2016-07-08 or 20160708 [else: SPOT_DATE, the latest day with high rows].
    #[arg(long)]
    date: Option<String>,
    /// Folder with the context files, thresholds.csv and allow.csv [else: SPOT_CONTEXT, `context` in
    /// or beside the data folder].
    #[arg(long, value_name = "FOLDER")]
    context: Option<PathBuf>,
    /// Lines to print.
    #[arg(long, value_name = "LINES", default_value_t = 20)]
    top: usize,
    /// Days before the day that are read too, for what is usual and what is new.
    #[arg(long, value_name = "DAYS", default_value_t = 0)]
    before: u32,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Ranks the day.
pub fn rank(args: Rank) -> Result<String> {
    if args.top == 0 {
        return Err(StoreError::usage("--top 0 prints nothing", "give 1 or more"));
    }
    let from = Where { data: args.data, date: args.date, context: args.context, out: None };
    let cell = settings_of(from, []);
    let today = Utc::now().date_naive();
    let (day, found) = match args.pipeline {
        Pipeline::Flow => {
            let settings = Settings::from_env_for(spot_store::Pipeline::Flow, &cell)?;
            let bench = Bench::<Flow>::open(settings)?;
            (bench.day(), bench.rank(args.before, today)?)
        }
        Pipeline::Dns => {
            let settings = Settings::from_env_for(spot_store::Pipeline::Dns, &cell)?;
            let bench = Bench::<Dns>::open(settings)?;
            (bench.day(), bench.rank(args.before, today)?)
        }
    };
    match args.format {
        Format::Json => shown(&as_json(day, &found, args.top)),
        Format::Text => {
            for note in found.notes.iter().chain(&found.ranking.notes) {
                eprintln!("note: {}", visible(note));
            }
            Ok(text(day, &found, args.top))
        }
    }
}

fn as_json(day: NaiveDate, found: &Hidden, top: usize) -> Value {
    let one = |(place, line): (usize, &Ranked)| {
        json!({
            "rank": place + 1,
            "score": line.score,
            "subject": line.subject,
            "parts": line.parts,
        })
    };
    let lines = found.ranking.ranked.iter().enumerate().take(top);
    json!({
        "date": day.to_string(),
        "lookedAt": found.ranking.looked_at,
        "ranked": found.ranking.ranked.len(),
        "hidden": found.hidden,
        "hiddenBecause": found.because,
        "notes": found.notes.iter().chain(&found.ranking.notes).collect::<Vec<_>>(),
        "lines": lines.map(one).collect::<Vec<_>>(),
    })
}

/// Rank, score and subject, and a line for each part.
fn text(day: NaiveDate, found: &Hidden, top: usize) -> String {
    let all = found.ranking.ranked.len();
    let mut out = String::new();
    // Writing to a text does not fail.
    let _ = writeln!(
        out,
        "{day}: {} of {all} that look odd, of {} looked at. A score is a reason to look, no verdict.",
        all.min(top),
        found.ranking.looked_at
    );
    for (place, line) in found.ranking.ranked.iter().enumerate().take(top) {
        let subject = visible(&line.subject.to_string()).replace('\n', "\\n");
        let _ = writeln!(out, "{:>4}  {:.2}  {subject}", place + 1, line.score);
        for part in &line.parts {
            let technique = part.technique.map(|t| format!(" [{} {}]", t.id, t.name));
            let _ = writeln!(
                out,
                "            {} {:.2}: {}{}",
                part.kind.name(),
                part.score,
                visible(&part.sentence),
                technique.unwrap_or_default()
            );
        }
    }
    if found.hidden > 0 {
        let _ = writeln!(out, "{} hidden by allow.csv:", found.hidden);
        for because in &found.because {
            let _ = writeln!(out, "      {}", visible(because).replace('\n', "\\n"));
        }
    }
    out
}
