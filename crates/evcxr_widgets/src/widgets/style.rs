//! Colours and type: the style models of the widgets.

use crate::model::Model;
use crate::spec::{Kind, Package, Spec};
use crate::widgets::handle;

/// Makes a style of CSS texts; `wide` ones have the width of the description beside the widget too.
macro_rules! style {
    ($(#[$doc:meta])* $name:ident, $spec:ident, $model:literal, $($css:ident)*) => {
        style! { @type $(#[$doc])* $name, $spec, $($css)* }

        pub(crate) static $spec: Spec = Spec {
            model: $model,
            view: "StyleView",
            package: Package::Style,
            style: None,
            traits: &[&[$((stringify!($css), Kind::TextOrNull)),*]],
        };
    };
    ($(#[$doc:meta])* $name:ident, $spec:ident, $model:literal, wide, $($css:ident)*) => {
        style! { @type $(#[$doc])* $name, $spec, description_width $($css)* }

        pub(crate) static $spec: Spec = Spec {
            model: $model,
            view: "StyleView",
            package: Package::Style,
            style: None,
            traits: &[&[
                ("description_width", Kind::Text("")),
                $((stringify!($css), Kind::TextOrNull)),*
            ]],
        };
    };
    (@type $(#[$doc:meta])* $name:ident, $spec:ident, $($css:ident)*) => {
        handle! { $(#[$doc])* $name }

        impl Default for $name {
            fn default() -> Self {
                $name::new()
            }
        }

        impl $name {
            /// Makes one that leaves all to the page.
            pub fn new() -> Self {
                let model = Model::new(&$spec);
                $name { model }
            }

            $(
                #[doc = concat!("Sets `", stringify!($css), "`, a CSS text.")]
                pub fn $css(self, css: impl Into<String>) -> Self {
                    self.model.set(stringify!($css), css.into());
                    self
                }
            )*
        }
    };
}

style! {
    /// The style of a button.
    ButtonStyle, BUTTON_STYLE, "ButtonStyleModel",
    button_color font_family font_size font_style font_variant font_weight text_color
    text_decoration
}

style! {
    /// The style of lists: how wide the description beside them is.
    DescriptionStyle, DESCRIPTION_STYLE, "DescriptionStyleModel", wide,
}

style! {
    /// The style of fields to write in.
    TextStyle, TEXT_STYLE, "TextStyleModel", wide, background font_size text_color
}

style! {
    /// The style of an HTML widget.
    HtmlStyle, HTML_STYLE, "HTMLStyleModel", wide, background font_size text_color
}

style! {
    /// The style of a label.
    LabelStyle, LABEL_STYLE, "LabelStyleModel", wide,
    background font_family font_size font_style font_variant font_weight text_color
    text_decoration
}

style! {
    /// The style of a progress bar.
    ProgressStyle, PROGRESS_STYLE, "ProgressStyleModel", wide, bar_color
}
