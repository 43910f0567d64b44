// Commits data files to a table for other readers: `sluice_lake_commits <folder>` commits the files
// of <folder>/files.txt one by one. Run by pyiceberg_commits.py.
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/random.h"
#include "sluice/lake/bounds.h"
#include "sluice/lake/catalog.h"
#include "sluice/lake/scan.h"
#include "sluice/storage/local_file_io.h"

namespace {

using namespace sluice;  // NOLINT: a program of one file
using data::TypeKind;

const lake::TableName kTable{"bronze", "a"};

data::Schema schema() {
  data::Schema schema;
  schema.fields = {{1, "k", {TypeKind::kLong}, true, ""},
                   {2, "ts", {TypeKind::kTimestamp}, false, ""},
                   {3, "t", {TypeKind::kString}, false, ""}};
  return schema;
}

/// A line of files.txt: URI, rows, bytes, day of `ts`, least and greatest `k`.
std::vector<lake::DataFile> read_files(const std::string& path) {
  std::vector<lake::DataFile> files;
  std::ifstream input(path);
  lake::DataFile file;
  std::int32_t day = 0;
  std::int64_t low = 0;
  std::int64_t high = 0;
  while (input >> file.path >> file.record_count >> file.file_size_bytes >> day >> low >> high) {
    file.partition = {data::Value(day)};
    file.value_counts = {{1, file.record_count}};
    file.null_value_counts = {{1, 0}};
    file.lower_bounds = {{1, *lake::encode_value(low, {TypeKind::kLong})}};
    file.upper_bounds = {{1, *lake::encode_value(high, {TypeKind::kLong})}};
    files.push_back(file);
  }
  return files;
}

/// Commits one change and returns the metadata file that the table has then.
std::string commit(lake::Catalog& catalog, lake::TableChange change) {
  static int count = 0;
  lake::CommitRequest request;
  request.id = base::CommitId(fmt::format("commit-{}", count++));
  request.changes.push_back(std::move(change));
  const auto outcome = catalog.commit(request);
  if (!outcome) {
    fmt::print(stderr, "{}\n", outcome.error().message);
    std::exit(1);
  }
  return outcome->tables.front().metadata_location;
}

/// Prints which files a reader of each `k` has to read.
void print_plans(lake::Catalog& catalog) {
  const auto metadata = catalog.load(kTable);
  for (std::int64_t k = -5; k < 70; k += 5) {
    const auto plan = lake::plan_scan(catalog.files(), **metadata, std::nullopt,
                                      {{"k", lake::CompareOp::kGreaterOrEqual, {data::Value(k)}}});
    fmt::print("plan {}", k);
    for (const lake::DataFile& file : plan->files) {
      fmt::print(" {}", file.path);
    }
    fmt::print("\n");
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    return 2;
  }
  const std::string folder = argv[1];
  const base::SystemClock clock;
  base::Random random(base::Random::system_seed());
  const auto files = storage::make_local_file_io();
  const auto database =
      *metastore::Database::open(folder + "/metastore.db", metastore::OpenMode::kReadWrite);
  if (!metastore::migrate(*database, lake::catalog_migrations(), "test", clock)) {
    return 1;
  }
  lake::Catalog catalog(*database, *files, folder + "/warehouse", clock, random);
  lake::TableChange change;
  change.table = kTable;
  change.create = lake::NewTable{
      schema(),
      *lake::make_partition_spec(0, {*lake::parse_column_transform("day(ts)")}, schema(), 999),
      {{"commit.manifest.min-count-to-merge", "3"}}};
  change.base_metadata_location = commit(catalog, change);
  change.create.reset();
  change.write = lake::Write::kAppend;
  for (const lake::DataFile& file : read_files(folder + "/files.txt")) {
    change.files = {file};
    change.base_metadata_location = commit(catalog, change);
  }
  change.write = lake::Write::kNone;
  change.files.clear();
  change.new_schema = schema();
  change.new_schema->fields[2].name = "text";
  change.new_schema->fields.push_back({0, "extra", {TypeKind::kInt}, false, ""});
  change.base_metadata_location = commit(catalog, change);
  fmt::print("appended {}\n", *change.base_metadata_location);
  print_plans(catalog);
  change.new_schema.reset();
  change.write = lake::Write::kReplaceAll;
  fmt::print("emptied {}\n", commit(catalog, change));
  return 0;
}
