"""Structs, lists and maps from a model to every reader, and changed in place."""

import datetime
import math
import os
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from pyiceberg.table import StaticTable

# Nulls at every level, empty lists, NaN, and names that need quotes.
ROWS = """\
SELECT 1 AS id,
  {'a': 1, 'b c': 'nan'::DOUBLE, 'n': {'day': DATE '2013-01-01', 'tags': ['x', NULL, '']}} AS s,
  [{'q': 1.50::DECIMAL(9,2), 'at': TIMESTAMPTZ '2013-01-01 00:00:00+00'}, NULL, {'q': NULL, 'at': NULL}] AS l,
  MAP {'k': [1, NULL], 'none': NULL, 'empty': []} AS m
UNION ALL SELECT 2, NULL, NULL, NULL
UNION ALL SELECT 3, {'a': NULL, 'b c': NULL, 'n': NULL}, [], MAP {}
UNION ALL SELECT 4, {'a': -5, 'b c': 'inf'::DOUBLE, 'n': {'day': NULL, 'tags': []}}, [NULL], MAP {'é"': [7]}
"""

UTC = datetime.timezone.utc
NAN = "NaN"
EXPECTED = [
    {
        "id": 1,
        "s": {"a": 1, "b c": NAN, "n": {"day": datetime.date(2013, 1, 1), "tags": ["x", None, ""]}},
        "l": [
            {"q": "1.50", "at": datetime.datetime(2013, 1, 1, tzinfo=UTC)},
            None,
            {"q": None, "at": None},
        ],
        "m": {"k": [1, None], "none": None, "empty": []},
    },
    {"id": 2, "s": None, "l": None, "m": None},
    {"id": 3, "s": {"a": None, "b c": None, "n": None}, "l": [], "m": {}},
    {
        "id": 4,
        "s": {"a": -5, "b c": math.inf, "n": {"day": None, "tags": []}},
        "l": [None],
        "m": {'é"': [7]},
    },
]


def plain(value, is_map=False):
    """One form for what readers give as their own types."""
    if isinstance(value, float):
        return NAN if math.isnan(value) else value
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        if value and all(isinstance(item, tuple) and len(item) == 2 for item in value):
            return {key: plain(item) for key, item in value}  # PyArrow's maps
        return [plain(item) for item in value]
    if isinstance(value, datetime.datetime):
        return value.astimezone(UTC)
    if type(value).__name__ == "Decimal":
        return str(value)
    return value


def scan(project, table):
    return StaticTable.from_metadata(project.tables()[table]["metadata_location"]).scan()


def by_pyarrow(project, table):
    """The files that PyIceberg plans, read as they are."""
    paths = [task.file.file_path.removeprefix("file://") for task in scan(project, table).plan_files()]
    return rows_of(pa.concat_tables(parquet.read_table(path) for path in paths))


def by_pyiceberg(project, table):
    return rows_of(scan(project, table).to_arrow())


def as_pyiceberg_reads(row):
    """PyIceberg 0.12 gives a null list of structs as an empty one: it keeps only the offsets."""
    return {**row, "l": row["l"] or []}


def rows_of(read):
    rows = [{name: plain(value) for name, value in row.items()} for row in read.to_pylist()]
    for row in rows:
        if row.get("m") == []:  # an empty map looks like an empty list
            row["m"] = {}
    return sorted(rows, key=lambda row: row["id"])


def by_duckdb(project, table):
    folder = os.environ.get("SLUICE_DUCKDB_EXTENSIONS", "")
    if not Path(folder).is_dir():
        pytest.fail("SLUICE_DUCKDB_EXTENSIONS names no folder; run the tests by ./x test")
    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    connection.execute(f"SET extension_directory = '{folder}'")
    connection.execute("LOAD avro")
    connection.execute("LOAD iceberg")
    connection.execute("SET TimeZone = 'UTC'")
    return rows_of(
        connection.sql(f"FROM iceberg_scan('{project.metadata_path(table)}')").to_arrow_table()
    )


