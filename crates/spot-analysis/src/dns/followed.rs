//! The flows that followed an answer: who was told an address, and then connected to it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;
use polars::prelude::*;
use serde::{Deserialize, Serialize};

use super::model::Row;
use super::name::Name;
use super::rows::{self, answers_of};
use super::sums::{address, named, numbers, plainest};
use crate::error::Result;
use crate::flows::{SECOND, datetime};
use crate::model::{Address, Flag};
use crate::rows as flow_rows;

/// The flows of a client to an address after a name had led it there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followed {
    /// Who asked, and then connected.
    pub client: Address,
    /// What it was told, and connected to.
    pub address: Address,
    /// Names that led there, in order; at most [`Row::KEPT`]; hostile texts.
    pub names: Vec<Name>,
    /// Distinct names in all.
    pub name_count: u64,
    /// The first answer that named the address, UTC.
    pub first_answer: NaiveDateTime,
    /// Flow rows from the client to the address that began in that second or later.
    pub flows: u64,
    /// Bytes that the client sent, of rows either way.
    pub bytes_out: u64,
    /// Bytes that the client received, of rows either way.
    pub bytes_in: u64,
    /// Begin of the first of those flows, UTC.
    pub first_flow: NaiveDateTime,
    /// Begin of the last of those flows, UTC.
    pub last_flow: NaiveDateTime,
    /// Destination ports of those flows, ascending; at most [`Row::KEPT`].
    pub ports: Vec<u16>,
    /// What the list of indicators says of client, address and names; see [`flag_followed`](super::cross::flag_followed).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
}

/// When a client was first told an address, and by which names.
struct FirstAnswer {
    time: i64,
    names: BTreeSet<Name>,
}

/// Who was told which address, when first, and for which names.
pub struct FirstAnswers {
    told: BTreeMap<(Address, Address), FirstAnswer>,
}

impl FirstAnswers {
    /// Reads `answers` (shape [`rows`]): the answers of a search. Those without a time tell nothing
    /// about what came after; texts that are no address lead nowhere; both are left out.
    ///
    /// # Errors
    /// A frame of another shape.
    pub fn of(answers: &DataFrame) -> Result<Self> {
        rows::check(answers)?;
        let text = |name: &str| answers.column(name).and_then(Column::str);
        let (cells, cell) = numbers(text(rows::ANSWERS)?, |cell| {
            let told = answers_of(cell).map(Address::new);
            let told: Vec<_> = told.filter(|address| address.ip().is_some()).collect();
            (cell.to_owned(), told)
        });
        if cells.values.iter().all(Vec::is_empty) {
            return Ok(Self { told: BTreeMap::new() });
        }
        let (clients, client) = numbers(text(rows::CLIENT)?, address);
        let (names, name) = numbers(text(rows::NAME)?, named);
        let names = plainest(&names);
        let time = answers.column(rows::TIME)?.datetime()?.physical();

        // Few of these differ: the first time of each.
        let mut firsts: PlHashMap<(u32, u32, u32), i64> = PlHashMap::default();
        for (((client, name), cell), time) in
            client.into_iter().zip(name).zip(cell).zip(time.iter())
        {
            let Some(time) = time else { continue };
            if !cells.values[cell as usize].is_empty() {
                let first = firsts.entry((client, cell, name)).or_insert(time);
                *first = time.min(*first);
            }
        }
        let mut told: BTreeMap<(Address, Address), FirstAnswer> = BTreeMap::new();
        for ((client, cell, name), time) in firsts {
            let client = &clients.values[client as usize];
            for address in cells.values[cell as usize].iter().filter(|address| *address != client) {
                let first = told
                    .entry((client.clone(), address.clone()))
                    .or_insert_with(|| FirstAnswer { time, names: BTreeSet::new() });
                first.time = first.time.min(time);
                first.names.insert(names[name as usize].clone());
            }
        }
        Ok(Self { told })
    }

    /// Distinct pairs of a client and an address that it was told.
    pub fn pairs(&self) -> u64 {
        self.told.len() as u64
    }

    /// The clients, in order. [`FirstAnswers::followed_by`] needs the flows with one of them, in any
    /// spelling, at one end and one of [`FirstAnswers::addresses`] at the other.
    pub fn clients(&self) -> Vec<Address> {
        distinct(self.told.keys().map(|(client, _)| client))
    }

    /// The addresses that clients were told, in order.
    pub fn addresses(&self) -> Vec<Address> {
        distinct(self.told.keys().map(|(_, address)| address))
    }

