#!/usr/bin/env python3
"""The deliveries of the flights demo: a year of drops in twelve months, some of them damaged on purpose.

  drops.py prepare DATA STAGE         sort the real files in DATA into STAGE/<month>, add the damaged ones
  drops.py arrive STAGE MONTH DROPS   move a month's files into the folders that the sources watch
  drops.py condense STAGE MONTH JSON  say in a line or two what `sluice run --json` did, and check it
  drops.py replay STAGE MONTH JSON    the same of `sluice quarantine replay --json`
  drops.py judge STAGE SLUICE         check every count at the end of the year
  drops.py compare STAGE SLUICE       read every table with PyIceberg and DuckDB, too
  drops.py narrow cut|wrap            fit the lines of standard input into 100 columns

The real data comes as its producers would send it: flights as CSV, weather as gzipped NDJSON, aircraft as
Parquet, airports as a JSON array. One airline is announced late, so its first flights wait in quarantine until
they are replayed; aircraft are corrected, so they have versions.

Damage never replaces a real record: it comes in further files, or the record is delivered again. So
the table must hold the real flights exactly once, and everything else must be in quarantine.
"""
import collections
import csv
import datetime
import gzip
import json
import os
import pathlib
import re
import subprocess
import sys
import textwrap

FLIGHTS_OF_2013 = 336_776
MONTHS = [f"{month:02}" for month in range(1, 13)]
KEY = "time_hour, carrier, flight"
LATE_AIRLINE, ANNOUNCED_IN = "HA", "03"      # Hawaiian, one flight a day from JFK
REGULAR = re.compile(r"^(\d{4}-\d\d(-\d\d)?|[a-z]+)\.[a-z.]+$")
# What the registry says of seats and what the airline says, from a day on. The last aircraft is known to nobody.
CORRECTIONS = [
    ("07", {"tailnum": "N258JB", "valid_from": "2013-07-01", "seats": 100, "reason": "entered as 20"}),
    ("07", {"tailnum": "N298JB", "valid_from": "2013-07-04", "seats": 100, "reason": "entered as 20"}),
    ("10", {"tailnum": "N258JB", "valid_from": "2013-10-01", "seats": 96, "reason": "galley added"}),
    ("10", {"tailnum": "N0NONE", "valid_from": "2013-10-01", "seats": 99, "reason": "a slip of the pen"}),
]
REFUSED = re.compile(r"(\d[\d,]*) (\w+)(?:\(([^)]*)\))?")


# --- what is delivered ---------------------------------------------------------------------------

class Month:
    """One month's files, and what must come of them."""

    def __init__(self, stage, name):
        self.name = name
        self.folder = stage / name
        self.flights = 0          # good records of bronze.flights
        self.replayed = 0         # flights that come out of quarantine after this month's run
        self.refused = collections.Counter()   # (source, rule, column) -> records
        self.skipped = 0          # files whose content has been delivered before
        self.pending = 0          # files that are still being written
        self.slipped_in = []      # in words
        self.late = []            # files that count as still being written

    def write(self, path, lines):
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("".join(lines))
        return target

    def damage(self, path, lines, words, refused):
        self.write(path, lines)
        self.refused.update(refused)
        self.slipped_in.append(words)


def read_lines(path):
    lines = path.read_text().splitlines(keepends=True)
    return lines[0], lines[1:]


def edit(header, lines, **values):
    """The same records with other values in some columns."""
    names = header.rstrip("\n").split(",")
    for line in lines:
        fields = line.rstrip("\n").split(",")
        for column, value in values.items():
            fields[names.index(column)] = value
        yield ",".join(fields) + "\n"


def without_column(header, lines, column):
    at = header.rstrip("\n").split(",").index(column)
    for line in [header, *lines]:
        fields = line.rstrip("\n").split(",")
        yield ",".join(fields[:at] + fields[at + 1:]) + "\n"


def records_of(header, lines):
    """The records as JSON has them: numbers keep their digits, NA is null."""
    for values in csv.DictReader([header, *lines]):
        yield {name: None if value == "NA" else
               value if name in TEXTS else json.loads(value) for name, value in values.items()}


TEXTS = {"origin", "time_hour", "faa", "name", "dst", "tzone", "tailnum", "type", "manufacturer", "model",
         "engine"}


def write_ndjson(path, records):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(record) + "\n" for record in records)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode(), compresslevel=6, mtime=0))
    else:
        path.write_text(text)


def write_parquet(path, records):
    import pyarrow
    import pyarrow.parquet
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(list(records)), path)


