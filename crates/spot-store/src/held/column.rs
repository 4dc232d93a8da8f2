//! A column as the numbers of its distinct values.

use std::hash::Hash;

use polars::prelude::*;

use super::numbers::{Numbers, Passes};

pub(super) struct Held {
    pub name: PlSmallStr,
    /// Distinct values; a row's number is a place in it.
    pub values: Column,
    /// By part.
    pub numbers: Vec<Numbers>,
}

impl Held {
    /// Which values pass.
    pub fn passes(&self, test: &dyn Fn(Expr) -> Expr) -> PolarsResult<Passes> {
        let values = DataFrame::new(self.values.len(), vec![self.values.clone()])?;
        let passes = values.lazy().select([test(col(self.name.clone()))]).collect()?;
        let passes = passes.columns()[0].bool()?;
        polars_ensure!(passes.len() == self.values.len(), ShapeMismatch: "not a test of values");
        Ok(Passes::new(passes.iter().map(|passes| passes.unwrap_or(false)).collect()))
    }

    /// The values of the rows at `places`, by part.
    pub fn take(&self, places: &[Vec<u32>]) -> PolarsResult<Column> {
        let mut numbers: Vec<IdxSize> = Vec::with_capacity(places.iter().map(Vec::len).sum());
        for (chunk, places) in self.numbers.iter().zip(places) {
            chunk.add_to(places, &mut numbers);
        }
        self.values.take(&IdxCa::from_vec(PlSmallStr::EMPTY, numbers))
    }
}

/// A column that is being read.
pub(super) struct Builder {
    name: PlSmallStr,
    dtype: DataType,
    distinct: Distinct,
    numbers: Vec<Numbers>,
}

/// Distinct values with their numbers.
enum Distinct {
    /// And the bytes of all texts.
    Texts(Seen<Box<str>>, usize),
    /// Integers and times.
    Whole(Seen<i64>),
    /// Bits of floats, so that every value stays itself.
    Floats(Seen<u64>),
}

#[derive(Default)]
struct Seen<T> {
    known: PlHashMap<T, u32>,
    null: Option<u32>,
}

impl<T: Hash + Eq> Seen<T> {
    fn len(&self) -> u32 {
        // At most one a row; a day of more rows than that does not fit into memory anyway.
        self.known.len() as u32 + u32::from(self.null.is_some())
    }

    fn number(&mut self, value: Option<T>) -> u32 {
        let next = self.len();
        match value {
            Some(value) => *self.known.entry(value).or_insert(next),
            None => *self.null.get_or_insert(next),
        }
    }

    fn in_order(self) -> Vec<Option<T>> {
        let null = self.null.map(|number| (None, number));
        let known = self.known.into_iter().map(|(value, number)| (Some(value), number));
        let mut values: Vec<_> = known.chain(null).collect();
        values.sort_unstable_by_key(|(_, number)| *number);
        values.into_iter().map(|(value, _)| value).collect()
    }
}

impl Builder {
    pub fn new(column: &Column) -> Self {
        let distinct = match column.dtype() {
            DataType::String => Distinct::Texts(Seen::default(), 0),
            DataType::Float64 => Distinct::Floats(Seen::default()),
            _ => Distinct::Whole(Seen::default()),
        };
        let (name, dtype) = (column.name().clone(), column.dtype().clone());
        Self { name, dtype, distinct, numbers: Vec::new() }
    }

    /// Adds a part's rows.
    pub fn add(&mut self, column: &Column) -> PolarsResult<()> {
        let numbers = match &mut self.distinct {
            Distinct::Texts(seen, bytes) => {
                let number = |text: Option<&str>| match text {
                    // Few rows bring a new text: only those are copied.
                    Some(text) => seen.known.get(text).copied().unwrap_or_else(|| {
                        *bytes += text.len();
                        seen.number(Some(text.into()))
                    }),
                    None => seen.number(None),
                };
                column.str()?.iter().map(number).collect()
            }
            Distinct::Whole(seen) => {
                let whole = column.to_physical_repr().cast(&DataType::Int64)?;
                whole.i64()?.iter().map(|value| seen.number(value)).collect()
            }
            Distinct::Floats(seen) => {
                let bits = column.f64()?.iter().map(|value| value.map(f64::to_bits));
                bits.map(|value| seen.number(value)).collect()
            }
        };
        self.numbers.push(Numbers::narrow(numbers));
        Ok(())
    }

    pub fn bytes(&self) -> usize {
        let values = match &self.distinct {
            // A view of 16 bytes, and the text where it is longer than 12: about.
            Distinct::Texts(seen, bytes) => 16 * seen.len() as usize + bytes,
            Distinct::Whole(seen) => 8 * seen.len() as usize,
            Distinct::Floats(seen) => 8 * seen.len() as usize,
        };
        values + self.numbers.iter().map(Numbers::bytes).sum::<usize>()
    }

    pub fn finish(self) -> PolarsResult<Held> {
        let name = self.name.clone();
        let values = match self.distinct {
            Distinct::Texts(seen, _) => {
                let texts = seen.in_order().into_iter();
                StringChunked::from_iter_options(name, texts).into_column()
            }
            Distinct::Whole(seen) => {
                let whole = Int64Chunked::from_iter_options(name, seen.in_order().into_iter());
                whole.into_column().cast(&self.dtype)?
            }
            Distinct::Floats(seen) => {
                let floats = seen.in_order().into_iter().map(|bits| bits.map(f64::from_bits));
                Float64Chunked::from_iter_options(name, floats).into_column()
            }
        };
        Ok(Held { name: self.name, values, numbers: self.numbers })
    }
}
