//! The columns of a day, and the question which of its rows to make.

use std::path::Path;
use std::sync::Arc;

use polars::prelude::*;
use rayon::prelude::*;

use super::column::{Builder, Held};
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

/// How many rows have these numbers, and the least and greatest time of them.
type Sums = PlHashMap<[u32; 3], (u64, i64, i64)>;

fn add(sums: &mut Sums, key: [u32; 3], (count, first, last): (u64, i64, i64)) {
    let sum = sums.entry(key).or_insert((0, first, last));
    *sum = (sum.0 + count, sum.1.min(first), sum.2.max(last));
}

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

    /// Rows that `keep` keeps and that say the same in the columns `by`, counted; with the first and
    /// last value of the column `time`. `None` when one of them has no time: the files may know it.
    pub(crate) fn summed(
        &self,
        keep: &Keep<'_>,
        by: [&str; 3],
        time: &str,
        [total, first, last]: [&str; 3],
    ) -> Result<Option<DataFrame>> {
        let summed = || -> PolarsResult<Option<DataFrame>> {
            let [a, b, c] = by.map(|name| self.column(name));
            let by = [a?, b?, c?];
            let time = self.column(time)?;
            let times = time.values.to_physical_repr();
            let times: Vec<Option<i64>> = times.i64()?.iter().collect();
            let places = self.places(keep)?;
            // A part at a time, as many at once as there are processors.
            let count = |(chunk, places): (usize, &Vec<u32>)| {
                let mut sums = Sums::default();
                let [a, b, c] = by.map(|column| column.numbers[chunk].of(places));
                let seen = time.numbers[chunk].of(places);
                for (((a, b), c), seen) in a.into_iter().zip(b).zip(c).zip(seen) {
                    let time = times[seen as usize]?;
                    add(&mut sums, [a, b, c], (1, time, time));
                }
                Some(sums)
            };
            let merge = |mut all: Sums, some: Sums| {
                some.into_iter().for_each(|(key, sum)| add(&mut all, key, sum));
                Some(all)
            };
            let counted = places.par_iter().enumerate().map(count);
            let Some(sums) = counted.try_reduce(Sums::default, merge) else { return Ok(None) };
            let (keys, sums): (Vec<_>, Vec<_>) = sums.into_iter().unzip();
            let numbers = |n: usize| keys.iter().map(|key| key[n]).collect::<Vec<u32>>();
            let mut columns = Vec::new();
            for (n, column) in by.iter().enumerate() {
                columns.push(column.values.take(&IdxCa::from_vec(PlSmallStr::EMPTY, numbers(n)))?);
            }
            let totals: Vec<u64> = sums.iter().map(|sum| sum.0).collect();
            columns.push(Column::new(total.into(), totals));
            let firsts: Vec<i64> = sums.iter().map(|sum| sum.1).collect();
            let lasts: Vec<i64> = sums.iter().map(|sum| sum.2).collect();
            for (name, micros) in [(first, firsts), (last, lasts)] {
                columns.push(Column::new(name.into(), micros).cast(time.values.dtype())?);
            }
            DataFrame::new(keys.len(), columns).map(Some)
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
                let either = a_one.or(&a_other);
                let find = |chunk: usize| {
                    let mut places = Vec::new();
                    a.numbers[chunk].find(&either, &mut places);
                    let ends = a.numbers[chunk].of(&places).into_iter();
                    let mut ends = ends.zip(b.numbers[chunk].of(&places));
                    places.retain(|_| {
                        ends.next().is_some_and(|(a, b)| {
                            (a_one.has(a) && b_other.has(b)) || (a_other.has(a) && b_one.has(b))
                        })
                    });
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
