"""Reports: the night run of the notebook writes what `spot report` writes, in one execution."""

import json

import pytest
from bs4 import BeautifulSoup

from support import DNS_NOTEBOOK, NOTEBOOK, nbconvert, spot
from truth import days, suspects

KINDS = {"flow": NOTEBOOK, "dns": DNS_NOTEBOOK}


def pages(folder):
    """The pages by name, without what says which are finished."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("pipeline", KINDS)
def test_one_execution_of_the_notebook_makes_all_reports(pipeline, example_day, tmp_path):
    day = max(day for day in days(example_day) if suspects(example_day, day))
    context = {"CONTEXT": example_day}
    page = nbconvert(
        tmp_path / "page", KINDS[pipeline], DATA=example_day, DATE=day, ANCHOR="all",
        OUT=tmp_path / "out", REPORT=tmp_path / "notebook", **context,
    )
    assert page.done.returncode == 0, page.log
    done = spot(
        "report", pipeline, "--data", example_day, "--date", day, "--context", example_day,
        "--out", tmp_path / "shell", "--format", "json",
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    ours, theirs = (pages(tmp_path / how / pipeline / day) for how in ("notebook", "shell"))
    assert sorted(ours) == sorted(theirs)
    assert len(ours) == told["written"] + 1 > 10, "a page a suspect, and the index"
    for name, text in ours.items():
        assert text == theirs[name], f"{name} differs"
    # The suspects ranked are in the notebook, too, in the order of the index.
    soup = BeautifulSoup(page.html, "html.parser")
    [ranked] = [d for d in soup.find_all("details") if d.find("summary").get_text().startswith("Ranked")]
    listed = [row.find("td").get_text() for row in ranked.find("tbody").find_all("tr")]
    assert listed == [report["anchor"] for report in told["reports"]][: len(listed)]
    assert len(listed) == min(20, told["written"])
    again = nbconvert(
        tmp_path / "again", KINDS[pipeline], DATA=example_day, DATE=day, ANCHOR="all",
        OUT=tmp_path / "out", REPORT=tmp_path / "notebook", **context,
    )
    assert f"kept: {told['written']}" in again.html, "what is finished is not made again"
