"""Kills `quarantine replay` and `quarantine waive` at their crash points: whatever a process leaves behind,
the next one ends with the same tables, each record once."""

import signal
from collections import Counter

import pytest

from shop import ORDERS_CONTRACT, Shop
from side_by_side import run_cases, told

MENDED = ORDERS_CONTRACT.replace("decimal(9,2)\n        required: true", "decimal(9,2)")
MENDED = MENDED.replace("required: true\n        enum", "required: false\n        enum")
VERBS = {
    "replay": ["quarantine", "replay"],
    "waive": ["quarantine", "waive", "--source", "bronze.orders", "--reason", "typed by hand"],
}
# Steps of a commit are killed within `run` one by one; here those where the two differ.
PREFIXES = {
    "replay": ("run.replay.", "lake.commit.", "storage.write_all", "metastore.", "storage.remove"),
    "waive": ("run.waive.", "lake.commit.before_transaction", "lake.commit.after_transaction"),
}
CASES_MIN = 16
PLACES = (
    "SELECT _sluice_file, _sluice_line, 'good' FROM bronze.orders UNION ALL "
    "SELECT file_id, line, status FROM quarantine.orders WHERE status <> 'replayed' ORDER BY ALL"
)


def prepare(folder) -> Shop:
    shop = Shop(folder, threads=2).open()
    shop.second_arrival()
    shop.call("run", exit=1)
    shop.write({"contracts/orders.odcs.yaml": MENDED})
    shop.save("held")
    return shop


@pytest.fixture(scope="module")
def shops(slots, crash_program) -> list:
    return [prepare(folder) for folder in slots]


def cases_of(shop: Shop, verb: str) -> list:
    shop.restore("held")
    log = shop.folder / f"{verb}.passages"
    done = shop.crash_run(*VERBS[verb], SLUICE_CRASH_LOG=str(log))
    assert done.returncode == 0, done
    passages = Counter(log.read_text().split())
    assert {f"run.{verb}.begun", f"run.{verb}.before_publish", f"run.{verb}.published"} <= passages.keys()
    expected = shop.rows(PLACES)
    return [
        (verb, point, passage, expected)
        for point in sorted(passages)
        if point.startswith(PREFIXES[verb])
        for passage in sorted({1, passages[point]})
    ]


def interrupt(shop: Shop, case) -> None:
    verb, point, passage, expected = case
    shop.restore("held")
    before = shop.rows(PLACES)
    died = shop.crash_run(*VERBS[verb], SLUICE_CRASH_AT=f"{point}#{passage}")
    assert died.returncode == -signal.SIGKILL, f"was not killed: {died}"
    left = shop.rows(PLACES)
    assert left in (before, expected), "the commit is seen in part"
    shop.call(*VERBS[verb])
    assert shop.rows(PLACES) == expected
    shop.check_sound()


@pytest.mark.parametrize("verb", list(VERBS))
def test_a_kill_at_any_point_settles_each_record_once(shops, verb, capsys):
    cases = cases_of(shops[0], verb)
    with capsys.disabled():
        print(f"\n{verb}: {len(cases)} kills")
    failures = run_cases(shops, cases, interrupt)
    assert not failures, told(failures, len(cases))
    assert verb != "replay" or len(cases) >= CASES_MIN
