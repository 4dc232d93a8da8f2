//! `*.mmdb`: places and owners from databases in MaxMind's format.
//!
//! A file is bytes in memory. The reader could also map it, which is `unsafe` (a file that shrinks
//! meanwhile ends the program), and a city database is some 60 MB.

use std::net::IpAddr;
use std::sync::Arc;

use maxminddb::Reader;

use super::record::Record;
use super::special;
use crate::model::{Address, Place};

/// Longest message of a reader in a note, in characters.
const MESSAGE: usize = 160;

/// Databases in the order in which they are asked.
#[derive(Clone, Debug, Default)]
pub struct Databases {
    all: Vec<Database>,
    notes: Vec<String>,
}

#[derive(Clone, Debug)]
struct Database {
    file: String,
    reader: Arc<Reader<Vec<u8>>>,
}

impl Databases {
    /// Opens a database; one that is none becomes a note.
    pub fn add(&mut self, file: &str, bytes: Vec<u8>) {
        match Reader::from_source(bytes) {
            Ok(reader) => {
                self.all.push(Database { file: file.to_owned(), reader: Arc::new(reader) })
            }
            Err(why) => self.notes.push(format!(
                "{file} is no MaxMind database that can be read ({}); left out",
                short(&why.to_string())
            )),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// What is known of an address, added to what is `known` already.
    ///
    /// The first that says something is believed: a later database adds only what is missing, and of
    /// the place only if it names the same country and city. Addresses that are nowhere (private,
    /// reserved) have no place whatever a database says.
    pub fn place_of(&self, address: &Address, known: Option<Place>) -> Option<Place> {
        let Some(ip) = address.ip().filter(|ip| !special::is_nowhere(*ip)) else { return known };
        let found = self.all.iter().filter_map(|database| database.record(ip).ok()?);
        found.fold(known, |known, record| match (known, record.place()) {
            (Some(known), Some(more)) => Some(filled(known, more)),
            (known, more) => known.or(more),
        })
    }

    /// How many of `addresses` each database has a record of that cannot be read, for people.
    pub fn unreadable<'a>(
        &self,
        addresses: impl Iterator<Item = &'a Address> + Clone,
    ) -> Vec<String> {
        let broken = |database: &Database| {
            let ips = addresses.clone().filter_map(Address::ip);
            let ips = ips.filter(|ip| !special::is_nowhere(*ip));
            let mut errors = ips.filter_map(|ip| Some((ip, database.record(ip).err()?)));
            let (first, why) = errors.next()?;
            let all = 1 + errors.count();
            Some(format!(
                "{}: records of {all} addresses cannot be read, such as that of {first} ({})",
                database.file,
                short(&why)
            ))
        };
        self.all.iter().filter_map(broken).collect()
    }

    /// Files that could not be opened, for people.
    pub fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

impl Database {
    /// What it says of an address; `None` where it says nothing.
    fn record(&self, ip: IpAddr) -> Result<Option<Record>, String> {
        if ip.is_ipv6() && self.reader.metadata().ip_version == 4 {
            return Ok(None);
        }
        let found = self.reader.lookup(ip).map_err(|why| why.to_string())?;
        found.decode().map_err(|why| why.to_string())
    }
}

fn filled(known: Place, more: Place) -> Place {
    let agree = |a: &str, b: &str| a.is_empty() || b.is_empty() || a.eq_ignore_ascii_case(b);
    let same = agree(&known.country_code, &more.country_code) && agree(&known.city, &more.city);
    let first = |known: String, more: String| if known.is_empty() { more } else { known };
    let located = |known: String, more: String| if same { first(known, more) } else { known };
    let (latitude, longitude) = match (known.latitude, known.longitude) {
        (None, None) if same => (more.latitude, more.longitude),
        both => both,
    };
    Place {
        country_code: located(known.country_code, more.country_code),
        country: located(known.country, more.country),
        state: located(known.state, more.state),
        city: located(known.city, more.city),
        latitude,
        longitude,
        owner: first(known.owner, more.owner),
        domain: first(known.domain, more.domain),
    }
}

fn short(message: &str) -> String {
    message.chars().take(MESSAGE).collect()
}
