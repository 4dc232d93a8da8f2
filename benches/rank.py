"""What the ranking of a big day costs, beside DuckDB's group by of the same rows.

DuckDB only groups flows by source and destination with count, sum and standard deviation; the ranking
reads more columns, and its time is that of the whole program. Both read the same Parquet files, in new
processes, one after the other; the files are read once before.
"""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAIRS = 5
# At most: times DuckDB's query, bytes in memory.
RATIO, BYTES = 3.0, 4 * 10**9
SQL = """
    SELECT sip, dip, count(*), sum(ibyt), stddev(ibyt)
    FROM read_parquet($files) GROUP BY sip, dip
"""


def grouped(folder):
    """Seconds of DuckDB's query."""
    import duckdb

    engine = duckdb.connect()
    begin = time.perf_counter()
    engine.execute(SQL, {"files": f"{folder}/flow/**/*.parquet"}).fetchall()
    return time.perf_counter() - begin


def ranked(programs, folder):
    """Seconds of `spot rank flow`, and the most memory that it took."""
    command = [programs / "spot", "rank", "flow", "--data", folder, "--context", ROOT / "context"]
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    if status != 0:
        raise SystemExit("spot rank failed")
    return seconds, usage.ru_maxrss * 1024


def rank_costs(programs, folder):
    """Medians, ratio, memory."""
    ours, theirs, most = [], [], 0
    for pair in range(PAIRS + 1):
        seconds, memory = ranked(programs, folder)
        query = [sys.executable, __file__, str(folder)]
        other = float(subprocess.run(query, check=True, capture_output=True, text=True).stdout)
        most = max(most, memory)
        # One more before, for the page cache.
        if pair > 0:
            ours.append(seconds)
            theirs.append(other)
    spot, duck = statistics.median(ours), statistics.median(theirs)
    line = {"seconds": [spot, duck], "ratio": spot / duck, "at_most": RATIO, "bytes": most}
    print(
        f"  ranking of the flows: {line['ratio']:.2f} x DuckDB's group by (at most {RATIO}), "
        f"{most / 1e6:.0f} MB (at most {BYTES / 1e6:.0f})",
        flush=True,
    )
    return line


if __name__ == "__main__":
    if len(sys.argv) == 2:
        print(grouped(sys.argv[1]))
    else:
        sys.exit("rank.py FOLDER: seconds of DuckDB's group by; bench.py measures both")
