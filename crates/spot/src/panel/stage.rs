//! Where a panel's results appear: in the notebook, and in the panel for pages that get no outputs.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use evcxr_widgets::Html;
use evcxr_widgets::display::{self, Bundle, Handle};
use spot_view::panel as words;

use super::lock;
use crate::show;

/// A result's places, and the line that says what happened. Clones are the same stage.
#[derive(Clone)]
pub(crate) struct Stage(Arc<Inner>);

struct Inner {
    status: Html,
    mirror: Html,
    /// A page was reloaded: outputs of the cell no longer reach it.
    restored: AtomicBool,
    result: Mutex<Option<Handle>>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let inner = Arc::new(Inner {
            status: Html::new(""),
            mirror: Html::new(""),
            restored: AtomicBool::new(false),
            result: Mutex::default(),
        });
        let weak = Arc::downgrade(&inner);
        evcxr_widgets::on_restored(move || {
            if let Some(inner) = weak.upgrade() {
                inner.restored.store(true, Ordering::SeqCst);
            }
        });
        Self(inner)
    }

    /// The line that says what happened; part of the panel.
    pub(crate) fn status(&self) -> &Html {
        &self.0.status
    }

    /// The place for results inside the panel.
    pub(crate) fn mirror(&self) -> &Html {
        &self.0.mirror
    }

    /// Keeps a place for results below the running cell, which shows `cell` again when it is lost.
    pub(crate) fn set(&self, cell: &str, invitation: &str) {
        display::show(show::both(
            words::controls_hint(cell),
            "If the controls above are gone, run this cell again.".into(),
        ));
        *lock(&self.0.result) = Some(display::show_with_id(show::both(
            words::note(invitation),
            "Nothing searched yet.".into(),
        )));
    }

    /// Puts a result into the notebook, and into the panel for pages that no longer get outputs.
    pub(crate) fn present(&self, bundle: Bundle) {
        if self.0.restored.load(Ordering::SeqCst) {
            let html = bundle.get("text/html").and_then(|html| html.as_str()).unwrap_or_default();
            self.0.mirror.set_value(html);
        }
        if let Some(result) = lock(&self.0.result).as_ref() {
            result.update(bundle);
        }
    }

    /// Says something in the panel.
    pub(crate) fn say(&self, text: &str, is_error: bool) {
        let html = if is_error { words::alert(text) } else { words::note(text) };
        self.0.status.set_value(html.into_string());
    }

    /// Takes the result away.
    pub(crate) fn clear(&self) {
        if let Some(result) = lock(&self.0.result).take() {
            result.update(Bundle::new());
        }
    }
}
