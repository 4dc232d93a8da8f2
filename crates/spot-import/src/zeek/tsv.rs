//! Tab-separated logs.

use memchr::memchr;

use super::fields::{Fields, Kind, Meaning};
use super::{Asked, Line, Start, answer, flow};
use crate::rows::{Row, Skip, add_address};

/// A line below the header, without its end.
///
/// # Errors
/// Why it becomes no row.
pub fn row(line: &[u8], fields: &Fields, start: Start) -> Result<Row, Skip> {
    let kind = fields.kind.ok_or(match fields.meanings.is_empty() {
        true => "before any line #fields",
        false => "of a log that is neither conn nor dns",
    })?;
    let (mut parts, mut asked, mut answers) = (Line::default(), Asked::default(), None);
    let mut rest = Some(line);
    let mut read = 0;
    for meaning in &fields.meanings {
        let Some(text) = rest else { break };
        let (part, after) = match memchr(fields.separator, text) {
            Some(at) => (&text[..at], Some(&text[at + 1..])),
            None => (text, None),
        };
        rest = after;
        read += 1;
        let Some(meaning) = meaning else { continue };
        if part == fields.unset.as_slice() || part == fields.empty.as_slice() {
            continue;
        }
        let place = match meaning {
            Meaning::Time => &mut parts.time,
            Meaning::OrigAddress => &mut parts.orig.0,
            Meaning::OrigPort => &mut parts.orig.1,
            Meaning::RespAddress => &mut parts.resp.0,
            Meaning::RespPort => &mut parts.resp.1,
            Meaning::Proto => &mut parts.proto,
            Meaning::Duration => &mut parts.duration,
            Meaning::History => &mut parts.history,
            Meaning::OrigPackets => &mut parts.there.packets,
            Meaning::OrigBytes => &mut parts.there.bytes,
            Meaning::OrigPayload => &mut parts.there.payload,
            Meaning::RespPackets => &mut parts.back.packets,
            Meaning::RespBytes => &mut parts.back.bytes,
            Meaning::RespPayload => &mut parts.back.payload,
            Meaning::Query => &mut asked.name,
            Meaning::Class => &mut asked.codes[0],
            Meaning::Type => &mut asked.codes[1],
            Meaning::Rcode => &mut asked.codes[2],
            Meaning::Answers => &mut answers,
        };
        *place = Some(part);
    }
    if read < fields.meanings.len() {
        return Err("cut off: fewer columns than #fields has");
    }
    match kind {
        Kind::Conn => flow(&parts, start).map(Row::from),
        Kind::Dns => {
            let mut addresses = String::new();
            let answers = answers.unwrap_or_default();
            answers
                .split(|byte| *byte == fields.set_separator)
                .for_each(|one| add_address(&mut addresses, one));
            answer(&parts, &asked, addresses, start).map(Row::from)
        }
    }
}
