"""Clients that are not JupyterLab: Jupyter's own two, nbclient, papermill, the console, ipc; and what they may load on it."""

import asyncio
import json
import os
import re
import stat
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from jupyter_client import AsyncKernelManager, BlockingKernelClient, KernelManager

from support import PATIENCE, ROOT, Kernel

BIN = Path(sys.executable).parent
EXAMPLES = ROOT / "crates/evcxr_widgets/examples"


def plain(text):
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


# --- clients ---


def test_the_blocking_client(kernel):
    client = BlockingKernelClient(connection_file=kernel.manager.connection_file)
    client.load_connection_file()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=PATIENCE)
        heard = []
        reply = client.execute_interactive("6 * 7", timeout=PATIENCE, output_hook=heard.append)
        assert reply["content"]["status"] == "ok"
        assert [m["content"]["data"]["text/plain"] for m in heard if m["msg_type"] == "execute_result"] == ["42"]
        assert client.kernel_info(reply=True, timeout=PATIENCE)["content"]["implementation"] == "spot"
        assert "String" in client.complete("Strin", reply=True, timeout=PATIENCE)["content"]["matches"]
    finally:
        client.stop_channels()


def test_the_async_client():
    async def work():
        manager = AsyncKernelManager(kernel_name="spot")
        await manager.start_kernel()
        client = manager.client()
        client.start_channels()
        try:
            await client.wait_for_ready(timeout=PATIENCE)
            heard = []
            cells = ["let a = 6;", "a * 7"]
            replies = [await client.execute_interactive(cell, timeout=PATIENCE, output_hook=heard.append) for cell in cells]
            assert [reply["content"]["status"] for reply in replies] == ["ok", "ok"]
            assert [m["content"]["data"] for m in heard if m["msg_type"] == "execute_result"] == [{"text/plain": "42"}]
            info = await client.kernel_info(reply=True, timeout=PATIENCE)
            assert info["content"]["status"] == "ok"
            await manager.interrupt_kernel()
        finally:
            client.stop_channels()
            await manager.shutdown_kernel()
        assert not await manager.is_alive()

    asyncio.run(work())


def test_the_console():
    """`jupyter console`, as somebody types into it."""
    lines = 'let name = "console";\nprintln!("hello, {name}");\n6 * 7\nexit\n'
    done = subprocess.run(
        [BIN / "jupyter", "console", "--kernel", "spot", "--simple-prompt", "--ZMQTerminalInteractiveShell.kernel_timeout=180"],
        input=lines, capture_output=True, text=True, timeout=2 * PATIENCE, cwd=ROOT / "notebooks",
    )
    said = plain(done.stdout + done.stderr)
    assert done.returncode == 0, said
    assert "Rust (Spot)" in said and "hello, console" in said, said
    assert re.search(r"Out\[\d+\]: 42", said), said


@pytest.mark.parametrize("transport", ["tcp", "ipc"])
def test_sockets_and_connection_file_are_the_owners_alone(transport, tmp_path):
    manager = KernelManager(kernel_name="spot", transport=transport)
    if transport == "ipc":
        manager.ip = str(tmp_path / "kernel")
    # A group that may write, as some systems have it.
    before = os.umask(0o002)
    try:
        manager.start_kernel()
    finally:
        os.umask(before)
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=PATIENCE)
        reply = client.execute_interactive('println!("over a socket"); 1', timeout=PATIENCE, output_hook=lambda _: None)
        assert reply["content"]["status"] == "ok"
        assert stat.S_IMODE(os.stat(manager.connection_file).st_mode) == 0o600
        process = psutil.Process(manager.provisioner.pid)
        listening = {c.laddr for p in [process, *process.children(recursive=True)] for c in p.net_connections("unix") if c.laddr}
        paths = [Path(path) for path in listening if path.startswith("/")]
        assert len(paths) >= (6 if transport == "ipc" else 1), listening
        for path in paths:
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 or stat.S_IMODE(path.parent.stat().st_mode) & 0o077 == 0, path
        if transport == "ipc":
            assert {stat.S_IMODE(p.stat().st_mode) for p in tmp_path.iterdir()} == {0o600}
    finally:
        client.stop_channels()
        manager.shutdown_kernel()


