//! `ipranges.csv`: which addresses are ours.

use super::intervals::{Intervals, Range};
use super::lines::{Notes, address, fields, is_header, lines};
use super::special;
use crate::model::{Address, Side};

/// Our own ranges: lines of start, end, name. Without a single line, the private ranges are ours
/// (RFC 1918, RFC 4193, 100.64.0.0/10, link-local, loopback).
#[derive(Clone, Debug, Default)]
pub struct OwnRanges {
    file: String,
    rules: Vec<String>,
    map: Intervals,
    notes: Notes,
}

impl OwnRanges {
    /// Reads the file's text; a header is recognised and skipped, a bad line noted.
    pub fn parse(file: &str, text: &str) -> Self {
        let mut notes = Notes::of(file);
        let (mut rules, mut ranges) = (Vec::new(), Vec::new());
        for (index, line) in lines(text).enumerate() {
            let mut fields = fields(line.text);
            let start = fields.next().unwrap_or_default();
            let end = fields.next().unwrap_or_default();
            let name = fields.next().unwrap_or_default();
            let range = match (address(&start), address(&end)) {
                (Some(first), Some(last)) => Range::new(first, last, rules.len()),
                _ if index == 0 && is_header(&start) => continue,
                _ => None,
            };
            let Some(range) = range else {
                notes.add(
                    line.number,
                    format!("`{start}`, `{end}` are not the two ends of a range; skipped"),
                );
                continue;
            };
            ranges.push(range);
            rules.push(match name.is_empty() {
                true => format!("{start} to {end}"),
                false => format!("{start} to {end}, {name}"),
            });
        }
        Self { file: file.to_owned(), rules, map: Intervals::new(ranges), notes }
    }

    /// Ours or not, and by which rule. A text that is no address is outside.
    pub fn inside(&self, address: &Address) -> Side {
        let Some(ip) = address.ip() else {
            return Side { inside: false, rule: "not an address".to_owned() };
        };
        let rule = match self.map.is_empty() {
            true => special::private_block(ip),
            false => self.map.find(ip).and_then(|rule| self.rules.get(rule)).cloned(),
        };
        Side {
            inside: rule.is_some(),
            rule: rule.unwrap_or_else(|| match self.map.is_empty() {
                true => "in no private range".to_owned(),
                false => format!("in no range of {}", self.file),
            }),
        }
    }

    /// Lines that were skipped, for people.
    pub fn notes(&self) -> Vec<String> {
        self.notes.texts()
    }
}
