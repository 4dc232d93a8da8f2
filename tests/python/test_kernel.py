"""The protocol: Jupyter's own kernel tests, and what they leave out."""

import time

import jupyter_kernel_test
import pytest

from support import PATIENCE


class TestJupyter(jupyter_kernel_test.KernelTests):
    """jupyter_kernel_test on the installed kernel."""

    kernel_name = "spot"
    language_name = "rust"
    file_extension = ".rs"
    code_hello_world = 'println!("hello, world");'
    code_stderr = 'eprintln!("oops");'
    code_generate_error = 'let number: u32 = "text";'
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": '"a".repeat(3)', "result": '"aaa"'},
    ]
    code_display_data = [
        {"code": 'evcxr_widgets::display::html("<b>x</b>");', "mime": "text/html"},
        {"code": 'evcxr_widgets::display::svg("<svg></svg>");', "mime": "text/html"},
        {"code": 'evcxr_widgets::display::text("x");', "mime": "text/plain"},
    ]
    code_page_something = 'evcxr_widgets::display::page("a long text");'
    code_clear_output = "evcxr_widgets::display::clear_output(false);"
    completion_samples = [{"text": "std::collections::HashM"}]
    complete_code_samples = ["1 + 1", "fn f() {}"]
    incomplete_code_samples = ["fn f() {", "let a = ("]
    invalid_code_samples = ["fn f() }", "let a = (];"]
    code_inspect_sample = "Vec::<u8>::new()"
    code_history_pattern = "6 *"
    supported_history_operations = ("tail", "range", "search")

    def get_non_kernel_info_reply(self, timeout=None):
        return super().get_non_kernel_info_reply(timeout=PATIENCE)


class TestWelcome(jupyter_kernel_test.IopubWelcomeTests):
    """A client is told when it hears everything."""

    kernel_name = "spot"
    support_iopub_welcome = True


def test_counts_begin_at_one_and_follow_what_is_stored(fresh_kernel):
    counts = [
        fresh_kernel.run(code, **options)[0]["execution_count"]
        for code, options in [
            ("1", {}),
            ("2", {"store_history": False}),
            ("3", {"silent": True}),
            ("4", {}),
        ]
    ]
    assert counts[0] == 1
    assert counts[-1] == 2, f"cells that are not stored do not count: {counts}"


def test_a_silent_cell_says_nothing(kernel):
    _, messages = kernel.run('println!("x"); 1', silent=True)
    assert messages.kinds() == []


@pytest.mark.parametrize(
    "code, says",
    [
        ('panic!("a fine mess");', "a fine mess"),
        ("let v: Vec<u32> = Vec::new(); v[3];", "index out of bounds"),
        ('"x".parse::<u32>()?;', "invalid digit"),
        ('Err::<(), _>(std::io::Error::other("no disk"))?;', "no disk"),
        ("let number: u32 = true;", "mismatched types"),
        ("let a = ;", "expected expression"),
    ],
)
def test_what_goes_wrong_in_a_cell_is_an_error(kernel, code, says):
    reply, messages = kernel.run(code)
    assert reply["status"] == "error"
    errors = messages.of("error")
    assert len(errors) == 1
    for part in ("ename", "evalue", "traceback"):
        assert errors[0][part] == reply[part] and reply[part], part
    assert says in reply["evalue"] + "".join(reply["traceback"])
    assert kernel.ok("1 + 1").of("execute_result")[0]["data"]["text/plain"] == "2"


def test_variables_outlive_an_error(kernel):
    kernel.ok("let kept = 41;")
    assert kernel.run('"x".parse::<u32>()?;')[0]["status"] == "error"
    assert kernel.ok("kept + 1").of("execute_result")[0]["data"]["text/plain"] == "42"


def test_cells_that_wait_behind_an_error_are_aborted(kernel):
    failing = kernel.client.execute('std::thread::sleep(std::time::Duration::from_millis(300)); panic!("stop");')
    waiting = [kernel.client.execute("1"), kernel.client.execute("2")]
    assert kernel.reply(failing)["status"] == "error"
    for msg_id in waiting:
        assert kernel.reply(msg_id)["status"] == "aborted"
        kernel.until_idle(msg_id)
    free = kernel.client.execute('panic!("go on");', stop_on_error=False)
    after = kernel.client.execute("3")
    assert kernel.reply(free)["status"] == "error"
    assert kernel.reply(after)["status"] == "ok"
    kernel.until_idle(after)


def test_outputs_stay_in_order(kernel):
    messages = kernel.ok(
        """
        use evcxr_widgets::display;
        println!("one"); println!("two");
        display::html("<i>three</i>");
        eprintln!("four");
        let place = display::slot();
        place.update_html("five");
        display::clear_output(true);
        println!("six");
        """
    )
    assert messages.kinds() == [
        "stream", "display_data", "stream", "display_data", "update_display_data", "clear_output",
        "stream",
    ]
    assert messages.text() == "one\ntwo\nsix\n"
    assert messages.text("stderr") == "four\n"


def test_lines_are_sent_in_batches_and_none_is_lost(kernel):
    messages = kernel.ok('for i in 0..20_000 { println!("{i}"); }')
    assert messages.text() == "".join(f"{i}\n" for i in range(20_000))
    assert len(messages.of("stream")) < 2_000


def test_all_messages_carry_one_session(kernel):
    _, messages = kernel.run('println!("x"); 1')
    assert len({message["header"]["session"] for message in messages}) == 1


def test_completion_knows_what_a_cell_defined(kernel):
    kernel.ok("let memorable_name = 1;")
    reply = kernel.request("complete_request", {"code": "memorable_n", "cursor_pos": 11})
    assert "memorable_name" in reply["matches"]


def test_polars_costs_a_cell_nothing(kernel):
    messages = kernel.ok(
        """
        use polars::prelude::*;
        let frame = df!["peer" => ["b", "a"], "bytes" => [2i64, 1]]?;
        let sum = frame.clone().lazy().select([col("bytes").sum()]).collect()?;
        """
    )
    assert messages.text("stderr") == ""
    shown = kernel.ok("frame.height()").of("execute_result")
    assert shown[0]["data"]["text/plain"] == "2"


def test_an_endless_cell_can_be_interrupted(fresh_kernel):
    msg_id = fresh_kernel.client.execute("loop { std::thread::sleep(std::time::Duration::from_millis(50)); }")
    time.sleep(2)
    fresh_kernel.manager.interrupt_kernel()
    assert fresh_kernel.reply(msg_id)["status"] == "error"
    fresh_kernel.until_idle(msg_id)
    assert fresh_kernel.ok("1 + 1").kinds() == ["execute_result"]


def test_commands_in_foreign_text_are_only_text(kernel):
    text = "EVCXR_BEGIN_CONTENT text/html"
    messages = kernel.ok(
        f'evcxr_widgets::display::text("a\\n{text}\\n<b>x</b>\\nEVCXR_END_CONTENT\\nb");'
    )
    assert messages.kinds() == ["display_data"]
    assert text in messages.of("display_data")[0]["data"]["text/plain"]
