//! A stand-in for cargo that lets rust-analyzer see the notebook library.
//!
//! rust-analyzer, inside evcxr, learns which crates there are from `cargo metadata`, and looks for
//! cargo in `$CARGO_HOME/bin`. Cells are linked to a library that cargo was not told of. So the kernel
//! points CARGO_HOME at a folder of its own, in which `bin/cargo` is this program: it hands
//! everything on to the real cargo, and adds the library's packages to what `metadata` answers.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// The user's own CARGO_HOME, if one is set.
pub const REAL_CARGO_HOME_VAR: &str = "SPOT_KERNEL_REAL_CARGO_HOME";
/// The cargo that does the work.
const REAL_CARGO_VAR: &str = "SPOT_KERNEL_REAL_CARGO";
/// The packages to add.
const METADATA_VAR: &str = "SPOT_KERNEL_METADATA";

/// Runs as cargo when this program was called by that name; does not return then.
pub fn run_if_called_as_cargo() {
    let mut args = std::env::args_os();
    let name = args.next().unwrap_or_default();
    if Path::new(&name).file_name() != Some("cargo".as_ref()) {
        return;
    }
    let code = run(args.collect()).unwrap_or_else(|error| {
        eprintln!("{error:#}");
        101
    });
    std::process::exit(code);
}

fn run(args: Vec<OsString>) -> Result<i32> {
    let cargo = std::env::var_os(REAL_CARGO_VAR).context("no real cargo is named")?;
    let mut command = Command::new(cargo);
    match std::env::var_os(REAL_CARGO_HOME_VAR) {
        Some(home) => command.env("CARGO_HOME", home),
        None => command.env_remove("CARGO_HOME"),
    };
    let is_metadata = args.iter().any(|arg| arg == "metadata");
    command.args(args);
    if !is_metadata {
        return Ok(command.status()?.code().unwrap_or(101));
    }
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    let answer = match std::env::var_os(METADATA_VAR) {
        Some(path) => with_library(&output.stdout, Path::new(&path)).unwrap_or(output.stdout),
        None => output.stdout,
    };
    std::io::stdout().write_all(&answer)?;
    Ok(output.status.code().unwrap_or(101))
}

/// Adds the library's packages to an answer about evcxr's own crate `ctx`.
fn with_library(answer: &[u8], library: &Path) -> Result<Vec<u8>> {
    let mut answer: Value = serde_json::from_slice(answer)?;
    let library: Value = serde_json::from_slice(&std::fs::read(library)?)?;
    merge(&mut answer, &library)?;
    Ok(serde_json::to_vec(&answer)?)
}

fn merge(answer: &mut Value, library: &Value) -> Result<()> {
    let list = |value: &Value, what: &str| value[what].as_array().cloned().unwrap_or_default();
    let Some(ctx) = list(answer, "workspace_members").first().cloned() else {
        return Ok(());
    };
    let known: Vec<Value> = list(answer, "packages").iter().map(|p| p["id"].clone()).collect();
    let new = |entry: &Value| !known.contains(&entry["id"]);
    let packages = answer["packages"].as_array_mut().context("no packages")?;
    packages.extend(list(library, "packages").into_iter().filter(new));
    let nodes = answer["resolve"]["nodes"].as_array_mut().context("no nodes")?;
    nodes.extend(list(library, "nodes").into_iter().filter(new));
    for node in nodes.iter_mut().filter(|node| node["id"] == ctx) {
        for root in list(library, "roots") {
            let edge = json!({
                "name": root["name"],
                "pkg": root["id"],
                "dep_kinds": [{"kind": null, "target": null}],
            });
            if let Some(deps) = node["deps"].as_array_mut() {
                deps.push(edge);
            }
            if let Some(ids) = node["dependencies"].as_array_mut() {
                ids.push(root["id"].clone());
            }
        }
    }
    Ok(())
}

/// Makes the stand-in's folder below `dir` and sets this process's environment so that
/// rust-analyzer finds it. Gives the `KEY=VALUE` that builds of cells need to see the real CARGO_HOME.
///
/// Call before any other thread is started.
pub fn install(dir: &Path, metadata: &Path) -> Result<String> {
    let bin = dir.join("cargo-home").join("bin");
    std::fs::create_dir_all(&bin)?;
    std::os::unix::fs::symlink(std::env::current_exe()?, bin.join("cargo"))?;
    let real = std::env::var_os("CARGO_HOME");
    let cargo = real_cargo(real.as_ref())?;
    // SAFETY: the caller promises that no other thread runs yet.
    unsafe {
        std::env::set_var(REAL_CARGO_VAR, cargo);
        if let Some(real) = &real {
            std::env::set_var(REAL_CARGO_HOME_VAR, real);
        }
        std::env::set_var(METADATA_VAR, metadata);
        std::env::set_var("CARGO_HOME", dir.join("cargo-home"));
    }
    let home = match real {
        Some(home) => PathBuf::from(home),
        None => std::env::home_dir().context("no home folder")?.join(".cargo"),
    };
    Ok(format!("CARGO_HOME={}", home.display()))
}

fn real_cargo(cargo_home: Option<&OsString>) -> Result<PathBuf> {
    let home = cargo_home.map(PathBuf::from).or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let beside = home.map(|home| home.join("bin").join("cargo")).filter(|path| path.is_file());
    let path = std::env::var_os("PATH").unwrap_or_default();
    beside
        .or_else(|| std::env::split_paths(&path).map(|dir| dir.join("cargo")).find(|p| p.is_file()))
        .context("cargo is not found; install Rust (https://rustup.rs) and put it on PATH")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_is_added_with_an_edge_from_the_cell() {
        let mut answer = json!({
            "packages": [{"id": "ctx"}, {"id": "shared"}],
            "workspace_members": ["ctx"],
            "resolve": {"nodes": [{"id": "ctx", "deps": [], "dependencies": []}, {"id": "shared"}]},
        });
        let library = json!({
            "packages": [{"id": "spot"}, {"id": "shared"}],
            "nodes": [{"id": "spot"}, {"id": "shared"}],
            "roots": [{"name": "spot", "id": "spot"}],
        });
        merge(&mut answer, &library).expect("both are well formed");
        assert_eq!(
            answer,
            json!({
                "packages": [{"id": "ctx"}, {"id": "shared"}, {"id": "spot"}],
                "workspace_members": ["ctx"],
                "resolve": {"nodes": [
                    {"id": "ctx", "deps": [{"name": "spot", "pkg": "spot",
                        "dep_kinds": [{"kind": null, "target": null}]}], "dependencies": ["spot"]},
                    {"id": "shared"},
                    {"id": "spot"},
                ]},
            })
        );
    }
}
