"""What a server between costs: one round trip, and a search of a big day through `spot serve`."""

import http.client
import json
import os
import statistics
import subprocess
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from search import run

TRIPS, PAIRS = 200, 7
ASK = json.dumps({"query": "{served{flow}}"}).encode()


@contextmanager
def served(programs, data, **settings):
    """The settings with which to ask a `spot serve` on `data`."""
    command = [programs / "spot", "serve", "--listen", "127.0.0.1:0", "--data", data]
    environment = {**os.environ, **settings}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        lines = [process.stdout.readline().strip().partition("=") for _ in range(2)]
        yield {name: value for name, _, value in lines}
    finally:
        process.terminate()
        process.wait(timeout=60)


@contextmanager
def plain():
    """A server of Python's own that says the same at once."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Else its two writes an answer wait 40 ms for each other.
        disable_nagle_algorithm = True

        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            answer = b'{"data":{"served":{"flow":true}}}'
            self.send_response(200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/graphql"
        server.shutdown()


def trip(connection, token):
    """Seconds of one question over a connection that stays open."""
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    begin = time.perf_counter()
    connection.request("POST", "/graphql", ASK, headers)
    answer = connection.getresponse().read()
    assert json.loads(answer)["data"]["served"]["flow"] is True
    return time.perf_counter() - begin


def round_trip(programs, data):
    """Medians of a round trip to `spot serve` and to Python's server, asked in turns."""
    with served(programs, data) as ours, plain() as theirs:
        ends = [(ours["SPOT_DATA"], ours["SPOT_TOKEN"]), (theirs, "")]
        open_ends = [(http.client.HTTPConnection(urlsplit(url).netloc), key) for url, key in ends]
        pairs = [[trip(*end) for end in open_ends] for _ in range(TRIPS + 10)][10:]
    spot, python = (statistics.median(times) for times in zip(*pairs))
    print(f"  round trip to `spot serve` {spot / python:.2f} x one to Python's http.server", flush=True)
    return {"seconds": [spot, python], "ratio": spot / python}


def through(programs, data, asked):
    """A search through the server beside the same from the folder, each in a new process."""
    ours = str(programs / "examples" / "search_times")
    lines = []
    # Nothing is held: both read the files.
    with served(programs, data, SPOT_HOLD_MB="0") as settings:
        os.environ["SPOT_TOKEN"] = settings["SPOT_TOKEN"]
        try:
            for pipeline, anchor in asked:
                times = ([], [])
                for _ in range(PAIRS + 1):
                    found = [run(ours, pipeline, d, anchor) for d in (str(data), settings["SPOT_DATA"])]
                    assert found[0]["first"]["rows"] == found[1]["first"]["rows"], found
                    for taken, one in zip(times, found):
                        taken.append(one["first"]["seconds"])
                folder, server = (statistics.median(taken[1:]) for taken in times)
                rows = found[0]["first"]["rows"]
                line = {"asked": anchor, "rows": rows, "seconds": [server, folder], "ratio": server / folder}
                lines.append(line)
                print(
                    f"  {pipeline} {anchor} through `spot serve`: {line['ratio']:.2f} x from the folder "
                    f"({rows:,} rows travel)",
                    flush=True,
                )
        finally:
            del os.environ["SPOT_TOKEN"]
    return lines


def server_costs(programs, data, searches):
    """Both, for the first question of each pipeline."""
    asked = {line["pipeline"]: (line["pipeline"], line["asked"][0]) for line in reversed(searches)}
    return {"round_trip": round_trip(programs, data), "through": through(programs, data, asked.values())}
