//! The context files as they lie in a folder: which are found, and that a bad one is a note.

mod common;

use std::fs;
use std::path::Path;

use common::{V1, flows, put, settings};
use spot_analysis::model::{Address, Investigation};
use spot_store::{Settings, Workbench, context};

/// A data folder with the flows of V1 and these context files.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("folder");
    put(root.path(), "flow/y=2016/m=7/d=8/h=9/part-0.parquet", flows(&V1));
    fs::create_dir(root.path().join("context")).expect("folder");
    for (name, bytes) in files {
        fs::write(root.path().join("context").join(name), bytes).expect("file");
    }
    root
}

fn found(settings: Settings) -> Investigation {
    let bench = Workbench::open(settings).expect("workbench");
    bench.investigate(&Address::new("10.0.0.5")).expect("finding")
}

#[test]
fn classes_and_indicators_are_read_from_the_folder() {
    let root = folder(&[
        ("networkcontext_1.csv", b"192.0.2.44,Proxy-1\n"),
        ("classes.csv", b"part,class\nproxy,Gateways\n"),
        ("indicators.csv", b"indicator,source,note\n203.0.113.0/24,Feed,rented\nbroken one\n"),
    ]);
    let found = found(settings(root.path()));
    let peer = |address: &str| {
        found.peers.iter().find(|peer| peer.address.as_str() == address).expect("a peer")
    };
    assert_eq!(peer("192.0.2.44").context.as_ref().expect("a name").class(), "Gateways");
    assert_eq!(peer("203.0.113.9").flags[0].note, "rented");
    assert!(peer("198.51.100.7").flags.is_empty());
    assert_eq!(found.notes.len(), 1, "{:?}", found.notes);
    assert!(found.notes[0].starts_with("indicators.csv line 3: `broken one` is neither"));
}

#[test]
fn a_folder_is_one_of_context_by_any_of_its_files() {
    for (name, bytes) in
        [("indicators.csv", &b"203.0.113.9"[..]), ("x.mmdb", b"no"), ("classes.csv", b"a,b")]
    {
        let root = folder(&[(name, bytes)]);
        let texts = context::read(None, Some(root.path()), None).expect("read");
        let read =
            [texts.indicators.is_some(), texts.classes.is_some(), !texts.databases.is_empty()];
        assert_eq!(read.iter().filter(|read| **read).count(), 1, "{name}");
    }
}

/// A database of one node, whose right side (128.0.0.0/1) has an owner.
fn database() -> Vec<u8> {
    let text = |text: &str| [&[0x40 | text.len() as u8], text.as_bytes()].concat();
    let number = |text_: &str, n: u16| [text(text_), vec![0xa2], n.to_be_bytes().to_vec()].concat();
    let owner = "Example Owner";
    let long = "autonomous_system_organization";
    // Records of 24 bits: nothing (the number of nodes), then the first byte of the data.
    let mut out = vec![0, 0, 1, 0, 0, 17];
    out.extend([0; 16]);
    out.extend([0xe1, 0x5d, (long.len() - 29) as u8]);
    out.extend(long.as_bytes());
    out.extend(text(owner));
    out.extend(b"\xab\xcd\xefMaxMind.com");
    out.push(0xe9);
    out.extend(number("binary_format_major_version", 2));
    out.extend(number("binary_format_minor_version", 0));
    out.extend([text("build_epoch"), vec![0x01, 0x02, 1]].concat());
    out.extend([text("database_type"), text("GeoLite2-ASN")].concat());
    out.extend([text("description"), vec![0xe0]].concat());
    out.extend(number("ip_version", 4));
    out.extend([text("languages"), vec![0x00, 0x04]].concat());
    out.extend([text("node_count"), vec![0xc1, 1]].concat());
    out.extend(number("record_size", 24));
    out
}

#[test]
fn databases_are_read_and_bad_ones_are_notes() {
    let whole = database();
    let root = folder(&[
        ("a-empty.mmdb", b""),
        ("b-cut.mmdb", &whole[..40]),
        ("c-text.MMDB", b"ip,name\n"),
        ("GeoLite2-ASN.mmdb", &whole),
        ("iploc.csv", b"203.0.113.0,203.0.113.255,CZ,Czechia,-,-,-,-,-,-\n"),
    ]);
    fs::create_dir(root.path().join("context/folder.mmdb")).expect("folder");
    let found = found(settings(root.path()));
    let place = |address: &str| {
        let peer = found.peers.iter().find(|peer| peer.address.as_str() == address);
        let place = peer.and_then(|peer| peer.place.clone());
        place.map(|place| format!("{}/{}", place.country, place.owner)).unwrap_or_default()
    };
    // Both files tell of the first; the second is in the database alone.
    assert_eq!(place("203.0.113.9"), "Czechia/Example Owner");
    assert_eq!(place("198.51.100.7"), "/Example Owner");
    let files: Vec<&str> = found
        .notes
        .iter()
        .filter_map(|note| note.split_once(" is no MaxMind"))
        .map(|n| n.0)
        .collect();
    assert_eq!(files, ["a-empty.mmdb", "b-cut.mmdb", "c-text.MMDB"]);
    assert_eq!(found.notes.len(), 3, "{:?}", found.notes);
}

#[test]
fn a_database_at_a_server_is_told_of_and_looked_for_here() {
    let root = folder(&[("GeoLite2-ASN.mmdb", &database())]);
    let texts = context::Texts {
        elsewhere: vec!["GeoLite2-ASN.mmdb".into(), "GeoLite2-City.mmdb".into()],
        databases: context::find_databases(None, Some(root.path()), None).expect("found"),
        ..context::Texts::default()
    };
    let network = texts.network();
    assert_eq!(
        network.notes(),
        [
            "the server has GeoLite2-City.mmdb, which it does not send: places are without it; put it into \
          a folder `context` here"
        ]
    );
    let place = network.place_of(&Address::new("203.0.113.9")).expect("a place");
    assert_eq!(place.owner, "Example Owner");
    // What is gone when it is read is a note too.
    let gone = context::Texts {
        databases: vec![Path::new("/nowhere/x.mmdb").to_path_buf()],
        ..context::Texts::default()
    };
    let notes = gone.network().notes();
    assert!(notes[0].starts_with("x.mmdb: cannot be read ("), "{notes:?}");
}
