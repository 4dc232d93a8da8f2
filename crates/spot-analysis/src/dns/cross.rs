//! Answers and flows of one day beside each other: which names led to an address, and which flows
//! followed an answer.
//!
//! Both tables cut their times to the second, so "after" means: not in an earlier second.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDateTime;
use polars::prelude::*;
use serde::{Deserialize, Serialize};

pub use super::flags::{flag_followed, flag_resolved};
pub use super::followed::{FirstAnswers, Followed};
use super::model::Row;
use super::name::Name;
use super::rows::{self, answers_of};
use super::sums::{address, numbers};
use crate::error::Result;
use crate::flows::datetime;
use crate::interner::Interner;
use crate::model::{Address, Flag};
use crate::spellings::spellings;

/// A name that resolved to an address, and who asked for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    /// The address, a peer of a flow anchor.
    pub address: Address,
    /// The name; hostile text.
    pub name: Name,
    /// Answers that said so.
    pub answers: u64,
    /// Clients that got one of them, as addresses are ordered; at most [`Row::KEPT`].
    pub clients: Vec<Address>,
    /// Distinct clients in all.
    pub client_count: u64,
    /// First of those answers, UTC; absent when none has a time.
    pub first_seen: Option<NaiveDateTime>,
    /// Last of those answers, UTC.
    pub last_seen: Option<NaiveDateTime>,
    /// What the list of indicators says of address, name and clients; see [`flag_resolved`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
}

/// Addresses that answers are looked through for.
#[derive(Clone)]
pub struct Wanted {
    /// The canonical text of each spelling.
    spelled: Arc<HashMap<String, String>>,
}

impl Wanted {
    /// In whatever spelling a table has them.
    pub fn new(addresses: &[Address]) -> Self {
        let each = |address: &Address| {
            let canonical = address.as_str().to_owned();
            spellings(address).into_iter().map(move |text| (text, canonical.clone()))
        };
        Self { spelled: Arc::new(addresses.iter().flat_map(each).collect()) }
    }

    /// Those of a cell's answers (see [`rows::ANSWERS`]) that are wanted: canonical, in order, each
    /// once, with `|` between. `None` if none is.
    pub fn among(&self, cell: &str) -> Option<String> {
        let found = answers_of(cell).filter_map(|answer| self.spelled.get(answer));
        let found: BTreeSet<&str> = found.map(String::as_str).collect();
        (!found.is_empty()).then(|| Vec::from_iter(found).join("|"))
    }

    /// The same of each cell of a column; null where none is.
    pub fn among_each(&self, answers: Expr) -> Expr {
        let wanted = self.clone();
        each_text(answers, move |cell| wanted.among(cell))
    }
}

/// A column of what its texts become; a null is an empty text. Most are there many times.
fn each_text(column: Expr, of: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Expr {
    let each = move |column: Column| {
        let texts: Vec<&str> = column.str()?.iter().map(Option::unwrap_or_default).collect();
        let mut known: PlHashMap<&str, Option<String>> = PlHashMap::default();
        for text in &texts {
            known.entry(text).or_insert_with(|| of(text));
        }
        let found = texts.iter().map(|text| known.get(text)?.as_deref());
        let found: StringChunked = found.collect_ca(column.name().clone());
        Ok(found.into_column())
    };
    column.map(each, |_, field| Ok(field.clone()))
}

/// How many of the answers a line of [`summed`] stands for.
pub const TOTAL: &str = "total";
/// First of them.
pub const FIRST: &str = "first";
/// Last of them.
pub const LAST: &str = "last";
/// Distinct texts of those who asked.
pub const CLIENTS: &str = "clients";

/// Answers (shape [`rows`]) that name a wanted address, counted by what they say of those: columns
/// [`rows::NAME`] (of [`normal`]), [`rows::ANSWERS`] (of [`Wanted::among`]), [`TOTAL`] (UInt64), [`FIRST`], [`LAST`] (null when none has a time), [`CLIENTS`] (List of String,
/// at least one, in no order). In no order.
pub fn summed(answers: LazyFrame, wanted: &Wanted) -> LazyFrame {
    let said = [rows::NAME, rows::ANSWERS].map(col);
    let named = answers.with_column(wanted.among_each(col(rows::ANSWERS)));
    let named = named.filter(col(rows::ANSWERS).is_not_null());
    let by_client = named.group_by([rows::NAME, rows::ANSWERS, rows::CLIENT].map(col)).agg([
        len().cast(DataType::UInt64).alias(TOTAL),
        col(rows::TIME).min().alias(FIRST),
        col(rows::TIME).max().alias(LAST),
    ]);
    // Attackers (and careful resolvers) spell a name in many ways.
    let one_spelling = by_client.with_column(each_text(col(rows::NAME), |name| Some(normal(name))));
    one_spelling.group_by(said).agg([
        col(TOTAL).sum(),
        col(FIRST).min(),
        col(LAST).max(),
        col(rows::CLIENT).unique().alias(CLIENTS),
    ])
}

/// A name as [`summed`] has it: [`Name::as_str`].
pub fn normal(name: &str) -> String {
    Name::new(name).as_str().to_owned()
}

/// First and last, microseconds since 1970.
type Seen = Option<(i64, i64)>;

/// The span that has both.
fn wider(a: Seen, b: Seen) -> Seen {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (one, other) => one.or(other),
    }
}

