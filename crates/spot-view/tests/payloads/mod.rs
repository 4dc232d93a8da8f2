//! Texts that attackers are known to send, by what they hope for (`tests/payloads.json`). None of them may
//! run, load, end or hide anything in anything that this program writes.
#![allow(dead_code, missing_docs)]

use std::collections::BTreeMap;
use std::sync::LazyLock;

static ALL: LazyLock<Vec<String>> = LazyLock::new(|| {
    let file = include_str!("../../../../tests/payloads.json");
    let groups: BTreeMap<String, Vec<String>> = serde_json::from_str(file).expect("JSON");
    groups.into_values().flatten().collect()
});

/// All of them.
pub fn all() -> Vec<&'static str> {
    ALL.iter().map(String::as_str).collect()
}
