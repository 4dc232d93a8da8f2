//! What hosts ask for without a connection that follows: log-on, mail checks, log lines, slips.

use std::net::{IpAddr, Ipv4Addr};

use rand::Rng;

use super::names::{Names, OWN, reverse, site, some_site};
use super::{Answer, Code, kind, resolver};
use crate::hosts::{Role, Site};

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub enum Asker {
    /// Any workstation.
    Workstation,
    /// A server of one of these roles.
    Server(&'static [Role]),
}

/// What for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// Where the domain controllers are.
    LogOn,
    /// A name outside with the own domain appended, as the search list has it.
    SearchList,
    /// A proxy that nobody set up.
    AutomaticProxy,
    /// A name mistyped.
    Slip,
    /// Which name an address has, for a log.
    Reverse,
    /// Where mail for a domain goes.
    MailServer,
    /// Who may send mail for a domain.
    MailPolicy,
    /// Whether a sender is on a list of bad ones.
    BlockList,
    /// Whether a virus scanner knows a file: a long name without anything wrong.
    FileCheck,
    /// A program that reports how it is.
    Telemetry,
    /// Who keeps the own zone, before a host registers itself.
    Zone,
    /// A name server out of order.
    Broken,
}

/// Something that is asked again and again.
#[derive(Clone, Copy, Debug)]
pub struct Habit {
    /// Who asks.
    pub asker: Asker,
    /// What for.
    pub topic: Topic,
    /// How often, compared with the others.
    pub weight: f64,
}

use Asker::{Server, Workstation};

/// Hosts that write logs with names.
const LOGGING: &[Role] = &[Role::Monitor, Role::Web, Role::Gateway, Role::Proxy];
const MAIL: &[Role] = &[Role::Mail];

/// All habits.
pub const HABITS: &[Habit] = &[
    Habit { asker: Workstation, topic: Topic::LogOn, weight: 22.0 },
    Habit { asker: Workstation, topic: Topic::SearchList, weight: 12.0 },
    Habit { asker: Workstation, topic: Topic::AutomaticProxy, weight: 9.0 },
    Habit { asker: Workstation, topic: Topic::Slip, weight: 3.0 },
    Habit { asker: Server(LOGGING), topic: Topic::Reverse, weight: 18.0 },
    Habit { asker: Server(MAIL), topic: Topic::MailServer, weight: 6.0 },
    Habit { asker: Server(MAIL), topic: Topic::MailPolicy, weight: 6.0 },
    Habit { asker: Server(MAIL), topic: Topic::BlockList, weight: 5.0 },
    Habit { asker: Workstation, topic: Topic::FileCheck, weight: 4.0 },
    Habit { asker: Workstation, topic: Topic::Telemetry, weight: 10.0 },
    Habit { asker: Workstation, topic: Topic::Zone, weight: 3.0 },
    Habit { asker: Workstation, topic: Topic::Broken, weight: 2.0 },
];

/// Where questions come from.
#[derive(Clone, Copy, Debug)]
pub struct Questions<'a> {
    /// The hosts that ask.
    pub site: &'a Site,
    /// What they know.
    pub names: &'a Names,
}

impl Questions<'_> {
    /// One answer of this habit in hour 0 to 23.
    pub fn answer(&self, habit: &Habit, hour: usize, at_us: i64, rng: &mut impl Rng) -> Answer {
        let host = match habit.asker {
            Asker::Workstation => self.site.workstation(2 * hour, |_| true, rng),
            Asker::Server(roles) => self.site.server(roles, rng),
        };
        let client: IpAddr = match host.v6 {
            Some(v6) if rng.random_bool(0.2) => v6.into(),
            _ => host.v4.into(),
        };
        let (name, kind, code, records) = question(habit.topic, rng);
        let mut answer = Answer::new(at_us, client, name, kind, code);
        answer.server = resolver(client, rng.random_bool(0.15));
        match records {
            Records::Bytes(bytes) => answer.other_bytes = bytes,
            Records::Address(ip) => answer.addresses.push(ip),
        }
        answer
    }
}

