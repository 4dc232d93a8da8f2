//! Which of a row's two ports is the service's.
//!
//! In this order, and the first that tells decides:
//! 1. ICMP has no ports; type and code are not taken for them. Port 0 is no port either.
//! 2. A row with SYN and no ACK in one direction only: the port that it is sent to.
//! 3. A port below 1024 before one of [`REGISTERED`], and these before all others.
//! 4. The port that is used with more counterparts: a client takes a new port for each connection,
//!    the service keeps its own.
//! 5. The lower number.
//!
//! Known limit: a UDP scan from one high port to many high ports looks like a service on the port
//! that scans.

/// Well-known services above 1023, after IANA's registry and common use.
pub const REGISTERED: [u16; 42] = [
    1080, 1194, 1433, 1434, 1521, 1701, 1723, 1812, 1813, 1883, 1900, 2049, 2181, 2375, 2376, 3000,
    3128, 3268, 3269, 3306, 3389, 3478, 4500, 4789, 5000, 5060, 5061, 5222, 5353, 5355, 5432, 5671,
    5672, 5900, 5985, 5986, 6379, 8000, 8080, 8443, 9200, 27017,
];

/// One end of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Anchor,
    Peer,
}

impl End {
    pub fn other(self) -> Self {
        match self {
            Self::Anchor => Self::Peer,
            Self::Peer => Self::Anchor,
        }
    }
}

/// The service port of all rows between the same two ports of the same two addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Service {
    pub port: Option<u16>,
    /// Who serves; absent when both ports are the same and no flag tells.
    pub end: Option<End>,
}

/// A port and with how many others it was seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Used {
    pub port: Option<u16>,
    pub counterparts: u32,
}

/// Decides by the rules above; `opened_by` is the end whose SYN went unanswered in the same row.
pub(crate) fn service(anchor: Used, peer: Used, opened_by: Option<End>) -> Service {
    let of = |end: End| Service {
        port: match end {
            End::Anchor => anchor.port,
            End::Peer => peer.port,
        },
        end: Some(end),
    };
    let (anchor_port, peer_port) = match (anchor.port, peer.port) {
        (None, None) => return Service::default(),
        (Some(_), None) => return of(End::Anchor),
        (None, Some(_)) => return of(End::Peer),
        (Some(anchor_port), Some(peer_port)) => (anchor_port, peer_port),
    };
    if let Some(client) = opened_by {
        return of(client.other());
    }
    if anchor_port == peer_port {
        return Service { port: Some(anchor_port), end: None };
    }
    let rank = |used: Used, port: u16| (rank(port), u32::MAX - used.counterparts, port);
    of(if rank(anchor, anchor_port) < rank(peer, peer_port) { End::Anchor } else { End::Peer })
}

fn rank(port: u16) -> u8 {
    match port {
        ..1024 => 0,
        _ if REGISTERED.binary_search(&port).is_ok() => 1,
        _ => 2,
    }
}
