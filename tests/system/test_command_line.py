"""Every command: its exit codes, its JSON, its errors, its help."""

import json
import os
import subprocess

import pytest

from program import BIN, Project, call

HEAD = "id,country,amount\n"
GOOD = HEAD + "1,DE,1.50\n2,FR,2.50\n3,DE,x\n"


@pytest.fixture
def landed(orders):
    orders.drop("data/orders/1.csv", GOOD)
    orders.run()
    return orders


def test_the_front_never_loads_duckdb():
    dynamic = subprocess.run(["readelf", "-d", BIN], capture_output=True, text=True, check=True).stdout
    assert "NEEDED" in dynamic and "duckdb" not in dynamic.lower()
    worker = subprocess.run(["readelf", "-d", BIN.parent / "sluice-worker"], capture_output=True, text=True)
    assert "duckdb" in worker.stdout.lower()


def test_the_template_runs_as_its_readme_says(tmp_path):
    made = call("init", "my_shop", cwd=tmp_path)
    assert made.exit == 0 and "my_shop" in made.out
    shop = Project(tmp_path / "my_shop")
    assert "is valid" in shop.call("validate").out
    runs = shop.run()
    assert {run["state"] for run in runs.values()} == {"published"}
    assert [runs["bronze.orders"]["rows"], runs["bronze.orders"]["refused"]] == [10, 1]
    answer = shop.call("query", "SELECT * FROM gold.daily_revenue ORDER BY day, country")
    assert "2024-03-02" in answer.out and "(6 rows)" in answer.out
    assert "twelve" in shop.call("quarantine", "list").out
    assert shop.audit()["findings"] == []
    snapshots = shop.snapshot_ids()
    again = shop.run()
    assert {run["state"] for run in again.values()} == {"unchanged"}
    assert shop.snapshot_ids() == snapshots
    assert "0 published, 3 unchanged" in shop.call("run").out


def test_init_overwrites_nothing_and_names_nothing_odd(tmp_path):
    (tmp_path / "taken").mkdir()
    answer = call("init", "taken", cwd=tmp_path)
    assert answer.exit == 2 and "taken" in answer.err
    for name in ["../up", "1st", "a b", ""]:
        assert call("init", name, cwd=tmp_path).exit == 2
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


COMMANDS = [["init"], ["validate"], ["run"], ["status"], ["query"], ["explain"],
            ["quarantine"], ["quarantine", "list"], ["quarantine", "show"], ["quarantine", "replay"],
            ["quarantine", "waive"], ["test"], ["audit"],
            ["alerts"], ["alerts", "list"], ["alerts", "test"], ["alerts", "check"], ["backup"], ["restore"],
            ["doctor"], ["completion"]]


def test_help_names_every_command_and_option(tmp_path):
    text = call("--help", cwd=tmp_path)
    assert text.exit == 0
    for command in COMMANDS:
        assert command[0] in text.out
        answer = call(*command, "--help", cwd=tmp_path)
        assert answer.exit == 0 and "--help" in answer.out, answer
    assert "--select" in call("run", "--help", cwd=tmp_path).out
    assert "--at" in call("query", "--help", cwd=tmp_path).out
    assert "--deep" in call("audit", "--help", cwd=tmp_path).out
    version = call("--version", cwd=tmp_path)
    assert version.exit == 0 and version.out.startswith("sluice ")


@pytest.mark.parametrize(
    "arguments",
    [[], ["rum"], ["run", "--fast"], ["query"], ["query", "SELECT 1", "-f", "xml"],
     ["query", "SELECT 1", "-n", "-1"], ["run", "--wait", "soon"], ["explain"], ["init"]],
    ids=" ".join,
)
def test_wrong_usage_exits_2_with_a_word_on_help(tmp_path, arguments):
    answer = call(*arguments, cwd=tmp_path)
    assert answer.exit == 2 and "--help" in answer.err, answer


def test_outside_a_project_the_way_in_is_told(tmp_path):
    for command in [["validate"], ["run"], ["status"], ["query", "SELECT 1"], ["audit"]]:
        answer = call(*command, cwd=tmp_path)
        assert answer.exit == 2 and "sluice.yaml" in answer.err, answer


def test_an_unknown_target_is_told(landed):
    for command in [["validate"], ["run"], ["status"], ["audit"], ["query", "SELECT 1"]]:
        answer = landed.call(*command, "--target", "prd", exit=2)
        assert "prd" in answer.err


def test_before_the_first_run_readers_say_so(orders):
    for command in [["status"], ["query", "SELECT 1"], ["quarantine", "list"], ["explain", "x"]]:
        assert "sluice run" in orders.call(*command, exit=2).err


