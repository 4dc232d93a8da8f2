"""A day whose names, addresses, contexts and indicators are texts that attackers send.

    python tests/python/hostile_day.py FOLDER
"""

import csv
import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

PAYLOADS = [
    text
    for group in json.loads((Path(__file__).parents[1] / "payloads.json").read_text()).values()
    for text in group
]
DATE, ANCHOR = "2016-07-08", "10.0.0.5"
# 2016-07-08 00:00:00 UTC.
MIDNIGHT = 1_467_936_000


def put(path: Path, columns: dict):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


def ints(values):
    return pa.array(values, pa.int32())


def flows(folder: Path):
    """Each payload as a peer, one way and the other, and as protocol and flags; and two real peers."""
    peers = PAYLOADS + ["203.0.113.9", "198.51.100.7"]
    count = 2 * len(peers)
    minute = [n * 1439 // count for n in range(count)]
    rows = [(ANCHOR, p) for p in peers] + [(p, ANCHOR) for p in peers]
    words = (peers + peers)[:count]
    put(folder / "flow/y=2016/m=7/d=8/h=0/part-0.parquet", {
        "treceived": [f"{DATE} {m // 60:02}:{m % 60:02}:00" for m in minute],
        "unix_tstamp": pa.array([0] * count, pa.int64()),
        "tdur": pa.array([1.0] * count, pa.float32()),
        "sip": [row[0] for row in rows],
        "dip": [row[1] for row in rows],
        "sport": ints([1024 + n for n in range(count)]),
        "dport": ints([443] * count),
        "proto": words,
        "flag": words,
        "ipkt": pa.array([1] * count, pa.int64()),
        "ibyt": pa.array([1000 + n for n in range(count)], pa.int64()),
        "opkt": pa.array([0] * count, pa.int64()),
        "obyt": pa.array([0] * count, pa.int64()),
    })
    put(folder / "flow_threat_investigation/y=2016/m=7/d=8/part-0.parquet", {
        "tstart": [f"{DATE} 00:00:00"] * (len(PAYLOADS) + 1),
        "srcip": [ANCHOR, *PAYLOADS],
        "dstip": ["203.0.113.9", *PAYLOADS],
        "srcport": ints([1024] * (len(PAYLOADS) + 1)),
        "dstport": ints([443] * (len(PAYLOADS) + 1)),
        "score": ints([1] * (len(PAYLOADS) + 1)),
    })


def answers(folder: Path):
    """Each payload as a name that the anchor asked for, as an answer, and as a server."""
    names = PAYLOADS + ["harmless.example"]
    count = len(names)
    put(folder / "dns/y=2016/m=7/d=8/h=0/part-0.parquet", {
        "frame_time": ["Jul  8 2016 00:00:00.000000000 UTC"] * count,
        "unix_tstamp": pa.array([MIDNIGHT + n * 200 for n in range(count)], pa.int64()),
        "frame_len": ints([100] * count),
        "ip_dst": [ANCHOR] * count,
        "ip_src": names,
        "dns_qry_name": names,
        "dns_qry_class": ["0x00000001"] * count,
        "dns_qry_type": ints([1] * count),
        "dns_qry_rcode": ints([0] * count),
        "dns_a": ["203.0.113.9|" + name.replace("|", "") for name in names],
    })
    put(folder / "dns_threat_investigation/y=2016/m=7/d=8/part-0.parquet", {
        "unix_tstamp": pa.array([MIDNIGHT] * (len(PAYLOADS) + 1), pa.int64()),
        "ip_dst": [ANCHOR] * (len(PAYLOADS) + 1),
        "dns_qry_name": ["harmless.example", *PAYLOADS],
        "ip_sev": ints([1] + [0] * len(PAYLOADS)),
        "dns_sev": ints([0] + [1] * len(PAYLOADS)),
    })


def context(folder: Path):
    """A payload in every field that an analyst's file may have."""
    folder.mkdir(parents=True)
    files = {
        "networkcontext_1.csv": [["ip", "name"], ["203.0.113.9", PAYLOADS[0]]],
        "ipranges.csv": [["10.0.0.0", "10.255.255.255", PAYLOADS[1]]],
        "indicators.csv": [["indicator", "source", "note"], ["203.0.113.9", PAYLOADS[2], PAYLOADS[3]]]
        + [[text, text, text] for text in PAYLOADS],
        "classes.csv": [["part", "class"], [PAYLOADS[0][:9], PAYLOADS[4]]],
    }
    for name, rows in files.items():
        with (folder / name).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)


def make(folder: Path):
    flows(folder)
    answers(folder)
    context(folder / "context")
    return folder


if __name__ == "__main__":
    make(Path(sys.argv[1]))
