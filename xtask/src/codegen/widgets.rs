//! The widget models, of the ipywidgets in the project's environment.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::Result;
use crate::venv::Venv;

const SCRIPT: &str = "xtask/src/codegen/widgets.py";
/// What the script is asked for, and where that goes.
const MADE: [(&str, &str); 2] = [
    ("rust", "crates/evcxr_widgets/src/widgets/models.rs"),
    ("states", "crates/evcxr_widgets/tests/data/models.json"),
];

/// Writes the files, or with `check` fails when they are others.
pub fn run(root: &Path, check: bool) -> Result {
    let venv = Venv::of(root);
    venv.ensure()?;
    for (what, out) in MADE {
        let made = venv.command("python").arg(root.join(SCRIPT)).arg(what).output()?;
        if !made.status.success() {
            return Err(format!("{SCRIPT}: {}", String::from_utf8_lossy(&made.stderr)).into());
        }
        let made = if out.ends_with(".rs") { formatted(root, &made.stdout)? } else { made.stdout };
        let path = root.join(out);
        if !check {
            fs::write(&path, made)?;
            println!("{}", path.display());
        } else if fs::read(&path).unwrap_or_default() != made {
            let what = "is not what the pinned ipywidgets gives: run cargo xtask codegen widgets";
            return Err(format!("{out} {what}").into());
        }
    }
    Ok(())
}

fn formatted(root: &Path, source: &[u8]) -> Result<Vec<u8>> {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout", "--config-path"])
        .arg(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| {
            format!("rustfmt cannot be started: {error} (rustup component add rustfmt)")
        })?;
    // It reads all before it writes.
    rustfmt.stdin.take().ok_or("rustfmt takes no input")?.write_all(source)?;
    let done = rustfmt.wait_with_output()?;
    if done.status.success() { Ok(done.stdout) } else { Err("rustfmt failed".into()) }
}
