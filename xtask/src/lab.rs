//! `cargo xtask lab`: JupyterLab on the flow investigation.

use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::prepare::{self, Ready};
use crate::progress::Steps;
use crate::{Result, WrongUse, arguments};

/// The notebook that `lab` opens and `report` runs.
pub const NOTEBOOK: &str = "notebooks/Flow_Threat_Investigation.ipynb";

/// Prepares what is missing and becomes JupyterLab.
pub fn run(root: &Path, words: &[&str]) -> Result {
    let given = arguments(words, &["--no-browser"], &["--port"])?;
    let mut steps = Steps::new(prepare::STEPS + 1);
    let ready = prepare::notebook(root, &mut steps)?;
    steps.next("open JupyterLab (Ctrl-C ends it)");
    let mut lab = ready.venv.command("jupyter");
    lab.args(["lab", NOTEBOOK]);
    for (name, value) in given {
        match value {
            Some(port) => {
                let port: u16 =
                    port.parse().map_err(|_| WrongUse(format!("{port} is no port number")))?;
                lab.arg(format!("--ServerApp.port={port}"));
            }
            None => {
                lab.arg(name);
            }
        }
    }
    // Jupyter refuses root, and in a container there is nobody else.
    if std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0) {
        lab.arg("--allow-root");
    }
    data(&mut lab, root, &ready);
    // exec: Ctrl-C and the exit code are JupyterLab's own.
    Err(format!("JupyterLab cannot be started: {}", lab.exec()).into())
}

/// Points `command` at the example day and the context files that fit it, unless the person pointed
/// elsewhere.
pub fn data(command: &mut Command, root: &Path, ready: &Ready) {
    if std::env::var_os("SPOT_DATA").is_none() {
        command.env("SPOT_DATA", &ready.example);
        if std::env::var_os("SPOT_CONTEXT").is_none() {
            command.env("SPOT_CONTEXT", root.join("context"));
        }
    }
}
