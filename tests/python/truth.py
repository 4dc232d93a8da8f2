"""The same answers by another road: pandas over the raw Parquet, written from the document alone."""

import csv
import ipaddress
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"]
PRIVATE += ["127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128"]


def days(data: Path, table="flow"):
    """Days with flows, `2020-04-30`, in order."""
    found = []
    for folder in (data / table).glob("y=*/m=*/d=*"):
        y, m, d = (int(part.split("=")[1]) for part in folder.parts[-3:])
        found.append(f"{y:04}-{m:02}-{d:02}")
    return sorted(found)


def partition(data: Path, table: str, day: str) -> Path:
    y, m, d = map(int, day.split("-"))
    return data / table / f"y={y}" / f"m={m}" / f"d={d}"


def frame(folder: Path, columns=None) -> pd.DataFrame:
    parts = [pq.read_table(path, columns=columns).to_pandas() for path in folder.rglob("*.parquet")]
    return pd.concat(parts, ignore_index=True)


def address(text: str) -> str:
    """One spelling for each address."""
    try:
        found = ipaddress.ip_address(text.strip())
    except ValueError:
        return text.strip()
    return str(getattr(found, "ipv4_mapped", None) or found)


def suspects(data: Path, day: str):
    """Every end of a row scored high; the last score of a connection counts."""
    folder = partition(data, "flow_threat_investigation", day)
    if not folder.is_dir():
        return []
    rows = frame(folder)
    high = rows[rows.score == 1]
    return sorted({*high.srcip.map(address), *high.dstip.map(address)})


def inside(anchor: str, ranges: Path | None) -> bool:
    ip = ipaddress.ip_address(anchor)
    if ranges and ranges.is_file():
        for start, end, *_ in csv.reader(ranges.open()):
            low, high = ipaddress.ip_address(start), ipaddress.ip_address(end)
            if low.version == ip.version and low <= ip <= high:
                return True
        return False
    return any(ip in ipaddress.ip_network(block) for block in PRIVATE)


class Truth:
    """What a day's rows say of one address."""

    def __init__(self, data: Path, day: str, anchor: str, ranges: Path | None):
        columns = ["treceived", "sip", "dip", "sport", "dport", "ipkt", "ibyt", "opkt", "obyt"]
        rows = frame(partition(data, "flow", day), columns)
        self.scanned = len(rows)
        for side in ("sip", "dip"):
            rows[side] = rows[side].map({text: address(text) for text in rows[side].unique()})
        self.rows = rows[(rows.sip == anchor) | (rows.dip == anchor)]
        self.anchor, self.inside = anchor, inside(anchor, ranges)

    def details(self):
        keys = ["sip", "dip", "sport", "dport"]
        grouped = self.rows.groupby(keys).agg(
            connections=("ibyt", "size"),
            maxPkts=("ipkt", "max"),
            avgPkts=("ipkt", "mean"),
            maxBytes=("ibyt", "max"),
            avgBytes=("ibyt", "mean"),
            firstSeen=("treceived", "min"),
            lastSeen=("treceived", "max"),
        )
        return {key: row for key, row in zip(grouped.index, grouped.to_dict("records"))}

    def peers(self):
        """Peer to what was between it and the anchor. `inbound` is always towards our network."""
        found = {}
        for row in self.rows[self.rows.sip != self.rows.dip].itertuples():
            towards = row.dip == self.anchor
            peer = found.setdefault(
                row.sip if towards else row.dip,
                {"in": 0, "out": 0, "bytesIn": 0, "bytesOut": 0, "seen": []},
            )
            peer["in" if towards else "out"] += 1
            peer["bytesIn"] += row.ibyt if towards else row.obyt
            peer["bytesOut"] += row.obyt if towards else row.ibyt
            peer["seen"].append(row.treceived)
        towards, away = ("inbound", "outbound") if self.inside else ("outbound", "inbound")
        return {
            peer: {
                "direction": "two-way" if p["in"] and p["out"] else towards if p["in"] else away,
                "connections": p["in"] + p["out"],
                "bytes": p["bytesIn"] + p["bytesOut"],
                "bytesIn": p["bytesIn"],
                "bytesOut": p["bytesOut"],
                "firstSeen": min(p["seen"]),
                "lastSeen": max(p["seen"]),
            }
            for peer, p in found.items()
        }

    def top(self, role: str):
        """Peers as `sources` or `destinations`: peer to (rows, bytes of those rows)."""
        here, there = ("sip", "dip") if role == "sources" else ("dip", "sip")
        rows = self.rows[(self.rows[there] == self.anchor) & (self.rows[here] != self.anchor)]
        grouped = rows.groupby(here).ibyt.agg(["size", "sum"])
        return {peer: (int(n), int(b)) for peer, n, b in grouped.itertuples()}


def dns_days(data: Path):
    """Days with DNS answers."""
    return days(data, "dns")


ASCII_LOWER = {letter: letter + 32 for letter in range(ord("A"), ord("Z") + 1)}


def name(text: str | None) -> str:
    """A name as it is compared: ASCII letters in lower case, without the final dot."""
    return (text or "").translate(ASCII_LOWER).removesuffix(".")


def dns_suspects(data: Path, day: str):
    """(`client`, address) and (`query`, name) of every score 1."""
    folder = partition(data, "dns_threat_investigation", day)
    if not folder.is_dir():
        return set()
    rows = frame(folder)
    clients = {("client", address(text)) for text in rows[rows.ip_sev == 1].ip_dst}
    return clients | {("query", name(text)) for text in rows[rows.dns_sev == 1].dns_qry_name}


class DnsTruth:
    """What a day's DNS answers say."""

    def __init__(self, data: Path, day: str):
        self.rows = frame(partition(data, "dns", day))
        self.scanned = len(self.rows)
        self.rows["client"] = self.rows.ip_dst.map(address)
        self.rows["name"] = self.rows.dns_qry_name.map(name)

    def totals(self, kind: str, value: str, scope: str):
        """(client, name) to what the answers between the two say."""
        rows = self.rows
        if kind == "client":
            rows = rows[rows.client == value]
        elif scope == "substring":
            rows = rows[rows.name.map(lambda text: value.translate(ASCII_LOWER) in text)]
        else:
            rows = rows[rows.name == name(value)]
        found = {}
        for row in rows.itertuples():
            one = found.setdefault(
                (row.client, row.name),
                {"total": 0, "nxdomain": 0, "types": {}, "answers": set(), "servers": set(), "at": []},
            )
            one["total"] += 1
            one["nxdomain"] += row.dns_qry_rcode == 3
            one["types"][row.dns_qry_type] = one["types"].get(row.dns_qry_type, 0) + 1
            one["answers"] |= {address(part) for part in (row.dns_a or "").split("|") if part}
            one["servers"].add(address(row.ip_src))
            one["at"].append(row.unix_tstamp)
        for one in found.values():
            at = [pd.Timestamp(t, unit="s").strftime("%Y-%m-%d %H:%M:%S") for t in one.pop("at")]
            one["first"], one["last"] = min(at), max(at)
            one["answers"], one["servers"] = len(one["answers"]), len(one["servers"])
        return found
