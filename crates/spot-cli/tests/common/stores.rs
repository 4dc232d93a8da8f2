//! Stores beside each other: a server, a folder, and all questions to both.
#![allow(dead_code, reason = "every test file uses its own part")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use polars::prelude::*;
use spot_analysis::dns::{Anchor, Scope};
use spot_analysis::model::Address;
use spot_store::settings::given;
use spot_store::{DnsWorkbench, Pipeline, Settings, Workbench};

use super::{empty, write};

/// A server in a process of its own; ends with it.
pub struct Served {
    pub child: Child,
    pub url: String,
    pub token: String,
}

impl Served {
    /// Serves `data`.
    pub fn start(data: &Path, more: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_spot"));
        command.args(["serve", "--data"]).arg(data).args(more);
        if !more.contains(&"--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("SPOT_") {
                command.env_remove(name);
            }
        }
        let mut child = command.stdout(Stdio::piped()).spawn().expect("spot runs");
        let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
        let mut said = |name: &str| {
            let line = lines.next().expect("a line").expect("UTF-8");
            line.strip_prefix(name).unwrap_or_else(|| panic!("{line}")).to_owned()
        };
        let url = said("SPOT_DATA=");
        let token = if more.contains(&"--no-token") { String::new() } else { said("SPOT_TOKEN=") };
        Self { child, url, token }
    }

    /// Settings of who asks it.
    pub fn settings(&self, more: &[(&str, &str)]) -> Settings {
        let own = [("SPOT_DATA", self.url.as_str()), ("SPOT_TOKEN", self.token.as_str())];
        let cell = given(own.into_iter().chain(more.iter().copied()));
        Settings::resolve(&cell, &given::<String, String>([]), None).expect("settings")
    }

    /// Its flows.
    pub fn flow(&self, more: &[(&str, &str)]) -> Workbench {
        Workbench::open(self.settings(more)).expect("opens")
    }

    /// Sends it a signal and waits for its end.
    pub fn signal(&mut self, name: &str) -> std::process::ExitStatus {
        // A shell has it in itself; a program of this name is not everywhere.
        let words = format!("kill -s {name} {}", self.child.id());
        let sent = Command::new("sh").args(["-c", &words]).status().expect("a shell");
        assert!(sent.success());
        self.child.wait().expect("it ends")
    }

    /// A request as bytes; the status line and the body.
    pub fn raw(&self, request: &str) -> (String, String) {
        let address = self.url.trim_start_matches("http://").trim_end_matches("/graphql");
        let mut stream = TcpStream::connect(address).expect("connects");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("timeout");
        stream.write_all(request.replace("HERE", address).as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        (head.lines().next().unwrap_or_default().to_owned(), body.to_owned())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Settings of who reads a folder.
pub fn folder(data: &Path, more: &[(&str, &str)]) -> Settings {
    let data = data.to_str().expect("UTF-8");
    let cell = given([("SPOT_DATA", data)].into_iter().chain(more.iter().copied()));
    Settings::resolve(&cell, &given::<String, String>([]), None).expect("settings")
}

/// Flows and answers that some program could stumble over.
pub fn hostile(name: &str) -> PathBuf {
    let root = empty(name);
    let rows = [
        ("09:00", "2001:db8::5", "203.0.113.9", 443, 3_000_000_000_i64),
        ("09:01", "2001:0DB8:0000:0000:0000:0000:0000:0005", "203.0.113.9", 443, 5),
        ("09:02", "203.0.113.9", "2001:db8::5", 50001, 7),
        ("09:03", "10.0.0.5", "<img src=x onerror=alert(1)>", 443, 1),
    ];
    let mut flows = df!(
        "treceived" => rows.iter().map(|r| format!("2016-07-08 {}:00", r.0)).collect::<Vec<_>>(),
        "unix_tstamp" => [0i64; 4],
        "tdur" => [0f32; 4],
        "sip" => rows.iter().map(|r| r.1).collect::<Vec<_>>(),
        "dip" => rows.iter().map(|r| r.2).collect::<Vec<_>>(),
        "sport" => [50001i32; 4],
        "dport" => rows.iter().map(|r| r.3).collect::<Vec<_>>(),
        "proto" => ["TCP"; 4],
        "flag" => [".AP.SF"; 4],
        "ipkt" => [1i64; 4],
        "ibyt" => rows.iter().map(|r| r.4).collect::<Vec<_>>(),
        "opkt" => [0i64; 4],
        "obyt" => [0i64; 4],
    )
    .expect("frame");
    write(&root.join("flow/y=2016/m=7/d=8/h=9/part-0.parquet"), &mut flows);
    let mut high = df!(
        "tstart" => ["2016-07-08 09:00:00"; 2],
        "srcip" => ["2001:db8::5", "10.0.0.5"],
        "dstip" => ["203.0.113.9", "<img src=x onerror=alert(1)>"],
        "srcport" => [50001i32; 2],
        "dstport" => [443i32; 2],
        "score" => [1i32; 2],
    )
    .expect("frame");
    write(&root.join("flow_threat_investigation/y=2016/m=7/d=8/part-0.parquet"), &mut high);
    std::fs::create_dir_all(root.join("context")).expect("folder");
    std::fs::write(root.join("context/ipranges.csv"), "203.0.113.0,203.0.113.255,Campus\n")
        .expect("file");
    std::fs::write(root.join("context/networkcontext_1.csv"), "203.0.113.9,Lab.one\n")
        .expect("file");
    std::fs::write(root.join("context/classes.csv"), "lab,Labs\n").expect("file");
    std::fs::write(root.join("context/indicators.csv"), "203.0.113.9,Feed,<b>\nevil.com,Feed,C2\n")
        .expect("file");
    let names = ["a.evil.com", "O'Brien\"; DROP TABLE dns; --", "\u{202e}moc.live\\x00"];
    let mut answers = df!(
        "frame_time" => ["Jul  8 2016 09:00:00.5 UTC"; 3],
        "unix_tstamp" => [1_467_968_400_i64; 3],
        "frame_len" => [60i32; 3],
        "ip_dst" => ["10.0.0.5", "2001:db8::5", "10.0.0.5"],
        "ip_src" => ["10.0.0.1"; 3],
        "dns_qry_name" => names,
        "dns_qry_class" => ["0x00000001"; 3],
        "dns_qry_type" => [1i32; 3],
        "dns_qry_rcode" => [0i32; 3],
        "dns_a" => ["203.0.113.9", "", "203.0.113.9|192.0.2.1"],
    )
    .expect("frame");
    write(&root.join("dns/y=2016/m=7/d=8/h=9/part-0.parquet"), &mut answers);
    let mut scored = df!(
        "unix_tstamp" => [1_467_968_400_i64; 3],
        "ip_dst" => ["10.0.0.5", "2001:db8::5", "10.0.0.5"],
        "dns_qry_name" => names,
        "ip_sev" => [1i32, 0, 0],
        "dns_sev" => [1i32, 1, 1],
    )
    .expect("frame");
    write(&root.join("dns_threat_investigation/y=2016/m=7/d=8/part-0.parquet"), &mut scored);
    root
}

/// Both stores' answers to all questions about a day's scored anchors and some more.
pub fn same_flows(one: &Workbench, other: &Workbench, every: usize) -> usize {
    assert_eq!(one.suspects().expect("folder"), other.suspects().expect("server"));
    let rows = one.store().frame(Pipeline::Flow, one.day()).expect("rows");
    let mut anchors: Vec<Address> = ["sip", "dip"]
        .iter()
        .flat_map(|end| {
            let ends = rows.column(end).and_then(|c| c.cast(&DataType::String)).expect("texts");
            let ends = ends.str().expect("texts").unique().expect("distinct");
            ends.iter().map(|ip| Address::new(ip.unwrap_or_default())).collect::<Vec<_>>()
        })
        .filter(|address| address.ip().is_some())
        .collect();
    anchors.sort();
    anchors.dedup();
    for anchor in anchors.iter().step_by(every) {
        let (ours, theirs) =
            (one.rows(anchor).expect("folder"), other.rows(anchor).expect("server"));
        assert!(ours.frame.equals_missing(&theirs.frame), "{anchor}");
        assert_eq!((&ours.provenance, &ours.notes), (&theirs.provenance, &theirs.notes));
        let (ours, theirs) = (one.found(anchor, &ours), other.found(anchor, &theirs));
        let (ours, theirs) = (ours.expect("folder"), theirs.expect("server"));
        assert_eq!(ours, theirs);
        let peers: Vec<_> = ours.peers.iter().map(|peer| peer.address.clone()).collect();
        let (ours, theirs) = (one.resolved_to(&peers), other.resolved_to(&peers));
        assert_eq!(ours.expect("folder"), theirs.expect("server"), "{anchor}");
    }
    anchors.len()
}

/// As [`same_flows`]; the number of clients and names.
pub fn same_dns(one: &DnsWorkbench, other: &DnsWorkbench, every: usize) -> usize {
    assert_eq!(one.suspects().expect("folder"), other.suspects().expect("server"));
    let rows = one.store().frame(Pipeline::Dns, one.day()).expect("rows");
    let distinct = |name: &str| {
        let texts = rows.column(name).and_then(|c| c.cast(&DataType::String)).expect("texts");
        let texts = texts.str().expect("texts").unique().expect("distinct");
        let mut texts: Vec<String> =
            texts.iter().map(|text| text.unwrap_or_default().to_owned()).collect();
        texts.sort();
        texts
    };
    let clients = distinct("ip_dst").into_iter().map(|ip| Anchor::Client(Address::new(ip)));
    let names = distinct("dns_qry_name").into_iter();
    let names = names.map(|name| Anchor::Query(spot_analysis::dns::Name::new(name)));
    let mut anchors: Vec<Anchor> = clients.chain(names).collect();
    anchors.dedup();
    for (number, anchor) in anchors.iter().enumerate().step_by(every) {
        let scopes = match anchor {
            // The other ways to search cost more; some names tell as much as all.
            Anchor::Query(name) if number % 40 == 0 && !name.is_empty() => vec![
                Scope::Exact,
                Scope::RegisteredDomain,
                Scope::Substring(name.as_str().chars().take(3).collect()),
            ],
            _ => vec![Scope::Exact],
        };
        for scope in scopes {
            let (ours, theirs) = (one.rows(anchor, &scope), other.rows(anchor, &scope));
            let (ours, theirs) = (ours.expect("folder"), theirs.expect("server"));
            assert!(ours.frame.equals_missing(&theirs.frame), "{anchor}");
            assert_eq!((&ours.provenance, &ours.notes), (&theirs.provenance, &theirs.notes));
            if one.has_flows() && number % 10 == 0 {
                let (ours, theirs) = (one.followed_by(&ours), other.followed_by(&theirs));
                assert_eq!(ours.expect("folder"), theirs.expect("server"), "{anchor}");
            }
            let found = one.found(anchor, &scope, &ours).expect("folder");
            assert_eq!(found, other.found(anchor, &scope, &theirs).expect("server"));
        }
    }
    anchors.len()
}
