"""Refused records: looking at them, trying them again, accepting the loss."""

import os
import subprocess
import threading

import pytest

from program import call

HEAD = "id,country,amount\n"
CONTRACT = "contracts/orders.odcs.yaml"
COUNTS = (
    "SELECT seq, records, committed_rows, quarantined_rows, waived_rows, replayed_rows "
    "FROM sluice.landed_files ORDER BY seq"
)


@pytest.fixture
def held(orders):
    """Two files; amounts too precise, a missing country, a repeated key."""
    orders.drop("data/orders/1.csv", HEAD + "1,DE,1.50\n2,FR,12345678.90\n3,,3\n4,AT,4\n")
    orders.drop("data/orders/2.csv", HEAD + "5,DE,99999999.25\n1,DE,1\n6,FR,x\n")
    orders.run()
    return orders


def edit(project, name, *changes):
    text = (project.root / name).read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    project.write({name: text})


def loosen(project):
    edit(project, CONTRACT, ("decimal(9,2)", "decimal(18,2)"))


def replay(project, *arguments, **options):
    report = project.json("quarantine", "replay", *arguments, **options)
    return {source["source"]: source for source in report["sources"]}.get("bronze.orders")


def places(project):
    """Every record of the source: where it came from and where it is now."""
    good = project.rows("SELECT _sluice_file, _sluice_line, 'table' FROM bronze.orders")
    held = project.rows("SELECT file_id, line, status FROM quarantine.orders WHERE status <> 'replayed'")
    return sorted(good + held)


ALL_PLACES = [[1, 2], [1, 3], [1, 4], [1, 5], [2, 2], [2, 3], [2, 4]]


def test_list_counts_by_rule_and_fits_the_line(held):
    listed = held.json("quarantine", "list")
    assert [(group["rule"], group["column"], group["open"]) for group in listed] == [
        ("type", "amount", 3), ("duplicate_key", "id", 1), ("required", "country", 1)]
    assert listed[0]["source"] == "bronze.orders" and listed[0]["replayed"] == 0
    assert listed[0]["first_at"] <= listed[0]["last_at"] and "decimal" in listed[0]["for_example"]
    for width in (60, 100, 160):
        out = held.call("quarantine", "list", env={"COLUMNS": str(width)}).out
        assert all(len(line) <= max(width, 120) for line in out.splitlines()), out
    assert held.json("quarantine", "list", "--rule", "required")[0]["column"] == "country"
    assert held.json("quarantine", "list", "bronze.orders") == listed


def test_show_has_file_line_reason_and_payload(held):
    shown = held.json("quarantine", "show", "--rule", "type")
    assert [(os.path.basename(row["file_name"]), row["line"], row["payload"]) for row in shown] == [
        ("1.csv", 3, "2,FR,12345678.90"), ("2.csv", 2, "5,DE,99999999.25"), ("2.csv", 4, "6,FR,x")]
    assert {row["status"] for row in shown} == {"open"}
    text = held.call("quarantine", "show", "--limit", "1").out
    assert "1.csv:3  type(amount)" in text and "--limit 0" in text
    assert len(held.json("quarantine", "show", "--limit", "2")) == 2
    assert held.json("quarantine", "show", "--status", "waived") == []
    near = held.call("quarantine", "show", "--source", "bronze.order", exit=2)
    assert "bronze.orders" in near.err


def test_replay_after_a_mended_contract_moves_what_passes_once(held):
    before = held.rows("SELECT file_id, line, arrived_at FROM quarantine.orders ORDER BY ALL")
    loosen(held)
    report = replay(held)
    assert (report["state"], report["replayed"], report["still_refused"]) == ("published", 2, 3)
    assert held.rows("SELECT id, amount, _sluice_file, _sluice_line FROM bronze.orders WHERE amount > 9 "
                     "ORDER BY id") == [[2, "12345678.90", 1, 3], [5, "99999999.25", 2, 2]]
    settled = held.rows("SELECT file_id, line, status, settled_by IS NOT NULL, settled_run_id = "
                        f"'{report['run']}' FROM quarantine.orders WHERE status = 'replayed' ORDER BY ALL")
    assert settled == [[1, 3, "replayed", True, True], [2, 2, "replayed", True, True]]
    assert held.rows("SELECT file_id, line, arrived_at FROM quarantine.orders ORDER BY ALL") == before
    assert held.rows(COUNTS) == [[1, 4, 3, 1, 0, 1], [2, 3, 1, 2, 0, 1]]
    assert [place[:2] for place in places(held)] == ALL_PLACES
    assert held.audit()["records_compared"] >= 2
    again = replay(held)
    assert (again["state"], again["replayed"], again["still_refused"]) == ("unchanged", 0, 3)
    assert held.rows(COUNTS) == [[1, 4, 3, 1, 0, 1], [2, 3, 1, 2, 0, 1]]
    states = {table: run["state"] for table, run in held.run().items()}
    assert states == {"bronze.orders": "unchanged", "gold.by_country": "published"}
    assert held.rows("SELECT orders FROM gold.by_country WHERE country = 'DE'") == [[2]]
    held.audit()


