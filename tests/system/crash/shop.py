"""A small shop whose runs are interrupted, and the checks that every interruption must pass."""

import json
import os
import random
import shutil
import sqlite3
import subprocess
from collections import Counter
from pathlib import Path

from pyiceberg.table import StaticTable

from program import BIN, TIMEOUT_S, Project, call

CRASH_BIN = BIN.parent / "sluice-crashtest"
FIRST_DROP_AT = 1_700_000_000  # landing order is that of modification times

SETTINGS = """\
project: shop
targets:
  dev: {{ warehouse: {warehouse}, metastore: sqlite }}
default_target: dev
resources: {{ threads: {threads}, memory: 1GiB }}
"""

SOURCE = """\
source: bronze.{name}
type: files
path: data/{name}/*.csv
contract: contracts/{name}.odcs.yaml
settle: 0s
"""

ORDERS_CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: shop-orders
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - { name: order_id, logicalType: integer, physicalType: bigint, primaryKey: true }
      - { name: customer_id, logicalType: integer, required: true }
      - name: status
        logicalType: string
        required: true
        enum: [{ value: paid }, { value: open }]
      - name: amount
        logicalType: number
        physicalType: decimal(9,2)
        required: true
        logicalTypeOptions: { minimum: 0 }
"""

CUSTOMERS_CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: shop-customers
version: 1.0.0
status: active
schema:
  - name: customers
    properties:
      - { name: customer_id, logicalType: integer, physicalType: bigint, primaryKey: true }
      - { name: country, logicalType: string, required: true }
"""

# Refuses the table that the second arrival leads to.
SMALL_EXPECTATIONS = """\
apiVersion: v3.2.0
kind: DataContract
id: shop-small-orders
version: 1.0.0
status: active
schema:
  - name: small_orders
    physicalName: gold.small_orders
    properties:
      - name: amount
        logicalType: number
        physicalType: decimal(9,2)
        logicalTypeOptions: { maximum: 900 }
"""

PAID = "SELECT order_id, customer_id, amount FROM bronze.orders WHERE status = 'paid'\n"
PAID_CHANGED = (
    "SELECT order_id, customer_id, amount, amount > 100 AS is_large "
    "FROM bronze.orders WHERE status = 'paid'\n"
)
REVENUE = (
    "SELECT c.country, sum(o.amount) AS revenue, count(*) AS orders "
    "FROM silver.paid_orders o JOIN bronze.customers c ON o.customer_id = c.customer_id "
    "GROUP BY c.country\n"
)
SMALL = "SELECT order_id, amount FROM silver.paid_orders\n"

PROJECT = {
    "sources/orders.yaml": SOURCE.format(name="orders"),
    "sources/customers.yaml": SOURCE.format(name="customers"),
    "contracts/orders.odcs.yaml": ORDERS_CONTRACT,
    "contracts/customers.odcs.yaml": CUSTOMERS_CONTRACT,
    "contracts/gold.small_orders.odcs.yaml": SMALL_EXPECTATIONS,
    "models/silver/paid_orders.sql": PAID,
    "models/gold/revenue.sql": REVENUE,
    "models/gold/small_orders.sql": SMALL,
}

TABLES = {
    "bronze.orders": "*",
    "bronze.customers": "*",
    "quarantine.orders": 'file_id, line, byte_offset, "column", rule, payload, status',
    "quarantine.customers": 'file_id, line, byte_offset, "column", rule, payload, status',
    "silver.paid_orders": "*",
    "gold.revenue": "*",
    "gold.small_orders": "*",
}

# What is published by one commit, so is seen in full or not at all.
COMMITS = [
    ("bronze.orders", "quarantine.orders", "position of bronze.orders"),
    ("bronze.customers", "quarantine.customers", "position of bronze.customers"),
    ("silver.paid_orders",),
    ("gold.revenue",),
    ("gold.small_orders",),
]


def orders(first: int, count: int, status: str = "paid") -> str:
    """A drop of orders: good ones, then one with a wrong type and a repeated key."""
    lines = ["order_id,customer_id,status,amount"]
    for i in range(first, first + count):
        lines.append(f"{i},{1 + i % 4},{status if i % 3 else 'open'},{(i * 37) % 500}.50")
    lines.append(f"{first + count},1,paid,many")
    lines.append(f"{first},2,paid,1.00")
    return "\n".join(lines) + "\n"


