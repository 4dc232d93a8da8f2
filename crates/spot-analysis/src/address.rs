//! An address of a row, whatever the row says.

use std::cmp::Ordering;
use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// An address as the data spells it, and as a number where it is one.
///
/// `::ffff:10.0.0.5` and `10.0.0.5` are the same address. A text that is no address (a broken row)
/// stays itself, so that no row is lost. Ordered numerically: IPv4, then IPv6, then texts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub struct Address {
    text: String,
    ip: Option<IpAddr>,
}

impl Address {
    /// Reads an address; blanks around it are ignored. Never fails: see [`Address::ip`].
    pub fn new(text: impl AsRef<str>) -> Self {
        let text = text.as_ref().trim();
        match text.parse::<IpAddr>() {
            Ok(ip) => Self::from(ip),
            Err(_) => Self { text: text.to_owned(), ip: None },
        }
    }

    /// The canonical text: RFC 5952 for IPv6, IPv4 for a mapped address, else the text as given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The number, unless the text is no address.
    pub fn ip(&self) -> Option<IpAddr> {
        self.ip
    }
}

impl From<IpAddr> for Address {
    fn from(ip: IpAddr) -> Self {
        let ip = ip.to_canonical();
        Self { text: ip.to_string(), ip: Some(ip) }
    }
}

impl From<String> for Address {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.text
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl Ord for Address {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.ip, other.ip) {
            (Some(a), Some(b)) => a.cmp(&b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => self.text.cmp(&other.text),
        }
    }
}

impl PartialOrd for Address {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
