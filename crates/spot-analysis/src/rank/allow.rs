//! `allow.csv`: what is known and need not be looked at again.

use std::net::IpAddr;

use chrono::NaiveDate;

use super::model::{Ranking, Subject};
use crate::dns::Name;
use crate::model::Address;
use crate::network::lines::{Notes, fields, lines};
use crate::network::{ends, listed_name};

/// Lines of what, reason, owner, expires. What is an address, a network in CIDR, a range `a-b`, or a
/// name, which stands for itself and for everything below it.
#[derive(Clone, Debug, Default)]
pub struct AllowList {
    entries: Vec<Entry>,
    notes: Notes,
    file: String,
}

#[derive(Clone, Debug)]
struct Entry {
    line: usize,
    what: What,
    spelled: String,
    reason: String,
    owner: String,
    expires: NaiveDate,
}

#[derive(Clone, Debug)]
enum What {
    Range(IpAddr, IpAddr),
    Name(Name),
}

/// A ranking without what the list hides.
#[derive(Clone, Debug, PartialEq)]
pub struct Hidden {
    /// What is left, in its order.
    pub ranking: Ranking,
    /// Lines that were hidden.
    pub hidden: usize,
    /// Which entries hid how many lines, and why.
    pub because: Vec<String>,
    /// Lines of the list that could not be read, and those that have expired.
    pub notes: Vec<String>,
}

impl AllowList {
    /// Reads the file's text; a header is recognised and skipped. A line that lacks a reason, an owner
    /// or a date hides nothing and is noted.
    pub fn parse(file: &str, text: &str) -> Self {
        let mut notes = Notes::of(file);
        let mut entries = Vec::new();
        for (index, line) in lines(text).enumerate() {
            let cells: Vec<String> = fields(line.text).map(|field| field.into_owned()).collect();
            let cell = |place: usize| cells.get(place).cloned().unwrap_or_default();
            if index == 0 && cell(1).eq_ignore_ascii_case("reason") {
                continue;
            }
            let (spelled, reason, owner) = (cell(0), cell(1), cell(2));
            match (what(&spelled), NaiveDate::parse_from_str(&cell(3), "%Y-%m-%d")) {
                _ if reason.is_empty() || owner.is_empty() => {
                    notes.add(
                        line.number,
                        format!("`{spelled}` needs a reason and an owner; skipped"),
                    );
                }
                (Err(why), _) => notes.add(line.number, format!("`{spelled}` {why}; skipped")),
                (_, Err(_)) => notes.add(
                    line.number,
                    format!(
                        "`{spelled}` needs the day on which it expires, as 2030-12-31; skipped"
                    ),
                ),
                (Ok(what), Ok(expires)) => {
                    entries.push(Entry {
                        line: line.number,
                        what,
                        spelled,
                        reason,
                        owner,
                        expires,
                    });
                }
            }
        }
        Self { entries, notes, file: file.to_owned() }
    }

    /// Takes out the lines of `ranking` that an entry names which has not expired on `today`; of a pair,
    /// either end. The last day of an entry still counts.
    pub fn hide(&self, mut ranking: Ranking, today: NaiveDate) -> Hidden {
        let (valid, expired): (Vec<&Entry>, Vec<&Entry>) =
            self.entries.iter().partition(|entry| entry.expires >= today);
        let mut by = vec![0usize; valid.len()];
        let before = ranking.ranked.len();
        ranking.ranked.retain(|line| {
            let hit = valid.iter().position(|entry| entry.names(&line.subject));
            if let Some(place) = hit {
                by[place] += 1;
            }
            hit.is_none()
        });
        let told = |(entry, count): (&&Entry, usize)| {
            let Entry { spelled, reason, owner, expires, .. } = entry;
            format!("{count} by `{spelled}` ({reason}; {owner}; until {expires})")
        };
        let because = valid.iter().zip(by).filter(|(_, count)| *count > 0).map(told).collect();
        let mut notes = self.notes.texts();
        notes.extend(expired.into_iter().map(|entry| {
            let Entry { line, spelled, owner, expires, .. } = entry;
            format!(
                "{} line {line}: `{spelled}` ({owner}) expired on {expires}; hides nothing",
                self.file
            )
        }));
        Hidden { hidden: before - ranking.ranked.len(), ranking, because, notes }
    }
}

impl Entry {
    fn names(&self, subject: &Subject) -> bool {
        match (&self.what, subject) {
            (What::Range(first, last), Subject::Pair { client, server }) => {
                within(client, first, last) || within(server, first, last)
            }
            (What::Range(first, last), Subject::Host { address } | Subject::Client { address }) => {
                within(address, first, last)
            }
            (What::Name(allowed), Subject::Domain { name }) => {
                let above = name.as_str().strip_suffix(allowed.as_str());
                above.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
            _ => false,
        }
    }
}

fn within(address: &Address, first: &IpAddr, last: &IpAddr) -> bool {
    address.ip().is_some_and(|ip| {
        ip.is_ipv4() == first.is_ipv4()
            && first.is_ipv4() == last.is_ipv4()
            && *first <= ip
            && ip <= *last
    })
}

fn what(text: &str) -> Result<What, &'static str> {
    match ends(text) {
        Some((first, last)) => Ok(What::Range(first.to_canonical(), last.to_canonical())),
        None => Ok(What::Name(Name::new(listed_name(text)?))),
    }
}
