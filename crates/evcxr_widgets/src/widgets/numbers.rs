//! Numbers: sliders, fields, bars.

use std::ops::RangeInclusive;

use serde_json::{Value, json};

use crate::model::{Model, Topic};
use crate::widgets::models::{
    BOUNDED_FLOAT_TEXT, BOUNDED_INT_TEXT, FLOAT_LOG_SLIDER, FLOAT_PROGRESS, FLOAT_RANGE_SLIDER,
    FLOAT_SLIDER, FLOAT_TEXT, INT_RANGE_SLIDER, INT_SLIDER, INT_TEXT, PLAY,
};
use crate::widgets::{
    BoundedFloatText, BoundedIntText, FloatLogSlider, FloatProgress, FloatRangeSlider, FloatSlider,
    FloatText, IntRangeSlider, IntSlider, IntText, Play,
};

/// A number that traits hold.
trait Number: Copy + PartialOrd {
    fn read(value: &Value) -> Self;
    /// Itself, or 0 for what is no number.
    fn sane(self) -> Self;
}

impl Number for i64 {
    fn read(value: &Value) -> Self {
        value.as_i64().unwrap_or_default()
    }
    fn sane(self) -> Self {
        self
    }
}

impl Number for f64 {
    fn read(value: &Value) -> Self {
        value.as_f64().unwrap_or_default()
    }
    fn sane(self) -> Self {
        if self.is_finite() { self } else { 0.0 }
    }
}

/// The nearest number of a range.
fn nearest<N: Number>(value: N, range: &RangeInclusive<N>) -> N {
    let value = value.sane();
    match (value < *range.start(), value > *range.end()) {
        (true, _) => *range.start(),
        (_, true) => *range.end(),
        _ => value,
    }
}

/// With its ends in order.
fn ordered<N: Number>(range: RangeInclusive<N>) -> RangeInclusive<N> {
    let (start, end) = (range.start().sane(), range.end().sane());
    if start <= end { start..=end } else { end..=start }
}

fn range_of<N: Number>(model: &Model) -> RangeInclusive<N> {
    N::read(&model.get("min"))..=N::read(&model.get("max"))
}

/// One number in a range.
macro_rules! bounded {
    ($name:ident, $spec:ident, $number:ty) => {
        impl $name {
            /// Makes one from the least to the largest value; it begins at the least.
            pub fn new(range: RangeInclusive<$number>) -> Self {
                let widget = Self { model: Model::new(&$spec) };
                widget.set_range(range);
                let least = *widget.range().start();
                widget.set_value(least);
                widget
            }

            /// From the least to the largest value.
            pub fn range(&self) -> RangeInclusive<$number> {
                range_of(&self.model)
            }

            /// Sets the least and the largest value; a value outside of them becomes the nearer one. One update
            /// tells all.
            pub fn set_range(&self, range: RangeInclusive<$number>) {
                let range = ordered(range);
                let value = nearest(self.value(), &range);
                let (min, max) = (json!(range.start()), json!(range.end()));
                self.model.change(|_| vec![("min", min), ("max", max), ("value", json!(value))]);
            }
        }
        number!($name, $number, |widget: &$name, value: $number| nearest(value, &widget.range()));
    };
}

/// What all have that have one number.
macro_rules! number {
    ($name:ident, $number:ty, $fit:expr) => {
        impl $name {
            /// Its number.
            pub fn value(&self) -> $number {
                Number::read(&self.model.get("value"))
            }

            /// Sets its number; one outside of its range becomes the nearest in it.
            pub fn set_value(&self, value: $number) {
                let value: $number = $fit(self, value);
                self.model.set("value", value);
            }

            /// Sets its number from the beginning.
            pub fn with_value(self, value: $number) -> Self {
                self.set_value(value);
                self
            }

            /// Calls `handler` with the new and the old number when the user changes it.
            pub fn on_change(
                self,
                mut handler: impl FnMut($number, $number) + Send + 'static,
            ) -> Self {
                self.model.on(Topic::Trait("value".to_owned()), move |change| {
                    handler(Number::read(&change.new), Number::read(&change.old));
                });
                self
            }
        }
    };
}

