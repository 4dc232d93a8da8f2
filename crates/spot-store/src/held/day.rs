//! The columns of a day, and the question which of its rows to make.

use std::path::Path;
use std::sync::Arc;

use polars::prelude::*;
use rayon::prelude::*;

use super::column::{Builder, Held};
use super::sums::{Becomes, Sums, Texts};
use crate::error::Result;
use crate::parquet::{FileInfo, Part, engine};

/// A test of one column's values.
pub(crate) type Test<'a> = Box<dyn Fn(Expr) -> Expr + 'a>;

/// The day that a question is about.
#[derive(Clone, Copy)]
pub(crate) struct Day<'a> {
    pub root: &'a Path,
    pub files: &'a [Arc<FileInfo>],
    /// What is in memory of these files.
    pub held: Option<&'a HeldDay>,
}

/// Which rows a question keeps. Columns are named as the frames of [`HeldDay`] name them.
pub(crate) enum Keep<'a> {
    /// Those of which one of these columns passes its test.
    Any(Vec<(&'static str, Test<'a>)>),
    /// Those of which one column passes one test and the other column the other, either way.
    Pair([&'static str; 2], [Test<'a>; 2]),
}

impl Keep<'_> {
    /// The predicate; `column` makes the expression of a column out of its name.
    pub(crate) fn filter(&self, column: &dyn Fn(&str) -> Expr) -> Expr {
        match self {
            Self::Any(columns) => {
                let tests = columns.iter().map(|(name, test)| test(column(name)));
                tests.reduce(Expr::or).unwrap_or_else(|| lit(false))
            }
            Self::Pair([a, b], [one, other]) => {
                let out = one(column(a)).and(other(column(b)));
                out.or(other(column(a)).and(one(column(b))))
            }
        }
    }
}

/// Reads the rows of a file from one on, so many of them.
pub(super) type Read<'a> = &'a dyn Fn(&Arc<FileInfo>, Part) -> Option<DataFrame>;

/// The rows of all files of a day, in order.
pub(crate) struct HeldDay {
    pub(super) files: Vec<Arc<FileInfo>>,
    columns: Vec<Held>,
    pub(super) rows: usize,
    pub(super) bytes: usize,
}

impl HeldDay {
    /// Reads `files` in parts of so many rows, each by `read`, since what is read takes more memory
    /// than what is held; `None` when that takes more than `at_most` bytes, one of
    /// them cannot be read (the next search will say so), or `read` wants no more.
    pub(super) fn read(
        (files, part): (&[Arc<FileInfo>], u32),
        at_most: usize,
        read: Read<'_>,
    ) -> Option<Self> {
        let mut columns: Vec<Builder> = Vec::new();
        let (mut rows, mut bytes) = (0, 0);
        let all: u64 = files.iter().map(|file| file.rows).sum();
        let firsts = |file: &FileInfo| (0..file.rows).step_by(part as usize);
        let parts = files.iter().flat_map(|file| firsts(file).map(move |first| (file, first)));
        for (file, first) in parts {
            let frame = read(file, (first, part))?;
            if columns.is_empty() {
                columns = frame.columns().iter().map(Builder::new).collect();
                // A byte is the least that a value takes.
                if all.saturating_mul(columns.len() as u64) > at_most as u64 {
                    return None;
                }
            }
            rows += frame.height();
            // Columns do not depend on each other.
            let both = columns.par_iter_mut().zip(frame.columns());
            both.map(|(held, column)| held.add(column)).collect::<PolarsResult<()>>().ok()?;
            bytes = columns.iter().map(Builder::bytes).sum();
            if bytes > at_most {
                return None;
            }
        }
        let columns = columns.into_iter().map(Builder::finish);
        let columns = columns.collect::<PolarsResult<Vec<_>>>().ok()?;
        Some(Self { files: files.to_vec(), columns, rows, bytes })
    }

    /// The rows that `keep` keeps, in order.
    pub(crate) fn select(&self, keep: &Keep<'_>) -> Result<DataFrame> {
        self.find(keep).map_err(|e| engine(&e))
    }

