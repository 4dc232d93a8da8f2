//! What hosts do all day: one table of habits, and how one of them becomes a conversation.

use std::net::IpAddr;

use rand::Rng;
use rand::seq::IndexedRandom;

use crate::clock::Curve;
use crate::flow::{
    ACK, ACTIVE_TIMEOUT_MS, CLOSED, Conversation, PSH, Proto, RST, SYN, datagrams, ephemeral, syns,
    tcp_volumes,
};
use crate::hosts::{Role, Site};
use crate::sample::Size;
use crate::services::{Outside, Purpose};

/// No ordinary flow is larger than this (payload bytes).
const MOST_BYTES: f64 = 1.9e9;

/// Who takes part in a habit.
#[derive(Clone, Copy, Debug)]
pub enum Side {
    /// Any workstation.
    Workstation,
    /// A workstation with IPv6, over IPv6.
    Workstation6,
    /// A workstation on the VPN.
    Vpn,
    /// A server of one of these roles.
    AnyOf(&'static [Role]),
    /// A server of this role.
    Server(Role),
    /// A server of this role, over IPv6.
    Server6(Role),
    /// An outside address.
    Outside(Purpose),
}

/// How a habit looks on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// TCP to a port.
    Tcp(u16),
    /// UDP to a port.
    Udp(u16),
    /// ICMP echo.
    Echo,
    /// A SYN to some port that nobody answers.
    Knock,
}

/// Something that hosts do again and again.
#[derive(Clone, Copy, Debug)]
pub struct Habit {
    /// For people.
    pub name: &'static str,
    /// Who opens.
    pub client: Side,
    /// Who is asked.
    pub server: Side,
    /// On the wire.
    pub kind: Kind,
    /// When.
    pub curve: Curve,
    /// How often, compared with the other habits at their busiest.
    pub weight: f64,
    /// Payload bytes from client to server.
    pub up: Size,
    /// Payload bytes from server to client.
    pub down: Size,
    /// Length in seconds.
    pub seconds: Size,
}

const fn size(median: f64, spread: f64) -> Size {
    Size { median, spread }
}

/// One row: name, who, whom, what, when, how often, then median and spread of payload up, payload
/// down and seconds.
macro_rules! habits {
    ($(($name:literal, $client:expr, $server:expr, $kind:expr, $curve:expr, $weight:literal,
        $up:expr, $down:expr, $seconds:expr)),* $(,)?) => {
        &[$(Habit { name: $name, client: $client, server: $server, kind: $kind, curve: $curve,
            weight: $weight, up: size($up.0, $up.1), down: size($down.0, $down.1),
            seconds: size($seconds.0, $seconds.1) }),*]
    };
}

use Curve::{Always, Night, Public, Work};
use Kind::{Echo, Knock, Tcp, Udp};
use Role::{Backup, Controller, Files, Gateway, Mail, Monitor, Printer, Proxy, Terminal, Web};
use Side::{AnyOf, Server, Server6, Vpn, Workstation, Workstation6};

/// What the Internet may reach.
const PUBLIC: &[Role] = &[Proxy, Gateway, Mail, Web];
/// Servers that hold something worth a backup, and need updates.
const KEPT: &[Role] = &[Controller, Files, Terminal, Proxy, Mail, Web];
/// What the monitoring pings.
const WATCHED: &[Role] = &[Controller, Files, Printer, Terminal, Backup, Proxy, Gateway, Mail, Web];

