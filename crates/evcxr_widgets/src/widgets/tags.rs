//! Lists that a user fills: words, colours, numbers.

use serde_json::{Value, json};

use crate::model::{Model, Topic};
use crate::widgets::models::{COLORS_INPUT, FLOATS_INPUT, INTS_INPUT, TAGS_INPUT};
use crate::widgets::{Color, ColorsInput, FloatsInput, IntsInput, TagsInput};

fn list<T>(value: &Value, read: impl Fn(&Value) -> Option<T>) -> Vec<T> {
    value.as_array().into_iter().flatten().filter_map(read).collect()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn color(value: &Value) -> Option<Color> {
    value.as_str()?.parse().ok()
}

macro_rules! tags {
    ($name:ident, $spec:ident, $item:ty, $read:expr) => {
        impl $name {
            /// Makes one with these in it.
            pub fn new<I: Into<$item>>(values: impl IntoIterator<Item = I>) -> Self {
                let widget = Self { model: Model::new(&$spec) };
                widget.set_value(values);
                widget
            }

            /// What is in it.
            pub fn value(&self) -> Vec<$item> {
                list(&self.model.get("value"), $read)
            }

            /// Replaces what is in it.
            pub fn set_value<I: Into<$item>>(&self, values: impl IntoIterator<Item = I>) {
                let values = values.into_iter().map(Into::<$item>::into).map(Value::from);
                self.model.set("value", values.collect::<Vec<_>>());
            }

            /// Calls `handler` with what is in it when the user changes it.
            pub fn on_change(self, mut handler: impl FnMut(&[$item]) + Send + 'static) -> Self {
                self.model.on(Topic::Trait("value".to_owned()), move |change| {
                    handler(&list(&change.new, $read));
                });
                self
            }
        }
    };
}
tags!(TagsInput, TAGS_INPUT, String, text);
tags!(ColorsInput, COLORS_INPUT, Color, color);
tags!(IntsInput, INTS_INPUT, i64, Value::as_i64);
tags!(FloatsInput, FLOATS_INPUT, f64, Value::as_f64);

macro_rules! allowed {
    ($($name:ident $item:ty,)*) => {
        $(impl $name {
            /// Allows these and no others.
            pub fn allowed_tags<T: Into<$item>>(self, tags: impl IntoIterator<Item = T>) -> Self {
                let tags = tags.into_iter().map(|tag| String::from(tag.into()));
                let tags: Vec<String> = tags.collect();
                self.model.set("allowed_tags", tags);
                self
            }
        })*
    };
}
allowed! { TagsInput String, ColorsInput Color, }

macro_rules! between {
    ($name:ident, $number:ty) => {
        impl $name {
            /// Sets the least and the largest number that the user may add.
            pub fn between(self, range: std::ops::RangeInclusive<$number>) -> Self {
                let (min, max) = (json!(range.start()), json!(range.end()));
                self.model.change(|_| vec![("min", min), ("max", max)]);
                self
            }
        }
    };
}
between!(IntsInput, i64);
between!(FloatsInput, f64);
