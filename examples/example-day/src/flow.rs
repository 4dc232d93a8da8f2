//! Conversations and the flow rows that a router exports of them.
//!
//! Rows are unidirectional, as Spot's nfdump ingest stores them: a conversation gives one row for
//! each direction that had packets, and the reverse columns (`opkt`, `obyt`) stay 0.

use std::net::IpAddr;

use rand::Rng;

/// An exporter cuts a flow at this length (its active timeout), in milliseconds.
pub const ACTIVE_TIMEOUT_MS: i64 = 1_800_000;
/// TCP flags of a conversation that was opened, used and closed.
pub const CLOSED: u8 = SYN | ACK | PSH | FIN;
/// FIN.
pub const FIN: u8 = 1;
/// SYN.
pub const SYN: u8 = 2;
/// RST.
pub const RST: u8 = 4;
/// PSH.
pub const PSH: u8 = 8;
/// ACK.
pub const ACK: u8 = 16;

/// Transport protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proto {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// ICMP for IPv4.
    Icmp,
    /// ICMP for IPv6.
    Icmp6,
}

impl Proto {
    /// The text of column `proto`.
    pub fn name(self) -> &'static str {
        match self {
            Proto::Tcp => "TCP",
            Proto::Udp => "UDP",
            Proto::Icmp => "ICMP",
            Proto::Icmp6 => "ICMP6",
        }
    }
}

/// nfdump's eight letters, `CEUAPRSF`, a dot for each flag that was not seen.
pub fn flag_text(flags: u8) -> String {
    let letters = "CEUAPRSF".chars().enumerate();
    letters.map(|(i, letter)| if flags & (0x80 >> i) != 0 { letter } else { '.' }).collect()
}

/// One row of table `flow`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// When the last packet passed (`treceived`), Unix time in milliseconds.
    pub end_ms: i64,
    /// Length in milliseconds.
    pub length_ms: i64,
    /// Sender.
    pub src: IpAddr,
    /// Receiver.
    pub dst: IpAddr,
    /// Sender's port; 0 for ICMP.
    pub sport: u16,
    /// Receiver's port; type * 256 + code for ICMP.
    pub dport: u16,
    /// Transport protocol.
    pub proto: Proto,
    /// TCP flags that were seen.
    pub flags: u8,
    /// Packets and bytes from sender to receiver.
    pub volume: Volume,
    /// The analyst's score: 1 High, 2 Medium, 3 Low, 0 not scored.
    pub score: u8,
}

/// Packets and IP bytes of one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Volume {
    /// Packets.
    pub packets: u64,
    /// Bytes with IP headers.
    pub bytes: u64,
}

/// Both directions between a client and a server.
#[derive(Clone, Copy, Debug)]
pub struct Conversation {
    /// Who opened it.
    pub client: IpAddr,
    /// Who was asked.
    pub server: IpAddr,
    /// Port of the client, 0 for ICMP.
    pub client_port: u16,
    /// Port of the server; for ICMP the request's type * 256 + code.
    pub server_port: u16,
    /// Transport protocol.
    pub proto: Proto,
    /// End, Unix time in milliseconds.
    pub end_ms: i64,
    /// Length in milliseconds.
    pub length_ms: i64,
    /// What the client sent.
    pub up: Volume,
    /// What the server sent; none when it kept silent.
    pub down: Option<Volume>,
    /// TCP flags of the client and of the server.
    pub flags: (u8, u8),
}

impl Conversation {
    /// The rows, the client's first.
    pub fn rows(&self) -> impl Iterator<Item = Flow> + use<> {
        let up = Flow {
            end_ms: self.end_ms,
            length_ms: self.length_ms.clamp(0, ACTIVE_TIMEOUT_MS),
            src: self.client,
            dst: self.server,
            sport: self.client_port,
            dport: self.server_port,
            proto: self.proto,
            flags: self.flags.0,
            volume: self.up,
            score: 0,
        };
        let (sport, dport) = match self.proto {
            // The reply's type stands where the request's stood; its code is 0.
            Proto::Icmp => (0, 0),
            Proto::Icmp6 => (0, self.server_port + 256),
            Proto::Tcp | Proto::Udp => (self.server_port, self.client_port),
        };
        let down = self.down.map(|volume| Flow {
            src: self.server,
            dst: self.client,
            sport,
            dport,
            flags: self.flags.1,
            volume,
            ..up
        });
        std::iter::once(up).chain(down)
    }
}

/// Packets and bytes of a TCP conversation that carried these payloads: headers, the opening and
/// closing packets and about one acknowledgement for two full segments.
pub fn tcp_volumes(up: u64, down: u64, v6: bool) -> (Volume, Volume) {
    let header = if v6 { 60 } else { 40 };
    let segments = |payload: u64| payload.div_ceil(1400);
    let up_packets = 3 + segments(up) + segments(down) / 2;
    let down_packets = 2 + segments(down) + segments(up) / 2;
    (
        Volume { packets: up_packets, bytes: up + up_packets * header },
        Volume { packets: down_packets, bytes: down + down_packets * header },
    )
}

/// Packets and bytes of one direction of a UDP or ICMP exchange with this payload.
pub fn datagrams(payload: u64, v6: bool) -> Volume {
    let header = if v6 { 48 } else { 28 };
    let packets = payload.div_ceil(1200).max(1);
    Volume { packets, bytes: payload + packets * header }
}

/// `tries` SYN packets, and nothing more.
pub fn syns(tries: u64, v6: bool) -> Volume {
    Volume { packets: tries, bytes: tries * if v6 { 80 } else { 60 } }
}

/// A client's port.
pub fn ephemeral(rng: &mut impl Rng) -> u16 {
    rng.random_range(49_152..=65_535)
}
