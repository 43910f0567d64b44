"""Reads with PyIceberg what sluice_lake_commits commits.

Usage: pyiceberg_commits.py <path of sluice_lake_commits>
"""

import datetime
import pathlib
import subprocess
import sys
import tempfile

import pyarrow
import pyarrow.parquet
from pyiceberg.table import StaticTable

FILES = 7
ROWS = 10
DAY = datetime.date(2013, 1, 1)


def field(name, kind, number, nullable=True):
    return pyarrow.field(name, kind, nullable=nullable, metadata={"PARQUET:field_id": str(number)})


SCHEMA = pyarrow.schema(
    [
        field("k", pyarrow.int64(), 1, nullable=False),
        field("ts", pyarrow.timestamp("us"), 2),
        field("t", pyarrow.string(), 3),
    ]
)


def rows_of(number):
    day = datetime.datetime.combine(DAY + datetime.timedelta(days=number // 2), datetime.time(12))
    return [{"k": number * ROWS + i, "ts": day, "t": f"row {number}.{i}"} for i in range(ROWS)]


def write_files(folder):
    data = folder / "warehouse" / "bronze" / "a" / "data"
    data.mkdir(parents=True)
    lines = []
    for number in range(FILES):
        rows = rows_of(number)
        path = data / f"{number}.parquet"
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows, SCHEMA), path)
        day = (rows[0]["ts"].date() - datetime.date(1970, 1, 1)).days
        keys = [row["k"] for row in rows]
        lines.append(f"file://{path} {ROWS} {path.stat().st_size} {day} {min(keys)} {max(keys)}")
    (folder / "files.txt").write_text("\n".join(lines) + "\n")


def check(condition, what):
    if not condition:
        sys.exit(f"pyiceberg_commits: {what}")


def sorted_rows(scan):
    return sorted(scan.to_arrow().to_pylist(), key=lambda row: row["k"])


def check_appended(table, plans):
    expected = [row for number in range(FILES) for row in rows_of(number)]
    got = sorted_rows(table.scan())
    check([(r["k"], r["ts"], r["text"]) for r in got] == [tuple(r.values()) for r in expected], "rows differ")
    check(all(row["extra"] is None for row in got), "the column that was added is not null")
    snapshots = sorted(table.metadata.snapshots, key=lambda s: s.sequence_number)
    check(len(snapshots) == FILES, "there is a snapshot for each append")
    for count, snapshot in enumerate(snapshots, 1):
        check(len(sorted_rows(table.scan(snapshot_id=snapshot.snapshot_id))) == count * ROWS, f"snapshot {count}")
        check(snapshot.summary["total-records"] == str(count * ROWS), f"total-records of snapshot {count}")
        check(snapshot.summary["total-data-files"] == str(count), f"total-data-files of snapshot {count}")
    for key, paths in plans.items():
        theirs = {task.file.file_path for task in table.scan(row_filter=f"k >= {key}").plan_files()}
        check(theirs == paths, f"k >= {key}: PyIceberg reads {sorted(theirs)}, we {sorted(paths)}")
    day = table.scan(row_filter="ts >= '2013-01-02T00:00:00' and ts < '2013-01-03T00:00:00'")
    check(len(list(day.plan_files())) == 2, "files of one day")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_files(folder)
        output = subprocess.run([sys.argv[1], name], check=True, capture_output=True, text=True).stdout
        lines = [line.split() for line in output.splitlines()]
        found = {line[0]: line[1] for line in lines if line[0] != "plan"}
        plans = {int(line[1]): set(line[2:]) for line in lines if line[0] == "plan"}
        check(len(plans) > 10, "plans are missing")
        check_appended(StaticTable.from_metadata(found["appended"]), plans)
        emptied = StaticTable.from_metadata(found["emptied"])
        check(sorted_rows(emptied.scan()) == [], "rows are left after the replacement")
        check(emptied.current_snapshot().summary["deleted-records"] == str(FILES * ROWS), "deleted-records")
    print(f"pyiceberg_commits: {FILES} appends, {len(plans)} plans and a replacement read as written")


if __name__ == "__main__":
    main()
