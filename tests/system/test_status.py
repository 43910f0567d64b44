"""`sluice status`: what is fresh, what is not and since when, and how each table's last run went."""

import pytest

CHAIN = "SELECT sum(orders) AS orders FROM gold.by_country\n"


@pytest.fixture
def shop(orders):
    orders.write({"models/gold/total.sql": "/*---\ntarget_lag: 10m\n---*/\n" + CHAIN})
    orders.drop("data/orders/1.csv", "id,country,amount\n1,AT,10\n2,AT,5\n3,,7\n")
    orders.run()
    return orders


def standing(project) -> dict:
    return {table: facts["state"] for table, facts in project.tables().items()}


def test_everything_is_fresh_after_a_run(shop):
    found = shop.tables()
    made = {"bronze.orders", "gold.by_country", "gold.total"}
    assert {found[table]["state"] for table in made} == {"fresh"}
    assert found["quarantine.orders"]["state"] == "" and found["quarantine.orders"]["rows"] == 1
    assert {table: found[table]["kind"] for table in sorted(found)} == {
        "bronze.orders": "source",
        "gold.by_country": "model",
        "gold.total": "model",
        "quarantine.orders": "quarantine",
    }
    source = found["bronze.orders"]
    assert source["last_run"] == "published" and source["last_run_rows"] == 2
    assert source["last_run_refused"] == 1 and 0 < source["last_run_s"] < 60
    text = shop.call("status").out
    assert "published, 2 rows in " in text and "fresh" in text
    assert max(map(len, text.splitlines()[2:])) <= 132


def test_what_waits_makes_all_that_follows_stale(shop):
    """Ages count from the oldest change that was not taken in: here the arrival of a file."""
    shop.drop("data/orders/2.csv", "id,country,amount\n9,CH,1\n", age_s=400)
    found = shop.tables()
    assert standing(shop)["bronze.orders"] == "stale"
    assert found["bronze.orders"]["reason"] == "1 file is not taken in"
    assert 390 < found["gold.total"]["stale_s"] < 500
    assert found["gold.total"]["state"] == "stale"
    assert found["gold.by_country"]["reason"] == "bronze.orders is stale"
    assert "1 file is not taken in, for 6 m" in shop.call("status").out
    shop.drop("data/orders/3.csv", "id,country,amount\n8,CH,1\n", age_s=3 * 86400)
    found = shop.tables()
    assert found["gold.total"]["state"] == "late"
    assert found["gold.total"]["limit"] == "target_lag" and found["gold.total"]["limit_s"] == 600
    assert found["gold.by_country"]["state"] == "stale"  # it has no objective
    assert "for 2 d 23 h (target_lag 10 m 00 s)" in shop.call("status").out
    shop.run()
    assert standing(shop)["gold.total"] == "fresh"


def test_a_model_that_was_left_behind_says_what_it_lacks(shop):
    shop.drop("data/orders/2.csv", "id,country,amount\n9,CH,1\n")
    shop.run("--select", "bronze.orders")
    found = shop.tables()
    assert found["bronze.orders"]["state"] == "fresh"
    assert found["gold.by_country"]["state"] == "stale"
    assert found["gold.by_country"]["reason"] == "bronze.orders changed"
    assert found["gold.by_country"]["stale_s"] < 100
    assert found["gold.total"]["reason"] == "gold.by_country is stale"


def test_definitions_and_holds_are_told(shop):
    shop.write({"models/gold/by_country.sql": "SELECT country, count(*) AS orders\n"
                "FROM bronze.orders GROUP BY country\n"})
    changed = shop.tables()["gold.by_country"]
    assert changed["state"] == "stale" and changed["reason"] == "the model's definition changed"
    assert "stale_s" not in changed
    shop.run()
    shop.call("rollback", "gold.by_country")
    assert standing(shop)["gold.by_country"] == "held"


def test_tables_that_are_not_built_and_failures_are_told(shop):
    shop.write({"models/gold/later.sql": CHAIN, "models/gold/bad.sql":
                "SELECT CAST(country AS INTEGER) AS n FROM bronze.orders\n"})
    document = shop.json("status")
    assert [(t["table"], t["state"]) for t in document["not_built"]] == [
        ("gold.bad", "not built"),
        ("gold.later", "not built"),
    ]
    assert "gold.later" in shop.call("status").out
    shop.run(exit=1)
    document = shop.json("status")
    (bad,) = document["not_built"]
    assert bad["table"] == "gold.bad" and bad["last_run"] == "failed"
    assert "AT" in bad["last_error"] and bad["last_error"] in shop.call("status").out


def test_status_works_beside_a_project_that_is_wrong(shop):
    shop.write({"models/gold/bad.sql": "SELECT nothing FROM bronze.orders\n"})
    answer = shop.call("status")
    assert "cannot be told" in answer.out and "bronze.orders" in answer.out
    assert shop.tables()["bronze.orders"]["rows"] == 2
