//! Counts what was thrown away because it could not be understood.

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A shared counter of messages and lines that were dropped.
#[derive(Debug, Clone, Default)]
pub struct Dropped(Arc<AtomicU64>);

impl Dropped {
    /// Counts one, and says so on standard error at 1, 2, 4, 8 .. so that a flood stays readable.
    pub fn add(&self, why: impl Display) {
        let count = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        if count.is_power_of_two() {
            eprintln!("spot-kernel: dropped a message ({why}); {count} so far");
        }
    }

    /// How many so far.
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
