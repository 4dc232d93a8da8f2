//! A button.

use crate::model::{Model, Topic};
use crate::widgets::models::BUTTON;
use crate::widgets::{choice, handle};

choice! {
    /// What a button is for; the page's theme gives each kind its colour.
    ButtonKind {
        #[default]
        Plain = "",
        Primary = "primary",
        Success = "success",
        Info = "info",
        Warning = "warning",
        Danger = "danger",
    }
}

handle! {
    /// A button with a word on it.
    Button, visible, described, disabled, styled(ButtonStyle)
}

impl Button {
    /// Makes a button with this word on it.
    pub fn new(description: impl Into<String>) -> Self {
        let model = Model::new(&BUTTON);
        Button { model }.description(description)
    }

    /// Says what it is for (`button_style` in ipywidgets).
    pub fn kind(self, kind: ButtonKind) -> Self {
        self.model.set("button_style", kind.name());
        self
    }

    /// Puts a picture before the word: a name of Font Awesome, such as `search`.
    pub fn icon(self, name: impl Into<String>) -> Self {
        self.model.set("icon", name.into());
        self
    }

    /// Calls `handler` at each click. Clicks during a call wait for it; other widgets do not.
    pub fn on_click(self, mut handler: impl FnMut() + Send + 'static) -> Self {
        let topic = Topic::Custom("click".to_owned());
        self.model.on(topic, move |_| handler());
        self
    }
}
