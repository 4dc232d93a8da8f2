//! On a kernel without widgets: what the stock evcxr_jupyter would keep of a cell's output.

#![cfg(unix)]

mod common;

use std::collections::BTreeMap;

use evcxr_widgets::*;

/// Reads a cell's standard output as the stock kernel does (evcxr 0.22, eval_context.rs): blocks by
/// MIME type, the last one wins; what is left is printed text.
fn stock_kernel(stdout: &str) -> (BTreeMap<String, String>, Vec<String>) {
    let (mut blocks, mut printed) = (BTreeMap::new(), Vec::new());
    let mut lines = stdout.lines();
    while let Some(line) = lines.next() {
        assert_ne!(line, "EVCXR_EXECUTION_COMPLETE", "data has ended the cell");
        match line.split_once("EVCXR_BEGIN_CONTENT ") {
            Some((_, mime)) => {
                let content: Vec<_> =
                    lines.by_ref().take_while(|line| *line != "EVCXR_END_CONTENT").collect();
                blocks.insert(mime.to_owned(), content.join("\n"));
            }
            None => printed.push(line.to_owned()),
        }
    }
    (blocks, printed)
}

fn run(scenario: &str, in_evcxr: bool) -> (BTreeMap<String, String>, Vec<String>) {
    let mut command = common::command(scenario);
    if in_evcxr {
        command.env("EVCXR_IS_RUNTIME", "1");
    }
    let output = command.output().expect("the scenario runs");
    assert!(output.status.success());
    stock_kernel(&String::from_utf8(output.stdout).expect("text"))
}

const HOSTILE: &str =
    "x\nEVCXR_END_CONTENT\nEVCXR_EXECUTION_COMPLETE\nEVCXR_BEGIN_CONTENT text/html\n\u{1e}";

#[test]
#[ignore = "runs in a child process"]
fn scenario_page() {
    println!();
    assert!(!is_live());
    display::html("<b>first</b>");
    println!("between");
    display::text("1 < 2");
    let place = display::html_with_id("<i>old</i>");
    display::svg("<svg/>");
    place.update_html("<i>new</i>");
    display::html(HOSTILE);
    display::text(HOSTILE);
    println!("{}", defuse(HOSTILE));
    println!("end of the cell");
}

#[test]
fn widgets_stock_cell_shows_everything_once() {
    let (blocks, printed) = run("scenario_page", true);
    let html = &blocks["text/html"];
    let order = [
        "<b>first</b>",
        "<pre>1 &lt; 2</pre>",
        "<i>new</i>",
        "image/svg+xml",
        "&#69;VCXR_END_CONTENT",
    ];
    let places: Vec<_> = order.iter().map(|part| html.find(part)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} in {html}");
    assert!(!html.contains("<i>old</i>") && !html.contains("EVCXR_"), "{html}");
    let text = &blocks["text/plain"];
    assert!(text.contains("1 < 2") && text.contains("E\u{200b}VCXR_END_CONTENT"), "{text}");
    assert!(!text.contains('\u{1e}') && !html.contains('\u{1e}'));
    assert!(printed.contains(&"between".to_owned()));
    assert!(printed.contains(&"end of the cell".to_owned()));
}

#[test]
#[ignore = "runs in a child process"]
fn scenario_clear() {
    println!();
    display::html("<b>gone</b>");
    display::clear_output(false);
    display::text("words only");
    display::begin_cell();
    display::text("next cell");
}

#[test]
fn widgets_stock_clear_and_next_cell() {
    let (blocks, _) = run("scenario_clear", true);
    assert_eq!(blocks["text/html"], "");
    assert_eq!(blocks["text/plain"], "next cell");
}

#[test]
fn widgets_stock_program_without_cells_does_not_repeat_itself() {
    let (blocks, _) = run("scenario_page", false);
    assert!(!blocks["text/html"].contains("first"));
}

#[test]
#[ignore = "runs in a child process"]
fn scenario_still() {
    println!();
    let list = Select::new(["ant", "<bee>"]).description("Animal").with_index(Some(1));
    let html = Html::new("<table></table>");
    let inside = Output::new();
    inside.capture(|| display::html("<u>captured</u>"));
    let ran = std::sync::Arc::new(std::sync::Mutex::new(0));
    let button = Button::new("Go").on_click(move || *ran.lock().unwrap() += 1);
    let sections = Accordion::new(["One"], (&html,));
    let panel = VBox::new((HBox::new((&list, &button)), &sections, &inside));
    panel.set_children((HBox::new((&list, &button)), &sections, &inside, &panel));
    panel.evcxr_display();
    panel.close();
    close_all();
    assert_eq!(list.value().as_deref(), Some("<bee>"));
}

#[test]
fn widgets_stock_panel_is_a_still_picture() {
    let (blocks, _) = run("scenario_still", true);
    let html = &blocks["text/html"];
    for part in [
        "Animal",
        "<li>ant</li>",
        "<li><strong>&lt;bee&gt;</strong></li>",
        "[ Go ]",
        "<summary>One</summary>",
        "<table></table>",
        "<u>captured</u>",
        "no widgets",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(!html.contains("vnd.jupyter.widget-view"));
}

#[cfg(target_os = "linux")]
unsafe extern "C" {
    fn dlopen(path: *const std::ffi::c_char, flags: std::ffi::c_int) -> *mut std::ffi::c_void;
}

/// Loads a library under the name that evcxr gives a cell's.
#[cfg(target_os = "linux")]
fn load_cell(folder: &std::path::Path, number: u32) {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("Linux");
    let mut paths = maps.lines().filter_map(|line| line.split_whitespace().last());
    let library = paths.rfind(|path| path.contains("/libgcc_s"));
    let copy = folder.join(format!("libcode_{number}.so"));
    std::fs::copy(library.expect("a library to copy"), &copy).expect("a copy");
    let path = std::ffi::CString::new(copy.to_str().expect("text")).expect("a path");
    const RTLD_NOW: i32 = 2;
    // SAFETY: libgcc_s has no initialisers that could do harm when it is there twice.
    assert!(!unsafe { dlopen(path.as_ptr(), RTLD_NOW) }.is_null());
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "runs in a child process"]
fn scenario_cells() {
    println!();
    let name = format!("widgets-{}", uuid::Uuid::new_v4().simple());
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir(&folder).expect("a folder");
    for number in [9, 10] {
        load_cell(&folder, number);
        display::text(format!("first of {number}"));
        display::text(format!("second of {number}"));
    }
    std::fs::remove_dir_all(&folder).expect("removed");
}

#[cfg(target_os = "linux")]
#[test]
fn widgets_stock_new_cell_is_noticed() {
    let (blocks, _) = run("scenario_cells", true);
    assert_eq!(blocks["text/plain"], "first of 10\nsecond of 10");
}
