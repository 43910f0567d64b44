"""Ends the front or a worker from outside, at any time, and goes on."""

import os
import signal
import time
from pathlib import Path

import pytest

from shop import Outcome, Shop, orders, seeded
from side_by_side import run_cases, told

KILLS = 25
FILES = 20
DEADLINE_S = 60
INTERRUPTED = 130


def slow_model(factors: int) -> str:
    """Work for one worker on a table of 21 rows: some seconds at 6 factors, a minute at 7."""
    names = "abcdefg"[:factors]
    joined = ", ".join(f"bronze.orders {name}" for name in names)
    hashed = ", ".join(f"{name}.order_id" for name in names)
    return f"SELECT a.order_id, max(hash({hashed})) AS h FROM {joined} GROUP BY a.order_id\n"


def workers_of(front: int) -> list:
    found = []
    for tasks in Path(f"/proc/{front}/task").glob("*/children"):
        try:
            found += [int(pid) for pid in tasks.read_text().split()]
        except OSError:
            pass  # that thread ended meanwhile
    return found


def cpu_s(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_for(condition, what: str):
    until = time.monotonic() + DEADLINE_S
    while time.monotonic() < until:
        found = condition()
        if found:
            return found
        time.sleep(0.005)
    raise AssertionError(f"waited {DEADLINE_S} s for {what}")


def busy_worker(front: int, known=()):
    """A worker that is in the middle of a stage: it has used its processor for a while."""
    return next((pid for pid in workers_of(front) if pid not in known and cpu_s(pid) > 0.3), None)


def twenty_files(folder: Path) -> Shop:
    shop = Shop(folder, threads=2).open()
    for i in range(FILES - 3):
        shop.drop(f"orders/n{i:02}.csv", orders(1000 + 20 * i, 5 + i % 7))
    return shop


def slow_shop(shop: Shop, factors: int = 7) -> dict:
    """Leaves a shop with one model that takes its time; returns the state before that model runs."""
    shop.call("run")
    before = shop.state()
    shop.write({"models/gold/small_orders.sql": slow_model(factors)})
    (shop.root / "contracts/gold.small_orders.odcs.yaml").unlink()
    return before


def check_slow_shop_goes_on(shop: Shop, before: dict) -> None:
    shop.write({"models/gold/small_orders.sql": "SELECT count(*) AS n FROM bronze.orders\n"})
    shop.call("run")
    shop.check_sound()
    after = shop.state()
    assert list(after["gold.small_orders"]) == ["{'n': 21}"]
    for table in set(before) - {"gold.small_orders"}:
        assert after[table] == before[table], table


def test_a_front_killed_at_any_time_loses_nothing(slots):
    shops = [twenty_files(folder) for folder in slots]
    for shop in shops:
        shop.save("arrived")
    before = shops[0].state()
    started = time.monotonic()
    shops[0].call("run")
    run_s = time.monotonic() - started
    expected = Outcome(shops[0])
    random = seeded("kills")
    delays = [random.uniform(0, run_s) for _ in range(KILLS)]

    def kill_after(shop, delay):
        shop.restore("arrived")
        front = shop.start_run()
        time.sleep(delay)
        workers = workers_of(front.pid)
        front.kill()
        front.communicate()
        wait_for(lambda: not any(map(is_running, workers)), "workers to end with their front")
        shop.check_whole(before, expected.state)
        shop.call("run")
        shop.check_complete(expected)

    failures = run_cases(shops, delays, kill_after)
    assert not failures, told(failures, KILLS)


def test_a_worker_killed_in_a_stage_costs_one_attempt(shop):
    before = slow_shop(shop, factors=6)
    front = shop.start_run()
    worker = wait_for(lambda: busy_worker(front.pid) or front.poll() is not None, "a busy worker")
    assert worker is not True, front.communicate()
    os.kill(worker, signal.SIGKILL)
    out, _ = front.communicate(timeout=DEADLINE_S)
    assert front.returncode == 0, out
    attempts = shop.rows(
        "SELECT attempt, outcome FROM sluice.stages WHERE table_name = 'gold.small_orders' "
        "AND run_id = (SELECT max(id) FROM sluice.runs WHERE table_name = 'gold.small_orders') "
        "ORDER BY attempt"
    )
    assert attempts[:2] == [[1, "unavailable"], [2, "ok"]], attempts
    shop.check_sound()
    after = shop.state()
    assert sum(after["gold.small_orders"].values()) == sum(before["bronze.orders"].values())
    for table in set(before) - {"gold.small_orders"}:
        assert after[table] == before[table], table


def test_a_worker_killed_in_every_attempt_fails_its_table_alone(shop):
    before = slow_shop(shop)
    front = shop.start_run()
    killed = []
    while front.poll() is None and len(killed) < 10:
        worker = wait_for(
            lambda: busy_worker(front.pid, killed) or front.poll() is not None, "a busy worker"
        )
        if worker is not True:
            os.kill(worker, signal.SIGKILL)
            killed.append(worker)
    out, _ = front.communicate(timeout=DEADLINE_S)
    assert front.returncode == 1, out
    assert len(killed) == 3, f"{len(killed)} attempts\n{out}"
    assert "gold.small_orders" in out
    assert shop.state() == before
    shop.check_sound()
    check_slow_shop_goes_on(shop, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_a_signal_stops_a_run_and_publishes_nothing_by_half(shop, number):
    before = slow_shop(shop)
    front = shop.start_run()
    wait_for(lambda: busy_worker(front.pid) or front.poll() is not None, "a busy worker")
    workers = workers_of(front.pid)
    sent = time.monotonic()
    front.send_signal(number)
    out, _ = front.communicate(timeout=DEADLINE_S)
    assert front.returncode == INTERRUPTED, out
    assert time.monotonic() - sent < 10, "a stop takes too long"
    assert "stopped" in out
    assert not any(map(is_running, workers)), "workers outlive their front"
    assert shop.state() == before
    shop.check_sound()
    check_slow_shop_goes_on(shop, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_a_signal_while_files_are_landed_keeps_them_for_the_next_run(shop, number):
    shop.save("arrived")
    before = shop.state()
    shop.call("run")
    expected = Outcome(shop)
    shop.restore("arrived")
    front = shop.start_run()
    raw = shop.warehouse / "_raw"
    wait_for(lambda: any(raw.rglob("*.csv")) or front.poll() is not None, "a file in the raw zone")
    front.send_signal(number)
    out, _ = front.communicate(timeout=DEADLINE_S)
    assert front.returncode == INTERRUPTED, out
    shop.check_whole(before, expected.state)
    shop.call("run")
    shop.check_complete(expected)
