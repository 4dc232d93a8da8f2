//! Spot's three files: V12 and the corrections T-6 to T-10.

use serde_json::{Value, json};
use spot_analysis::breakdown::{NamePart, branches};
use spot_analysis::model::{Investigation, Place};
use spot_analysis::network::Network;
use spot_analysis::spot_json::{globe, stats, threat_dendro};

use crate::given::{Outcome, frame, parse, search};
use crate::vectors::V1;

const OWN: &str = "10.0.0.0,10.255.255.255,LAN\n";
const CONTEXT: &str = "192.0.2.44,Proxy-1\n198.51.100.0/24,Partner.FW.1\n";

fn found() -> Outcome<Investigation> {
    let network =
        Network::parse(Some(("ipranges.csv", OWN)), Some(("networkcontext_1.csv", CONTEXT)), None);
    search(&frame(&parse(V1)?)?, "10.0.0.5", &network)
}

fn place(owner: &str, longitude: f64, latitude: f64) -> Option<Place> {
    Some(Place {
        country_code: String::new(),
        country: "Land".to_owned(),
        state: String::new(),
        city: "Town".to_owned(),
        latitude: Some(latitude),
        longitude: Some(longitude),
        owner: owner.to_owned(),
        domain: String::new(),
    })
}

#[test]
fn stats_and_dendro_of_v1() -> Outcome {
    let found = found()?;
    assert_eq!(
        stats(&found),
        json!({ "name": "10.0.0.5", "size": 3, "children": [
            { "name": "Inbound Only", "size": 1, "children": [{ "name": "Proxy", "size": 1 }] },
            { "name": "Outbound Only", "size": 1, "children": [{ "name": "Unknown", "size": 1 }] },
            { "name": "two way", "size": 1, "children": [{ "name": "Unknown", "size": 1 }] },
        ]})
    );
    assert_eq!(
        threat_dendro(&found),
        json!({ "name": "10.0.0.5", "time": "2016-07-08", "children": [
            { "name": "Inbound Only", "impact": 1, "children": [{ "name": "Proxy-1", "impact": 1 }] },
            { "name": "Outbound Only", "impact": 1, "children": [{ "name": "No context", "impact": 1 }] },
            { "name": "two way", "impact": 1, "children": [{ "name": "Partner.FW.1", "impact": 1 }] },
        ]})
    );
    Ok(())
}

#[test]
fn counts_are_of_all_peers_whatever_is_drawn() -> Outcome {
    let rows: String =
        (0..90).map(|n| format!("09:00 0 10.0.0.5 50000 192.0.2.{n} 443 TCP - 1 1\n")).collect();
    let found = search(&frame(&parse(&rows)?)?, "10.0.0.5", &Network::default())?;
    assert_eq!((found.top[1].rows.len(), found.top[1].of), (20, 90));
    assert_eq!((found.timeline.lanes.len(), found.timeline.of), (20, 90));
    assert_eq!(stats(&found)["children"][1]["size"], 90);
    assert_eq!(threat_dendro(&found)["children"][1]["impact"], 90);
    Ok(())
}

#[test]
fn v12_three_arcs_from_true_source_to_true_destination() -> Outcome {
    let mut found = found()?;
    found.place = place("Home", 0.0, 10.0);
    for (n, peer) in found.peers.iter_mut().enumerate() {
        peer.place = place(&format!("Owner of {}", peer.address), n as f64, 50.0);
    }
    let map = globe(&found).ok_or("no map")?;
    let ends = |list: &str| -> Vec<(String, String, u64, Value)> {
        map[list]
            .as_array()
            .into_iter()
            .flatten()
            .map(|point| {
                let of =
                    |name: &str| point["properties"][name].as_str().unwrap_or_default().to_owned();
                let code = point["properties"]["type"].as_u64().unwrap_or_default();
                (of("ip"), of("location"), code, point["geometry"]["coordinates"].clone())
            })
            .collect()
    };
    let at = |ip: &str, owner: &str, code: u64, longitude: f64, latitude: f64| {
        (ip.to_owned(), owner.to_owned(), code, json!([longitude, latitude]))
    };
    assert_eq!(
        ends("sourceips"),
        [
            at("10.0.0.5", "Home", 3, 0.0, 10.0),
            at("198.51.100.7", "Owner of 198.51.100.7", 1, 1.0, 50.0), // it began
            at("192.0.2.44", "Owner of 192.0.2.44", 2, 2.0, 50.0),
        ]
    );
    assert_eq!(
        ends("destips"),
        [
            at("203.0.113.9", "Owner of 203.0.113.9", 3, 0.0, 50.0),
            at("10.0.0.5", "Home", 1, 0.0, 10.0),
            at("10.0.0.5", "Home", 2, 0.0, 10.0),
        ]
    );
    let lines: Vec<Value> = map["features"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|arc| arc["geometry"].clone())
        .collect();
    let line =
        |from: [f64; 2], to: [f64; 2]| json!({ "type": "LineString", "coordinates": [from, to] });
    assert_eq!(
        lines,
        [
            line([0.0, 10.0], [0.0, 50.0]),
            line([1.0, 50.0], [0.0, 10.0]),
            line([2.0, 50.0], [0.0, 10.0]),
        ]
    );
    assert_eq!(map["type"], "FeatureCollection");

    // Without a place of the anchor no arc is true; the peers are still points.
    found.place = None;
    let map = globe(&found).ok_or("no map")?;
    assert_eq!((map["sourceips"].clone(), map["destips"].clone()), (json!([]), json!([])));
    let kinds: Vec<&Value> = map["features"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|point| &point["geometry"]["type"])
        .collect();
    assert_eq!(kinds, ["Point"; 3]);
    // Without any place there is no map.
    found.peers.iter_mut().for_each(|peer| peer.place = None);
    assert_eq!(globe(&found), None);
    Ok(())
}

#[test]
fn v2_branches_count_every_peer_once_by_name_and_by_class() -> Outcome {
    let found = found()?;
    let told: Vec<String> = branches(&found)
        .iter()
        .map(|branch| {
            let name = |part: &NamePart<'_>| format!("{} {}", part.name.unwrap_or("-"), part.peers);
            let names: Vec<String> = branch.names.iter().map(name).collect();
            let classes: Vec<String> = branch
                .classes
                .iter()
                .map(|part| format!("{} {} ({})", part.class, part.peers, part.names.len()))
                .collect();
            format!(
                "{} {}: {}; {}",
                branch.direction.name(),
                branch.peers,
                names.join(", "),
                classes.join(", ")
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "inbound 1: Proxy-1 1; Proxy 1 (1)",
            "outbound 1: - 1; Unknown 1 (1)",
            "two-way 1: Partner.FW.1 1; Unknown 1 (1)",
        ]
    );
    Ok(())
}
