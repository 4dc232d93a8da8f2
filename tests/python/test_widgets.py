"""Widgets on the wire, beside what ipykernel with ipywidgets 8.1 sends in the same case.

Each expectation is a copy of a recorded exchange (ipykernel 7.4), less the messages that a kernel
may leave out: Layout and Style models of widgets that set neither.
"""

import subprocess
import sys
import time
import uuid

import pytest

from support import ROOT, WIDGET_VIEW, Messages

PANEL = """
use evcxr_widgets::{Accordion, Button, Combobox, Dropdown, HBox, Html, IntProgress, Label, Output,
    Select, Text, Textarea, VBox, display};
let heard = Html::new("");
let list = Select::new(["alpha", "beta", "gamma"]).description("Pick");
let words = Text::new("hi").description("T").on_change({
    let heard = heard.clone();
    move |new, _old| heard.set_value(format!("<b>{new}</b>"))
});
let button = Button::new("Run it").on_click({
    let heard = heard.clone();
    move || heard.set_value("clicked")
});
let panel = VBox::new((HBox::new((&button, &words)), &list, &heard));
panel.show();
"""


@pytest.fixture(scope="module")
def panel(kernel):
    """The panel's comm ids by model name."""
    messages = kernel.ok(PANEL)
    return {name: comm_id for name, (comm_id, _) in messages.opened().items()}


# Expression, and what its model's state must say beside its name.
MODELS = [
    ('Select::new(["a", "b"]).rows(7)', "SelectModel", {"_options_labels": ["a", "b"], "rows": 7}),
    ('Dropdown::new(["a"])', "DropdownModel", {"_options_labels": ["a"]}),
    ('Combobox::new(["a"])', "ComboboxModel", {"options": ["a"], "value": ""}),
    ('Button::new("x")', "ButtonModel", {"description": "x", "disabled": False}),
    ('Text::new("x").placeholder("p")', "TextModel", {"value": "x", "placeholder": "p"}),
    ('Textarea::new("x\\ny")', "TextareaModel", {"value": "x\ny"}),
    ('Html::new("<b>")', "HTMLModel", {"value": "<b>"}),
    ('Label::new("<b>")', "LabelModel", {"value": "<b>"}),
    ("IntProgress::new(3)", "IntProgressModel", {"value": 0, "min": 0, "max": 3}),
    ("Output::new()", "OutputModel", {"outputs": [], "msg_id": ""}),
    ('VBox::new((&Label::new("a"),))', "VBoxModel", {}),
    ('HBox::new((&Label::new("a"),))', "HBoxModel", {}),
    (
        'Accordion::new(["First", "Second"], (&Html::new("1"), &Html::new("2")))',
        "AccordionModel",
        {"titles": ["First", "Second"], "selected_index": None},
    ),
]


@pytest.mark.parametrize("expression, model, state", MODELS, ids=[m[1] for m in MODELS])
def test_a_widget_opens_as_in_ipywidgets(kernel, panel, expression, model, state):
    messages = kernel.ok(f"let shown = {expression}; shown.show();")
    comm_id, opened = messages.opened()[model]
    assert {key: opened.get(key) for key in state} == state
    for comm in (m for m in messages if m["msg_type"] == "comm_open"):
        assert comm["metadata"]["version"].startswith("2."), "pages refuse any other"
        assert comm["content"]["target_name"] == "jupyter.widget"
        assert comm["content"]["data"]["state"]["_model_module"].startswith("@jupyter-widgets/")
    order = [m["content"]["comm_id"] for m in messages if m["msg_type"] == "comm_open"]
    children = [c.removeprefix("IPY_MODEL_") for c in opened.get("children", [])]
    assert all(order.index(child) < order.index(comm_id) for child in children)
    (shown,) = messages.of("display_data")
    assert shown["data"][WIDGET_VIEW]["model_id"] == comm_id
    assert shown["data"]["text/html"] and shown["data"]["text/plain"], "for readers without a kernel"


