//! Days as data, for the tests and the gallery: a few peers each, summed up by plain loops.
#![allow(dead_code, missing_docs)]

use chrono::{Duration, NaiveDate, NaiveDateTime, NaiveTime};
use spot_analysis::model::*;

pub fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2022, 6, 13).unwrap_or_default()
}

fn at(minute: i64) -> NaiveDateTime {
    day().and_time(NaiveTime::MIN) + Duration::minutes(minute)
}

/// Peer, class, rows in and out, bytes in and out, ports, context, first minute, step in minutes.
pub struct Line(
    pub &'static str,
    pub Direction,
    pub [u64; 2],
    pub [u64; 2],
    pub &'static [u16],
    pub &'static str,
    pub [i64; 2],
);

fn peer(line: &Line) -> Peer {
    let &Line(
        address,
        direction,
        [rows_in, rows_out],
        [bytes_in, bytes_out],
        ports,
        context,
        [first, step],
    ) = line;
    let rows = rows_in + rows_out;
    Peer {
        address: Address::new(address),
        side: Side { inside: address.starts_with("10."), rule: "private range 10.0.0.0/8".into() },
        direction,
        lateral: address.starts_with("10."),
        connections: rows,
        rows_in,
        rows_out,
        bytes_in,
        bytes_out,
        packets_in: rows_in * 3,
        packets_out: rows_out * 3,
        max_bytes: bytes_in.max(bytes_out),
        service_ports: ports.iter().copied().take(8).collect(),
        service_port_count: ports.len() as u64,
        protocols: vec!["TCP".into()],
        first_seen: at(first),
        last_seen: at((first + step * rows.saturating_sub(1).min(300) as i64).min(1439)),
        active_minutes: rows.min(1440),
        initiator: Initiator {
            began: if direction == Direction::Outbound { Began::Anchor } else { Began::Peer },
            by_anchor: rows_out,
            conversations: rows_in.max(rows_out),
            sure: true,
        },
        context: (!context.is_empty()).then(|| named(context, &format!("{address}, {context}"))),
        place: None,
        flags: vec![],
    }
}

fn named(name: &str, rule: &str) -> ContextName {
    ContextName { name: name.into(), rule: rule.into(), class: String::new() }
}

fn lane(line: &Line, peer: &Peer, bin_minutes: u32) -> Lane {
    let &Line(.., ports, _, [first, step]) = line;
    let mut bins: Vec<Bin> = Vec::new();
    let rows = peer.connections.min(400);
    for i in 0..rows {
        let minute = first + step * i as i64 + (i as i64 * 7) % (step.max(1) * 2);
        let index = (minute.clamp(0, 1439) as u32) / bin_minutes;
        let bytes = peer.bytes() / rows * (1 + (i * 37) % 11) / 6;
        match bins.iter_mut().find(|b| b.index == index) {
            Some(bin) => {
                bin.connections += 1;
                bin.bytes += bytes;
            }
            None => bins.push(Bin { index, connections: 1, bytes, port: ports.first().copied() }),
        }
    }
    bins.sort_by_key(|b| b.index);
    Lane {
        peer: peer.address.clone(),
        direction: peer.direction,
        bytes: peer.bytes(),
        connections: peer.connections,
        spans: spans(&bins, bin_minutes),
        port: peer.service_ports.first().copied(),
        bins,
        flagged: false,
    }
}

/// As if rows of each bin were under way for half of it; neighbours are one.
fn spans(bins: &[Bin], bin_minutes: u32) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::new();
    for bin in bins {
        let from = bin.index * bin_minutes * 60;
        let to = from + bin_minutes * 30;
        match out.last_mut() {
            Some(last) if from - last.to <= bin_minutes * 31 => last.to = to,
            _ => out.push(Span { from, to }),
        }
    }
    out
}

