//! The program, and what it reads.
#![allow(dead_code, reason = "every test file uses its own part")]

pub mod stores;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use polars::prelude::*;
use serde_json::Value;

/// Runs `spot` with these arguments and no setting of ours in the environment.
pub fn spot(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spot"));
    command.args(args);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("SPOT_") {
            command.env_remove(name);
        }
    }
    command.output().expect("spot runs")
}

/// What `spot` prints, as JSON.
pub fn json(args: &[&str]) -> Value {
    let output = spot(args);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {errors}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// An empty folder of this name.
pub fn empty(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&root);
    root
}

/// Writes a frame as Parquet.
pub fn write(path: &Path, frame: &mut DataFrame) {
    fs::create_dir_all(path.parent().expect("folder")).expect("folder");
    ParquetWriter::new(File::create(path).expect("file")).finish(frame).expect("Parquet");
}