# Expression, its model, what a page sends, and what a cell sees then.
CONTROLS = [
    ("IntSlider::new(0..=10)", "IntSliderModel", 7, "7"),
    ("IntSlider::new(0..=10)", "IntSliderModel", 11, "0"),
    ("FloatSlider::new(0.0..=1.0)", "FloatSliderModel", 0.5, "0.5"),
    ("IntRangeSlider::new(0..=10)", "IntRangeSliderModel", [3, 4], "3..=4"),
    ("BoundedIntText::new(1..=5)", "BoundedIntTextModel", 5, "5"),
    ("FloatText::new(1.5)", "FloatTextModel", -2, "-2.0"),
    ('Checkbox::new("ok")', "CheckboxModel", True, "true"),
    ('ToggleButton::new("on")', "ToggleButtonModel", True, "true"),
    ("ColorPicker::new(Color::RED)", "ColorPickerModel", "#00ff00", 'Color("#00ff00")'),
    ("ColorPicker::new(Color::RED)", "ColorPickerModel", "no colour", 'Color("red")'),
    ("DatePicker::new()", "DatePickerModel", {"year": 2024, "month": 1, "date": 29}, "Some(2024-02-29)"),
    ('TagsInput::new(["a"])', "TagsInputModel", ["b", "<c>"], '["b", "<c>"]'),
    ('Password::new("")', "PasswordModel", "secret", '"secret"'),
]


@pytest.mark.parametrize("expression, model, value, seen", CONTROLS, ids=[f"{c[1]}-{c[3]}" for c in CONTROLS])
def test_a_cell_sees_what_a_page_did_to_a_control(kernel, panel, expression, model, value, seen):
    messages = kernel.ok(f"use evcxr_widgets::*; let control = {expression}; control.show();")
    comm_id, _ = messages.opened()[model]
    kernel.update(comm_id, value=value)
    assert kernel.ok('println!("{:?}", control.value());').text() == f"{seen}\n"


def test_bytes_travel_as_buffers_both_ways(kernel, panel):
    messages = kernel.ok("let picture = evcxr_widgets::Image::new([1u8, 0, 255]); picture.show();")
    comm_id, state = messages.opened()["ImageModel"]
    (opened,) = [m for m in messages if m["msg_type"] == "comm_open" and m["content"]["comm_id"] == comm_id]
    assert "value" not in state and opened["content"]["data"]["buffer_paths"] == [["value"]]
    assert [bytes(one) for one in opened["buffers"]] == [b"\x01\x00\xff"]
    messages = kernel.ok("picture.set_value([7u8]);")
    (update,) = [m for m in messages if m["msg_type"] == "comm_msg"]
    assert [bytes(one) for one in update["buffers"]] == [b"\x07"]

    messages = kernel.ok("let upload = evcxr_widgets::FileUpload::new(); upload.show();")
    comm_id, _ = messages.opened()["FileUploadModel"]
    file = {"name": "a.csv", "type": "text/csv", "size": 2, "last_modified": 1}
    data = {"method": "update", "state": {"value": [file]}, "buffer_paths": [["value", 0, "content"]]}
    session, channel = kernel.client.session, kernel.client.shell_channel
    sent = session.send(channel.socket, "comm_msg", {"comm_id": comm_id, "data": data}, buffers=[b"\x00\xfe"])
    kernel.until_idle(sent["header"]["msg_id"])
    seen = kernel.ok('for f in upload.value() { println!("{} {} {:?}", f.name, f.kind, f.content); }')
    assert seen.text() == "a.csv text/csv [0, 254]\n"


@pytest.mark.parametrize(
    "what, path", [("rust", "src/widgets/models.rs"), ("states", "tests/data/models.json")], ids=["rust", "states"]
)
def test_the_models_are_those_of_the_pinned_ipywidgets(what, path):
    """`cargo xtask codegen widgets` would change nothing."""
    script = ROOT / "xtask/src/codegen/widgets.py"
    made = subprocess.run([sys.executable, script, what], check=True, capture_output=True).stdout
    if what == "rust":
        formatter = ["rustfmt", "--edition", "2024", "--emit", "stdout", "--config-path", ROOT]
        made = subprocess.run(formatter, input=made, check=True, capture_output=True).stdout
    assert made == (ROOT / "crates/evcxr_widgets" / path).read_bytes(), "run cargo xtask codegen widgets"


