"""`sluice export --to postgresql://...`: rows in a table of a server of the test's own."""

import json
import os
import signal
import subprocess
import time

import pytest

from postgres_server import DATABASE, PASSWORD, PASSWORD_IN_URL, USER, PostgresServer
from program import BIN, Project, call

ENV = {"SHOP_PASSWORD": PASSWORD_IN_URL, "WRONG": "wr0ng"}
# Ten million rows: enough to be caught in the middle of.
MANY = ("SELECT a.order_id AS id, 'some text that takes its room' AS t FROM bronze.orders a, bronze.orders b, "
        "bronze.orders c, bronze.orders d, bronze.orders e, bronze.orders f, bronze.orders g")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("postgres", numbered=True)
    for above in (folder, *folder.parents):
        if above.stat().st_uid == os.getuid() and above.name:
            above.chmod(above.stat().st_mode | 0o011)  # the server's user must come through
    server = PostgresServer(folder / "server")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    assert call("init", "shop", cwd=folder).exit == 0
    project = Project(folder / "shop")
    project.run()
    return project


@pytest.fixture
def deliver(shop, server):
    """Runs an export into a database without tables."""
    server.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")

    def run(what, *options, exit=0, password="${SHOP_PASSWORD}"):
        answer = shop.call("export", what, "--to", url(server, password), *options, env=ENV, exit=exit)
        assert PASSWORD not in answer.text and PASSWORD_IN_URL not in answer.text
        return answer

    return run


def url(server, password="${SHOP_PASSWORD}") -> str:
    return f"postgresql://{USER}:{password}@127.0.0.1:{server.port}/{DATABASE}"


def done(answer) -> dict:
    return json.loads(answer.out)


def tables(server) -> str:
    return server.sql("SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relkind = 'r' AND "
                      "relnamespace = to_regnamespace('public')")


def test_a_table_is_made_and_replaced(shop, server, deliver):
    assert done(deliver("bronze.orders", "--json")) == {
        "ok": True, "table": "public.orders", "rows": 10, "created": True, "repeated": False}
    assert done(deliver("bronze.orders", "--json"))["created"] is False
    deliver("SELECT order_id, amount FROM bronze.orders WHERE order_id <= 4", "--table", "orders")
    theirs = server.sql("SELECT order_id, amount FROM orders ORDER BY 1").splitlines()
    ours = shop.rows("SELECT order_id, amount FROM bronze.orders WHERE order_id <= 4 ORDER BY 1")
    assert theirs == [f"{order_id}|{amount}" for order_id, amount in ours]
    assert tables(server) == "orders"


def test_values_keep_their_types(server, deliver):
    deliver("SELECT CAST('123456789012345678901234567890.12' AS DECIMAL(38,2)) AS d, 'nan'::DOUBLE AS n, "
            "[1, NULL] AS l, {'a': 'x\"y'} AS s, '\\x00\\xFF'::BLOB AS b, TIMESTAMP '2024-05-06 07:08:09.123456' AS ts, "
            "TIMESTAMPTZ '2024-05-06 07:08:09+02' AS tz, DATE '0001-01-01' AS dt, "
            "'0b7ab9b2-8f2a-4b6c-9f64-0123456789ab'::UUID AS u, NULL::INTEGER AS i, 18446744073709551615::UBIGINT AS ub",
            "--table", "odd")
    assert server.sql("SELECT d, n, l->>0, s->>'a', b, ts, tz AT TIME ZONE 'UTC', dt, u, i IS NULL, ub FROM odd") == (
        "123456789012345678901234567890.12|NaN|1|x\"y|\\x00ff|2024-05-06 07:08:09.123456|2024-05-06 05:08:09|"
        "0001-01-01|0b7ab9b2-8f2a-4b6c-9f64-0123456789ab|t|18446744073709551615")
    types = server.sql("SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'odd'::regclass "
                       "AND attname IN ('d', 'l', 'tz') ORDER BY attname").splitlines()
    assert types == ["numeric(38,2)", "jsonb", "timestamp with time zone"]


