"""`spot serve`: both notebooks through it, Spot's own operations, and a server that has only those."""

import json
import os
import subprocess
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from bs4 import BeautifulSoup
from graphql import build_schema, parse, validate

from pages import asked_for
from support import NOTEBOOK, PROGRAMS, nbconvert, search, spot
from truth import days, dns_days, dns_suspects, suspects

DNS = NOTEBOOK.parent / "DNS_Threat_Investigation.ipynb"

# What Spot's notebooks send, letter by letter.
OPERATIONS = {
    "flow list": "query($date:SpotDateType!){flow{threats{list(date:$date){srcIp dstPort dstIp srcPort score}}}}",
    "flow comments": "query($date:SpotDateType!){flow{threats{comments(date:$date){ip title text}}}}",
    "flow details": "query($date:SpotDateType!,$ip:SpotIpType!){flow{threat{details(date:$date,ip:$ip){srcIp maxBytes connections maxPkts avgPkts lastSeen srcPort firstSeen dstIp avgBytes dstPort}}}}",
    "flow save": "mutation($date:SpotDateType,$ip:SpotIpType!,$text:String!,$title:String!,$threatDetails:[NetflowThreatDetailsInputType]!,$topResults:Int){flow{createStoryboard(input:{threatDetails:$threatDetails,date:$date,ip:$ip,title:$title,text:$text,first:$topResults}){success}}}",
    "dns list": "query($date:SpotDateType!){dns{threats{list(date:$date){dnsScore clientIpScore clientIp dnsQuery}}}}",
    "dns comments": "query($date:SpotDateType!){dns{threats{comments(date:$date){title text ... on DnsQueryCommentType{dnsQuery} ... on DnsClientIpCommentType{clientIp}}}}}",
    "dns details": "query($date:SpotDateType,$dnsQuery:String,$clientIp:SpotIpType){dns{threat{details(date:$date,dnsQuery:$dnsQuery,clientIp:$clientIp){total clientIp dnsQuery}}}}",
    "dns save": "mutation($date:SpotDateType,$dnsQuery:String,$clientIp:SpotIpType,$text:String!,$title:String!,$threatDetails:[DnsThreatDetailsInputType!]!){dns{createStoryboard(input:{threatDetails:$threatDetails,date:$date,dnsQuery:$dnsQuery,clientIp:$clientIp,title:$title,text:$text}){success}}}",
}
# And the trees, the map and the timeline that Spot's pages ask for.
PAGES = """query($date:SpotDateType!,$ip:SpotIpType!){flow{threat{
  incidentProgression(date:$date,ip:$ip){name children{name children{name}}}
  impactAnalysis(date:$date,ip:$ip){name size children{name size children{name size}}}
  geoLocalization(date:$date,ip:$ip){srcIps{geometry{coordinates} properties{ip location type}}
    dstIps{geometry{coordinates} properties{ip location type}}}
  timeline(date:$date,ip:$ip){tstart tend srcIp srcPort dstIp dstPort protocol pkts bytes}
  peers(date:$date,ip:$ip){ip direction connections bytesIn bytesOut firstSeen lastSeen}
  bins(date:$date,ip:$ip){binMinutes of lanes{ip bins{index connections bytes}}}}}}"""
LISTS = """query($date:SpotDateType,$ip:SpotIpType!,$time:SpotDatetimeType!,$name:String!,$day:SpotDateType!){
  flow{suspicious(date:$date,ip:$ip){tstart srcIp dstIp srcPort dstPort protocol inPkts inBytes
      outPkts outBytes score rank srcIp_isInternal dstIp_isInternal srcIp_geoloc dstIp_geoloc
      srcIp_domain dstIp_domain srcIp_rep dstIp_rep}
    edgeDetails(tstart:$time,srcIp:$ip,dstIp:$ip){tstart srcIp dstIp srcPort dstPort protocol flags
      tos inBytes inPkts inIface outIface routerIp outBytes outPkts}
    ipDetails(date:$date,ip:$ip){srcIp dstIp inBytes inPkts}
    ingestSummary(startDate:$day,endDate:$day){datetime total}}
  dns{suspicious(date:$date,clientIp:$ip,dnsQuery:$name){frameTime frameLength clientIp dnsQuery
      dnsQueryClass dnsQueryType dnsQueryRcode score tld dnsQueryRep clientIpSev dnsQuerySev
      dnsQueryClassLabel dnsQueryTypeLabel dnsQueryRcodeLabel networkContext unixTimestamp}
    edgeDetails(frameTime:$time,dnsQuery:$name){frameTime frameLength clientIp serverIp dnsQuery
      dnsQueryClass dnsQueryType dnsQueryRcode dnsQueryClassLabel dnsQueryTypeLabel
      dnsQueryRcodeLabel dnsQueryAnswers unixTimestamp}
    ipDetails(date:$date,clientIp:$ip){dnsQuery dnsQueryAnswers}
    ingestSummary(startDate:$day,endDate:$day){datetime total}}}"""


