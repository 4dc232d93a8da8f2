//! `cargo xtask test`: every test there is, the cheap ones first, and a table at the end.

mod aside;
mod browser;
mod count;
mod said;
mod steps;

use std::path::Path;
use std::time::Instant;

use crate::progress::duration;
use crate::{Result, arguments};
use count::Count;

/// What a step came to.
enum Outcome {
    /// It ran; the command as a whole succeeded or not.
    Ran {
        /// Its tests, as far as it says.
        count: Count,
        /// Whether it exited well.
        ok: bool,
        /// The names of those that failed, as far as it says.
        failed: Vec<String>,
    },
    /// It could not run here, and why.
    Skipped(String),
}

/// A row of the table at the end.
struct Row {
    name: String,
    count: Count,
    seconds: f64,
    note: String,
    failed: Vec<String>,
}

/// Runs the steps; fails when any of them failed.
pub fn run(root: &Path, words: &[&str]) -> Result {
    let given = arguments(words, &["--long", "--engine"], &["--only"])?;
    let long = given.iter().any(|(name, _)| *name == "--long");
    let engine = given.iter().any(|(name, _)| *name == "--engine");
    let only: Vec<&str> = given.iter().filter_map(|(_, value)| *value).collect();
    let wanted = |name: &str| only.is_empty() || only.iter().any(|start| name.starts_with(start));
    let chosen: Vec<_> = steps::all(root)?.into_iter().filter(|step| wanted(&step.name)).collect();
    if chosen.is_empty() {
        let names: Vec<_> = steps::all(root)?.into_iter().map(|step| step.name).collect();
        return Err(format!("No such test. There are: {}", names.join(", ")).into());
    }
    let mut runner = steps::Runner::new(root, long, engine);
    let mut rows = Vec::new();
    for step in chosen {
        eprintln!("\n── {} ──", step.name);
        let started = Instant::now();
        let outcome = runner.run(&step).unwrap_or_else(|error| {
            eprintln!("{error}");
            Outcome::Ran { count: Count::default(), ok: false, failed: vec![error.to_string()] }
        });
        rows.push(row(step.name, outcome, started.elapsed().as_secs_f64()));
    }
    let total = report(&rows);
    if total.failed > 0 { Err("Some tests failed.".into()) } else { Ok(()) }
}

fn row(name: String, outcome: Outcome, seconds: f64) -> Row {
    match outcome {
        Outcome::Skipped(why) => {
            eprintln!("skipped: {why}");
            let count = Count { skipped: 1, ..Count::default() };
            Row { name, count, seconds, note: why, failed: Vec::new() }
        }
        Outcome::Ran { mut count, ok, failed } => {
            // A step that does not count its tests is one test; one that fails without a failed
            // test (it did not compile, it crashed) is a failed one.
            if !ok && count.failed == 0 {
                count.failed = 1;
            } else if count == Count::default() {
                count.passed = 1;
            }
            Row { name, count, seconds, note: String::new(), failed }
        }
    }
}

fn report(rows: &[Row]) -> Count {
    let mut total = Count::default();
    println!("\n{:<22}{:>8}{:>8}{:>9}{:>10}", "", "passed", "failed", "skipped", "took");
    for Row { name, count, seconds, note, .. } in rows {
        total += *count;
        let took = duration(*seconds);
        println!(
            "{name:<22}{:>8}{:>8}{:>9}{took:>10}  {note}",
            count.passed, count.failed, count.skipped
        );
    }
    for Row { name, failed, .. } in rows {
        for test in failed {
            println!("failed: {name}: {test}");
        }
    }
    println!("\n{} passed, {} failed, {} skipped", total.passed, total.failed, total.skipped);
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_dies_without_a_failed_test_has_failed() {
        let count = |passed, failed| Count { passed, failed, skipped: 0 };
        let cases = [
            (count(3, 0), true, count(3, 0)),
            (count(3, 0), false, count(3, 1)),
            (count(3, 2), false, count(3, 2)),
            (Count::default(), true, count(1, 0)),
            (Count::default(), false, count(0, 1)),
        ];
        for (found, ok, shown) in cases {
            let row = row("x".into(), Outcome::Ran { count: found, ok, failed: Vec::new() }, 0.0);
            assert_eq!(row.count, shown);
        }
        let skipped = row("x".into(), Outcome::Skipped("no node".into()), 0.0);
        assert_eq!((skipped.count.skipped, skipped.note.as_str()), (1, "no node"));
    }
}
