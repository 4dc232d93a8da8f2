//! Flows of nfdump: its CSV, and nfcapd files, which the program `nfdump` turns into that.
//!
//! The time of a row is the flow's end (`te`). Times of CSV are in the zone of whoever ran nfdump; nfcapd files
//! are read with `TZ=UTC`, and a CSV should be made so, too.

use std::io::Read;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use chrono::NaiveDateTime;
use memchr::memchr;
use spot_store::{Result, StoreError};

use crate::program::{Program, Source};
use crate::rows::{End, Flow, Row, Skip, flag_bits, icmp, number, protocol_number, read_address};
use crate::times::in_range;

/// Lines that say what the columns of the following ones are, or that none are to follow.
pub const MARKS: [&[u8]; 3] = [b"ts,", b"firstSeen,", b"Summary"];

/// The columns, as the line with their names has them.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    meanings: Vec<Option<Meaning>>,
    /// What follows are sums.
    summary: bool,
}

#[derive(Clone, Copy, Debug)]
enum Meaning {
    Start,
    End,
    Duration,
    Src,
    Dst,
    SrcPort,
    DstPort,
    Proto,
    Flags,
    Packets,
    Bytes,
    PacketsBack,
    BytesBack,
}

impl Meaning {
    /// Of a column's name, in the old and in the new CSV.
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "ts" | "firstSeen" => Self::Start,
            "te" | "lastSeen" => Self::End,
            "td" | "duration" => Self::Duration,
            "sa" | "srcAddr" => Self::Src,
            "da" | "dstAddr" => Self::Dst,
            "sp" | "srcPort" => Self::SrcPort,
            "dp" | "dstPort" => Self::DstPort,
            "pr" | "proto" => Self::Proto,
            "flg" | "flags" => Self::Flags,
            "ipkt" | "packets" => Self::Packets,
            "ibyt" | "bytes" => Self::Bytes,
            "opkt" => Self::PacketsBack,
            "obyt" => Self::BytesBack,
            _ => return None,
        })
    }
}

impl Columns {
    /// Takes a line of [`MARKS`].
    pub fn take(&mut self, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        let names = text.trim_end().split(',');
        self.summary = text.starts_with("Summary");
        self.meanings = names.map(|name| Meaning::of(name.trim())).collect();
    }
}

/// A line below the names; `None` of the sums at the end.
///
/// # Errors
/// Why it becomes no row.
pub fn row(line: &[u8], columns: &Columns, start: i64) -> Result<Option<Row>, Skip> {
    if columns.summary {
        return Ok(None);
    }
    if columns.meanings.is_empty() {
        return Err("before any line with the names of columns");
    }
    let mut parts: [Option<&[u8]>; 13] = [None; 13];
    let (mut rest, mut read) = (Some(line), 0);
    for meaning in &columns.meanings {
        let Some(text) = rest else { break };
        let (part, after) = match memchr(b',', text) {
            Some(at) => (&text[..at], Some(&text[at + 1..])),
            None => (text, None),
        };
        rest = after;
        read += 1;
        if let Some(meaning) = meaning {
            let part = part.trim_ascii();
            parts[*meaning as usize] = (!part.is_empty()).then_some(part);
        }
    }
    if read < columns.meanings.len() {
        return Err("cut off: fewer columns than the first line has");
    }
    let of = |meaning: Meaning| parts[meaning as usize];
    let duration = of(Meaning::Duration).map(seconds).transpose()?.unwrap_or(0);
    let end = match (of(Meaning::End), of(Meaning::Start)) {
        (Some(end), _) => time(end)?,
        (None, Some(begin)) => time(begin)?.saturating_add(duration),
        (None, None) => return Err("without a time"),
    };
    let proto = of(Meaning::Proto).ok_or("without a protocol")?;
    let proto = protocol_number(proto).ok_or("with a protocol that nobody knows")?;
    let mut ends = [End::default(); 2];
    for (end, (address, port)) in
        ends.iter_mut().zip([(Meaning::Src, Meaning::SrcPort), (Meaning::Dst, Meaning::DstPort)])
    {
        let address = of(address).ok_or("without an address")?;
        end.address = read_address(address).ok_or("with an address that is none")?;
        end.port = of(port).map_or(Ok(0), |text| self::port(text, proto))?;
    }
    let count = |meaning: Meaning| {
        of(meaning).map_or(Ok(0), |text| number(text).ok_or("with a count that is no number"))
    };
    let flags = of(Meaning::Flags).map_or(0, |text| flag_bits(&String::from_utf8_lossy(text)));
    Ok(Some(Row::Flow(Flow {
        end: end.saturating_add(start),
        duration: u32::try_from(duration / 1000).unwrap_or(u32::MAX),
        src: ends[0],
        dst: ends[1],
        proto,
        // Of both directions together where a row has both.
        flags: (flags, flags),
        there: (count(Meaning::Packets)?, count(Meaning::Bytes)?),
        back: (count(Meaning::PacketsBack)?, count(Meaning::BytesBack)?),
    })))
}

/// A port; of ICMP nfdump writes `TYPE.CODE`.
fn port(text: &[u8], proto: u8) -> Result<u16, Skip> {
    const NONE: Skip = "with a port that is none";
    let small = |text: &[u8]| number(text).and_then(|value| u16::try_from(value).ok()).ok_or(NONE);
    match (memchr(b'.', text), proto) {
        (Some(at), 1 | 58) => Ok(icmp(small(&text[..at])?, small(&text[at + 1..])?)),
        _ => small(text),
    }
}

/// Microseconds.
fn seconds(text: &[u8]) -> Result<i64, Skip> {
    let value: Option<f64> = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
    let micros =
        value.filter(|value| (0.0..9e9).contains(value)).map(|value| (value * 1e6).round());
    micros.map(|micros| micros as i64).ok_or("with a time that is none")
}

fn time(text: &[u8]) -> Result<i64, Skip> {
    let text = std::str::from_utf8(text).ok();
    let at = text.and_then(|text| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok());
    in_range(at.ok_or("with a time that is none")?.and_utc().timestamp_micros())
}

/// Whether a file is nfcapd's, by its first bytes.
pub fn is_capture(first: &[u8]) -> bool {
    matches!(first, [0x0c, 0xa5, ..] | [0xa5, 0x0c, ..])
}

/// The CSV of an nfcapd file, as the program nfdump writes it. When it is read, `read` has all its bytes.
///
/// # Errors
/// There is no such program.
pub fn csv(path: &Path, read: Arc<AtomicU64>) -> Result<impl Read + Send + use<>> {
    let mut command = Command::new("nfdump");
    command.args(["-r".as_ref(), path.as_os_str(), "-o".as_ref(), "csv".as_ref()]).env("TZ", "UTC");
    let source = Source::Path { size: path.metadata().map_or(0, |of| of.len()), read };
    // Of a damaged file nfdump gives what it could read, complains, and ends well.
    let is_fault = |line: &str| {
        let line = line.to_lowercase();
        line.contains("error") || line.contains("corrupt")
    };
    Program { command, source, is_fault }.start().map_err(|error| {
        let fix = "install nfdump (Debian: apt install nfdump), or give what `TZ=UTC nfdump -r FILE -o csv` writes";
        let what = format!("an nfcapd file is read by the program nfdump, which cannot be started: {error}");
        StoreError::usage(what, fix).at(path.display())
    })
}
