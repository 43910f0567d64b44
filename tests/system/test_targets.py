"""A target that reads another's tables: what it borrows, what it builds, and that it leaves no trace there."""

import hashlib
import os
import signal
import subprocess
import time

import pytest

from program import BIN, Project, call

SETTINGS = """\
project: shop
targets:
  prod: { warehouse: ./warehouse }
  dev: { warehouse: ./dev, from: prod }
resources: { threads: 2, memory: 1GiB }
"""
CLEAN = "SELECT id, country, amount FROM bronze.orders WHERE amount > 0\n"
BY_COUNTRY = "SELECT country, sum(amount) AS amount FROM silver.clean GROUP BY country\n"
COUNTED = "SELECT count(*) AS orders FROM bronze.orders\n"
PROD = ["--target", "prod"]
DEV = ["--target", "dev"]


@pytest.fixture
def shop(orders):
    """Production has run once; one of its records is in quarantine."""
    project = orders.write(
        {
            "sluice.yaml": SETTINGS,
            "models/silver/clean.sql": CLEAN,
            "models/gold/by_country.sql": BY_COUNTRY,
            "models/gold/counted.sql": COUNTED,
        }
    )
    project.drop("data/orders/1.csv", "id,country,amount\n1,AT,10\n2,AT,5\n3,DE,7\n4,,1\n")
    project.run(*PROD)
    return project


def edit_clean(shop):
    shop.write({"models/silver/clean.sql": CLEAN.replace("amount > 0", "amount > 6")})


def production(project: Project) -> dict:
    """Every file and folder of production but its holds, with content and time."""
    found = {}
    for top in ["warehouse", ".sluice/prod"]:
        for path in sorted((project.root / top).rglob("*")):
            name = str(path.relative_to(project.root))
            if name.startswith(".sluice/prod/holds"):
                continue
            digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
            found[name] = (digest, path.stat().st_mtime_ns if path.is_file() else 0)
    return found


def holds(project: Project, target="prod") -> list:
    folder = project.root / ".sluice" / target / "holds"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def status(shop, target="dev") -> dict:
    return {t["table"]: t for t in shop.json("status", "--target", target)["tables"]}


def states(runs: dict) -> dict:
    return {table: run["state"] for table, run in runs.items()}


def total(shop, options, table="gold.by_country"):
    return shop.rows(f"SELECT sum(amount) FROM {table}", *options)[0][0]


def test_a_target_that_built_nothing_reads_productions_tables(shop):
    before = production(shop)
    assert total(shop, DEV) == "22.00"
    stood = status(shop)
    assert {name for name, table in stood.items() if table["borrowed"]} == set(stood)
    assert stood["gold.by_country"]["metadata_location"].startswith(
        f"file://{shop.root}/warehouse/gold/by_country/"
    )
    text = shop.call("status", *DEV).out
    snapshot = stood["gold.by_country"]["snapshot_id"]
    assert f"borrowed from prod at snapshot {snapshot}" in text
    assert production(shop) == before
    assert holds(shop) == []
    assert total(shop, PROD) == "22.00"


def test_only_what_was_edited_and_what_follows_from_it_is_built(shop):
    before = production(shop)
    edit_clean(shop)
    plan = shop.json("plan", *DEV)
    assert [run["table"] for run in plan["runs"]] == ["silver.clean", "gold.by_country"]
    runs = shop.run(*DEV)
    assert states(runs) == {
        "silver.clean": "published",
        "gold.by_country": "published",
        "gold.counted": "unchanged",
    }
    assert "borrowed from prod" in runs["gold.counted"]["reason"]
    assert total(shop, DEV) == "17.00"
    assert {name for name, table in status(shop).items() if not table["borrowed"]} == {
        "silver.clean",
        "gold.by_country",
    }
    again = shop.run(*DEV)
    assert set(states(again).values()) == {"unchanged"}
    assert shop.json("audit", "--deep", *DEV)["ok"]
    assert production(shop) == before
    assert total(shop, PROD) == "22.00"


def test_every_reading_command_works_on_what_is_borrowed(shop, tmp_path):
    before = production(shop)
    table = "gold.by_country"
    assert len(shop.json("history", table, *DEV)["snapshots"]) == 1
    shop.call("export", table, "--to", str(tmp_path / "out.csv"), *DEV)
    assert (tmp_path / "out.csv").read_text().count("\n") == 3
    assert f"{shop.root}/warehouse" in shop.call("snippet", table, "--for", "duckdb", *DEV).out
    assert "silver.clean" in shop.call("lineage", table, *DEV).out
    assert [row["open"] for row in shop.json("quarantine", "list", *DEV)] == [1]
    assert len(shop.json("quarantine", "show", "bronze.orders", *DEV)) == 1
    shop.call("contract", "show", "bronze.orders", *DEV)
    shop.call("doctor", *DEV)
    shop.json("audit", *DEV)
    assert production(shop) == before


