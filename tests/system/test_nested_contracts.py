"""Structs, lists and maps in contracts: of Parquet sources and of models; written dates; contradictions."""

import datetime
import decimal

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest
from pyiceberg.table import StaticTable

SETTINGS = """\
project: shop
targets:
  dev: { warehouse: ./warehouse, metastore: sqlite }
resources: { threads: 2, memory: 1GiB }
"""

HEAD = """\
apiVersion: v3.2.0
kind: DataContract
id: baskets
version: 1.0.0
status: active
schema:
  - name: baskets
    properties:
      - { name: id, logicalType: integer }
"""

BASKETS = HEAD + """\
      - name: customer
        logicalType: object
        description: Who paid.
        properties:
          - { name: name, logicalType: string, required: true, classification: personal }
          - { name: born, logicalType: date }
          - { name: key, logicalType: string, physicalType: bytea }
      - name: items
        logicalType: array
        logicalTypeOptions: { minItems: 1 }
        items:
          logicalType: object
          properties:
            - { name: sku, logicalType: string, required: true }
            - { name: price, logicalType: number, physicalType: "decimal(9,2)", logicalTypeOptions: { minimum: 0 } }
      - name: labels
        logicalType: map
        map:
          key: { logicalType: string }
          value: { logicalType: timestamp, logicalTypeOptions: { timezone: true } }
"""

CUSTOMER = arrow.struct([("name", arrow.string()), ("born", arrow.date32()), ("key", arrow.binary())])
ITEMS = arrow.list_(arrow.struct([("price", arrow.decimal128(20, 3)), ("sku", arrow.string())]))
LABELS = arrow.map_(arrow.string(), arrow.timestamp("us", tz="UTC"))
MOMENT = datetime.datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=datetime.timezone.utc)


def baskets(path, rows, customer=CUSTOMER, items=ITEMS):
    schema = arrow.schema([("id", arrow.int32()), ("customer", customer), ("items", items), ("labels", LABELS)])
    parquet.write_table(arrow.Table.from_pylist(rows, schema), path)


@pytest.fixture
def shop(project):
    project.write({
        "sluice.yaml": SETTINGS,
        "contracts/baskets.odcs.yaml": BASKETS,
        "sources/baskets.yaml": "source: bronze.baskets\ntype: files\npath: data/*.parquet\nsettle: 0s\n"
                                "contract: contracts/baskets.odcs.yaml\n",
    })
    (project.root / "data").mkdir(exist_ok=True)
    return project


def test_parquet_keeps_nested_values_and_refuses_rows_by_place(shop):
    good = {"id": 1, "customer": {"name": "Ada", "born": datetime.date(1815, 12, 10), "key": b"\x00\xff"},
            "items": [{"sku": "a", "price": decimal.Decimal("9.500")}, {"sku": "b", "price": None}],
            "labels": [("seen", MOMENT), ("never", None)]}
    baskets(shop.root / "data/1.parquet", [
        good,
        {"id": 2, "customer": None, "items": [{"sku": "a", "price": None}], "labels": None},
        {"id": 3, "customer": {"name": None}, "items": [{"sku": "a"}], "labels": []},
        {"id": 4, "customer": None, "items": [], "labels": []},
        {"id": 5, "customer": None, "items": [{"sku": "a"}, {"sku": None}], "labels": []},
        {"id": 6, "customer": None, "items": [{"sku": "a", "price": decimal.Decimal("0.001")}], "labels": []},
        {"id": 7, "customer": None, "items": [{"sku": "a", "price": decimal.Decimal("-1")}], "labels": []},
    ])
    run = shop.run()["bronze.baskets"]
    assert (run["rows"], run["refused"]) == (2, 5), run
    refused = shop.rows('SELECT line, rule, "column", reason FROM quarantine.baskets ORDER BY line')
    assert refused == [
        [3, "required", "customer.name", "customer.name: no value"],
        [4, "length", "items", "items: it is not at least 1 items"],
        [5, "required", "items[].sku", "items[2].sku: no value"],
        [6, "type", "items[].price", "items[1].price: '0.001' is not a decimal(9, 2)"],
        [7, "range", "items[].price", "items[1].price: '-1.000' is not at least 0.00"],
    ]
    table = StaticTable.from_metadata(shop.tables()["bronze.baskets"]["metadata_location"])
    first = sorted(table.scan().to_arrow().to_pylist(), key=lambda row: row["id"])[0]
    assert first["customer"] == good["customer"]
    assert [item["price"] for item in first["items"]] == [decimal.Decimal("9.50"), None]
    assert dict(first["labels"]) == {"seen": MOMENT, "never": None}
    shop.audit()


def test_readers_see_what_a_contract_says_of_columns_and_their_parts(shop):
    def table():
        return StaticTable.from_metadata(shop.tables()["bronze.baskets"]["metadata_location"])

    row = {"id": 1, "customer": {"name": "Ada"}, "items": [{"sku": "a"}]}
    baskets(shop.root / "data/1.parquet", [row])
    shop.run()
    assert table().properties["sluice.classification.customer.name"] == "personal"
    field = table().schema().find_field("customer.name")
    assert table().properties[f"sluice.column.{field.field_id}.classification"] == "personal"
    assert table().schema().find_field("customer").doc == "Who paid."
    shown = shop.call("contract", "show", "bronze.baskets").out
    assert any(line.split() == ["customer.name", "personal"] for line in shown.splitlines()), shown

    contract = BASKETS.replace(", classification: personal", ", description: As spoken.")
    shop.write({"contracts/baskets.odcs.yaml": contract})
    baskets(shop.root / "data/2.parquet", [{**row, "id": 2}])
    shop.run()
    assert table().properties["sluice.classification.customer.name"] == ""
    assert table().schema().find_field("customer.name").doc == "As spoken."


