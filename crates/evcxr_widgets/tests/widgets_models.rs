//! All models of ipywidgets: what a new one sends is what ipywidgets sends, key by key; and what the typed ones
//! take and refuse.
#![cfg(unix)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{NaiveDate, NaiveTime};
use common::{Kernel, comm, name_references, of_type, serve};
use evcxr_widgets::*;
use serde_json::{Value, json};

/// One of each model; those that cannot be without others, with these.
#[test]
#[ignore = "runs in a child process"]
fn scenario_all_models() {
    for name in Model::names() {
        match name {
            "SelectionSliderModel" => SelectionSlider::new(["a", "b"]).show(),
            "SelectionRangeSliderModel" => SelectionRangeSlider::new(["a", "b"]).show(),
            "LinkModel" => {
                let (one, other) = (IntSlider::new(0..=100), IntSlider::new(0..=100));
                jslink((&one, "value"), (&other, "value"));
            }
            "DirectionalLinkModel" => {
                let (one, other) = (IntSlider::new(0..=100), IntSlider::new(0..=100));
                jsdlink((&one, "value"), (&other, "value"));
            }
            name => display::widget(&Model::of(name).expect("a model of its list")),
        }
    }
    println!("shown");
}

#[test]
fn every_model_begins_as_in_ipywidgets() {
    let recorded: BTreeMap<String, Value> =
        serde_json::from_str(include_str!("data/models.json")).expect("JSON");
    let messages = Kernel::start("scenario_all_models").until_text("shown");
    let (mut names, mut seen) = (BTreeMap::new(), BTreeSet::new());
    for open in of_type(&messages, "comm_open") {
        let mut state = open["data"]["state"].clone();
        let name = state["_model_name"].as_str().expect("a name").to_owned();
        for value in state.as_object_mut().expect("an object").values_mut() {
            name_references(value, &names);
        }
        names.insert(open["comm_id"].as_str().expect("an id").to_owned(), name.clone());
        let expected = &recorded[&name];
        assert_eq!(state, expected["state"], "{name}");
        assert_eq!(open["data"]["buffer_paths"], expected["buffer_paths"], "{name}");
        let buffers = open["buffers"].as_array().map_or(0, Vec::len);
        assert_eq!(Some(buffers), expected["buffer_paths"].as_array().map(Vec::len), "{name}");
        seen.insert(name);
    }
    let all: BTreeSet<String> = recorded.into_keys().filter(|name| name != "_source").collect();
    assert_eq!((seen.len(), seen), (69, all));
}

#[test]
fn numbers_stay_in_their_range() {
    let slider = IntSlider::new(0..=10).with_value(99);
    assert_eq!(slider.value(), 10);
    slider.set_range(RangeInclusive::new(20, 15));
    assert_eq!((slider.range(), slider.value()), (15..=20, 15));
    let float = FloatSlider::new(-1.0..=1.0).with_value(f64::NAN);
    assert_eq!(float.value(), 0.0);
    float.set_range(f64::NEG_INFINITY..=5.0);
    assert_eq!(float.range(), 0.0..=5.0);
    let range = IntRangeSlider::new(0..=100);
    assert_eq!(range.value(), 25..=75);
    range.set_value(RangeInclusive::new(90, -10));
    assert_eq!(range.value(), 0..=90);
    range.set_range(0..=50);
    assert_eq!(range.value(), 0..=50);
    assert_eq!(IntRangeSlider::new(i64::MIN..=i64::MAX).range(), i64::MIN..=i64::MAX);
    let log = FloatLogSlider::new(10.0, -2.0..=3.0).with_value(1e9);
    assert_eq!(log.value(), 1000.0);
    assert_eq!(IntText::new(i64::MIN).value(), i64::MIN);
    assert_eq!(FloatText::new(f64::INFINITY).value(), 0.0);
}

