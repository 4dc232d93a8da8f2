//! A day in memory, so that its next search reads no file.
//!
//! Every column is held as the numbers of its distinct values: a day of 20 million rows takes 20 to 30
//! bytes a row. A search tests the distinct values, looks up whose number each row has, and
//! makes only the rows that are kept.

use std::collections::HashMap;
use std::hash::Hash;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;

use polars::prelude::*;
use rayon::prelude::*;

use crate::error::Result;
use crate::layout::Pipeline;
use crate::parquet::{FileInfo, engine};
use crate::{dns_rows, flow_rows};

/// A test of one column's values.
pub(crate) type Test<'a> = Box<dyn Fn(Expr) -> Expr + 'a>;

/// The day that a question is about.
pub(crate) struct Day<'a> {
    pub root: &'a Path,
    pub files: &'a [Arc<FileInfo>],
    /// What is in memory of these files.
    pub held: Option<&'a HeldDay>,
}

/// Which rows a question keeps: those of which one column passes its test, and the whole row passes
/// `and`, too.
pub(crate) struct Keep<'a> {
    /// The columns, as the frames of [`HeldDay`] name them, and what their values must pass.
    pub any: Vec<(&'static str, Test<'a>)>,
    /// A test of both columns in `any`, stricter than theirs.
    pub and: Option<Box<dyn Fn(Expr, Expr) -> Expr + 'a>>,
}

impl Keep<'_> {
    /// The whole predicate; `column` makes the expression of a column out of its name.
    pub(crate) fn filter(&self, column: &dyn Fn(&str) -> Expr) -> Expr {
        let tests = self.any.iter().map(|(name, test)| test(column(name)));
        let any = tests.reduce(Expr::or).unwrap_or_else(|| lit(false));
        match (&self.and, self.any.as_slice()) {
            // `and` says all that the tests say.
            (Some(and), [(a, _), (b, _)]) => and(column(a), column(b)),
            _ => any,
        }
    }
}

/// What a store holds in memory of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeldInfo {
    /// Rows of raw tables.
    pub rows: usize,
    /// Memory that they take, about.
    pub bytes: usize,
}

/// Days with fewer rows are read again as fast as anybody can click.
const WORTH_HOLDING: u64 = 1_000_000;

/// The last day of each pipeline that was worth holding.
pub(crate) struct HeldDays {
    days: Arc<Mutex<Days>>,
    /// Fewest rows of a day that is worth it.
    pub worth: u64,
}

impl Default for HeldDays {
    fn default() -> Self {
        Self { days: Arc::default(), worth: WORTH_HOLDING }
    }
}

type Days = HashMap<Pipeline, State>;

enum State {
    /// These files, which are being read, or take too much memory.
    Tried(Vec<Arc<FileInfo>>),
    Held(Arc<HeldDay>),
}

impl HeldDays {
    /// What is in memory of `files`, if it is.
    pub(crate) fn of(&self, pipeline: Pipeline, files: &[Arc<FileInfo>]) -> Option<Arc<HeldDay>> {
        match lock(&self.days).get(&pipeline)? {
            State::Held(held) if same(&held.files, files) => Some(held.clone()),
            _ => None,
        }
    }

    /// How much is in memory, of all pipelines.
    pub(crate) fn info(&self) -> HeldInfo {
        info(&self.days)
    }

    /// Reads the files of each pipeline, in this order, on a thread of its own, in place of what was
    /// held before. Nothing happens when they are held or tried already, or not worth it.
    pub(crate) fn hold(
        &self,
        mut wanted: Vec<(Pipeline, Vec<Arc<FileInfo>>)>,
        at_most: usize,
    ) -> Option<JoinHandle<()>> {
        let mut days = lock(&self.days);
        wanted.retain(|(pipeline, files)| {
            let rows: u64 = files.iter().map(|file| file.rows).sum();
            let known = days.get(pipeline).is_some_and(|state| same(state.files(), files));
            let new = rows >= self.worth && at_most > 0 && !known;
            if new {
                days.insert(*pipeline, State::Tried(files.clone()));
            }
            new
        });
        if wanted.is_empty() {
            return None;
        }
        let weak = Arc::downgrade(&self.days);
        let read = move || {
            for (pipeline, files) in &wanted {
                read_and_keep(&weak, *pipeline, files, at_most);
            }
        };
        std::thread::Builder::new().name("hold the day".into()).spawn(read).ok()
    }
}

fn info(days: &Mutex<Days>) -> HeldInfo {
    let mut info = HeldInfo::default();
    for state in lock(days).values() {
        if let State::Held(held) = state {
            info.rows += held.rows;
            info.bytes += held.bytes;
        }
    }
    info
}

