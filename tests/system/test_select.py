"""Which tables --select and --exclude choose, as a user types them."""

import pytest

from orders import ORDERS_CONTRACT, ORDERS_SOURCE


@pytest.fixture
def shop(project):
    """bronze.orders -> silver.a -> gold.c -> gold.d, and silver.b beside them."""
    project.write(
        {
            "sources/orders.yaml": ORDERS_SOURCE + "tags: [daily]\n",
            "contracts/orders.odcs.yaml": ORDERS_CONTRACT,
            "models/silver/a.sql": "/*---\ntags: nightly\n---*/\nSELECT id FROM bronze.orders",
            "models/silver/b.sql": "SELECT country FROM bronze.orders",
            "models/gold/c.sql": "/*---\ntags: [nightly, money]\n---*/\nSELECT id FROM silver.a",
            "models/gold/d.sql": "SELECT id FROM gold.c",
        }
    )
    project.drop("data/orders/a.csv", "id,country,amount\n1,DE,1.50\n")
    return project


def chosen(shop, *arguments):
    return sorted(shop.run(*arguments))


def test_blanks_unite_and_commas_intersect(shop):
    assert chosen(shop, "--select", "silver.b gold.d") == ["gold.d", "silver.b"]
    assert chosen(shop, "--select", "silver.b", "gold.d") == ["gold.d", "silver.b"]
    assert chosen(shop, "--select", "silver.b", "--select", "gold.d") == ["gold.d", "silver.b"]
    assert chosen(shop, "--select", "+gold.d,silver.*") == ["silver.a"]
    assert chosen(shop, "--select", "1+gold.d") == ["gold.c", "gold.d"]
    assert chosen(shop, "--select", "+gold.d", "--exclude", "source:orders+1") == ["gold.c", "gold.d"]


def test_tags_paths_and_sources(shop):
    assert chosen(shop, "--select", "tag:nightly") == ["gold.c", "silver.a"]
    assert chosen(shop, "--select", "tag:daily+1,path:models") == ["silver.a", "silver.b"]
    assert chosen(shop, "--select", "path:models/gold") == ["gold.c", "gold.d"]
    assert chosen(shop, "--select", "source:orders") == ["bronze.orders"]
    answer = shop.call("run", "--select", "tag:nigthly", exit=2)
    assert "did you mean 'tag:nightly'?" in answer.err


def test_what_changed_since_the_last_run(shop):
    assert len(chosen(shop, "--select", "state:new")) == 5
    assert chosen(shop, "--select", "state:modified") == []
    shop.write({"models/gold/d.sql": "SELECT id + 1 AS id FROM gold.c"})
    assert chosen(shop, "--select", "state:modified") == ["gold.d"]
    assert chosen(shop, "--select", "state:modified") == []
    contract = ORDERS_CONTRACT.replace("required: true", "required: true, logicalTypeOptions: {minLength: 1}")
    shop.write({"contracts/orders.odcs.yaml": contract})
    assert chosen(shop, "--select", "state:modified+1") == ["bronze.orders", "silver.a", "silver.b"]
    assert chosen(shop, "--select", "state:new") == []
