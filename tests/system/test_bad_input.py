"""What goes wrong from outside gets a clear error, is named, and loses nothing."""

import contextlib
import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from program import BIN, call, set_age

HEAD = "id,country,amount\n"
GOOD = HEAD + "1,DE,1.50\n2,FR,2.50\n"
TOTAL = "SELECT count(*), sum(amount) FROM bronze.orders"


# --- files and folders -------------------------------------------------------------------------------


def test_an_unreadable_file_is_named_and_the_others_land(orders, unprivileged):
    orders.drop("data/orders/1.csv", GOOD)
    hidden = orders.drop("data/orders/2.csv", HEAD + "3,IT,1\n")
    hidden.chmod(0o000)
    runs = orders.run(exit=1, prefix=unprivileged)
    assert runs["bronze.orders"]["rows"] == 2
    [problem] = runs["bronze.orders"]["problems"]
    assert "2.csv" in problem and "ermission denied" in problem
    assert runs["gold.by_country"]["state"] == "published"
    hidden.chmod(0o644)
    assert orders.run(prefix=unprivileged)["bronze.orders"]["rows"] == 1


def test_a_source_folder_without_permission_is_named(orders, unprivileged):
    orders.drop("data/orders/1.csv", GOOD)
    folder = orders.root / "data" / "orders"
    folder.chmod(0o000)
    runs = orders.run(exit=1, prefix=unprivileged)
    folder.chmod(0o755)
    assert runs["bronze.orders"]["state"] == "failed"
    assert str(folder) in runs["bronze.orders"]["error"]
    assert runs["gold.by_country"]["state"] == "blocked"
    assert orders.run(prefix=unprivileged)["bronze.orders"]["rows"] == 2


def test_a_warehouse_without_permission_is_named(orders, unprivileged):
    orders.drop("data/orders/1.csv", GOOD)
    warehouse = orders.root / "warehouse"
    warehouse.mkdir()
    warehouse.chmod(0o555)
    runs = orders.run(exit=1, prefix=unprivileged)
    warehouse.chmod(0o755)
    assert "warehouse" in runs["bronze.orders"]["error"]
    assert "ermission denied" in runs["bronze.orders"]["error"]
    assert orders.run(prefix=unprivileged)["bronze.orders"]["rows"] == 2


def settled(project, settle):
    path = project.root / "sources" / "orders.yaml"
    path.write_text(path.read_text().replace("settle: 0s", f"settle: {settle}"))


def test_a_file_that_is_still_written_waits_and_lands_later(orders):
    settled(orders, "1h")
    path = orders.drop("data/orders/1.csv", HEAD + "1,D", age_s=10)
    runs = orders.run()
    assert runs["bronze.orders"]["state"] == "unchanged"
    assert "1.csv" in runs["bronze.orders"]["notes"][0]
    path.write_text(GOOD)
    set_age(path, 7200)
    assert orders.run()["bronze.orders"]["rows"] == 2
    orders.audit()


def test_a_file_from_the_future_waits(orders):
    settled(orders, "1h")
    near = orders.drop("data/orders/near.csv", GOOD, age_s=-600)
    orders.drop("data/orders/far.csv", HEAD + "9,IT,1\n", age_s=-90_000)
    runs = orders.run()
    assert "near.csv" in " ".join(runs["bronze.orders"]["notes"])
    set_age(near, 7200)
    assert orders.run()["bronze.orders"]["state"] == "published"
    assert orders.rows("SELECT count(*) FROM bronze.orders WHERE id < 3") == [[2]]


def test_a_file_that_grows_after_landing_is_another_file(orders):
    path = orders.drop("data/orders/1.csv", GOOD)
    orders.run()
    path.write_text(GOOD + "3,IT,4.00\n")
    set_age(path, 60)
    runs = orders.run()
    assert [runs["bronze.orders"]["rows"], runs["bronze.orders"]["refused"]] == [1, 2]
    assert orders.rows(TOTAL) == [[3, "8.00"]]
    orders.audit()


def test_broken_utf8_is_refused_alone(orders):
    orders.drop("data/orders/1.csv", HEAD.encode() + b"1,DE,1\n2,F\xffR,2\n3,\xc3\xa9,3\n4,\xed\xa0\x80,4\n")
    runs = orders.run()
    assert [runs["bronze.orders"]["rows"], runs["bronze.orders"]["refused"]] == [2, 2]
    found = orders.rows('SELECT line, "column", rule FROM quarantine.orders ORDER BY line')
    assert found == [[3, "country", "malformed"], [5, "country", "malformed"]]
    orders.call("quarantine", "list", "bronze.orders")
    orders.audit()


def test_binary_rubbish_and_a_nul_byte_are_refused(orders):
    orders.drop("data/orders/1.csv", bytes(range(256)) * 40)
    orders.drop("data/orders/2.csv", HEAD.encode() + b"1,D\x00E,1\n2,FR,2\n")
    orders.run()
    assert orders.rows("SELECT id FROM bronze.orders WHERE id = 2") == [[2]]
    orders.audit()


