//! The answers of a day beside those of the days before: which names, domains, clients and servers are
//! new, and how far the numbers are from the usual.
//!
//! As for flows ([`crate::history`], which says what "new" and "usual" mean).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime};
use polars::prelude::DataFrame;
use serde::{Deserialize, Serialize};

use super::iana::NXDOMAIN;
use super::model::{Anchor, LaneOf, Scope};
use super::selection::Selection;
use super::sums::Sums;
use crate::error::Result;
use crate::flows::datetime;
use crate::history::Usual;
use crate::model::Provenance;

/// What is kept of one day of a search.
#[derive(Clone, Debug)]
pub struct Day {
    day: NaiveDate,
    scanned: u64,
    fingerprint: String,
    answers: u64,
    nxdomain: u64,
    names: Things,
    domains: Things,
    clients: Things,
    servers: Things,
    lanes: BTreeMap<LaneOf, u64>,
}

/// Texts with their answers, and the first of those that has a time, microseconds since 1970.
type Things = BTreeMap<String, (u64, Option<i64>)>;

fn add(things: &mut Things, text: &str, answers: u64, first: Option<i64>) {
    let thing = things.entry(text.to_owned()).or_default();
    thing.0 += answers;
    thing.1 = match (thing.1, first) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    };
}

impl Day {
    /// Sums the answers of a search on `day`, in the shape of [`super::rows`]; `from` says of how many
    /// rows and which files they are.
    ///
    /// # Errors
    /// A frame of another shape; an empty [`Scope::Substring`].
    pub fn of(
        rows: &DataFrame,
        (anchor, scope): (&Anchor, &Scope),
        day: NaiveDate,
        from: &Provenance,
    ) -> Result<Self> {
        let scope = match anchor {
            Anchor::Client(_) => &Scope::Exact,
            Anchor::Query(_) => scope,
        };
        let sums = Sums::of(rows, anchor, &Selection::new(anchor, scope)?, day)?;
        let mut out = Self {
            day,
            scanned: from.scanned,
            fingerprint: from.fingerprint.clone(),
            answers: 0,
            nxdomain: 0,
            names: Things::new(),
            domains: Things::new(),
            clients: Things::new(),
            servers: Things::new(),
            lanes: BTreeMap::new(),
        };
        for pair in &sums.pairs {
            let first = pair.seen.map(|(first, _)| first);
            out.answers += pair.total;
            if let Some(name) = sums.names.get(pair.name as usize) {
                add(&mut out.names, name.as_str(), pair.total, first);
            }
            if let Some(Some(domain)) = sums.domains.get(pair.name as usize) {
                add(&mut out.domains, domain.as_str(), pair.total, first);
            }
            if let Some(client) = sums.clients.get(pair.client as usize) {
                add(&mut out.clients, client.as_str(), pair.total, first);
            }
            if let Some(lane) = sums.lanes.get(pair.lane as usize) {
                *out.lanes.entry(lane.clone()).or_default() += pair.total;
            }
        }
        for &(_, outcome, answers) in &sums.counts {
            let Some(outcome) = sums.outcomes.get(outcome as usize) else { continue };
            if outcome.rcode == Some(NXDOMAIN) {
                out.nxdomain += answers;
            }
            let server = sums.servers.get(outcome.server as usize);
            if let Some(server) = server.filter(|server| !server.as_str().is_empty()) {
                add(&mut out.servers, server.as_str(), answers, None);
            }
        }
        Ok(out)
    }
}

/// One day of the range, as a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DaySum {
    /// The day, UTC.
    pub day: NaiveDate,
    /// Rows of the day, whoever asked; 0: the table has none, nothing is known of the day.
    pub scanned: u64,
    /// Answers that the search took in.
    pub answers: u64,
    /// Distinct names.
    pub names: u64,
    /// Distinct registered domains.
    pub domains: u64,
    /// Distinct clients.
    pub clients: u64,
    /// Distinct servers.
    pub servers: u64,
    /// Answers that say that the name does not exist.
    pub nxdomain: u64,
    /// Counterparts (as the lanes of the timeline: domains of a client, clients of a name) that no
    /// earlier day of the range had; of the first day with rows: all.
    pub new: u64,
    /// The day's inputs, as [`Provenance::fingerprint`]; empty where nothing was read.
    pub fingerprint: String,
}

/// A name, domain, client or server of the day that no day before had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct New {
    /// Which.
    pub text: String,
    /// Its answers on the day.
    pub answers: u64,
    /// The first of them, UTC; of servers it is not kept.
    pub first_seen: Option<NaiveDateTime>,
}

/// Answers of a counterpart that was seen before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneUsual {
    /// Whose.
    pub of: LaneOf,
    /// Answers.
    pub answers: Usual,
}

/// The day's numbers beside those of the days before with answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Answers.
    pub answers: Usual,
    /// Distinct names.
    pub names: Usual,
    /// Distinct registered domains.
    pub domains: Usual,
    /// Distinct clients.
    pub clients: Usual,
    /// Distinct servers.
    pub servers: Usual,
    /// Answers that say that the name does not exist.
    pub nxdomain: Usual,
}

