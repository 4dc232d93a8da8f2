//! What is planted among the answers: a tunnel, generated names, a name that is asked for all day.
//!
//! Each fits the flows: the tunnel begins a few minutes after its host was refused by a chat network,
//! the one generated name that resolves does so seconds before the connection to an unusual port that
//! follows, and the name asked for all day belongs to whom the infected host obeys.
//!
//! Counts are those of a day of [`FULL_ROWS`] flow rows or more, as for flows.

use std::net::{IpAddr, Ipv4Addr};

use rand::Rng;
use rand::seq::IndexedRandom;

use super::{Answer, Code, kind, odd, resolver};
use crate::Params;
use crate::clock::at;
use crate::flow::Flow;
use crate::hosts::v4;
use crate::incidents::{CONTROL, FULL_ROWS, INFECTED};
use crate::sample::stream;

/// Spot's score of what is certainly bad.
const HIGH: u8 = 1;

/// Whose traffic goes through the tunnel.
pub const TUNNELLER: IpAddr = IpAddr::V4(v4(20, 31));
/// Below this name are the tunnel's; nobody else asks for anything in its registered domain.
pub const TUNNEL: &str = "t.cdn-sync.example.net";
/// First and last answer of the tunnel, milliseconds after midnight.
pub const TUNNEL_TIME: (i64, i64) = (at(10, 50), at(12, 35));
/// Names of a full day, and fewest.
const TUNNEL_NAMES: (usize, usize) = (1_500, 60);
/// Names that are scored.
const TUNNEL_SCORED: usize = 6;

/// Who asks for generated names.
pub const GENERATOR: IpAddr = IpAddr::V4(v4(11, 64));
/// What the one that resolves resolves to, and the port that is then opened there.
pub const RENDEZVOUS: (Ipv4Addr, u16) = (Ipv4Addr::new(198, 51, 100, 88), 8443);
/// Names of a full day, and fewest; the last one resolves.
const GENERATED: (usize, usize) = (300, 25);
/// Milliseconds before the connection at which the first is asked for.
const GENERATED_BEFORE: i64 = 26 * 60_000;
const GENERATED_SCORED: usize = 4;

/// The name that the infected host asks for before each of its calls.
pub const BEACON_NAME: &str = "status.fleet-agent.example.org";
const BEACON_SCORED: usize = 3;

/// Every client that is scored high.
pub const HIGH_CLIENTS: [IpAddr; 3] = [INFECTED, GENERATOR, TUNNELLER];

/// All planted answers, given the planted flows, in no order.
pub fn answers<'a>(
    params: Params,
    midnight_ms: i64,
    flows: impl Iterator<Item = &'a Flow> + Clone,
) -> Vec<Answer> {
    let scale = (params.rows as f64 / FULL_ROWS as f64).min(1.0);
    let scaled = |(full, least): (usize, usize)| ((full as f64 * scale) as usize).max(least);
    // Streams 200 to 223 are the hours'.
    let rng = |n: u64| stream(params.seed, 300 + n);
    let mut all = tunnel(scaled(TUNNEL_NAMES), midnight_ms, &mut rng(0));
    all.extend(generated(scaled(GENERATED), flows.clone(), &mut rng(1)));
    all.extend(beacon(flows, &mut rng(2)));
    all.extend(odd::answers(midnight_ms, &mut rng(99)));
    all
}

/// Scores `count` of the answers that `chosen` accepts, evenly spread over them.
fn score(answers: &mut [Answer], count: usize, chosen: impl Fn(&Answer) -> bool) {
    let rows: Vec<usize> = (0..answers.len()).filter(|&i| chosen(&answers[i])).collect();
    let count = count.min(rows.len());
    for n in 0..count {
        answers[rows[n * rows.len() / count]].scores = (HIGH, HIGH);
    }
}

/// Bytes as letters, in labels below the tunnel's name.
fn carrying(count: usize, letters: &[u8], rng: &mut impl Rng) -> String {
    let mut name = String::with_capacity(count + count / 50 + TUNNEL.len());
    for n in 0..count {
        // A label has at most 63 characters.
        if n % 57 == 56 {
            name.push('.');
        }
        name.push(char::from(*letters.choose(rng).unwrap_or(&b'a')));
    }
    format!("{name}.{TUNNEL}")
}

