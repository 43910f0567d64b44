"""What `plan` says, that it changes nothing, and that `apply` does exactly what was planned."""

import json
import subprocess

import pytest

from orders import ORDERS_CONTRACT, ORDERS_MODEL
from program import BIN


@pytest.fixture
def shop(orders):
    orders.drop("data/orders/a.csv", "id,country,amount\n1,DE,1.50\n2,FR,2.50\n")
    return orders


def planned(shop, *arguments):
    return {run["table"]: run for run in shop.json("plan", *arguments)["runs"]}


def state_of(shop):
    """Every file of the project but the cache, the log and SQLite's own side files."""
    return {
        str(path.relative_to(shop.root)): path.read_bytes()
        for path in sorted(shop.root.rglob("*"))
        if path.is_file() and "cache" not in path.parts
        and not path.name.endswith((".jsonl", "-wal", "-shm"))
    }


def test_a_first_plan_names_runs_reasons_and_prices(shop):
    runs = planned(shop)
    assert list(runs) == ["bronze.orders", "gold.by_country"]
    source, model = runs.values()
    assert source["reason"] == "1 new file" and source["tactic"] == "append"
    assert source["bytes_in"] == len("id,country,amount\n1,DE,1.50\n2,FR,2.50\n")
    assert model["reason"] == "the table was never built" and model["tactic"] == "full"
    assert source["downstream"] == ["gold.by_country"]
    for run in runs.values():
        assert "nothing was measured yet" in run["basis"]
        assert 0 < run["cpu_s"]["low"] < run["cpu_s"]["predicted"] < run["cpu_s"]["high"]
    assert "would run" in shop.call("plan").out


def test_a_plan_changes_nothing(shop):
    before = state_of(shop)
    shop.call("plan")
    assert state_of(shop) == before
    shop.run()
    shop.drop("data/orders/b.csv", "id,country,amount\n3,DE,1.00\n")
    before = state_of(shop)
    assert list(planned(shop)) == ["bronze.orders", "gold.by_country"]
    assert state_of(shop) == before


def test_history_prices_the_next_run_and_nothing_to_do_is_free(shop):
    shop.run()
    plan = shop.json("plan")
    assert plan["runs"] == [] and plan["changes"] == [] and plan["fresh"] == 2
    assert plan["money"]["predicted"] == 0
    shop.drop("data/orders/b.csv", "id,country,amount\n3,DE,1.00\n")
    runs = planned(shop)
    assert runs["bronze.orders"]["basis"] == "1 run of the same source"
    assert runs["gold.by_country"]["basis"] == "1 run of the same statement"
    assert runs["gold.by_country"]["reason"] == "bronze.orders will change"
    assert runs["gold.by_country"]["rows_in"] == 3


def test_changes_columns_and_breaks_are_told(shop):
    shop.run()
    shop.write({"models/gold/by_country.sql": ORDERS_MODEL.replace("count(*) AS orders", "1 AS n")})
    shop.write({"models/gold/top.sql": "SELECT country FROM gold.by_country"})
    plan = shop.json("plan", "--select", "gold.by_country")
    assert {(c["kind"], c["name"], c["change"]) for c in plan["changes"]} == {
        ("model", "gold.by_country", "changed"), ("model", "gold.top", "new")}
    columns = {(c["column"], c["change"], c["breaks"]) for c in plan["runs"][0]["columns"]}
    assert columns == {("n", "added", False), ("orders", "dropped", True)}
    assert plan["runs"][0]["reason"] == "the model's definition changed"
    assert plan["affected"] == ["gold.top"]
    shop.write({"contracts/orders.odcs.yaml": ORDERS_CONTRACT.replace("1.0.0", "1.1.0")})
    changes = {c["name"]: c["change"] for c in shop.json("plan")["changes"]}
    assert changes["contracts/orders.odcs.yaml"] == "changed, version 1.0.0 -> 1.1.0"


def test_the_price_sheet_is_the_projects(shop):
    settings = shop.root / "sluice.yaml"
    settings.write_text(settings.read_text() + "prices: { currency: EUR, cpu_hour: 3600, memory_gib_hour: 0 }\n")
    plan = shop.json("plan")
    assert plan["money"]["predicted"] == pytest.approx(plan["cpu_s"]["predicted"])
    assert "EUR" in shop.call("plan").out and "assumed" not in shop.call("plan").out


def test_apply_does_what_was_planned_once(shop):
    shop.call("plan", "--out", "plan.json")
    report = shop.json("apply", "plan.json")
    assert [run["state"] for run in report["runs"]] == ["published", "published"]
    assert "would not run now" in shop.call("apply", "plan.json", exit=1).err
    assert planned(shop) == {}
    shop.audit()


def test_apply_refuses_what_moved_by_name(shop):
    shop.call("plan", "--out", "plan.json")
    shop.drop("data/orders/b.csv", "id,country,amount\n3,DE,1.00\n")
    refused = shop.call("apply", "plan.json", exit=1)
    assert "new file" in refused.err and "b.csv" in refused.err
    assert not shop.metastore.exists() or shop.tables() == {}
    shop.call("plan", "--out", "plan.json")
    shop.write({"models/gold/by_country.sql": ORDERS_MODEL + "HAVING count(*) > 0\n"})
    assert "model gold.by_country changed" in shop.call("apply", "plan.json", exit=1).err
    shop.call("plan", "--out", "plan.json")
    document = json.loads((shop.root / "plan.json").read_text())
    document["runs"][0]["cpu_s"] = {"predicted": 1e-6, "low": 1e-7, "high": 1e-5}
    shop.write({"cheap.json": json.dumps(document)})
    assert "the price of bronze.orders left" in shop.call("apply", "cheap.json", exit=1).err
    shop.call("apply", "plan.json")
    shop.write({"no.json": "{}"})
    assert "it is no plan" in shop.call("apply", "no.json", exit=2).err


def test_apply_without_a_plan_asks_first(shop):
    refused = subprocess.run([BIN, "apply"], cwd=shop.root, stdin=subprocess.DEVNULL,
                             capture_output=True, text=True)
    assert refused.returncode == 2 and "--yes" in refused.stderr
    assert shop.call("apply", "--yes").exit == 0
    assert planned(shop) == {}


def test_variables_travel_with_the_plan(shop):
    settings = shop.root / "sluice.yaml"
    settings.write_text(settings.read_text() + "vars: { least: 1 }\n")
    shop.write({"models/gold/large.sql": "SELECT id FROM bronze.orders WHERE id >= getvariable('least')"})
    shop.call("plan", "--var", "least=2", "--out", "plan.json")
    shop.call("apply", "plan.json")
    assert shop.rows("FROM gold.large") == [[2]]
    assert list(planned(shop)) == ["gold.large"]
    assert planned(shop, "--var", "least=2") == {}
