//! Tables of anybody to ours: CSV and Parquet, with and without a map.

mod common;

use std::fs::{self, File};

use common::{DNS, FLOW, files, import_one, rows, said};
use polars::prelude::*;
use spot_import::{Input, Map, Tool};

fn map(words: &[&str]) -> Map {
    Map::of(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()).expect("a map")
}

/// What a text becomes; and what is said of it.
fn read(text: &[u8], words: &[&str], table: &str, columns: &str) -> (Vec<String>, String) {
    let root = tempfile::tempdir().expect("folder");
    let (path, data) = (root.path().join("table.csv"), root.path().join("data"));
    fs::write(&path, text).expect("table");
    let done = import_one(&Tool::Csv(map(words)), Input::File(path), &data);
    (rows(&data, table, columns), said(&done))
}

const EXPECTED: &str =
    "2016-07-08 10:00:02 1.5 10.0.0.5 50001 203.0.113.9 443 TCP ...AP.SF 12 1307 11 2133";

#[test]
fn flows_of_any_table_become_rows() {
    // Map, text, row.
    let cases: [(&[&str], &str, &str); 7] = [
        // Spot's own.
        (
            &[],
            "treceived,unix_tstamp,tdur,sip,dip,sport,dport,proto,flag,ipkt,ibyt,opkt,obyt\n2016-07-08 10:00:02,1467972002,1.5,10.0.0.5,203.0.113.9,50001,443,TCP,...AP.SF,12,1307,11,2133\n",
            EXPECTED,
        ),
        // Names with blanks, another order, milliseconds, quotes, Windows' line ends.
        (
            &[
                "sip=Source IP",
                "dip=Dest, IP",
                "tstart:ms=Start",
                "tdur:us=Duration",
                "sport=SP",
                "dport=DP",
                "proto=P",
                "flag=F",
                "ipkt=PO",
                "ibyt=BO",
                "opkt=PB",
                "obyt=BB",
            ],
            "\"Dest, IP\";Source IP;Start;Duration;SP;DP;P;F;PO;BO;PB;BB;more\r\n203.0.113.9;\"10.0.0.5\";1467972000500;1500000;50001;443;6;0x1b;12;1307;11;2133;\"a;b\"\r\n",
            EXPECTED,
        ),
        // A format of one's own; tabs.
        (
            &["treceived:%d/%m/%Y %H:%M:%S=When"],
            "sip\tdip\tWhen\tSPORT\tDPORT\tPROTO\tFLAG\tIPKT\tIBYT\tOPKT\tOBYT\tTDUR\n10.0.0.5\t203.0.113.9\t08/07/2016 10:00:02\t50001.0\t443\ttcp\t.AP.SF\t12.0\t1307\t11\t2133\t1.5\n",
            EXPECTED,
        ),
        // Begin and end; nanoseconds.
        (
            &["treceived:ns=end", "tstart:ns=begin"],
            "sip|dip|begin|end|sport|dport|proto|flag|ipkt|ibyt|opkt|obyt\n10.0.0.5|203.0.113.9|1467972000500000000|1467972002000000000|50001|443|TCP|...AP.SF|12|1307|11|2133\n",
            EXPECTED,
        ),
        // What must be there is there.
        (
            &[],
            "sip,dip,treceived\n2001:db8::5,10.0.0.9,1467972002.75\n",
            "2016-07-08 10:00:02 0.0 2001:db8::5 0 10.0.0.9 0 0 ........ 0 0 0 0",
        ),
        (
            &[],
            "\u{feff}sip,dip,tstart,tdur\n10.0.0.5,10.0.0.9,2016-07-08T12:00:00.5+02:00,1.5",
            "2016-07-08 10:00:02 1.5 10.0.0.5 0 10.0.0.9 0 0 ........ 0 0 0 0",
        ),
        // The map says which of two is meant.
        (
            &["sip=real"],
            "sip,real,dip,treceived\nx,10.0.0.5,10.0.0.9,1467972002\n",
            "2016-07-08 10:00:02 0.0 10.0.0.5 0 10.0.0.9 0 0 ........ 0 0 0 0",
        ),
    ];
    for (words, text, expected) in cases {
        let (found, said) = read(text.as_bytes(), words, "flow", FLOW);
        assert_eq!(found, [expected], "{text}: {said}");
    }
}

