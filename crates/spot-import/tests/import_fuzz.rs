//! Mutations of good lines, thrown at each parser: for a second, or with LONG_TESTS for ten minutes each.

use std::time::{Duration, Instant};

use spot_analysis::network::Indicators;
use spot_import::mapped::csv;
use spot_import::rows::Row;
use spot_import::zeek::{Fields, json, tsv};
use spot_import::{Map, Start, nfdump, pcap, suricata};

/// xorshift64*: the same inputs in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, below: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % below.max(1)
    }
}

/// What parsers stumble over.
const PIECES: [&[u8]; 24] = [
    b"\t",
    b",",
    b"|",
    b"\"",
    b"'",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b"-",
    b".",
    b"(empty)",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"99999999999999999999",
    b"-1",
    b"1e309",
    b"NaN",
    b"0x41",
    b"::",
    b"\\u0000",
];

fn mutated(seed: &[u8], random: &mut Random) -> Vec<u8> {
    let mut text = seed.to_vec();
    for _ in 0..1 + random.below(6) {
        let at = random.below(text.len() + 1);
        match random.below(6) {
            0 if at < text.len() => text[at] = random.below(256) as u8,
            1 => drop(text.splice(at..at, PIECES[random.below(PIECES.len())].iter().copied())),
            2 => text.truncate(at),
            3 => drop(text.drain(at..(at + random.below(20)).min(text.len()))),
            4 => {
                let end = (at + random.below(30)).min(text.len());
                let copy = text[at..end].to_vec();
                drop(text.splice(at..at, copy));
            }
            _ if at < text.len() => text[at] = text[at].wrapping_add(1),
            _ => {}
        }
    }
    text
}

fn fuzz(name: &str, seeds: &[&str], mut parse: impl FnMut(&[u8])) {
    let long = std::env::var_os("LONG_TESTS").is_some();
    let time = Duration::from_secs(if long { 600 } else { 1 });
    let (begin, mut random, mut inputs) = (Instant::now(), Random(0x5eed), 0u64);
    while begin.elapsed() < time {
        for _ in 0..1000 {
            let seed = seeds[random.below(seeds.len())].as_bytes();
            parse(&mutated(seed, &mut random));
            inputs += 1;
        }
    }
    println!("{name}: {inputs} inputs, no panic");
}

const HEAD: &str = "#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tduration\tconn_state\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes";
const LINES: [&str; 3] = [
    "1588205198.5\t10.0.1.4\t64842\t10.0.0.4\t53\tudp\t1.5\tSF\tDd\t1\t67\t1\t83",
    "1588205198.5\t2001:db8::5\t64842\t::ffff:10.0.0.4\t53\ttcp\t1.5e-5\tSF\tShADadFf\t1\t67\t1\t83",
    "1588205198.5\tfe80::1%eth0\t135\tff02::1\t136\ticmp\t-\tOTH\t-\t1\t67\t1\t83",
];

#[test]
fn tab_separated_lines() {
    let mut fields = Fields::default();
    fields.take(HEAD.as_bytes());
    fuzz("zeek, tab-separated", &LINES, |line| drop(tsv::row(line, &fields, Start(0))));
}

#[test]
fn headers() {
    let seeds = [HEAD, "#separator \\x09", "#set_separator\t,", "#unset_field\t-", "#path\tconn"];
    fuzz("zeek, header", &seeds, |line| {
        let mut fields = Fields::default();
        fields.take(line);
        drop(tsv::row(LINES[0].as_bytes(), &fields, Start(i64::MAX)));
    });
}

#[test]
fn json_lines() {
    let seeds = [
        r#"{"ts":1588205198.5,"id.orig_h":"10.0.1.4","id.orig_p":60595,"id.resp_h":"192.168.0.5","id.resp_p":443,"proto":"tcp","duration":0.25,"conn_state":"SF","history":"ShADadFf","orig_pkts":12,"orig_ip_bytes":1307,"resp_pkts":11,"resp_ip_bytes":2133}"#,
        r#"{"ts":"2020-04-30T00:06:38Z","id_orig_h":"::1","id_orig_p":1,"id_resp_h":"10.0.0.9","id_resp_p":53,"rtt":0.25,"query":"c2.evil.example","qclass":1,"qtype":1,"rcode":0,"answers":["203.0.113.9","x"]}"#,
    ];
    fuzz("zeek, JSON", &seeds, |line| drop(json::row(line, Start(i64::MIN))));
}

#[test]
fn csv_of_nfdump() {
    let head = "ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt";
    let line = "2018-01-12 15:37:29,2018-01-12 15:37:30,1.250,147.32.80.119,147.32.82.62,52324,3.3,ICMP,......S.,0,0,1,60,0,0";
    let mut known = nfdump::Columns::default();
    known.take(head.as_bytes());
    fuzz("nfdump", &[head, line], |text| {
        drop(nfdump::row(text, &known, i64::MAX));
        let mut columns = nfdump::Columns::default();
        columns.take(text);
        drop(nfdump::row(line.as_bytes(), &columns, 0));
    });
}

