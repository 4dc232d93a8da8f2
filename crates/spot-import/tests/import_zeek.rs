//! Zeek's logs to tables: lines and what becomes of them.

mod common;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use common::{FLOW, files, rows, shared};
use polars::prelude::*;
use spot_import::zeek::Start;
use spot_import::{Directions, Done, Input, Options, Tool, import, inputs};
use spot_store::settings::given;
use spot_store::{Settings, Workbench};

const CONN: &str = "#separator \\x09
#set_separator\t,
#empty_field\t(empty)
#unset_field\t-
#path\tconn
#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tduration\torig_bytes\tresp_bytes\tconn_state\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes
#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tinterval\tcount\tcount\tstring\tstring\tcount\tcount\tcount\tcount
";

const DNS: &str = "#separator \\x09
#path\tdns
#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\trtt\tquery\tqclass\tqtype\trcode\tanswers
";

fn options(data: &Path) -> Options {
    Options { data: data.to_path_buf(), start: Start(0), directions: Directions::One, again: false }
}

fn file(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> Input {
    let path = folder.join(name);
    fs::write(&path, bytes).expect("log");
    Input::File(path)
}

fn run(logs: &[Input], options: &Options) -> Done {
    import(&Tool::Zeek, logs, options, &|_| ()).expect("imported")
}

/// A line below the header, and its row.
const LINES: &[(&str, &str)] = &[
    (
        "1588205198.5 C1 10.0.1.4 64842 10.0.0.4 53 udp 1.5 39 55 SF Dd 1 67 1 83",
        "2020-04-30 00:06:40 1.5 10.0.1.4 64842 10.0.0.4 53 UDP ........ 1 67 1 83",
    ),
    (
        "1588205198.5 C2 10.0.1.4 60595 192.168.0.5 443 tcp 0.25 1 2 SF ShADadFf 12 1307 11 2133",
        "2020-04-30 00:06:38 0.25 10.0.1.4 60595 192.168.0.5 443 TCP ...AP.SF 12 1307 11 2133",
    ),
    // Nothing came back, and nobody knows how long it took.
    (
        "1588205198 C3 2001:db8::5 50000 2001:db8::9 443 tcp - - - S0 S 1 60 0 0",
        "2020-04-30 00:06:38 0.0 2001:db8::5 50000 2001:db8::9 443 TCP ......S. 1 60 0 0",
    ),
    // ICMP: an echo, and its code where the type has no answer.
    (
        "1588205198 C4 10.0.1.4 8 10.0.0.4 0 icmp 0.001 56 56 OTH - 1 84 1 84",
        "2020-04-30 00:06:38 0.001 10.0.1.4 0 10.0.0.4 2048 ICMP ........ 1 84 1 84",
    ),
    (
        "1588205198 C5 10.0.0.1 3 10.0.1.4 3 icmp - - - OTH - 1 56 0 0",
        "2020-04-30 00:06:38 0.0 10.0.0.1 0 10.0.1.4 771 ICMP ........ 1 56 0 0",
    ),
    (
        "1588205198 C6 :: 135 ff02::1 136 icmp - - - OTH - 1 64 0 0",
        "2020-04-30 00:06:38 0.0 :: 0 ff02::1 34560 ICMP6 ........ 1 64 0 0",
    ),
    // Over the hour, and over 2 billion bytes.
    (
        "1588204799 C7 10.0.1.4 1 10.0.0.4 2 tcp 7201.0 - - SF - 9 3000000000 0 0",
        "2020-04-30 02:00:00 7201.0 10.0.1.4 1 10.0.0.4 2 TCP ........ 9 3000000000 0 0",
    ),
];

fn conn(lines: impl IntoIterator<Item = &'static str>) -> String {
    let lines = lines.into_iter().map(|line| line.replace(' ', "\t") + "\n");
    CONN.to_owned() + &lines.collect::<String>()
}

#[test]
fn a_line_of_conn_becomes_a_row() {
    for (line, expected) in LINES {
        let root = tempfile::tempdir().expect("folder");
        let log = file(root.path(), "conn.log", conn([*line]));
        let data = root.path().join("data");
        let done = run(&[log], &options(&data));
        assert_eq!(done.logs[0].rows, (1, 0), "{:?}", done.logs[0]);
        assert_eq!(rows(&data, "flow", FLOW), [*expected], "{line}");
        // Partitions are those of its end.
        let hour = &expected[11..13].trim_start_matches('0');
        let hour = if hour.is_empty() { "0" } else { hour };
        let path = files(&data).pop().expect("file");
        let folder = format!("flow/y=2020/m=4/d=30/h={hour}");
        assert!(path.starts_with(data.join(folder)), "{}", path.display());
    }
}

#[test]
fn each_direction_with_packets_is_a_row_where_that_is_wanted() {
    let root = tempfile::tempdir().expect("folder");
    let log = file(root.path(), "conn.log", conn(LINES.iter().map(|(line, _)| *line)));
    let data = root.path().join("data");
    let two = Options { directions: Directions::Two, ..options(&data) };
    assert_eq!(run(&[log], &two).logs[0].rows, (10, 0));
    let found = rows(&data, "flow", "sip sport dip dport proto flag ipkt ibyt obyt");
    let expected = [
        "10.0.0.1 0 10.0.1.4 771 ICMP ........ 1 56 0",
        "10.0.0.4 0 10.0.1.4 0 ICMP ........ 1 84 0",
        "10.0.0.4 53 10.0.1.4 64842 UDP ........ 1 83 0",
        "10.0.1.4 0 10.0.0.4 2048 ICMP ........ 1 84 0",
        "10.0.1.4 1 10.0.0.4 2 TCP ........ 9 3000000000 0",
        "10.0.1.4 60595 192.168.0.5 443 TCP ...AP.SF 12 1307 0",
        "10.0.1.4 64842 10.0.0.4 53 UDP ........ 1 67 0",
        "192.168.0.5 443 10.0.1.4 60595 TCP ...AP.SF 11 2133 0",
        "2001:db8::5 50000 2001:db8::9 443 TCP ......S. 1 60 0",
        ":: 0 ff02::1 34560 ICMP6 ........ 1 64 0",
    ];
    assert_eq!(found, expected);
}

const ANSWER: &str = "frame_time unix_tstamp ip_dst ip_src dns_qry_name dns_qry_class dns_qry_type dns_qry_rcode dns_a";

#[test]
fn an_answer_of_dns_becomes_a_row_and_a_question_does_not() {
    let root = tempfile::tempdir().expect("folder");
    let lines = [
        "1588205198.5 D1 10.0.1.4 64842 10.0.0.4 53 udp 0.25 www.Evil.com 1 1 0 alias.evil.com,203.0.113.9,2001:db8::9",
        "1588205199 D2 10.0.1.4 64842 10.0.0.4 53 udp - gone.evil.com 1 28 3 -",
        "1588205199 D3 10.0.1.4 64842 10.0.0.4 53 udp - nobody.evil.com 1 1 - -",
        "1588205199 D4 10.0.1.4 64842 10.0.0.4 53 udp - - - - 0 -",
    ];
    let text = lines.map(|line| line.replace(' ', "\t") + "\n").concat();
    let log = file(root.path(), "dns.log", DNS.to_owned() + &text);
    let data = root.path().join("data");
    let done = run(&[log], &options(&data));
    let skipped: Vec<_> =
        done.logs[0].skipped.iter().map(|s| (s.why, s.lines, s.first.clone())).collect();
    let expected = [
        ("a question that nobody answered", 1, vec![6]),
        ("an answer without its question", 1, vec![7]),
    ];
    assert_eq!(skipped, expected);
    assert_eq!(
        rows(&data, "dns", ANSWER),
        [
            "Apr 30 2020 00:06:38.750000000 UTC 1588205198 10.0.1.4 10.0.0.4 www.Evil.com 0x00000001 1 0 203.0.113.9|2001:db8::9",
            "Apr 30 2020 00:06:39.000000000 UTC 1588205199 10.0.1.4 10.0.0.4 gone.evil.com 0x00000001 28 3 ",
        ]
    );
}

/// The same connection and the same answer in every form that logs have.
#[test]
fn every_form_of_a_log_gives_the_same_rows() {
    let line =
        "1588205198.5 C2 10.0.1.4 60595 192.168.0.5 443 tcp 0.25 1 2 SF ShADadFf 12 1307 11 2133";
    let json = r#"{"ts":1588205198.5,"uid":"C2","id.orig_h":"10.0.1.4","id.orig_p":60595,"id.resp_h":"192.168.0.5","id.resp_p":443,"proto":"tcp","duration":0.25,"conn_state":"SF","history":"ShADadFf","orig_pkts":12,"orig_ip_bytes":1307,"resp_pkts":11,"resp_ip_bytes":2133}"#;
    let iso = json.replace("1588205198.5", "\"2020-04-30T00:06:38.500000Z\"");
    let rock = json.replace("id.", "id_");
    let tsv = conn([line]);
    let semicolons = tsv.replace("\\x09", ";").replace('\t', ";");
    let other_order = format!(
        "#separator \\x09\n#path\tconn\n#fields\tresp_ip_bytes\tts\tid.resp_h\tid.resp_p\tid.orig_h\tid.orig_p\tproto\tduration\tconn_state\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\n{}\n",
        "2133 1588205198.5 192.168.0.5 443 10.0.1.4 60595 tcp 0.25 SF ShADadFf 12 1307 11"
            .replace(' ', "\t")
    );
    let gz = {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(tsv.as_bytes()).expect("packed");
        packed.finish().expect("packed")
    };
    let forms: [(&str, Vec<u8>); 9] = [
        ("conn.log", tsv.clone().into()),
        ("crlf.log", tsv.replace('\n', "\r\n").into()),
        ("bom.log", format!("\u{feff}{tsv}").into()),
        ("semicolons.log", semicolons.into()),
        ("order.log", other_order.into()),
        ("conn.json", format!("{json}\n").into()),
        ("iso.json", iso.into()),
        ("rock.json", rock.into()),
        ("conn.log.gz", gz),
    ];
    let zst = zstd::encode_all(tsv.as_bytes(), 1).expect("packed");
    for (name, bytes) in forms.into_iter().chain([("named.wrongly", zst)]) {
        let root = tempfile::tempdir().expect("folder");
        let log = file(root.path(), name, bytes);
        let data = root.path().join("data");
        let done = run(&[log], &options(&data));
        assert_eq!(done.logs[0].fault, None, "{name}");
        let expected =
            "2020-04-30 00:06:38 0.25 10.0.1.4 60595 192.168.0.5 443 TCP ...AP.SF 12 1307 11 2133";
        assert_eq!(rows(&data, "flow", FLOW), [expected], "{name}: {:?}", done.logs[0]);
    }
}

/// What a log is, and what is said of it; none of these leaves a row.
#[test]
fn inputs_that_are_no_logs_are_told_in_a_line() {
    let line = conn([LINES[0].0]);
    let cut = line.trim_end().rsplit_once('\t').expect("columns").0.to_owned();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(line.repeat(200).as_bytes()).expect("packed");
    let packed = packed.finish().expect("packed");
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(line.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty", Vec::new(), "the log is empty"),
        ("utf-16", utf16, "UTF-16, not UTF-8"),
        ("cut gzip", packed[..packed.len() / 2].to_vec(), "cannot read the log"),
        ("cut line", cut.into(), "cut off: fewer columns"),
        (
            "cut JSON",
            br#"{"ts":1588205198.5,"id.orig_h":"10."#.to_vec(),
            "cut off: the JSON does not end",
        ),
        ("no header", b"1\t2\t3\n".to_vec(), "before any line #fields"),
        (
            "other log",
            b"#separator \\x09\n#path\thttp\n#fields\tts\turi\n1\t/\n".to_vec(),
            "neither conn nor dns",
        ),
        ("other JSON", br#"{"ts":1,"uri":"/"}"#.to_vec(), "neither conn nor dns"),
        ("a list", b"{]\n".to_vec(), "no JSON object"),
        ("latin-1", line.replace("10.0.1.4", "B\u{e4}r").into_bytes(), "an address that is none"),
        ("bytes", (0..=255u8).cycle().take(10_000).collect(), "before any line #fields"),
        ("port", line.replace("64842", "70000").into(), "a port that is none"),
        ("count", line.replace("\t67\t", "\t-67\t").into(), "a count that is no number"),
        ("time", line.replace("1588205198.5", "yesterday").into(), "a time that is none"),
        ("far", line.replace("1588205198.5", "999999999999999").into(), "a time that is none"),
        ("protocol", line.replace("udp", "carrier").into(), "a protocol that nobody knows"),
    ];
    for (name, bytes, expected) in cases {
        let root = tempfile::tempdir().expect("folder");
        let log = file(root.path(), "x.log", bytes);
        let data = root.path().join("data");
        let done = run(&[log], &options(&data));
        let log = &done.logs[0];
        let said = match &log.fault {
            Some(fault) => fault.to_string(),
            None => log.skipped.iter().map(|s| format!("{} ({})", s.why, s.lines)).collect(),
        };
        assert!(said.contains(expected), "{name}: {said}");
        assert_eq!((log.rows, done.files), ((0, 0), 0), "{name}");
        assert_eq!(files(&data), Vec::<PathBuf>::new(), "{name}");
    }
}

#[test]
fn a_mixed_stream_is_read_line_by_line_and_the_good_lines_stay() {
    let root = tempfile::tempdir().expect("folder");
    let dns =
        "1588205199 D2 10.0.1.4 64842 10.0.0.4 53 udp - gone.evil.com 1 28 3 -".replace(' ', "\t");
    let json = r#"{"ts":1588205198.5,"id_orig_h":"10.0.1.4","id_orig_p":1,"id_resp_h":"192.168.0.5","id_resp_p":2,"proto":"tcp","conn_state":"SF"}"#;
    // Logs one after another, as `cat *.log` gives them.
    let text =
        format!("{}garbage\n{DNS}{dns}\n\n{json}\n{}", conn([LINES[0].0]), conn([LINES[1].0]));
    let log = file(root.path(), "all.log", text);
    let data = root.path().join("data");
    let done = run(&[log], &options(&data));
    assert_eq!(done.logs[0].rows, (3, 1), "{:?}", done.logs[0]);
    let skipped = &done.logs[0].skipped;
    assert_eq!(skipped.len(), 1);
    assert_eq!((skipped[0].lines, skipped[0].first.clone()), (1, vec![9]));
}

#[test]
fn a_log_that_was_imported_is_left_out_until_it_is_wanted_again() {
    let root = tempfile::tempdir().expect("folder");
    let log = file(root.path(), "conn.log", conn([LINES[0].0, LINES[6].0]));
    let data = root.path().join("data");
    let once = run(std::slice::from_ref(&log), &options(&data));
    let before = files(&data);
    assert_eq!((once.files, before.len()), (2, 2));
    // The same content under another name, packed, and twice in one run.
    let packed = zstd::encode_all(conn([LINES[0].0, LINES[6].0]).as_bytes(), 1).expect("packed");
    let copy = file(root.path(), "copy.zst", packed);
    let twice = run(&[log.clone(), copy.clone()], &options(&data));
    assert!(twice.logs.iter().all(|log| log.known), "{twice:?}");
    assert_eq!((twice.files, files(&data)), (0, before.clone()));

    // Again, in the other way: its rows take the place of the old ones, none stays.
    let two = Options { directions: Directions::Two, again: true, ..options(&data) };
    let again = run(&[log, copy], &two);
    assert_eq!(again.logs.iter().map(|log| log.known).collect::<Vec<_>>(), [false, true]);
    assert_eq!(rows(&data, "flow", "sip").len(), 3);
    let left: Vec<_> =
        fs::read_dir(&data).expect("folder").map(|e| e.expect("entry").file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with(".import")), "{left:?}");
}

#[test]
fn an_import_that_was_killed_leaves_nothing_to_readers_and_goes_with_the_next() {
    let root = tempfile::tempdir().expect("folder");
    let data = root.path().join("data");
    let mut incoming = spot_store::Incoming::open(&data).expect("open");
    fs::write(incoming.file(), "half").expect("file");
    // As a kill leaves it: the folder without a process that holds its lock.
    let waiting: Vec<_> =
        fs::read_dir(&data).expect("folder").map(|e| e.expect("entry").path()).collect();
    assert_eq!(waiting.len(), 1);
    let copy = data.join(".import-1-0");
    fs::create_dir(&copy).expect("folder");
    fs::write(copy.join("lock"), "").expect("file");
    fs::write(copy.join("1"), "half").expect("file");
    let log = file(root.path(), "conn.log", conn([LINES[0].0]));
    run(&[log], &options(&data));
    assert!(!copy.exists(), "what was killed is taken away");
    assert!(waiting[0].exists(), "what is under way is not");
    drop(incoming);
    assert!(!waiting[0].exists());
    assert_eq!(files(&data).len(), 1);
}

#[test]
fn times_that_count_from_the_start_of_the_capture_are_shifted() {
    let root = tempfile::tempdir().expect("folder");
    let log = file(
        root.path(),
        "conn.log",
        conn(["13.184 C1 10.0.1.4 1 10.0.0.4 53 udp - - - SF - 1 67 1 83"]),
    );
    let data = root.path().join("data");
    let start = Start(1_526_256_000_000_000);
    run(&[log], &Options { start, ..options(&data) });
    assert_eq!(rows(&data, "flow", "treceived"), ["2018-05-14 00:00:13"]);
}

#[test]
fn words_name_files_patterns_and_standard_input() {
    let root = tempfile::tempdir().expect("folder");
    for name in ["a.log", "b.log", "c.txt"] {
        fs::write(root.path().join(name), "x").expect("file");
    }
    let at = |name: &str| root.path().join(name).to_str().expect("UTF-8").to_owned();
    let found = inputs(&[at("*.log"), at("a.log"), "-".to_owned()]).expect("inputs");
    let files = ["a.log", "b.log"].map(|name| Input::File(root.path().join(name)));
    assert_eq!(found, [&files[..], &[Input::Standard]].concat());
    for (word, said) in
        [(at("no.log"), "no such file"), (at(""), "a folder is no log"), ("[".into(), "pattern")]
    {
        let error = inputs(&[word]).expect_err("nothing").to_string();
        assert!(error.contains(said), "{error}");
    }
}

/// A search finds the same of a connection whichever way its rows were written.
#[test]
fn one_row_or_two_tell_the_same_story() {
    let root = tempfile::tempdir().expect("folder");
    let lines = [
        "1467968400 C1 10.0.0.5 50001 203.0.113.9 443 tcp 1.5 1 2 SF ShADadFf 12 1307 11 2133",
        "1467969000 C2 10.0.0.5 50002 203.0.113.9 443 tcp 2.5 1 2 SF ShADadFf 20 5000 10 900",
        "1467970000 C3 198.51.100.7 40000 10.0.0.5 22 tcp 60.0 1 2 SF ShADadFf 3 180 4 4000",
        "1467971000 C4 192.0.2.44 33333 10.0.0.5 3389 tcp - - - S0 S 1 60 0 0",
        "1467972000 C5 10.0.0.5 5353 10.0.0.9 53 udp 0.1 1 2 SF Dd 1 67 1 83",
    ];
    let log = file(root.path(), "conn.log", conn(lines));
    let [one, two] = [Directions::One, Directions::Two].map(|directions| {
        let data = root.path().join(format!("{directions:?}"));
        run(std::slice::from_ref(&log), &Options { directions, ..options(&data) });
        let data = data.to_str().expect("UTF-8").to_owned();
        let settings = given([("SPOT_DATA", data), ("SPOT_DATE", "2016-07-08".to_owned())]);
        let bench =
            Workbench::open(Settings::from_env(&settings).expect("settings")).expect("bench");
        let found =
            bench.investigate(&spot_analysis::model::Address::new("10.0.0.5")).expect("found");
        let facts = (found.facts.peers, found.facts.bytes_in, found.facts.bytes_out);
        let mut peers: Vec<String> = found
            .peers
            .iter()
            .map(|peer| {
                let (first, last) = (peer.first_seen, peer.last_seen);
                format!(
                    "{} {:?} in {} out {} {:?} {first:?} {last:?}",
                    peer.address,
                    peer.direction,
                    peer.bytes_in,
                    peer.bytes_out,
                    peer.initiator.began
                )
            })
            .collect();
        peers.sort();
        (facts, peers)
    });
    assert_eq!(one, two);
    assert_eq!(one.0.0, 4);
}

/// Whatever is in a log: no panic, and no row of what was not there.
#[test]
fn no_bytes_end_the_import() {
    let whole = format!(
        "{}{DNS}{}",
        conn(LINES.iter().map(|(line, _)| *line)),
        "1588205199\tD2\t10.0.1.4\t1\t10.0.0.4\t53\tudp\t-\ta.b\t1\t28\t3\t-\n"
    );
    let bytes = whole.as_bytes();
    let root = tempfile::tempdir().expect("folder");
    let mut seed = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below as u64) as usize
    };
    for round in 0..300 {
        let mut text = bytes.to_vec();
        for _ in 0..1 + random(8) {
            let at = random(text.len());
            match random(4) {
                0 => text[at] = random(256) as u8,
                1 => {
                    drop(text.drain(at..(at + random(40)).min(bytes.len()).min(text.len()).max(at)))
                }
                2 => text.truncate(at.max(1)),
                _ => text.insert(at, b"\t\n#-,:{\x00\xff"[random(9)]),
            }
            if text.is_empty() {
                text.push(b'x');
            }
        }
        let log = file(root.path(), "x.log", &text);
        let data = root.path().join(format!("data-{}", round % 2));
        let done = run(&[log], &options(&data));
        let log = &done.logs[0];
        let skipped: u64 = log.skipped.iter().map(|skipped| skipped.lines).sum();
        assert!(
            log.rows.0 + log.rows.1 + skipped == log.lines || log.known || log.fault.is_some(),
            "{log:?}"
        );
        drop(fs::remove_dir_all(&data));
    }
}