    /// Rows whose text of the column `of` becomes another one, counted by that one and by what the
    /// text of the column `by` becomes; with the first and last value of the column `time` and the
    /// distinct ones of the column `set`, a text. `None` when one of them has no time: the files may
    /// know it.
    pub(crate) fn summed(
        &self,
        (by, plain): (&str, &dyn Fn(&str) -> String),
        (of, becomes): (&str, Becomes<'_>),
        [time, set]: [&str; 2],
        names: [&str; 4],
    ) -> Result<Option<DataFrame>> {
        let summed = || -> PolarsResult<Option<DataFrame>> {
            let by = Texts::of(self.column(by)?, &|text| Some(plain(text)))?;
            let of = Texts::of(self.column(of)?, becomes)?;
            let (time, set) = (self.column(time)?, self.column(set)?);
            let times = time.values.to_physical_repr();
            let times: Vec<Option<i64>> = times.i64()?.iter().collect();
            // A part at a time, as many at once as there are processors.
            let count = |chunk: usize| {
                let places = of.find(chunk);
                let said = by.of_rows(chunk, &places).zip(of.of_rows(chunk, &places));
                let seen = time.numbers[chunk].of(&places).into_iter();
                let seen = seen.map(|number| times[number as usize]);
                Sums::of(said, seen, (set.numbers[chunk].of(&places), set.values.len()))
            };
            let parts = (0..time.numbers.len()).into_par_iter().map(count);
            let Some(parts) = parts.collect::<Option<Vec<_>>>() else { return Ok(None) };
            Sums::merged(parts).frame([&by, &of], time, set, names).map(Some)
        };
        summed().map_err(|e| engine(&e))
    }

    fn find(&self, keep: &Keep<'_>) -> PolarsResult<DataFrame> {
        let places = self.places(keep)?;
        let columns = self.columns.par_iter().map(|held| held.take(&places));
        let columns = columns.collect::<PolarsResult<Vec<_>>>()?;
        DataFrame::new(places.iter().map(Vec::len).sum(), columns)
    }

    /// The places of the rows that `keep` keeps, by part.
    fn places(&self, keep: &Keep<'_>) -> PolarsResult<Vec<Vec<u32>>> {
        let chunks = 0..self.columns.first().map_or(0, |held| held.numbers.len());
        match keep {
            Keep::Any(columns) => {
                let tested = columns.iter().map(|(name, test)| {
                    let held = self.column(name)?;
                    Ok((held, held.passes(test)?))
                });
                let tested = tested.collect::<PolarsResult<Vec<_>>>()?;
                let find = |chunk: usize| {
                    let mut places = Vec::new();
                    for (held, passes) in &tested {
                        held.numbers[chunk].find(passes, &mut places);
                    }
                    if tested.len() > 1 {
                        places.sort_unstable();
                        places.dedup();
                    }
                    places
                };
                Ok(chunks.into_par_iter().map(find).collect())
            }
            Keep::Pair([a, b], [one, other]) => {
                let (a, b) = (self.column(a)?, self.column(b)?);
                let (a_one, a_other) = (a.passes(one)?, a.passes(other)?);
                let (b_one, b_other) = (b.passes(one)?, b.passes(other)?);
                // Few addresses are found fast: the other end is looked at in those rows only.
                let few = a_one.count() + b_one.count() <= a_other.count() + b_other.count();
                let ways = match few {
                    true => [(a, &a_one, b, &b_other), (b, &b_one, a, &a_other)],
                    false => [(a, &a_other, b, &b_one), (b, &b_other, a, &a_one)],
                };
                let find = |chunk: usize| {
                    let mut places = Vec::new();
                    for (near, wanted, far, also) in ways {
                        let mut found = Vec::new();
                        near.numbers[chunk].find(wanted, &mut found);
                        let mut ends = far.numbers[chunk].of(&found).into_iter();
                        found.retain(|_| ends.next().is_some_and(|end| also.has(end)));
                        places.append(&mut found);
                    }
                    places.sort_unstable();
                    places.dedup();
                    places
                };
                Ok(chunks.into_par_iter().map(find).collect())
            }
        }
    }

    fn column(&self, name: &str) -> PolarsResult<&Held> {
        let held = self.columns.iter().find(|held| held.name == name);
        held.ok_or_else(|| polars_err!(ColumnNotFound: "{name}"))
    }
}
