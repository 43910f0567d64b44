"""Tables that change: partitions, columns; what readers see of them before and after."""

import pytest
from program import Project
from pyiceberg.expressions import EqualTo
from pyiceberg.expressions.literals import literal
from pyiceberg.table import StaticTable

SOURCE = """\
source: bronze.rows
type: files
path: data/rows/*.csv
contract: contracts/rows.odcs.yaml
settle: 0s
nulls: [NA]
"""

CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: rows
version: 1.0.0
status: active
schema:
  - name: rows
    properties:
"""


def contract(*properties):
    return CONTRACT + "".join(f"      - {{ {line} }}\n" for line in properties)


BASIC = ("name: id, logicalType: integer", "name: country, logicalType: string")


@pytest.fixture
def project(tmp_path):
    made = Project(tmp_path / "project")
    settings = "project: shop\ntargets:\n  dev: { warehouse: ./warehouse, metastore: sqlite }\n"
    return made.write(
        {
            "sluice.yaml": settings,
            "sources/rows.yaml": SOURCE,
            "contracts/rows.odcs.yaml": contract(*BASIC),
        }
    )


def static(project, table):
    return StaticTable.from_metadata(project.tables()[table]["metadata_location"])


def planned(table, row_filter):
    return [task.file for task in table.scan(row_filter=row_filter).plan_files()]


BUCKETED = {
    "i": "CAST(id AS INTEGER)",
    "l": "id * 1000000007",
    "d": "CAST(id * 0.25 AS DECIMAL(9, 2))",
    "s": "'n' || id || 'é'",
    "b": "encode('b' || id)",
    "day": "DATE '2020-01-01' + CAST(id AS INTEGER)",
    "ts": "TIMESTAMP '2020-01-01 00:00:01' + to_hours(id)",
    "tz": "make_timestamp(id * 1000003)::TIMESTAMPTZ",
    "t": "TIME '00:00:00' + to_seconds(id)",
    "u": "CAST('550e8400-e29b-41d4-a716-4466554400' || lpad(id::VARCHAR, 2, '0') AS UUID)",
}


def test_pyiceberg_prunes_by_our_buckets_of_every_type(project):
    project.drop("data/rows/1.csv", "id,country\n" + "".join(f"{i},x\n" for i in range(40)))
    for name, sql in BUCKETED.items():
        project.write(
            {
                f"models/gold/by_{name}.sql": f'/*---\npartition_by: ["bucket(16, v)"]\n---*/\n'
                f"SELECT id, {sql} AS v FROM bronze.rows\n"
            }
        )
    runs = project.run()
    assert {run["state"] for run in runs.values()} == {"published"}
    for name in BUCKETED:
        table = static(project, f"gold.by_{name}")
        rows = table.scan().to_arrow().to_pylist()
        assert len(rows) == 40
        everything = list(table.scan().plan_files())
        assert len(everything) > 1
        transform = table.spec().fields[0].transform
        column_type = table.schema().find_type("v")
        bucket_of = transform.transform(column_type)
        for row in (rows[0], rows[17], rows[39]):
            files = planned(table, EqualTo("v", row["v"]))
            assert len(files) == 1, name
            assert files[0].partition[0] == bucket_of(as_literal(row["v"], column_type)), name


def as_literal(value, column_type):
    """The value as PyIceberg's transforms take it."""
    return literal(value).to(column_type).value


def test_truncated_decimals_and_bytes_are_pruned(project):
    project.drop("data/rows/1.csv", "id,country\n" + "".join(f"{i},x\n" for i in range(-20, 20)))
    project.write(
        {
            "models/gold/d.sql": '/*---\npartition_by: ["truncate(50, v)"]\n---*/\n'
            "SELECT id, CAST(id * 0.25 AS DECIMAL(9, 2)) AS v FROM bronze.rows\n",
            "models/gold/b.sql": '/*---\npartition_by: ["truncate(2, v)"]\n---*/\n'
            "SELECT id, encode('b' || id) AS v FROM bronze.rows\n",
        }
    )
    project.run()
    decimals = static(project, "gold.d")
    found = {str(task.file.partition[0]) for task in decimals.scan().plan_files()}
    half_steps = {f"{n / 2:.2f}" for n in range(-10, 10)}
    assert found == half_steps
    for name in ("gold.d", "gold.b"):
        table = static(project, name)
        for row in table.scan().to_arrow().to_pylist()[::9]:
            kept = table.scan(row_filter=EqualTo("v", row["v"])).to_arrow().to_pylist()
            assert kept == [row]


def rows_by_id(table, **options):
    rows = table.scan(**options).to_arrow().to_pylist()
    return sorted(
        ({k: v for k, v in row.items() if not k.startswith("_sluice")} for row in rows),
        key=lambda row: row["id"],
    )


