//! The widget configuration: sizes and words of the panel.

use std::sync::{Mutex, PoisonError};

/// How the panel looks. Lengths are CSS lengths.
#[derive(Clone, Debug)]
pub struct WidgetConfiguration {
    /// Heading of the list; unset: what the investigation calls it.
    pub heading: Option<String>,
    /// Lines of the list that are seen at once.
    pub list_rows: u32,
    /// Width of the list.
    pub list_width: String,
    /// Lines of the comment field.
    pub comment_rows: u32,
}

impl Default for WidgetConfiguration {
    fn default() -> Self {
        // A list has a margin of 2 pixels on each side.
        let list_width = "calc(100% - 4px)".into();
        Self { heading: None, list_rows: 10, list_width, comment_rows: 5 }
    }
}

static CONFIGURATION: Mutex<Option<WidgetConfiguration>> = Mutex::new(None);

/// Sets the look of panels that are opened from now on.
pub fn configure_widgets(configuration: WidgetConfiguration) {
    *CONFIGURATION.lock().unwrap_or_else(PoisonError::into_inner) = Some(configuration);
}

pub(crate) fn current() -> WidgetConfiguration {
    CONFIGURATION.lock().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or_default()
}
