//! `networkcontext_1.csv`: names for addresses and ranges.

use std::net::IpAddr;

use ipnetwork::IpNetwork;

use super::classes::class_of;
use super::intervals::{Intervals, Range, overlaps};
use super::lines::{Notes, address, fields, is_header, lines};
use crate::model::{Address, ContextName};

/// The rules, each `a-b`, a network in CIDR, or one address, of either family. The most specific
/// that holds an address names it; of equally specific ones the first in the file.
#[derive(Clone, Debug, Default)]
pub struct ContextRules {
    rules: Vec<ContextName>,
    map: Intervals,
    notes: Notes,
    overlaps: Notes,
}

/// Overlapping rules that are named; they are common and seldom wrong.
const OVERLAPS: usize = 3;

impl ContextRules {
    /// Reads the file's text. A header is recognised and skipped; blanks are trimmed; host bits of a
    /// CIDR are cleared, with a note; a bad line is skipped, with a note; a rule that overlaps
    /// another is noted, with the lines of both.
    pub fn parse(file: &str, text: &str) -> Self {
        let mut notes = Notes::of(file);
        let (mut rules, mut ranges, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
        for (index, line) in lines(text).enumerate() {
            let mut fields = fields(line.text);
            let rule = fields.next().unwrap_or_default();
            let name = fields.next().unwrap_or_default();
            let Some((first, last)) = ends(&rule) else {
                if index > 0 || !is_header(&rule) {
                    let what = "is neither an address, a range a-b nor a network a/n; skipped";
                    notes.add(line.number, format!("`{rule}` {what}"));
                }
                continue;
            };
            if name.is_empty() {
                notes.add(line.number, format!("`{rule}` has no name; skipped"));
                continue;
            }
            let Some(range) = Range::new(first, last, rules.len()) else {
                notes.add(line.number, format!("`{rule}` ends before it starts; skipped"));
                continue;
            };
            if has_host_bits(&rule, first) {
                notes.add(
                    line.number,
                    format!("`{rule}` was taken as the network that starts at {first}"),
                );
            }
            ranges.push(range);
            numbers.push(line.number);
            rules.push(ContextName {
                class: class_of(&name).to_owned(),
                name: name.into_owned(),
                rule: rule.into_owned(),
            });
        }
        let mut doubles = Notes::naming(file, OVERLAPS);
        for (later, earlier, equal) in overlaps(&ranges) {
            doubles.add(
                numbers[later],
                format!(
                    "`{}` overlaps `{}` of line {}, the {} wins",
                    rules[later].rule,
                    rules[earlier].rule,
                    numbers[earlier],
                    if equal { "first" } else { "narrower" }
                ),
            );
        }
        Self { rules, map: Intervals::new(ranges), notes, overlaps: doubles }
    }

    /// The name by the most specific rule, its class by the built-in table.
    pub fn name_of(&self, address: &Address) -> Option<ContextName> {
        self.rules.get(self.map.find(address.ip()?)?).cloned()
    }

    /// Lines that were skipped or doubtful, then those that overlap, for people.
    pub fn notes(&self) -> Vec<String> {
        [self.notes.texts(), self.overlaps.texts()].concat()
    }
}

/// First and last address of a rule: an address, a range `a-b`, a network `a/n`.
pub(crate) fn ends(rule: &str) -> Option<(IpAddr, IpAddr)> {
    if let Some(ip) = address(rule) {
        return Some((ip, ip));
    }
    if rule.contains('/') {
        let network: IpNetwork = rule.parse().ok()?;
        return Some((network.network(), network.broadcast()));
    }
    let (first, last) = rule.split_once('-')?;
    Some((address(first.trim())?, address(last.trim())?))
}

/// Whether a network is written with another address than its first.
pub(super) fn has_host_bits(rule: &str, network: IpAddr) -> bool {
    rule.split_once('/')
        .is_some_and(|(written, _)| address(written.trim()) != Some(network.to_canonical()))
}
