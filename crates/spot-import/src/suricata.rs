//! Logs of Suricata: EVE, JSON lines, of which `flow` and `dns` become rows.
//!
//! Suricata tells of a flow when it is over, both directions in one, and of each DNS answer. Bytes are those of
//! whole frames, 14 a packet more than IP's on Ethernet.

use serde::Deserialize;
use serde_json::value::RawValue;
use spot_analysis::dns::iana::{rcode_code, type_code};

use crate::json::plain;
use crate::rows::{
    Answer, End, Flow, Row, Skip, add_address, icmp, number, protocol_number, read_address,
};
use crate::times::{Start, in_range, micros};

type Raw<'a> = Option<&'a RawValue>;

/// What is read of an event.
#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow)]
    event_type: Raw<'a>,
    #[serde(borrow)]
    timestamp: Raw<'a>,
    #[serde(borrow)]
    src_ip: Raw<'a>,
    #[serde(borrow)]
    src_port: Raw<'a>,
    #[serde(borrow)]
    dest_ip: Raw<'a>,
    #[serde(borrow)]
    dest_port: Raw<'a>,
    #[serde(borrow)]
    proto: Raw<'a>,
    #[serde(borrow)]
    icmp_type: Raw<'a>,
    #[serde(borrow)]
    icmp_code: Raw<'a>,
    #[serde(borrow)]
    flow: Raw<'a>,
    #[serde(borrow)]
    tcp: Raw<'a>,
    #[serde(borrow)]
    dns: Raw<'a>,
}

/// Of `flow`.
#[derive(Deserialize)]
struct Counts<'a> {
    #[serde(borrow)]
    pkts_toserver: Raw<'a>,
    #[serde(borrow)]
    pkts_toclient: Raw<'a>,
    #[serde(borrow)]
    bytes_toserver: Raw<'a>,
    #[serde(borrow)]
    bytes_toclient: Raw<'a>,
    #[serde(borrow)]
    start: Raw<'a>,
    #[serde(borrow)]
    end: Raw<'a>,
}

/// Of `tcp`: two digits, hexadecimal.
#[derive(Deserialize)]
struct Tcp<'a> {
    #[serde(borrow)]
    tcp_flags_ts: Raw<'a>,
    #[serde(borrow)]
    tcp_flags_tc: Raw<'a>,
}

/// Of `dns`, in each of its versions: 1 has a line for each record, 2 a list of them, 3 a list of questions, too.
#[derive(Deserialize)]
struct Dns<'a> {
    #[serde(borrow, rename = "type")]
    kind: Raw<'a>,
    #[serde(borrow)]
    rrname: Raw<'a>,
    #[serde(borrow)]
    rrtype: Raw<'a>,
    #[serde(borrow)]
    rcode: Raw<'a>,
    #[serde(borrow)]
    rdata: Raw<'a>,
    #[serde(borrow)]
    queries: Raw<'a>,
    #[serde(borrow)]
    answers: Raw<'a>,
    #[serde(borrow)]
    grouped: Raw<'a>,
}

/// A question or an answer.
#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    rrname: Raw<'a>,
    #[serde(borrow)]
    rrtype: Raw<'a>,
    #[serde(borrow)]
    rdata: Raw<'a>,
}

/// Of `grouped`.
#[derive(Deserialize)]
struct Grouped<'a> {
    #[serde(borrow, rename = "A", default)]
    v4: Vec<&'a RawValue>,
    #[serde(borrow, rename = "AAAA", default)]
    v6: Vec<&'a RawValue>,
}

const BROKEN: Skip = "with a part that is not what Suricata writes";

fn part<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Result<T, Skip> {
    serde_json::from_str(raw.get()).map_err(|_| BROKEN)
}

/// A line, without its end.
///
/// # Errors
/// Why it becomes no row.
pub fn row(line: &[u8], start: Start) -> Result<Row, Skip> {
    let event: Event<'_> = serde_json::from_slice(line).map_err(|error| match error.is_eof() {
        true => "cut off: the JSON does not end",
        false => "no JSON object of an EVE log",
    })?;
    match plain(event.event_type).as_deref() {
        Some("flow") => flow(&event, start).map(Row::Flow),
        Some("dns") => answer(&event, start).map(Row::Answer),
        Some(_) => Err("of a kind that has no table (flow and dns have one)"),
        None => Err("without an event_type"),
    }
}

