//! The widgets, as ipywidgets 8 has them.
//!
//! [`models`] is made of ipywidgets itself; the others say what values mean.

mod bar;
mod boxes;
mod button;
mod choose;
mod controller;
mod css;
pub(crate) mod layout;
mod links;
mod media;
pub(crate) mod models;
mod numbers;
pub(crate) mod output;
mod picker;
mod progress;
mod select;
mod style;
mod tags;
mod text;
mod toggle;
mod words;

pub use bar::{Progress, progress};
pub use boxes::{Accordion, BoxStyle, HBox, IntoChildren, VBox};
pub use button::{Button, ButtonKind};
pub use css::{Color, Length, NoColor, Sides, em, percent, px};
pub use layout::Layout;
pub use links::{DirectionalLink, Link, Linked, jsdlink, jslink, link};
pub use media::Upload;
pub use models::*;
pub use output::Output;
pub use progress::{BarStyle, IntProgress, Orientation};
pub use select::{Dropdown, Select, SelectMultiple};
pub use style::{ButtonStyle, DescriptionStyle, HtmlStyle, LabelStyle, ProgressStyle, TextStyle};
pub use text::{Combobox, Text, Textarea};
pub use words::{Html, Label};

pub(crate) use css::is_color;
pub(crate) use style::style_of;

use crate::model::Model;

/// What all widgets are underneath. Boxes and `display` take any of them.
pub trait Widget {
    /// The widget without its type; the same one.
    fn model(&self) -> &Model;
}

impl Widget for Model {
    fn model(&self) -> &Model {
        self
    }
}

impl<W: Widget + ?Sized> Widget for &W {
    fn model(&self) -> &Model {
        (**self).model()
    }
}

