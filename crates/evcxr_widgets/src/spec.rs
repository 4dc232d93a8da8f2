//! What a widget model is made of: its names in ipywidgets 8 and its traits with their kinds.
//!
//! A kind knows the trait's first value and which values a page may put there. A page that sends
//! anything else (a stale script, a hand-made message) changes nothing.

use std::collections::HashSet;

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use crate::widgets::is_color;

use Kind::*;

/// One model of ipywidgets.
pub(crate) struct Spec {
    /// Module, version and name of the class of the model, where the front end finds it.
    pub model: (&'static str, &'static str, &'static str),
    /// Of its view; some models cannot be seen.
    pub view: (&'static str, &'static str, Option<&'static str>),
    /// Whether it has a layout.
    pub has_layout: bool,
    /// The style model of a widget that has one.
    pub style: Option<&'static Spec>,
    pub traits: &'static [(&'static str, Kind)],
}

/// The kind of a trait.
pub(crate) enum Kind {
    Text(&'static str),
    TextOrNull,
    Color(&'static str),
    ColorOrNull,
    Bool(bool),
    BoolOrNull,
    Int(i64),
    IntOrNull(Option<i64>),
    Float(f64),
    FloatOrNull(Option<f64>),
    /// The first value, and all.
    OneOf(&'static str, &'static [&'static str]),
    OneOfOrNull(Option<&'static str>, &'static [&'static str]),
    /// Number of one of the entries of another trait, a list; or null.
    IndexOf(&'static str),
    /// Numbers of some of the entries of another trait, a list; each once.
    IndicesOf(&'static str),
    /// Numbers of two of them, the lower first.
    IndexPairOf(&'static str),
    /// Two numbers, the lower first.
    IntPair(i64, i64),
    FloatPair(f64, f64),
    /// Lists that a reader fills.
    Words,
    Colors,
    Ints,
    Floats,
    /// `{year, month (from 0), date}`.
    DateOrNull,
    /// `{hours, minutes, seconds, milliseconds}`.
    TimeOrNull,
    /// Both.
    DatetimeOrNull,
    /// A number, or `"any"`.
    Step(f64),
    WholeStep(i64),
    /// Travels outside of the state.
    Bytes,
    /// Files that a reader chose; what is in them travels outside.
    Files,
    /// Strings that only the program sets.
    Texts,
    /// Other widgets; only the program sets them.
    Widgets,
    /// Other widgets; a page makes them and says which.
    PageWidgets,
    /// A widget and the name of its trait; only the program sets it.
    End,
    /// Outputs as a notebook file has them.
    Outputs,
}

pub(crate) const LABELS: &str = "_options_labels";
/// Begins the name of a model in a state.
pub(crate) const REFERENCE: &str = "IPY_MODEL_";
pub(crate) const CHILDREN: &str = "children";

/// The most entries of a list that a page may send.
const MANY: usize = 100_000;

impl Kind {
    /// `None` of what is not in the state.
    fn default(&self) -> Option<Value> {
        Some(match self {
            Text(text) | Color(text) => json!(text),
            Bool(value) => json!(value),
            Int(value) | WholeStep(value) => json!(value),
            Float(value) | Step(value) => json!(value),
            OneOf(value, _) => json!(value),
            IntPair(low, high) => json!([low, high]),
            FloatPair(low, high) => json!([low, high]),
            Texts | Widgets | PageWidgets | Outputs | Words | Colors | Ints | Floats | Files
            | IndicesOf(_) => json!([]),
            // As long as there are no entries.
            IndexPairOf(_) => json!([0, 0]),
            IntOrNull(value) => json!(value),
            FloatOrNull(value) => json!(value),
            OneOfOrNull(value, _) => json!(value),
            TextOrNull | ColorOrNull | BoolOrNull | IndexOf(_) | DateOrNull | TimeOrNull
            | DatetimeOrNull | End => Value::Null,
            Bytes => return None,
        })
    }

    fn accepts(&self, value: &Value, state: &Map<String, Value>) -> bool {
        let each = |is: &dyn Fn(&Value) -> bool| {
            value.as_array().is_some_and(|list| list.len() <= MANY && list.iter().all(is))
        };
        let pair = |is: &dyn Fn(&Value) -> bool| {
            let both: Option<&[Value; 2]> =
                value.as_array().and_then(|list| list.as_slice().try_into().ok());
            both.is_some_and(|[low, high]| is(low) && is(high) && low.as_f64() <= high.as_f64())
        };
        match self {
            Text(_) => value.is_string(),
            TextOrNull => value.is_string() || value.is_null(),
            Color(_) => value.as_str().is_some_and(is_color),
            ColorOrNull => value.is_null() || value.as_str().is_some_and(is_color),
            Bool(_) => value.is_boolean(),
            BoolOrNull => value.is_boolean() || value.is_null(),
            Int(_) => value.is_i64() && within(value, state),
            IntOrNull(_) => value.is_i64() || value.is_null(),
            Float(_) => value.is_number() && within(value, state),
            FloatOrNull(_) => value.is_number() || value.is_null(),
            OneOf(_, names) => value.as_str().is_some_and(|name| names.contains(&name)),
            OneOfOrNull(_, names) => {
                value.is_null() || value.as_str().is_some_and(|name| names.contains(&name))
            }
            IndexOf(list) => value.is_null() || is_index(value, list, state),
            IndicesOf(list) => {
                let distinct = |chosen: &Vec<Value>| {
                    let numbers = chosen.iter().filter_map(Value::as_u64);
                    numbers.collect::<HashSet<_>>().len() == chosen.len()
                };
                each(&|one| is_index(one, list, state)) && value.as_array().is_some_and(distinct)
            }
            IndexPairOf(list) => pair(&|one| is_index(one, list, state)),
            IntPair(..) => pair(&|one| one.is_i64() && within(one, state)),
            FloatPair(..) => pair(&|one| one.is_number() && within(one, state)),
            Words => each(&Value::is_string),
            Colors => each(&|one| one.as_str().is_some_and(is_color)),
            Ints => each(&|one| one.is_i64() && within(one, state)),
            Floats => each(&|one| one.is_number() && within(one, state)),
            DateOrNull => value.is_null() || is_date(value),
            TimeOrNull => value.is_null() || is_time(value),
            DatetimeOrNull => value.is_null() || (is_date(value) && is_time(value)),
            Step(_) => value.is_number() || value == "any",
            WholeStep(_) => value.is_i64() || value == "any",
            Files => each(&|file| file["name"].is_string() && file["content"].is_string()),
            PageWidgets => each(&|one| one.as_str().is_some_and(|id| id.starts_with(REFERENCE))),
            Outputs => value.is_array(),
            Texts | Widgets | End | Bytes => false,
        }
    }
}

/// Not below `min` and not above `max`, where there are such.
fn within(value: &Value, state: &Map<String, Value>) -> bool {
    let number = |name: &str| state.get(name).and_then(Value::as_f64);
    // Those of a logarithmic slider are exponents, which pages round.
    let bound = |name: &str| match (number(name), number("base")) {
        (Some(exponent), Some(base)) => Some((base.powf(exponent), 1e-9)),
        (bound, _) => bound.map(|bound| (bound, 0.0)),
    };
    let value = value.as_f64().unwrap_or(f64::NAN);
    bound("min").is_none_or(|(min, off)| value >= min - min.abs() * off)
        && bound("max").is_none_or(|(max, off)| value <= max + max.abs() * off)
}

fn is_index(value: &Value, list: &str, state: &Map<String, Value>) -> bool {
    let count = state.get(list).and_then(Value::as_array).map_or(0, Vec::len);
    value.as_u64().is_some_and(|index| index < count as u64)
}

fn is_date(value: &Value) -> bool {
    let part = |name: &str| value[name].as_i64();
    let date = part("year").zip(part("month")).zip(part("date"));
    date.is_some_and(|((year, month), day)| {
        let (year, month) = (i32::try_from(year), u32::try_from(month.saturating_add(1)));
        let day = u32::try_from(day).unwrap_or(0);
        year.is_ok_and(|year| NaiveDate::from_ymd_opt(year, month.unwrap_or(0), day).is_some())
    })
}

fn is_time(value: &Value) -> bool {
    [("hours", 24), ("minutes", 60), ("seconds", 60), ("milliseconds", 1000)]
        .iter()
        .all(|(name, below)| value[*name].as_i64().is_some_and(|part| (0..*below).contains(&part)))
}

impl Spec {
    /// Whether a page may set the trait `name` to `value` now.
    pub(crate) fn accepts(&self, name: &str, value: &Value, state: &Map<String, Value>) -> bool {
        let mut traits = self.traits.iter();
        // Bounds bind the value alone.
        let none = Map::new();
        let bounds = |kind: &Kind| name == "value" || !matches!(kind, Int(_) | Float(_));
        traits.any(|(known, kind)| {
            *known == name && kind.accepts(value, if bounds(kind) { state } else { &none })
        })
    }

    /// The state of a new model, without its layout and style.
    pub(crate) fn defaults(&self) -> Map<String, Value> {
        let names = [
            ("_model_module", json!(self.model.0)),
            ("_model_module_version", json!(self.model.1)),
            ("_model_name", json!(self.model.2)),
            ("_view_count", Value::Null),
            ("_view_module", json!(self.view.0)),
            ("_view_module_version", json!(self.view.1)),
            ("_view_name", json!(self.view.2)),
        ];
        let traits = self.traits.iter().filter_map(|(name, kind)| Some((*name, kind.default()?)));
        let all = names.into_iter().chain(traits);
        all.map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// The traits that travel outside of the state.
    pub(crate) fn bytes(&self) -> impl Iterator<Item = &'static str> {
        let bytes = self.traits.iter().filter(|(_, kind)| matches!(kind, Bytes));
        bytes.map(|(name, _)| *name)
    }
}
