#!/usr/bin/env python3
"""Drops to committed, checked rows: rows per CPU-second against DuckDB's own reader and COPY without any check.

  ./x bench ingest                     2 M clickstream events of about 380 bytes, as NDJSON, CSV and Parquet
  ./x bench ingest --rows 500000 --formats ndjson

Ours is all of `sluice run` (front and workers, user and system): landing, contract of twelve rules, key, Iceberg commit.
DuckDB's is one process that reads the same files with the contract's types given and writes zstd Parquet at level 3.
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

COPY = """
import duckdb, sys
con = duckdb.connect()
con.execute("SET threads = 2")
con.execute("SET preserve_insertion_order = false")
con.execute(sys.argv[1])
"""


def cpu_seconds(command, cwd):
    """Runs a command; returns the CPU seconds of it and of everything it started."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"bench: {command[:3]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def duckdb_select(drops, fmt):
    if fmt == "parquet":
        return f"SELECT * FROM read_parquet('{drops}/*.parquet')"
    types = "{" + ", ".join(f"'{name}': '{type_}'" for name, type_, _, _ in clickstream.COLUMNS) + "}"
    if fmt == "csv":
        return f"SELECT * FROM read_csv('{drops}/*.csv', header = true, columns = {types})"
    return f"SELECT * FROM read_json('{drops}/*.ndjson', format = 'newline_delimited', columns = {types})"


def copy_by_duckdb(drops, fmt):
    out = WORK / "duckdb-out"
    shutil.rmtree(out, ignore_errors=True)
    sql = (f"COPY ({duckdb_select(drops, fmt)}) TO '{out}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, "
           "ROW_GROUP_SIZE 122880, FILE_SIZE_BYTES '128MB')")
    seconds, _ = cpu_seconds([sys.executable, "-c", COPY, sql], WORK)
    return seconds, sum(path.stat().st_size for path in out.rglob("*.parquet"))


def land_by_sluice(drops, fmt, rows):
    project = WORK / "project"
    shutil.rmtree(project, ignore_errors=True)
    clickstream.write_project(project, fmt)
    folder = project / "data/clicks"
    folder.mkdir(parents=True)
    for drop in drops.iterdir():
        os.link(drop, folder / drop.name)
    seconds, output = cpu_seconds([SLUICE, "run", "--json"], project)
    run = json.loads(output)["runs"][0]
    if (run["rows"], run["refused"]) != (rows, 0):
        sys.exit(f"bench: {run['rows']} rows and {run['refused']} refused instead of {rows} and 0")
    return seconds, run["bytes"], run["cpu_s"]


def measure(fmt, rows, repeats, figures):
    drops = WORK / fmt
    shutil.rmtree(drops, ignore_errors=True)
    size = clickstream.write_drops(drops, rows, 4, fmt)
    print(f"{fmt}: {rows:,} events, {size / rows:.0f} bytes each", flush=True)
    ours, theirs, ratios, stages = [], [], [], []
    for _ in range(repeats):  # side by side, so that a busy machine is busy for both
        theirs.append(copy_by_duckdb(drops, fmt))
        ours.append(land_by_sluice(drops, fmt, rows))
        ratios.append(theirs[-1][0] / ours[-1][0])
        stages.append(ours[-1][2])
    figures.add(f"{fmt}: sluice, contract and key to Iceberg", [rows / 1000 / s for s, _, _ in ours], "krows/s")
    figures.add(f"{fmt}: DuckDB, read and COPY alone", [rows / 1000 / s for s, _ in theirs], "krows/s")
    figures.add(f"{fmt}: rows per CPU-second, sluice / DuckDB", ratios, "", goal=GOALS[fmt])
    figures.add(f"{fmt}: bytes written, sluice / DuckDB", [o[1] / t[1] for o, t in zip(ours, theirs)], "",
                goal=1.05, at_most=True)
    figures.add(f"{fmt}: share of the workers in the CPU", [100 * s / o[0] for s, o in zip(stages, ours)], "%")
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
