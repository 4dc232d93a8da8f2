"""The stock evcxr_jupyter kernel stays served: the same functions, static output."""

import json
import os

import pytest

from pages import asked_for, results, tables
from support import NOTEBOOK, PROGRAMS, ROOT, Kernel, nbconvert
from truth import days, suspects


@pytest.fixture(scope="module")
def prebuilt():
    """Links cells to the built library, in words of the stock kernel: nothing is compiled twice."""
    library = json.loads((PROGRAMS.parent / "notebook/library.json").read_text())
    flags = ["-Cprefer-dynamic"]
    flags += [f"--extern {name}={path}" for name, path in library["externs"].items()]
    flags += [f"-Ldependency={path}" for path in library["search"]]
    flags += [f"-Clink-arg=-Wl,-rpath,{path}" for path in library["rpath"]]
    return ":build_env RUSTFLAGS=" + " ".join(flags)


def test_its_kernelspec_is_there():
    with Kernel("spot-stock") as kernel:
        reply = kernel.request("kernel_info_request", {})
        assert reply["implementation"].startswith("evcxr")
        assert kernel.ok("1 + 1").kinds() == ["execute_result"]


def test_a_users_own_kernelspec_is_left_alone(tmp_path, monkeypatch):
    spec = tmp_path / "kernels/rust/kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text('{"argv": ["mine"], "display_name": "mine", "language": "rust"}')
    before = spec.read_text()
    with Kernel("spot-stock", env={"JUPYTER_DATA_DIR": tmp_path, "JUPYTER_PATH": tmp_path}) as kernel:
        kernel.ok("1")
    assert spec.read_text() == before


def on_stock(tmp_path, first_line):
    """A copy of the notebook whose first line brings the library in another way.

    Without a `:dep` rust-analyzer does not see the library: the one `let` then says its type.
    """
    notebook = json.loads(NOTEBOOK.read_text())
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and ":dep spot" in source:
            lines = source.splitlines(keepends=True)
            at = next(i for i, line in enumerate(lines) if line.startswith(":dep spot"))
            lines[at] = first_line + "\n"
            cell["source"] = [
                line.replace("let settings =", "let settings: Settings =") for line in lines
            ]
    copy = tmp_path / "notebook.ipynb"
    copy.write_text(json.dumps(notebook))
    return copy


def check(page, anchor):
    assert page.done.returncode == 0, page.log
    shown = tables(page.html)
    assert all(len(found) == 1 for found in shown.values()), {k: len(v) for k, v in shown.items()}
    assert anchor in page.html
    assert [a for part in results(page.html) for a in asked_for(part)] == []


@pytest.fixture(scope="module")
def anchor(example_day):
    day = max(day for day in days(example_day) if suspects(example_day, day))
    return suspects(example_day, day)[0]


def test_the_notebook_is_static_there(example_day, anchor, prebuilt, tmp_path):
    notebook = on_stock(tmp_path, prebuilt)
    page = nbconvert(
        tmp_path / "page", notebook, "spot-stock", DATA=example_day, ANCHOR=anchor, OUT=tmp_path
    )
    check(page, anchor)


@pytest.mark.skipif(os.environ.get("LONG_TESTS") != "1", reason="--long: compiles polars once more")
def test_the_notebook_runs_there_unchanged(example_day, anchor, tmp_path):
    dep = f':dep spot = {{ path = {json.dumps(str(ROOT / "crates/spot"))} }}'
    notebook = on_stock(tmp_path, dep)
    page = nbconvert(
        tmp_path / "page", notebook, "spot-stock", DATA=example_day, ANCHOR=anchor, OUT=tmp_path
    )
    check(page, anchor)
