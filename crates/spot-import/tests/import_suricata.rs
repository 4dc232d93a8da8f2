//! Suricata's EVE to tables: events of each version and what becomes of them.

mod common;

use std::fs;

use common::{DNS, FLOW, import_one, rows, said};
use spot_import::{Input, Tool};

const TCP: &str = r#"{"timestamp":"2024-02-26T17:49:00.000000+0000","flow_id":1,"event_type":"flow","src_ip":"192.168.100.20","src_port":49218,"dest_ip":"186.169.47.11","dest_port":7084,"proto":"TCP","app_proto":"failed","flow":{"pkts_toserver":199,"pkts_toclient":353,"bytes_toserver":17408,"bytes_toclient":191000,"start":"2024-02-26T17:41:27.863838+0000","end":"2024-02-26T17:42:52.633038+0000","age":85,"state":"closed","reason":"timeout","alerted":false},"tcp":{"tcp_flags":"1f","tcp_flags_ts":"1b","tcp_flags_tc":"1e","syn":true}}"#;
const UDP: &str = r#"{"timestamp":"2024-02-26T10:49:00.000000-0700","event_type":"flow","src_ip":"2001:0db8:0000:0000:0000:0000:0000:0005","src_port":5353,"dest_ip":"2001:db8::9","dest_port":53,"proto":"UDP","flow":{"pkts_toserver":1,"pkts_toclient":0,"bytes_toserver":87,"bytes_toclient":0,"start":"2024-02-26T10:48:58.5-0700","end":"2024-02-26T10:48:59.75-0700","age":1}}"#;
const PING: &str = r#"{"timestamp":"2024-02-26T17:49:00+0000","event_type":"flow","src_ip":"10.0.0.1","dest_ip":"10.0.0.2","proto":"ICMP","icmp_type":3,"icmp_code":1,"flow":{"pkts_toserver":2,"bytes_toserver":196,"start":"2024-02-26T17:48:58+0000","end":"2024-02-26T17:48:58+0000"}}"#;

/// The row of an event of `flow`.
const FLOWS: [(&str, &str); 3] = [
    (
        TCP,
        "2024-02-26 17:42:52 84.769 192.168.100.20 49218 186.169.47.11 7084 TCP ...AP.SF 199 17408 353 191000",
    ),
    (UDP, "2024-02-26 17:48:59 1.25 2001:db8::5 5353 2001:db8::9 53 UDP ........ 1 87 0 0"),
    (PING, "2024-02-26 17:48:58 0.0 10.0.0.1 0 10.0.0.2 769 ICMP ........ 2 196 0 0"),
];

/// An answer between client and server; `dns` is what the version has of it.
fn answer(dns: &str) -> String {
    format!(
        r#"{{"timestamp":"2024-02-26T17:40:13.852644+0000","event_type":"dns","src_ip":"10.0.0.20","src_port":56759,"dest_ip":"10.0.0.2","dest_port":53,"proto":"UDP","dns":{dns}}}"#
    )
}

/// The part `dns`, and what the row has of it.
const ANSWERS: [(&str, &str); 6] = [
    // Version 2, detailed, grouped, and without any.
    (
        r#"{"version":2,"type":"answer","id":1,"flags":"8180","qr":true,"rrname":"www.example.com","rrtype":"A","rcode":"NOERROR","answers":[{"rrname":"www.example.com","rrtype":"CNAME","ttl":1,"rdata":"cdn.example.net"},{"rrname":"cdn.example.net","rrtype":"A","ttl":1,"rdata":"203.0.113.9"},{"rrname":"cdn.example.net","rrtype":"AAAA","ttl":1,"rdata":"2001:0db8::0009"}]}"#,
        "www.example.com 0x00000001 1 0 203.0.113.9|2001:db8::9",
    ),
    (
        r#"{"version":2,"type":"answer","rrname":"www.example.com","rrtype":"AAAA","rcode":"NOERROR","grouped":{"A":["203.0.113.9"],"AAAA":["2001:db8::9"],"CNAME":["x.example"]}}"#,
        "www.example.com 0x00000001 28 0 203.0.113.9|2001:db8::9",
    ),
    (
        r#"{"version":2,"type":"answer","rrname":"no.example","rrtype":"TYPE65280","rcode":"NXDOMAIN"}"#,
        "no.example 0x00000001 65280 3 ",
    ),
    // Version 1: a line for each record.
    (
        r#"{"type":"answer","id":1,"rcode":"NOERROR","rrname":"www.example.com","rrtype":"A","ttl":5,"rdata":"203.0.113.9"}"#,
        "www.example.com 0x00000001 1 0 203.0.113.9",
    ),
    // Version 3.
    (
        r#"{"version":3,"type":"response","tx_id":0,"id":1,"rcode":"REFUSED","queries":[{"rrname":"v3.example","rrtype":"HTTPS"}],"answers":[{"rrname":"v3.example","rrtype":"A","rdata":"203.0.113.9"}]}"#,
        "v3.example 0x00000001 65 5 203.0.113.9",
    ),
    // What an attacker asks for stays text.
    (
        r#"{"version":2,"type":"answer","rrname":"<img src=x>\n|\u0000.example","rrtype":"A","rcode":"SERVFAIL","answers":[{"rdata":"1.2.3.4|<b>"}]}"#,
        "<img src=x>\n|\0.example 0x00000001 1 2 ",
    ),
];

