//! Peers by class and context: what incident progression and impact analysis count.
//!
//! Counts are of all peers of a finding, whatever its tables and lanes show.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::model::{ContextName, Direction, Investigation, Peer};
use crate::network::{CLASSES, UNKNOWN_CLASS};

/// Peers with one context name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamePart<'a> {
    /// The name; absent for peers that no rule names.
    pub name: Option<&'a str>,
    /// Distinct peers.
    pub peers: u64,
}

/// Peers whose names are of one class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassPart<'a> {
    /// `VPN`, `DMZ`, `Proxy`, `FW` or one of the table of classes, or `Unknown`.
    pub class: &'a str,
    /// Distinct peers.
    pub peers: u64,
    /// The names, most peers first, peers without one last.
    pub names: Vec<NamePart<'a>>,
}

/// Peers of one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch<'a> {
    /// Inbound, outbound or two-way.
    pub direction: Direction,
    /// Distinct peers.
    pub peers: u64,
    /// By name: most peers first, then by name; peers without one last.
    pub names: Vec<NamePart<'a>>,
    /// By class, in the order of [`CLASSES`], then others, `Unknown` last; classes without a peer are
    /// left out.
    pub classes: Vec<ClassPart<'a>>,
}

/// The three branches, in the order of [`Direction::ALL`]; one without peers is empty.
pub fn branches(found: &Investigation) -> [Branch<'_>; 3] {
    Direction::ALL.map(|direction| {
        let peers: Vec<&Peer> = found.peers.iter().filter(|p| p.direction == direction).collect();
        let mut classes: BTreeMap<(bool, usize, &str), Vec<&Peer>> = BTreeMap::new();
        for &peer in &peers {
            classes.entry(place(class_of_peer(peer))).or_default().push(peer);
        }
        Branch {
            direction,
            peers: peers.len() as u64,
            names: names(&peers),
            classes: classes
                .into_iter()
                .map(|((_, _, class), of)| ClassPart {
                    class,
                    peers: of.len() as u64,
                    names: names(&of),
                })
                .collect(),
        }
    })
}

fn class_of_peer(peer: &Peer) -> &str {
    peer.context.as_ref().map_or(UNKNOWN_CLASS, ContextName::class)
}

/// Spot's classes in its order, then those of a table of classes, [`UNKNOWN_CLASS`] last.
fn place(class: &str) -> (bool, usize, &str) {
    let known = CLASSES.iter().position(|(_, known)| *known == class);
    (class == UNKNOWN_CLASS, known.unwrap_or(CLASSES.len()), class)
}

fn names<'a>(peers: &[&'a Peer]) -> Vec<NamePart<'a>> {
    let mut counts: BTreeMap<Option<&str>, u64> = BTreeMap::new();
    for peer in peers {
        *counts.entry(peer.context.as_ref().map(|context| context.name.as_str())).or_default() += 1;
    }
    let mut names: Vec<NamePart<'_>> =
        counts.into_iter().map(|(name, peers)| NamePart { name, peers }).collect();
    names.sort_by_key(|part| (part.name.is_none(), Reverse(part.peers), part.name));
    names
}
