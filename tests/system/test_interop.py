"""Foreign readers see what the program wrote: PyIceberg and DuckDB agree with `sluice query`."""

import decimal
import math
import os
import random
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from pyiceberg import expressions as ice
from pyiceberg.table import StaticTable

SOURCE = """\
source: bronze.types
type: files
path: data/*.csv
contract: contracts/types.odcs.yaml
settle: 0s
nulls: ['NULL']
"""

COLUMNS = {
    "id": "bigint",
    "b": "boolean",
    "i": "int",
    "l": "bigint",
    "f": "float",
    "d": "double",
    "dec": "decimal(9,2)",
    "wide": "decimal(38,10)",
    "day": "date",
    "t": "time",
    "ts": "timestamp",
    "tz": "timestamptz",
    "s": "varchar",
    "u": "uuid",
    "x": "binary",
}

ICEBERG_TYPES = {
    "id": "long",
    "b": "boolean",
    "i": "int",
    "l": "long",
    "f": "float",
    "d": "double",
    "dec": "decimal(9, 2)",
    "wide": "decimal(38, 10)",
    "day": "date",
    "t": "time",
    "ts": "timestamp",
    "tz": "timestamptz",
    "s": "string",
    "u": "uuid",
    "x": "binary",
}

LONG = 'ü"' + "x" * 5000
ROWS = [
    # b, i, l, f, d, dec, wide, day, t, ts, tz, s, u, x
    "true,2147483647,9223372036854775807,3.4028235e38,1.7976931348623157e308,9999999.99,"
    "9999999999999999999999999999.9999999999,9999-12-31,23:59:59.999999,"
    "9999-12-31T23:59:59.999999,9999-12-31T23:59:59.999999Z,zebra,"
    "ffffffff-ffff-ffff-ffff-ffffffffffff,FFFF00",
    "false,-2147483648,-9223372036854775808,-3.4028235e38,-1.7976931348623157e308,-9999999.99,"
    "-9999999999999999999999999999.9999999999,0001-01-01,00:00:00,0001-01-01T00:00:00,"
    '0001-01-01T00:00:00Z,"",00000000-0000-0000-0000-000000000000,""',
    "true,0,0,nan,nan,0.00,0,1970-01-01,00:00:00.000001,1970-01-01T00:00:00,"
    "1970-01-01T00:00:00+00:00,\u65e5\u672c\u8a9e \U0001f600,6f9619ff-8b86-d011-b42d-00cf4fc964ff,00",
    "false,-1,-1,inf,inf,-0.01,-0.0000000001,1969-12-31,12:34:56.789,1969-12-31T23:59:59.999999,"
    "1969-12-31T23:59:59.999999Z,\"line\nbreak, \"\"quoted\"\"\",6F9619FF-8B86-D011-B42D-00CF4FC964FF,00ff",
    "false,1,1,-inf,-inf,0.01,0.0000000001,1582-10-04,06:00:00,2024-02-29T12:00:00.000001,"
    f"2024-02-29T12:00:00.000001+05:30,\"{LONG.replace(chr(34), chr(34) * 2)}\","
    "80000000-0000-0000-0000-000000000000,7f80",
    "true,7,7,1.1754944e-38,4.9e-324,1.10,1.1,2000-02-29,00:00:01,2000-02-29T00:00:00,"
    "2000-02-29T00:00:00-08:00,NULL ,7fffffff-ffff-ffff-ffff-ffffffffffff,deadbeef",
    "true,8,8,-0.0,-0.0,0,0,1900-01-01,00:01:00,1900-01-01T00:00:00.5,1900-01-01T00:00:00.5Z,"
    "\u00e9,00000000-0000-0000-0000-000000000001,01",
    ",".join(["NULL"] * 14),
]