    /// The flows (shape [`crate::rows`]) that followed, one line a client and address: most bytes
    /// first, then by client and address. Pairs without such a flow are not there;
    /// [`FirstAnswers::pairs`] says of how many.
    ///
    /// # Errors
    /// A frame of another shape.
    pub fn followed_by(&self, flows: &DataFrame) -> Result<Vec<Followed>> {
        flow_rows::check(flows)?;
        let text = |name: &str| flows.column(name).and_then(Column::str);
        let (sources, src) = numbers(text(flow_rows::SRC)?, address);
        let (destinations, dst) = numbers(text(flow_rows::DST)?, address);
        let time = flows.column(flow_rows::TIME)?.datetime()?.physical();
        let duration = flows.column(flow_rows::DURATION)?.f64()?;
        let port = flows.column(flow_rows::DST_PORT)?.i32()?;
        let (bytes, back) =
            (flows.column(flow_rows::BYTES)?.i64()?, flows.column(flow_rows::BYTES_BACK)?.i64()?);

        let told: Vec<_> = self.told.iter().collect();
        let places: PlHashMap<_, usize> = self.told.keys().zip(0..).collect();
        // Where such a flow is in `told`, as one out, else as one back.
        let way = |src: u32, dst: u32| {
            let (src, dst) = (&sources.values[src as usize], &destinations.values[dst as usize]);
            let place = |a: &Address, b: &Address| places.get(&(a.clone(), b.clone())).copied();
            (place(src, dst), place(dst, src))
        };
        let mut ways: PlHashMap<(u32, u32), (Option<usize>, Option<usize>)> = PlHashMap::default();
        let mut sums: Vec<FlowSums> = told.iter().map(|_| FlowSums::default()).collect();
        let mut ends = src.into_iter().zip(dst);
        let mut sizes = bytes.iter().zip(back.iter());
        for ((time, duration), port) in time.iter().zip(duration.iter()).zip(port.iter()) {
            let Some((src, dst)) = ends.next() else { break };
            let (bytes, back) = sizes.next().unwrap_or_default();
            let Some(end) = time else { continue };
            // `as` saturates, and NaN becomes 0.
            let lasted = (duration.unwrap_or(0.0).max(0.0) * SECOND as f64) as i64;
            let begin = end.saturating_sub(lasted);
            let [bytes, back] =
                [bytes, back].map(|count| u64::try_from(count.unwrap_or(0)).unwrap_or(0));
            // The end of a flow is cut to the second: it began up to a second later.
            let after = |place: &usize| begin > told[*place].1.time - SECOND;
            let (out, way_back) = *ways.entry((src, dst)).or_insert_with(|| way(src, dst));
            if let Some(place) = out.filter(after) {
                sums[place].out(begin, port, (bytes, back));
            } else if let Some(place) = way_back.filter(after) {
                sums[place].back((bytes, back));
            }
        }
        let found = told.into_iter().zip(&sums);
        let mut found: Vec<Followed> =
            found.filter_map(|((pair, first), sums)| followed(pair, first, sums)).collect();
        // Stable: equals stay in order of clients and addresses.
        found.sort_by_key(|line| u64::MAX - line.bytes_out.saturating_add(line.bytes_in));
        Ok(found)
    }
}

fn distinct<'a>(addresses: impl Iterator<Item = &'a Address>) -> Vec<Address> {
    addresses.collect::<BTreeSet<_>>().into_iter().cloned().collect()
}

#[derive(Default)]
struct FlowSums {
    flows: u64,
    bytes_out: u64,
    bytes_in: u64,
    begun: Option<(i64, i64)>,
    ports: BTreeSet<u16>,
}

impl FlowSums {
    /// A row from the client to the address.
    fn out(&mut self, begin: i64, port: Option<i32>, (bytes, back): (u64, u64)) {
        self.flows += 1;
        self.bytes_out = self.bytes_out.saturating_add(bytes);
        self.bytes_in = self.bytes_in.saturating_add(back);
        let (first, last) = self.begun.unwrap_or((begin, begin));
        self.begun = Some((first.min(begin), last.max(begin)));
        self.ports.extend(port.and_then(|port| u16::try_from(port).ok()).filter(|&port| port != 0));
    }

    /// A row from the address to the client.
    fn back(&mut self, (bytes, back): (u64, u64)) {
        self.bytes_in = self.bytes_in.saturating_add(bytes);
        self.bytes_out = self.bytes_out.saturating_add(back);
    }
}

fn followed(pair: &(Address, Address), first: &FirstAnswer, sums: &FlowSums) -> Option<Followed> {
    // Only rows back: nobody connected.
    let (first_flow, last_flow) = sums.begun?;
    Some(Followed {
        client: pair.0.clone(),
        address: pair.1.clone(),
        names: first.names.iter().take(Row::KEPT).cloned().collect(),
        name_count: first.names.len() as u64,
        first_answer: datetime(first.time),
        flows: sums.flows,
        bytes_out: sums.bytes_out,
        bytes_in: sums.bytes_in,
        first_flow: datetime(first_flow),
        last_flow: datetime(last_flow),
        ports: sums.ports.iter().take(Row::KEPT).copied().collect(),
        flags: Vec::new(),
    })
}
