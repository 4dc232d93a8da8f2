//! Rows added up in the ways in which they are drawn: by name, by registered domain, as branches.

use std::collections::BTreeMap;

use super::coded;
use crate::flags;
use spot_analysis::dns::{Anchor, Counts, Investigation, Name, Row, Scope, iana};
use spot_analysis::model::Address;

/// Names of one domain that become one branch when there are more.
const BRANCHES_OF_A_DOMAIN: u64 = 3;
/// Names that do not exist become one branch from this many on.
const FEW_MISSING: u64 = 3;
/// Addresses and other ends of one branch.
const LEAVES: usize = 3;
/// From this many names on a domain, or all that does not exist, can be conspicuous.
const MANY: u64 = 10;
/// Names as long as this on average carry data, or are made by machines.
const LONG: f64 = 50.0;
/// And so do names with as many bits a character; English words have some three.
const RANDOM: f64 = 3.9;

/// All rows of one name, whoever asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NameSum<'a> {
    pub domain: Option<&'a Name>,
    pub answers: u64,
    pub nxdomain: u64,
    /// Whether any answer says its code.
    pub coded: bool,
    /// Characters.
    pub length: u64,
    /// Bits a character.
    pub entropy: f64,
    /// Whether the name itself is on the list of indicators.
    pub flagged: bool,
}

impl NameSum<'_> {
    /// Every answer said that there is no such name.
    pub fn is_missing(&self) -> bool {
        self.answers > 0 && self.nxdomain >= self.answers
    }
}

/// Distinct names of a finding in the order of their texts; rows without a name are left out.
pub(crate) fn names(rows: &[Row]) -> Vec<NameSum<'_>> {
    let mut sums: BTreeMap<&Name, NameSum<'_>> = BTreeMap::new();
    for row in rows.iter().filter(|row| !row.name.is_empty()) {
        let sum = sums.entry(&row.name).or_insert(NameSum {
            domain: row.registered_domain.as_ref(),
            answers: 0,
            nxdomain: 0,
            coded: false,
            length: row.length,
            entropy: if row.entropy.is_finite() { row.entropy.max(0.0) } else { 0.0 },
            flagged: flags::about(row, row.name.as_str()).next().is_some(),
        });
        sum.answers = sum.answers.saturating_add(row.total);
        sum.nxdomain = sum.nxdomain.saturating_add(row.nxdomain);
        sum.coded |= coded(&row.rcodes);
    }
    sums.into_values().collect()
}

/// All names of one registered domain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DomainSum<'a> {
    pub domain: &'a Name,
    pub names: u64,
    pub answers: u64,
    pub nxdomain: u64,
    /// Whether any answer says its code.
    pub coded: bool,
    /// Mean over the names, characters.
    pub length: f64,
    /// Mean over the names, bits a character.
    pub entropy: f64,
    /// Characters of the longest name.
    pub longest: u64,
    /// Whether one of the names is on the list of indicators.
    pub flagged: bool,
}

impl DomainSum<'_> {
    /// Many names that are long or look random: what a tunnel leaves behind.
    pub fn is_odd(&self) -> bool {
        self.names >= MANY && (self.length >= LONG || self.entropy >= RANDOM)
    }
}

/// Registered domains, most names first, then most answers.
pub(crate) fn domains<'a>(names: &[NameSum<'a>]) -> Vec<DomainSum<'a>> {
    let mut sums: BTreeMap<&Name, DomainSum<'a>> = BTreeMap::new();
    for name in names {
        let Some(domain) = name.domain else { continue };
        let sum = sums.entry(domain).or_insert(DomainSum {
            domain,
            names: 0,
            answers: 0,
            nxdomain: 0,
            coded: false,
            length: 0.0,
            entropy: 0.0,
            longest: 0,
            flagged: false,
        });
        sum.names += 1;
        sum.answers = sum.answers.saturating_add(name.answers);
        sum.nxdomain = sum.nxdomain.saturating_add(name.nxdomain);
        sum.coded |= name.coded;
        // Sums here, means below.
        sum.length += name.length as f64;
        sum.entropy += name.entropy;
        sum.longest = sum.longest.max(name.length);
        sum.flagged |= name.flagged;
    }
    let mut sums: Vec<DomainSum<'a>> = sums.into_values().collect();
    for sum in &mut sums {
        sum.length /= sum.names as f64;
        sum.entropy /= sum.names as f64;
    }
    // Stable: equal ones stay in the order of their texts.
    sums.sort_by(|a, b| b.names.cmp(&a.names).then(b.answers.cmp(&a.answers)));
    sums
}

