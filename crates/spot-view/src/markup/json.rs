//! Data for the script of a page: JSON that cannot leave the element that holds it.

use std::fmt::Write;

use super::Markup;

/// JSON that is being written, part after part.
///
/// Its texts hold no `<`, `>` or `&`, so that nothing in it ends or opens an element, whatever state
/// a browser's parser is in (`</script>`, `<!--`, `]]>`).
#[derive(Debug)]
pub(crate) struct Json(String);

impl Json {
    /// Nothing yet, with room for `bytes`.
    pub fn with_capacity(bytes: usize) -> Self {
        Self(String::with_capacity(bytes))
    }

    /// Brackets, commas and keys, written in this program.
    pub fn raw(&mut self, literal: &'static str) -> &mut Self {
        self.0.push_str(literal);
        self
    }

    /// A text from anywhere.
    pub fn text(&mut self, untrusted: &str) -> &mut Self {
        self.0.push('"');
        for c in untrusted.chars() {
            match c {
                '"' => self.0.push_str("\\\""),
                '\\' => self.0.push_str("\\\\"),
                '<' | '>' | '&' | '\'' | '\u{2028}' | '\u{2029}' => self.escaped(c),
                c if c.is_control() => self.escaped(c),
                c => self.0.push(c),
            }
        }
        self.0.push('"');
        self
    }

    fn escaped(&mut self, c: char) {
        // Writing to a String cannot fail.
        let _ = write!(self.0, "\\u{:04x}", u32::from(c));
    }

    /// A number, or none. What a script's numbers cannot hold to the last digit becomes a text.
    pub fn number(&mut self, number: Option<i128>) -> &mut Self {
        const EXACT: u64 = 1 << 53;
        let _ = match number.map(|n| (n, i64::try_from(n))) {
            None => write!(self.0, "null"),
            Some((_, Ok(small))) if small.unsigned_abs() <= EXACT => write!(self.0, "{small}"),
            Some((big, _)) => write!(self.0, "\"{big}\""),
        };
        self
    }

    /// A number with a fraction; none for what is no number.
    pub fn decimal(&mut self, number: f64) -> &mut Self {
        let _ = match number.is_finite() {
            true => write!(self.0, "{number}"),
            false => write!(self.0, "null"),
        };
        self
    }

    /// `[..]`, each value written by `one`.
    pub fn list<T>(
        &mut self,
        values: impl IntoIterator<Item = T>,
        mut one: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        self.raw("[");
        for (i, value) in values.into_iter().enumerate() {
            if i > 0 {
                self.raw(",");
            }
            one(self, value);
        }
        self.raw("]")
    }
}

impl From<Json> for Markup {
    fn from(json: Json) -> Self {
        Self(json.0)
    }
}
