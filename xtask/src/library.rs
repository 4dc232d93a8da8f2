//! Builds the workspace, and out of it the one dylib that notebook cells link to.
//!
//! The dylib is made by a rustc call of our own from the very `.rlib`s that the command line uses, and
//! whose dependencies the tests use too, so polars is compiled once. `cargo rustc -p spot` would resolve features for that one
//! package and compile polars again; a `dylib` crate type in Cargo.toml would carry its own std, to
//! which no cell links.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

mod sources;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Package names (or starts of names) whose types can appear in a cell: what rust-analyzer sees.
const VISIBLE: [&str; 5] = ["spot", "polars", "evcxr_widgets", "chrono", "serde_json"];
/// Nothing for a cell: no value that a cell can have is of a type of theirs, and rust-analyzer would
/// read them all before the first cell.
const HIDDEN: [&str; 12] = [
    "spot-kernel",
    "spot-cli",
    "chrono-tz",
    "polars-arrow-format",
    "polars-async",
    "polars-config",
    "polars-mem-engine",
    "polars-ooc",
    "polars-parquet",
    "polars-parquet-format",
    "polars-row",
    "polars-stream",
];

/// Changes when the sources that rust-analyzer reads are to be made anew.
const SOURCES: &str = "5";

/// Builds everything in the release profile, links `target/notebook/libspot.so`, and writes
/// `library.json`, `metadata.json` and the sources that rust-analyzer reads beside it. Does nothing that is already done.
pub fn build(root: &Path) -> Result<()> {
    let metadata = cargo_metadata(root)?;
    let rlibs = build_workspace(root)?;
    let spot = package_id(&metadata, "spot").ok_or("there is no package `spot`")?;
    let externs = externs(&metadata, &spot, &rlibs)?;
    let target = PathBuf::from(metadata["target_directory"].as_str().unwrap_or("target"));
    let dir = target.join("notebook");
    fs::create_dir_all(&dir)?;
    let deps = target.join("release").join("deps");
    let dylib = dir.join("libspot.so");
    let own = rlibs.get(&spot).ok_or("cargo did not say where the library `spot` is")?;
    let rustc = first_line(Command::new("rustc").arg("-V"))?;
    let stamp = stamp(&rustc, externs.values().chain([own]))?;
    if !dylib.is_file() || fs::read_to_string(dir.join("stamp")).ok() != Some(stamp.clone()) {
        link(root, &dylib, &deps, &externs)?;
        fs::write(dir.join("stamp"), stamp)?;
    }
    let mut names = externs;
    names.insert("spot".into(), dylib);
    let mut visible = visible(&metadata, &spot);
    let standard_library = write_sources(&mut visible, &rustc, &dir.join("sources"))?;
    let library = json!({
        "rustc": rustc,
        "externs": names,
        "search": [deps],
        "rpath": [dir],
        "metadata": dir.join("metadata.json"),
        "standard_library": standard_library,
    });
    replace(&dir.join("metadata.json"), &visible)?;
    replace(&dir.join("library.json"), &library)
}

fn cargo_metadata(root: &Path) -> Result<Value> {
    let host = first_line(Command::new("rustc").args(["--print", "host-tuple"]))?;
    let output = crate::cargo::cargo(root)
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", &host])
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err("cargo metadata failed (see above)".into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Gives the `.rlib` of each package; the workspace is built already.
fn build_workspace(root: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let output = crate::cargo::cargo(root)
        .args(["build", "--release", "--workspace", "--locked"])
        .arg("--message-format=json-render-diagnostics")
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err("the workspace does not build (see above)".into());
    }
    let mut rlibs = BTreeMap::new();
    for line in output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let message: Value = serde_json::from_slice(line)?;
        if message["reason"] != "compiler-artifact" {
            continue;
        }
        let id = message["package_id"].as_str().unwrap_or_default();
        for file in array(&message["filenames"]).iter().filter_map(Value::as_str) {
            if file.ends_with(".rlib") {
                rlibs.insert(id.to_owned(), PathBuf::from(file));
            }
        }
    }
    Ok(rlibs)
}

fn externs(
    metadata: &Value,
    spot: &str,
    rlibs: &BTreeMap<String, PathBuf>,
) -> Result<BTreeMap<String, PathBuf>> {
    let mut externs = BTreeMap::new();
    for dep in node(metadata, spot).map(|node| array(&node["deps"])).unwrap_or_default() {
        let is_normal = array(&dep["dep_kinds"]).iter().any(|kind| kind["kind"].is_null());
        let (Some(name), Some(id)) = (dep["name"].as_str(), dep["pkg"].as_str()) else {
            continue;
        };
        if is_normal {
            let rlib = rlibs.get(id).ok_or_else(|| format!("cargo did not say where {name} is"))?;
            externs.insert(name.to_owned(), rlib.clone());
        }
    }
    Ok(externs)
}

