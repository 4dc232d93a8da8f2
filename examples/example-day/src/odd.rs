//! Connections that look odd and are harmless: what an analyst has scored Medium and Low.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rand::Rng;

use crate::clock::at;
use crate::flow::{
    ACK, CLOSED, Conversation, Flow, Proto, RST, SYN, datagrams, ephemeral, syns, tcp_volumes,
};
use crate::hosts::{v4, v6};

/// One such connection.
struct Odd {
    from: IpAddr,
    to: IpAddr,
    port: u16,
    proto: Proto,
    /// End, milliseconds after midnight.
    when: i64,
    /// Payload bytes up and down; both 0: refused.
    payload: (u64, u64),
    /// Length in seconds.
    seconds: i64,
    /// 2 Medium, 3 Low.
    score: u8,
}

const fn out4(a: u8, b: u8, c: u8, d: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(a, b, c, d))
}

const fn in4(subnet: u8, host: u8) -> IpAddr {
    IpAddr::V4(v4(subnet, host))
}

#[rustfmt::skip]
const ODD: [Odd; 8] = [
    // The partner delivers at night, as agreed.
    Odd { from: out4(198, 51, 100, 70), to: in4(1, 22), port: 22, proto: Proto::Tcp,
          when: at(2, 15), payload: (48_000_000, 310_000), seconds: 95, score: 3 },
    // The weekly copy of the backup to a cloud.
    Odd { from: in4(0, 50), to: out4(198, 51, 100, 20), port: 443, proto: Proto::Tcp,
          when: at(4, 25), payload: (1_200_000_000, 900_000), seconds: 1_500, score: 3 },
    // A printer that asks a time server of its own choice.
    Odd { from: in4(0, 36), to: out4(192, 0, 2, 243), port: 123, proto: Proto::Udp,
          when: at(6, 0), payload: (48, 48), seconds: 0, score: 2 },
    // Somebody tries a chat network; the other side refuses.
    Odd { from: in4(20, 31), to: out4(203, 0, 113, 41), port: 6667, proto: Proto::Tcp,
          when: at(10, 42), payload: (0, 0), seconds: 0, score: 2 },
    // A web service on an unusual port.
    Odd { from: in4(11, 64), to: out4(198, 51, 100, 88), port: 8443, proto: Proto::Tcp,
          when: at(11, 18), payload: (7_300, 81_000), seconds: 14, score: 2 },
    // A film at lunch.
    Odd { from: IpAddr::V6(v6(10, 24)), to: IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0x12, 0, 0, 0, 0, 5)),
          port: 443, proto: Proto::Tcp, when: at(12, 48), payload: (2_400_000, 740_000_000), seconds: 1_720, score: 3 },
    // A visitor takes a copy of the whole web site.
    Odd { from: out4(203, 0, 113, 150), to: in4(1, 80), port: 443, proto: Proto::Tcp,
          when: at(16, 5), payload: (3_100_000, 210_000_000), seconds: 610, score: 2 },
    // A large mail attachment.
    Odd { from: in4(1, 25), to: out4(198, 51, 100, 140), port: 25, proto: Proto::Tcp,
          when: at(17, 12), payload: (34_000_000, 900), seconds: 41, score: 3 },
];

/// The rows; the client's row of each carries the score.
pub(crate) fn flows(midnight_ms: i64, rng: &mut impl Rng) -> Vec<Flow> {
    let mut flows = Vec::new();
    for odd in &ODD {
        let v6 = odd.from.is_ipv6();
        let (sent, received) = odd.payload;
        let (up, down, flags) = match odd.proto {
            Proto::Tcp if odd.payload == (0, 0) => (syns(1, v6), syns(1, v6), (SYN, ACK | RST)),
            Proto::Tcp => {
                let (up, down) = tcp_volumes(sent, received, v6);
                (up, down, (CLOSED, CLOSED))
            }
            _ => (datagrams(sent, v6), datagrams(received, v6), (0, 0)),
        };
        let talk = Conversation {
            client: odd.from,
            server: odd.to,
            client_port: ephemeral(rng),
            server_port: odd.port,
            proto: odd.proto,
            end_ms: midnight_ms + odd.when + rng.random_range(0..60_000),
            length_ms: odd.seconds * 1_000 + rng.random_range(1..900),
            up,
            down: Some(down),
            flags,
        };
        // The client's row comes first.
        flows.extend(talk.rows().zip([odd.score, 0]).map(|(flow, score)| Flow { score, ..flow }));
    }
    flows
}
