//! The answers of the site's two resolvers, made to fit the flows of the day.
//!
//! Most answers are taken from the flows: before a workstation opens a connection to a service, its
//! name was asked for, so the answer holds the very address that the flow goes to a few milliseconds
//! later ([`names`]). The rest is what hosts ask for without a connection that follows ([`habits`]).
//! In between lie three incidents ([`incidents`]). All names are below domains that are reserved for
//! examples and tests.
//!
//! Rows are answers only, as Spot's ingest keeps them: the client is `ip_dst`, the server `ip_src`.
//! Every hour draws from a stream of its own, none of which the flows use.

pub mod habits;
pub mod incidents;
pub mod names;
mod odd;
mod table;

use std::net::{IpAddr, Ipv4Addr};

use rand::Rng;
use rand::distr::Distribution;
use rand::distr::weighted::WeightedIndex;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::clock::HOUR_MS;
use crate::day::Day;
use crate::error::{Error, Result};
use crate::flow::Flow;
use crate::hosts::{Site, is_inside, v4, v6};
use crate::incidents::{CONTROL, CONTROLLER, INFECTED};
use crate::sample::{by_weight, stream};

use habits::{HABITS, Questions};
use names::Names;

pub use table::{ANSWERS, THREATS, answer_frame, threat_frame};

/// Stream of the first hour's answers; 100 to 199 are the flows' incidents'.
const FIRST_HOUR: u64 = 200;
/// Share of ordinary answers that a flow follows.
const FOLLOWED: f64 = 0.78;
/// Share of the answers of a name to a host with IPv6 that are the AAAA of the same name.
const ALSO_AAAA: f64 = 0.35;

/// Query types, by the numbers of the IANA table.
pub mod kind {
    /// IPv4 address.
    pub const A: u16 = 1;
    /// Another name for this one.
    pub const CNAME: u16 = 5;
    /// Start of a zone.
    pub const SOA: u16 = 6;
    /// Any bytes.
    pub const NULL: u16 = 10;
    /// Name of an address.
    pub const PTR: u16 = 12;
    /// Mail servers.
    pub const MX: u16 = 15;
    /// Texts.
    pub const TXT: u16 = 16;
    /// IPv6 address.
    pub const AAAA: u16 = 28;
    /// Where a service is.
    pub const SRV: u16 = 33;
    /// How to reach a web site.
    pub const HTTPS: u16 = 65;
}

/// What a server said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// An answer, or none of this type.
    NoError = 0,
    /// The server could not tell.
    ServerFailure = 2,
    /// There is no such name.
    NoSuchName = 3,
    /// The server would not tell.
    Refused = 5,
}

/// One row of table `dns`.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// When the answer passed, Unix time in microseconds.
    pub at_us: i64,
    /// Who had asked.
    pub client: IpAddr,
    /// Who answered.
    pub server: IpAddr,
    /// What was asked for, as the client spelt it.
    pub name: String,
    /// Query type.
    pub kind: u16,
    /// Response code.
    pub code: Code,
    /// Addresses in the answer, in order.
    pub addresses: Vec<Ipv4Addr>,
    /// Bytes of records other than addresses.
    pub other_bytes: usize,
    /// The analyst's scores of client and name: 1 High, 2 Medium, 3 Low, 0 not scored.
    pub scores: (u8, u8),
}

impl Answer {
    /// An answer without records, not scored.
    pub fn new(at_us: i64, client: IpAddr, name: String, kind: u16, code: Code) -> Answer {
        let server = resolver(client, false);
        Answer {
            at_us,
            client,
            server,
            name,
            kind,
            code,
            addresses: Vec::new(),
            other_bytes: 0,
            scores: (0, 0),
        }
    }

    /// Bytes of the frame: Ethernet, IP, UDP, header, question, records with compressed names.
    pub fn frame_bytes(&self) -> usize {
        let headers = 14 + if self.client.is_ipv6() { 40 } else { 20 } + 8 + 12;
        headers + self.name.len() + 6 + 16 * self.addresses.len() + self.other_bytes
    }

    /// Whether an analyst has scored it.
    pub fn is_scored(&self) -> bool {
        self.scores != (0, 0)
    }
}

/// The resolver that a client asks, in the client's family; `second` is the one that it asks when
/// the first is slow. A resolver asks the other one.
pub fn resolver(client: IpAddr, second: bool) -> IpAddr {
    let [first, other]: [IpAddr; 2] = match client {
        IpAddr::V4(_) => [10, 11].map(|host| v4(0, host).into()),
        IpAddr::V6(_) => [10, 11].map(|host| v6(0, host).into()),
    };
    let takes_other = if client == other { false } else { second || client == first };
    if takes_other { other } else { first }
}

/// The day's answers, ready to be asked for their hours.
pub struct Answers<'a> {
    own_seed: u64,
    midnight_ms: i64,
    site: &'a Site,
    names: Names,
    habits: WeightedIndex<f64>,
    /// Planted answers by hour.
    planted: Vec<Vec<Answer>>,
    /// Ordinary answers by hour.
    ordinary: Vec<usize>,
}

