//! What the panels of both investigations have in common.

use std::sync::{Mutex, MutexGuard, PoisonError};

mod board;
mod busy;
mod configuration;
mod edge;
mod listing;
mod rows;
mod stage;
pub(crate) mod threat_box;
mod widgets;

pub(crate) use board::Panel;
use busy::Busy;
use configuration::current;
pub use configuration::{WidgetConfiguration, configure_widgets};
pub(crate) use edge::{Edge, EdgePanel, score, start as start_edge};
pub(crate) use rows::{OnRow, Rows};
use stage::Stage;
pub(crate) use threat_box::ThreatBox;

/// A lock that a handler's panic does not take away from the others.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
