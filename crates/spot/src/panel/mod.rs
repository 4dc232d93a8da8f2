//! What the panels of both investigations have in common.

use std::sync::{Mutex, MutexGuard, PoisonError};

mod busy;
mod configuration;
mod rows;
mod stage;
mod threat_box;

pub(crate) use busy::Busy;
pub(crate) use configuration::current;
pub use configuration::{WidgetConfiguration, configure_widgets};
pub(crate) use rows::Rows;
pub(crate) use stage::Stage;
pub(crate) use threat_box::ThreatBox;

/// A lock that a handler's panic does not take away from the others.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
