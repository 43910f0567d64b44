"""How files come in: by which names, what becomes of them, and what is found when they change."""

import os
import sqlite3
from pathlib import Path

import pytest

from program import SETTINGS, Project, set_age

CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: orders
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - { name: id, logicalType: integer, physicalType: bigint, required: true }
      - { name: amount, logicalType: number, physicalType: "decimal(9,2)" }
"""
SOURCE = """\
source: bronze.orders
type: files
path: data/orders/*.csv
contract: contracts/orders.odcs.yaml
"""
HEAD = "id,amount\n"


@pytest.fixture
def shop(tmp_path):
    def make(source: str = SOURCE, contract: str = CONTRACT) -> Project:
        return Project(tmp_path).write(
            {
                "sluice.yaml": SETTINGS,
                "sources/orders.yaml": source,
                "contracts/orders.odcs.yaml": contract,
            }
        )

    return make


def ids(project: Project) -> list:
    return [row[0] for row in project.rows("SELECT id FROM bronze.orders ORDER BY id")]


def raw_paths(project: Project) -> list:
    rows = project.rows("SELECT raw_path FROM sluice.landed_files ORDER BY seq")
    return [Path(row[0]) for row in rows]


def findings(project: Project, deep: bool = False) -> list:
    return [finding["problem"] for finding in project.audit(exit=1, deep=deep)["findings"]]


# --- which files --------------------------------------------------------------------------------------


def test_paths_may_be_folders_globs_and_lists(shop):
    project = shop(
        SOURCE.replace("data/orders/*.csv", "[data/in/, 'data/**/extra-?.csv', data/one.csv]")
        + "format: csv\n"
    )
    for number, name in enumerate(
        ["in/a.csv", "in/deep/er/b.csv", "x/y/extra-1.csv", "one.csv"], start=1
    ):
        project.drop(f"data/{name}", f"{HEAD}{number},1\n")
    for name in ["in/.hidden.csv", "in/notes.txt", "x/y/extra-10.csv", "two.csv"]:
        project.drop(f"data/{name}", f"{HEAD}99,1\n")
    assert project.run()["bronze.orders"]["rows"] == 4
    assert ids(project) == [1, 2, 3, 4]
    assert project.run()["bronze.orders"]["state"] == "unchanged"


def test_many_files_land_side_by_side_in_the_order_of_their_times(shop):
    project = shop()
    for number in range(600):
        project.drop(f"data/orders/{(number * 7919) % 600:03}.csv", f"{HEAD}{number},1\n", 7200)
    assert project.run()["bronze.orders"]["rows"] == 600
    wrong = "SELECT count(*) FROM bronze.orders WHERE id <> _sluice_file - 1"
    assert project.rows(wrong) == [[0]]
    project.audit()


# --- raw: move ----------------------------------------------------------------------------------------


def test_a_moved_file_has_only_its_place_in_the_raw_zone(shop):
    project = shop(SOURCE + "raw: move\n")
    dropped = project.drop("data/orders/a.csv", HEAD + "1,1\n")
    inode = dropped.stat().st_ino
    project.run()
    assert not dropped.exists()
    [raw] = raw_paths(project)
    assert raw.read_text() == HEAD + "1,1\n" and raw.stat().st_ino == inode
    project.audit()


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="needs a second file system")
def test_a_file_of_another_disk_is_moved_by_copying(shop, tmp_path_factory):
    folder = Path(f"/dev/shm/sluice-test-{os.getpid()}")
    folder.mkdir()
    try:
        project = shop(SOURCE.replace("data/orders", str(folder)) + "raw: move\n")
        dropped = folder / "a.csv"
        dropped.write_text(HEAD + "1,1\n")
        set_age(dropped, 60)
        project.run()
        assert not dropped.exists()
        assert raw_paths(project)[0].read_text() == HEAD + "1,1\n"
    finally:
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()


