//! Sizes, margins, borders: the CSS of a widget.

use crate::model::Model;
use crate::widgets::handle;
use crate::widgets::models::LAYOUT;

handle! {
    /// The CSS that a widget's box may have; values are CSS texts such as `"150px"` or `"50%"`.
    ///
    /// ```
    /// use evcxr_widgets::{Button, Layout};
    /// let narrow = Layout::new().width("150px").margin("0 8px");
    /// let button = Button::new("Search").layout(narrow.clone());
    /// narrow.width("300px"); // the same layout: the button grows
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

macro_rules! css {
    ($($name:ident)*) => {
        impl Layout {
            $(
                #[doc = concat!("Sets `", stringify!($name), "` of CSS.")]
                pub fn $name(self, css: impl Into<String>) -> Self {
                    self.model.set(stringify!($name), css.into());
                    self
                }
            )*
        }
    };
}
css! {
    align_content align_items align_self border_bottom border_left border_right border_top
    bottom display flex flex_flow grid_area grid_auto_columns grid_auto_flow grid_auto_rows
    grid_column grid_gap grid_row grid_template_areas grid_template_columns grid_template_rows
    height justify_content justify_items left margin max_height max_width min_height min_width
    object_fit object_position order overflow padding right top visibility width
}
