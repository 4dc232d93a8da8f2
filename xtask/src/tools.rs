//! What has to be on the machine, and how to get it.

use std::path::Path;
use std::process::Command;

use crate::Result;

/// Checks all that the build and the notebook need; an error lists everything that is missing.
pub fn check() -> Result {
    let missing: Vec<String> = [compiler(), rust_source(), python()]
        .into_iter()
        .filter_map(Result::err)
        .map(|e| e.to_string())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!("Something is missing on this machine:\n\n{}", missing.join("\n\n")).into())
}

/// The oldest Python that the locked packages run on.
const PYTHON: (u32, u32) = (3, 11);

fn compiler() -> Result {
    if output("cc", &["--version"]).is_some() {
        return Ok(());
    }
    Err("A C compiler (cc): some crates carry C code, and Rust links with it.\n  \
         Debian, Ubuntu:  sudo apt-get install build-essential\n  \
         Fedora:          sudo dnf install gcc\n  \
         macOS:           xcode-select --install"
        .into())
}

fn rust_source() -> Result {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let Some(sysroot) = output(&rustc, &["--print", "sysroot"]) else {
        return Err("rustc: https://rustup.rs".into());
    };
    if Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library/std").is_dir() {
        return Ok(());
    }
    Err("The Rust component rust-src: the kernel infers the types of variables with it.\n  \
         rustup component add rust-src"
        .into())
}

fn python() -> Result {
    // ensurepip is what Debian leaves out of python3 and puts into python3-venv.
    let asked = "import sys, venv, ensurepip; print(sys.version_info[0], sys.version_info[1])";
    let found = output("python3", &["-c", asked]).as_deref().and_then(version);
    match found {
        Some(found) if found >= PYTHON => Ok(()),
        Some((major, minor)) => Err(format!(
            "Python {}.{} or newer: python3 is {major}.{minor}. Put a newer python3 first in PATH.",
            PYTHON.0, PYTHON.1
        )
        .into()),
        None => Err(format!(
            "Python {}.{} or newer with venv and pip, for JupyterLab.\n  \
             Debian, Ubuntu:  sudo apt-get install python3 python3-venv\n  \
             Fedora:          sudo dnf install python3\n  \
             macOS:           brew install python3",
            PYTHON.0, PYTHON.1
        )
        .into()),
    }
}

fn version(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.trim().split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// What `program` prints, if it is there and succeeds.
pub fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        let cases = [("3 11\n", true), ("3 9\n", false), ("3 14", true), ("2 7", false)];
        for (text, enough) in cases {
            assert_eq!(version(text).is_some_and(|found| found >= PYTHON), enough, "{text}");
        }
        assert_eq!(version("Python 3.11"), None);
    }

    #[test]
    fn a_missing_program_prints_nothing() {
        assert_eq!(output("no-such-program", &[]), None);
        assert_eq!(output("sh", &["-c", "exit 1"]), None);
        assert_eq!(output("sh", &["-c", "echo x"]).as_deref(), Some("x\n"));
    }
}
