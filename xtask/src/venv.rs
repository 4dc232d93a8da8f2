//! The virtual environment `.venv`: Python packages exactly as the lock files name them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;
use crate::progress::quietly;
use crate::stamp::Stamp;

const CONFIG: &str = include_str!("../nbconvert/jupyter_nbconvert_config.json");
const TEMPLATE_CONF: &str = include_str!("../nbconvert/offline/conf.json");
const TEMPLATE: &str = include_str!("../nbconvert/offline/index.html.j2");

/// What papermill needs for Rust.
const PAPERMILL: &str = "crates/spot-kernel/papermill";

/// The environment of a clone.
pub struct Venv {
    folder: PathBuf,
    root: PathBuf,
}

impl Venv {
    /// `.venv` in `root`, whether it is there yet or not.
    pub fn of(root: &Path) -> Self {
        Self { folder: root.join(".venv"), root: root.to_path_buf() }
    }

    /// The environment of a Spark server, which no notebook shares.
    pub fn engine(root: &Path) -> Self {
        Self { folder: root.join("target/engine"), root: root.to_path_buf() }
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A command out of the environment, with the environment first in its PATH.
    pub fn command(&self, program: &str) -> Command {
        let bin = self.folder.join("bin");
        let mut paths = vec![bin.clone()];
        paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
        let mut command = Command::new(bin.join(program));
        command.current_dir(&self.root).env("VIRTUAL_ENV", &self.folder);
        if let Ok(path) = std::env::join_paths(paths) {
            command.env("PATH", path);
        }
        command
    }

    /// Makes the environment and installs what `requirements.lock` names, unless that was done.
    pub fn ensure(&self) -> Result {
        self.make()?;
        self.install("requirements.lock")?;
        self.install_papermill()?;
        self.template()
    }

    /// Makes the environment and installs a Spark server and its driver, unless that was done.
    pub fn ensure_engine(&self) -> Result {
        self.make()?;
        self.install("requirements-engine.lock")
    }

    fn make(&self) -> Result {
        let python = self.folder.join("bin/python3");
        if !python.is_file() || !runs(&python) {
            let mut make = Command::new("python3");
            make.args(["-m", "venv", "--clear"]).arg(&self.folder);
            quietly(&mut make, "", 0, |_| false)?;
        }
        Ok(())
    }

    /// Where a package is.
    pub fn package(&self, name: &str) -> Result<PathBuf> {
        let code = format!("import {name}, os; print(os.path.dirname({name}.__file__))");
        let said = self.command("python3").args(["-c", &code]).output()?;
        match said.status.success() {
            true => Ok(PathBuf::from(String::from_utf8_lossy(&said.stdout).trim_end())),
            false => Err(format!("{}: no package {name}", self.folder.display()).into()),
        }
    }

    /// Lets papermill, where a user installs it, write parameters of Rust notebooks.
    fn install_papermill(&self) -> Result {
        let source = self.root.join(PAPERMILL);
        let stamp = Stamp::of(self.folder.join(".papermill.stamp"), std::slice::from_ref(&source))?;
        if stamp.holds() {
            return Ok(());
        }
        let mut pip = self.command("python3");
        pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input"])
            .args(["--no-deps", "--no-index", "--force-reinstall"])
            .arg(&source)
            // Nothing is left in the folder that the stamp is of.
            .env("PYTHONDONTWRITEBYTECODE", "1");
        quietly(&mut pip, "", 0, |_| false)?;
        stamp.set()
    }

    /// Lets `jupyter nbconvert --to html` out of this environment make pages that need no network.
    fn template(&self) -> Result {
        for (name, text) in [
            ("etc/jupyter/jupyter_nbconvert_config.json", CONFIG),
            ("share/jupyter/nbconvert/templates/offline/conf.json", TEMPLATE_CONF),
            ("share/jupyter/nbconvert/templates/offline/index.html.j2", TEMPLATE),
        ] {
            let path = self.folder.join(name);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(&path, text)
                .map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
        }
        Ok(())
    }

    /// Installs what the tests need besides.
    pub fn ensure_tests(&self) -> Result {
        self.install("requirements-test.lock")
    }

    fn install(&self, lock: &str) -> Result {
        let path = self.root.join(lock);
        let stamp =
            Stamp::of(self.folder.join(format!(".{lock}.stamp")), std::slice::from_ref(&path))?;
        if stamp.holds() {
            return Ok(());
        }
        let packages = count_packages(&fs::read_to_string(&path)?);
        let mut pip = self.command("python3");
        pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input"])
            .args(["--require-hashes", "--requirement"])
            .arg(&path);
        quietly(&mut pip, "packages", packages, |line| {
            line.starts_with("Collecting ") || line.starts_with("Requirement already satisfied")
        })?;
        stamp.set()
    }
}

/// A moved clone leaves a python3 whose paths lead nowhere.
fn runs(python: &Path) -> bool {
    let check = Command::new(python).args(["-c", "import pip"]).output();
    check.is_ok_and(|output| output.status.success())
}

/// Packages that a lock file pins.
fn count_packages(lock: &str) -> usize {
    lock.lines().filter(|line| line.contains("==") && !line.starts_with([' ', '#'])).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_of_a_lock_are_counted() {
        let lock =
            "# made by uv==1\na==1 \\\n    --hash=sha256:00==\n    # via b\nb==2 ; x < '3' \\\n";
        assert_eq!(count_packages(lock), 2);
    }

    /// A package that could be swapped for another would make every clone a different lab.
    #[test]
    fn every_package_of_the_locks_is_pinned_with_hashes() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for lock in ["requirements.lock", "requirements-test.lock", "requirements-engine.lock"] {
            let text = fs::read_to_string(root.join(lock)).expect("the lock file");
            let packages = count_packages(&text);
            assert!(packages > 3, "{lock}");
            let named = text.lines().filter(|l| l.starts_with(|c: char| c.is_alphanumeric()));
            assert_eq!(named.count(), packages, "{lock}: a line without a version");
            let followed = text.lines().zip(text.lines().skip(1)).filter(|(line, next)| {
                line.starts_with(|c: char| c.is_alphanumeric()) && next.trim().starts_with("--hash")
            });
            assert_eq!(followed.count(), packages, "{lock}: a package without a hash");
            assert!(!text.contains("://"), "{lock} names a registry");
        }
    }
}
