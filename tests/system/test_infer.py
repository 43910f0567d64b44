"""`contract infer`: a draft is a contract, and the data that it comes from meets it."""

import csv
import io
import json
import random

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest

ROWS = [
    {
        "order_id": 1000 + i,
        "zip": f"{i % 90:05}",
        "amount": f"{i}.{i % 100:02}",
        "big": str(2**63 + i),
        "day": f"2026-01-{1 + i % 28:02}",
        "at": f"2026-01-02T03:04:{i % 60:02}Z",
        "ok": "true" if i % 2 else "false",
        "state": ["new", "paid", "sent"][i % 3],
        "note": "" if i % 7 else "x: # y",
        "empty": "",
    }
    for i in range(200)
]
TYPES = {"order_id": "int", "zip": "string", "amount": "decimal(18, 2)", "big": "decimal(38, 0)", "day": "date",
         "at": "timestamptz", "ok": "boolean", "state": "string", "note": "string", "empty": None}


def as_csv(rows, delimiter=","):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def as_json_values(row):
    values = {key: value for key, value in row.items() if value != ""}
    values["ok"] = row["ok"] == "true"
    return values


def as_ndjson(rows):
    return "".join(json.dumps(as_json_values(row)) + "\n" for row in rows)


def as_parquet(rows):
    out = io.BytesIO()
    columns = {key: [row[key] or None for row in rows] for key in rows[0]}
    columns["ok"] = [value == "true" for value in columns["ok"]]
    parquet.write_table(arrow.table(columns), out)
    return out.getvalue()


WRITERS = {"csv": as_csv, "ndjson": as_ndjson, "json": lambda rows: json.dumps([as_json_values(r) for r in rows]),
           "parquet": as_parquet}


def hold_to(project, draft, data, name):
    """Runs a source over the data under a draft; answers its run."""
    project.write({"contracts/d.odcs.yaml": draft,
                   "sources/d.yaml": f"source: bronze.d\ntype: files\npath: data/{name}\n"
                                     "contract: contracts/d.odcs.yaml\nsettle: 0s\n"})
    project.drop(f"data/{name}", data)
    return project.run()["bronze.d"]


@pytest.mark.parametrize("form", WRITERS)
def test_the_draft_of_every_format_is_valid_and_its_data_passes(project, form):
    data = WRITERS[form](ROWS)
    project.drop(f"orders.{form}", data)
    found = project.json("contract", "infer", f"orders.{form}", "-o", "draft.odcs.yaml")
    assert found["whole"] and found["rows"] == len(ROWS) and found["damaged"] == 0
    types = {column["name"]: column["type"] for column in found["columns"]}
    if form == "csv":
        assert types == TYPES
        assert found["key"] == ["order_id"]
    draft = (project.root / "draft.odcs.yaml").read_text()
    assert "# enum: [{ value: \"new\" }, { value: \"paid\" }, { value: \"sent\" }]" in draft
    assert project.call("contract", "validate", "draft.odcs.yaml").exit == 0
    run = hold_to(project, draft, data, f"orders.{form}")
    assert (run["rows"], run["refused"]) == (len(ROWS), 0), run


def test_a_draft_is_not_written_over_a_file(project):
    project.write({"a.csv": "id\n1\n", "there.odcs.yaml": "mine"})
    assert "there.odcs.yaml" in project.call("contract", "infer", "a.csv", "-o", "there.odcs.yaml", exit=2).err
    assert (project.root / "there.odcs.yaml").read_text() == "mine"


def test_a_sample_is_bounded_and_says_so(project):
    project.write({"a.csv": "id,v\n" + "".join(f"{i},{i}\n" for i in range(1000)) + "1000,x\n"})
    cut = project.json("contract", "infer", "a.csv", "--rows", "1000")
    assert not cut["whole"] and cut["rows"] == 1000
    assert [column["type"] for column in cut["columns"]] == ["int", "int"]
    whole = project.json("contract", "infer", "a.csv", "--full")
    assert whole["whole"] and [column["type"] for column in whole["columns"]] == ["int", "string"]
    assert "100,000" not in project.call("contract", "infer", "a.csv").out