def test_records_that_are_still_bad_get_todays_reason(held):
    edit(held, CONTRACT, ('"decimal(9,2)"', "int"))
    refused = held.call("quarantine", "replay", exit=1)
    assert "cannot become" in refused.text, "the table's column cannot be narrowed"
    edit(held, CONTRACT, ("physicalType: int", 'physicalType: "decimal(9,2)"'), ("1.0.0", "1.1.0"),
         ("logicalType: string, required: true",
          "logicalType: string, required: true, logicalTypeOptions: { minLength: 3 }"))
    report = replay(held)
    assert (report["state"], report["replayed"], report["still_refused"]) == ("published", 0, 5)
    shown = held.json("quarantine", "show", "--source", "bronze.orders")
    assert {row["contract_version"] for row in shown} == {"1.1.0"}
    assert {row["status"] for row in shown} == {"open"}
    assert replay(held)["state"] == "unchanged"
    held.audit()


def test_replay_after_a_mended_source_setting(orders):
    orders.drop("data/orders/1.csv", HEAD.replace(",", ";") + "1;DE;1.50\n2;FR;NA\n3;;3\n")
    assert orders.run()["bronze.orders"]["refused"] == 3
    edit(orders, "sources/orders.yaml",
         ("settle: 0s\n", "settle: 0s\ncsv: { delimiter: ';' }\nnulls: [NA, '']\n"))
    report = replay(orders)
    assert (report["replayed"], report["still_refused"]) == (2, 1)
    assert report["refused_by"] == [{"rule": "required", "column": "country", "records": 1}]
    assert orders.rows("SELECT id, amount FROM bronze.orders ORDER BY id") == [[1, "1.50"], [2, None]]
    orders.audit()


def test_a_twin_that_arrived_meanwhile_stays_the_only_one(held):
    held.drop("data/orders/3.csv", HEAD + "2,FR,2.00\n")
    held.run()
    loosen(held)
    report = replay(held)
    assert (report["replayed"], report["still_refused"]) == (1, 4)
    assert held.rows("SELECT id, count(*) FROM bronze.orders GROUP BY id HAVING count(*) > 1") == []
    assert held.rows("SELECT amount FROM bronze.orders WHERE id = 2") == [["2.00"]]
    [twin] = held.rows("SELECT rule, reason FROM quarantine.orders WHERE file_id = 1 AND line = 3")
    assert twin == ["duplicate_key", "primary key (id) is already in file 3, line 2"]
    held.audit()


def test_two_records_with_one_key_give_one_row(orders):
    orders.drop("data/orders/1.csv", HEAD + "7,DE,11111111.11\n7,FR,22222222.22\n")
    orders.run()
    loosen(orders)
    report = replay(orders)
    assert (report["replayed"], report["still_refused"]) == (1, 1)
    assert orders.rows("SELECT country FROM bronze.orders WHERE id = 7") == [["DE"]]
    orders.audit()


def test_a_dry_run_changes_nothing(held):
    loosen(held)
    snapshots = held.snapshot_ids()
    report = replay(held, "--dry-run")
    assert (report["open"], report["would_pass"], report["would_stay"]) == (5, 2, 3)
    assert "5 open: 2 would pass, 3 would stay" in held.call("quarantine", "replay", "--dry-run").out
    assert held.snapshot_ids() == snapshots
    state = held.root / ".sluice" / "dev"
    assert not [path.name for path in state.iterdir() if "replay" in path.name or "spill" in path.name]
    held.audit()


def test_replay_of_one_rule_leaves_the_others(held):
    loosen(held)
    assert replay(held, "--rule", "required")["state"] == "unchanged"
    assert replay(held, "--rule", "nothing_like_it")["reason"] == "no open record is meant"
    report = replay(held, "--rule", "type", "--column", "amount")
    assert (report["replayed"], report["still_refused"]) == (2, 1)
    held.audit()


def test_a_long_payload_is_read_from_the_raw_zone(orders):
    name = "x" * 100_000
    orders.drop("data/orders/1.csv", HEAD + f'1,"{name}",11111111.11\n2,DE,1\n')
    orders.run()
    [shown] = orders.json("quarantine", "show")
    assert len(shown["payload"]) < shown["payload_bytes"] == len(name) + 16
    loosen(orders)
    assert replay(orders)["replayed"] == 1
    assert orders.rows("SELECT length(country) FROM bronze.orders WHERE id = 1") == [[len(name)]]
    orders.audit()