/// All habits.
#[rustfmt::skip]
pub const HABITS: &[Habit] = habits![
    ("names",           Workstation,  Server(Controller),  Udp(53),   Work,   22.0, (38.0, 0.2),   (120.0, 0.6),  (0.003, 0.8)),
    ("names, IPv6",     Workstation6, Server6(Controller), Udp(53),   Work,    6.0, (38.0, 0.2),   (130.0, 0.6),  (0.003, 0.8)),
    ("names, upstream", Server(Controller), Side::Outside(Purpose::Names), Udp(53), Work, 6.0, (42.0, 0.2), (150.0, 0.7), (0.03, 0.7)),
    ("web",             Workstation,  Side::Outside(Purpose::Web),   Tcp(443), Work, 12.0, (2.4e3, 1.0), (28e3, 1.8), (9.0, 1.5)),
    ("web, IPv6",       Workstation6, Side::Outside(Purpose::Web6),  Tcp(443), Work,  7.0, (2.2e3, 1.0), (30e3, 1.8), (8.0, 1.5)),
    ("web, QUIC",       Workstation,  Side::Outside(Purpose::Web),   Udp(443), Work,  5.0, (4e3, 1.2),   (90e3, 1.9), (20.0, 1.3)),
    ("web, old",        Workstation,  Side::Outside(Purpose::Web),   Tcp(80),  Work,  1.0, (500.0, 0.6), (3e3, 1.6),  (1.5, 1.3)),
    ("cloud office",    Workstation,  Side::Outside(Purpose::Cloud), Tcp(443), Work,  7.0, (9e3, 1.4),   (35e3, 1.7), (40.0, 1.5)),
    ("proxy, in",       Workstation,  Server(Proxy), Tcp(3128), Work,  7.0, (2e3, 1.0),  (24e3, 1.7),  (6.0, 1.4)),
    ("proxy, out",      Server(Proxy), Side::Outside(Purpose::Web), Tcp(443), Work, 7.0, (2e3, 1.0), (24e3, 1.7), (6.0, 1.4)),
    ("files",           Workstation,  Server(Files), Tcp(445),  Work,  8.0, (12e3, 1.9), (60e3, 2.1),  (60.0, 1.6)),
    ("files, IPv6",     Workstation6, Server6(Files), Tcp(445), Work,  2.0, (12e3, 1.9), (60e3, 2.1),  (60.0, 1.6)),
    ("log-on",          Workstation,  Server(Controller), Tcp(88),  Work, 4.0, (1.6e3, 0.3), (1.7e3, 0.3), (0.02, 0.7)),
    ("directory",       Workstation,  Server(Controller), Tcp(389), Work, 3.0, (1.1e3, 0.7), (4.2e3, 0.9), (1.2, 1.4)),
    ("mail, reading",   Workstation,  Server(Mail),  Tcp(993),  Work,  4.0, (1.5e3, 0.8), (14e3, 1.6), (90.0, 1.4)),
    ("mail, sending",   Workstation,  Server(Mail),  Tcp(587),  Work,  0.8, (18e3, 1.7),  (700.0, 0.2), (1.5, 0.8)),
    ("mail, out",       Server(Mail), Side::Outside(Purpose::Mail), Tcp(25), Work, 1.0, (20e3, 1.7), (600.0, 0.2), (2.0, 0.8)),
    ("mail, in",        Side::Outside(Purpose::Mail), Server(Mail), Tcp(25), Public, 1.6, (22e3, 1.6), (650.0, 0.2), (2.5, 0.9)),
    ("printing",        Workstation,  Server(Printer), Tcp(9100), Work, 0.3, (350e3, 1.3), (400.0, 0.3), (8.0, 0.9)),
    ("remote desktop",  Vpn,          Server(Terminal), Tcp(3389), Work, 0.5, (180e3, 1.2), (2.5e6, 1.3), (900.0, 0.8)),
    ("secure shell",    Vpn,          Server(Gateway), Tcp(22), Work,  0.3, (9e3, 1.3),   (22e3, 1.5),  (300.0, 1.3)),
    ("time",            Workstation,  Server(Controller), Udp(123), Always, 0.9, (48.0, 0.0), (48.0, 0.0), (0.001, 0.5)),
    ("time, upstream",  Server(Controller), Side::Outside(Purpose::Time), Udp(123), Always, 0.15, (48.0, 0.0), (48.0, 0.0), (0.03, 0.5)),
    ("watching",        Server(Monitor), AnyOf(WATCHED),   Echo,    Always, 1.5, (64.0, 0.0), (64.0, 0.0), (0.001, 0.4)),
    ("ping",            Workstation,  Server(Controller), Echo, Work,   0.3, (160.0, 0.3), (160.0, 0.3), (3.0, 0.4)),
    ("visitors",        Side::Outside(Purpose::Visitors), Server(Web), Tcp(443), Public, 4.0, (1.4e3, 0.8), (45e3, 1.5), (5.0, 1.2)),
    ("knocking",        Side::Outside(Purpose::Knockers), AnyOf(PUBLIC), Knock, Always, 1.2, (0.0, 0.0), (0.0, 0.0), (1.0, 1.2)),
    ("backup",          AnyOf(KEPT),  Server(Backup),  Tcp(10_000), Night, 0.25, (90e6, 1.4), (60e3, 0.9), (420.0, 0.9)),
    ("updates",         Workstation,  Side::Outside(Purpose::Updates), Tcp(443), Night, 1.6, (6e3, 0.8), (9e6, 1.7), (45.0, 1.2)),
    ("updates, servers", AnyOf(KEPT),  Side::Outside(Purpose::Updates), Tcp(443), Night, 0.4, (6e3, 0.8), (14e6, 1.6), (60.0, 1.1)),
    ("partner",         Side::Outside(Purpose::Partner), Server(Gateway), Tcp(22), Night, 0.06, (2e6, 1.6), (60e3, 0.9), (25.0, 1.0)),
];

