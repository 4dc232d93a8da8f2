//! Texts that repeat, as numbers.

use polars::prelude::PlHashMap;

/// Texts to small numbers. Two spellings of one value get one number.
pub(crate) struct Interner<'a, T> {
    /// The text before: most columns of a search repeat it.
    last: Option<(&'a str, u32)>,
    known: PlHashMap<&'a str, u32>,
    canonical: PlHashMap<String, u32>,
    /// By number.
    pub values: Vec<T>,
}

impl<'a, T> Interner<'a, T> {
    pub fn new() -> Self {
        Self {
            last: None,
            known: PlHashMap::default(),
            canonical: PlHashMap::default(),
            values: Vec::new(),
        }
    }

    /// `make` gives the canonical text and the value; it is called once for each spelling.
    pub fn number(&mut self, text: &'a str, make: impl FnOnce(&str) -> (String, T)) -> u32 {
        if let Some((last, number)) = self.last
            && last == text
        {
            return number;
        }
        let number = self.looked_up(text, make);
        self.last = Some((text, number));
        number
    }

    fn looked_up(&mut self, text: &'a str, make: impl FnOnce(&str) -> (String, T)) -> u32 {
        if let Some(&number) = self.known.get(text) {
            return number;
        }
        let (canonical, value) = make(text);
        let next = self.values.len() as u32; // at most one a row, and rows are counted before
        let number = *self.canonical.entry(canonical).or_insert(next);
        if number == next {
            self.values.push(value);
        }
        self.known.insert(text, number);
        number
    }

    /// Every text that was given, with its number; in no order.
    pub fn spellings(&self) -> impl Iterator<Item = (&'a str, u32)> {
        self.known.iter().map(|(text, number)| (*text, *number))
    }
}
