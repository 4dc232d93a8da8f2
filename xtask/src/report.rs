//! `cargo xtask report`: the flow investigation as a page, without a browser.

use std::fs;
use std::path::{Path, PathBuf};

use crate::lab::{self, NOTEBOOK};
use crate::prepare;
use crate::progress::{Steps, quietly};
use crate::{Result, WrongUse, arguments};

/// Runs the notebook for every suspect of the example day (or of `SPOT_DATA`) and writes the page.
pub fn run(root: &Path, words: &[&str]) -> Result {
    let given = arguments(words, &[], &["--out"])?;
    let out = match given.into_iter().rev().find_map(|(_, value)| value) {
        Some(path) => std::path::absolute(path)?,
        None => root.join("target/reports/flow.html"),
    };
    let (folder, name) = split(&out)?;
    let mut steps = Steps::new(prepare::STEPS + 1);
    let ready = prepare::notebook(root, &mut steps)?;
    steps.next("run the notebook");
    fs::create_dir_all(&folder)
        .map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
    let mut convert = ready.venv.command("jupyter");
    convert
        .args(["nbconvert", "--execute", "--to", "html", NOTEBOOK, "--output", &name])
        .arg("--output-dir")
        .arg(&folder);
    lab::data(&mut convert, root, &ready);
    if std::env::var_os("SPOT_ANCHOR").is_none() {
        convert.env("SPOT_ANCHOR", "all");
    }
    quietly(&mut convert, "", 0, |_| false)?;
    println!("{}", out.display());
    Ok(())
}

/// Folder and file name of the page.
fn split(out: &Path) -> Result<(PathBuf, String)> {
    let name = out.file_name().and_then(|name| name.to_str());
    let wrong = || WrongUse(format!("{} is no file name", out.display()));
    let name = name.filter(|_| !out.is_dir()).ok_or_else(wrong)?;
    Ok((out.parent().ok_or_else(wrong)?.to_path_buf(), name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_needs_a_file_name() {
        let named = |path: &str| split(Path::new(path)).ok().map(|(_, name)| name);
        assert_eq!(named("/a/b.html").as_deref(), Some("b.html"));
        assert_eq!(named("/"), None);
        assert_eq!(named("/tmp"), None);
    }
}
