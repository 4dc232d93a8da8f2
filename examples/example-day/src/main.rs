//! `example-day --out DIR`: writes a seeded, made-up day of flows and DNS answers in Spot's plain layout.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::Parser;
use example_day::{Error, Outcome, Params, dns, generate, incidents};

/// Writes a believable, made-up day of network flows and DNS answers with planted incidents.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// Folder to make; it must be absent, empty or an earlier example day.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Flow rows of the whole day.
    #[arg(long, default_value_t = 200_000)]
    rows: usize,
    /// DNS answers of the whole day; three for ten flow rows when not given.
    #[arg(long)]
    answers: Option<usize>,
    /// Same seed, same files, byte for byte.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// The day, in UTC.
    #[arg(long, default_value = "2026-03-12", value_name = "YYYY-MM-DD")]
    date: NaiveDate,
    /// Days that end with it: ordinary ones before it, without incidents.
    #[arg(long, default_value_t = 1)]
    days: u32,
    /// Replace an example day with other parameters, saved stories included.
    #[arg(long)]
    force: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let answers = args.answers.unwrap_or_else(|| Params::usual_answers(args.rows));
    let params =
        Params { rows: args.rows, answers, seed: args.seed, date: args.date, days: args.days };
    let outcome = generate(&args.out, params, args.force, |line| eprintln!("{line}"));
    let said = match &outcome {
        Ok(Outcome::AlreadyThere) => {
            format!("{}: already there, with the same parameters", args.out.display())
        }
        Ok(Outcome::Written(totals)) => format!(
            "{}: {} rows, {} scored, {} answers, {} scored, {} files, {} bytes, seed {}; planted: {}; {}",
            args.out.display(),
            totals.rows,
            totals.scored,
            totals.answers,
            totals.answers_scored,
            totals.files,
            totals.bytes,
            args.seed,
            incidents::summary(),
            dns::incidents::summary()
        ),
        Err(error) => {
            eprintln!("example-day: {error}");
            return ExitCode::from(if matches!(error, Error::Usage(_)) { 2 } else { 1 });
        }
    };
    // A reader that has gone away (`| head`) is no failure: the day is written.
    let _ = writeln!(std::io::stdout(), "{said}");
    ExitCode::SUCCESS
}
