"""Column lineage: what the program says follows from what, held against DuckDB's own plans and data.

The models are the 22 queries of TPC-H and the 99 of TPC-DS, as DuckDB's extensions have them.
"""

import collections
import contextlib
import json
import os
import random

import duckdb
import pytest

from program import SETTINGS, Project

SCALE = 0.01  # the smallest that dsdgen ends with


def connect():
    folder = os.environ.get("SLUICE_DUCKDB_EXTENSIONS", "")
    if not folder:
        pytest.fail("SLUICE_DUCKDB_EXTENSIONS names no folder; run the tests by ./x test")
    connection = duckdb.connect(config={"allow_unsigned_extensions": "true", "threads": 1})
    connection.execute(f"SET extension_directory = '{folder}'")
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("LOAD tpch; LOAD tpcds; CREATE SCHEMA bronze")
    for family, call in (("h", "dbgen"), ("ds", "dsdgen")):
        connection.execute(f"CREATE SCHEMA {family}; CALL {call}(sf={SCALE}, schema='{family}')")
        for (table,) in connection.execute(
            f"SELECT table_name FROM duckdb_tables() WHERE schema_name = '{family}'"
        ).fetchall():
            connection.execute(f"CREATE TABLE bronze.{family}_{table} AS FROM {family}.{table}")
        connection.execute(f"DROP SCHEMA {family} CASCADE")
    return connection


def over_bronze(connection, sql, family, tables):
    """The query over `bronze.<family>_<table>` for each base table, done on DuckDB's own tree."""
    tree = json.loads(connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()[0])

    def visit(node):
        if isinstance(node, dict):
            if node.get("type") == "BASE_TABLE" and f"{family}_{node['table_name'].lower()}" in tables:
                node["alias"] = node["alias"] or node["table_name"]
                node["schema_name"] = "bronze"
                node["table_name"] = f"{family}_{node['table_name'].lower()}"
            for child in node.values():
                visit(child)
        elif isinstance(node, list):
            for child in node:
                visit(child)

    visit(tree)
    return connection.execute("SELECT json_deserialize_sql(?::JSON)", [json.dumps(tree)]).fetchone()[0]


def with_single_names(connection, sql):
    """A table has one column of a name; a subquery's are made so."""
    names = [row[0].lower() for row in connection.execute(f"DESCRIBE {sql}").fetchall()]
    return sql if len(set(names)) == len(names) else f"SELECT * FROM ({sql}) AS renamed"


def write_source(files, table, columns):
    files[f"sources/{table}.yaml"] = (
        f"source: bronze.{table}\ntype: files\npath: data/{table}/*.csv\ncontract: contracts/{table}.odcs.yaml\n"
    )
    lines = [
        f"apiVersion: v3.2.0\nkind: DataContract\nid: {table}\nversion: 1.0.0\nstatus: active\n"
        f"schema:\n  - name: {table}\n    properties:\n"
    ]
    for name, kind in columns:
        logical = {"VARCHAR": "string", "DATE": "date", "TIME": "time"}.get(kind)
        logical = logical or ("number" if kind.startswith("DECIMAL") or kind == "DOUBLE" else "integer")
        lines.append(f"      - name: {name}\n        logicalType: {logical}\n")
        if logical in ("number", "integer"):
            lines.append(f"        physicalType: {kind.lower()}\n")
    files[f"contracts/{table}.odcs.yaml"] = "".join(lines)


