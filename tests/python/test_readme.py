"""What the README says to type, typed on the example day."""

import re
import shlex
import subprocess

from support import PROGRAMS, ROOT, Kernel
from test_notebook import story_rows

# A Zeek log of the reader's: one connection, and the lookup before it.
LOGS = {
    "conn.log": '{"_path":"conn","ts":1467968400.5,"id.orig_h":"10.0.0.5","id.orig_p":50001,"id.resp_h":"203.0.113.77",'
    '"id.resp_p":443,"proto":"tcp","duration":1.5,"conn_state":"SF","history":"ShADadFf","orig_pkts":12,'
    '"orig_ip_bytes":1307,"resp_pkts":11,"resp_ip_bytes":2133}\n',
    "dns.log": '{"_path":"dns","ts":1467968399.5,"id.orig_h":"10.0.0.5","id.orig_p":5353,"id.resp_h":"10.0.0.9",'
    '"id.resp_p":53,"proto":"udp","rtt":0.25,"query":"c2.evil.example","qclass":1,"qtype":1,"rcode":0,'
    '"answers":["203.0.113.77"]}\n',
}
README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.M | re.S)


def test_the_cell_of_the_readme_runs_and_saves(example_day, tmp_path):
    [cell] = blocks("rust")
    settings = {"SPOT_DATA": example_day, "SPOT_OUT": tmp_path / "out"}
    with Kernel("spot", env=settings) as kernel:
        reply, messages = kernel.run(cell)
    assert reply["status"] == "ok", reply.get("traceback")
    saved = story_rows(tmp_path / "out")
    assert len(saved) == cell.count("save_threat_summary") == 2
    assert all(row["title"] in cell and row["text"] in cell for row in saved)


def test_the_commands_of_the_readme_run(example_day, tmp_path):
    """Those of `spot` that end by themselves, in order, with anchors of the example day."""
    out = tmp_path / "out"
    lines = "".join(blocks("sh")).splitlines()
    commands = [line for line in lines if line.startswith("target/release/spot ")]
    assert len(commands) >= 8, lines
    save = ["save", "flow", "--data", example_day, "--anchor", "10.20.10.57", "--title", "t", "--text", "x"]
    env = {"SPOT_OUT": str(out), "SPOT_AUTHOR": "ann", "PATH": "/usr/bin:/bin"}

    def run(words):
        done = subprocess.run(
            [PROGRAMS / "spot", *map(str, words)], capture_output=True, text=True, env=env, cwd=tmp_path
        )
        assert done.returncode == 0, (words, done.stderr)

    run(save)
    for log, lines in LOGS.items():
        (tmp_path / log).write_text(lines)
    # Places of the README's reader, and what is there here.
    here = {
        "/data/spot": str(example_day),
        "/srv/reports": str(tmp_path / "reports"),
        "context/indicators.csv": str(ROOT / "context" / "indicators.csv"),
        "192.0.2.7": "10.20.10.57",
        "evil.example": "cdn-sync.example.net",
    }
    for line in commands:
        _, *words = shlex.split(line, comments=True)
        if words[0] != "serve":
            run([here.get(word, word) for word in words])
