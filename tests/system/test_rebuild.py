"""A metastore that is lost or damaged is made again from what lies in the warehouse."""

import json
import shutil
import sqlite3

import pytest

from program import Project

HEAD = "id,country,amount\n"
ROWS = 'SELECT id, country, amount, _sluice_file, _sluice_line FROM bronze.orders ORDER BY ALL'
HELD = "SELECT file_id, line, rule, status FROM quarantine.orders ORDER BY ALL"


@pytest.fixture
def landed(orders):
    orders.drop("data/orders/1.csv", HEAD + "1,DE,1\n2,FR,x\n")
    orders.drop("data/orders/2.csv", HEAD + "3,DE,5\n4,FR,y\n5,AT,z\n")
    orders.run()
    return orders


def lose_metastore(project):
    for path in project.metastore.parent.glob("metastore.db*"):
        path.unlink()


def ledger(project):
    with sqlite3.connect(f"file:{project.metastore}?mode=ro", uri=True) as database:
        return database.execute("SELECT * FROM landed_files ORDER BY source, seq").fetchall()


def rebuild(project):
    lose_metastore(project)
    return project.json("doctor", "--rebuild")


def test_everything_is_as_it_was(landed):
    before = (landed.rows(ROWS), landed.rows(HELD), ledger(landed), landed.tables())
    told = rebuild(landed)
    assert {table["table"] for table in told["tables"]} == set(before[3])
    assert told["sources"] == [{"source": "bronze.orders", "landed": 2, "pending": 0, "adopted": []}]
    assert told["set_aside"] == "" and any("decisions" in kind for kind in told["not_restored"])
    after = (landed.rows(ROWS), landed.rows(HELD), ledger(landed), landed.tables())
    assert after[:3] == before[:3]
    assert {name: table["metadata_location"] for name, table in after[3].items()} == {
        name: table["metadata_location"] for name, table in before[3].items()
    }
    landed.audit()
    assert {run["state"] for run in landed.run().values()} == {"unchanged"}


def test_the_next_run_lands_what_is_new_and_nothing_twice(landed):
    rebuild(landed)
    landed.drop("data/orders/again.csv", HEAD + "1,DE,1\n2,FR,x\n")
    landed.drop("data/orders/3.csv", HEAD + "6,DE,1\n")
    assert landed.run()["bronze.orders"]["rows"] == 1
    assert [row[0] for row in landed.rows(ROWS)] == [1, 3, 6]
    landed.audit()


def test_settled_records_keep_their_state(landed):
    landed.call("quarantine", "waive", "--source", "bronze.orders", "--reason", "known")
    landed.drop("data/orders/3.csv", HEAD + "7,DE,w\n")
    landed.run()
    before = ledger(landed)
    rebuild(landed)
    assert ledger(landed) == before
    landed.audit()
    landed.call("quarantine", "waive", "--source", "bronze.orders", "--undo")
    landed.audit()


def test_records_that_the_source_drops_stay_counted(landed):
    source = landed.root / "sources/orders.yaml"
    source.write_text(source.read_text() + "on_violation: drop\n")
    landed.drop("data/orders/3.csv", HEAD + "7,DE,w\n8,DE,1\n")
    landed.run()
    before = ledger(landed)
    rebuild(landed)
    assert ledger(landed) == before
    landed.audit()


def test_a_landed_file_that_no_commit_has_is_read_by_the_next_run(landed):
    source = landed.root / "sources/orders.yaml"
    text = source.read_text()
    source.write_text(text + "on_violation: fail\nraw: move\n")
    landed.drop("data/orders/3.csv", HEAD + "7,DE,w\n8,DE,1\n")
    landed.call("run", exit=1)
    assert not (landed.root / "data/orders/3.csv").exists()
    told = rebuild(landed)
    assert told["sources"][0]["landed"] == 3 and told["sources"][0]["pending"] == 1
    source.write_text(text)
    assert landed.run()["bronze.orders"]["rows"] == 1
    landed.audit()


def test_holds_tags_and_changed_columns_survive(landed):
    landed.drop("data/orders/3.csv", HEAD + "8,DE,1\n")
    landed.run()
    landed.call("tag", "gold.by_country", "kept")
    landed.call("rollback", "gold.by_country")
    before = landed.json("history", "gold.by_country")
    rebuild(landed)
    assert landed.json("history", "gold.by_country") == before
    landed.run()
    landed.audit()


