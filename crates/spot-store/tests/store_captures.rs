//! DNS of real captures: every client and every name of them, beside a plain count of the rows. They
//! lie beside the clone (`../shared/data/captures`); where they do not, this test says that it skips.

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use common::{get, settings, tree};
use polars::prelude::*;
use spot_analysis::dns::{Anchor, Name, Scope};
use spot_analysis::model::Address;
use spot_store::{DnsWorkbench, Embedded};

/// Answers by client and name, as both are compared.
type Counts = BTreeMap<(Address, Name), u64>;

/// Counts the rows of a day one by one.
fn counted(files: &[PathBuf]) -> Counts {
    let mut counts = Counts::new();
    for file in files {
        let frame = get(file);
        let text = |name: &str| frame.column(name).and_then(|c| c.cast(&DataType::String));
        let (clients, names) = (text("ip_dst").expect("text"), text("dns_qry_name").expect("text"));
        let rows = clients.str().expect("text").iter().zip(names.str().expect("text").iter());
        for (client, name) in rows {
            let pair =
                (Address::new(client.unwrap_or_default()), Name::new(name.unwrap_or_default()));
            *counts.entry(pair).or_default() += 1;
        }
    }
    counts
}

/// All that one of the two has.
fn of_anchor(counts: &Counts, anchor: &Anchor) -> Counts {
    let has = |(client, name): &&(Address, Name)| match anchor {
        Anchor::Client(wanted) => client == wanted,
        Anchor::Query(wanted) => name == wanted,
    };
    counts.keys().filter(has).map(|pair| (pair.clone(), counts[pair])).collect()
}

fn check(bench: &DnsWorkbench, counts: &Counts, anchor: &Anchor) {
    let found = bench.investigate(anchor, &Scope::Exact).expect("finding");
    let rows = found.rows.iter().map(|row| ((row.client.clone(), row.name.clone()), row.total));
    let expected = of_anchor(counts, anchor);
    assert_eq!(rows.collect::<Counts>(), expected, "{anchor} in {}", bench.describe());
    assert_eq!(found.facts.answers, expected.values().sum::<u64>());
}

#[test]
fn totals_of_every_client_and_name_are_a_plain_count() {
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/captures");
    let Ok(sets) = std::fs::read_dir(&captures) else {
        eprintln!("skipped: {} is not there", captures.display());
        return;
    };
    let mut anchors_seen = 0;
    for set in sets.map(|set| set.expect("entry").path()).filter(|set| set.join("dns").is_dir()) {
        let store = Embedded::open(&set, None).expect("store").holding_from(1000);
        let first = DnsWorkbench::with_store(settings(&set), Arc::new(store)).expect("workbench");
        for info in first.days().expect("days") {
            let part = info.day.format("y=%Y/m=%-m/d=%-d/").to_string();
            let is_of_day = |path: &PathBuf| {
                let path = path.to_string_lossy();
                path.starts_with("dns/") && path.contains(&part) && !path.contains("/oa/")
            };
            let files = tree(&set).into_iter().map(|(path, _)| path).filter(is_of_day);
            let files: Vec<_> = files.map(|path| set.join(path)).collect();
            let counts = counted(&files);
            let bench = first.on_day(&info.day.to_string()).expect("day");
            let anchors: std::collections::BTreeSet<_> = counts
                .keys()
                .flat_map(|(client, name)| {
                    [Anchor::Client(client.clone()), Anchor::Query(name.clone())]
                })
                .collect();
            // From the files some of them, all from memory.
            for anchor in anchors.iter().step_by(50) {
                check(&bench, &counts, anchor);
            }
            if let Some(thread) = bench.hold() {
                thread.join().expect("held");
            }
            for anchor in &anchors {
                check(&bench, &counts, anchor);
            }
            anchors_seen += anchors.len();
        }
    }
    assert!(anchors_seen > 1000, "only {anchors_seen}");
}
