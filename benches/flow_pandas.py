"""The panel to compare with: the same search in ipykernel, ipywidgets and pandas.

Run as a cell's code (bench.py does), with DATA, DAY and ANCHOR set. Each click reads the Parquet
again, makes the same four tables and the same timeline, and shows them as one HTML output.
"""

import base64
import html
import ipaddress
from pathlib import Path

import ipywidgets as widgets
import pandas as pd
import pyarrow.dataset as ds
from IPython.display import HTML, display

TOP = 20
COLUMNS = ["treceived", "sip", "dip", "sport", "dport", "proto", "ipkt", "ibyt", "opkt", "obyt"]


def read(anchor):
    """Rows of the day with the anchor at either end; pyarrow filters while it reads."""
    y, m, d = (int(part) for part in DAY.split("-"))
    folder = Path(DATA) / "flow" / f"y={y}" / f"m={m}" / f"d={d}"
    files = sorted(map(str, folder.rglob("*.parquet")))
    wanted = (ds.field("sip") == anchor) | (ds.field("dip") == anchor)
    return ds.dataset(files).to_table(columns=COLUMNS, filter=wanted).to_pandas()


def details(rows):
    """The expanded search: one line for each source, destination and pair of ports."""
    return rows.groupby(["sip", "dip", "sport", "dport"]).agg(
        first=("treceived", "min"), last=("treceived", "max"), connections=("ibyt", "size"),
        max_pkts=("ipkt", "max"), avg_pkts=("ipkt", "mean"),
        max_bytes=("ibyt", "max"), avg_bytes=("ibyt", "mean"),
    )


def peers(rows, anchor):
    """One line for each peer, with its class."""
    rows = rows[rows.sip != rows.dip]
    towards = rows.dip == anchor
    rows = rows.assign(
        peer=rows.sip.where(towards, rows.dip),
        n_in=towards.astype(int), n_out=(~towards).astype(int),
        bytes_in=rows.ibyt.where(towards, rows.obyt),
        bytes_out=rows.obyt.where(towards, rows.ibyt),
    )
    found = rows.groupby("peer").agg(
        n_in=("n_in", "sum"), n_out=("n_out", "sum"), bytes_in=("bytes_in", "sum"),
        bytes_out=("bytes_out", "sum"), first=("treceived", "min"), last=("treceived", "max"),
    )
    found["connections"] = found.n_in + found.n_out
    found["bytes"] = found.bytes_in + found.bytes_out
    inside = ipaddress.ip_address(anchor).is_private
    one_way = {True: "inbound" if inside else "outbound", False: "outbound" if inside else "inbound"}
    found["direction"] = (found.n_in > 0).map(one_way)
    found.loc[(found.n_in > 0) & (found.n_out > 0), "direction"] = "two-way"
    return found.sort_values(["bytes", "connections"], ascending=False)


def top(rows, here, there, anchor):
    """The two tables of one role."""
    rows = rows[(rows[there] == anchor) & (rows[here] != anchor)]
    grouped = rows.groupby(here).agg(
        connections=("ibyt", "size"), bytes=("ibyt", "sum"),
        ports=("dport", lambda ports: ", ".join(map(str, sorted(set(ports))[:3]))),
        first=("treceived", "min"), last=("treceived", "max"),
    )
    return [
        (grouped.sort_values(by, ascending=False).head(TOP), len(grouped))
        for by in ("connections", "bytes")
    ]


def table(title, found):
    frame, of = found
    return (
        f"<details open><summary>{title} — {len(frame)} of {of}</summary>"
        f"{frame.to_html(border=0)}</details>"
    )


def timeline(rows, found, anchor):
    """Lanes of the first peers, a bar for each quarter of an hour with rows."""
    peer = rows.sip.where(rows.dip == anchor, rows.dip)
    minute = pd.to_datetime(rows.treceived)
    quarter = (minute.dt.hour * 60 + minute.dt.minute) // 15
    counts = rows.assign(peer=peer, quarter=quarter).groupby(["peer", "quarter"]).size()
    lanes = {name: at for at, name in enumerate(found.index[:TOP])}
    marks = [
        f'<text x="2" y="{at * 16 + 12}" font-size="10">{html.escape(name)}</text>'
        for name, at in lanes.items()
    ]
    for (name, at), n in counts.items():
        if name in lanes:
            height = min(14, 3 + n)
            marks.append(
                f'<rect x="{150 + at * 7}" y="{lanes[name] * 16 + 15 - height}" width="6"'
                f' height="{height}" fill="#36c"><title>{n}</title></rect>'
            )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="830" height="{len(lanes) * 16 + 4}">'
        f'{"".join(marks)}</svg>'
    )
    data = base64.b64encode(svg.encode()).decode()
    return f'<img alt="timeline" src="data:image/svg+xml;base64,{data}">'


def search(anchor):
    rows = read(anchor)
    details(rows)
    found = peers(rows, anchor)
    sources, destinations = top(rows, "sip", "dip", anchor), top(rows, "dip", "sip", anchor)
    parts = [f"<h3>Threat summary for {html.escape(anchor)}</h3>", timeline(rows, found, anchor)]
    parts += [
        table(f"Top {role} by {measure}", pair[at])
        for at, measure in enumerate(("connections", "bytes"))
        for role, pair in (("sources", sources), ("destinations", destinations))
    ]
    return "".join(parts)


choice = widgets.Select(options=[ANCHOR])
button = widgets.Button(description="Search")
empty = widgets.Button(description="Empty")
result = display(HTML("Nothing searched yet."), display_id=True)
button.on_click(lambda _: result.update(HTML(search(choice.value))))
empty.on_click(lambda _: None)
display(widgets.VBox([choice, button, empty]))