def test_a_move_that_may_not_remove_the_original_says_so_and_doubles_nothing(shop, unprivileged):
    project = shop(SOURCE + "raw: move\n")
    dropped = project.drop("data/orders/a.csv", HEAD + "1,1\n")
    dropped.parent.chmod(0o555)
    try:
        runs = project.run(exit=1, prefix=unprivileged)
        assert runs["bronze.orders"]["state"] == "published"
        assert "could not be taken away" in runs["bronze.orders"]["problems"][0]
        assert dropped.exists()
    finally:
        dropped.parent.chmod(0o755)
    assert project.run()["bronze.orders"]["state"] == "unchanged"
    assert not dropped.exists()
    assert ids(project) == [1]
    project.audit()


# --- raw: reference -----------------------------------------------------------------------------------


def test_a_referenced_file_stays_where_it_is(shop):
    project = shop(SOURCE + "raw: reference\n")
    dropped = project.drop("data/orders/a.csv", HEAD + "1,1\nx,2\n")
    runs = project.run()
    assert (runs["bronze.orders"]["rows"], runs["bronze.orders"]["refused"]) == (1, 1)
    assert raw_paths(project) == [dropped]
    assert not (project.root / "warehouse/_raw").exists()
    assert project.rows("SELECT payload FROM quarantine.orders") == [["x,2"]]
    project.audit()


@pytest.mark.parametrize("deep", [False, True])
def test_a_referenced_file_that_changed_or_vanished_is_named(shop, deep):
    project = shop(SOURCE + "raw: reference\nsettle: 0s\n")
    kept = project.drop("data/orders/a.csv", HEAD + "1,1\n")
    changed = project.drop("data/orders/b.csv", HEAD + "2,2\n")
    project.run()
    text = changed.read_text()
    changed.write_text(text.replace("2,2", "2,3"))
    assert findings(project, deep) == [
        f"{changed} (landed file 2 of bronze.orders) has changed since it was landed"
    ]
    changed.write_text(text)
    project.audit(deep=deep)
    kept.unlink()
    assert findings(project, deep) == [f"{kept} (landed file 1 of bronze.orders) is gone"]


def test_a_raw_file_that_was_changed_with_its_size_and_time_kept_is_found_by_deep(shop):
    project = shop()
    project.drop("data/orders/a.csv", HEAD + "1,1\n")
    project.run()
    [raw] = raw_paths(project)
    before = raw.stat()
    raw.write_text(HEAD + "1,9\n")
    os.utime(raw, ns=(before.st_atime_ns, before.st_mtime_ns))
    project.audit(deep=False)
    assert "has changed since it was landed" in findings(project, deep=True)[0]


def test_a_raw_file_that_is_gone_is_named(shop):
    project = shop()
    project.drop("data/orders/a.csv", HEAD + "1,1\n")
    project.run()
    raw_paths(project)[0].unlink()
    assert "(landed file 1 of bronze.orders) is gone" in findings(project)[0]


# --- dedupe -------------------------------------------------------------------------------------------

WINDOW = SOURCE + "settle: 0s\ndedupe: { key: [id], window: 7d }\n"
DAY_US = 24 * 3600 * 1_000_000


def age(project: Project, last_seq: int, days: float) -> None:
    """Lets time go by after a landed file: it and those before it arrived earlier."""
    with sqlite3.connect(project.metastore) as database:
        database.execute(
            "UPDATE landed_files SET landed_at = landed_at - ? WHERE seq <= ?",
            (int(days * DAY_US), last_seq),
        )


def test_a_window_is_of_arrival_times_and_outlives_the_process(shop):
    project = shop(WINDOW)
    project.drop("data/orders/a.csv", HEAD + "1,1\n2,1\n")
    project.run()
    age(project, 1, 6.9)
    project.drop("data/orders/b.csv", HEAD + "1,2\n3,2\n")
    assert project.run()["bronze.orders"]["refused"] == 1
    age(project, 2, 0.2)
    project.drop("data/orders/c.csv", HEAD + "1,3\n2,3\n3,3\n1,4\n")
    project.run()
    assert project.rows("SELECT id, amount::INTEGER FROM bronze.orders ORDER BY ALL") == [
        [1, 1],
        [1, 3],
        [2, 1],
        [2, 3],
        [3, 2],
    ]
    assert project.rows("SELECT file_id, line, rule, reason FROM quarantine.orders ORDER BY ALL") == [
        [2, 2, "duplicate", "dedupe key (id) is already in file 1, line 2"],
        [3, 4, "duplicate", "dedupe key (id) is already in file 2, line 3"],
        [3, 5, "duplicate", "dedupe key (id) is already in file 3, line 2"],
    ]
    project.audit()


