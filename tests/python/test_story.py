"""Saved stories: exports read by others' programs, and numbers that are made again from the rows."""

import csv
import json
import os
import uuid

import pyarrow.parquet as pq
import pytest
from stix2validator import ValidationOptions, print_results, validate_string

from support import CAPTURES, spot
from truth import DnsTruth, Truth, days, dns_days, dns_suspects, partition, suspects

# What the standard recommends and a day's sums cannot have: identifiers by chance (ours are those of the
# same story every time), and one port for many connections.
OTHERWISE = ["uuid-check", "network-traffic-ports"]
OBSERVABLES = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
CONTRIBUTING = {
    "ipv4-addr": ["value"],
    "ipv6-addr": ["value"],
    "domain-name": ["value"],
    "network-traffic": ["start", "end", "src_ref", "dst_ref", "src_port", "dst_port", "protocols"],
}
TITLE, TEXT = "=HYPERLINK(\"http://x\")", "one\n@two <script>alert(1)</script>"


def ok(*words, code=0):
    done = spot(*words)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def save(data, out, day, pipeline, *anchor):
    where = ("--data", data, "--out", out, "--date", day)
    ok("save", pipeline, *where, *anchor, "--title", TITLE, "--text", TEXT)
    return where


def export(where, folder, shape, pipeline, *anchor):
    """The files of an export, by the first word of their names."""
    _, data, _, out, _, day = where
    where = ("--data", data, "--stories", out, "--date", day)
    ok("story", "export", pipeline, *where, *anchor, "--out", folder, "--format", shape)
    return {path.name.split("-")[0]: path for path in folder.iterdir()}