def test_borrowed_tables_are_not_changed(shop):
    before = production(shop)
    for command in [
        ["rollback", "gold.by_country", "--to", "1"],
        ["rollback", "gold.by_country", "--release"],
        ["rollback", "bronze.orders", "--to", "1"],
        ["tag", "gold.by_country", "good"],
        ["quarantine", "replay", "bronze.orders"],
        ["quarantine", "replay", "bronze.orders", "--dry-run"],
        ["quarantine", "waive", "--source", "bronze.orders", "--reason", "why not"],
    ]:
        answer = call(*command, *DEV, cwd=shop.root)
        assert answer.exit == 2, answer
        assert "borrowed from prod" in answer.err, answer
    assert shop.json("quarantine", "replay", *DEV)["sources"] == []
    erased = call("erase", "--key", "id=1", "--yes", *DEV, cwd=shop.root)
    assert erased.exit == 2 and "erase the records in prod" in erased.err
    assert production(shop) == before


def test_sources_are_taken_in_when_they_are_asked_for_alone(shop):
    before = production(shop)
    dropped = shop.drop("data/orders/2.csv", "id,country,amount\n9,CH,100\n")
    assert "bronze.orders" not in shop.run(*DEV)
    assert "bronze.orders" not in shop.run("--select", "+gold.counted", *DEV)
    assert not (shop.root / "dev").exists() or not list((shop.root / "dev").rglob("*.parquet"))
    runs = shop.run("--select", "bronze.orders", *DEV)
    assert runs["bronze.orders"]["rows"] == 4 and runs["bronze.orders"]["refused"] == 1
    assert dropped.exists()
    assert shop.rows("SELECT count(*) FROM bronze.orders", *DEV) == [[4]]
    assert shop.json("audit", "--deep", *DEV)["ok"]
    assert production(shop) == before
    assert shop.rows("SELECT count(*) FROM bronze.orders", *PROD) == [[3]]
    assert states(shop.run(*DEV))["gold.counted"] == "published"


def test_own_tables_can_be_given_up(shop):
    edit_clean(shop)
    shop.run(*DEV)
    shop.run("--select", "source:orders", *DEV)
    before = production(shop)
    refused = call("target", "reset", "dev", cwd=shop.root)
    assert refused.exit == 2 and "--yes" in refused.err
    answer = shop.call("target", "reset", "dev", "--select", "gold.by_country", "--yes")
    assert "gold.by_country" in answer.out and "silver.clean" not in answer.out
    assert not (shop.root / "dev/gold/by_country").exists()
    assert total(shop, DEV) == "22.00"
    assert not status(shop)["silver.clean"]["borrowed"]
    report = shop.json("target", "reset", "dev", "--yes")
    assert {table["table"] for table in report["tables"]} == {
        "bronze.orders",
        "quarantine.orders",
        "silver.clean",
    }
    assert report["sources"] == ["bronze.orders"]
    assert all(table["borrowed"] for table in status(shop).values())
    assert [path for path in (shop.root / "dev").rglob("*") if path.is_file()] == []
    assert "no table of its own" in shop.call("target", "reset", "dev", "--yes").out
    assert production(shop) == before
    assert shop.run("--select", "source:orders", *DEV)["bronze.orders"]["rows"] == 3
    runs = states(shop.run(*DEV))
    assert runs["silver.clean"] == "published"
    assert shop.json("audit", "--deep", *DEV)["ok"]


def test_production_cannot_be_reset(shop):
    before = production(shop)
    answer = call("target", "reset", "prod", "--yes", cwd=shop.root)
    assert answer.exit == 2 and "reads the tables of no other target" in answer.err
    assert set(production(shop)) - set(before) <= {".sluice/prod/front.lock"}
    assert total(shop, PROD) == "22.00"


def test_own_tables_that_production_has_overtaken_are_told(shop):
    edit_clean(shop)
    shop.run(*DEV)
    assert not status(shop)["silver.clean"]["lender_is_newer"]
    shop.write({"models/silver/clean.sql": CLEAN})
    shop.drop("data/orders/2.csv", "id,country,amount\n9,CH,100\n")
    shop.run(*PROD)
    stood = status(shop)["silver.clean"]
    assert stood["lender_is_newer"] and stood["state"] == "stale"
    assert "own, older than the one of prod" in shop.call("status", *DEV).out
    assert states(shop.run(*DEV))["silver.clean"] == "published"
    assert total(shop, DEV) == "122.00"