MODEL = """\
SELECT id, b, i, l, f, d, dec, wide, day, t, ts, tz, s, u, x,
  CAST(i AS TINYINT) AS tiny, CAST(abs(l) AS UBIGINT) AS ubig,
  CAST(l AS HUGEINT) * 2 AS huge, CAST(abs(i // 2) AS UINTEGER) AS uint,
  CAST(i % 100 AS SMALLINT) AS short
FROM bronze.types
WHERE i IS NULL OR i BETWEEN -100 AND 100
"""


def contract(columns, version):
    properties = "\n".join(
        f"      - {{ name: {name}, physicalType: '{type_}' }}" for name, type_ in columns.items()
    )
    return f"""\
apiVersion: v3.2.0
kind: DataContract
id: types
version: {version}
status: active
schema:
  - name: types
    properties:
{properties}
"""


def csv(columns, rows):
    return ",".join(columns) + "\n" + "".join(f"{row}\n" for row in rows)


@pytest.fixture
def types(project):
    """Three snapshots of a table with every type; the third has one more column."""
    project.write(
        {
            "sources/types.yaml": SOURCE,
            "contracts/types.odcs.yaml": contract(COLUMNS, "1.0.0"),
            "models/gold/types.sql": MODEL,
            "models/gold/nothing.sql": "SELECT * FROM gold.types WHERE false\n",
            "models/gold/parted.sql": "/*---\npartition_by: ['truncate(5, s)', 'day(ts)']\n---*/\n"
            "SELECT id, s, ts, tz, d, dec FROM bronze.types\n",
        }
    )
    first = [f"{n},{row}" for n, row in enumerate(ROWS)]
    project.drop("data/1.csv", csv(COLUMNS, first))
    project.run()
    second = [f"{n + 100},{row}" for n, row in enumerate(ROWS)]
    project.drop("data/2.csv", csv(COLUMNS, second))
    project.run()
    columns = {**COLUMNS, "more": "varchar"}
    project.write({"contracts/types.odcs.yaml": contract(columns, "1.1.0")})
    project.drop("data/3.csv", csv(columns, [f"{n + 200},{r},m{n}" for n, r in enumerate(ROWS)]))
    project.run()
    return project


def as_text(name: str, type_: str) -> str:
    """SQL that turns a column into text of which equal values have one form."""
    if type_ in ("timestamp", "timestamptz"):
        return f'CAST(epoch_us("{name}") AS VARCHAR)'
    if type_ == "binary":
        return f'hex("{name}")'
    if type_ == "string":
        return f'hex(encode("{name}"))'
    return f'CAST("{name}" AS VARCHAR)'


def columns_at(metadata: dict, snapshot: dict) -> dict:
    for schema in metadata["schemas"]:
        if schema["schema-id"] == snapshot["schema-id"]:
            return {field["name"]: field["type"] for field in schema["fields"]}
    raise AssertionError("a snapshot has no schema")


def ordered(rows) -> list:
    return sorted((tuple(row) for row in rows), key=lambda row: [(v is None, v or "") for v in row])


@pytest.fixture(scope="module")
def engine():
    folder = os.environ.get("SLUICE_DUCKDB_EXTENSIONS", "")
    if not Path(folder).is_dir():
        pytest.fail("SLUICE_DUCKDB_EXTENSIONS names no folder; run the tests by ./x test")
    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    connection.execute(f"SET extension_directory = '{folder}'")
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("LOAD avro")
    connection.execute("LOAD iceberg")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def read_by_pyiceberg(engine, location, snapshot_id, texts):
    table = StaticTable.from_metadata(location)
    read = table.scan(snapshot_id=snapshot_id).to_arrow()
    fields = []
    for field, column in zip(read.schema, read.columns):
        if isinstance(field.type, pa.UuidType):
            text = [None if v is None else str(v) for v in column.to_pylist()]
            column = pa.chunked_array([pa.array(text, pa.string())])
        fields.append((field.name, column))
    seen = pa.table(dict(fields))  # noqa: F841  DuckDB finds it by name
    return ordered(engine.execute(f"SELECT {texts} FROM seen").fetchall())


