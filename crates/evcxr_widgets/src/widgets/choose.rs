//! A part of a list: `SelectionRangeSlider`; and what `ToggleButtons` alone have.

use std::ops::RangeInclusive;

use serde_json::{Value, json};

use crate::model::{Model, Topic};
use crate::spec::LABELS;
use crate::widgets::models::SELECTION_RANGE_SLIDER;
use crate::widgets::{SelectionRangeSlider, ToggleButtons};

fn places(value: &Value) -> RangeInclusive<usize> {
    let place = |at: usize| value[at].as_u64().and_then(|at| usize::try_from(at).ok()).unwrap_or(0);
    place(0)..=place(1)
}

impl SelectionRangeSlider {
    /// Makes one of these labels; the first one is chosen.
    pub fn new<L: Into<String>>(options: impl IntoIterator<Item = L>) -> Self {
        let widget = Self { model: Model::new(&SELECTION_RANGE_SLIDER) };
        let labels: Vec<String> = options.into_iter().map(Into::into).collect();
        widget.model.change_together(vec![(LABELS, json!(labels)), ("index", json!([0, 0]))]);
        widget
    }

    /// The labels.
    pub fn options(&self) -> Vec<String> {
        self.model.texts(LABELS)
    }

    /// The numbers of the first and the last chosen entry, from 0.
    pub fn indices(&self) -> RangeInclusive<usize> {
        places(&self.model.get("index"))
    }

    /// The first and the last chosen label; none where there are no entries.
    pub fn value(&self) -> Option<(String, String)> {
        let (labels, chosen) = (self.options(), self.indices());
        labels.get(*chosen.start()).cloned().zip(labels.get(*chosen.end()).cloned())
    }

    /// Chooses from one entry to another, in any order; numbers past the end change nothing.
    pub fn set_indices(&self, from: usize, to: usize) {
        let index = json!([from.min(to), from.max(to)]);
        if self.model.accepts("index", &index) {
            self.model.set("index", index);
        }
    }

    /// Calls `handler` with the numbers of the first and the last chosen entry when the user chooses.
    pub fn on_change(
        self,
        mut handler: impl FnMut(RangeInclusive<usize>) + Send + 'static,
    ) -> Self {
        self.model.on(Topic::Trait("index".to_owned()), move |change| handler(places(&change.new)));
        self
    }
}

impl ToggleButtons {
    /// Sets icons of Font Awesome, one for each button, such as `check`.
    pub fn icons<I: Into<String>>(self, icons: impl IntoIterator<Item = I>) -> Self {
        let icons: Vec<String> = icons.into_iter().map(Into::into).collect();
        self.model.set("icons", icons);
        self
    }

    /// Sets the texts that are shown when the pointer rests on a button.
    pub fn tooltips<T: Into<String>>(self, texts: impl IntoIterator<Item = T>) -> Self {
        let texts: Vec<String> = texts.into_iter().map(Into::into).collect();
        self.model.set("tooltips", texts);
        self
    }
}
