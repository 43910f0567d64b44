"""Fixtures of the system tests: they drive the built program on projects of their own."""

import os
import shutil

import pytest

from orders import ORDERS_CONTRACT, ORDERS_MODEL, ORDERS_SOURCE
from program import BIN, SETTINGS, Project

@pytest.fixture(scope="session", autouse=True)
def program():
    if not BIN.exists():
        pytest.exit(f"{BIN} is not built: ./x build", returncode=2)
    os.environ.pop("COLUMNS", None)  # whoever runs the tests may have a terminal; the program under test has none


@pytest.fixture
def project(tmp_path):
    """An empty project folder with its settings."""
    return Project(tmp_path / "project").write({"sluice.yaml": SETTINGS})


@pytest.fixture
def orders(project):
    """A project with one source and one model, and nothing dropped yet."""
    return project.write(
        {
            "sources/orders.yaml": ORDERS_SOURCE,
            "contracts/orders.odcs.yaml": ORDERS_CONTRACT,
            "models/gold/by_country.sql": ORDERS_MODEL,
        }
    )


@pytest.fixture
def unprivileged():
    """A command that takes from root the right to see through permissions."""
    if os.geteuid() != 0:
        return ()
    if not shutil.which("setpriv"):
        pytest.skip("needs setpriv to drop root's rights")
    return ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all")
