"""What the tests share: a kernel as a client sees it, the notebook as nbconvert runs it."""

import hashlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from queue import Empty

import psutil
from jupyter_client.manager import KernelManager

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "notebooks/Flow_Threat_Investigation.ipynb"
DNS_NOTEBOOK = ROOT / "notebooks/DNS_Threat_Investigation.ipynb"
PROGRAMS = Path(os.environ.get("PROGRAMS", ROOT / "target/release"))
CAPTURES = ROOT.parent / "shared/data/captures"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
# Patience, not a measure: a machine that builds something else meanwhile is slow.
PATIENCE = int(os.environ.get("PATIENCE", 180))


class Messages(list):
    """IOPub messages of one request, from busy to idle."""

    def kinds(self):
        """`stream`, `comm_msg update`, .. in order, without status and execute_input."""
        kinds = []
        for message in self:
            kind = message["msg_type"]
            if kind in ("comm_open", "comm_msg"):
                data = message["content"]["data"]
                kind += " " + data.get("method", data.get("state", {}).get("_model_name", ""))
            if kind not in ("status", "execute_input"):
                kinds.append(kind)
        return kinds

    def of(self, kind):
        return [m["content"] for m in self if m["msg_type"] == kind]

    def text(self, name="stdout"):
        return "".join(c["text"] for c in self.of("stream") if c["name"] == name)

    def opened(self):
        """Opened widgets: model name to (comm id, state), the last of each name."""
        return {
            c["data"]["state"]["_model_name"]: (c["comm_id"], c["data"]["state"])
            for c in self.of("comm_open")
        }

    def html(self):
        shown = self.of("display_data") + self.of("update_display_data") + self.of("execute_result")
        return "".join(c["data"].get("text/html", "") for c in shown)


class Kernel:
    """A running kernel with a client."""

    def __init__(self, name, env=None, cwd=None):
        self.manager = KernelManager(kernel_name=name)
        self.env, self.cwd = env or {}, cwd

    def __enter__(self):
        env = {**os.environ, **{key: str(value) for key, value in self.env.items()}}
        self.manager.start_kernel(env=env, cwd=str(self.cwd or ROOT / "notebooks"))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)
        return self

    def __exit__(self, *_):
        self.client.stop_channels()
        if self.manager.has_kernel:
            self.manager.shutdown_kernel()

    def processes(self):
        """The kernel's process and all that it started."""
        process = psutil.Process(self.manager.provisioner.pid)
        return [process, *process.children(recursive=True)]

    def send(self, kind, content, channel="shell"):
        message = self.client.session.msg(kind, content)
        getattr(self.client, f"{channel}_channel").send(message)
        return message["header"]["msg_id"]

    def until_idle(self, msg_id, wait=PATIENCE):
        """IOPub messages whose parent is `msg_id`, up to its idle."""
        found, others = Messages(), []
        deadline = time.monotonic() + wait
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=max(0.1, deadline - time.monotonic()))
            except Empty:
                raise AssertionError(f"no idle; so far {found.kinds()}") from None
            if message["parent_header"].get("msg_id") != msg_id:
                others.append(message)
                continue
            found.append(message)
            if message["content"].get("execution_state") == "idle":
                self.others = Messages(others)
                return found

    def run(self, code, **options):
        """Runs a cell: its reply's content and its messages."""
        msg_id = self.client.execute(code, **options)
        messages = self.until_idle(msg_id)
        return self.reply(msg_id), messages

    def ok(self, code):
        """Runs a cell that must succeed: its messages."""
        reply, messages = self.run(code)
        said = "\n".join(reply.get("traceback", [str(reply)]))
        assert reply["status"] == "ok", re.sub(r"\x1b\[[0-9;]*m", "", said)
        return messages

    def reply(self, msg_id):
        while True:
            reply = self.client.get_shell_msg(timeout=PATIENCE)
            if reply["parent_header"].get("msg_id") == msg_id:
                return reply["content"]

    def comm_msg(self, comm_id, data):
        """What a page does to a widget: the messages that answer it."""
        return self.until_idle(self.send("comm_msg", {"comm_id": comm_id, "data": data}))

    def click(self, comm_id):
        return self.comm_msg(comm_id, {"method": "custom", "content": {"event": "click"}})

    def update(self, comm_id, **state):
        return self.comm_msg(comm_id, {"method": "update", "state": state, "buffer_paths": []})

    def request(self, kind, content, channel="shell"):
        """A request that is answered: its reply's content."""
        msg_id = self.send(kind, content, channel)
        if channel == "control":
            while True:
                reply = self.client.get_control_msg(timeout=PATIENCE)
                if reply["parent_header"].get("msg_id") == msg_id:
                    return reply["content"]
        content = self.reply(msg_id)
        self.until_idle(msg_id)
        return content


def tree_hash(folder: Path) -> str:
    """Names and contents of all files below a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        digest.update(str(path.relative_to(folder)).encode() + b"\0")
        if path.is_file():
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


class Page:
    """What nbconvert made of the notebook."""

    def __init__(self, done, html):
        self.done, self.html = done, html

    @property
    def log(self):
        return self.done.stdout + self.done.stderr


def nbconvert(out: Path, notebook=NOTEBOOK, kernel=None, **settings) -> Page:
    """Runs the notebook with `SPOT_..` settings: `nbconvert(out, DATA=folder, ANCHOR="all")`."""
    out.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, **{f"SPOT_{k}": str(v) for k, v in settings.items()}}
    command = [sys.executable, "-m", "nbconvert", "--execute", "--to", "html", str(notebook)]
    command += ["--output", "page.html", "--output-dir", str(out)]
    if kernel:
        command.append(f"--ExecutePreprocessor.kernel_name={kernel}")
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    page = out / "page.html"
    return Page(done, page.read_text() if page.is_file() else "")


def spot(*words, **options):
    """Runs the command line: the process when it is done."""
    command = [str(PROGRAMS / "spot"), *map(str, words)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, **options)


def search(data, date, anchor):
    """`spot search flow` as JSON."""
    done = spot(
        "search", "flow", "--data", data, "--date", date, "--anchor", anchor, "--format", "json"
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
