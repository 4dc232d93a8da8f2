//! Logs of Zeek: `conn.log` and `dns.log`, tab-separated or as JSON lines.
//!
//! The time of a row is the end of the connection (`ts` + `duration`), and of an answer when it came (`ts` +
//! `rtt`): what Spot calls `treceived` and `frame_time`.

mod fields;
pub mod json;
pub mod tsv;

use crate::rows::{
    Answer, End, Flow, Row, Skip, flag_bits, icmp, icmp_answer, is_v6, number, protocol_number,
    read_address,
};

pub use fields::Fields;

pub use crate::times::Start;
use crate::times::{in_range, micros};

/// The parts of a line by what they mean; as bytes, for nobody knows what is in a log.
#[derive(Clone, Copy, Debug, Default)]
pub struct Line<'a> {
    /// `ts`.
    pub time: Option<&'a [u8]>,
    /// `id.orig_h`, `id.orig_p`, `id.resp_h`, `id.resp_p`.
    pub orig: (Option<&'a [u8]>, Option<&'a [u8]>),
    /// The other end.
    pub resp: (Option<&'a [u8]>, Option<&'a [u8]>),
    /// `proto`.
    pub proto: Option<&'a [u8]>,
    /// `duration`, of DNS `rtt`.
    pub duration: Option<&'a [u8]>,
    /// `history`.
    pub history: Option<&'a [u8]>,
    /// `orig_pkts`, `orig_ip_bytes`, `orig_bytes`.
    pub there: Counts<'a>,
    /// `resp_pkts`, `resp_ip_bytes`, `resp_bytes`.
    pub back: Counts<'a>,
}

/// What a side sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts<'a> {
    /// Packets.
    pub packets: Option<&'a [u8]>,
    /// Bytes of IP.
    pub bytes: Option<&'a [u8]>,
    /// Bytes of what it carried, where that is all that is known.
    pub payload: Option<&'a [u8]>,
}

/// A connection of `conn.log`.
///
/// # Errors
/// Why it is none.
pub fn flow(line: &Line<'_>, start: Start) -> Result<Flow, Skip> {
    let proto = line.proto.ok_or("without a protocol")?;
    let proto = protocol_number(proto).ok_or("with a protocol that nobody knows")?;
    let duration = line.duration.map(micros).transpose()?.unwrap_or(0).max(0);
    let begin = micros(line.time.ok_or("without a time")?)?.saturating_add(start.0);
    let [mut src, mut dst] = [end(line.orig)?, end(line.resp)?];
    // Zeek calls both kinds `icmp`, and has the type where others have a source port. Its destination port is
    // the code, or where Zeek knows what answers the type, the type of the answer: that has code 0.
    let proto = if proto == 1 && is_v6(src.address) { 58 } else { proto };
    if matches!(proto, 1 | 58) {
        let code = if icmp_answer(proto, src.port) == Some(dst.port) { 0 } else { dst.port };
        dst.port = icmp(src.port, code);
        src.port = 0;
    }
    Ok(Flow {
        end: in_range(begin.saturating_add(duration))?,
        duration: u32::try_from(duration.saturating_add(500) / 1000).unwrap_or(u32::MAX),
        src,
        dst,
        proto,
        flags: if proto == 6 { flags(line.history.unwrap_or_default()) } else { (0, 0) },
        there: counts(&line.there)?,
        back: counts(&line.back)?,
    })
}

/// The parts of a line of `dns.log` that others do not have.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// `query`.
    pub name: Option<&'a [u8]>,
    /// `qclass`, `qtype`, `rcode`: numbers.
    pub codes: [Option<&'a [u8]>; 3],
}

/// An answer of `dns.log`; `addresses` are those of `answers`, `|` between them.
///
/// # Errors
/// Why it is none.
pub fn answer(
    line: &Line<'_>,
    asked: &Asked<'_>,
    addresses: String,
    start: Start,
) -> Result<Answer, Skip> {
    let [class, kind, rcode] = asked.codes;
    let rcode = code(rcode.ok_or("a question that nobody answered")?)?;
    let rtt = line.duration.map(micros).transpose()?.unwrap_or(0).max(0);
    let begin = micros(line.time.ok_or("without a time")?)?.saturating_add(start.0);
    let address = |text: Option<&[u8]>| {
        read_address(text.ok_or("without an address")?).ok_or("with an address that is none")
    };
    Ok(Answer {
        at: in_range(begin.saturating_add(rtt))?,
        client: address(line.orig.0)?,
        server: address(line.resp.0)?,
        name: String::from_utf8_lossy(asked.name.ok_or("an answer without its question")?)
            .into_owned(),
        class: class.map(code).transpose()?.unwrap_or(1),
        kind: kind.map(code).transpose()?.unwrap_or(0),
        rcode,
        addresses,
        length: None,
    })
}

fn end((address, port): (Option<&[u8]>, Option<&[u8]>)) -> Result<End, Skip> {
    let address = address.ok_or("without an address")?;
    let address = read_address(address).ok_or("with an address that is none")?;
    let port = port.map(|text| number(text).and_then(|port| u16::try_from(port).ok()));
    let port = port.map(|port| port.ok_or("with a port that is none"));
    Ok(End { address, port: port.transpose()?.unwrap_or(0) })
}

fn counts(of: &Counts<'_>) -> Result<(u64, u64), Skip> {
    let count = |text: Option<&[u8]>| {
        text.map(|text| number(text).ok_or("with a count that is no number")).transpose()
    };
    let bytes = count(of.bytes)?.or(count(of.payload)?);
    Ok((count(of.packets)?.unwrap_or(0), bytes.unwrap_or(0)))
}

fn code(text: &[u8]) -> Result<u16, Skip> {
    let value = number(text).and_then(|value| u16::try_from(value).ok());
    value.ok_or("with a code that is no number")
}

/// TCP flags of both sides, of Zeek's `history`: upper case is what the originator sent. It tells what was
/// seen, so that these are some of the flags, not all: a SYN and its answer, ACKs, data, FIN, RST.
fn flags(history: &[u8]) -> (u8, u8) {
    let (mut there, mut back) = (0, 0);
    for letter in history {
        let text = match letter.to_ascii_uppercase() {
            b'S' => "S",
            // The answer to a SYN.
            b'H' => "SA",
            b'A' => "A",
            b'D' => "PA",
            // Nobody ends a connection without acknowledging.
            b'F' => "AF",
            b'R' => "R",
            _ => continue,
        };
        let side = if letter.is_ascii_uppercase() { &mut there } else { &mut back };
        *side |= flag_bits(text);
    }
    (there, back)
}

impl From<Flow> for Row {
    fn from(flow: Flow) -> Self {
        Self::Flow(flow)
    }
}

impl From<Answer> for Row {
    fn from(answer: Answer) -> Self {
        Self::Answer(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_tells_flags_of_both_sides() {
        let told = |history: &str| {
            let (there, back) = flags(history.as_bytes());
            [there, back].map(crate::rows::flag_text)
        };
        assert_eq!(told("ShADadFf"), ["...AP.SF", "...AP.SF"]);
        assert_eq!(told("S"), ["......S.", "........"]);
        assert_eq!(told("Sr"), ["......S.", ".....R.."]);
        assert_eq!(told("Dd^"), ["...AP...", "...AP..."]);
    }
}