impl State {
    fn files(&self) -> &[Arc<FileInfo>] {
        match self {
            Self::Tried(files) => files,
            Self::Held(held) => &held.files,
        }
    }
}

/// True if none of the files has changed: what is known of a file is made anew when it does.
pub(crate) fn same(a: &[Arc<FileInfo>], b: &[Arc<FileInfo>]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| Arc::ptr_eq(a, b))
}

/// Reads a day into `days`, which take `at_most` bytes together, unless nobody waits for it any more:
/// the store is gone, or another day is wanted.
fn read_and_keep(
    days: &Weak<Mutex<Days>>,
    pipeline: Pipeline,
    files: &[Arc<FileInfo>],
    at_most: usize,
) {
    let waiting = || {
        let days = days.upgrade()?;
        let tried = matches!(lock(&days).get(&pipeline), Some(State::Tried(f)) if same(f, files));
        tried.then_some(days)
    };
    let others = days.upgrade().map_or(0, |days| info(&days).bytes);
    let read = |file: &Arc<FileInfo>| {
        waiting()?;
        let file = std::slice::from_ref(file);
        match pipeline {
            Pipeline::Flow => flow_rows::whole(file).ok(),
            Pipeline::Dns => dns_rows::whole(file).ok(),
        }
    };
    let left = at_most.saturating_sub(others);
    let held = HeldDay::read(files, left, &read);
    if let (Some(held), Some(days)) = (held, waiting()) {
        lock(&days).insert(pipeline, State::Held(Arc::new(held)));
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The rows of all files of a day, in order.
pub(crate) struct HeldDay {
    files: Vec<Arc<FileInfo>>,
    columns: Vec<Held>,
    rows: usize,
    bytes: usize,
}

struct Held {
    name: PlSmallStr,
    /// Distinct values; a row's number is a place in it.
    values: Column,
    /// By file.
    numbers: Vec<Numbers>,
}

/// The numbers of a file's rows, above the least of them, as narrow as they can be: those of times are
/// high late in the day, and close to each other.
struct Numbers {
    least: u32,
    above: Above,
}

enum Above {
    One(Vec<u8>),
    Two(Vec<u16>),
    Four(Vec<u32>),
}

impl HeldDay {
    /// Reads `files`, each by `read`; `None` when that takes more than `at_most` bytes, one of them
    /// cannot be read (the next search will say so), or `read` wants no more.
    fn read(
        files: &[Arc<FileInfo>],
        at_most: usize,
        read: &dyn Fn(&Arc<FileInfo>) -> Option<DataFrame>,
    ) -> Option<Self> {
        let mut columns: Vec<Builder> = Vec::new();
        let (mut rows, mut bytes) = (0, 0);
        for file in files {
            let frame = read(file)?;
            if columns.is_empty() {
                columns = frame.columns().iter().map(Builder::new).collect();
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

    fn find(&self, keep: &Keep<'_>) -> PolarsResult<DataFrame> {
        let tested = keep.any.iter().filter_map(|(name, test)| {
            let held = self.columns.iter().find(|held| held.name == *name)?;
            Some(held.passes(test).map(|passes| (held, passes)))
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
        let places: Vec<Vec<u32>> = (0..self.chunks()).into_par_iter().map(find).collect();
        let columns = self.columns.par_iter().map(|held| held.take(&places));
        let columns = columns.collect::<PolarsResult<Vec<_>>>()?;
        let found = DataFrame::new(places.iter().map(Vec::len).sum(), columns)?;
        match keep.and {
            Some(_) => found.lazy().filter(keep.filter(&|name| col(name))).collect(),
            None => Ok(found),
        }
    }

    fn chunks(&self) -> usize {
        self.columns.first().map_or(0, |held| held.numbers.len())
    }
}

impl Held {
    /// Which values pass.
    fn passes(&self, test: &dyn Fn(Expr) -> Expr) -> PolarsResult<Passes> {
        let values = DataFrame::new(self.values.len(), vec![self.values.clone()])?;
        let passes = values.lazy().select([test(col(self.name.clone()))]).collect()?;
        let passes = passes.columns()[0].bool()?;
        Ok(Passes::new(passes.iter().map(|passes| passes.unwrap_or(false)).collect()))
    }

    /// The values of the rows at `places`, by file.
    fn take(&self, places: &[Vec<u32>]) -> PolarsResult<Column> {
        let mut numbers: Vec<IdxSize> = Vec::with_capacity(places.iter().map(Vec::len).sum());
        for (chunk, places) in self.numbers.iter().zip(places) {
            chunk.add_to(places, &mut numbers);
        }
        self.values.take(&IdxCa::from_vec(PlSmallStr::EMPTY, numbers))
    }
}

impl Numbers {
    fn narrow(mut numbers: Vec<u32>) -> Self {
        let least = numbers.iter().min().copied().unwrap_or_default();
        for number in &mut numbers {
            *number -= least;
        }
        let above = match numbers.iter().max().copied().unwrap_or_default() {
            0..=0xff => Above::One(numbers.into_iter().map(|n| n as u8).collect()),
            0x100..=0xffff => Above::Two(numbers.into_iter().map(|n| n as u16).collect()),
            _ => Above::Four(numbers),
        };
        Self { least, above }
    }

    fn bytes(&self) -> usize {
        match &self.above {
            Above::One(all) => all.len(),
            Above::Two(all) => 2 * all.len(),
            Above::Four(all) => 4 * all.len(),
        }
    }

    /// Adds the places of rows whose number passes.
    fn find(&self, passes: &Passes, places: &mut Vec<u32>) {
        match &self.above {
            Above::One(all) => passes.find(self.least, all, places),
            Above::Two(all) => passes.find(self.least, all, places),
            Above::Four(all) => passes.find(self.least, all, places),
        }
    }

    /// Adds the numbers of the rows at `places`.
    fn add_to(&self, places: &[u32], numbers: &mut Vec<IdxSize>) {
        fn of<N: Copy + Into<u32>>(all: &[N], places: &[u32], numbers: &mut Vec<u32>, least: u32) {
            numbers.extend(places.iter().map(|&place| least + all[place as usize].into()));
        }
        match &self.above {
            Above::One(all) => of(all, places, numbers, self.least),
            Above::Two(all) => of(all, places, numbers, self.least),
            Above::Four(all) => of(all, places, numbers, self.least),
        }
    }
}

/// The numbers of values that pass a test.
struct Passes {
    /// By number.
    passes: Vec<bool>,
    /// The numbers themselves.
    numbers: Vec<u32>,
}

impl Passes {
    /// Up to so many numbers are compared with whole blocks of rows, which processors do many at once.
    const FEW: usize = 4;
    const BLOCK: usize = 512;

    fn new(passes: Vec<bool>) -> Self {
        let numbers = passes.iter().zip(0..).filter(|(passes, _)| **passes);
        Self { numbers: numbers.map(|(_, number)| number).collect(), passes }
    }

    fn find<N>(&self, least: u32, all: &[N], places: &mut Vec<u32>)
    where
        N: Copy + PartialEq + Into<u32> + TryFrom<u32>,
    {
        // Numbers that do not fit stand nowhere in these rows.
        let few = self.numbers.iter().take(Self::FEW + 1);
        let few: Vec<N> = few.filter_map(|n| N::try_from(n.checked_sub(least)?).ok()).collect();
        let is_few = self.numbers.len() <= Self::FEW;
        let passes = self.passes.get(least as usize..).unwrap_or_default();
        // At most u32::MAX rows a file: see `Builder::add`.
        for (block, start) in all.chunks(Self::BLOCK).zip((0u32..).step_by(Self::BLOCK)) {
            let has = |number: N| block.iter().fold(false, |has, other| has | (*other == number));
            if is_few && !few.iter().any(|number| has(*number)) {
                continue;
            }
            let found = block.iter().zip(start..).filter(|(number, _)| {
                passes.get((**number).into() as usize).copied().unwrap_or(false)
            });
            places.extend(found.map(|(_, place)| place));
        }
    }
}

/// A column that is being read.
struct Builder {
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
    fn new(column: &Column) -> Self {
        let distinct = match column.dtype() {
            DataType::String => Distinct::Texts(Seen::default(), 0),
            DataType::Float64 => Distinct::Floats(Seen::default()),
            _ => Distinct::Whole(Seen::default()),
        };
        let (name, dtype) = (column.name().clone(), column.dtype().clone());
        Self { name, dtype, distinct, numbers: Vec::new() }
    }

    /// Adds a file's rows.
    fn add(&mut self, column: &Column) -> PolarsResult<()> {
        polars_ensure!(u32::try_from(column.len()).is_ok(), ComputeError: "too many rows in a file");
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

    fn bytes(&self) -> usize {
        let values = match &self.distinct {
            // A view of 16 bytes, and the text where it is longer than 12: about.
            Distinct::Texts(seen, bytes) => 16 * seen.len() as usize + bytes,
            Distinct::Whole(seen) => 8 * seen.len() as usize,
            Distinct::Floats(seen) => 8 * seen.len() as usize,
        };
        values + self.numbers.iter().map(Numbers::bytes).sum::<usize>()
    }

    fn finish(self) -> PolarsResult<Held> {
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