/// A search of one address reads few of the row groups, whether it was source or destination.
#[test]
fn an_address_lies_in_few_row_groups() {
    let root = tempfile::tempdir().expect("folder");
    let mut text = CONN.to_owned();
    let mut seed = 7u64;
    for number in 0..200_000u64 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (src, dst) = (seed >> 33 & 0x3ff, seed >> 43 & 0xfff);
        text.push_str(&format!(
            "{}.5\tC\t10.0.{}.{}\t{}\t203.0.{}.{}\t443\ttcp\t1.0\t1\t2\tSF\tSh\t1\t60\t1\t60\n",
            1_588_205_000 + number / 100,
            src >> 8,
            src & 255,
            1024 + number % 60_000,
            dst >> 8,
            dst & 255,
        ));
    }
    let log = file(root.path(), "conn.log", text);
    let data = root.path().join("data");
    let done = run(&[log], &options(&data));
    assert_eq!(done.logs[0].rows, (200_000, 0));
    let (mut groups, mut hits) = (0, 0);
    for path in files(&data) {
        let frame =
            ParquetReader::new(fs::File::open(path).expect("file")).finish().expect("frame");
        let mut at = 0;
        while at < frame.height() {
            let group = frame.slice(at as i64, spot_import::tables::GROUP_ROWS);
            at += group.height();
            let holds = |column: &str, address: &str| {
                let texts: Vec<&str> = group
                    .column(column)
                    .expect("column")
                    .str()
                    .expect("text")
                    .iter()
                    .flatten()
                    .collect();
                texts.iter().min() <= Some(&address) && Some(&address) <= texts.iter().max()
            };
            for address in ["10.0.2.77", "203.0.9.200"] {
                groups += 1;
                hits += usize::from(holds("sip", address) || holds("dip", address));
            }
        }
    }
    assert!(groups >= 24, "{groups}");
    assert!(hits * 5 <= groups * 2, "{hits} of {groups} groups");
}

