//! The intrusion that is planted in the day, as data; the crate's page tells it as a story, and
//! [`crate::plant`] makes rows of it.
//!
//! Counts are those of a day of [`FULL_ROWS`] rows or more. Shorter days hold fewer attempts of each
//! kind, but always every kind, and every scored connection.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::clock::at;
use crate::hosts::{Role, v4, v6};
use crate::sample::Size;

/// Rows of a day that holds the incidents in full.
pub const FULL_ROWS: usize = 40_000;

const fn inside4(subnet: u8, host: u8) -> IpAddr {
    IpAddr::V4(v4(subnet, host))
}

/// A workstation that obeys somebody outside.
pub const INFECTED: IpAddr = inside4(10, 57);
/// Whom it obeys.
pub const CONTROL: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 77));
/// Who sweeps over the site before dawn.
pub const SCANNER: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 199));
/// Who guesses ssh passwords.
pub const GUESSER: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 201));
/// The ssh gateway that is guessed at.
pub const GATEWAY: IpAddr = inside4(1, 22);
/// The mail server, open to the Internet.
pub const MAIL: IpAddr = inside4(1, 25);
/// First domain controller.
pub const CONTROLLER: IpAddr = inside4(0, 10);
/// The file server that is read out.
pub const FILES: IpAddr = inside4(0, 30);
/// The terminal server that is broken into.
pub const TERMINAL: IpAddr = inside4(0, 40);
/// The same machine over IPv6.
pub const TERMINAL6: IpAddr = IpAddr::V6(v6(0, 40));
/// Where the upload goes.
pub const DROP: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0x66, 0, 0, 0, 0, 0xe1));
/// Outside addresses of the story, kept free of ordinary traffic.
pub const OUTSIDE: [IpAddr; 4] = [CONTROL, SCANNER, GUESSER, DROP];
/// Every address that score-1 rows name; what Spot shows as the high list.
pub const HIGH_LIST: [IpAddr; 11] = [
    INFECTED, CONTROL, SCANNER, GUESSER, GATEWAY, MAIL, CONTROLLER, FILES, TERMINAL, TERMINAL6,
    DROP,
];

/// Regular small conversations, as a remote-controlled host has them.
#[derive(Debug)]
pub struct Beacon {
    /// Who calls.
    pub from: IpAddr,
    /// Who answers.
    pub to: IpAddr,
    /// Port called.
    pub port: u16,
    /// Milliseconds between two calls.
    pub period_ms: i64,
    /// Largest deviation of one interval, in milliseconds.
    pub jitter_ms: i64,
    /// Fewest calls, however short the day.
    pub least: usize,
}

/// One SYN or a few to each of many hosts and ports.
#[derive(Debug)]
pub struct Sweep {
    /// Who looks.
    pub from: IpAddr,
    /// Who is looked at first, and scored.
    pub first: &'static [IpAddr],
    /// Ports, in order.
    pub ports: &'static [u16],
    /// First and last end, milliseconds after midnight.
    pub when: (i64, i64),
    /// Probes of a full day, and fewest.
    pub probes: (usize, usize),
    /// Servers and ports that answer with an open port.
    pub open: &'static [(Role, u16)],
    /// Share of closed ports that say so.
    pub refused: f64,
}

/// Many alike conversations between two hosts in a short time: password guessing, copying.
#[derive(Debug)]
pub struct Burst {
    /// Who opens.
    pub from: IpAddr,
    /// Who is asked.
    pub to: IpAddr,
    /// Port asked.
    pub port: u16,
    /// First and last end, milliseconds after midnight.
    pub when: (i64, i64),
    /// Conversations of a full day, and fewest.
    pub count: (usize, usize),
    /// Payload bytes up, payload bytes down, seconds.
    pub sizes: (Size, Size, Size),
    /// Payload bytes up, down and seconds of the last conversation, when it differs.
    pub last: Option<(u64, u64, i64)>,
    /// How many client rows are scored High.
    pub scored: usize,
}

