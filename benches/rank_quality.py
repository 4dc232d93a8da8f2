"""How well the ranking finds what is known to be bad, capture by capture; the poor results too.

For each labelled capture in ../shared/data/captures, and for the example day: recall among the first
max(10, number of bad ones), precision among the first 10, and how many false lines stand above the first
true one. A line is true when one of its ends is a known-bad address, or when its domain holds a known-bad
name. Clients are victims, not bad ones: lines about them are left out of the lists of DNS.

    python benches/rank_quality.py [--programs target/release]
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CAPTURES = ROOT.parent / "shared/data/captures"

# What the example day plants (examples/example-day/src/incidents.rs and dns/incidents.rs).
EXAMPLE = {
    "flow": {
        "203.0.113.77": "beacon",
        "198.51.100.199": "sweep",
        "203.0.113.201": "ssh passwords",
        "10.20.10.57": "looks round",
        "2001:db8:66::e1": "upload",
    },
    "dns": ["cdn-sync.example.net"],
}
GENERATOR, GENERATED = "10.20.11.64", (".test", ".invalid", ".example")
# Why there may be nothing to find.
SILENT = {
    ("iodine-txt", "flow"): "the flows are those of one resolver to the tunnel's server: plain DNS; the names tell",
    ("simda-dga", "flow"): "six minutes of HTTP to parked pages, in bursts; the names tell",
    ("asyncrat", "dns"): "a bad name is asked for once or twice, and chosen by a person",
    ("apt29-day1", "dns"): "no bad names are known",
    ("wrccdc-2018-dns", "dns"): "nothing in it is labelled",
}


def ranked(spot, pipeline, data, day, context):
    """Lines of a ranking."""
    command = [spot, "rank", pipeline, "--data", data, "--date", day, "--context", context]
    output = subprocess.run([*command, "--top", "100000", "--format", "json"], check=True, capture_output=True)
    return json.loads(output.stdout)


def days(folder):
    found = set()
    for place in folder.glob("y=*/m=*/d=*"):
        y, m, d = (part.split("=")[1] for part in place.parts[-3:])
        found.add(f"{int(y):04}-{int(m):02}-{int(d):02}")
    return sorted(found)


def ends(line):
    subject = line["subject"]
    return {subject.get(key) for key in ("client", "server", "address")} - {None}


def measured(lines, hit, bad):
    """Recall, precision and false ones above; `hit` gives the bad ones that a line is about."""
    hits = [hit(line) & bad for line in lines]
    first = next((place for place, found in enumerate(hits) if found), None)
    among = max(10, len(bad))
    return {
        "lines": len(lines),
        "bad": len(bad),
        "recall": len(set().union(*hits[:among])) / len(bad) if bad else None,
        "among": among,
        "precision": sum(map(bool, hits[:10])) / min(10, len(lines)) if lines else None,
        "false_above": first,
        "false_first": [
            f"{line['score']:.2f} {' '.join(sorted(ends(line)) or [line['subject'].get('name', '')])}"
            for line, found in zip(lines[:10], hits)
            if not found
        ],
    }


def addresses(line):
    return ends(line)


def domains(bad_names):
    """Domains by the bad names that they hold."""

    def hit(line):
        name = line["subject"].get("name")
        return {name} if name else set()

    return hit


def registered(name, known):
    """The domain of the ranking that a bad name is in, else its last two labels."""
    labels = name.lower().rstrip(".").split(".")
    tails = [".".join(labels[at:]) for at in range(len(labels))]
    return next((tail for tail in tails if tail in known), ".".join(labels[-2:]))


def one(spot, name, pipeline, day, data, context, bad):
    found = ranked(spot, pipeline, str(data), day, str(context))
    lines = found["lines"]
    if pipeline == "dns":
        lines = [line for line in lines if line["subject"]["kind"] == "domain"]
        known = {line["subject"]["name"] for line in lines}
        bad = {registered(name, known) for name in bad}
        result = measured(lines, domains(bad), bad)
    else:
        result = measured(lines, addresses, set(bad))
    return {"capture": name, "pipeline": pipeline, "day": day, **result}




def captures(spot):
    for folder in sorted(CAPTURES.glob("*/labels")):
        folder = folder.parent
        labels = json.loads((folder / "labels/known_bad.json").read_text())
        for pipeline, key in (("flow", "bad_ips"), ("dns", "bad_queries")):
            for day in days(folder / pipeline):
                bad = seen(folder, pipeline, day, labels.get(key) or [])
                if not bad:
                    continue
                yield one(spot, folder.name, pipeline, day, folder, CAPTURES / "context", bad)


def seen(folder, pipeline, day, bad):
    """Those of the bad ones that have rows on the day."""
    import pyarrow.parquet as parquet

    y, m, d = (int(part) for part in day.split("-"))
    columns = ["sip", "dip"] if pipeline == "flow" else ["dns_qry_name"]
    found = set()
    for path in (folder / pipeline).glob(f"y={y}/m={m}/d={d}/**/*.parquet"):
        table = parquet.ParquetFile(path).read(columns=columns)
        for column in columns:
            found |= set(table[column].to_pylist())
    return [name for name in bad if name in found]


def generated(data):
    """Domains that only the host asks for which generates names, below names that nobody has."""
    import pyarrow.parquet as parquet

    asked = {}
    for path in (data / "dns").glob("**/*.parquet"):
        table = parquet.ParquetFile(path).read(columns=["ip_dst", "dns_qry_name"])
        for client, name in zip(*(table[column].to_pylist() for column in ("ip_dst", "dns_qry_name"))):
            asked.setdefault(name.lower().rstrip("."), set()).add(client)
    own = [name for name, by in asked.items() if by == {GENERATOR} and name.endswith(GENERATED)]
    return [name for name in own if name.count(".") == 1]


def example(spot, programs):
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "day"
        subprocess.run([programs / "example-day", "--out", data], check=True, stdout=subprocess.DEVNULL)
        for pipeline in ("flow", "dns"):
            for day in days(data / pipeline)[-1:]:
                bad = list(EXAMPLE[pipeline]) + (generated(data) if pipeline == "dns" else [])
                yield one(spot, "example day", pipeline, day, data, ROOT / "context", bad)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--programs", type=Path, default=ROOT / "target/release")
    options.add_argument("--out", type=Path)
    options = options.parse_args()
    spot = options.programs / "spot"
    found = list(example(spot, options.programs))
    if CAPTURES.is_dir():
        found += captures(spot)
    else:
        print(f"captures are skipped: {CAPTURES} is not there")
    share = lambda value: "   -" if value is None else f"{value:4.2f}"  # noqa: E731
    print("capture           table  day         lines  bad  recall (of first)  precision at 10  false above")
    worse = []
    for line in found:
        above = "never" if line["false_above"] is None else str(line["false_above"])
        print(
            f"{line['capture']:<17} {line['pipeline']:<5}  {line['day']}  {line['lines']:5}  {line['bad']:3}  "
            f"{share(line['recall'])} ({line['among']:3})         {share(line['precision'])}             {above:>5}"
        )
        silent = SILENT.get((line["capture"], line["pipeline"]))
        if silent:
            print(f"    no verdict: {silent}")
        elif line["false_above"] is None or line["false_above"] >= 10:
            worse.append(f"{line['capture']} {line['pipeline']} {line['day']}")
        for false in line["false_first"]:
            print(f"      false: {false.encode('unicode_escape').decode()}")
    if options.out:
        options.out.write_text(json.dumps(found, indent=2) + "\n")
    if worse:
        sys.exit(f"the first true line is not among the first ten of: {', '.join(worse)}")


if __name__ == "__main__":
    main()
