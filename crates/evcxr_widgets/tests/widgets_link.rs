//! A user process and a kernel: what is sent, in which order, and what the events do.
#![cfg(unix)]

mod common;

use std::sync::mpsc::channel;
use std::time::Duration;

use common::{Kernel, comm, of_type, serve};
use evcxr_widgets::*;
use serde_json::{Value, json};

const HOSTILE: &str =
    "<script>\"'&\u{1e}\n\r\nEVCXR_END_CONTENT\nEVCXR_EXECUTION_COMPLETE\u{2028}\u{0}ü🦀";

#[test]
#[ignore = "runs in a child process"]
fn scenario_output() {
    print!("before ");
    display::html(HOSTILE);
    println!("between");
    let place = display::slot();
    place.update_html("<i>later</i>");
    display::mime([("text/html", json!("<b>4</b>")), ("application/json", json!({ "n": 4 }))]);
    display::svg("<svg viewBox='0 0 1 1'/>");
    display::clear_output(true);
    println!("done");
}

#[test]
fn widgets_output_keeps_its_order_and_its_bytes() {
    let heard = Kernel::start("scenario_output").until_text("done");
    let start = heard.iter().position(|m| m["data"]["text/html"] == HOSTILE);
    let heard = &heard[start.expect("the hostile string, unchanged") - 1..];
    assert!(heard[0]["text"].as_str().is_some_and(|text| text.ends_with("before ")));
    let types: Vec<_> = heard[1..].iter().map(|m| m["type"].as_str().unwrap_or("")).collect();
    let expected = [
        "display_data",
        "plain",
        "display_data",
        "update_display_data",
        "display_data",
        "display_data",
        "clear_output",
        "plain",
    ];
    assert_eq!(types, expected);
    let (slot, update) = (&heard[3], &heard[4]);
    assert_eq!(slot["data"], json!({}));
    assert_eq!(slot["display_id"], update["display_id"]);
    assert_eq!(update["data"], json!({ "text/html": "<i>later</i>" }));
    assert!(update["display_id"].as_str().is_some_and(|id| id.len() >= 32));
    assert_eq!(heard[5]["data"]["application/json"], json!({ "n": 4 }));
    let figure = heard[6]["data"]["text/html"].as_str().unwrap_or("");
    assert!(figure.contains(r#"src="data:image/svg+xml;base64,"#), "{figure}");
    assert_eq!(heard[7]["wait"], true);
    assert!(heard.iter().all(|m| m.get("parent").is_none() && m.get("metadata").is_none_or(|m| *m == json!({}))));
}

#[test]
#[ignore = "runs in a child process"]
fn scenario_set_from_rust() {
    let list = Select::new(["a", "b"]).rows(8);
    let bar = IntProgress::new(10);
    let panel = VBox::new((&list,)).fallback("Run <this> cell.");
    println!("made");
    panel.show();
    list.set_value("a"); // is chosen already
    list.set_value("nobody");
    list.set_index(Some(99));
    list.set_options(["a", "b"]); // are there already
    list.set_options([HOSTILE, "y"]);
    list.set_index(Some(1));
    panel.set_children((&list, &bar));
    bar.set_value(99);
    bar.close();
    bar.set_value(5);
    close_all();
    println!("done");
}

#[test]
fn widgets_set_from_rust_send_only_what_changed() {
    let kernel = Kernel::start("scenario_set_from_rust");
    let quiet = kernel.until_text("made");
    assert!(of_type(&quiet, "comm_open").is_empty(), "a comm before the widget is shown");
    let heard = kernel.until_text("done");
    let (list, bar) = (comm(&heard, "SelectModel"), comm(&heard, "IntProgressModel"));
    let panel = comm(&heard, "VBoxModel");

    let opened = of_type(&heard, "comm_open");
    let select = opened.iter().find(|m| m["comm_id"] == list.as_str());
    assert_eq!(select.map(|m| &m["data"]["state"]["rows"]), Some(&json!(8)));

    let view = of_type(&heard, "display_data")[0];
    let bundle = &view["data"];
    assert_eq!(bundle["text/plain"], "Run <this> cell.");
    assert_eq!(bundle["text/html"], "<p>Run &lt;this&gt; cell.</p>");
    assert_eq!(
        bundle["application/vnd.jupyter.widget-view+json"],
        json!({ "version_major": 2, "version_minor": 0, "model_id": panel })
    );

    let updates = of_type(&heard, "comm_msg");
    let updates: Vec<(&Value, &Value)> =
        updates.iter().map(|m| (&m["comm_id"], &m["data"]["state"])).collect();
    let children = json!([format!("IPY_MODEL_{list}"), format!("IPY_MODEL_{bar}")]);
    let expected = [
        (json!(list), json!({ "_options_labels": [HOSTILE, "y"], "index": 0 })),
        (json!(list), json!({ "index": 1 })),
        (json!(panel), json!({ "children": children })),
        (json!(bar), json!({ "value": 10 })),
    ];
    assert_eq!(updates, expected.iter().map(|(id, state)| (id, state)).collect::<Vec<_>>());
    let named = heard.iter().position(|m| m["data"]["state"]["children"] == children);
    let bar_opened =
        heard.iter().position(|m| m["type"] == "comm_open" && m["comm_id"] == bar.as_str());
    assert!(bar_opened < named, "a child is opened before it is named");

    let closed = of_type(&heard, "comm_close");
    assert!(closed.iter().all(|m| m["data"] == json!({})));
    assert_eq!(closed.len(), opened.len(), "each comm is closed once");
}

#[test]
#[ignore = "runs in a child process"]
fn scenario_events() {
    let list = Select::new(["a", "b", "c"]).on_change(|new, old| {
        display::text(format!("{old:?} to {new:?}"));
    });
    let several = SelectMultiple::new(["a", "b", "c"])
        .on_change(|indices| display::text(format!("{indices:?}")));
    let field = Text::new("").on_submit(|text| display::text(text.to_owned()));
    let titles = Accordion::new(["one"], (Label::new("x"),)).observe("selected_index", |change| {
        display::text(format!("{} {}", change.old, change.new))
    });
    let button = Button::new("Search").on_click({
        let (list, field, titles) = (list.clone(), field.clone(), titles.clone());
        move || {
            let seen = format!("{:?} {:?} {:?}", list.index(), field.value(), titles.selected());
            display::text(seen);
            display::in_cell_of(&list, || display::text("kept"));
        }
    });
    VBox::new((&list, &several, &field, &titles, &button)).show();
    println!("ready");
    serve();
}

#[test]
fn widgets_events_are_stored_handled_and_never_echoed() {
    let mut kernel = Kernel::start("scenario_events");
    let heard = kernel.until_text("ready");
    let [list, several, field, titles, button] =
        ["SelectModel", "SelectMultipleModel", "TextModel", "AccordionModel", "ButtonModel"]
            .map(|name| comm(&heard, name));
    let text = |messages: &[Value]| -> Vec<Value> {
        messages.iter().map(|m| json!([m["data"]["text/plain"], m["parent"]])).collect()
    };
    // (comm, state that the page sends, what the handlers show)
    let cases = [
        (&list, json!({ "index": 2 }), vec!["Some(\"a\") to Some(\"c\")"]),
        (&list, json!({ "index": 2 }), vec![]),
        (&list, json!({ "index": 3 }), vec![]),
        (&list, json!({ "index": -1 }), vec![]),
        (&list, json!({ "index": "1" }), vec![]),
        (&list, json!({ "index": 1.5 }), vec![]),
        (&list, json!({ "_options_labels": ["z"] }), vec![]),
        (&list, json!({ "_model_name": "X", "nonsense": [1], "layout": 7 }), vec![]),
        (&list, json!([1, 2]), vec![]),
        (&list, json!({ "index": null }), vec!["Some(\"c\") to None"]),
        (&list, json!({ "index": 1 }), vec!["None to Some(\"b\")"]),
        (&several, json!({ "index": [2, 0] }), vec!["[2, 0]"]),
        (&several, json!({ "index": [0, 0] }), vec![]),
        (&several, json!({ "index": [3] }), vec![]),
        (&several, json!({ "index": [null] }), vec![]),
        (&several, json!({ "index": 1 }), vec![]),
        (&several, json!({ "index": [] }), vec!["[]"]),
        (&field, json!({ "value": 5 }), vec![]),
        (&field, json!({ "value": HOSTILE }), vec![]),
        (&titles, json!({ "selected_index": 1 }), vec![]),
        (&titles, json!({ "children": [] }), vec![]),
        (&titles, json!({ "selected_index": 0 }), vec!["null 0"]),
    ];
    let mut token = 0;
    for (comm, state, expected) in cases {
        token += 1;
        kernel.update(comm, state.clone(), token);
        let heard = kernel.until_handled(token);
        let shown = text(&heard[..heard.len() - 1]);
        let expected: Vec<_> =
            expected.iter().map(|text| json!([text, { "token": token }])).collect();
        assert_eq!(shown, expected, "{state}");
    }
    kernel.custom(&field, "submit", 100);
    let heard = kernel.until_handled(100);
    assert_eq!(text(&heard)[0], json!([HOSTILE, { "token": 100 }]));

    kernel.event(json!({ "type": "comm_msg" }));
    kernel.event(json!({ "type": "comm_msg", "comm_id": "nobody", "data": null, "token": 101 }));
    kernel.until_handled(101);
    kernel.event(json!([null]));
    kernel.custom(&button, "click", 102);
    let heard = kernel.until_handled(102);
    let seen = format!("Some(1) {HOSTILE:?} Some(0)");
    let expected = [
        json!([seen, { "token": 102 }]),
        json!(["kept", { "cell_of": list }]),
        json!([null, null]),
    ];
    assert_eq!(text(&heard), expected);

    kernel.event(json!({ "type": "comm_close", "comm_id": button }));
    kernel.custom(&button, "click", 103);
    assert_eq!(kernel.until_handled(103).len(), 1, "a closed widget hears nothing");
}

#[test]
#[ignore = "runs in a child process"]
fn scenario_opened_by_a_page() {
    let controller = Controller::new(0);
    let seen = Button::new("Look").on_click({
        let controller = controller.clone();
        move || {
            let axes: Vec<_> = controller.axes().iter().map(ControllerAxis::value).collect();
            let buttons = controller.buttons();
            let pressed: Vec<_> = buttons.iter().map(ControllerButton::pressed).collect();
            display::text(format!("{} {axes:?} {pressed:?}", controller.name()));
        }
    });
    VBox::new((controller, seen)).show();
    println!("ready");
    serve();
}

#[test]
fn widgets_that_a_page_opens_are_made_and_the_rest_is_closed() {
    let mut kernel = Kernel::start("scenario_opened_by_a_page");
    let heard = kernel.until_text("ready");
    let (controller, look) = (comm(&heard, "ControllerModel"), comm(&heard, "ButtonModel"));
    let mut token = 0;
    let mut open = |kernel: &mut Kernel, comm: &str, state: Value| {
        token += 1;
        let data = json!({ "state": state, "buffer_paths": [] });
        kernel.event(json!({ "type": "comm_open", "comm_id": comm, "data": data, "buffers": [], "token": token }));
        kernel.until_handled(token)
    };
    for (id, model, value) in [("a0", "Axis", -0.5), ("a1", "Axis", 0.25), ("b0", "Button", 1.0)] {
        let state = json!({ "_model_name": format!("Controller{model}Model"), "value": value, "pressed": true, "layout": 5 });
        let heard = open(&mut kernel, id, state);
        let layout = comm(&heard, "LayoutModel");
        let update = &of_type(&heard, "comm_msg")[0];
        assert_eq!(update["comm_id"], id);
        assert_eq!(update["data"]["state"], json!({ "layout": format!("IPY_MODEL_{layout}") }));
        let (handled, said) = heard.split_last().expect("handled");
        let parent = json!({ "token": handled["token"] });
        assert!(said.iter().all(|message| message["parent"] == parent), "{said:#?}");
    }
    for state in [json!({ "_model_name": "NobodyModel" }), json!({}), json!(null), json!([1])] {
        let heard = open(&mut kernel, "n", state);
        let types: Vec<_> = heard.iter().map(|m| m["type"].as_str().unwrap_or("")).collect();
        assert_eq!(types, ["comm_close", "handled"]);
        assert_eq!(heard[0]["comm_id"], "n");
    }
    let axes = ["IPY_MODEL_a0", "IPY_MODEL_a1", "IPY_MODEL_b0", "IPY_MODEL_none"];
    for (comm, state) in [
        (controller.as_str(), json!({ "axes": ["a0", 5] })),
        (&controller, json!({ "axes": axes })),
        (&controller, json!({ "buttons": ["IPY_MODEL_b0"], "name": "Pad" })),
        ("a1", json!({ "value": 1 })),
    ] {
        kernel.update(comm, state, 90);
        kernel.until_handled(90);
    }
    kernel.custom(&look, "click", 94);
    assert_eq!(kernel.until_handled(94)[0]["data"]["text/plain"], "Pad [-0.5, 1.0] [true]");
    kernel.event(json!({ "type": "comm_close", "comm_id": "a0" }));
    kernel.custom(&look, "click", 95);
    assert_eq!(kernel.until_handled(95)[0]["data"]["text/plain"], "Pad [1.0] [true]");
}

#[test]
#[ignore = "runs in a child process"]
fn scenario_panic() {
    let mut clicks = 0;
    let button = Button::new("Search").on_click(move || {
        clicks += 1;
        if clicks == 1 {
            panic!("bad <luck>");
        }
        display::text(format!("click {clicks}"));
    });
    button.on_click(|| display::text("second handler")).show();
    println!("ready");
    serve();
}

#[test]
fn widgets_panicking_handler_is_told_and_the_next_click_works() {
    let mut kernel = Kernel::start("scenario_panic");
    let button = comm(&kernel.until_text("ready"), "ButtonModel");
    kernel.custom(&button, "click", 1);
    let heard = kernel.until_handled(1);
    let types: Vec<_> = heard.iter().map(|m| m["type"].as_str().unwrap_or("")).collect();
    assert_eq!(types, ["stream", "display_data", "display_data", "handled"]);
    assert_eq!(heard[0]["name"], "stderr");
    assert_eq!(heard[0]["parent"], json!({ "token": 1 }));
    let told = heard[1]["data"]["text/plain"].as_str().unwrap_or("");
    assert!(told.contains("Button \"Search\"") && told.contains("bad <luck>"), "{told}");
    assert!(told.contains("widgets_link.rs:"), "{told}");
    assert_eq!(heard[1]["parent"], json!({ "cell_of": button }));
    assert_eq!(heard[2]["data"]["text/plain"], "second handler");

    kernel.custom(&button, "click", 2);
    let heard = kernel.until_handled(2);
    assert_eq!(heard[0]["data"]["text/plain"], "click 2");
}

#[test]
#[ignore = "runs in a child process"]
fn scenario_busy() {
    let (free, freed) = channel();
    let mut clicks = 0;
    let slow = Button::new("slow").on_click(move || {
        clicks += 1;
        display::text(format!("slow {clicks} begins"));
        let _ = freed.recv();
        display::text(format!("slow {clicks} ends"));
    });
    let quick = Text::new("").on_change(move |new, _| {
        display::text(format!("quick {new}"));
        if new.starts_with("free") {
            let _ = free.send(());
        }
    });
    VBox::new((slow, quick)).show();
    println!("ready");
    serve();
}

#[test]
fn widgets_busy_handler_holds_up_only_its_own_widget() {
    let mut kernel = Kernel::start("scenario_busy");
    let heard = kernel.until_text("ready");
    let (slow, quick) = (comm(&heard, "ButtonModel"), comm(&heard, "TextModel"));
    kernel.custom(&slow, "click", 1);
    kernel.custom(&slow, "click", 2);
    kernel.until(|m| m["data"]["text/plain"] == "slow 1 begins");
    kernel.update(&quick, json!({ "value": "a" }), 3);
    let heard = kernel.until_handled(3);
    assert!(heard.iter().all(|m| m["data"]["text/plain"] != "slow 1 ends"), "{heard:#?}");
    kernel.update(&quick, json!({ "value": "free" }), 4);
    kernel.update(&quick, json!({ "value": "free again" }), 5);
    let mut heard = kernel.until_handled(2);
    heard.retain(|m| m["parent"]["token"] == 1 || m["parent"]["token"] == 2 || m["token"] == 1);
    let told = |m: &Value| m["data"]["text/plain"].as_str().unwrap_or("handled 1").to_owned();
    let order: Vec<_> = heard.iter().map(told).collect();
    assert_eq!(order, ["slow 1 ends", "handled 1", "slow 2 begins", "slow 2 ends"]);
}

#[test]
#[ignore = "runs in a child process"]
fn scenario_output_widget() {
    let output = Output::new();
    output.show();
    let place = output.capture(|| {
        display::html("<b>1</b>");
        display::html_with_id("<b>2</b>")
    });
    place.update_html("<b>3</b>");
    let _ = std::panic::catch_unwind(|| output.capture(|| panic!("inside")));
    display::text("outside");
    output.capture(|| {
        display::clear_output(true);
        display::text("4");
    });
    output.clear();
    println!("done");
}

#[test]
fn widgets_output_captures_and_sets_its_outputs() {
    let heard = Kernel::start("scenario_output_widget").until_text("done");
    let updates = of_type(&heard, "comm_msg");
    let forms = |update: &&Value| -> Vec<Value> {
        let outputs = update["data"]["state"]["outputs"].as_array();
        outputs.into_iter().flatten().map(|output| output["data"].clone()).collect()
    };
    let html = |text: &str| json!({ "text/html": format!("<b>{text}</b>") });
    let states: Vec<_> = updates.iter().map(forms).collect();
    let expected = [
        vec![html("1")],
        vec![html("1"), html("2")],
        vec![html("1"), html("3")],
        vec![json!({ "text/plain": "4" })],
        vec![],
    ];
    assert_eq!(states, expected);
    let first = &updates[0]["data"]["state"]["outputs"][0];
    assert_eq!(first["output_type"], "display_data");
    let shown = of_type(&heard, "display_data");
    assert_eq!(shown[shown.len() - 1]["data"]["text/plain"], "outside");
}

#[test]
#[ignore = "runs in a child process"]
fn scenario_interrupt() {
    on_restored(|| display::text("restored"));
    println!("ready");
    while is_live() && !interrupted() {
        std::thread::sleep(Duration::from_millis(1));
    }
    reset_interrupt();
    println!("stopped, {}", interrupted());
    serve();
}

#[test]
fn widgets_interrupt_and_restored_reach_the_program() {
    let mut kernel = Kernel::start("scenario_interrupt");
    kernel.until_text("ready");
    kernel.event(json!({ "type": "restored" }));
    kernel.until(|m| m["data"]["text/plain"] == "restored");
    kernel.event(json!({ "type": "interrupt" }));
    kernel.until_text("stopped, false");
}

#[test]
#[ignore = "runs in a child process"]
fn scenario_interrupt_is_meant_for_what_runs() {
    let _button = Button::new("Work").on_click(|| {
        display::text(format!("handler {}", interrupted()));
        while is_live() && !interrupted() {
            std::thread::sleep(Duration::from_millis(1));
        }
        display::text("handler stopped");
    });
    _button.show();
    println!("ready");
    for cell in 1..=2 {
        while is_live() && !interrupted() {
            std::thread::sleep(Duration::from_millis(1));
        }
        println!("stopped {cell}");
        while is_live() && interrupted() {
            std::thread::sleep(Duration::from_millis(1));
        }
        println!("next {cell}");
    }
    serve();
}

/// An interrupt ends when the next cell begins; a handler that begins later is not meant by it.
#[test]
fn widgets_interrupt_is_meant_for_what_runs() {
    let mut kernel = Kernel::start("scenario_interrupt_is_meant_for_what_runs");
    let button = comm(&kernel.until_text("ready"), "ButtonModel");
    for cell in 1..=2 {
        kernel.event(json!({ "type": "interrupt" }));
        kernel.until_text(&format!("stopped {cell}"));
        kernel.custom(&button, "click", cell);
        kernel.until(|m| m["data"]["text/plain"] == "handler false");
        kernel.event(json!({ "type": "interrupt" }));
        kernel.until(|m| m["data"]["text/plain"] == "handler stopped");
        kernel.event(json!({ "type": "cell" }));
        kernel.until_text(&format!("next {cell}"));
    }
}

#[test]
#[ignore = "runs in a child process"]
fn scenario_interact() {
    let panel = evcxr_widgets::interact!(
        least = 0..=100,
        kind = ["tcp", "udp"],
        exact = false,
        note = "x",
        at = 0.5,
        speed = IntSlider::new(1..=9).description("Speed"),
        => match least {
            99 => Err(format!("{kind} <b>fails</b>")),
            98 => Ok(String::new()),
            _ => Ok(format!("{kind} {least} {exact} {note} {at} {speed}")),
        }
    );
    panel.show();
    println!("ready");
    serve();
}

#[test]
fn widgets_interact_runs_again_when_a_control_changes() {
    let mut kernel = Kernel::start("scenario_interact");
    let heard = kernel.until_text("ready");
    let outputs = |message: &Value| message["data"]["state"]["outputs"].clone();
    let text = |outputs: Value| outputs[0]["data"]["text/plain"].clone();
    let opened = of_type(&heard, "comm_open");
    let first = opened.iter().find(|m| m["data"]["state"]["_model_name"] == "OutputModel");
    assert_eq!(text(outputs(first.expect("an output"))), "tcp 0 false x 0.5 1");
    let named: Vec<&str> =
        opened.iter().filter_map(|m| m["data"]["state"]["description"].as_str()).collect();
    assert_eq!(named, ["least", "kind", "exact", "note", "at", "Speed"]);
    for (token, (model, name, value, want)) in (1..).zip([
        ("CheckboxModel", "value", json!(true), "tcp 0 true x 0.5 1"),
        ("DropdownModel", "index", json!(1), "udp 0 true x 0.5 1"),
        ("TextModel", "value", json!("<i>"), "udp 0 true <i> 0.5 1"),
        ("FloatTextModel", "value", json!(2.5), "udp 0 true <i> 2.5 1"),
        ("IntSliderModel", "value", json!(99), "Error: udp <b>fails</b>"),
        ("IntSliderModel", "value", json!(7), "udp 7 true <i> 2.5 1"),
    ]) {
        let id = comm(&heard, model);
        kernel.update(&id, json!({ name: value }), token);
        let heard = kernel.until_handled(token);
        let last = heard.iter().rfind(|m| !outputs(m).is_null());
        assert_eq!(text(outputs(last.expect("a result"))), want);
    }
}

#[test]
#[ignore = "runs in a child process"]
fn scenario_close() {
    let button = Button::new("Go");
    let panel = VBox::new((&button, &Label::new("x")));
    panel.set_children((&button, &panel));
    panel.show();
    panel.close_tree();
    panel.close_tree();
    panel.show();
    button.set_description("Gone");
    println!("done");
}

#[test]
fn widgets_closed_tree_is_silent_and_shown_as_words() {
    let heard = Kernel::start("scenario_close").until_text("done");
    let opened = of_type(&heard, "comm_open").len();
    assert_eq!(of_type(&heard, "comm_close").len(), opened);
    assert_eq!(of_type(&heard, "comm_msg").len(), 0);
    let shown = of_type(&heard, "display_data");
    let views: Vec<_> = shown
        .iter()
        .map(|m| m["data"].get("application/vnd.jupyter.widget-view+json").is_some())
        .collect();
    assert_eq!(views, [true, false]);
}
