"""Real captures: the command line and the notebook beside pandas over the same Parquet."""

import json
import os

import pytest

from pages import TITLES, tables
from support import CAPTURES, nbconvert, search, tree_hash
from truth import Truth, days, suspects

SETS = ["apt29-day1", "asyncrat", "ctu-normal-40", "iodine-txt", "netflow-portscan", "simda-dga"]
LONG = os.environ.get("LONG_TESTS") == "1"
RANGES = CAPTURES / "context/ipranges.csv"

pytestmark = pytest.mark.skipif(
    not CAPTURES.is_dir(), reason="no captures beside the clone (../shared/data/captures)"
)


def anchors_of(name):
    """Days of a set, each with the suspects of that day."""
    data = CAPTURES / name
    return [(day, anchor) for day in days(data) for anchor in suspects(data, day)]


def check_search(data, day, anchor):
    found = search(data, day, anchor)
    truth = Truth(data, day, anchor, RANGES)
    assert found["scanned"] == truth.scanned

    expected = truth.details()
    assert len(found["details"]) == len(expected)
    for row in found["details"]:
        want = expected[row["srcIp"], row["dstIp"], row["srcPort"], row["dstPort"]]
        for name in ("connections", "maxPkts", "maxBytes", "firstSeen", "lastSeen"):
            assert row[name] == want[name], (name, row)
        for name in ("avgPkts", "avgBytes"):
            assert row[name] == pytest.approx(want[name], rel=1e-12), (name, row)

    expected = truth.peers()
    peers = {row["peer"]: row for row in found["peers"]}
    assert set(peers) == set(expected)
    for peer, want in expected.items():
        assert {name: peers[peer][name] for name in want} == want, peer

    for name in TITLES:
        role, measure = name.split("By", 1)
        every = truth.top(role)
        at = 0 if measure == "Connections" else 1
        rows = found["top"][name]
        assert len(rows) == min(20, len(every))
        for row in rows:
            assert (row["connections"], row["bytes"]) == every[row["peer"]], (name, row)
        values = [every[row["peer"]][at] for row in rows]
        assert values == sorted((v[at] for v in every.values()), reverse=True)[: len(rows)], name


@pytest.mark.parametrize("name", SETS)
def test_a_search_says_what_the_rows_say(name):
    data = CAPTURES / name
    chosen = anchors_of(name)
    assert chosen, "a set without suspects tests nothing"
    for day, anchor in chosen if LONG else chosen[:6]:
        check_search(data, day, anchor)


@pytest.mark.parametrize("name", SETS)
def test_the_notebook_shows_what_the_rows_say(name, tmp_path):
    data = CAPTURES / name
    before = tree_hash(data)
    known = json.loads((data / "labels/known_bad.json").read_text())["bad_ips"]
    day, first = next(
        (day, anchor) for day, anchor in reversed(anchors_of(name)) if anchor in known
    )
    anchors = suspects(data, day) if LONG else [first]
    out = tmp_path / "out"
    page = nbconvert(
        tmp_path / "page",
        DATA=data,
        DATE=day,
        ANCHOR="all" if LONG else first,
        TITLE="A title",
        TEXT="A comment",
        OUT=out,
    )
    assert page.done.returncode == 0, page.log
    shown = tables(page.html)
    for at, anchor in enumerate(anchors):
        truth = Truth(data, day, anchor, RANGES)
        for name, found in shown.items():
            role, measure = name.split("By", 1)
            every = truth.top(role)
            assert found[at].of == len(every), (anchor, name)
            assert found[at].shown == len(found[at].rows) == min(20, len(every))
            for peer, connections, size in found[at].rows:
                assert (connections, size) == every[peer], (anchor, name, peer)
    assert "A comment" in page.html
    assert list(out.rglob("*.parquet")) and list(out.rglob("stats-*.json"))
    assert tree_hash(data) == before, "the data folder was written to"


def test_the_days_of_a_set_are_not_mixed():
    data = CAPTURES / "asyncrat"
    scanned = {day: search(data, day, "192.168.100.1")["scanned"] for day in days(data)}
    assert len(scanned) == 3
    assert sum(scanned.values()) == 331