#[test]
fn values_go_in_and_come_out() {
    assert!(Checkbox::new("ok").with_value(true).value());
    assert!(!ToggleButton::new("on").value());
    assert_eq!(RadioButtons::new(["a", "b"]).with_index(Some(1)).value().as_deref(), Some("b"));
    assert_eq!(SelectionSlider::new(["a", "b"]).value().as_deref(), Some("a"));
    let part = SelectionRangeSlider::new(["a", "b", "c"]);
    part.set_indices(2, 1);
    part.set_indices(0, 3);
    assert_eq!(part.value(), Some(("b".to_owned(), "c".to_owned())));
    assert_eq!(SelectionRangeSlider::new([""; 0]).value(), None);
    let day = NaiveDate::from_ymd_opt(2024, 2, 29).expect("a day");
    let time = NaiveTime::from_hms_milli_opt(23, 59, 58, 7).expect("a time");
    assert_eq!(DatePicker::new().with_value(day).value(), Some(day));
    assert_eq!(TimePicker::new().with_value(time).value(), Some(time));
    let moment = day.and_time(time);
    assert_eq!(NaiveDatetimePicker::new().with_value(moment).value(), Some(moment));
    assert_eq!(DatetimePicker::new().with_value(moment.and_utc()).value(), Some(moment.and_utc()));
    assert_eq!(TagsInput::new(["a", "b"]).value(), ["a", "b"]);
    assert_eq!(IntsInput::new([3, -1]).value(), [3, -1]);
    assert_eq!(Image::new(b"\x89PNG\0").value(), b"\x89PNG\0");
    assert_eq!(Tab::new(["one", "two"], [&Label::new("1"), &Label::new("2")]).selected(), Some(0));
    assert_eq!(String::from(AlignItems::FlexStart), "flex-start");
    Layout::new().align_items(AlignItems::FlexStart).width("50%");
}

#[test]
fn traits_are_set_by_name_as_a_page_sets_them() {
    let slider = IntSlider::new(0..=10);
    // Model, trait, value, whether it takes it.
    let cases = [
        ("value", json!(5), true),
        ("value", json!(11), false),
        ("value", json!("5"), false),
        ("max", json!(1000), true),
        ("orientation", json!("vertical"), true),
        ("orientation", json!("sideways"), false),
        ("children", json!([]), false),
        ("_dom_classes", json!(["x"]), false),
        ("nothing", json!(1), false),
    ];
    for (name, value, taken) in cases {
        assert_eq!(slider.model().set_trait(name, &value), taken, "{name} {value}");
    }
    let picker = DatePicker::new();
    for (value, taken) in [
        (json!({ "year": 2024, "month": 1, "date": 29 }), true),
        (json!({ "year": 2023, "month": 1, "date": 29 }), false),
        (json!({ "year": 2023, "month": 12, "date": 1 }), false),
        (json!({ "year": 1e300, "month": 0, "date": 1 }), false),
        (json!("2024-02-29"), false),
        (Value::Null, true),
    ] {
        assert_eq!(picker.model().set_trait("value", &value), taken, "{value}");
    }
    assert!(Model::of("NoSuchModel").is_none());
}

#[test]
fn linked_traits_begin_alike() {
    let (one, other) = (IntSlider::new(0..=10).with_value(7), IntText::new(0));
    link((&one, "value"), (&other, "value"));
    assert_eq!(other.value(), 7);
}

#[test]
#[ignore = "runs in a child process"]
fn scenario_progress() {
    let sum: usize = progress(0..1000).description("Adding").sum();
    for number in progress(["a", "b", "c"]) {
        if number == "b" {
            break;
        }
    }
    println!("done {sum}");
}