class Shop(Project):
    """The shop in one fixed folder: a warehouse's addresses are absolute, so each case is laid back
    where it was prepared."""

    def __init__(self, folder: Path, threads: int = 1, warehouse: str = "./warehouse"):
        super().__init__(folder / "shop")
        self.folder = folder
        self.warehouse = (self.root / warehouse).resolve()
        self.settings = SETTINGS.format(threads=threads, warehouse=warehouse)

    def drop(self, name: str, content: str) -> None:
        self.write({f"data/{name}": content})
        self.dropped += 1
        at = FIRST_DROP_AT + self.dropped
        os.utime(self.root / "data" / name, (at, at))

    def open(self) -> "Shop":
        """Makes the project and what arrives first."""
        self.write({**PROJECT, "sluice.yaml": self.settings})
        self.drop("orders/a.csv", orders(1, 12))
        self.drop("orders/b.csv", orders(101, 9))
        self.drop("customers/a.csv", "customer_id,country\n1,DE\n2,FR\n,AT\n")
        return self

    def second_arrival(self) -> None:
        """New, damaged, repeated and empty files, a changed model, a table that will be refused."""
        self.drop("orders/c.csv", orders(201, 7) + "290,3,paid,950.00\n291,4,paid")
        self.drop("orders/d.csv", "order_id,customer_id,amount\n301,1,5.00\n302,2,6.00\n")
        self.drop("orders/a-again.csv", orders(1, 12))
        self.drop("orders/empty.csv", "")
        self.drop("customers/b.csv", "customer_id,country\n3,AT\n4,DE\n1,XX\n")
        self.write({"models/silver/paid_orders.sql": PAID_CHANGED})

    def save(self, name: str) -> None:
        shutil.copytree(self.root, self.folder / name, symlinks=True)

    def restore(self, name: str) -> None:
        if self.root.exists():
            shutil.rmtree(self.root)
        shutil.copytree(self.folder / name, self.root, symlinks=True)

    def crash_run(self, *arguments, **variables) -> subprocess.CompletedProcess:
        return subprocess.run(
            [str(CRASH_BIN), *(arguments or ["run"])],
            cwd=self.root,
            env={**os.environ, **variables},
            timeout=TIMEOUT_S,
            capture_output=True,
            text=True,
        )

    def start_run(self) -> subprocess.Popen:
        return subprocess.Popen(
            [str(BIN), "run"],
            cwd=self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    # What readers see.

    def locations(self) -> dict:
        """Metadata locations by table; none before the first commit."""
        answer = call("status", "--json", cwd=self.root)
        if answer.exit == 2 and "has no tables yet" in answer.err:
            return {}
        assert answer.exit == 0, answer
        return {
            table["table"]: Path(table["metadata_location"].removeprefix("file://"))
            for table in json.loads(answer.out)["tables"]
        }

    def state(self, locations: dict | None = None) -> dict:
        """Rows of every table as a multiset by `sluice query`, and positions by the metadata."""
        locations = self.locations() if locations is None else locations
        assert set(locations) <= set(TABLES), sorted(locations)
        state = {table: Counter() for table in TABLES}
        if locations:
            parts = []
            for table in locations:
                parts.append(
                    f"SELECT '{table}' AS of_table, CAST(t AS VARCHAR) AS of_row "
                    f"FROM (SELECT {TABLES[table]} FROM {table}) t"
                )
            for table, row in self.rows(" UNION ALL ".join(parts), "--rows", "0"):
                state[table][row] += 1
        for source in ("bronze.orders", "bronze.customers"):
            properties = {}
            if source in locations:
                properties = json.loads(locations[source].read_text())["properties"]
            state[f"position of {source}"] = offset_of(properties.get(f"sluice.pos.{source}", ":0"))
        return state

    def state_of_pyiceberg(self, locations: dict) -> dict:
        state = {}
        for table, location in locations.items():
            rows = StaticTable.from_metadata(str(location)).scan().to_arrow()
            keep = [name for name in rows.column_names if name not in VOLATILE]
            state[table] = Counter(str(tuple(row.values())) for row in rows.select(keep).to_pylist())
        return state

    def ledger(self) -> dict:
        """Landed and skipped files, and what is recorded as still going on."""
        with sqlite3.connect(f"file:{self.metastore}?mode=ro", uri=True) as database:

            def ask(sql):
                return database.execute(sql).fetchall()

            landed = ask(
                "SELECT source, seq, original_name, state, records, committed_rows, quarantined_rows "
                "FROM landed_files ORDER BY 1, 2"
            )
            skipped = ask("SELECT source, original_name, first_seq FROM skipped_files ORDER BY 1, 2")
            return {
                "landed": [(*row[:2], Path(row[2]).name, *row[3:]) for row in landed],
                "skipped": [(row[0], Path(row[1]).name, row[2]) for row in skipped],
                "raw": sorted(path for (path,) in ask("SELECT raw_path FROM landed_files")),
                "open": ask("SELECT table_name, id FROM runs WHERE ended_at IS NULL")
                + ask("SELECT 'invocation', id FROM invocations WHERE ended_at IS NULL"),
            }

    # What must hold.

    def check_sound(self) -> None:
        """The audit finds nothing; nothing is left over but metadata of commits that did not happen."""
        report = self.audit()
        data_orphans = [path for path in report["orphans"] if "/metadata/" not in path]
        assert not data_orphans, f"orphan data files: {data_orphans}"
        ledger = self.ledger()
        raw = sorted(str(path) for path in (self.warehouse / "_raw").rglob("*") if path.is_file())
        assert raw == ledger["raw"], f"raw zone and ledger differ: {set(raw) ^ set(ledger['raw'])}"
        assert not ledger["open"], f"recorded as still going on: {ledger['open']}"
        assert not self.half_written(), f"half-written files: {self.half_written()}"

    def half_written(self) -> list:
        left = [path for path in self.warehouse.rglob("*.tmp-*") if "metadata" not in path.parts]
        state = self.root / ".sluice" / self.target
        return left + [path for path in (state / "spill", state / "audit") if path.exists()]

    def check_complete(self, expected: "Outcome") -> None:
        """All is as after a run that nothing interrupted."""
        self.check_sound()
        locations = self.locations()
        state = self.state(locations)
        for table, rows in expected.state.items():
            assert state[table] == rows, f"{table}: {difference(rows, state[table])}"
        by_pyiceberg = self.state_of_pyiceberg(locations)
        assert by_pyiceberg.keys() == expected.by_pyiceberg.keys()
        for table, rows in expected.by_pyiceberg.items():
            assert by_pyiceberg[table] == rows, (
                f"{table} by PyIceberg: {difference(rows, by_pyiceberg[table])}"
            )
        ledger = self.ledger()
        assert ledger["landed"] == expected.landed
        assert ledger["skipped"] == expected.skipped

    def check_whole(self, before: dict, after: dict) -> None:
        """Every commit is seen in full or not at all."""
        state = self.state()
        for tables in COMMITS:
            seen = [state[table] for table in tables]
            is_old = seen == [before[table] for table in tables]
            is_new = seen == [after[table] for table in tables]
            assert is_old or is_new, f"{tables} are neither as before nor as after: {seen}"


VOLATILE = {"run_id", "arrived_at", "file_name", "reason"}


class Outcome:
    """How a shop stands after a run that nothing interrupted."""

    def __init__(self, shop: Shop):
        shop.check_sound()
        self.state = shop.state()
        self.by_pyiceberg = shop.state_of_pyiceberg(shop.locations())
        self.landed = shop.ledger()["landed"]
        self.skipped = shop.ledger()["skipped"]


def offset_of(position: str) -> int:
    """The last landed file that a table has, of a position `<lineage>:<offset>`."""
    return int(position.rpartition(":")[2])


def difference(expected: Counter, seen: Counter) -> str:
    if not isinstance(expected, Counter):
        return f"expected {expected}, seen {seen}"
    return f"missing {dict(expected - seen)}, too many {dict(seen - expected)}"


def seeded(name: str) -> random.Random:
    return random.Random(f"sluice {name}")
