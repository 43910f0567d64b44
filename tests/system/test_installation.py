"""The life of an installation: backups, what a doctor sees, metastores of other versions."""

import fcntl
import os
import shutil
import sqlite3
import subprocess

import pytest

from program import BIN, Project, call

HEAD = "id,country,amount\n"


@pytest.fixture
def landed(orders):
    orders.drop("data/orders/1.csv", HEAD + "1,DE,1\n2,FR,x\n")
    orders.run()
    return orders


def health(project, exit=0):
    report = project.json("doctor", exit=exit)
    assert report["ok"] == (exit == 0)
    return {finding["what"]: finding for finding in report["findings"]}


def lose_metastore(project):
    for path in project.metastore.parent.glob("metastore.db*"):
        path.unlink()


def sql(path, *statements):
    database = sqlite3.connect(path)
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()  # brings its log into the file


def test_a_lost_metastore_comes_back_from_a_backup(landed, tmp_path):
    backup = tmp_path / "shop.backup"
    told = landed.json("backup", backup)
    assert told["bytes"] == backup.stat().st_size and told["tables"] == 3
    assert [path.name for path in tmp_path.glob("shop.backup*")] == ["shop.backup"]
    assert "exists" in landed.call("backup", backup, exit=2).err
    before = landed.rows("SELECT * FROM bronze.orders")
    lose_metastore(landed)
    landed.call("status", exit=2)
    assert landed.json("restore", backup)["tables"] == 3
    assert landed.rows("SELECT * FROM bronze.orders") == before
    assert {run["state"] for run in landed.run().values()} == {"unchanged"}
    landed.audit()
    landed.drop("data/orders/2.csv", HEAD + "3,DE,1\n")
    assert landed.run()["bronze.orders"]["rows"] == 1
    landed.audit()


def test_a_backup_older_than_the_tables_is_refused(landed, tmp_path):
    backup = tmp_path / "old"
    landed.call("backup", backup)
    landed.drop("data/orders/2.csv", HEAD + "3,DE,1\n")
    landed.run()
    for lost in (False, True):
        if lost:
            lose_metastore(landed)
        answer = landed.call("restore", backup, exit=1)
        assert "bronze.orders is at version 1, in it at 0" in answer.err
        assert "restore a newer backup" in answer.err
    assert not landed.metastore.exists()


def test_a_file_that_was_moved_after_the_backup_is_not_lost(landed, tmp_path):
    sql(landed.metastore, "UPDATE invocations SET ended_at = NULL")  # a backup beside a run
    landed.call("backup", tmp_path / "backup")
    source = landed.root / "sources/orders.yaml"
    text = source.read_text()
    source.write_text(text + "raw: move\non_violation: fail\n")
    dropped = landed.drop("data/orders/2.csv", HEAD + "3,DE,1\n4,DE,x\n")
    os.link(dropped, tmp_path / "other name")  # so it is copied, and the copy is new
    landed.call("run", exit=1)
    assert not dropped.exists()
    lose_metastore(landed)
    landed.call("restore", tmp_path / "backup")
    source.write_text(text)
    assert "entered in the ledger again" in landed.call("run").out
    assert landed.rows("SELECT id FROM bronze.orders ORDER BY id") == [[1], [3]]
    landed.audit()