def objects(path):
    """The objects of a bundle that the OASIS validator finds nothing to say about."""
    text = path.read_text()
    options = ValidationOptions(version="2.1", strict=True, disabled=OTHERWISE,
                                strict_properties=True, enforce_refs=True)
    results = validate_string(text, options)
    assert results.is_valid, print_results(results)
    assert not results.warnings, results.warnings
    found = {thing["id"]: thing for thing in json.loads(text)["objects"]}
    for thing in found.values():
        names = CONTRIBUTING.get(thing["type"])
        if names:
            part = {name: thing[name] for name in names if name in thing}
            text = json.dumps(part, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            assert thing["id"] == f"{thing['type']}--{uuid.uuid5(OBSERVABLES, text)}"
        refs = [thing[key] for key in thing if key.endswith("_ref")]
        refs += [ref for key in thing if key.endswith("_refs") for ref in thing[key]]
        assert all(ref in found for ref in refs), "every reference is in the bundle"
    return found


def of(found, kind):
    return [thing for thing in found.values() if thing["type"] == kind]


def lines(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def is_number(cell):
    try:
        float(cell)
        return True
    except ValueError:
        return False


def no_formulas(path):
    """A longitude may be -6.26: numbers stay numbers."""
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.reader(file):
            for cell in row:
                begins = cell.lstrip(" \"").startswith(tuple("=+-@\t\r＝＋－＠"))
                assert not begins or is_number(cell), cell


def check_flows(data, day, anchor, folder, monkeypatch):
    monkeypatch.setenv("SPOT_AUTHOR", "Ada Löwe")
    where = save(data, folder / "out", day, "flow", "--anchor", anchor)
    rows = Truth(data, day, anchor, None).rows
    others = rows[rows.sip != rows.dip]
    sent = others[others.sip == anchor].ibyt.sum() + others[others.dip == anchor].obyt.sum()
    got = others[others.dip == anchor].ibyt.sum() + others[others.sip == anchor].obyt.sum()

    files = export(where, folder / "parquet", "parquet", "flow", "--anchor", anchor)
    peers = pq.read_table(files["peers"]).to_pandas()
    assert (peers.connections.sum(), peers.bytes_in.sum(), peers.bytes_out.sum()) == (
        len(others), got, sent
    )
    story = json.loads(files["story"].read_text())
    assert (story["title"], story["text"], story["author"]) == (TITLE, TEXT, "Ada Löwe")
    raw = partition(data, "flow", day)
    assert {f["rows"] for f in story["inputs"]["files"]} == {
        pq.read_metadata(path).num_rows for path in raw.rglob("*.parquet")
    }

    files = export(where, folder / "csv", "csv", "flow", "--anchor", anchor)
    for path in files.values():
        no_formulas(path)
    listed = lines(files["peers"])
    assert [line["peer"] for line in listed] == list(peers.peer)
    assert sum(int(line["bytes"]) for line in listed) == sent + got
    (line,) = lines(files["story"])
    assert (line["title"], line["text"]) == ("'" + TITLE, TEXT.replace("@", "'@"))

    files = export(where, folder / "stix", "stix", "flow", "--anchor", anchor)
    found = objects(files["story"])
    (report,), (identity,) = of(found, "report"), of(found, "identity")
    assert (report["name"], report["description"]) == (TITLE, TEXT)
    assert identity["name"] == "Ada Löwe"
    traffic = of(found, "network-traffic")
    anchors = {thing["id"] for thing in found.values() if thing.get("value") == anchor}
    assert len(traffic) == len(peers) == len(of(found, "observed-data"))
    out = [t["src_byte_count" if t["src_ref"] in anchors else "dst_byte_count"] for t in traffic]
    back = [t["dst_byte_count" if t["src_ref"] in anchors else "src_byte_count"] for t in traffic]
    assert (sum(out), sum(back)) == (sent, got)
    assert sum(o["number_observed"] for o in of(found, "observed-data")) == len(others)
    assert not of(found, "indicator"), "nobody said that it indicates anything"
    return where


def check_answers(data, day, kind, value, folder):
    anchor = (f"--{kind}={value}",)
    where = save(data, folder / "out", day, "dns", *anchor)
    expected = DnsTruth(data, day).totals(kind, value, "exact")
    files = export(where, folder / "parquet", "parquet", "dns", *anchor)
    rows = pq.read_table(files["rows"]).to_pylist()
    assert {(r["client"], r["name"]): r["total"] for r in rows} == {
        key: want["total"] for key, want in expected.items()
    }
    files = export(where, folder / "csv", "csv", "dns", *anchor)
    for path in files.values():
        no_formulas(path)
    assert sum(int(line["total"]) for line in lines(files["rows"])) == sum(r["total"] for r in rows)
    found = objects(export(where, folder / "stix", "stix", "dns", *anchor)["story"])
    names = {thing["value"] for thing in of(found, "domain-name")}
    assert names <= {row["name"] for row in rows}
    said = of(found, "note")[0]["content"]
    assert said.startswith(f"{len(of(found, 'observed-data'))} of {len(rows)} clients and names")
    for row in rows:
        assert row["name"] in names or row["name"] in said or len(rows) > 100, "no name is lost"
    return where


def test_flows_of_the_example_day(example_day, tmp_path, monkeypatch):
    day = max(day for day in days(example_day) if suspects(example_day, day))
    for number, anchor in enumerate(suspects(example_day, day)[:3]):
        folder = tmp_path / str(number)
        where = check_flows(example_day, day, anchor, folder, monkeypatch)
        assert "all agree" in ok("verify", "flow", *where, "--anchor", anchor)


def test_answers_of_the_example_day(example_day, tmp_path):
    day = max(day for day in dns_days(example_day) if dns_suspects(example_day, day))
    high = sorted(dns_suspects(example_day, day))
    pick = [next(one for one in high if one[0] == kind) for kind in ("client", "query")]
    for kind, value in pick:
        where = check_answers(example_day, day, kind, value, tmp_path / kind)
        assert "all agree" in ok("verify", "all", *where)


@pytest.mark.skipif(not CAPTURES.is_dir(), reason="no captures beside the clone")
@pytest.mark.parametrize("name", ["asyncrat", "iodine-txt", "simda-dga"])
def test_answers_of_captures(name, tmp_path):
    data = CAPTURES / name
    for day in dns_days(data):
        for number, (kind, value) in enumerate(sorted(dns_suspects(data, day))[:2]):
            where = check_answers(data, day, kind, value, tmp_path / f"{day}-{number}")
            assert "all agree" in ok("verify", "dns", *where, f"--{kind}={value}")


def test_a_flipped_byte_is_found(example_day, copy_of, tmp_path):
    data = copy_of(example_day)
    day = max(day for day in days(data) if suspects(data, day))
    anchor = ("--anchor", suspects(data, day)[0])
    where = save(data, tmp_path / "out", day, "flow", *anchor)
    assert "all agree" in ok("verify", "flow", *where, *anchor)
    path = sorted(partition(data, "flow", day).rglob("*.parquet"))[3]
    before, content = path.stat(), bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    told = json.loads(ok("verify", "flow", *where, *anchor, "--format", "json", code=1))
    assert told["agree"] is False
    changed = [d["what"] for d in told["stories"][0]["differences"] if d["what"].startswith("input")]
    assert changed == [f"input {path.relative_to(data)}"]
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert "all agree" in ok("verify", "flow", *where, *anchor)
