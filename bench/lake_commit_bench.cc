// Times one-file append commits to a table that has many snapshots, and beside each the same writes
// and syncs by a bare loop. Prints one JSON object.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bare_writes.h"
#include "sluice/base/clock.h"
#include "sluice/base/ids.h"
#include "sluice/base/random.h"
#include "sluice/base/text.h"
#include "sluice/data/schema.h"
#include "sluice/lake/bounds.h"
#include "sluice/lake/catalog.h"
#include "sluice/metastore/database.h"
#include "sluice/metastore/lease.h"
#include "sluice/metastore/migration.h"
#include "sluice/storage/local_file_io.h"

namespace sluice::bench {

namespace {

constexpr long kLogBytes = 4 << 20;     // SQLite's log between two checkpoints, about
constexpr int kCommitsPerWarmLog = 50;  // commits at the start whose log growth is measured
constexpr std::int64_t kFileBytesMax = std::int64_t{64} << 20;

const lake::TableName kTable{"bronze", "flights"};

template <class T>
T must(base::Result<T> result, const char* what) {
  if (!result) {
    fmt::print(stderr, "{}: {}\n", what, result.error().message);
    std::exit(2);
  }
  return *std::move(result);
}

void must_ok(const base::Status& status, const char* what) {
  if (!status) {
    fmt::print(stderr, "{}: {}\n", what, status.error().message);
    std::exit(2);
  }
}

/// A table of the flights' width: six texts, ten whole numbers, a time and two reals.
data::Schema schema() {
  data::Schema schema;
  for (int i = 0; i < 19; ++i) {
    const data::TypeKind kind = i < 6    ? data::TypeKind::kString
                                : i < 16 ? data::TypeKind::kInt
                                : i < 17 ? data::TypeKind::kTimestamptz
                                         : data::TypeKind::kDouble;
    schema.fields.push_back({i + 1, fmt::format("column_{}", i + 1), data::Type{kind}, i == 0, ""});
  }
  return schema;
}

data::Value value_of(const data::Type& type, int number) {
  switch (type.kind) {
    case data::TypeKind::kString:
      return fmt::format("value {}", number);
    case data::TypeKind::kDouble:
      return number + 0.5;
    case data::TypeKind::kInt:
      return static_cast<std::int32_t>(number);
    default:
      return static_cast<std::int64_t>(number);
  }
}

/// A warehouse with one table, and what is needed to append to it.
class Bench {
 public:
  explicit Bench(std::string root) : root_(std::move(root)) {
    must_ok(files_->make_dirs(root_), "making the folder");
    database_ =
        must(metastore::Database::open(root_ + "/metastore.db", metastore::OpenMode::kReadWrite),
             "opening the metastore");
    std::vector<metastore::Migration> all;
    for (const auto part : {metastore::lease_migrations(), lake::catalog_migrations()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    must_ok(metastore::migrate(*database_, all, "bench", clock_), "migrating the metastore");
    catalog_ =
        std::make_unique<lake::Catalog>(*database_, *files_, root_ + "/warehouse", clock_, random_);
    lake::CommitRequest request = new_request();
    request.changes.front().create = lake::NewTable{schema(), lake::PartitionSpec{}, {}};
    must(catalog_->commit(request), "creating the table");
    must_ok(files_->make_dirs(catalog_->data_path(kTable)), "making the data folder");
  }

  /// Stages a data file, synced with its folder, as a worker does.
  lake::DataFile stage() {
    const int number = next_file_++;
    const std::string path = fmt::format("{}/{:06}.parquet", catalog_->data_path(kTable), number);
    must_ok(files_->write_new(path, "PAR1"), "staging a file");
    must_ok(files_->sync_dir(catalog_->data_path(kTable)), "syncing the data folder");
    lake::DataFile file;
    file.path = storage::file_uri(path);
    file.record_count = 1000;
    file.file_size_bytes = 4;
    for (const data::Field& field : schema().fields) {
      file.column_sizes[field.id] = 4096;
      file.value_counts[field.id] = 1000;
      file.null_value_counts[field.id] = number % 7;
      file.lower_bounds[field.id] =
          must(lake::encode_value(value_of(field.type, number), field.type), "a bound");
      file.upper_bounds[field.id] =
          must(lake::encode_value(value_of(field.type, number + 999), field.type), "a bound");
    }
    return file;
  }

  /// Appends the file; returns the microseconds from there to the acknowledged commit.
  double append(lake::DataFile file) {
    const auto started = std::chrono::steady_clock::now();
    const auto entry = must(catalog_->find(kTable), "finding the table");
    lake::CommitRequest request = new_request();
    request.changes.front().base_metadata_location = entry->metadata_location;
    request.changes.front().write = lake::Write::kAppend;
    request.changes.front().files.push_back(std::move(file));
    must(catalog_->commit(request), "committing");
    const std::chrono::duration<double, std::micro> took =
        std::chrono::steady_clock::now() - started;
    return took.count();
  }

  /// The files of the table's metadata folder that were not there at the last call.
  std::vector<std::string> new_metadata() {
    std::vector<std::string> contents;
    for (const auto& file : must(files_->list(catalog_->metadata_path(kTable), false), "listing")) {
      if (seen_.insert(file.path).second && !file.path.ends_with(".jsonl")) {
        contents.push_back(must(files_->read_all(file.path, kFileBytesMax), "reading metadata"));
      }
    }
    return contents;
  }

  std::int64_t log_bytes() {
    return must(files_->stat(root_ + "/metastore.db-wal"), "the metastore's log").bytes;
  }

  std::size_t snapshots() {
    return must(catalog_->load(kTable), "loading the table")->snapshots.size();
  }

 private:
  lake::CommitRequest new_request() {
    lake::CommitRequest request;
    request.id = base::make_id<base::CommitId>(clock_, random_);
    request.changes.emplace_back();
    request.changes.front().table = kTable;
    return request;
  }

  std::string root_;
  base::SystemClock clock_;
  base::Random random_{base::Random::system_seed()};
  std::unique_ptr<storage::FileIo> files_ = storage::make_local_file_io();
  std::unique_ptr<metastore::Database> database_;
  std::unique_ptr<lake::Catalog> catalog_;
  std::set<std::string> seen_;
  int next_file_ = 0;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::string json_list(const std::vector<double>& values) {
  std::vector<std::string> parts;
  for (const double value : values) {
    parts.push_back(fmt::format("{:.1f}", value));
  }
  return "[" + base::join(parts, ",") + "]";
}

void run(const std::string& root, int snapshots, int measured) {
  Bench bench(root + "/lake");
  std::vector<double> growth;
  for (int i = 0; i < snapshots; ++i) {
    const std::int64_t before = bench.log_bytes();
    bench.append(bench.stage());
    if (i < kCommitsPerWarmLog) {
      growth.push_back(static_cast<double>(bench.log_bytes() - before));
    }
  }
  bench.new_metadata();
  const auto log_bytes = static_cast<std::size_t>(median(growth));
  BareWrites bare(root + "/bare", kLogBytes);
  std::vector<double> commit_us;
  std::vector<double> bare_us;
  std::vector<double> bytes;
  std::size_t files = 0;
  for (int i = 0; i < measured; ++i) {
    commit_us.push_back(bench.append(bench.stage()));
    Writes writes{bench.new_metadata(), std::string(log_bytes, 'w')};
    files = std::max(files, writes.contents.size());
    bytes.push_back(0);
    for (const std::string& content : writes.contents) {
      bytes.back() += static_cast<double>(content.size());
    }
    bare_us.push_back(bare.run(writes));
  }
  fmt::print(
      "{{\"snapshots\":{},\"files_written\":{},\"bytes_written\":{:.0f},\"log_bytes\":{},"
      "\"commit_us\":{},\"bare_us\":{}}}\n",
      bench.snapshots(), files, median(bytes), log_bytes, json_list(commit_us), json_list(bare_us));
}

}  // namespace

}  // namespace sluice::bench

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: sluice_lake_commit_bench <new folder> <snapshots> <commits>\n");
    return 2;
  }
  sluice::bench::run(argv[1], std::atoi(argv[2]), std::atoi(argv[3]));
  return 0;
}
