"""What cells cost: the first one of a kernel, later ones, a whole notebook; beside ipykernel and the stock kernel."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from support import NOTEBOOK, ROOT, Kernel

STARTS, CELLS = 3, 9
# Seconds until the first result on two cores, and of the Flow notebook under nbconvert: the only
# figures that are no ratios, since whoever waits knows no other kernel.
FIRST, WHOLE = 5.0, 20.0
# Times the stock kernel with the same crate as a `:dep`.
FIRST_STOCK, LATER_STOCK = 0.3, 0.7
RUST = ("let x = 1;", "let y{n} = x + {n};")
PYTHON = ("x = 1", "y{n} = x + {n}")


def started(name, prepare, code):
    """Seconds from a kernel's start to its first result, and of later cells."""
    first, later = code
    begin = time.perf_counter()
    kernel = Kernel(name)
    kernel.manager.start_kernel(env=dict(os.environ), cwd=str(ROOT / "notebooks"))
    kernel.client = kernel.manager.client()
    kernel.client.start_channels()
    try:
        # As a notebook's page does: it does not ask whether the kernel is ready.
        for line in [*prepare, first]:
            reply = kernel.reply(kernel.client.execute(line))
            assert reply["status"] == "ok", reply
        taken = time.perf_counter() - begin
        cells = []
        for number in range(CELLS):
            begin = time.perf_counter()
            reply = kernel.reply(kernel.client.execute(later.replace("{n}", str(number))))
            assert reply["status"] == "ok", reply
            cells.append(time.perf_counter() - begin)
    finally:
        kernel.__exit__()
    return taken, statistics.median(cells)


def medians(name, prepare, code):
    runs = [started(name, prepare, code) for _ in range(STARTS)]
    return {"first": statistics.median(run[0] for run in runs), "later": statistics.median(run[1] for run in runs)}


def stock():
    """The stock kernel builds polars itself: measured when it may, its target folder kept."""
    # Not below the clone: cargo would take evcxr's package for a member of the workspace.
    cache = Path(tempfile.gettempdir()) / "spot-bench-stock"
    if os.environ.get("BENCH_STOCK") != "1" and not (cache / "ready").is_file():
        return None
    os.environ["EVCXR_TMPDIR"] = str(cache)
    cache.mkdir(parents=True, exist_ok=True)
    dep = f':dep spot = {{ path = {json.dumps(str(ROOT / "crates/spot"))} }}'
    prepare = [dep, "use spot::polars;"]
    try:
        if not (cache / "ready").is_file():
            print("the stock kernel compiles polars once (BENCH_STOCK=1) ..", flush=True)
        # What has changed since is compiled here, and not measured.
        started("spot-stock", prepare, RUST)
        (cache / "ready").write_text("")
        return medians("spot-stock", prepare, RUST)
    finally:
        del os.environ["EVCXR_TMPDIR"]


def whole(data, day, anchor):
    """Seconds of the Flow notebook for one suspect under nbconvert."""
    with tempfile.TemporaryDirectory() as out:
        begin = time.perf_counter()
        subprocess.run(
            [Path(sys.executable).with_name("jupyter"), "nbconvert", "--execute", "--to", "html", NOTEBOOK, "--output-dir", out],
            check=True, capture_output=True,
            env={**os.environ, "SPOT_DATA": str(data), "SPOT_DATE": day, "SPOT_ANCHOR": anchor, "SPOT_OUT": out},
        )
        return time.perf_counter() - begin


def cell_costs(data, day, anchor):
    """Prints and gives the figures; `worse` names those over their limits."""
    ours, ipykernel, theirs = medians("spot", [], RUST), medians("python3", [], PYTHON), stock()
    took = statistics.median(whole(data, day, anchor) for _ in range(STARTS))
    print(f"kernels, medians of {STARTS} starts and {CELLS} cells")
    print(
        f"  start to the first result {ours['first']:.1f} s (at most {FIRST} on 2 cores), ipykernel {ipykernel['first']:.1f} s; "
        f"a later cell {ours['later']:.2f} s, ipykernel {ipykernel['later']:.3f} s",
        flush=True,
    )
    print(f"  the Flow notebook under nbconvert {took:.1f} s (at most {WHOLE})", flush=True)
    worse = [name for name, seconds, limit in (("first cell", ours["first"], FIRST), ("nbconvert", took, WHOLE)) if seconds > limit]
    if theirs:
        first, later = ours["first"] / theirs["first"], ours["later"] / theirs["later"]
        print(f"  of the stock kernel's with the same :dep: first {first:.2f} x (at most {FIRST_STOCK}), later {later:.2f} x (at most {LATER_STOCK})")
        worse += ["first cell x stock"] * (first > FIRST_STOCK) + ["later cells x stock"] * (later > LATER_STOCK)
    else:
        print("  beside the stock kernel: not measured (BENCH_STOCK=1 lets it compile polars, once)")
    return {"spot": ours, "ipykernel": ipykernel, "stock": theirs, "nbconvert": took, "worse": worse}
