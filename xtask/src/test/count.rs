//! How many tests passed, failed and were skipped, read from what test programs print.

use std::ops::AddAssign;

/// Numbers of tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Passed.
    pub passed: usize,
    /// Failed, errors among them.
    pub failed: usize,
    /// Skipped or ignored.
    pub skipped: usize,
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl Count {
    /// Reads a summary line of `cargo test`, pytest or the browser tests; `None` for other lines.
    pub fn read(line: &str) -> Option<Self> {
        let summary = line.starts_with("test result: ")
            || (line.ends_with(['s', ')']) && line.contains(" in "))
            || line.ends_with(" skipped");
        if !summary {
            return None;
        }
        let words: Vec<&str> =
            line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let mut count = Self::default();
        let mut found = false;
        for pair in words.windows(2) {
            let Ok(number) = pair[0].parse::<usize>() else { continue };
            let field = match pair[1] {
                "passed" => &mut count.passed,
                "failed" | "error" | "errors" => &mut count.failed,
                "skipped" | "ignored" => &mut count.skipped,
                _ => continue,
            };
            *field += number;
            found = true;
        }
        found.then_some(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summary_lines_are_read_and_others_are_not() {
        let cases = [
            (
                "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s",
                Some((12, 0, 1)),
            ),
            ("test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured", Some((1, 2, 0))),
            ("3 passed, 1 skipped in 2.31s", Some((3, 0, 1))),
            ("1 failed, 3 passed, 2 errors in 61.20s (0:01:01)", Some((3, 3, 0))),
            ("1 failed, 3 passed, 2 errors in 61.20s", Some((3, 3, 0))),
            ("no tests ran in 0.01s", None),
            ("9 passed, 0 failed, 2 skipped", Some((9, 0, 2))),
            ("the story of 9 passed boats", None),
        ];
        for (line, numbers) in cases {
            let expected =
                numbers.map(|(passed, failed, skipped)| Count { passed, failed, skipped });
            assert_eq!(Count::read(line), expected, "{line}");
        }
    }
}
