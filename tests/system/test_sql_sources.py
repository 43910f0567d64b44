"""Sources of `type: sql`: tables of PostgreSQL and SQLite become bronze tables, increment by increment."""

import os
import signal
import sqlite3
import subprocess
import time
from contextlib import closing

import pytest

from postgres_server import DATABASE, PASSWORD, PASSWORD_IN_URL, USER, PostgresServer
from program import BIN, SETTINGS, Project

CRASH_BIN = BIN.parent / "sluice-crashtest"
ENV = {"SHOP_PASSWORD": PASSWORD_IN_URL}

CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: orders
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - { name: id, logicalType: integer, physicalType: bigint, required: true, primaryKey: true }
      - { name: amount, logicalType: number, physicalType: "decimal(9,2)", logicalTypeOptions: { minimum: 0 } }
      - { name: note, logicalType: string }
      - { name: updated_at, logicalType: timestamp, logicalTypeOptions: { timezone: true }, required: true }
"""
SOURCE = """\
source: bronze.orders
type: sql
connection: {connection}
table: {table}
cursor: {cursor}
contract: contracts/orders.odcs.yaml
"""
ORDERS = (
    "DROP TABLE IF EXISTS orders; CREATE TABLE orders (id bigint PRIMARY KEY, amount numeric, note text, "
    "updated_at timestamptz NOT NULL)"
)


def insert(first: int, last: int, amount: str = "i") -> str:
    return (
        f"INSERT INTO orders SELECT i, {amount}, 'n' || i, timestamptz '2026-01-01 00:00Z' + i * interval "
        f"'1 second' FROM generate_series({first}, {last}) i"
    )


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("postgres", numbered=True)
    for above in (folder, *folder.parents):
        if above.stat().st_uid == os.getuid() and above.name:
            above.chmod(above.stat().st_mode | 0o011)  # the server's user must come through
    server = PostgresServer(folder / "server")
    yield server
    server.stop()


@pytest.fixture
def shop(server, tmp_path):
    """A project on a fresh table `orders` of three rows."""
    server.sql(ORDERS)
    server.sql(insert(1, 3))
    return project(tmp_path, postgres(server))


def postgres(server, password: str = "${SHOP_PASSWORD}") -> str:
    return f"postgresql://{USER}:{password}@127.0.0.1:{server.port}/{DATABASE}"


def project(tmp_path, connection: str, table: str = "orders", cursor: str = "updated_at") -> Project:
    return Project(tmp_path / "project").write(
        {
            "sluice.yaml": SETTINGS,
            "sources/orders.yaml": SOURCE.format(connection=connection, table=table, cursor=cursor),
            "contracts/orders.odcs.yaml": CONTRACT,
        }
    )


def ids(shop: Project) -> list:
    return [row[0] for row in shop.rows("SELECT id FROM bronze.orders ORDER BY id")]


def failure(shop: Project, **options) -> str:
    """Runs what must fail; says why."""
    run = shop.run(exit=1, **{"env": ENV, **options})["bronze.orders"]
    assert run["state"] == "failed", run
    return run["error"]


# --- PostgreSQL ---------------------------------------------------------------------------------------


def test_each_run_takes_what_came_since(shop, server):
    first = shop.run(env=ENV)["bronze.orders"]
    assert first["rows"] == 3
    assert shop.run(env=ENV)["bronze.orders"]["state"] == "unchanged"
    server.sql(insert(4, 5))
    assert shop.run(env=ENV)["bronze.orders"]["rows"] == 2
    assert ids(shop) == [1, 2, 3, 4, 5]
    names = [row[0] for row in shop.rows("SELECT name FROM sluice.landed_files ORDER BY seq")]
    assert names[0] == "orders where updated_at <= '2026-01-01T00:00:03+00:00'"
    assert names[1] == "orders where updated_at > '2026-01-01T00:00:03+00:00' and <= '2026-01-01T00:00:05+00:00'"
    position = shop.metadata("bronze.orders")["properties"]["sluice.extract.bronze.orders"]
    assert position.startswith("updated_at <= '2026-01-01T00:00:05+00:00' of postgresql:shop/")
    shop.audit()


def test_bad_rows_go_to_quarantine_and_come_back(shop, server):
    server.sql(insert(4, 5, amount="-1"))
    server.sql("INSERT INTO orders VALUES (6, 1e30, 'much', '2026-01-02')")
    run = shop.run(env=ENV)["bronze.orders"]
    assert (run["rows"], run["refused"]) == (3, 3)
    held = shop.rows('SELECT line, "column", rule FROM quarantine.orders ORDER BY line')
    assert held == [[4, "amount", "range"], [5, "amount", "range"], [6, "amount", "type"]]
    shop.write({"contracts/orders.odcs.yaml": CONTRACT.replace("minimum: 0", "minimum: -5")})
    shop.call("quarantine", "replay")
    assert ids(shop) == [1, 2, 3, 4, 5]
    shop.audit()


def test_values_of_every_kind_arrive_as_they_are(server, tmp_path):
    server.sql(
        "DROP TABLE IF EXISTS kinds; DROP TYPE IF EXISTS mood; CREATE TYPE mood AS ENUM ('glad'); "
        "CREATE TABLE kinds (id int, big numeric, price numeric(9,2), real float8, day date, at timestamp, "
        "ok boolean, uid uuid, doc jsonb, list int[], bytes bytea, feel mood, address inet, span interval); "
        "INSERT INTO kinds VALUES (1, 12345678901234567890.123456789, 1.50, 0.1, '2026-02-03', "
        "'2026-02-03 04:05:06.789', true, '6f1b0a5e-0000-4000-8000-000000000001', '{\"a\": 1}', '{1,2}', "
        "'\\x00ff', 'glad', '10.0.0.1', '1 day 02:00'), (2, 'NaN', NULL, 'Infinity', NULL, NULL, NULL, NULL, NULL, "
        "NULL, NULL, NULL, NULL, NULL)"
    )
    types = {
        "id": "integer", "big": "string", "price": "number, physicalType: 'decimal(9,2)'",
        "real": "number, physicalType: double", "day": "date",
        "at": "timestamp", "ok": "boolean", "uid": "string",
        "doc": "string", "list": "string", "bytes": "string, physicalType: binary", "feel": "string",
        "address": "string", "span": "string",
    }
    properties = "".join(f"      - {{ name: {name}, logicalType: {kind} }}\n" for name, kind in types.items())
    shop = project(tmp_path, postgres(server), table="public.kinds", cursor="id")
    shop.write({"contracts/orders.odcs.yaml": CONTRACT.split("      - ")[0] + properties})
    run = shop.run(env=ENV)["bronze.orders"]
    assert (run["rows"], run["refused"]) == (2, 0), run
    columns = ", ".join(name if name in ("id", "ok") else f'CAST("{name}" AS VARCHAR)' for name in types)
    rows = shop.rows(f"SELECT {columns} FROM bronze.orders ORDER BY id")
    assert rows[0] == [
        1, "12345678901234567890.123456789", "1.50", "0.1", "2026-02-03", "2026-02-03 04:05:06.789", True,
        "6f1b0a5e-0000-4000-8000-000000000001", '{"a": 1}', "[1, 2]", "\\x00\\xFF", "glad", "10.0.0.1/32",
        "1 day 02:00:00",
    ]
    assert rows[1][:4] == [2, "NaN", None, "inf"] and set(rows[1][4:]) == {None}


def test_a_query_may_stand_for_a_table(shop):
    text = SOURCE.format(connection="x", table="x", cursor="id")
    connection = (shop.root / "sources/orders.yaml").read_text().splitlines()[2]
    text = text.replace("connection: x", connection)
    shop.write({"sources/orders.yaml": text.replace(
        "table: x", "query: |\n  SELECT id, amount, upper(note) AS note, updated_at FROM orders -- all\n"
        "  WHERE id <> 2;")})
    assert shop.run(env=ENV)["bronze.orders"]["rows"] == 2
    assert shop.rows("SELECT note FROM bronze.orders ORDER BY 1") == [["N1"], ["N3"]]


def test_the_server_goes_away_in_mid_read_and_nothing_is_landed(server, tmp_path):
    server.sql(
        "DROP VIEW IF EXISTS slow; CREATE VIEW slow AS SELECT g::bigint AS id, 1.00::numeric(9,2) AS amount, "
        "repeat('x', 100) || CASE WHEN g % 1000 = 0 THEN pg_sleep(0.02)::text ELSE '' END AS note, "
        "timestamptz '2026-01-01' + g * interval '1 second' AS updated_at FROM generate_series(1, 60000) g"
    )
    shop = project(tmp_path, postgres(server), table="slow")
    running = subprocess.Popen([BIN, "run"], cwd=shop.root, env={**os.environ, **ENV}, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    until = time.monotonic() + 30
    while "1" not in server.sql("SELECT count(*) FROM pg_stat_activity WHERE query ILIKE 'COPY%'"):
        assert time.monotonic() < until and running.poll() is None
    server.stop()
    said, _ = running.communicate(timeout=60)
    server.start()
    assert running.returncode == 1 and "sources/orders.yaml:4:8: " in said, said
    assert shop.rows("SELECT count(*) FROM sluice.landed_files") == [[0]]
    assert not list((shop.root / "warehouse").rglob("*.parquet"))
    assert shop.run(env=ENV)["bronze.orders"]["rows"] == 60000
    shop.audit()


@pytest.mark.parametrize("point", ["run.extract.written", "run.extract.before_ledger",
                                   "run.extract.after_ledger", "run.source.before_publish",
                                   "run.source.published"])
def test_a_kill_between_extract_and_commit_loses_nothing(shop, server, point):
    shop.run(env=ENV)
    server.sql(insert(4, 6))
    died = subprocess.run([CRASH_BIN, "run"], cwd=shop.root, capture_output=True, check=False,
                          env={**os.environ, **ENV, "SLUICE_CRASH_AT": point})
    assert died.returncode == -signal.SIGKILL, died
    server.sql(insert(7, 7))
    shop.run(env=ENV)
    assert ids(shop) == [1, 2, 3, 4, 5, 6, 7]
    assert shop.rows("SELECT count(*) FROM sluice.landed_files")[0][0] <= 3
    shop.audit()


def test_no_file_and_no_message_has_the_password(shop, server):
    said = shop.call("run", env=ENV).text
    server.sql(insert(4, 4))
    said += shop.call("plan", env=ENV).text + shop.call("run", env=ENV).text
    wrong = {"SHOP_PASSWORD": "wr0ng-Passw0rd"}
    said += shop.call("run", exit=1, env=wrong).text
    said += shop.call("run", exit=1, env={"SHOP_PASSWORD": PASSWORD_IN_URL + "@nowhere.invalid:1/x?"}).text
    assert "password authentication failed" in said
    for secret in (PASSWORD, PASSWORD_IN_URL, "wr0ng-Passw0rd"):
        assert secret not in said
        for path in shop.root.rglob("*"):
            assert not path.is_file() or secret.encode() not in path.read_bytes(), path


def test_rows_that_are_committed_late_are_found_behind_the_cursor(shop, server):
    text = (shop.root / "sources/orders.yaml").read_text()
    shop.write({"sources/orders.yaml": text + "cursor_lag: 10m\n"})
    assert shop.run(env=ENV)["bronze.orders"]["rows"] == 3
    assert shop.run(env=ENV)["bronze.orders"]["state"] == "unchanged"
    server.sql("INSERT INTO orders VALUES (10, 1, 'new', '2026-01-01 00:20Z'), (11, 1, 'late', '2026-01-01 00:00:02Z')")
    assert shop.run(env=ENV)["bronze.orders"]["rows"] == 2
    server.sql("INSERT INTO orders VALUES (12, 1, 'late', '2026-01-01 00:10:01Z'), (13, 1, 'too late', '2026-01-01 00:10Z'), "
               "(14, 1, 'beside another', '2026-01-01 00:20Z')")
    assert shop.run(env=ENV)["bronze.orders"]["rows"] == 2
    assert shop.run(env=ENV)["bronze.orders"]["state"] == "unchanged"
    server.sql("UPDATE orders SET note = 'changed' WHERE id = 14; INSERT INTO orders VALUES (15, -1, 'bad', '2026-01-01 00:19Z')")
    run = shop.run(env=ENV)["bronze.orders"]
    assert (run["rows"], run["refused"]) == (0, 1)
    assert shop.run(env=ENV)["bronze.orders"]["state"] == "unchanged"
    assert ids(shop) == [1, 2, 3, 10, 11, 12, 14]
    names = [row[0] for row in shop.rows("SELECT name FROM sluice.landed_files ORDER BY seq")]
    assert names[2] == ("orders where updated_at > '2026-01-01T00:20:00+00:00' - 10m and <= '2026-01-01T00:20:00+00:00'")
    shop.audit()


def test_a_lag_of_a_number_and_a_key_that_was_renamed(server, tmp_path):
    server.sql(ORDERS)
    server.sql(insert(1, 20))
    server.sql("DELETE FROM orders WHERE id IN (9, 15)")
    shop = project(tmp_path, postgres(server), cursor="id")
    text = (shop.root / "sources/orders.yaml").read_text()
    shop.write({"sources/orders.yaml": text + "cursor_lag: 10\n"})
    assert shop.run(env=ENV)["bronze.orders"]["rows"] == 18
    server.sql(insert(9, 9) + ";" + insert(15, 15) + ";" + insert(21, 21))
    assert shop.run(env=ENV)["bronze.orders"]["rows"] == 2  # 15 is late, 9 too late
    assert ids(shop)[-8:] == [14, 15, 16, 17, 18, 19, 20, 21]
    shop.write({"sources/orders.yaml": text + "cursor_lag: 10m\n"})
    assert "cursor_lag is a time, but the cursor 'id' is BIGINT" in failure(shop)
    shop.write({"contracts/orders.odcs.yaml": CONTRACT.replace(", primaryKey: true", "")})
    assert "cursor_lag needs a contract with a primary key" in shop.call("validate", exit=1).text


def test_a_table_without_a_cursor_is_read_in_full_and_what_changed_is_taken(shop, server):
    text = (shop.root / "sources/orders.yaml").read_text()
    shop.write({"sources/orders.yaml": text.replace("cursor: updated_at", "snapshot_key: [id]"),
                "contracts/orders.odcs.yaml": CONTRACT.replace(", primaryKey: true", "")})
    states = "SELECT id, note FROM bronze.orders ORDER BY id, _sluice_file"
    assert shop.run(env=ENV)["bronze.orders"]["rows"] == 3
    assert shop.run(env=ENV)["bronze.orders"]["state"] == "unchanged"
    for note in ("other", "n2", "other", None):  # back again, too
        server.sql(f"UPDATE orders SET note = {'NULL' if note is None else repr(note)} WHERE id = 2")
        assert shop.run(env=ENV)["bronze.orders"]["rows"] == 1, note
    server.sql("DELETE FROM orders WHERE id = 1; INSERT INTO orders VALUES (4, 4, 'n4', '2025-01-01')")
    assert shop.run(env=ENV)["bronze.orders"]["rows"] == 1
    assert shop.rows(states) == [[1, "n1"], [2, "n2"], [2, "other"], [2, "n2"], [2, "other"], [2, None], [3, "n3"], [4, "n4"]]
    server.sql("ALTER TABLE orders ADD COLUMN extra text; UPDATE orders SET extra = 'x' WHERE id = 3")
    assert shop.run(env=ENV)["bronze.orders"]["refused"] == 1  # and the others are what they were
    server.sql("ALTER TABLE orders DROP COLUMN extra")
    for path in shop.metastore.parent.glob("metastore.db*"):
        path.unlink()
    shop.call("doctor", "--rebuild")
    assert shop.run(env=ENV)["bronze.orders"]["state"] == "unchanged"
    server.sql("INSERT INTO orders VALUES (5, 5, 'n5', '2025-01-01')")
    assert shop.run(env=ENV)["bronze.orders"]["rows"] == 1
    shop.audit()


def test_a_snapshot_key_that_is_wrong_is_refused(shop, server):
    text = (shop.root / "sources/orders.yaml").read_text()
    snapshot = text.replace("cursor: updated_at", "snapshot_key: [id]")
    shop.write({"sources/orders.yaml": snapshot})
    assert "the contract's primary_key (id) would refuse each row that changed" in shop.call("validate", exit=1).text
    shop.write({"contracts/orders.odcs.yaml": CONTRACT.replace(", primaryKey: true", ""),
                "sources/orders.yaml": snapshot.replace("[id]", "[note]")})
    server.sql("UPDATE orders SET note = 'same' WHERE id < 3")
    assert "1 keys (note) have several rows" in failure(shop)
    shop.write({"sources/orders.yaml": snapshot + "cursor: id\n"})
    assert "has either 'cursor' or 'snapshot_key'" in shop.call("validate", exit=1).text
    shop.write({"sources/orders.yaml": text})
    shop.run(env=ENV)
    shop.write({"sources/orders.yaml": snapshot})
    assert "the rows were taken by the cursor 'updated_at' up to now" in failure(shop)


def test_a_rebuilt_metastore_knows_how_far_the_database_was_read(shop, server):
    shop.run(env=ENV)
    server.sql(insert(4, 5))
    shop.run(env=ENV)
    for path in shop.metastore.parent.glob("metastore.db*"):
        path.unlink()
    shop.call("doctor", "--rebuild")
    assert shop.run(env=ENV)["bronze.orders"]["state"] == "unchanged"
    server.sql(insert(6, 6))
    assert shop.run(env=ENV)["bronze.orders"]["rows"] == 1
    assert ids(shop) == [1, 2, 3, 4, 5, 6]
    server.sql(ORDERS)
    assert "this is another table than the one that was read before" in failure(shop)
    shop.audit()


@pytest.mark.parametrize("point", ["run.extract.written", "run.extract.before_ledger", "run.extract.after_ledger",
                                   "run.source.before_publish", "run.source.published"])
@pytest.mark.parametrize("earlier_runs", [0, 1])
def test_a_kill_and_then_a_lost_metastore_take_no_row_twice(shop, server, point, earlier_runs):
    for _ in range(earlier_runs):
        shop.run(env=ENV)
        server.sql(insert(4, 6))
    subprocess.run([CRASH_BIN, "run"], cwd=shop.root, capture_output=True, check=False,
                   env={**os.environ, **ENV, "SLUICE_CRASH_AT": point})
    for path in shop.metastore.parent.glob("metastore.db*"):
        path.unlink()
    shop.call("doctor", "--rebuild")
    server.sql(insert(7, 7))
    run = shop.run(env=ENV)["bronze.orders"]
    assert run["refused"] == 0, run
    assert ids(shop) == ([1, 2, 3, 4, 5, 6, 7] if earlier_runs else [1, 2, 3, 7])
    shop.audit()


def test_a_restored_backup_is_older_than_what_was_read(shop, server):
    shop.run(env=ENV)
    backup = shop.root.parent / "backup"
    shop.call("backup", backup)
    server.sql(insert(4, 5))
    subprocess.run([CRASH_BIN, "run"], cwd=shop.root, capture_output=True, check=False,
                   env={**os.environ, **ENV, "SLUICE_CRASH_AT": "run.source.before_publish"})
    for path in shop.metastore.parent.glob("metastore.db*"):
        path.unlink()
    shop.call("restore", backup)
    server.sql(insert(6, 6))
    assert shop.run(env=ENV)["bronze.orders"]["refused"] == 0
    assert ids(shop) == [1, 2, 3, 4, 5, 6]
    shop.audit()


# --- what is wrong is said ----------------------------------------------------------------------------


def test_what_the_database_lacks_is_named_with_the_place(shop, server):
    text = (shop.root / "sources/orders.yaml").read_text()

    def said(old: str, new: str) -> str:
        shop.write({"sources/orders.yaml": text.replace(old, new)})
        return failure(shop)

    assert said("table: orders", "table: order") == (
        "sources/orders.yaml:4:8: the database has no table order that this user can see")
    server.sql("ALTER TABLE orders RENAME updated_at TO changed_at")
    assert "there is no column 'updated_at', which is to be the cursor" in said("", "")
    assert 'column "nope" does not exist' in said("table: orders", "query: SELECT nope FROM orders")
    server.sql("ALTER TABLE orders RENAME changed_at TO updated_at; ALTER TABLE orders ALTER updated_at "
               "DROP NOT NULL; INSERT INTO orders VALUES (9, 1, 'x', NULL)")
    assert "there are rows without a value in the cursor 'updated_at'" in said("", "")
    server.sql("DELETE FROM orders WHERE id = 9")
    assert shop.run(env=ENV)["bronze.orders"]["rows"] == 3
    assert "the cursor was 'updated_at' up to now" in said("cursor: updated_at", "cursor: id")


def test_a_table_that_was_made_anew_is_not_taken_for_the_old_one(shop, server):
    shop.run(env=ENV)
    server.sql(ORDERS)
    server.sql(insert(1, 9))
    said = failure(shop)
    assert "this is another table than the one that was read before" in said
    accepted = said.split("continues: '")[1].split("'")[0]
    text = (shop.root / "sources/orders.yaml").read_text()
    shop.write({"sources/orders.yaml": text + f"continues: '{accepted}'\n"})
    assert shop.run(env=ENV)["bronze.orders"]["rows"] == 6
    shop.audit()


def test_validate_and_plan_ask_no_database(tmp_path):
    shop = project(tmp_path, "postgresql://app:${UNSET_PASSWORD}@127.0.0.1:1/shop")
    shop.call("validate")
    plan = shop.json("plan")
    assert plan["runs"][0]["reason"] == "the database is asked for new rows; how many is unknown until then"
    assert "the variable UNSET_PASSWORD is not set" in failure(shop)


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("cursor: updated_at\n", "", "a source of type sql needs 'cursor' or 'snapshot_key'"),
        ("cursor: updated_at", "cursor: update_at", "did you mean 'updated_at'?"),
        ("table: orders", "", "needs 'table' or 'query'"),
        ("table: orders", "table: orders\nquery: SELECT 1", "has either 'table' or 'query'"),
        ("table: orders", "table: orders\npath: x.csv", "unknown key 'path' in a source of type sql"),
        ("sqlite:shop.db", "oracle://host/db", "the connection is to no database that is known"),
        ("cursor: updated_at", "cursor: updated_at\ncursor_lag: soon", "cursor_lag must be a time or a number"),
        ("cursor: updated_at", "cursor: updated_at\ncursor_lag: 10m", "cursor_lag of a time is not known for SQLite"),
        ("sqlite:shop.db", "postgresql://app:hunter2@host/db", "a password must not stand in the project"),
    ],
)
def test_a_source_that_is_wrong_is_refused_before_anything_runs(tmp_path, old, new, said):
    shop = project(tmp_path, "sqlite:shop.db")
    text = (shop.root / "sources/orders.yaml").read_text()
    shop.write({"sources/orders.yaml": text.replace(old, new)})
    answer = shop.call("validate", exit=1)
    assert said in answer.text and "hunter2" not in answer.text


# --- SQLite -------------------------------------------------------------------------------------------


def test_sqlite_tables_are_read_and_values_of_other_types_refused(tmp_path):
    shop = project(tmp_path, "sqlite:data/shop.db", cursor="id")
    (shop.root / "data").mkdir()
    with closing(sqlite3.connect(shop.root / "data/shop.db")) as db:
        db.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, amount, note TEXT, updated_at TEXT)")
        rows = [(1, 1.1, "a", "2026-01-01T00:00:00Z"), (2, "many", "b", "2026-01-02T00:00:00Z"),
                (10, 7, None, "2026-01-03T00:00:00Z")]
        db.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", rows)
        db.commit()
        run = shop.run()["bronze.orders"]
        assert (run["rows"], run["refused"]) == (2, 1)
        db.execute("INSERT INTO orders VALUES (11, 0.5, 'c', '2026-01-04T00:00:00Z')")
        db.commit()
        assert shop.run()["bronze.orders"]["rows"] == 1
    assert shop.rows("SELECT id, CAST(amount AS VARCHAR) FROM bronze.orders ORDER BY id") == [
        [1, "1.10"], [10, "7.00"], [11, "0.50"]]
    assert shop.rows('SELECT "column", rule FROM quarantine.orders') == [["amount", "type"]]
    shop.audit()
    (shop.root / "data/shop.db").unlink()
    assert failure(shop).startswith("sources/orders.yaml:4:8: ")