/// What answers said of one name.
#[derive(Default)]
struct Sums {
    answers: u64,
    /// Places of [`Asking`], several times where several lines have one.
    clients: Vec<u32>,
    seen: Seen,
}

impl Sums {
    fn add(&mut self, answers: u64, clients: &[u32], seen: Seen) {
        self.answers = self.answers.saturating_add(answers);
        self.clients.extend(clients);
        self.seen = wider(self.seen, seen);
    }
}

/// The clients of lines of [`summed`].
struct Asking {
    /// In order.
    clients: Vec<Address>,
    /// Their places, line after line.
    places: Vec<u32>,
    /// Where each line's end.
    ends: Vec<usize>,
}

impl Asking {
    fn of(lines: &ListChunked) -> Result<Self> {
        let lines = lines.rechunk();
        let lines: Vec<_> = (0..lines.len()).map(|line| lines.get_as_series(line)).collect();
        let (mut known, mut places, mut ends) = (Interner::new(), Vec::new(), Vec::new());
        for line in &lines {
            for text in line.iter().map(Series::str).collect::<PolarsResult<Vec<_>>>()? {
                places.extend(
                    text.iter().map(|text| known.number(text.unwrap_or_default(), address)),
                );
            }
            ends.push(places.len());
        }
        let mut order: Vec<u32> = (0..).take(known.values.len()).collect();
        order.sort_unstable_by_key(|&number| &known.values[number as usize]);
        let mut place_of = vec![0; order.len()];
        for (place, &number) in (0..).zip(&order) {
            place_of[number as usize] = place;
        }
        places.iter_mut().for_each(|number| *number = place_of[*number as usize]);
        let clients = order.iter().map(|&number| known.values[number as usize].clone()).collect();
        Ok(Self { clients, places, ends })
    }

    /// Those of each line.
    fn lines(&self) -> impl Iterator<Item = &[u32]> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins.zip(&self.ends).map(|(begin, &end)| &self.places[begin..end])
    }
}

/// For each of `peers` the names that resolved to it, in `answers` (of [`summed`], where all of them
/// are wanted; a line may be there in parts).
///
/// Ordered as `peers` are; for one address most answers first, then by name. An address that no
/// answer named is not there.
///
/// # Errors
/// A frame of another shape.
pub fn resolved_to(answers: &DataFrame, peers: &[Address]) -> Result<Vec<Resolved>> {
    let mut places: HashMap<&Address, usize> = HashMap::new();
    for (place, peer) in peers.iter().enumerate() {
        places.entry(peer).or_insert(place);
    }
    let text = |name: &str| answers.column(name).and_then(Column::str);
    let time = |name: &str| answers.column(name).and_then(Column::datetime);
    let (name, cell) = (text(rows::NAME)?, text(rows::ANSWERS)?);
    let (first, last) = (time(FIRST)?.physical(), time(LAST)?.physical());
    let totals = answers.column(TOTAL)?.u64()?;
    let asking = Asking::of(answers.column(CLIENTS)?.list()?)?;

    let told = |cell: &str| {
        let told: BTreeSet<Address> = answers_of(cell).map(Address::new).collect();
        let told = told.iter().filter_map(|address| places.get(address).copied());
        (cell.to_owned(), told.collect::<Vec<usize>>())
    };
    let (cells, cell) = numbers(cell, told);
    let mut sums: BTreeMap<(usize, &str), Sums> = BTreeMap::new();
    let said = totals.iter().zip(first.iter().zip(last.iter()));
    let lines = name.iter().zip(cell).zip(said.zip(asking.lines()));
    for ((name, cell), ((total, (first, last)), clients)) in lines {
        for &place in &cells.values[cell as usize] {
            let sums = sums.entry((place, name.unwrap_or_default())).or_default();
            sums.add(total.unwrap_or(0), clients, first.zip(last));
        }
    }
    let mut found: Vec<(usize, Resolved)> = sums
        .into_iter()
        .map(|((place, name), mut sums)| {
            sums.clients.sort_unstable();
            sums.clients.dedup();
            let first = sums.clients.iter().take(Row::KEPT);
            let resolved = Resolved {
                address: peers[place].clone(),
                name: Name::new(name),
                answers: sums.answers,
                client_count: sums.clients.len() as u64,
                clients: first.map(|&client| asking.clients[client as usize].clone()).collect(),
                first_seen: sums.seen.map(|(first, _)| datetime(first)),
                last_seen: sums.seen.map(|(_, last)| datetime(last)),
                flags: Vec::new(),
            };
            (place, resolved)
        })
        .collect();
    // Stable: equals stay in order of names.
    found.sort_by_key(|(place, resolved)| (*place, u64::MAX - resolved.answers));
    Ok(found.into_iter().map(|(_, resolved)| resolved).collect())
}
