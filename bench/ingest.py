#!/usr/bin/env python3
"""Drops to committed, checked rows: rows per CPU-second against DuckDB's own reader and COPY without any check.

  ./x bench ingest                     2 M clickstream events of about 380 bytes, as NDJSON, CSV and Parquet
  ./x bench ingest --rows 500000 --formats ndjson

Ours is all of `sluice run` with its defaults (front and workers, user and system): landing with copy and hash, contract
of twelve rules, key, Iceberg commit. DuckDB's is the one statement that reads the same files, with the contract's types
given, and writes Parquet; its process's start is not counted. It is asked for three kinds of files:

  same level   zstd of our level, and what else DuckDB does by default: equal types, codec and level
  default      zstd of DuckDB's own level 3: what our choice of codec and encodings is held against, with its bytes
  same files   all options as ours: what checking, landing and committing alone cost; has no goal

Ours is measured once more with `raw: move`, which copies nothing: a copy costs what the machine's memory costs.
Both run side by side, after memory was touched: the host of a virtual machine takes free memory away and charges whoever
writes to it first. Where `perf` can be used, one more run says where our CPU goes.
Prints a table and writes build/bench/ingest.json: a list of {figure, value, unit, goal, holds, runs, spread}.
"""
import argparse
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys

from inputs import clickstream

ROOT = pathlib.Path(os.environ.get("SLUICE_ROOT", pathlib.Path(__file__).resolve().parents[1]))
SLUICE = pathlib.Path(os.environ.get("SLUICE_BIN", ROOT / "build" / "sluice"))
WORK = ROOT / "build" / "bench" / "ingest"
GOALS = {"ndjson": 0.9, "csv": 0.85, "parquet": 0.85}
GOAL_AS_CHOSEN = {"ndjson": 1.0, "csv": 0.85, "parquet": 0.85}
TOUCHED_BYTES = 3 << 30

OURS = "COMPRESSION_LEVEL 1"
ENCODINGS = "WRITE_BLOOM_FILTER false, DICTIONARY_SIZE_LIMIT 2000"
COPIES = {"same level": OURS, "default": "COMPRESSION_LEVEL 3", "same files": f"{OURS}, {ENCODINGS}"}

COPY = """
import duckdb, resource, sys
con = duckdb.connect()
con.execute("SET threads = 2")
con.execute("SET preserve_insertion_order = false")
con.execute("SET enable_progress_bar = false")
before = resource.getrusage(resource.RUSAGE_SELF)
con.execute(sys.argv[1])
after = resource.getrusage(resource.RUSAGE_SELF)
print(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
"""

# What a sample of the CPU was for, by process, library and symbol; the first that fits.
PARTS = [
    ("landing: hashing", lambda command, library, symbol: "libcrypto" in library),
    ("landing: copying", lambda command, library, symbol: command == "sluice" and "kernel" in library),
    ("the rest of the front", lambda command, library, symbol: command == "sluice"),
    ("reading and judging", lambda command, library, symbol: "sluice-worker" in library),
    ("writing: zstd", lambda command, library, symbol: "ZSTD" in symbol or "HUF_" in symbol or "FSE_" in symbol),
    ("writing: the rest of DuckDB", lambda command, library, symbol: "duckdb" in library),
    ("files and memory of the worker", lambda command, library, symbol: "kernel" in library),
    ("copies and the like (libc)", lambda command, library, symbol: True),
]


