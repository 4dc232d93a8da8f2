"""DNS of the real captures: the command line beside a plain count of the same Parquet."""

import csv
import json

import pytest

from support import CAPTURES, spot, tree_hash
from truth import DnsTruth, dns_days, dns_suspects

SETS = ["apt29-day1", "asyncrat", "iodine-txt", "simda-dga", "wrccdc-2018-dns"]

pytestmark = pytest.mark.skipif(
    not CAPTURES.is_dir(), reason="no captures beside the clone (../shared/data/captures)"
)


def ask(verb, data, day, *more):
    done = spot(verb, "dns", "--data", data, "--date", day, "--format", "json", *more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def flag(kind, value):
    return (f"--{kind}={value}",)


def check(truth, data, day, kind, value, scope="exact"):
    more = flag(kind, value) + (() if scope == "exact" else ("--scope", scope))
    found = ask("search", data, day, *more)
    expected = truth.totals(kind, value, scope)
    rows = {(row["clientIp"], row["dnsQuery"]): row for row in found["details"]}
    assert len(rows) == len(found["details"]), "a client and a name are one row"
    assert {key: row["total"] for key, row in rows.items()} == {
        key: want["total"] for key, want in expected.items()
    }
    for key, want in expected.items():
        row = rows[key]
        assert row["nxdomain"] == want["nxdomain"], key
        assert (row["firstSeen"], row["lastSeen"]) == (want["first"], want["last"]), key
        assert {code["code"]: code["answers"] for code in row["types"]} == want["types"], key
        assert (row["answerCount"], row["serverCount"]) == (want["answers"], want["servers"]), key
    totals = [row["total"] for row in found["details"]]
    assert totals == sorted(totals, reverse=True)
    assert found["answers"] == sum(totals)
    assert found["scanned"] == truth.scanned
    return found


@pytest.mark.parametrize("name", SETS)
def test_the_list_is_what_was_scored_high(name):
    data = CAPTURES / name
    for day in dns_days(data):
        listed = ask("threats", data, day)["threats"]
        found = [(line["type"], line["value"]) for line in listed]
        assert set(found) == dns_suspects(data, day) and len(found) == len(set(found))
        kinds = [kind for kind, _ in found]
        assert kinds == sorted(kinds), "clients come first"


@pytest.mark.parametrize("name", SETS)
def test_totals_are_a_plain_count_for_every_anchor(name):
    data = CAPTURES / name
    searched = 0
    for day in dns_days(data):
        truth = DnsTruth(data, day)
        for kind, value in sorted(dns_suspects(data, day)):
            assert check(truth, data, day, kind, value)["answers"] > 0
            searched += 1
            if kind == "query":
                check(truth, data, day, kind, f"{value.upper() if value.isascii() else value}.")
                check(truth, data, day, kind, value[2:12], "substring")
    assert searched, "a set without suspects tests nothing"


def test_a_whole_domain_is_one_search():
    data = CAPTURES / "iodine-txt"
    [day] = dns_days(data)
    truth = DnsTruth(data, day)
    found = ask(
        "search", data, day, "--query", "xyz.Example.ATTACK.", "--scope", "domain"
    )
    below = truth.totals("query", ".example.attack", "substring")
    own = truth.totals("query", "example.attack", "exact")
    assert {(row["clientIp"], row["dnsQuery"]): row["total"] for row in found["details"]} == {
        key: want["total"] for key, want in {**below, **own}.items()
    }
    assert found["domains"] == 1


@pytest.mark.parametrize("name", SETS)
def test_every_story_is_saved_once_with_all_its_rows(name, tmp_path):
    import pyarrow.parquet as pq

    data = CAPTURES / name
    before = tree_hash(data)
    day = dns_days(data)[-1]
    truth = DnsTruth(data, day)
    anchors = sorted(dns_suspects(data, day))
    text = 'line one\r\nline "two", O\'Brien\n=1+1 🦀 <script>'
    for _ in range(2):
        for kind, value in anchors:
            more = (*flag(kind, value), "--title", value, "--text", text, "--out", tmp_path)
            assert ask("save", data, day, *more)["success"] is True
    [dendro] = (tmp_path / "dns_threat_dendro").rglob("*.parquet")
    dendro = pq.read_table(dendro).to_pandas()
    assert list(dendro.columns) == ["anchor", "total", "dns_qry_name", "ip_dst"]
    for kind, value in anchors:
        mine = dendro[dendro.anchor == value]
        expected = truth.totals(kind, value, "exact")
        assert len(mine) == len(expected)
        for row in mine.itertuples():
            assert row.total == expected[row.ip_dst, row.dns_qry_name]["total"]
    [storyboard] = (tmp_path / "dns_storyboard").rglob("*.parquet")
    stories = pq.read_table(storyboard).to_pylist()
    assert {(row["ip_threat"] or row["dns_threat"], row["text"]) for row in stories} == {
        (value, text) for _, value in anchors
    }
    [listed] = tmp_path.rglob("threats.csv")
    with listed.open(newline="", encoding="utf-8") as lines:
        lines = list(csv.DictReader(lines))
    assert {(line["type"], line["anchor"], line["title"], line["text"]) for line in lines} == {
        (kind, value, value, text) for kind, value in anchors
    }
    assert len(lines) == len(anchors)
    assert tree_hash(data) == before, "the data folder was written to"
