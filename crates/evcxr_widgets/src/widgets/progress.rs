//! A bar that shows how far work has come.

use crate::model::Model;
use crate::widgets::models::INT_PROGRESS;
use crate::widgets::{choice, handle};

choice! {
    /// The colour of a bar, by its meaning.
    BarStyle {
        #[default]
        Plain = "",
        Success = "success",
        Info = "info",
        Warning = "warning",
        Danger = "danger",
    }
}

choice! {
    /// Which way a bar grows.
    Orientation {
        #[default]
        Horizontal = "horizontal",
        Vertical = "vertical",
    }
}

handle! {
    /// A bar from 0 to `max`.
    IntProgress, visible, described, styled(ProgressStyle)
}

impl IntProgress {
    /// Makes an empty bar that is full at `max`.
    pub fn new(max: i64) -> Self {
        let model = Model::new(&INT_PROGRESS);
        let widget = IntProgress { model };
        widget.set_max(max);
        widget
    }

    /// How far it has come.
    pub fn value(&self) -> i64 {
        self.model.get("value").as_i64().unwrap_or_default()
    }

    /// Says how far it has come; outside 0 to `max` counts as the nearer end.
    pub fn set_value(&self, value: i64) {
        let max = self.model.get("max").as_i64().unwrap_or_default();
        self.model.set("value", value.min(max).max(0));
    }

    /// Sets where it is full; less than 0 counts as 0.
    pub fn set_max(&self, max: i64) {
        self.model.set("max", max.max(0));
    }

    /// Gives it a colour by its meaning.
    pub fn bar_style(self, style: BarStyle) -> Self {
        self.set_bar_style(style);
        self
    }

    /// Gives it a colour by its meaning.
    pub fn set_bar_style(&self, style: BarStyle) {
        self.model.set("bar_style", style.name());
    }

    /// Says which way it grows.
    pub fn orientation(self, orientation: Orientation) -> Self {
        self.model.set("orientation", orientation.name());
        self
    }
}
