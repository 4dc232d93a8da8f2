//! `indicators.csv`: addresses, networks and names that somebody warns of.
//!
//! An address is looked up once for each length of network in the file, from the longest to the
//! shortest, and a name once for each of its labels, so a look-up costs the same however long the
//! file is, and finds every line that fits, not only the narrowest.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use super::context::{ends, has_host_bits};
use super::exchanged::{self, Entry};
use super::lines::{Notes, fields, lines};
use crate::dns::Name;
use crate::flag::Flag;
use crate::model::Address;

/// Lines that one address or name is told of; the narrowest first.
const MOST: usize = 8;

/// Networks into which all ranges `a-b` of a file may fall apart: a range from one end of IPv6 to
/// the other is 254 of them.
const MOST_NETWORKS: usize = 4_000_000;

/// What the first line may call its first column.
const HEADERS: [&str; 10] = [
    "indicator",
    "indicators",
    "ioc",
    "value",
    "address",
    "ip",
    "network",
    "name",
    "domain",
    "host",
];

/// The lines of a file: indicator, source, note. An indicator is an address, a network in CIDR, a
/// range `a-b`, or a name; a name, written with `*.` before it or not, stands for itself and for
/// everything below it.
#[derive(Clone, Debug, Default)]
pub struct Indicators {
    listed: Vec<Listed>,
    v4: Levels,
    v6: Levels,
    /// In lower case, without `*.` and final dot.
    names: HashMap<String, Vec<u32>>,
    notes: Notes,
}

/// Networks by the bits that are left out of an address, fewest first.
type Levels = BTreeMap<u32, HashMap<u128, Vec<u32>>>;

#[derive(Clone, Debug)]
struct Listed {
    indicator: String,
    source: String,
    note: String,
}

impl Indicators {
    /// Reads the file's text; a header is recognised and skipped, a bad line noted.
    ///
    /// ```
    /// use spot_analysis::dns::Name;
    /// use spot_analysis::model::Address;
    /// use spot_analysis::network::Indicators;
    ///
    /// let file = "indicator,source,note\n203.0.113.64/28,Feed,rented\nevil.example,Feed,C2\n";
    /// let list = Indicators::parse("indicators.csv", file);
    /// assert_eq!(list.of_address(&Address::new("203.0.113.77"))[0].note, "rented");
    /// assert_eq!(list.of_name(&Name::new("www.EVIL.example."))[0].indicator, "evil.example");
    /// assert!(list.of_name(&Name::new("notevil.example")).is_empty());
    /// ```
    pub fn parse(file: &str, text: &str) -> Self {
        let mut out = Self { notes: Notes::of(file), ..Self::default() };
        let mut networks = 0;
        for (index, line) in lines(text).enumerate() {
            let mut fields = fields(line.text).map(|field| field.into_owned());
            let indicator = fields.next().unwrap_or_default();
            let (source, note) =
                (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
            if index == 0 && HEADERS.iter().any(|header| indicator.eq_ignore_ascii_case(header)) {
                continue;
            }
            out.list(Listed { indicator, source, note }, line.number, &mut networks);
        }
        out
    }

    /// As [`Indicators::parse`], of any of the forms in which lists are exchanged: lines (the first column
    /// of a CSV, or plain text), a STIX 2.1 bundle, or events of MISP.
    ///
    /// Of STIX those patterns count that one comparison alone makes true (addresses, networks, domain names,
    /// hosts of URLs, joined by `OR`), unless they are revoked; of MISP the attributes of such types that are
    /// meant for detection (`to_ids`). What is left out is noted with its place in the list.
    ///
    /// # Errors
    /// JSON that is broken, or neither of the two.
    pub fn exchanged(file: &str, text: &str) -> Result<Self, String> {
        let Some(entries) = exchanged::entries(text)? else { return Ok(Self::parse(file, text)) };
        let mut out = Self { notes: Notes::counting(file, "entry"), ..Self::default() };
        let mut networks = 0;
        for (index, entry) in entries.into_iter().enumerate() {
            match entry {
                Entry::Left(why) => out.notes.add(index + 1, format!("{why}; skipped")),
                Entry::Taken { indicators, source, note } => {
                    for indicator in indicators {
                        let listed =
                            Listed { indicator, source: source.clone(), note: note.clone() };
                        out.list(listed, index + 1, &mut networks);
                    }
                }
            }
        }
        Ok(out)
    }

    fn list(&mut self, listed: Listed, place: usize, networks: &mut usize) {
        // A file of 4 billion lines is not read by anybody.
        let Ok(number) = u32::try_from(self.listed.len()) else { return };
        let indicator = &listed.indicator;
        match self.add(&plain(indicator), number, networks) {
            Ok(doubt) => {
                if let Some(doubt) = doubt {
                    self.notes.add(place, format!("`{indicator}` {doubt}"));
                }
                self.listed.push(listed);
            }
            Err(why) => self.notes.add(place, format!("`{indicator}` {why}; skipped")),
        }
    }

    /// How many indicators there are.
    pub fn len(&self) -> usize {
        self.listed.len()
    }

    /// Files `number` under what `indicator` says; a doubt, or why it cannot be.
    fn add(
        &mut self,
        indicator: &str,
        number: u32,
        networks: &mut usize,
    ) -> Result<Option<String>, &'static str> {
        let Some((first, last)) = ends(indicator) else {
            let name = name(indicator)?;
            self.names.entry(name).or_default().push(number);
            return Ok(None);
        };
        let (start, end) = (first.to_canonical(), last.to_canonical());
        let (levels, width) = match (start, end) {
            (IpAddr::V4(_), IpAddr::V4(_)) => (&mut self.v4, 32),
            (IpAddr::V6(_), IpAddr::V6(_)) => (&mut self.v6, 128),
            _ => return Err("has ends of two kinds"),
        };
        let blocks = blocks(bits(start), bits(end), width);
        if blocks.is_empty() {
            return Err("ends before it starts");
        }
        *networks += blocks.len();
        if *networks > MOST_NETWORKS {
            return Err("is one range too many: write networks a/n");
        }
        for (left_out, network) in blocks {
            let level = levels.entry(left_out).or_default();
            level.entry(network).or_default().push(number);
        }
        let doubt = has_host_bits(indicator, first)
            .then(|| format!("was taken as the network that starts at {first}"));
        Ok(doubt)
    }