/// Makes the handle type of a model. What follows the type's name says what else it has:
/// `visible` (layout, show), `described` (text beside it), `disabled`, `style(TYPE)`.
macro_rules! handle {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// A handle: clones are the same widget, and dropping it does not close the widget.
        #[derive(Clone, Debug)]
        pub struct $name {
            pub(crate) model: crate::Model,
        }

        impl crate::Widget for $name {
            fn model(&self) -> &crate::Model {
                &self.model
            }
        }
    };
    ($(#[$doc:meta])* $name:ident, visible $(, $more:ident $(($style:ident))?)*) => {
        handle! { $(#[$doc])* $name }

        impl $name {
            /// The comm's id: 32 hex digits, fixed from the beginning.
            pub fn id(&self) -> &str {
                self.model.id()
            }

            /// Shows it here; see [`crate::display::widget`].
            pub fn show(&self) {
                crate::display::widget(self);
            }

            /// Shows it when it is a cell's last expression.
            pub fn evcxr_display(&self) {
                self.show();
            }

            /// Closes it: it disappears from all pages and hears nothing any more.
            pub fn close(&self) {
                self.model.close();
            }

            /// Closes it with its layout, its style and all that is in it (whatever else those are
            /// used for).
            pub fn close_tree(&self) {
                self.model.close_tree();
            }

            /// What a reader without a kernel sees instead: one sentence, as plain text.
            pub fn fallback(self, sentence: impl Into<String>) -> Self {
                self.model.set_fallback(sentence.into());
                self
            }

            /// Sets size, margins and the like.
            pub fn layout(self, layout: crate::Layout) -> Self {
                self.model.set_part("layout", crate::Widget::model(&layout));
                self
            }

            /// Sets the text that is shown when the pointer rests on it.
            pub fn tooltip(self, text: impl Into<String>) -> Self {
                self.model.set("tooltip", text.into());
                self
            }

            /// Whether the tabulator key reaches it (unset at first: as the page has it).
            pub fn tabbable(self, tabbable: bool) -> Self {
                self.model.set("tabbable", tabbable);
                self
            }

            /// Gives it CSS classes.
            pub fn classes<C: Into<String>>(self, classes: impl IntoIterator<Item = C>) -> Self {
                let classes: Vec<String> = classes.into_iter().map(Into::into).collect();
                self.model.set("_dom_classes", classes);
                self
            }

            /// Calls `handler` when a page changes the trait `name` (its name in ipywidgets).
            ///
            /// Handlers hear pages only, not what the program sets.
            pub fn observe(
                self,
                name: impl Into<String>,
                handler: impl FnMut(&crate::Change) + Send + 'static,
            ) -> Self {
                let topic = crate::model::Topic::Trait(name.into());
                self.model.on(topic, handler);
                self
            }
        }

        $(handle! { @$more $name $($style)? })*
    };
    (@described $name:ident) => {
        impl $name {
            /// Sets the text beside it.
            pub fn description(self, text: impl Into<String>) -> Self {
                self.set_description(text);
                self
            }

            /// Sets the text beside it.
            pub fn set_description(&self, text: impl Into<String>) {
                self.model.set("description", text.into());
            }
        }
    };
    (@disabled $name:ident) => {
        impl $name {
            /// Whether the user cannot use it (false at first).
            pub fn disabled(self, disabled: bool) -> Self {
                self.set_disabled(disabled);
                self
            }

            /// Whether the user cannot use it.
            pub fn set_disabled(&self, disabled: bool) {
                self.model.set("disabled", disabled);
            }
        }
    };
    (@styled $name:ident $style:ident) => {
        impl $name {
            /// Sets colours, type and the like.
            pub fn style(self, style: crate::$style) -> Self {
                self.model.set_part("style", crate::Widget::model(&style));
                self
            }
        }
    };
}
pub(crate) use handle;

/// Makes an enum of the strings that a trait may have; the first is the default.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
        pub enum $name {
            $(
                #[doc = concat!("`\"", $text, "\"` in ipywidgets.")]
                $(#[$about])*
                $variant,
            )*
        }

        impl $name {
            pub(crate) fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl From<$name> for String {
            fn from(choice: $name) -> Self {
                choice.name().to_owned()
            }
        }
    };
}
pub(crate) use choice;

/// Makes functions that set traits. Clones are the same widget, so they work later, too:
/// `slider.clone().readout(false)`.
macro_rules! setters {
    ($name:ident, $($(#[$doc:meta])* $trait:ident: $way:ident $(($choice:ident))?,)*) => {
        impl $name {
            $(setters! { @$way $(#[$doc])* $trait $($choice)? })*
        }
    };
    (@text $(#[$doc:meta])* $trait:ident) => {
        $(#[$doc])*
        pub fn $trait(self, text: impl Into<String>) -> Self {
            self.model.set(stringify!($trait), text.into());
            self
        }
    };
    (@color $(#[$doc:meta])* $trait:ident) => {
        $(#[$doc])*
        pub fn $trait(self, color: impl Into<crate::Color>) -> Self {
            self.model.set(stringify!($trait), color.into());
            self
        }
    };
    (@length $(#[$doc:meta])* $trait:ident) => {
        $(#[$doc])*
        pub fn $trait(self, length: impl Into<crate::Length>) -> Self {
            self.model.set(stringify!($trait), length.into());
            self
        }
    };
    (@bool $(#[$doc:meta])* $trait:ident) => {
        $(#[$doc])*
        pub fn $trait(self, yes: bool) -> Self {
            self.model.set(stringify!($trait), yes);
            self
        }
    };
    (@int $(#[$doc:meta])* $trait:ident) => {
        $(#[$doc])*
        pub fn $trait(self, number: i64) -> Self {
            self.model.set(stringify!($trait), number);
            self
        }
    };
    (@float $(#[$doc:meta])* $trait:ident) => {
        $(#[$doc])*
        ///
        /// A number that is none changes nothing.
        pub fn $trait(self, number: f64) -> Self {
            if number.is_finite() {
                self.model.set(stringify!($trait), number);
            }
            self
        }
    };
    (@choice $(#[$doc:meta])* $trait:ident $choice:ident) => {
        $(#[$doc])*
        pub fn $trait(self, choice: $choice) -> Self {
            self.model.set(stringify!($trait), choice.name());
            self
        }
    };
}
pub(crate) use setters;
