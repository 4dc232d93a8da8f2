//! The answers of a search, decoded and counted in one pass.

use chrono::NaiveDate;
use polars::prelude::*;
use rayon::prelude::*;

use super::iana;
use super::model::{Anchor, Counts, LaneOf};
use super::name::Name;
use super::rows::{self, answers_of};
use super::selection::Selection;
use crate::error::{AnalysisError, Result};
use crate::flows::SECOND;
use crate::interner::Interner;
use crate::model::Address;

/// The bin of [`super::investigate()`]: 96 of them are a day.
pub(super) const BIN_MINUTES: u32 = 15;

/// Bins of a day.
pub(super) const BINS: u8 = (24 * 60 / BIN_MINUTES) as u8;

/// What [`Sums::bins`] says of an answer that no bin of the day has.
pub(super) const NO_BIN: u8 = u8::MAX;

/// What one answer said, but for who asked, what and when: few of these differ on a day, so that a
/// row costs one look-up instead of five.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Outcome {
    pub kind: Option<i32>,
    pub class: Option<i32>,
    pub rcode: Option<i32>,
    /// Into [`Sums::servers`].
    pub server: u32,
    /// Into [`Sums::cells`].
    pub cell: u32,
}

/// One client and one name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub client: u32,
    pub name: u32,
    pub lane: u32,
    pub total: u64,
    /// Microseconds since 1970.
    pub seen: Option<(i64, i64)>,
}

/// All that a finding is made of. Numbers point into the vectors.
#[derive(Default)]
pub(super) struct Sums {
    pub clients: Vec<Address>,
    pub names: Vec<Name>,
    /// By name.
    pub domains: Vec<Option<Name>>,
    /// An empty text where rows have no server.
    pub servers: Vec<Address>,
    /// The addresses of each distinct cell of answers, none twice.
    pub cells: Vec<Vec<Address>>,
    pub pairs: Vec<Pair>,
    pub outcomes: Vec<Outcome>,
    /// (pair, outcome, answers), by pair.
    pub counts: Vec<(u32, u32, u64)>,
    pub lanes: Vec<LaneOf>,
    /// Pair and outcome of every answer, in the order of the rows.
    pub answers: Vec<(u32, u32)>,
    /// The bin of every answer; [`NO_BIN`] for one without a time, or of another day.
    pub bins: Vec<u8>,
    /// For people.
    pub notes: Vec<String>,
}