class Benchmarks:
    """All queries as models of one project, and what `sluice lineage` says of them."""

    def __init__(self, folder):
        self.connection = connect()
        self.columns = collections.defaultdict(list)
        for table, column, kind in self.connection.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = 'bronze' "
            "ORDER BY table_name, column_index"
        ).fetchall():
            self.columns[table].append((column, kind))
        self.models = {}
        for family, call in (("h", "tpch_queries()"), ("ds", "tpcds_queries()")):
            for number, sql in self.connection.execute(f"SELECT query_nr, query FROM {call}").fetchall():
                text = over_bronze(self.connection, sql.strip().rstrip(";"), family, self.columns)
                self.models[f"silver.{family}{number:02}"] = with_single_names(self.connection, text)
        files = {"sluice.yaml": SETTINGS}
        for table, columns in self.columns.items():
            write_source(files, table, columns)
        for model, sql in self.models.items():
            files[f"models/{model.replace('.', '/')}.sql"] = sql + "\n"
        self.project = Project(folder).write(files)
        self.lineage = json.loads(self.project.call("lineage", "--json").out)
        self.printed = {model["table"]: model["sql"] for model in self.lineage["models"]}
        self.uses = collections.defaultdict(dict)  # model -> (output, table, column) -> uses
        for edge in self.lineage["edges"]:
            model, output = edge["to"][: edge["to"].index(".", 7)], edge["to"][edge["to"].index(".", 7) + 1 :]
            _, table, column = edge["from"].split(".", 2)
            self.uses[model][output, table, column] = edge["uses"]

    def used(self, model):
        """The base columns that any output follows from."""
        return {(table, column) for _, table, column in self.uses[model]}


@pytest.fixture(scope="module")
def benchmarks(tmp_path_factory):
    return Benchmarks(tmp_path_factory.mktemp("benchmarks"))


def without_places(node):
    if isinstance(node, dict):
        return {key: without_places(value) for key, value in node.items() if key != "query_location"}
    return [without_places(item) for item in node] if isinstance(node, list) else node


def tree_of(connection, sql):
    return without_places(json.loads(connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()[0]))


def test_every_query_of_tpc_h_and_tpc_ds_binds(benchmarks):
    opaque = {m["table"]: m["opaque_reason"] for m in benchmarks.lineage["models"] if m["opaque_reason"]}
    print(f"{len(benchmarks.models) - len(opaque)} of {len(benchmarks.models)} queries bind")
    assert len(benchmarks.models) == 121
    assert opaque == {}


def test_printed_queries_parse_to_the_same_tree(benchmarks):
    connection = benchmarks.connection
    for model, sql in benchmarks.models.items():
        assert tree_of(connection, benchmarks.printed[model]) == tree_of(connection, sql), model


def rows(connection, sql):
    return sorted(map(repr, connection.execute(sql).fetchall()))


def test_printed_queries_give_the_same_rows(benchmarks):
    with_rows = 0
    for model, sql in benchmarks.models.items():
        expected = rows(benchmarks.connection, sql)
        assert rows(benchmarks.connection, benchmarks.printed[model]) == expected, model
        with_rows += bool(expected)
    assert with_rows >= 50


def scanned(node, columns):
    """The columns that a plan's scans read, from DuckDB's own account of it."""
    info = node.get("extra_info", {})
    if node.get("name", "").strip() == "SEQ_SCAN":
        table = info["Table"].split(".")[-1]
        wanted = info.get("Projections", [])
        columns |= {(table, column) for column in ([wanted] if isinstance(wanted, str) else wanted)}
        filters = info.get("Filters", [])
        for text in [filters] if isinstance(filters, str) else filters:
            columns |= {(table, "filter " + text)}
    for child in node.get("children", []):
        scanned(child, columns)


def test_lineage_has_every_column_that_the_plan_reads(benchmarks):
    """With all of the optimizer off but the removal of unused columns, a scan reads what is used."""
    connection = benchmarks.connection
    optimizers = [row[0] for row in connection.execute("SELECT name FROM duckdb_optimizers()").fetchall()]
    off = ",".join(name for name in optimizers if name != "unused_columns")
    connection.execute(f"SET disabled_optimizers = '{off}'")
    known = {(table, column) for table, columns in benchmarks.columns.items() for column, _ in columns}
    only_ours = {}
    try:
        for model, sql in benchmarks.models.items():
            plan = json.loads(connection.execute(f"EXPLAIN (FORMAT json) {sql}").fetchone()[1])
            columns = set()
            for root in plan:
                scanned(root, columns)
            columns &= known
            assert columns <= benchmarks.used(model), (model, columns - benchmarks.used(model))
            if extra := benchmarks.used(model) - columns:
                only_ours[model] = extra
    finally:
        connection.execute("RESET disabled_optimizers")
    print(f"{len(benchmarks.models) - len(only_ours)} of {len(benchmarks.models)} agree exactly: {only_ours}")
    assert only_ours == {}