fn link(root: &Path, dylib: &Path, deps: &Path, externs: &BTreeMap<String, PathBuf>) -> Result<()> {
    eprintln!("      linking the notebook library");
    // Written beside and renamed: a kernel that is running keeps the file that it has mapped.
    let temporary = dylib.with_file_name("libspot.so.new");
    let mut rustc = Command::new("rustc");
    rustc
        .current_dir(root)
        .args(["--crate-name", "spot", "--edition", "2024", "--crate-type", "dylib"])
        .args(["-Cprefer-dynamic", "-Copt-level=2", "-Cmetadata=notebook", "--cap-lints=allow"])
        .arg("-Clink-arg=-Wl,-soname,libspot.so")
        .arg("-L")
        .arg(format!("dependency={}", deps.display()))
        .arg("-o")
        .arg(&temporary)
        .env("CARGO_PKG_VERSION", env!("CARGO_PKG_VERSION"))
        .env("CARGO_MANIFEST_DIR", root.join("crates/spot"))
        .arg(root.join("crates/spot/src/lib.rs"));
    for (name, file) in externs {
        rustc.arg("--extern").arg(format!("{name}={}", file.display()));
    }
    if !rustc.status()?.success() {
        return Err("the notebook library does not link (see above)".into());
    }
    fs::rename(&temporary, dylib)?;
    Ok(())
}

/// What rust-analyzer is shown: packages whose types appear in cells, and the edges among them.
fn visible(metadata: &Value, spot: &str) -> Value {
    let is_visible = |package: &Value| {
        let name = package["name"].as_str().unwrap_or_default();
        VISIBLE.iter().any(|start| name.starts_with(start)) && !HIDDEN.contains(&name)
    };
    let packages: Vec<Value> =
        array(&metadata["packages"]).into_iter().filter(is_visible).collect();
    let ids: BTreeSet<String> =
        packages.iter().filter_map(|p| p["id"].as_str().map(str::to_owned)).collect();
    let known = |id: &Value| id.as_str().is_some_and(|id| ids.contains(id));
    let mut nodes = Vec::new();
    for mut node in array(&metadata["resolve"]["nodes"]) {
        if !known(&node["id"]) {
            continue;
        }
        let keep_deps: Vec<Value> =
            array(&node["deps"]).into_iter().filter(|dep| known(&dep["pkg"])).collect();
        let keep_ids: Vec<Value> =
            array(&node["dependencies"]).into_iter().filter(|id| known(id)).collect();
        node["deps"] = keep_deps.into();
        node["dependencies"] = keep_ids.into();
        nodes.push(node);
    }
    let mut roots = vec![json!({"name": "spot", "id": spot})];
    for dep in node(&json!({"resolve": {"nodes": nodes}}), spot)
        .map(|node| array(&node["deps"]))
        .unwrap_or_default()
    {
        roots.push(json!({"name": dep["name"], "id": dep["pkg"]}));
    }
    json!({"packages": packages, "nodes": nodes, "roots": roots})
}

/// Writes the sources that rust-analyzer is to read below `to`, says in `visible` where they are, and gives the place of
/// the standard library's. What never changes is written once.
fn write_sources(visible: &mut Value, rustc: &str, to: &Path) -> Result<PathBuf> {
    let once = |to: &Path, write: &dyn Fn() -> Result<()>| -> Result<()> {
        let done = to.join("done");
        if fs::read_to_string(&done).is_ok_and(|by| by == SOURCES) {
            return Ok(());
        }
        write()?;
        Ok(fs::write(done, SOURCES)?)
    };
    let version: String =
        rustc.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let standard_library = to.join(version);
    once(&standard_library, &|| {
        let sysroot = first_line(Command::new("rustc").args(["--print", "sysroot"]))?;
        sources::standard_library(Path::new(&sysroot), &standard_library)
    })?;
    for package in visible["packages"].as_array_mut().into_iter().flatten() {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let to = to.join(format!("{}-{}", text(&package["name"]), text(&package["version"])));
        let mut library = array(&package["targets"]);
        library.retain(|target| array(&target["kind"]).iter().any(|kind| kind == "lib"));
        let Some(target) = library.first_mut() else { continue };
        let manifest = PathBuf::from(text(&package["manifest_path"]));
        let root = PathBuf::from(text(&target["src_path"]));
        let write = || sources::package(&manifest, &root, &to);
        match package["source"].is_null() {
            true => write()?,
            false => once(&to, &write)?,
        }
        target["src_path"] = json!(to.join("src").join(root.file_name().unwrap_or_default()));
        package["targets"] = library.into();
        package["manifest_path"] = json!(to.join("Cargo.toml"));
    }
    Ok(standard_library)
}

fn package_id(metadata: &Value, name: &str) -> Option<String> {
    array(&metadata["packages"])
        .iter()
        .find(|package| package["name"] == name && package["source"].is_null())
        .and_then(|package| package["id"].as_str().map(str::to_owned))
}

fn node(metadata: &Value, id: &str) -> Option<Value> {
    array(&metadata["resolve"]["nodes"]).into_iter().find(|node| node["id"] == id)
}

fn array(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn first_line(command: &mut Command) -> Result<String> {
    let output = command.output().map_err(|error| format!("rustc cannot be started: {error}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Same text, same inputs: the compiler, and each file with its size and time.
fn stamp<'a>(rustc: &str, files: impl Iterator<Item = &'a PathBuf>) -> Result<String> {
    let mut stamp = format!("{rustc}\n");
    for file in files {
        let about = fs::metadata(file)?;
        let time = about.modified()?.duration_since(std::time::UNIX_EPOCH)?.as_nanos();
        stamp += &format!("{} {} {time}\n", file.display(), about.len());
    }
    Ok(stamp)
}

fn replace(path: &Path, value: &Value) -> Result<()> {
    let temporary = path.with_extension("json.new");
    fs::write(&temporary, serde_json::to_vec(value)?)?;
    fs::rename(&temporary, path)?;
    Ok(())
}
