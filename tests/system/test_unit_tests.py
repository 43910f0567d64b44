"""`sluice test`: rows in, rows expected, for models, sources and contracts."""

import json
import xml.etree.ElementTree as ElementTree

import pytest

from program import Project, call


@pytest.fixture
def shop(tmp_path):
    assert call("init", "shop", cwd=tmp_path).exit == 0
    return Project(tmp_path / "shop")


def write_tests(shop, text):
    shop.write({"tests/orders.yaml": text})


MODEL = """\
tests:
  - name: revenue
    model: gold.daily_revenue
    given:
      silver.paid_orders:
        - {order_id: 1, day: 2024-03-01, customer_id: 7, country: DE, amount: 10.00}
        - {order_id: 2, day: 2024-03-01, customer_id: 7, country: DE, amount: 2.50}
    expect:
      - {day: 2024-03-01, country: DE, revenue: %s}
"""


def test_the_tests_of_the_template_pass_before_anything_ran(shop):
    answer = json.loads(shop.call("test", "--json", "--coverage").out)
    assert answer["ok"] and answer["passed"] == 4 and answer["failed"] == 0
    assert {test["kind"] for test in answer["tests"]} == {"model", "source", "contract"}
    assert not (shop.root / "warehouse").exists()
    assert [p.name for p in (shop.root / ".sluice").rglob("*") if p.name.endswith(".parquet")] == []


def test_a_wrong_expectation_shows_both_rows_and_fails(shop):
    write_tests(shop, MODEL % "12.51")
    answer = shop.call("test", exit=1)
    lines = answer.out.splitlines()
    assert any(line.split() == ["-", "2024-03-01", "DE", "12.51"] for line in lines)
    assert any(line.split() == ["+", "2024-03-01", "DE", "12.50"] for line in lines)
    assert "0 passed, 1 failed, 0 with errors" in answer.out


def test_a_test_sees_only_what_it_gives(shop):
    shop.run()
    write_tests(shop, MODEL % "12.50" + "  - name: nothing in, nothing out\n    model: gold.daily_revenue\n"
                                        "    given: {}\n    expect: []\n")
    assert "2 passed" in shop.call("test").out


def test_junit_has_every_test_and_its_failure(shop):
    write_tests(shop, MODEL % "1.00")
    shop.call("test", "--junit", "report.xml", exit=1)
    suites = ElementTree.parse(shop.root / "report.xml").getroot()
    assert suites.get("tests") == "1" and suites.get("failures") == "1"
    case = suites.find("testsuite/testcase")
    assert case.get("classname") == "gold.daily_revenue" and case.get("line") == "2"
    assert "1 row expected, 1 came" in case.find("failure").get("message")


def test_selection_runs_only_the_tests_of_what_is_selected(shop):
    names = lambda *select: [t["subject"] for t in json.loads(shop.call("test", "--json", "-s", *select).out)["tests"]]
    assert names("silver.paid_orders") == ["silver.paid_orders"]
    assert sorted(set(names("+silver.paid_orders"))) == ["bronze.orders", "silver.paid_orders"]


def test_coverage_names_what_no_test_looks_at(shop):
    write_tests(shop, MODEL % "12.50")
    tables = {t["table"]: t for t in json.loads(shop.call("test", "--json", "--coverage").out)["coverage"]}
    revenue = tables["gold.daily_revenue"]
    assert revenue["columns"] == 5 and revenue["columns_left"] == ["orders", "customers"]
    assert tables["bronze.orders"]["tests"] == 0
    assert "domain(status)" in tables["bronze.orders"]["rules_left"]


WRONG = [
    ("tests:\n  - {name: a, modell: gold.x, given: {}, expect: []}\n", ["tests/orders.yaml:2:15", "did you mean 'model'?"]),
    ("tests:\n  - {name: a, model: gold.daily_revenu, given: {}, expect: []}\n",
     ["tests/orders.yaml:2:", "did you mean 'gold.daily_revenue'?"]),
    ("tests:\n  - {name: a, given: {}, expect: []}\n", ["one of model, source and contract"]),
    ("tests:\n  - {name: a, model: gold.daily_revenue, given: {}}\n", ["expect"]),
    ("tests:\n  - &a {name: a, model: gold.daily_revenue, given: {}, expect: []}\n  - *a\n", ["is called 'a'"]),
    ("tests: 7\n", ["tests/orders.yaml:1:8", "list"]),
]


@pytest.mark.parametrize("text, words", WRONG)
def test_a_wrong_file_of_tests_is_told_with_its_place(shop, text, words):
    write_tests(shop, text)
    for command in ["test", "validate"]:
        answer = call(command, cwd=shop.root)
        assert answer.exit != 0
        for word in words:
            assert word in answer.text, answer


IN_ERROR = [
    ("silver.paid_orders: [{order_di: 1}]", ["there is no column 'order_di' here", "did you mean 'order_id'?"]),
    ("silver.paid_orders: [{order_id: one}]", ["'one' is no long"]),
    ("bronze.orders: []", ["gold.daily_revenue does not read 'bronze.orders'"]),
]


@pytest.mark.parametrize("given, words", IN_ERROR)
def test_a_test_that_cannot_be_run_is_an_error_and_the_others_go_on(shop, given, words):
    write_tests(shop, MODEL % "12.50" + f"  - name: wrong\n    model: gold.daily_revenue\n    given:\n      {given}\n    expect: []\n")
    answer = shop.call("test", exit=1)
    assert "1 passed, 0 failed, 1 with errors" in answer.out
    for word in words:
        assert word in answer.text, answer


