"""Drives the built program on a project folder, as a user does."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

ROOT = Path(os.environ.get("SLUICE_ROOT", Path(__file__).resolve().parents[2]))
BIN = Path(os.environ.get("SLUICE_BIN", ROOT / "build" / "sluice"))
TIMEOUT_S = 120
SETTLED_S = 3600  # age of a file that a test drops, far beyond any `settle`

SETTINGS = """\
project: shop
targets:
  dev: { warehouse: ./warehouse, metastore: sqlite }
resources: { threads: 2, memory: 1GiB }
"""


class Answer:
    """What one call of the program gave."""

    def __init__(self, done: subprocess.CompletedProcess):
        self.arguments = done.args[1:]
        self.exit = done.returncode
        self.out = done.stdout
        self.err = done.stderr

    @property
    def text(self) -> str:
        return self.out + self.err

    def __repr__(self) -> str:
        return f"sluice {' '.join(map(str, self.arguments))}\nexit {self.exit}\n{self.out}{self.err}"


def call(*arguments, cwd, env=None, prefix=(), timeout=TIMEOUT_S) -> Answer:
    """Runs the program; `prefix` is a command that runs it, such as setpriv's."""
    command = [*prefix, str(BIN), *map(str, arguments)]
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **(env or {})}, timeout=timeout, capture_output=True
    )
    done.stdout = done.stdout.decode("utf-8", "replace")
    done.stderr = done.stderr.decode("utf-8", "replace")
    done.args = done.args[len(prefix) :]
    return Answer(done)


class Project:
    """A project folder; every call is checked for its exit code."""

    def __init__(self, root: Path, target: str = "dev"):
        self.root = Path(root)
        self.target = target
        self.dropped = 0

    def write(self, files: dict) -> "Project":
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return self

    def copy_in(self, folder: Path) -> None:
        """Lays a folder over the project."""
        if folder.is_dir():
            shutil.copytree(folder, self.root, dirs_exist_ok=True)

    def drop(self, name: str, content, age_s: float = SETTLED_S) -> Path:
        """Puts a file where a source finds it; later drops are younger."""
        self.write({name: content})
        path = self.root / name
        self.dropped += 1
        set_age(path, age_s - self.dropped)
        return path

    def call(self, *arguments, exit=0, **options) -> Answer:
        answer = call(*arguments, cwd=self.root, **options)
        assert answer.exit == exit, f"expected exit {exit}\n{answer}"
        return answer

    def json(self, *arguments, exit=0, **options):
        answer = self.call(*arguments, "--json", exit=exit, **options)
        try:
            return json.loads(answer.out)
        except json.JSONDecodeError as error:
            raise AssertionError(f"not JSON: {error}\n{answer}") from None

    def run(self, *arguments, exit=0, **options) -> dict:
        """Runs everything; answers the runs by table."""
        report = self.json("run", *arguments, exit=exit, **options)
        return {run["table"]: run for run in report["runs"]}

    def rows(self, sql: str, *arguments, **options) -> list:
        """Rows as lists of values, in the statement's order of columns."""
        return [list(row.values()) for row in self.json("query", sql, *arguments, **options)]

    def tables(self) -> dict:
        status = self.json("status", "--target", self.target)
        return {table["table"]: table for table in status["tables"]}

    def metadata_path(self, table: str) -> Path:
        return Path(self.tables()[table]["metadata_location"].removeprefix("file://"))

    def metadata(self, table: str) -> dict:
        return json.loads(self.metadata_path(table).read_text())

    def snapshot_ids(self) -> dict:
        """The current snapshot of every table, by its own metadata."""
        found = {}
        for name, table in self.tables().items():
            path = Path(table["metadata_location"].removeprefix("file://"))
            found[name] = json.loads(path.read_text()).get("current-snapshot-id")
        return found

    def data_files(self, table: str) -> list:
        """Parquet files in the table's folder, live or not."""
        folder = self.root / "warehouse" / table.replace(".", "/") / "data"
        return sorted(folder.rglob("*.parquet"))

    @property
    def metastore(self) -> Path:
        return self.root / ".sluice" / self.target / "metastore.db"

    def audit(self, exit=0, deep=True) -> dict:
        options = ["--deep"] if deep else []
        report = self.json("audit", *options, "--target", self.target, exit=exit)
        assert report["ok"] == (exit == 0), report
        return report


def set_age(path: Path, age_s: float) -> None:
    at = time.time() - age_s
    os.utime(path, (at, at))
