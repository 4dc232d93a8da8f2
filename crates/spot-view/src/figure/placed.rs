//! A point of map and globe: who is there, in words.

use std::fmt::Write;

use spot_analysis::model::{Direction, Investigation, Peer, Place};

use super::geo::LonLat;
use crate::format;
use crate::markup::{Element, el};
use crate::result::place_text;
use crate::visible::{plain, shorten};

/// Addresses that are listed.
const LISTED: usize = 3;
/// Longest address and longest place, in characters.
pub(super) const ADDRESS: usize = 22;
pub(super) const SENTENCE: usize = 60;

/// Peers of one direction at one place, of which the rows go the same way.
pub(super) struct Placed<'a> {
    /// Most bytes first.
    pub peers: Vec<&'a Peer>,
    pub place: &'a Place,
    pub at: LonLat,
    pub direction: Direction,
    /// Whether rows go from the peers to the anchor, by the rule of [`spot_analysis::spot_json::peer_is_source`].
    pub inwards: bool,
    pub bytes: u64,
}

impl Placed<'_> {
    /// Where its arc begins and ends.
    pub fn ends(&self, anchor: LonLat) -> (LonLat, LonLat) {
        if self.inwards { (self.at, anchor) } else { (anchor, self.at) }
    }

    /// The address of one, the number of several.
    fn who(&self) -> String {
        match self.peers.as_slice() {
            [one] => plain(one.address.as_str()),
            several => format!("{} peers", format::count(several.len() as u64)),
        }
    }

    /// The first addresses and how many more.
    pub fn listed(&self) -> String {
        let first: Vec<String> =
            self.peers.iter().take(LISTED).map(|peer| plain(peer.address.as_str())).collect();
        match self.peers.len().saturating_sub(LISTED) {
            0 => first.join(", "),
            more => format!("{} and {} more", first.join(", "), format::count(more as u64)),
        }
    }

    /// The mark in words, with its own place.
    pub fn words(&self, found: &Investigation) -> String {
        let anchor = plain(found.anchor.as_str());
        let who = self.who();
        let connections =
            self.peers.iter().fold(0u64, |n, peer| n.saturating_add(peer.connections));
        let way = if self.inwards {
            format!("from {who} to {anchor}")
        } else {
            format!("from {anchor} to {who}")
        };
        let mut out = format!(
            "{who}, {}: {}, {}, {}; {way}",
            shorten(&plain(&place_text(self.place)), SENTENCE),
            self.direction.name(),
            format::bytes(self.bytes),
            format::counted(connections, "connection", "connections"),
        );
        if self.peers.len() > 1 {
            // Writing to a String cannot fail.
            let _ = write!(out, "; {}", self.listed());
        }
        out
    }

    /// What stands beside the mark: an address, or how many and where.
    pub fn label(&self) -> String {
        let place = [&self.place.city, &self.place.country, &self.place.country_code];
        let place = place.into_iter().map(|part| part.trim()).find(|part| !part.is_empty());
        match (self.peers.len(), place) {
            (1, _) | (_, None) => shorten(&self.who(), ADDRESS),
            (n, Some(place)) => {
                format!("{} × {}", format::count(n as u64), shorten(&plain(place), ADDRESS - 6))
            }
        }
    }

    /// An element for the mark or its arc, with whose it is, for a page's script.
    pub fn group(&self) -> Element {
        let group = el("g");
        match self.peers.as_slice() {
            [one] => group.attr("data-peer", one.address.as_str()),
            several => group.own("data-peers", &several.len().to_string()),
        }
    }
}
