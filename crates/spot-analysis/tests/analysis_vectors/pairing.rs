//! Who began, and which port is the service's.

use spot_analysis::network::Network;

use crate::given::{Outcome, frame, parse, search};

/// What, rows between 10.0.0.5 and 192.0.2.1 (time duration src port dst port proto flag packets
/// bytes; A is the anchor, P the peer), then `began by_anchor/conversations ports`.
const CASES: &[(&str, &str, &str)] = &[
    (
        "starts differ: the earlier one began",
        "
        09:00:10 10 A 40000 P 8999 TCP .AP.SF 1 1
        09:00:12 8  P 8999 A 40000 TCP .AP.SF 1 1",
        "anchor 1/1 [8999]",
    ),
    (
        "the earlier one began, whatever the ports say",
        "
        09:00:10 10 A 443 P 50000 TCP .AP.SF 1 1
        09:00:12 8  P 50000 A 443 TCP .AP.SF 1 1",
        "anchor 1/1 [443]",
    ),
    (
        "cut to the second, half a second tells nothing: the port does",
        "
        09:00:10 1.5 A 443 P 50000 TCP .AP.SF 1 1
        09:00:10 1.0 P 50000 A 443 TCP .AP.SF 1 1",
        "peer? 0/1 [443]",
    ),
    (
        "with fractions, a millisecond tells",
        "
        09:00:10.5   1 A 8080 P 50000 TCP .AP.SF 1 1
        09:00:10.501 1 P 50000 A 8080 TCP .AP.SF 1 1",
        "anchor 1/1 [8080]",
    ),
    (
        "a gap of 60 s is one conversation",
        "
        09:00 0 P 50000 A 22 TCP - 1 1
        09:01 0 A 22 P 50000 TCP - 1 1",
        "peer 0/1 [22]",
    ),
    (
        "a gap of 61 s is two",
        "
        09:00:00 0 P 50000 A 22 TCP - 1 1
        09:01:01 0 A 22 P 50000 TCP - 1 1",
        "peer? 0/2 [22]",
    ),
    (
        "a long flow overlaps later rows of it",
        "
        09:10:00 600 P 50000 A 22 TCP - 1 1
        09:05:00 240 A 22 P 50000 TCP - 1 1
        09:10:00 290 A 22 P 50000 TCP - 1 1",
        "peer 0/1 [22]",
    ),
    (
        "other ports are another conversation",
        "
        09:00:00 0 P 50000 A 22 TCP - 1 1
        09:00:30 0 A 22 P 50001 TCP - 1 1",
        "peer? 0/2 [22]",
    ),
    (
        "so is another protocol",
        "
        09:00:00 0 P 50000 A 53 TCP - 1 1
        09:00:30 0 A 53 P 50000 UDP - 1 1",
        "peer? 0/2 [53]",
    ),
    (
        "one direction stays single rows",
        "
        09:00:00 0 A 50000 P 443 UDP - 1 1
        09:00:01 0 A 50000 P 443 UDP - 1 1",
        "anchor? 2/2 [443]",
    ),
    (
        "a SYN without ACK is sure, and its target is the service",
        "
        09:00 0 A 443 P 50000 TCP ....S. 1 1",
        "anchor 1/1 [50000]",
    ),
    (
        "a SYN in hexadecimal too",
        "
        09:00 0 P 443 A 50000 TCP 0x02 1 1",
        "peer 0/1 [50000]",
    ),
    (
        "a scan: one source port, many targets, each a service",
        "
        09:00:00 0 P 36050 A 50001 TCP ....S. 1 1
        09:00:00 0 A 50001 P 36050 TCP .A.R.. 1 1
        09:00:00 0 P 36050 A 50002 TCP ....S. 1 1
        09:00:00 0 P 36050 A 50003 TCP ....S. 1 1",
        "peer 0/3 [50001, 50002, 50003]",
    ),
    (
        "both sent a SYN: equal starts, the well-known port serves",
        "
        09:00 0 A 40000 P 25 TCP ....S. 1 1
        09:00 0 P 25 A 40000 TCP ....S. 1 1",
        "anchor? 1/1 [25]",
    ),
    (
        "a known port before an unknown lower one",
        "
        09:00 0 A 2000 P 3389 TCP - 1 1",
        "anchor? 1/1 [3389]",
    ),
    (
        "the port with more counterparts serves, though higher",
        "
        09:00:00 0 A 1200 P 4444 TCP - 1 1
        09:00:10 0 A 1201 P 4444 TCP - 1 1
        09:00:20 0 A 1202 P 4444 TCP - 1 1",
        "anchor? 3/3 [4444]",
    ),
    (
        "equal ports and no start: unknown",
        "
        09:00 0 A 123 P 123 UDP - 1 1",
        "unknown? 0/1 [123]",
    ),
    (
        "ICMP has no ports; 2048 is an echo",
        "
        09:00:05 0 A 0 P 2048 ICMP - 1 1
        09:00:09 0 P 0 A 0 ICMP - 1 1",
        "anchor 1/1 []",
    ),
    (
        "some each",
        "
        09:00 0 A 50000 P 22 TCP ....S. 1 1
        09:10 0 P 50000 A 22 TCP ....S. 1 1",
        "both 1/2 [22]",
    ),
    (
        "nine of ten are nearly all",
        "
        09:00 0 P 50000 A 22 TCP ....S. 1 1
        09:10 0 A 50001 P 22 TCP ....S. 1 1
        09:11 0 A 50002 P 22 TCP ....S. 1 1
        09:12 0 A 50003 P 22 TCP ....S. 1 1
        09:13 0 A 50004 P 22 TCP ....S. 1 1
        09:14 0 A 50005 P 22 TCP ....S. 1 1
        09:15 0 A 50006 P 22 TCP ....S. 1 1
        09:16 0 A 50007 P 22 TCP ....S. 1 1
        09:17 0 A 50008 P 22 TCP ....S. 1 1
        09:18 0 A 50009 P 22 TCP ....S. 1 1",
        "anchor 9/10 [22]",
    ),
];

#[test]
fn who_began_and_on_which_port() -> Outcome {
    for (what, rows, expected) in CASES {
        let rows = rows.replace(" A ", " 10.0.0.5 ").replace(" P ", " 192.0.2.1 ");
        let mut rows = parse(&rows).map_err(|error| format!("{what}: {error}"))?;
        for turn in ["as written", "reversed"] {
            let found = search(&frame(&rows)?, "10.0.0.5", &Network::default())?;
            let [peer] = &found.peers[..] else {
                return Err(format!("{what}: not one peer").into());
            };
            let began = peer.initiator;
            let sure = if began.sure { "" } else { "?" };
            let seen = format!(
                "{}{sure} {}/{} {:?}",
                began.began.name(),
                began.by_anchor,
                began.conversations,
                peer.service_ports
            );
            assert_eq!(&seen, expected, "{what}, {turn}");
            rows.reverse();
        }
    }
    Ok(())
}
