//! Kernelspecs: how Jupyter finds this kernel.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::library;

/// Where kernelspecs go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The user's own Jupyter folder.
    User,
    /// The environment of the `python3` on PATH (a virtual environment that is active).
    SysPrefix,
    /// A folder of choice; kernelspecs go to `share/jupyter/kernels` in it.
    Prefix(PathBuf),
}

impl Place {
    fn kernels(&self) -> Result<PathBuf> {
        let share = |prefix: &Path| prefix.join("share").join("jupyter").join("kernels");
        match self {
            Self::User => Ok(user_data_dir()?.join("kernels")),
            Self::Prefix(prefix) => Ok(share(&std::path::absolute(prefix)?)),
            Self::SysPrefix => {
                let output = std::process::Command::new("python3")
                    .args(["-c", "import sys; print(sys.prefix)"])
                    .output()
                    .context("python3 cannot be started; use --user or --prefix instead")?;
                Ok(share(Path::new(String::from_utf8_lossy(&output.stdout).trim())))
            }
        }
    }
}

fn user_data_dir() -> Result<PathBuf> {
    if let Some(dir) = std::env::var_os("JUPYTER_DATA_DIR") {
        return Ok(dir.into());
    }
    let home = std::env::home_dir().context("no home folder; use --prefix")?;
    if cfg!(target_os = "macos") {
        return Ok(home.join("Library").join("Jupyter"));
    }
    let data = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from);
    Ok(data.unwrap_or_else(|| home.join(".local").join("share")).join("jupyter"))
}

/// Writes the kernelspecs `spot` and `spot-stock`, and says on standard output what was done and
/// which rustc the kernel needs. `library` is the `library.json` that cells are linked to.
pub fn install(place: &Place, library: Option<&Path>) -> Result<()> {
    let kernels = place.kernels()?;
    let exe = std::env::current_exe()?;
    let mut argv = vec![exe.to_string_lossy().into_owned(), "run".into()];
    if let Some(path) = library {
        argv.extend(["--library".into(), std::path::absolute(path)?.to_string_lossy().into()]);
    }
    argv.extend(["-f".into(), "{connection_file}".into()]);
    write(&kernels, "spot", &argv, "Rust (Spot)")?;
    let stock = [exe.to_string_lossy().as_ref(), "stock", "{connection_file}"].map(str::to_owned);
    write(&kernels, "spot-stock", &stock, "Rust (stock evcxr)")?;
    println!("The kernels need {} with the component rust-src.", library::rustc_version()?);
    match library {
        Some(path) => println!(
            "Cells are linked to {}; keep it and this program where they are.",
            path.display()
        ),
        None => println!("There is no notebook library: cells have the standard library alone."),
    }
    Ok(())
}

fn write(kernels: &Path, name: &str, argv: &[String], display_name: &str) -> Result<()> {
    let dir = kernels.join(name);
    std::fs::create_dir_all(&dir)
        .with_context(|| format!("{} cannot be made; choose another --prefix", dir.display()))?;
    let file = dir.join("kernel.json");
    let spec = json!({
        "argv": argv,
        "display_name": display_name,
        "language": "rust",
        "interrupt_mode": "message",
        "env": environment(),
        "metadata": {"debugger": false},
    });
    let temporary = dir.join(".kernel.json.new");
    std::fs::write(&temporary, serde_json::to_vec_pretty(&spec)?)
        .and_then(|()| std::fs::rename(&temporary, &file))
        .with_context(|| format!("{} cannot be written", file.display()))?;
    println!("Wrote {}", file.display());
    Ok(())
}

/// A Jupyter server that was started from a desktop has no cargo on its PATH.
fn environment() -> Value {
    let mut env = serde_json::Map::new();
    for name in ["CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"] {
        if let Ok(value) = std::env::var(name) {
            env.insert(name.into(), value.into());
        }
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let cargo_dir = std::env::split_paths(&path).find(|dir| dir.join("cargo").is_file());
    if let Some(dir) = cargo_dir {
        env.insert("PATH".into(), format!("{}:${{PATH}}", dir.display()).into());
    }
    env.into()
}
