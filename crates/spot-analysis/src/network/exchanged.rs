//! Lists of indicators as programs exchange them: STIX 2.1 bundles and MISP events, both JSON.

use serde_json::Value;

/// One object or attribute of a list.
pub(super) enum Entry {
    /// What it warns of; any of these alone.
    Taken { indicators: Vec<String>, source: String, note: String },
    /// Why nothing of it can be looked up.
    Left(String),
}

/// The entries of a list, or `None` where `text` is no JSON but lines.
pub(super) fn entries(text: &str) -> Result<Option<Vec<Entry>>, String> {
    let content = text.trim_start_matches('\u{feff}').trim_start();
    if !content.starts_with(['{', '[']) {
        return Ok(None);
    }
    let list: Value =
        serde_json::from_str(content).map_err(|e| format!("the list is no JSON: {e}"))?;
    let mut found = Vec::new();
    let is_known = match &list {
        Value::Object(bundle) if bundle.get("type") == Some(&Value::from("bundle")) => {
            let objects = bundle.get("objects").and_then(Value::as_array);
            objects.into_iter().flatten().for_each(|object| found.extend(of_stix(object)));
            objects.is_some()
        }
        Value::Object(object) if object.contains_key("pattern") => {
            found.extend(of_stix(&list));
            true
        }
        _ => of_misp(&list, &mut found),
    };
    match is_known {
        true => Ok(Some(found)),
        false => {
            Err("the list is JSON, but neither a STIX 2.1 bundle nor events of MISP".to_owned())
        }
    }
}

fn text(object: &Value, name: &str) -> String {
    object.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// `None` for what is no indicator: bundles hold much else.
fn of_stix(object: &Value) -> Option<Entry> {
    if object.get("type")?.as_str()? != "indicator" {
        return None;
    }
    let id = text(object, "id");
    if object.get("revoked").and_then(Value::as_bool) == Some(true) {
        return Some(Entry::Left(format!("`{id}` is revoked")));
    }
    let kind = object.get("pattern_type").and_then(Value::as_str).unwrap_or("stix");
    if kind != "stix" {
        return Some(Entry::Left(format!("`{id}` is a pattern of the type {kind}")));
    }
    let pattern = text(object, "pattern");
    Some(match alternatives(&pattern) {
        Ok(indicators) => {
            let (name, about) = (text(object, "name"), text(object, "description"));
            let note = if name.is_empty() { about } else { name };
            Entry::Taken { indicators, source: format!("STIX {id}"), note }
        }
        Err(why) => Entry::Left(format!("`{pattern}` {why}")),
    })
}

/// Types of STIX and the property of each that can be looked up.
const COMPARED: [&str; 6] = [
    "ipv4-addr:value",
    "ipv6-addr:value",
    "domain-name:value",
    "url:value",
    "network-traffic:dst_ref.value",
    "network-traffic:src_ref.value",
];

/// The values of a pattern of which any one makes it true.
fn alternatives(pattern: &str) -> Result<Vec<String>, &'static str> {
    let tokens = tokens(pattern).ok_or("is not understood")?;
    let mut values = Vec::new();
    // `PATH = VALUE`, again after each OR; brackets join what OR would.
    let mut rest =
        tokens.iter().filter(|token| !matches!(token, Token::Mark('[' | ']' | '(' | ')')));
    loop {
        let (Some(Token::Word(path)), Some(compared), Some(Token::Text(value))) =
            (rest.next(), rest.next(), rest.next())
        else {
            return Err("is not understood");
        };
        let is_equal = match compared {
            Token::Mark('=') => true,
            Token::Word(word) => word == "ISSUBSET",
            _ => false,
        };
        if !is_equal {
            return Err("compares with something else than `=`");
        }
        if !COMPARED.contains(&path.as_str()) {
            return Err("is about something that no flow and no DNS answer shows");
        }
        let value = if path == "url:value" { host(value) } else { Some(value.clone()) };
        values.push(value.ok_or("has a URL without a host")?);
        match rest.next() {
            None => return Ok(values),
            Some(Token::Word(word)) if word == "OR" => {}
            Some(_) => return Err("needs several things at once"),
        }
    }
}

#[derive(Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Mark(char),
}

/// The words of a pattern; `None` when a text does not end.
fn tokens(pattern: &str) -> Option<Vec<Token>> {
    let mut found = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            c if c.is_whitespace() => {}
            '\'' => {
                let mut text = String::new();
                loop {
                    match chars.next()? {
                        '\'' => break,
                        '\\' => text.push(chars.next()?),
                        c => text.push(c),
                    }
                }
                found.push(Token::Text(text));
            }
            '[' | ']' | '(' | ')' | '=' | '!' | '<' | '>' => found.push(Token::Mark(c)),
            c => {
                let mut word = String::from(c);
                let goes_on = |c: &char| !c.is_whitespace() && !"'[]()=!<>".contains(*c);
                while let Some(next) = chars.next_if(goes_on) {
                    word.push(next);
                }
                found.push(Token::Word(word));
            }
        }
    }
    Some(found)
}

/// The host of a URL, without port and brackets.
fn host(url: &str) -> Option<String> {
    let (_, after) = url.split_once("://")?;
    let authority = after.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next()?,
        None => host.split(':').next()?,
    };
    (!host.is_empty()).then(|| host.to_owned())
}

/// Whether there is an event in `value`; its attributes go to `found`.
fn of_misp(value: &Value, found: &mut Vec<Entry>) -> bool {
    match value {
        Value::Array(list) => list.iter().filter(|one| of_misp(one, found)).count() > 0,
        Value::Object(object) => {
            if let Some(inner) = object.get("response").or_else(|| object.get("Event")) {
                return of_misp(inner, found);
            }
            let lists = [object.get("Attribute"), object.get("Object")];
            if lists.iter().all(Option::is_none) {
                return false;
            }
            let source = format!("MISP {}", text(value, "info"));
            attributes(value, source.trim_end(), found);
            true
        }
        _ => false,
    }
}

fn attributes(event: &Value, source: &str, found: &mut Vec<Entry>) {
    let list = |name: &str| event.get(name).and_then(Value::as_array).into_iter().flatten();
    found.extend(list("Attribute").map(|attribute| of_attribute(attribute, source)));
    for object in list("Object") {
        attributes(object, source, found);
    }
}

fn of_attribute(attribute: &Value, source: &str) -> Entry {
    let (kind, value) = (text(attribute, "type"), text(attribute, "value"));
    let flag = |name: &str| attribute.get(name).and_then(Value::as_bool);
    if flag("deleted") == Some(true) {
        return Entry::Left(format!("`{value}` is deleted"));
    }
    if flag("to_ids") == Some(false) {
        return Entry::Left(format!("`{value}` is not meant for detection (to_ids)"));
    }
    let part = |at: usize| value.split('|').nth(at).unwrap_or_default().to_owned();
    let indicators = match kind.as_str() {
        "ip-src" | "ip-dst" | "domain" | "hostname" => vec![value.clone()],
        "ip-src|port" | "ip-dst|port" | "hostname|port" => vec![part(0)],
        "domain|ip" => vec![part(0), part(1)],
        "url" => match host(&value) {
            Some(host) => vec![host],
            None => return Entry::Left(format!("`{value}` is a URL without a host")),
        },
        _ => {
            let why = format!("`{kind}` is nothing that a flow or a DNS answer shows");
            return Entry::Left(why);
        }
    };
    Entry::Taken { indicators, source: source.to_owned(), note: text(attribute, "comment") }
}
