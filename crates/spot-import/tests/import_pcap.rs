//! Captures to tables, through the program tshark: packets that are made here, and a real capture.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Command;

use common::{DNS, FLOW, import_as, import_one, rows, said, shared};
use spot_import::pcap::{self, meter::Meter};
use spot_import::rows::{End, Flow, Packet, Row, bits, flag_bits, flag_text, icmp};
use spot_import::{Directions, Input, Start, Tool};

/// Says so where the program is not there.
fn has_tshark() -> bool {
    let is_there = Command::new("tshark").arg("--version").output().is_ok();
    if !is_there {
        eprintln!("skipped: the program tshark is not there");
    }
    is_there
}

const CLIENT: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 5);
const SERVER: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 9);
const SYN: u8 = 0x02;
const ACK: u8 = 0x10;
const FIN: u8 = 0x01;

/// An Ethernet frame.
fn frame(src: Ipv4Addr, dst: Ipv4Addr, proto: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
    out.extend([0x45, 0]);
    out.extend((20 + payload.len() as u16).to_be_bytes());
    out.extend([0, 1, 0, 0, 64, proto, 0, 0]);
    out.extend(src.octets());
    out.extend(dst.octets());
    out.extend(payload);
    out
}

fn tcp(sport: u16, dport: u16, flags: u8, data: &[u8]) -> Vec<u8> {
    let mut out = [sport.to_be_bytes(), dport.to_be_bytes()].concat();
    out.extend([0, 0, 0, 1, 0, 0, 0, 1, 0x50, flags, 1, 0, 0, 0, 0, 0]);
    out.extend(data);
    out
}

fn udp(sport: u16, dport: u16, data: &[u8]) -> Vec<u8> {
    let mut out = [sport.to_be_bytes(), dport.to_be_bytes()].concat();
    out.extend((8 + data.len() as u16).to_be_bytes());
    out.extend([0, 0]);
    out.extend(data);
    out
}

