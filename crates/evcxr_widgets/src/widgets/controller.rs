//! A game controller.

use serde_json::Value;

use crate::model::Model;
use crate::widgets::models::{CONTROLLER, CONTROLLER_AXIS, CONTROLLER_BUTTON};
use crate::widgets::{Controller, ControllerAxis, ControllerButton};

impl Controller {
    /// Makes one that shows the controller of this number, from 0.
    pub fn new(index: u32) -> Self {
        let model = Model::new(&CONTROLLER);
        model.set("index", index);
        Self { model }
    }

    /// Whether it is plugged in where the page is.
    pub fn connected(&self) -> bool {
        self.model.get("connected") == Value::Bool(true)
    }

    /// What it calls itself.
    pub fn name(&self) -> String {
        self.model.text("name")
    }
}

macro_rules! parts {
    ($($name:ident $spec:ident,)*) => {
        $(
            impl Default for $name {
                fn default() -> Self {
                    Self::new()
                }
            }

            impl $name {
                /// Makes one that rests.
                pub fn new() -> Self {
                    Self { model: Model::new(&$spec) }
                }

                /// How far it is moved or pressed.
                pub fn value(&self) -> f64 {
                    self.model.get("value").as_f64().unwrap_or_default()
                }
            }
        )*
    };
}
parts! { ControllerAxis CONTROLLER_AXIS, ControllerButton CONTROLLER_BUTTON, }

impl ControllerButton {
    /// Whether it is pressed.
    pub fn pressed(&self) -> bool {
        self.model.get("pressed") == Value::Bool(true)
    }
}
