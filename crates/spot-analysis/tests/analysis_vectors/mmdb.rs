//! Databases of places: written here, record by record, as the format's specification has it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnetwork::IpNetwork;
use spot_analysis::model::{Address, Place};
use spot_analysis::network::Network;

use crate::given::{Outcome, frame, parse, search};

/// A value of the data section.
#[derive(Clone)]
enum Value {
    Text(String),
    Number(f64),
    Small(u16),
    Whole(u32),
    Long(u64),
    Map(Vec<(&'static str, Value)>),
    List(Vec<Value>),
}
use Value::{List, Long, Map, Number, Small, Text, Whole};

fn text(text: &str) -> Value {
    Text(text.to_owned())
}

/// The control byte (and those behind it) of a type and a size.
fn control(kind: u8, size: usize, out: &mut Vec<u8>) {
    let (high, low) = if kind > 7 { (0, Some(kind - 7)) } else { (kind << 5, None) };
    let (bits, more): (u8, Vec<u8>) = match size {
        0..29 => (size as u8, vec![]),
        29..285 => (29, vec![(size - 29) as u8]),
        _ => (30, ((size - 285) as u16).to_be_bytes().to_vec()),
    };
    out.push(high | bits);
    out.extend(low);
    out.extend(more);
}

fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Text(text) => {
            control(2, text.len(), out);
            out.extend(text.as_bytes());
        }
        Number(number) => {
            control(3, 8, out);
            out.extend(number.to_be_bytes());
        }
        Small(number) => {
            control(5, 2, out);
            out.extend(number.to_be_bytes());
        }
        Long(number) => {
            control(9, 8, out);
            out.extend(number.to_be_bytes());
        }
        Whole(number) => {
            control(6, 4, out);
            out.extend(number.to_be_bytes());
        }
        Map(entries) => {
            control(7, entries.len(), out);
            for (key, value) in entries {
                write(&text(key), out);
                write(value, out);
            }
        }
        List(values) => {
            control(11, values.len(), out);
            values.iter().for_each(|value| write(value, out));
        }
    }
}

/// One record of a node: nothing, another node, a record of the data section.
#[derive(Clone, Copy)]
enum To {
    Nothing,
    Node(usize),
    Data(usize),
}

/// A database of `networks`, as `kind`, for IPv4 alone or both, with records of so many bits.
fn database(kind: &str, version: u16, bits: u16, networks: &[(&str, Value)]) -> Vec<u8> {
    let mut data = Vec::new();
    let mut nodes = vec![[To::Nothing; 2]];
    for (network, value) in networks {
        let network: IpNetwork = network.parse().expect("a network");
        let (address, length) = match (network.network(), version) {
            (IpAddr::V4(ip), 4) => (u128::from(u32::from(ip)) << 96, network.prefix()),
            // IPv4 lies at ::/96 of a tree of both.
            (IpAddr::V4(ip), _) => (u128::from(u32::from(ip)), network.prefix() + 96),
            (IpAddr::V6(ip), _) => (u128::from(ip), network.prefix()),
        };
        let at = data.len();
        write(value, &mut data);
        let mut node = 0;
        for depth in 0..length {
            let side = (address >> (127 - depth) & 1) as usize;
            if depth + 1 == length {
                nodes[node][side] = To::Data(at);
                break;
            }
            node = match nodes[node][side] {
                To::Node(next) => next,
                // A wider network stands for what the narrower leaves.
                above => {
                    nodes.push([above; 2]);
                    nodes[node][side] = To::Node(nodes.len() - 1);
                    nodes.len() - 1
                }
            };
        }
    }
    let count = nodes.len();
    let mut out = Vec::new();
    for node in &nodes {
        let [left, right] = node.map(|to| match to {
            To::Nothing => count as u32,
            To::Node(next) => next as u32,
            To::Data(at) => (count + 16 + at) as u32,
        });
        let (l, r) = (left.to_be_bytes(), right.to_be_bytes());
        match bits {
            24 => out.extend([&l[1..], &r[1..]].concat()),
            28 => out.extend([&l[1..], &[(l[0] << 4) | (r[0] & 15)], &r[1..]].concat()),
            _ => out.extend([l, r].concat()),
        }
    }
    out.extend([0; 16]);
    out.extend(data);
    out.extend(b"\xab\xcd\xefMaxMind.com");
    let english = List(vec![text("en")]);
    write(
        &Map(vec![
            ("binary_format_major_version", Small(2)),
            ("binary_format_minor_version", Small(0)),
            ("build_epoch", Long(1_700_000_000)),
            ("database_type", text(kind)),
            ("description", Map(vec![("en", text("of a test"))])),
            ("ip_version", Small(version)),
            ("languages", english),
            ("node_count", Whole(count as u32)),
            ("record_size", Small(bits)),
        ]),
        &mut out,
    );
    out
}

fn named(name: &'static str) -> Value {
    Map(vec![("geoname_id", Whole(7)), ("names", Map(vec![("de", text("?")), ("en", text(name))]))])
}

