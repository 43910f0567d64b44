"""Files of every format and packing, whole and damaged: every record ends in the table or in quarantine."""

import csv
import datetime
import decimal
import gzip
import io
import json
import random
import subprocess

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest

CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: events
version: 1.0.0
status: active
schema:
  - name: events
    properties:
      - { name: id, logicalType: integer, physicalType: bigint, required: true }
      - { name: name, logicalType: string }
      - { name: amount, logicalType: number, physicalType: "decimal(18,4)" }
      - { name: ratio, logicalType: number, physicalType: double }
      - { name: moment, logicalType: timestamp, physicalType: timestamp }
      - { name: ok, logicalType: boolean }
"""

ROWS = [
    {"id": 1, "name": "plain", "amount": "12.5", "ratio": "0.25", "moment": "2026-01-02 03:04:05", "ok": "true"},
    {"id": 9007199254740993, "name": 'say "hi",\tä', "amount": "-0.0001", "ratio": "1e-3",
     "moment": "2026-01-02T03:04:05.000001", "ok": "false"},
    {"id": -3, "name": None, "amount": None, "ratio": None, "moment": None, "ok": None},
]
EXPECTED = [
    [-3, None, None, None, None, None],
    [1, "plain", "12.5000", 0.25, "2026-01-02T03:04:05", True],
    [9007199254740993, 'say "hi",\tä', "-0.0001", 0.001, "2026-01-02T03:04:05.000001", False],
]
ALL = ("SELECT id, name, CAST(amount AS VARCHAR) AS amount, ratio, moment, ok FROM bronze.events "
       "WHERE _sluice_file = {} ORDER BY id")
EACH = ("SELECT _sluice_file, list([id::VARCHAR, name, amount::VARCHAR, ratio::VARCHAR, moment::VARCHAR, ok::VARCHAR] "
        "ORDER BY id)::VARCHAR FROM bronze.events GROUP BY 1 ORDER BY 1")


@pytest.fixture
def events(project):
    """A function that makes the source of a path; more keys may follow."""
    def source(path, *lines):
        return project.write({
            "contracts/events.odcs.yaml": CONTRACT,
            "sources/events.yaml": "\n".join(["source: bronze.events", "type: files", f"path: data/{path}",
                                              "contract: contracts/events.odcs.yaml", "settle: 0s", *lines, ""]),
        })
    return source


def json_line(row, numbers=True):
    """A row as a writer of JSON has it; without `numbers` they are strings."""
    parts = []
    for key, value in row.items():
        plain = value is None or key == "ok" or (numbers and key in ("id", "amount", "ratio"))
        text = "null" if value is None else str(value) if plain else json.dumps(value, ensure_ascii=False)
        parts.append(f"{json.dumps(key)}: {text}")
    return "{" + ", ".join(parts) + "}"


def csv_text(rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True).stdout


def texts():
    lines = "\n".join(json_line(row) for row in ROWS)
    strings = "\r\n".join(json_line(row, numbers=False) for row in ROWS) + "\r\n"
    array = "[\n " + ",\n ".join(json_line(row) for row in ROWS) + "\n]\n"
    return {"ndjson": [lines, strings], "json": [array, "\n\n".join(json_line(row) for row in ROWS)],
            "csv": [csv_text(ROWS)]}


def refusals(project):
    """Refused records as (file, line, offset, column, rule), and their payloads."""
    rows = project.rows("SELECT file_id, line, byte_offset, \"column\", rule, payload, reason FROM "
                        "quarantine.events ORDER BY file_id, line, byte_offset")
    return [tuple(row[:5]) for row in rows], [row[5] for row in rows], [row[6] for row in rows]


@pytest.mark.parametrize("form", ["ndjson", "json", "csv"])
def test_text_formats_give_the_same_rows_however_they_are_packed(events, form):
    project = events(f"*.{form}*", f"format: {form}")
    count = 0
    for text in texts()[form]:
        raw = text.encode()
        half = len(raw) // 2
        for ending, packed in [
            ("", raw),
            (".gz", gzip.compress(raw)),
            (".2.gz", gzip.compress(raw[:half]) + gzip.compress(raw[half:]) + b"\0\0"),
            (".zst", zstd(raw)),
            (".2.zst", zstd(raw[:half]) + zstd(raw[half:])),
            (".bom", b"\xef\xbb\xbf" + raw),
            (".16le", b"\xff\xfe" + text.encode("utf-16-le")),
            (".16be.gz", gzip.compress(b"\xfe\xff" + text.encode("utf-16-be"))),
        ]:
            count += 1
            project.drop(f"data/{count:02}.{form}{ending}", packed)
    runs = project.run()
    assert (runs["bronze.events"]["rows"], runs["bronze.events"]["refused"]) == (3 * count, 0)
    assert project.rows(ALL.format(1)) == EXPECTED
    each = project.rows(EACH)
    assert [row[0] for row in each] == list(range(1, count + 1))
    assert {row[1] for row in each} == {each[0][1]}
    assert project.audit()["findings"] == []


def test_parquet_is_read_by_name_and_held_to_the_contract(events):
    project = events("*.parquet")

    def drop(number, **columns):
        sink = io.BytesIO()
        parquet.write_table(arrow.table(columns), sink)
        return project.drop(f"data/{number}.parquet", sink.getvalue())

    drop("1", name=["a", None], id=arrow.array([1, 2], arrow.int16()),
         amount=arrow.array([decimal.Decimal("1.5"), None], arrow.decimal128(5, 2)),
         ratio=arrow.array([0.5, float("nan")], arrow.float32()),
         moment=arrow.array([datetime.datetime(2026, 1, 2), None], arrow.timestamp("ms")), ok=[True, None])
    drop("2", id=["7", "x", None])              # text for a number: judged as text is
    drop("3", id=[1], name=[["nested"]])
    drop("4", id=[1], more=[1])
    drop("5", name=["no id"])
    whole = drop("6", id=list(range(50_000))).read_bytes()
    broken = bytearray(whole)
    broken[200:2000] = bytes(1800)
    project.drop("data/6.parquet", bytes(broken))
    project.drop("data/7.parquet", b"PAR1 this is no Parquet file PAR1")
    runs = project.run()
    assert (runs["bronze.events"]["rows"], runs["bronze.events"]["refused"]) == (3, 7)
    assert project.rows(ALL.format(1))[0] == [1, "a", "1.5000", 0.5, "2026-01-02T00:00:00", True]
    assert project.rows("SELECT id, _sluice_line FROM bronze.events WHERE _sluice_file = 2") == [[7, 1]]
    places, payloads, _ = refusals(project)
    assert [place[:2] + place[3:] for place in places] == [
        (2, 2, "id", "type"), (2, 3, "id", "required"), (3, 1, "name", "type"), (4, 1, "more", "unknown_column"),
        (5, 1, "id", "missing_column"), (6, 1, None, "malformed"), (7, 1, None, "malformed")]
    assert json.loads(payloads[0]) == {"id": "x"}
    assert json.loads(payloads[2]) == {"id": 1, "name": ["nested"]}
    assert project.audit()["findings"] == []


DAMAGED_LINES = [
    ('{"id": 1}', None),
    ('{"id": 2', "malformed"),
    ('{"id": 3} x', "malformed"),
    ('[{"id": 4}]', "malformed"),
    ('{"id": 5, "id": 5}', "malformed"),
    ('{"id": 6, "name": "\\u0000"}', "malformed"),
    ('{"id": 7, "name": "\\ud800"}', "malformed"),
    ('{"id": 08}', "malformed"),
    ('{"id": 9, "ratio": NaN}', "malformed"),
    ('{"id": 10, "ratio": 1e999}', "type"),
    ('{"id": 11.5}', "type"),
    ('{"id": 12345678901234567890}', "type"),
    ('{"id": 13, "amount": 0.00001}', "type"),
    ('{"id": 14, "name": 5}', "type"),
    ('{"id": 15, "name": {"a": []}}', "type"),
    ('{"id": 16, "ID": 1}', "unknown_column"),
    ('{"ok": true}', "required"),
    ('{"id": 18, "ok": "t", "moment": "2026-02-30 00:00:00"}', "type"),
    ('{"id": 19, "\\u006eame": "x"}', None),
    ('{"id": 20, "x": ' + "[" * 5000 + "]" * 5000 + "}", "malformed"),
    ('"just text"', "malformed"),
    ('{"id": 22, "name": "' + "n" * 200_000 + '"}', None),
]


@pytest.mark.parametrize("form", ["ndjson", "json"])
def test_every_damage_of_json_is_refused_alone_with_its_place(events, form):
    lines = [line for line, _ in DAMAGED_LINES]
    if form == "json":  # what leaves brackets or quotes open takes what follows with it
        lines = [line for line in lines if line != '{"id": 2']
    expected = dict(DAMAGED_LINES)
    text = "\n".join(lines) if form == "ndjson" else "[\n" + ",\n".join(lines) + "\n]"
    project = events(f"*.{form}")
    project.drop(f"data/1.{form}", text)
    run = project.run()["bronze.events"]
    bad = [line for line in lines if expected[line]]
    if form == "json":  # `3} x` and the rest behind it cannot be divided
        lost = lines.index('{"id": 3} x')
        bad = [line for line in lines[:lost] if expected[line]] + [lines[lost]]
    places, payloads, reasons = refusals(project)
    raw = text.encode()
    if form == "ndjson":
        assert [place[4] for place in places] == [expected[line] for line in bad], reasons
        assert payloads == [line if len(line) < 65536 else line[:65536] for line in bad]
        assert run["rows"] + run["refused"] == len(lines)
        for (_, at_line, offset, _, _), payload in zip(places, payloads):
            assert text.split("\n")[at_line - 1].startswith(payload)
            assert raw[offset:offset + len(payload)] == payload.encode()
    else:
        assert run["refused"] == 1 and run["rows"] == 2, reasons
        assert "missing behind a record" in reasons[0]
    assert project.audit()["findings"] == []


@pytest.mark.parametrize("form", ["ndjson", "csv", "json"])
def test_a_stream_that_breaks_off_keeps_what_came_before(events, form):
    project = events(f"*.{form}.*", f"format: {form}")
    rows = [{"id": n, "name": f"row {n} {random.Random(n).random()}"} for n in range(20_000)]
    text = {"ndjson": "\n".join(map(json.dumps, rows)) + "\n", "csv": csv_text(rows),
            "json": json.dumps(rows)}[form].encode()
    for number, pack in enumerate([gzip.compress, zstd], start=1):
        packed = pack(text)
        project.drop(f"data/{number}.{form}.cut", packed[:len(packed) // 2])
        flipped = bytearray(packed)
        flipped[len(packed) // 2] ^= 0xFF
        project.drop(f"data/{number}.{form}.flipped", bytes(flipped))
    project.drop(f"data/3.{form}.tail", gzip.compress(text) + b"tail")
    run = project.run()["bronze.events"]
    counts = project.rows("SELECT _sluice_file, count(*), max(id) + 1 FROM bronze.events GROUP BY 1 ORDER BY 1")
    assert counts[-1] == [5, 20_000, 20_000]
    assert counts[0][1] == counts[0][2] > 0
    places, _, reasons = refusals(project)
    told = {place[0] for place, reason in zip(places, reasons) if "stream" in reason}
    assert told == {1, 2, 3, 4, 5}, reasons
    assert run["rows"] > 20_000
    assert project.audit()["findings"] == []


def test_a_bomb_is_bounded_and_the_rest_goes_on(events):
    project = events("*.ndjson.gz")
    line = b'{"id": 1, "name": "' + b"n" * 10_000 + b'"}\n'
    bomb = gzip.compress(line * 40_000, 9)  # 400 MB in less than 1 MB
    assert len(bomb) < 1 << 20
    project.drop("data/1.ndjson.gz", bomb)
    project.drop("data/2.ndjson.gz", gzip.compress(b'{"id": 2}\n'))
    run = project.run()["bronze.events"]
    assert run["refused"] == 1 and 26_000 < run["rows"] < 27_000
    assert "unpacks to more than 268435456 bytes" in refusals(project)[2][0]


def test_records_over_the_limit_are_refused_with_their_front(events):
    project = events("*.*", "format: ndjson")
    big = json.dumps({"id": 2, "name": "x" * (17 << 20)})
    text = f'{{"id": 1}}\n{big}\n{{"id": 3}}\n'
    project.drop("data/1.ndjson", text)
    project.drop("data/2.gz", gzip.compress(text.encode(), 1))
    assert (project.run()["bronze.events"]["rows"]) == 4
    found = project.rows("SELECT file_id, line, byte_offset, length(payload), payload_bytes FROM quarantine.events "
                         "ORDER BY file_id")
    assert found == [[1, 2, 10, 4096, len(big)], [2, 2, 10, 4096, len(big)]]


def test_encodings_are_declared_and_what_they_cannot_say_is_refused(events):
    project = events("*.csv", "csv: { encoding: windows-1252 }")
    project.drop("data/1.csv", "id,name\n1,žlutý kůň €\n".encode("cp1250", "replace").replace(b"?", b""))
    project.drop("data/2.csv", b"id,name\n1,caf\xe9 \x80\n2,\x81\n")
    project.run()
    assert project.rows("SELECT name FROM bronze.events WHERE _sluice_file = 2") == [["café €"]]
    places, _, _ = refusals(project)
    assert places == [(2, 3, 20, "name", "malformed")]


def test_bytes_of_an_undeclared_encoding_refuse_their_record_alone(events):
    project = events("*.ndjson")
    project.drop("data/1.ndjson", b'{"id": 1, "name": "caf\xe9"}\n{"id": 2}\n')
    run = project.run()["bronze.events"]
    assert (run["rows"], run["refused"]) == (1, 1)
    assert refusals(project)[1] == ['{"id": 1, "name": "caf\\xe9"}']


def test_blocks_of_large_files_keep_exact_lines(events):
    """Files of many blocks are read side by side; lines and offsets are those of the file."""
    project = events("*.csv")
    rng = random.Random(7)
    lines, bad = ["id,name"], {}
    physical = 2
    records = 0
    for n in range(60_000):
        kind = rng.random()
        if kind < 0.02:
            text = f'{n},"two\nlines, {n}"'
        elif kind < 0.03:
            text = f"x{n},bad"
            bad[physical] = text
        else:
            text = f"{n},{'v' * rng.randrange(60)}"
        lines.append(text)
        physical += 1 + text.count("\n")
        records += 1
    project.drop("data/1.csv", "\n".join(lines) + "\n")
    run = project.run()["bronze.events"]
    assert (run["rows"], run["refused"]) == (records - len(bad), len(bad))
    found = project.rows("SELECT line, payload FROM quarantine.events ORDER BY line")
    assert {line: payload for line, payload in found} == bad
    assert project.audit()["findings"] == []


def test_any_bytes_are_accounted_for(events):
    """Mutated files of each format: good and refused records are all there are, and the run ends well."""
    project = events("**/*", "format: ndjson")
    rng = random.Random(11)
    base = ("\n".join(json_line(row) for row in ROWS) + "\n").encode() * 20
    for number in range(40):
        data = bytearray(base)
        for _ in range(rng.randrange(1, 60)):
            at = rng.randrange(len(data))
            data[at:at + rng.randrange(3)] = bytes(rng.choices(b'{}[]",:\n\\\0\xffx1', k=rng.randrange(4)))
        project.drop(f"data/{number:02}", gzip.compress(bytes(data)) if number % 4 == 0 else bytes(data))
    project.run()
    found = project.rows("SELECT sum(records), sum(committed_rows), sum(quarantined_rows) FROM sluice.landed_files")
    records, committed, quarantined = map(int, found[0])
    assert records == committed + quarantined > 1_000
    assert project.audit()["findings"] == []
