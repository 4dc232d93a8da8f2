//! What holds other widgets: `VBox`, `HBox`, `Accordion`, `Tab` and the like.

use serde_json::{Value, json};

use crate::model::Model;
use crate::spec::CHILDREN;
use crate::widgets::models::{ACCORDION, BOX, GRID_BOX, HBOX, STACK, TAB, VBOX};
use crate::widgets::{FlexBox, GridBox, Stack, Tab, Widget, choice, handle};

choice! {
    /// The colour of a box, by its meaning.
    BoxStyle {
        #[default]
        Plain = "",
        Success = "success",
        Info = "info",
        Warning = "warning",
        Danger = "danger",
    }
}

handle! {
    /// Widgets below each other: `VBox::new((&list, &button))`.
    VBox, visible
}

handle! {
    /// Widgets side by side: `HBox::new((&field, &button))`.
    HBox, visible
}

handle! {
    /// Sections under titles, of which one may be open; at first none.
    Accordion, visible
}

macro_rules! boxes {
    ($name:ident, $spec:ident) => {
        impl $name {
            /// Makes a box of these widgets: a tuple of different ones, or a list of the same type.
            pub fn new(children: impl IntoChildren) -> Self {
                let model = Model::new(&$spec);
                let widget = $name { model };
                widget.set_children(children);
                widget
            }

            /// Replaces what is in it.
            pub fn set_children(&self, children: impl IntoChildren) {
                self.model.set_parts(CHILDREN, children.into_children());
            }
        }
    };
}
boxes!(VBox, VBOX);
boxes!(HBox, HBOX);
boxes!(FlexBox, BOX);
boxes!(GridBox, GRID_BOX);

macro_rules! box_style {
    ($($name:ident)*) => {
        $(impl $name {
            /// Gives it a colour by its meaning.
            pub fn box_style(self, style: BoxStyle) -> Self {
                self.model.set("box_style", style.name());
                self
            }
        })*
    };
}
box_style!(VBox HBox Accordion);

/// What has sections under titles; `first` is the one that is open at first.
macro_rules! sections {
    ($name:ident, $spec:ident, $first:expr) => {
        impl $name {
            /// Makes one with these sections; a section without a title is called "".
            pub fn new<T: Into<String>>(
                titles: impl IntoIterator<Item = T>,
                children: impl IntoChildren,
            ) -> Self {
                let model = Model::new(&$spec);
                let widget = $name { model };
                widget.set_sections(titles, children);
                widget
            }

            /// Replaces all sections; the one that a new one opens is open.
            pub fn set_sections<T: Into<String>>(
                &self,
                titles: impl IntoIterator<Item = T>,
                children: impl IntoChildren,
            ) {
                let children = children.into_children();
                let mut titles: Vec<String> = titles.into_iter().map(Into::into).collect();
                titles.resize(children.len(), String::new());
                self.model.set("selected_index", Value::Null);
                self.model.set_parts(CHILDREN, children);
                self.model.set("titles", titles);
                self.select($first);
            }

            /// Renames the sections, which stay open or closed as they are.
            pub fn set_titles<T: Into<String>>(&self, titles: impl IntoIterator<Item = T>) {
                let titles: Vec<String> = titles.into_iter().map(Into::into).collect();
                self.model.set("titles", titles);
            }

            /// The open section, from 0.
            pub fn selected(&self) -> Option<usize> {
                let index = self.model.get("selected_index").as_u64()?;
                usize::try_from(index).ok()
            }

            /// Opens a section, or closes all; a number past the end changes nothing.
            pub fn select(&self, section: Option<usize>) {
                self.model.change(|values| {
                    let children = values.get(CHILDREN).and_then(Value::as_array);
                    let count = children.map_or(0, Vec::len);
                    match section.is_none_or(|section| section < count) {
                        true => vec![("selected_index", json!(section))],
                        false => Vec::new(),
                    }
                });
            }
        }
    };
}
sections!(Accordion, ACCORDION, None);
sections!(Tab, TAB, Some(0));
sections!(Stack, STACK, None);

/// What a box can be made of: tuples of up to 12 widgets or references to them, arrays and vectors.
pub trait IntoChildren {
    /// The widgets, in order.
    fn into_children(self) -> Vec<Model>;
}

impl IntoChildren for () {
    fn into_children(self) -> Vec<Model> {
        Vec::new()
    }
}

impl<W: Widget, const N: usize> IntoChildren for [W; N] {
    fn into_children(self) -> Vec<Model> {
        self.iter().map(|widget| widget.model().clone()).collect()
    }
}

impl<W: Widget> IntoChildren for Vec<W> {
    fn into_children(self) -> Vec<Model> {
        self.iter().map(|widget| widget.model().clone()).collect()
    }
}

macro_rules! tuples {
    ($first:ident $($name:ident)*) => {
        impl<$first: Widget, $($name: Widget),*> IntoChildren for ($first, $($name,)*) {
            #[allow(non_snake_case)]
            fn into_children(self) -> Vec<Model> {
                let ($first, $($name,)*) = self;
                vec![$first.model().clone(), $($name.model().clone()),*]
            }
        }
        tuples! { $($name)* }
    };
    () => {};
}
tuples! { A B C D E F G H I J K L }
