"""The notebook on the example day, and what it says when its data is bad."""

import json
import os
import shutil
import stat

import pytest
from bs4 import BeautifulSoup

from pages import asked_for, tables
from support import NOTEBOOK, Kernel, nbconvert, search, tree_hash
from truth import Truth, days, partition, suspects

CELLS = [
    "".join(cell["source"])
    for cell in json.loads(NOTEBOOK.read_text())["cells"]
    if cell["cell_type"] == "code"
]


def run(kernel):
    """Runs the notebook's cells to the first error: what a person reads, and whether all ran."""
    said = []
    for code in CELLS:
        reply, messages = kernel.run(code)
        said += [messages.text(), messages.html()]
        if reply["status"] != "ok":
            said += reply["traceback"]
            return "\n".join(said), False
    return "\n".join(said), True


@pytest.fixture(scope="module")
def report(example_day, tmp_path_factory):
    """The page for every suspect of the example day, as the night run makes it."""
    folder = tmp_path_factory.mktemp("report")
    page = nbconvert(folder / "page", DATA=example_day, ANCHOR="all", OUT=folder / "out")
    assert page.done.returncode == 0, page.log
    return page


def test_the_notebook_is_kept_without_outputs():
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    assert all(not c["outputs"] and c["execution_count"] is None for c in cells if "outputs" in c)


def test_every_suspect_is_in_the_report(report, example_day):
    day = json_day(example_day)
    every = suspects(example_day, day)
    assert len(every) > 3
    shown = tables(report.html)
    assert [len(found) for found in shown.values()] == [len(every)] * 4
    for anchor in every:
        assert "Threat summary for" in report.html and anchor in report.html


def json_day(data):
    """The latest day with suspects, which the notebook chooses by itself."""
    return max(day for day in days(data) if suspects(data, day))


def test_the_page_asks_for_nothing(report):
    # The whole page: what cells showed, and what nbconvert put around it.
    assert asked_for(BeautifulSoup(report.html, "html.parser")) == []
    assert "application/vnd.jupyter.widget-view+json" not in report.html
    assert "embed-amd.js" not in report.html, "widgets would be fetched from the network"


def test_a_search_of_the_example_day_says_what_its_rows_say(example_day):
    day = json_day(example_day)
    ranges = example_day / "context/ipranges.csv"
    for anchor in suspects(example_day, day)[:4]:
        found = search(example_day, day, anchor)
        truth = Truth(example_day, day, anchor, None)
        assert found["scanned"] == truth.scanned
        peers = {row["peer"]: row for row in found["peers"]}
        for peer, want in truth.peers().items():
            del want["direction"]
            assert {name: peers[peer][name] for name in want} == want, (anchor, peer)
        assert len(peers) == len(truth.peers()), ranges


def test_a_headless_run_saves_a_story_and_twice_is_once(example_day, tmp_path):
    day = json_day(example_day)
    anchor = suspects(example_day, day)[0]
    out = tmp_path / "out"
    settings = dict(DATA=example_day, ANCHOR=anchor, OUT=out)
    names, rows = [], []
    for title in ("First", "Second"):
        page = nbconvert(tmp_path / title, TITLE=title, TEXT="x", **settings)
        assert page.done.returncode == 0, page.log
        stories = story_rows(out)
        assert [(row["ip_threat"], row["title"]) for row in stories] == [(anchor, title)]
        names.append(sorted(str(path.relative_to(out)) for path in out.rglob("*.json")))
        rows.append(table_rows(out, "timeline"))
    assert names[0] == names[1]
    assert rows[0] == rows[1] > 0


def story_rows(out):
    import pyarrow.parquet as pq

    found = []
    for path in sorted(out.rglob("y=*/**/*.parquet")):
        if "storyboard" in str(path.relative_to(out)):
            found += pq.read_table(path, partitioning=None).to_pylist()
    return found


def table_rows(out, name):
    import pyarrow.parquet as pq

    paths = [p for p in out.rglob("*.parquet") if name in str(p.relative_to(out))]
    return sum(pq.read_table(path, partitioning=None).num_rows for path in paths)


def test_an_address_without_flows_is_a_state_not_an_error(example_day, tmp_path):
    out = tmp_path / "out"
    page = nbconvert(
        tmp_path / "page", DATA=example_day, ANCHOR="192.0.2.255", TITLE="t", TEXT="x", OUT=out
    )
    assert page.done.returncode == 0, page.log
    assert "192.0.2.255" in page.html
    assert not list(out.rglob("*.parquet")), "there is nothing to save"


