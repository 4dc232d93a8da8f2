"""Reading pages and notebooks that the product made."""

import re
from dataclasses import dataclass

from bs4 import BeautifulSoup

TITLES = {
    "sourcesByConnections": "Top sources by connections",
    "destinationsByConnections": "Top destinations by connections",
    "sourcesByBytes": "Top sources by bytes",
    "destinationsByBytes": "Top destinations by bytes",
}


@dataclass
class Table:
    """One of the four tables as a reader sees it."""

    shown: int
    of: int
    #: peer, connections, exact bytes
    rows: list


def number(text: str) -> int:
    return int(re.sub(r"[^0-9]", "", text))


def tables(html: str):
    """Tables of each kind, in the order of the page."""
    soup = BeautifulSoup(html, "html.parser")
    found = {name: [] for name in TITLES}
    for details in soup.find_all("details"):
        summary = details.find("summary").get_text(" ", strip=True)
        for name, title in TITLES.items():
            if summary.startswith(title):
                found[name].append(table(summary, details, by_bytes="Bytes" in name))
    return found


def table(summary, details, by_bytes):
    shown, of = re.search(r"([\d,]+) of ([\d,]+)", summary).groups()
    rows = []
    for line in details.find_all("tr"):
        cells = line.find_all("td")
        if not cells:
            continue
        # Peer, mark, context, what is ranked, bar, the other, ports, first, last.
        ranked, other = cells[3], cells[5]
        bytes_cell, count_cell = (ranked, other) if by_bytes else (other, ranked)
        exact = bytes_cell["title"].split(",  ")[0].split(", and")[0]
        rows.append((cells[0].get_text(strip=True), number(count_cell.get_text()), number(exact)))
    return Table(number(shown), number(of), rows)


# What makes a browser ask somebody, in a page or a style sheet.
ASKING = {
    "script": ["src"],
    "link": ["href"],
    "img": ["src", "srcset"],
    "iframe": ["src"],
    "object": ["data"],
    "embed": ["src"],
    "source": ["src", "srcset"],
    "video": ["src", "poster"],
    "audio": ["src"],
    "form": ["action"],
    "image": ["href", "xlink:href"],
    "use": ["href", "xlink:href"],
}


def results(html: str):
    """The outputs of the notebook's cells alone, without the page around them."""
    soup = BeautifulSoup(html, "html.parser")
    return soup.select(".jp-OutputArea-output, .output_area")


def asked_for(soup):
    """Addresses that these elements make a browser fetch; data URIs carry their own."""
    found = []
    for tag, names in ASKING.items():
        for element in soup.find_all(tag):
            for name in names:
                value = element.get(name)
                if value and not value.startswith(("data:", "#")):
                    found.append(value)
    found += re.findall(r"url\(\s*['\"]?(?!data:|#)([^)'\"]+)", str(soup))
    return found