def test_a_selection_of_nothing_is_told(landed):
    answer = landed.call("run", "--select", "gold.by_contry", exit=2)
    assert "did you mean 'gold.by_country'" in answer.err


@pytest.mark.parametrize(
    "sql, says",
    [
        ("SELEC 1", "syntax"),
        ("SELECT * FROM bronze.order", "did you mean bronze.orders"),
        ("SELECT * FROM sluice.run", "did you mean sluice.runs"),
        ("SELECT amonut FROM bronze.orders", "amonut"),
        ("SELECT no_such(1)", "no_such"),
        ("SELECT 1; SELECT 2", "one SELECT"),
        ("", ""),
        ("SELECT 1/", "syntax"),
        ("SELECT CAST('x' AS INT)", "x"),
        ("DELETE FROM bronze.orders", "delete"),
        ("CREATE TABLE t AS SELECT 1", "SELECT"),
        ("DROP TABLE bronze.orders", "SELECT"),
        ("COPY bronze.orders TO '/tmp/out.csv'", "COPY is no query"),
        ("SET memory_limit = '1TB'", "SELECT"),
        ("INSTALL httpfs", "SELECT"),
        ("ATTACH '/tmp/x.db'", "SELECT"),
    ],
)
def test_wrong_sql_is_told_and_exits_2(landed, sql, says):
    for form in [[], ["--json"], ["-f", "csv"]]:
        answer = landed.call("query", sql, *form, exit=2)
        if form == ["--json"]:
            assert json.loads(answer.out)["ok"] is False
        else:
            assert answer.out == ""
        assert says.lower() in answer.err.lower(), answer
    assert landed.rows("SELECT count(*) FROM bronze.orders") == [[2]]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_blob('/etc/*')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_parquet('{root}/warehouse/bronze/orders/data/*.parquet')",
        "SELECT getenv('HOME')",
        "SELECT * FROM sqlite_scan('{root}/.sluice/dev/metastore.db', 'runs')",
        "SELECT * FROM read_csv('http://localhost:1/x.csv')",
        "FROM query('SELECT * FROM read_csv(''/etc/passwd'')')",
    ],
)
def test_a_query_sees_project_tables_only(landed, sql):
    answer = landed.call("query", sql.format(root=landed.root), exit=2)
    assert "root:" not in answer.text and answer.out == "", answer
    home = os.environ.get("HOME", "/root")
    assert f"\n{home}\n" not in answer.text


def test_the_past_is_asked_by_snapshot_or_time(landed):
    first = landed.snapshot_ids()
    landed.drop("data/orders/2.csv", HEAD + "9,IT,1\n")
    landed.run()
    count = "SELECT count(*) FROM bronze.orders"
    assert landed.rows(count) == [[3]]
    assert landed.rows(count, "--at", first["bronze.orders"]) == [[2]]
    times = [s["timestamp-ms"] for s in landed.metadata("bronze.orders")["snapshots"]]
    at = subprocess.run(["date", "-u", "-d", f"@{times[1] // 1000}.{times[1] % 1000:03}",
                         "+%Y-%m-%dT%H:%M:%S.%3NZ"], capture_output=True, text=True).stdout.strip()
    assert landed.rows(count, "--at", at) == [[3]]
    both = "SELECT (SELECT count(*) FROM bronze.orders), (SELECT count(*) FROM gold.by_country)"
    assert landed.rows(both, "--at", "2999-01-01T00:00:00Z") == [[3, 3]]


@pytest.mark.parametrize(
    "at, says",
    [
        ("1", "bronze.orders"),
        ("yesterday", "yesterday"),
        ("2000-01-01T00:00:00Z", "bronze.orders"),
        ("2013-13-01", "2013-13-01"),
        ("99999999999999999999", "99999999999999999999"),
        ("-5", "-5"),
    ],
)
def test_a_past_that_is_not_there_is_told(landed, at, says):
    answer = landed.call("query", "SELECT * FROM bronze.orders", f"--at={at}", exit=2)
    assert says in answer.err and answer.out == ""


def test_a_snapshot_belongs_to_one_table(landed):
    snapshot = landed.snapshot_ids()["bronze.orders"]
    sql = "SELECT * FROM bronze.orders, gold.by_country"
    assert "one table" in landed.call("query", sql, "--at", snapshot, exit=2).err


def test_exit_codes_tell_success_failed_checks_and_errors(landed):
    assert landed.call("run").exit == 0
    landed.write({"models/gold/bad.sql": "/*---\nkey: [k]\n---*/\nSELECT 1 AS k FROM bronze.orders\n"})
    landed.call("run", exit=1)
    landed.call("status")
    landed.write({"models/gold/bad.sql": "SELECT nothing FROM bronze.orders\n"})
    landed.call("run", exit=2)
    landed.call("validate", exit=1)