def test_parquet_of_another_form_is_refused_as_a_whole(shop):
    flat = arrow.struct([("name", arrow.string()), ("shoe", arrow.int32())])
    baskets(shop.root / "data/1.parquet", [{"id": 1, "customer": {"name": "Ada", "shoe": 3}, "items": [{"sku": "a"}]}],
            customer=flat)
    baskets(shop.root / "data/2.parquet", [{"id": 1, "customer": None, "items": ["a"]}],
            items=arrow.list_(arrow.string()))
    shop.run()
    assert shop.rows('SELECT rule, "column", reason FROM quarantine.baskets ORDER BY rule') == [
        ["type", "items[]", "items[]: values of type string are not struct<sku: string, price: decimal(9, 2)>"],
        ["unknown_column", "customer.shoe", "the contract does not know 'customer.shoe'"],
    ]


MODEL = """\
SELECT 1::BIGINT AS id, {{'name': {name}, 'born': NULL::DATE, 'key': NULL::BLOB}} AS customer,
  [{{'sku': {sku}, 'price': 1.00::DECIMAL(9,2)}}] AS items, MAP {{'k': {value}::TIMESTAMPTZ}} AS labels
"""


def test_a_model_is_held_to_rules_inside_of_its_columns(project):
    def model(name="'Ada'", sku="'a'", value="NULL"):
        return {"models/gold/baskets.sql": MODEL.format(name=name, sku=sku, value=value)}

    project.write({"sluice.yaml": SETTINGS, **model(),
                   "contracts/gold.baskets.odcs.yaml": BASKETS.replace("- name: baskets", "- name: gold.baskets")})
    assert project.run()["gold.baskets"]["state"] == "published"
    project.write(model(name="NULL::VARCHAR"))
    run = project.run(exit=1)["gold.baskets"]
    assert run["state"] == "rejected" and "required(customer.name)" in run["error"], run
    project.write(model(sku="NULL::VARCHAR"))
    assert "required(items[].sku)" in project.run(exit=1)["gold.baskets"]["error"]
    project.write({"models/gold/baskets.sql": "SELECT 1::BIGINT AS id, {'name': 'x'} AS customer"})
    answer = project.call("validate", exit=1)
    assert "column 'customer' is struct<name: string>, but contract" in answer.err


def test_a_model_is_judged_again_when_its_contract_alone_changes(project):
    contract = HEAD.replace("- name: baskets", "- name: gold.baskets")
    project.write({"sluice.yaml": SETTINGS, "models/gold/baskets.sql": "SELECT 7 AS id\n",
                   "contracts/gold.baskets.odcs.yaml": contract.replace("integer", "integer, physicalType: int")})
    assert project.run()["gold.baskets"]["reason"] == "the table was never built"
    assert project.run()["gold.baskets"]["state"] == "unchanged"

    # Layout and comments say nothing.
    text = "# Of the shop.\n" + contract.replace("integer", "integer, physicalType: int")
    project.write({"contracts/gold.baskets.odcs.yaml": text})
    assert project.json("plan")["runs"] == []

    rule = "integer, physicalType: int, logicalTypeOptions: { maximum: %d }"
    project.write({"contracts/gold.baskets.odcs.yaml": contract.replace("integer", rule % 5)})
    planned = project.json("plan")["runs"]
    assert [(run["table"], run["reason"]) for run in planned] == [("gold.baskets", "its contract changed")]
    run = project.run(exit=1)["gold.baskets"]
    assert (run["state"], run["reason"]) == ("rejected", "its contract changed")
    project.write({"contracts/gold.baskets.odcs.yaml": contract.replace("integer", rule % 9)})
    assert project.run()["gold.baskets"]["state"] == "published"
    assert project.run()["gold.baskets"]["state"] == "unchanged"
    (project.root / "contracts/gold.baskets.odcs.yaml").unlink()
    assert project.run()["gold.baskets"]["reason"] == "it has no contract any more"


def test_contradictions_are_named_with_both_places(project):
    project.write({"sluice.yaml": SETTINGS, "contracts/c.odcs.yaml": HEAD + """\
      - name: size
        logicalType: array
        logicalTypeOptions: { minItems: 3, maxItems: 2 }
        items: { logicalType: string }
      - { name: Size, logicalType: string }
      - { name: code, logicalType: string, enum: [{ value: a1 }], logicalTypeOptions: { pattern: "^b" } }
"""})
    said = project.call("validate", exit=1).err
    for words in (
        "c.odcs.yaml:14:9: column 'Size' is declared twice: here and at contracts/c.odcs.yaml:10:9",
        "no value of column 'size' has at least 3 items (contracts/c.odcs.yaml:12:41) and at most 2 (contracts/c.odcs.yaml:12:54)",
        "column 'code' may be 'a1' (contracts/c.odcs.yaml:15:",
    ):
        assert words in said, said


def test_lineage_shows_how_confidential_a_column_is(shop):
    contract = BASKETS.replace("description: Who paid.", "classification: personal")
    shop.write({"contracts/baskets.odcs.yaml": contract,
                "models/gold/names.sql": "SELECT id, b.customer.name AS name FROM bronze.baskets AS b\n"})
    assert "bronze.baskets.customer [personal]" in shop.call("lineage", "gold.names.name").out
    assert shop.json("lineage", "bronze.baskets.customer")["classification"] == "personal"