def test_a_window_reads_only_files_that_it_reaches(shop):
    """A file beyond the window is not opened: it could even be gone."""
    project = shop(WINDOW)
    project.drop("data/orders/a.csv", HEAD + "1,1\n")
    project.run()
    age(project, 1, 8)
    [old] = project.data_files("bronze.orders")
    hidden = old.rename(old.with_suffix(".away"))
    project.drop("data/orders/b.csv", HEAD + "1,2\n")
    assert project.run()["bronze.orders"]["rows"] == 1
    age(project, 2, 1)
    project.drop("data/orders/c.csv", HEAD + "1,3\n")
    assert project.run()["bronze.orders"]["refused"] == 1
    hidden.rename(old)
    project.audit()


def test_a_replayed_record_is_judged_by_the_window_too(shop):
    """The record that was mended came before the one that the table has; the latter stays."""
    project = shop(WINDOW)
    project.drop("data/orders/a.csv", HEAD + "1,1\n2,12345678.90\n3,12345678.90\n")
    project.run()
    project.drop("data/orders/b.csv", HEAD + "2,5\n")
    project.run()
    project.write({"contracts/orders.odcs.yaml": CONTRACT.replace("decimal(9,2)", "decimal(18,2)")})
    project.json("quarantine", "replay")
    rows = "SELECT id, _sluice_file FROM bronze.orders ORDER BY ALL"
    assert project.rows(rows) == [[1, 1], [2, 2], [3, 1]]
    held = "SELECT line FROM quarantine.orders WHERE status = 'open'"
    assert project.rows(held) == [[3]]
    project.json("quarantine", "replay")
    assert project.rows(rows) == [[1, 1], [2, 2], [3, 1]]
    project.audit()


# --- schema_changes -----------------------------------------------------------------------------------


def test_a_frozen_source_refuses_the_batch_whole_and_goes_on_after_the_contract_changed(shop):
    project = shop(SOURCE + "schema_changes: freeze\n")
    project.drop("data/orders/a.csv", HEAD + "1,1\n")
    project.run()
    project.drop("data/orders/b.csv", HEAD + "2,2\nx,2\n")
    project.drop("data/orders/c.csv", "id,amount,country\n3,3,DE\n")
    for _ in range(2):
        frozen = project.run(exit=1)["bronze.orders"]
        assert frozen["state"] == "rejected"
        assert "new column 'country' (1 record)" in frozen["error"]
        assert "nothing of this batch was published" in frozen["error"]
    assert ids(project) == [1]
    project.audit()
    wider = CONTRACT + "      - { name: country, logicalType: string }\n"
    project.write({"contracts/orders.odcs.yaml": wider})
    after = project.run()["bronze.orders"]
    assert (after["rows"], after["refused"]) == (2, 1)
    assert project.rows("SELECT id, country FROM bronze.orders ORDER BY id") == [
        [1, None],
        [2, None],
        [3, "DE"],
    ]
    project.audit()


def test_without_freeze_only_the_records_with_other_columns_are_kept_back(shop):
    project = shop(SOURCE + "schema_changes: discard_row\n")
    project.drop("data/orders/a.csv", HEAD + "1,1\n")
    project.drop("data/orders/b.csv", "id,amount,country\n3,3,DE\n")
    runs = project.run()
    assert (runs["bronze.orders"]["rows"], runs["bronze.orders"]["refused"]) == (1, 1)
    assert project.rows("SELECT rule FROM quarantine.orders") == [["unknown_column"]]
    project.audit()
