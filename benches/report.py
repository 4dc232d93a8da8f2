"""What reports cost: all suspects of a day beside as many single runs, and one of 50,000 flows."""

import json
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from truth import days, frame, partition

SUSPECTS, RUNS, BATCH = 60, 3, 0.25
FLOWS, BIGGEST = 50_000, 5_000_000


def put(path: Path, columns: dict):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


def spot(programs, *words):
    """Seconds of a `spot report`, and what it says."""
    begin = time.perf_counter()
    said = subprocess.run(
        [programs / "spot", "report", *map(str, words), "--format", "json"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True,
        env={k: v for k, v in os.environ.items() if not k.startswith("SPOT_")},
    ).stdout
    return time.perf_counter() - begin, json.loads(said)


def many_suspects(data: Path, day: str, folder: Path):
    """The same day with its busiest addresses scored high, each in a row of its own."""
    folder.mkdir(parents=True)
    for table in ("flow", "dns"):
        (folder / table).symlink_to((data / table).resolve())
    rows = frame(partition(data, "flow", day), ["sip", "dip"])
    busiest = rows.sip.value_counts().index[:SUSPECTS].tolist()
    assert len(busiest) == SUSPECTS, "the day has too few addresses"
    # The same at both ends, so that nobody else is a suspect.
    put(
        partition(folder, "flow_threat_investigation", day) / "part-0.parquet",
        {
            "tstart": [f"{day} 00:00:00"] * SUSPECTS,
            "srcip": busiest,
            "dstip": busiest,
            "srcport": pa.array([1] * SUSPECTS, pa.int32()),
            "dstport": pa.array([1] * SUSPECTS, pa.int32()),
            "score": pa.array([1] * SUSPECTS, pa.int32()),
        },
    )
    return busiest


def batch(programs, data, folder):
    """All suspects in one run, beside one run for each."""
    day = max(days(data))
    suspects = many_suspects(data, day, folder / "day")
    at = ["flow", "--data", folder / "day", "--date", day]
    whole, single = [], []
    for number in range(RUNS):
        seconds, done = spot(programs, *at, "--anchor", "all", "--out", folder / f"all-{number}")
        assert done["written"] == done["suspects"] == SUSPECTS, done
        whole.append(seconds)
        runs = [
            spot(programs, *at, "--anchor", anchor, "--out", folder / f"one-{number}")
            for anchor in suspects
        ]
        assert all(done["written"] == 1 for _, done in runs)
        single.append(sum(seconds for seconds, _ in runs))
    ratio = statistics.median(whole) / statistics.median(single)
    print(
        f"  reports of {SUSPECTS} suspects in one run: {ratio:.2f} x as many single runs (at most {BATCH})",
        flush=True,
    )
    return {"suspects": SUSPECTS, "seconds": [whole, single], "ratio": ratio, "at_most": BATCH}


def busy_day(folder: Path):
    """An address with so many flows, each with ports of its own, to 5,000 peers."""
    number = range(FLOWS)
    peers = [f"203.{n % 5000 // 250 + 1}.113.{n % 250 + 1}" for n in number]
    out = [n % 3 > 0 for n in number]
    put(
        folder / "flow/y=2016/m=7/d=8/h=0/part-0.parquet",
        {
            "treceived": [
                f"2016-07-08 {s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}"
                for s in (n * 86_399 // FLOWS for n in number)
            ],
            "unix_tstamp": pa.array([0] * FLOWS, pa.int64()),
            "tdur": pa.array([n % 90 / 10 for n in number], pa.float32()),
            "sip": ["10.0.0.5" if o else p for o, p in zip(out, peers)],
            "dip": [p if o else "10.0.0.5" for o, p in zip(out, peers)],
            "sport": pa.array([1024 + n % 60_000 for n in number], pa.int32()),
            "dport": pa.array([(22, 53, 80, 443, 8443)[n % 5] for n in number], pa.int32()),
            "proto": [("TCP", "UDP")[n % 2] for n in number],
            "flag": [".AP.SF"] * FLOWS,
            "ipkt": pa.array([n % 100 + 1 for n in number], pa.int64()),
            "ibyt": pa.array([n * 7919 % 1_000_003 for n in number], pa.int64()),
            "opkt": pa.array([0] * FLOWS, pa.int64()),
            "obyt": pa.array([0] * FLOWS, pa.int64()),
        },
    )


def big_report(programs, folder):
    """The page of an address with 50,000 flows: seconds of the whole process, and bytes."""
    busy_day(folder / "busy")
    at = ["flow", "--data", folder / "busy", "--date", "2016-07-08", "--anchor", "10.0.0.5"]
    times = []
    for number in range(RUNS + 1):
        seconds, done = spot(programs, *at, "--out", folder / f"busy-{number}")
        times.append(seconds)
    seconds, size = statistics.median(times[1:]), done["bytes"]
    print(
        f"  a report of {FLOWS:,} flows: {seconds:.2f} s from the start of the program to its end, "
        f"{size / 1e6:.2f} MB (at most {BIGGEST / 1e6:.0f})",
        flush=True,
    )
    return {"flows": FLOWS, "seconds": times[1:], "bytes": size, "at_most": BIGGEST, "page": done["page"]}


def report_costs(programs, data):
    """Both, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        return batch(programs, data, folder), big_report(programs, folder)


if __name__ == "__main__":
    import sys

    report_costs(Path(os.environ["PROGRAMS"]), Path(sys.argv[1]))
