//! `networkcontext_1.csv`: names for addresses and ranges.

use std::net::IpAddr;

use ipnetwork::IpNetwork;

use super::intervals::{Intervals, Range};
use super::lines::{Notes, address, fields, is_header, lines};
use crate::model::{Address, ContextName};

/// Classes of the impact analysis: a text that the first part of a name contains (in any case), and
/// the class it stands for; the first that fits is taken.
pub const CLASSES: [(&str, &str); 4] =
    [("vpn", "VPN"), ("dmz", "DMZ"), ("proxy", "Proxy"), ("fw", "FW")];

/// The class of all others, and of addresses without a name.
pub const UNKNOWN_CLASS: &str = "Unknown";

/// The class of a context name: only the part before its first dot counts, so `Partner.FW.1` is
/// [`UNKNOWN_CLASS`].
///
/// ```
/// use spot_analysis::network::class_of;
///
/// assert_eq!(class_of("Proxy-1"), "Proxy");
/// assert_eq!(class_of("Partner.FW.1"), "Unknown");
/// ```
pub fn class_of(name: &str) -> &'static str {
    let first = name.split('.').next().unwrap_or_default().to_lowercase();
    CLASSES.iter().find(|(part, _)| first.contains(part)).map_or(UNKNOWN_CLASS, |(_, class)| class)
}

/// The rules, each `a-b`, a network in CIDR, or one address, of either family. The most specific
/// that holds an address names it; of equally specific ones the first in the file.
#[derive(Clone, Debug, Default)]
pub struct ContextRules {
    rules: Vec<ContextName>,
    map: Intervals,
    notes: Notes,
}

impl ContextRules {
    /// Reads the file's text. A header is recognised and skipped; blanks are trimmed; host bits of a
    /// CIDR are cleared, with a note; a bad line is skipped, with a note.
    pub fn parse(file: &str, text: &str) -> Self {
        let mut notes = Notes::of(file);
        let (mut rules, mut ranges) = (Vec::new(), Vec::new());
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
            rules.push(ContextName { name: name.into_owned(), rule: rule.into_owned() });
        }
        Self { rules, map: Intervals::new(ranges), notes }
    }

    /// The name by the most specific rule.
    pub fn name_of(&self, address: &Address) -> Option<ContextName> {
        self.rules.get(self.map.find(address.ip()?)?).cloned()
    }

    /// Lines that were skipped or doubtful, for people.
    pub fn notes(&self) -> Vec<String> {
        self.notes.texts()
    }
}

/// First and last address of a rule.
fn ends(rule: &str) -> Option<(IpAddr, IpAddr)> {
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

fn has_host_bits(rule: &str, network: IpAddr) -> bool {
    rule.split_once('/')
        .is_some_and(|(written, _)| address(written.trim()) != Some(network.to_canonical()))
}
