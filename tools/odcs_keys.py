#!/usr/bin/env python3
"""Writes src/spec/contract/internal/odcs_keys.h: the keys that the Open Data Contract Standard knows.

usage: odcs_keys.py <odcs-3.0.2.schema.json> <odcs-3.1.0.schema.json> <odcs-3.2.0.schema.json>

The schemas are draft 2019-09 and full of `unevaluatedProperties`, which C++ validators of draft 7 do not
know; so unknown keys are found by these tables. A table is the union over the versions given. The schemas
ship in the PyPI wheel of datacontract-cli 1.2.8, folder datacontract/schemas.
"""
import json
import pathlib
import sys

OPTION_TYPES = ["string", "date", "timestamp", "time", "integer", "number"]


def properties(schema, node, seen=()):
    """All property names that a node of the schema admits, through $ref, allOf, anyOf, oneOf, then."""
    if not isinstance(node, dict):
        return set()
    names = set(node.get("properties", {}))
    reference = node.get("$ref", "")
    if reference.startswith("#/$defs/") and reference not in seen:
        names |= properties(schema, schema["$defs"][reference.split("/")[-1]], (*seen, reference))
    for word in ("allOf", "anyOf", "oneOf"):
        for part in node.get(word, []):
            names |= properties(schema, part, seen)
            names |= properties(schema, part.get("then", {}), seen)
    return names


def condition_types(condition):
    """The logical types that an `if` asks for."""
    types = set()
    for part in [condition, *condition.get("anyOf", [])]:
        constant = part.get("properties", {}).get("logicalType", {}).get("const")
        if constant:
            types.add(constant)
    return types


def options(schema, logical_type):
    names = set()
    for part in schema["$defs"]["SchemaBaseProperty"]["allOf"]:
        if logical_type in condition_types(part.get("if", {})):
            node = part.get("then", {}).get("properties", {}).get("logicalTypeOptions", {})
            names |= set(node.get("properties", {}))
    return names


def tables(schema):
    definitions = schema["$defs"]
    found = {
        "Contract": properties(schema, schema),
        "Description": properties(schema, schema["properties"]["description"]),
        "Object": properties(schema, definitions["SchemaObject"]),
        "Property": properties(schema, definitions["SchemaProperty"]),
        "EnumValue": properties(schema, definitions.get("EnumValue", {})),
        "Quality": properties(schema, definitions["DataQuality"]),
    }
    for name in OPTION_TYPES:
        found["Options" + name.capitalize()] = options(schema, name)
    return found


def main(paths):
    union = {}
    for path in paths:
        for name, keys in tables(json.loads(pathlib.Path(path).read_text())).items():
            union.setdefault(name, set()).update(keys)
    lines = [
        "#pragma once",
        "",
        "#include <string_view>",
        "",
        "/// Keys of the Open Data Contract Standard, 3.0.2 to 3.2.0. Written by tools/odcs_keys.py.",
        "namespace sluice::contract::internal {",
    ]
    for name, keys in union.items():
        lines += ["", f"inline constexpr std::string_view k{name}Keys[] = {{"]
        lines += [f'    "{key}",' for key in sorted(keys)]
        lines += ["};"]
    lines += ["", "}  // namespace sluice::contract::internal", ""]
    root = pathlib.Path(__file__).resolve().parent.parent
    (root / "src/spec/contract/internal/odcs_keys.h").write_text("\n".join(lines))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
