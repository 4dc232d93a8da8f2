//! Questions that look odd and are harmless: what an analyst has scored Medium and Low.

use std::net::{IpAddr, Ipv4Addr};

use rand::Rng;

use super::{Answer, Code, kind};
use crate::clock::at;
use crate::hosts::v4;

/// One such question: who, what for, type, code, when, and the scores of client and name.
type Odd = (IpAddr, &'static str, u16, Code, i64, (u8, u8));

const fn in4(subnet: u8, host: u8) -> IpAddr {
    IpAddr::V4(v4(subnet, host))
}

/// The chat network, and where it refuses.
const CHAT: (&str, Ipv4Addr) = ("irc.open-planet.example", Ipv4Addr::new(203, 0, 113, 41));

#[rustfmt::skip]
const ODD: [Odd; 7] = [
    // A file check with its long name: the same on many hosts.
    (in4(10, 40), "0123456789abcdef0123456789abcdef.fedcba9876543210fedcba9876543210.files.virus-check.example",
     kind::TXT, Code::NoError, at(8, 20), (0, 3)),
    // A policy of a sender, as the mail server reads it before every delivery.
    (in4(1, 25), "_dmarc.quiet-harbor.example", kind::TXT, Code::NoError, at(9, 5), (3, 3)),
    // A printer that asks for its maker's time server.
    (in4(0, 36), "time.printer-maker.example", kind::A, Code::NoSuchName, at(6, 0), (2, 0)),
    // The chat network that refused.
    (in4(20, 31), CHAT.0, kind::A, Code::NoError, at(10, 42) - 1, (0, 2)),
    // Letters that only look like others.
    (in4(11, 30), "xn--ble-harbor-beb.example", kind::A, Code::NoSuchName, at(13, 12), (0, 2)),
    // Somebody asks for everything at once; the server refuses.
    (in4(10, 24), "corp.test", 255, Code::Refused, at(15, 41), (3, 0)),
    // A name that was never removed from a script.
    (in4(0, 50), "tape-library.corp.test", kind::A, Code::NoSuchName, at(1, 0), (0, 3)),
];

/// The answers.
pub(super) fn answers(midnight_ms: i64, rng: &mut impl Rng) -> Vec<Answer> {
    ODD.iter()
        .map(|&(client, name, kind, code, when, scores)| {
            let at_us = (midnight_ms + when) * 1_000 + rng.random_range(0..1_000);
            let mut answer = Answer::new(at_us, client, name.to_owned(), kind, code);
            match name == CHAT.0 {
                true => answer.addresses.push(CHAT.1),
                false => answer.other_bytes = 60,
            }
            answer.scores = scores;
            answer
        })
        .collect()
}
