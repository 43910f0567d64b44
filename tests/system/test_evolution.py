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
