//! The steps of `cargo xtask test`, in order of cost.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::aside::Aside;
use super::count::Count;
use super::said::Said;
use super::{Outcome, browser};
use crate::prepare::{self, Ready};
use crate::progress::{Steps, lines};
use crate::venv::Venv;
use crate::{Result, cargo, tools};

/// What clippy's driver splits its arguments at.
const SEPARATOR: &str = "__CLIPPY_HACKERY__";

/// Set where tests may take their time.
const LONG: &str = "LONG_TESTS";

/// A step: what `--only` calls it, and what it does.
pub struct Step {
    /// Its name.
    pub name: String,
    kind: Kind,
}

enum Kind {
    Format,
    Deny,
    Lint,
    Rust,
    Publish,
    /// A file of `tests/python`.
    Python(PathBuf),
    Browser,
}

/// All steps that there are.
pub fn all(root: &Path) -> Result<Vec<Step>> {
    let step = |name: &str, kind| Step { name: name.to_owned(), kind };
    let mut steps = vec![
        step("format", Kind::Format),
        step("licences", Kind::Deny),
        step("lint", Kind::Lint),
        step("rust", Kind::Rust),
        step("publish", Kind::Publish),
    ];
    for path in python_files(&root.join("tests/python"))? {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let name = format!("python:{}", name.trim_start_matches("test_"));
        steps.push(Step { name, kind: Kind::Python(path) });
    }
    steps.push(step("browser", Kind::Browser));
    Ok(steps)
}

/// `test_*.py`, those that need most last.
fn python_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("test_") && name.ends_with(".py") {
            files.push(path);
        }
    }
    files.sort_by_key(|path| (path.ends_with("test_captures.py"), path.clone()));
    Ok(files)
}

/// Runs steps; prepares the notebook's environment before the first that needs it.
pub struct Runner<'a> {
    root: &'a Path,
    long: bool,
    engine: bool,
    ready: Option<Ready>,
}

impl<'a> Runner<'a> {
    /// A runner in `root`; `long` adds the tests that take long, `engine` those of a Spark server.
    pub fn new(root: &'a Path, long: bool, engine: bool) -> Self {
        Self { root, long, engine, ready: None }
    }

    /// Runs one step; a terminal shows its output as it comes.
    pub fn run(&mut self, step: &Step) -> Result<Outcome> {
        let root = self.root;
        match &step.kind {
            Kind::Format => ran(cargo::cargo(root).args(["fmt", "--all", "--check"])),
            Kind::Deny if tools::output("cargo-deny", &["--version"]).is_none() => Ok(
                Outcome::Skipped("cargo-deny is not there (cargo install cargo-deny)".to_owned()),
            ),
            Kind::Deny => {
                ran(cargo::cargo(root).args(["deny", "check", "licenses", "bans", "sources"]))
            }
            Kind::Lint => {
                let mut command = cargo::cargo(root);
                command.args(["build", "--quiet", "--release", "--workspace", "--all-targets"]);
                let _programs = Aside::new(&cargo::target_dir(root)?.join("release"))?;
                clean(linted(&mut command))
            }
            Kind::Rust => {
                // The whole workspace always: with -p cargo resolves other features and compiles
                // polars once more.
                let mut command = cargo::cargo(root);
                command.args(["test", "--quiet", "--release", "--workspace", "--no-fail-fast"]);
                linted(&mut command);
                let _programs = Aside::new(&cargo::target_dir(root)?.join("release"))?;
                if self.long {
                    command.env(LONG, "1");
                }
                self.with_engine(&mut command)?;
                ran(&mut command)
            }
            Kind::Publish => published(root),
            Kind::Python(file) => {
                let mut python = self.ready()?.venv.command("python3");
                python.args(["-m", "pytest", "-q", "-rs", "--tb=short"]).arg(file);
                self.settings(&mut python)?;
                ran(&mut python)
            }
            Kind::Browser => match browser::missing(root) {
                Some(what) if std::env::var("CI").as_deref() == Ok("true") => Err(what.into()),
                Some(what) => Ok(Outcome::Skipped(what)),
                None => {
                    let mut node = browser::command(root, &self.ready()?.venv)?;
                    self.settings(&mut node)?;
                    ran(&mut node)
                }
            },
        }
    }