fn table(peers: &[Peer], role: Role, measure: Measure, top: usize) -> TopTable {
    let of = |p: &Peer| match role {
        Role::Source => (p.rows_in, p.bytes_in),
        Role::Destination => (p.rows_out, p.bytes_out),
    };
    let mut rows: Vec<TopRow> = peers
        .iter()
        .filter(|p| of(p).0 > 0)
        .map(|p| TopRow {
            peer: p.address.clone(),
            direction: p.direction,
            connections: of(p).0,
            bytes: of(p).1,
            bytes_back: 0,
            ports: p.service_ports.clone(),
            port_count: p.service_port_count,
            first_seen: p.first_seen,
            last_seen: p.last_seen,
            context: p.context.clone(),
            flags: vec![],
        })
        .collect();
    rows.sort_by(|a, b| {
        let (x, y) = match measure {
            Measure::Connections => (a.connections, b.connections),
            Measure::Bytes => (a.bytes, b.bytes),
        };
        y.cmp(&x).then(a.peer.cmp(&b.peer))
    });
    let all = rows.len() as u64;
    rows.truncate(top);
    TopTable { role, measure, rows, of: all }
}

/// A finding whose tables, lanes and facts are sums over `lines`.
pub fn found(anchor: &str, lines: &[Line], top: usize, bin_minutes: u32) -> Investigation {
    let mut pairs: Vec<(&Line, Peer)> = lines.iter().map(|line| (line, peer(line))).collect();
    pairs.sort_by(|a, b| b.1.bytes().cmp(&a.1.bytes()).then(a.1.address.cmp(&b.1.address)));
    let lanes = pairs.iter().take(top).map(|(line, p)| lane(line, p, bin_minutes)).collect();
    let peers: Vec<Peer> = pairs.into_iter().map(|(_, p)| p).collect();
    let sum = |of: fn(&Peer) -> u64| peers.iter().map(of).sum::<u64>();
    let connections = sum(|p| p.connections);
    let first = peers.iter().map(|p| p.first_seen).min();
    let last = peers.iter().map(|p| p.last_seen).max();
    let mut ports: Vec<u16> = lines.iter().flat_map(|l| l.4.iter().copied()).collect();
    ports.sort_unstable();
    ports.dedup();
    Investigation {
        anchor: Address::new(anchor),
        day: day(),
        side: Side { inside: true, rule: "147.32.0.0 to 147.32.255.255, CTU campus".into() },
        context: Some(named("DMZ.CTU", "147.32.81.0/24")),
        place: None,
        flags: vec![],
        high_rows: 25,
        facts: Facts {
            connections,
            self_connections: 0,
            peers: peers.len() as u64,
            bytes_in: sum(|p| p.bytes_in),
            bytes_out: sum(|p| p.bytes_out),
            seen: first.zip(last),
            service_ports: ports.len() as u64,
        },
        top: [
            table(&peers, Role::Source, Measure::Connections, top),
            table(&peers, Role::Destination, Measure::Connections, top),
            table(&peers, Role::Source, Measure::Bytes, top),
            table(&peers, Role::Destination, Measure::Bytes, top),
        ],
        timeline: Timeline { bin_minutes, lanes, of: peers.len() as u64 },
        peers,
        provenance: Provenance {
            table: "flow".into(),
            filter: format!("sip = {anchor} or dip = {anchor}"),
            rows: connections,
            scanned: connections + 1_232_001,
            files: (0..24)
                .map(|hour| SourceFile {
                    path: format!("flow/y=2022/m=6/d=13/h={hour}/part-0.parquet"),
                    size: 512_345 + hour * 1_013,
                    modified: 1_655_164_800 + hour as i64,
                })
                .collect(),
            fingerprint: "9c1f4e07d2a95b3c8e6f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5ee2".into(),
            partial: None,
        },
        notes: vec![],
        history: None,
    }
}

use Direction::{Inbound, Outbound, TwoWay};

const MANY: &[u16] = &[53341, 2069, 17170, 8080, 8443, 3389, 5900, 23, 2323, 7547, 37215, 81];