#[test]
fn answers_of_any_table_become_rows() {
    let expected = "Jul  8 2016 10:01:46.972068000 UTC 173 10.0.0.5 10.0.0.9 c2.evil.example 0x00000001 28 3 203.0.113.9|2001:db8::9";
    let cases: [(&[&str], &str); 2] = [
        (
            &[],
            "frame_time,frame_len,ip_dst,ip_src,dns_qry_name,dns_qry_class,dns_qry_type,dns_qry_rcode,dns_a\nJul  8 2016 10:01:46.972068000 UTC,173,10.0.0.5,10.0.0.9,c2.evil.example,0x00000001,28,3,203.0.113.9|2001:db8::9\n",
        ),
        (
            &[
                "frame_time=@timestamp",
                "ip_dst=source.ip",
                "ip_src=destination.ip",
                "dns_qry_name=dns.question.name",
                "dns_qry_class=dns.question.class",
                "dns_qry_type=dns.question.type",
                "dns_qry_rcode=dns.response_code",
                "dns_a=dns.resolved_ip",
                "frame_len=network.bytes",
            ],
            "@timestamp,source.ip,destination.ip,dns.question.name,dns.question.class,dns.question.type,dns.response_code,dns.resolved_ip,network.bytes\n2016-07-08T10:01:46.972068Z,10.0.0.5,10.0.0.9,c2.evil.example,IN,AAAA,NXDOMAIN,\"[\"\"203.0.113.9\"\", \"\"2001:db8::9\"\"]\",173\n",
        ),
    ];
    for (words, text) in cases {
        let (found, said) = read(text.as_bytes(), words, "dns", DNS);
        assert_eq!(found, [expected], "{said}");
    }
}

#[test]
fn what_is_no_row_is_told_in_a_line() {
    let head = "sip,dip,treceived,sport,ipkt,proto\n";
    let good = "10.0.0.5,10.0.0.9,1467972002,1,2,TCP";
    let cases = [
        (String::new(), "the log is empty"),
        ("a,b,c\n1,2,3\n".to_owned(), "without sip and dip"),
        ("sip,b,c\n1,2,3\n".to_owned(), "without dip"),
        ("sip,dip,c\n1,2,3\n".to_owned(), "without treceived"),
        ("dns_qry_name,c\n1,2\n".to_owned(), "without ip_dst"),
        (format!("{head}10.0.0.5,10.0.0.9\n"), "cut off: fewer columns"),
        (format!("{head}{}", good.replace("0.9", "0.900")), "an address that is none"),
        (format!("{head}{}", good.replace("1467972002", "soon")), "a time that is none"),
        (format!("{head}{}", good.replace(",1,2,", ",99999,2,")), "a port that is none"),
        (format!("{head}{}", good.replace(",1,2,", ",1,many,")), "a count that is no number"),
        (format!("{head}{}", good.replace("TCP", "what")), "a protocol that nobody knows"),
        (format!("{head}\"{}", "x".repeat(2 << 20)), "longer than a megabyte"),
    ];
    for (text, expected) in cases {
        let (found, said) = read(text.as_bytes(), &[], "flow", FLOW);
        assert!(found.is_empty() && said.contains(expected), "{expected}: {said}");
    }
    for words in ["sip", "what=ever", "treceived:years=t", "/nonexistent.csv"] {
        let refused = Map::of(&[words.to_owned()]).expect_err(words).to_string();
        assert!(refused.contains("what to do"), "{refused}");
    }
}

#[test]
fn a_map_may_lie_in_a_file() {
    let root = tempfile::tempdir().expect("folder");
    let path = root.path().join("map.csv");
    fs::write(
        &path,
        "# of the firewall\ncolumn,name\nsip, Source IP\ntreceived:ms,\"When, UTC\"\n",
    )
    .expect("map");
    let from_file = map(&[path.to_str().expect("UTF-8")]);
    assert_eq!(from_file, map(&["sip=Source IP", "treceived:ms=When, UTC"]));
}

