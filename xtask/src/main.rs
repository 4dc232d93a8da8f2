//! What a person types in this repository: `cargo xtask lab`, `report`, `test`, `bench`, `codegen`.
//!
//! [`prepare`] holds the steps that all four share; each of them does nothing when its work is
//! already done, so that a second call starts in seconds.

mod bench;
mod cargo;
mod codegen;
mod lab;
mod library;
mod prepare;
mod progress;
mod report;
mod stamp;
mod test;
mod tools;
mod venv;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What every step returns: an error says what was wrong and what to do.
type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "\
cargo xtask VERB

  lab [--no-browser] [--port N]   JupyterLab on the flow investigation, with the example day
  report [--out FILE]             the same notebook as a page: target/reports/flow.html
  test [--long] [--engine] [--only NAME]   every test there is (--only: those whose name starts so; --engine: also
                                  those of a Spark server, which it installs; needs Java 17)
  bench                           what a click costs, beside the same panel in Python
  codegen [map [--world-atlas DIR] | widgets] [--check]   files made of others: the map's coastlines, from
                                  the npm package world-atlas; the widget models, from ipywidgets
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let root = root();
    let done = match words.split_first() {
        Some((&"lab", rest)) => lab::run(&root, rest),
        Some((&"report", rest)) => report::run(&root, rest),
        Some((&"test", rest)) => test::run(&root, rest),
        Some((&"bench", rest)) => bench::run(&root, rest),
        Some((&"codegen", rest)) => codegen::run(&root, rest),
        Some((&("help" | "--help" | "-h"), _)) => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n{error}");
            ExitCode::from(if error.is::<WrongUse>() { 2 } else { 1 })
        }
    }
}

/// The clone's root. This program is only ever run by cargo out of the clone that it was built in.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// An argument that is not understood.
#[derive(Debug)]
struct WrongUse(String);

impl std::fmt::Display for WrongUse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}\n\n{USAGE}", self.0)
    }
}

impl Error for WrongUse {}

/// Reads `--flag` and `--name VALUE` arguments: `flags` take none, `values` take one.
fn arguments<'a>(
    words: &[&'a str],
    flags: &[&str],
    values: &[&str],
) -> Result<Vec<(&'a str, Option<&'a str>)>> {
    let mut found = Vec::new();
    let mut words = words.iter().copied();
    while let Some(word) = words.next() {
        if flags.contains(&word) {
            found.push((word, None));
        } else if values.contains(&word) {
            let value = words.next().ok_or_else(|| WrongUse(format!("{word} needs a value")))?;
            found.push((word, Some(value)));
        } else {
            return Err(WrongUse(format!("not understood: {word}")).into());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read_or_named() {
        let read = |words: &[&str]| {
            arguments(words, &["--no-browser"], &["--port"])
                .map(|found| format!("{found:?}"))
                .map_err(|error| error.to_string().lines().next().unwrap_or_default().to_owned())
        };
        assert_eq!(read(&[]), Ok("[]".into()));
        assert_eq!(
            read(&["--port", "8890", "--no-browser"]),
            Ok(r#"[("--port", Some("8890")), ("--no-browser", None)]"#.into())
        );
        assert_eq!(read(&["--port"]), Err("--port needs a value".into()));
        assert_eq!(read(&["--prot", "1"]), Err("not understood: --prot".into()));
    }
}
