//! A game controller.

use serde_json::Value;

use crate::model::Model;
use crate::spec::Spec;
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

    /// Its axes (-1 to 1), in its own order. The page that it is plugged in at makes them.
    pub fn axes(&self) -> Vec<ControllerAxis> {
        let models = self.parts("axes", &CONTROLLER_AXIS);
        models.map(|model| ControllerAxis { model }).collect()
    }

    /// Its buttons, in its own order. The page that it is plugged in at makes them.
    pub fn buttons(&self) -> Vec<ControllerButton> {
        let models = self.parts("buttons", &CONTROLLER_BUTTON);
        models.map(|model| ControllerButton { model }).collect()
    }

    fn parts(&self, name: &str, spec: &'static Spec) -> impl Iterator<Item = Model> {
        let models = self.model.referred(name).into_iter();
        models.filter(move |model| model.is(spec))
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