#[test]
fn an_event_of_flow_becomes_a_row_with_both_directions() {
    for (event, expected) in FLOWS {
        let root = tempfile::tempdir().expect("folder");
        let (log, data) = (root.path().join("eve.json"), root.path().join("data"));
        fs::write(&log, event).expect("log");
        let done = import_one(&Tool::Suricata, Input::File(log), &data);
        assert_eq!(done.logs[0].rows, (1, 0), "{:?}", done.logs[0]);
        assert_eq!(rows(&data, "flow", FLOW), [expected]);
    }
}

#[test]
fn an_answer_of_each_version_becomes_a_row() {
    for (dns, expected) in ANSWERS {
        let root = tempfile::tempdir().expect("folder");
        let (log, data) = (root.path().join("eve.json"), root.path().join("data"));
        let whole = answer(dns);
        // Old versions have the packet's direction: the server is the source.
        let turned = whole.replace(
            r#""src_ip":"10.0.0.20","src_port":56759,"dest_ip":"10.0.0.2","dest_port":53"#,
            r#""src_ip":"10.0.0.2","src_port":53,"dest_ip":"10.0.0.20","dest_port":56759"#,
        );
        fs::write(&log, format!("{whole}\n{turned}\n")).expect("log");
        let done = import_one(&Tool::Suricata, Input::File(log), &data);
        assert_eq!(done.logs[0].rows, (0, 2), "{:?}", done.logs[0]);
        let row = format!("Feb 26 2024 17:40:13.852644000 UTC - 10.0.0.20 10.0.0.2 {expected}");
        assert_eq!(rows(&data, "dns", DNS), [row.clone(), row]);
    }
}

#[test]
fn what_becomes_no_row_is_told_in_a_line() {
    let query = answer(r#"{"type":"query","id":1,"rrname":"a.example","rrtype":"A"}"#);
    let cases = [
        (String::new(), "the log is empty"),
        (query, "a question (its answer is a line of its own)"),
        (r#"{"event_type":"alert"}"#.to_owned(), "a kind that has no table"),
        (r#"{"event_type":"flow","flow":[]}"#.to_owned(), "not what Suricata writes"),
        (r#"{"timestamp":"x"}"#.to_owned(), "without an event_type"),
        ("# a comment".to_owned(), "no JSON object"),
        (TCP[..200].to_owned(), "cut off"),
        (TCP.replace("186.169.47.11", "186.169.47.311"), "an address that is none"),
        (TCP.replace("\"TCP\"", "\"???\""), "a protocol that nobody knows"),
        (TCP.replace("2024-02-26T17:42:52", "yesterday"), "a time that is none"),
        (TCP.replace(":7084", ":70840"), "a port that is none"),
        (TCP.replace(":353", ":-353"), "a count that is no number"),
        (
            answer(r#"{"type":"answer","rrname":"a.example","rcode":"WHAT"}"#),
            "a code that nobody knows",
        ),
    ];
    for (text, expected) in cases {
        let root = tempfile::tempdir().expect("folder");
        let log = root.path().join("eve.json");
        fs::write(&log, &text).expect("log");
        let done = import_one(&Tool::Suricata, Input::File(log), &root.path().join("data"));
        assert!(said(&done).contains(expected), "{text}: {}", said(&done));
        assert_eq!(done.files, 0);
    }
}