impl Sums {
    /// Decodes `frame`; rows that `selection` does not take in are left out, with a note.
    pub fn of(
        frame: &DataFrame,
        anchor: &Anchor,
        selection: &Selection,
        day: NaiveDate,
    ) -> Result<Self> {
        rows::check(frame)?;
        if u32::try_from(frame.height()).is_err() {
            return Err(AnalysisError::TooManyRows { rows: frame.height() });
        }
        let text = |name: &str| frame.column(name).and_then(Column::str);
        let (client, server, name) = (text(rows::CLIENT)?, text(rows::SERVER)?, text(rows::NAME)?);
        let (class, cell) = (text(rows::CLASS)?, text(rows::ANSWERS)?);
        let time = frame.column(rows::TIME)?.datetime()?.physical();
        let (kind, rcode) = (frame.column(rows::TYPE)?.i32()?, frame.column(rows::RCODE)?.i32()?);
        let midnight = day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_micros();
        let bin_micros = i64::from(BIN_MINUTES) * 60 * SECOND;

        // A column does not depend on another: their texts become numbers side by side.
        let parts_of = |text: &str| (text.to_owned(), parts(text));
        let class_of = |text: &str| (text.to_owned(), iana::class_code(text));
        let (
            (names, name),
            ((clients, client), (servers, server), (cells, cell), (classes, class)),
        ) = rayon::join(
            || numbers(name, named),
            || {
                let (client, server) = (numbers(client, address), numbers(server, address));
                (client, server, numbers(cell, parts_of), numbers(class, class_of))
            },
        );

        let mut out = Self::default();
        let mut odd = Odd { classes: vec![false; classes.values.len()], ..Odd::default() };
        let mut pair_of: PlHashMap<(u32, u32), Option<u32>> = PlHashMap::default();
        let mut lane_of: PlHashMap<LaneOf, u32> = PlHashMap::default();
        let mut outcome_of: PlHashMap<Outcome, u32> = PlHashMap::default();

        let mut codes = kind.iter().zip(rcode.iter());
        let mut said = class.iter().zip(server.iter().zip(&cell));
        for ((&client, &name), time) in client.iter().zip(&name).zip(time.iter()) {
            let (kind, rcode) = codes.next().unwrap_or_default();
            let Some((&class, (&server, &cell))) = said.next() else { break };
            let known = pair_of.entry((client, name)).or_insert_with(|| {
                let (who, what) = (&clients.values[client as usize], &names.values[name as usize]);
                selection.takes_in(who, what).then(|| {
                    let of = lane(anchor, who, what);
                    let next = lane_of.len() as u32; // at most one a pair
                    let lane = *lane_of.entry(of).or_insert(next);
                    out.pairs.push(Pair { client, name, lane, total: 0, seen: None });
                    out.pairs.len() as u32 - 1 // at most one a row, and rows are counted before
                })
            });
            let Some(number) = *known else {
                odd.strangers += 1;
                continue;
            };

            odd.classes[class as usize] = true;
            let class = classes.values[class as usize];
            let outcome = Outcome { kind, class, rcode, server, cell };
            let next = outcome_of.len() as u32; // at most one a row
            let outcome = *outcome_of.entry(outcome).or_insert(next);
            out.answers.push((number, outcome));

            let pair = &mut out.pairs[number as usize];
            pair.total += 1;
            let Some(time) = time else {
                odd.timeless += 1;
                out.bins.push(NO_BIN);
                continue;
            };
            let (first, last) = pair.seen.unwrap_or((time, time));
            pair.seen = Some((first.min(time), last.max(time)));
            let index = time.saturating_sub(midnight).div_euclid(bin_micros);
            let index = u8::try_from(index).ok().filter(|&index| index < BINS);
            odd.other_days += u64::from(index.is_none());
            out.bins.push(index.unwrap_or(NO_BIN));
        }
        odd.no_classes = classes
            .spellings()
            .filter(|&(text, number)| {
                let used = odd.classes[number as usize];
                used && !text.is_empty() && classes.values[number as usize].is_none()
            })
            .count() as u64;

        out.names = plainest(&names);
        out.domains = out.names.par_iter().map(Name::registered_domain).collect();
        (out.clients, out.servers, out.cells) = (clients.values, servers.values, cells.values);
        out.lanes = in_place(lane_of);
        out.outcomes = in_place(outcome_of);
        out.counts = counted(&out.answers);
        out.notes = odd.notes(&out, selection, day);
        Ok(out)
    }
}

/// A number for the text of each row, and what the numbers stand for.
pub(super) fn numbers<'a, T>(
    texts: &'a StringChunked,
    make: impl Fn(&str) -> (String, T) + Copy,
) -> (Interner<'a, T>, Vec<u32>) {
    let mut interner = Interner::new();
    let mut numbers = Vec::with_capacity(texts.len());
    for chunk in texts.downcast_iter() {
        // Texts of a chunk with one view are one text: a number is compared faster than 60 letters.
        let mut known: PlHashMap<u128, u32> = PlHashMap::default();
        let views = chunk.views().iter().map(|view| view.as_u128());
        numbers.extend(chunk.iter().zip(views).map(|(text, view)| match text {
            Some(text) => *known.entry(view).or_insert_with(|| interner.number(text, make)),
            None => interner.number("", make),
        }));
    }
    (interner, numbers)
}

/// An address and its canonical text.
pub(super) fn address(text: &str) -> (String, Address) {
    let address = Address::new(text);
    (address.as_str().to_owned(), address)
}

/// A name and its normalised text.
pub(super) fn named(raw: &str) -> (String, Name) {
    let name = Name::new(raw);
    (name.as_str().to_owned(), name)
}