/// A part of a range.
macro_rules! ranged {
    ($name:ident, $spec:ident, $number:ty, $quarter:expr) => {
        impl $name {
            /// Makes one from the least to the largest value; the middle half is chosen.
            pub fn new(range: RangeInclusive<$number>) -> Self {
                let widget = Self { model: Model::new(&$spec) };
                widget.set_range(range);
                let range = widget.range();
                let (low, high) = (*range.start(), *range.end());
                let quarter: $number = $quarter(low, high);
                widget.set_value(low + quarter..=high - quarter);
                widget
            }

            /// From the least to the largest value.
            pub fn range(&self) -> RangeInclusive<$number> {
                range_of(&self.model)
            }

            /// Sets the least and the largest value; what is chosen is cut to them. One update tells all.
            pub fn set_range(&self, range: RangeInclusive<$number>) {
                let range = ordered(range);
                let value = self.value();
                let value = json!([nearest(*value.start(), &range), nearest(*value.end(), &range)]);
                let (min, max) = (json!(range.start()), json!(range.end()));
                self.model.change(|_| vec![("min", min), ("max", max), ("value", value)]);
            }

            /// What is chosen.
            pub fn value(&self) -> RangeInclusive<$number> {
                let value = self.model.get("value");
                Number::read(&value[0])..=Number::read(&value[1])
            }

            /// Chooses a part of the range; what is outside of it is cut off.
            pub fn set_value(&self, value: RangeInclusive<$number>) {
                let (value, range) = (ordered(value), self.range());
                let ends = [nearest(*value.start(), &range), nearest(*value.end(), &range)];
                self.model.set("value", json!(ends));
            }

            /// Chooses a part of the range from the beginning.
            pub fn with_value(self, value: RangeInclusive<$number>) -> Self {
                self.set_value(value);
                self
            }

            /// Calls `handler` with what is chosen when the user changes it.
            pub fn on_change(
                self,
                mut handler: impl FnMut(RangeInclusive<$number>) + Send + 'static,
            ) -> Self {
                self.model.on(Topic::Trait("value".to_owned()), move |change| {
                    handler(Number::read(&change.new[0])..=Number::read(&change.new[1]));
                });
                self
            }
        }
    };
}

bounded!(IntSlider, INT_SLIDER, i64);
bounded!(BoundedIntText, BOUNDED_INT_TEXT, i64);
bounded!(Play, PLAY, i64);
bounded!(FloatSlider, FLOAT_SLIDER, f64);
bounded!(BoundedFloatText, BOUNDED_FLOAT_TEXT, f64);
bounded!(FloatProgress, FLOAT_PROGRESS, f64);
ranged!(IntRangeSlider, INT_RANGE_SLIDER, i64, |low: i64, high: i64| high.saturating_sub(low) / 4);
ranged!(FloatRangeSlider, FLOAT_RANGE_SLIDER, f64, |low: f64, high: f64| (high - low) / 4.0);
number!(IntText, i64, |_: &IntText, value: i64| value);
number!(FloatText, f64, |_: &FloatText, value: f64| value.sane());
number!(FloatLogSlider, f64, |widget: &FloatLogSlider, value: f64| {
    let (base, exponents): (f64, _) = (Number::read(&widget.model.get("base")), widget.exponents());
    nearest(value, &ordered(base.powf(*exponents.start())..=base.powf(*exponents.end())))
});

impl IntText {
    /// Makes a field with this number in it.
    pub fn new(value: i64) -> Self {
        Self { model: Model::new(&INT_TEXT) }.with_value(value)
    }
}

impl FloatText {
    /// Makes a field with this number in it.
    pub fn new(value: f64) -> Self {
        Self { model: Model::new(&FLOAT_TEXT) }.with_value(value)
    }
}

impl FloatLogSlider {
    /// Makes one from `base` to the power of the least exponent to that of the largest; it begins at the least.
    pub fn new(base: f64, exponents: RangeInclusive<f64>) -> Self {
        let widget = Self { model: Model::new(&FLOAT_LOG_SLIDER) };
        let exponents = ordered(exponents);
        let base = if base.is_finite() && base > 0.0 { base } else { 10.0 };
        let value = base.powf(*exponents.start()).sane();
        let (min, max) = (json!(exponents.start()), json!(exponents.end()));
        widget.model.change(|_| {
            vec![("base", json!(base)), ("min", min), ("max", max), ("value", json!(value))]
        });
        widget
    }

    /// The least and the largest exponent.
    pub fn exponents(&self) -> RangeInclusive<f64> {
        range_of(&self.model)
    }
}