enum Records {
    Bytes(usize),
    Address(Ipv4Addr),
}

/// Someone out there who came by: visitors and senders of mail.
fn stranger(rng: &mut impl Rng) -> Ipv4Addr {
    match rng.random_range(0..3) {
        0 => Ipv4Addr::new(198, 51, 100, rng.random_range(128..=254)),
        _ => Ipv4Addr::new(203, 0, 113, rng.random_range(112..=254)),
    }
}

fn question(topic: Topic, rng: &mut impl Rng) -> (String, u16, Code, Records) {
    use Code::{NoError, NoSuchName, Refused, ServerFailure};
    use Records::{Address, Bytes};
    match topic {
        Topic::LogOn => {
            let name = match rng.random_range(0..3) {
                0 => format!("_ldap._tcp.dc._msdcs.{OWN}"),
                1 => format!("_kerberos._tcp.{OWN}"),
                _ => format!("_ldap._tcp.main._sites.{OWN}"),
            };
            (name, kind::SRV, NoError, Bytes(104))
        }
        Topic::SearchList => {
            (format!("www.{}.{OWN}", some_site(rng)), kind::A, NoSuchName, Bytes(62))
        }
        Topic::AutomaticProxy => (format!("wpad.{OWN}"), kind::A, NoSuchName, Bytes(62)),
        Topic::Slip => (format!("wwww.{}", some_site(rng)), kind::A, NoSuchName, Bytes(75)),
        Topic::Reverse => {
            let ip = stranger(rng);
            let known = rng.random_bool(0.6);
            let code = if known { NoError } else { NoSuchName };
            let ip = match rng.random_bool(0.06) {
                true => format!("2001:db8:77::{:x}", rng.random_range(1..0x7fff)).parse().ok(),
                false => None,
            }
            .unwrap_or(IpAddr::V4(ip));
            (reverse(ip), kind::PTR, code, Bytes(if known { 44 } else { 60 }))
        }
        Topic::MailServer => (some_site(rng), kind::MX, NoError, Bytes(38)),
        Topic::MailPolicy => {
            let site = some_site(rng);
            match rng.random_range(0..3) {
                0 => (format!("_dmarc.{site}"), kind::TXT, NoError, Bytes(66)),
                1 => {
                    let key = format!("s{}._domainkey.{site}", rng.random_range(1..4));
                    (key, kind::TXT, NoError, Bytes(420))
                }
                _ => (site, kind::TXT, NoError, Bytes(90)),
            }
        }
        Topic::BlockList => {
            let [a, b, c, d] = stranger(rng).octets();
            let name = format!("{d}.{c}.{b}.{a}.list.mail-reputation.example");
            match rng.random_bool(0.12) {
                // The list's way to say yes.
                true => (name, kind::A, NoError, Address(Ipv4Addr::new(127, 0, 0, 2))),
                false => (name, kind::A, NoSuchName, Bytes(70)),
            }
        }
        Topic::FileCheck => {
            // Files are the same on many hosts: few hashes, asked for often.
            let file: u64 = rng.random_range(0..400);
            let hash: String = (1..=4u64)
                .map(|part| format!("{:016x}", file.wrapping_add(part).wrapping_mul(MIX)))
                .collect();
            let name = format!("{}.{}.files.virus-check.example", &hash[..32], &hash[32..]);
            (name, kind::TXT, NoError, Bytes(40))
        }
        Topic::Telemetry => {
            let site = site(Ipv4Addr::new(192, 0, 2, 17).into());
            (format!("telemetry.{site}"), kind::A, NoError, Address(Ipv4Addr::new(192, 0, 2, 17)))
        }
        Topic::Zone => (OWN.to_owned(), kind::SOA, NoError, Bytes(62)),
        Topic::Broken => {
            let code = if rng.random_bool(0.8) { ServerFailure } else { Refused };
            (format!("cdn.{}", some_site(rng)), kind::A, code, Bytes(0))
        }
    }
}

/// An odd number whose multiples look random.
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