fn parts(cell: &str) -> Vec<Address> {
    let mut parts: Vec<Address> = answers_of(cell).map(Address::new).collect();
    parts.sort_unstable();
    parts.dedup();
    parts
}

fn lane(anchor: &Anchor, client: &Address, name: &Name) -> LaneOf {
    match anchor {
        Anchor::Query(_) => LaneOf::Client(client.clone()),
        Anchor::Client(_) => match name.registered_domain() {
            Some(domain) => LaneOf::Domain(domain),
            None => LaneOf::Name(name.clone()),
        },
    }
}

/// Of several spellings of a name the normalised one, else the first by bytes, whatever the order of
/// rows was.
pub(super) fn plainest(names: &Interner<'_, Name>) -> Vec<Name> {
    let mut plainest = names.values.clone();
    for (raw, number) in names.spellings() {
        let Some(kept) = plainest.get_mut(number as usize) else { continue };
        if (raw != kept.as_str(), raw) < (kept.raw() != kept.as_str(), kept.raw()) {
            *kept = Name::new(raw);
        }
    }
    plainest
}

/// Keys by their numbers, which are 0, 1, 2, ..
fn in_place<K>(numbers: impl IntoIterator<Item = (K, u32)>) -> Vec<K> {
    let mut keys: Vec<_> = numbers.into_iter().collect();
    keys.sort_unstable_by_key(|(_, number)| *number);
    keys.into_iter().map(|(key, _)| key).collect()
}

/// Distinct values with how often they are there, in order. Sorting beats a table of hashes here: on a
/// big day that would be one access to cold memory a row.
fn counted(answers: &[(u32, u32)]) -> Vec<(u32, u32, u64)> {
    // One number is compared faster than two.
    let both = |&(pair, outcome): &(u32, u32)| u64::from(pair) << 32 | u64::from(outcome);
    let mut both: Vec<u64> = answers.iter().map(both).collect();
    both.sort_unstable();
    let runs = both.chunk_by(|a, b| a == b);
    runs.map(|run| ((run[0] >> 32) as u32, run[0] as u32, run.len() as u64)).collect()
}

/// Most answers first, then by code, rows that do not say last.
pub(super) fn counts_of(codes: impl Iterator<Item = (Option<i32>, u64)>) -> Counts {
    let mut counts: Counts = codes.collect();
    counts.sort_unstable_by_key(|(code, _)| *code);
    counts.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        kept.1 += if same { next.1 } else { 0 };
        same
    });
    counts.sort_by_key(|&(code, answers)| (u64::MAX - answers, code.is_none(), code));
    counts
}

/// Rows that a reader should know of.
#[derive(Default)]
struct Odd {
    strangers: u64,
    timeless: u64,
    other_days: u64,
    /// By number of the class' text, whether a row that counts has it.
    classes: Vec<bool>,
    /// Distinct texts of such rows that are no class.
    no_classes: u64,
}

impl Odd {
    fn notes(&self, sums: &Sums, selection: &Selection, day: NaiveDate) -> Vec<String> {
        let total = |keep: &dyn Fn(&Pair) -> bool| -> u64 {
            sums.pairs.iter().filter(|pair| keep(pair)).map(|pair| pair.total).sum()
        };
        let nameless = total(&|pair| sums.names[pair.name as usize].is_empty());
        let strange = total(&|pair| sums.clients[pair.client as usize].ip().is_none());
        let classes = self.no_classes;
        [
            (self.strangers, format!("are not those where {selection} and were left out")),
            (nameless, "have no name; they count as the name without letters".to_owned()),
            (strange, "have no address as client; it is shown as it is written".to_owned()),
            (self.timeless, "have no time; they count, but are in no bin".to_owned()),
            (self.other_days, format!("are not of {day}; they count, but are in no bin")),
        ]
        .into_iter()
        .filter(|(rows, _)| *rows > 0)
        .map(|(rows, what)| format!("{rows} rows {what}"))
        .chain((classes > 0).then(|| {
            format!("{classes} distinct texts are no class such as 0x00000001; they count as none")
        }))
        .collect()
    }
}
