//! Rows of a held day that say the same, counted by their numbers.

use polars::prelude::*;
use rayon::prelude::*;

use super::column::Held;
use super::numbers::Passes;

/// What a text becomes, if it counts.
pub(crate) type Becomes<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What the texts of a column become.
pub(super) struct Texts<'a> {
    column: &'a Held,
    /// Distinct ones.
    values: Vec<String>,
    /// Which of those a value of the column becomes, by its number; nothing that counts for others.
    numbers: Vec<u32>,
    /// The values that become one.
    passes: Passes,
}

impl<'a> Texts<'a> {
    /// A null is an empty text.
    pub fn of(column: &'a Held, becomes: Becomes<'_>) -> PolarsResult<Self> {
        let (mut known, mut values) = (PlHashMap::<String, u32>::default(), Vec::new());
        let mut number = |text: String| {
            *known.entry(text).or_insert_with_key(|text| {
                values.push(text.clone());
                values.len() as u32 - 1 // at most one a value, and those have such numbers
            })
        };
        let texts = column.values.str()?.iter().map(Option::unwrap_or_default);
        let numbers: Vec<_> = texts.map(|text| becomes(text).map(&mut number)).collect();
        let passes = Passes::new(numbers.iter().map(Option::is_some).collect());
        let numbers = numbers.into_iter().map(Option::unwrap_or_default).collect();
        Ok(Self { column, values, numbers, passes })
    }

    /// The places of a part's rows whose text becomes one.
    pub fn find(&self, part: usize) -> Vec<u32> {
        let mut places = Vec::new();
        self.column.numbers[part].find(&self.passes, &mut places);
        places
    }

    /// Which texts those at `places` become.
    pub fn of_rows(&self, part: usize, places: &[u32]) -> impl Iterator<Item = u32> {
        let numbers = self.column.numbers[part].of(places).into_iter();
        numbers.map(|number| self.numbers[number as usize])
    }
}

/// What is known of all rows with a pair of numbers.
#[derive(Clone, Copy)]
struct Line {
    pair: Pair,
    rows: u64,
    first: i64,
    last: i64,
}

/// Two numbers as one, which is hashed, compared and sorted faster.
type Pair = u64;

fn pair(one: u32, other: u32) -> Pair {
    u64::from(one) << 32 | u64::from(other)
}

/// The two numbers, as places.
fn apart(pair: Pair) -> (usize, usize) {
    ((pair >> 32) as usize, pair as u32 as usize)
}

/// Rows by the pair of numbers that they have in two columns.
#[derive(Default)]
pub(super) struct Sums {
    known: PlHashMap<Pair, u32>,
    lines: Vec<Line>,
    /// The place of a line, and a number that its rows have in a third column; sorted, each once.
    members: Vec<Pair>,
}

impl Sums {
    /// Counts rows: their pairs, times, and numbers in a third column, which are below `end`. `None`
    /// if a row has no time.
    pub fn of(
        pairs: impl Iterator<Item = (u32, u32)>,
        times: impl Iterator<Item = Option<i64>>,
        (numbers, end): (Vec<u32>, usize),
    ) -> Option<Self> {
        let mut sums = Self::default();
        let mut members = Vec::with_capacity(numbers.len());
        for (((a, b), time), number) in pairs.zip(times).zip(numbers) {
            let time = time?;
            let line = sums.line(pair(a, b));
            sums.lines[line as usize].add(1, time, time);
            members.push(pair(line, number));
        }
        sums.members = distinct(members, sums.lines.len(), end);
        Some(sums)
    }

    /// Puts the sums of parts together.
    pub fn merged(parts: Vec<Self>) -> Self {
        let mut all = Self::default();
        for part in parts {
            let mut places = Vec::with_capacity(part.lines.len());
            for line in part.lines {
                let place = all.line(line.pair);
                all.lines[place as usize].add(line.rows, line.first, line.last);
                places.push(place);
            }
            let members = part.members.into_iter().map(apart);
            all.members.extend(members.map(|(line, number)| pair(places[line], number as u32)));
        }
        all.members.par_sort_unstable();
        all.members.dedup();
        all
    }

