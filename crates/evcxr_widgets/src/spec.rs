//! What a widget model is made of: its names in ipywidgets 8 and its traits with their kinds.
//!
//! A kind knows the trait's first value and which values a page may put there. A page that sends
//! anything else (a stale script, a hand-made message) changes nothing.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use Kind::*;

/// One model of ipywidgets.
pub(crate) struct Spec {
    pub model: &'static str,
    pub view: &'static str,
    pub package: Package,
    /// The style model of a widget that has one.
    pub style: Option<&'static Spec>,
    /// Groups of traits.
    pub traits: &'static [&'static [Trait]],
}

pub(crate) type Trait = (&'static str, Kind);

/// Where the front end finds the model's and the view's class.
pub(crate) enum Package {
    /// `@jupyter-widgets/controls`: what people see and use.
    Controls,
    /// `@jupyter-widgets/output`.
    Output,
    /// Styles: a model of the controls, a view of the base.
    Style,
    /// `@jupyter-widgets/base`: the layout.
    Base,
}

/// The kind of a trait.
pub(crate) enum Kind {
    Text(&'static str),
    TextOrNull,
    Bool(bool),
    BoolOrNull,
    Int(i64),
    IntOrNull,
    /// The first is the default.
    OneOf(&'static [&'static str]),
    /// Number of one of the entries of another trait, a list; or null.
    IndexOf(&'static str),
    /// Numbers of some of the entries of another trait, a list; each once.
    IndicesOf(&'static str),
    /// Strings that only the program sets.
    Texts,
    /// Other widgets; only the program sets them.
    Widgets,
    /// Outputs as a notebook file has them.
    Outputs,
}

pub(crate) const LABELS: &str = "_options_labels";
pub(crate) const CHILDREN: &str = "children";

/// What everything visible has.
pub(crate) const DOM: &[Trait] =
    &[("_dom_classes", Texts), ("tabbable", BoolOrNull), ("tooltip", TextOrNull)];
/// What has a description beside it.
pub(crate) const DESCRIBED: &[Trait] =
    &[("description", Text("")), ("description_allow_html", Bool(false))];

impl Kind {
    fn default(&self) -> Value {
        match self {
            Text(text) => json!(text),
            Bool(value) => json!(value),
            Int(value) => json!(value),
            OneOf(names) => json!(names.first()),
            Texts | Widgets | Outputs | IndicesOf(_) => json!([]),
            TextOrNull | BoolOrNull | IntOrNull | IndexOf(_) => Value::Null,
        }
    }

    fn accepts(&self, value: &Value, state: &Map<String, Value>) -> bool {
        match self {
            Text(_) => value.is_string(),
            TextOrNull => value.is_string() || value.is_null(),
            Bool(_) => value.is_boolean(),
            BoolOrNull => value.is_boolean() || value.is_null(),
            Int(_) => value.is_i64(),
            IntOrNull => value.is_i64() || value.is_null(),
            OneOf(names) => value.as_str().is_some_and(|name| names.contains(&name)),
            IndexOf(list) => {
                let count = state.get(*list).and_then(Value::as_array).map_or(0, Vec::len);
                value.is_null() || value.as_u64().is_some_and(|index| index < count as u64)
            }
            IndicesOf(list) => value.as_array().is_some_and(|chosen| {
                let one = |index: &Value| IndexOf(list).accepts(index, state) && !index.is_null();
                let distinct: HashSet<_> = chosen.iter().filter_map(Value::as_u64).collect();
                chosen.iter().all(one) && distinct.len() == chosen.len()
            }),
            Outputs => value.is_array(),
            Texts | Widgets => false,
        }
    }
}

impl Spec {
    /// Whether a page may set the trait `name` to `value` now.
    pub(crate) fn accepts(&self, name: &str, value: &Value, state: &Map<String, Value>) -> bool {
        let mut traits = self.traits.iter().copied().flatten();
        traits.any(|(known, kind)| *known == name && kind.accepts(value, state))
    }

    /// The state of a new model, without its layout and style.
    pub(crate) fn defaults(&self) -> Map<String, Value> {
        const BASE: (&str, &str) = ("@jupyter-widgets/base", "2.0.0");
        const CONTROLS: (&str, &str) = ("@jupyter-widgets/controls", "2.0.0");
        const OUTPUT: (&str, &str) = ("@jupyter-widgets/output", "1.0.0");
        let (model, view) = match self.package {
            Package::Controls => (CONTROLS, CONTROLS),
            Package::Output => (OUTPUT, OUTPUT),
            Package::Style => (CONTROLS, BASE),
            Package::Base => (BASE, BASE),
        };
        let names = [
            ("_model_module", json!(model.0)),
            ("_model_module_version", json!(model.1)),
            ("_model_name", json!(self.model)),
            ("_view_count", Value::Null),
            ("_view_module", json!(view.0)),
            ("_view_module_version", json!(view.1)),
            ("_view_name", json!(self.view)),
        ];
        let traits = self.traits.iter().copied().flatten();
        let traits = traits.map(|(name, kind)| (*name, kind.default()));
        let all = names.into_iter().chain(traits);
        all.map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// Whether the model has a layout: all that is visible has one.
    pub(crate) fn has_layout(&self) -> bool {
        matches!(self.package, Package::Controls | Package::Output)
    }
}