/// How many of these names never existed, when that is conspicuous.
pub(crate) fn missing(names: &[NameSum<'_>]) -> Option<u64> {
    let missing = names.iter().filter(|name| name.is_missing()).count() as u64;
    (missing >= MANY && missing * 5 >= names.len() as u64).then_some(missing)
}

/// What a branch of the dendrogram is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Of<'a> {
    /// A client that asked.
    Client(&'a Address),
    /// A registered domain with more than a few names.
    Domain(&'a Name),
    /// A name.
    Name(&'a Name),
    /// All names that do not exist.
    Missing,
}

/// Where a branch ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Leaf {
    /// An address that the name resolved to, or that asked for it.
    Address(Address),
    /// The same, and it is on the list of indicators.
    Flagged(Address),
    /// So many more of these.
    More(u64),
    /// So many answers that there is no such name.
    Missing(u64),
    /// Answers without an address, by query type.
    Types(String),
}

/// A branch of the dendrogram.
#[derive(Clone, Debug)]
pub(crate) struct Branch<'a> {
    pub of: Of<'a>,
    /// Distinct names in it.
    pub names: u64,
    pub answers: u64,
    pub nxdomain: u64,
    /// At most three.
    pub leaves: Vec<Leaf>,
    /// Whether it is on the list of indicators: the client, or a name of it or an end, drawn or not.
    pub flagged: bool,
}

/// Every row is in one branch; most answers first.
pub(crate) fn branches(found: &Investigation) -> Vec<Branch<'_>> {
    let mut groups: BTreeMap<Of<'_>, Vec<&Row>> = BTreeMap::new();
    // Of a name the clients are the ends; of a client, and of one name, what came back.
    let ends_in_clients = matches!(found.anchor, Anchor::Query(_)) && found.scope != Scope::Exact;
    match &found.anchor {
        Anchor::Query(_) if ends_in_clients => {
            for row in &found.rows {
                groups.entry(Of::Name(&row.name)).or_default().push(row);
            }
        }
        Anchor::Query(_) => {
            for row in &found.rows {
                groups.entry(Of::Client(&row.client)).or_default().push(row);
            }
        }
        Anchor::Client(_) => {
            let is_missing = |row: &Row| row.total > 0 && row.nxdomain >= row.total;
            let gone = found.rows.iter().filter(|row| is_missing(row)).count() as u64;
            let mut of_domain: BTreeMap<&Name, u64> = BTreeMap::new();
            for domain in found.rows.iter().filter_map(|row| row.registered_domain.as_ref()) {
                *of_domain.entry(domain).or_default() += 1;
            }
            for row in &found.rows {
                let of = match &row.registered_domain {
                    _ if gone > FEW_MISSING && is_missing(row) => Of::Missing,
                    Some(domain) if of_domain[domain] > BRANCHES_OF_A_DOMAIN => Of::Domain(domain),
                    _ => Of::Name(&row.name),
                };
                groups.entry(of).or_default().push(row);
            }
        }
    }
    let branch = |(of, rows): (_, Vec<&_>)| branch(of, &rows, ends_in_clients);
    let mut branches: Vec<Branch<'_>> = groups.into_iter().map(branch).collect();
    branches.sort_by(|a, b| b.answers.cmp(&a.answers).then(a.of.cmp(&b.of)));
    branches
}

