"""Fills a real small disk: the run says what could not be written, undoes it, and goes on when there
is room."""

import re
import subprocess
from collections import Counter

import pytest

from program import TIMEOUT_S
from shop import Outcome, Shop

ENOUGH = "64m"
WAREHOUSE_KIB = [4, 16, 32, 48, 64, 80, 96, 112, 128]
STATE_KIB = [16, 64, 160, 232, 280, 320]
ALWAYS_TOO_SMALL_KIB = 160
FULL = re.compile("no space left|disk is full", re.IGNORECASE)


class SmallDisk:
    def __init__(self, folder):
        self.folder = folder
        self.is_mounted = False

    def mount(self, size: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(self.folder)],
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
        self.is_mounted = True

    def grow(self, size: str) -> None:
        subprocess.run(["mount", "-o", f"remount,size={size}", str(self.folder)], check=True)

    def unmount(self) -> None:
        if self.is_mounted:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=True)
            self.is_mounted = False


@pytest.fixture
def small_disk(tmp_path):
    disk = SmallDisk(tmp_path / "disk")
    yield disk
    disk.unmount()


@pytest.fixture(scope="module")
def expected(tmp_path_factory) -> Outcome:
    shop = Shop(tmp_path_factory.mktemp("roomy")).open()
    shop.call("run")
    return Outcome(shop)


def check_failed_well(shop: Shop, out: str, expected: Outcome, place: str) -> None:
    """A table that failed says which file and why; what is there is sound."""
    assert FULL.search(out), out
    assert place in out, f"the message names no place: {out}"
    nothing = {
        table: Counter() if isinstance(rows, Counter) else 0
        for table, rows in expected.state.items()
    }
    shop.check_whole(nothing, expected.state)


@pytest.mark.parametrize("kib", WAREHOUSE_KIB)
def test_a_full_warehouse_is_named_and_left_sound(tmp_path, small_disk, expected, kib):
    small_disk.mount(f"{kib}k")
    shop = Shop(tmp_path, warehouse=str(small_disk.folder)).open()
    front = shop.start_run()
    out, _ = front.communicate(timeout=TIMEOUT_S)
    assert front.returncode in (1, 2), out
    check_failed_well(shop, out, expected, str(small_disk.folder))
    shop.check_sound()
    small_disk.grow(ENOUGH)
    shop.call("run")
    shop.check_complete(expected)


@pytest.mark.parametrize("kib", STATE_KIB)
def test_a_full_disk_under_the_metastore_loses_nothing(tmp_path, expected, kib):
    disk = SmallDisk(tmp_path / "shop" / ".sluice")
    try:
        disk.mount(f"{kib}k")
        shop = Shop(tmp_path).open()
        front = shop.start_run()
        out, _ = front.communicate(timeout=TIMEOUT_S)
        if front.returncode != 0 or kib <= ALWAYS_TOO_SMALL_KIB:
            assert front.returncode in (1, 2), out
            assert FULL.search(out), out
            assert str(disk.folder) in out, f"the message names no place: {out}"
        disk.grow(ENOUGH)
        shop.call("run")
        shop.check_complete(expected)
    finally:
        disk.unmount()