def read_by_duckdb(engine, location, snapshot_id, texts):
    path = location.removeprefix("file://")
    sql = f"SELECT {texts} FROM iceberg_scan('{path}', snapshot_from_id = {snapshot_id}::UBIGINT)"
    return ordered(engine.execute(sql).fetchall())


def read_by_sluice(project, table, snapshot_id, texts):
    return ordered(project.rows(f"SELECT {texts} FROM {table}", "--at", snapshot_id))


def test_readers_agree_on_every_type_at_every_snapshot(types, engine):
    compared = 0
    for table, status in types.tables().items():
        metadata = types.metadata(table)
        assert metadata["format-version"] == 2
        for snapshot in metadata["snapshots"]:
            columns = columns_at(metadata, snapshot)
            texts = ", ".join(
                f"{as_text(name, type_)} AS c{at}" for at, (name, type_) in enumerate(columns.items())
            )
            found = [
                read_by_sluice(types, table, snapshot["snapshot-id"], texts),
                read_by_pyiceberg(
                    engine, status["metadata_location"], snapshot["snapshot-id"], texts
                ),
                read_by_duckdb(engine, status["metadata_location"], snapshot["snapshot-id"], texts),
            ]
            assert found[0] == found[1], (table, "PyIceberg")
            assert found[0] == found[2], (table, "DuckDB")
            assert len(found[0]) == int(snapshot["summary"]["total-records"])
            compared += 1
    assert compared == 12


def test_values_are_those_of_the_files(types):
    schema = types.metadata("bronze.types")["schemas"][0]["fields"]
    found = {field["name"]: field["type"] for field in schema}
    assert {name: found[name] for name in ICEBERG_TYPES} == ICEBERG_TYPES
    text = "SELECT {} FROM bronze.types WHERE id = {}"

    def value(column, row):
        [[answer]] = types.rows(text.format(column, row))
        return answer

    assert "quarantine.types" not in types.tables()
    assert value("i", 0) == 2**31 - 1 and value("i", 1) == -(2**31)
    assert value("l", 0) == 2**63 - 1 and value("l", 1) == -(2**63)
    assert value("wide", 0) == "9999999999999999999999999999.9999999999"
    assert value("day", 1) == "0001-01-01"
    assert value("epoch_us(ts)", 3) == -1 and value("epoch_us(tz)", 3) == -1
    assert value("epoch_us(tz)", 4) == 1709188200000001
    assert value("isnan(d) AND isnan(f)", 2) is True
    assert value("d", 0) == 1.7976931348623157e308
    assert value("d", 5) == 5e-324
    assert value("s", 1) == "" and value("s", 4) == LONG
    assert value("s", 3) == 'line\nbreak, "quoted"'
    assert value("s", 5) == "NULL "
    assert value("hex(x)", 0) == "FFFF00" and value("octet_length(x)", 1) == 0
    assert value("u", 3) == "6f9619ff-8b86-d011-b42d-00cf4fc964ff"
    assert types.rows("SELECT COLUMNS(* EXCLUDE (id, more, _sluice_file, _sluice_line)) "
                      "FROM bronze.types WHERE id = 7") == [[None] * 14]
    gold = {f["name"]: f["type"] for f in types.metadata("gold.types")["schemas"][-1]["fields"]}
    assert gold["ubig"] == "decimal(20, 0)" and gold["huge"] == "decimal(38, 0)"
    assert gold["uint"] == "long" and gold["short"] == "int" and gold["tiny"] == "int"


def test_overflow_of_a_sum_is_an_error_and_not_a_wrong_value(orders):
    orders.write({"models/gold/by_country.sql": "SELECT sum(big) AS s FROM (SELECT "
                  "CAST('99999999999999999999999999999999999999' AS HUGEINT) + count(*) AS big "
                  "FROM bronze.orders)\n"})
    orders.drop("data/orders/1.csv", "id,country,amount\n1,DE,1\n")
    runs = orders.run(exit=1)
    assert runs["gold.by_country"]["state"] == "failed"
    assert "gold.by_country" not in orders.tables()