/// An answer with an address, to a question for `labels`.
fn dns(labels: &[&[u8]], address: Ipv4Addr) -> Vec<u8> {
    let mut out = vec![0, 1, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0];
    for label in labels {
        out.push(label.len() as u8);
        out.extend(*label);
    }
    out.extend([0, 0, 1, 0, 1, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
    out.extend(address.octets());
    out
}

/// Frames at seconds of 2016-07-08 as a pcap file.
fn capture(frames: &[(f64, Vec<u8>)]) -> Vec<u8> {
    let mut out = [0xa1b2_c3d4u32.to_le_bytes(), [2, 0, 4, 0], [0; 4], [0; 4]].concat();
    out.extend(65_535u32.to_le_bytes());
    out.extend(1u32.to_le_bytes());
    for (at, frame) in frames {
        let (seconds, micros) = (at.floor(), (at.fract() * 1e6).round());
        out.extend((1_467_936_000 + seconds as u32).to_le_bytes());
        out.extend((micros as u32).to_le_bytes());
        out.extend((frame.len() as u32).to_le_bytes());
        out.extend((frame.len() as u32).to_le_bytes());
        out.extend(frame);
    }
    out
}

fn file(folder: &Path, frames: &[(f64, Vec<u8>)]) -> Input {
    let path = folder.join("day.pcap");
    fs::write(&path, capture(frames)).expect("capture");
    Input::File(path)
}

#[test]
fn packets_become_flows_and_answers() {
    if !has_tshark() {
        return;
    }
    let frames = [
        (
            1.0,
            frame(SERVER, CLIENT, 17, &udp(53, 5000, &dns(&[b"c2", b"evil", b"example"], SERVER))),
        ),
        // Names are what attackers like.
        (1.5, frame(SERVER, CLIENT, 17, &udp(53, 5000, &dns(&[b"<b>\t\"x", b"example"], SERVER)))),
        (2.0, frame(CLIENT, SERVER, 6, &tcp(50_000, 443, SYN, b""))),
        (2.25, frame(SERVER, CLIENT, 6, &tcp(443, 50_000, SYN | ACK, b""))),
        (3.5, frame(CLIENT, SERVER, 6, &tcp(50_000, 443, ACK, b"hello"))),
        (4.0, frame(CLIENT, SERVER, 1, &[8, 0, 0, 0, 0, 1, 0, 1])),
        (4.5, frame(SERVER, CLIENT, 1, &[0, 0, 0, 0, 0, 1, 0, 1])),
        (5.0, vec![0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 2, 8, 6, 0, 1, 8, 0, 6, 4]),
    ];
    let root = tempfile::tempdir().expect("folder");
    let data = root.path().join("data");
    let done = import_one(&Tool::Pcap, file(root.path(), &frames), &data);
    let log = &done.logs[0];
    assert_eq!((log.rows, log.lines), ((3, 2), 8), "{log:?}");
    assert_eq!(
        (log.skipped[0].why, log.skipped[0].first.as_slice()),
        ("of another protocol than IP", &[8][..])
    );
    assert_eq!(
        rows(&data, "flow", FLOW),
        [
            "2016-07-08 00:00:01 0.5 203.0.113.9 53 10.0.0.5 5000 UDP ........ 2 153 0 0",
            "2016-07-08 00:00:03 1.5 10.0.0.5 50000 203.0.113.9 443 TCP ...A..S. 2 85 1 40",
            "2016-07-08 00:00:04 0.5 10.0.0.5 0 203.0.113.9 2048 ICMP ........ 1 28 1 28",
        ]
    );
    let answers = rows(&data, "dns", DNS);
    assert_eq!(
        answers[0],
        "Jul  8 2016 00:00:01.000000000 UTC 91 10.0.0.5 203.0.113.9 c2.evil.example 0x00000001 1 0 203.0.113.9"
    );
    assert!(answers[1].contains(" <b>") && answers[1].contains("\"x.example "), "{}", answers[1]);
}

#[test]
fn what_is_no_capture_is_told_in_a_line() {
    if !has_tshark() {
        return;
    }
    let whole = capture(&[(1.0, frame(CLIENT, SERVER, 6, &tcp(1, 2, SYN, b"")))]);
    let cases = [
        (Vec::new(), "the log is empty"),
        (b"no capture at all".repeat(9), "tshark cannot read this file"),
        (whole[..whole.len() - 9].to_vec(), "cut short"),
    ];
    for (bytes, expected) in cases {
        let root = tempfile::tempdir().expect("folder");
        let path = root.path().join("day.pcap");
        fs::write(&path, bytes).expect("file");
        let done = import_one(&Tool::Pcap, Input::File(path), &root.path().join("data"));
        assert!(said(&done).contains(expected), "{expected}: {}", said(&done));
        assert_eq!(done.files, 0);
    }
}

/// A packet of TCP at a second, to or from the server.
fn packet(at: f64, is_back: bool, flags: u8) -> Packet {
    let ends = [
        End { address: bits(CLIENT.into()), port: 5000 },
        End { address: bits(SERVER.into()), port: 443 },
    ];
    let [src, dst] = if is_back { [ends[1], ends[0]] } else { ends };
    Packet { at: (at * 1e6) as i64, src, dst, proto: 6, flags, bytes: 40, answer: None }
}

/// Flows in the order of their ends, as `begin..end packets there, back, flags`.
fn metered(packets: &[Packet]) -> Vec<String> {
    let (mut meter, mut flows) = (Meter::default(), Vec::new());
    packets.iter().for_each(|packet| meter.take(packet, &mut flows));
    meter.finish(&mut flows);
    flows.sort();
    let told = |flow: &Flow| {
        let end = flow.end as f64 / 1e6;
        let begin = end - f64::from(flow.duration) / 1e3;
        let [there, back] = [flow.flags.0, flow.flags.1].map(flag_text);
        format!("{} {begin}..{end} {} {} {there} {back}", flow.src.port, flow.there.0, flow.back.0)
    };
    flows.iter().map(told).collect()
}

#[test]
fn a_flow_ends_with_silence_or_with_a_new_connection() {
    let (there, back) = (false, true);
    // Packets, and flows.
    let cases: [(&[Packet], &[&str]); 6] = [
        (
            &[packet(1.0, there, SYN), packet(2.0, back, SYN | ACK), packet(300.0, there, ACK)],
            &["5000 1..300 2 1 ...A..S. ...A..S."],
        ),
        // More than five minutes.
        (
            &[packet(1.0, there, SYN), packet(302.5, there, ACK)],
            &["5000 1..1 1 0 ......S. ........", "5000 302.5..302.5 1 0 ...A.... ........"],
        ),
        // What comes after the end belongs to it, until somebody begins anew.
        (
            &[
                packet(1.0, there, SYN),
                packet(2.0, there, FIN | ACK),
                packet(3.0, back, FIN | ACK),
                packet(4.0, there, ACK),
                packet(5.0, there, SYN),
            ],
            &["5000 1..4 3 1 ...A..SF ...A...F", "5000 5..5 1 0 ......S. ........"],
        ),
        // A SYN that is sent again begins nothing.
        (&[packet(1.0, there, SYN), packet(4.0, there, SYN)], &["5000 1..4 2 0 ......S. ........"]),
        // The first packet seen is an answer.
        (
            &[packet(1.0, back, SYN | ACK), packet(2.0, there, ACK)],
            &["5000 1..2 1 1 ...A.... ...A..S."],
        ),
        // In another order.
        (&[packet(2.0, there, ACK), packet(1.0, there, SYN)], &["5000 1..2 2 0 ...A..S. ........"]),
    ];
    for (packets, expected) in cases {
        assert_eq!(metered(packets), expected);
    }
    // Others have a minute.
    let of_udp = |at| Packet { proto: 17, ..packet(at, false, 0) };
    assert_eq!(metered(&[of_udp(1.0), of_udp(61.0), of_udp(121.5)]).len(), 2);
    let ping = |at, kind: u16, is_back| {
        let mut packet = Packet { proto: 1, ..packet(at, is_back, 0) };
        (packet.src.port, packet.dst.port) = (0, icmp(kind, 0));
        packet
    };
    assert_eq!(
        metered(&[ping(1.0, 8, false), ping(1.5, 0, true)]),
        ["0 1..1.5 1 1 ........ ........"]
    );
}

#[test]
fn lines_of_other_versions_are_read_alike() {
    let line = r#"{"timestamp":"1","layers":{"frame_time_epoch":["1708969213.852644000"],"frame_len":["95"],"frame_protocols":["eth:ethertype:ip:udp:dns"],"ip_src":["192.168.100.2"],"ip_dst":["192.168.100.20"],"ip_proto":["17"],"ip_len":["81"],"udp_srcport":["53"],"udp_dstport":["56759"],"dns_flags_response":["1"],"dns_qry_name":["accounts.google.com"],"dns_qry_type":["1"],"dns_qry_class":["0x0001"],"dns_flags_rcode":["0"],"dns_a":["74.125.71.84"]}}"#;
    let read = |line: &str| pcap::row(line.as_bytes(), Start(0)).expect("a packet");
    let Some(Row::Packet(packet)) = read(line) else { panic!("a packet") };
    assert_eq!(
        packet.answer.as_ref().map(|answer| answer.name.as_str()),
        Some("accounts.google.com")
    );
    for (old, new) in [
        (r#"["1708969213.852644000"]"#, r#"["2024-02-26T17:40:13.852644000Z"]"#),
        (r#""dns_flags_response":["1"]"#, r#""dns_flags_response":[true]"#),
        (r#"["17"]"#, "[17]"),
        (r#"["95"]"#, "\"95\""),
    ] {
        let other = line.replace(old, new);
        assert_ne!(other, line);
        assert_eq!(read(&other), Some(Row::Packet(packet.clone())), "{new}");
    }
    assert_eq!(read(r#"{"index":{"_index":"packets-2024-02-26"}}"#), None);
    assert_eq!(flag_bits("S"), SYN);
    // A report of ICMP has the answer's headers in it, and is none.
    let report =
        line.replace("ip:udp:dns", "ip:icmp:ip:udp:dns").replace(r#"["17"]"#, r#"["1","17"]"#);
    let Some(Row::Packet(report)) = read(&report) else { panic!("a packet") };
    assert_eq!((report.proto, report.answer, report.src.port), (1, None, 0));
}

/// Packets and bytes of each five-tuple, in one direction.
fn sums(data: &Path, day: &str) -> BTreeMap<String, (u64, u64)> {
    let mut sums = BTreeMap::new();
    for row in rows(data, "flow", "treceived sip sport dip dport proto ipkt ibyt") {
        if let Some(row) = row.strip_prefix(day) {
            let words: Vec<&str> = row.split(' ').collect();
            let sum: &mut (u64, u64) = sums.entry(words[2..7].join(" ")).or_default();
            let number = |at: usize| words[at].parse::<u64>().expect("a number");
            *sum = (sum.0 + number(7), sum.1 + number(8));
        }
    }
    sums
}

/// A real capture, beside the same capture as somebody else converted it, with other timeouts.
#[test]
fn a_real_capture_has_the_packets_and_answers_of_the_set() {
    let Some(shared) = shared() else { return };
    if !has_tshark() {
        return;
    }
    let root = tempfile::tempdir().expect("folder");
    let raw = Input::File(shared.join("raw/pcap/asyncrat-1.pcap"));
    let done = import_as(&Tool::Pcap, raw, root.path(), Directions::Two);
    assert_eq!((done.logs[0].lines, done.logs[0].rows), (2392, (132, 19)), "{:?}", done.logs[0]);
    let set = shared.join("captures/asyncrat");
    let ours = sums(root.path(), "2024-02-26");
    assert_eq!((ours.len(), ours), (125, sums(&set, "2024-02-26")));
    let columns =
        "frame_time frame_len ip_dst ip_src dns_qry_name dns_qry_class dns_qry_type dns_qry_rcode";
    let mut theirs = rows(&set, "dns", columns);
    // They took an answer that a report of ICMP quotes for an answer.
    theirs.retain(|row| {
        row.starts_with("Feb 26 2024") && !row.contains("192.168.100.2 192.168.100.20 ")
    });
    assert_eq!(rows(root.path(), "dns", columns), theirs);
}