def deliver_real_files(data, months):
    for path in sorted((data / "flights").glob("*.csv")):
        month = months[path.name[5:7]]
        header, lines = read_lines(path)
        month.write(f"flights/{path.name}", [header, *lines])
        unknown = 0
        if month.name < ANNOUNCED_IN:
            carrier = header.rstrip("\n").split(",").index("carrier")
            unknown = sum(line.split(",")[carrier] == LATE_AIRLINE for line in lines)
            month.refused["flights", "reference", "carrier"] += unknown
            months[ANNOUNCED_IN].replayed += unknown
        month.flights += len(lines) - unknown
    for path in sorted((data / "weather").glob("*.csv")):
        month = months[path.name[5:7]]
        write_ndjson(month.folder / f"weather/{path.stem}.ndjson.gz", records_of(*read_lines(path)))
    first = months["01"].folder
    header, lines = read_lines(data / "airports.csv")
    (first / "airports.json").write_text(json.dumps(list(records_of(header, lines)), indent=1))
    write_parquet(first / "planes.parquet", records_of(*read_lines(data / "planes.csv")))


def announce_airlines(data, months):
    header, lines = read_lines(data / "airlines.csv")
    late = [line for line in lines if line.startswith(LATE_AIRLINE)]
    months["01"].write("airlines.csv", [header, *(line for line in lines if line not in late)])
    months["01"].slipped_in.append("no entry for Hawaiian Airlines among the airlines")
    months["02"].slipped_in.append("still no entry for Hawaiian Airlines")
    months[ANNOUNCED_IN].write("airlines-added.csv", [header, *late])


def correct_aircraft(months):
    for name in sorted({month for month, _ in CORRECTIONS}):
        write_ndjson(months[name].folder / f"corrections-{name}.ndjson",
                     [record for month, record in CORRECTIONS if month == name])
    months["10"].refused["plane_corrections", "reference", "tailnum"] += 1
    months["10"].slipped_in.append("a correction of an aircraft that nobody knows")


def slip_in_damage(data, months):
    def day(name, folder="flights"):
        return read_lines(data / folder / f"{name}.csv")

    header, lines = day("2013-02-11")
    months["02"].damage(
        "flights/2013-02-11-late.csv", [header, *edit(header, lines[:5], dep_delay="late")],
        "5 records of a wrong type", {("flights", "type", "dep_delay"): 5})

    header, lines = day("2013-03-05")
    months["03"].damage(
        "flights/2013-03-05-v2.csv", without_column(header, lines[:40], "origin"),
        "a file of 40 without a column", {("flights", "missing_column", "origin"): 40})

    # The transfer of a day breaks off within a record; the rest comes in a second file.
    header, lines = day("2013-04-10")
    whole = "".join(lines[:500]) + lines[500][:31]
    months["04"].write("flights/2013-04-10-rest.csv", [header, *lines[500:]])
    months["04"].damage("flights/2013-04-10.csv", [header, whole],
                        "a transfer that broke off", {("flights", "malformed", ""): 1})

    header, lines = day("2013-05-20")
    months["05"].damage(
        "flights/2013-05-20-fix.csv",
        [header, *edit(header, lines[:4], origin="BOS"), *edit(header, lines[4:7], month="13")],
        "4 origins out of their domain, 3 months out of range",
        {("flights", "domain", "origin"): 4, ("flights", "range", "month"): 3})

    header, lines = day("2013-05-31")
    months["06"].damage("flights/2013-06-01-again.csv", [header, *lines[:100]],
                        "100 flights of May again", {("flights", "duplicate_key", KEY): 100})

    header, lines = day("2013-07-04")
    months["07"].write("flights/2013-07-04-copy.csv", [header, *lines])
    months["07"].skipped = 1
    months["07"].slipped_in.append("a file under a second name")

    header, lines = day("2013-09", "weather")
    write_ndjson(months["09"].folder / "weather/2013-09-sensor.ndjson.gz",
                 records_of(header, edit(header, lines[:12], humid="131.5")))
    months["09"].refused["weather", "range", "humid"] = 12
    months["09"].slipped_in.append("12 impossible humidities")

    # Written while the run looks: it is left alone and lands a month later.
    late = "flights/2013-11-30.csv"
    records = len(read_lines(months["11"].folder / late)[1])
    months["11"].late.append(late)
    months["11"].pending = 1
    months["11"].flights -= records
    months["12"].flights += records
    months["11"].slipped_in.append("a file that is still being written")


def prepare(data, stage):
    months = {name: Month(stage, name) for name in MONTHS}
    deliver_real_files(data, months)
    announce_airlines(data, months)
    correct_aircraft(months)
    slip_in_damage(data, months)
    expected = {
        month.name: {
            "flights": month.flights,
            "replayed": month.replayed,
            "refused": [[*key, count] for key, count in sorted(month.refused.items())],
            "skipped": month.skipped,
            "pending": month.pending,
            "slipped_in": month.slipped_in,
            "late": month.late,
        }
        for month in months.values()
    }
    (stage / "expected.json").write_text(json.dumps(expected, indent=1))