def test_files_of_a_source_arrive_in_the_order_given(shop):
    head = "order_id,ordered_at,customer_id,country,status,amount\\n"
    write_tests(shop, f"""\
tests:
  - name: the first of two files keeps its order
    source: bronze.orders
    given:
      monday.csv: "{head}1,2024-03-01T10:00:00,7,DE,paid,1.00\\n"
      tuesday.csv: "{head}1,2024-03-02T10:00:00,7,DE,paid,2.00\\n"
    expect:
      rows: [{{order_id: 1, amount: 1.00}}]
      refused: [{{file: tuesday.csv, line: 2, rule: duplicate_key}}]
  - name: a refusal that nobody expected fails
    source: bronze.orders
    given: "{head}1,never,7,DE,paid,1.00\\n"
    expect: {{rows: []}}
""")
    answer = shop.call("test", exit=1)
    assert "1 passed, 1 failed" in answer.out and "+ refused: given.csv:2 type(ordered_at)" in answer.out


BASKETS = {
    "models/gold/totals.sql": "SELECT id, {'city': b.address.city, 'bought': len(b.items)} AS facts, "
                              "[i.price FOR i IN b.items] AS prices, b.labels FROM bronze.baskets AS b\n",
    "sources/baskets.yaml": "source: bronze.baskets\ntype: files\npath: data/*.ndjson\nformat: ndjson\n"
                            "contract: contracts/baskets.odcs.yaml\n",
    "contracts/baskets.odcs.yaml": """\
apiVersion: v3.2.0
kind: DataContract
id: baskets
version: 1.0.0
status: active
schema:
  - name: baskets
    properties:
      - { name: id, logicalType: integer, primaryKey: true }
      - { name: country, logicalType: string, relationships: [{ to: countries.code }] }
      - { name: address, logicalType: object, properties: [{ name: city, logicalType: string, required: true }] }
      - { name: items, logicalType: array, items: { logicalType: object, properties: [{ name: price, logicalType: number }] } }
      - { name: labels, logicalType: map, map: { key: { logicalType: string }, value: { logicalType: integer } } }
    quality:
      - { metric: rowCount, mustBeGreaterThan: 1, name: enough }
""",
    "sources/countries.yaml": "source: bronze.countries\ntype: files\npath: data/*.csv\n"
                              "contract: contracts/countries.odcs.yaml\n",
    "contracts/countries.odcs.yaml": "apiVersion: v3.2.0\nkind: DataContract\nid: countries\nversion: 1.0.0\n"
                                     "status: active\nschema:\n  - name: countries\n    properties:\n"
                                     "      - { name: code, logicalType: string }\n",
}


def test_nested_values_are_given_and_expected(shop):
    shop.write({**BASKETS, "tests/orders.yaml": """\
tests:
  - name: baskets become facts
    model: gold.totals
    given:
      bronze.baskets:
        - {id: 1, address: {city: Ulm}, items: [{price: 1.5}, {}], labels: {a: 1, b: ~}}
        - {id: 2, address: ~, items: []}
    expect:
      - {id: 1, facts: {city: Ulm, bought: 2}, prices: [1.5000000000001, ~], labels: {a: 1, b: ~}}
      - {id: 2, facts: {bought: 0}, prices: [], labels: ~}
  - name: lines become baskets
    source: bronze.baskets
    given: |
      {"id": 1, "address": {"city": "Ulm"}, "items": [{"price": 2}], "labels": {"x": 7}}
      {"id": 2, "address": {}}
    expect:
      rows: [{id: 1, address: {city: Ulm}, items: [{price: 2}], labels: {x: 7}}]
      refused: [{line: 2, rule: required, column: address.city}]
"""})
    assert "2 passed" in shop.call("test").out
    shop.write({"tests/orders.yaml": "tests:\n  - name: n\n    model: gold.totals\n    given:\n      bronze.baskets:\n"
                                     "        - {id: 1, address: {town: Ulm}}\n    expect: []\n"})
    assert "tests/orders.yaml:6:29: there is no column 'town' here" in shop.call("test", exit=1).out


def test_rows_that_nearly_match_are_told_apart_by_column(shop):
    write_tests(shop, MODEL % "12.51")
    assert "where day 2024-03-01, country DE: revenue 12.50 instead of 12.51" in shop.call("test", exit=1).out


def test_a_contracts_rules_over_tables_are_judged_where_they_are_named(shop):
    def test(violations, tables="{bronze.countries: [{code: DE}]}"):
        shop.write({**BASKETS, "tests/orders.yaml": f"""\
tests:
  - name: relationships
    contract: baskets
    given: [{{id: 1, country: DE}}, {{id: 2, country: FR}}]
    tables: {tables}
    expect: {{violations: {{{violations}}}}}
"""})
        return shop.call("test", exit=1 if "wrong" in violations else 0).out

    test("reference(country): 1, enough: 0")
    test("reference(country): 0, enough: 0", "{bronze.countries: [{code: DE}, {code: FR}]}")
    test("")
    assert "the contract has no rule 'wrong'" in test("wrong: 1")
    shop.write({"tests/orders.yaml": """\
tests:
  - name: too few
    contract: baskets
    given: [{id: 1}]
    expect: {violations: {enough: 0}}
"""})
    assert "enough: 0 expected, 1 came (measured 1)" in shop.call("test", exit=1).out