def test_a_plan_is_applied_unless_production_moved_on(shop, tmp_path):
    edit_clean(shop)
    shop.call("plan", *DEV, "--out", str(tmp_path / "plan.json"))
    shop.write({"models/silver/clean.sql": CLEAN})
    shop.drop("data/orders/2.csv", "id,country,amount\n9,CH,100\n")
    shop.run(*PROD)
    edit_clean(shop)
    refused = call("apply", str(tmp_path / "plan.json"), cwd=shop.root)
    assert refused.exit == 1 and "bronze.orders" in refused.err, refused
    shop.call("plan", *DEV, "--out", str(tmp_path / "plan.json"))
    shop.call("apply", str(tmp_path / "plan.json"))
    assert total(shop, DEV) == "117.00"


def test_production_may_be_beyond_this_users_rights(shop, unprivileged):
    edit_clean(shop)
    folders = [shop.root / ".sluice/prod", *(shop.root / ".sluice/prod").rglob("*")]
    folders += [shop.root / "warehouse", *(shop.root / "warehouse").rglob("*")]
    before = production(shop)
    for path in folders:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        answer = shop.call("run", *DEV, prefix=unprivileged)
        assert "reading without a hold" in answer.err and str(shop.root) in answer.err
        assert total(shop, DEV) == "17.00"
    finally:
        for path in folders:
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert production(shop) == before


def test_a_target_needs_a_lender_that_it_cannot_harm(project):
    project.write({"sluice.yaml": SETTINGS.replace("./dev", "./warehouse/dev")})
    answer = project.call("validate", *DEV, exit=1)
    assert "sluice.yaml:4:21" in answer.err and "must not be, hold or lie in" in answer.err
    project.write({"sluice.yaml": SETTINGS.replace("from: prod", "from: prd")})
    assert "did you mean 'prod'?" in project.call("validate", *DEV, exit=1).err


def test_a_lender_without_tables_lends_none(orders):
    orders.write({"sluice.yaml": SETTINGS})
    orders.drop("data/orders/1.csv", "id,country,amount\n1,AT,10\n")
    runs = orders.run(*DEV)
    assert states(runs) == {"gold.by_country": "published"}
    told = "\n".join(runs["gold.by_country"]["notes"])
    assert "neither this target nor prod has it" in told
    assert not (orders.root / ".sluice/prod").exists()


class Slow:
    """A query that goes on until it is stopped."""

    SQL = "SELECT count(*) FROM range(100000000) a, range(100000) b, (FROM gold.counted) c"

    def __init__(self, shop, *options):
        command = [str(BIN), "query", self.SQL, *options]
        self.process = subprocess.Popen(
            command, cwd=shop.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_readers_hold_what_they_read(shop):
    snapshot = status(shop, "prod")["gold.counted"]["snapshot_id"]

    def held(target):
        return [
            (hold["reader"], {t["table"]: t.get("snapshot_id") for t in hold.get("tables", [])})
            for hold in shop.json("status", "--target", target)["holds"]
        ]

    with Slow(shop, *PROD) as slow:
        wait_for(lambda: held("prod") == [("query", {"gold.counted": snapshot})])
        assert f"read now by query (pid {slow.process.pid}," in shop.call("status", *PROD).out
        assert "query (pid" in shop.call("doctor", *PROD).out
        slow.process.send_signal(signal.SIGINT)
        slow.process.wait(20)
    assert held("prod") == [] and holds(shop) == []
    with Slow(shop, *DEV):
        wait_for(lambda: held("prod") == [("target dev of shop", {"gold.counted": snapshot})])


def test_holds_of_the_dead_count_for_nothing_and_are_cleaned(shop):
    with Slow(shop, *DEV) as slow:
        wait_for(lambda: holds(shop))
        slow.process.kill()
        slow.process.wait()
    assert len(holds(shop)) == 1
    assert shop.json("status", *PROD)["holds"] == []
    shop.run(*PROD)
    assert holds(shop) == []


def test_dev_reads_what_a_front_that_died_left(shop):
    """It leaves its log behind, which only production's next run may touch."""
    crashing = BIN.parent / "sluice-crashtest"
    died = subprocess.run(
        [str(crashing), "run", "--full-refresh", *PROD],
        cwd=shop.root,
        env={**os.environ, "SLUICE_CRASH_AT": "run.model.begun"},
        capture_output=True,
        timeout=60,
    )
    assert died.returncode == -signal.SIGKILL, died
    assert (shop.root / ".sluice/prod/metastore.db-wal").stat().st_size > 0
    before = production(shop)
    assert total(shop, DEV) == "22.00"
    edit_clean(shop)
    assert states(shop.run(*DEV))["silver.clean"] == "published"
    assert production(shop) == before
    shop.write({"models/silver/clean.sql": CLEAN})
    shop.run(*PROD)
    assert shop.json("audit", "--deep", *PROD)["ok"]
