//! Every single value of a JSON document: found, named, changed, left out.

use serde_json::Value;

/// Pointers to all numbers, texts and truth values.
pub fn leaves(value: &Value) -> Vec<String> {
    let below = |name: &str, value: &Value| -> Vec<String> {
        leaves(value).into_iter().map(|rest| format!("/{name}{rest}")).collect()
    };
    match value {
        Value::Null => Vec::new(),
        Value::Object(fields) => fields.iter().flat_map(|(name, v)| below(name, v)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(at, v)| below(&at.to_string(), v)).collect()
        }
        _ => vec![String::new()],
    }
}

/// A pointer for people: an element of a list by its `name`, or as `*`.
pub fn label(document: &Value, pointer: &str) -> String {
    let (mut label, mut value) = (String::new(), document);
    for part in pointer.split('/').skip(1) {
        let list = value.is_array();
        value = value.pointer(&format!("/{part}")).expect("a value");
        label.push('/');
        label.push_str(if list { value["name"].as_str().unwrap_or("*") } else { part });
    }
    label
}

/// The document with another value there, of the same type.
pub fn edited(document: &Value, pointer: &str) -> Value {
    let mut document = document.clone();
    let value = document.pointer_mut(pointer).expect("a value");
    *value = match &*value {
        Value::Bool(truth) => Value::from(!truth),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Value::from(number + 1),
            None => Value::from(number.as_f64().expect("a number") + 1.0),
        },
        // Such texts must stay readable to be compared at all.
        Value::String(text) if text == "2016-07-08" => Value::from("2016-07-09"),
        Value::String(text) if text == "exact" => Value::from("domain"),
        Value::String(text) => Value::from(format!("{text}x")),
        other => panic!("{other} is no leaf"),
    };
    document
}

/// The document without what is there.
pub fn without(document: &Value, pointer: &str) -> Value {
    let mut document = document.clone();
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    match document.pointer_mut(parent).expect("a value") {
        Value::Object(fields) => drop(fields.remove(name)),
        Value::Array(items) => drop(items.remove(name.parse().expect("a number"))),
        other => panic!("{other} has no parts"),
    }
    document
}
