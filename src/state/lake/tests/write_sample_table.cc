// Writes a table's metadata for other readers: `sluice_lake_sample <folder>` fills
// <folder>/metadata. Run by pyiceberg_roundtrip.py.
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "sluice/lake/tests/sample_table.h"

namespace {

using namespace sluice::lake;  // NOLINT: a program of one file

void save(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    return 2;
  }
  const std::string folder = argv[1];
  const std::string metadata = folder + "/metadata/";
  TableMetadata table = sample_table("file://" + folder);
  std::vector<ManifestFile> manifests;
  for (const PartitionSpec& spec : table.partition_specs) {
    const ManifestHeader header{table.current_schema(), spec, ManifestContent::kData, 101};
    std::vector<ManifestEntry> entries;
    for (int seed = 0; seed < 3; ++seed) {
      entries.push_back(
          {EntryStatus::kAdded, {}, {}, {}, sample_file(seed, spec, table.current_schema())});
    }
    auto written = write_manifest(header, entries);
    if (!written) {
      fmt::print(stderr, "{}\n", written.error().message);
      return 1;
    }
    written->summary.path = fmt::format("file://{}m{}.avro", metadata, spec.spec_id);
    save(fmt::format("{}m{}.avro", metadata, spec.spec_id), written->bytes);
    manifests.push_back(written->summary);
  }
  const auto list = write_manifest_list({101, std::nullopt, 1}, manifests);
  if (!list) {
    fmt::print(stderr, "{}\n", list.error().message);
    return 1;
  }
  save(metadata + "list.avro", *list);
  append_snapshot(table, 101, "file://" + metadata + "list.avro");
  save(metadata + "v1.metadata.json", serialize(table));
  return 0;
}