def expected_of(stage):
    return json.loads((stage / "expected.json").read_text())


# --- arrival -------------------------------------------------------------------------------------

def arrive(stage, month, drops):
    """Moves files in whole, dated as if they had come at the end of their month."""
    late = set(expected_of(stage)[month]["late"])
    before = (int(month) + 10) % 12 + 1
    for name in expected_of(stage)[f"{before:02}"]["late"] if month != "01" else []:
        settle(drops / name, month)
    for path in sorted(path for path in (stage / month).rglob("*") if path.is_file()):
        name = path.relative_to(stage / month)
        target = drops / name
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
        if str(name) in late:
            os.utime(target)
        else:
            settle(target, month)


def settle(path, month):
    hour = 6 if REGULAR.search(path.name) else 12      # what was not asked for comes later in the day
    at = datetime.datetime(2013, int(month), 28, hour, tzinfo=datetime.timezone.utc).timestamp()
    os.utime(path, (at, at))


# --- what came of it -----------------------------------------------------------------------------

def refusals_of(run):
    """(source, rule, column) -> records, from the notes of one source's run."""
    found = collections.Counter()
    for note in run["notes"]:
        if note.startswith("quarantined: "):
            for count, rule, column in REFUSED.findall(note):
                source = run["table"].removeprefix("bronze.")
                found[source, rule, column or ""] += int(count.replace(",", ""))
    return found


def comma(number):
    return f"{number:,}"


def condense(stage, month, report):
    expected = expected_of(stage)[month]
    runs = {run["table"]: run for run in report["runs"]}
    refused = sum((refusals_of(run) for run in report["runs"]), collections.Counter())
    notes = [note for run in report["runs"] for note in run["notes"]]
    skipped = sum("already in" in note for note in notes)
    pending = sum("settled" in note for note in notes)
    models = [run for name, run in runs.items()
              if not name.startswith("bronze.") and run["state"] == "published"]
    flights = runs["bronze.flights"]["rows"]
    cpu = sum(run["cpu_s"] for run in report["runs"])
    print(f"2013-{month}  {comma(flights):>7} flights {comma(runs['bronze.weather']['rows']):>6} weather"
          f" {sum(refused.values()):>4} refused {len(models):>2} models refreshed"
          f" {report['wall_s']:6.2f} s {cpu:6.2f} CPU-s")
    for words in expected["slipped_in"]:
        print(f"         slipped in: {words}")
    for (source, rule, column), count in sorted(refused.items()):
        print(f"           -> quarantine.{source}: {comma(count)} {rule}{f'({column})' if column else ''}")
    if skipped:
        print("           -> skipped: its content is in already")
    if pending:
        print("           -> left alone until it has settled")

    wanted = collections.Counter({tuple(key): count for *key, count in expected["refused"]})
    problems = [f"{run['table']}: {run['state']}: {run['error'] or run['problems']}"
                for run in report["runs"]
                if run["state"] not in ("published", "unchanged") or run["problems"]]
    check(problems, report["ok"], True, "the run's outcome")
    check(problems, flights, expected["flights"], "flights published")
    check(problems, dict(refused), dict(wanted), "records refused")
    check(problems, skipped, expected["skipped"], "files skipped")
    check(problems, pending, expected["pending"], "files left alone")
    return problems


def replay(stage, month, report):
    expected = expected_of(stage)[month]["replayed"]
    problems = []
    replayed = sum(source["replayed"] for source in report["sources"])
    check(problems, replayed, expected, "flights replayed")
    print(f"         replayed: {comma(replayed)} flights of Hawaiian Airlines, at last known")
    return problems


def check(problems, found, wanted, what):
    if found != wanted:
        problems.append(f"{what}: {found}, expected {wanted}")


def query(sluice, sql):
    answer = subprocess.run([sluice, "query", "--json", sql], check=True, capture_output=True, text=True)
    return json.loads(answer.stdout)


def truth(stage):
    """Counts and sums of the real flights, read with Python's own CSV reader."""
    total = collections.Counter()
    for path in sorted((stage / "real" / "flights").glob("*.csv")):
        with open(path, newline="") as file:
            for row in csv.DictReader(file):
                total["flights"] += 1
                total["miles"] += int(row["distance"])
                total["cancelled"] += row["dep_time"] == "NA"
                total["delay"] += 0 if row["arr_delay"] == "NA" else int(row["arr_delay"])
    return dict(total)


