#!/usr/bin/env python3
"""How long a plan takes: of 1,000 models after one file of the project changed.

  ./x bench plan

Prints a table and writes build/bench/plan.json in the form of core.json.
"""
import json
import shutil

from core import WORK, Figures, fresh, repeat, sluice
from inputs import projects


def main():
    figures = Figures()
    project = fresh("plan")
    projects.write_thousand_models(project)
    sluice(project, "run")
    model = sorted((project / "models").rglob("*.sql"))[500]
    text = model.read_text()
    runs = 0

    def edited():
        nonlocal runs
        runs += 1
        model.write_text(text.replace("SELECT", f"SELECT {runs} AS edited,", 1))
        return sluice(project, "plan")[1]

    figures.add("plan of 1,000 models, nothing changed", repeat(5, lambda: sluice(project, "plan")[1]), "s")
    figures.add("plan of 1,000 models after one changed model", repeat(7, edited), "s", goal=2)
    (WORK / "plan.json").write_text(json.dumps(figures.rows, indent=1) + "\n")
    shutil.rmtree(project)
    return 0 if all(row["holds"] is not False for row in figures.rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