    /// True when nothing can be on the list.
    pub fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    /// All lines that hold the address, the narrowest first, at most eight; of equally narrow ones in
    /// the order of the file.
    pub fn of_address(&self, address: &Address) -> Vec<Flag> {
        let Some(ip) = address.ip() else { return Vec::new() };
        let levels = if ip.is_ipv4() { &self.v4 } else { &self.v6 };
        let number = bits(ip);
        let hits = levels.iter().filter_map(|(&left_out, networks)| {
            networks.get(&number.checked_shr(left_out).unwrap_or(0))
        });
        self.flags(address.as_str(), hits)
    }

    /// All lines that name it or something above it, the nearest first, at most eight.
    pub fn of_name(&self, name: &Name) -> Vec<Flag> {
        if self.names.is_empty() {
            return Vec::new();
        }
        let mut rest = Some(name.as_str());
        let hits = std::iter::from_fn(move || {
            let this = rest?;
            rest = this.split_once('.').map(|(_, above)| above);
            Some(this)
        });
        self.flags(name.as_str(), hits.filter_map(|name| self.names.get(name)))
    }

    fn flags<'a>(&self, of: &str, hits: impl Iterator<Item = &'a Vec<u32>>) -> Vec<Flag> {
        let mut flags: Vec<Flag> = Vec::new();
        for listed in hits.flatten().filter_map(|&number| self.listed.get(number as usize)) {
            if flags.len() == MOST {
                break;
            }
            let flag = Flag {
                of: of.to_owned(),
                indicator: listed.indicator.clone(),
                source: listed.source.clone(),
                note: listed.note.clone(),
            };
            if !flags.contains(&flag) {
                flags.push(flag);
            }
        }
        flags
    }

    /// Lines that were skipped or doubtful, for people.
    pub fn notes(&self) -> Vec<String> {
        self.notes.texts()
    }
}

/// Without the brackets by which people keep others from clicking: `evil[.]example`.
fn plain(indicator: &str) -> String {
    indicator.replace("[.]", ".").replace("(.)", ".").replace("[:]", ":")
}

/// A name as it is compared, or why it is none.
pub(crate) fn name(indicator: &str) -> Result<String, &'static str> {
    const NEITHER: &str =
        "is neither an address, a network a/n, a range a-b nor a name such as evil.example";
    let name = Name::new(indicator.strip_prefix("*.").unwrap_or(indicator)).as_str().to_owned();
    let strange =
        |c: char| c.is_whitespace() || c.is_control() || "/\\:@*?,;\"'<>()[]{}|".contains(c);
    let labels = || name.split('.');
    let number = labels().next_back().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
    if name.len() > 253 || name.contains(strange) || labels().any(str::is_empty) || number {
        return Err(NEITHER);
    }
    let suffix = psl::suffix(name.as_bytes()).filter(|suffix| {
        suffix.is_known() && suffix.typ() == Some(psl::Type::Icann) && *suffix == name.as_bytes()
    });
    match suffix {
        Some(_) => Err("is a public suffix, under which everybody registers names"),
        None => Ok(name),
    }
}

fn bits(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => u128::from(u32::from(ip)),
        IpAddr::V6(ip) => u128::from(ip),
    }
}

/// The networks that make up a range: bits left out, and the bits before them. None when it ends
/// before it starts.
fn blocks(start: u128, end: u128, width: u32) -> Vec<(u32, u128)> {
    let mut out = Vec::new();
    let mut at = start;
    while at <= end {
        // The widest that begins here and does not go beyond the end.
        let aligned = at.trailing_zeros().min(width);
        let fits = (end - at).checked_add(1).map_or(width, u128::ilog2);
        let left_out = aligned.min(fits);
        out.push((left_out, at.checked_shr(left_out).unwrap_or(0)));
        match 1u128.checked_shl(left_out).and_then(|size| at.checked_add(size)) {
            Some(next) => at = next,
            None => break,
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_made_of_networks_that_hold_it_and_no_more() {
        for start in 0..40u128 {
            for end in 0..64u128 {
                let blocks = blocks(start, end, 6);
                for ip in 0..64u128 {
                    let held = blocks.iter().filter(|(left_out, net)| ip >> left_out == *net);
                    let expected = usize::from(start <= ip && ip <= end);
                    assert_eq!(held.count(), expected, "{start} to {end}: {ip}");
                }
            }
        }
        assert_eq!(blocks(0, u128::MAX, 128), [(128, 0)]);
        assert_eq!(blocks(1, u128::MAX, 128).len(), 128);
        assert_eq!(blocks(0, u128::from(u32::MAX), 32), [(32, 0)]);
    }
}
