"""Kills `target reset` at every crash point: tables are dropped in full or not at all, and the same command goes
through next."""

import os
import shutil
import signal
import subprocess
from collections import Counter

from program import TIMEOUT_S, Project
from shop import CRASH_BIN

SETTINGS = """\
project: shop
targets:
  prod: { warehouse: ./warehouse }
  dev: { warehouse: ./dev, from: prod }
"""
SOURCE = """\
source: bronze.rows
type: files
path: data/*.csv
contract: contracts/rows.odcs.yaml
settle: 0s
"""
CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: rows
version: 1.0.0
status: active
schema:
  - name: rows
    properties:
      - { name: id, logicalType: integer, primaryKey: true }
"""
RESET = ["target", "reset", "dev", "--yes"]


def killed(project: Project, **env) -> subprocess.CompletedProcess:
    return subprocess.run(
        [str(CRASH_BIN), *RESET],
        cwd=project.root,
        env={**os.environ, **env},
        timeout=TIMEOUT_S,
        capture_output=True,
    )


def own_tables(project: Project) -> set:
    return {name for name, table in project.tables().items() if not table["borrowed"]}


def prepare(root) -> Project:
    project = Project(root).write(
        {
            "sluice.yaml": SETTINGS,
            "sources/rows.yaml": SOURCE,
            "contracts/rows.odcs.yaml": CONTRACT,
            "models/gold/n.sql": "SELECT count(*) AS n FROM bronze.rows\n",
        }
    )
    project.drop("data/1.csv", "id\n1\n2\nx\n")
    project.run("--target", "prod")
    project.run("--target", "dev", "--select", "bronze.rows gold.n")
    return project


def test_a_kill_at_any_point_drops_all_or_nothing(tmp_path, crash_program, capsys):
    saved = tmp_path / "saved"
    root = tmp_path / "project"
    project = prepare(root)
    shutil.copytree(root, saved)
    own = own_tables(project)
    assert own == {"bronze.rows", "quarantine.rows", "gold.n"}
    log = tmp_path / "passages"
    assert killed(project, SLUICE_CRASH_LOG=str(log)).returncode == 0
    passages = Counter(log.read_text().split())
    assert passages["lake.drop.folder_removed"] == 4
    with capsys.disabled():
        print(f"\ntarget reset: {sum(passages.values())} kills")
    for point, times in sorted(passages.items()):
        for passage in range(1, times + 1):
            shutil.rmtree(root)
            shutil.copytree(saved, root)
            died = killed(project, SLUICE_CRASH_AT=f"{point}#{passage}")
            assert died.returncode == -signal.SIGKILL, died
            left = own_tables(project)
            assert left in (own, set()), f"{point}#{passage}: dropped in part: {left}"
            if left:
                project.call(*RESET)
            project.run("--target", "dev")
            assert own_tables(project) == set(), f"{point}#{passage}"
            files = [path for path in (root / "dev").rglob("*") if path.is_file()]
            assert files == [], f"{point}#{passage}: {files}"
            assert project.json("query", "FROM gold.n", "--target", "dev") == [{"n": 2}]
    project.run("--target", "dev", "--select", "bronze.rows gold.n")
    assert own_tables(project) == own
    assert project.audit()["orphans"] == []
