//! A day in memory, so that its next search reads no file.
//!
//! Every column is held as the numbers of its distinct values: a day of 20 million rows takes 20 to 30
//! bytes a row. A search tests the distinct values, looks up whose number each row has, and
//! makes only the rows that are kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;

use crate::layout::Pipeline;
use crate::parquet::{FileInfo, Part};
use crate::{dns_rows, flow_rows};

mod column;
mod day;
mod numbers;
mod sums;

pub(crate) use day::{Day, HeldDay, Keep, Test};

/// What a store holds in memory of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeldInfo {
    /// Rows of raw tables.
    pub rows: usize,
    /// Memory that they take, about.
    pub bytes: usize,
}

/// Days with fewer rows are read again as fast as anybody can click.
const WORTH_HOLDING: u32 = 1_000_000;

/// The last day of each pipeline that was worth holding.
pub(crate) struct HeldDays {
    days: Arc<Mutex<Days>>,
    /// Fewest rows of a day that is worth it; so many are read at once.
    pub worth: u32,
}

impl Default for HeldDays {
    fn default() -> Self {
        Self { days: Arc::default(), worth: WORTH_HOLDING }
    }
}

type Days = HashMap<Pipeline, State>;

enum State {
    /// These files, which are being read, or take too much memory.
    Tried(Vec<Arc<FileInfo>>),
    Held(Arc<HeldDay>),
}

impl HeldDays {
    /// What is in memory of `files`, if it is.
    pub(crate) fn of(&self, pipeline: Pipeline, files: &[Arc<FileInfo>]) -> Option<Arc<HeldDay>> {
        match lock(&self.days).get(&pipeline)? {
            State::Held(held) if same(&held.files, files) => Some(held.clone()),
            _ => None,
        }
    }

    /// How much is in memory, of all pipelines.
    pub(crate) fn info(&self) -> HeldInfo {
        info(&self.days)
    }

    /// Reads the files of each pipeline, in this order, on a thread of its own, in place of what was
    /// held before. Nothing happens when they are held or tried already, or not worth it.
    pub(crate) fn hold(
        &self,
        mut wanted: Vec<(Pipeline, Vec<Arc<FileInfo>>)>,
        at_most: usize,
    ) -> Option<JoinHandle<()>> {
        let mut days = lock(&self.days);
        wanted.retain(|(pipeline, files)| {
            let rows: u64 = files.iter().map(|file| file.rows).sum();
            let known = days.get(pipeline).is_some_and(|state| same(state.files(), files));
            let new = rows >= u64::from(self.worth) && at_most > 0 && !known;
            if new {
                days.insert(*pipeline, State::Tried(files.clone()));
            } else if !known {
                // Another day's, of which nobody asks any more.
                days.remove(pipeline);
            }
            new
        });
        if wanted.is_empty() {
            return None;
        }
        let (weak, part) = (Arc::downgrade(&self.days), self.worth.max(1));
        let read = move || {
            for (pipeline, files) in &wanted {
                read_and_keep(&weak, *pipeline, (files, part), at_most);
            }
        };
        std::thread::Builder::new().name("hold the day".into()).spawn(read).ok()
    }
}

fn info(days: &Mutex<Days>) -> HeldInfo {
    let mut info = HeldInfo::default();
    for state in lock(days).values() {
        info.bytes += state.bytes();
        if let State::Held(held) = state {
            info.rows += held.rows;
        }
    }
    info
}

impl State {
    fn bytes(&self) -> usize {
        match self {
            Self::Tried(_) => 0,
            Self::Held(held) => held.bytes,
        }
    }

    fn files(&self) -> &[Arc<FileInfo>] {
        match self {
            Self::Tried(files) => files,
            Self::Held(held) => &held.files,
        }
    }
}

/// True if none of the files has changed: what is known of a file is made anew when it does.
pub(crate) fn same(a: &[Arc<FileInfo>], b: &[Arc<FileInfo>]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| Arc::ptr_eq(a, b))
}

/// Reads a day into `days`, which take `at_most` bytes together, unless nobody waits for it any more:
/// the store is gone, or another day is wanted.
fn read_and_keep(
    days: &Weak<Mutex<Days>>,
    pipeline: Pipeline,
    (files, part): (&[Arc<FileInfo>], u32),
    at_most: usize,
) {
    let waiting = || {
        let days = days.upgrade()?;
        let tried = matches!(lock(&days).get(&pipeline), Some(State::Tried(f)) if same(f, files));
        tried.then_some(())
    };
    let others = days.upgrade().map_or(0, |days| info(&days).bytes);
    let read = |file: &Arc<FileInfo>, rows: Part| {
        waiting()?;
        match pipeline {
            Pipeline::Flow => flow_rows::part(file, rows).ok(),
            Pipeline::Dns => dns_rows::part(file, rows).ok(),
        }
    };
    let left = at_most.saturating_sub(others);
    let Some(held) = HeldDay::read((files, part), left, &read) else { return };
    let Some(days) = days.upgrade() else { return };
    let mut days = lock(&days);
    let others: usize = days.values().map(State::bytes).sum();
    let waiting = days.get(&pipeline).is_some_and(|state| same(state.files(), files));
    if waiting && others.saturating_add(held.bytes) <= at_most {
        days.insert(pipeline, State::Held(Arc::new(held)));
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