#[test]
fn a_loop_shows_how_far_it_is() {
    let heard = Kernel::start("scenario_progress").until_text("done 499500");
    let labels = of_type(&heard, "comm_msg");
    let last: BTreeMap<&str, Value> = labels
        .iter()
        .flat_map(|m| {
            let state = m["data"]["state"].as_object();
            state
                .into_iter()
                .flatten()
                .map(|(k, v)| (m["comm_id"].as_str().unwrap_or_default(), k, v))
        })
        .filter(|(_, name, _)| *name == "value" || *name == "bar_style")
        .fold(BTreeMap::new(), |mut last, (comm, name, value)| {
            let of: &mut Value = last.entry(comm).or_insert_with(|| json!({}));
            of[name] = value.clone();
            last
        });
    let ends: Vec<&Value> = last.values().collect();
    let has = |end: Value| ends.iter().any(|seen| **seen == end);
    assert!(has(json!({ "value": 1.0, "bar_style": "success" })), "{ends:?}");
    let line = |begin: &str| {
        ends.iter().any(|seen| seen["value"].as_str().is_some_and(|text| text.starts_with(begin)))
    };
    assert!(line("1,000 of 1,000 · "), "{ends:?}");
    assert!(line("2 of 3 · "), "left early: {ends:?}");
    assert!(ends.iter().any(|seen| seen["bar_style"] == "warning"), "{ends:?}");
    assert!(heard.len() < 60, "a thousand items are not a thousand messages");
}

#[test]
#[ignore = "runs in a child process"]
fn scenario_bytes() {
    let picture = Image::new(b"one").format("png");
    let (slider, field) = (IntSlider::new(0..=10), IntText::new(0));
    let linked = link((&slider, "value"), (&field, "value"));
    let upload = FileUpload::new().multiple(true).on_change(move |files| {
        for file in files {
            display::text(format!("{} {} {:?}", file.name, file.kind, file.content));
        }
    });
    VBox::new((&picture, &upload, &slider, &field)).show();
    picture.set_value(b"two");
    picture.set_value(b"two");
    let told = field.clone();
    let slider = slider.on_change(move |new, old| {
        display::text(format!("{old} to {new}, field {}", told.value()))
    });
    println!("ready");
    serve();
    drop((slider, linked));
}

#[test]
fn bytes_travel_beside_the_messages_both_ways() {
    let mut kernel = Kernel::start("scenario_bytes");
    let heard = kernel.until_text("ready");
    let picture = comm(&heard, "ImageModel");
    let opened = of_type(&heard, "comm_open");
    let opened = opened.iter().find(|open| open["comm_id"] == picture.as_str()).expect("opened");
    assert_eq!(opened["buffers"], json!([BASE64.encode("one")]));
    let updates = of_type(&heard, "comm_msg");
    let updates: Vec<_> = updates.iter().map(|m| (&m["data"], &m["buffers"])).collect();
    let update = json!({ "method": "update", "state": {}, "buffer_paths": [["value"]] });
    assert_eq!(updates, [(&update, &json!([BASE64.encode("two")]))], "once");

    let upload = comm(&heard, "FileUploadModel");
    let file =
        |name: &str| json!({ "name": name, "type": "text/plain", "size": 3, "last_modified": 1 });
    let chosen = json!({
        "method": "update",
        "state": { "value": [file("a.txt"), file("b.txt")] },
        "buffer_paths": [["value", 0, "content"], ["value", 1, "content"], ["value", 9, "content"], ["x"], []],
    });
    let buffers = json!([BASE64.encode("\0\u{1}"), BASE64.encode("b"), "", "", ""]);
    kernel.event(json!({ "type": "comm_msg", "comm_id": upload, "data": chosen, "buffers": buffers, "token": 1 }));
    let shown = |messages: &[Value]| -> Vec<Value> {
        of_type(messages, "display_data").iter().map(|m| m["data"]["text/plain"].clone()).collect()
    };
    let told = shown(&kernel.until_handled(1));
    assert_eq!(told, ["a.txt text/plain [0, 1]", "b.txt text/plain [98]"]);

    let slider = comm(&heard, "IntSliderModel");
    let moved = |value: Value| json!({ "method": "update", "state": { "value": value }, "buffer_paths": [] });
    for (token, value) in [(2, json!(99)), (3, json!("x")), (4, json!(4))] {
        let moved = moved(value);
        kernel
            .event(json!({ "type": "comm_msg", "comm_id": slider, "data": moved, "token": token }));
    }
    assert_eq!(shown(&kernel.until_handled(4)), ["0 to 4, field 4"]);
}
