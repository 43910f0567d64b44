"""Sources of `type: sql` on MySQL's protocol: tables of a MariaDB server become bronze tables, increment by increment."""

import os
import subprocess
import time

import pytest

from mysql_server import MysqlServer
from postgres_server import DATABASE, PASSWORD, PASSWORD_IN_URL, USER
from program import BIN, SETTINGS, Project

ENV = {"SHOP_PASSWORD": PASSWORD_IN_URL}
HEAD = """\
apiVersion: v3.2.0
kind: DataContract
id: orders
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
"""
CONTRACT = HEAD + """\
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
ORDERS = ("DROP TABLE IF EXISTS orders; CREATE TABLE orders (id bigint unsigned PRIMARY KEY, amount decimal(20,4), "
          "note varchar(50), updated_at timestamp(6) NOT NULL)")


def insert(first: int, last: int, amount: str = "seq") -> str:
    """Rows whose clock shows UTC."""
    return (f"SET time_zone = '+00:00'; INSERT INTO orders SELECT seq, {amount}, CONCAT('n', seq), "
            f"TIMESTAMP '2026-01-01 00:00:00' + INTERVAL seq SECOND FROM seq_{first}_to_{last}")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mysql", numbered=True)
    for above in (folder, *folder.parents):
        if above.stat().st_uid == os.getuid() and above.name:
            above.chmod(above.stat().st_mode | 0o011)  # the server's user must come through
    server = MysqlServer(folder / "server")
    yield server
    server.stop()


@pytest.fixture
def shop(server, tmp_path):
    """A project on a fresh table `orders` of three rows."""
    server.sql(ORDERS)
    server.sql(insert(1, 3))
    return project(tmp_path, mysql(server))


def mysql(server, password: str = "${SHOP_PASSWORD}") -> str:
    return f"mysql://{USER}:{password}@127.0.0.1:{server.port}/{DATABASE}"


def project(tmp_path, connection: str, table: str = "orders", cursor: str = "updated_at", contract=CONTRACT) -> Project:
    return Project(tmp_path / "project").write(
        {
            "sluice.yaml": SETTINGS,
            "sources/orders.yaml": SOURCE.format(connection=connection, table=table, cursor=cursor),
            "contracts/orders.odcs.yaml": contract,
        }
    )


def failure(shop: Project, **options) -> str:
    """Runs what must fail; says why."""
    run = shop.run(exit=1, **{"env": ENV, **options})["bronze.orders"]
    assert run["state"] == "failed", run
    return run["error"]


def test_each_run_takes_what_came_since(shop, server):
    assert shop.run(env=ENV)["bronze.orders"]["rows"] == 3
    assert shop.run(env=ENV)["bronze.orders"]["state"] == "unchanged"
    server.sql(insert(4, 5))
    server.sql(insert(6, 6, amount="-1"))
    run = shop.run(env=ENV)["bronze.orders"]
    assert (run["rows"], run["refused"]) == (2, 1)
    assert shop.rows("SELECT id, CAST(updated_at AS VARCHAR) FROM bronze.orders ORDER BY id")[-1] == [
        5, "2026-01-01 00:00:05+00"]
    names = [row[0] for row in shop.rows("SELECT name FROM sluice.landed_files ORDER BY seq")]
    assert names[0] == "orders where updated_at <= '2026-01-01 00:00:03.000000'"
    position = shop.metadata("bronze.orders")["properties"]["sluice.extract.bronze.orders"]
    assert position == "updated_at <= '2026-01-01 00:00:06.000000' of mysql:shop/orders"
    shop.audit()


KINDS = {
    "id": "integer", "ub": "number, physicalType: 'decimal(20,0)'", "flag": "boolean", "ti": "integer", "b1": "integer",
    "b9": "integer", "dt": "timestamp", "ts": "timestamp, logicalTypeOptions: { timezone: true }", "d": "date",
    "t": "string", "y": "integer", "e": "string", "s": "string", "j": "string",
    "de": "number, physicalType: 'decimal(10,2)'", "de65": "string", "f": "number, physicalType: float",
    "db": "number, physicalType: double", "vb": "string, physicalType: binary", "bin_text": "string",
    "latin": "string", "g": "string",
}


def kinds_contract() -> str:
    return HEAD + "".join(f"      - {{ name: {name}, logicalType: {kind} }}\n" for name, kind in KINDS.items())


def test_values_of_every_kind_arrive_as_they_are(server, tmp_path):
    server.sql(
        "DROP TABLE IF EXISTS kinds; CREATE TABLE kinds (id int PRIMARY KEY, ub bigint unsigned, flag boolean, ti tinyint(1), "
        "b1 bit(1), b9 bit(9), dt datetime(6), ts timestamp(6) NULL, d date, t time(3), y year, e enum('a','b'), "
        "s set('x','y'), j json, de decimal(10,2) unsigned, de65 decimal(65,30), f float, db double, vb varbinary(10), "
        "bin_text text COLLATE utf8mb4_bin, latin varchar(5) CHARACTER SET latin1, g geometry); SET time_zone = '+00:00'; "
        "INSERT INTO kinds VALUES (1, 18446744073709551615, true, 7, b'1', b'101010101', '2024-02-03 04:05:06.123456', "
        "'2024-02-03 04:05:06.5', '2024-02-03', '25:30:00.5', 2024, 'a', 'x,y', '{\"a\": 1}', 99999999.99, "
        "12345678901234567890123456789012345.123456789012345678901234567890, 16777217, 0.1, x'00ff', 'é\\\\', 'é', "
        "ST_GeomFromText('POINT(1 2)')), (2" + ", NULL" * 21 + ")"
    )
    shop = project(tmp_path, mysql(server), table="kinds", cursor="id", contract=kinds_contract())
    run = shop.run(env=ENV)["bronze.orders"]
    assert (run["rows"], run["refused"]) == (2, 0), (run, shop.rows('SELECT "column", reason FROM quarantine.orders'))
    columns = ", ".join(name if name in ("id", "flag") else f'CAST("{name}" AS VARCHAR)' for name in KINDS)
    rows = shop.rows(f"SELECT {columns} FROM bronze.orders ORDER BY id")
    assert rows[0] == [
        1, "18446744073709551615", True, "7", "1", "341", "2024-02-03 04:05:06.123456", "2024-02-03 04:05:06.5+00",
        "2024-02-03", "25:30:00.500", "2024", "a", "x,y", '{"a": 1}', "99999999.99",
        "12345678901234567890123456789012345.123456789012345678901234567890", "16777216.0", "0.1", "\\x00\\xFF", "é\\",
        "é", "POINT(1 2)",
    ]
    assert rows[1] == [2] + [None] * 21


def test_dates_that_are_none_go_to_quarantine_and_not_to_null(server, tmp_path):
    server.sql("DROP TABLE IF EXISTS days; CREATE TABLE days (id int PRIMARY KEY, dt datetime, d date, t time); "
               "SET sql_mode = ''; INSERT INTO days VALUES (1, '2024-01-01', '2024-01-01', '10:00'), "
               "(2, '0000-00-00', '2024-01-01', '10:00'), (3, '2024-01-01', '2024-05-00', '10:00'), "
               "(4, '2024-01-01', '2024-01-01', '-01:00'), (5, NULL, NULL, NULL)")
    contract = HEAD + "".join(f"      - {{ name: {name}, logicalType: {kind} }}\n" for name, kind in {
        "id": "integer", "dt": "timestamp", "d": "date", "t": "time"}.items())
    shop = project(tmp_path, mysql(server), table="days", cursor="id", contract=contract)
    run = shop.run(env=ENV)["bronze.orders"]
    assert (run["rows"], run["refused"]) == (2, 3), run
    assert shop.rows('SELECT line, "column", rule FROM quarantine.orders ORDER BY line') == [
        [2, "dt", "type"], [3, "d", "type"], [4, "t", "type"]]
    text = (shop.root / "sources/orders.yaml").read_text()
    shop.write({"sources/orders.yaml": text.replace(
        "table: days", "query: SELECT id + 10 AS id, NULLIF(dt, 0) AS dt, NULL AS d, NULL AS t FROM days").replace(
        "bronze.orders", "bronze.mended")})
    shop.run(env=ENV)
    assert shop.rows("SELECT count(*), count(dt) FROM bronze.mended") == [[5, 3]]


@pytest.mark.parametrize("kind, values", [
    ("varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", ["a", "it''s", "x\\\\y", "é"]),
    ("bigint unsigned", ["1", "9007199254740993", "9007199254740994", "18446744073709551615"]),
    ("date", ["2024-01-01", "2024-01-02", "2024-02-01", "2024-03-01"]),
    ("decimal(30,10)", ["1.5", "1.5000000001", "1e10", "12345678901234567890.1"]),
    ("double", ["0.1", "0.30000000000000004", "1e300", "1.7e308"]),
])
def test_a_cursor_of_any_type_skips_nothing_and_takes_nothing_twice(server, tmp_path, kind, values):
    server.sql(f"DROP TABLE IF EXISTS c; CREATE TABLE c (k {kind} NOT NULL, v int)")
    held = "number, physicalType: 'decimal(20,0)'" if "bigint" in kind else "string"
    contract = HEAD + f"      - {{ name: k, logicalType: {held} }}\n      - {{ name: v, logicalType: integer }}\n"
    shop = project(tmp_path, mysql(server), table="c", cursor="k", contract=contract)
    for at, value in enumerate(values, 1):
        server.sql(f"INSERT INTO c VALUES ('{value}', {at})")
        assert shop.run(env=ENV)["bronze.orders"]["rows"] == 1, value
        assert shop.run(env=ENV)["bronze.orders"]["state"] == "unchanged", value
    assert shop.rows("SELECT v FROM bronze.orders ORDER BY v") == [[1], [2], [3], [4]]


def test_a_query_and_a_column_that_is_added(shop, server):
    shop.run(env=ENV)
    server.sql("ALTER TABLE orders ADD COLUMN extra text; " + insert(4, 4).replace("updated_at", "x").replace(
        "SELECT seq", "(id, amount, note, updated_at) SELECT seq"))
    run = shop.run(env=ENV)["bronze.orders"]
    assert (run["rows"], run["refused"]) == (0, 1)
    assert shop.rows('SELECT "column", rule FROM quarantine.orders') == [["extra", "unknown_column"]]
    text = (shop.root / "sources/orders.yaml").read_text()
    shop.write({"sources/orders.yaml": text + "schema_changes: evolve\n"})
    server.sql("INSERT INTO orders VALUES (5, 5, 'n', '2026-02-01 00:00:00', 'more')")
    assert shop.run(env=ENV)["bronze.orders"]["rows"] == 1
    assert shop.rows("SELECT extra FROM bronze.orders WHERE id = 5") == [["more"]]
    shop.audit()


def test_late_rows_and_tables_that_are_read_in_full(shop, server):
    text = (shop.root / "sources/orders.yaml").read_text()
    shop.write({"sources/orders.yaml": text + "cursor_lag: 10m\n"})
    assert shop.run(env=ENV)["bronze.orders"]["rows"] == 3
    server.sql("SET time_zone = '+00:00'; INSERT INTO orders VALUES (10, 1, 'new', '2026-01-01 00:20:00'), "
               "(11, 1, 'late', '2026-01-01 00:00:02')")
    assert shop.run(env=ENV)["bronze.orders"]["rows"] == 2
    server.sql("SET time_zone = '+00:00'; INSERT INTO orders VALUES (12, 1, 'late', '2026-01-01 00:10:01'), "
               "(13, 1, 'too late', '2026-01-01 00:10:00')")
    assert shop.run(env=ENV)["bronze.orders"]["rows"] == 1
    assert shop.run(env=ENV)["bronze.orders"]["state"] == "unchanged"
    shop.write({"sources/full.yaml": text.replace("cursor: updated_at", "snapshot_key: [id]").replace(
        "bronze.orders", "bronze.states").replace("contract: contracts/orders.odcs.yaml\n", "")})
    assert shop.run(env=ENV)["bronze.states"]["rows"] == 7
    server.sql("UPDATE orders SET amount = 2 WHERE id = 1")
    assert shop.run(env=ENV)["bronze.states"]["rows"] == 1
    assert shop.run(env=ENV)["bronze.states"]["state"] == "unchanged"
    shop.audit()


def test_the_server_goes_away_in_mid_read_and_nothing_is_landed(server, tmp_path):
    server.sql("DROP VIEW IF EXISTS slow; CREATE VIEW slow AS SELECT seq AS id, 1.00 AS amount, "
               "CONCAT(REPEAT('x', 100), IF(seq % 1000 = 0, SLEEP(0.05), '')) AS note, "
               "TIMESTAMP '2026-01-01 00:00:00' + INTERVAL seq SECOND AS updated_at FROM seq_1_to_60000")
    shop = project(tmp_path, mysql(server), table="slow")
    running = subprocess.Popen([BIN, "run"], cwd=shop.root, env={**os.environ, **ENV}, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    until = time.monotonic() + 30
    while server.sql("SELECT count(*) FROM information_schema.processlist WHERE info LIKE '%source_rows%' AND "
                     "info NOT LIKE '%processlist%'") == "0":
        assert time.monotonic() < until and running.poll() is None
    server.stop()
    said, _ = running.communicate(timeout=60)
    server.start()
    assert running.returncode == 1 and "sources/orders.yaml:4:8: " in said, said
    assert shop.rows("SELECT count(*) FROM sluice.landed_files") == [[0]]
    assert not list((shop.root / "warehouse").rglob("*.parquet"))
    assert shop.run(env=ENV)["bronze.orders"]["rows"] == 60000
    shop.audit()


def test_no_file_and_no_message_has_the_password(shop, server):
    said = shop.call("run", env=ENV).text
    wrong = shop.call("run", exit=1, env={"SHOP_PASSWORD": "wr0ng-Passw0rd"}).text
    assert "cannot connect to the database" in wrong and "Access denied for user 'app'" in wrong
    for secret in (PASSWORD, PASSWORD_IN_URL, "wr0ng-Passw0rd"):
        assert secret not in said + wrong
        for path in shop.root.rglob("*"):
            assert not path.is_file() or secret.encode() not in path.read_bytes(), path


def test_what_the_database_lacks_is_named_with_the_place(shop, server):
    text = (shop.root / "sources/orders.yaml").read_text()

    def said(old: str, new: str) -> str:
        shop.write({"sources/orders.yaml": text.replace(old, new)})
        return failure(shop)

    assert said("table: orders", "table: order") == (
        "sources/orders.yaml:4:8: the database has no table order that this user can see")
    assert "Unknown column 'nope'" in said("table: orders", "query: SELECT nope FROM orders")
    assert "cannot connect to the database" in said(f":{server.port}/", ":1/")
    shop.write({"sources/orders.yaml": text.replace(mysql(server), "${URL}")})
    env = {"URL": mysql(server, PASSWORD_IN_URL).replace("mysql://", "mariadb://")}
    assert shop.run(env=env)["bronze.orders"]["rows"] == 3