/// Ports that knockers try.
const KNOCKED: [u16; 12] = [22, 23, 80, 443, 445, 1433, 2323, 3389, 5060, 5900, 8080, 37_215];

/// The two ends of a conversation, if this side has anybody of the family that is needed.
fn end(
    side: Side,
    slot: usize,
    site: &Site,
    outside: &Outside,
    taste: usize,
    rng: &mut impl Rng,
) -> Option<IpAddr> {
    match side {
        Workstation => Some(site.workstation(slot, |_| true, rng).v4.into()),
        Vpn => Some(site.workstation(slot, |host| host.role == Role::Vpn, rng).v4.into()),
        Workstation6 => site.workstation(slot, |host| host.v6.is_some(), rng).v6.map(IpAddr::from),
        AnyOf(roles) => Some(site.server(roles, rng).v4.into()),
        Server(role) => Some(site.server(&[role], rng).v4.into()),
        Server6(role) => site.server(&[role], rng).v6.map(IpAddr::from),
        Side::Outside(purpose) => outside.pick(purpose, taste, rng),
    }
}

/// The last bytes of an address, as a number that tells visitors apart.
fn taste_of(ip: IpAddr) -> usize {
    match ip {
        IpAddr::V4(ip) => usize::from(ip.octets()[2]) * 256 + usize::from(ip.octets()[3]),
        IpAddr::V6(ip) => usize::from(ip.segments()[2]) * 256 + usize::from(ip.segments()[7]),
    }
}

impl Habit {
    /// One conversation of this habit that ends at `end_ms`, in half hour `slot`; none when nobody
    /// can hold it (a host would talk to itself, or lacks IPv6).
    pub fn conversation(
        &self,
        slot: usize,
        end_ms: i64,
        site: &Site,
        outside: &Outside,
        rng: &mut impl Rng,
    ) -> Option<Conversation> {
        let client = end(self.client, slot, site, outside, 0, rng)?;
        let server = end(self.server, slot, site, outside, taste_of(client), rng)?;
        if client == server || client.is_ipv4() != server.is_ipv4() {
            return None;
        }
        let v6 = client.is_ipv6();
        let up = self.up.draw(MOST_BYTES, rng) as u64;
        let down = self.down.draw(MOST_BYTES, rng) as u64;
        // Nothing moves faster than a gigabit: 125,000 bytes in a millisecond.
        let fastest = ((up + down) / 125_000) as i64;
        let drawn = (self.seconds.draw(1e6, rng) * 1e3) as i64;
        let mut talk = Conversation {
            client,
            server,
            client_port: ephemeral(rng),
            server_port: 0,
            proto: Proto::Tcp,
            end_ms,
            length_ms: drawn.max(fastest).min(ACTIVE_TIMEOUT_MS),
            up: syns(1, v6),
            down: None,
            flags: (0, 0),
        };
        match self.kind {
            Tcp(port) => {
                talk.server_port = port;
                let (sent, received) = tcp_volumes(up, down, v6);
                let luck: f64 = rng.random();
                (talk.up, talk.down, talk.flags) = if luck < 0.008 {
                    // Nobody is there: three tries, a second and two apart.
                    talk.length_ms = 3_000 + i64::from(rng.random_range(0..40u8));
                    (syns(3, v6), None, (SYN, 0))
                } else if luck < 0.05 {
                    (sent, Some(received), (SYN | ACK | PSH | RST, SYN | ACK | PSH))
                } else {
                    (sent, Some(received), (CLOSED, CLOSED))
                };
            }
            Udp(port) => {
                talk.server_port = port;
                talk.proto = Proto::Udp;
                talk.up = datagrams(up, v6);
                talk.down = rng.random_bool(0.995).then(|| datagrams(down, v6));
            }
            Echo => {
                (talk.client_port, talk.proto) = (0, if v6 { Proto::Icmp6 } else { Proto::Icmp });
                talk.server_port = if v6 { 128 * 256 } else { 8 * 256 };
                talk.up = datagrams(up, v6);
                talk.down = rng.random_bool(0.99).then_some(talk.up);
            }
            Knock => {
                talk.client_port = rng.random_range(1024..=65_535);
                talk.server_port = *KNOCKED.choose(rng).unwrap_or(&KNOCKED[0]);
                let tries = rng.random_range(1..=3);
                (talk.up, talk.flags) = (syns(tries, v6), (SYN, 0));
                talk.length_ms = 1_000 * (tries as i64 - 1);
            }
        }
        Some(talk)
    }
}