    /// Where a Spark server and its driver are, for the tests that start one.
    fn with_engine(&self, command: &mut Command) -> Result {
        if !self.engine {
            return Ok(());
        }
        if tools::output("java", &["-version"]).is_none() {
            return Err("a Spark server needs Java 17: apt install openjdk-17-jre-headless".into());
        }
        let venv = Venv::engine(self.root);
        venv.ensure_engine()?;
        let driver = venv.package("adbc_driver_spark")?.join("libadbc_driver_spark.so");
        command.env("ENGINE_SPARK", venv.package("pyspark")?).env("ENGINE_DRIVER", driver);
        Ok(())
    }

    fn ready(&mut self) -> Result<&Ready> {
        if self.ready.is_none() {
            let mut steps = Steps::new(prepare::STEPS + 1);
            let ready = prepare::notebook(self.root, &mut steps)?;
            steps.next("install the packages of the tests");
            ready.venv.ensure_tests()?;
            self.ready = Some(ready);
        }
        self.ready.as_ref().ok_or_else(|| "the notebook's environment is not ready".into())
    }

    /// What tests of the notebook read from their environment. Their data is theirs to name, so
    /// what a person set for their own work is taken away.
    fn settings(&mut self, command: &mut Command) -> Result {
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"SPOT_") {
                command.env_remove(name);
            }
        }
        self.with_engine(command)?;
        let ready = self.ready()?;
        command.env("EXAMPLE_DAY", &ready.example).env("PROGRAMS", &ready.programs);
        if self.long {
            command.env(LONG, "1");
        }
        Ok(())
    }
}

/// Our crates through clippy's driver, the others as they are.
///
/// As `cargo clippy` does, but for a build: what polars and rust-analyzer were compiled to serves here,
/// where a check would go through all of them again. The Rust tests run what comes out, so that ours
/// are compiled once for both, and without making them fast: that would take longer than the tests
/// do. Overflows and debug assertions are checked in them, which is what tests are for. The tests of the
/// notebook run what users run.
fn linted(command: &mut Command) -> &mut Command {
    command
        .env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver")
        .env("CLIPPY_ARGS", format!("-Copt-level=0{SEPARATOR}"))
        // Its messages are read; what it says of others' crates is not ours to mend.
        .env("CARGO_TERM_COLOR", "never")
        .env("CARGO_FUTURE_INCOMPAT_REPORT_FREQUENCY", "never")
}

/// Whether the widget crate stands alone: packed, unpacked and built as others would get it.
fn published(root: &Path) -> Result<Outcome> {
    let mut command = cargo::cargo(root);
    command.args(["publish", "--dry-run", "--allow-dirty", "-p", "evcxr_widgets"]);
    // By name, for where another registry stands in for it; not among ours, whose polars has other features.
    command.args(["--registry", "crates-io", "--target-dir"]).arg(root.join("target/publish"));
    let (mut said, mut unreachable) = (Said::new(), false);
    let ok = lines(&mut command, |line| {
        if let Some((_, text)) = line {
            unreachable |=
                ["failed to download", "download of config.json failed", "failed to get"]
                    .iter()
                    .any(|start| text.contains(start));
            said.line(text);
        }
    })?;
    if !ok && unreachable && std::env::var("CI").as_deref() != Ok("true") {
        return Ok(Outcome::Skipped("the registry of packages does not answer".to_owned()));
    }
    said.ended(ok);
    Ok(Outcome::Ran { count: Count::default(), ok, failed: said.failed })
}

/// Runs `command`, a build, shows what it says and takes no warning.
fn clean(command: &mut Command) -> Result<Outcome> {
    let mut count = Count::default();
    let ok = lines(command, |line| {
        if let Some((_, text)) = line {
            eprintln!("{text}");
            count.failed += usize::from(text.starts_with("warning"));
        }
    })?;
    Ok(Outcome::Ran { ok: ok && count.failed == 0, count, failed: Vec::new() })
}

/// Runs `command`, shows what it says and counts its tests; a log gets what failed.
fn ran(command: &mut Command) -> Result<Outcome> {
    let (mut count, mut said) = (Count::default(), Said::new());
    let ok = lines(command, |line| {
        if let Some((_, text)) = line {
            said.line(text);
            if let Some(found) = Count::read(text) {
                said.ended(found.failed == 0);
                count += found;
            }
        }
    })?;
    said.ended(ok);
    Ok(Outcome::Ran { count, ok, failed: said.failed })
}
