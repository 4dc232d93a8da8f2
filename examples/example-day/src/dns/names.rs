//! What addresses are called: one name or a few for every service of the day, all of them below
//! domains that are reserved for examples and tests.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};

use rand::Rng;
use rand::seq::IndexedRandom;

use crate::hosts::{Role, Site};
use crate::incidents::DROP;
use crate::services::{Purpose, purpose};

/// The site's own domain.
pub const OWN: &str = "corp.test";

const FIRST: [&str; 32] = [
    "amber", "autumn", "blue", "bright", "calm", "cedar", "clear", "copper", "crisp", "early",
    "even", "fair", "fresh", "gentle", "golden", "green", "happy", "high", "hollow", "ivory",
    "lucky", "mellow", "north", "open", "quiet", "rapid", "silver", "small", "steady", "sunny",
    "vivid", "warm",
];
const SECOND: [&str; 32] = [
    "anchor", "bakery", "bridge", "brook", "castle", "cinema", "coast", "corner", "daily", "field",
    "forest", "garden", "harbor", "island", "kitchen", "lake", "library", "market", "meadow",
    "mill", "orchard", "piano", "planet", "press", "river", "school", "sports", "station",
    "travel", "valley", "weather", "window",
];
/// Hosts of a web site, the usual ones first.
const WEB_HOSTS: [&str; 9] =
    ["www.", "www.", "www.", "", "cdn.", "img.", "static.", "api.", "login."];
const CLOUD_HOSTS: [&str; 7] = ["mail", "docs", "files", "login", "meet", "chat", "calendar"];

/// Names of the addresses of the day.
#[derive(Clone, Debug)]
pub struct Names {
    inside: HashMap<IpAddr, String>,
}

impl Names {
    /// The names of the site's servers; those outside follow from their addresses.
    pub fn new(site: &Site) -> Names {
        let mut inside = HashMap::new();
        for host in &site.hosts {
            let [.., last] = host.v4.octets();
            let label = match host.role {
                Role::Controller => format!("dc{}", last - 9),
                Role::Files => format!("files{}", last - 29),
                Role::Printer => format!("print{}", last - 34),
                Role::Terminal => "terminal".to_owned(),
                Role::Backup => "backup".to_owned(),
                Role::Monitor => "monitor".to_owned(),
                Role::Proxy => "proxy".to_owned(),
                Role::Gateway => "sftp".to_owned(),
                Role::Mail => "mail".to_owned(),
                Role::Web => "www".to_owned(),
                // Nobody asks for a workstation.
                Role::Office | Role::Vpn => continue,
            };
            let name = format!("{label}.{OWN}");
            inside.extend(host.v6.map(|v6| (IpAddr::from(v6), name.clone())));
            inside.insert(host.v4.into(), name);
        }
        Names { inside }
    }

    /// Whether an address has a name.
    pub fn has(&self, ip: IpAddr) -> bool {
        self.inside.contains_key(&ip) || ip == DROP || named(ip)
    }

    /// One of the names of an address.
    pub fn of(&self, ip: IpAddr, rng: &mut impl Rng) -> Option<String> {
        if let Some(name) = self.inside.get(&ip) {
            return Some(name.clone());
        }
        if ip == DROP {
            return Some("upload.cheap-storage.example".to_owned());
        }
        let host = last(ip);
        Some(match purpose(ip)? {
            Purpose::Web | Purpose::Web6 => {
                format!("{}{}", WEB_HOSTS.choose(rng).unwrap_or(&""), site(ip))
            }
            Purpose::Cloud => {
                let label = CLOUD_HOSTS[host % CLOUD_HOSTS.len()];
                format!("{label}{}.cloud-office.example", host % 4)
            }
            Purpose::Updates => format!("dl{host}.updates.example"),
            Purpose::Time => format!("{}.pool.time.example", host % 4),
            Purpose::Mail => format!("mx{}.{}", host % 2 + 1, site(ip)),
            Purpose::Partner => "sftp.partner.example".to_owned(),
            Purpose::Names | Purpose::Visitors | Purpose::Knockers => return None,
        })
    }
}

fn named(ip: IpAddr) -> bool {
    !matches!(purpose(ip), None | Some(Purpose::Names | Purpose::Visitors | Purpose::Knockers))
}

/// The domain of a web site or a mail server: two words that follow from the address.
pub fn site(ip: IpAddr) -> String {
    let n = match ip {
        // Blocks of 256 of the three ranges, 7 apart from each other so that words repeat late.
        IpAddr::V4(v4) => usize::from(v4.octets()[0]) * 7 + usize::from(v4.octets()[3]) * 3,
        // One customer a network.
        IpAddr::V6(v6) => 500 + usize::from(v6.segments()[2]) * 5,
    };
    format!("{}-{}.example", FIRST[n % 32], SECOND[(n / 32 + n) % 32])
}

/// A domain of somebody out there.
pub fn some_site(rng: &mut impl Rng) -> String {
    let first = FIRST.choose(rng).unwrap_or(&"");
    let second = SECOND.choose(rng).unwrap_or(&"");
    format!("{first}-{second}.example")
}

/// The addresses of an answer that has this one: content and cloud services have two.
pub fn with_neighbours(ip: Ipv4Addr, name: &str) -> Vec<Ipv4Addr> {
    let [a, b, c, d] = ip.octets();
    let neighbour = Ipv4Addr::new(a, b, c, d ^ 1);
    let alike = purpose(ip.into()) == purpose(neighbour.into());
    let two = name.starts_with("cdn.") || name.ends_with(".cloud-office.example");
    if two && alike { vec![ip, neighbour] } else { vec![ip] }
}

/// The name under which the name of an address is asked for.
pub fn reverse(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, d] = ip.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(ip) => {
            let nibbles = ip.octets().into_iter().rev();
            let nibbles: String =
                nibbles.map(|byte| format!("{:x}.{:x}.", byte & 15, byte >> 4)).collect();
            format!("{nibbles}ip6.arpa")
        }
    }
}

/// The last number of an address.
fn last(ip: IpAddr) -> usize {
    match ip {
        IpAddr::V4(ip) => usize::from(ip.octets()[3]),
        IpAddr::V6(ip) => usize::from(ip.segments()[7]),
    }
}
