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