fn place(city: &'static str, code: &'static str, country: &'static str, at: [f64; 2]) -> Value {
    let [latitude, longitude] = at.map(Number);
    Map(vec![
        ("city", named(city)),
        ("continent", named("Continent")),
        (
            "country",
            Map(vec![("iso_code", text(code)), ("names", Map(vec![("en", text(country))]))]),
        ),
        (
            "location",
            Map(vec![
                ("accuracy_radius", Whole(5)),
                ("latitude", latitude),
                ("longitude", longitude),
                ("time_zone", text("Europe/Prague")),
            ]),
        ),
        ("subdivisions", List(vec![named("State"), named("District")])),
    ])
}

fn owner(name: &str) -> Value {
    Map(vec![
        ("autonomous_system_number", Whole(64_500)),
        ("autonomous_system_organization", text(name)),
    ])
}

fn city(bits: u16) -> Vec<u8> {
    database(
        "GeoLite2-City",
        6,
        bits,
        &[
            ("203.0.113.0/24", place("Praha", "CZ", "Czechia", [50.1, 14.4])),
            ("203.0.113.128/25", place("Brno", "CZ", "Czechia", [49.2, 16.6])),
            ("2001:db8::/32", place("Oslo", "NO", "Norway", [59.9, 10.7])),
            ("10.0.0.0/8", place("Nowhere", "XX", "Private", [1.0, 1.0])),
            ("fd00::/8", place("Nowhere", "XX", "Private", [1.0, 1.0])),
            ("198.51.100.0/24", Map(vec![("country", Map(vec![("iso_code", text("DE"))]))])),
        ],
    )
}

fn asn() -> Vec<u8> {
    database(
        "GeoLite2-ASN",
        6,
        28,
        &[
            ("203.0.113.0/25", owner("Example Carrier")),
            ("2001:db8::/33", owner("Example Six")),
            ("192.0.2.0/24", owner("Example Owner Only")),
        ],
    )
}

fn show(place: Option<Place>) -> String {
    let Some(p) = place else { return String::new() };
    let at = p.latitude.zip(p.longitude).map(|(a, b)| format!("{a},{b}")).unwrap_or_default();
    [p.city, p.state, p.country, p.country_code, at, p.owner].join("|")
}

/// Address, and what both databases say together.
const AT: &[(&str, &str)] = &[
    ("203.0.113.9", "Praha|State|Czechia|CZ|50.1,14.4|Example Carrier"),
    ("::ffff:203.0.113.9", "Praha|State|Czechia|CZ|50.1,14.4|Example Carrier"),
    ("203.0.113.200", "Brno|State|Czechia|CZ|49.2,16.6|"),
    ("2001:db8::1", "Oslo|State|Norway|NO|59.9,10.7|Example Six"),
    ("2001:db8:8000::1", "Oslo|State|Norway|NO|59.9,10.7|"),
    ("192.0.2.1", "|||||Example Owner Only"),
    ("198.51.100.1", "|||DE||"),
    ("8.8.8.8", ""),
    // Private and reserved are nowhere, whatever a database says.
    ("10.0.0.5", ""),
    ("fd00::1", ""),
    ("127.0.0.1", ""),
    ("not-an-address", ""),
];

#[test]
fn city_and_owner_of_two_databases_are_one_place() {
    for bits in [24, 28, 32] {
        for backwards in [false, true] {
            let mut files = vec![("asn.mmdb", asn()), ("city.mmdb", city(bits))];
            if backwards {
                files.reverse();
            }
            let network = files.into_iter().fold(Network::default(), |network, (name, bytes)| {
                network.with_database(name, bytes)
            });
            assert!(network.notes().is_empty(), "{:?}", network.notes());
            for (address, expected) in AT {
                let place = network.place_of(&Address::new(address));
                assert_eq!(&show(place), expected, "{address}, {bits} bits");
            }
        }
    }
}

#[test]
fn iploc_csv_comes_first_and_a_database_adds_what_it_lacks() {
    // Own place and owner; a country that the database agrees with; one that it does not.
    let iploc = "203.0.113.0,203.0.113.7,CZ,Czechia,-,Brno,49,16,Ours,-
        203.0.113.8,203.0.113.15,cz,-,-,-,-,-,-,-
        203.0.113.16,203.0.113.31,PL,Poland,-,-,-,-,-,-
        203.0.113.32,203.0.113.47,-,-,-,-,-,-,-,-
        203.0.113.48,203.0.113.63,CZ,Czechia,-,Ostrava,-,-,-,-
    ";
    let network = Network::parse(None, None, Some(("iploc.csv", iploc)));
    let network = network.with_database("asn.mmdb", asn()).with_database("city.mmdb", city(24));
    let at = |address: &str| show(network.place_of(&Address::new(address)));
    assert_eq!(at("203.0.113.1"), "Brno||Czechia|CZ|49,16|Ours");
    assert_eq!(at("203.0.113.9"), "Praha|State|Czechia|cz|50.1,14.4|Example Carrier");
    // Prague is not in Poland: only the owner is added.
    assert_eq!(at("203.0.113.17"), "||Poland|PL||Example Carrier");
    assert_eq!(at("203.0.113.33"), "Praha|State|Czechia|CZ|50.1,14.4|Example Carrier");
    // Nor are the coordinates of Prague those of Ostrava.
    assert_eq!(at("203.0.113.49"), "Ostrava||Czechia|CZ||Example Carrier");
}