#[test]
fn events_of_suricata() {
    let seeds = [
        r#"{"timestamp":"2024-02-26T17:49:00.000000+0000","event_type":"flow","src_ip":"10.0.0.1","src_port":49218,"dest_ip":"186.169.47.11","dest_port":7084,"proto":"TCP","flow":{"pkts_toserver":199,"pkts_toclient":353,"bytes_toserver":17408,"bytes_toclient":191000,"start":"2024-02-26T17:41:27.863838+0000","end":"2024-02-26T17:42:52.633038+0000"},"tcp":{"tcp_flags_ts":"1b","tcp_flags_tc":"1e"}}"#,
        r#"{"timestamp":"2024-02-26T17:40:13.852644-0600","event_type":"dns","src_ip":"10.0.0.20","src_port":56759,"dest_ip":"10.0.0.2","dest_port":53,"dns":{"type":"answer","rrname":"a.example","rrtype":"TYPE65280","rcode":"NOERROR","queries":[{"rrname":"b.example"}],"answers":[{"rdata":"203.0.113.9"}],"grouped":{"A":["1.2.3.4"]}}}"#,
    ];
    fuzz("suricata", &seeds, |line| drop(suricata::row(line, Start(i64::MAX))));
}

#[test]
fn packets_of_tshark() {
    let seeds = [
        r#"{"timestamp":"1","layers":{"frame_time_epoch":["1708969213.852644000"],"frame_len":["95"],"frame_protocols":["eth:ethertype:ip:udp:dns"],"ip_src":["192.168.100.2"],"ip_dst":["192.168.100.20"],"ip_proto":["17"],"ip_len":["81"],"udp_srcport":["53"],"udp_dstport":["56759"],"dns_flags_response":["1"],"dns_qry_name":["accounts.google.com"],"dns_qry_type":["1"],"dns_qry_class":["0x0001"],"dns_flags_rcode":["0"],"dns_a":["74.125.71.84"]}}"#,
        r#"{"layers":{"frame_time_epoch":["2"],"frame_protocols":["eth:ethertype:ipv6:ipv6.hopopts:icmpv6"],"ipv6_src":["::1"],"ipv6_dst":["ff02::16"],"ipv6_nxt":["0"],"ipv6_plen":["36"],"icmpv6_type":["143"],"icmpv6_code":["0"]}}"#,
    ];
    let (mut meter, mut flows) = (pcap::meter::Meter::default(), Vec::new());
    fuzz("tshark", &seeds, |line| {
        if let Ok(Some(Row::Packet(packet))) = pcap::row(line, Start(i64::MIN + 1)) {
            meter.take(&packet, &mut flows);
        }
        flows.clear();
    });
}

#[test]
fn rows_of_any_csv() {
    let head = "sip,dip,treceived,tdur,sport,proto,flag,ipkt,\"a \"\"b\"\"\",dport";
    let line = "10.0.0.5,2001:db8::1,1467972002.5,1e3,1.0,TCP,0x1b,12,\"a;b\",443";
    let dns = "frame_time\tip_dst\tdns_qry_name\tdns_qry_type\tdns_qry_class\tdns_a";
    let words = ["treceived:ns=When", "tstart:%d/%m/%Y %H:%M:%S=sport"].map(str::to_owned);
    let mut known = csv::Columns::new(Map::default());
    known.take(head.as_bytes());
    fuzz("csv", &[head, line, dns], |text| {
        drop(csv::row(text, &known, Start(i64::MAX)));
        let mut columns = csv::Columns::new(Map::of(&words).expect("a map"));
        columns.take(text);
        drop(csv::row(line.as_bytes(), &columns, Start(0)));
        if let Ok(text) = std::str::from_utf8(text) {
            drop(Map::of(&[text.to_owned()]));
        }
    });
}

#[test]
fn lists_of_indicators() {
    let seeds = [
        "indicator,source,note\n203.0.113.0/24,Feed,\"a, \"\"b\"\"\"\nevil[.]example\n10.0.0.1-10.0.0.9\n2001:db8::/32\n",
        r#"{"type":"bundle","objects":[{"type":"indicator","id":"i","pattern":"[ipv4-addr:value = '198.51.100.7' OR domain-name:value ISSUBSET 'a.example']"}]}"#,
        r#"{"Event":{"info":"x","Attribute":[{"type":"ip-dst|port","value":"192.0.2.2|443","to_ids":true},{"type":"url","value":"http://[2001:db8::8]:80/x@y"}]}}"#,
    ];
    fuzz("lists", &seeds, |bytes| {
        // Of other bytes the command line says that they are no text.
        drop(Indicators::exchanged("x", &String::from_utf8_lossy(bytes)));
    });
}
