"""Branches that PyIceberg wrote are read."""

import uuid

import pyarrow
import pytest
from pyiceberg.catalog.noop import NoopCatalog
from pyiceberg.io import load_file_io
from pyiceberg.serializers import FromInputFile, ToOutputFile
from pyiceberg.table import CommitTableResponse, Table
from pyiceberg.table.update import update_table_metadata

HEAD = "id,country,amount\n"


class OneTable(NoopCatalog):
    """Commits by writing the next metadata file beside the last one."""

    def commit_table(self, table, requirements, updates):
        for requirement in requirements:
            requirement.validate(table.metadata)
        metadata = update_table_metadata(
            table.metadata, updates, enforce_validation=False, metadata_location=table.metadata_location
        )
        folder, _, last = table.metadata_location.rpartition("/")
        location = f"{folder}/{int(last[:5]) + 1:05}-{uuid.uuid4()}.metadata.json"
        ToOutputFile.table_metadata(metadata, table.io.new_output(location))
        return CommitTableResponse(metadata=metadata, metadata_location=location)


def open_table(location: str) -> Table:
    io = load_file_io({})
    metadata = FromInputFile.table_metadata(io.new_input(location))
    return Table(("t",), metadata, location, io, OneTable("one"))


@pytest.fixture
def branched(orders):
    orders.drop("data/orders/1.csv", HEAD + "1,DE,1\n")
    orders.run()
    table = open_table(orders.tables()["gold.by_country"]["metadata_location"])
    table.manage_snapshots().create_branch(table.current_snapshot().snapshot_id, "trial").commit()
    rows = pyarrow.Table.from_pylist(
        [{"country": "XX", "orders": 5, "amount": None}], schema=table.schema().as_arrow()
    )
    table.append(rows, branch="trial")
    for path in orders.metastore.parent.glob("metastore.db*"):
        path.unlink()
    orders.call("doctor", "--rebuild")  # takes the newest metadata, which is PyIceberg's
    return orders


def test_a_branch_is_read_by_its_name(branched):
    sql = "SELECT country, orders FROM gold.by_country ORDER BY 1"
    assert branched.rows(sql) == [["DE", 1]]
    assert branched.rows(sql, "--at", "trial") == [["DE", 1], ["XX", 5]]
    answer = branched.call("query", sql, "--at", "trail", exit=2)
    assert "trail" in answer.err


def test_history_and_tags_list_it(branched):
    entries = branched.json("history", "gold.by_country")["snapshots"]
    assert sorted(ref for entry in entries for ref in entry["refs"]) == ["main", "trial"]
    listed = {ref["name"]: ref["type"] for ref in branched.json("tag", "gold.by_country")}
    assert listed == {"main": "branch", "trial": "branch"}
    assert "is a branch" in branched.call("tag", "gold.by_country", "trial", exit=2).err


def test_a_branch_outlives_later_runs(branched):
    branched.drop("data/orders/2.csv", HEAD + "2,FR,1\n")
    branched.run()
    sql = "SELECT country FROM gold.by_country ORDER BY 1"
    assert branched.rows(sql) == [["DE"], ["FR"]]
    assert branched.rows(sql, "--at", "trial") == [["DE"], ["XX"]]
    branched.audit()
