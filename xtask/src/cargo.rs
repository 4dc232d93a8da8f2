//! Cargo with a meter: how many units are done, of how many, and about how long the rest takes.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::Result;
use crate::progress::{Meter, Stream, lines};

/// What a crate counts as beside its source: starting rustc and writing files.
const UNIT_FLOOR: f64 = 40_000.0;

/// The cargo that runs this program, without what crates depend on and what is not the same in
/// each shell: ring's build script reads what cargo told this program about itself (`CARGO_PKG_NAME`
/// and the like), rust-analyzer is compiled for `CI`. Left in place, `cargo xtask` and a plain
/// `cargo build` would each compile polars and rust-analyzer again.
pub fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"]
            .iter()
            .any(|start| text.starts_with(start))
            || text == "CI"
        {
            command.env_remove(name);
        }
    }
    command.current_dir(root);
    command
}

/// Where cargo builds: `target`, unless a person's own settings say otherwise.
pub fn target_dir(root: &Path) -> Result<PathBuf> {
    let output = cargo(root).args(["metadata", "--no-deps", "--format-version", "1"]).output()?;
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let folder = metadata["target_directory"].as_str().map(PathBuf::from);
    folder.ok_or_else(|| String::from_utf8_lossy(&output.stderr).into_owned().into())
}

/// Runs `cargo VERB ARGUMENTS` in `root` with a meter; compiler messages are passed on.
///
/// `verb` is one that compiles and runs nothing: `build`, `clippy`, or `test` with `--no-run`;
/// `then` is what follows `--`.
pub fn compile(root: &Path, verb: &str, arguments: &[&str], then: &[&str]) -> Result {
    let plan = Plan::read(root, if verb == "clippy" { "check" } else { verb }, arguments);
    let mut command = cargo(root);
    command.arg(verb).args(arguments).args(["--message-format", "json-render-diagnostics"]);
    if !then.is_empty() {
        command.arg("--").args(then);
    }
    let mut meter = Meter::new("units", plan.units).weighed(plan.work);
    let mut now = String::new();
    let ok = lines(&mut command, |line| {
        match line {
            Some((Stream::Out, text)) => {
                if let Some((source, fresh)) = unit_done(text) {
                    // Another cargo may have had the folder until now.
                    meter.begin();
                    meter.add(plan.weight(&source), fresh);
                }
            }
            Some((Stream::Err, text)) => match status(text) {
                Some(crate_name) => now = crate_name.to_owned(),
                None => meter.print(text),
            },
            None => {}
        }
        meter.tick(&now);
    })?;
    meter.finish();
    if ok { Ok(()) } else { Err(format!("cargo {verb} failed: see its messages above.").into()) }
}

/// What cargo's status line on standard error is about; `None` for a message for people.
fn status(line: &str) -> Option<&str> {
    const WORDS: [&str; 12] = [
        "Compiling",
        "Checking",
        "Downloading",
        "Downloaded",
        "Fresh",
        "Finished",
        "Updating",
        "Locking",
        "Blocking",
        "Adding",
        "Running",
        "Building",
    ];
    let (word, rest) = line.trim_start().split_once(' ')?;
    (line.starts_with(' ') && WORDS.contains(&word))
        .then(|| if word == "Finished" { "" } else { rest.split(" v").next().unwrap_or(rest) })
}

/// The package of a finished unit and whether it had been built before.
fn unit_done(line: &str) -> Option<(String, bool)> {
    let message: Value = serde_json::from_str(line).ok()?;
    let package = message["package_id"].as_str()?.to_owned();
    match message["reason"].as_str()? {
        "compiler-artifact" => Some((package, message["fresh"].as_bool().unwrap_or(false))),
        // A build script that ran says nothing of freshness; it is next to no work.
        "build-script-executed" => Some((package, true)),
        _ => None,
    }
}

/// What a build will do, as far as it can be known before.
#[derive(Default)]
struct Plan {
    units: usize,
    /// Sum of the weights of all units.
    work: f64,
    /// Bytes of source for each package id.
    weights: HashMap<String, f64>,
}

impl Plan {
    /// Asks cargo for the unit graph. Without an answer the meter has a count but no total.
    fn read(root: &Path, verb: &str, arguments: &[&str]) -> Self {
        let output = cargo(root)
            .arg(verb)
            .args(arguments)
            .args(["--unit-graph", "-Z", "unstable-options"])
            // Printing the graph is not stable; nothing is built with this set.
            .env("RUSTC_BOOTSTRAP", "1")
            .output();
        match output {
            Ok(output) if output.status.success() => serde_json::from_slice(&output.stdout)
                .map(|graph| Self::of(&graph))
                .unwrap_or_default(),
            _ => Self::default(),
        }
    }

    fn of(graph: &Value) -> Self {
        let mut plan = Self::default();
        for unit in graph["units"].as_array().into_iter().flatten() {
            let package = unit["pkg_id"].as_str().unwrap_or_default();
            plan.units += 1;
            if !plan.weights.contains_key(package) {
                let source = unit["target"]["src_path"].as_str().map(PathBuf::from);
                let folder = source.as_deref().and_then(Path::parent);
                let bytes = folder.map_or(0.0, source_bytes);
                plan.weights.insert(package.to_owned(), UNIT_FLOOR + bytes);
            }
            plan.work += plan.weight(package);
        }
        plan
    }

    fn weight(&self, package: &str) -> f64 {
        self.weights.get(package).copied().unwrap_or(UNIT_FLOOR)
    }
}

/// Bytes of Rust source under `folder`: the best measure of compile time there is beforehand.
fn source_bytes(folder: &Path) -> f64 {
    let mut sum = 0.0;
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => sum += source_bytes(&path),
            Ok(_) if path.extension().is_some_and(|e| e == "rs") => {
                sum += entry.metadata().map_or(0.0, |m| m.len() as f64);
            }
            _ => {}
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn status_lines_are_told_from_messages() {
        let cases = [
            ("   Compiling polars-core v0.55.2", Some("polars-core")),
            (" Downloading 12 crates", Some("12 crates")),
            ("    Finished `release` profile [optimized] target(s) in 1s", Some("")),
            ("warning: unused variable", None),
            ("error: could not compile `x`", None),
            ("   |", None),
        ];
        for (line, about) in cases {
            assert_eq!(status(line), about, "{line}");
        }
    }

    #[test]
    fn finished_units_are_counted_once() {
        let line = |reason: &str| json!({"reason": reason, "package_id": "a", "fresh": true});
        let cases = [
            (line("compiler-artifact").to_string(), Some(("a".to_owned(), true))),
            (line("build-script-executed").to_string(), Some(("a".to_owned(), true))),
            (line("compiler-message").to_string(), None),
            (line("build-finished").to_string(), None),
            ("not json".to_owned(), None),
        ];
        for (text, done) in cases {
            assert_eq!(unit_done(&text), done, "{text}");
        }
    }

    #[test]
    fn a_plan_weighs_units_by_their_source() {
        let here = format!("{}/src/main.rs", env!("CARGO_MANIFEST_DIR"));
        let unit = |id: &str, path: &str| json!({"pkg_id": id, "target": {"src_path": path}});
        let plan = Plan::of(&json!({"units": [unit("x", &here), unit("y", "/no/such.rs")]}));
        assert_eq!(plan.units, 2);
        assert!(plan.weight("x") > UNIT_FLOOR);
        assert_eq!(plan.weight("y"), UNIT_FLOOR);
        assert_eq!(plan.work, plan.weight("x") + plan.weight("y"));
    }
}
