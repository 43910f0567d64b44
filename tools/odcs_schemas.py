#!/usr/bin/env python3
"""Writes src/spec/contract/standard/odcs_<version>.cc: the JSON Schemas of the Open Data Contract Standard.

usage: odcs_schemas.py <odcs-3.0.2.schema.json> <odcs-3.1.0.schema.json> <odcs-3.2.0.schema.json>

What only describes (`description`, `examples`, `title`, ...) is left out; every word that judges is kept. The
schemas ship in the PyPI wheel of datacontract-cli 1.2.8, folder datacontract/schemas; the standard is under the
Apache License 2.0.
"""
import json
import pathlib
import re
import sys

PROSE = {"description", "examples", "title", "default", "deprecated"}
WIDTH = 96


def judged(node, names_only=False):
    """The schema without prose; below `properties` and `$defs` every key is a name."""
    if isinstance(node, list):
        return [judged(part) for part in node]
    if not isinstance(node, dict):
        return node
    return {
        key: judged(part, not names_only and key in ("properties", "$defs"))
        for key, part in node.items()
        if names_only or key not in PROSE
    }


def wrapped(text):
    """The text in lines, broken between tokens only, where JSON may have blanks."""
    lines, line = [], ""
    for token in re.findall(r'"(?:[^"\\]|\\.)*"|[A-Za-z0-9.+-]+|[^"]', text):
        if len(line) + len(token) > WIDTH and line:
            lines.append(line)
            line = ""
        line += token
    return lines + [line]


def main(paths):
    root = pathlib.Path(__file__).resolve().parent.parent
    for path in map(pathlib.Path, paths):
        version = re.fullmatch(r"odcs-(\d+)\.(\d+)\.(\d+)\.schema\.json", path.name).groups()
        name = "_".join(version)
        schema = judged(json.loads(path.read_text()))
        lines = [
            '#include "sluice/contract/internal/odcs_schemas.h"',
            "",
            "namespace sluice::contract::internal {",
            "",
            f"// Open Data Contract Standard {'.'.join(version)}. Written by tools/odcs_schemas.py.",
            "// clang-format off",
            f'const char* const kOdcs{name.replace("_", "")} = R"json(',
            *wrapped(json.dumps(schema, separators=(",", ":"))),
            ')json";',
            "// clang-format on",
            "",
            "}  // namespace sluice::contract::internal",
            "",
        ]
        (root / f"src/spec/contract/standard/odcs_{name}.cc").write_text("\n".join(lines))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
