//! The rows of an anchor, decoded once: numbers instead of texts, seen from the anchor.

use chrono::{DateTime, NaiveDateTime};
use polars::prelude::*;

use crate::error::{AnalysisError, Result};
use crate::interner::Interner;
use crate::model::{Address, Role};
use crate::rows;

/// Microseconds of a second.
pub(crate) const SECOND: i64 = 1_000_000;

/// TCP flags that tell who began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flags {
    /// A SYN and no ACK: its sender wants to open.
    pub syn_only: bool,
}

/// One row between the anchor and a peer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flow {
    /// Index into [`Flows::peers`].
    pub peer: u32,
    /// The peer's role: source means that the row goes to the anchor.
    pub role: Role,
    /// Index into [`Flows::protos`].
    pub proto: u32,
    pub anchor_port: Option<u16>,
    pub peer_port: Option<u16>,
    /// End, microseconds since 1970; absent when the row has no time.
    pub end: Option<i64>,
    /// Microseconds, never negative.
    pub duration: i64,
    pub flags: Flags,
    pub packets: u64,
    pub bytes: u64,
    pub packets_back: u64,
    pub bytes_back: u64,
}

impl Flow {
    /// Start, microseconds since 1970.
    pub fn start(&self) -> Option<i64> {
        self.end.map(|end| end.saturating_sub(self.duration))
    }
}

/// All rows of an anchor, and what was odd about them.
#[derive(Debug, Default)]
pub(crate) struct Flows {
    pub flows: Vec<Flow>,
    /// Distinct peers, in order of appearance; spellings of one address are one peer.
    pub peers: Vec<Address>,
    /// Distinct protocols, upper case.
    pub protos: Vec<String>,
    /// Rows from the anchor to itself.
    pub self_rows: u64,
    /// For each row of the frame whether it is in `flows`.
    pub is_peer_row: Vec<bool>,
    /// First and last time of all rows, rows of the anchor to itself included.
    pub seen: Option<(i64, i64)>,
    /// For people.
    pub notes: Vec<String>,
}

impl Flows {
    /// Decodes `frame`; rows with the anchor at neither end are left out, with a note.
    pub fn read(frame: &DataFrame, anchor: &Address) -> Result<Self> {
        rows::check(frame)?;
        let height = frame.height();
        if u32::try_from(height).is_err() {
            return Err(AnalysisError::TooManyRows { rows: height });
        }
        let (src, dst) = (frame.column(rows::SRC)?.str()?, frame.column(rows::DST)?.str()?);
        let (proto, flag) = (frame.column(rows::PROTO)?.str()?, frame.column(rows::FLAG)?.str()?);
        let time = frame.column(rows::TIME)?.datetime()?.physical();
        let duration = frame.column(rows::DURATION)?.f64()?;
        let (src_port, dst_port) =
            (frame.column(rows::SRC_PORT)?.i32()?, frame.column(rows::DST_PORT)?.i32()?);
        let counts = [rows::PACKETS, rows::BYTES, rows::PACKETS_BACK, rows::BYTES_BACK]
            .map(|name| frame.column(name).and_then(Column::i64));
        let [packets, bytes, packets_back, bytes_back] = counts;
        let mut counts =
            packets?.iter().zip(bytes?.iter()).zip(packets_back?.iter().zip(bytes_back?.iter()));

        let mut addresses = Interner::<Address>::new();
        let mut protos = Interner::<String>::new();
        let address = |text: &str| {
            let address = Address::new(text);
            (address.as_str().to_owned(), address)
        };
        // The anchor is number 0, the peers follow.
        addresses.number(anchor.as_str(), address);

        let mut out = Self { is_peer_row: vec![false; height], ..Self::default() };
        out.flows.reserve(height);
        let mut odd = Odd::default();
        let mut ports = src_port.iter().zip(dst_port.iter());
        let mut times = time.iter().zip(duration.iter());
        let mut texts = proto.iter().zip(flag.iter());
        for (row, (src, dst)) in src.iter().zip(dst.iter()).enumerate() {
            let (end, duration) = times.next().unwrap_or_default();
            let (src_port, dst_port) = ports.next().unwrap_or_default();
            let (proto, flag) = texts.next().unwrap_or_default();
            let ((packets, bytes), (packets_back, bytes_back)) = counts.next().unwrap_or_default();

            let source = addresses.number(src.unwrap_or_default(), address);
            let destination = addresses.number(dst.unwrap_or_default(), address);
            let (peer, role) = match (source, destination) {
                (0, 0) => {
                    out.self_rows += 1;
                    out.see(end);
                    continue;
                }
                (0, peer) => (peer, Role::Destination),
                (peer, 0) => (peer, Role::Source),
                _ => {
                    odd.strangers += 1;
                    continue;
                }
            };
            out.see(end);
            odd.timeless += u64::from(end.is_none());
            let mut count = |value: Option<i64>| {
                let value = value.unwrap_or(0);
                odd.negative += u64::from(value < 0);
                u64::try_from(value).unwrap_or(0)
            };
            let proto = protos.number(proto.unwrap_or_default(), |text| {
                let name = text.trim().to_ascii_uppercase();
                (name.clone(), name)
            });
            let portless = protos.values.get(proto as usize).is_some_and(|name| is_portless(name));
            let (src_port, dst_port) =
                if portless { (None, None) } else { (port(src_port), port(dst_port)) };
            let (anchor_port, peer_port) = match role {
                Role::Source => (dst_port, src_port),
                Role::Destination => (src_port, dst_port),
            };
            out.is_peer_row[row] = true;
            out.flows.push(Flow {
                peer: peer - 1,
                role,
                proto,
                anchor_port,
                peer_port,
                end,
                duration: micros(duration),
                flags: flags(flag.unwrap_or_default()),
                packets: count(packets),
                bytes: count(bytes),
                packets_back: count(packets_back),
                bytes_back: count(bytes_back),
            });
        }
        out.protos = protos.values;
        out.peers = addresses.values.split_off(1);
        out.notes = odd.notes(anchor);
        Ok(out)
    }

