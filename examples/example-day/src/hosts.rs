//! The site's own hosts: thirteen servers and 237 workstations.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rand::Rng;
use rand::distr::Distribution;
use rand::distr::weighted::WeightedIndex;

use crate::clock::SLOTS;
use crate::error::Result;
use crate::incidents::INFECTED;
use crate::sample::{Size, by_weight};

/// What a host is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Domain controller: names, time, log-on.
    Controller,
    /// File server.
    Files,
    /// Printer.
    Printer,
    /// Terminal server, remote desktops.
    Terminal,
    /// Backup server.
    Backup,
    /// Monitoring, pings the others.
    Monitor,
    /// Web proxy of the offices.
    Proxy,
    /// ssh and sftp gateway.
    Gateway,
    /// Mail server.
    Mail,
    /// Public web server.
    Web,
    /// Office workstation.
    Office,
    /// Workstation on the VPN.
    Vpn,
}

/// Third and fourth byte of each server's address in 10.20.0.0/16, and whether it has IPv6.
const SERVERS: [(Role, u8, u8, bool); 13] = [
    (Role::Controller, 0, 10, true),
    (Role::Controller, 0, 11, true),
    (Role::Files, 0, 30, true),
    (Role::Files, 0, 31, true),
    (Role::Printer, 0, 35, false),
    (Role::Printer, 0, 36, false),
    (Role::Terminal, 0, 40, true),
    (Role::Backup, 0, 50, true),
    (Role::Monitor, 0, 60, false),
    (Role::Proxy, 1, 8, true),
    (Role::Gateway, 1, 22, false),
    (Role::Mail, 1, 25, true),
    (Role::Web, 1, 80, false),
];

/// Workstations of each subnet: role, third byte, how many (from .11 upwards).
const WORKSTATIONS: [(Role, u8, u8); 3] =
    [(Role::Office, 10, 95), (Role::Office, 11, 95), (Role::Vpn, 20, 47)];

/// One host of the site.
#[derive(Clone, Debug)]
pub struct Host {
    /// What it is for.
    pub role: Role,
    /// IPv4 address.
    pub v4: Ipv4Addr,
    /// IPv6 address, when it has one.
    pub v6: Option<Ipv6Addr>,
    /// Half hours of the day in which somebody works at it.
    present: std::ops::Range<usize>,
}

/// All hosts of the site, with how much each of them talks.
#[derive(Clone, Debug)]
pub struct Site {
    /// Servers first, then workstations, by subnet.
    pub hosts: Vec<Host>,
    workstations: WeightedIndex<f64>,
}

/// The IPv4 address of a host, from the two last bytes.
pub const fn v4(subnet: u8, host: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, 20, subnet, host)
}

/// The IPv6 address of a host: the decimal digits of its IPv4 address, so that people see the pair.
pub const fn v6(subnet: u8, host: u8) -> Ipv6Addr {
    const fn digits(n: u8) -> u16 {
        ((n / 100) as u16) << 8 | ((n / 10 % 10) as u16) << 4 | (n % 10) as u16
    }
    Ipv6Addr::new(0xfd00, 0x20, digits(subnet), 0, 0, 0, 0, digits(host))
}

/// Whether the address belongs to the site.
pub fn is_inside(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.octets()[..2] == [10, 20],
        IpAddr::V6(ip) => ip.segments()[..2] == [0xfd00, 0x20],
    }
}

/// The subnet of an inside address: the third byte, in its decimal digits for IPv6.
pub fn subnet(ip: IpAddr) -> u16 {
    match ip {
        IpAddr::V4(ip) => {
            let [_, _, third, _] = ip.octets();
            u16::from(third)
        }
        IpAddr::V6(ip) => {
            let third = ip.segments()[2];
            (third >> 8) * 100 + (third >> 4 & 15) * 10 + (third & 15)
        }
    }
}

/// Whether an inside address is one of the servers' (subnets 0 and 1).
pub fn is_server(ip: IpAddr) -> bool {
    subnet(ip) <= 1
}

impl Site {
    /// The site, with habits of people drawn from `rng`.
    ///
    /// # Errors
    /// [`crate::Error::Usage`] if the tables of this module are wrong.
    pub fn new(rng: &mut impl Rng) -> Result<Site> {
        let servers = SERVERS.iter().map(|&(role, subnet, host, dual)| Host {
            role,
            v4: v4(subnet, host),
            v6: dual.then(|| v6(subnet, host)),
            present: 0..SLOTS,
        });
        let mut hosts: Vec<Host> = servers.collect();
        for (role, subnet, count) in WORKSTATIONS {
            for host in 11..11 + count {
                // One in eight is never switched off.
                let present = if rng.random_bool(0.125) {
                    0..SLOTS
                } else {
                    rng.random_range(14..=19)..rng.random_range(32..=40)
                };
                let dual = subnet == 10 || rng.random_bool(0.3);
                hosts.push(Host {
                    role,
                    v4: v4(subnet, host),
                    v6: dual.then(|| v6(subnet, host)),
                    present,
                });
            }
        }
        let talk = Size { median: 1.0, spread: 0.7 };
        let weights = hosts[SERVERS.len()..].iter().map(|host| {
            let weight = talk.draw(6.0, rng);
            // Who works at the infected host is busy, so that the beacon has something to hide in.
            if host.v4 == INFECTED { 1.5 } else { weight }
        });
        let workstations = by_weight("workstations", weights)?;
        Ok(Site { hosts, workstations })
    }

    /// A workstation that `wanted` accepts and that is on in this half hour. When a few tries find
    /// none, one that was left on by mistake does.
    pub fn workstation(
        &self,
        slot: usize,
        wanted: impl Fn(&Host) -> bool,
        rng: &mut impl Rng,
    ) -> &Host {
        let mut host = self.any_workstation(rng);
        for _ in 0..40 {
            if wanted(host) && host.present.contains(&slot) {
                break;
            }
            host = self.any_workstation(rng);
        }
        host
    }

    fn any_workstation(&self, rng: &mut impl Rng) -> &Host {
        &self.hosts[SERVERS.len() + self.workstations.sample(rng)]
    }

    /// One of the servers with one of these roles.
    pub fn server(&self, roles: &[Role], rng: &mut impl Rng) -> &Host {
        let servers = &self.hosts[..SERVERS.len()];
        let fits = || servers.iter().filter(|host| roles.contains(&host.role));
        let nth = rng.random_range(0..fits().count().max(1));
        fits().nth(nth).unwrap_or(&servers[0])
    }
}
