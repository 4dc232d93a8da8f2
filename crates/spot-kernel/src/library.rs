//! The notebook library: a dylib that the workspace built once, and how cells find it.
//!
//! `library.json` is written by `cargo xtask lab` beside the dylib. It says which rustc made it
//! (cells must use the same), which crates cells can name, where their metadata lies, and
//! what rust-analyzer is to see of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

/// What `library.json` says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Library {
    /// First line of `rustc -V` of the compiler that built it.
    pub rustc: String,
    /// Crates that a cell can name, with the file that it is linked to.
    pub externs: BTreeMap<String, PathBuf>,
    /// Folders with the metadata of all crates below these.
    pub search: Vec<PathBuf>,
    /// Folders in which a running cell finds the dylib.
    pub rpath: Vec<PathBuf>,
    /// A file with `cargo metadata` packages and nodes for rust-analyzer.
    pub metadata: PathBuf,
    /// The standard library as rust-analyzer is to read it; `None`: as rustup installed it.
    #[serde(default)]
    pub standard_library: Option<PathBuf>,
}

impl Library {
    /// Where `cargo xtask lab` puts it, seen from the kernel's own program
    /// (`target/release/spot-kernel` and `target/notebook/library.json`).
    pub fn default_path() -> Option<PathBuf> {
        let exe = std::env::current_exe().ok()?;
        let path = exe.parent()?.parent()?.join("notebook").join("library.json");
        path.is_file().then_some(path)
    }

    /// Reads a `library.json` and checks that cells can be linked to it: same rustc, files there.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| {
            format!("the notebook library is not there: {} (run `cargo xtask lab`)", path.display())
        })?;
        let library: Self = serde_json::from_str(&text)
            .with_context(|| format!("{} is not valid; run `cargo xtask lab`", path.display()))?;
        let rustc = rustc_version()?;
        if rustc != library.rustc {
            bail!(
                "the notebook library was built with {}, but this is {rustc}; run `cargo xtask lab` again",
                library.rustc
            );
        }
        if let Some((name, file)) = library.externs.iter().find(|(_, file)| !file.is_file()) {
            bail!("{} of crate {name} is gone; run `cargo xtask lab` again", file.display());
        }
        Ok(library)
    }

    /// Flags for the compilation of a cell, in place of evcxr's own.
    pub fn rustflags(&self) -> Vec<String> {
        let mut flags = vec!["-Cprefer-dynamic".to_owned()];
        for (name, file) in &self.externs {
            flags.push(format!("--extern={name}={}", file.display()));
        }
        flags.extend(self.search.iter().map(|dir| format!("-Ldependency={}", dir.display())));
        flags.extend(
            self.rpath.iter().map(|dir| format!("-Clink-arg=-Wl,-rpath,{}", dir.display())),
        );
        flags
    }

    /// Names of the crates that are linked when a cell is loaded, not into the cell.
    pub fn dylibs(&self) -> impl Iterator<Item = &str> {
        let is_dylib = |file: &Path| file.extension().is_some_and(|e| e == "so" || e == "dylib");
        self.externs.iter().filter(move |(_, file)| is_dylib(file)).map(|(name, _)| name.as_str())
    }

    /// Blanks the `:dep` lines of a cell that name crates which are already there.
    pub fn without_known_deps(&self, code: &str) -> String {
        let mut out = String::with_capacity(code.len());
        for line in code.split_inclusive('\n') {
            if self.is_known_dep(line) {
                // The line stays, so that places in error messages stay right.
                out.push_str(if line.ends_with('\n') { "\n" } else { "" });
            } else {
                out.push_str(line);
            }
        }
        out
    }

    fn is_known_dep(&self, line: &str) -> bool {
        let Some(dependency) = line.trim_start().strip_prefix(":dep ") else {
            return false;
        };
        let name = dependency.split('=').next().unwrap_or_default().trim();
        self.externs.contains_key(&name.replace('-', "_"))
    }
}

/// First line of `rustc -V`.
pub fn rustc_version() -> Result<String> {
    let output = Command::new("rustc")
        .arg("-V")
        .output()
        .context("rustc cannot be started; install Rust (https://rustup.rs) and put it on PATH")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dep_line_of_a_crate_that_is_there_costs_nothing() {
        let library = Library {
            rustc: String::new(),
            externs: [
                ("spot".to_owned(), PathBuf::new()),
                ("serde_json".to_owned(), PathBuf::new()),
            ]
            .into(),
            search: Vec::new(),
            rpath: Vec::new(),
            metadata: PathBuf::new(),
            standard_library: None,
        };
        let cases = [
            (
                ":dep spot = { path = \"../crates/spot\" }\nuse spot::prelude::*;",
                "\nuse spot::prelude::*;",
            ),
            (":dep serde-json = \"1\"\n", "\n"),
            (":dep serde_json", ""),
            (":dep regex = \"1\"\n", ":dep regex = \"1\"\n"),
            ("let s = \":dep spot\";\n", "let s = \":dep spot\";\n"),
            (":dep spotless = \"1\"", ":dep spotless = \"1\""),
        ];
        for (code, expected) in cases {
            assert_eq!(library.without_known_deps(code), expected, "{code:?}");
        }
    }
}