def test_records_whose_raw_file_is_gone_stay(held):
    loosen(held)
    [path] = [path for [path] in held.rows("SELECT raw_path FROM sluice.landed_files WHERE seq = 1")]
    os.remove(path)
    report = replay(held, exit=1)
    assert (report["replayed"], report["still_refused"]) == (1, 2)
    assert "gone from the raw zone" in report["problems"][0] and "1.csv" in report["problems"][0]
    assert held.rows("SELECT count(*) FROM quarantine.orders WHERE file_id = 1 AND status = 'open'") == [[2]]
    [finding] = held.audit(exit=1, deep=False)["findings"]
    assert finding["problem"].endswith("(landed file 1 of bronze.orders) is gone")


def test_a_waive_is_recorded_and_can_be_undone(held):
    assert "--reason" in held.call("quarantine", "waive", "--source", "bronze.orders", exit=2).err
    assert "--source" in held.call("quarantine", "waive", "--reason", "x", exit=2).err
    waived = held.json("quarantine", "waive", "--source", "bronze.orders", "--rule", "type",
                       "--reason", "typed by hand; 'lost'")["sources"][0]
    assert (waived["state"], waived["waived"]) == ("published", 3)
    assert held.rows(COUNTS) == [[1, 4, 2, 1, 1, 0], [2, 3, 0, 1, 2, 0]]
    shown = held.json("quarantine", "show", "--status", "waived")
    assert {row["note"] for row in shown} == {"typed by hand; 'lost'"}
    assert all(row["settled_by"] and row["settled_at"] for row in shown)
    assert held.audit()["records"] == 7
    loosen(held)
    assert replay(held)["state"] == "unchanged", "waived records are not tried again"
    undone = held.json("quarantine", "waive", "--source", "bronze.orders", "--undo")["sources"][0]
    assert undone["opened"] == 3
    assert held.rows(COUNTS) == [[1, 4, 2, 2, 0, 0], [2, 3, 0, 3, 0, 0]]
    assert held.rows("SELECT DISTINCT status, note, settled_by FROM quarantine.orders") == [["open", None, None]]
    assert replay(held)["replayed"] == 2
    held.audit()
    assert held.json("quarantine", "waive", "--source", "bronze.orders", "--undo")["sources"][0]["state"] == "unchanged"


def test_replays_at_the_same_time_give_each_record_once(held):
    loosen(held)
    held.drop("data/orders/3.csv", HEAD + "8,DE,8\n2,FR,2.00\n")
    commands = [["quarantine", "replay", "--wait", "60s"]] * 2 + [["run", "--wait", "60s"]]
    threads = [threading.Thread(target=call, args=command, kwargs={"cwd": held.root}) for command in commands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    held.run()
    replay(held)
    rows = held.rows("SELECT id, count(*) FROM bronze.orders GROUP BY id ORDER BY id")
    assert rows == [[1, 1], [2, 1], [4, 1], [5, 1], [8, 1]]
    assert sum(row[1] for row in held.rows(COUNTS)) == len(places(held)) == 9
    held.audit()


def test_history_stays_readable(held):
    before = held.snapshot_ids()
    loosen(held)
    replay(held)
    snapshot = before["quarantine.orders"]
    assert held.rows("SELECT DISTINCT status FROM quarantine.orders", "--at", snapshot) == [["open"]]
    metadata = held.metadata("quarantine.orders")
    [now] = [one for one in metadata["snapshots"] if one["snapshot-id"] == metadata["current-snapshot-id"]]
    assert now["summary"]["operation"] == "overwrite" and now["summary"]["total-records"] == "5"


def test_the_audit_sees_a_status_that_the_ledger_does_not_know(held):
    loosen(held)
    replay(held)
    script = ("import sqlite3,sys; db=sqlite3.connect(sys.argv[1]); db.execute(\"UPDATE landed_files SET "
              "committed_rows = committed_rows + 1, quarantined_rows = quarantined_rows - 1, replayed_rows = "
              "replayed_rows + 1 WHERE seq = 1\"); db.execute(\"UPDATE landed_files SET committed_rows = "
              "committed_rows - 1, quarantined_rows = quarantined_rows + 1, replayed_rows = replayed_rows - 1 "
              "WHERE seq = 2\"); db.commit()")
    subprocess.run(["python3", "-c", script, str(held.metastore)], check=True)
    problems = [finding["problem"] for finding in held.audit(exit=1, deep=False)["findings"]]
    assert len(problems) == 2 and "landed file 1: the ledger says 4 committed" in problems[0]
