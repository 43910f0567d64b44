"""Runs every folder of tests/projects: what each step must do stands in its expect.yaml.

    project/        the project as it is before step 1
    drops/<step>/   files that arrive before that step, laid over the project
    edits/<step>/   files that the user changes before that step, laid over the project
    expect.yaml     `steps`, each with the keys that EXPECTATIONS names
"""

import re

import pyarrow.parquet as parquet
import pytest
import yaml
from pyiceberg.table import StaticTable

from program import ROOT, Project, set_age

CASES = sorted(path.parent for path in (ROOT / "tests" / "projects").glob("*/expect.yaml"))
STEP_S = 100  # seconds between the times of two steps' files


class Step:
    """One step of a case and what came of it."""

    def __init__(self, case, number, expected, project, before, snapshots):
        self.case = case
        self.number = number
        self.expected = expected
        self.project = project
        self.before = before  # snapshot ids by table as they were
        self.snapshots = snapshots  # the same after each step, by its number
        self.options = ["--target", expected["target"]] if "target" in expected else []
        self.answer = None
        self.runs = {}

    def act(self):
        command = self.expected.get("command", "run")
        arguments = [command, *self.expected.get("arguments", []), *self.options]
        exit_code = self.expected.get("exit", 0)
        if command == "run" and exit_code < 2:
            self.runs = self.project.run(*arguments[1:], exit=exit_code)
        else:
            self.answer = self.project.call(*arguments, exit=exit_code)

    def check(self):
        for key, value in self.expected.items():
            EXPECTATIONS[key](self, value)


def nothing(_step, _value):
    """The key says what to do; act() did it."""


def check_states(step, states):
    assert {table: run["state"] for table, run in step.runs.items()} == states, step.runs


def check_counts(step, counts):
    found = {t: [step.runs[t]["rows"], step.runs[t]["refused"]] for t in counts}
    assert found == counts


def contains_all(text, parts):
    for part in parts if isinstance(parts, list) else [parts]:
        assert part in text, f"{part!r} is not in\n{text}"


def check_errors(step, errors):
    for table, parts in errors.items():
        contains_all(step.runs[table]["error"], parts)


def check_reasons(step, reasons):
    for table, parts in reasons.items():
        contains_all(step.runs[table]["reason"], parts)


def check_notes(step, notes):
    for table, parts in notes.items():
        contains_all("\n".join(step.runs[table]["notes"]), parts)


def check_output(step, parts):
    contains_all(step.answer.text, parts)


def check_problems(step, problems):
    """Every problem is told, at its place, and no other."""
    found = re.findall(r"(?m)^(?:sluice: )?([\w./-]+:\d+:\d+): ", step.answer.err)
    assert sorted(found) == sorted(p["at"] for p in problems), step.answer.err
    blocks = re.split(r"(?m)^(?:sluice: )?(?=[\w./-]+:\d+:\d+: )", step.answer.err)
    for problem in problems:
        said = [block for block in blocks if block.startswith(problem["at"] + ":")]
        for part in [problem["says"], problem.get("hint", "")]:
            assert any(part in block for block in said), f"{part!r} is not in\n{said}"


def plain(value):
    return value.isoformat() if hasattr(value, "isoformat") else value


def check_queries(step, queries):
    for query in queries:
        options = list(step.options)
        if "at_step" in query:
            options += ["--at", step.snapshots[query["at_step"]][query["of"]]]
        rows = step.project.rows(query["sql"], *options)
        assert rows == [[plain(v) for v in row] for row in query["rows"]], query["sql"]


def check_columns(step, columns):
    for table, names in columns.items():
        assert [f["name"] for f in current_schema(step, table)] == names


def check_types(step, types):
    for table, wanted in types.items():
        found = {f["name"]: f["type"] for f in current_schema(step, table)}
        assert {name: found[name] for name in wanted} == wanted


def current_schema(step, table):
    metadata = step.project.metadata(table)
    by_id = {schema["schema-id"]: schema["fields"] for schema in metadata["schemas"]}
    return by_id[metadata["current-schema-id"]]


