"""What it costs to import a Zeek log, beside DuckDB.

DuckDB reads the same file, makes the same rows in the same order and writes Parquet (zstd); its seconds
are of the query alone, ours of the whole program with everything synced to the disk. What both wrote is
compared once, row by row. Then a log of many hours, for the memory that an import takes.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

LINES, PAIRS, MOST = 1_000_000, 5, 1.1
LONG, BYTES = 8_000_000, 10**9

HEADER = """#separator \\x09
#set_separator	,
#empty_field	(empty)
#unset_field	-
#path	conn
#open	2026-03-12-09-00-00
#fields	ts	uid	id.orig_h	id.orig_p	id.resp_h	id.resp_p	proto	service	duration	orig_bytes	resp_bytes	conn_state	local_orig	local_resp	missed_bytes	history	orig_pkts	orig_ip_bytes	resp_pkts	resp_ip_bytes	tunnel_parents
#types	time	string	addr	port	addr	port	enum	string	interval	count	count	string	bool	bool	count	string	count	count	count	count	set[string]
"""

STATES = [("SF", "ShADadFf"), ("S0", "S"), ("SF", "Dd"), ("REJ", "Sr"), ("RSTO", "ShADadR")]


def log(path: Path, lines: int, seconds: int):
    """A conn.log of so many lines, beginning on 2026-03-12 at 09:00 and over so many seconds."""
    random = np.random.default_rng(7)
    with path.open("w") as file:
        file.write(HEADER)
        for begin in range(0, lines, 250_000):
            n = min(250_000, lines - begin)
            ts = 1_773_306_000 + np.sort(random.random(n) + np.arange(begin, begin + n)) * (seconds / lines)
            src, dst = random.zipf(1.3, n) % 4000, random.zipf(1.2, n) % 60_000
            kind = random.choice(len(STATES), n, p=[0.55, 0.15, 0.2, 0.05, 0.05])
            span = random.exponential(3.0, n)
            count = random.integers(1, 400, (n, 2))
            port = random.integers(1024, 65_536, n)
            to = random.choice([443, 80, 53, 22, 445, 8443], n)
            out = []
            for i in range(n):
                state, history = STATES[kind[i]]
                udp = history == "Dd"
                took = "-" if state == "S0" else f"{span[i]:.6f}"
                a, b = count[i]
                b = 0 if state == "S0" else b
                out.append(
                    f"{ts[i]:.6f}\tC{begin + i:x}\t10.{src[i] >> 8}.{src[i] & 255}.7\t{port[i]}\t"
                    f"203.{dst[i] >> 8}.{dst[i] & 255}.9\t{to[i]}\t{'udp' if udp else 'tcp'}\t-\t{took}\t"
                    f"{a * 100}\t{b * 90}\t{state}\tT\tF\t0\t{history}\t{a}\t{a * 140}\t{b}\t{b * 130}\t(empty)\n"
                )
            file.write("".join(out))


def ours(programs, path, folder):
    """Seconds, and bytes of memory, of the whole program."""
    command = [programs / "spot", "import", "zeek", path, "--data", folder, "--format", "json"]
    code = """
import resource, subprocess, sys, time, json
begin = time.perf_counter()
told = subprocess.run(sys.argv[1:], check=True, stdout=subprocess.PIPE).stdout
seconds = time.perf_counter() - begin
used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
print(json.dumps({"seconds": seconds, "bytes": used, "told": json.loads(told)}))
"""
    run = subprocess.run([sys.executable, "-c", code, *map(str, command)], check=True, stdout=subprocess.PIPE)
    return json.loads(run.stdout)


def theirs(path, target):
    """Seconds of DuckDB's query, in a process of its own."""
    command = [sys.executable, Path(__file__).with_name("zeek_duckdb.py"), path, target]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)["seconds"]


def same(folder, target):
    """Both wrote the same rows in the same order."""
    [written] = folder.glob("flow/**/*.parquet")
    mine, others = pq.ParquetFile(written).read(), pq.ParquetFile(target).read()
    assert mine.num_rows == others.num_rows == LINES, (mine.num_rows, others.num_rows)
    for name in mine.schema.names:
        one, other = mine.column(name), others.column(name).cast(mine.schema.field(name).type)
        if not one.combine_chunks().equals(other.combine_chunks()):
            pairs = zip(one.to_pylist(), other.to_pylist())
            raise AssertionError(f"{name}: {next((n, a, b) for n, (a, b) in enumerate(pairs) if a != b)}")


def import_costs(programs):
    """The ratio, and the memory of a log that is eight times as long."""
    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        path = work / "conn.log"
        log(path, LINES, 3_000)
        mine, others = [], []
        for number in range(PAIRS):
            mine.append(ours(programs, path, work / f"day-{number}")["seconds"])
            others.append(theirs(path, work / f"duckdb-{number}.parquet"))
        same(work / "day-0", work / "duckdb-0.parquet")
        ratio = statistics.median(mine) / statistics.median(others)
        print(f"  import of {LINES:,} Zeek lines: {ratio:.2f} x DuckDB (at most {MOST})", flush=True)
        log(path, LONG, 80_000)
        told = ours(programs, path, work / "long")
        used = told["bytes"]
        print(f"  import of {LONG:,} Zeek lines: {used / 1e6:.0f} MB (at most {BYTES / 1e6:.0f})", flush=True)
    return {
        "lines": LINES,
        "seconds": [mine, others],
        "ratio": ratio,
        "at_most": MOST,
        "bytes": used,
        "bytes_at_most": BYTES,
    }


if __name__ == "__main__":
    print(json.dumps(import_costs(Path(os.environ["PROGRAMS"]))))
