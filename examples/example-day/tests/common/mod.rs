//! Runs the program and reads what it wrote.
#![allow(dead_code, missing_docs)]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use polars::prelude::*;

pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A folder of this test alone, made anew.
pub fn scratch(name: &str) -> Result<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("example-day").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

pub fn run(out: &Path, args: &[&str]) -> Result<Output> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_example-day"));
    Ok(command.arg("--out").arg(out).args(args).output()?)
}

/// Makes a day and fails with what the program said if it could not.
pub fn day(name: &str, args: &[&str]) -> Result<PathBuf> {
    let out = scratch(name)?.join("day");
    let output = run(&out, args)?;
    match output.status.success() {
        true => Ok(out),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned().into()),
    }
}

/// Every file below a folder by its path in it.
pub fn files(root: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    found.insert(path.strip_prefix(root)?.to_owned(), fs::read(&path)?);
                }
            }
        }
    }
    Ok(found)
}

pub fn read(path: &Path) -> Result<DataFrame> {
    Ok(ParquetReader::new(File::open(path)?).finish()?)
}

pub fn columns(frame: &DataFrame) -> String {
    let names =
        frame.schema().iter().map(|(name, kind)| format!("{name}:{kind}")).collect::<Vec<_>>();
    names.join(" ")
}

pub fn texts(frame: &DataFrame, column: &str) -> Result<Vec<String>> {
    Ok(frame.column(column)?.str()?.iter().map(|text| text.unwrap_or("null").to_owned()).collect())
}

pub fn addresses(frame: &DataFrame, column: &str) -> Result<Vec<IpAddr>> {
    texts(frame, column)?.iter().map(|text| Ok(text.parse()?)).collect()
}

/// An integer column, whatever its width; a null is an error.
pub fn numbers(frame: &DataFrame, column: &str) -> Result<Vec<i64>> {
    let wide = frame.column(column)?.cast(&DataType::Int64)?;
    wide.i64()?.iter().map(|n| n.ok_or_else(|| format!("null in {column}").into())).collect()
}
