"""What a search of a big day costs, beside DuckDB's, and what the next one costs.

Both engines read the same Parquet files, each time in a new process, one after the other; the seconds
are of the query alone. The files are read once before, so that both find them in the page cache.
"""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parents[1]
PAIRS = 7
ROWS = int(os.environ.get("BENCH_ROWS", "20000000"))
# At most: a search beside DuckDB's, another click in a notebook beside its first, bytes in memory.
FIRST, NEXT, BYTES = 1.1, 0.2, 10**9


def example(programs, folder):
    """The day, made when it is not there: all flows and answers that are asked for."""
    if not (folder / "dns").is_dir():
        print(f"generate {ROWS:,} flows and {ROWS:,} answers in {folder} ..", flush=True)
        rows = ["--rows", str(ROWS), "--answers", str(ROWS), "--force"]
        program = [programs / "example-day", "--out", folder, *rows]
        subprocess.run(program, check=True, stdout=subprocess.DEVNULL)
    return folder


def run(*command):
    """The JSON that a process prints."""
    output = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(output.stdout)


def ranked(files, column, where="true"):
    """Values of a column by how many rows have them, the most first."""
    sql = f"SELECT {column} FROM read_parquet('{files}') WHERE {where} GROUP BY 1 ORDER BY count(*) DESC, 1"
    return [value for (value,) in duckdb.sql(sql).fetchall()]


def questions(data):
    """Whom to search: (pipeline, first, next). Scored anchors, and some in the middle of the day."""
    flows, answers = f"{data}/flow/**/*.parquet", f"{data}/dns/**/*.parquet"
    high = f"{data}/flow_threat_investigation/**/*.parquet"
    scored = ranked(high, "srcip", "score = 1")
    sources = ranked(flows, "sip")
    yield "flow", scored[0], scored[-1]
    yield "flow", sources[len(sources) // 2], sources[len(sources) // 3]
    clients = ranked(answers, "ip_dst")
    names = ranked(answers, "lower(rtrim(dns_qry_name, '.'))")
    middle, third = len(names) // 2, len(names) // 3
    yield "dns", f"client:{clients[len(clients) // 2]}", f"client:{clients[len(clients) // 3]}"
    yield "dns", f"name:{names[middle]}", f"name:{names[third]}"
    yield "dns", f"domain:{registered(names[middle])}", f"domain:{registered(names[third])}"
    yield "dns", f"contains:{names[middle][:9]}", f"contains:{names[third][:9]}"


def registered(name):
    """Good enough for made-up names: the last two labels."""
    return ".".join(name.split(".")[-2:])


def search_costs(programs, data):
    """A line for each question: medians, ratios, memory."""
    ours = str(programs / "examples" / "search_times")
    theirs = [sys.executable, str(ROOT / "benches/search_duckdb.py")]
    lines = []
    for pipeline, first, following in questions(data):
        table = str(data / pipeline)
        times = ([], [])
        # One more before, for the page cache.
        for pair in range(PAIRS + 1):
            found = run(ours, pipeline, str(data), first, *([following] if pair == 0 else []))
            same = run(*theirs, pipeline, table, first)
            assert found["first"]["rows"] == same["first"]["rows"], (first, found, same)
            if pair == 0:
                held, again = found["held"], found["again"]
                continue
            for taken, one in zip(times, (found, same)):
                taken.append(one["first"]["seconds"])
        spot, duck = (statistics.median(taken) for taken in times)
        next_times = max(one["seconds"] for one in again)
        line = {
            "pipeline": pipeline,
            "asked": [first, following],
            "rows": [one["rows"] for one in again],
            "seconds": [spot, duck],
            "ratio": spot / duck,
            "at_most": FIRST,
            "next_seconds": next_times,
            "next_ratio": next_times / spot,
            "held": held,
        }
        lines.append(line)
        print(
            f"  {pipeline} {first}: {line['ratio']:.2f} x DuckDB (at most {FIRST}); "
            f"from memory {line['next_ratio']:.2f} x the first, with "
            f"{held['bytes'] / 1e6:.0f} MB held for {held['rows']:,} rows",
            flush=True,
        )
    return lines