def test_a_source_may_be_partitioned_otherwise_and_back(project):
    project.drop("data/rows/1.csv", "id,country\n1,DE\n2,FR\n")
    project.run()
    specs = []
    for number, partition_by in enumerate(["country", "bucket(4, id)", "", "country"], start=2):
        line = f'partition_by: ["{partition_by}"]\n' if partition_by else ""
        project.write({"sources/rows.yaml": SOURCE + line})
        project.drop(f"data/rows/{number}.csv", f"id,country\n{number}1,DE\n{number}2,FR\n")
        notes = "\n".join(project.run()["bronze.rows"]["notes"])
        assert "partitioned" in notes
        specs.append(project.metadata("bronze.rows")["default-spec-id"])
    assert specs == [1, 2, 0, 1], "an equal spec is used again"
    metadata = project.metadata("bronze.rows")
    fields = [field for spec in metadata["partition-specs"] for field in spec["fields"]]
    assert [field["field-id"] for field in fields] == [1000, 1001]
    table = static(project, "bronze.rows")
    german = [1, 21, 31, 41, 51]
    kept = table.scan(row_filter=EqualTo("country", "DE"))
    assert sorted(row["id"] for row in kept.to_arrow().to_pylist()) == german
    # Of the two steps that were partitioned by country, the French files are not read.
    assert len(list(kept.plan_files())) < len(list(table.scan().plan_files()))
    sql = "SELECT id FROM bronze.rows WHERE country = 'DE' ORDER BY id"
    assert [row[0] for row in project.rows(sql)] == german
    project.audit()


def test_a_models_partitions_may_change(project):
    project.drop("data/rows/1.csv", "id,country\n1,DE\n2,FR\n")
    for partition_by in ("country", "bucket(2, id)", "country"):
        project.write(
            {
                "models/gold/m.sql": f'/*---\npartition_by: ["{partition_by}"]\n---*/\n'
                "SELECT id, country FROM bronze.rows\n"
            }
        )
        assert project.run()["gold.m"]["state"] == "published"
        assert [row["id"] for row in rows_by_id(static(project, "gold.m"))] == [1, 2]
    assert [s["spec-id"] for s in project.metadata("gold.m")["partition-specs"]] == [0, 1]
    project.audit()


def test_columns_of_a_source_are_dropped_renamed_moved_and_widened(project):
    steps = [
        (BASIC, "", "id,country\n1,DE\n"),
        # renamed and moved, and one more
        (
            ("name: nation, logicalType: string", "name: id, logicalType: integer",
             "name: n, logicalType: integer, physicalType: int"),
            "renames: { country: nation }\n",
            "nation,id,n\nFR,2,7\n",
        ),
        # widened; the rename stays declared
        (
            ("name: nation, logicalType: string", "name: id, logicalType: integer",
             "name: n, logicalType: integer, physicalType: bigint"),
            "renames: { country: nation }\n",
            "nation,id,n\nIT,3,5000000000\n",
        ),
        # dropped
        (("name: id, logicalType: integer",), "", "id\n4\n"),
        # a column of an old name is a new column
        (BASIC, "", "id,country\n5,ES\n"),
    ]
    wrote = [
        [{"id": 1, "country": "DE"}],
        [{"nation": "DE", "id": 1, "n": None}, {"nation": "FR", "id": 2, "n": 7}],
        [
            {"nation": "DE", "id": 1, "n": None},
            {"nation": "FR", "id": 2, "n": 7},
            {"nation": "IT", "id": 3, "n": 5000000000},
        ],
        [{"id": n} for n in (1, 2, 3, 4)],
        [{"id": n, "country": None} for n in (1, 2, 3, 4)] + [{"id": 5, "country": "ES"}],
    ]
    snapshots = []
    for number, (properties, renames, data) in enumerate(steps, start=1):
        project.write(
            {
                "contracts/rows.odcs.yaml": contract(*properties),
                "sources/rows.yaml": SOURCE + renames,
            }
        )
        project.drop(f"data/rows/{number}.csv", data)
        run = project.run()["bronze.rows"]
        snapshots.append(project.snapshot_ids()["bronze.rows"])
        if number == 4:
            assert "dropped from the table: nation, n" in "\n".join(run["notes"])
    table = static(project, "bronze.rows")
    for snapshot, rows in zip(snapshots, wrote):
        assert rows_by_id(table, snapshot_id=snapshot) == rows
        names = ", ".join(rows[0])
        sql = f"SELECT {names} FROM bronze.rows ORDER BY id"
        found = project.rows(sql, "--at", snapshot)
        assert found == [list(row.values()) for row in rows]
    project.audit()


def test_a_rename_that_is_ambiguous_is_refused(project):
    project.drop("data/rows/1.csv", "id,country\n1,DE\n")
    project.run()
    project.write({"sources/rows.yaml": SOURCE + "renames: { country: id }\n"})
    project.drop("data/rows/2.csv", "id,country\n2,DE\n")
    error = project.run(exit=1)["bronze.rows"]["error"]
    assert "column 'country' is still declared" in error


def test_a_drop_that_may_be_a_rename_is_said(project):
    project.drop("data/rows/1.csv", "id,country\n1,DE\n")
    project.write({"models/gold/m.sql": "SELECT id, country FROM bronze.rows\n"})
    project.run()
    project.write({"models/gold/m.sql": "SELECT id, country AS nation FROM bronze.rows\n"})
    notes = "\n".join(project.run()["gold.m"]["notes"])
    assert "renames: {country: nation}" in notes
