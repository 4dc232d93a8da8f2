//! The analyst's walk as calls: list, search, tables, save, search again, on vector V1's flows.

use std::fs::{self, File};
use std::path::Path;

use polars::prelude::*;
use spot::flow;
use spot::prelude::{Direction, Settings};

const DAY: &str = "y=2016/m=7/d=8";

/// time, source, destination, ports, packets, bytes
type Flow = (&'static str, &'static str, &'static str, i32, i32, i64, i64);

const FLOWS: [Flow; 6] = [
    ("09:00:00", "10.0.0.5", "203.0.113.9", 50001, 443, 10, 1000),
    ("09:10:00", "10.0.0.5", "203.0.113.9", 50002, 443, 20, 5000),
    ("10:00:00", "10.0.0.5", "203.0.113.9", 50002, 443, 5, 500),
    ("09:05:00", "198.51.100.7", "10.0.0.5", 40000, 22, 3, 180),
    ("09:06:00", "10.0.0.5", "198.51.100.7", 22, 40000, 4, 4000),
    ("11:00:00", "192.0.2.44", "10.0.0.5", 33333, 3389, 1, 60),
];

fn write(path: &Path, frame: &mut DataFrame) {
    fs::create_dir_all(path.parent().expect("has a parent")).expect("folder");
    ParquetWriter::new(File::create(path).expect("file")).finish(frame).expect("parquet");
}

fn day(folder: &Path) {
    let column = |name: &str, of: &dyn Fn(&Flow) -> i64| {
        Column::new(name.into(), FLOWS.iter().map(of).collect::<Vec<_>>())
    };
    let text = |name: &str, of: &dyn Fn(&Flow) -> String| {
        Column::new(name.into(), FLOWS.iter().map(of).collect::<Vec<_>>())
    };
    let zeros = |name: &str| column(name, &|_| 0);
    let mut flow = DataFrame::new_infer_height(vec![
        text("treceived", &|f| format!("2016-07-08 {}", f.0)),
        zeros("unix_tstamp"),
        zeros("tdur").cast(&DataType::Float32).expect("number"),
        text("sip", &|f| f.1.into()),
        text("dip", &|f| f.2.into()),
        column("sport", &|f| f.3.into()).cast(&DataType::Int32).expect("number"),
        column("dport", &|f| f.4.into()).cast(&DataType::Int32).expect("number"),
        text("proto", &|_| "TCP".into()),
        text("flag", &|_| ".A....".into()),
        column("ipkt", &|f| f.5),
        column("ibyt", &|f| f.6),
        zeros("opkt"),
        zeros("obyt"),
    ])
    .expect("same lengths");
    write(&folder.join(format!("flow/{DAY}/h=9/part-0.parquet")), &mut flow);
    let mut scored = df!(
        "tstart" => ["2016-07-08 09:00:00"],
        "srcip" => ["10.0.0.5"],
        "dstip" => ["203.0.113.9"],
        "srcport" => [50001],
        "dstport" => [443],
        "score" => [1],
    )
    .expect("same lengths");
    write(&folder.join(format!("flow_threat_investigation/{DAY}/part-0.parquet")), &mut scored);
}

#[test]
fn the_walk_as_calls() {
    let folder = tempfile::tempdir().expect("folder");
    day(folder.path());
    let out = folder.path().join("out");
    let settings = Settings::new()
        .data(folder.path().to_string_lossy())
        .out(out.to_string_lossy())
        .date("20160708");

    assert!(flow::search_ip("10.0.0.5").is_err(), "nothing is open yet");
    flow::start_investigation(&settings).expect("the day opens");
    let error = flow::search_ip("<script>").expect_err("no address").to_string();
    assert!(error.contains("is no address"), "{error}");

    let found = flow::search_ip("10.0.0.5").expect("finds");
    assert_eq!(found.facts.connections, 6);
    let conns = flow::get_in_out_and_twoway_conns(&found);
    let names = |peers: &[spot::prelude::Peer]| {
        peers.iter().map(|peer| peer.address.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names(&conns.inbound), ["192.0.2.44"]);
    assert_eq!(names(&conns.outbound), ["203.0.113.9"]);
    assert_eq!(names(&conns.twoway), ["198.51.100.7"]);
    assert_eq!(conns.outbound[0].direction, Direction::Outbound);
    assert_eq!(names(&flow::get_top_bytes(&found.peers, 2)), ["203.0.113.9", "198.51.100.7"]);
    assert_eq!(names(&flow::get_top_conns(&found.peers, 1)), ["203.0.113.9"]);
    let frame = flow::peers_frame(&found.peers).expect("frame");
    assert_eq!(frame.height(), 3);
    flow::display_results(&["peer", "bytes"], &frame, 2).expect("shows");
    let error = flow::display_results(&["nobody"], &frame, 2).expect_err("no column").to_string();
    assert!(error.contains("nobody"), "{error}");

    let title = "O'Brien's \"C2\"; DROP";
    let text = "one\ntwo 🦀 <script>alert(1)</script>\nEVCXR_END_CONTENT";
    let saved = flow::save_threat_summary("10.0.0.5", title, text).expect("saves");
    assert!(!saved.artefacts.is_empty());
    assert!(
        saved.artefacts.iter().all(|artefact| artefact.rows > 0 || artefact.name.ends_with("json"))
    );
    flow::save_threat_summary("10.0.0.5", title, text).expect("saves again");
    flow::display_threat_box("10.0.0.5").expect("shows the story");
    assert!(flow::save_threat_summary("192.0.2.99", "t", "x").is_err(), "V10: nothing to save");
    assert!(flow::remove_widget(0).is_err(), "there is no panel on this kernel");
    assert!(!folder.path().join("flow_storyboard").exists(), "the data folder is untouched");
}