def other_value(kind):
    if kind == "VARCHAR":
        return "'~' || hash(rowid)"
    if kind == "DATE":
        return "DATE '1901-01-01' + (hash(rowid) % 99)::INTEGER"
    if kind == "TIME":
        return "TIME '01:02:03'"
    return "(hash(rowid) % 7)::INTEGER - 9"


def output_of(connection, sql, column):
    quoted = column.replace('"', '""')
    return sorted(repr(row[0]) for row in connection.execute(f'SELECT "{quoted}" FROM ({sql}) AS q').fetchall())


@contextlib.contextmanager
def perturbed(benchmarks, columns_of):
    """Within, the columns hold something else in every row; `columns_of` lists them by table."""
    benchmarks.connection.execute("BEGIN")
    try:
        for table, columns in columns_of.items():
            kinds = dict(benchmarks.columns[table])
            changes = ", ".join(f'"{column}" = {other_value(kinds[column])}' for column in columns)
            benchmarks.connection.execute(f"UPDATE bronze.{table} SET {changes}")
        yield
    finally:
        benchmarks.connection.execute("ROLLBACK")


@pytest.fixture
def steady(benchmarks):
    """Statistics of other columns choose no other plan, and so no other rows among ties."""
    benchmarks.connection.execute("SET disabled_optimizers = 'statistics_propagation'")
    yield benchmarks
    benchmarks.connection.execute("RESET disabled_optimizers")


def test_columns_that_lineage_leaves_out_change_no_output(steady):
    changed = 0
    for model, sql in random.Random(3).sample(sorted(steady.models.items()), 30):
        unused = {}
        for table in sorted({table for table, _ in steady.used(model)}):
            left_out = [c for c, _ in steady.columns[table] if (table, c) not in steady.used(model)]
            if left_out:
                unused[table] = left_out
        before = rows(steady.connection, sql)
        if before:
            with perturbed(steady, unused):
                assert rows(steady.connection, sql) == before, model
            changed += sum(map(len, unused.values()))
    assert changed > 100


def test_a_column_of_one_output_changes_no_other(steady):
    draw = random.Random(7)
    compared = 0
    for model, sql in steady.models.items():
        uses = steady.uses[model]
        outputs = sorted({output for output, _, _ in uses})
        pairs = [
            (output, table, column)
            for table, column in sorted(steady.used(model))
            for output in outputs
            if (output, table, column) not in uses
        ]
        for output, table, column in draw.sample(pairs, min(1, len(pairs))):
            before = output_of(steady.connection, sql, output)
            with perturbed(steady, {table: [column]}):
                assert output_of(steady.connection, sql, output) == before, (model, output, table, column)
            compared += bool(before)
    assert compared > 20


def test_what_spark_and_flink_lack_is_named(benchmarks):
    """The standard's queries need little that is DuckDB's own, and nothing that the catalogue does not know."""
    found = json.loads(benchmarks.project.call("validate", "--portable", "--json", exit=1).out)
    assert found["models"] == len(benchmarks.models)
    stuck = collections.defaultdict(set)
    for one in found["constructs"]:
        if not (one["spark"] and one["flink"]):
            assert "does not know it" not in one["instead"], one
            stuck[one["construct"]].add(one["model"])
        text = (benchmarks.project.root / one["file"]).read_text().splitlines()
        assert 1 <= one["line"] <= len(text) and one["column"] <= len(text[one["line"] - 1]) + 1, one
    assert found["portable"] == found["models"] - len(set().union(*stuck.values()))
    assert found["portable"] >= 100, dict(stuck)
