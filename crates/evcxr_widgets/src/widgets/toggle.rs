//! Yes or no.

use serde_json::Value;

use crate::model::{Model, Topic};
use crate::widgets::models::{CHECKBOX, TOGGLE_BUTTON, VALID};
use crate::widgets::{Checkbox, ToggleButton, Valid};

macro_rules! toggle {
    ($name:ident, $spec:ident) => {
        impl $name {
            /// Makes one with this text, which says no at first.
            pub fn new(description: impl Into<String>) -> Self {
                Self { model: Model::new(&$spec) }.description(description)
            }

            /// Whether it says yes.
            pub fn value(&self) -> bool {
                self.model.get("value") == Value::Bool(true)
            }

            /// Sets what it says.
            pub fn set_value(&self, value: bool) {
                self.model.set("value", value);
            }

            /// Sets what it says from the beginning.
            pub fn with_value(self, value: bool) -> Self {
                self.set_value(value);
                self
            }

            /// Calls `handler` with what it says now when the user changes it.
            pub fn on_change(self, mut handler: impl FnMut(bool) + Send + 'static) -> Self {
                self.model.on(Topic::Trait("value".to_owned()), move |change| {
                    handler(change.new == Value::Bool(true));
                });
                self
            }
        }
    };
}
toggle!(Checkbox, CHECKBOX);
toggle!(ToggleButton, TOGGLE_BUTTON);
toggle!(Valid, VALID);
