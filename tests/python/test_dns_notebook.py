"""The DNS notebook without a browser: on the example day, on the captures, and Advanced mode."""

import csv
import json

import pyarrow.parquet as pq
import pytest
from bs4 import BeautifulSoup

from pages import asked_for
from support import CAPTURES, NOTEBOOK, Kernel, nbconvert, spot, tree_hash
from truth import DnsTruth, dns_days, dns_suspects

NOTEBOOKS = NOTEBOOK.parent
DNS = NOTEBOOKS / "DNS_Threat_Investigation.ipynb"
SETS = ["apt29-day1", "asyncrat", "iodine-txt", "simda-dga", "wrccdc-2018-dns"]


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_notebooks_are_kept_without_outputs(path):
    cells = json.loads(path.read_text())["cells"]
    assert all(not c["outputs"] and c["execution_count"] is None for c in cells if "outputs" in c)


def table(out, name):
    """All rows of a saved table; a story's own files lie in no partition."""
    paths = [p for p in out.rglob("y=*/**/*.parquet") if name in str(p.relative_to(out))]
    return [row for path in paths for row in pq.read_table(path, partitioning=None).to_pylist()]


def threats_csv(out):
    (path,) = out.rglob("threats.csv")
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def anchors(data):
    """The latest day with suspects; a client and a name of it."""
    day = max(day for day in dns_days(data) if dns_suspects(data, day))
    high = dns_suspects(data, day)
    pick = lambda kind: sorted(v for k, v in high if k == kind)[:1]  # noqa: E731
    return day, [*(("client", v) for v in pick("client")), *(("query", v) for v in pick("query"))]


def check_run(data, day, kind, value, folder, **settings):
    """A headless run for one anchor: page, rows saved beside a plain count, data untouched."""
    before = tree_hash(data)
    out = folder / "out"
    page = nbconvert(
        folder / "page", DNS, DATA=data, DATE=day, ANCHOR=f"{kind}:{value}", OUT=out, **settings
    )
    assert page.done.returncode == 0, page.log
    assert asked_for(BeautifulSoup(page.html, "html.parser")) == []
    assert "application/vnd.jupyter.widget-view+json" not in page.html
    assert tree_hash(data) == before, "the data folder was written to"
    expected = DnsTruth(data, day).totals(kind, value, "exact")
    rows = table(out, "dendro")
    assert {(r["ip_dst"], r["dns_qry_name"]): r["total"] for r in rows} == {
        key: want["total"] for key, want in expected.items()
    }
    assert len(rows) == len(expected), "all rows, none twice"
    return page, out


@pytest.mark.skipif(
    not CAPTURES.is_dir(), reason="no captures beside the clone (../shared/data/captures)"
)
@pytest.mark.parametrize("name", SETS)
def test_a_capture_runs_headless(name, tmp_path):
    data = CAPTURES / name
    if not any(dns_suspects(data, day) for day in dns_days(data)):
        page = nbconvert(tmp_path, DNS, DATA=data, ANCHOR="all", OUT=tmp_path / "out")
        assert page.done.returncode == 0, page.log
        return
    day, chosen = anchors(data)
    # A name is the harder case; the set of tunnel names is run for its client, too.
    for kind, value in chosen if name == "iodine-txt" else chosen[-1:]:
        page, out = check_run(data, day, kind, value, tmp_path / kind, TITLE="A title", TEXT="Text")
        (story,) = table(out, "storyboard")
        assert (story["title"], story["text"]) == ("A title", "Text")
        (line,) = threats_csv(out)
        assert (line["anchor"], line["title"], line["text"]) == (value, "A title", "Text")
        assert "A title" in page.html


def test_hostile_words_round_trip_and_are_only_shown(example_day, tmp_path):
    # V5, and a second save replaces the first.
    day, ((kind, value), *_) = anchors(example_day)
    words = {"TITLE": "O'Brien's \"C2\"; DROP", "TEXT": "=1+1,\n<script>alert(1)</script>\n\U0001f6f0"}
    for title in ("First", words["TITLE"]):
        page, out = check_run(
            example_day, day, kind, value, tmp_path, TITLE=title, TEXT=words["TEXT"]
        )
        (story,) = table(out, "storyboard")
        assert (story["title"], story["text"]) == (title, words["TEXT"])
        (line,) = threats_csv(out)
        assert (line["title"], line["text"]) == (title, words["TEXT"])
    assert "<script>alert(1)" not in page.html


def test_all_suspects_are_in_the_night_run(example_day, tmp_path):
    day = anchors(example_day)[0]
    page = nbconvert(tmp_path, DNS, DATA=example_day, DATE=day, ANCHOR="all", OUT=tmp_path / "out")
    assert page.done.returncode == 0, page.log
    high = dns_suspects(example_day, day)
    assert page.html.count("Threat summary for") == len(high) > 3
    for incident in ("cdn-sync.example.net", "status.fleet-agent.example.org"):
        assert incident in page.html


def test_nothing_asked_is_a_state(example_day, tmp_path):
    # V10
    out = tmp_path / "out"
    page = nbconvert(
        tmp_path, DNS, DATA=example_day, ANCHOR="nobody.asked.example", TITLE="t", TEXT="x", OUT=out
    )
    assert page.done.returncode == 0, page.log
    assert not list(out.rglob("*.parquet")), "there is nothing to save"


def test_flows_and_dns_tell_of_each_other(example_day):
    settings = {"SPOT_DATA": example_day, "SPOT_ANCHOR": "none.example"}
    with Kernel("spot", env=settings) as kernel:
        kernel.ok("use spot::prelude::*; let settings = Settings::new();")
        kernel.ok("dns::start_investigation(&settings)?;")
        page = kernel.ok('let asked = dns::search_query("status.fleet-agent.example.org")?;').html()
        assert "Flows that followed" in page and "203.0.113.77" in page
        kernel.ok('flow::start_investigation(&settings.clone().anchor("10.20.10.57"))?;')
        page = kernel.ok('let went = flow::search_ip("10.20.10.57")?;').html()
        assert "Names of the peers, from DNS" in page and "status.fleet-agent.example.org" in page


def test_scopes_widen_a_search(example_day):
    with Kernel("spot", env={"SPOT_DATA": example_day, "SPOT_ANCHOR": "none.example"}) as kernel:
        kernel.ok("use spot::prelude::*; let settings = Settings::new();")
        kernel.ok("dns::start_investigation(&settings)?;")
        code = """
        let domain = dns::search_query_in("T.CDN-Sync.example.net.", Scope::RegisteredDomain)?;
        let part = dns::search_query_in("", Scope::Substring("cdn-sync".into()))?;
        println!("{} {}", domain.rows.len(), part.rows.len());
        """
        domain, part = kernel.ok(code).text().split()
        assert int(domain) >= 1500 and int(part) >= 1500


@pytest.mark.parametrize("pipeline", ["Flow", "DNS"])
def test_advanced_mode_runs_headless(pipeline, example_day, tmp_path):
    page = nbconvert(tmp_path, NOTEBOOKS / f"{pipeline}_Advanced_Mode.ipynb", DATA=example_day)
    assert page.done.returncode == 0, page.log
    assert page.html.count("<table") >= 4


def test_the_command_line_lists_what_the_notebook_lists(example_day):
    day = anchors(example_day)[0]
    done = spot("threats", "dns", "--data", example_day, "--date", day, "--format", "json")
    assert done.returncode == 0, done.stderr
    listed = {(line["type"], line["value"]) for line in json.loads(done.stdout)["threats"]}
    assert listed == dns_suspects(example_day, day)