fn branch<'a>(of: Of<'a>, rows: &[&Row], ends_in_clients: bool) -> Branch<'a> {
    let sum = |of: fn(&Row) -> u64| rows.iter().fold(0u64, |sum, row| sum.saturating_add(of(row)));
    let (answers, nxdomain) = (sum(|row| row.total), sum(|row| row.nxdomain));
    let mut names: Vec<&Name> = rows.iter().map(|row| &row.name).collect();
    names.sort_unstable();
    names.dedup();

    let mut weights: BTreeMap<&Address, u64> = BTreeMap::new();
    // Addresses that a row counts without naming them.
    let mut unnamed = 0;
    for row in rows {
        let ends = if ends_in_clients { std::slice::from_ref(&row.client) } else { &row.answers };
        for end in ends {
            *weights.entry(end).or_default() += row.total;
        }
        if !ends_in_clients {
            unnamed += row.answer_count.saturating_sub(row.answers.len() as u64);
        }
    }
    let mut ends: Vec<(&Address, u64)> = weights.into_iter().collect();
    ends.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));

    let mut leaves = Vec::new();
    let show_missing = nxdomain > 0 && !ends_in_clients;
    let room = LEAVES - usize::from(show_missing);
    let all = ends.len() as u64 + unnamed;
    let shown = if all > room as u64 { room - 1 } else { room };
    let is_flagged =
        |end: &Address| rows.iter().any(|row| flags::about(row, end.as_str()).next().is_some());
    leaves.extend(ends.iter().take(shown).map(|&(end, _)| match is_flagged(end) {
        true => Leaf::Flagged(end.clone()),
        false => Leaf::Address(end.clone()),
    }));
    let more = all - leaves.len() as u64;
    if more > 0 {
        leaves.push(Leaf::More(more));
    }
    if leaves.is_empty() && answers > nxdomain {
        leaves.push(Leaf::Types(types(&added(rows.iter().map(|row| &row.types)), LEAVES)));
    }
    if show_missing {
        leaves.push(Leaf::Missing(nxdomain));
    }
    // What is the same in all branches tells none of them from the others: the name where branches
    // are clients, the client where they are names.
    let own = |row: &&Row| match of {
        Of::Client(client) => flags::about(row, client.as_str()).next().is_some(),
        _ if ends_in_clients => !row.flags.is_empty(),
        _ => row.flags.iter().any(|flag| flag.of != row.client.as_str()),
    };
    let flagged = rows.iter().any(own);
    Branch { of, names: names.len() as u64, answers, nxdomain, leaves, flagged }
}

/// Counts of several rows together, most answers first, then by code.
fn added<'a>(counts: impl Iterator<Item = &'a Counts>) -> Counts {
    let mut sums: BTreeMap<Option<i32>, u64> = BTreeMap::new();
    for (code, n) in counts.flatten() {
        *sums.entry(*code).or_default() += n;
    }
    let mut sums: Counts = sums.into_iter().collect();
    sums.sort_by_key(|(code, n)| (std::cmp::Reverse(*n), *code));
    sums
}

/// The names of the first types, `TXT, NULL +1`.
pub(crate) fn types(counts: &Counts, show: usize) -> String {
    let named = |(code, _): &(Option<i32>, u64)| named(iana::type_name(*code));
    let listed: Vec<String> = counts.iter().take(show).map(named).collect();
    match counts.len().saturating_sub(show) {
        _ if listed.is_empty() => crate::format::NONE.to_owned(),
        0 => listed.join(", "),
        more => format!("{} +{more}", listed.join(", ")),
    }
}

/// Every code with its count: `NOERROR 1,200, NXDOMAIN 300`.
pub(crate) fn counted(counts: &Counts, name: fn(Option<i32>) -> String) -> String {
    let parts: Vec<String> = counts
        .iter()
        .map(|(code, n)| format!("{} {}", named(name(*code)), crate::format::count(*n)))
        .collect();
    if parts.is_empty() { crate::format::NONE.to_owned() } else { parts.join(", ") }
}

fn named(name: String) -> String {
    if name.is_empty() { "not said".to_owned() } else { name }
}