#[test]
fn the_maps_of_the_examples_are_maps() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/maps");
    let mut maps = 0;
    for file in fs::read_dir(folder).expect("folder") {
        let path = file.expect("file").path();
        assert_ne!(map(&[path.to_str().expect("UTF-8")]), Map::default());
        maps += 1;
    }
    assert_eq!(maps, 3);
    let ecs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/maps/ecs-flow.csv");
    let text = "source.ip,source.port,destination.ip,destination.port,network.transport,event.start,event.duration,source.packets,source.bytes,destination.packets,destination.bytes\n10.0.0.5,50001,203.0.113.9,443,tcp,2016-07-08T10:00:00.500Z,1500000000,12,1307,11,2133\n";
    let (found, said) = read(text.as_bytes(), &[ecs], "flow", FLOW);
    assert_eq!(found, [EXPECTED.replace("...AP.SF", "........")], "{said}");
}

fn parquet(path: &std::path::Path, frame: &mut DataFrame) {
    ParquetWriter::new(File::create(path).expect("file")).finish(frame).expect("written");
}

#[test]
fn a_parquet_file_becomes_the_same_rows() {
    let root = tempfile::tempdir().expect("folder");
    // More than are in memory at once; types of whoever wrote it.
    let rows_of_it = 70_000;
    let ends: Vec<i64> = (0..rows_of_it).map(|row| 1_467_936_000_000 + row * 1000).collect();
    let ends =
        Column::new("end".into(), ends).cast(&DataType::Datetime(TimeUnit::Milliseconds, None));
    let same = |name: &str, text: &str| Column::new(name.into(), vec![text; rows_of_it as usize]);
    let ports: Vec<i64> = (0..rows_of_it).map(|row| row % 60_000).collect();
    let columns = vec![
        same("Source, IP", "10.0.0.5"),
        same("dip", "203.0.113.9"),
        ends.expect("times"),
        Column::new("sport".into(), ports),
        Column::new("tdur".into(), vec![1.5f64; rows_of_it as usize]),
        same("comment", "not ours\n"),
    ];
    let path = root.path().join("flows.parquet");
    parquet(&path, &mut DataFrame::new(rows_of_it as usize, columns).expect("frame"));
    let tool = Tool::Parquet(map(&["sip=Source, IP", "treceived=end"]));
    let data = root.path().join("data");
    let done = import_one(&tool, Input::File(path.clone()), &data);
    assert_eq!(done.logs[0].rows, (rows_of_it as u64, 0), "{:?}", done.logs[0]);
    let found = rows(&data, "flow", FLOW);
    assert_eq!(found[0], "2016-07-08 00:00:00 1.5 10.0.0.5 0 203.0.113.9 0 0 ........ 0 0 0 0");
    assert_eq!(found.len(), rows_of_it as usize);
    // What it wrote, it reads, and nothing changes.
    let again = root.path().join("again");
    for file in files(&data.join("flow")) {
        import_one(&Tool::Parquet(Map::default()), Input::File(file), &again);
    }
    assert_eq!(rows(&again, "flow", FLOW), found);

    let refused =
        import_one(&Tool::Parquet(Map::default()), Input::Standard, &root.path().join("no"));
    assert!(said(&refused).contains("cannot come over standard input"));
    let whole = fs::read(&path).expect("file");
    let foreign = root.path().join("foreign.parquet");
    parquet(
        &foreign,
        &mut DataFrame::new(1, vec![Column::new("x".into(), vec![1i32])]).expect("frame"),
    );
    for (bytes, expected) in [
        (Vec::new(), "no Parquet file"),
        (b"sip,dip\n".to_vec(), "no Parquet file"),
        (whole[..whole.len() / 2].to_vec(), "no Parquet file"),
        (fs::read(&foreign).expect("file"), "no column is one of ours; it has x"),
    ] {
        let path = root.path().join("bad.parquet");
        fs::write(&path, bytes).expect("file");
        let done = import_one(&tool, Input::File(path), &root.path().join("no"));
        assert!(said(&done).contains(expected), "{}", said(&done));
    }
    // Bytes in the middle that are not what was written: an error, or other rows, but no panic.
    let few = files(&again.join("flow")).swap_remove(0);
    let whole = fs::read(few).expect("file");
    for at in (4..whole.len() - 24).step_by(whole.len() / 25) {
        let mut damaged = whole.clone();
        damaged[at..at + 20].fill(0xff);
        let path = root.path().join("damaged.parquet");
        fs::write(&path, damaged).expect("file");
        let tool = Tool::Parquet(Map::default());
        drop(import_one(&tool, Input::File(path), &root.path().join("no")));
    }
}
