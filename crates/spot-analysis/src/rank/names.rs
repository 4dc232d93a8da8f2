//! What registered domains and clients look like: tunnels, generated names, bursts of names that do
//! not exist.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::dns::Domains;
use super::letters::surprise;
use super::model::{Kind, Part, Ranked, Ranking, Subject, Technique, number};
use super::{Thresholds, counted, grown, ramp, ranked};
use crate::dns::Name;
use crate::model::Address;

/// Sums of a client and a name.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked {
    pub total: i64,
    /// There is no such name.
    pub missing: i64,
    /// Answers of types that carry data.
    pub data: i64,
}

/// A registered domain and what is below it.
#[derive(Default)]
struct Domain {
    asked: Asked,
    clients: BTreeSet<u32>,
    /// Different names below it, their characters, and bits a character.
    names: i64,
    length: f64,
    entropy: f64,
}

/// The day's names.
#[derive(Default)]
pub(super) struct Table {
    known: HashSet<Name>,
    domains: BTreeMap<String, Domain>,
    /// Where the text of a name leads, to its domain.
    spelled: HashMap<String, Option<String>>,
}

impl Table {
    pub fn add(&mut self, client: u32, text: &str, asked: Asked) {
        let domain = match self.spelled.get(text) {
            Some(domain) => domain.clone(),
            None => {
                let domain = self.first(text);
                self.spelled.insert(text.to_owned(), domain.clone());
                domain
            }
        };
        let Some(domain) = domain.and_then(|domain| self.domains.get_mut(&domain)) else { return };
        domain.clients.insert(client);
        domain.asked.total += asked.total;
        domain.asked.missing += asked.missing;
        domain.asked.data += asked.data;
    }

    /// A name that was not met yet: its domain, if somebody can register it.
    fn first(&mut self, text: &str) -> Option<String> {
        let name = Name::new(text);
        let domain = name.registered_domain()?;
        // Addresses asked backwards are long and many by nature.
        if domain.as_str().ends_with(".arpa") || domain.as_str().ends_with(".local") {
            return None;
        }
        let of = self.domains.entry(domain.as_str().to_owned()).or_default();
        let below = name.below_domain();
        if !below.is_empty() && !self.known.contains(&name) {
            of.names += 1;
            of.length += below.chars().filter(|c| *c != '.').count() as f64;
            // In steps, so that sums do not depend on the order of the rows.
            of.entropy += (name.entropy() * 1024.0).round() / 1024.0;
        }
        self.known.insert(name);
        Some(domain.as_str().to_owned())
    }
}

/// A domain by what it looks like on its own.
struct Look<'a> {
    name: &'a str,
    label: &'a str,
    suffix: &'a str,
    bits: f64,
    of: &'a Domain,
}

pub(super) fn rank(
    table: &Table,
    clients: &[Address],
    bins: &BTreeMap<(u32, i64), (i64, i64)>,
    minutes: i64,
    before: Option<&Domains>,
    t: &Thresholds,
) -> Ranking {
    let before = before.filter(|before| before.days > 0);
    let looks = table.domains.iter().map(|(name, of)| {
        let (label, suffix) = name.split_once('.').unwrap_or((name, ""));
        Look { name, label, suffix, bits: surprise(label), of }
    });
    let looks: Vec<Look<'_>> = looks.collect();
    let families = families(&looks, t);
    let mut all: Vec<Ranked> = Vec::new();
    for look in &looks {
        let mut parts: Vec<Part> = tunnel(look.of, t).into_iter().collect();
        parts.extend(generated(look, &families, t));
        if parts.is_empty() {
            continue;
        }
        parts.extend(rare(look.of, clients.len(), t));
        parts.extend(first_seen(before, look.name));
        all.extend(ranked(Subject::Domain { name: Name::new(look.name) }, parts, t));
    }
    for (client, address) in clients.iter().enumerate() {
        let mut parts: Vec<Part> = Vec::new();
        parts.extend(families.get(&(client as u32)).map(|family| family.part(t)));
        parts.extend(burst(client as u32, bins, minutes, t));
        all.extend(ranked(Subject::Client { address: address.clone() }, parts, t));
    }
    let mut ranking = Ranking::of(all, looks.len() + clients.len());
    if !clients.is_empty() && (clients.len() as f64) < t.rare_population {
        let count = clients.len();
        ranking.notes.push(format!("{count} clients are too few to call a domain rare"));
    }
    ranking
}

