//! Fields to write in: `Text`, `Textarea`, `Combobox`.

use crate::model::{Model, Topic};
use crate::widgets::handle;
use crate::widgets::models::{COMBOBOX, TEXT, TEXTAREA};

handle! {
    /// A line of text.
    Text, visible, described, disabled, styled(TextStyle)
}

handle! {
    /// Several lines of text.
    Textarea, visible, described, disabled, styled(TextStyle)
}

handle! {
    /// A line of text with a list of proposals; other text is allowed as well.
    Combobox, visible, described, disabled, styled(TextStyle)
}

impl Text {
    /// Makes a field with this text in it.
    pub fn new(value: impl Into<String>) -> Self {
        let model = Model::new(&TEXT);
        Text { model }.with_value(value)
    }
}

impl Textarea {
    /// Makes a field with this text in it.
    pub fn new(value: impl Into<String>) -> Self {
        let model = Model::new(&TEXTAREA);
        Textarea { model }.with_value(value)
    }

    /// How many lines are to be seen at once (as many as the page likes).
    pub fn rows(self, rows: u32) -> Self {
        self.model.set("rows", rows);
        self
    }
}

impl Combobox {
    /// Makes an empty field with these proposals.
    pub fn new<L: Into<String>>(options: impl IntoIterator<Item = L>) -> Self {
        let model = Model::new(&COMBOBOX);
        let widget = Combobox { model };
        widget.set_options(options);
        widget
    }

    /// The proposals.
    pub fn options(&self) -> Vec<String> {
        self.model.texts("options")
    }

    /// Replaces the proposals; the text stays.
    pub fn set_options<L: Into<String>>(&self, options: impl IntoIterator<Item = L>) {
        let options: Vec<String> = options.into_iter().map(Into::into).collect();
        self.model.set("options", options);
    }
}

/// What all three have.
macro_rules! field {
    ($name:ident) => {
        impl $name {
            /// The text.
            pub fn value(&self) -> String {
                self.model.text("value")
            }

            /// Replaces the text.
            pub fn set_value(&self, value: impl Into<String>) {
                self.model.set("value", value.into());
            }

            /// Begins with this text.
            pub fn with_value(self, value: impl Into<String>) -> Self {
                self.set_value(value);
                self
            }

            /// Sets the grey words in an empty field.
            pub fn placeholder(self, text: impl Into<String>) -> Self {
                self.model.set("placeholder", text.into());
                self
            }

            /// Whether each key is told (true), or the text when the user is done with it.
            pub fn continuous_update(self, each_key: bool) -> Self {
                self.model.set("continuous_update", each_key);
                self
            }

            /// Calls `handler` with the new and the old text when the user has changed it.
            pub fn on_change(self, mut handler: impl FnMut(&str, &str) + Send + 'static) -> Self {
                let topic = Topic::Trait("value".to_owned());
                self.model.on(topic, move |change| {
                    let text =
                        |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
                    handler(&text(&change.new), &text(&change.old));
                });
                self
            }
        }
    };
}
field!(Text);
field!(Textarea);
field!(Combobox);

/// What the fields of one line have.
macro_rules! submits {
    ($name:ident) => {
        impl $name {
            /// Calls `handler` with the text when the user presses Enter.
            pub fn on_submit(self, mut handler: impl FnMut(&str) + Send + 'static) -> Self {
                // The weak end: a handler that keeps its own widget would never be dropped.
                let model = self.model.downgrade();
                let topic = Topic::Custom("submit".to_owned());
                self.model.on(topic, move |_| {
                    if let Some(model) = model.upgrade() {
                        handler(&model.text("value"));
                    }
                });
                self
            }
        }
    };
}
submits!(Text);
submits!(Combobox);
