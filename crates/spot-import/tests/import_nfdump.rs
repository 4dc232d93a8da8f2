//! nfdump's CSV and nfcapd files to tables.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{FLOW, import_one, rows, said, shared};
use spot_import::{Done, Input, Tool};

/// As nfdump 1.6 and 1.7 write it, fewer columns; and as later versions do.
const OLD: &str = "ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt,in,out,sas,das\n";
const NEW: &str = "firstSeen,duration,proto,srcAddr,srcPort,dstAddr,dstPort,packets,bytes\n";

fn run(bytes: &[u8], data: &Path) -> Done {
    let path = data.with_extension("csv");
    fs::write(&path, bytes).expect("log");
    import_one(&Tool::Nfdump, Input::File(path), data)
}

#[test]
fn a_line_of_csv_becomes_a_row() {
    // The line with the names, a line below it, and its row.
    let cases = [
        (
            OLD,
            "2018-01-12 15:37:29,2018-01-12 15:37:30,1.250,147.32.80.119,147.32.82.62,52324,902,TCP,......S.,0,0,1,60,0,0,0,0,2852,2852",
            "2018-01-12 15:37:30 1.25 147.32.80.119 52324 147.32.82.62 902 TCP ......S. 1 60 0 0",
        ),
        (
            OLD,
            "2018-01-12 23:59:59.500,2018-01-13 00:00:01.250,1.750,2001:db8::1,2001:db8::2,1,53,UDP,........,0,0,2,120,3,3000000000,0,0,0,0",
            "2018-01-13 00:00:01 1.75 2001:db8::1 1 2001:db8::2 53 UDP ........ 2 120 3 3000000000",
        ),
        // ICMP: type and code, in one number or with a dot.
        (
            OLD,
            "2018-01-12 15:37:29,2018-01-12 15:37:29,0.000,10.0.0.1,10.0.0.2,0,2048,ICMP,........,0,0,1,84,0,0,0,0,0,0",
            "2018-01-12 15:37:29 0.0 10.0.0.1 0 10.0.0.2 2048 ICMP ........ 1 84 0 0",
        ),
        (
            OLD,
            "2018-01-12 15:37:29,2018-01-12 15:37:29,0.000,10.0.0.1,10.0.0.2,0,3.3,ICMP,........,0,0,1,84,0,0,0,0,0,0",
            "2018-01-12 15:37:29 0.0 10.0.0.1 0 10.0.0.2 771 ICMP ........ 1 84 0 0",
        ),
        (
            NEW,
            "2018-01-12 15:37:29.000,1.500,TCP,10.0.0.1,4000,10.0.0.2,443,7,700",
            "2018-01-12 15:37:30 1.5 10.0.0.1 4000 10.0.0.2 443 TCP ........ 7 700 0 0",
        ),
    ];
    for (head, line, expected) in cases {
        let root = tempfile::tempdir().expect("folder");
        let data = root.path().join("data");
        // The sums at the end are no rows, and another file may follow.
        let text = format!("{head}{line}\nSummary\nflows,bytes,packets\n1,60,1\n{head}");
        let done = run(text.as_bytes(), &data);
        let log = &done.logs[0];
        assert_eq!((log.rows, log.lines, log.skipped.len()), ((1, 0), 1, 0), "{log:?}");
        assert_eq!(rows(&data, "flow", FLOW), [expected]);
    }
}

#[test]
fn what_is_no_flow_is_told_in_a_line() {
    let good = "2018-01-12 15:37:29,2018-01-12 15:37:29,0.0,10.0.0.1,10.0.0.2,1,2,TCP,.A....,0,0,1,84,0,0,0,0,0,0";
    let cases = [
        (String::new(), "the log is empty"),
        (good.to_owned(), "before any line with the names of columns"),
        (format!("{OLD}{}", &good[..60]), "cut off: fewer columns"),
        (format!("{OLD}{}", good.replace("15:37:29", "noon")), "a time that is none"),
        (format!("{OLD}{}", good.replace("10.0.0.2", "10.0.0.256")), "an address that is none"),
        (format!("{OLD}{}", good.replace(",84,", ",-84,")), "a count that is no number"),
        (format!("{OLD}{}", good.replace(",1,2,TCP", ",1,99999,TCP")), "a port that is none"),
        (format!("{OLD}{}", good.replace("TCP", "X")), "a protocol that nobody knows"),
    ];
    for (text, expected) in cases {
        let root = tempfile::tempdir().expect("folder");
        let done = run(text.as_bytes(), &root.path().join("data"));
        let said = said(&done);
        assert!(said.contains(expected), "{text}: {said}");
        assert_eq!(done.files, 0);
    }
}

/// A real nfcapd file, beside the same file as somebody else converted it.
#[test]
fn an_nfcapd_file_becomes_the_rows_of_the_capture() {
    let Some(shared) = shared() else { return };
    let capture = shared.join("raw/nfdump/test1-malicious.nfcapd");
    let root = tempfile::tempdir().expect("folder");
    let data = root.path().join("data");
    let done = import_one(&Tool::Nfdump, Input::File(capture), &data);
    if Command::new("nfdump").arg("-V").output().is_err() {
        let fault = done.logs[0].fault.as_ref().map(ToString::to_string).unwrap_or_default();
        assert!(fault.contains("install nfdump"), "what to do is said: {fault}");
        eprintln!("skipped: the program nfdump is not there");
        return;
    }
    assert_eq!(done.logs[0].rows, (4593, 0), "{:?}", done.logs[0]);
    assert_eq!(
        rows(&data, "flow", FLOW),
        rows(&shared.join("captures/netflow-portscan"), "flow", FLOW)
    );
}

#[test]
fn a_damaged_nfcapd_file_is_told() {
    let Some(shared) = shared() else { return };
    if Command::new("nfdump").arg("-V").output().is_err() {
        eprintln!("skipped: the program nfdump is not there");
        return;
    }
    let root = tempfile::tempdir().expect("folder");
    let whole = fs::read(shared.join("raw/nfdump/test1-malicious.nfcapd")).expect("capture");
    let path = root.path().join("nfcapd.cut");
    fs::write(&path, &whole[..whole.len() / 2]).expect("file");
    let done = import_one(&Tool::Nfdump, Input::File(path), &root.path().join("data"));
    let fault = done.logs[0].fault.as_ref().map(ToString::to_string).unwrap_or_default();
    assert!(fault.contains("nfdump cannot read this file"), "{fault}");
    assert_eq!(done.files, 0, "nothing of it");
}
