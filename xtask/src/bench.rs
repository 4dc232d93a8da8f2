//! `cargo xtask bench`: costs as ratios, both sides measured in one run.

use std::path::Path;

use crate::prepare;
use crate::progress::Steps;
use crate::{Result, arguments};

/// Runs `benches/bench.py`, which prints the ratios and writes `target/bench.json`.
pub fn run(root: &Path, words: &[&str]) -> Result {
    arguments(words, &[], &[])?;
    let mut steps = Steps::new(prepare::STEPS + 2);
    let ready = prepare::notebook(root, &mut steps)?;
    steps.next("install pandas and ipywidgets to measure against");
    ready.venv.ensure_tests()?;
    steps.next("measure");
    let status = ready
        .venv
        .command("python3")
        .arg("benches/bench.py")
        .env("PROGRAMS", &ready.programs)
        .arg("--data")
        .arg(&ready.example)
        .arg("--out")
        .arg(root.join("target/bench.json"))
        .status()
        .map_err(|error| format!("benches/bench.py cannot be started: {error}"))?;
    if status.success() { Ok(()) } else { Err("The bench failed: see its messages above.".into()) }
}