def check_quarantine(step, tables):
    """Refused records as [file, line, column, rule], in that order."""
    for source, expected in tables.items():
        rows = step.project.rows(
            "SELECT parse_filename(file_name), line, \"column\", rule FROM "
            f"quarantine.{source} ORDER BY file_id, line",
            *step.options,
        )
        assert rows == expected


def check_refusals(step, tables):
    """Refused records as [line, reason, payload]."""
    for source, expected in tables.items():
        rows = step.project.rows(
            f"SELECT line, reason, payload FROM quarantine.{source} ORDER BY file_id, line",
            *step.options,
        )
        assert rows == expected


def check_untouched(step, tables):
    now = step.snapshots[step.number]
    for table in tables:
        assert now[table] == step.before[table], f"{table} has a new snapshot"


def check_renewed(step, tables):
    now = step.snapshots[step.number]
    for table in tables:
        assert now[table] != step.before.get(table), f"{table} has no new snapshot"


def check_absent(step, tables):
    assert not set(tables) & set(step.project.tables())


def check_partitions(step, tables):
    """The partitions that files have, as readers print them."""
    for table, expected in tables.items():
        location = step.project.tables()[table]["metadata_location"]
        metadata = StaticTable.from_metadata(location)
        found = set()
        for task in metadata.scan().plan_files():
            spec = metadata.specs()[task.file.spec_id]
            types = spec.partition_type(metadata.schema()).fields
            found.add(
                tuple(
                    field.transform.to_human_string(type_.field_type, value)
                    for field, type_, value in zip(spec.fields, types, task.file.partition)
                )
            )
        assert sorted(found) == sorted(tuple(values) for values in expected)


def check_codecs(step, tables):
    for table, codec in tables.items():
        files = step.project.data_files(table)
        assert files
        for file in files:
            metadata = parquet.ParquetFile(file).metadata
            for group in range(metadata.num_row_groups):
                for column in range(metadata.num_columns):
                    chunk = metadata.row_group(group).column(column)
                    assert chunk.compression == codec, (file, chunk.path_in_schema)


EXPECTATIONS = {
    "command": nothing,
    "arguments": nothing,
    "target": nothing,
    "exit": nothing,
    "states": check_states,
    "counts": check_counts,  # [rows, refused] by table
    "errors": check_errors,
    "reasons": check_reasons,
    "notes": check_notes,
    "output": check_output,
    "problems": check_problems,
    "queries": check_queries,
    "columns": check_columns,
    "types": check_types,
    "quarantine": check_quarantine,
    "refusals": check_refusals,
    "untouched": check_untouched,
    "renewed": check_renewed,
    "absent": check_absent,
    "partitions": check_partitions,
    "codecs": check_codecs,
}


def drop_files(case, step, project):
    folder = case / "drops" / str(step)
    project.copy_in(folder)
    names = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    for place, name in enumerate(names):
        set_age(project.root / name, 100_000 - step * STEP_S - place)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_project(case, tmp_path):
    expect = yaml.safe_load((case / "expect.yaml").read_text())
    assert set(expect) <= {"about", "steps", "audit"}, "unknown key in expect.yaml"
    project = Project(tmp_path / "project", expect["steps"][-1].get("target", "dev"))
    project.copy_in(case / "project")
    snapshots = {0: {}}
    for number, expected in enumerate(expect["steps"], start=1):
        unknown = set(expected) - set(EXPECTATIONS)
        assert not unknown, f"unknown keys in expect.yaml: {unknown}"
        project.copy_in(case / "edits" / str(number))
        drop_files(case, number, project)
        step = Step(case, number, expected, project, snapshots[number - 1], snapshots)
        step.act()
        snapshots[number] = project.snapshot_ids() if project.metastore.exists() else {}
        step.check()
    if project.metastore.exists() and expect.get("audit", "deep"):
        report = project.audit(deep=expect.get("audit", "deep") == "deep")
        assert report["findings"] == [] and report["orphans"] == []


def test_every_folder_is_a_case():
    folders = {path for path in (ROOT / "tests" / "projects").iterdir() if path.is_dir()}
    assert folders == set(CASES)
