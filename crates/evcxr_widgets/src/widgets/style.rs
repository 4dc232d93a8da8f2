//! Colours and type: the style models of the widgets.

use crate::widgets::models::{
    BUTTON_STYLE, DESCRIPTION_STYLE, HTML_STYLE, LABEL_STYLE, PROGRESS_STYLE, TEXT_STYLE,
};
use crate::widgets::{handle, setters};

/// Makes the ends of a style: a new one leaves all to the page.
macro_rules! style_of {
    ($name:ident, $spec:ident) => {
        impl Default for $name {
            fn default() -> Self {
                $name::new()
            }
        }

        impl $name {
            /// Makes one that leaves all to the page.
            pub fn new() -> Self {
                let model = crate::Model::new(&$spec);
                $name { model }
            }
        }
    };
}
pub(crate) use style_of;

/// Makes a style: its colours, its lengths, its other CSS texts.
macro_rules! style {
    ($(#[$doc:meta])* $name:ident, $spec:ident, [$($color:ident)*] [$($length:ident)*] [$($css:ident)*]) => {
        handle! { $(#[$doc])* $name }
        style_of!($name, $spec);
        setters! { $name,
            $(#[doc = concat!("Sets `", stringify!($color), "`.")] $color: color,)*
            $(#[doc = concat!("Sets `", stringify!($length), "`.")] $length: length,)*
            $(#[doc = concat!("Sets `", stringify!($css), "`, a CSS text.")] $css: text,)*
        }
    };
}

style! {
    /// The style of a button.
    ButtonStyle, BUTTON_STYLE,
    [button_color text_color] [font_size]
    [font_family font_style font_variant font_weight text_decoration]
}

style! {
    /// The style of lists: how wide the description beside them is.
    DescriptionStyle, DESCRIPTION_STYLE, [] [description_width] []
}

style! {
    /// The style of fields to write in.
    TextStyle, TEXT_STYLE, [background text_color] [description_width font_size] []
}

style! {
    /// The style of an HTML widget.
    HtmlStyle, HTML_STYLE, [background text_color] [description_width font_size] []
}

style! {
    /// The style of a label.
    LabelStyle, LABEL_STYLE, [background text_color] [description_width font_size]
    [font_family font_style font_variant font_weight text_decoration]
}

style! {
    /// The style of a progress bar.
    ProgressStyle, PROGRESS_STYLE, [bar_color] [description_width] []
}
