//! Reads `spot.conf`, the shell file that Apache Spot's scripts source.
//!
//! Understood is what a shell would do with assignments: comments, blank lines, `export`, single
//! and double quotes (also over several lines), backslashes, a comment after a value, and `$VAR` or
//! `${VAR}` for keys given earlier in the file; an unknown one stays as it is written. Text is kept
//! as UTF-8. Lines that assign nothing are skipped: this is no shell.
//!
//! Keys that this project reads: those named `SPOT_..` (see [`crate::settings`]), and `HUSER`,
//! Spot's application root, which stands in for `SPOT_DATA` where it names a local folder.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

/// The assignments of a `spot.conf`; a later one replaces an earlier one.
///
/// ```
/// let conf = spot_store::conf::parse("HUSER='/data/spot'\nOUT=\"${HUSER}/out\" # ours\n");
/// assert_eq!(conf["OUT"], "/data/spot/out");
/// ```
pub fn parse(text: &str) -> BTreeMap<String, String> {
    let mut conf = BTreeMap::new();
    let mut rest = Reader { chars: text.trim_start_matches('\u{feff}').chars().peekable() };
    while rest.chars.peek().is_some() {
        if let Some(key) = rest.key() {
            let value = rest.value(&conf);
            conf.insert(key, value);
        }
        rest.skip_line();
    }
    conf
}

struct Reader<'a> {
    chars: Peekable<Chars<'a>>,
}

impl Reader<'_> {
    /// The name before `=`, with `=` consumed; none if the line is no assignment.
    fn key(&mut self) -> Option<String> {
        self.skip_blanks();
        let mut key = self.name();
        if key == "export" {
            self.skip_blanks();
            key = self.name();
        }
        // Spot's own Python reader let blanks stand around the sign, so files with them exist.
        self.skip_blanks();
        if key.is_empty() || self.chars.next_if_eq(&'=').is_none() {
            return None;
        }
        self.skip_blanks();
        Some(key)
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        let part = |first: bool, c: char| {
            c == '_' || c.is_ascii_alphabetic() || (!first && c.is_ascii_digit())
        };
        while let Some(c) = self.chars.next_if(|c| part(name.is_empty(), *c)) {
            name.push(c);
        }
        name
    }

    /// One word: quoted and bare pieces up to the first bare blank.
    fn value(&mut self, conf: &BTreeMap<String, String>) -> String {
        let mut value = String::new();
        // `#` opens a comment only where a word could begin.
        if self.chars.peek() == Some(&'#') {
            return value;
        }
        while let Some(c) = self.chars.next_if(|c| !c.is_whitespace() && *c != ';') {
            match c {
                '\'' => {
                    value.extend(std::iter::from_fn(|| self.chars.next().filter(|c| *c != '\'')));
                }
                '"' => self.double_quoted(&mut value, conf),
                '$' => self.variable(&mut value, conf),
                '\\' => match self.chars.next() {
                    Some('\n') | None => {}
                    Some('\r') => drop(self.chars.next_if_eq(&'\n')),
                    Some(c) => value.push(c),
                },
                c => value.push(c),
            }
        }
        value
    }

    fn double_quoted(&mut self, value: &mut String, conf: &BTreeMap<String, String>) {
        while let Some(c) = self.chars.next() {
            match c {
                '"' => return,
                '$' => self.variable(value, conf),
                '\\' => match self.chars.next() {
                    Some('\n') | None => {}
                    Some(c @ ('"' | '\\' | '$' | '`')) => value.push(c),
                    Some(c) => value.extend(['\\', c]),
                },
                c => value.push(c),
            }
        }
    }

    fn variable(&mut self, value: &mut String, conf: &BTreeMap<String, String>) {
        let braced = self.chars.next_if_eq(&'{').is_some();
        let name = self.name();
        let closed = braced && self.chars.next_if_eq(&'}').is_some();
        match conf.get(&name) {
            Some(known) if braced == closed => value.push_str(known),
            _ => {
                value.push('$');
                value.push_str(if braced { "{" } else { "" });
                value.push_str(&name);
                value.push_str(if closed { "}" } else { "" });
            }
        }
    }

    fn skip_blanks(&mut self) {
        while self.chars.next_if(|c| matches!(c, ' ' | '\t')).is_some() {}
    }

    fn skip_line(&mut self) {
        // `A=1; B=2` is two assignments.
        while let Some(c) = self.chars.next() {
            match c {
                '\n' | ';' => return,
                '#' => {
                    self.chars.by_ref().find(|c| *c == '\n');
                    return;
                }
                _ => {}
            }
        }
    }
}
