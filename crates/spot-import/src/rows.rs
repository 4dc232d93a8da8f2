//! What an import makes of a line, before it is a row of a table.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A flow between two ends, both directions in one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flow {
    /// End, microseconds since 1970: what Spot calls the time of a flow.
    pub end: i64,
    /// Milliseconds.
    pub duration: u32,
    /// Who began.
    pub src: End,
    /// The other end.
    pub dst: End,
    /// Number of the protocol.
    pub proto: u8,
    /// TCP flags that the source sent, as bits of [`FLAGS`], and those that came back.
    pub flags: (u8, u8),
    /// Packets and bytes (of IP) from source to destination.
    pub there: (u64, u64),
    /// The other way.
    pub back: (u64, u64),
}

/// Address and port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct End {
    /// IPv4 addresses as IPv6 has them: `::ffff:10.0.0.5`.
    pub address: u128,
    /// 0 where there is none; of ICMP see [`icmp`].
    pub port: u16,
}

/// A DNS answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Answer {
    /// When it came, microseconds since 1970.
    pub at: i64,
    /// Who asked; as [`End::address`].
    pub client: u128,
    /// Who answered.
    pub server: u128,
    /// What was asked for, as the log has it.
    pub name: String,
    /// Class and type of the question.
    pub class: u16,
    /// 1 for A.
    pub kind: u16,
    /// 3 for NXDOMAIN.
    pub rcode: u16,
    /// The addresses that came, `|` between them.
    pub addresses: String,
    /// Bytes of the frame, where that is known.
    pub length: Option<u32>,
}

/// A packet of a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Microseconds since 1970.
    pub at: i64,
    /// Who sent it; of ICMP without port.
    pub src: End,
    /// Who was to get it; of ICMP see [`icmp`].
    pub dst: End,
    /// Number of the protocol.
    pub proto: u8,
    /// TCP flags, as bits of [`FLAGS`].
    pub flags: u8,
    /// Of IP.
    pub bytes: u64,
    /// What it answered to a DNS question.
    pub answer: Option<Answer>,
}

/// A line that became something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// Of a log of connections.
    Flow(Flow),
    /// Of a log of DNS.
    Answer(Answer),
    /// Of a capture; it becomes part of a flow.
    Packet(Packet),
}

/// Why a line became no row. The text is for people; the same for all lines that have the same fault.
pub type Skip = &'static str;

/// The letters of TCP flags, as nfdump writes them, the highest bit first: `CEUAPRSF`.
pub const FLAGS: [u8; 8] = *b"CEUAPRSF";

/// Flags as nfdump writes them, with dots for those that were not seen: `...AP.SF`.
pub fn flag_text(bits: u8) -> String {
    let letter = |(place, letter): (usize, &u8)| match bits & (0x80 >> place) {
        0 => '.',
        _ => char::from(*letter),
    };
    FLAGS.iter().enumerate().map(letter).collect()
}

/// The bits of such a text; letters that are none count as nothing.
pub fn flag_bits(text: &str) -> u8 {
    let bit = |letter: u8| {
        let place = FLAGS.iter().position(|flag| *flag == letter.to_ascii_uppercase());
        place.map_or(0, |place| 0x80 >> place)
    };
    text.bytes().fold(0, |bits, letter| bits | bit(letter))
}

/// The port by which Spot tells kinds of ICMP: type * 256 + code.
pub fn icmp(kind: u16, code: u16) -> u16 {
    (kind & 0xff) << 8 | code & 0xff
}

/// The type of ICMP (protocol 1) or ICMPv6 (58) that answers another one.
pub fn icmp_answer(proto: u8, kind: u16) -> Option<u16> {
    const PAIRS: [(u8, u16, u16); 7] = [
        (1, 8, 0),
        (1, 10, 9),
        (1, 13, 14),
        (1, 15, 16),
        (58, 128, 129),
        (58, 133, 134),
        (58, 135, 136),
    ];
    // Zeek pairs reports of multicast listeners in both directions.
    const BOTH: [(u8, u16, u16); 2] = [(58, 130, 131), (58, 131, 130)];
    let pairs = PAIRS.iter().flat_map(|&(of, a, b)| [(of, a, b), (of, b, a)]);
    let found = pairs.chain(BOTH).find(|&(of, asked, _)| of == proto && asked == kind);
    found.map(|(.., answer)| answer)
}

/// Whether a number is an IPv6 address.
pub fn is_v6(number: u128) -> bool {
    address(number).is_ipv6()
}

/// An address as a number; IPv4 as IPv6 has it.
pub fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

/// A whole number; some programs write `52.0`.
pub fn number(text: &[u8]) -> Option<u64> {
    let digits = text.strip_suffix(b".0").unwrap_or(text);
    if digits.is_empty() || digits.len() > 19 {
        return None;
    }
    digits.iter().try_fold(0u64, |value, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        Some(value * 10 + u64::from(digit))
    })
}

