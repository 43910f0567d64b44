"""`sluice lineage`: what a column follows from, across models, as a user asks."""

import json

import pytest

from program import SETTINGS

CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: orders
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - { name: id, logicalType: integer, required: true }
      - { name: status, logicalType: string }
      - { name: amount, logicalType: integer }
"""
FILES = {
    "sluice.yaml": SETTINGS,
    "sources/orders.yaml": "source: bronze.orders\ntype: files\npath: data/*.csv\ncontract: contracts/orders.odcs.yaml\n",
    "contracts/orders.odcs.yaml": CONTRACT,
    "models/silver/orders.sql": "SELECT id, amount * 2 AS amount FROM bronze.orders WHERE status = 'paid'\n",
    "models/gold/daily.sql": "SELECT id, sum(amount) AS revenue FROM silver.orders GROUP BY ALL\n",
    "models/gold/counted.sql": (
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < (SELECT max(id) FROM silver.orders))\n"
        "SELECT n FROM r\n"
    ),
}


@pytest.fixture
def shop(project):
    return project.write(FILES)


def edges(answer, way):
    return {(e["from"], e["to"]): (e["uses"], e["depth"]) for e in json.loads(answer.out)[way]}


def test_a_column_is_followed_across_models(shop):
    found = edges(shop.call("lineage", "gold.daily.revenue", "--upstream", "--json"), "upstream")
    assert found["silver.orders.amount", "gold.daily.revenue"] == (["aggregated"], 1)
    assert found["silver.orders.id", "gold.daily.revenue"] == (["group"], 1)
    assert found["bronze.orders.amount", "silver.orders.amount"] == (["computed"], 2)
    assert found["bronze.orders.status", "silver.orders.amount"] == (["filter"], 2)


def test_depth_ends_the_way(shop):
    found = edges(shop.call("lineage", "gold.daily.revenue", "--depth", "1", "--json"), "upstream")
    assert {to for _, to in found} == {"gold.daily.revenue"}


def test_downstream_names_models_that_are_not_understood(shop):
    found = edges(shop.call("lineage", "bronze.orders.status", "--downstream", "--json"), "downstream")
    assert found["silver.orders.amount", "gold.counted.n"] == ([], 2)
    assert "WITH RECURSIVE" in shop.call("lineage", "gold.counted").out


def test_names_that_are_not_there_get_the_nearest(shop):
    assert "did you mean 'gold.daily.revenue'?" in shop.call("lineage", "gold.daily.revenu", exit=2).err
    assert "did you mean 'gold.daily'?" in shop.call("lineage", "gold.dailly", exit=2).err
