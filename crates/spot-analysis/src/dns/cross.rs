//! Answers and flows of one day beside each other: which names led to an address, and which flows
//! followed an answer.
//!
//! Both tables cut their times to the second, so "after" means: not in an earlier second.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::NaiveDateTime;
use polars::prelude::*;
use serde::{Deserialize, Serialize};

use super::model::Row;
use super::name::Name;
use super::rows::{self, answers_of};
use super::selection::by_text;
use super::sums::numbers;
use crate::error::Result;
use crate::flows::{SECOND, datetime};
use crate::model::Address;
use crate::rows as flow_rows;
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
}

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
}

/// The predicate "one of the answers is one of `addresses`" over a column such as [`rows::ANSWERS`].
pub fn answers_filter(addresses: &[Address], answers: Expr) -> Expr {
    let wanted: Arc<HashSet<String>> = Arc::new(addresses.iter().flat_map(spellings).collect());
    by_text(answers, move || {
        // Most cells are there many times.
        let (wanted, mut known) = (wanted.clone(), PlHashMap::<String, bool>::default());
        move |cell: &str| {
            known.get(cell).copied().unwrap_or_else(|| {
                let named = answers_of(cell).any(|answer| wanted.contains(answer));
                known.insert(cell.to_owned(), named);
                named
            })
        }
    })
}

/// How many of the answers a line of [`summed`] stands for.
pub const TOTAL: &str = "total";
/// First of them.
pub const FIRST: &str = "first";
/// Last of them.
pub const LAST: &str = "last";

/// Answers (shape [`rows`]) that say the same, counted: columns [`rows::CLIENT`], [`rows::NAME`],
/// [`rows::ANSWERS`], [`TOTAL`] (UInt64), [`FIRST`], [`LAST`] (null when none has a time). In no order.
pub fn summed(answers: LazyFrame) -> LazyFrame {
    answers.group_by([rows::CLIENT, rows::NAME, rows::ANSWERS].map(col)).agg([
        len().cast(DataType::UInt64).alias(TOTAL),
        col(rows::TIME).min().alias(FIRST),
        col(rows::TIME).max().alias(LAST),
    ])
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

/// The first [`Row::KEPT`] as addresses are ordered.
fn first_of<'a>(addresses: impl Iterator<Item = &'a Address>) -> Vec<Address> {
    let mut addresses: Vec<&Address> = addresses.collect();
    addresses.sort_unstable();
    addresses.into_iter().take(Row::KEPT).cloned().collect()
}

/// An address and one spelling of a name; clients by their numbers.
#[derive(Default)]
struct Spelled {
    answers: u64,
    clients: PlHashSet<u32>,
    seen: Seen,
}

#[derive(Default)]
struct ResolvedSums<'a> {
    answers: u64,
    clients: PlHashSet<u32>,
    seen: Seen,
    /// The first spelling by bytes.
    raw: &'a str,
}

