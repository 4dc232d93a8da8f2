"""The Edge Investigation without a panel: what a page that nobody clicks in shows."""

import re

import pytest
from support import ROOT, Kernel, nbconvert, spot


@pytest.mark.parametrize("pipeline", ["Flow", "DNS"])
def test_the_night_shows_what_looks_odd(pipeline, example_day, tmp_path):
    notebook = ROOT / "notebooks" / f"{pipeline}_Edge_Investigation.ipynb"
    page = nbconvert(tmp_path, notebook, DATA=example_day, ANCHOR="all")
    assert page.done.returncode == 0, page.log
    assert "a ranking of our own" in page.html and "What looks odd" in page.html
    # Subjects with a score, and at least one technique beside a sentence.
    assert len(re.findall(r">0\.\d\d<|>1\.00<", page.html)) > 3
    assert re.search(r"T1\d{3}", page.html)


def test_a_cell_rates_rows_and_the_list_follows(example_day, tmp_path):
    env = {"SPOT_DATA": example_day, "SPOT_OUT": tmp_path, "SPOT_AUTHOR": "ana"}
    with Kernel("spot", env=env) as kernel:
        kernel.ok(':dep spot = { path = "../crates/spot" }\nuse spot::prelude::*;\nlet settings = Settings::new();')
        said = kernel.ok(
            """
            let of = FlowFilter { src: Some(Address::new("10.20.10.57")), ..FlowFilter::default() };
            println!("{}", flow::score(&settings, of, Rating::Low, "known")?);
            """
        )
        rows = int(said.text().split()[-1])
        assert rows > 0
    listed = spot("threats", "flow", "--data", example_day, "--out", tmp_path)
    assert listed.returncode == 0, listed.stderr
    files = list(tmp_path.glob("**/ml_feedback.csv"))
    assert len(files) == 1
    lines = files[0].read_text().splitlines()
    assert len(lines) == 1 + rows and lines[0].startswith("sev,tstart,sip")
