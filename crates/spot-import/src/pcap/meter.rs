//! Packets to flows, both directions in one (a biflow of RFC 5103).
//!
//! A flow ends when nothing comes for as long as Zeek waits, too: five minutes of TCP, one minute of others; of
//! TCP also when a new connection begins after the old one was closed. There is no active timeout: a long
//! connection is one row.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::rows::{End, Flow, Packet, icmp, icmp_answer};

/// Microseconds without a packet after which a flow is over.
fn patience(proto: u8) -> i64 {
    const MINUTE: i64 = 60_000_000;
    if proto == 6 { 5 * MINUTE } else { MINUTE }
}

/// Time between two looks for flows that are over, in microseconds of the capture.
const LOOK: i64 = 60_000_000;

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const ACK: u8 = 0x10;

type Key = (u8, End, End);

struct Open {
    flow: Flow,
    begin: i64,
    /// Bit 0: the source has sent FIN; bit 1: the destination; both after RST.
    closed: u8,
}

/// Flows that are not over.
#[derive(Default)]
pub struct Meter {
    open: HashMap<Key, Open>,
    looked: i64,
}

impl Meter {
    /// Counts a packet; flows that are over by then go to `done`.
    pub fn take(&mut self, packet: &Packet, done: &mut Vec<Flow>) {
        if packet.at.saturating_sub(self.looked) >= LOOK {
            self.looked = packet.at;
            let now = packet.at;
            done.extend(
                self.open.extract_if(|_, open| is_over(open, now)).map(|(_, open)| finished(open)),
            );
        }
        let (forth, back) = keys(packet);
        for (key, is_back) in [(forth, false), (back, true)] {
            let Entry::Occupied(mut entry) = self.open.entry(key) else { continue };
            let is_new = packet.flags & (SYN | ACK) == SYN && entry.get().closed == 3;
            if is_new || is_over(entry.get(), packet.at) {
                done.push(finished(entry.remove()));
            } else {
                count(entry.get_mut(), packet, is_back);
                return;
            }
        }
        // An answer whose question was not captured tells who had asked.
        let is_back = packet.flags & (SYN | ACK) == SYN | ACK;
        let (src, dst) = if is_back { (packet.dst, packet.src) } else { (packet.src, packet.dst) };
        let flow = Flow {
            end: packet.at,
            duration: 0,
            src,
            dst,
            proto: packet.proto,
            flags: (0, 0),
            there: (0, 0),
            back: (0, 0),
        };
        let mut open = Open { flow, begin: packet.at, closed: 0 };
        count(&mut open, packet, is_back);
        self.open.insert((packet.proto, src, dst), open);
    }

    /// The flows that were open at the end.
    pub fn finish(&mut self, done: &mut Vec<Flow>) {
        done.extend(self.open.drain().map(|(_, open)| finished(open)));
    }
}

/// Under which a packet's flow is found if the packet goes its way, and if it comes back.
fn keys(packet: &Packet) -> (Key, Key) {
    let Packet { src, dst, proto, .. } = *packet;
    if !matches!(proto, 1 | 58) {
        return ((proto, src, dst), (proto, dst, src));
    }
    // A flow of ICMP is named after the question's type.
    let asked = icmp_answer(proto, dst.port >> 8).map_or(dst.port, |kind| icmp(kind, 0));
    let back = (proto, End { port: 0, ..dst }, End { port: asked, ..src });
    ((proto, src, dst), back)
}

fn is_over(open: &Open, now: i64) -> bool {
    now.saturating_sub(open.flow.end) > patience(open.flow.proto)
}

fn count(open: &mut Open, packet: &Packet, is_back: bool) {
    let flow = &mut open.flow;
    // Packets of two cards may lie in another order.
    flow.end = flow.end.max(packet.at);
    open.begin = open.begin.min(packet.at);
    let (counts, flags) = match is_back {
        false => (&mut flow.there, &mut flow.flags.0),
        true => (&mut flow.back, &mut flow.flags.1),
    };
    counts.0 += 1;
    counts.1 = counts.1.saturating_add(packet.bytes);
    *flags |= packet.flags;
    if packet.flags & RST != 0 {
        open.closed = 3;
    } else if packet.flags & FIN != 0 {
        open.closed |= if is_back { 2 } else { 1 };
    }
}

fn finished(Open { mut flow, begin, .. }: Open) -> Flow {
    let duration = flow.end.saturating_sub(begin).max(0);
    flow.duration = u32::try_from(duration.saturating_add(500) / 1000).unwrap_or(u32::MAX);
    flow
}
