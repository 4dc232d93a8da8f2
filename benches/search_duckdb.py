"""One search by DuckDB: `search_duckdb.py flow|dns FOLDER ASKED`, JSON as `search_times` prints it.

The SQL asks what a search of ours finds, and for flows is Spot's own (details of an address).
"""

import json
import sys
import time

import duckdb

FLOW = """
    SELECT sip, dip, sport, dport, min(treceived), max(treceived), count(*) AS total,
           max(ipkt), avg(ipkt), max(ibyt), avg(ibyt), sum(ibyt), sum(obyt)
    FROM read_parquet($files) WHERE {where}
    GROUP BY sip, dip, sport, dport ORDER BY total DESC
"""
DNS = """
    SELECT ip_dst, lower(rtrim(dns_qry_name, '.')) AS name, count(*) AS total,
           min(unix_tstamp), max(unix_tstamp), list(DISTINCT dns_qry_type), list(DISTINCT dns_qry_rcode),
           count(*) FILTER (dns_qry_rcode = 3), list(DISTINCT dns_a), list(DISTINCT ip_src)
    FROM read_parquet($files) WHERE {where}
    GROUP BY ALL ORDER BY total DESC
"""
NAME = "lower(rtrim(dns_qry_name, '.'))"
WHERE = {
    "flow": "(sip = $asked OR dip = $asked)",
    "client": "ip_dst = $asked",
    "name": f"{NAME} = $asked",
    "domain": f"({NAME} = $asked OR {NAME} LIKE '%.' || $asked)",
    "contains": f"{NAME} LIKE '%' || $asked || '%'",
}


def main():
    pipeline, folder, asked = sys.argv[1:]
    kind, asked = ("flow", asked) if pipeline == "flow" else asked.split(":", 1)
    sql = (FLOW if pipeline == "flow" else DNS).format(where=WHERE[kind])
    engine = duckdb.connect()
    begin = time.perf_counter()
    found = engine.execute(sql, {"files": f"{folder}/**/*.parquet", "asked": asked}).fetchall()
    seconds = time.perf_counter() - begin
    rows = sum(row[6 if pipeline == "flow" else 2] for row in found)
    print(json.dumps({"first": {"asked": asked, "seconds": seconds, "rows": rows}}))


if __name__ == "__main__":
    main()