fn tunnel(of: &Domain, t: &Thresholds) -> Option<Part> {
    let names = of.names.max(1) as f64;
    let (length, entropy) = (of.length / names, of.entropy / names);
    let answers = of.asked.total.max(1) as f64;
    let (data, fresh) = (of.asked.data as f64 / answers, of.names as f64 / answers);
    let many = grown(of.names as f64, t.tunnel_names, t.tunnel_names_full);
    let long = ramp(length, t.tunnel_length, t.tunnel_length_full);
    if many <= 0.0 || length < t.tunnel_length || fresh < t.tunnel_fresh {
        return None;
    }
    let dense = ramp(entropy, t.tunnel_entropy, t.tunnel_entropy_full);
    let types = ramp(data, 0.0, t.tunnel_types_full);
    // Tunnels in ordinary types are tunnels, too: the types only add.
    let shape = (0.25 + 0.4 * long + 0.25 * dense + 0.3 * types).min(1.0);
    Some(Part {
        kind: Kind::Tunnel,
        score: many.sqrt() * shape,
        numbers: vec![
            number("names", of.names as f64, "names"),
            number("mean_length", length, "characters"),
            number("mean_entropy", entropy, "bits"),
            number("data_types", data, ""),
            number("answers", of.asked.total as f64, "answers"),
            number("clients", of.clients.len() as f64, "clients"),
        ],
        technique: Some(Technique { id: "T1071.004", name: "DNS" }),
        sentence: format!(
            "{} below it, {length:.0} characters and {entropy:.1} bits a character on average; {:.0} % of \
             the answers are TXT, NULL or KEY.",
            counted(of.names, "different name"),
            100.0 * data
        ),
    })
}

/// Domains of one client that nobody seems to have chosen.
struct Family {
    /// Of letters that seldom follow each other.
    odd: i64,
    /// Of one length and suffix.
    alike: i64,
    /// One or both.
    all: i64,
    missing: i64,
    /// Length and suffix of those that are alike.
    shapes: BTreeSet<(usize, String)>,
}

impl Family {
    fn score(&self, t: &Thresholds) -> f64 {
        grown(self.all as f64, t.generated_names, t.generated_names_full)
    }

    fn part(&self, t: &Thresholds) -> Part {
        let alike = match self.alike {
            0 => String::new(),
            alike => format!(" {alike} of them have one length and suffix."),
        };
        Part {
            kind: Kind::GeneratedNames,
            score: self.score(t),
            numbers: vec![
                number("domains", self.all as f64, "domains"),
                number("odd_letters", self.odd as f64, "domains"),
                number("alike", self.alike as f64, "domains"),
                number("missing", self.missing as f64, "domains"),
            ],
            technique: Some(GENERATED),
            sentence: format!(
                "It asked for {} that nobody seems to have chosen; {} do not exist.{alike}",
                counted(self.all, "domain"),
                self.missing
            ),
        }
    }
}

const GENERATED: Technique = Technique { id: "T1568.002", name: "Domain Generation Algorithms" };

fn is_odd(look: &Look<'_>, t: &Thresholds) -> bool {
    look.label.chars().count() as f64 >= t.generated_length
        && look.bits >= t.generated_bits
        && !look.label.starts_with("xn--")
}

/// Clients with enough of them.
fn families(looks: &[Look<'_>], t: &Thresholds) -> HashMap<u32, Family> {
    let own = |look: &&Look<'_>| look.of.clients.len() as f64 <= t.generated_clients;
    let long = |look: &Look<'_>| look.label.chars().count() as f64 >= t.generated_length;
    let mut under: HashMap<(u32, &str), i64> = HashMap::new();
    // Domains of one length, and their bits in steps: sums that do not depend on the order.
    let mut shapes: HashMap<(u32, &str, usize), (i64, i64)> = HashMap::new();
    for look in looks.iter().filter(own) {
        for client in &look.of.clients {
            *under.entry((*client, look.suffix)).or_default() += 1;
            let length = look.label.chars().count();
            let shape = shapes.entry((*client, look.suffix, length)).or_default();
            shape.0 += 1;
            shape.1 += (look.bits * 1024.0) as i64;
        }
    }
    let alike = |client: u32, look: &Look<'_>| {
        let shape = (client, look.suffix, look.label.chars().count());
        let (count, bits) = shapes.get(&shape).copied().unwrap_or_default();
        let (count, bits) = (count as f64, bits as f64 / 1024.0 / count.max(1) as f64);
        let all = under.get(&(client, look.suffix)).copied().unwrap_or(1) as f64;
        long(look) && bits >= t.alike_bits && count >= t.alike_names && count >= t.alike_share * all
    };
    let mut families: HashMap<u32, Family> = HashMap::new();
    for look in looks.iter().filter(own) {
        for client in &look.of.clients {
            let (odd, same) = (is_odd(look, t), alike(*client, look));
            if !odd && !same {
                continue;
            }
            let none = Family { odd: 0, alike: 0, all: 0, missing: 0, shapes: BTreeSet::new() };
            let family = families.entry(*client).or_insert(none);
            family.all += 1;
            family.odd += i64::from(odd);
            family.alike += i64::from(same);
            family.missing += i64::from(look.of.asked.missing == look.of.asked.total);
            if same {
                family.shapes.insert((look.label.chars().count(), look.suffix.to_owned()));
            }
        }
    }
    families.retain(|_, family| family.score(t) > 0.0);
    families
}

