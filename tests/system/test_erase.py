"""A person's records are taken out of everything that is the installation's, and nothing else is."""

import gzip
import hashlib

import pyarrow.parquet as parquet
import pytest

KEY = "zoe.quitzau@example.org"
SOURCE = """\
source: bronze.{name}
type: files
path: data/{name}/*
format: csv
contract: contracts/{name}.odcs.yaml
settle: 0s
"""
CUSTOMERS = """\
apiVersion: v3.2.0
kind: DataContract
id: customers
version: 1.0.0
status: active
schema:
  - name: customers
    properties:
      - { name: id, logicalType: integer, primaryKey: true }
      - { name: email, logicalType: string, required: true }
      - { name: age, logicalType: integer }
"""
HEAD = "id,email,age\n"
FIRST = HEAD + f"1,ada@example.org,40\n2,{KEY},30\n3,x{KEY},31\n4,bob@example.org,old\n5,{KEY},young\n"
SECOND = HEAD + f'6,eve@example.org,25\n7,"{KEY}",33\n"8,{KEY}\n'


@pytest.fixture
def shop(project):
    project.write({
        "sources/customers.yaml": SOURCE.format(name="customers"),
        "contracts/customers.odcs.yaml": CUSTOMERS,
        "models/silver/adults.sql": "SELECT id, email AS contact, age FROM bronze.customers WHERE age > 18\n",
        "models/gold/contacts.sql": "SELECT count(*) AS n, max(contact) AS last_one FROM silver.adults\n",
    })
    project.drop("data/customers/1.csv", FIRST)
    project.drop("data/customers/2.csv", SECOND)
    project.run()
    return project


def places_of(project, text: str) -> list:
    """Where a text still is: in the bytes of any file, or in what a file holds once it is unpacked."""
    needle = text.encode()
    found = []
    for folder in ("warehouse", ".sluice"):
        for path in sorted((project.root / folder).rglob("*")):
            if not path.is_file():
                continue
            content = path.read_bytes()
            if path.suffix == ".gz":
                content += gzip.decompress(content)
            if path.suffix == ".parquet":
                content += str(parquet.read_table(path).to_pylist()).encode()
            if needle in content:
                found.append(str(path.relative_to(project.root)))
    return found


def only_the_other(project):
    """The key is also the end of another person's, which stays."""
    return [path for path in places_of(project, KEY) if path not in places_of(project, "x" + KEY)]


def test_the_key_is_nowhere_after(shop):
    shop.drop("data/customers/3.csv", HEAD + "9,un@example.org,1\n")
    shop.run()
    assert len(places_of(shop, KEY)) > 6
    shop.call("query", f"SELECT * FROM bronze.customers WHERE email = '{KEY}'")
    told = shop.json("erase", "--column", "email", "--value", KEY, "--yes")
    assert told["ok"] and told["waiting"] == []
    shop.json("erase", "--column", "email", "--value", "x" + KEY, "--yes")
    assert places_of(shop, KEY) == []
    assert shop.rows("SELECT id FROM bronze.customers ORDER BY id") == [[1], [6], [9]]
    assert shop.rows("SELECT contact FROM silver.adults ORDER BY 1") == [
        ["ada@example.org"], ["eve@example.org"]]
    assert shop.rows("SELECT count(*) FROM quarantine.customers") == [[1]]
    shop.audit()


def test_others_keep_every_record_and_its_place(shop):
    before = shop.rows("SELECT * FROM bronze.customers WHERE id IN (1, 3, 6) ORDER BY id")
    held = shop.rows("SELECT line, byte_offset, payload FROM quarantine.customers WHERE line = 5")
    shop.call("erase", "--key", f"email={KEY}", "--yes")
    assert shop.rows("SELECT * FROM bronze.customers ORDER BY id") == before
    assert shop.rows("SELECT line, byte_offset, payload FROM quarantine.customers") == held
    assert only_the_other(shop) == []
    raw = [path for path in (shop.root / "warehouse/_raw").rglob("*") if path.is_file()]
    assert sorted(path.stat().st_size for path in raw) == sorted([len(FIRST), len(SECOND)])
    shop.audit()


def test_the_report_is_kept_without_the_key(shop):
    told = shop.json("erase", "--key", f"email={KEY}", "--yes")
    [[column, key_hash, salt, rows, done]] = shop.rows(
        "SELECT column_name, key_hash, salt, rows, done_at IS NOT NULL FROM sluice.erasures")
    assert hashlib.sha256(f"{salt}email={KEY}".encode()).hexdigest() == key_hash
    assert (column, rows, done) == ("email", 4, True)
    tables = {table["table"]: table for table in told["erasure"]["tables"]}
    assert tables["bronze.customers"]["rows"] == 2 and tables["quarantine.customers"]["rows"] == 2
    assert [raw["how"] for raw in told["erasure"]["raw"]] == ["blanked", "blanked"]
    assert any("1.csv" in line for line in told["plan"]["remains"])


def test_the_ledger_counts_erased_records_and_lands_the_files_no_more(shop):
    shop.call("erase", "--key", f"email={KEY}", "--yes")
    columns = "records, committed_rows, quarantined_rows, erased_rows"
    ledger = shop.rows(f"SELECT {columns} FROM sluice.landed_files ORDER BY seq")
    assert [row[0] for row in ledger] == [5, 3] and sum(row[3] for row in ledger) == 4
    assert all(row[0] == sum(row[1:]) for row in ledger)
    shop.drop("data/customers/again.csv", FIRST)
    assert shop.run()["bronze.customers"]["rows"] == 0
    shop.drop("data/customers/4.csv", HEAD + "2,new@example.org,30\n")
    assert shop.run()["bronze.customers"]["rows"] == 1
    shop.audit()


