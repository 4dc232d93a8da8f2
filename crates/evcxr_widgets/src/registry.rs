//! All open widgets of this process, by comm id: where an event finds its widget, and what keeps a
//! shown widget alive when its last handle is dropped.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use crate::dispatch::lock;
use crate::model::Model;

static OPEN: LazyLock<Mutex<HashMap<String, Model>>> = LazyLock::new(Mutex::default);

pub(crate) fn add(model: Model) {
    lock(&OPEN).insert(model.id().to_owned(), model);
}

pub(crate) fn remove(comm: &str) -> Option<Model> {
    lock(&OPEN).remove(comm)
}

pub(crate) fn find(comm: &str) -> Option<Model> {
    lock(&OPEN).get(comm).cloned()
}

pub(crate) fn closed_by_front_end(comm: &str) {
    if let Some(model) = remove(comm) {
        model.closed_by_front_end();
    }
}

/// Closes every open widget of this process: they disappear from all pages.
pub fn close_all() {
    let open: Vec<Model> = lock(&OPEN).values().cloned().collect();
    for model in open {
        model.close();
    }
}