class Served:
    """`spot serve` on a folder, in a process that ends with the test."""

    def __init__(self, data):
        command = [str(PROGRAMS / "spot"), "serve", "--listen", "127.0.0.1:0", "--data", str(data)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        said = [self.process.stdout.readline().strip().partition("=") for _ in range(2)]
        self.settings = {name.removeprefix("SPOT_"): value for name, _, value in said}
        self.url, self.token = self.settings["DATA"], self.settings["TOKEN"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        assert self.process.wait(timeout=60) == 0

    def post(self, body):
        headers = {"content-type": "application/json", "authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(self.url, body, headers)
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.read()

    def ask(self, query, **variables):
        answer = json.loads(self.post(json.dumps({"query": query, "variables": variables}).encode()))
        assert "errors" not in answer, answer["errors"]
        return answer["data"]


@pytest.fixture
def data(copy_of, example_day):
    """A copy of the example day that can be written to."""
    return copy_of(example_day)


@pytest.fixture
def served(data):
    with Served(data) as served:
        yield served


def test_the_schema_takes_spots_operations():
    schema = build_schema(spot("serve", "--schema").stdout)
    for name, operation in {**OPERATIONS, "pages": PAGES, "lists": LISTS}.items():
        assert validate(schema, parse(operation)) == [], name


def test_spots_operations_run(served, data):
    day = max(day for day in days(data) if suspects(data, day))
    ip = sorted(suspects(data, day))[0]
    listed = served.ask(OPERATIONS["flow list"], date=day)["flow"]["threats"]["list"]
    assert {row[end] for row in listed if row["score"] == 1 for end in ("srcIp", "dstIp")} == set(
        suspects(data, day)
    )
    details = served.ask(OPERATIONS["flow details"], date=day, ip=ip)["flow"]["threat"]["details"]
    expected = search(data, day, ip)
    assert details == [{k: row[k] for k in details[0]} for row in expected["details"]]
    title, text = "O'Brien's \"C2\"; DROP", "one\ntwo <script>alert(1)</script> \\n"
    story = dict(date=day, ip=ip, title=title, text=text, threatDetails=details, topResults=20)
    done = served.ask(OPERATIONS["flow save"], **story)["flow"]["createStoryboard"]
    assert done == {"success": True}
    saved = served.ask(OPERATIONS["flow comments"], date=day)["flow"]["threats"]["comments"]
    assert saved == [{"ip": ip, "title": title, "text": text}]

    pages = served.ask(PAGES, date=day, ip=ip)["flow"]["threat"]
    peers = {row["peer"]: row["connections"] for row in expected["peers"]}
    assert {row["ip"]: row["connections"] for row in pages["peers"]} == peers
    assert pages["impactAnalysis"]["size"] == len(peers)
    assert pages["incidentProgression"]["name"] == ip
    moved = sum(row["bytes"] for row in expected["peers"])
    assert sum(row["bytes"] for row in pages["timeline"]) <= moved

    day = max(day for day in dns_days(data) if dns_suspects(data, day))
    for kind, value in [min(s for s in dns_suspects(data, day) if s[0] == k) for k in ("client", "query")]:
        asked = {"clientIp": value} if kind == "client" else {"dnsQuery": value}
        lines = served.ask(OPERATIONS["dns details"], date=day, **asked)["dns"]["threat"]["details"]
        assert lines and lines == sorted(lines, key=lambda line: -line["total"])
        story = dict(date=day, title=title, text=text, threatDetails=lines, **asked)
        done = served.ask(OPERATIONS["dns save"], **story)["dns"]["createStoryboard"]
        assert done == {"success": True}
    saved = served.ask(OPERATIONS["dns comments"], date=day)["dns"]["threats"]["comments"]
    assert sorted(tuple(sorted(story)) for story in saved) == [
        ("clientIp", "text", "title"),
        ("dnsQuery", "text", "title"),
    ]


def rows_saved(data, day, anchor):
    """The notebook's story as the command line finds it in the folder."""
    done = spot("threats", "flow", "--data", data, "--date", day, "--format", "json")
    return {line["ip"]: line["saved"] for line in json.loads(done.stdout)["threats"]}[anchor]


def text_of(html):
    return BeautifulSoup(html, "html.parser").get_text(" ", strip=True).replace("  ", " ")


def body_of(html):
    """The result without what differs between two runs: the name of the data."""
    page = BeautifulSoup(html, "html.parser")
    return [table.get_text(" ", strip=True) for table in page.find_all("table")]


def test_the_flow_notebook_searches_and_saves_through_a_server(served, data, example_day, tmp_path):
    day = max(day for day in days(data) if suspects(data, day))
    ip = sorted(suspects(data, day))[0]
    story = dict(DATE=day, ANCHOR=ip, TITLE="Through a server", TEXT="one\ntwo")
    page = nbconvert(tmp_path / "served", **served.settings, **story)
    assert page.done.returncode == 0, page.log
    assert asked_for(BeautifulSoup(page.html, "html.parser")) == []
    assert "Through a server" in page.html and served.token not in page.html
    assert "Partial. " not in text_of(page.html)
    assert rows_saved(data, day, ip)
    here = nbconvert(tmp_path / "folder", DATA=example_day, OUT=tmp_path / "out", **story)
    assert here.done.returncode == 0, here.log
    assert body_of(page.html) == body_of(here.html)


def test_the_dns_notebook_searches_and_saves_through_a_server(served, data, example_day, tmp_path):
    day = max(day for day in dns_days(data) if dns_suspects(data, day))
    anchors = [min(s for s in dns_suspects(data, day) if s[0] == kind) for kind in ("client", "query")]
    asked = ",".join(f"{kind}:{value}" for kind, value in anchors)
    story = dict(DATE=day, ANCHOR=asked, TITLE="Through a server", TEXT="one\ntwo")
    page = nbconvert(tmp_path / "served", DNS, **served.settings, **story)
    assert page.done.returncode == 0, page.log
    assert "Through a server" in page.html and "Partial. " not in text_of(page.html)
    here = nbconvert(tmp_path / "folder", DNS, DATA=example_day, OUT=tmp_path / "out", **story)
    assert here.done.returncode == 0, here.log
    assert body_of(page.html) == body_of(here.html)


@pytest.fixture
def spots_own(served):
    """A server with Spot's fields and no others: it passes those on, and refuses what was added."""
    added = ("served", "days", "rows", "answering", "fingerprint", "scope", "peers", "bins")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            query = json.loads(body)["query"]
            field = next((field for field in added if field in query), None)
            message = {"errors": [{"message": f'Cannot query field "{field}".'}], "data": None}
            answer = json.dumps(message).encode() if field else served.post(body)
            self.send_response(400 if field else 200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/graphql"
        server.shutdown()


def test_the_page_of_spots_own_server_says_that_it_is_partial(spots_own, data, tmp_path):
    day = max(day for day in days(data) if suspects(data, day))
    ip = sorted(suspects(data, day))[0]
    page = nbconvert(tmp_path, DATA=spots_own, DATE=day, ANCHOR=ip, TITLE="T", TEXT="x")
    assert page.done.returncode == 0, page.log
    assert "Partial. This server gives sums" in text_of(page.html)
    assert rows_saved(data, day, ip)
    peers = search(data, day, ip)["peers"]
    assert peers[0]["peer"] in page.html


def test_a_token_that_is_wrong_is_said(served):
    settings = {**os.environ, "SPOT_DATA": served.url, "SPOT_TOKEN": "n0t-1t"}
    done = spot("threats", "flow", env=settings)
    assert done.returncode == 2
    assert "does not let us in" in done.stderr and "SPOT_TOKEN" in done.stderr
    assert "n0t-1t" not in done.stderr
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(urllib.request.Request(served.url, b"{}"), timeout=60)
