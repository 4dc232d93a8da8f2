//! The three files of Spot's storyboard, in its shapes and with correct numbers.
//!
//! Branches are named as in Spot. Counts are of all peers, whatever the top tables show. Keys and
//! children come in a fixed order, so the same finding gives the same bytes.

use serde_json::{Value, json};

use crate::breakdown;
use crate::model::{Address, Began, Direction, Investigation, Peer, Place};

/// The leaf of peers for which no context rule matches.
pub const NO_CONTEXT: &str = "No context";

/// Spot's branch of a class.
fn branch(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "Inbound Only",
        Direction::Outbound => "Outbound Only",
        Direction::TwoWay => "two way",
    }
}

/// Spot's number of a class on the map: 1 two-way, 2 inbound, 3 outbound.
pub fn type_code(direction: Direction) -> u8 {
    match direction {
        Direction::TwoWay => 1,
        Direction::Inbound => 2,
        Direction::Outbound => 3,
    }
}

/// `stats-`: the impact analysis, peers by class and by class of their context. `name` is the
/// anchor; sizes are numbers of peers; peers without a known class are `Unknown`.
pub fn stats(found: &Investigation) -> Value {
    let branches = breakdown::branches(found).map(|of| {
        let children: Vec<Value> = of
            .classes
            .iter()
            .map(|part| json!({ "name": part.class, "size": part.peers }))
            .collect();
        json!({ "name": branch(of.direction), "children": children, "size": of.peers })
    });
    json!({ "name": found.anchor.as_str(), "children": branches, "size": found.peers.len() })
}

/// `threat-dendro-`: the incident progression, peers by class and context name, most first;
/// [`NO_CONTEXT`] is a leaf of its own, the last. `time` is the day.
pub fn threat_dendro(found: &Investigation) -> Value {
    let branches = breakdown::branches(found).map(|of| {
        let children: Vec<Value> = of
            .names
            .iter()
            .map(|part| json!({ "name": part.name.unwrap_or(NO_CONTEXT), "impact": part.peers }))
            .collect();
        json!({ "name": branch(of.direction), "children": children, "impact": of.peers })
    });
    json!({ "name": found.anchor.as_str(), "children": branches, "time": found.day.to_string() })
}

/// An end of an arc: the address, its own place, and [longitude, latitude].
struct Point<'a> {
    address: &'a Address,
    place: &'a Place,
    at: [f64; 2],
}

impl<'a> Point<'a> {
    fn of(address: &'a Address, place: Option<&'a Place>) -> Option<Self> {
        let place = place?;
        Some(Self { address, place, at: [place.longitude?, place.latitude?] })
    }

    fn feature(&self, direction: Direction) -> Value {
        json!({
            "type": "Feature",
            "properties": {
                "location": location(self.place),
                "ip": self.address.as_str(),
                "type": type_code(direction),
                "city": self.place.city,
                "country": self.place.country,
                "owner": self.place.owner,
            },
            "geometry": { "type": "Point", "coordinates": self.at },
        })
    }
}

/// As in Spot the owner of the range; city and country when there is none.
fn location(place: &Place) -> String {
    if !place.owner.is_empty() {
        return place.owner.clone();
    }
    let parts = [place.city.as_str(), place.country.as_str()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// `globe-`: the map. None when nothing can be drawn: no peer, or no address with coordinates.
///
/// `sourceips[i]` and `destips[i]` are the true source and the true destination of one peer's rows,
/// for every peer of which both ends have coordinates; with rows both ways the source is who
/// began, else the anchor. `features` (GeoJSON, RFC 7946) has a LineString for each such pair, and a
/// Point for every peer with coordinates that cannot be joined because the anchor has none, as a
/// private address has none. Coordinates are [longitude, latitude].
pub fn globe(found: &Investigation) -> Option<Value> {
    let anchor = Point::of(&found.anchor, found.place.as_ref());
    let (mut sources, mut destinations, mut features) = (Vec::new(), Vec::new(), Vec::new());
    for peer in &found.peers {
        let Some(end) = Point::of(&peer.address, peer.place.as_ref()) else { continue };
        let Some(anchor) = &anchor else {
            features.push(end.feature(peer.direction));
            continue;
        };
        let (source, destination) =
            if peer_is_source(peer) { (&end, anchor) } else { (anchor, &end) };
        sources.push(source.feature(peer.direction));
        destinations.push(destination.feature(peer.direction));
        features.push(json!({
            "type": "Feature",
            "properties": {
                "source": source.address.as_str(),
                "destination": destination.address.as_str(),
                "direction": peer.direction.name(),
                "type": type_code(peer.direction),
                "connections": peer.connections,
                "bytes": peer.bytes(),
            },
            "geometry": { "type": "LineString", "coordinates": [source.at, destination.at] },
        }));
    }
    (!features.is_empty()).then(|| {
        json!({
            "type": "FeatureCollection",
            "features": features,
            "sourceips": sources,
            "destips": destinations,
        })
    })
}

/// Whether an arc goes from the peer to the anchor: the peer sent all rows, or rows went both ways and
/// it began. Otherwise the arc goes from the anchor to the peer.
pub fn peer_is_source(peer: &Peer) -> bool {
    match (peer.rows_in > 0, peer.rows_out > 0) {
        (true, true) => peer.initiator.began == Began::Peer,
        (from_peer, _) => from_peer,
    }
}