def test_an_append_is_done_once(server, deliver):
    first = "SELECT order_id, amount FROM bronze.orders WHERE order_id <= 3"
    assert done(deliver(first, "--table", "t", "--mode", "append", "--json"))["rows"] == 3
    again = deliver(first, "--table", "t", "--mode", "append")
    assert "appended before" in again.out
    deliver("SELECT order_id, amount FROM bronze.orders WHERE order_id > 3", "--table", "t", "--mode", "append")
    assert server.sql("SELECT count(*), count(DISTINCT order_id) FROM t") == "10|10"
    assert server.sql("SELECT count(*), sum(rows), min(snapshots) LIKE 'bronze.orders %' FROM sluice_exports") == "2|10|t"
    deliver(first, "--table", "t")  # replaces, so what was appended is gone
    assert done(deliver(first, "--table", "t", "--mode", "append", "--json"))["rows"] == 3
    assert server.sql("SELECT count(*) FROM t") == "6"
    assert "no snapshot" in deliver("sluice.runs", "--mode", "append", exit=2).err


def test_an_upsert_takes_the_place_of_its_key(server, deliver):
    deliver("SELECT order_id, amount FROM bronze.orders WHERE order_id <= 3", "--table", "t", "--mode", "upsert",
            "--key", "order_id")
    for _ in range(2):
        deliver("SELECT order_id, CAST(-1 AS DECIMAL(9,2)) AS amount FROM bronze.orders WHERE order_id IN (3, 4)",
                "--table", "t", "--mode", "upsert", "--key", "order_id")
    assert server.sql("SELECT string_agg(order_id::text, ',' ORDER BY order_id) FROM t") == "1,2,3,4"
    assert server.sql("SELECT count(*) FROM t WHERE amount = -1") == "2"
    twice = deliver("SELECT 1::BIGINT AS order_id, 1::DECIMAL(9,2) AS amount FROM range(2)", "--table", "t",
                    "--mode", "upsert", "--key", "order_id", exit=2)
    assert "1 keys (order_id) have several rows" in twice.err
    absent = deliver("SELECT NULL::BIGINT AS order_id, 1::DECIMAL(9,2) AS amount", "--table", "t",
                     "--mode", "upsert", "--key", "order_id", exit=2)
    assert "1 rows have no value in the key (order_id)" in absent.err


def test_a_table_that_does_not_fit_is_left_alone(server, deliver):
    server.sql("CREATE TABLE orders (order_id integer, amount numeric); INSERT INTO orders VALUES (7, 7)")
    narrow = deliver("SELECT order_id::BIGINT AS order_id FROM bronze.orders", "--table", "orders", exit=2)
    assert "column 'order_id' is integer there, which does not hold every bigint" in narrow.err
    lacking = deliver("SELECT amount AS amont FROM bronze.orders", "--table", "orders", exit=2)
    assert "no column 'amont'; did you mean 'amount'?" in lacking.err
    assert server.sql("SELECT * FROM orders") == "7|7"


def test_what_is_wrong_is_said(server, shop, deliver):
    wrong = deliver("bronze.orders", password="${WRONG}", exit=2)
    assert "cannot connect to the database" in wrong.err and "password authentication failed" in wrong.err
    assert "wr0ng" not in wrong.text
    plain = deliver("bronze.orders", password="hunter2", exit=2)
    assert "a password on the command line is seen by everybody" in plain.err and "hunter2" not in plain.text
    assert "NOT_SET" in deliver("bronze.orders", password="${NOT_SET}", exit=2).err
    assert "no schema nowhere" in deliver("bronze.orders", "--table", "nowhere.t", exit=2).err
    assert "--key" in deliver("bronze.orders", "--mode", "upsert", exit=2).err
    assert "did you mean order_id" in deliver("bronze.orders", "--key", "order_ix", exit=2).err
    assert "mysql://" in shop.call("export", "bronze.orders", "--to", "mysql://h/d", exit=2).err
    assert "--table must name" in deliver("SELECT 1 AS x", exit=2).err