/// A host that many knock at and that talks to a few.
pub const BUSY: &[Line] = &[
    Line("65.9.94.46", TwoWay, [2, 2], [2_200_000, 41_207], &[80], "", [920, 1]),
    Line("162.125.19.130", TwoWay, [46, 46], [543_200, 1_300_000], &[443], "Dropbox", [10, 28]),
    Line("91.228.166.14", TwoWay, [14, 14], [1_700_000, 106_400], &[80], "", [129, 80]),
    Line("162.125.19.9", TwoWay, [41, 41], [484_900, 1_200_000], &[443], "Dropbox", [15, 31]),
    Line("93.184.221.240", TwoWay, [3, 3], [767_100, 8_100], &[80], "", [609, 2]),
    Line("20.54.24.231", TwoWay, [81, 81], [357_100, 252_100], &[443], "", [2, 16]),
    Line("51.104.162.168", TwoWay, [81, 82], [349_600, 238_000], &[443], "", [2, 16]),
    Line("203.0.113.9", Outbound, [0, 61], [0, 96_500], &[443, 80], "Partner.FW.1", [480, 9]),
    Line("104.156.155.13", TwoWay, [635, 20], [38_100, 1_200], &[52496], "", [1, 1]),
    Line("45.140.140.75", Inbound, [127, 0], [7_620, 0], &[23], "", [1057, 1]),
    Line("79.124.62.34", Inbound, [97, 0], [5_820, 0], MANY, "", [1, 13]),
    Line("45.140.140.78", Inbound, [89, 0], [5_340, 0], &[23], "", [1055, 1]),
    Line("10.20.4.7", TwoWay, [12, 12], [4_100, 3_900], &[445, 139], "LAN.Office", [600, 5]),
    Line("198.51.100.250", Inbound, [1, 0], [60, 0], &[3389], "", [1200, 1]),
];

pub fn busy() -> Investigation {
    let mut found = found("147.32.81.167", BUSY, 8, 5);
    found.notes = vec![
        "networkcontext_1.csv, line 7: \"10.0.0.5/99\" is no range; the line was left out.".into(),
    ];
    found
}

/// The busy day, two of whose peers are on the list of indicators.
pub fn flagged() -> Investigation {
    let mut found = busy();
    let flag = |of: &Address, note: &str| {
        let (of, source) = (of.as_str().to_owned(), "Example feed".to_owned());
        Flag { indicator: of.clone(), of, source, note: note.into() }
    };
    for (place, note) in [(0, "rented storage"), (2, "scans for telnet")] {
        let peer = found.peers[place].address.clone();
        let flags = vec![flag(&peer, note)];
        found.peers[place].flags = flags.clone();
        for row in found.top.iter_mut().flat_map(|t| &mut t.rows).filter(|row| row.peer == peer) {
            row.flags = flags.clone();
        }
        for lane in found.timeline.lanes.iter_mut().filter(|lane| lane.peer == peer) {
            lane.flagged = true;
        }
    }
    found
}

pub fn one_peer() -> Investigation {
    let lines = [Line("192.0.2.44", Inbound, [1, 0], [60, 0], &[3389], "", [660, 1])];
    let mut found = found("10.0.0.5", &lines, 20, 5);
    found.context = None;
    found.high_rows = 1;
    found.side.rule = "private range 10.0.0.0/8".into();
    found
}

pub fn empty() -> Investigation {
    let mut found = found("192.0.2.200", &[], 20, 5);
    found.side = Side { inside: false, rule: "in no range of ours".into() };
    found.context = None;
    found.high_rows = 0;
    found
}

/// Rows of the address to itself only.
pub fn only_itself() -> Investigation {
    let mut found = found("127.0.0.1", &[], 20, 5);
    found.facts.connections = 12;
    found.facts.self_connections = 12;
    found.provenance.rows = 12;
    found.facts.seen = Some((at(5), at(700)));
    found
}

