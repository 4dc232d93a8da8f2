//! What a server said, taken apart field by field.

use std::fmt::Display;

use chrono::{DateTime, NaiveDateTime};
use serde_json::{Map, Value};

use crate::error::{Kind, Result, StoreError};

/// Most errors of an answer that are quoted.
const NOTES: usize = 5;

/// A GraphQL answer: data, errors or both.
pub(super) struct Answer {
    data: Value,
    errors: Vec<StoreError>,
    at: String,
}

impl Answer {
    /// `None` if it is no answer of GraphQL: neither data nor errors.
    pub fn new(mut answer: Value) -> Option<Self> {
        let answer = answer.as_object_mut()?;
        let data = answer.remove("data").unwrap_or(Value::Null);
        let errors = match answer.remove("errors") {
            Some(Value::Array(errors)) => errors.iter().map(said).collect(),
            Some(Value::Null) | None => Vec::new(),
            Some(other) => vec![said(&other)],
        };
        let is_one = data.is_object() || !errors.is_empty();
        is_one.then(|| Self { data, errors, at: String::new() })
    }

    pub fn at(mut self, place: impl Display) -> Self {
        self.at = place.to_string();
        self
    }

    /// What stands at `path`; if that is null or missing, the server's own error, else one that says so.
    pub fn get(&self, path: &[&str]) -> Result<&Value> {
        let mut value = &self.data;
        for (depth, name) in path.iter().enumerate() {
            let next = value.get(name);
            value = match next {
                Some(next) if !next.is_null() => next,
                _ => {
                    let so_far = path[..=depth].join(".");
                    return Err(self.first_error().unwrap_or_else(|| {
                        let how = if next.is_some() { "null" } else { "missing" };
                        self.wrong(format!("`{so_far}` is {how} in the server's answer"))
                    }));
                }
            };
        }
        Ok(value)
    }

    /// The items of a list, and notes on what is wrong with it: items that the server left out, and what
    /// it said.
    pub fn list(&self, path: &[&str]) -> Result<(Vec<Item<'_>>, Vec<String>)> {
        let name = path.join(".");
        let all = self.get(path)?.as_array();
        let all = all.ok_or_else(|| self.wrong(format!("`{name}` is no list")))?;
        let said = self.errors.iter().take(NOTES);
        let mut notes: Vec<String> =
            said.map(|error| format!("the server said: {}", error.what)).collect();
        notes.dedup();
        if self.errors.len() > NOTES {
            notes.push(format!("and {} more errors", self.errors.len() - NOTES));
        }
        let (mut items, mut nulls) = (Vec::new(), 0);
        for item in all {
            match item {
                Value::Object(fields) => items.push(Item { fields, list: name.clone(), of: self }),
                Value::Null => nulls += 1,
                _ => return Err(self.wrong(format!("an item of `{name}` is no object"))),
            }
        }
        if nulls > 0 {
            notes.push(format!("the server left out {nulls} of {} items of `{name}`", all.len()));
        }
        Ok((items, notes))
    }

    /// What the server said first.
    pub fn first_error(&self) -> Option<StoreError> {
        let error = self.errors.first()?.clone();
        Some(if error.at.is_none() { error.at(&self.at) } else { error })
    }

    pub fn wrong(&self, what: String) -> StoreError {
        let fix = "check that the server's version fits, and what it logs".to_owned();
        StoreError { kind: Kind::Server, what, at: Some(self.at.clone()), fix }
    }
}

/// An error as the server said it; `spot serve` adds place and remedy.
fn said(error: &Value) -> StoreError {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let more = error.get("extensions");
    let more = |name: &str| text(more.and_then(|more| more.get(name)));
    let kind = match more("kind").as_deref() {
        Some("usage") => Kind::Usage,
        Some("data") => Kind::Data,
        Some("io") => Kind::Io,
        _ => Kind::Server,
    };
    let message = text(error.get("message")).or_else(|| error.as_str().map(str::to_owned));
    StoreError {
        kind,
        what: message.unwrap_or_else(|| "the server gave an error without a message".to_owned()),
        at: more("at"),
        fix: more("fix").unwrap_or_else(|| "ask who runs the server".to_owned()),
    }
}

/// An object of a list.
pub(super) struct Item<'a> {
    fields: &'a Map<String, Value>,
    list: String,
    of: &'a Answer,
}

