"""Reads with PyIceberg and fastavro what sluice_lake_sample writes.

Usage: pyiceberg_roundtrip.py <path of sluice_lake_sample>
"""

import datetime
import os
import subprocess
import sys
import tempfile
import uuid
from decimal import Decimal

import fastavro
from pyiceberg.conversions import from_bytes, to_bytes
from pyiceberg.manifest import ManifestEntryStatus
from pyiceberg.table import StaticTable
from pyiceberg.transforms import VoidTransform

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1)

# The values of sample_table.cc, odd seeds second.
VALUES = {
    "flag": (True, False),
    "small": (-2147483648, 7),
    "large": (9223372036854775807, -7),
    "single": (1.5, -0.25),
    "wide": (0.1, -1e300),
    "price": (Decimal("14.20"), Decimal("-0.01")),
    "huge": (Decimal("9" * 38), Decimal("-1")),
    "on_day": (17486, -1),
    "at_time": ((22 * 3600 + 31 * 60 + 8) * 10**6, 1),
    "ts": tuple(
        (t - EPOCH) // datetime.timedelta(microseconds=1)
        for t in (datetime.datetime(2017, 11, 16, 22, 31, 8, 1), datetime.datetime(1969, 12, 31, 23, 59, 59))
    ),
    "tstz": tuple(
        (t - EPOCH) // datetime.timedelta(microseconds=1)
        for t in (datetime.datetime(2017, 11, 16, 22, 31, 8), datetime.datetime(1900, 1, 1))
    ),
    "word": ("iceberg", "a long text that is cut to a prefix äöü"),
    "id": (uuid.UUID("f79c3e09-677c-4bbd-a479-3f349cb785e7"), uuid.UUID(int=1)),
    "code": (bytes([0, 1, 2, 3]), b"\xff" * 4),
    "raw": (bytes([0, 1, 2, 3]), b"\xff"),
}


def comparable(value):
    """Brings what PyIceberg returns for dates, times and UUIDs to the form of VALUES."""
    if isinstance(value, bytes) and len(value) == 16:
        return uuid.UUID(bytes=value)
    if isinstance(value, datetime.datetime):
        return (value.replace(tzinfo=None) - EPOCH) // datetime.timedelta(microseconds=1)
    if isinstance(value, datetime.date):
        return (value - EPOCH.date()).days
    if isinstance(value, datetime.time):
        return ((value.hour * 60 + value.minute) * 60 + value.second) * 10**6 + value.microsecond
    return value


def check_bounds(schema, data_file, seed):
    for field in schema.fields:
        value = VALUES[field.name][seed % 2]
        low, high = data_file.lower_bounds[field.field_id], data_file.upper_bounds[field.field_id]
        if field.name == "word" and seed % 2 == 1:
            assert low.decode() == value[:16] and value < high.decode() and len(high.decode()) == 16
            continue
        assert low == high == to_bytes(field.field_type, value), field.name
        assert comparable(from_bytes(field.field_type, low)) == value, field.name


def check_partition(schema, spec, data_file, seed):
    assert len(data_file.partition) == len(spec.fields)
    for position, field in enumerate(spec.fields):
        stored = comparable(data_file.partition[position])
        source = schema.find_field(field.source_id)
        value = VALUES[source.name][seed % 2]
        if seed == 0 or isinstance(field.transform, VoidTransform):
            assert stored is None, field.name
        else:
            wanted = comparable(field.transform.transform(source.field_type)(value))
            assert stored == wanted, (field.name, stored, wanted)


def check_table(folder):
    table = StaticTable.from_metadata(f"file://{folder}/metadata/v1.metadata.json")
    schema = table.schema()
    assert [f.name for f in schema.fields] == list(VALUES)
    assert schema.identifier_field_ids == [2] and schema.find_field(2).doc == 'a "small" number'
    assert table.properties["quote"] == '"ä"'
    snapshot = table.current_snapshot()
    assert snapshot.sequence_number == 1 and snapshot.summary["run-id"] == '"r"'
    manifests = snapshot.manifests(table.io)
    assert [m.partition_spec_id for m in manifests] == [0, 1]
    for manifest in manifests:
        assert manifest.sequence_number == manifest.min_sequence_number == 1
        assert (manifest.added_files_count, manifest.added_rows_count) == (3, 303)
        entries = manifest.fetch_manifest_entry(table.io)
        assert len(entries) == 3
        for seed, entry in enumerate(entries):
            assert entry.status == ManifestEntryStatus.ADDED
            assert entry.sequence_number == 1 and entry.snapshot_id == 101
            assert entry.data_file.record_count == 100 + seed
            check_bounds(schema, entry.data_file, seed)
            check_partition(schema, table.specs()[manifest.partition_spec_id], entry.data_file, seed)
    assert len(list(table.scan().plan_files())) == 6
    # Seeds 0 and 2 hold the first values, 1 the second; pruned by bounds and by partition.
    for condition, wanted in (
        ("large = -7", {1}),
        ("word = 'iceberg'", {0, 2}),
        ("wide < 0", {1}),
        ("on_day = '2017-11-16'", {0, 2}),
        ("small = 7", {1}),
        ("price > 100", set()),
    ):
        files = list(table.scan(row_filter=condition).plan_files())
        seeds = {int(os.path.basename(f.file.file_path).split(".")[0]) for f in files}
        # Seed 0 lies in the null partition of spec 1, its unpartitioned twin is kept by its bounds.
        assert seeds == wanted, (condition, seeds)


def check_field_ids(folder):
    with open(f"{folder}/metadata/m1.avro", "rb") as file:
        reader = fastavro.reader(file)
        assert {"schema", "schema-id", "partition-spec", "partition-spec-id", "format-version", "content"} <= set(
            reader.metadata
        )
        ids = {f["name"]: f["field-id"] for f in reader.writer_schema["fields"]}
        assert ids == {"status": 0, "snapshot_id": 1, "sequence_number": 3, "file_sequence_number": 4, "data_file": 2}
        assert len(list(reader)) == 3
    with open(f"{folder}/metadata/m0.avro", "rb") as file:
        assert all(entry["data_file"]["partition"] == {} for entry in fastavro.reader(file))


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(f"{folder}/metadata")
        subprocess.run([sys.argv[1], folder], check=True)
        check_field_ids(folder)
        check_table(folder)
    print("PyIceberg reads what Sluice writes")


if __name__ == "__main__":
    main()
