"""Takes the metastore away after work that was killed, has it made again and goes on: nothing is landed
twice, nothing is lost. Also kills the rebuild itself."""

import signal
from collections import Counter

import pytest

from shop import TABLES, Shop, seeded
from side_by_side import run_cases, told

KILLS = 18  # of the second arrival, at points drawn by lot
POINTS = (
    "metastore.set_aside.after_rename",
    "metastore.put_in_place.before_rename",
    "metastore.put_in_place.after_rename",
)


def lose_metastore(shop: Shop) -> None:
    for path in shop.metastore.parent.glob("metastore.db*"):
        path.unlink()


def rows_of(shop: Shop) -> dict:
    state = shop.state()
    return {table: state[table] for table in TABLES}


def prepare(folder) -> Shop:
    shop = Shop(folder).open()
    shop.call("run")
    shop.second_arrival()
    shop.save("second")
    return shop


@pytest.fixture(scope="module")
def shops(slots, crash_program) -> list:
    return [prepare(folder) for folder in slots]


@pytest.fixture(scope="module")
def whole(shops) -> tuple:
    """The passages of a run that nothing interrupts, and what it leads to."""
    shop = shops[0]
    shop.restore("second")
    log = shop.folder / "second.passages"
    done = shop.crash_run(SLUICE_CRASH_LOG=str(log))
    assert done.returncode == 1, done
    return Counter(log.read_text().split()), rows_of(shop)


def cases_of(passages: Counter) -> list:
    random = seeded("rebuild")
    always = ["lake.commit.after_transaction", "lake.commit.before_transaction", "ingest.land.after_ledger"]
    drawn = random.sample(sorted(passages.keys() - set(always)), KILLS - len(always))
    return [(point, random.randint(1, passages[point])) for point in always + drawn]


def test_what_a_kill_left_is_enough(shops, whole, capsys):
    passages, expected = whole
    cases = cases_of(passages)

    def interrupt(shop: Shop, case) -> None:
        point, passage = case
        shop.restore("second")
        died = shop.crash_run(SLUICE_CRASH_AT=f"{point}#{passage}")
        assert died.returncode == -signal.SIGKILL, died
        lose_metastore(shop)
        shop.call("doctor", "--rebuild")
        shop.audit()
        shop.call("run", exit=1)
        shop.audit()
        state = rows_of(shop)
        for table, rows in expected.items():
            assert state[table] == rows, f"{table}: {rows - state[table]} {state[table] - rows}"

    with capsys.disabled():
        print(f"\nrebuild after {len(cases)} kills")
    failures = run_cases(shops, cases, interrupt)
    assert not failures, told(failures, len(cases))


def test_a_kill_of_the_rebuild_itself_leaves_it_to_do_again(shops, whole):
    _, expected = whole

    def interrupt(shop: Shop, case) -> None:
        point, passage = case
        shop.restore("second")
        content = b"damaged " * 1000
        lose_metastore(shop)
        shop.metastore.write_bytes(content)
        died = shop.crash_run("doctor", "--rebuild", SLUICE_CRASH_AT=f"{point}#{passage}")
        assert died.returncode == -signal.SIGKILL, died
        kept = [path.read_bytes() for path in shop.metastore.parent.glob("metastore.db*")]
        assert content in kept, "the damaged metastore is gone"
        done = shop.call("doctor", "--rebuild", exit=1 if point.endswith("put_in_place.after_rename") else 0)
        assert done.exit == 0 or "nothing to rebuild" in done.err
        shop.call("run", exit=1)
        shop.audit()
        state = rows_of(shop)
        assert state == expected

    cases = [(point, 1) for point in POINTS] + [("storage.remove_all.before", 1)]
    failures = run_cases(shops, cases, interrupt)
    assert not failures, told(failures, len(cases))