    fn see(&mut self, end: Option<i64>) {
        if let Some(end) = end {
            let (first, last) = self.seen.unwrap_or((end, end));
            self.seen = Some((first.min(end), last.max(end)));
        }
    }
}

/// Rows that a reader should know of.
#[derive(Default)]
struct Odd {
    strangers: u64,
    timeless: u64,
    negative: u64,
}

impl Odd {
    fn notes(&self, anchor: &Address) -> Vec<String> {
        let mut notes = Vec::new();
        if self.strangers > 0 {
            notes.push(format!(
                "{} rows have {anchor} at neither end and were left out",
                self.strangers
            ));
        }
        if self.timeless > 0 {
            notes.push(format!(
                "{} rows have no time; they count, but are in no bin",
                self.timeless
            ));
        }
        if self.negative > 0 {
            notes.push(format!(
                "{} packet or byte counts are negative and were taken as 0",
                self.negative
            ));
        }
        notes
    }
}

/// Port 0 and numbers that are no port say nothing about a service.
fn port(value: Option<i32>) -> Option<u16> {
    value.and_then(|port| u16::try_from(port).ok()).filter(|&port| port != 0)
}

/// ICMP stores type and code where others have ports.
fn is_portless(proto: &str) -> bool {
    matches!(proto, "1" | "58") || proto.contains("ICMP")
}

fn micros(seconds: Option<f64>) -> i64 {
    // `as` saturates, and NaN becomes 0.
    (seconds.unwrap_or(0.0).max(0.0) * SECOND as f64) as i64
}

/// nfdump's letters: `.AP.SF`, or a number as in `0x02`.
fn flags(text: &str) -> Flags {
    let text = text.trim();
    if let Some(hex) = text.strip_prefix("0x") {
        let bits = u8::from_str_radix(hex, 16).unwrap_or(0);
        return Flags { syn_only: bits & 0x12 == 0x02 };
    }
    if text.bytes().any(|letter| !b".CEUAPRSF ".contains(&letter)) {
        return Flags::default();
    }
    let (mut syn, mut ack) = (false, false);
    for letter in text.bytes() {
        syn |= letter == b'S';
        ack |= letter == b'A';
    }
    Flags { syn_only: syn && !ack }
}

/// A time for people and frames; out of chrono's range gives 1970.
pub(crate) fn datetime(micros: i64) -> NaiveDateTime {
    DateTime::from_timestamp_micros(micros).unwrap_or_default().naive_utc()
}
