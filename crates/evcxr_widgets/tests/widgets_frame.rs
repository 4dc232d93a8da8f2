//! A frame as a widget.
#![cfg(feature = "polars")]

mod common;

use common::{Kernel, comm, of_type, serve};
use evcxr_widgets::frame;
use polars::prelude::*;
use serde_json::{Value, json};

fn sample() -> DataFrame {
    df![
        "peer" => (0..45).map(|n| format!("<b>{n:02}</b>")).collect::<Vec<_>>(),
        "bytes" => (0..45).map(|n| if n == 7 { None } else { Some(n * 37 % 45) }).collect::<Vec<Option<i64>>>(),
    ]
    .expect("columns of one length")
}

#[test]
#[ignore = "runs in a child process"]
fn scenario_frame() {
    frame(&sample()).show();
    println!("ready");
    serve();
}

/// Names of the rows of the last table in `heard`.
fn names(heard: &[Value]) -> Vec<String> {
    let value = |m: &Value| m["data"]["state"]["value"].as_str().map(str::to_owned);
    let mut tables = heard.iter().filter_map(value).filter(|html| html.starts_with("<table>"));
    let table = tables.next_back().expect("a table");
    assert!(!table.contains("<b>"), "markup from data");
    let cells = table.split("&lt;b&gt;").skip(1);
    cells.map(|cell| cell[..2].to_owned()).collect()
}

#[test]
fn widgets_frame_turns_its_pages_and_sorts() {
    let mut kernel = Kernel::start("scenario_frame");
    let heard = kernel.until_text("ready");
    let all: Vec<String> = (0..45).map(|n| format!("{n:02}")).collect();
    assert_eq!(names(&heard), all[..20]);
    let buttons: Vec<String> = of_type(&heard, "comm_open")
        .iter()
        .filter(|m| m["data"]["state"]["_model_name"] == "ButtonModel")
        .map(|m| m["comm_id"].as_str().expect("an id").to_owned())
        .collect();
    let (list, falling) = (comm(&heard, "DropdownModel"), comm(&heard, "ToggleButtonModel"));
    let mut token = 0;
    let mut click = |kernel: &mut Kernel, button: usize| {
        token += 1;
        kernel.custom(&buttons[button], "click", token);
        names(&kernel.until_handled(token))
    };
    assert_eq!(click(&mut kernel, 2), all[20..40]);
    assert_eq!(click(&mut kernel, 2), all[40..]);
    assert_eq!(click(&mut kernel, 0), all[..20]);
    assert_eq!(click(&mut kernel, 3), all[40..]);
    assert_eq!(click(&mut kernel, 1), all[20..40]);
    // 37 * 11 = 407 = 9 * 45 + 2; the row without a number is the last one.
    kernel.update(&list, json!({ "index": 2 }), 100);
    assert_eq!(names(&kernel.until_handled(100))[..3], ["00", "28", "11"]);
    kernel.update(&falling, json!({ "value": true }), 101);
    assert_eq!(names(&kernel.until_handled(101))[..2], ["17", "34"]);
    kernel.custom(&buttons[3], "click", 102);
    assert_eq!(names(&kernel.until_handled(102)).last().map(String::as_str), Some("07"));
    kernel.update(&list, json!({ "index": 0 }), 103);
    assert_eq!(names(&kernel.until_handled(103)), all[..20]);
}

#[test]
fn widgets_frame_is_a_table_without_widgets() {
    let still = frame(&sample()).rows(2).still();
    let html = still.get("text/html").and_then(Value::as_str).expect("HTML");
    assert!(html.contains("&lt;b&gt;01") && !html.contains("&lt;b&gt;02"), "{html}");
    assert!(html.ends_with("<p>rows 1 to 2 of 45</p>"), "{html}");
    let empty = frame(&DataFrame::empty()).still();
    assert!(empty.get("text/html").and_then(Value::as_str).expect("HTML").contains("no rows"));
}