/// The day beside the days before it. New things: answers descending, then by text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// Every day from the first of the range to the day itself, which is the last; gaps among them.
    pub days: Vec<DaySum>,
    /// Names that no day before had.
    pub new_names: Vec<New>,
    /// Registered domains that no day before had.
    pub new_domains: Vec<New>,
    /// Clients that no day before had.
    pub new_clients: Vec<New>,
    /// Servers that no day before had.
    pub new_servers: Vec<New>,
    /// All counterparts that were seen before: the farthest from their usual first, then in order.
    pub usual: Vec<LaneUsual>,
    /// The numbers on top, beside the usual ones.
    pub facts: Facts,
}

impl History {
    /// Days before the day of which the table has rows.
    pub fn days_before(&self) -> u64 {
        let before = self.days.split_last().map_or(&[][..], |(_, before)| before);
        before.iter().filter(|day| day.scanned > 0).count() as u64
    }

    /// All days of the range, the day itself among them, of which the table has rows.
    pub fn days_looked_at(&self) -> u64 {
        self.days.iter().filter(|day| day.scanned > 0).count() as u64
    }
}

/// Puts `today` beside the days `before` it, of a range that begins with `from`; as
/// [`crate::history::history()`].
pub fn history(from: NaiveDate, before: Vec<Day>, today: &Day) -> History {
    let before: BTreeMap<NaiveDate, Day> = before
        .into_iter()
        .filter(|day| (from..today.day).contains(&day.day) && day.scanned > 0)
        .map(|day| (day.day, day))
        .collect();
    let mut lanes: BTreeSet<&LaneOf> = BTreeSet::new();
    let mut days = Vec::new();
    let begin = from.min(today.day);
    for date in begin.iter_days().take_while(|date| *date <= today.day) {
        let day = if date == today.day { Some(today) } else { before.get(&date) };
        let new = day.map_or(0, |day| day.lanes.keys().filter(|of| !lanes.contains(of)).count());
        days.push(line(date, day, new as u64));
        lanes.extend(day.into_iter().flat_map(|day| day.lanes.keys()));
    }
    let new = |of: fn(&Day) -> &Things| news(&before, today, of);
    let mut usual: Vec<LaneUsual> = Vec::new();
    for (of, &answers) in &today.lanes {
        let then = before.values().filter_map(|day| day.lanes.get(of).copied());
        let answers = Usual::of(answers, then);
        if answers.seen > 0 {
            usual.push(LaneUsual { of: of.clone(), answers });
        }
    }
    // Stable: what is equal stays in order.
    usual.sort_by_key(|lane| u64::MAX - lane.answers.distance());
    History {
        days,
        new_names: new(|day| &day.names),
        new_domains: new(|day| &day.domains),
        new_clients: new(|day| &day.clients),
        new_servers: new(|day| &day.servers),
        usual,
        facts: facts(&before, today),
    }
}

fn line(date: NaiveDate, day: Option<&Day>, new: u64) -> DaySum {
    let count = |of: fn(&Day) -> &Things| day.map_or(0, |day| of(day).len() as u64);
    DaySum {
        day: date,
        scanned: day.map_or(0, |day| day.scanned),
        answers: day.map_or(0, |day| day.answers),
        names: count(|day| &day.names),
        domains: count(|day| &day.domains),
        clients: count(|day| &day.clients),
        servers: count(|day| &day.servers),
        nxdomain: day.map_or(0, |day| day.nxdomain),
        new,
        fingerprint: day.map(|day| day.fingerprint.clone()).unwrap_or_default(),
    }
}

/// What of today no day before had; nothing where there is no day before.
fn news(before: &BTreeMap<NaiveDate, Day>, today: &Day, of: fn(&Day) -> &Things) -> Vec<New> {
    if before.is_empty() {
        return Vec::new();
    }
    let is_new = |text: &str| before.values().all(|day| !of(day).contains_key(text));
    let new = of(today).iter().filter(|(text, _)| is_new(text));
    let mut new: Vec<New> = new
        .map(|(text, &(answers, first))| New {
            text: text.clone(),
            answers,
            first_seen: first.map(datetime),
        })
        .collect();
    new.sort_by_key(|new| u64::MAX - new.answers);
    new
}

fn facts(before: &BTreeMap<NaiveDate, Day>, today: &Day) -> Facts {
    let usual = |of: fn(&Day) -> u64| {
        Usual::of(of(today), before.values().filter(|day| day.answers > 0).map(of))
    };
    Facts {
        answers: usual(|day| day.answers),
        names: usual(|day| day.names.len() as u64),
        domains: usual(|day| day.domains.len() as u64),
        clients: usual(|day| day.clients.len() as u64),
        servers: usual(|day| day.servers.len() as u64),
        nxdomain: usual(|day| day.nxdomain),
    }
}
