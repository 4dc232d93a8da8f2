//! One pass over flow rows: they are summed by client, server and port.
//!
//! Addresses get numbers, and connections are found by these: comparing texts, row by row, took most of the
//! time. Each core sums rows of its own; the sums are put together at the end.

use std::hash::BuildHasher as _;

use polars::prelude::*;

use super::connections::{Array, Asked, Connection, NEEDED, Rows, on_all_cores};
use crate::error::{AnalysisError, Result};
use crate::model::Address;
use crate::rows;

/// Rows whose connections are looked up before any of them is counted: the processor waits for
/// several at once.
const BATCH: usize = 64;

/// Texts to numbers. Nearly all addresses are short, and compared as one number each.
#[derive(Clone, Default)]
pub(super) struct Spelled {
    short: PlHashMap<[u64; 2], u32>,
    long: PlHashMap<Box<str>, u32>,
}

/// A text of at most 15 bytes, with its length.
#[inline]
fn packed(text: &str) -> Option<[u64; 2]> {
    let mut bytes = [0u8; 16];
    bytes[15] = text.len() as u8;
    bytes[..15].get_mut(..text.len())?.copy_from_slice(text.as_bytes());
    let whole = u128::from_le_bytes(bytes);
    Some([whole as u64, (whole >> 64) as u64])
}

impl Spelled {
    #[inline]
    pub fn get(&self, text: &str) -> Option<u32> {
        match packed(text) {
            Some(key) => self.short.get(&key).copied(),
            None => self.long.get(text).copied(),
        }
    }

    fn insert(&mut self, text: &str, number: u32) {
        match packed(text) {
            Some(key) => self.short.insert(key, number),
            None => self.long.insert(text.into(), number),
        };
    }

    /// Adds those of another, whose numbers are `new` here.
    fn extend(&mut self, other: Self, new: impl Fn(u32) -> u32) {
        other.short.into_iter().for_each(|(key, old)| {
            self.short.entry(key).or_insert(new(old));
        });
        other.long.into_iter().for_each(|(key, old)| {
            self.long.entry(key).or_insert(new(old));
        });
    }

    /// Those of the numbers that are kept.
    pub fn only(&self, keep: impl Fn(u32) -> bool) -> Self {
        let short = self.short.iter().filter(|(_, number)| keep(**number));
        let long = self.long.iter().filter(|(_, number)| keep(**number));
        Self {
            short: short.map(|(key, number)| (*key, *number)).collect(),
            long: long.map(|(key, number)| (key.clone(), *number)).collect(),
        }
    }
}

/// Addresses by number.
#[derive(Clone, Default)]
pub(super) struct Numbers {
    /// As the data spell them; two spellings of an address have one number.
    pub spelled: Spelled,
    known: PlHashMap<Address, u32>,
    pub addresses: Vec<Address>,
}

impl Numbers {
    /// Of an address, which is new or not.
    #[inline]
    fn of(&mut self, text: &str) -> u32 {
        match self.spelled.get(text) {
            Some(number) => number,
            None => self.of_new(text),
        }
    }

    #[cold]
    fn of_new(&mut self, text: &str) -> u32 {
        let next = self.addresses.len() as u32;
        let address = Address::new(text);
        let number = *self.known.entry(address.clone()).or_insert(next);
        if number == next {
            self.addresses.push(address);
        }
        self.spelled.insert(text, number);
        number
    }
}

/// Sums so far, a part for each core.
pub(super) struct Folded {
    parts: Vec<Part>,
    pub rows: u64,
}

#[derive(Default)]
struct Part {
    numbers: Numbers,
    connections: Vec<Connection>,
    places: Places,
}

impl Default for Folded {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self { parts: (0..cores).map(|_| Part::default()).collect(), rows: 0 }
    }
}

impl Folded {
    /// Adds rows, in the shape of [`NEEDED`]; further columns do not matter.
    pub fn add(&mut self, table: &DataFrame) -> Result<()> {
        rows::check_columns(table, "flow", &NEEDED)?;
        self.rows += table.height() as u64;
        let most = self.parts.iter().map(|part| part.connections.len()).max().unwrap_or(0);
        if most + table.height() > u32::MAX as usize {
            // They have numbers of 32 bits.
            return Err(AnalysisError::TooManyRows { rows: most });
        }
        on_all_cores(&Rows::pieces(table), &mut self.parts, Part::add)
    }