/// One domain among those of a client.
fn generated(look: &Look<'_>, families: &HashMap<u32, Family>, t: &Thresholds) -> Option<Part> {
    if look.of.clients.len() as f64 > t.generated_clients {
        return None;
    }
    let odd = is_odd(look, t);
    let shape = (look.label.chars().count(), look.suffix.to_owned());
    let of = look.of.clients.iter().filter_map(|client| families.get(client));
    let of = of.filter(|family| odd || family.shapes.contains(&shape));
    let family = of.max_by(|a, b| a.all.cmp(&b.all))?;
    let exists = look.of.asked.missing < look.of.asked.total;
    let bits = ramp(look.bits, t.generated_bits, t.generated_bits_full);
    // The few that exist are the ones that lead somewhere.
    let own = 0.6 + 0.2 * bits + if exists { 0.2 } else { 0.0 };
    let there = if exists { "It exists." } else { "It does not exist." };
    Some(Part {
        kind: Kind::GeneratedNames,
        score: family.score(t) * own,
        numbers: vec![
            number("bits_a_letter", look.bits, "bits"),
            number("like_it", family.all as f64, "domains"),
            number("answers", look.of.asked.total as f64, "answers"),
        ],
        technique: Some(GENERATED),
        sentence: format!(
            "One of {} of a client that nobody seems to have chosen ({:.1} bits a letter). {there}",
            counted(family.all, "domain"),
            look.bits
        ),
    })
}

fn burst(
    client: u32,
    bins: &BTreeMap<(u32, i64), (i64, i64)>,
    minutes: i64,
    t: &Thresholds,
) -> Option<Part> {
    let of = bins.range((client, i64::MIN)..=(client, i64::MAX)).map(|(_, sums)| *sums);
    let share = |(missing, all): (i64, i64)| missing as f64 / all.max(1) as f64;
    let worst = of.filter(|sums| share(*sums) >= t.nxdomain_share);
    // Of as many names, the bin with fewer other answers.
    let (missing, all) = worst.max_by_key(|(missing, all)| (*missing, -*all))?;
    let score = grown(missing as f64, t.nxdomain_names, t.nxdomain_names_full);
    (score > 0.0).then(|| Part {
        kind: Kind::NxdomainBurst,
        score,
        numbers: vec![
            number("names", missing as f64, "names"),
            number("answers", all as f64, "answers"),
            number("minutes", minutes as f64, "minutes"),
        ],
        technique: Some(GENERATED),
        sentence: format!(
            "{} in {minutes} minutes do not exist, of {} in that time.",
            counted(missing, "name"),
            counted(all, "answer")
        ),
    })
}

fn rare(of: &Domain, clients: usize, t: &Thresholds) -> Option<Part> {
    let asked = of.clients.len();
    if (clients as f64) < t.rare_population || asked as f64 > t.rare_hosts {
        return None;
    }
    Some(Part {
        kind: Kind::RarePeer,
        score: 1.0 - 0.7 * ramp(asked as f64, 1.0, t.rare_hosts.max(1.0) + 1.0),
        numbers: vec![
            number("clients", asked as f64, "clients"),
            number("of", clients as f64, "clients"),
        ],
        technique: None,
        sentence: format!("{asked} of {clients} clients ask for it."),
    })
}

fn first_seen(before: Option<&Domains>, name: &str) -> Option<Part> {
    let before = before?;
    (!before.known.contains(name)).then(|| Part {
        kind: Kind::FirstSeen,
        score: 1.0,
        numbers: vec![number("days_before", f64::from(before.days), "days")],
        technique: None,
        sentence: format!("Nobody asked for it on the {} days before.", before.days),
    })
}