def test_a_backup_is_taken_beside_a_run(landed, tmp_path):
    for i in range(2, 8):
        landed.drop(f"data/orders/{i}.csv", HEAD + f"{i + 10},DE,1\n")
    running = subprocess.Popen([BIN, "run"], cwd=landed.root, stdout=subprocess.DEVNULL)
    for i in range(5):
        landed.call("backup", tmp_path / f"backup{i}")
    assert running.wait(60) == 0
    for i in range(5):
        with sqlite3.connect(tmp_path / f"backup{i}") as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_restore_waits_for_no_front_and_takes_no_damaged_file(landed, tmp_path):
    backup = tmp_path / "backup"
    landed.call("backup", backup)
    with open(landed.metastore.parent / "front.lock", "r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "--wait" in landed.call("restore", backup, exit=1).err
    content = backup.read_bytes()
    damaged = tmp_path / "damaged"
    damaged.write_bytes(b"not a database" * 300)
    assert "not a database" in landed.call("restore", damaged, exit=1).err
    damaged.write_bytes(content[: len(content) // 2])
    landed.call("restore", damaged, exit=1)
    landed.audit()


def test_a_backup_of_another_project_is_refused(landed, tmp_path):
    other = Project(tmp_path / "other")
    shutil.copytree(landed.root, other.root)
    lose_metastore(other)
    shutil.rmtree(other.root / "warehouse")
    backup = tmp_path / "backup"
    landed.call("backup", backup)
    shutil.move(landed.root / "warehouse", tmp_path / "gone")
    assert "not a backup of this warehouse" in other.call("restore", backup, exit=1).err


def test_a_metastore_that_cannot_be_read_is_set_aside(landed, tmp_path):
    backup = tmp_path / "backup"
    landed.call("backup", backup)
    lose_metastore(landed)
    landed.metastore.write_bytes(b"damaged " * 1000)
    assert health(landed, exit=1)["metastore"]["advice"] == "sluice restore FILE, or sluice doctor --rebuild"
    told = landed.json("restore", backup)
    assert ".broken-" in told["set_aside"]
    landed.audit()


def test_the_doctor_finds_all_well(landed):
    found = health(landed)
    assert {finding["health"] for finding in found.values()} == {"ok"}
    assert {"worker", "warehouse", "state", "metastore", "clock", "runs", "tables", "front"} <= found.keys()
    assert "ok       worker" in landed.call("doctor").out


def test_the_doctor_says_what_to_do(landed, tmp_path):
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(BIN, alone / "sluice")
    done = subprocess.run([alone / "sluice", "doctor"], cwd=landed.root, capture_output=True, text=True)
    assert done.returncode == 1 and "sluice-worker must lie beside sluice" in done.stdout
    sql(landed.metastore, "UPDATE invocations SET started_at = started_at + 86400000000")
    assert "clock" in health(landed, exit=1)
    sql(landed.metastore, "UPDATE invocations SET started_at = started_at - 86400000000",
        "UPDATE runs SET ended_at = NULL WHERE kind = 'model'")
    assert "settles" in health(landed)["runs"]["advice"]


def test_the_doctor_sees_a_metastore_older_than_the_warehouse(landed, tmp_path):
    landed.call("backup", tmp_path / "old")
    landed.drop("data/orders/2.csv", HEAD + "3,DE,1\n")
    landed.run()
    lose_metastore(landed)
    shutil.copy(tmp_path / "old", landed.metastore)
    assert "older than the warehouse" in health(landed, exit=1)["tables"]["says"]


def test_nothing_has_run_yet(orders):
    found = health(orders)
    assert found["metastore"]["health"] == "warning" and "sluice run" in found["metastore"]["advice"]


# What each migration added, to be taken away again: so a metastore is as an older version wrote it.
UNDO = {
    ("lake", 4): ["ALTER TABLE landed_files DROP COLUMN erased_rows",
                  "ALTER TABLE landed_files DROP COLUMN raw_sha256",
                  "ALTER TABLE landed_files DROP COLUMN raw_bytes"],
    ("lake", 3): ["ALTER TABLE landed_files DROP COLUMN replayed_rows",
                  "ALTER TABLE landed_files DROP COLUMN waived_by_user"],
    ("run", 3): ["DROP TABLE alert_outbox", "DROP TABLE alert_causes"],
    ("run", 2): ["DROP TABLE applied_objects", "DROP INDEX traces_by_table"],
    ("quality", 2): ["ALTER TABLE quality_results DROP COLUMN measured",
                     "ALTER TABLE quality_results DROP COLUMN threshold",
                     "ALTER TABLE quality_results DROP COLUMN dimension"],
    ("erasure", 1): ["DROP TABLE erasures"],
}


@pytest.mark.parametrize("module, version", list(UNDO))
def test_a_metastore_of_an_older_version_is_brought_up_to_date(landed, module, version):
    with sqlite3.connect(landed.metastore) as database:
        newest = dict(database.execute("SELECT module, max(version) FROM schema_migrations GROUP BY 1"))
    for undone in range(newest[module], version - 1, -1):
        sql(landed.metastore, *UNDO[module, undone],
            f"DELETE FROM schema_migrations WHERE module = '{module}' AND version = {undone}")
    assert "brings it up to date" in landed.call("status", exit=1).err
    assert "brings it up to date" in health(landed)["metastore"]["says"]
    landed.drop("data/orders/2.csv", HEAD + "3,DE,1\n")
    assert landed.run()["bronze.orders"]["rows"] == 1
    landed.audit()
    landed.call("alerts", "list")


def test_a_newer_metastore_is_refused(landed, tmp_path):
    sql(landed.metastore, "INSERT INTO schema_migrations SELECT module, 99, applied_at, program_version "
        "FROM schema_migrations WHERE module = 'lake' LIMIT 1")
    for command in (["run"], ["status"], ["audit"], ["query", "SELECT 1"]):
        answer = landed.call(*command, exit=2)
        assert "newer Sluice" in answer.err and "upgrade" in answer.err
    assert "newer Sluice" in health(landed, exit=1)["metastore"]["says"]
    backup = tmp_path / "newer"
    shutil.copy(landed.metastore, backup)
    assert "newer Sluice" in landed.call("restore", backup, exit=2).err
    assert call("doctor", "--json", cwd=landed.root).exit == 1


def complete(project, *words):
    script = ('source <("$0" completion bash); COMP_WORDS=(sluice "$@"); COMP_CWORD=$#; _sluice; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "-c", script, BIN, *words], cwd=project.root, capture_output=True, text=True,
                          env={**os.environ, "PATH": f"{BIN.parent}:{os.environ['PATH']}"})
    assert done.returncode == 0 and not done.stderr, done
    return done.stdout.split()


def test_a_shell_completes_commands_options_and_tables(orders):
    assert complete(orders, "quar") == ["quarantine"]
    assert set(complete(orders, "quarantine", "")) >= {"list", "show", "replay", "waive"}
    assert complete(orders, "quarantine", "replay", "--dr") == ["--dry-run"]
    assert complete(orders, "run", "--select", "") == ["bronze.orders", "gold.by_country"]
    assert "bronze.orders" in complete(orders, "quarantine", "show", "bron")
    assert complete(orders, "alerts", "te") == ["test"]
    for shell in ("zsh", "fish"):
        script = orders.call("completion", shell).out
        assert "quarantine" in script and "completion tables" in script
        if shutil.which(shell):
            subprocess.run([shell, "-n"], input=script, text=True, check=True)


def test_the_manual_has_every_command(orders, tmp_path):
    page = orders.call("completion", "man").out
    for command in ("run", "quarantine replay", "doctor", "restore"):
        assert f".SS sluice {command}\n" in page
    assert "\\-\\-dry\\-run" in page