# What the page sends, and what answers it between busy and idle (the recording's name).
EXCHANGES = [
    ("21_button_click", "ButtonModel", None, ["comm_msg update"]),
    ("22_text_update", "TextModel", {"value": "abc"}, ["comm_msg echo_update", "comm_msg update"]),
    ("23_select_update", "SelectModel", {"index": 2}, ["comm_msg echo_update"]),
]


@pytest.mark.parametrize("name, model, state, answer", EXCHANGES, ids=[e[0] for e in EXCHANGES])
def test_what_a_page_does_is_answered(kernel, panel, name, model, state, answer):
    comm_id = panel[model]
    messages = kernel.click(comm_id) if state is None else kernel.update(comm_id, **state)
    assert messages.kinds() == answer
    states = [m["content"].get("execution_state") for m in messages]
    assert (states[0], states[-1]) == ("busy", "idle")


def test_cells_see_what_a_page_set(kernel, panel):
    kernel.update(panel["TextModel"], value="typed")
    kernel.update(panel["SelectModel"], index=1)
    messages = kernel.ok('println!("{} {:?} {}", words.value(), list.value(), heard.value());')
    assert messages.text() == 'typed Some("beta") <b>typed</b>\n'


def test_new_options_and_their_index_come_together(kernel, panel):
    # 23b: JavaScript knows no values, so both keys go into one update.
    messages = kernel.ok('list.set_options(["x", "y"]);')
    (update,) = messages.of("comm_msg")
    assert update["data"]["state"] == {"_options_labels": ["x", "y"], "index": 0}


def test_one_state_can_be_asked_for(kernel, panel):
    # 24_request_state
    messages = kernel.comm_msg(panel["TextModel"], {"method": "request_state"})
    (answer,) = messages.of("comm_msg")
    assert answer["data"]["method"] == "update"
    assert answer["data"]["state"]["_model_name"] == "TextModel"


def test_all_states_can_be_asked_for(kernel, panel):
    # 25_control_request_states: what a page does after a reload.
    kernel.update(panel["TextModel"], value="before the reload")
    control = uuid.uuid4().hex
    opening = {"comm_id": control, "target_name": "jupyter.widget.control", "data": {}}
    assert kernel.until_idle(kernel.send("comm_open", opening)).kinds() == []
    messages = kernel.comm_msg(control, {"method": "request_states"})
    (answer,) = messages.of("comm_msg")
    assert answer["data"]["method"] == "update_states"
    states = answer["data"]["states"]
    assert set(panel.values()) <= set(states)
    text = states[panel["TextModel"]]
    assert text["model_name"] == "TextModel"
    assert text["model_module"] == "@jupyter-widgets/controls"
    assert text["state"]["value"] == "before the reload"
    closing = kernel.send("comm_close", {"comm_id": control, "data": {}})
    assert kernel.until_idle(closing).kinds() == []


def test_open_comms_are_listed(kernel, panel):
    # 20_comm_info; without `status` a reloaded page shows nothing.
    reply = kernel.request("comm_info_request", {"target_name": "jupyter.widget"})
    assert reply["status"] == "ok"
    assert set(panel.values()) <= set(reply["comms"])
    assert set(map(str, (c["target_name"] for c in reply["comms"].values()))) == {"jupyter.widget"}


def test_a_closed_widget_says_so_and_is_forgotten(kernel, panel):
    # 32_close; nbclient stops the notebook when `data` is missing.
    opened = kernel.ok('let brief = Button::new("brief"); brief.show();').opened()
    comm_id, _ = opened["ButtonModel"]
    (close,) = kernel.ok("brief.close();").of("comm_close")
    assert close == {"comm_id": comm_id, "data": {}}
    assert comm_id not in kernel.request("comm_info_request", {})["comms"]


