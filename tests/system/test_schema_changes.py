"""Sources whose columns change: without a contract, and with `schema_changes: evolve`."""

import io
import json

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest

CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: orders
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - { name: id, logicalType: integer, physicalType: int, required: true, primaryKey: true }
      - { name: amount, logicalType: number, physicalType: "decimal(9,2)" }
"""
SOURCE = "source: bronze.orders\ntype: files\npath: data/*.{}\nsettle: 0s\n"
EVOLVE = "contract: contracts/orders.odcs.yaml\nschema_changes: evolve\n"


@pytest.fixture
def evolving(project):
    def make(form="csv", more=EVOLVE):
        return project.write({"contracts/orders.odcs.yaml": CONTRACT} if "contract:" in more else {}).write(
            {"sources/orders.yaml": SOURCE.format(form) + more})
    return make


def columns(project, table="bronze.orders"):
    metadata = project.metadata(table)
    schema = next(s for s in metadata["schemas"] if s["schema-id"] == metadata["current-schema-id"])
    return {f["name"]: f["type"] for f in schema["fields"] if not f["name"].startswith("_sluice_")}


def told(run):
    return " | ".join(run["notes"])


# --- evolve ------------------------------------------------------------------------------------------


def test_an_unknown_column_is_added_in_the_commit_of_its_data(evolving):
    project = evolving()
    project.drop("data/1.csv", "id,amount\n1,1.50\n")
    project.run()
    project.drop("data/2.csv", "id,amount,city\n2,2.50,Rome\n3,3.50,\n")
    run = project.run()["bronze.orders"]
    assert (run["rows"], run["refused"]) == (2, 0)
    assert "new column: city (string)" in told(run)
    assert columns(project) == {"id": "int", "amount": "decimal(9, 2)", "city": "string"}
    assert project.rows("SELECT id, city FROM bronze.orders ORDER BY id") == [[1, None], [2, "Rome"], [3, None]]
    snapshots = project.metadata("bronze.orders")["snapshots"]
    assert len(snapshots) == 2 and snapshots[1]["schema-id"] != snapshots[0]["schema-id"]
    project.drop("data/3.csv", "id,amount\n4,4.50\n")
    again = project.run()["bronze.orders"]
    assert (again["rows"], again["refused"]) == (1, 0) and "column" not in told(again)
    assert columns(project)["city"] == "string"
    project.audit()


def test_a_column_from_data_grows_as_far_as_iceberg_lets_it(evolving):
    project = evolving()
    project.drop("data/1.csv", "id,n,price,day\n1,7,1.50,2026-01-01\n")
    project.run()
    assert columns(project) == {"id": "int", "amount": "decimal(9, 2)", "n": "int", "price": "decimal(18, 2)",
                                "day": "date"}
    project.drop("data/2.csv", "id,n,price,day\n2,3000000000,12345678901234567890.25,2026-01-02\n")
    run = project.run()["bronze.orders"]
    assert (run["rows"], run["refused"]) == (1, 0), run
    assert "column n: int is now long" in told(run)
    assert "column price: decimal(18, 2) is now decimal(38, 2)" in told(run)
    # What no widening reaches is quarantined by name; its neighbours are not.
    project.drop("data/3.csv", "id,n,price,day\n3,x,1,2026-01-03\n4,4,1,2026-01-03T10:00\n5,5,1,2026-01-05\n")
    run = project.run()["bronze.orders"]
    assert (run["rows"], run["refused"]) == (1, 2)
    assert project.rows('SELECT line, "column", rule FROM quarantine.orders ORDER BY line') == [
        [2, "n", "type"], [3, "day", "type"]]
    assert project.rows("SELECT id, n, price::VARCHAR FROM bronze.orders ORDER BY id") == [
        [1, 7, "1.50"], [2, 3000000000, "12345678901234567890.25"], [5, 5, "1.00"]]
    project.audit()


def test_the_contracts_own_columns_stay_as_declared(evolving):
    project = evolving()
    project.drop("data/1.csv", "id,amount\n1,1.50\n3000000000,2\n3,123456789012.50\n")
    run = project.run()["bronze.orders"]
    assert (run["rows"], run["refused"]) == (1, 2)
    assert columns(project) == {"id": "int", "amount": "decimal(9, 2)"}


def test_a_column_without_values_waits_for_its_first(evolving):
    project = evolving("ndjson")
    project.drop("data/1.ndjson", '{"id": 1, "tag": null}\n')
    run = project.run()["bronze.orders"]
    assert (run["rows"], run["refused"]) == (1, 0), run
    assert "not added, without any value yet: tag" in told(run)
    project.drop("data/2.ndjson", '{"id": 2, "tag": 5}\n')
    project.run()
    assert columns(project)["tag"] == "int"
    assert project.rows("SELECT id, tag FROM bronze.orders ORDER BY id") == [[1, None], [2, 5]]


def test_a_column_that_cannot_be_added_keeps_its_records_back(evolving):
    project = evolving()
    project.drop("data/1.csv", "id,amount,ID\n1,1.50,7\n")
    project.drop("data/2.csv", "id,amount,_sluice_x\n2,1.50,7\n")
    project.drop("data/3.csv", "id,amount,city\n3,1.50,Rome\n")
    run = project.run()["bronze.orders"]
    assert (run["rows"], run["refused"]) == (1, 2), run
    assert "column 'ID' cannot be added" in told(run) and "reserved" in told(run)
    assert project.rows('SELECT "column" FROM quarantine.orders WHERE rule = \'unknown_column\' ORDER BY 1') == [
        ["ID"], ["_sluice_x"]]
    assert "city" in columns(project)
    project.audit()


def test_parquet_brings_its_own_types(evolving):
    project = evolving("parquet")
    def drop(name, table):
        out = io.BytesIO()
        parquet.write_table(arrow.table(table), out)
        project.drop(f"data/{name}.parquet", out.getvalue())
    drop("1", {"id": arrow.array([1], arrow.int32()), "f": arrow.array([1.5], arrow.float32())})
    project.run()
    assert columns(project)["f"] == "float"
    drop("2", {"id": arrow.array([2], arrow.int32()), "f": arrow.array([0.1], arrow.float64())})
    assert "float is now double" in told(project.run()["bronze.orders"])
    assert columns(project)["f"] == "double"
    assert project.rows("SELECT id, f FROM bronze.orders ORDER BY id") == [[1, 1.5], [2, 0.1]]


def test_models_take_a_new_column_up_and_replay_knows_it(evolving):
    project = evolving(more=EVOLVE.replace("evolve", "discard_row"))
    project.write({"models/gold/all.sql": "SELECT * EXCLUDE (_sluice_file, _sluice_line) FROM bronze.orders\n"})
    project.drop("data/1.csv", "id,amount,city\n1,1.50,Rome\n")
    project.run()
    assert project.rows("SELECT count(*) FROM bronze.orders") == [[0]]
    project.write({"sources/orders.yaml": SOURCE.format("csv") + EVOLVE})
    project.drop("data/2.csv", "id,amount,city\n2,2.50,Oslo\n")
    project.run()
    project.json("quarantine", "replay")
    project.run()
    assert project.rows("SELECT id, city FROM gold.all ORDER BY id") == [[1, "Rome"], [2, "Oslo"]]
    project.audit()


def test_contract_show_names_the_columns_that_data_brought(evolving):
    project = evolving()
    project.drop("data/1.csv", "id,amount,city\n1,1.50,Rome\n")
    project.run()
    assert project.metadata("bronze.orders")["properties"]["sluice.inferred-columns"] == "city"
    assert "city" in project.call("contract", "diff", "contracts/orders.odcs.yaml").out


# --- no contract -------------------------------------------------------------------------------------


def test_a_source_without_contract_takes_its_columns_from_the_first_batch(evolving):
    project = evolving(more="")
    project.write({"models/gold/sums.sql": "SELECT city, sum(amount) AS total FROM bronze.orders GROUP BY city\n"})
    project.drop("data/1.csv", "id,amount,city,zip\n1,1.50,Rome,00118\n2,2,Rome,00119\n")
    runs = project.run()
    assert (runs["bronze.orders"]["rows"], runs["bronze.orders"]["refused"]) == (2, 0)
    assert "no contract: 4 columns inferred from 2 records" in told(runs["bronze.orders"])
    assert columns(project) == {"id": "int", "amount": "decimal(18, 2)", "city": "string", "zip": "string"}
    assert project.rows("SELECT * FROM gold.sums") == [["Rome", "3.50"]]
    # Later files are held to them.
    project.drop("data/2.csv", "id,amount,city,zip\nx,1,Oslo,1\n4,4,Oslo,2\n")
    project.drop("data/3.csv", "id,amount,city,zip,more\n5,5,Oslo,3,1\n")
    run = project.run()["bronze.orders"]
    assert (run["rows"], run["refused"]) == (1, 2)
    assert project.rows("SELECT rule FROM quarantine.orders ORDER BY 1") == [["type"], ["unknown_column"]]
    assert "city" in project.call("contract", "show", "bronze.orders").out
    project.audit()


def test_a_source_without_contract_can_evolve(evolving):
    project = evolving("ndjson", "schema_changes: evolve\n")
    project.drop("data/1.ndjson", '{"id": 1}\n')
    project.run()
    project.drop("data/2.ndjson", '{"id": 3000000000, "ok": true}\n')
    run = project.run()["bronze.orders"]
    assert (run["rows"], run["refused"]) == (1, 0), run
    assert columns(project) == {"id": "long", "ok": "boolean"}
    assert project.rows("SELECT id, ok FROM bronze.orders ORDER BY id") == [[1, None], [3000000000, True]]
    project.audit()


def test_a_source_without_contract_and_without_files_waits(evolving):
    project = evolving(more="")
    assert project.call("validate").exit == 0
    assert project.run()["bronze.orders"]["state"] == "unchanged"
    project.write({"models/gold/a.sql": "SELECT city FROM bronze.orders\n"})
    assert "city" in project.call("validate", exit=1).err
    project.drop("data/1.csv", "city\nRome\n")
    assert project.run()["gold.a"]["rows"] == 1


def test_a_first_batch_that_cannot_be_read_makes_no_columns(evolving):
    project = evolving(more="")
    project.drop("data/1.csv", "a,a\n1,2\n")
    run = project.run()["bronze.orders"]
    assert (run["rows"], run["refused"]) == (0, 1), run
    project.drop("data/2.csv", "a,b\n1,2\n")
    run = project.run()["bronze.orders"]
    assert (run["rows"], run["refused"]) == (1, 0), run
    assert columns(project) == {"a": "int", "b": "int"}
    project.audit()


def test_freeze_without_contract_refuses_other_columns(evolving):
    project = evolving(more="schema_changes: freeze\n")
    project.drop("data/1.csv", "a\n1\n")
    project.run()
    project.drop("data/2.csv", "a,b\n1,2\n")
    assert "schema_changes is freeze" in project.run(exit=1)["bronze.orders"]["error"]


@pytest.mark.parametrize("count", [250])
def test_many_new_columns_come_at_once(evolving, count):
    project = evolving("ndjson")
    project.drop("data/1.ndjson", json.dumps({"id": 1, **{f"c{i}": i for i in range(count)}}) + "\n")
    run = project.run()["bronze.orders"]
    assert (run["rows"], run["refused"]) == (1, 0)
    assert len(columns(project)) == count + 2


# --- discard_value -----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_discard_value_leaves_out_what_does_not_fit_and_counts_it(evolving, form):
    project = evolving(form, EVOLVE.replace("evolve", "discard_value"))
    rows = [{"id": 1, "amount": "x", "city": "Rome"}, {"id": 2, "amount": 2.5}, {"id": "y", "amount": 1},
            {"id": 4, "amount": "1.005"}]
    if form == "csv":
        data = "id,amount,city\n" + "".join(f"{r['id']},{r['amount']},{r.get('city', '')}\n" for r in rows)
    else:
        data = "".join(json.dumps(row) + "\n" for row in rows)
    project.drop(f"data/1.{form}", data)
    run = project.run()["bronze.orders"]
    assert (run["rows"], run["refused"]) == (3, 1), run
    assert "values left out: 2 of amount" in told(run) and "columns left out: city" in told(run)
    assert project.rows("SELECT id, amount::VARCHAR FROM bronze.orders ORDER BY id") == [
        [1, None], [2, "2.50"], [4, None]]
    assert project.rows('SELECT "column", rule FROM quarantine.orders') == [["id", "type"]]
    assert columns(project) == {"id": "int", "amount": "decimal(9, 2)"}
    project.drop(f"data/2.{form}", "id,amount\n5,5\n" if form == "csv" else '{"id": 5, "amount": 5}\n')
    again = project.run()["bronze.orders"]
    assert (again["rows"], again["refused"]) == (1, 0) and "left out" not in told(again)
    assert project.audit()["records_compared"] >= 5


# --- nested ------------------------------------------------------------------------------------------


def test_nested_columns_are_added_and_grow(evolving):
    project = evolving("ndjson")
    project.drop("data/1.ndjson", '{"id": 1, "who": {"name": "Ada"}, "tags": ["a"]}\n')
    run = project.run()["bronze.orders"]
    assert (run["rows"], run["refused"]) == (1, 0), run
    assert project.rows("SELECT who.name, tags FROM bronze.orders") == [["Ada", ["a"]]]
    project.drop("data/2.ndjson", '{"id": 2, "who": {"name": "Bob", "age": 7}, "tags": []}\n')
    run = project.run()["bronze.orders"]
    assert (run["rows"], run["refused"]) == (1, 0), run
    assert project.rows("SELECT id, who.age FROM bronze.orders ORDER BY id") == [[1, None], [2, 7]]
    project.audit()
