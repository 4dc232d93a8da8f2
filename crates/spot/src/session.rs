//! What the cells of one notebook share, for each investigation.

use std::sync::{Arc, Mutex};

use spot_store::Bench;

use crate::case::Case;
use crate::panel::{Panel, lock};
use crate::{Error, Result};

/// The open day, its panel and the last finding.
pub(crate) struct Session<C: Case>(Mutex<Option<Open<C>>>);

struct Open<C: Case> {
    bench: Arc<Bench<C>>,
    panel: Option<Arc<Panel<C>>>,
    last: Option<Arc<C::Found>>,
}

impl<C: Case> Session<C> {
    /// Nothing open.
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Opens a day; gives the panel that was open before.
    pub(crate) fn open(&self, bench: Arc<Bench<C>>) -> Option<Arc<Panel<C>>> {
        lock(&self.0).replace(Open { bench, panel: None, last: None })?.panel
    }

    /// The open day.
    pub(crate) fn bench(&self) -> Result<Arc<Bench<C>>> {
        let open = lock(&self.0);
        open.as_ref().map(|open| open.bench.clone()).ok_or_else(|| {
            Error::Use(
                "No investigation is open: run start_investigation(&settings)? first.".into(),
            )
        })
    }

    /// Turns to another day of the same data.
    pub(crate) fn turn_to(&self, bench: Arc<Bench<C>>) {
        if let Some(open) = lock(&self.0).as_mut() {
            open.bench = bench;
        }
    }

    /// The panel, when one is shown.
    pub(crate) fn panel(&self) -> Option<Arc<Panel<C>>> {
        lock(&self.0).as_ref()?.panel.clone()
    }

    /// Remembers the panel; gives the one before.
    pub(crate) fn set_panel(&self, panel: Arc<Panel<C>>) -> Option<Arc<Panel<C>>> {
        lock(&self.0).as_mut()?.panel.replace(panel)
    }

    /// The last finding, by click or by call.
    pub(crate) fn last(&self) -> Option<Arc<C::Found>> {
        lock(&self.0).as_ref()?.last.clone()
    }

    /// Remembers the last finding.
    pub(crate) fn set_last(&self, found: Arc<C::Found>) {
        if let Some(open) = lock(&self.0).as_mut() {
            open.last = Some(found);
        }
    }
}
