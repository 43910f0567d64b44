#!/usr/bin/env python3
"""The figures that a user feels first: start-up, validation, a run with nothing to do, memory, a commit.

  ./x bench core            all of it; the memory figure reads 5 GiB of CSV
  ./x bench core --quick    1 GiB instead
  ./x bench core --only validate,commit

Prints a table and writes build/bench/core.json: a list of {figure, value, unit, goal, holds, runs, spread}.
Values are medians (memory: the peak), spread is [lowest, highest].
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import threading
import time

from inputs import projects

ROOT = pathlib.Path(os.environ.get("SLUICE_ROOT", pathlib.Path(__file__).resolve().parents[1]))
SLUICE = pathlib.Path(os.environ.get("SLUICE_BIN", ROOT / "build" / "sluice"))
WORK = ROOT / "build" / "bench"
MIB = 1 << 20
GIB = 1 << 30


# --- running -------------------------------------------------------------------------------------

def sluice(project, *arguments):
    """Runs a command in a project; returns its output and the seconds it took."""
    started = time.perf_counter()
    done = subprocess.run([SLUICE, *arguments], cwd=project, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    if done.returncode != 0:
        sys.exit(f"bench: sluice {' '.join(arguments)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout, seconds


def repeat(times, action):
    return [action() for _ in range(times)]


class Figures:
    def __init__(self):
        self.rows = []

    def add(self, figure, samples, unit, goal=None, value=None):
        value = statistics.median(samples) if value is None else value
        self.rows.append({
            "figure": figure,
            "value": round(value, 3),
            "unit": unit,
            "goal": goal if goal is None else round(goal, 3),
            "holds": None if goal is None else value <= goal,
            "runs": len(samples),
            "spread": [round(min(samples), 3), round(max(samples), 3)],
        })
        self.show(self.rows[-1])

    @staticmethod
    def show(row):
        goal = "" if row["goal"] is None else f"<= {row['goal']:g}"
        verdict = {None: "", True: "holds", False: "MISSED"}[row["holds"]]
        low, high = row["spread"]
        print(f"{row['figure']:<52}{row['value']:>11,.3f} {row['unit']:<7}{goal:>10}  {verdict:<7}"
              f"{row['runs']:>4} runs, {low:,.3f} to {high:,.3f}", flush=True)


# --- figures -------------------------------------------------------------------------------------

def version(figures, args):
    samples = repeat(50, lambda: sluice(ROOT, "--version")[1] * 1000)
    figures.add("sluice --version", samples, "ms", goal=30)


def thousand_models(figures, args):
    project = fresh("thousand-models")
    projects.write_thousand_models(project)

    def cold():
        shutil.rmtree(project / ".sluice" / "cache", ignore_errors=True)
        return sluice(project, "validate")[1]

    sluice(project, "validate")      # reads the program and the project into the page cache
    figures.add("validate 1,000 models, cold (empty cache)", repeat(3, cold), "s", goal=5)
    figures.add("validate 1,000 models, warm", repeat(7, lambda: sluice(project, "validate")[1]), "s", goal=1)
    _, seconds = sluice(project, "run")
    figures.add("first run of 1,000 models (tiny data)", [seconds], "s")

    def no_op():
        output, took = sluice(project, "run", "--json")
        states = {run["state"] for run in json.loads(output)["runs"]}
        if states != {"unchanged"}:
            sys.exit(f"bench: a run with nothing to do did something: {states}")
        return took

    figures.add("run with nothing to do, 1,000 models", repeat(7, no_op), "s", goal=1)
    shutil.rmtree(project)


def commit(figures, args):
    build = SLUICE.parent
    subprocess.run(["cmake", "--build", build, "--target", "sluice_lake_commit_bench"], check=True,
                   stdout=subprocess.DEVNULL)
    folder = fresh("commit")
    output = subprocess.run([build / "bench" / "sluice_lake_commit_bench", folder / "files", "1000", "200"],
                            check=True, capture_output=True, text=True).stdout
    shutil.rmtree(folder)
    found = json.loads(output)
    commits = [us / 1000 for us in found["commit_us"]]
    bare = [us / 1000 for us in found["bare_us"]]
    figures.add("bare loop: the writes and syncs of a commit", bare, "ms")
    figures.add("append of one file, 1,000 snapshots (goal 1.5x + 4)", commits, "ms",
                goal=1.5 * statistics.median(bare) + 4)


def memory(figures, args):
    gib = 1 if args.quick else 5
    project = fresh("memory")
    free = shutil.disk_usage(project).free
    if free < gib * 5 * GIB:
        sys.exit(f"bench: the memory figure needs {gib * 5} GiB of disk, {free // GIB} are free")
    csv_bytes = projects.write_big_project(project, gib * GIB)
    process = subprocess.Popen([SLUICE, "run", "--json"], cwd=project, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    sampler = PssSampler(process.pid)
    started = time.perf_counter()
    output, errors = process.communicate()
    seconds = time.perf_counter() - started
    sampler.stop()
    if process.returncode != 0:
        sys.exit(f"bench: the run under 512 MiB failed: {output[-3000:]}{errors[-2000:]}")
    for run in json.loads(output)["runs"]:
        figures.add(f"  {run['table']}: {run['rows']:,} rows", [run["wall_s"]], "s")
    figures.add(f"run over {csv_bytes / GIB:.1f} GiB of CSV: join, aggregate, sort", [seconds], "s")
    figures.add(f"peak PSS of front and workers, {csv_bytes / GIB:.1f} GiB CSV", [max(sampler.samples) / MIB],
                "MiB", goal=512)
    figures.rows[-1]["runs"] = 1
    shutil.rmtree(project)


def decode(figures, args):
    """The year of flights at once, contract judged and written, as information."""
    rates = []
    for _ in range(3):
        project = fresh("flights")
        example = ROOT / "examples" / "flights"
        for name in ("sluice.yaml", "sources", "contracts", "models"):
            copy = shutil.copytree if (example / name).is_dir() else shutil.copyfile
            copy(example / name, project / name)
        subprocess.run([sys.executable, ROOT / "tools" / "flights_data.py", project / "data"], check=True)
        for path in (project / "data").rglob("*.csv"):
            os.utime(path, (1_400_000_000, 1_400_000_000))
        sluice(project, "run", "--select", "bronze.flights")
        output, _ = sluice(project, "query", "--json",
                           "SELECT sum(wall_s) AS s, sum(rows_out) AS n FROM sluice.traces WHERE stage = 'decode'")
        answer = json.loads(output)[0]
        rates.append(float(answer["n"]) / float(answer["s"]))
        shutil.rmtree(project)
    figures.add("decode of the flights (19 columns, contract, key)", rates, "rows/s")


class PssSampler:
    """Sums the proportional set sizes of a process and all below it, about twenty times a second."""

    def __init__(self, pid):
        self.pid = pid
        self.samples = [0]
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def stop(self):
        self.done.set()
        self.thread.join()

    def watch(self):
        while not self.done.wait(0.05):
            self.samples.append(sum(pss_of(pid) for pid in family(self.pid)))


def family(pid):
    found = [pid]
    for parent in found:
        for task in pathlib.Path(f"/proc/{parent}/task").glob("*"):
            try:
                found += [int(child) for child in (task / "children").read_text().split()]
            except OSError:
                pass      # it has just ended
    return found


def pss_of(pid):
    try:
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def fresh(name):
    folder = WORK / f"core-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


PARTS = {"version": version, "models": thousand_models, "commit": commit, "decode": decode, "memory": memory}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="1 GiB for the memory figure")
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {','.join(PARTS)}")
    args = parser.parse_args()
    figures = Figures()
    for name in args.only.split(","):
        if name not in PARTS:
            parser.error(f"there is no part '{name}'; there are {', '.join(PARTS)}")
        PARTS[name](figures, args)
    (WORK / "core.json").write_text(json.dumps(figures.rows, indent=1) + "\n")
    missed = [row["figure"] for row in figures.rows if row["holds"] is False]
    if missed:
        print("missed: " + "; ".join(missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