def test_pointer_history_may_be_lost_too(landed):
    landed.drop("data/orders/3.csv", HEAD + "8,DE,1\n9,DE,bad\n")
    landed.run()
    before = (landed.rows(ROWS), landed.rows(HELD), ledger(landed))
    histories = list(landed.root.glob("warehouse/*/*/metadata/pointer-history.jsonl"))
    assert len(histories) == 3
    for keep in (1, 0):
        for history in histories:
            lines = history.read_text().splitlines(keepends=True)
            history.write_text("".join(lines[:keep]) + ("{\"cut" if keep else ""))
        told = rebuild(landed)
        assert all(table["version"] > table["history_version"] for table in told["tables"])
        assert (landed.rows(ROWS), landed.rows(HELD), ledger(landed)) == before
        landed.audit()
        landed.run()


def test_newer_metadata_is_taken_only_when_it_is_complete(landed):
    location = landed.metadata_path("bronze.orders")
    metadata = json.loads(location.read_text())
    for lost in landed.data_files("bronze.orders"):
        newer = dict(metadata, **{"last-updated-ms": metadata["last-updated-ms"] + 1})
        newer["metadata-log"] = [{"timestamp-ms": 1, "metadata-file": f"file://{location}"}]
        path = location.with_name("00001-half.metadata.json")
        path.write_text(json.dumps(newer))
        lost.rename(lost.with_suffix(".away"))
        told = rebuild(landed)
        lost.with_suffix(".away").rename(lost)
        table = next(one for one in told["tables"] if one["table"] == "bronze.orders")
        assert table["version"] == 0 and str(path) in table["left_alone"][0]
    path.write_text("{")
    rebuild(landed)
    landed.audit()


def test_a_damaged_metastore_is_moved_aside_and_a_sound_one_is_left_alone(landed):
    assert "nothing to rebuild" in landed.call("doctor", "--rebuild", exit=1).err
    lose_metastore(landed)
    landed.metastore.write_bytes(b"damaged " * 1000)
    told = landed.json("doctor", "--rebuild")
    assert open(told["set_aside"], "rb").read() == b"damaged " * 1000
    landed.audit()


def test_an_older_metastore_is_replaced(landed):
    older = landed.metastore.parent / "older"
    landed.call("backup", older)
    landed.drop("data/orders/3.csv", HEAD + "8,DE,1\n")
    landed.run()
    lose_metastore(landed)
    shutil.copy(older, landed.metastore)
    landed.call("doctor", "--rebuild")
    assert len(landed.rows(ROWS)) == 3
    landed.audit()


def test_nothing_begins_anew_beside_tables_that_are_there(landed):
    lose_metastore(landed)
    for command in (["run"], ["plan"], ["status"], ["query", "SELECT 1"]):
        answer = landed.call(*command, exit=2)
        assert "doctor --rebuild" in answer.err, answer
    assert "doctor --rebuild" in landed.call("doctor").out
    assert not landed.metastore.exists()


def test_an_empty_warehouse_gives_an_empty_metastore(orders):
    assert orders.json("doctor", "--rebuild")["tables"] == []
    orders.drop("data/orders/1.csv", HEAD + "1,DE,1\n")
    assert orders.run()["bronze.orders"]["rows"] == 1
    orders.audit()


def test_a_source_without_its_journal_is_refused_by_name(landed):
    (landed.root / "warehouse/bronze/orders/metadata/landed-files.jsonl").unlink()
    lose_metastore(landed)
    answer = landed.call("doctor", "--rebuild", exit=2)
    assert "bronze.orders" in answer.err and "landed-files.jsonl" in answer.err
    assert not list(landed.metastore.parent.glob("metastore.db*"))


def test_a_journal_lost_beside_a_metastore_is_written_again(landed):
    journal = landed.root / "warehouse/bronze/orders/metadata/landed-files.jsonl"
    journal.unlink()
    landed.run()
    before = ledger(landed)
    rebuild(landed)
    assert ledger(landed) == before
    landed.audit()