def as_json(value):
    """What `sluice query --json` writes for a value."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if value == NAN:
        return "nan"
    if value == math.inf:
        return "inf"
    return value


@pytest.fixture
def nested(project):
    project.write({"models/gold/nested.sql": ROWS})
    project.run()
    return project


def test_readers_agree_at_every_level(nested):
    assert by_pyiceberg(nested, "gold.nested") == [as_pyiceberg_reads(row) for row in EXPECTED]
    assert by_pyarrow(nested, "gold.nested") == EXPECTED
    assert by_duckdb(nested, "gold.nested") == EXPECTED
    rows = nested.json("query", "FROM gold.nested ORDER BY id")
    assert rows == [as_json(row) for row in EXPECTED]
    assert nested.audit()["ok"]


def test_the_schema_has_ids_level_by_level(nested):
    fields = nested.metadata("gold.nested")["schemas"][0]["fields"]
    assert [field["id"] for field in fields] == [1, 2, 3, 4]
    s, l, m = (field["type"] for field in fields[1:])
    assert [(f["id"], f["name"]) for f in s["fields"]] == [(5, "a"), (6, "b c"), (7, "n")]
    assert s["fields"][2]["type"]["fields"][1]["type"] == {
        "type": "list", "element-id": 10, "element": "string", "element-required": False,
    }
    assert l["element-id"] == 11 and l["element"]["fields"][0]["type"] == "decimal(9, 2)"
    assert (m["key-id"], m["value-id"], m["value"]["element-id"]) == (14, 15, 16)
    assert nested.metadata("gold.nested")["last-column-id"] == 16


def test_bounds_are_of_members_and_not_of_elements(nested):
    table = StaticTable.from_metadata(nested.tables()["gold.nested"]["metadata_location"])
    [task] = list(table.scan().plan_files())
    bounded = set(task.file.lower_bounds)
    assert {1, 5, 8} <= bounded
    assert bounded.isdisjoint({6, 10, 11, 12, 13, 14, 15, 16})
    assert set(task.file.value_counts) == {1, 5, 6, 8}
    assert list(table.scan(row_filter="s.a == -5").plan_files())
    assert not list(table.scan(row_filter="s.a == 100").plan_files())


def test_a_query_prints_nested_values(nested):
    out = nested.call("query", "SELECT id, s, m FROM gold.nested WHERE id IN (1, 2) ORDER BY id").out
    assert '{"a": 1, "b c": nan, "n": {"day": "2013-01-01", "tags": ["x", null, ""]}}' in out
    assert '{"k": [1, null], "none": null, "empty": []}' in out
    csv = nested.call(
        "query", "SELECT l FROM gold.nested WHERE id = 1", "--format", "csv"
    ).out
    assert csv.splitlines()[1] == (
        '"[{""q"": 1.50, ""at"": ""2013-01-01T00:00:00Z""}, null, {""q"": null, ""at"": null}]"'
    )
    assert nested.rows("SELECT s.n.tags[1], m['k'][1], l[1].q FROM gold.nested WHERE id = 1") == [
        ["x", 1, "1.50"]
    ]


def test_models_read_nested_columns_of_models(nested):
    nested.write(
        {
            "models/gold/tags.sql": "SELECT id, unnest(s.n.tags) AS tag FROM gold.nested\n",
            "models/gold/again.sql": "SELECT id, s, l, m, {'whole': s, 'all': [l]} AS deeper "
            "FROM gold.nested\n",
        }
    )
    nested.run()
    assert nested.rows("SELECT tag FROM gold.tags ORDER BY tag") == [[""], ["x"], [None]]
    again = by_pyarrow(nested, "gold.again")
    assert [{k: row[k] for k in ("id", "s", "l", "m")} for row in again] == EXPECTED
    assert [row["deeper"]["whole"] for row in again] == [row["s"] for row in EXPECTED]
    before = nested.snapshot_ids()
    nested.run()
    assert nested.snapshot_ids() == before


def test_a_nested_field_changes_with_the_model(project):
    def model(expression):
        project.write({"models/gold/t.sql": f"SELECT 1 AS id, {expression} AS s\n"})
        project.run()
        schema = max(project.metadata("gold.t")["schemas"], key=lambda one: one["schema-id"])
        return schema["fields"][1]

    first = model("{'a': 1::INT, 'b': 'x'}")
    assert [(f["id"], f["name"]) for f in first["type"]["fields"]] == [(3, "a"), (4, "b")]
    old = project.metadata("gold.t")["current-snapshot-id"]
    # A member comes, one is widened, one moves: the column and what stays keep their ids.
    second = model("{'b': 'y', 'a': 2::BIGINT, 'c': [1]}")
    assert second["id"] == first["id"]
    assert [(f["id"], f["name"]) for f in second["type"]["fields"]] == [
        (4, "b"), (3, "a"), (5, "c"),
    ]
    assert by_pyiceberg(project, "gold.t") == [{"id": 1, "s": {"b": "y", "a": 2, "c": [1]}}]
    assert by_duckdb(project, "gold.t") == [{"id": 1, "s": {"b": "y", "a": 2, "c": [1]}}]
    # A member goes and comes back under its name: another id.
    third = model("{'b': 'z'}")
    assert [(f["id"], f["name"]) for f in third["type"]["fields"]] == [(4, "b")]
    fourth = model("{'b': 'w', 'a': 9::BIGINT}")
    assert [f["name"] for f in fourth["type"]["fields"]] == ["b", "a"]
    assert fourth["type"]["fields"][1]["id"] > 6
    # Another kind of type is another column.
    fifth = model("[1, 2]")
    assert fifth["id"] > fourth["type"]["fields"][1]["id"]
    assert project.rows("SELECT s FROM gold.t") == [[[1, 2]]]
    assert project.rows("SELECT s FROM gold.t", "--at", str(old)) == [[{"a": 1, "b": "x"}]]
    assert project.audit()["ok"]


def test_what_no_table_holds_is_refused_by_name(project):
    project.write({"models/gold/t.sql": "SELECT {'a': 1, 'i': INTERVAL 1 DAY} AS s\n"})
    text = project.call("validate", exit=1).text
    assert "column 's'" in text and "because of INTERVAL" in text
    project.write({"models/gold/t.sql": "/*---\npartition_by: [s]\n---*/\nSELECT {'a': 1} AS s\n"})
    text = project.call("validate", exit=1).text
    assert "struct<a: int>" in text and "identity" in text