def test_dialects_without_header_and_with_other_nulls(project):
    project.write({"a.txt": "1;NA\n2;7\n"})
    found = project.json("contract", "infer", "a.txt", "--format", "csv", "--delimiter", ";", "--no-header",
                         "--null", "NA")
    assert [(c["name"], c["type"], c["nulls"]) for c in found["columns"]] == [("column1", "int", 0), ("column2", "int", 1)]


def test_two_columns_that_are_unique_together_are_the_key(project):
    lines = "".join(f"{order},{line},{line}\n" for order in range(30) for line in range(3))
    project.write({"lines.csv": "order_id,line_no,n\n" + lines})
    found = project.json("contract", "infer", "lines.csv")
    assert found["key"] == ["order_id", "line_no"]
    project.write({"d.odcs.yaml": found["contract"]})
    assert "primary_key(order_id, line_no)" in project.call("contract", "validate", "d.odcs.yaml").out


def test_a_source_is_named_instead_of_its_files(project):
    project.write({"sources/d.yaml": "source: bronze.d\ntype: files\npath: data/*.csv\nsettle: 0s\n"
                                     "csv: { delimiter: \";\" }\nnulls: [\"-\"]\n"})
    project.drop("data/a.csv", "id;v\n1;-\n")
    found = project.json("contract", "infer", "bronze.d")
    assert [(c["name"], c["type"]) for c in found["columns"]] == [("id", "int"), ("v", None)]
    assert "did you mean" in project.call("contract", "infer", "bronze.dd", exit=2).err


def test_what_cannot_be_drafted_says_why(project):
    project.write({"twice.csv": "a,a\n1,2\n", "none.parquet": "no parquet", "x.bin": "a\n1\n",
                   "wide.csv": ",".join(f"c{i}" for i in range(5000)) + "\n"})
    assert "twice" in project.call("contract", "infer", "twice.csv", exit=2).err
    assert "no column can be read" in project.call("contract", "infer", "none.parquet", exit=2).err
    assert "--format" in project.call("contract", "infer", "x.bin", exit=2).err
    assert "more than 2,000 columns" in project.call("contract", "infer", "wide.csv", exit=2).err
    assert "there is no file" in project.call("contract", "infer", "gone/x.csv", exit=2).err


def random_value(draw):
    return draw.choice([
        lambda: str(draw.randint(-10, 10)), lambda: str(draw.randint(-2**70, 2**70)), lambda: f"{draw.random():.3f}",
        lambda: f"{draw.random()}", lambda: "007", lambda: "", lambda: "true", lambda: "2026-02-28", lambda: "1e5",
        lambda: "2026-02-28 10:00:00", lambda: "2026-02-28T10:00:00+01:00", lambda: "nan", lambda: "-nan", lambda: "+inf", lambda: "é|x", lambda: "-0",
    ])()


def test_whatever_the_values_a_draft_holds_for_them(project):
    """Columns of one to three random kinds of values each: no type may refuse or change what it was drafted from."""
    draw = random.Random(7)
    names = [f"c{i}" for i in range(40)]
    makers = [[draw.randrange(1 << 30) for _ in range(draw.randint(1, 3))] for _ in names]
    rows = []
    for _ in range(60):
        rows.append({"id": len(rows), **{name: random_value(random.Random(draw.choice(seeds)))
                                         for name, seeds in zip(names, makers)}})
    data = as_csv(rows)
    project.drop("d.csv", data)
    draft = project.json("contract", "infer", "d.csv")["contract"]
    run = hold_to(project, draft, data, "d.csv")
    assert (run["rows"], run["refused"]) == (len(rows), 0), run
