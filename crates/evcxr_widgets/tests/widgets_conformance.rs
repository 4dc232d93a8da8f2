//! What the library sends for a new widget is what ipywidgets sends, key by key.
#![cfg(unix)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{Kernel, name_references, of_type};
use evcxr_widgets::*;
use serde_json::Value;

/// The widgets as they were made when the reference was recorded.
#[test]
#[ignore = "runs in a child process"]
fn scenario_all_widgets() {
    Select::new(["alpha", "beta", "gamma"]).description("Pick").show();
    Dropdown::new(["a", "b"]).show();
    SelectMultiple::new(["a", "b"]).show();
    Combobox::new(["a"]).show();
    Button::new("Run it").show();
    Text::new("hi").description("T").show();
    Textarea::new("a\nb").show();
    Html::new("<b>x</b>").show();
    Label::new("x").show();
    IntProgress::new(3).show();
    Output::new().show();
    let (html, other, button) = (Html::new("one"), Html::new("two"), Button::new("b"));
    VBox::new((&html, &button)).show();
    HBox::new((&html, &button)).show();
    Accordion::new(["First", "Second"], [&html, &other]).show();
    println!("shown");
}

#[test]
fn widgets_state_is_that_of_ipywidgets() {
    let reference = include_str!("data/ipywidgets-8.1.9.json");
    let mut reference: BTreeMap<String, Value> = serde_json::from_str(reference).expect("JSON");
    reference.remove("_source");

    let messages = Kernel::start("scenario_all_widgets").until_text("shown");
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for open in of_type(&messages, "comm_open") {
        assert_eq!(open["target_name"], "jupyter.widget");
        assert_eq!(open["metadata"]["version"], "2.1.0");
        assert_eq!(open["data"]["buffer_paths"], serde_json::json!([]));
        let mut state = open["data"]["state"].clone();
        let name = state["_model_name"].as_str().expect("a name").to_owned();
        for value in state.as_object_mut().expect("an object").values_mut() {
            name_references(value, &names);
        }
        names.insert(open["comm_id"].as_str().expect("an id").to_owned(), name.clone());
        let mut expected = reference[&name].clone();
        // The boxes were recorded with other children than ours.
        if let Some(children) = expected.get_mut("children") {
            *children = state["children"].clone();
            assert_eq!(children.as_array().map(Vec::len), Some(2));
        }
        let first = seen.insert(name.clone());
        let filled = ["HTMLModel", "ButtonModel"].contains(&name.as_str()) && !first;
        if !filled {
            assert_eq!(sorted(&state), sorted(&expected), "{name}");
        }
    }
    let all: BTreeSet<String> = reference.into_keys().collect();
    assert_eq!(seen, all, "a model was not sent");
}

fn sorted(state: &Value) -> BTreeMap<String, Value> {
    serde_json::from_value(state.clone()).expect("an object")
}