/// For each of `peers` the names that resolved to it, in `answers` (of [`summed`], at least those that
/// [`answers_filter`] keeps; a line may be there in parts).
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
    let (client, name, cell) = (text(rows::CLIENT)?, text(rows::NAME)?, text(rows::ANSWERS)?);
    let (first, last) = (time(FIRST)?.physical(), time(LAST)?.physical());
    let totals = answers.column(TOTAL)?.u64()?;

    // There are many lines, and few names and cells: texts are looked at once each.
    let name_of = |raw: &str| (raw.to_owned(), Name::new(raw));
    let told = |cell: &str| {
        let told: BTreeSet<Address> = answers_of(cell).map(Address::new).collect();
        let told = told.iter().filter_map(|address| places.get(address).copied());
        (cell.to_owned(), told.collect::<Vec<usize>>())
    };
    let address_of = |text: &str| {
        let address = Address::new(text);
        (address.as_str().to_owned(), address)
    };
    let ((names, name), ((clients, client), (cells, cell))) = rayon::join(
        || numbers(name, name_of),
        || (numbers(client, address_of), numbers(cell, told)),
    );
    let mut spelled: PlHashMap<(usize, u32), Spelled> = PlHashMap::default();
    let mut said = totals.iter().zip(first.iter().zip(last.iter()));
    for ((client, name), cell) in client.into_iter().zip(name).zip(cell) {
        let (total, (first, last)) = said.next().unwrap_or_default();
        for &place in &cells.values[cell as usize] {
            let sums = spelled.entry((place, name)).or_default();
            sums.answers += total.unwrap_or(0);
            sums.clients.insert(client);
            sums.seen = wider(sums.seen, first.zip(last));
        }
    }
    let mut sums: BTreeMap<(usize, Name), ResolvedSums> = BTreeMap::new();
    for ((place, name), spelled) in spelled {
        let name = &names.values[name as usize];
        let sums = sums.entry((place, name.clone())).or_default();
        if sums.answers == 0 || name.raw() < sums.raw {
            sums.raw = name.raw();
        }
        sums.answers += spelled.answers;
        sums.clients.extend(spelled.clients);
        sums.seen = wider(sums.seen, spelled.seen);
    }
    let mut found: Vec<(usize, Resolved)> = sums
        .into_iter()
        .map(|((place, _), sums)| {
            let resolved = Resolved {
                address: peers[place].clone(),
                name: Name::new(sums.raw),
                answers: sums.answers,
                client_count: sums.clients.len() as u64,
                clients: first_of(sums.clients.iter().map(|&n| &clients.values[n as usize])),
                first_seen: sums.seen.map(|(first, _)| datetime(first)),
                last_seen: sums.seen.map(|(_, last)| datetime(last)),
            };
            (place, resolved)
        })
        .collect();
    // Stable: equals stay in order of names.
    found.sort_by_key(|(place, resolved)| (*place, u64::MAX - resolved.answers));
    Ok(found.into_iter().map(|(_, resolved)| resolved).collect())
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
        let mut told: BTreeMap<(Address, Address), FirstAnswer> = BTreeMap::new();
        for answer in each(answers)? {
            let Some(time) = answer.time else { continue };
            let client = Address::new(answer.client);
            for address in answers_of(answer.cell).map(Address::new) {
                if address.ip().is_none() || address == client {
                    continue;
                }
                let first = told
                    .entry((client.clone(), address))
                    .or_insert_with(|| FirstAnswer { time, names: BTreeSet::new() });
                first.time = first.time.min(time);
                first.names.insert(Name::new(answer.name));
            }
        }
        Ok(Self { told })
    }

    /// Distinct pairs of a client and an address that it was told.
    pub fn pairs(&self) -> u64 {
        self.told.len() as u64
    }

    /// The clients, in all their spellings. [`FirstAnswers::followed_by`] needs the flows with one of
    /// them at one end and one of [`FirstAnswers::addresses`] at the other.
    pub fn clients(&self) -> Vec<String> {
        spelled(self.told.keys().map(|(client, _)| client))
    }

    /// The addresses that clients were told, in all their spellings.
    pub fn addresses(&self) -> Vec<String> {
        spelled(self.told.keys().map(|(_, address)| address))
    }

    /// The flows (shape [`crate::rows`]) that followed, one line a client and address: most bytes
    /// first, then by client and address. Pairs without such a flow are not there;
    /// [`FirstAnswers::pairs`] says of how many.
    ///
    /// # Errors
    /// A frame of another shape.
    pub fn followed_by(&self, flows: &DataFrame) -> Result<Vec<Followed>> {
        flow_rows::check(flows)?;
        let (src, dst) =
            (flows.column(flow_rows::SRC)?.str()?, flows.column(flow_rows::DST)?.str()?);
        let time = flows.column(flow_rows::TIME)?.datetime()?.physical();
        let duration = flows.column(flow_rows::DURATION)?.f64()?;
        let port = flows.column(flow_rows::DST_PORT)?.i32()?;
        let (bytes, back) =
            (flows.column(flow_rows::BYTES)?.i64()?, flows.column(flow_rows::BYTES_BACK)?.i64()?);

        let mut sums: BTreeMap<(Address, Address), FlowSums> = BTreeMap::new();
        let mut ends = src.iter().zip(dst.iter());
        let mut sizes = bytes.iter().zip(back.iter());
        for ((time, duration), port) in time.iter().zip(duration.iter()).zip(port.iter()) {
            let (src, dst) = ends.next().unwrap_or_default();
            let (bytes, back) = sizes.next().unwrap_or_default();
            let Some(end) = time else { continue };
            // `as` saturates, and NaN becomes 0.
            let lasted = (duration.unwrap_or(0.0).max(0.0) * SECOND as f64) as i64;
            let begin = end.saturating_sub(lasted);
            let [src, dst] = [src, dst].map(|text| Address::new(text.unwrap_or_default()));
            let [bytes, back] =
                [bytes, back].map(|count| u64::try_from(count.unwrap_or(0)).unwrap_or(0));
            // The end of a flow is cut to the second: it began up to a second later.
            let after = |first: &FirstAnswer| begin > first.time - SECOND;
            let (out, back_in) = ((src, dst), (bytes, back));
            if self.told.get(&out).is_some_and(after) {
                sums.entry(out).or_default().out(begin, port, back_in);
                continue;
            }
            let way_back = (out.1, out.0);
            if self.told.get(&way_back).is_some_and(after) {
                sums.entry(way_back).or_default().back(back_in);
            }
        }
        let mut found: Vec<Followed> = self
            .told
            .iter()
            .filter_map(|(pair, first)| followed(pair, first, sums.get(pair)?))
            .collect();
        // Stable: equals stay in order of clients and addresses.
        found.sort_by_key(|line| u64::MAX - line.bytes_out.saturating_add(line.bytes_in));
        Ok(found)
    }
}

fn spelled<'a>(addresses: impl Iterator<Item = &'a Address>) -> Vec<String> {
    addresses.collect::<BTreeSet<_>>().into_iter().flat_map(spellings).collect()
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
    })
}

/// The part of an answer that leads to addresses.
struct Answer<'a> {
    client: &'a str,
    name: &'a str,
    cell: &'a str,
    time: Option<i64>,
}

fn each(answers: &DataFrame) -> Result<Vec<Answer<'_>>> {
    rows::check(answers)?;
    let text = |name: &str| answers.column(name).and_then(Column::str);
    let (client, name, cell) = (text(rows::CLIENT)?, text(rows::NAME)?, text(rows::ANSWERS)?);
    let time = answers.column(rows::TIME)?.datetime()?.physical();
    let mut texts = client.iter().zip(name.iter());
    let found = cell.iter().zip(time.iter()).map(|(cell, time)| {
        let (client, name) = texts.next().unwrap_or_default();
        let [client, name, cell] = [client, name, cell].map(Option::unwrap_or_default);
        Answer { client, name, cell, time }
    });
    Ok(found.filter(|answer| !answer.cell.is_empty()).collect())
}
