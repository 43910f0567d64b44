"""`sluice export` and `sluice snippet`: the rows of a table in other hands."""

import csv
import gzip
import json
import os

import duckdb
import pyarrow.parquet
import pytest

from program import Project, call

ODD = ("SELECT CAST('123456789012345678901234567890.12' AS DECIMAL(38,2)) AS d, 'nan'::DOUBLE AS n, 'a\"b,c' AS s, "
       "NULL AS x, '' AS e, 18446744073709551615::UBIGINT AS u, sum(1) OVER () AS h, [1, NULL] AS l")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    assert call("init", "shop", cwd=folder).exit == 0
    project = Project(folder / "shop")
    project.run()
    return project


def rows(shop, sql="SELECT * FROM bronze.orders ORDER BY order_id"):
    return json.loads(shop.call("query", "--json", sql).out)


def test_parquet_has_the_rows_and_their_types(shop):
    done = json.loads(shop.call("export", "bronze.orders", "--to", "orders.parquet", "--json").out)
    table = pyarrow.parquet.read_table(shop.root / "orders.parquet")
    assert done["rows"] == table.num_rows == 10
    assert str(table.schema.field("amount").type) == "decimal128(9, 2)"
    assert done["bytes"] == os.path.getsize(shop.root / "orders.parquet")
    shop.call("export", ODD, "--to", "odd.parquet", "--compression", "snappy")
    odd = pyarrow.parquet.read_table(shop.root / "odd.parquet")
    assert str(odd.column("h").type) == "decimal128(38, 0)" and str(odd.column("u")[0]) == "18446744073709551615"


@pytest.mark.parametrize("name, opened", [("o.csv", open), ("o.csv.gz", gzip.open)])
def test_csv_can_be_read_by_others(shop, name, opened):
    shop.call("export", "SELECT * FROM bronze.orders ORDER BY order_id", "--to", name)
    with opened(shop.root / name, "rt", newline="") as file:
        read = list(csv.DictReader(file))
    assert [row["order_id"] for row in read] == [str(row["order_id"]) for row in rows(shop)]
    assert [row["amount"] for row in read] == [str(row["amount"]) for row in rows(shop)]


def test_odd_values_survive_as_text(shop):
    shop.call("export", ODD, "--to", "odd.csv")
    with open(shop.root / "odd.csv", newline="") as file:
        row = next(csv.DictReader(file))
    assert row["d"] == "123456789012345678901234567890.12" and row["s"] == 'a"b,c' and row["l"] == "[1,null]"
    shop.call("export", ODD, "--to", "odd.ndjson.zst")
    line = duckdb.sql(f"SELECT content FROM read_text('{shop.root}/odd.csv')").fetchone()
    assert line is not None
    shop.call("export", ODD, "--to", "odd.ndjson")
    text = (shop.root / "odd.ndjson").read_text()
    value = json.loads(text, parse_constant=lambda name: pytest.fail(name + " is no JSON"))
    assert '"d":123456789012345678901234567890.12' in text and value["n"] == "nan" and value["l"] == [1, None]


def test_a_file_that_is_there_is_kept_unless_told(shop):
    (shop.root / "kept.csv").write_text("mine")
    answer = call("export", "bronze.orders", "--to", "kept.csv", cwd=shop.root)
    assert answer.exit == 2 and "--overwrite" in answer.err
    assert (shop.root / "kept.csv").read_text() == "mine"
    shop.call("export", "bronze.orders", "--to", "kept.csv", "--overwrite")
    assert (shop.root / "kept.csv").read_text().startswith("order_id,")


WRONG = [
    (["bronze.orders", "--to", "a.xlsx"], ["a.xlsx", ".parquet, .csv or .ndjson"]),
    (["bronze.order", "--to", "a.csv"], ["did you mean bronze.orders?"]),
    (["bronze.orders", "--to", "nowhere/a.csv"], ["there is no folder", "nowhere"]),
    (["SELECT nothing FROM bronze.orders", "--to", "a.csv"], ["nothing"]),
    (["SELECT 1 AS a, 2 AS A", "--to", "a.csv"], ["two columns are named"]),
    (["bronze.orders", "--to", "a.parquet", "--compression", "lzma"], ["lzma", "zstd"]),
    (["bronze.orders", "--to", "a.csv", "--at", "1999-01-01"], ["bronze.orders"]),
]


@pytest.mark.parametrize("arguments, words", WRONG)
def test_what_cannot_be_exported_leaves_no_file(shop, arguments, words):
    before = sorted(path.name for path in shop.root.iterdir())
    answer = call("export", *arguments, cwd=shop.root)
    assert answer.exit == 2
    for word in words:
        assert word in answer.err, answer
    assert sorted(path.name for path in shop.root.iterdir()) == before


def test_snippets_read_what_a_query_reads(shop):
    wanted = sorted(str(row["revenue"]) for row in rows(shop, "SELECT revenue FROM gold.daily_revenue"))
    code = shop.call("snippet", "gold.daily_revenue", "--for", "pyiceberg").out
    scope = {}
    exec(code, scope)
    assert sorted(str(value) for value in scope["rows"].column("revenue").to_pylist()) == wanted
    sql = shop.call("snippet", "gold.daily_revenue", "--for", "duckdb").out
    connection = duckdb.connect()
    connection.execute(f"SET extension_directory = '{os.environ['SLUICE_DUCKDB_EXTENSIONS']}'")
    read = connection.execute(sql.replace("INSTALL iceberg;", "")).fetchall()
    assert len(read) == len(wanted)
    assert "spark.read.format(\"iceberg\")" in shop.call("snippet", "gold.daily_revenue", "--for", "spark").out
    answer = call("snippet", "gold.daily", "--for", "duckdb", cwd=shop.root)
    assert answer.exit == 2 and "gold.daily_revenue" in answer.err