def judge(stage, sluice):
    problems = []
    wanted = truth(stage)
    check(problems, wanted["flights"], FLIGHTS_OF_2013, "flights in the data itself")
    sums = ("count(*) AS flights, sum(distance) AS miles, sum(arr_delay) AS delay, "
            "count(*) FILTER (WHERE dep_time IS NULL) AS cancelled")
    row = query(sluice, f"SELECT {sums}, count(DISTINCT (time_hour, carrier, flight)) AS keys"
                        " FROM bronze.flights")[0]
    row = {name: int(value) for name, value in row.items()}
    check(problems, row.pop("keys"), FLIGHTS_OF_2013, "distinct flights in bronze.flights")
    check(problems, row, wanted, "bronze.flights")
    refused = collections.Counter()
    for month in expected_of(stage).values():
        for source, rule, column, count in month["refused"]:
            refused[source, rule, column] += count
        refused["flights", "reference", "carrier"] -= month["replayed"]
    found = collections.Counter()
    for source in ("flights", "weather", "plane_corrections"):
        for row in query(sluice, 'SELECT rule, coalesce("column", \'\') AS col, count(*) AS records'
                                 f" FROM quarantine.{source} WHERE status = 'open' GROUP BY ALL"):
            found[source, row["rule"], row["col"]] = int(row["records"])
    check(problems, dict(found), dict(+refused), "records in quarantine")
    if not problems:
        print(f"all {comma(FLIGHTS_OF_2013)} flights are in bronze.flights exactly once: {comma(wanted['miles'])} "
              f"miles, {comma(wanted['cancelled'])} cancelled,\nas the files say; "
              f"{comma(sum(refused.values()))} damaged or repeated records are in quarantine, and nothing else is")
    return problems


# --- other readers -------------------------------------------------------------------------------

DIGEST = "count(*) AS rows, coalesce(sum((hash(t) % 1000000007)::BIGINT), 0)::BIGINT AS digest"


def compare(sluice):
    """Every table's rows and a digest of all its values, as three readers see them."""
    import duckdb
    from pyiceberg.table import StaticTable
    status = subprocess.run([sluice, "status", "--json"], check=True, capture_output=True, text=True)
    tables = json.loads(status.stdout)["tables"]
    connection = duckdb.connect(config={"extension_directory": os.environ["SLUICE_DUCKDB_EXTENSIONS"]})
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("LOAD iceberg")
    problems = []
    for table in tables:
        location = table["metadata_location"]
        path = location.removeprefix("file://")
        ours = query(sluice, f"SELECT {DIGEST} FROM {table['table']} AS t")[0]
        arrow = StaticTable.from_metadata(location).scan().to_arrow()
        found = {
            "sluice query": (int(ours["rows"]), int(ours["digest"])),
            "DuckDB": connection.execute(f"SELECT {DIGEST} FROM iceberg_scan('{path}') AS t").fetchone(),
            "PyIceberg": connection.execute(f"SELECT {DIGEST} FROM arrow AS t").fetchone(),
        }
        if len(set(found.values())) != 1:
            problems.append(f"{table['table']}: the readers disagree: {found}")
    if not problems:
        print(f"PyIceberg, DuckDB and 'sluice query' read the same values from all {len(tables)} tables")
    return problems


# --- printing ------------------------------------------------------------------------------------

WIDTH = 100


def narrow(how):
    for line in sys.stdin:
        line = line.rstrip("\n")
        if len(line) <= WIDTH:
            print(line)
        elif how == "cut":
            print(line[:WIDTH - 1] + "…")
        else:
            indent = " " * (len(line) - len(line.lstrip()) + 4)
            print("\n".join(textwrap.wrap(line, WIDTH, subsequent_indent=indent, drop_whitespace=True,
                                           break_long_words=False)))


def main():
    command, stage, *rest = sys.argv[1:]
    if command == "narrow":
        return narrow(stage)
    stage = pathlib.Path(stage)
    problems = []
    if command == "prepare":
        prepare(stage, pathlib.Path(rest[0]))
    elif command == "arrive":
        arrive(stage, rest[0], pathlib.Path(rest[1]))
    elif command == "condense":
        problems = condense(stage, rest[0], json.loads(pathlib.Path(rest[1]).read_text()))
    elif command == "replay":
        problems = replay(stage, rest[0], json.loads(pathlib.Path(rest[1]).read_text()))
    elif command == "judge":
        problems = judge(stage, rest[0])
    elif command == "compare":
        problems = compare(rest[0])
    else:
        problems = [f"unknown command {command}"]
    for problem in problems:
        print(f"UNEXPECTED  {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
