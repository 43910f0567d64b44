"""Kills the program at every registered crash point and looks at what is there, then goes on.

Three invocations are interrupted: the first landing, a second arrival (new, damaged, repeated files, a
changed model, a table that is refused), and the recovery from an earlier crash. Each point is taken at
its first and at its last passage, those of the removals in the recovery at each."""

import re
import signal
from collections import Counter
from dataclasses import dataclass, field

import pytest

from program import ROOT
from shop import Outcome, Shop
from side_by_side import run_cases, told

# May only grow: fewer means that steps of a write path lost their crash points.
REGISTERED_MIN = 39
CASES_MIN = 169

# Points of calls that no invocation of `run` makes.
NOT_OF_A_RUN = {
    "storage.write_new.before": "`sluice init` alone",
    "storage.write_new.after": "`sluice init` alone",
    "metastore.back_up.before_rename": "`sluice backup` alone",
    "metastore.set_aside.after_rename": "test_rebuild_crashes.py",
    "metastore.put_in_place.before_rename": "test_rebuild_crashes.py",
    "metastore.put_in_place.after_rename": "test_rebuild_crashes.py",
    "run.erase.begun": "test_erase_crashes.py",
    "run.erase.staged": "test_erase_crashes.py",
    "run.erase.published": "test_erase_crashes.py",
    "run.erase.raw_replaced": "test_erase_crashes.py",
    "run.erase.files_removed": "test_erase_crashes.py",
    "run.source.grown": "test_schema_crashes.py",
    "run.replay.begun": "test_quarantine_crashes.py",
    "run.replay.decoded": "test_quarantine_crashes.py",
    "run.replay.before_publish": "test_quarantine_crashes.py",
    "run.replay.published": "test_quarantine_crashes.py",
    "lake.drop.before_transaction": "test_reset_crashes.py",
    "lake.drop.after_transaction": "test_reset_crashes.py",
    "lake.drop.folder_removed": "test_reset_crashes.py",
    "run.extract.written": "test_sql_sources.py",
    "run.extract.before_ledger": "test_sql_sources.py",
    "run.extract.after_ledger": "test_sql_sources.py",
    "run.rollback.before_publish": "test_history_crashes.py",
    "run.waive.begun": "test_quarantine_crashes.py",
    "run.waive.before_publish": "test_quarantine_crashes.py",
    "run.waive.published": "test_quarantine_crashes.py",
}


@dataclass
class Invocation:
    """A run that is interrupted: where it starts, and how it ends when nothing interrupts it."""

    name: str
    start: str  # the saved folder
    exit: int
    passages: Counter = field(default_factory=Counter)
    before: dict = None
    after: Outcome = None


@dataclass(frozen=True)
class Case:
    invocation: Invocation
    point: str
    passage: int

    def __str__(self):
        return f"{self.invocation.name}, {self.point}#{self.passage}"


def prepare(folder) -> tuple:
    """Makes one slot's saved folders; returns its shop."""
    shop = Shop(folder).open()
    shop.save("first")
    shop.call("run")
    shop.second_arrival()
    shop.save("second")
    died = shop.crash_run(SLUICE_CRASH_AT="storage.copy.before_rename")
    assert died.returncode == -signal.SIGKILL, died
    died = shop.crash_run(SLUICE_CRASH_AT="lake.commit.after_stage")
    assert died.returncode == -signal.SIGKILL, died
    shop.save("crashed")
    return shop


def record(shop: Shop, invocation: Invocation) -> None:
    """Runs an invocation to its end, listing the passages of crash points."""
    shop.restore(invocation.start)
    invocation.before = shop.state()
    log = shop.folder / f"{invocation.name}.passages"
    done = shop.crash_run(SLUICE_CRASH_LOG=str(log))
    assert done.returncode == invocation.exit, done
    invocation.passages = Counter(log.read_text().split())
    invocation.after = Outcome(shop)


def cases_of(invocation: Invocation) -> list:
    cases = []
    for point, passages in sorted(invocation.passages.items()):
        chosen = {1, passages}
        if invocation.start == "crashed":
            # What a recovery does comes first; the rest is as in the second arrival.
            chosen = set(range(1, passages + 1)) if point.startswith("storage.remove") else {1}
        cases += [Case(invocation, point, passage) for passage in sorted(chosen)]
    return cases


def interrupt(shop: Shop, case: Case) -> None:
    invocation = case.invocation
    shop.restore(invocation.start)
    died = shop.crash_run(SLUICE_CRASH_AT=f"{case.point}#{case.passage}")
    assert died.returncode == -signal.SIGKILL, f"was not killed: {died}"
    shop.check_whole(invocation.before, invocation.after.state)
    shop.call("run", exit=invocation.exit)
    shop.check_complete(invocation.after)


def registered_points() -> set:
    points = set()
    for path in (ROOT / "src").rglob("*.cc"):
        if "tests" not in path.parts:
            points |= set(re.findall(r'crash_point\(\s*"([^"]+)"', path.read_text()))
    return points


@pytest.fixture(scope="module")
def shops(slots, crash_program) -> list:
    return [prepare(folder) for folder in slots]


@pytest.fixture(scope="module")
def invocations(shops) -> list:
    found = [
        Invocation("first landing", "first", exit=0),
        Invocation("second arrival", "second", exit=1),
        Invocation("recovery", "crashed", exit=1),
    ]
    for invocation in found:
        record(shops[0], invocation)
    return found


def test_every_registered_crash_point_is_passed(invocations):
    registered = registered_points()
    passed = set().union(*(invocation.passages for invocation in invocations))
    assert passed <= registered, f"passed but not found in the source: {passed - registered}"
    missed = registered - passed - NOT_OF_A_RUN.keys()
    assert not missed, f"no invocation of this test passes {sorted(missed)}"
    assert len(registered) >= REGISTERED_MIN


def test_the_second_arrival_meets_bad_input(invocations):
    """The interrupted runs are worth interrupting: rows in quarantine, skipped files, a refusal."""
    first, second, _ = invocations
    assert len(first.after.state["quarantine.orders"]) == 4
    assert len(second.after.state["quarantine.orders"]) > 6
    assert [name for _, name, _ in second.after.skipped] == ["a-again.csv", "empty.csv"]
    assert second.after.state["silver.paid_orders"] != first.after.state["silver.paid_orders"]
    assert second.after.state["gold.small_orders"] == first.after.state["gold.small_orders"]


def test_a_kill_at_any_crash_point_loses_nothing_and_doubles_nothing(shops, invocations, capsys):
    cases = [case for invocation in invocations for case in cases_of(invocation)]
    with capsys.disabled():
        print(f"\n{len(registered_points())} crash points are registered, {len(cases)} kills:")
        for invocation in invocations:
            print(f"  {invocation.name}: {sum(invocation.passages.values())} passages")
            for point, passages in sorted(invocation.passages.items()):
                print(f"    {point:34}{passages:5}")
    assert len(cases) >= CASES_MIN
    failures = run_cases(shops, cases, interrupt)
    assert not failures, told(failures, len(cases))
