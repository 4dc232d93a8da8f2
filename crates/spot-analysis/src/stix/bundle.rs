//! A bundle in the making: the objects that all stories have.

use std::collections::BTreeMap;
use std::net::IpAddr;

use chrono::NaiveDateTime;
use serde_json::{Map, Value, json};

use super::About;
use super::ids::{observable_id, own_id};
use crate::model::Address;

/// The largest `number_observed`.
const MOST_OBSERVED: u64 = 999_999_999;

/// Texts without a place in STIX that a note names.
const MOST_NAMED: usize = 100;

/// An identity is the same object in every bundle, so its times cannot be those of a story.
const IDENTITY_TIME: &str = "2016-01-01T00:00:00.000Z";

/// A bundle in the making.
pub(super) struct Bundle<'a> {
    about: &'a About<'a>,
    /// What tells this story from others.
    story: String,
    author: Option<String>,
    /// By identifier, so that none is there twice and all have one order.
    observables: BTreeMap<String, Value>,
    observed: Vec<Value>,
}

impl<'a> Bundle<'a> {
    pub(super) fn new(about: &'a About<'a>) -> Self {
        // JSON, so that no two stories make the same text.
        let story = json!([about.kind, about.anchor, about.day]).to_string();
        let author = about.author.map(|author| own_id("identity", author));
        Self { about, story, author, observables: BTreeMap::new(), observed: Vec::new() }
    }

    /// The identifier of an address, whose object is there then; none of a text that is no address.
    pub(super) fn address(&mut self, address: &Address) -> Option<String> {
        let kind = match address.ip()? {
            IpAddr::V4(_) => "ipv4-addr",
            IpAddr::V6(_) => "ipv6-addr",
        };
        let value = json!({"value": address.as_str()});
        let id = observable_id(kind, &value);
        if !self.observables.contains_key(&id) {
            let value = Map::from_iter([("value".to_owned(), json!(address.as_str()))]);
            self.observable(kind, &id, value);
        }
        Some(id)
    }

    pub(super) fn observable(&mut self, kind: &str, id: &str, properties: Map<String, Value>) {
        let mut object = Map::new();
        object.insert("type".into(), json!(kind));
        object.insert("spec_version".into(), json!("2.1"));
        object.insert("id".into(), json!(id));
        object.extend(properties);
        self.observables.insert(id.to_owned(), Value::Object(object));
    }

    /// An object of ours: its own properties after those that all have.
    pub(super) fn object(&self, kind: &str, key: &str, properties: Value) -> Value {
        let about = self.about;
        let mut object = Map::new();
        object.insert("type".into(), json!(kind));
        object.insert("spec_version".into(), json!("2.1"));
        object.insert("id".into(), json!(own_id(kind, &format!("{} {key}", self.story))));
        if let Some(author) = &self.author {
            object.insert("created_by_ref".into(), json!(author));
        }
        object.insert("created".into(), json!(stamp(about.created.min(about.updated))));
        object.insert("modified".into(), json!(stamp(about.updated)));
        if let Value::Object(properties) = properties {
            object.extend(properties);
        }
        Value::Object(object)
    }

    pub(super) fn observed(
        &mut self,
        refs: &[String],
        (first, last): (NaiveDateTime, NaiveDateTime),
        count: u64,
    ) {
        let key = refs.first().zip(refs.get(1)).map(|(a, b)| format!("{a} {b}"));
        let object = self.object(
            "observed-data",
            &key.unwrap_or_default(),
            json!({
                "first_observed": stamp(first),
                "last_observed": stamp(last.max(first)),
                "number_observed": count.clamp(1, MOST_OBSERVED),
                "object_refs": refs,
            }),
        );
        self.observed.push(object);
    }

    pub(super) fn finish(self, what: &str, seen: u64, odd: &[String], of: u64) -> Value {
        let about = self.about;
        let id_of = |object: &Value| object["id"].clone();
        let report_id = own_id("report", &format!("{} report", self.story));
        let mut said = vec![format!(
            "{seen} of {of} {what} of {} on {} are in this bundle.",
            about.anchor, about.day
        )];
        if !odd.is_empty() {
            let named = odd.iter().take(MOST_NAMED);
            said.push(format!(
                "{} were left out, since STIX has no place for them: their address or domain name is \
                 none, or they have no time. {} of {} are named here: {}",
                odd.len(),
                named.len(),
                odd.len(),
                named.cloned().collect::<Vec<_>>().join(", "),
            ));
        }
        let notes = [said.join(" ")].into_iter().chain(about.notes.iter().cloned());
        let notes = notes.enumerate().map(|(number, text)| {
            let mut note = json!({"content": text, "object_refs": [&report_id]});
            if let Some(author) = about.author {
                note["authors"] = json!([author]);
            }
            self.object("note", &format!("note {number}"), note)
        });
        let notes: Vec<Value> = notes.collect();
        let mut refs: Vec<Value> = self.observed.iter().map(id_of).collect();
        refs.extend(self.observables.values().map(id_of));
        if refs.is_empty() {
            refs.extend(notes.first().map(id_of));
        }
        let name = match about.title.trim().is_empty() {
            true => format!("{} on {}", about.anchor, about.day),
            false => about.title.to_owned(),
        };
        let mut report = json!({
            "name": name,
            "report_types": ["observed-data"],
            "published": stamp(about.updated),
            "object_refs": refs,
        });
        if !about.text.is_empty() {
            report["description"] = json!(about.text);
        }
        let report = self.object("report", "report", report);
        let identity = self.author.as_ref().zip(about.author).map(|(id, author)| {
            json!({
                "type": "identity",
                "spec_version": "2.1",
                "id": id,
                "created": IDENTITY_TIME,
                "modified": IDENTITY_TIME,
                "name": author,
                "identity_class": "individual",
            })
        });
        let mut objects: Vec<Value> = identity.into_iter().chain([report]).collect();
        objects.extend(notes);
        objects.extend(self.observed);
        objects.extend(self.observables.into_values());
        // Another revision is another bundle.
        let key =
            format!("{} {}", self.story, json!([stamp(about.updated), about.title, about.text]));
        json!({"type": "bundle", "id": own_id("bundle", &key), "objects": objects})
    }
}

fn stamp(time: NaiveDateTime) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// Without a fraction that says nothing: identifiers are made of this, and other programs write it so.
pub(super) fn brief(time: NaiveDateTime) -> String {
    let text = time.format("%Y-%m-%dT%H:%M:%S%.6f").to_string();
    format!("{}Z", text.trim_end_matches('0').trim_end_matches('.'))
}