def test_a_dry_run_changes_nothing(shop):
    before = (shop.snapshot_ids(), places_of(shop, KEY))
    told = shop.json("erase", "--key", f"email={KEY}", "--dry-run")
    assert told["sources"][0]["rows"] == 2 and told["sources"][0]["quarantined"] == 2
    assert told["models"] == ["silver.adults", "gold.contacts"]
    assert (shop.snapshot_ids(), places_of(shop, KEY)) == before
    assert "--yes" in shop.call("erase", "--key", f"email={KEY}", exit=2).err


def test_tags_in_the_way_are_named(shop):
    shop.call("tag", "bronze.customers", "kept")
    shop.call("tag", "gold.contacts", "month")
    answer = shop.call("erase", "--key", f"email={KEY}", "--yes", exit=1)
    assert "bronze.customers: kept" in answer.err and "gold.contacts: month" in answer.err
    shop.run()
    shop.audit()
    shop.call("erase", "--key", f"email={KEY}", "--yes", "--drop-tags")
    assert only_the_other(shop) == []
    assert [ref["name"] for ref in shop.json("tag", "gold.contacts")] == ["main"]
    shop.audit()


def test_a_tag_of_a_snapshot_without_the_records_stays(project):
    project.write({"sources/customers.yaml": SOURCE.format(name="customers"),
                   "contracts/customers.odcs.yaml": CUSTOMERS})
    project.drop("data/customers/0.csv", HEAD + "1,ada@example.org,40\n")
    project.run()
    project.call("tag", "bronze.customers", "before")
    project.drop("data/customers/1.csv", HEAD + f"2,{KEY},40\n")
    project.run()
    project.call("erase", "--key", f"email={KEY}", "--yes")
    assert project.rows("SELECT id FROM bronze.customers", "--at", "before") == [[1]]
    assert places_of(project, KEY) == []
    project.audit()


def test_packed_files_and_parquet_lose_the_file(shop):
    shop.drop("data/customers/3.csv.gz", gzip.compress((HEAD + f"11,{KEY},40\n12,al@example.org,old\n").encode()))
    shop.run()
    told = shop.json("erase", "--key", f"email={KEY}", "--yes")
    assert [raw["how"] for raw in told["erasure"]["raw"]] == ["blanked", "blanked", "removed"]
    assert only_the_other(shop) == []
    shop.audit()


def test_objects_of_json_become_empty_ones(project):
    project.write({"sources/customers.yaml": SOURCE.format(name="customers").replace("csv", "ndjson"),
                   "contracts/customers.odcs.yaml": CUSTOMERS})
    lines = [f'{{"id": 1, "email": "{KEY}", "age": 3}}', '{"id": 2, "email": "ada@example.org", "age": "x"}']
    project.drop("data/customers/1.ndjson", "\n".join(lines) + "\n")
    project.run()
    project.call("erase", "--key", f"email={KEY}", "--yes")
    assert places_of(project, KEY) == []
    [raw] = [path for path in (project.root / "warehouse/_raw").rglob("*.ndjson")]
    assert raw.read_text().startswith("{  ") and raw.read_text().endswith(lines[1] + "\n")
    project.audit()


def test_a_number_is_found_by_its_value(project):
    project.write({"sources/customers.yaml": SOURCE.format(name="customers"),
                   "contracts/customers.odcs.yaml": CUSTOMERS})
    project.drop("data/customers/1.csv", HEAD + "42,a@b.org,1\n1,c@d.org,42\n 42 ,e@f.org,2\n")
    project.run()
    project.call("erase", "--key", "id=42", "--yes")
    assert project.rows("SELECT id, age FROM bronze.customers") == [[1, 42]]
    project.audit()


def test_what_is_wrong_is_said(shop):
    assert "did you mean email" in shop.call("erase", "--key", "emai=x", "--dry-run", exit=2).err
    assert "did you mean bronze.customers" in shop.call(
        "erase", "--key", "email=x", "-T", "bronze.customer", "--dry-run", exit=2).err
    assert "nothing found in bronze.customers" in shop.call("erase", "--key", "email=none", "--yes").out
    assert "customer_id=42" in shop.call("erase", "--yes", exit=2).err
    shop.drop("data/customers/3.csv", HEAD + "9,un@example.org,1\n")
    shop.run()
    shop.call("rollback", "gold.contacts")
    assert "--release" in shop.call("erase", "--key", f"email={KEY}", "--yes", exit=1).err


def test_a_metastore_is_made_again_after_an_erasure(shop):
    shop.call("erase", "--key", f"email={KEY}", "--yes")
    before = shop.rows("SELECT * EXCLUDE (commit_id) FROM sluice.landed_files ORDER BY seq")
    for path in shop.metastore.parent.glob("metastore.db*"):
        path.unlink()
    shop.call("doctor", "--rebuild")
    assert shop.rows("SELECT * EXCLUDE (commit_id) FROM sluice.landed_files ORDER BY seq") == before
    shop.audit()
    assert only_the_other(shop) == []
