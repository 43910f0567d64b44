"""Kills a run that changes a table's columns with its data: the next one ends with the same table and schema,
each record once, and no half of the two is ever seen."""

import signal
from collections import Counter

import pytest

from shop import Shop
from side_by_side import run_cases, told

SOURCES = {
    "sources/orders.yaml": "source: bronze.orders\ntype: files\npath: data/orders/*.csv\nsettle: 0s\n"
    "contract: contracts/orders.odcs.yaml\nschema_changes: evolve\n",
    "sources/customers.yaml": "source: bronze.customers\ntype: files\npath: data/customers/*.ndjson\nsettle: 0s\n"
    "schema_changes: evolve\n",
}
PREFIXES = ("run.source.", "lake.commit.", "storage.write_all", "storage.remove", "metastore.")
CASES_MIN = 20
ORDERS = "SELECT * FROM bronze.orders ORDER BY ALL"
CUSTOMERS = "SELECT * FROM bronze.customers ORDER BY ALL"
HELD = 'SELECT file_id, line, rule FROM quarantine.{} ORDER BY ALL'


def tables(shop):
    return [shop.rows(ORDERS), shop.rows(CUSTOMERS), shop.rows(HELD.format("orders")),
            [field["name"] for table in ("bronze.orders", "bronze.customers") for field in fields(shop, table)]]


def fields(shop, table):
    metadata = shop.metadata(table)
    return next(s for s in metadata["schemas"] if s["schema-id"] == metadata["current-schema-id"])["fields"]


def prepare(folder) -> Shop:
    shop = Shop(folder, threads=2).open()
    for path in (shop.root / "models").rglob("*.sql"):
        path.unlink()
    (shop.root / "contracts/gold.small_orders.odcs.yaml").unlink()
    (shop.root / "contracts/customers.odcs.yaml").unlink()
    for path in [*(shop.root / "data").rglob("*.*")]:
        path.unlink()
    shop.write(SOURCES)
    head = "order_id,customer_id,status,amount"
    shop.drop("orders/1.csv", f"{head}\n1,1,paid,1.50\nx,1,paid,1.50\n")
    shop.drop("customers/1.ndjson", '{"id": 1, "points": 7}\n')
    shop.call("run")
    shop.drop("orders/2.csv", f"{head},city\n2,1,paid,2.50,Rome\n3,x,paid,1,Oslo\n")
    shop.drop("customers/2.ndjson", '{"id": 2, "points": 3000000000, "name": "Ada"}\n')
    shop.save("grows")
    return shop


@pytest.fixture(scope="module")
def shops(slots, crash_program) -> list:
    return [prepare(folder) for folder in slots]


def cases_of(shop: Shop) -> list:
    shop.restore("grows")
    before = tables(shop)
    log = shop.folder / "grows.passages"
    done = shop.crash_run(SLUICE_CRASH_LOG=str(log))
    assert done.returncode == 0, done
    passages = Counter(log.read_text().split())
    assert {"run.source.begun", "run.source.staged", "run.source.grown", "run.source.published"} <= passages.keys()
    expected = tables(shop)
    assert {"city", "name"} <= set(expected[3]) and expected != before
    return [
        (point, passage, before, expected)
        for point in sorted(passages)
        if point.startswith(PREFIXES)
        for passage in sorted({1, passages[point]})
    ]


def interrupt(shop: Shop, case) -> None:
    point, passage, before, expected = case
    shop.restore("grows")
    died = shop.crash_run(SLUICE_CRASH_AT=f"{point}#{passage}")
    assert died.returncode == -signal.SIGKILL, f"was not killed: {died}"
    left = tables(shop)
    for name, columns in (("orders", ("city",)), ("customers", ("name",))):
        grown = any(column in [f["name"] for f in fields(shop, f"bronze.{name}")] for column in columns)
        rows = left[0] if name == "orders" else left[1]
        assert len(rows) == (2 if grown else 1), f"columns and rows of {name} came apart"
    shop.call("run")
    assert tables(shop) == expected
    shop.check_sound()


def test_a_kill_at_any_point_leaves_columns_and_rows_together(shops, capsys):
    cases = cases_of(shops[0])
    with capsys.disabled():
        print(f"\nschema: {len(cases)} kills")
    failures = run_cases(shops, cases, interrupt)
    assert not failures, told(failures, len(cases))
    assert len(cases) >= CASES_MIN
