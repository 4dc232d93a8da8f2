"""Fixtures: kernels driven over Jupyter's protocol, the notebook run by nbconvert, and data."""

import os
import shutil
from pathlib import Path

import pytest

from support import ROOT, Kernel, tree_hash

# The kernelspecs of .venv, not those that a user has installed for themselves.
os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
for name in list(os.environ):
    if name.startswith("SPOT_"):
        del os.environ[name]


@pytest.fixture(autouse=True, scope="session")
def nobodys_settings(tmp_path_factory):
    """A user's own Jupyter settings and signatures stay out of it."""
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"):
        os.environ[name] = str(tmp_path_factory.mktemp("jupyter"))


FIGURES = []


@pytest.fixture(scope="session")
def figures():
    """Lines that stand at the end of the run, for whoever reads along."""
    return FIGURES


def pytest_terminal_summary(terminalreporter):
    for line in FIGURES:
        terminalreporter.write_line(f"figure: {line}")


@pytest.fixture(scope="module")
def kernel():
    """One `spot` kernel for the tests of a file."""
    with Kernel("spot") as kernel:
        yield kernel


@pytest.fixture
def fresh_kernel():
    """A `spot` kernel of this test's own."""
    with Kernel("spot") as kernel:
        yield kernel


@pytest.fixture(scope="session")
def example_day():
    """The example day's folder; a test that changes it fails."""
    folder = Path(os.environ.get("EXAMPLE_DAY", ROOT / "target/example-day"))
    assert (folder / "flow").is_dir(), f"no example day in {folder}: run `cargo xtask report` first"
    before = tree_hash(folder)
    yield folder
    assert tree_hash(folder) == before, "a test wrote into the example day"


@pytest.fixture
def copy_of(tmp_path):
    """Makes a copy of a data folder that a test may break."""

    def copy(folder: Path) -> Path:
        target = tmp_path / "data"
        shutil.copytree(folder, target)
        return target

    return copy