def test_texts_that_postgresql_cannot_hold_are_named(server, deliver):
    deliver("SELECT 1::BIGINT AS id, 'old' AS t", "--table", "t")
    zero = deliver("SELECT 1::BIGINT AS id, 'a' || chr(0) AS t", "--table", "t", exit=2)
    assert "column 't' has a text with a zero byte, which PostgreSQL cannot store" in zero.err
    nested = deliver("SELECT 1::BIGINT AS id, ['a' || chr(0)] AS l", "--table", "nested", exit=2)
    assert "column 'l' has a text with a zero byte" in nested.err
    assert server.sql("SELECT * FROM t") == "1|old" and tables(server) == "t"


def test_a_dry_run_looks_and_writes_nothing(server, deliver):
    said = deliver("SELECT order_id, amount FROM bronze.orders", "--table", "t", "--key", "order_id", "--dry-run")
    assert said.out.splitlines()[0] == "public.t: 10 rows would be written (replace)"
    assert 'CREATE TABLE "public"."t" ("order_id" bigint, ' in said.out and "PRIMARY KEY" in said.out
    assert tables(server) == ""
    server.sql("CREATE TABLE t (order_id bigint, amount numeric); INSERT INTO t VALUES (7, 7)")
    assert done(deliver("SELECT order_id, amount FROM bronze.orders", "--table", "t", "--dry-run", "--json")) == {
        "ok": True, "table": "public.t", "rows": 10, "created": False, "repeated": False, "dry_run": True,
        "definition": ""}
    narrow = deliver("SELECT 'x' AS order_id", "--table", "t", "--dry-run", exit=2)
    assert "which does not hold every text" in narrow.err
    no_index = deliver("SELECT order_id, amount FROM bronze.orders", "--table", "t", "--mode", "upsert", "--key",
                       "order_id", "--dry-run", exit=2)
    assert "public.t has no primary key or unique index on (order_id)" in no_index.err
    assert server.sql("SELECT * FROM t") == "7|7"


def test_the_whole_url_may_stand_in_a_variable(shop, server, deliver):
    env = {**ENV, "SHOP_URL": url(server, PASSWORD_IN_URL)}
    answer = shop.call("export", "bronze.orders", "--to", "${SHOP_URL}", env=env)
    assert PASSWORD_IN_URL not in answer.text
    assert server.sql("SELECT count(*) FROM orders") == "10"


@pytest.fixture
def in_the_middle(server, shop, deliver):
    """An export of many rows into a table of one, while its rows are on their way."""
    deliver("SELECT 1::BIGINT AS id, 'old' AS t", "--table", "many")
    running = subprocess.Popen([BIN, "export", MANY, "--to", url(server), "--table", "many"], cwd=shop.root, text=True,
                               env={**os.environ, **ENV}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    wait_for(lambda: copying(server) != "0", running)
    yield running
    running.kill()
    running.wait()


def copying(server) -> str:
    return server.sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%' AND state <> 'idle'")


def wait_for(condition, running=None) -> None:
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until and (running is None or running.poll() is None)
        time.sleep(0.02)


def test_a_server_that_goes_away_keeps_its_rows(server, in_the_middle):
    server.stop()
    said, _ = in_the_middle.communicate(timeout=60)
    server.start()
    assert in_the_middle.returncode == 2 and "sluice: " in said and PASSWORD not in said, said
    assert server.sql("SELECT * FROM many") == "1|old" and tables(server) == "many"


def test_a_kill_leaves_nothing_behind(server, in_the_middle, deliver):
    in_the_middle.send_signal(signal.SIGKILL)
    in_the_middle.wait()
    wait_for(lambda: copying(server) == "0")
    assert server.sql("SELECT * FROM many") == "1|old" and tables(server) == "many"
    deliver("SELECT 2::BIGINT AS id, 'new' AS t", "--table", "many")
    assert server.sql("SELECT * FROM many") == "2|new"