# --- batches ---

PARAMETERS = {
    "name": 'O\'Brien "<b>" \\ \n {} é',
    "count": 3,
    "least": -(2**63),
    "share": 0.5,
    "big": float("inf"),
    "exact": True,
    "ports": [80, 443],
    "none": None,
    "mixed": [1, "a", None],
    "map": {"a": {"b": [1.5]}},
}
TOLD = {
    "name": PARAMETERS["name"],
    "count": "4",
    "least": str(-(2**63)),
    "share": "0.25",
    "big": "inf",
    "exact": "false",
    "ports": "523",
    "none": "None",
    "mixed": '[1,"a",null]',
    "map": '{"a":{"b":[1.5]}}',
}


def notebook(tmp_path, cells):
    made = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "spot", "language": "rust", "display_name": "Rust"}})
    made.cells = cells
    path = tmp_path / "in.ipynb"
    nbformat.write(made, path)
    return path


def test_papermill_writes_parameters_in_rust(tmp_path):
    cells = [
        nbformat.v4.new_code_cell('let name = "nobody";\nlet count = 1_i64;', metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(
            'let told = serde_json::json!({"name": name, "count": (count + 1).to_string(), "least": least.to_string(), '
            '"share": (share / 2.0).to_string(), "big": big.to_string(), "exact": (!exact).to_string(), '
            '"ports": ports.iter().sum::<i64>().to_string(), "none": format!("{none:?}"), '
            '"mixed": mixed.to_string(), "map": map.to_string()});\nprintln!("{told}");'
        ),
    ]
    source, out = notebook(tmp_path, cells), tmp_path / "out.ipynb"
    given = tmp_path / "given.yaml"
    given.write_text(json.dumps(PARAMETERS).replace("Infinity", ".inf"))
    done = subprocess.run(
        [BIN / "papermill", source, out, "-f", given, "--no-progress-bar"],
        capture_output=True, text=True, timeout=3 * PATIENCE, cwd=ROOT / "notebooks",
    )
    assert done.returncode == 0, plain(done.stderr)[-3000:]
    ran = nbformat.read(out, as_version=4)
    assert [cell.metadata.get("tags") for cell in ran.cells[:2]] == [["parameters"], ["injected-parameters"]]
    said = "".join(output.text for cell in ran.cells for output in cell.get("outputs", []) if output.output_type == "stream")
    assert json.loads(said) == TOLD


@pytest.mark.parametrize("name", ["a; std::process::abort(); let b", "fn", "_", "", "1a", "é"])
def test_papermill_writes_no_code_out_of_a_name(name):
    from papermill.exceptions import PapermillException
    from papermill.translators import papermill_translators

    import rust_papermill  # noqa: F401

    translator = papermill_translators.find_translator("spot", "rust")
    with pytest.raises(PapermillException):
        translator.codify({name: 1})
    assert "\n" not in translator.comment("a\nb")


@pytest.mark.parametrize("example", sorted(path.stem for path in EXAMPLES.glob("*.ipynb")))
def test_the_examples_of_the_widgets_run(example, tmp_path):
    """Under nbclient, without a page: each cell ends well, and what stays says something."""
    out = tmp_path / f"{example}.ipynb"
    done = subprocess.run(
        [BIN / "jupyter", "nbconvert", "--to", "notebook", "--execute", "--output", out, EXAMPLES / f"{example}.ipynb"],
        capture_output=True, text=True, timeout=3 * PATIENCE,
    )
    assert done.returncode == 0, plain(done.stderr)[-3000:]
    ran = nbformat.read(out, as_version=4)
    shown = [o for cell in ran.cells for o in cell.get("outputs", [])]
    assert not [o for o in shown if o.output_type == "error" or o.get("name") == "stderr"], shown
    assert any("text/plain" in o.get("data", {}) for o in shown)


# --- interrupts ---


def interrupt_when(kernel, cell, seen):
    """Interrupts once `seen` was printed: the reply."""
    text = ""
    while seen not in text:
        message = kernel.client.get_iopub_msg(timeout=PATIENCE)
        text += message["content"].get("text", "")
    kernel.manager.interrupt_kernel()
    reply = kernel.reply(cell)
    kernel.until_idle(cell)
    return reply


LISTENS = """
println!("begun");
let mut rounds = 0_u64;
while !evcxr_widgets::interrupted() {
    std::thread::sleep(std::time::Duration::from_millis(5));
    rounds += 1;
}
println!("cancelled");
"""


def test_work_that_listens_is_cancelled_and_loses_nothing(fresh_kernel):
    kernel = fresh_kernel
    kernel.ok("let kept = 7;")
    kernel.ok("evcxr_widgets::interrupted()")
    for _ in range(2):
        reply = interrupt_when(kernel, kernel.client.execute(LISTENS), "begun")
        assert reply["status"] == "ok", reply
    assert kernel.ok("kept").of("execute_result")[0]["data"]["text/plain"] == "7"


def test_work_that_does_not_listen_is_ended_and_what_is_lost_is_named(fresh_kernel):
    kernel = fresh_kernel
    kernel.ok("let kept = 7; let other = vec![1];")
    kernel.ok('evcxr_widgets::Select::new(["a"]).description("Pick").show();')
    code = 'println!("begun"); loop { std::thread::sleep(std::time::Duration::from_secs(1)); }'
    reply = interrupt_when(kernel, kernel.client.execute(code), "begun")
    assert (reply["status"], reply["ename"]) == ("error", "Interrupted")
    assert reply["traceback"][1:] == ["Lost variables: kept, other", 'Dead widgets of cell 2: Select "Pick"']
    assert kernel.ok("1").kinds() == ["execute_result"]


@pytest.mark.parametrize("how", ["kill -9", "out of memory"])
def test_a_process_that_dies_is_said_and_another_one_started(fresh_kernel, how):
    kernel = fresh_kernel
    kernel.ok("let kept = 7;")
    kernel.ok('evcxr_widgets::Button::new("Go").show();')
    if how == "kill -9":
        user = max(kernel.processes()[1:], key=lambda p: p.create_time())
        user.kill()
        # Nothing runs: the kernel answers, and the next cell says it.
        assert kernel.request("kernel_info_request", {})["status"] == "ok"
        reply, _ = kernel.run("kept")
    else:
        # An allocation that cannot be: what the system's own killer does is above.
        reply, _ = kernel.run("let all = vec![0_u8; 1 << 62];")
    assert reply["status"] == "error"
    told = "\n".join(reply["traceback"])
    assert "Lost variables: kept" in told and 'Dead widgets of cell 2: Button "Go"' in told, told
    assert kernel.ok("1").kinds() == ["execute_result"]


# --- load ---


def test_ten_thousand_updates_arrive_complete_and_in_order(kernel):
    code = """
    let load = evcxr_widgets::IntProgress::new(10_000);
    load.show();
    for n in 1..=10_000 { load.set_value(n); }
    """
    messages = kernel.ok(code)
    values = [c["data"]["state"]["value"] for c in messages.of("comm_msg") if "value" in c["data"].get("state", {})]
    assert values == list(range(1, 10_001))


def test_a_hundred_thousand_lines_arrive_in_few_messages(kernel):
    messages = kernel.ok('for n in 0..100_000 { println!("line {n}"); }')
    assert messages.text() == "".join(f"line {n}\n" for n in range(100_000))
    # What jupyter_server lets through in its window of three seconds, at 1,000 a second.
    assert len(messages.of("stream")) < 1000, len(messages.of("stream"))


COUNTER = """
use std::sync::atomic::{AtomicU64, Ordering};
static CLICKS: AtomicU64 = AtomicU64::new(0);
evcxr_widgets::Button::new("Count").on_click(|| { CLICKS.fetch_add(1, Ordering::SeqCst); }).show();
"""


def click(kernel, comm_id):
    return kernel.send("comm_msg", {"comm_id": comm_id, "data": {"method": "custom", "content": {"event": "click"}}})


def answered(kernel, waiting, until=None):
    """Reads IOPub until all of `waiting` are idle; the idles in their order."""
    order = []
    waiting = set(waiting)
    while waiting:
        message = kernel.client.get_iopub_msg(timeout=PATIENCE)
        parent = message["parent_header"].get("msg_id")
        if message["content"].get("execution_state") == "idle":
            order.append(parent)
            waiting.discard(parent)
    return order


def test_a_thousand_clicks_during_a_cell_are_answered_before_its_reply(kernel):
    button, _ = kernel.ok(COUNTER).opened()["ButtonModel"]
    # The cell ends by itself when it has seen all of them.
    code = """
    println!("begun");
    while CLICKS.load(Ordering::SeqCst) < 1000 { std::thread::sleep(std::time::Duration::from_millis(5)); }
    std::thread::sleep(std::time::Duration::from_millis(500));
    """
    cell = kernel.client.execute(code)
    while "begun" not in kernel.client.get_iopub_msg(timeout=PATIENCE)["content"].get("text", ""):
        pass
    clicks = [click(kernel, button) for _ in range(1000)]
    order = answered(kernel, [*clicks, cell])
    assert [parent for parent in order if parent in set(clicks)] == clicks, "in the order of the clicks"
    assert order[-1] == cell, "the cell ended last"
    assert kernel.reply(cell)["status"] == "ok"


def test_seven_thousand_clicks_cost_no_memory(fresh_kernel):
    kernel = fresh_kernel
    button, _ = kernel.ok(COUNTER).opened()["ButtonModel"]
    processes = [p for p in kernel.processes() if p.name() == "spot-kernel"]
    resident = lambda: sum(p.memory_info().rss for p in processes)  # noqa: E731
    after = []
    for count in [1000, 6200]:
        for _ in range(count // 100):
            answered(kernel, [click(kernel, button) for _ in range(100)])
        after.append(resident())
    grown = (after[1] - after[0]) / 1e6
    print(f"  7,200 clicks: {grown:.1f} MB after the first 1,000 (less than 20)")
    assert grown < 20, f"{grown:.1f} MB"
    assert kernel.ok("CLICKS.load(Ordering::SeqCst)").of("execute_result")[0]["data"]["text/plain"] == "7200"


def test_twenty_restarts_leave_nothing(tmp_path):
    """No process, no socket, no folder; and two kernels never build in the same one."""
    with Kernel("spot", env={"TMPDIR": tmp_path}) as kernel, Kernel("spot", env={"TMPDIR": tmp_path}) as other:
        folders = set()
        seen = []
        for round in range(20):
            seen += kernel.processes()
            now = {p.name for p in tmp_path.iterdir()}
            assert not (now & folders) - {p.name for p in mine(tmp_path, other)}, "a folder of an earlier kernel"
            folders |= {p.name for p in mine(tmp_path, kernel)}
            if round % 5 == 0:
                kernel.client.wait_for_ready(timeout=PATIENCE)
                kernel.ok("let a = 1;")
            kernel.manager.restart_kernel()
        kernel.client.wait_for_ready(timeout=PATIENCE)
        assert kernel.ok("1").kinds() == other.ok("1").kinds() == ["execute_result"]
        alive = {p.pid for p in [*kernel.processes(), *other.processes()]}
        left = psutil.wait_procs([p for p in seen if p.pid not in alive], timeout=PATIENCE)[1]
        assert left == []
        a, b = (set(mine(tmp_path, one)) for one in (kernel, other))
        assert a and b and not a & b, "each has folders of its own"
        assert {path for path in tmp_path.iterdir() if path.name.startswith("spot-kernel")} == a | b
    deadline = time.monotonic() + 10
    while list(tmp_path.glob("spot-kernel*")) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert list(tmp_path.glob("spot-kernel*")) == []


def mine(tmp, kernel):
    """The folders below `tmp` of a kernel's processes, by their environment."""
    found = set()
    for process in kernel.processes():
        try:
            texts = list(process.environ().values())
        except psutil.Error:
            continue
        for text in texts:
            for part in str(text).split(":"):
                path = Path(part)
                if path.is_absolute() and tmp in path.parents:
                    found.add(tmp / path.relative_to(tmp).parts[0])
    return found
