"""The import of a Zeek conn.log by DuckDB: see zeek.py."""

import json
import sys
import time

import duckdb

log, target = sys.argv[1:]

NAMES = (
    "ts uid orig_h orig_p resp_h resp_p proto service duration orig_bytes resp_bytes conn_state local_orig "
    "local_resp missed_bytes history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes tunnel_parents"
).split()
TYPES = {"ts": "DECIMAL(18, 6)", "duration": "DECIMAL(18, 6)"} | {
    name: "BIGINT" for name in "orig_p resp_p orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes".split()
}
columns = ", ".join(f"'{name}': '{TYPES.get(name, 'VARCHAR')}'" for name in NAMES)


def has(letters, flag):
    return f"CASE WHEN regexp_matches(coalesce(history, ''), '[{letters}]') THEN '{flag}' ELSE '.' END"


SQL = f"""
COPY (
  WITH raw AS (
    SELECT * FROM read_csv('{log}', delim = '\t', header = false, skip = 8, nullstr = '-',
                           quote = '', escape = '', auto_detect = false, columns = {{{columns}}})
  ), timed AS (
    SELECT *, CAST((ts + coalesce(duration, 0)) * 1000000 AS BIGINT) AS fin FROM raw
  ), placed AS (
    SELECT *, dense_rank() OVER (ORDER BY orig_h) - 1 AS a, dense_rank() OVER (ORDER BY resp_h) - 1 AS b
    FROM timed
  ), scaled AS (
    SELECT *, (a << 31) // (max(a) OVER () + 1) AS x0, (b << 31) // (max(b) OVER () + 1) AS y0 FROM placed
  ), s1 AS (
    SELECT * REPLACE ((x0 | (x0 << 16)) & 281470681808895 AS x0, (y0 | (y0 << 16)) & 281470681808895 AS y0)
    FROM scaled
  ), s2 AS (
    SELECT * REPLACE ((x0 | (x0 << 8)) & 71777214294589695 AS x0, (y0 | (y0 << 8)) & 71777214294589695 AS y0)
    FROM s1
  ), s3 AS (
    SELECT * REPLACE ((x0 | (x0 << 4)) & 1085102592571150095 AS x0, (y0 | (y0 << 4)) & 1085102592571150095 AS y0)
    FROM s2
  ), s4 AS (
    SELECT * REPLACE ((x0 | (x0 << 2)) & 3689348814741910323 AS x0, (y0 | (y0 << 2)) & 3689348814741910323 AS y0)
    FROM s3
  ), s5 AS (
    SELECT * REPLACE ((x0 | (x0 << 1)) & 6148914691236517205 AS x0, (y0 | (y0 << 1)) & 6148914691236517205 AS y0)
    FROM s4
  )
  SELECT strftime(make_timestamp(fin), '%Y-%m-%d %H:%M:%S') AS treceived, fin // 1000000 AS unix_tstamp,
    year(make_timestamp(fin))::INT AS tryear, month(make_timestamp(fin))::INT AS trmonth,
    day(make_timestamp(fin))::INT AS trday, hour(make_timestamp(fin))::INT AS trhour,
    minute(make_timestamp(fin))::INT AS trminute, second(make_timestamp(fin))::INT AS trsec,
    (round(coalesce(duration, 0), 3)::FLOAT)::FLOAT AS tdur,
    orig_h AS sip, resp_h AS dip, orig_p::INT AS sport, resp_p::INT AS dport, upper(proto) AS proto,
    CASE WHEN proto = 'tcp' THEN '...' || {has("HADF", "A")} || {has("D", "P")} || {has("R", "R")} ||
      {has("SH", "S")} || {has("F", "F")} ELSE '........' END AS flag,
    0::INT AS fwd, 0::INT AS stos, orig_pkts AS ipkt, orig_ip_bytes AS ibyt, resp_pkts AS opkt,
    resp_ip_bytes AS obyt, 0::INT AS input, 0::INT AS output, 0::INT AS sas, 0::INT AS das, 0::INT AS dtos,
    0::INT AS dir, '0.0.0.0' AS rip
  FROM s5 ORDER BY (x0 << 1) | y0, fin, sport, dport
) TO '{target}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 16384)
"""

begin = time.perf_counter()
duckdb.sql(SQL)
print(json.dumps({"seconds": time.perf_counter() - begin}))
