#!/usr/bin/env python3
"""Check what no compiler sees: file sizes, paths of one machine, leftovers, in every file that git would hold."""
import pathlib
import re
import subprocess
import sys

LINES_MAX = 800
# Long by nature: locks, test data, documents.
UNLIMITED = re.compile(r"\.(lock|lock\.toml|csv|json|md|svg)$|(^|/)(testdata|projects|corpus|seeds)/")
MACHINE_PATH = re.compile(r"(?<![\w.$}~/-])/(?:wo[r]k|ro[o]t|ho[m]e/\w+|Us[e]rs/\w+)/")
CONFLICT = re.compile(r"^(<<<<<<<|>>>>>>>) ")
# Three X are a zone offset in date formats, too; a leftover has them where a comment begins.
LEFTOVER = re.compile(r"\b(TO[D]O|FI[X]ME|HA[C]K)\b|(//|#|/\*)\s*X[X]X\b")


def repository_files():
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            check=True, capture_output=True, text=True).stdout
    return [pathlib.Path(name) for name in sorted(set(listed.split("\0"))) if name and pathlib.Path(name).is_file()]


def findings_in(path):
    try:
        text = path.read_text()
    except UnicodeDecodeError:
        return
    lines = text.split("\n")
    if len(lines) - 1 > LINES_MAX and not UNLIMITED.search(str(path)):
        yield f"{path}:{LINES_MAX + 1}: file-size: {len(lines) - 1} lines, limit {LINES_MAX}"
    if text and not text.endswith("\n") and not UNLIMITED.search(str(path)):
        yield f"{path}:{len(lines)}: end: no line break at the end of the file"
    for number, line in enumerate(lines, 1):
        if MACHINE_PATH.search(line):
            yield f"{path}:{number}: machine-path: {line.strip()[:100]}"
        if CONFLICT.search(line):
            yield f"{path}:{number}: conflict: a merge left its marks"
        if LEFTOVER.search(line) and not UNLIMITED.search(str(path)):
            yield f"{path}:{number}: leftover: {line.strip()[:100]}"


def main():
    found = [finding for path in repository_files() for finding in findings_in(path)]
    print("\n".join(found) if found else "repository: clean")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