    /// All of them, in order of client, server and port.
    pub fn finish(self) -> (Numbers, Vec<Connection>) {
        let mut parts = self.parts.into_iter();
        let mut all = parts.next().unwrap_or_default();
        for part in parts {
            let renumbered: Vec<u32> =
                part.numbers.addresses.iter().map(|one| all.numbers.of(one.as_str())).collect();
            let new = |old: u32| renumbered.get(old as usize).copied().unwrap_or(old);
            all.numbers.spelled.extend(part.numbers.spelled, new);
            for one in part.connections {
                let one = Connection { client: new(one.client), server: new(one.server), ..one };
                let place = all.places.of(key(&one), &mut all.connections);
                if let Some(sum) = all.connections.get_mut(place as usize) {
                    sum.add(&one);
                }
            }
        }
        all.connections.sort_unstable_by_key(key);
        (all.numbers, all.connections)
    }
}

impl Part {
    fn add(&mut self, rows: &Rows) -> Result<()> {
        let (mut ends, times) = (rows.ends()?, rows.times()?);
        let (bytes, packets) = (rows.big(rows::BYTES)?, rows.big(rows::PACKETS)?);
        let (bytes_back, packets_back) =
            (rows.big(rows::BYTES_BACK)?, rows.big(rows::PACKETS_BACK)?);
        let mut keys = [((0, 0, 0), true); BATCH];
        let mut places = [0; BATCH];
        let mut begin = 0;
        while begin < rows.len() {
            let batch = begin..rows.len().min(begin + BATCH);
            for (row, key) in batch.clone().zip(&mut keys) {
                let source = ends.sources.number(row, |text| self.numbers.of(text));
                let target = ends.targets.number(row, |text| self.numbers.of(text));
                let (who, port) = ends.asked(row);
                let there = match who {
                    Asked::There => true,
                    Asked::Back => false,
                    Asked::Tie => {
                        let of = |number: u32| self.numbers.addresses.get(number as usize);
                        of(source) <= of(target)
                    }
                };
                *key = match there {
                    true => ((source, target, port), true),
                    false => ((target, source, port), false),
                };
            }
            for ((key, _), place) in keys.iter().zip(&mut places).take(batch.len()) {
                *place = self.places.of(*key, &mut self.connections);
            }
            for ((row, place), (_, there)) in batch.clone().zip(&places).zip(&keys) {
                // A field that nobody filled in is below 0 in some tables.
                let of = |column: &Array<Int64Type>| column.get(row).unwrap_or(0).max(0);
                let sent = (of(bytes), of(packets));
                let got = (of(bytes_back), of(packets_back));
                let lasted = times.lasted(row);
                let Some(one) = self.connections.get_mut(*place as usize) else { continue };
                one.count(*there, sent, got, (times.end(row), lasted));
            }
            begin = batch.end;
        }
        Ok(())
    }
}

type Key = (u32, u32, i32);

fn key(one: &Connection) -> Key {
    (one.client, one.server, one.port)
}

/// Where connections are: a hash table of their places alone, small enough for the processor's caches. What
/// a place is of stands in the connection, which is wanted next.
#[derive(Default)]
struct Places {
    hash: PlRandomState,
    /// Place and 1; 0 is free. A power of two, at most two thirds of which are taken.
    slots: Vec<u32>,
}

impl Places {
    /// Of a connection, which is made where it is new.
    #[inline]
    fn of(&mut self, key: Key, all: &mut Vec<Connection>) -> u32 {
        if all.len() * 3 >= self.slots.len() * 2 {
            self.grow(all);
        }
        let mut at = self.begin(key);
        loop {
            match self.slots[at] {
                0 => {
                    all.push(Connection::new(key.0, key.1, key.2));
                    self.slots[at] = all.len() as u32;
                    return all.len() as u32 - 1;
                }
                taken if self::key(&all[taken as usize - 1]) == key => return taken - 1,
                _ => at = (at + 1) & (self.slots.len() - 1),
            }
        }
    }

    fn begin(&self, key: Key) -> usize {
        self.hash.hash_one(key) as usize & (self.slots.len() - 1)
    }

    #[cold]
    fn grow(&mut self, all: &[Connection]) {
        self.slots = vec![0; (self.slots.len() * 2).max(1024)];
        for (place, one) in all.iter().enumerate() {
            let mut at = self.begin(key(one));
            while self.slots[at] != 0 {
                at = (at + 1) & (self.slots.len() - 1);
            }
            self.slots[at] = place as u32 + 1;
        }
    }
}