def cut_in_half(path):
    half = path.read_bytes()[: path.stat().st_size // 2]
    path.write_bytes(half)


def drop_column(name):
    import pyarrow.parquet as pq

    def change(path):
        table = pq.read_table(path, partitioning=None)
        pq.write_table(table.drop_columns([name]), path)

    return change


def retype(name):
    import pyarrow as pa
    import pyarrow.parquet as pq

    def change(path):
        table = pq.read_table(path, partitioning=None)
        at = table.schema.get_field_index(name)
        words = pa.array(["many"] * table.num_rows)
        pq.write_table(table.set_column(at, name, words), path)

    return change


# What is broken in the day's first flow file, and what the message must name.
BROKEN = [
    ("a file cut in half", cut_in_half, None),
    ("a missing column", drop_column("dip"), "dip"),
    ("a wrong type", retype("ibyt"), "ibyt"),
]


@pytest.mark.parametrize("what, breaks, names", BROKEN, ids=[b[0] for b in BROKEN])
def test_broken_flows_are_named(example_day, copy_of, what, breaks, names):
    data = copy_of(example_day)
    day = json_day(data)
    anchor = suspects(data, day)[0]
    files = sorted(partition(data, "flow", day).rglob("*.parquet"))
    breaks(files[0])
    with Kernel("spot", env={"SPOT_DATA": data, "SPOT_ANCHOR": anchor}) as kernel:
        said, _ = run(kernel)
        assert (names or files[0].name) in said, said[-2000:]
        assert kernel.ok("1 + 1").kinds() == ["execute_result"], "the kernel lives"


def missing_folder(data):
    shutil.rmtree(data)
    return str(data)


def missing_table(data):
    shutil.rmtree(data / "flow")
    return "flow"


# What is taken away, as a function of the folder that returns what the message must name.
@pytest.mark.parametrize("takes", [missing_folder, missing_table])
def test_what_is_missing_is_named(example_day, copy_of, takes):
    data = copy_of(example_day)
    names = takes(data)
    with Kernel("spot", env={"SPOT_DATA": data, "SPOT_ANCHOR": "all"}) as kernel:
        said, _ = run(kernel)
        assert names in said, said[-2000:]
        assert kernel.ok("1 + 1").kinds() == ["execute_result"]


def test_a_day_that_is_not_there_is_named(example_day):
    settings = {"SPOT_DATA": example_day, "SPOT_DATE": "1999-12-31", "SPOT_ANCHOR": "all"}
    with Kernel("spot", env=settings) as kernel:
        said, _ = run(kernel)
        assert "1999-12-31" in said, said[-2000:]
        assert kernel.ok("1 + 1").kinds() == ["execute_result"]


def test_a_bad_context_line_is_named(example_day, copy_of):
    data = copy_of(example_day)
    context = data / "broken-context"
    context.mkdir()
    (context / "ipranges.csv").write_text("10.0.0.0,10.0.0.255,office\n10.1.0.0,not an address,x\n")
    anchor = suspects(data, json_day(data))[0]
    settings = {"SPOT_DATA": data, "SPOT_ANCHOR": anchor, "SPOT_CONTEXT": context}
    with Kernel("spot", env=settings) as kernel:
        said, _ = run(kernel)
        assert "ipranges.csv" in said and "2" in said, said[-2000:]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_named_and_left_alone(example_day, copy_of):
    data = copy_of(example_day)
    for path in [data, *data.rglob("*")]:
        path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    before = tree_hash(data)
    anchor = suspects(data, json_day(data))[0]
    settings = {"SPOT_DATA": data, "SPOT_ANCHOR": anchor, "SPOT_TITLE": "t", "SPOT_TEXT": "x"}
    with Kernel("spot", env=settings) as kernel:
        said, _ = run(kernel)
        assert str(data) in said or "SPOT_OUT" in said, said[-2000:]
        assert kernel.ok("1 + 1").kinds() == ["execute_result"]
    for path in [data, *data.rglob("*")]:
        path.chmod(path.stat().st_mode | stat.S_IWUSR)
    assert tree_hash(data) == before


def test_saving_where_no_folder_can_be_is_named(example_day, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    anchor = suspects(example_day, json_day(example_day))[0]
    settings = {
        "SPOT_DATA": example_day, "SPOT_ANCHOR": anchor, "SPOT_TITLE": "t", "SPOT_TEXT": "x",
        "SPOT_OUT": blocked / "out",
    }
    with Kernel("spot", env=settings) as kernel:
        said, _ = run(kernel)
        assert str(blocked) in said, said[-2000:]
        assert kernel.ok("1 + 1").kinds() == ["execute_result"]


def test_the_panel_closes_the_old_one_when_its_cell_runs_again(example_day, tmp_path):
    settings = {"SPOT_DATA": example_day, "SPOT_OUT": tmp_path}
    with Kernel("spot", env=settings) as kernel:
        for code in CELLS[:1]:
            kernel.ok(code)
        first = kernel.ok(CELLS[1]).opened()
        again = kernel.ok(CELLS[1])
        closed = {content["comm_id"] for content in again.of("comm_close")}
        assert first["SelectModel"][0] in closed and first["ButtonModel"][0] in closed
        comms = kernel.request("comm_info_request", {})["comms"]
        assert not closed & set(comms)