/// The address of a number.
pub fn address(number: u128) -> IpAddr {
    Ipv6Addr::from_bits(number).to_canonical()
}

/// Adds what is an address of an answer, `|` between them; other answers are texts, names and the like.
pub fn add_address(addresses: &mut String, answer: &[u8]) {
    if let Some(number) = read_address(answer) {
        if !addresses.is_empty() {
            addresses.push('|');
        }
        addresses.push_str(&self::address(number).to_string());
    }
}

/// An address of a log: IPv4 is most of them.
pub fn read_address(text: &[u8]) -> Option<u128> {
    read_v4(text).map(|v4| bits(IpAddr::V4(v4))).or_else(|| {
        let text = std::str::from_utf8(text).ok()?;
        // fe80::1%eth0: what is behind the sign is nobody else's.
        let text = text.split('%').next()?;
        text.parse().ok().map(bits)
    })
}

fn read_v4(text: &[u8]) -> Option<Ipv4Addr> {
    let mut octets = [0u8; 4];
    let mut parts = text.split(|byte| *byte == b'.');
    for octet in &mut octets {
        let part = parts.next()?;
        if part.is_empty() || part.len() > 3 || (part.len() > 1 && part[0] == b'0') {
            return None;
        }
        let mut value = 0u16;
        for byte in part {
            value = value * 10 + u16::from(byte.checked_sub(b'0').filter(|digit| *digit < 10)?);
        }
        *octet = u8::try_from(value).ok()?;
    }
    parts.next().is_none().then(|| octets.into())
}

/// The name that Spot's tables have for a protocol.
pub fn protocol(number: u8) -> String {
    match number {
        1 => "ICMP".to_owned(),
        2 => "IGMP".to_owned(),
        6 => "TCP".to_owned(),
        17 => "UDP".to_owned(),
        41 => "IPv6".to_owned(),
        47 => "GRE".to_owned(),
        50 => "ESP".to_owned(),
        51 => "AH".to_owned(),
        58 => "ICMP6".to_owned(),
        89 => "OSPF".to_owned(),
        132 => "SCTP".to_owned(),
        other => other.to_string(),
    }
}

/// The number of a protocol that a log names, in any case.
pub fn protocol_number(name: &[u8]) -> Option<u8> {
    const NAMES: [(&[u8], u8); 15] = [
        (b"tcp", 6),
        (b"udp", 17),
        (b"icmp", 1),
        (b"icmp6", 58),
        (b"ipv6-icmp", 58),
        (b"icmpv6", 58),
        (b"igmp", 2),
        (b"ipv6", 41),
        (b"gre", 47),
        (b"esp", 50),
        (b"ah", 51),
        (b"ospf", 89),
        (b"sctp", 132),
        // Zeek's, of what is none of the others.
        (b"unknown_transport", 0),
        (b"unknown", 0),
    ];
    let known = NAMES.iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
    known.map(|(_, number)| *number).or_else(|| std::str::from_utf8(name).ok()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_the_standard_library_reads_them() {
        let texts = [
            "10.0.0.5",
            "0.0.0.0",
            "255.255.255.255",
            "256.1.1.1",
            "1.2.3",
            "1.2.3.4.5",
            "01.2.3.4",
            "1..2.3",
            "",
            ".",
            "a.b.c.d",
            "1.2.3.4 ",
            "::1",
            "2001:DB8::5",
            "::ffff:10.0.0.5",
            "fe80::1",
        ];
        for text in texts {
            let expected = text.parse::<IpAddr>().ok().map(|address| address.to_canonical());
            assert_eq!(read_address(text.as_bytes()).map(address), expected, "{text}");
        }
        assert_eq!(read_address(b"fe80::1%eth0").map(address), "fe80::1".parse().ok());
        assert_eq!(read_address(b"\xff\xfe"), None);
    }

    #[test]
    fn flags_are_written_as_nfdump_does_and_read_back() {
        for (text, bits) in [("........", 0), ("...AP.SF", 0b0001_1011), ("CEUAPRSF", 0xff)] {
            assert_eq!((flag_text(bits).as_str(), flag_bits(text)), (text, bits));
        }
        assert_eq!(flag_bits(".AP.SF"), 0b0001_1011);
    }

    #[test]
    fn protocols_have_names_and_numbers() {
        for (name, number, spots) in
            [("tcp", 6, "TCP"), ("ICMP6", 58, "ICMP6"), ("137", 137, "137")]
        {
            let found = protocol_number(name.as_bytes());
            assert_eq!((found, found.map(protocol)), (Some(number), Some(spots.to_owned())));
        }
        assert_eq!(protocol_number(b"no such"), None);
        assert_eq!(icmp(8, 0), 2048);
    }
}
