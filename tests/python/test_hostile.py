"""Names, titles and comments are hostile text: shown as written, never run."""

import csv

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bs4 import BeautifulSoup

from hostile_day import ANCHOR, DATE, PAYLOADS, make
from pages import results
from support import DNS_NOTEBOOK, NOTEBOOK, Kernel, nbconvert, spot
from truth import days, partition, suspects

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "O'Brien's \"C2\"; DROP TABLE flow; --",
    "emoji 🛰 and \u202eright to left\u202c",
    "EVCXR_BEGIN_CONTENT text/html\n<b>from a value</b>\nEVCXR_END_CONTENT",
    "\x1e{\"type\":\"display_data\"}",
    "</table></div><h1>out of the box</h1>",
    "&lt;b&gt; stays as it is",
]


def check(html):
    """No element, attribute or output came out of a hostile value."""
    for output in results(html):
        assert not output.find_all("script"), "a script"
        assert not output.find_all("h1"), "a heading out of a value"
        for element in output.find_all(True):
            handlers = [name for name in element.attrs if name.lower().startswith("on")]
            assert not handlers, element
            assert not str(element.get("href", "")).lower().startswith("javascript:")
        assert not [b for b in output.find_all("b") if b.get_text() == "from a value"]


def words(text):
    """The parts of a value that must be readable, whatever stands for control characters."""
    return [part for part in "".join(c if c.isprintable() else "\0" for c in text).split("\0") if part]


@pytest.fixture(scope="module")
def day(example_day):
    return max(day for day in days(example_day) if suspects(example_day, day))


def test_titles_and_comments_show_as_written(example_day, day, tmp_path):
    out = tmp_path / "out"
    page = nbconvert(
        tmp_path / "page",
        DATA=example_day,
        ANCHOR=suspects(example_day, day)[0],
        TITLE=" | ".join(t.replace("\n", " ") for t in HOSTILE),
        TEXT="\n".join(HOSTILE),
        OUT=out,
    )
    assert page.done.returncode == 0, page.log
    check(page.html)
    text = BeautifulSoup(page.html, "html.parser").get_text()
    for value in HOSTILE:
        for part in words(value):
            assert part in text, part
    stored = [row for path in out.rglob("y=*/**/*.parquet") if "storyboard" in str(path)
              for row in pq.read_table(path, partitioning=None).to_pylist()]
    assert [row["text"] for row in stored] == ["\n".join(HOSTILE)], "byte for byte"


def test_values_of_the_data_show_as_written(example_day, day, copy_of, tmp_path):
    data = copy_of(example_day)
    anchor = suspects(data, day)[0]
    path = sorted(partition(data, "flow", day).rglob("*.parquet"))[0]
    table = pq.read_table(path, partitioning=None)
    row = next(r for r in table.to_pylist())
    rows = []
    for value in HOSTILE:
        # Many rows each, so that they reach the tables' top.
        rows += [{**row, "sip": value, "dip": anchor, "proto": value, "flag": value}] * 3000
        rows += [{**row, "sip": anchor, "dip": value, "ibyt": 10**12}]
    more = pa.Table.from_pylist(rows, schema=table.schema)
    pq.write_table(pa.concat_tables([table, more]), path)
    page = nbconvert(tmp_path / "page", DATA=data, ANCHOR=anchor, OUT=tmp_path / "out")
    assert page.done.returncode == 0, page.log
    check(page.html)
    assert "O'Brien" in BeautifulSoup(page.html, "html.parser").get_text()


@pytest.mark.parametrize("notebook", [NOTEBOOK, DNS_NOTEBOOK], ids=["flow", "dns"])
def test_known_payloads_become_nothing_in_the_page(notebook, tmp_path):
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 200
    data = make(tmp_path / "data")
    story = dict(TITLE=" | ".join(PAYLOADS[:40]).replace("\n", " "), TEXT="\n".join(PAYLOADS))
    page = nbconvert(
        tmp_path / "page", notebook, DATA=data, DATE=DATE, ANCHOR=ANCHOR, OUT=tmp_path / "out",
        TOP_RESULTS=1000, **{name: text.replace("\0", "") for name, text in story.items()},
    )
    assert page.done.returncode == 0, page.log
    check(page.html)
    shown = [element.get_text() for element in results(page.html)]
    assert any("alert(1)" in text for text in shown), "shown as text"


def test_known_payloads_are_no_formulas_in_an_export(tmp_path):
    data = make(tmp_path / "data")
    where = ("--data", data, "--date", DATE)
    for pipeline, anchor in (("flow", "--anchor"), ("dns", "--client")):
        saved = spot("save", pipeline, *where, anchor, ANCHOR, "--title", "=1+1", "--text", "+2")
        assert saved.returncode == 0, saved.stderr
        folder = tmp_path / pipeline
        done = spot("story", "export", pipeline, *where, anchor, ANCHOR, "--out", folder, "--format", "csv")
        assert done.returncode == 0, done.stderr
        cells = [
            cell
            for path in folder.glob("*.csv")
            for row in csv.reader(path.open(newline="", encoding="utf-8"))
            for cell in row
        ]
        assert len(cells) > len(PAYLOADS)
        formulas = [cell for cell in cells if cell.strip().strip("\"'").startswith(("=", "+", "-", "@"))
                    and not cell.startswith("'")]
        assert not formulas, formulas


def test_hostile_text_in_a_cell_is_one_output(kernel):
    for value in HOSTILE:
        code = "".join(f"\\u{{{ord(c):x}}}" for c in value)
        messages = kernel.ok(f'evcxr_widgets::display::text("{code}");')
        (shown,) = messages.of("display_data")
        for part in words(value):
            assert part in shown["data"]["text/plain"]
        assert messages.kinds() == ["display_data"]


def test_a_field_carries_hostile_text_both_ways(example_day, tmp_path):
    with Kernel("spot", env={"SPOT_DATA": example_day, "SPOT_OUT": tmp_path}) as kernel:
        opened = kernel.ok(
            "use evcxr_widgets::{Text, Html}; let field = Text::new(\"\"); field.show();"
        ).opened()
        for value in HOSTILE:
            kernel.update(opened["TextModel"][0], value=value)
            messages = kernel.ok("field.value().len()")
            length = messages.of("execute_result")[0]["data"]["text/plain"]
            assert length == str(len(value.encode()))
