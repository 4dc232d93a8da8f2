//! Logs as JSON lines; names with dots, or (RockNSM) with underscores.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::fields::{Kind, kind};
use super::{Asked, Counts, Line, Start, answer, flow};
use crate::json::{bytes, plain};
use crate::rows::{Row, Skip, add_address};

/// What is read of a line. Numbers stay text: `1588205198.89971` is not what a float makes of it.
#[derive(Deserialize)]
struct Parts<'a> {
    #[serde(borrow)]
    ts: Option<&'a RawValue>,
    #[serde(borrow, rename = "id.orig_h", alias = "id_orig_h")]
    orig_h: Option<&'a RawValue>,
    #[serde(borrow, rename = "id.orig_p", alias = "id_orig_p")]
    orig_p: Option<&'a RawValue>,
    #[serde(borrow, rename = "id.resp_h", alias = "id_resp_h")]
    resp_h: Option<&'a RawValue>,
    #[serde(borrow, rename = "id.resp_p", alias = "id_resp_p")]
    resp_p: Option<&'a RawValue>,
    #[serde(borrow)]
    proto: Option<&'a RawValue>,
    #[serde(borrow, alias = "rtt")]
    duration: Option<&'a RawValue>,
    #[serde(borrow)]
    history: Option<&'a RawValue>,
    #[serde(borrow)]
    conn_state: Option<&'a RawValue>,
    #[serde(borrow)]
    orig_pkts: Option<&'a RawValue>,
    #[serde(borrow)]
    orig_ip_bytes: Option<&'a RawValue>,
    #[serde(borrow)]
    orig_bytes: Option<&'a RawValue>,
    #[serde(borrow)]
    resp_pkts: Option<&'a RawValue>,
    #[serde(borrow)]
    resp_ip_bytes: Option<&'a RawValue>,
    #[serde(borrow)]
    resp_bytes: Option<&'a RawValue>,
    #[serde(borrow)]
    query: Option<&'a RawValue>,
    #[serde(borrow)]
    qclass: Option<&'a RawValue>,
    #[serde(borrow)]
    qtype: Option<&'a RawValue>,
    #[serde(borrow)]
    rcode: Option<&'a RawValue>,
    #[serde(borrow)]
    answers: Option<&'a RawValue>,
}

/// A line, without its end.
///
/// # Errors
/// Why it becomes no row.
pub fn row(line: &[u8], start: Start) -> Result<Row, Skip> {
    let parts: Parts<'_> = serde_json::from_slice(line).map_err(|error| match error.is_eof() {
        true => "cut off: the JSON does not end",
        false => "no JSON object of a Zeek log",
    })?;
    let kind = kind(&|name| match name {
        "conn_state" => parts.conn_state.is_some(),
        "orig_pkts" => parts.orig_pkts.is_some(),
        "resp_pkts" => parts.resp_pkts.is_some(),
        // A line has what its connection had: of one that nobody answered there is no rcode.
        "query" => parts.query.is_some() || parts.rcode.is_some(),
        "qtype" => parts.qtype.is_some(),
        "rcode" => parts.rcode.is_some(),
        _ => false,
    });
    let kind = kind.ok_or("of a log that is neither conn nor dns")?;
    let texts =
        [parts.ts, parts.orig_h, parts.orig_p, parts.resp_h, parts.resp_p, parts.proto].map(plain);
    let [time, orig_h, orig_p, resp_h, resp_p, proto] = &texts;
    let (duration, history) = (plain(parts.duration), plain(parts.history));
    let sent = [
        parts.orig_pkts,
        parts.orig_ip_bytes,
        parts.orig_bytes,
        parts.resp_pkts,
        parts.resp_ip_bytes,
        parts.resp_bytes,
    ]
    .map(plain);
    let counts = |at: usize| Counts {
        packets: bytes(&sent[at]),
        bytes: bytes(&sent[at + 1]),
        payload: bytes(&sent[at + 2]),
    };
    let line = Line {
        time: bytes(time),
        orig: (bytes(orig_h), bytes(orig_p)),
        resp: (bytes(resp_h), bytes(resp_p)),
        proto: bytes(proto),
        duration: bytes(&duration),
        history: bytes(&history),
        there: counts(0),
        back: counts(3),
    };
    match kind {
        Kind::Conn => flow(&line, start).map(Row::from),
        Kind::Dns => {
            let name = plain(parts.query);
            let codes = [parts.qclass, parts.qtype, parts.rcode].map(plain);
            let asked = Asked {
                name: bytes(&name),
                codes: [bytes(&codes[0]), bytes(&codes[1]), bytes(&codes[2])],
            };
            let mut addresses = String::new();
            let list = parts
                .answers
                .and_then(|list| serde_json::from_str::<Vec<Cow<'_, str>>>(list.get()).ok());
            list.iter().flatten().for_each(|one| add_address(&mut addresses, one.as_bytes()));
            answer(&line, &asked, addresses, start).map(Row::from)
        }
    }
}