MEASURED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(done.returncode)
"""


def test_a_line_of_256_mb_is_refused_in_bounded_memory(orders):
    path = orders.root / "data" / "orders" / "1.csv"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.write(HEAD.encode() + b"1,DE,1\n2,")
        for _ in range(256):
            file.write(b"x" * 2**20)
        file.write(b",2\n3,FR,3\n")
    set_age(path, 100)
    done = subprocess.run([sys.executable, "-c", MEASURED, BIN, "run", "--json"], cwd=orders.root,
                          capture_output=True, text=True, check=True)
    runs = {run["table"]: run for run in json.loads(done.stdout)["runs"]}
    assert [runs["bronze.orders"]["rows"], runs["bronze.orders"]["refused"]] == [2, 1]
    assert runs["bronze.orders"]["memory_peak_bytes"] < 200 * 2**20
    assert int(done.stderr.split()[-1]) < 400 * 2**10, "KiB of any process of the run"
    [[line, reason, length]] = orders.rows(
        "SELECT line, reason, length(payload) FROM quarantine.orders"
    )
    assert line == 3 and length <= 4096 + 100
    assert "16" in reason or str(2**28) in reason, reason
    assert orders.rows("SELECT id, _sluice_line FROM bronze.orders ORDER BY id") == [[1, 2], [3, 4]]


# --- state that was damaged --------------------------------------------------------------------------


@pytest.fixture
def landed(orders):
    orders.drop("data/orders/1.csv", GOOD)
    orders.run()
    return orders


def newest(folder: Path, pattern: str) -> Path:
    return max(folder.glob(pattern), key=lambda path: path.stat().st_mtime_ns)


def damage_metadata(project):
    path = project.metadata_path("bronze.orders")
    path.write_text(path.read_text()[:200])
    return path


def damage_manifest_list(project):
    path = newest(project.root / "warehouse/bronze/orders/metadata", "snap-*.avro")
    path.write_bytes(path.read_bytes()[:-40] + b"\0" * 40)
    return path


def damage_manifest(project):
    folder = project.root / "warehouse/bronze/orders/metadata"
    [path] = [p for p in folder.glob("*.avro") if not p.name.startswith("snap-")]
    path.write_bytes(b"rubbish" + path.read_bytes()[7:])
    return path


def cut_data_file(project):
    [path] = project.data_files("bronze.orders")
    path.write_bytes(path.read_bytes()[:-30])
    return path


def lose_data_file(project):
    [path] = project.data_files("bronze.orders")
    path.unlink()
    return path


DAMAGES = [damage_metadata, damage_manifest_list, damage_manifest, cut_data_file, lose_data_file]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_file_of_a_table_is_named_and_refused(landed, damage):
    path = damage(landed)
    query = call("query", TOTAL, cwd=landed.root)
    assert query.exit in (1, 2), query
    assert path.name in query.err, query
    assert "terminate" not in query.err and query.out == "", query
    audit = call("audit", cwd=landed.root)
    assert audit.exit == 1, audit
    assert path.name in audit.text, audit
    # What does not depend on it goes on being readable.
    assert landed.rows("SELECT country FROM gold.by_country ORDER BY 1") == [["DE"], ["FR"]]


@pytest.mark.parametrize("damage", DAMAGES[:3], ids=lambda damage: damage.__name__)
def test_nothing_is_committed_over_damaged_metadata(landed, damage):
    path = damage(landed)
    content = path.read_bytes()
    landed.drop("data/orders/2.csv", HEAD + "3,IT,1\n")
    runs = landed.run(exit=1)
    assert runs["bronze.orders"]["state"] == "failed"
    assert path.name in runs["bronze.orders"]["error"]
    assert path.read_bytes() == content


def test_a_changed_count_in_the_ledger_is_found(landed):
    with sqlite3.connect(landed.metastore) as metastore:
        metastore.execute("UPDATE landed_files SET records = 5, committed_rows = 5")
    report = landed.audit(exit=1)
    assert any("orders" in finding["subject"] for finding in report["findings"])


def test_a_metastore_that_is_no_database_is_named(landed):
    landed.metastore.write_bytes(b"not a database at all, but long enough to be one " * 100)
    for command in [["status"], ["run"], ["query", TOTAL]]:
        answer = call(*command, cwd=landed.root)
        assert answer.exit in (1, 2) and "metastore.db" in answer.err, answer


def test_a_metastore_of_a_newer_version_is_refused(landed):
    with contextlib.closing(sqlite3.connect(landed.metastore)) as metastore, metastore:
        columns = [row[1] for row in metastore.execute("PRAGMA table_info(schema_migrations)")]
        assert {"module", "version"} <= set(columns), columns
        metastore.execute("UPDATE schema_migrations SET version = version + 100 WHERE module = 'run'")
    before = dump(landed.metastore)
    for command in [["status"], ["run"], ["query", TOTAL], ["audit"]]:
        answer = call(*command, cwd=landed.root)
        assert answer.exit != 0, answer
        assert "newer" in answer.err and "metastore.db" in answer.err, answer
    assert dump(landed.metastore) == before


def dump(metastore):
    with contextlib.closing(sqlite3.connect(metastore)) as database:
        return list(database.iterdump())


def test_rows_of_the_future_in_the_metastore_stop_nothing(landed):
    """The clock went back: what was recorded then lies ahead of now."""
    ahead = 10**15  # microseconds, some thirty years
    with sqlite3.connect(landed.metastore) as metastore:
        metastore.execute(f"UPDATE runs SET started_at = started_at + {ahead}")
        metastore.execute(f"UPDATE landed_files SET landed_at = landed_at + {ahead}")
        for row in metastore.execute("SELECT name FROM pragma_table_info('leases')").fetchall():
            if row[0].startswith(("expires", "acquired")):
                metastore.execute(f"UPDATE leases SET {row[0]} = {row[0]} + {ahead}")
    landed.drop("data/orders/2.csv", HEAD + "3,IT,1\n")
    runs = landed.run()
    assert runs["bronze.orders"]["rows"] == 1 and runs["gold.by_country"]["state"] == "published"
    landed.audit()


def test_a_table_of_the_future_keeps_its_time_in_order(landed):
    """Snapshot times never run backwards, whatever the clock says."""
    path = landed.metadata_path("bronze.orders")
    ahead = 10**11  # milliseconds, some three years
    text = path.read_text()
    for key in ["last-updated-ms", "timestamp-ms"]:
        text = re.sub(rf'"{key}"\s*:\s*(\d+)', lambda m: f'"{key}":{int(m.group(1)) + ahead}', text)
    path.write_text(text)
    landed.drop("data/orders/2.csv", HEAD + "3,IT,1\n")
    landed.run()
    times = [s["timestamp-ms"] for s in landed.metadata("bronze.orders")["snapshots"]]
    assert len(times) == 2 and times == sorted(times)
    assert landed.rows(TOTAL) == [[3, "5.00"]]
    landed.audit()


# --- two at once -------------------------------------------------------------------------------------


SLOW = """SELECT count(*) AS n FROM bronze.orders o, range(15000) a, range(1000) b, range(1000) c
WHERE (a.range * b.range + c.range + o.id) % 7 = 1
"""


def start_slow_run(project):
    project.write({"models/gold/slow.sql": SLOW})
    running = subprocess.Popen(
        [str(BIN), "run", "--json"], cwd=project.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        time.sleep(0.05)
        if project.metastore.exists() and "gold.by_country" in read_published(project):
            return running
    running.kill()
    raise AssertionError("the first front published nothing")


def read_published(project):
    try:
        with sqlite3.connect(f"file:{project.metastore}?mode=ro", uri=True) as metastore:
            return {row[0] for row in metastore.execute("SELECT table_name FROM published_models")}
    except sqlite3.Error:
        return set()


def test_a_second_front_leaves_at_once_and_names_the_holder(orders):
    orders.drop("data/orders/1.csv", GOOD)
    running = start_slow_run(orders)
    try:
        started = time.monotonic()
        answer = call("run", cwd=orders.root)
        assert time.monotonic() - started < 5
        assert answer.exit == 1, answer
        assert f"pid {running.pid}" in answer.err and "--wait" in answer.err, answer
        # Readers do not wait for it.
        assert orders.rows(TOTAL) == [[2, "4.00"]]
        assert "bronze.orders" in orders.tables()
        assert running.poll() is None, "the first front was done before it was met"
    finally:
        running.terminate()
        out, err = running.communicate(timeout=30)
    assert running.returncode == 130, err
    assert json.loads(out)["cancelled"] is True
    orders.write({"models/gold/slow.sql": "SELECT 1 AS n\n"})
    assert orders.run()["gold.slow"]["state"] == "published"
    assert orders.audit()["orphans"] == []


def test_wait_waits_for_the_first_front(orders):
    orders.drop("data/orders/1.csv", GOOD)
    running = start_slow_run(orders)
    stopper = threading.Timer(1.0, running.terminate)
    stopper.start()
    try:
        orders.write({"models/gold/slow.sql": "SELECT 1 AS n\n"})
        runs = orders.run("--wait", "60s")
        assert runs["gold.slow"]["state"] == "published"
    finally:
        stopper.cancel()
        running.kill()
        running.communicate()


def test_a_wait_that_is_too_short_names_the_holder(orders):
    orders.drop("data/orders/1.csv", GOOD)
    running = start_slow_run(orders)
    try:
        answer = call("run", "--wait", "300ms", cwd=orders.root)
        assert answer.exit == 1 and f"pid {running.pid}" in answer.err, answer
    finally:
        running.terminate()
        running.communicate(timeout=30)
