"""Contracts from outside: what the standard's own schema accepts, the program accepts, and nothing else."""

import copy
import json
import os
import random
from pathlib import Path

import pytest
from jsonschema import Draft201909Validator

from program import call

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sluice"
SCHEMAS = CACHE / "third_party" / "odcs-schemas-1.2.8"
MUTATIONS = 120  # of each version

OLD = {
    "apiVersion": "v3.0.2",
    "kind": "DataContract",
    "id": "orders",
    "version": "1.0.0",
    "status": "active",
    "description": {"purpose": "Orders.", "usage": "Revenue."},
    "tags": ["shop"],
    "team": [{"username": "ann", "role": "owner", "dateIn": "2024-01-01"}],
    "roles": [{"role": "reader", "access": "read"}],
    "price": {"priceAmount": 9.95, "priceCurrency": "EUR", "priceUnit": "megabyte"},
    "support": [{"channel": "#shop", "url": "https://example.org"}],
    "servers": [{"server": "local", "type": "local", "path": "./data", "format": "csv"}],
    "slaProperties": [{"property": "latency", "value": 4, "unit": "d", "element": "orders.day"}],
    "schema": [
        {
            "name": "orders",
            "physicalName": "bronze.orders",
            "logicalType": "object",
            "properties": [
                {
                    "name": "id",
                    "logicalType": "integer",
                    "primaryKey": True,
                    "primaryKeyPosition": 1,
                    "logicalTypeOptions": {"minimum": 1, "multipleOf": 1},
                },
                {
                    "name": "day",
                    "logicalType": "date",
                    "required": True,
                    "classification": "public",
                    "examples": ["2024-01-01", 3, None],
                },
                {
                    "name": "tags",
                    "logicalType": "array",
                    "logicalTypeOptions": {"minItems": 0, "uniqueItems": True},
                    "items": {"name": "tag", "logicalType": "string"},
                },
                {
                    "name": "address",
                    "logicalType": "object",
                    "properties": [
                        {
                            "name": "city",
                            "logicalType": "string",
                            "logicalTypeOptions": {"maxLength": 9, "pattern": "^[A-Z]"},
                            "quality": [
                                {"type": "library", "rule": "nullCheck", "mustBe": 0},
                                {"type": "text", "description": "Prose."},
                                {"type": "sql", "query": "SELECT 1", "mustBeBetween": [1, 2]},
                                {"type": "custom", "engine": "soda", "implementation": "x"},
                            ],
                        }
                    ],
                },
            ],
        }
    ],
}


def newer():
    """The same in 3.1, with what it added."""
    contract = copy.deepcopy(OLD)
    contract["apiVersion"] = "v3.1.0"
    contract["team"] = {"name": "shop", "members": [{"username": "ann"}]}
    columns = contract["schema"][0]["properties"]
    columns[3]["properties"][0]["quality"][0] = {"metric": "nullValues", "mustBeLessThan": 5, "unit": "percent"}
    columns[0]["relationships"] = [{"to": "customers.id"}]
    columns.append({"name": "at", "logicalType": "timestamp", "logicalTypeOptions": {"timezone": True}})
    contract["schema"][0]["relationships"] = [
        {"from": ["orders.id", "orders.day"], "to": ["a.b", "schema/a/properties/c"]}
    ]
    return contract


def newest():
    """The same in 3.2, with what it added."""
    contract = newer()
    contract["apiVersion"] = "v3.2.0"
    contract["context"] = {"instructions": "x", "constraints": [{"constraint": "none"}]}
    columns = contract["schema"][0]["properties"]
    columns[1]["enum"] = [{"value": "2024-01-01", "label": "first"}, {"value": None}]
    columns.append(
        {
            "name": "m",
            "logicalType": "map",
            "map": {
                "key": {"name": "k", "logicalType": "string"},
                "value": {"name": "v", "logicalType": "number"},
            },
        }
    )
    return contract


VERSIONS = {"3.0.2": lambda: copy.deepcopy(OLD), "3.1.0": newer, "3.2.0": newest}


def places(node):
    """Every container of a tree with a key or index into it."""
    keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else []
    for key in keys:
        yield node, key
        yield from places(node[key])


def mutate(contract, chance):
    """Changes a tree in one place or a few, so that it may or may not still be a contract."""
    values = [None, True, 0, -1, 2.0, 0.5, "", "x", "v3.1.0", "a.b", [], ["x", "x"], {}, {"name": "x"}]
    words = ["name", "type", "metric", "mustBe", "items", "from", "enum", "id", "query", "required", "zzz"]
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        node, key = chance.choice(list(places(contract)))
        kind = chance.randrange(6)
        if kind == 0:
            del node[key]
        elif kind == 1:
            node[key] = copy.deepcopy(chance.choice(values))
        elif kind == 2 and isinstance(node, dict):
            node[chance.choice(words)] = copy.deepcopy(chance.choice(values))
        elif kind == 3 and isinstance(node, dict):
            node[str(key) + "s"] = node.pop(key)
        elif kind == 4 and isinstance(node, list):
            node.append(copy.deepcopy(node[key]))
        else:
            other, at = chance.choice(list(places(contract)))
            node[key] = copy.deepcopy(other[at])
    return contract


@pytest.mark.parametrize("version", VERSIONS)
def test_a_contract_is_judged_as_the_standards_schema_judges_it(version, tmp_path):
    schema = json.loads((SCHEMAS / f"odcs-{version}.schema.json").read_text())
    chance = random.Random(20240517)
    contracts = [VERSIONS[version]()] + [mutate(VERSIONS[version](), chance) for _ in range(MUTATIONS)]
    # The program chooses the schema by the version that the contract names.
    contracts = [c for c in contracts if str(c.get("apiVersion")).startswith("v" + version[:3] + ".")]
    for i, contract in enumerate(contracts):
        (tmp_path / f"{i}.odcs.yaml").write_text(json.dumps(contract, indent=1))
    answer = call("contract", "validate", "--json", *[f"{i}.odcs.yaml" for i in range(len(contracts))], cwd=tmp_path)
    said = json.loads(answer.out)
    validator = Draft201909Validator(schema)
    accepted = 0
    for contract, findings in zip(contracts, said, strict=True):
        errors = [error.message for error in validator.iter_errors(contract)]
        assert (not findings["standard"]) == (not errors), (errors, findings["standard"], contract)
        assert not (findings["ok"] and errors), findings
        accepted += not errors
    assert 10 < accepted < len(contracts) - 40, accepted
    assert not said[0]["standard"], said[0]