    /// The place of the pair's line.
    fn line(&mut self, pair: Pair) -> u32 {
        *self.known.entry(pair).or_insert_with(|| {
            self.lines.push(Line { pair, rows: 0, first: i64::MAX, last: i64::MIN });
            self.lines.len() as u32 - 1 // at most one a row, and rows are counted so
        })
    }

    /// A row a line: what texts of two columns became; rows, first and last time and distinct texts
    /// of a third column under these names.
    pub fn frame(
        &self,
        [a, b]: [&Texts<'_>; 2],
        time: &Held,
        set: &Held,
        [total, first, last, members]: [&str; 4],
    ) -> PolarsResult<DataFrame> {
        let mut columns = Vec::with_capacity(6);
        let numbers: [fn(&Line) -> usize; 2] =
            [|line| apart(line.pair).0, |line| apart(line.pair).1];
        for (texts, number) in [a, b].into_iter().zip(numbers) {
            let each = self.lines.iter().map(|line| texts.values[number(line)].as_str());
            let each: StringChunked = each.collect_ca(texts.column.name.clone());
            columns.push(each.into_column());
        }
        let rows: Vec<u64> = self.lines.iter().map(|line| line.rows).collect();
        columns.push(Column::new(total.into(), rows));
        let firsts: Vec<i64> = self.lines.iter().map(|line| line.first).collect();
        let lasts: Vec<i64> = self.lines.iter().map(|line| line.last).collect();
        for (name, micros) in [(first, firsts), (last, lasts)] {
            columns.push(Column::new(name.into(), micros).cast(time.values.dtype())?);
        }
        let values: Vec<Option<&str>> = set.values.str()?.iter().collect();
        let lines = self.lines.len();
        let mut lists = ListStringChunkedBuilder::new(members.into(), lines, self.members.len());
        for line in self.members.chunk_by(|a, b| apart(*a).0 == apart(*b).0) {
            let members = line.iter().map(|&member| values[apart(member).1].unwrap_or_default());
            lists.append_values_iter(members);
        }
        columns.push(lists.finish().into_column());
        DataFrame::new(lines, columns)
    }
}

impl Line {
    fn add(&mut self, rows: u64, first: i64, last: i64) {
        self.rows += rows;
        (self.first, self.last) = (self.first.min(first), self.last.max(last));
    }
}

/// The distinct ones, sorted; of the two numbers one is below `lines`, the other below `end`.
fn distinct(mut members: Vec<Pair>, lines: usize, end: usize) -> Vec<Pair> {
    let words = end.div_ceil(64);
    // Where a bit for each possible one takes no more memory than they do, that beats sorting.
    if lines.saturating_mul(words) > members.len() {
        members.sort_unstable();
        members.dedup();
        members.shrink_to_fit();
        return members;
    }
    let mut bits = vec![0u64; lines * words];
    for (line, number) in members.into_iter().map(apart) {
        bits[line * words + number / 64] |= 1 << (number % 64);
    }
    let numbers = |(place, mut word): (usize, u64)| {
        let (line, first) = ((place / words) as u32, (place % words * 64) as u32);
        std::iter::from_fn(move || {
            let bit = word.trailing_zeros();
            word &= word.wrapping_sub(1);
            (bit < 64).then(|| pair(line, first + bit))
        })
    };
    bits.into_iter().enumerate().flat_map(numbers).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_and_sorting_find_the_same() {
        for (lines, end) in [(1, 1), (3, 64), (3, 65), (7, 200)] {
            let line = |n: usize| (n * 7 % lines) as u32;
            let many = |count: usize| (0..count).map(|n| pair(line(n), (n * 31 % end) as u32));
            let members: Vec<Pair> = many(lines * end * 2).collect();
            let sorted: std::collections::BTreeSet<Pair> = members.iter().copied().collect();
            let sorted = Vec::from_iter(sorted);
            assert_eq!(distinct(members.clone(), lines, end), sorted, "{lines} {end}");
            assert_eq!(distinct(members, usize::MAX, end), sorted, "{lines} {end}");
        }
        assert_eq!(distinct(Vec::new(), 0, 0), Vec::<Pair>::new());
    }
}