impl<'a> Item<'a> {
    fn field(&self, name: &str) -> Result<&'a Value> {
        self.fields.get(name).ok_or_else(|| {
            self.of.wrong(format!("an item of `{}` has no field `{name}`", self.list))
        })
    }

    pub fn no(&self, name: &str, what: &str) -> StoreError {
        self.of.wrong(format!("`{name}` in an item of `{}` is no {what}", self.list))
    }

    pub fn text(&self, name: &str) -> Result<Option<&'a str>> {
        match self.field(name)? {
            Value::Null => Ok(None),
            value => value.as_str().map(Some).ok_or_else(|| self.no(name, "text")),
        }
    }

    /// A text where any of two types of item may have it.
    pub fn text_if_any(&self, name: &str) -> Option<&'a str> {
        self.fields.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// A number with a fraction; also as text, since big ones are sent so for JavaScript.
    pub fn number(&self, name: &str) -> Result<Option<f64>> {
        let number = match self.field(name)? {
            Value::Null => return Ok(None),
            Value::String(text) => text.parse().ok(),
            value => value.as_f64(),
        };
        let number = number.filter(|number| number.is_finite());
        number.map(Some).ok_or_else(|| self.no(name, "number"))
    }

    /// A whole number of up to 64 bits.
    pub fn whole(&self, name: &str) -> Result<Option<i64>> {
        let exact = match self.field(name)? {
            Value::String(text) => text.parse().ok(),
            value => value.as_i64(),
        };
        if exact.is_some() {
            return Ok(exact);
        }
        let Some(number) = self.number(name)? else { return Ok(None) };
        // Beyond that floats are no whole numbers any more.
        let fits = number.fract() == 0.0 && number.abs() <= 2f64.powi(53);
        fits.then_some(Some(number as i64)).ok_or_else(|| self.no(name, "whole number"))
    }

    /// A time in any of the ways in which servers write one, UTC.
    pub fn time(&self, name: &str) -> Result<Option<NaiveDateTime>> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let naive = |format| NaiveDateTime::parse_from_str(text, format).ok();
        let zoned = || DateTime::parse_from_rfc3339(text).ok().map(|time| time.naive_utc());
        let time = naive("%Y-%m-%d %H:%M:%S%.f").or_else(|| naive("%Y-%m-%dT%H:%M:%S%.f"));
        time.or_else(zoned).map(Some).ok_or_else(|| self.no(name, "time"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(value: Value) -> Answer {
        Answer::new(value).expect("an answer").at("http://h/graphql")
    }

    const PATH: [&str; 2] = ["flow", "list"];

    #[test]
    fn neither_data_nor_errors_is_no_answer() {
        for value in [json!([]), json!({}), json!({"data": null}), json!({"data": 1}), json!("x")] {
            assert!(Answer::new(value.clone()).is_none(), "{value}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        for (data, said) in [
            (json!({"flow": null}), "`flow` is null"),
            (json!({"flow": {}}), "`flow.list` is missing"),
            (json!({"flow": {"list": null}}), "`flow.list` is null"),
            (json!({"flow": {"list": 1}}), "`flow.list` is no list"),
            (json!({"flow": {"list": [1]}}), "an item of `flow.list` is no object"),
        ] {
            let error = answer(json!({"data": data})).list(&PATH).err().expect("wrong");
            assert!(error.to_string().contains(said), "{error}");
            assert!(error.to_string().contains("http://h/graphql"), "{error}");
        }
        let both = json!({"data": {"flow": null}, "errors": [{"message": "no table"}]});
        let error = answer(both).list(&PATH).err().expect("wrong");
        assert_eq!(error.what, "no table");
    }

    #[test]
    fn data_and_errors_come_together() {
        let both = json!({
            "data": {"flow": {"list": [{"a": 1}, null]}},
            "errors": [{"message": "Int cannot represent 3000000000"}],
        });
        let answer = answer(both);
        let (items, notes) = answer.list(&PATH).expect("a list");
        assert_eq!(items.len(), 1);
        assert_eq!(
            notes,
            [
                "the server said: Int cannot represent 3000000000",
                "the server left out 1 of 2 items of `flow.list`"
            ]
        );
    }

    #[test]
    fn numbers_survive() {
        let list = json!([{
            "big": 9_223_372_036_854_775_807_i64, "text": "9223372036854775807", "whole": 5.0,
            "none": null, "part": 0.5, "word": "x", "huge": 1e300,
            "time": "2016-07-08 09:00:00.5", "zoned": "2016-07-08T11:00:00+02:00",
        }]);
        let answer = answer(json!({"data": {"flow": {"list": list}}}));
        let (items, _) = answer.list(&PATH).expect("a list");
        let item = &items[0];
        for (name, found) in
            [("big", Some(i64::MAX)), ("text", Some(i64::MAX)), ("whole", Some(5)), ("none", None)]
        {
            assert_eq!(item.whole(name).expect(name), found, "{name}");
        }
        for name in ["part", "word", "huge", "missing"] {
            assert!(item.whole(name).is_err(), "{name}");
        }
        let time = |name: &str| item.time(name).expect(name).expect(name).to_string();
        assert_eq!(time("time"), "2016-07-08 09:00:00.500");
        assert_eq!(time("zoned"), "2016-07-08 09:00:00");
        assert!(item.time("word").is_err());
    }
}