pub fn ipv6() -> Investigation {
    let lines = [
        Line(
            "2001:db8:85a3:1319:8a2e:370:7344:abcd",
            TwoWay,
            [200, 190],
            [9_000_000_000, 80_000],
            &[443],
            "",
            [3, 6],
        ),
        Line("2001:db8::1", Outbound, [0, 9], [0, 70_000], &[853], "Resolver", [30, 120]),
        Line("fe80::1ff:fe23:4567:890a", Inbound, [30, 0], [3_000, 0], &[], "", [100, 40]),
        Line("192.0.2.7", Inbound, [5, 0], [300, 0], &[22], "", [800, 40]),
    ];
    let mut found = found("2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff", &lines, 20, 5);
    found.side = Side { inside: false, rule: "in no range of ours".into() };
    found.place = Some(place(["CZ", "Czechia", "Praha", "Praha", "CESNET", "cesnet.cz"]));
    found
}

pub fn place([code, country, state, city, owner, domain]: [&str; 6]) -> Place {
    Place {
        country_code: code.into(),
        country: country.into(),
        state: state.into(),
        city: city.into(),
        latitude: Some(50.1),
        longitude: Some(14.4),
        owner: owner.into(),
        domain: domain.into(),
    }
}

/// What an attacker may write into a field.
pub const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</title></style></details></table><svg onload=alert(1)>",
    "&lt;script&gt; &#60;b&#62;",
    "invoice\u{202e}gpj.exe\u{2066}\u{200f}",
    "zero\u{200b}width\u{feff} and\u{ad} soft",
    "bell\u{7} esc\u{1b}[31m rs\u{1e}{\"type\":\"clear_output\"} nul\u{0}",
    "two\nlines\r\nEVCXR_END_CONTENT\nEVCXR_BEGIN_CONTENT text/html\n<b>",
    "style=\"background:url(javascript:alert(1))\" var(--x) expression(1)",
    "\u{5d0}\u{5d1}\u{5d2} right to left",
    "]]><!-- --> <?xml ?> &unknown;",
];

/// A day in which every text field is hostile; `n` chooses which text comes first.
pub fn hostile(n: usize) -> Investigation {
    let mut next = n;
    let mut bad = || {
        next += 1;
        HOSTILE[next % HOSTILE.len()].to_owned()
    };
    let mut found = found("10.0.0.5", BUSY, 8, 5);
    found.anchor = Address::new(bad());
    found.side.rule = bad();
    found.context = Some(ContextName { name: bad(), rule: bad(), class: bad() });
    found.place = Some(Place {
        country_code: bad(),
        country: bad(),
        state: bad(),
        city: bad(),
        latitude: Some(f64::NAN),
        longitude: None,
        owner: bad(),
        domain: bad(),
    });
    found.flags = vec![Flag { of: bad(), indicator: bad(), source: bad(), note: bad() }];
    for (n, peer) in found.peers.iter_mut().enumerate() {
        let mut at = found.place.clone();
        if let Some(at) = &mut at {
            at.city = bad();
            at.owner = bad();
            at.latitude = Some([90.0, -90.0, f64::INFINITY, 0.0][n % 4]);
            at.longitude = Some([180.0, -180.0, 0.0, f64::NAN, 720.0][n % 5]);
        }
        peer.place = at;
        peer.address = Address::new(bad());
        peer.flags = vec![Flag { of: bad(), indicator: bad(), source: bad(), note: bad() }];
        peer.context = Some(ContextName { name: bad(), rule: bad(), class: bad() });
    }
    for row in found.top.iter_mut().flat_map(|t| &mut t.rows) {
        row.peer = Address::new(bad());
        row.flags = vec![Flag { of: bad(), indicator: bad(), source: bad(), note: bad() }; 9];
        row.context = Some(ContextName { name: bad(), rule: bad(), class: bad() });
    }
    for lane in &mut found.timeline.lanes {
        lane.peer = Address::new(bad());
        lane.flagged = true;
        lane.bins.push(Bin { index: u32::MAX, connections: 1, bytes: u64::MAX, port: None });
        lane.spans = vec![Span { from: u32::MAX, to: 0 }, Span { from: 0, to: u32::MAX }];
    }
    found.timeline.bin_minutes = 0;
    found.provenance.table = bad();
    found.provenance.filter = bad();
    found.provenance.fingerprint = bad();
    for file in &mut found.provenance.files {
        file.path = bad();
        file.size = u64::MAX;
        file.modified = i64::MAX;
    }
    found.notes = (0..20).map(|_| bad()).collect();
    found
}

