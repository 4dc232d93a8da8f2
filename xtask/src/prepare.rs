//! The steps before a notebook can run: environment, build, kernelspecs, example day.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::progress::{Steps, quietly};
use crate::stamp::Stamp;
use crate::venv::Venv;
use crate::{Result, cargo, library, tools};

/// How many steps [`notebook`] announces.
pub const STEPS: usize = 5;

/// A clone in which notebooks run.
pub struct Ready {
    /// The environment with Jupyter and the kernelspecs.
    pub venv: Venv,
    /// The folder of the example day.
    pub example: PathBuf,
    /// The folder of the programs that were built.
    pub programs: PathBuf,
}

/// Takes all steps; those done before take no time.
pub fn notebook(root: &Path, steps: &mut Steps) -> Result<Ready> {
    steps.next("look for what is needed: a C compiler, Python, the component rust-src");
    tools::check()?;
    let venv = Venv::of(root);
    steps.next("install JupyterLab into .venv");
    venv.ensure()?;
    steps.next("build the kernel and the notebook library");
    build(root)?;
    steps.next("install the kernels spot and spot-stock into .venv");
    let programs = cargo::target_dir(root)?.join("release");
    let mut install = Command::new(programs.join("spot-kernel"));
    install.args(["install", "--prefix"]).arg(venv.folder());
    quietly(&mut install, "", 0, |_| false)?;
    steps.next("generate the example day");
    let example = example_day(root, &programs)?;
    Ok(Ready { venv, example, programs })
}

/// Builds the workspace and links the library that cells use.
pub fn build(root: &Path) -> Result {
    cargo::compile(root, "build", &["--release", "--workspace"], &[])?;
    library::build(root)
}

/// Generates `target/example-day` when it is not there or its generator changed.
fn example_day(root: &Path, programs: &Path) -> Result<PathBuf> {
    let folder = root.join("target/example-day");
    let source = root.join("examples/example-day");
    let stamp = Stamp::of(
        root.join("target/example-day.stamp"),
        &[source.join("src"), source.join("Cargo.toml")],
    )?;
    if !(stamp.holds() && folder.join("flow").is_dir()) {
        if folder.is_dir() {
            eprintln!("      its generator has changed: made anew, with no stories in it");
            fs::remove_dir_all(&folder)
                .map_err(|error| format!("{} cannot be removed: {error}", folder.display()))?;
        }
        let mut generate = Command::new(programs.join("example-day"));
        generate.arg("--out").arg(&folder);
        quietly(&mut generate, "", 0, |_| false)?;
        stamp.set()?;
    }
    Ok(folder)
}