def touch_memory():
    with open("/proc/meminfo") as meminfo:
        free = next(int(line.split()[1]) * 1024 for line in meminfo if line.startswith("MemAvailable"))
    touched = b"\1" * min(TOUCHED_BYTES, free // 3)
    del touched


def run(command, cwd):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"bench: {command[:3]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def cpu_seconds(command, cwd):
    """Runs a command; returns the CPU seconds of it and of everything it started."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    output = run(command, cwd)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, output


def duckdb_select(drops, fmt):
    if fmt == "parquet":
        return f"SELECT * FROM read_parquet('{drops}/*.parquet')"
    types = "{" + ", ".join(f"'{name}': '{type_}'" for name, type_, _, _ in clickstream.COLUMNS) + "}"
    if fmt == "csv":
        return f"SELECT * FROM read_csv('{drops}/*.csv', header = true, columns = {types})"
    return f"SELECT * FROM read_json('{drops}/*.ndjson', format = 'newline_delimited', columns = {types})"


def copy_by_duckdb(drops, fmt, options):
    out = WORK / "duckdb-out"
    shutil.rmtree(out, ignore_errors=True)
    touch_memory()
    sql = (f"COPY ({duckdb_select(drops, fmt)}) TO '{out}' (FORMAT parquet, COMPRESSION zstd, {options}, "
           "ROW_GROUP_SIZE 122880, FILE_SIZE_BYTES '128MB')")
    seconds = float(run([sys.executable, "-c", COPY, sql], WORK))
    return seconds, sum(path.stat().st_size for path in out.rglob("*.parquet"))


def make_project(drops, fmt, raw="copy"):
    project = WORK / "project"
    shutil.rmtree(project, ignore_errors=True)
    clickstream.write_project(project, fmt, raw=raw)
    folder = project / "data/clicks"
    folder.mkdir(parents=True)
    for drop in drops.iterdir():
        if raw == "copy":
            os.link(drop, folder / drop.name)
        else:  # only a file of one name is moved
            shutil.copyfile(drop, folder / drop.name)
    touch_memory()
    return project


def land_by_sluice(drops, fmt, rows, raw="copy"):
    project = make_project(drops, fmt, raw)
    seconds, output = cpu_seconds([SLUICE, "run", "--json"], project)
    done = json.loads(output)["runs"][0]
    if (done["rows"], done["refused"]) != (rows, 0):
        sys.exit(f"bench: {done['rows']} rows and {done['refused']} refused instead of {rows} and 0")
    return seconds, done["bytes"], done["cpu_s"]


def where_the_cpu_goes(drops, fmt):
    """Shares of the parts of one run, by samples; empty where perf cannot be used."""
    if shutil.which("perf") is None:
        return {}
    project = make_project(drops, fmt)
    record = ["perf", "record", "-q", "-F", "499", "-o", str(WORK / "perf.data"), str(SLUICE), "run", "--json"]
    if subprocess.run(record, cwd=project, capture_output=True).returncode != 0:
        return {}
    script = subprocess.run(["perf", "script", "-i", str(WORK / "perf.data"), "-F", "comm,ip,sym,dso"],
                            capture_output=True, text=True)
    counts = {name: 0 for name, _ in PARTS}
    for line in script.stdout.splitlines():
        command, _, place = line.strip().partition(" ")
        symbol, _, library = place.rpartition(" (")
        for name, fits in PARTS:
            if fits(command, library, symbol):
                counts[name] += 1
                break
    total = sum(counts.values())
    return {name: count / total for name, count in counts.items()} if total else {}


def measure(fmt, rows, repeats, figures):
    drops = WORK / fmt
    shutil.rmtree(drops, ignore_errors=True)
    size = clickstream.write_drops(drops, rows, 4, fmt)
    print(f"{fmt}: {rows:,} events, {size / rows:.0f} bytes each", flush=True)
    ours = []
    moved = []
    theirs = {name: [] for name in COPIES}
    for _ in range(repeats):  # side by side, so that a busy machine is busy for both
        for name, options in COPIES.items():
            theirs[name].append(copy_by_duckdb(drops, fmt, options))
        ours.append(land_by_sluice(drops, fmt, rows))
        moved.append(land_by_sluice(drops, fmt, rows, raw="move"))
    figures.add(f"{fmt}: sluice, contract and key to Iceberg", [rows / 1000 / s for s, _, _ in ours], "krows/s")
    for name, copies in theirs.items():
        figures.add(f"{fmt}: DuckDB, COPY, {name}", [rows / 1000 / s for s, _ in copies], "krows/s")
    goals = {"same level": GOALS[fmt], "default": GOAL_AS_CHOSEN[fmt], "same files": None}
    for name, copies in theirs.items():
        figures.add(f"{fmt}: rows per CPU-second, to {name}", [t[0] / o[0] for o, t in zip(ours, copies)], "",
                    goal=goals[name])
        figures.add(f"{fmt}: rows per CPU-second, raw: move, to {name}", [t[0] / o[0] for o, t in zip(moved, copies)],
                    "")
    figures.add(f"{fmt}: bytes written, to default", [o[1] / t[1] for o, t in zip(ours, theirs["default"])], "",
                goal=1.05, at_most=True)
    figures.add(f"{fmt}: share of the workers in the CPU", [100 * s / total for total, _, s in ours], "%")
    for name, share in where_the_cpu_goes(drops, fmt).items():
        figures.add(f"{fmt}: share of {name}", [100 * share], "%")
    shutil.rmtree(drops)


class Figures:
    def __init__(self):
        self.rows = []

    def add(self, figure, samples, unit, goal=None, at_most=False):
        value = statistics.median(samples)
        holds = None if goal is None else value <= goal if at_most else value >= goal
        self.rows.append({"figure": figure, "value": round(value, 3), "unit": unit, "goal": goal, "holds": holds,
                          "runs": len(samples), "spread": [round(min(samples), 3), round(max(samples), 3)]})
        wanted = "" if goal is None else f"{'<=' if at_most else '>='} {goal:g}"
        verdict = {None: "", True: "holds", False: "MISSED"}[holds]
        print(f"{figure:<52}{value:>11,.3f} {unit:<8}{wanted:>9}  {verdict:<7}{len(samples):>3} runs, "
              f"{min(samples):,.3f} to {max(samples):,.3f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--formats", default="ndjson,csv,parquet")
    args = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    figures = Figures()
    for fmt in args.formats.split(","):
        measure(fmt, args.rows, args.repeats, figures)
    (ROOT / "build/bench/ingest.json").write_text(json.dumps(figures.rows, indent=2) + "\n")
    shutil.rmtree(WORK)


if __name__ == "__main__":
    main()
