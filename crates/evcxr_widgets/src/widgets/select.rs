//! Lists to choose from: `Select`, `Dropdown`.

use serde_json::json;

use crate::model::{Model, Topic, label_at, texts};
use crate::spec::{DESCRIBED, DOM, Kind, LABELS, Package, Spec, Trait};
use crate::widgets::handle;
use crate::widgets::style::DESCRIPTION_STYLE;

const SELECTION: &[Trait] =
    &[(LABELS, Kind::Texts), ("index", Kind::IndexOf(LABELS)), ("disabled", Kind::Bool(false))];

static SELECT: Spec = Spec {
    model: "SelectModel",
    view: "SelectView",
    package: Package::Controls,
    style: Some(&DESCRIPTION_STYLE),
    traits: &[DOM, DESCRIBED, SELECTION, &[("rows", Kind::Int(5))]],
};

static DROPDOWN: Spec = Spec {
    model: "DropdownModel",
    view: "DropdownView",
    package: Package::Controls,
    style: Some(&DESCRIPTION_STYLE),
    traits: &[DOM, DESCRIBED, SELECTION],
};

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

/// What both have.
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
