"""What a table was: history, tags, rollback of models, reading as of them."""

import pytest
from program import Project
from pyiceberg.table import StaticTable

FILES = {
    "sluice.yaml": "project: shop\ntargets:\n  dev: { warehouse: ./warehouse, metastore: sqlite }\n",
    "sources/rows.yaml": "source: bronze.rows\ntype: files\npath: data/rows/*.csv\n"
    "contract: contracts/rows.odcs.yaml\nsettle: 0s\n",
    "contracts/rows.odcs.yaml": "apiVersion: v3.2.0\nkind: DataContract\nid: rows\nversion: 1.0.0\n"
    "status: active\nschema:\n  - name: rows\n    properties:\n"
    "      - { name: id, logicalType: integer }\n",
    "models/gold/m.sql": "SELECT count(*) AS n FROM bronze.rows\n",
}


@pytest.fixture
def project(tmp_path):
    made = Project(tmp_path / "project").write(FILES)
    for number in (1, 2, 3):
        made.drop(f"data/rows/{number}.csv", f"id\n{number}\n")
        made.run()
    return made


def history(project, table):
    return project.json("history", table)["snapshots"]


def count(project, *arguments):
    return project.rows("SELECT n FROM gold.m", *arguments)[0][0]


def test_history_lists_snapshots_newest_first(project):
    entries = history(project, "gold.m")
    assert [entry["operation"] for entry in entries] == ["overwrite", "overwrite", "append"]
    assert [entry["current"] for entry in entries] == [True, False, False]
    assert entries[0]["refs"] == ["main"]
    assert all(entry["run"] for entry in entries)
    assert [entry["rows"] for entry in history(project, "bronze.rows")] == [3, 2, 1]
    text = project.call("history", "gold.m").out
    assert str(entries[0]["snapshot_id"]) in text and "main" in text
    assert "did you mean gold.m" in project.call("history", "gold.n", exit=2).err


def test_a_rollback_holds_a_model_until_it_is_released(project):
    project.call("rollback", "gold.m")
    assert count(project) == 2
    run = project.run()["gold.m"]
    assert run["state"] == "unchanged" and "held at snapshot" in run["reason"]
    project.drop("data/rows/4.csv", "id\n4\n")
    assert project.run("--full-refresh")["gold.m"]["state"] == "unchanged"
    assert count(project) == 2
    entries = history(project, "gold.m")
    assert [entry["ancestor"] for entry in entries] == [False, True, True]
    project.audit()
    project.call("rollback", "gold.m", "--release")
    assert project.run()["gold.m"]["state"] == "published"
    assert count(project) == 4
    assert "is not held" in project.call("rollback", "gold.m", "--release", exit=2).err
    project.audit()


def test_a_rollback_goes_to_a_tag_with_the_columns_of_then(project):
    project.call("tag", "gold.m", "before")
    project.write({"models/gold/m.sql": "SELECT 'x' || count(*) AS n, 1 AS one FROM bronze.rows\n"})
    project.run()
    assert count(project) == "x3"
    project.call("rollback", "gold.m", "--to", "before")
    assert project.rows("SELECT * FROM gold.m") == [[3]]
    table = StaticTable.from_metadata(project.tables()["gold.m"]["metadata_location"])
    assert table.scan().to_arrow().to_pylist() == [{"n": 3}]
    assert table.current_snapshot().snapshot_id == table.snapshot_by_name("before").snapshot_id


def test_tags_are_made_read_listed_and_deleted(project):
    first = history(project, "gold.m")[-1]
    project.call("tag", "gold.m", "first", "--at", first["snapshot_id"], "--max-age", "30d")
    assert count(project, "--at", "first") == 1
    listed = {ref["name"]: ref for ref in project.json("tag", "gold.m")}
    assert listed["first"]["type"] == "tag" and listed["first"]["max_age_ms"] == 30 * 86_400_000
    assert listed["main"]["type"] == "branch"
    assert "did you mean first" in project.call("query", "SELECT 1 FROM gold.m", "--at", "firstt",
                                                exit=2).err
    project.call("tag", "gold.m", "first", "--delete")
    assert "no branch or tag" in project.call("tag", "gold.m", "first", "--delete", exit=2).err
    for name in ("2013", "2013-01-01", "a b", "main"):
        project.call("tag", "gold.m", name, exit=2)
    project.audit()
