//! Lists to choose from: `Select`, `Dropdown`, `RadioButtons`, `SelectMultiple` and the like.

use serde_json::{Value, json};

use crate::model::{Model, Topic, label_at, texts};
use crate::spec::LABELS;
use crate::widgets::handle;
use crate::widgets::models::{
    DROPDOWN, RADIO_BUTTONS, SELECT, SELECT_MULTIPLE, SELECTION_SLIDER, TOGGLE_BUTTONS,
};
use crate::widgets::{RadioButtons, SelectionSlider, ToggleButtons};

handle! {
    /// A list of lines, any number of which are chosen: at first none, as in ipywidgets.
    SelectMultiple, visible, described, disabled, styled(DescriptionStyle)
}

handle! {
    /// A list of lines, one of which is chosen: at first the first one, as in ipywidgets.
    Select, visible, described, disabled, styled(DescriptionStyle)
}

handle! {
    /// A list that opens on a click; one entry is chosen, at first the first one.
    Dropdown, visible, described, disabled, styled(DescriptionStyle)
}

impl Select {
    /// How many lines are to be seen at once (5).
    pub fn rows(self, rows: u32) -> Self {
        self.model.set("rows", rows);
        self
    }
}

impl SelectMultiple {
    /// Makes one of these labels.
    pub fn new<L: Into<String>>(options: impl IntoIterator<Item = L>) -> Self {
        let widget = Self { model: Model::new(&SELECT_MULTIPLE) };
        widget.set_options(options);
        widget
    }

    /// How many lines are to be seen at once (5).
    pub fn rows(self, rows: u32) -> Self {
        self.model.set("rows", rows);
        self
    }

    /// The labels.
    pub fn options(&self) -> Vec<String> {
        self.model.texts(LABELS)
    }

    /// Replaces the labels and chooses none; one update tells both. Nothing happens if they are the same as
    /// before.
    pub fn set_options<L: Into<String>>(&self, options: impl IntoIterator<Item = L>) {
        let labels: Vec<String> = options.into_iter().map(Into::into).collect();
        if labels != self.options() {
            self.model.change_together(vec![(LABELS, json!(labels)), ("index", json!([]))]);
        }
    }

    /// The chosen entries' numbers, from 0, ascending.
    pub fn indices(&self) -> Vec<usize> {
        let index = self.model.get("index");
        let numbers = index.as_array().into_iter().flatten().filter_map(Value::as_u64);
        let mut numbers: Vec<_> = numbers.filter_map(|at| usize::try_from(at).ok()).collect();
        numbers.sort_unstable();
        numbers
    }

    /// The chosen labels, in the order of the list.
    pub fn value(&self) -> Vec<String> {
        let labels = self.options();
        self.indices().into_iter().filter_map(|at| labels.get(at).cloned()).collect()
    }

    /// Chooses entries by their numbers; numbers past the end are left out.
    pub fn set_indices(&self, indices: impl IntoIterator<Item = usize>) {
        let mut chosen: Vec<usize> = indices.into_iter().collect();
        chosen.sort_unstable();
        chosen.dedup();
        self.model.change(|values| {
            let count = texts(values, LABELS).len();
            chosen.retain(|index| *index < count);
            vec![("index", json!(chosen))]
        });
    }

    /// Calls `handler` with the numbers of the chosen entries when the user chooses.
    pub fn on_change(self, mut handler: impl FnMut(&[usize]) + Send + 'static) -> Self {
        self.model.on(Topic::Trait("index".to_owned()), move |change| {
            let numbers = change.new.as_array().into_iter().flatten().filter_map(Value::as_u64);
            let numbers: Vec<_> = numbers.filter_map(|at| usize::try_from(at).ok()).collect();
            handler(&numbers);
        });
        self
    }
}

/// What those have of which one entry is chosen.
macro_rules! selection {
    ($name:ident, $spec:ident) => {
        impl $name {
            /// Makes one of these labels.
            pub fn new<L: Into<String>>(options: impl IntoIterator<Item = L>) -> Self {
                let model = Model::new(&$spec);
                let widget = $name { model };
                widget.set_options(options);
                widget
            }

            /// The labels.
            pub fn options(&self) -> Vec<String> {
                self.model.texts(LABELS)
            }

            /// Replaces the labels and chooses the first one; one update tells both. Nothing happens
            /// if they are the same as before.
            pub fn set_options<L: Into<String>>(&self, options: impl IntoIterator<Item = L>) {
                let labels: Vec<String> = options.into_iter().map(Into::into).collect();
                if labels != self.options() {
                    let first = (!labels.is_empty()).then_some(0);
                    let values = vec![(LABELS, json!(labels)), ("index", json!(first))];
                    self.model.change_together(values);
                }
            }

            /// The chosen label.
            pub fn value(&self) -> Option<String> {
                self.model.read(|values| label_at(values, values.get("index")?))
            }

            /// Chooses the first entry with this label; a label that is not there changes nothing.
            pub fn set_value(&self, label: &str) {
                self.model.change(|values| {
                    let labels = texts(values, LABELS);
                    let index = labels.iter().position(|other| other == label);
                    index.map(|index| ("index", json!(index))).into_iter().collect()
                });
            }

            /// The chosen entry's number, from 0.
            pub fn index(&self) -> Option<usize> {
                let index = self.model.get("index").as_u64()?;
                usize::try_from(index).ok()
            }

            /// Chooses an entry by its number, or none; a number past the end changes nothing.
            pub fn set_index(&self, index: Option<usize>) {
                self.model.change(|values| {
                    let count = texts(values, LABELS).len();
                    match index.is_none_or(|index| index < count) {
                        true => vec![("index", json!(index))],
                        false => Vec::new(),
                    }
                });
            }

            /// Chooses an entry by its number, or none, from the beginning.
            pub fn with_index(self, index: Option<usize>) -> Self {
                self.set_index(index);
                self
            }

            /// Calls `handler` with the new and the old label when the user chooses.
            pub fn on_change(
                self,
                mut handler: impl FnMut(Option<&str>, Option<&str>) + Send + 'static,
            ) -> Self {
                let topic = Topic::Trait("value".to_owned());
                self.model.on(topic, move |change| {
                    handler(change.new.as_str(), change.old.as_str());
                });
                self
            }
        }
    };
}
selection!(Select, SELECT);
selection!(Dropdown, DROPDOWN);
selection!(RadioButtons, RADIO_BUTTONS);
selection!(ToggleButtons, TOGGLE_BUTTONS);
selection!(SelectionSlider, SELECTION_SLIDER);