/// The logs as Zeek wrote them, beside the same captures as somebody else converted them.
#[test]
fn raw_logs_become_the_rows_of_the_captures() {
    let Some(shared) = shared() else { return };
    const SAME: &str =
        "treceived tdur sip sport dip dport proto flag ipkt ibyt opkt obyt unix_tstamp rip";
    const NAMED: &str = "frame_time unix_tstamp ip_dst ip_src dns_qry_name dns_qry_class dns_qry_type dns_qry_rcode";
    // What the converted set has besides: a second sensor.
    for (raw, capture, start, beside) in [
        ("zeek-json", "apt29-day1", 0, true),
        ("zeek-tsv", "simda-dga", 1_526_256_000_000_000, false),
    ] {
        let root = tempfile::tempdir().expect("folder");
        let raw = shared.join("raw").join(raw);
        let logs = ["conn.log", "dns.log"].map(|name| Input::File(raw.join(name)));
        let data = root.path();
        let two = Options { directions: Directions::Two, start: Start(start), ..options(data) };
        let done = run(&logs, &two);
        assert!(done.logs.iter().all(|log| log.fault.is_none() && log.rows != (0, 0)));
        for (table, columns) in [("flow", SAME), ("dns", NAMED)] {
            let mut theirs = rows(&shared.join("captures").join(capture), table, columns);
            let ours = rows(data, table, columns);
            let count = ours.len();
            let mut more: Vec<String> = ours
                .into_iter()
                .filter(|row| match theirs.binary_search(row) {
                    Ok(at) => {
                        theirs.remove(at);
                        false
                    }
                    Err(_) => true,
                })
                .collect();
            // Of pairs that Zeek makes of ICMPv6 (131 and 130, 136 and 135, 134 and 133) it gives the type of
            // the answer where the code is 0; the converted set took that for the code.
            more.retain(|row| !row.contains(" ICMP6 "));
            theirs.retain(|row| !row.contains(" ICMP6 "));
            assert_eq!(more, [""; 0], "{capture} {table}: of {count}");
            assert!(theirs.is_empty() || beside, "{capture} {table}: {theirs:?}");
        }
    }
}
