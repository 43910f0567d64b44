"""Fixtures of the tests that interrupt the program."""

import pytest

from shop import CRASH_BIN, Shop


@pytest.fixture(scope="session")
def crash_program():
    if not CRASH_BIN.exists():
        pytest.fail(f"{CRASH_BIN} is missing: crash points are armed in sluice-crashtest alone")
    return CRASH_BIN


@pytest.fixture(scope="module")
def slots(tmp_path_factory):
    """Folders in which cases run side by side, each with a shop of its own."""
    return [tmp_path_factory.mktemp(f"slot{i}") for i in range(2)]


@pytest.fixture
def shop(tmp_path) -> Shop:
    return Shop(tmp_path, threads=2).open()
