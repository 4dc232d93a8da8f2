//! `iploc.csv`: where ranges of addresses are registered.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::intervals::{Intervals, Range};
use super::lines::{Notes, address, fields, is_header, lines};
use super::special;
use crate::model::{Address, Place};

/// The places of a file: start, end (whole numbers of 32 or 128 bits, or addresses), country code,
/// country, state, city, latitude, longitude, owner, domain.
///
/// A place is given only when the range really holds the address. Private, loopback, link-local,
/// multicast, unspecified and reserved addresses have none, whatever the file says.
#[derive(Clone, Debug, Default)]
pub struct Places {
    text: String,
    map: Intervals,
    notes: Notes,
}

impl Places {
    /// Reads the file's text; it is kept, and a line is cut when an address falls into it.
    pub fn parse(file: &str, text: &str) -> Self {
        let mut notes = Notes::of(file);
        let mut ranges = Vec::new();
        for (index, line) in lines(text).enumerate() {
            let mut fields = fields(line.text);
            let start = fields.next().unwrap_or_default();
            let end = fields.next().unwrap_or_default();
            let range = match (bound(&start), bound(&end)) {
                (Some(first), Some(last)) => range(first, last, line.offset),
                _ if index == 0 && is_header(&start) => continue,
                _ => None,
            };
            match range {
                Some(range) => ranges.push(range),
                None => {
                    notes.add(
                        line.number,
                        format!("`{start}`, `{end}` are not the two ends of a range; skipped"),
                    );
                }
            }
        }
        Self { text: text.to_owned(), map: Intervals::new(ranges), notes }
    }

    /// The place of the narrowest range that holds the address; none for filler lines, whose fields
    /// are all `-`.
    pub fn place_of(&self, address: &Address) -> Option<Place> {
        let ip = address.ip().filter(|ip| !special::is_nowhere(*ip))?;
        let line = self.text.get(self.map.find(ip)?..)?.lines().next()?;
        let mut fields = fields(line).skip(2);
        let mut text = || match fields.next() {
            Some(field) if field != "-" => field.into_owned(),
            _ => String::new(),
        };
        let (country_code, country, state, city) = (text(), text(), text(), text());
        let (latitude, longitude) = (degrees(&text(), 90.0), degrees(&text(), 180.0));
        let (owner, domain) = (text(), text());
        let names = [&country_code, &country, &state, &city, &owner, &domain];
        if names.iter().all(|name| name.is_empty()) {
            return None;
        }
        Some(Place { country_code, country, state, city, latitude, longitude, owner, domain })
    }

    /// Whether the file had a usable line.
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// Lines that were skipped, for people.
    pub fn notes(&self) -> Vec<String> {
        self.notes.texts()
    }
}

/// An end of a range: an address, or a number that is one.
#[derive(Clone, Copy)]
enum Bound {
    Ip(IpAddr),
    Number(u128),
}

fn bound(text: &str) -> Option<Bound> {
    match text.parse() {
        Ok(number) => Some(Bound::Number(number)),
        Err(_) => address(text).map(Bound::Ip),
    }
}

/// Numbers of 32 bits are IPv4, unless the other end needs more.
fn range(first: Bound, last: Bound, value: usize) -> Option<Range> {
    let v4 = |bound: Bound| match bound {
        Bound::Ip(ip) => Some(ip).filter(IpAddr::is_ipv4),
        Bound::Number(number) => u32::try_from(number).ok().map(|n| IpAddr::V4(Ipv4Addr::from(n))),
    };
    let v6 = |bound: Bound| match bound {
        Bound::Ip(ip) => ip,
        Bound::Number(number) => IpAddr::V6(Ipv6Addr::from(number)),
    };
    match (v4(first), v4(last)) {
        (Some(first), Some(last)) => Range::new(first, last, value),
        _ => Range::new(v6(first), v6(last), value),
    }
}

fn degrees(text: &str, limit: f64) -> Option<f64> {
    text.parse::<f64>().ok().filter(|degrees| degrees.abs() <= limit)
}
