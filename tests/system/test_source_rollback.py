"""A source's table goes back: what came after is rolled back in the ledger, or read again."""

import pytest

HEAD = "id,country,amount\n"
ROWS = "SELECT id, _sluice_file FROM bronze.orders ORDER BY ALL"
HELD = "SELECT file_id, line, status FROM quarantine.orders ORDER BY ALL"
LEDGER = "SELECT seq, state, records FROM sluice.landed_files ORDER BY seq"


@pytest.fixture
def landed(orders):
    orders.drop("data/orders/1.csv", HEAD + "1,DE,1\n2,FR,x\n")
    orders.run()
    orders.drop("data/orders/2.csv", HEAD + "3,DE,5\n4,FR,y\n")
    orders.run()
    orders.drop("data/orders/3.csv", HEAD + "5,DE,5\n")
    orders.run()
    return orders


def first_snapshot(project):
    return project.json("history", "bronze.orders")["snapshots"][-1]["snapshot_id"]


def test_files_that_came_after_are_rolled_back(landed):
    told = landed.call("rollback", "bronze.orders", "--to", first_snapshot(landed)).out
    assert "without the rows of 2 landed files" in told
    assert landed.rows(ROWS) == [[1, 1]] and landed.rows(HELD) == [[1, 3, "open"]]
    assert landed.rows(LEDGER) == [[1, "committed", 2], [2, "rolled_back", None], [3, "rolled_back", None]]
    landed.audit()
    assert landed.run()["gold.by_country"]["state"] == "published"
    assert landed.rows("SELECT orders FROM gold.by_country") == [[1]]
    landed.audit()


def test_the_next_run_reads_new_files_alone(landed):
    landed.call("rollback", "bronze.orders")
    landed.drop("data/orders/again.csv", HEAD + "5,DE,5\n")
    landed.drop("data/orders/4.csv", HEAD + "6,DE,5\n7,DE,z\n")
    landed.run()
    assert landed.rows(ROWS) == [[1, 1], [3, 2], [6, 4]]
    landed.audit()


def test_with_rewind_the_files_are_read_again(landed):
    before = (landed.rows(ROWS), landed.rows(HELD))
    told = landed.call("rollback", "bronze.orders", "--to", first_snapshot(landed), "--rewind").out
    assert "the next run reads them again" in told
    assert landed.rows(ROWS) == [[1, 1]]
    assert [row[1] for row in landed.rows(LEDGER)] == ["committed", "raw", "raw"]
    landed.audit()
    landed.run()
    assert (landed.rows(ROWS), landed.rows(HELD)) == before
    landed.audit()


def test_what_became_of_quarantined_records_since_is_undone(landed):
    first = first_snapshot(landed)
    landed.call("quarantine", "waive", "--source", "bronze.orders", "--reason", "typed wrong")
    landed.call("rollback", "bronze.orders", "--to", first)
    assert landed.rows(HELD) == [[1, 3, "open"]]
    landed.audit()


def test_a_quarantine_that_was_empty_then_is_empty_again(orders):
    orders.drop("data/orders/1.csv", HEAD + "1,DE,1\n")
    orders.run()
    orders.drop("data/orders/2.csv", HEAD + "3,DE,bad\n4,DE,1\n")
    orders.run()
    orders.call("rollback", "bronze.orders")
    assert orders.rows(HELD) == [] and orders.rows(ROWS) == [[1, 1]]
    orders.audit()


def test_a_metastore_is_made_again_after_it(landed):
    for options in (["--to", first_snapshot(landed), "--rewind"], []):
        if not options:
            landed.run()
        landed.call("rollback", "bronze.orders", *options)
        before = (landed.rows(ROWS), landed.rows(LEDGER))
        for path in landed.metastore.parent.glob("metastore.db*"):
            path.unlink()
        landed.call("doctor", "--rebuild")
        assert (landed.rows(ROWS), landed.rows(LEDGER)) == before
        landed.audit()


def test_what_is_wrong_is_said(landed):
    first = first_snapshot(landed)
    last = landed.json("history", "bronze.orders")["snapshots"][0]["snapshot_id"]
    landed.call("rollback", "bronze.orders", "--to", first)
    assert "is not one that bronze.orders came from" in landed.call(
        "rollback", "bronze.orders", "--to", last, exit=2).err
    assert "is at snapshot" in landed.call("rollback", "bronze.orders", "--to", first, exit=2).err
    assert "never held" in landed.call("rollback", "bronze.orders", "--release", exit=2).err
    assert "is no source" in landed.call("rollback", "gold.by_country", "--rewind", exit=2).err
