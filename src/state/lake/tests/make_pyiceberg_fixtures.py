"""Makes tests/data/v1 and tests/data/v2: metadata of two tables as PyIceberg writes them.

Usage: make_pyiceberg_fixtures.py <tests/data>
"""

import datetime
import os
import shutil
import sys
import uuid
from decimal import Decimal

import pyarrow as pa
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import DayTransform, IdentityTransform
from pyiceberg.types import (
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    FixedType,
    FloatType,
    IntegerType,
    LongType,
    NestedField,
    StringType,
    TimestampType,
    TimestamptzType,
    TimeType,
    UUIDType,
)

WAREHOUSE = "/tmp/sluice_fixture"
UTC = datetime.timezone.utc

SCHEMA = Schema(
    NestedField(1, "flag", BooleanType()),
    NestedField(2, "small", IntegerType()),
    NestedField(3, "large", LongType()),
    NestedField(4, "single", FloatType()),
    NestedField(5, "wide", DoubleType()),
    NestedField(6, "price", DecimalType(9, 2)),
    NestedField(7, "on_day", DateType()),
    NestedField(8, "at_time", TimeType()),
    NestedField(9, "ts", TimestampType()),
    NestedField(10, "tstz", TimestamptzType()),
    NestedField(11, "word", StringType(), doc="what was said"),
    NestedField(12, "id", UUIDType()),
    NestedField(13, "code", FixedType(4)),
    NestedField(14, "raw", BinaryType()),
)
SPEC = PartitionSpec(
    PartitionField(9, 1000, DayTransform(), "ts_day"),
    PartitionField(11, 1001, IdentityTransform(), "word"),
    PartitionField(7, 1002, IdentityTransform(), "on_day"),
)


def rows(word):
    return {
        "flag": True,
        "small": -5,
        "large": 1 << 40,
        "single": 1.5,
        "wide": -2.5,
        "price": Decimal("14.20"),
        "on_day": datetime.date(2017, 11, 16),
        "at_time": datetime.time(22, 31, 8),
        "ts": datetime.datetime(2017, 11, 16, 22, 31, 8),
        "tstz": datetime.datetime(2017, 11, 16, 22, 31, 8, tzinfo=UTC),
        "word": word,
        "id": uuid.UUID("f79c3e09-677c-4bbd-a479-3f349cb785e7").bytes,
        "code": bytes([0, 1, 2, 3]),
        "raw": b"a long binary value, cut",
    }


def make(catalog, version, target):
    table = catalog.create_table(
        f"fixture.v{version}", SCHEMA, partition_spec=SPEC, properties={"format-version": str(version)}
    )
    arrow_schema = table.schema().as_arrow()
    for words in (["first", "first", None], ["second"]):
        table.append(pa.Table.from_pylist([rows(word) for word in words], schema=arrow_schema))
    table.delete("word = 'second'")
    table = catalog.load_table(f"fixture.v{version}")
    shutil.rmtree(target, ignore_errors=True)
    os.makedirs(target)
    shutil.copy(table.metadata_location.removeprefix("file://"), f"{target}/table.metadata.json")
    snapshot = table.current_snapshot()
    for location in [snapshot.manifest_list] + [m.manifest_path for m in snapshot.manifests(table.io)]:
        shutil.copy(location.removeprefix("file://"), target)


def main():
    shutil.rmtree(WAREHOUSE, ignore_errors=True)
    os.makedirs(WAREHOUSE)
    catalog = SqlCatalog("fixture", uri="sqlite:///:memory:", warehouse=f"file://{WAREHOUSE}")
    catalog.create_namespace("fixture")
    for version in (1, 2):
        make(catalog, version, f"{sys.argv[1]}/v{version}")
    shutil.rmtree(WAREHOUSE)


if __name__ == "__main__":
    main()