impl<'a> Answers<'a> {
    /// Plans the answers of a day.
    ///
    /// # Errors
    /// [`Error::Usage`] when the answers cannot hold the incidents.
    pub fn new(day: &'a Day) -> Result<Answers<'a>> {
        let params = day.params();
        let site = day.site();
        let midnight_ms = day.midnight_ms();
        let mut planted = vec![Vec::new(); 24];
        for answer in incidents::answers(params, midnight_ms, day.planted()) {
            let hour = (answer.at_us / 1_000 - midnight_ms).div_euclid(HOUR_MS);
            // What was asked before midnight is another day's.
            if let Some(hour) = usize::try_from(hour).ok().and_then(|hour| planted.get_mut(hour)) {
                hour.push(answer);
            }
        }
        let incidents: usize = planted.iter().map(Vec::len).sum();
        let left = params.answers.checked_sub(incidents).ok_or_else(|| {
            Error::Usage(format!(
                "{} answers cannot hold {incidents} answers of incidents",
                params.answers
            ))
        })?;
        let left = if day.has_incidents() {
            left
        } else {
            planted = vec![Vec::new(); 24];
            (left as f64 * day.busy()) as usize
        };
        Ok(Answers {
            own_seed: day.own_seed(),
            midnight_ms,
            site,
            names: Names::new(site),
            habits: by_weight("questions", HABITS.iter().map(|habit| habit.weight))?,
            planted,
            ordinary: crate::day::shares(left),
        })
    }

    /// All answers of this hour (0 to 23), given its flows; planted ones first, else in no order.
    pub fn hour(&self, hour: usize, flows: &[Flow]) -> Vec<Answer> {
        let rng = &mut stream(self.own_seed, FIRST_HOUR + hour as u64);
        let begin_ms = self.midnight_ms + hour as i64 * HOUR_MS;
        let mut asked: Vec<&Flow> = flows.iter().filter(|flow| self.was_asked(flow)).collect();
        asked.shuffle(rng);

        let mut answers = self.planted[hour].clone();
        let wanted = answers.len() + self.ordinary[hour];
        let questions = Questions { site: self.site, names: &self.names };
        let mut next = 0;
        while answers.len() < wanted {
            if !asked.is_empty() && rng.random_bool(FOLLOWED) {
                let flow = asked[next % asked.len()];
                // Once every flow has been looked up, people look again at some other time.
                let at_ms = match flow.end_ms - flow.length_ms {
                    start if next < asked.len() && start > begin_ms + 1_000 => start,
                    _ => begin_ms + rng.random_range(1_000..HOUR_MS),
                };
                next += 1;
                self.look_up(flow, at_ms, &mut answers, rng);
            } else {
                let at_us =
                    (begin_ms + rng.random_range(0..HOUR_MS)) * 1_000 + rng.random_range(0..1_000);
                let habit = &HABITS[self.habits.sample(rng)];
                answers.push(spelt(questions.answer(habit, hour, at_us, rng), rng));
            }
        }
        // An AAAA too many.
        answers.truncate(wanted);
        answers
    }

    /// Whether the sender opened this flow to something that has a name. What the infected host
    /// asks for on behalf of its master is an incident's.
    fn was_asked(&self, flow: &Flow) -> bool {
        let opened = flow.sport >= 49_152 && flow.dport < 49_152 && flow.dport != 53;
        opened
            && is_inside(flow.src)
            && (flow.src, flow.dst) != (INFECTED, CONTROL)
            && self.names.has(flow.dst)
    }

    /// The answers that led to a flow.
    fn look_up(&self, flow: &Flow, at_ms: i64, answers: &mut Vec<Answer>, rng: &mut ChaCha8Rng) {
        let Some(name) = self.names.of(flow.dst, rng) else { return };
        let client = self.client(flow.src, rng);
        let at_us = at_ms * 1_000 - rng.random_range(2_000..60_000);
        let kind = if flow.dst.is_ipv6() { kind::AAAA } else { kind::A };
        let mut answer = Answer::new(at_us, client, name, kind, Code::NoError);
        answer.server = resolver(client, rng.random_bool(0.15));
        match flow.dst {
            IpAddr::V4(ip) => answer.addresses = names::with_neighbours(ip, &answer.name),
            IpAddr::V6(_) => answer.other_bytes = 28,
        }
        let answer = spelt(answer, rng);
        let dual = self.site.hosts.iter().any(|host| {
            host.v6.is_some()
                && [Some(host.v4.into()), host.v6.map(IpAddr::from)].contains(&Some(flow.src))
        });
        if dual && kind == kind::A && rng.random_bool(ALSO_AAAA) {
            let mut second = answer.clone();
            second.kind = if rng.random_bool(0.7) { kind::AAAA } else { kind::HTTPS };
            second.at_us += rng.random_range(20..900);
            second.addresses.clear();
            // Most have no IPv6 address: an answer without records.
            second.other_bytes = if second.kind == kind::HTTPS { 40 } else { 0 };
            answers.push(second);
        }
        answers.push(answer);
    }

    /// The address from which a host asks: one in three of those with IPv6 asks over it.
    fn client(&self, asker: IpAddr, rng: &mut ChaCha8Rng) -> IpAddr {
        let host = self.site.hosts.iter().find(|host| IpAddr::from(host.v4) == asker);
        match host.and_then(|host| host.v6) {
            // The resolvers' own questions, and the story's hosts, stay where one looks for them.
            Some(v6) if asker != INFECTED && asker != CONTROLLER && rng.random_bool(0.33) => {
                v6.into()
            }
            _ => asker,
        }
    }
}

/// The name as some programs spell it: in capitals, or with the final dot.
fn spelt(mut answer: Answer, rng: &mut ChaCha8Rng) -> Answer {
    let luck: f64 = rng.random();
    if luck < 0.012 {
        answer.name = answer.name.to_ascii_uppercase();
    } else if luck < 0.02 {
        // A resolver that guards against forged answers: 0x20 encoding.
        let mixed = answer.name.chars();
        answer.name =
            mixed.map(|c| if rng.random_bool(0.5) { c.to_ascii_uppercase() } else { c }).collect();
    } else if luck < 0.032 {
        answer.name.push('.');
    }
    answer
}
