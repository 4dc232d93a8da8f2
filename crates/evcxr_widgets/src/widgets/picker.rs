//! Days, times, colours, passwords.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use serde_json::{Map, Value, json};

use crate::model::{Model, Topic};
use crate::widgets::models::{
    COLOR_PICKER, DATE_PICKER, DATETIME_PICKER, NAIVE_DATETIME_PICKER, PASSWORD, TIME_PICKER,
};
use crate::widgets::{
    Color, ColorPicker, DatePicker, DatetimePicker, NaiveDatetimePicker, Password, TimePicker,
};

/// What a picker holds, as ipywidgets writes it.
trait Picked: Sized {
    fn read(value: &Value) -> Option<Self>;
    fn write(&self) -> Value;
}

fn part(value: &Value, name: &str) -> Option<u32> {
    value[name].as_u64().and_then(|part| u32::try_from(part).ok())
}

impl Picked for NaiveDate {
    fn read(value: &Value) -> Option<Self> {
        let year = i32::try_from(value["year"].as_i64()?).ok()?;
        // Months count from 0 there.
        Self::from_ymd_opt(year, part(value, "month")?.checked_add(1)?, part(value, "date")?)
    }

    fn write(&self) -> Value {
        json!({ "year": self.year(), "month": self.month0(), "date": self.day() })
    }
}

impl Picked for NaiveTime {
    fn read(value: &Value) -> Option<Self> {
        let [hours, minutes, seconds, milliseconds] =
            ["hours", "minutes", "seconds", "milliseconds"].map(|name| part(value, name));
        Self::from_hms_milli_opt(hours?, minutes?, seconds?, milliseconds?)
    }

    fn write(&self) -> Value {
        json!({
            "hours": self.hour(),
            "minutes": self.minute(),
            "seconds": self.second(),
            "milliseconds": self.nanosecond() / 1_000_000 % 1000,
        })
    }
}

impl Picked for NaiveDateTime {
    fn read(value: &Value) -> Option<Self> {
        Some(NaiveDate::read(value)?.and_time(NaiveTime::read(value)?))
    }

    fn write(&self) -> Value {
        let mut parts = Map::new();
        for half in [self.date().write(), self.time().write()] {
            if let Value::Object(half) = half {
                parts.extend(half);
            }
        }
        Value::Object(parts)
    }
}

impl Picked for DateTime<Utc> {
    fn read(value: &Value) -> Option<Self> {
        NaiveDateTime::read(value).map(|moment| moment.and_utc())
    }

    fn write(&self) -> Value {
        self.naive_utc().write()
    }
}

macro_rules! picker {
    ($name:ident, $spec:ident, $type:ty) => {
        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl $name {
            /// Makes an empty one.
            pub fn new() -> Self {
                Self { model: Model::new(&$spec) }
            }

            /// What was picked.
            pub fn value(&self) -> Option<$type> {
                Picked::read(&self.model.get("value"))
            }

            /// Picks, or empties it. Times are told to the millisecond.
            pub fn set_value(&self, value: Option<$type>) {
                self.model.set("value", value.map(|value| value.write()));
            }

            /// Picks from the beginning.
            pub fn with_value(self, value: $type) -> Self {
                self.set_value(Some(value));
                self
            }

            /// Sets the first and the last that the user may pick.
            pub fn between(self, first: Option<$type>, last: Option<$type>) -> Self {
                let [min, max] = [first, last].map(|end| end.map(|end| end.write()));
                self.model.change(|_| vec![("min", min.into()), ("max", max.into())]);
                self
            }

            /// Calls `handler` with what was picked when the user picks or empties it.
            pub fn on_change(
                self,
                mut handler: impl FnMut(Option<$type>) + Send + 'static,
            ) -> Self {
                self.model.on(Topic::Trait("value".to_owned()), move |change| {
                    handler(Picked::read(&change.new));
                });
                self
            }
        }
    };
}
picker!(DatePicker, DATE_PICKER, NaiveDate);
picker!(TimePicker, TIME_PICKER, NaiveTime);
picker!(DatetimePicker, DATETIME_PICKER, DateTime<Utc>);
picker!(NaiveDatetimePicker, NAIVE_DATETIME_PICKER, NaiveDateTime);

impl ColorPicker {
    /// Makes one with this colour.
    pub fn new(value: impl Into<Color>) -> Self {
        let widget = Self { model: Model::new(&COLOR_PICKER) };
        widget.set_value(value);
        widget
    }

    /// The colour.
    pub fn value(&self) -> Color {
        // No other text is taken.
        self.model.text("value").parse().unwrap_or(Color::BLACK)
    }

    /// Chooses another one.
    pub fn set_value(&self, value: impl Into<Color>) {
        self.model.set("value", value.into());
    }

    /// Calls `handler` with the colour when the user chooses another one.
    pub fn on_change(self, mut handler: impl FnMut(Color) + Send + 'static) -> Self {
        self.model.on(Topic::Trait("value".to_owned()), move |change| {
            if let Some(color) = change.new.as_str().and_then(|text| text.parse().ok()) {
                handler(color);
            }
        });
        self
    }
}

impl Password {
    /// Makes one with this in it.
    pub fn new(value: impl Into<String>) -> Self {
        let widget = Self { model: Model::new(&PASSWORD) };
        widget.set_value(value);
        widget
    }

    /// What is in it.
    pub fn value(&self) -> String {
        self.model.text("value")
    }

    /// Replaces what is in it.
    pub fn set_value(&self, value: impl Into<String>) {
        self.model.set("value", value.into());
    }

    /// Calls `handler` with what is in it when the user changes it.
    pub fn on_change(self, mut handler: impl FnMut(&str) + Send + 'static) -> Self {
        self.model.on(Topic::Trait("value".to_owned()), move |change| {
            handler(change.new.as_str().unwrap_or_default());
        });
        self
    }
}
