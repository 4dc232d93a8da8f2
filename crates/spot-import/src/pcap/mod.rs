//! Captures of packets, which the program tshark takes apart. Packets become flows here ([`meter`]), DNS answers
//! become rows.
//!
//! Asked for as JSON lines (`-T ek`): what is in a packet was written by whoever sent it, and other outputs of
//! tshark have no quotes.

pub mod meter;

use std::io::Read;
use std::process::Command;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use spot_analysis::dns::iana::class_code;
use spot_store::{Result, StoreError};

use crate::json::plain;
use crate::program::{Program, Source};
use crate::rows::{Answer, End, Packet, Row, Skip, add_address, icmp, number, read_address};
use crate::times::{Start, in_range, micros};

const FIELDS: [&str; 27] = [
    "frame.time_epoch",
    "frame.len",
    "frame.protocols",
    "ip.src",
    "ip.dst",
    "ip.proto",
    "ip.len",
    "ipv6.src",
    "ipv6.dst",
    "ipv6.nxt",
    "ipv6.plen",
    "tcp.srcport",
    "tcp.dstport",
    "tcp.flags",
    "udp.srcport",
    "udp.dstport",
    "icmp.type",
    "icmp.code",
    "icmpv6.type",
    "icmpv6.code",
    "dns.flags.response",
    "dns.qry.name",
    "dns.qry.type",
    "dns.qry.class",
    "dns.flags.rcode",
    "dns.a",
    "dns.aaaa",
];

/// All values of a field: outer headers come first.
#[derive(Default)]
struct Values<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Values<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let list = <&RawValue>::deserialize(from)?;
        // One value may stand without its list.
        Ok(Self(serde_json::from_str(list.get()).unwrap_or_else(|_| vec![list])))
    }
}

impl Values<'_> {
    fn text(&self) -> Option<std::borrow::Cow<'_, str>> {
        plain(self.0.first().copied())
    }

    fn number(&self) -> Option<u64> {
        let text = self.text()?;
        match text.strip_prefix("0x") {
            Some(hex) => u64::from_str_radix(hex, 16).ok(),
            None => number(text.as_bytes()),
        }
    }

    fn small<T: TryFrom<u64>>(&self) -> Option<T> {
        self.number()?.try_into().ok()
    }

    /// Versions of tshark write `1`, `"1"`, `"True"` or `true`.
    fn is_set(&self) -> bool {
        let value = self.0.first().map(|value| value.get().trim_matches('"'));
        value.is_some_and(|value| value == "1" || value.eq_ignore_ascii_case("true"))
    }
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    layers: Option<Layers<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Layers<'a> {
    #[serde(borrow)]
    frame_time_epoch: Values<'a>,
    #[serde(borrow)]
    frame_len: Values<'a>,
    #[serde(borrow)]
    frame_protocols: Values<'a>,
    #[serde(borrow)]
    ip_src: Values<'a>,
    #[serde(borrow)]
    ip_dst: Values<'a>,
    #[serde(borrow)]
    ip_proto: Values<'a>,
    #[serde(borrow)]
    ip_len: Values<'a>,
    #[serde(borrow)]
    ipv6_src: Values<'a>,
    #[serde(borrow)]
    ipv6_dst: Values<'a>,
    #[serde(borrow)]
    ipv6_nxt: Values<'a>,
    #[serde(borrow)]
    ipv6_plen: Values<'a>,
    #[serde(borrow)]
    tcp_srcport: Values<'a>,
    #[serde(borrow)]
    tcp_dstport: Values<'a>,
    #[serde(borrow)]
    tcp_flags: Values<'a>,
    #[serde(borrow)]
    udp_srcport: Values<'a>,
    #[serde(borrow)]
    udp_dstport: Values<'a>,
    #[serde(borrow)]
    icmp_type: Values<'a>,
    #[serde(borrow)]
    icmp_code: Values<'a>,
    #[serde(borrow)]
    icmpv6_type: Values<'a>,
    #[serde(borrow)]
    icmpv6_code: Values<'a>,
    #[serde(borrow)]
    dns_flags_response: Values<'a>,
    #[serde(borrow)]
    dns_qry_name: Values<'a>,
    #[serde(borrow)]
    dns_qry_type: Values<'a>,
    #[serde(borrow)]
    dns_qry_class: Values<'a>,
    #[serde(borrow)]
    dns_flags_rcode: Values<'a>,
    #[serde(borrow)]
    dns_a: Values<'a>,
    #[serde(borrow)]
    dns_aaaa: Values<'a>,
}

/// A line, without its end; `None` of those that tshark writes between packets.
///
/// # Errors
/// Why it becomes no row.
pub fn row(line: &[u8], start: Start) -> std::result::Result<Option<Row>, Skip> {
    let line: Line<'_> =
        serde_json::from_slice(line).map_err(|_| "no JSON object of tshark's (-T ek)")?;
    line.layers.map(|layers| packet(&layers, start).map(Row::Packet)).transpose()
}

