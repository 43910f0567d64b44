"""Kills `rollback`, of models and sources, and `tag` at every crash point: the table is as before or as after, and the
same command goes through next."""

import signal
from collections import Counter

import pytest

from shop import Shop
from side_by_side import run_cases, told

VERBS = {
    "rollback": ["rollback", "silver.paid_orders"],
    "tag": ["tag", "silver.paid_orders", "kept"],
    "rollback of a source": ["rollback", "bronze.orders"],
    "rewind": ["rollback", "bronze.orders", "--rewind"],
}


def state_of(shop: Shop, verb: str):
    """Snapshots by their order: each shop made its own, under ids of their own."""
    metadata = shop.metadata(VERBS[verb][1])
    order = {str(one["snapshot-id"]): i for i, one in enumerate(metadata["snapshots"])}
    return (
        order[str(metadata["current-snapshot-id"])],
        sorted(metadata["refs"]),
        order.get(metadata["properties"].get("sluice.held-at", "")),
        [row[3:] for row in shop.ledger()["landed"]],
        shop.rows("SELECT file_id, line, status FROM quarantine.orders ORDER BY ALL"),
    )


@pytest.fixture(scope="module")
def shops(slots, crash_program) -> list:
    made = []
    for folder in slots:
        shop = Shop(folder, threads=2).open()
        shop.call("run")
        shop.second_arrival()
        shop.call("run", exit=1)
        shop.save("history")
        made.append(shop)
    return made


def cases_of(shop: Shop, verb: str) -> list:
    shop.restore("history")
    log = shop.folder / f"{verb}.passages"
    done = shop.crash_run(*VERBS[verb], SLUICE_CRASH_LOG=str(log))
    assert done.returncode == 0, done
    passages = Counter(log.read_text().split())
    assert "lake.commit.after_transaction" in passages
    after = state_of(shop, verb)
    return [
        (verb, point, passage, after)
        for point in sorted(passages)
        for passage in sorted({1, passages[point]})
    ]


def interrupt(shop: Shop, case) -> None:
    verb, point, passage, after = case
    shop.restore("history")
    before = state_of(shop, verb)
    died = shop.crash_run(*VERBS[verb], SLUICE_CRASH_AT=f"{point}#{passage}")
    assert died.returncode == -signal.SIGKILL, f"was not killed: {died}"
    left = state_of(shop, verb)
    assert left in (before, after), "the commit is seen in part"
    if left == before:
        shop.call(*VERBS[verb])
    assert state_of(shop, verb) == after
    shop.check_sound()


@pytest.mark.parametrize("verb", list(VERBS))
def test_a_kill_at_any_point_leaves_before_or_after(shops, verb, capsys):
    cases = cases_of(shops[0], verb)
    with capsys.disabled():
        print(f"\n{verb}: {len(cases)} kills")
    failures = run_cases(shops, cases, interrupt)
    assert not failures, told(failures, len(cases))
