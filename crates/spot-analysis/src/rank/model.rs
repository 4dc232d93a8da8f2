//! What a ranking says: subjects in order, each with the parts that its score is made of.

use std::cmp::Ordering;
use std::fmt;

use serde::Serialize;

use crate::dns::Name;
use crate::model::Address;

/// Whom a line of a ranking is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Subject {
    /// What one address asked of another.
    Pair {
        /// Who asked: the end with the higher port.
        client: Address,
        /// Who was asked.
        server: Address,
    },
    /// All that one address did.
    Host {
        /// The address.
        address: Address,
    },
    /// All names below one registered domain.
    Domain {
        /// The domain. **Hostile**: anybody chooses it.
        name: Name,
    },
    /// All that one client asked for.
    Client {
        /// Who asked.
        address: Address,
    },
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pair { client, server } => write!(f, "{client} -> {server}"),
            Self::Host { address } | Self::Client { address } => write!(f, "{address}"),
            Self::Domain { name } => write!(f, "{name}"),
        }
    }
}

/// What a detector looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Regular gaps and sizes.
    Beacon,
    /// One connection that lasts.
    LongConnection,
    /// Many ports, hosts or tries, and hardly an answer.
    Scan,
    /// Far more sent out than usual.
    Upload,
    /// Data in names.
    Tunnel,
    /// Names that no person chose.
    GeneratedNames,
    /// Many names in a short time that do not exist.
    NxdomainBurst,
    /// Few inside hosts talk to it; never enough alone.
    RarePeer,
    /// Nobody talked to it on the days before; never enough alone.
    FirstSeen,
}

impl Kind {
    /// As files and JSON spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Beacon => "beacon",
            Self::LongConnection => "long_connection",
            Self::Scan => "scan",
            Self::Upload => "upload",
            Self::Tunnel => "tunnel",
            Self::GeneratedNames => "generated_names",
            Self::NxdomainBurst => "nxdomain_burst",
            Self::RarePeer => "rare_peer",
            Self::FirstSeen => "first_seen",
        }
    }

    /// Adds to other parts only.
    pub(super) fn only_with_others(self) -> bool {
        matches!(self, Self::RarePeer | Self::FirstSeen)
    }
}

/// A number behind a part.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Number {
    /// What it counts or measures.
    pub name: &'static str,
    /// Finite.
    pub value: f64,
    /// Its unit; empty for a share.
    pub unit: &'static str,
}

/// A number with its name and unit; what is not finite is 0.
pub(super) fn number(name: &'static str, value: f64, unit: &'static str) -> Number {
    Number { name, value: if value.is_finite() { value } else { 0.0 }, unit }
}

/// A technique of MITRE ATT&CK that would look like this; a candidate, not a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Technique {
    /// `T1071.001`.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
}

/// One reason for a score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    /// What was looked for.
    pub kind: Kind,
    /// How much it looks like that, 0 to 1.
    pub score: f64,
    /// What the score was made of.
    pub numbers: Vec<Number>,
    /// Candidate technique; none for rarity.
    pub technique: Option<Technique>,
    /// The same in plain words.
    pub sentence: String,
}

/// A subject with its score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ranked {
    /// Whom it is about.
    pub subject: Subject,
    /// 0 to 1.
    pub score: f64,
    /// The strongest first.
    pub parts: Vec<Part>,
}

/// The subjects of a day that any detector speaks of, the highest score first; equal ones by text.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Ranking {
    /// Best first.
    pub ranked: Vec<Ranked>,
    /// Pairs of addresses, or registered domains and clients, that were looked at.
    pub looked_at: usize,
    /// For people.
    pub notes: Vec<String>,
}

impl Ranking {
    /// Puts lines in order.
    pub(super) fn of(mut ranked: Vec<Ranked>, looked_at: usize) -> Self {
        ranked.sort_by(|a, b| {
            let score = b.score.partial_cmp(&a.score).unwrap_or(Ordering::Equal);
            let text = || a.subject.to_string().cmp(&b.subject.to_string());
            // A host and a client have the same text.
            score.then_with(text).then_with(|| a.subject.cmp(&b.subject))
        });
        Self { ranked, looked_at, notes: Vec::new() }
    }
}
