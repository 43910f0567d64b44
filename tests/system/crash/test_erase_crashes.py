"""Kills `erase` at its crash points: either nothing was done, or the next run goes on to the end."""

import signal
from collections import Counter

import pytest

from shop import Shop
from side_by_side import run_cases, told

ERASE = ["erase", "--key", "customer_id=2", "--yes"]
PREFIXES = ("run.erase.", "lake.commit.", "storage.rename.before", "storage.remove.before")
CASES_MIN = 18
ROWS = (
    "SELECT 'bronze', _sluice_file, _sluice_line FROM bronze.orders UNION ALL "
    "SELECT 'held', file_id, line FROM quarantine.orders UNION ALL "
    "SELECT 'paid', order_id, customer_id FROM silver.paid_orders ORDER BY ALL"
)


def raw_of(shop: Shop) -> list:
    return sorted(path.read_text() for path in (shop.warehouse / "_raw").rglob("*") if path.is_file())


def prepare(folder) -> Shop:
    shop = Shop(folder, threads=2).open()
    shop.call("run")
    shop.save("full")
    return shop


@pytest.fixture(scope="module")
def shops(slots, crash_program) -> list:
    return [prepare(folder) for folder in slots]


def test_a_kill_at_any_point_is_finished_by_the_next_run(shops, capsys):
    shop = shops[0]
    shop.restore("full")
    before = (shop.rows(ROWS), raw_of(shop))
    log = shop.folder / "erase.passages"
    done = shop.crash_run(*ERASE, SLUICE_CRASH_LOG=str(log))
    assert done.returncode == 0, done
    passages = Counter(log.read_text().split())
    assert {f"run.erase.{point}" for point in
            ("begun", "staged", "published", "raw_replaced", "files_removed")} <= passages.keys()
    erased = (shop.rows(ROWS), raw_of(shop))
    assert erased != before
    shop.check_sound()
    cases = [
        (point, passage)
        for point in sorted(passages)
        if point.startswith(PREFIXES)
        for passage in sorted({1, passages[point]})
    ]

    def interrupt(shop: Shop, case) -> None:
        point, passage = case
        shop.restore("full")
        died = shop.crash_run(*ERASE, SLUICE_CRASH_AT=f"{point}#{passage}")
        assert died.returncode == -signal.SIGKILL, f"was not killed: {died}"
        shop.call("run", "--full-refresh")
        state = (shop.rows(ROWS), raw_of(shop))
        recorded = shop.rows("SELECT done_at IS NOT NULL FROM sluice.erasures")
        assert (state, recorded) in ((before, []), (erased, [[True]])), (state, recorded)
        shop.check_sound()
        shop.call(*ERASE)
        assert (shop.rows(ROWS), raw_of(shop)) == erased
        shop.check_sound()

    with capsys.disabled():
        print(f"\nerase: {len(cases)} kills")
    failures = run_cases(shops, cases, interrupt)
    assert not failures, told(failures, len(cases))
    assert len(cases) >= CASES_MIN
