//! The house plan, kept: which crate may use which (ARCHITECTURE.md).

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

/// A crate, the crates of ours it may use, and what of others' it must never use.
const ROOMS: [(&str, &[&str], &[&str]); 12] = [
    ("spot-analysis", &[], &["reqwest", "tokio", "evcxr", "evcxr_runtime"]),
    ("spot-view", &["spot-analysis"], &["reqwest", "tokio", "evcxr", "evcxr_runtime"]),
    ("spot-store", &["spot-analysis"], &["evcxr", "evcxr_runtime"]),
    ("spot-import", &["spot-analysis", "spot-store"], &["evcxr", "evcxr_runtime", "reqwest"]),
    // polars only behind the feature of that name, for a frame as a widget.
    ("evcxr_widgets", &[], &["evcxr", "tokio"]),
    ("spot-kernel", &[], &["polars"]),
    (
        "spot-report",
        &["spot-analysis", "spot-view", "spot-store"],
        &["evcxr", "evcxr_runtime", "reqwest"],
    ),
    (
        "spot",
        &["spot-analysis", "spot-view", "spot-store", "spot-report", "evcxr_widgets"],
        &["evcxr", "reqwest", "zeromq"],
    ),
    ("spot-serve", &["spot-analysis", "spot-store"], &["reqwest", "evcxr", "evcxr_runtime"]),
    (
        "spot-cli",
        &[
            "spot",
            "spot-analysis",
            "spot-view",
            "spot-store",
            "spot-report",
            "spot-serve",
            "spot-import",
        ],
        &["evcxr", "zeromq", "reqwest"],
    ),
    ("example-day", &["spot-analysis"], &["evcxr", "zeromq"]),
    ("xtask", &[], &["polars", "evcxr", "tokio"]),
];

#[test]
fn crates_use_only_what_lies_below_them() {
    let mut wrong = Vec::new();
    let packages = packages();
    let ours: BTreeSet<&str> = packages.iter().map(|(name, _)| name.as_str()).collect();
    for (name, uses) in &packages {
        let Some((_, below, never)) = ROOMS.iter().find(|(room, ..)| room == name) else {
            wrong.push(format!("{name} has no place in the house: add it to ROOMS"));
            continue;
        };
        for used in uses {
            let outward = ours.contains(used.as_str()) && !below.contains(&used.as_str());
            if outward || never.contains(&used.as_str()) {
                wrong.push(format!("{name} uses {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_room_of_the_plan_is_there() {
    let found: BTreeSet<String> = packages().into_iter().map(|(name, _)| name).collect();
    let planned: BTreeSet<String> = ROOMS.iter().map(|(name, ..)| (*name).to_owned()).collect();
    assert_eq!(found, planned);
}

/// Workspace packages with the names of what they use (dev-dependencies aside).
fn packages() -> Vec<(String, BTreeSet<String>)> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("metadata is JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    packages
        .iter()
        .map(|package| {
            let uses = package["dependencies"].as_array().into_iter().flatten();
            let uses = uses
                .filter(|dependency| dependency["kind"] != "dev")
                .filter_map(|dependency| dependency["name"].as_str().map(str::to_owned));
            (package["name"].as_str().unwrap_or_default().to_owned(), uses.collect())
        })
        .collect()
}