const fn size(median: f64, spread: f64) -> Size {
    Size { median, spread }
}

/// All day: the beacon.
pub const BEACON: Beacon = Beacon {
    from: INFECTED,
    to: CONTROL,
    port: 443,
    period_ms: 300_000,
    jitter_ms: 14_000,
    least: 24,
};

/// Before dawn: the sweep from outside. The edge shows it after address translation.
pub const SWEEP: Sweep = Sweep {
    from: SCANNER,
    first: &[GATEWAY, MAIL],
    ports: &[22, 25, 80, 443, 445, 3389, 8080, 8443],
    when: (at(3, 10), at(4, 20)),
    probes: (1_600, 40),
    open: &[(Role::Gateway, 22), (Role::Mail, 25), (Role::Web, 80), (Role::Web, 443)],
    refused: 0.0,
};

/// After lunch: the infected host looks round.
pub const LATERAL: Sweep = Sweep {
    from: INFECTED,
    first: &[CONTROLLER, FILES, TERMINAL],
    ports: &[445, 3389, 22, 135, 5985],
    when: (at(13, 35), at(13, 58)),
    probes: (1_100, 30),
    open: &[
        (Role::Controller, 445),
        (Role::Controller, 135),
        (Role::Controller, 5985),
        (Role::Files, 445),
        (Role::Terminal, 445),
        (Role::Terminal, 3389),
        (Role::Gateway, 22),
    ],
    refused: 0.35,
};

/// Conversations in bursts, in the order of the day.
pub const BURSTS: [Burst; 4] = [
    // ssh passwords, all of them wrong.
    Burst {
        from: GUESSER,
        to: GATEWAY,
        port: 22,
        when: (at(5, 5), at(6, 20)),
        count: (420, 20),
        sizes: (size(1_900.0, 0.1), size(2_500.0, 0.1), size(2.8, 0.3)),
        last: None,
        scored: 3,
    },
    // Remote desktop passwords; the last one fits, and a session of 24 minutes follows.
    Burst {
        from: INFECTED,
        to: TERMINAL,
        port: 3389,
        when: (at(14, 10), at(15, 5)),
        count: (160, 12),
        sizes: (size(2_300.0, 0.1), size(1_700.0, 0.1), size(1.9, 0.3)),
        last: Some((410_000, 6_800_000, 1_440)),
        scored: 3,
    },
    // The terminal server reads the file server. Nobody has scored this yet.
    Burst {
        from: TERMINAL,
        to: FILES,
        port: 445,
        when: (at(18, 30), at(19, 35)),
        count: (24, 24),
        sizes: (size(400_000.0, 0.3), size(900e6, 0.4), size(160.0, 0.3)),
        last: None,
        scored: 0,
    },
    // And uploads what it read, compressed; the last flow is 3 GiB, more than 32 bits can say.
    Burst {
        from: TERMINAL6,
        to: DROP,
        port: 443,
        when: (at(20, 40), at(22, 45)),
        count: (13, 13),
        sizes: (size(800e6, 0.35), size(1.5e6, 0.3), size(430.0, 0.2)),
        last: Some((3_221_225_472, 5_300_000, 560)),
        scored: 4,
    },
];

/// One line that names the incidents by address.
pub fn summary() -> String {
    let [ssh, rdp, copy, upload] = &BURSTS;
    format!(
        "beacon {} -> {}:{}; sweeps from {} and {}; passwords guessed {} -> {}:{} and {} -> {}:{}; files read {} -> {}:{}; upload {} -> {}",
        BEACON.from,
        BEACON.to,
        BEACON.port,
        SWEEP.from,
        LATERAL.from,
        ssh.from,
        ssh.to,
        ssh.port,
        rdp.from,
        rdp.to,
        rdp.port,
        copy.from,
        copy.to,
        copy.port,
        upload.from,
        upload.to
    )
}