#[test]
fn other_makers_and_odd_fields_are_read_too() {
    let flat = Map(vec![
        ("country", text("Norway")),
        ("country_code", text("NO")),
        ("city", text("Oslo")),
        ("as_name", text("Example AS")),
        ("as_domain", text("as.example")),
    ]);
    let odd = Map(vec![
        ("city", Whole(7)),
        ("country", List(vec![])),
        ("registered_country", named("Registered")),
        ("location", Map(vec![("latitude", text("1.5")), ("longitude", Number(f64::NAN))])),
        ("subdivisions", Map(vec![("names", List(vec![Whole(1)]))])),
        ("isp", text("Example ISP")),
    ]);
    let far =
        Map(vec![("location", Map(vec![("latitude", Number(1e9)), ("longitude", Whole(8))]))]);
    let only4 = database(
        "Other",
        4,
        24,
        &[
            ("192.0.2.0/24", flat),
            ("198.51.100.0/24", odd),
            ("203.0.113.0/25", far),
            ("203.0.113.128/25", Whole(1)),
        ],
    );
    let network = Network::default().with_database("other.mmdb", only4);
    let at = |address: &str| show(network.place_of(&Address::new(address)));
    assert_eq!(at("192.0.2.1"), "Oslo||Norway|NO||Example AS");
    assert_eq!(at("198.51.100.1"), "||Registered|||Example ISP");
    assert_eq!(at("203.0.113.1"), "");
    assert_eq!(at("203.0.113.129"), "");
    assert_eq!(at("2001:db8::1"), ""); // a database of IPv4 says nothing of IPv6
}

#[test]
fn a_record_that_cannot_be_read_is_a_note_of_the_search() -> Outcome {
    let mut bytes = city(24);
    // The control byte of a type that there is not.
    let praha = bytes.windows(5).position(|w| w == b"Praha").ok_or("no Praha")?;
    bytes[praha - 1] = 0;
    bytes[praha] = 200;
    let network = Network::default().with_database("city.mmdb", bytes);
    assert!(network.notes().is_empty());
    let rows = "09:00 0 10.0.0.5 50001 203.0.113.9 443 TCP - 1 60
                09:00 0 10.0.0.5 50001 203.0.113.200 443 TCP - 1 60";
    let found = search(&frame(&parse(rows)?)?, "10.0.0.5", &network)?;
    let cities: Vec<String> = found.peers.iter().map(|peer| show(peer.place.clone())).collect();
    assert_eq!(cities, ["", "Brno|State|Czechia|CZ|49.2,16.6|"]);
    let start = "city.mmdb: records of 1 addresses cannot be read, such as that of 203.0.113.9 (";
    assert!(found.notes.len() == 1 && found.notes[0].starts_with(start), "{:?}", found.notes);
    Ok(())
}

/// Looks up one address of each kind; what it says does not matter, that it says something does.
fn ask(bytes: Vec<u8>) -> bool {
    let network = Network::default().with_database("x.mmdb", bytes);
    let addresses = ["203.0.113.9", "203.0.113.200", "2001:db8::1", "8.8.8.8"].map(Address::new);
    let mut places: BTreeMap<&str, Option<Place>> = BTreeMap::new();
    for address in &addresses {
        places.insert(address.as_str(), network.place_of(address));
    }
    let unread = network.databases.unreadable(addresses.iter());
    assert!(network.notes().len() + unread.len() <= 1);
    network.notes().is_empty()
}

#[test]
fn cut_and_broken_databases_are_notes_and_never_a_panic() {
    let whole = city(28);
    assert!(ask(whole.clone()));
    for end in 0..whole.len() {
        ask(whole[..end].to_vec());
    }
    assert!(!ask(Vec::new()) && !ask(b"not a database".to_vec()));
    for at in 0..whole.len() {
        for change in [1u8, 0x20, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] ^= change;
            ask(bytes);
        }
    }
    // Several bytes at once, the tree pointing anywhere.
    let mut lcg = crate::given::Lcg(11);
    for _ in 0..4_000 {
        let mut bytes = whole.clone();
        for _ in 0..1 + lcg.below(40) {
            let at = lcg.below(bytes.len() as u64) as usize;
            bytes[at] = lcg.below(256) as u8;
        }
        ask(bytes);
    }
}

#[test]
fn a_tree_that_runs_in_a_circle_ends() {
    // One node whose both sides are itself.
    let mut bytes = vec![0u8; 6];
    bytes.extend([0; 16]);
    let metadata = database("Circle", 6, 24, &[]);
    bytes.extend(&metadata[6 + 16..]);
    assert!(ask(bytes));
}
