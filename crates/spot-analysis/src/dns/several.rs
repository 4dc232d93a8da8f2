//! Several clients and names asked of the same rows at once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use polars::prelude::*;

use super::name::without_final_dot;
use super::rows;
use super::selection::{Asked, Selection, by_text};
use crate::spellings::spellings;

/// Clients and single names, ready to be asked of rows in one pass.
#[derive(Clone, Debug)]
pub struct Several {
    of: usize,
    /// Whose rows a spelling of a client's address begins.
    clients: HashMap<String, Vec<usize>>,
    /// The same of names, normalised.
    names: HashMap<String, Vec<usize>>,
}

impl Several {
    /// `None` when one of `selections` takes in more than one client or name.
    pub fn new(selections: &[Selection]) -> Option<Self> {
        let mut several =
            Self { of: selections.len(), clients: HashMap::new(), names: HashMap::new() };
        for (number, selection) in selections.iter().enumerate() {
            match selection.asked() {
                Asked::Client(client) => {
                    for spelling in spellings(client) {
                        several.clients.entry(spelling).or_default().push(number);
                    }
                }
                Asked::Exact(name) => {
                    several.names.entry(name.to_ascii_lowercase()).or_default().push(number);
                }
                Asked::Below(_) | Asked::Containing(_) => return None,
            }
        }
        Some(several)
    }

    /// The predicate over the column of clients.
    pub fn clients(&self, client: Expr) -> Expr {
        let spelled: Vec<&str> = self.clients.keys().map(String::as_str).collect();
        let spelled = Series::new("spellings".into(), spelled);
        client.is_in(lit(spelled).implode(false), false)
    }

    /// The predicate over the column of names. A null name is an empty one.
    pub fn names(&self, name: Expr) -> Expr {
        let wanted: Arc<HashSet<String>> = Arc::new(self.names.keys().cloned().collect());
        by_text(name, move || {
            let (wanted, mut lower) = (wanted.clone(), String::new());
            move |raw: &str| wanted.contains(normal(raw, &mut lower))
        })
    }

    /// Where the rows of each selection are in `answers`, shape [`rows::schema`].
    ///
    /// # Errors
    /// A frame of another shape.
    pub fn places(&self, answers: &DataFrame) -> PolarsResult<Vec<IdxCa>> {
        let (client, name) = (answers.column(rows::CLIENT)?.str()?, answers.column(rows::NAME)?);
        let mut lower = String::new();
        let mut places: Vec<Vec<IdxSize>> = vec![Vec::new(); self.of];
        for (row, (client, name)) in (0..).zip(client.iter().zip(name.str()?.iter())) {
            let by_client = client.and_then(|client| self.clients.get(client));
            let by_name = self.names.get(normal(name.unwrap_or_default(), &mut lower));
            for &number in by_client.into_iter().chain(by_name).flatten() {
                places[number].push(row);
            }
        }
        Ok(places.into_iter().map(|places| IdxCa::from_vec("places".into(), places)).collect())
    }
}

/// A name as it is compared; `lower` is where it is made.
fn normal<'a>(raw: &str, lower: &'a mut String) -> &'a str {
    lower.clear();
    lower.push_str(without_final_dot(raw));
    lower.make_ascii_lowercase();
    lower
}
