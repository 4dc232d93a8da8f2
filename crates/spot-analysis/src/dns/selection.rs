//! Which rows a search takes in, as one predicate for the table engine.

use std::fmt;

use memchr::memmem::Finder;
use polars::prelude::*;

use super::model::{Anchor, Scope};
use super::name::{Name, without_final_dot};
use crate::error::{AnalysisError, Result};
use crate::model::Address;
use crate::spellings::spellings;

/// An anchor and a scope, ready to be asked of rows.
///
/// Names are compared byte by byte, ASCII letters in either case, with or without a final dot. No
/// value becomes a pattern, a query or any other text that something interprets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    asked: Asked,
    /// Of [`Asked::Exact`], as it was given.
    raw: Option<String>,
}

/// What a [`Selection`] takes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The answers of a client.
    Client(Address),
    /// Those for a name, normalised.
    Exact(String),
    /// Those for a domain, normalised, and for all below it.
    Below(String),
    /// Those for all names that contain a text, in lower case.
    Containing(String),
}

impl Selection {
    /// What `anchor` and `scope` take in. A client is taken exactly, whatever the scope.
    ///
    /// # Errors
    /// [`AnalysisError::EmptySubstring`]: every name contains it.
    pub fn new(anchor: &Anchor, scope: &Scope) -> Result<Self> {
        let asked = match (anchor, scope) {
            (Anchor::Client(client), _) => Asked::Client(client.clone()),
            (Anchor::Query(name), Scope::Exact) => Asked::Exact(name.as_str().to_owned()),
            (Anchor::Query(name), Scope::RegisteredDomain) => {
                let domain = name.registered_domain().unwrap_or_else(|| name.clone());
                Asked::Below(domain.as_str().to_owned())
            }
            (_, Scope::Substring(text)) if text.is_empty() => {
                return Err(AnalysisError::EmptySubstring);
            }
            (_, Scope::Substring(text)) => Asked::Containing(text.to_ascii_lowercase()),
        };
        let raw = match (anchor, scope) {
            (Anchor::Query(name), Scope::Exact) => Some(name.raw().to_owned()),
            _ => None,
        };
        Ok(Self { asked, raw })
    }

    /// What it takes in.
    pub fn asked(&self) -> &Asked {
        &self.asked
    }

    /// The one name that it takes in, as it was given, for those who compare letters.
    pub fn raw(&self) -> Option<&str> {
        self.raw.as_deref()
    }

    /// True if rows are taken in for their client, false if for their name.
    pub fn is_of_client(&self) -> bool {
        matches!(self.asked, Asked::Client(_))
    }

    /// The predicate over the columns of clients and names. Elementwise, so that it is pushed down to
    /// where the file is read. A null name is an empty one.
    pub fn filter(&self, client: Expr, name: Expr) -> Expr {
        match &self.asked {
            Asked::Client(address) => {
                // One look-up a value: half the time of comparing with each spelling in turn.
                let spelled = Series::new("spellings".into(), spellings(address));
                client.is_in(lit(spelled).implode(false), false)
            }
            Asked::Exact(wanted) => {
                let wanted = wanted.clone();
                by_text(name, move || {
                    let wanted = wanted.clone();
                    move |raw: &str| without_final_dot(raw).eq_ignore_ascii_case(&wanted)
                })
            }
            Asked::Below(domain) => {
                let domain = domain.clone();
                by_text(name, move || {
                    let domain = domain.clone();
                    move |raw: &str| is_below(raw, &domain)
                })
            }
            Asked::Containing(text) => {
                let finder = Finder::new(text.as_bytes()).into_owned();
                by_text(name, move || {
                    let (finder, mut lower) = (finder.clone(), Vec::new());
                    move |raw: &str| {
                        lower.clear();
                        lower
                            .extend(without_final_dot(raw).bytes().map(|b| b.to_ascii_lowercase()));
                        finder.find(&lower).is_some()
                    }
                })
            }
        }
    }

    /// The same question of one client and one name.
    pub fn takes_in(&self, client: &Address, name: &Name) -> bool {
        match &self.asked {
            Asked::Client(wanted) => client == wanted,
            Asked::Exact(wanted) => name.as_str() == wanted,
            Asked::Below(domain) => is_below(name.as_str(), domain),
            Asked::Containing(text) => name.as_str().contains(text),
        }
    }
}

/// For people, in the words of the raw table: `dns_qry_name is evil.com or below it`.
impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.asked {
            Asked::Client(address) => write!(f, "ip_dst is {address}"),
            Asked::Exact(name) => write!(f, "dns_qry_name is {name}"),
            Asked::Below(domain) => write!(f, "dns_qry_name is {domain} or below it"),
            Asked::Containing(text) => write!(f, "dns_qry_name contains {text}"),
        }
    }
}

fn is_below(raw: &str, domain: &str) -> bool {
    let name = without_final_dot(raw).as_bytes();
    let Some(before) = name.len().checked_sub(domain.len()) else { return false };
    let (head, tail) = name.split_at(before);
    tail.eq_ignore_ascii_case(domain.as_bytes()) && (head.is_empty() || head.ends_with(b"."))
}

/// A predicate over texts; `test` makes the function for one chunk of a column, which may keep a
/// buffer.
pub(super) fn by_text<T: FnMut(&str) -> bool>(
    column: Expr,
    test: impl Fn() -> T + Send + Sync + 'static,
) -> Expr {
    let keep = move |column: Column| {
        let mut test = test();
        let texts = column.str()?;
        let kept: BooleanChunked = texts
            .iter()
            .map(|text| test(text.unwrap_or_default()))
            .collect_ca(column.name().clone());
        Ok(kept.into_column())
    };
    column.map(keep, |_, field| Ok(Field::new(field.name().clone(), DataType::Boolean)))
}
