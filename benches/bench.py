"""What a click costs here, beside the same panel in ipykernel, ipywidgets and pandas.

Both kernels are driven over Jupyter's protocol in one run, in turns, on the same data. Printed are
ratios: seconds belong to a machine. `cargo xtask bench` runs this.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/python"))
# Compiling polars takes the stock kernel longer than any cell of ours may.
os.environ.setdefault("PATIENCE", "7200" if os.environ.get("BENCH_STOCK") == "1" else "180")

from cells import cell_costs  # noqa: E402
from rank import BYTES as RANK_BYTES, rank_costs  # noqa: E402
from report import report_costs  # noqa: E402
from search import BYTES, NEXT, PAIRS, ROWS, example, search_costs  # noqa: E402
from serve import server_costs  # noqa: E402
from support import NOTEBOOK, Kernel, search  # noqa: E402
from truth import days, suspects  # noqa: E402
from zeek import import_costs  # noqa: E402

CLICKS = 15
CLICK = {"method": "custom", "content": {"event": "click"}}


def clicked(kernel, comm_id):
    """Seconds from a click to the last message that it causes (idle, or a later output)."""
    begin = time.perf_counter()
    msg_id = kernel.send("comm_msg", {"comm_id": comm_id, "data": CLICK})
    messages = kernel.until_idle(msg_id)
    return time.perf_counter() - begin, [*messages, *kernel.others]


def median_clicks(ours, theirs):
    """Median seconds of each, measured in turns so that both meet the same machine."""
    times = ([], [])
    for _ in range(CLICKS + 2):
        for taken, (kernel, comm_id, check) in zip(times, (ours, theirs)):
            seconds, messages = clicked(kernel, comm_id)
            check(messages)
            taken.append(seconds)
    # The first two fill caches of both.
    return [statistics.median(taken[2:]) for taken in times]


def shows(anchor):
    def check(messages):
        html = "".join(
            m["content"]["data"].get("text/html", "")
            for m in messages
            if m["msg_type"] == "update_display_data"
        )
        assert anchor in html and html.count("<table") >= 4, "the click showed no result"

    return check


def buttons(messages):
    return {
        c["data"]["state"]["description"]: c["comm_id"]
        for c in messages.of("comm_open")
        if c["data"]["state"].get("_model_name") == "ButtonModel"
    }


def select_of(messages, anchor):
    """The list with the anchor's line: comm id and index."""
    for content in messages.of("comm_open"):
        labels = content["data"]["state"].get("_options_labels") or []
        for index, label in enumerate(labels):
            if label.split(" ")[0] == anchor:
                return content["comm_id"], index
    raise SystemExit(f"the panel does not list {anchor}")


def cells():
    notebook = json.loads(NOTEBOOK.read_text())
    return ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]


def busiest(data, day):
    """The suspect with most rows: the click with most to do."""
    return max(suspects(data, day), key=lambda a: search(data, day, a)["connections"])


def click_costs(data, day, anchor):
    settings = {"SPOT_DATA": data, "SPOT_DATE": day}
    theirs = f"DATA, DAY, ANCHOR = {str(data)!r}, {day!r}, {anchor!r}\n"
    theirs += (ROOT / "benches/flow_pandas.py").read_text()
    with Kernel("spot", env=settings) as rust, Kernel("python3") as python:
        rust.ok(cells()[0])
        panel = rust.ok(cells()[1])
        list_id, index = select_of(panel, anchor)
        rust.update(list_id, index=index)
        empty = rust.ok('let empty = evcxr_widgets::Button::new("Empty").on_click(|| ()); empty.show();')
        other = buttons(python.ok(theirs))
        check = shows(anchor)
        search_times = median_clicks(
            (rust, buttons(panel)["Search"], check), (python, other["Search"], check)
        )
        nothing = lambda messages: None  # noqa: E731
        empty_times = median_clicks(
            (rust, buttons(empty)["Empty"], nothing), (python, other["Empty"], nothing)
        )
    return search_times, empty_times


def cell(name, number):
    """A code cell of a notebook."""
    notebook = json.loads((ROOT / "notebooks" / name).read_text())
    return ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"][number]


def next_clicks(data, day, pipeline, anchors):
    """A click on the first of `anchors` in a new notebook on a big day, then one on each other.

    The others are clicked when the day is held, which happens while somebody reads the first result.
    """
    name = {"flow": "Flow", "dns": "DNS"}[pipeline] + "_Threat_Investigation.ipynb"
    with Kernel("spot", env={"SPOT_DATA": data, "SPOT_DATE": day}) as kernel:
        kernel.ok(cell(name, 0))
        panel = kernel.ok(cell(name, 1))
        [other] = [
            c["comm_id"]
            for c in panel.of("comm_open")
            if c["data"]["state"].get("_model_name") == "ComboboxModel"
        ]
        taken, held = [], (0, 0)
        for number, anchor in enumerate(anchors):
            kernel.update(other, value=anchor)
            seconds, messages = clicked(kernel, buttons(panel)["Search"])
            html = "".join(
                m["content"]["data"].get("text/html", "")
                for m in messages
                if m["msg_type"] == "update_display_data"
            )
            assert anchor in html, f"the click on {anchor} showed no result"
            taken.append(seconds)
            while number == 0:
                before, held = held, held_by(kernel, pipeline)
                if held[0] and held == before:
                    break
                time.sleep(5)
    return {"asked": anchors, "seconds": taken, "rows": held[0], "bytes": held[1]}