COMPARISONS = {
    ice.EqualTo: lambda a, b: a == b,
    ice.NotEqualTo: lambda a, b: a != b,
    ice.LessThan: lambda a, b: a < b,
    ice.LessThanOrEqual: lambda a, b: a <= b,
    ice.GreaterThan: lambda a, b: a > b,
    ice.GreaterThanOrEqual: lambda a, b: a >= b,
}


def literal_of(value):
    if isinstance(value, (int, float, str, decimal.Decimal)):
        return value
    return value.isoformat()


def random_filter(dice, values):
    """A filter of PyIceberg and the same as a function of a row."""
    name = dice.choice(sorted(values))
    present = [v for v in values[name] if v is not None and v == v]
    if dice.random() < 0.1:
        return ice.IsNull(name), lambda row: row[name] is None
    if dice.random() < 0.1:
        return ice.NotNull(name), lambda row: row[name] is not None
    value = dice.choice(present)
    if isinstance(value, str) and dice.random() < 0.3:
        start = value[: dice.randint(1, 3)]
        return (
            ice.StartsWith(name, start),
            lambda row: row[name] is not None and row[name].startswith(start),
        )
    kind = dice.choice(sorted(COMPARISONS, key=lambda k: k.__name__))
    holds = COMPARISONS[kind]

    def matches(row):
        seen = row[name]
        return seen is not None and not is_nan(seen) and holds(seen, value)

    return kind(name, literal_of(value)), matches


def is_nan(value):
    return isinstance(value, float) and math.isnan(value)


def test_pruning_by_a_foreign_reader_drops_no_matching_file(project):
    dice = random.Random(7)
    project.write(
        {
            "sources/rows.yaml": "source: bronze.rows\ntype: files\npath: data/*.csv\n"
            "contract: contracts/rows.odcs.yaml\nsettle: 0s\n"
            "partition_by: [k, 'month(ts)']\n",
            "contracts/rows.odcs.yaml": contract(
                {"k": "varchar", "i": "int", "d": "double", "dec": "decimal(12,3)",
                 "ts": "timestamp", "day": "date", "s": "varchar"}, "1.0.0"
            ).replace("id: types", "id: rows"),
        }
    )
    letters = ["a", "zz", "\u00e9t\u00e9", "\U0001f600x", "long " * 10, "Z"]
    for number in range(4):
        lines = []
        for _ in range(60):
            ts = f"{dice.choice([1969, 1970, 2024])}-{dice.randint(1, 2):02}-{dice.randint(1, 28):02}"
            lines.append(",".join([
                dice.choice(["A", "B", ""]), str(dice.randint(-9, 9) + 20 * number),
                dice.choice(["nan", "inf", "", f"{dice.uniform(-5, 5):.3f}"]),
                f"{dice.uniform(-1e6, 1e6):.3f}", f"{ts}T12:00:00", ts,
                dice.choice(letters) + str(dice.randint(0, 99)),
            ]))
        project.drop(f"data/{number}.csv", "k,i,d,dec,ts,day,s\n" + "\n".join(lines) + "\n")
        runs = project.run()
        assert runs["bronze.rows"]["refused"] == 0
    table = StaticTable.from_metadata(project.tables()["bronze.rows"]["metadata_location"])
    files = {task.file.file_path: parquet.read_table(task.file.file_path.removeprefix("file://"))
             .to_pylist() for task in table.scan().plan_files()}
    assert len(files) > 40
    values = {name: [row[name] for rows in files.values() for row in rows]
              for name in ["k", "i", "d", "dec", "ts", "day", "s"]}
    pruned = 0
    for _ in range(100):
        row_filter, matches = random_filter(dice, values)
        planned = {task.file.file_path for task in table.scan(row_filter=row_filter).plan_files()}
        needed = {path for path, rows in files.items() if any(matches(row) for row in rows)}
        assert needed <= planned, row_filter
        pruned += len(files) - len(planned)
    assert pruned > 0, "bounds and partitions prune nothing at all"
