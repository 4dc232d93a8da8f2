"""The notebook on a Spark server: the same page as on the folder. `cargo xtask test --engine` names the server."""

import os
import socket
import subprocess
import time
from pathlib import Path

import pytest

from pages import tables
from support import PATIENCE, nbconvert, spot
from truth import days, suspects

SPARK, DRIVER = os.environ.get("ENGINE_SPARK"), os.environ.get("ENGINE_DRIVER")

pytestmark = pytest.mark.skipif(
    not (SPARK and DRIVER), reason="`cargo xtask test --engine` installs Spark and names it"
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    """The address of a Spark Connect server, which ends with the tests."""
    folder = tmp_path_factory.mktemp("spark")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    conf = {
        "spark.ui.enabled": "false",
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": port,
        "spark.sql.shuffle.partitions": 2,
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.warehouse.dir": folder / "warehouse",
    }
    command = ["bash", Path(SPARK) / "bin/spark-submit", "--name", "Spark Connect server"]
    command += ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer"]
    command += ["--master", "local[2]", "--driver-memory", "1g"]
    for name, value in conf.items():
        command += ["--conf", f"{name}={value}"]
    env = {**os.environ, "SPARK_HOME": SPARK, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_NO_DAEMONIZE": "1"}
    with open(folder / "log", "w") as log:
        server = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log)
    try:
        end = time.monotonic() + PATIENCE
        while True:
            assert server.poll() is None and time.monotonic() < end, (folder / "log").read_text()[-3000:]
            with socket.socket() as asked:
                if asked.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.2)
        yield f"sc://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


def test_the_notebook_tells_of_spark_what_it_tells_of_the_folder(engine, example_day, tmp_path):
    day = max(day for day in days(example_day) if suspects(example_day, day))
    anchors = sorted(suspects(example_day, day))[:3]
    common = {"DATE": day, "ANCHOR": ",".join(anchors), "TITLE": "Found", "TEXT": "by <night>"}
    ours = nbconvert(tmp_path / "folder", DATA=example_day, OUT=tmp_path / "ours", **common)
    spark = {"DATA": engine, "SPARK_FOLDER": example_day, "ADBC_DRIVER": DRIVER}
    theirs = nbconvert(tmp_path / "spark", OUT=tmp_path / "theirs", **spark, **common)
    for page in (ours, theirs):
        assert page.done.returncode == 0, page.log
    assert tables(ours.html) == tables(theirs.html)
    assert all(len(found) == 3 for found in tables(theirs.html).values())
    # What it saved is there for whoever comes next.
    options = {"SPOT_DATA": engine, "SPOT_SPARK_FOLDER": example_day, "SPOT_ADBC_DRIVER": DRIVER}
    options |= {"SPOT_OUT": tmp_path / "theirs", "SPOT_DATE": day}
    env = {**os.environ, **{name: str(value) for name, value in options.items()}}
    listed = spot("threats", "flow", env=env)
    assert listed.returncode == 0, listed.stderr
    told = [line for line in listed.stdout.splitlines() if "saved" in line or "Found" in line]
    assert len(told) == 3, listed.stdout