/// Twenty lanes of 500 peers.
pub fn twenty_lanes() -> Investigation {
    let lines: Vec<Line> = (0..500u64)
        .map(|i| {
            let address: &'static str =
                Box::leak(format!("198.51.{}.{}", 100 + i / 250, i % 250 + 1).into());
            let (direction, rows) = match i % 5 {
                0 => (Outbound, [0, 40 + i % 90]),
                1 | 2 => (TwoWay, [30 + i % 70, 25 + i % 60]),
                _ => (Inbound, [3 + i % 20, 0]),
            };
            let bytes = [rows[0] * (400 + 90_000 / (i + 1)), rows[1] * (300 + 70_000 / (i + 1))];
            Line(
                address,
                direction,
                rows,
                bytes,
                if i % 3 == 0 { &[443] } else { &[53, 123] },
                "",
                [(i * 97 % 700) as i64, (3 + i % 19) as i64],
            )
        })
        .collect();
    found("10.0.0.5", &lines, 20, 5)
}

/// Longitude, latitude, city, country and code of places for [`placed`].
const PLACES: &[(f64, f64, &str, &str, &str)] = &[
    (-122.33, 47.61, "Seattle", "United States", "US"),
    (-6.26, 53.35, "Dublin", "Ireland", "IE"),
    (139.69, 35.69, "Tokyo", "Japan", "JP"),
    (-46.63, -23.55, "São Paulo", "Brazil", "BR"),
    (151.21, -33.87, "Sydney", "Australia", "AU"),
    (18.42, -33.92, "Cape Town", "South Africa", "ZA"),
    (77.21, 28.61, "Delhi", "India", "IN"),
    (178.44, -18.14, "Suva", "Fiji", "FJ"),
    (-122.33, 47.61, "Seattle", "United States", "US"),
    (4.9, 52.37, "Amsterdam", "Netherlands", "NL"),
];

/// The busy day with places for the anchor, in Prague, and for all peers outside but two.
pub fn placed() -> Investigation {
    let mut found = found("147.32.81.167", BUSY, 8, 5);
    found.place = Some(place(["CZ", "Czechia", "", "Praha", "CESNET", "cesnet.cz"]));
    let outside = found.peers.iter_mut().filter(|peer| !peer.address.as_str().starts_with("10."));
    for (n, peer) in outside.enumerate() {
        let Some(&(longitude, latitude, city, country, code)) = PLACES.get(n) else { continue };
        let owner = format!("Owner of {}", peer.address);
        let mut at = place([code, country, "", city, &owner, ""]);
        (at.longitude, at.latitude) = (Some(longitude), Some(latitude));
        peer.place = Some(at);
    }
    found
}

/// Peers with contexts of every class in every direction, and more names than are drawn.
pub fn contexts(names: usize) -> Investigation {
    let mut found = twenty_lanes();
    for (n, peer) in found.peers.iter_mut().enumerate() {
        let name = match n % 5 {
            0 => format!("Proxy-{}", n % names),
            1 => format!("DMZ.Web.{}", n % names),
            2 => format!("Partner.FW.{}", n % names),
            3 => format!("VPN-Office-{}", n % names),
            _ => continue,
        };
        peer.context = Some(ContextName {
            rule: peer.address.as_str().to_owned(),
            name,
            class: String::new(),
        });
    }
    found
}

/// All days without hostile text.
pub fn harmless() -> Vec<Investigation> {
    vec![
        busy(),
        flagged(),
        one_peer(),
        empty(),
        only_itself(),
        ipv6(),
        twenty_lanes(),
        placed(),
        contexts(3),
        contexts(400),
    ]
}

/// Every hostile text in every kind of field.
pub fn hostile_days() -> Vec<Investigation> {
    (0..HOSTILE.len()).map(hostile).collect()
}
