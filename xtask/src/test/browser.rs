//! The browser test: a real Chromium on a real JupyterLab (`tests/browser`).

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::progress::quietly;
use crate::stamp::Stamp;
use crate::venv::Venv;
use crate::{Result, tools};

/// Names under which a Chromium may be found in PATH.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// What is missing for the browser test, and how to get it.
pub fn missing(root: &Path) -> Option<String> {
    let mut missing = Vec::new();
    if browser().is_none() {
        missing.push("Chromium (sudo apt-get install chromium, or CHROMIUM=/path/to/it)");
    }
    if tools::output("npm", &["--version"]).is_none() {
        missing.push("Node.js 20 with npm (https://nodejs.org)");
    }
    if !root.join("tests/browser/package-lock.json").is_file() {
        missing.push("tests/browser/package-lock.json (part of the repository)");
    }
    (!missing.is_empty()).then(|| format!("the browser test needs {}", missing.join("; ")))
}

/// The command that runs it, its Node packages installed.
pub fn command(root: &Path, venv: &Venv) -> Result<Command> {
    let folder = root.join("tests/browser");
    let stamp = Stamp::of(
        folder.join("node_modules/.lock.stamp"),
        &[folder.join("package.json"), folder.join("package-lock.json")],
    )?;
    if !stamp.holds() {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(&folder);
        quietly(&mut npm, "", 0, |_| false)?;
        stamp.set()?;
    }
    let mut node = Command::new("node");
    node.arg(folder.join("run.mjs")).current_dir(root).env("JUPYTER", venv.folder().join("bin"));
    if let Some(browser) = browser() {
        node.env("CHROMIUM", browser);
    }
    Ok(node)
}

/// The browser that `CHROMIUM` names, or the first in PATH.
fn browser() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Some(named.into());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .flat_map(|folder| BROWSERS.map(|name| folder.join(name)))
        .find(|program| program.is_file())
}
