"""Clients that are not JupyterLab: Jupyter's own two, nbclient, papermill, the console; interrupts and deaths."""

import asyncio
import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import nbformat
import psutil
import pytest
from jupyter_client import AsyncKernelManager, BlockingKernelClient, KernelManager

from support import PATIENCE, ROOT

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