fn flow(event: &Event<'_>, start: Start) -> Result<Flow, Skip> {
    let counts: Counts<'_> = part(event.flow.ok_or(BROKEN)?)?;
    let proto = plain(event.proto).ok_or("without a protocol")?;
    let proto = protocol_number(proto.as_bytes()).ok_or("with a protocol that nobody knows")?;
    let [begin, end] = [counts.start, counts.end].map(plain);
    let end = micros(end.or_else(|| plain(event.timestamp)).ok_or("without a time")?.as_bytes())?;
    let begin = begin.map_or(Ok(end), |begin| micros(begin.as_bytes()))?;
    let [src, mut dst] =
        [end_of(event.src_ip, event.src_port)?, end_of(event.dest_ip, event.dest_port)?];
    if matches!(proto, 1 | 58) {
        let [kind, code] = [event.icmp_type, event.icmp_code].map(port);
        dst.port = icmp(kind?, code?);
    }
    let tcp: Option<Tcp<'_>> = event.tcp.filter(|_| proto == 6).map(part).transpose()?;
    let flags = tcp.map_or((0, 0), |tcp| (flags(tcp.tcp_flags_ts), flags(tcp.tcp_flags_tc)));
    let duration = end.saturating_sub(begin).max(0);
    Ok(Flow {
        end: in_range(end.saturating_add(start.0))?,
        duration: u32::try_from(duration.saturating_add(500) / 1000).unwrap_or(u32::MAX),
        src: if matches!(proto, 1 | 58) { End { port: 0, ..src } } else { src },
        dst,
        proto,
        flags,
        there: (count(counts.pkts_toserver)?, count(counts.bytes_toserver)?),
        back: (count(counts.pkts_toclient)?, count(counts.bytes_toclient)?),
    })
}

fn answer(event: &Event<'_>, start: Start) -> Result<Answer, Skip> {
    let dns: Dns<'_> = part(event.dns.ok_or(BROKEN)?)?;
    if !matches!(plain(dns.kind).as_deref(), Some("answer" | "response")) {
        return Err("a question (its answer is a line of its own)");
    }
    let [src, dst] =
        [end_of(event.src_ip, event.src_port)?, end_of(event.dest_ip, event.dest_port)?];
    // Old versions have the packet's direction, newer ones the flow's.
    let (client, server) = if src.port == 53 && dst.port != 53 { (dst, src) } else { (src, dst) };
    let asked: Vec<Record<'_>> = dns.queries.map_or(Ok(Vec::new()), part)?;
    let asked = asked.first();
    let name = plain(dns.rrname).or_else(|| plain(asked?.rrname));
    let kind = plain(dns.rrtype).or_else(|| plain(asked?.rrtype));
    let rcode = plain(dns.rcode).ok_or("an answer without a code")?;
    let code = |code: Option<i32>| code.and_then(|code| u16::try_from(code).ok());
    Ok(Answer {
        at: in_range(
            micros(plain(event.timestamp).ok_or("without a time")?.as_bytes())?
                .saturating_add(start.0),
        )?,
        client: client.address,
        server: server.address,
        name: name.ok_or("an answer without its question")?.into_owned(),
        class: 1,
        kind: code(kind.and_then(|kind| type_code(&kind))).unwrap_or(0),
        rcode: code(rcode_code(&rcode)).ok_or("with a code that nobody knows")?,
        addresses: addresses(&dns)?,
        length: None,
    })
}

fn addresses(dns: &Dns<'_>) -> Result<String, Skip> {
    let mut all = String::new();
    let answers: Vec<Record<'_>> = dns.answers.map_or(Ok(Vec::new()), part)?;
    let listed = answers.iter().map(|answer| answer.rdata).chain([dns.rdata]);
    listed.filter_map(plain).for_each(|data| add_address(&mut all, data.as_bytes()));
    if let (true, Some(grouped)) = (answers.is_empty(), dns.grouped) {
        let grouped: Grouped<'_> = part(grouped)?;
        let both = grouped.v4.iter().chain(&grouped.v6);
        both.filter_map(|one| plain(Some(one)))
            .for_each(|data| add_address(&mut all, data.as_bytes()));
    }
    Ok(all)
}

fn end_of(address: Raw<'_>, at: Raw<'_>) -> Result<End, Skip> {
    let address = plain(address).ok_or("without an address")?;
    let address = read_address(address.as_bytes()).ok_or("with an address that is none")?;
    Ok(End { address, port: port(at)? })
}

/// A port, and what stands for one.
fn port(value: Raw<'_>) -> Result<u16, Skip> {
    let value = plain(value);
    let port = value.map(|text| number(text.as_bytes()).and_then(|port| port.try_into().ok()));
    port.map_or(Ok(0), |port| port.ok_or("with a port that is none"))
}

fn count(value: Raw<'_>) -> Result<u64, Skip> {
    let count = plain(value).map(|text| number(text.as_bytes()));
    count.map_or(Ok(0), |count| count.ok_or("with a count that is no number"))
}

fn flags(value: Raw<'_>) -> u8 {
    plain(value).and_then(|text| u8::from_str_radix(&text, 16).ok()).unwrap_or(0)
}
