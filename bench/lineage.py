#!/usr/bin/env python3
"""How long column lineage takes: every edge of a project of 1,000 models, and one column's.

  ./x bench lineage

Prints a table and writes build/bench/lineage.json in the form of core.json.
"""
import json
import shutil

from core import WORK, Figures, fresh, repeat, sluice
from inputs import projects


def main():
    figures = Figures()
    project = fresh("lineage")
    projects.write_thousand_models(project)
    sluice(project, "validate")      # reads the program and the project into the page cache

    def cold():
        shutil.rmtree(project / ".sluice" / "cache", ignore_errors=True)
        return sluice(project, "lineage", "--json")[1]

    def one_column():
        return sluice(project, "lineage", "layer_9.model_42.amount", "--upstream", "--json")[1]

    figures.add("column lineage of 1,000 models, cold (empty cache)", repeat(3, cold), "s", goal=3)
    figures.add("column lineage of 1,000 models, warm", repeat(5, lambda: sluice(project, "lineage", "--json")[1]),
                "s")
    figures.add("everything upstream of one column, warm", repeat(5, one_column), "s")
    edges = len(json.loads(sluice(project, "lineage", "--json")[0])["edges"])
    figures.add("edges between columns", [edges], "edges")
    (WORK / "lineage.json").write_text(json.dumps(figures.rows, indent=1) + "\n")
    shutil.rmtree(project)
    return 0 if all(row["holds"] is not False for row in figures.rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
