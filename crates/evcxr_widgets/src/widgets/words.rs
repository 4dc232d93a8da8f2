//! Words to read: `Html`, `Label`.

use crate::model::Model;
use crate::widgets::handle;
use crate::widgets::models::{HTML, LABEL};

handle! {
    /// HTML. It is not escaped: what comes from data must be, by the caller.
    Html, visible, described, styled(HtmlStyle)
}

handle! {
    /// A line of plain text (which may hold `$TeX$`).
    Label, visible, described, styled(LabelStyle)
}

macro_rules! words {
    ($name:ident, $spec:ident) => {
        impl $name {
            /// Makes one that says this.
            pub fn new(value: impl Into<String>) -> Self {
                let model = Model::new(&$spec);
                let widget = $name { model };
                widget.set_value(value);
                widget
            }

            /// What it says.
            pub fn value(&self) -> String {
                self.model.text("value")
            }

            /// Says something else.
            pub fn set_value(&self, value: impl Into<String>) {
                self.model.set("value", value.into());
            }
        }
    };
}
words!(Html, HTML);
words!(Label, LABEL);