def test_a_message_to_nobody_is_ignored(kernel, panel):
    # 33_unknown_comm_msg
    assert kernel.click(uuid.uuid4().hex).kinds() in ([], ["stream"])


def test_an_unknown_target_is_closed_at_once(kernel, panel):
    # 34_unknown_target_open
    opening = {"comm_id": uuid.uuid4().hex, "target_name": "no.such.target", "data": {}}
    messages = kernel.until_idle(kernel.send("comm_open", opening))
    (close,) = messages.of("comm_close")
    assert close == {"comm_id": opening["comm_id"], "data": {}}


def test_a_click_is_answered_while_a_cell_runs(kernel, panel):
    # 37_click_while_busy: ipykernel lets the click wait; here it does not.
    cell = kernel.client.execute("std::thread::sleep(std::time::Duration::from_secs(4));")
    time.sleep(1)
    click = kernel.send(
        "comm_msg",
        {
            "comm_id": panel["ButtonModel"],
            "data": {"method": "custom", "content": {"event": "click"}},
        },
    )
    assert kernel.until_idle(click).kinds() == ["comm_msg update"]
    ended = [m for m in kernel.others if m["parent_header"].get("msg_id") == cell]
    assert "idle" not in [m["content"].get("execution_state") for m in ended]
    kernel.until_idle(cell)
    assert kernel.reply(cell)["status"] == "ok"


def test_a_handler_that_panics_leaves_the_kernel_alive(kernel, panel):
    # 31_click_error
    opened = kernel.ok(
        'let bad = Button::new("bad").on_click(|| panic!("in a handler")); bad.show();'
    ).opened()
    messages = kernel.click(opened["ButtonModel"][0])
    assert "in a handler" in str([m["content"] for m in messages])
    kernel.ok('heard.set_value("");')
    assert kernel.click(panel["ButtonModel"]).kinds() == ["comm_msg update"]


def test_a_handler_updates_what_a_cell_showed(kernel, panel):
    # 27_click_updates_display: the same display_id, so the page changes it in place and saves it.
    messages = kernel.ok(
        """
        let place = display::slot();
        let shower = Button::new("show").on_click({
            let place = place.clone();
            move || place.update_html("<b>after</b>")
        });
        shower.show();
        """
    )
    display_id = next(
        c["transient"]["display_id"]
        for c in messages.of("display_data")
        if c.get("transient", {}).get("display_id")
    )
    answers = kernel.click(messages.opened()["ButtonModel"][0])
    everything = Messages([*answers, *kernel.others])
    (update,) = everything.of("update_display_data")
    assert update["transient"]["display_id"] == display_id
    assert update["data"]["text/html"] == "<b>after</b>"


def test_a_handler_leaves_a_result_below_the_panel(kernel, panel):
    msg_id = kernel.client.execute(
        """
        let below = Button::new("below");
        let below = { let b = below.clone(); below.on_click(move || {
            display::in_cell_of(&b, || display::html("<b>found</b>"));
        }) };
        below.show();
        """
    )
    messages = kernel.until_idle(msg_id)
    assert kernel.reply(msg_id)["status"] == "ok"
    kernel.click(messages.opened()["ButtonModel"][0])
    results = [m for m in kernel.others if m["parent_header"].get("msg_id") == msg_id]
    assert [m["content"]["data"]["text/html"] for m in results if m["msg_type"] == "display_data"] == [
        "<b>found</b>"
    ]


def test_output_is_captured_into_its_widget(kernel, panel):
    # 08_output: nbclient needs both keys in the state.
    messages = kernel.ok(
        """
        let out = Output::new();
        out.show();
        out.capture(|| display::html("<i>rich</i>"));
        """
    )
    kinds = [kind for kind in messages.kinds() if kind != "comm_open LayoutModel"]
    assert kinds[:2] == ["comm_open OutputModel", "display_data"]
    assert messages.of("display_data")[0]["data"].get(WIDGET_VIEW)
    assert "<i>rich</i>" in str(messages.of("comm_msg") + messages.of("display_data")[1:])