def held_by(kernel, pipeline):
    """Rows and bytes that the notebook holds."""
    told = kernel.ok(f"let held = {pipeline}::held()?; println!(\"{{}} {{}}\", held.rows, held.bytes);")
    return tuple(int(word) for word in told.text().split())


def big_day(programs, folder):
    """Searches beside DuckDB's, each in a process; then clicks in one notebook."""
    data = example(programs, folder)
    print(f"searches of {ROWS:,} rows, medians of {PAIRS} pairs, query time", flush=True)
    searches = search_costs(programs, data)
    day = max(days(data))
    clicks = []
    for pipeline in ("flow", "dns"):
        asked = [line["asked"] for line in searches if line["pipeline"] == pipeline]
        typed = [text.split(":", 1)[-1] for pair in asked[:2] for text in pair]
        runs = [next_clicks(data, day, pipeline, typed) for _ in range(3)]
        first = statistics.median(run["seconds"][0] for run in runs)
        again = statistics.median(seconds for run in runs for seconds in run["seconds"][1:])
        held = max(run["bytes"] for run in runs)
        clicks.append(
            {"pipeline": pipeline, "ratio": again / first, "at_most": NEXT, "bytes": held, "runs": runs}
        )
        print(
            f"  {pipeline}: another click in the same notebook {again / first:.2f} x the first "
            f"(at most {NEXT}), {held / 1e6:.0f} MB held for both tables",
            flush=True,
        )
    return searches, clicks, server_costs(programs, data, searches)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--big", type=Path, required=True)
    options.add_argument("--out", type=Path, required=True)
    options = options.parse_args()
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    for name in [name for name in os.environ if name.startswith("SPOT_")]:
        del os.environ[name]
    day = max(day for day in days(options.data) if suspects(options.data, day))
    anchor = busiest(options.data, day)
    (rust, pandas), (empty, ipykernel) = click_costs(options.data, day, anchor)
    kernels = cell_costs(options.data, day, anchor)
    imported = import_costs(Path(os.environ["PROGRAMS"]))
    reports, report = report_costs(Path(os.environ["PROGRAMS"]), options.data)
    searches, next_in_notebook, server = big_day(Path(os.environ["PROGRAMS"]), options.big)
    ranking = rank_costs(Path(os.environ["PROGRAMS"]), options.big)
    quality = Path(__file__).with_name("rank_quality.py")
    subprocess.run([sys.executable, quality, "--programs", os.environ["PROGRAMS"]], check=True)
    found = {
        "day": day,
        "anchor": anchor,
        "clicks": CLICKS,
        "search": {"ratio": rust / pandas, "at_most": 1.0, "seconds": [rust, pandas]},
        "empty_click": {"ratio": empty / ipykernel, "at_most": 2.0, "seconds": [empty, ipykernel]},
        "kernels": kernels,
        "searches": searches,
        "next_clicks": next_in_notebook,
        "server": server,
        "ranking": ranking,
        "import": imported,
        "reports": reports,
        "report": report,
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(found, indent=2) + "\n")
    print(f"on {day}, {anchor}, medians of {CLICKS} clicks")
    print(f"  click to last message    {rust / pandas:5.2f} x pandas      (at most 1.0)")
    print(f"  click on an empty button {empty / ipykernel:5.2f} x ipykernel   (at most 2.0)")
    worse = [n for n in ("search", "empty_click") if found[n]["ratio"] > found[n]["at_most"]]
    worse += [line["asked"][0] for line in searches if line["ratio"] > line["at_most"]]
    if ranking["ratio"] > ranking["at_most"] or ranking["bytes"] >= RANK_BYTES:
        worse.append("ranking")
    for clicks in next_in_notebook:
        if clicks["ratio"] > clicks["at_most"] or clicks["bytes"] >= BYTES:
            worse.append(f"next {clicks['pipeline']} click")
    worse += kernels["worse"]
    if imported["ratio"] > imported["at_most"] or imported["bytes"] >= imported["bytes_at_most"]:
        worse.append("import")
    if reports["ratio"] > reports["at_most"]:
        worse.append("reports of all suspects")
    if report["bytes"] > report["at_most"]:
        worse.append("bytes of a report")
    print(options.out)
    if worse:
        print("over the limit:", ", ".join(worse))
    return 1 if worse else 0


if __name__ == "__main__":
    raise SystemExit(main())