def test_every_command_prints_json(landed):
    assert landed.json("validate") == {"ok": True, "sources": 1, "contracts": 1, "models": 1}
    status = landed.json("status")
    assert status["project"] == "shop" and status["target"] == "dev"
    orders = {table["table"]: table for table in status["tables"]}["bronze.orders"]
    assert orders["rows"] == 2 and orders["snapshots"] == 1 and orders["last_run"] == "published"
    assert orders["metadata_location"].startswith("file:///")
    assert landed.json("audit")["ok"] is True
    [listed] = landed.json("quarantine", "list")
    assert listed["source"] == "bronze.orders" and listed["records"] == 1
    [record] = landed.json("quarantine", "show", "bronze.orders")
    assert record["payload"] == "3,DE,x" and record["line"] == 4 and record["rule"] == "type"
    [[run], [decision]] = [
        landed.rows("SELECT id FROM sluice.runs WHERE table_name = 'gold.by_country'"),
        landed.rows("SELECT id FROM sluice.decisions WHERE lever = 'compression' LIMIT 1"),
    ]
    explained = landed.json("explain", run[0])
    assert explained["table"] == "gold.by_country" and explained["state"] == "published"
    assert explained["stages"][0]["decisions"]
    assert landed.json("explain", decision[0])
    assert json.loads(landed.call("query", "SELECT 1 AS a", "-f", "json").out) == [{"a": 1}]
    assert landed.json("query", "SELECT 1 AS a WHERE false") == []
    assert landed.json("run")["ok"] is True


def test_a_failed_command_prints_json_where_it_has_a_report(landed):
    landed.write({"models/gold/bad.sql": "/*---\nkey: [k]\n---*/\nSELECT 1 AS k FROM bronze.orders\n"})
    report = landed.json("run", exit=1)
    assert report["ok"] is False and len(report["runs"]) == 3


def test_json_keeps_odd_text_and_large_numbers(landed):
    [row] = landed.json("query", "SELECT 9223372036854775807 AS big, 'a\"b\\c' || chr(10) || chr(1) "
                        "AS text, NULL AS nothing, CAST('0.10' AS DECIMAL(9,2)) AS money, true AS yes")
    assert row == {"big": 9223372036854775807, "text": 'a"b\\c\n\x01', "nothing": None,
                   "money": "0.10", "yes": True}


def test_json_tells_nan_and_infinity_from_null(landed):
    [row] = landed.json("query", "SELECT CAST('nan' AS DOUBLE) AS nan, CAST('inf' AS DOUBLE) AS inf, "
                        "CAST('-inf' AS FLOAT) AS low, CAST(NULL AS DOUBLE) AS nothing")
    assert row["nothing"] is None
    assert row["nan"] is not None and row["inf"] is not None and row["low"] is not None


def test_rows_are_cut_where_asked(landed):
    assert len(landed.rows("FROM range(100)", "-n", "7")) == 7
    text = landed.call("query", "FROM range(100)", "-n", "7").out
    assert "there are more" in text
    assert len(landed.rows("FROM range(5000)", "-n", "0")) == 5000


def test_csv_is_read_back_as_it_was(landed):
    out = landed.call("query", "SELECT 'a,\"b\"' AS x, NULL AS y, '' AS z", "-f", "csv").out
    assert out == 'x,y,z\r\n"a,""b""",,""\r\n'


def test_explain_says_what_it_does_not_know(landed):
    assert "sluice.runs" in landed.call("explain", "zzz", exit=2).err
    assert "several" in landed.call("explain", "0", exit=2).err


def test_quarantine_of_an_unknown_source_is_told(landed):
    assert "bronze.nope" in landed.call("quarantine", "list", "bronze.nope", exit=2).err


def test_quarantine_of_a_clean_source_is_empty(orders):
    orders.drop("data/orders/1.csv", HEAD + "1,DE,1\n")
    orders.run()
    assert "no record" in orders.call("quarantine", "list").out
    assert orders.json("quarantine", "list") == []
    assert orders.json("quarantine", "list", "bronze.orders") == []


def test_a_closed_pipe_ends_quietly(landed):
    done = subprocess.run(
        f"'{BIN}' query 'FROM range(3000000)' -n 0 | head -n 2", shell=True, cwd=landed.root,
        capture_output=True, text=True, timeout=60,
    )
    assert "terminate" not in done.stderr and len(done.stdout.splitlines()) == 2