fn packet(layers: &Layers<'_>, start: Start) -> std::result::Result<Packet, Skip> {
    let protocols = layers.frame_protocols.text().unwrap_or_default();
    // Of a tunnel the outer header counts.
    let outer = protocols.split(':').find(|layer| matches!(*layer, "ip" | "ipv6"));
    let (src, dst, bytes) = match outer {
        Some("ip") => (&layers.ip_src, &layers.ip_dst, layers.ip_len.number()),
        Some(_) => {
            let bytes = layers.ipv6_plen.number().filter(|bytes| *bytes > 0);
            (&layers.ipv6_src, &layers.ipv6_dst, bytes.map(|bytes| bytes.saturating_add(40)))
        }
        None => return Err("of another protocol than IP"),
    };
    let address = |of: &Values<'_>| {
        let text = of.text().ok_or("without an address")?;
        read_address(text.as_bytes()).ok_or("with an address that is none")
    };
    let (mut src, mut dst) =
        (End { address: address(src)?, port: 0 }, End { address: address(dst)?, port: 0 });
    let proto = match outer {
        Some("ip") => layers.ip_proto.small(),
        // Behind extension headers.
        _ if layers.icmpv6_type.number().is_some() => Some(58),
        _ if layers.tcp_flags.number().is_some() => Some(6),
        _ if layers.udp_srcport.number().is_some() => Some(17),
        _ => layers.ipv6_nxt.small(),
    };
    let proto: u8 = proto.ok_or("without a protocol")?;
    let port = |of: &Values<'_>| of.small::<u16>().unwrap_or(0);
    match proto {
        1 => dst.port = icmp(port(&layers.icmp_type), port(&layers.icmp_code)),
        58 => dst.port = icmp(port(&layers.icmpv6_type), port(&layers.icmpv6_code)),
        6 => (src.port, dst.port) = (port(&layers.tcp_srcport), port(&layers.tcp_dstport)),
        17 => (src.port, dst.port) = (port(&layers.udp_srcport), port(&layers.udp_dstport)),
        _ => {}
    }
    let at = layers.frame_time_epoch.text().ok_or("without a time")?;
    let at = in_range(micros(at.as_bytes())?.saturating_add(start.0))?;
    let length = layers.frame_len.small::<u32>();
    // Where the sender's card was to fill it in, IP has no length.
    let unknown = || length.map_or(0, |length| u64::from(length.saturating_sub(14)));
    let flags = layers.tcp_flags.number().map_or(0, |flags| (flags & 0xff) as u8);
    let is_dns = matches!(proto, 6 | 17) && protocols.split(':').any(|layer| layer == "dns");
    let answer = (is_dns && layers.dns_flags_response.is_set())
        .then(|| answer(layers, (src.address, dst.address), (at, length)))
        .flatten();
    Ok(Packet {
        at,
        src,
        dst,
        proto,
        flags: if proto == 6 { flags } else { 0 },
        bytes: bytes.filter(|bytes| *bytes > 0).unwrap_or_else(unknown),
        answer,
    })
}

/// The first answer of a packet; `None` of one without its question.
fn answer(
    layers: &Layers<'_>,
    (server, client): (u128, u128),
    (at, length): (i64, Option<u32>),
) -> Option<Answer> {
    let mut addresses = String::new();
    for one in layers.dns_a.0.iter().chain(&layers.dns_aaaa.0) {
        if let Some(text) = plain(Some(one)) {
            add_address(&mut addresses, text.as_bytes());
        }
    }
    let class = layers.dns_qry_class.text().and_then(|text| class_code(&text));
    Some(Answer {
        at,
        client,
        server,
        name: layers.dns_qry_name.text()?.into_owned(),
        class: class.and_then(|class| class.try_into().ok()).unwrap_or(1),
        kind: layers.dns_qry_type.small().unwrap_or(0),
        rcode: layers.dns_flags_rcode.small().unwrap_or(0),
        addresses,
        length,
    })
}

/// What tshark says of a capture, a line for each packet and one before it.
///
/// # Errors
/// There is no such program.
pub fn lines(capture: Box<dyn Read + Send>, name: &str) -> Result<impl Read + Send + use<>> {
    let mut command = Command::new("tshark");
    // Names are looked up nowhere; nobody's own settings count.
    command.args(["-r", "-", "-n", "-T", "ek"]).env("WIRESHARK_CONFIG_DIR", "/nonexistent");
    for field in FIELDS {
        command.args(["-e", field]);
    }
    let is_fault = |line: &str| line.contains("cut short");
    let program = Program { command, source: Source::Bytes(capture), is_fault };
    program.start().map_err(|error| {
        let fix = "install tshark (Debian: apt install tshark; it comes with Wireshark), or let Suricata read the capture \
                   (suricata -r FILE -l FOLDER) and import FOLDER/eve.json with `spot import suricata`";
        let what = format!("a capture is read by the program tshark, which cannot be started: {error}");
        StoreError::usage(what, fix).at(name)
    })
}
