//! The widgets, as ipywidgets 8 has them.

mod boxes;
mod button;
pub(crate) mod layout;
pub(crate) mod output;
mod progress;
mod select;
mod style;
mod text;
mod words;

pub use boxes::{Accordion, BoxStyle, HBox, IntoChildren, VBox};
pub use button::{Button, ButtonKind};
pub use layout::Layout;
pub use output::Output;
pub use progress::{BarStyle, IntProgress, Orientation};
pub use select::{Dropdown, Select, SelectMultiple};
pub use style::{ButtonStyle, DescriptionStyle, HtmlStyle, LabelStyle, ProgressStyle, TextStyle};
pub use text::{Combobox, Text, Textarea};
pub use words::{Html, Label};

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
            model: crate::Model,
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
            pub(crate) const ALL: &'static [&'static str] = &[$($text),*];

            pub(crate) fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }
    };
}
pub(crate) use choice;
