//! Lines of the context files: a record is one line, fields in double quotes or not.
//!
//! Cut here and not by a CSV reader because `iploc.csv` has millions of lines of which a search needs
//! a few: the text stays as it is and a line is cut when it is asked for, and because every bad line
//! must be named by its number.

use std::borrow::Cow;
use std::net::IpAddr;

/// A line of content.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    /// From 1.
    pub number: usize,
    /// Byte offset in the text.
    pub offset: usize,
    pub text: &'a str,
}

/// Lines that are neither blank nor comments (`#`).
pub(crate) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut offset = 0;
    text.split_inclusive('\n').enumerate().filter_map(move |(index, whole)| {
        let at = offset;
        offset += whole.len();
        let line = whole.trim_end_matches(['\n', '\r']);
        let content = line.trim_start_matches('\u{feff}').trim();
        let is_content = !content.is_empty() && !content.starts_with('#');
        is_content.then_some(Line { number: index + 1, offset: at, text: line })
    })
}

/// The fields of a line, trimmed, quotes taken off; `""` inside quotes is one quote.
pub(crate) fn fields(line: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let mut rest = Some(line.trim_start_matches('\u{feff}'));
    std::iter::from_fn(move || {
        let text = rest?.trim_start();
        let Some(quoted) = text.strip_prefix('"') else {
            let (field, after) = match text.split_once(',') {
                Some((field, after)) => (field, Some(after)),
                None => (text, None),
            };
            rest = after;
            return Some(Cow::Borrowed(field.trim()));
        };
        let end = closing_quote(quoted);
        let field = &quoted[..end];
        rest = quoted[end..].split_once(',').map(|(_, after)| after);
        Some(match field.contains("\"\"") {
            true => Cow::Owned(field.replace("\"\"", "\"").trim().to_owned()),
            false => Cow::Borrowed(field.trim()),
        })
    })
}

/// Where the quote closes; the end of the line when it never does.
fn closing_quote(quoted: &str) -> usize {
    let bytes = quoted.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'"' {
            if bytes.get(at + 1) != Some(&b'"') {
                return at;
            }
            at += 1;
        }
        at += 1;
    }
    quoted.len()
}

/// An address as text; `::ffff:10.0.0.5` is 10.0.0.5.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

/// Whether a first field that is no address looks like a column's name.
pub(crate) fn is_header(field: &str) -> bool {
    field.starts_with(|c: char| c.is_alphabetic()) && !field.contains(['.', ':'])
}

/// Notes of one file; only the first few lines are named, so that a broken file stays readable.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes {
    named: Vec<String>,
    /// How many are named at most.
    most: usize,
    more: usize,
    file: String,
    unit: &'static str,
}

impl Notes {
    const NAMED: usize = 10;

    pub fn of(file: &str) -> Self {
        Self::naming(file, Self::NAMED)
    }

    /// That name `most` lines.
    pub fn naming(file: &str, most: usize) -> Self {
        Self { file: file.to_owned(), most, unit: "line", ..Self::default() }
    }

    /// Of a file that has no lines worth a number.
    pub fn counting(file: &str, unit: &'static str) -> Self {
        Self { unit, ..Self::of(file) }
    }

    pub fn add(&mut self, line: usize, what: impl std::fmt::Display) {
        if self.named.len() < self.most {
            self.named.push(format!("{} {} {line}: {what}", self.file, self.unit));
        } else {
            self.more += 1;
        }
    }

    pub fn texts(&self) -> Vec<String> {
        let mut texts = self.named.clone();
        if self.more > 0 {
            texts.push(format!("{}: {} more {}s like these", self.file, self.more, self.unit));
        }
        texts
    }
}