fn tunnel(names: usize, midnight_ms: i64, rng: &mut impl Rng) -> Vec<Answer> {
    const BASE32: &[u8] = b"abcdefghijklmnopqrstuvwxyz234567";
    const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (begin, end) = TUNNEL_TIME;
    let mut answers = Vec::new();
    for n in 0..names {
        let (kind, letters, bytes) = match rng.random_range(0..10) {
            0..=5 => (kind::TXT, BASE64, rng.random_range(120..760)),
            6..=8 => (kind::NULL, BASE32, rng.random_range(90..900)),
            _ => (kind::CNAME, BASE32, rng.random_range(60..230)),
        };
        // Polls are short, what is carried out is long.
        let room = 200 - TUNNEL.len() - 6;
        let length = if rng.random_bool(0.3) {
            rng.random_range(40..60)
        } else {
            rng.random_range(110..room)
        };
        let name = carrying(length, letters, rng);
        let share = (end - begin) * 1_000 / names as i64;
        let at_us = (midnight_ms + begin) * 1_000 + share * n as i64 + rng.random_range(0..share);
        let mut answer = Answer::new(at_us, TUNNELLER, name, kind, Code::NoError);
        answer.other_bytes = bytes;
        if rng.random_bool(0.04) {
            // Asked again, at the other resolver.
            let mut again = answer.clone();
            again.at_us += rng.random_range(800_000..1_900_000);
            again.server = resolver(TUNNELLER, true);
            answers.push(again);
        }
        answers.push(answer);
    }
    score(&mut answers, TUNNEL_SCORED, |answer| answer.name.len() > 120);
    answers
}

fn generated<'a>(
    names: usize,
    mut flows: impl Iterator<Item = &'a Flow>,
    rng: &mut impl Rng,
) -> Vec<Answer> {
    let (ip, port) = RENDEZVOUS;
    let Some(call) =
        flows.find(|flow| (flow.src, flow.dst, flow.dport) == (GENERATOR, IpAddr::V4(ip), port))
    else {
        return Vec::new();
    };
    let start_us = (call.end_ms - call.length_ms) * 1_000;
    let share = GENERATED_BEFORE * 1_000 / names as i64;
    let mut answers = Vec::new();
    for n in 0..names {
        let length = rng.random_range(12..=16);
        let label: String =
            (0..length).map(|_| char::from(rng.random_range(b'a'..=b'z'))).collect();
        let top = ["test", "invalid", "example"].choose(rng).unwrap_or(&"test");
        let left = (names - 1 - n) as i64;
        let early = share * left + rng.random_range(0..share / 2) + 40_000;
        let name = format!("{label}.{top}");
        let code = match rng.random_range(0..40) {
            0 => Code::ServerFailure,
            _ => Code::NoSuchName,
        };
        let mut answer = Answer::new(start_us - early, GENERATOR, name, kind::A, code);
        answer.other_bytes = 75;
        if left == 0 {
            answer.code = Code::NoError;
            answer.other_bytes = 0;
            answer.addresses.push(ip);
        }
        answers.push(answer);
    }
    score(&mut answers, GENERATED_SCORED, |answer| answer.code == Code::NoSuchName);
    if let Some(found) = answers.last_mut() {
        // The name that was found is the first one that an analyst sees.
        found.scores = (HIGH, HIGH);
    }
    answers
}

fn beacon<'a>(flows: impl Iterator<Item = &'a Flow>, rng: &mut impl Rng) -> Vec<Answer> {
    let IpAddr::V4(control) = CONTROL else { return Vec::new() };
    let calls = flows.filter(|flow| (flow.src, flow.dst) == (INFECTED, CONTROL));
    let mut answers: Vec<Answer> = calls
        .map(|call| {
            let at_us = (call.end_ms - call.length_ms) * 1_000 - rng.random_range(4_000..30_000);
            let name = BEACON_NAME.to_owned();
            let mut answer = Answer::new(at_us, INFECTED, name, kind::A, Code::NoError);
            answer.addresses.push(control);
            answer
        })
        .collect();
    score(&mut answers, BEACON_SCORED, |_| true);
    answers
}

/// One line that names the incidents.
pub fn summary() -> String {
    format!(
        "tunnel {TUNNELLER} below {TUNNEL}; generated names {GENERATOR}, one of them -> {}; {INFECTED} asks for {BEACON_NAME}",
        RENDEZVOUS.0
    )
}
