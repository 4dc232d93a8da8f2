//! What the cells of one notebook share, for each investigation.

use std::sync::{Arc, Mutex};

use crate::panel::lock;
use crate::{Error, Result};

/// The open day `B`, its panel `P` and the last finding `F`.
pub(crate) struct Session<B, P, F>(Mutex<Option<Open<B, P, F>>>);

struct Open<B, P, F> {
    bench: Arc<B>,
    panel: Option<Arc<P>>,
    last: Option<Arc<F>>,
}

impl<B, P, F> Session<B, P, F> {
    /// Nothing open.
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Opens a day; gives the panel that was open before.
    pub(crate) fn open(&self, bench: Arc<B>) -> Option<Arc<P>> {
        lock(&self.0).replace(Open { bench, panel: None, last: None })?.panel
    }

    /// The open day.
    pub(crate) fn bench(&self) -> Result<Arc<B>> {
        let open = lock(&self.0);
        open.as_ref().map(|open| open.bench.clone()).ok_or_else(|| {
            Error::Use(
                "No investigation is open: run start_investigation(&settings)? first.".into(),
            )
        })
    }

    /// Turns to another day of the same data.
    pub(crate) fn turn_to(&self, bench: Arc<B>) {
        if let Some(open) = lock(&self.0).as_mut() {
            open.bench = bench;
        }
    }

    /// The panel, when one is shown.
    pub(crate) fn panel(&self) -> Option<Arc<P>> {
        lock(&self.0).as_ref()?.panel.clone()
    }

    /// Remembers the panel; gives the one before.
    pub(crate) fn set_panel(&self, panel: Arc<P>) -> Option<Arc<P>> {
        lock(&self.0).as_mut()?.panel.replace(panel)
    }

    /// The last finding, by click or by call.
    pub(crate) fn last(&self) -> Option<Arc<F>> {
        lock(&self.0).as_ref()?.last.clone()
    }

    /// Remembers the last finding.
    pub(crate) fn set_last(&self, found: Arc<F>) {
        if let Some(open) = lock(&self.0).as_mut() {
            open.last = Some(found);
        }
    }
}
