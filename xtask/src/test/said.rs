//! What a step says: all of it as it comes to a person, only what matters to a log.

use std::io::{self, IsTerminal};

/// The lines of a step.
pub struct Said {
    /// Whether a person reads along; a log gets what passed only as a number.
    live: bool,
    held: Vec<String>,
    /// The names of the tests that failed.
    pub failed: Vec<String>,
}

impl Said {
    /// Nothing said yet.
    pub fn new() -> Self {
        Self::told(io::stdout().is_terminal())
    }

    fn told(live: bool) -> Self {
        Self { live, held: Vec::new(), failed: Vec::new() }
    }

    /// Takes a line.
    pub fn line(&mut self, text: &str) {
        self.failed.extend(failure(text));
        if self.live || text.starts_with("SKIPPED") || text.starts_with("figure: ") {
            println!("{text}");
        } else {
            self.held.push(text.to_owned());
        }
        // Cargo's word of a program that died before it could count.
        if text.starts_with("error: ") {
            self.ended(false);
        }
    }

    /// A program of the step ended; what it said is shown when it failed.
    pub fn ended(&mut self, ok: bool) {
        for line in self.held.drain(..) {
            if !ok {
                println!("{line}");
            }
        }
    }
}

/// The name of the test of which a line says that it failed.
fn failure(line: &str) -> Option<String> {
    let rust = line.strip_prefix("---- ").and_then(|rest| rest.split_once(" std")).map(|(n, _)| n);
    let others = ["FAILED tests/", "ERROR tests/", "FAILED   "];
    rust.or_else(|| others.iter().find_map(|start| line.strip_prefix(start)))
        .map(|name| name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_keeps_the_lines_of_what_failed() {
        let mut said = Said::told(false);
        for line in ["running 2 tests", "test result: ok. 2 passed; 0 failed"] {
            said.line(line);
        }
        said.ended(true);
        assert!(said.held.is_empty() && said.failed.is_empty());
        let lines = [
            "---- places::a_port stdout ----",
            "FAILED tests/python/test_edge.py::test_list - assert 1 == 2",
            "ok       choose and search",
            "FAILED   the page never complained",
        ];
        for line in lines {
            said.line(line);
        }
        assert_eq!(said.held.len(), 4);
        let names = [
            "places::a_port",
            "python/test_edge.py::test_list - assert 1 == 2",
            "the page never complained",
        ];
        assert_eq!(said.failed, names);
    }
}
