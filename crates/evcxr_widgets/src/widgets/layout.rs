//! Sizes, margins, borders: the CSS of a widget.

use crate::model::Model;
use crate::widgets::models::LAYOUT;
use crate::widgets::{
    AlignContent, AlignItems, AlignSelf, GridAutoFlow, JustifyContent, JustifyItems, ObjectFit,
    Sides, Visibility, handle, setters,
};

handle! {
    /// The CSS that a widget's box may have. Lengths are [`px`](crate::px), [`percent`](crate::percent) .. or CSS texts.
    ///
    /// ```
    /// use evcxr_widgets::{AlignItems, Button, Layout, px};
    /// let narrow = Layout::new().width(px(150)).margin([px(0), px(8)]).align_items(AlignItems::Center);
    /// let button = Button::new("Search").layout(narrow.clone());
    /// narrow.width("20em"); // the same layout: the button grows
    /// ```
    Layout
}

impl Default for Layout {
    fn default() -> Self {
        Layout::new()
    }
}

impl Layout {
    /// Makes one that leaves all to the page.
    pub fn new() -> Self {
        let model = Model::new(&LAYOUT);
        Layout { model }
    }

    /// Sets all four borders: `"1px solid #ccc"`.
    pub fn border(self, css: impl Into<String>) -> Self {
        let css = css.into();
        let sides = self.border_top(css.as_str()).border_right(css.as_str());
        sides.border_bottom(css.as_str()).border_left(css)
    }
}

setters! { Layout,
    /// Sets `height`.
    height: length,
    /// Sets `width`.
    width: length,
    /// Sets `max_height`.
    max_height: length,
    /// Sets `max_width`.
    max_width: length,
    /// Sets `min_height`.
    min_height: length,
    /// Sets `min_width`.
    min_width: length,
    /// Sets `top`.
    top: length,
    /// Sets `right`.
    right: length,
    /// Sets `bottom`.
    bottom: length,
    /// Sets `left`.
    left: length,
    /// Sets `align_content`.
    align_content: choice(AlignContent),
    /// Sets `align_items`.
    align_items: choice(AlignItems),
    /// Sets `align_self`.
    align_self: choice(AlignSelf),
    /// Sets `grid_auto_flow`.
    grid_auto_flow: choice(GridAutoFlow),
    /// Sets `justify_content`.
    justify_content: choice(JustifyContent),
    /// Sets `justify_items`.
    justify_items: choice(JustifyItems),
    /// Sets `object_fit`.
    object_fit: choice(ObjectFit),
    /// Sets `visibility`.
    visibility: choice(Visibility),
}

impl Layout {
    /// Sets the space around it.
    pub fn margin(self, sides: impl Into<Sides>) -> Self {
        self.model.set("margin", sides.into());
        self
    }

    /// Sets the space between its border and what is in it.
    pub fn padding(self, sides: impl Into<Sides>) -> Self {
        self.model.set("padding", sides.into());
        self
    }
}

macro_rules! css {
    ($($name:ident)*) => {
        impl Layout {
            $(
                #[doc = concat!("Sets `", stringify!($name), "`, a CSS text.")]
                pub fn $name(self, css: impl Into<String>) -> Self {
                    self.model.set(stringify!($name), css.into());
                    self
                }
            )*
        }
    };
}
css! {
    border_bottom border_left border_right border_top display flex flex_flow grid_area
    grid_auto_columns grid_auto_rows grid_column grid_gap grid_row grid_template_areas
    grid_template_columns grid_template_rows object_position order overflow
}
