"""A kernel that ends, restarts or is interrupted leaves no process and no folder behind."""

import os
import signal
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from support import Kernel

PANEL = """
use evcxr_widgets::Button;
let button = Button::new("x").on_click(|| ());
button.show();
"""
BUSY = "loop { std::thread::sleep(std::time::Duration::from_millis(20)); }"


def alive(processes):
    gone, left = psutil.wait_procs(processes, timeout=20)
    return [p for p in left if p.status() != psutil.STATUS_ZOMBIE]


def folders():
    return set(Path(tempfile.gettempdir()).glob("spot-kernel-*"))


def idle(kernel):
    pass


def busy(kernel):
    cell = kernel.client.execute(BUSY)
    time.sleep(2)
    return cell


@pytest.mark.parametrize("state", [idle, busy])
def test_shutdown_leaves_nothing(state):
    before = folders()
    with Kernel("spot") as kernel:
        kernel.ok(PANEL)
        state(kernel)
        processes = kernel.processes()
        assert len(processes) >= 2, "the kernel and the process that runs the cells"
        kernel.manager.shutdown_kernel()
        assert alive(processes) == []
    assert folders() - before == set()


@pytest.mark.parametrize("state", [idle, busy])
def test_restart_leaves_nothing_of_the_old_kernel(state):
    with Kernel("spot") as kernel:
        kernel.ok("let old = 1;")
        state(kernel)
        processes = kernel.processes()
        kernel.manager.restart_kernel()
        kernel.client.wait_for_ready(timeout=180)
        assert alive(processes) == []
        reply, _ = kernel.run("old")
        assert reply["status"] == "error", "a restarted kernel has forgotten everything"
        assert kernel.ok("1").kinds() == ["execute_result"]


def test_interrupt_ends_the_cell_and_its_process():
    with Kernel("spot") as kernel:
        kernel.ok(PANEL)
        cell = busy(kernel)
        running = kernel.processes()[1:]
        kernel.manager.interrupt_kernel()
        reply = kernel.reply(cell)
        assert (reply["status"], reply["ename"]) == ("error", "Interrupted")
        kernel.until_idle(cell)
        assert kernel.ok("1 + 1").kinds() == ["execute_result"]
        now = {p.pid for p in kernel.processes()}
        assert [p for p in alive([p for p in running if p.pid not in now])] == []


def test_interrupt_of_a_compilation_keeps_the_variables():
    # Long to compile, not to run: a thousand functions that are all called.
    long = "".join(f"fn f{i}() -> String {{ format!(\"{{}}\", {i}) }}\n" for i in range(1500))
    long += "let all = vec![" + ", ".join(f"f{i}()" for i in range(1500)) + "];"
    with Kernel("spot") as kernel:
        kernel.ok("let kept = 7;")
        cell = kernel.client.execute(long)
        compiling = lambda: [p for p in kernel.processes() if p.name() == "rustc"]  # noqa: E731
        deadline = time.monotonic() + 60
        while not compiling() and time.monotonic() < deadline:
            time.sleep(0.05)
        kernel.manager.interrupt_kernel()
        assert kernel.reply(cell)["ename"] == "Interrupted"
        kernel.until_idle(cell)
        assert kernel.ok("kept").of("execute_result")[0]["data"]["text/plain"] == "7"


def test_a_kernel_that_is_killed_takes_its_child_along():
    with Kernel("spot") as kernel:
        kernel.ok(PANEL)
        processes = kernel.processes()
        os.kill(processes[0].pid, signal.SIGKILL)
        assert alive(processes[1:]) == []


def test_cells_that_end_their_process_are_told_so():
    with Kernel("spot") as kernel:
        reply, _ = kernel.run("std::process::abort();")
        assert reply["status"] == "error"
        assert kernel.ok("1 + 1").kinds() == ["execute_result"]
