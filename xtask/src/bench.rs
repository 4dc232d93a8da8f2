//! `cargo xtask bench`: costs as ratios, both sides measured in one run.

use std::path::Path;

use crate::prepare;
use crate::progress::Steps;
use crate::{Result, arguments, cargo};

/// Runs `benches/bench.py`, which prints the ratios and writes `target/bench.json`.
pub fn run(root: &Path, words: &[&str]) -> Result {
    arguments(words, &[], &[])?;
    let mut steps = Steps::new(prepare::STEPS + 3);
    let ready = prepare::notebook(root, &mut steps)?;
    steps.next("install pandas, ipywidgets and DuckDB to measure against");
    ready.venv.ensure_tests()?;
    steps.next("build the program that measures searches");
    let status =
        cargo::cargo(root).args(["build", "--release", "--workspace", "--examples"]).status()?;
    if !status.success() {
        return Err("the examples do not compile (see above)".into());
    }
    steps.next("measure");
    let status = ready
        .venv
        .command("python3")
        .arg("benches/bench.py")
        .env("PROGRAMS", &ready.programs)
        .arg("--data")
        .arg(&ready.example)
        .arg("--big")
        .arg(root.join("target/bench-day"))
        .arg("--out")
        .arg(root.join("target/bench.json"))
        .status()
        .map_err(|error| format!("benches/bench.py cannot be started: {error}"))?;
    if status.success() { Ok(()) } else { Err("The bench failed: see its messages above.".into()) }
}
