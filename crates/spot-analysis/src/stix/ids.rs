//! Identifiers: UUIDs of version 5.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha1::{Digest, Sha1};
use uuid::{Uuid, uuid};

/// Where the standard puts the identifiers of observables.
const OBSERVABLES: Uuid = uuid!("00abedb4-aa42-466c-9c01-fed23315a9b7");

/// Where this program puts all other identifiers.
pub const NAMESPACE: Uuid = uuid!("a02be038-2086-5d7a-a8d1-fc4a0cd98015");

/// The identifier of an object of ours.
pub(super) fn own_id(kind: &str, key: &str) -> String {
    format!("{kind}--{}", named(NAMESPACE, &format!("{kind} {key}")))
}

/// The identifier of an observable from the properties that count for it.
pub(super) fn observable_id(kind: &str, properties: &Value) -> String {
    format!("{kind}--{}", named(OBSERVABLES, &canonical(properties)))
}

/// A UUID of version 5.
fn named(namespace: Uuid, name: &str) -> Uuid {
    let hash = Sha1::new().chain_update(namespace.as_bytes()).chain_update(name).finalize();
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(hash.iter()).for_each(|(to, from)| *to = *from);
    uuid::Builder::from_sha1_bytes(bytes).into_uuid()
}

/// JSON as RFC 8785 writes it; of numbers only whole ones are here.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            // Of the names in STIX the order of bytes is that of UTF-16.
            let sorted: BTreeMap<_, _> = map.iter().collect();
            let one =
                |(name, value): (&String, &Value)| format!("{}:{}", json!(name), canonical(value));
            format!("{{{}}}", sorted.into_iter().map(one).collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}
