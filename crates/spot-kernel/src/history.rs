//! What was run in this session, for consoles that ask.

use std::collections::{HashSet, VecDeque};

use serde_json::{Map, Value, json};

/// The oldest inputs are forgotten beyond this.
const LIMIT: usize = 10_000;
/// This session's number in the answers.
const SESSION: u64 = 1;

/// Inputs of this session, oldest first.
#[derive(Debug, Default)]
pub struct History {
    inputs: VecDeque<(u64, String)>,
}

impl History {
    /// Remembers a cell.
    pub fn add(&mut self, number: u64, code: &str) {
        if self.inputs.len() == LIMIT {
            self.inputs.pop_front();
        }
        self.inputs.push_back((number, code.to_owned()));
    }

    /// Content of the reply to a history_request.
    pub fn reply(&self, content: &Map<String, Value>) -> Value {
        let number = |name: &str| content.get(name).and_then(Value::as_i64);
        let flag = |name: &str| content.get(name).and_then(Value::as_bool) == Some(true);
        let n = number("n").and_then(|n| usize::try_from(n).ok());
        let picked: Vec<&(u64, String)> = match content.get("hist_access_type") {
            Some(Value::String(kind)) if kind == "range" => {
                let start = number("start").unwrap_or(0);
                let stop = number("stop").unwrap_or(i64::MAX);
                let ours = matches!(number("session"), None | Some(0 | 1));
                let within = |at: u64| i64::try_from(at).is_ok_and(|at| start <= at && at < stop);
                self.inputs.iter().filter(|(at, _)| ours && within(*at)).collect()
            }
            Some(Value::String(kind)) if kind == "search" => {
                let pattern = content.get("pattern").and_then(Value::as_str);
                self.search(pattern.unwrap_or("*"), flag("unique"))
            }
            _ => self.inputs.iter().collect(),
        };
        let skip = match n {
            Some(n) => picked.len().saturating_sub(n),
            None => 0,
        };
        let entries: Vec<Value> = picked[skip..]
            .iter()
            .map(|(at, code)| match flag("output") {
                true => json!([SESSION, at, [code, null]]),
                false => json!([SESSION, at, code]),
            })
            .collect();
        json!({"status": "ok", "history": entries})
    }

    fn search(&self, pattern: &str, unique: bool) -> Vec<&(u64, String)> {
        let pattern: Vec<char> = pattern.chars().collect();
        let mut seen = HashSet::new();
        // Of equal inputs the newest stays.
        let mut found: Vec<_> = self
            .inputs
            .iter()
            .rev()
            .filter(|(_, code)| matches(&pattern, code))
            .filter(|(_, code)| !unique || seen.insert(code.as_str()))
            .collect();
        found.reverse();
        found
    }
}

/// Whether `text` fits a pattern in which `*` stands for any text and `?` for one character.
fn matches(pattern: &[char], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    // Where the last star was, and the text that it has taken so far.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    p = at + 1;
                    t = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers() {
        let mut history = History::default();
        for (number, code) in [(1, "let a = 1;"), (2, "a"), (3, "let a = 1;"), (4, "b?")] {
            history.add(number, code);
        }
        for (content, want) in [
            (json!({"hist_access_type": "tail", "n": 2}), vec![3, 4]),
            (json!({"hist_access_type": "tail", "n": -1}), vec![1, 2, 3, 4]),
            (json!({"hist_access_type": "range", "session": 0, "start": 2, "stop": 4}), vec![2, 3]),
            (json!({"hist_access_type": "range", "session": 7, "start": 2, "stop": 4}), vec![]),
            (
                json!({"hist_access_type": "search", "pattern": "let*", "unique": true, "n": 9}),
                vec![3],
            ),
            (json!({"hist_access_type": "search", "pattern": "?"}), vec![2]),
            (json!({"hist_access_type": "search", "pattern": "*= ?;"}), vec![1, 3]),
            (json!({}), vec![1, 2, 3, 4]),
        ] {
            let reply = history.reply(content.as_object().unwrap());
            let numbers: Vec<u64> = reply["history"]
                .as_array()
                .unwrap()
                .iter()
                .map(|entry| entry[1].as_u64().unwrap())
                .collect();
            assert_eq!(numbers, want, "{content}");
        }
    }
}
