#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/random.h"
#include "sluice/lake/bounds.h"
#include "sluice/lake/catalog.h"
#include "sluice/metastore/database.h"
#include "sluice/metastore/lease.h"
#include "sluice/metastore/migration.h"
#include "sluice/storage/local_file_io.h"

namespace sluice::lake {

/// A warehouse in a folder, with table `bronze.a` (k long required, t string) once create() was
/// called.
class Warehouse {
 public:
  explicit Warehouse(std::string root) : root_(std::move(root)) {
    database_ =
        *metastore::Database::open(root_ + "/metastore.db", metastore::OpenMode::kReadWrite);
    const auto migrations = catalog_migrations();
    std::vector<metastore::Migration> all(migrations.begin(), migrations.end());
    for (const metastore::Migration& migration : metastore::lease_migrations()) {
      all.push_back(migration);
    }
    EXPECT_TRUE(metastore::migrate(*database_, all, "test", clock_).ok());
    reopen();
  }

  /// As a new process would: nothing is remembered.
  void reopen() {
    catalog_ =
        std::make_unique<Catalog>(*database_, *files_, root_ + "/warehouse", clock_, random_);
  }

  static TableName name() { return {"bronze", "a"}; }

  static data::Schema schema() {
    data::Schema schema;
    schema.fields = {{1, "k", {data::TypeKind::kLong}, true, ""},
                     {2, "t", {data::TypeKind::kString}, false, ""}};
    return schema;
  }

  /// Stages a data file whose column `k` holds values from `low` to `high`.
  DataFile stage(const std::string& name, std::int64_t rows, std::int64_t low = 0,
                 std::int64_t high = 9, TableName table = Warehouse::name()) {
    const std::string dir = catalog_->data_path(table);
    EXPECT_TRUE(files_->make_dirs(dir).ok());
    const std::string path = storage::join_path(dir, name);
    EXPECT_TRUE(files_->write_new(path, "PAR1 " + name).ok());
    DataFile file;
    file.path = storage::file_uri(path);
    file.record_count = rows;
    file.file_size_bytes = static_cast<std::int64_t>(5 + name.size());
    const data::Type type{data::TypeKind::kLong};
    file.value_counts[1] = rows;
    file.null_value_counts[1] = 0;
    file.lower_bounds[1] = *encode_value(low, type);
    file.upper_bounds[1] = *encode_value(high, type);
    return file;
  }

  static CommitRequest request(std::string id, TableChange change) {
    CommitRequest request;
    request.id = base::CommitId(std::move(id));
    request.changes.push_back(std::move(change));
    return request;
  }

  TableChange creation(TableName table = Warehouse::name()) const {
    TableChange change;
    change.table = std::move(table);
    change.create = NewTable{schema(), PartitionSpec{}, {}};
    return change;
  }

  /// A change on top of the table as it is now.
  TableChange change(Write write, std::vector<DataFile> files,
                     TableName table = Warehouse::name()) {
    TableChange change;
    change.base_metadata_location = (*catalog_->find(table))->metadata_location;
    change.table = std::move(table);
    change.write = write;
    change.files = std::move(files);
    return change;
  }

  base::Result<CommitOutcome> commit(std::string id, TableChange change) {
    clock_.advance_us(1'000'000);
    return catalog_->commit(request(std::move(id), std::move(change)));
  }

  void create() { ASSERT_TRUE(commit("create", creation()).ok()); }

  TableMetadataPtr load() {
    auto metadata = catalog_->load(name());
    EXPECT_TRUE(metadata.ok()) << metadata.error().message;
    return metadata.ok() ? *metadata : nullptr;
  }

  /// Names of the files in the table's metadata folder.
  std::vector<std::string> metadata_files() {
    std::vector<std::string> names;
    const auto listed = files_->list(catalog_->metadata_path(name()), false);
    for (const auto& file : listed ? *listed : std::vector<storage::ListedFile>()) {
      names.push_back(file.path.substr(file.path.rfind('/') + 1));
    }
    return names;
  }

  std::string root_;
  base::ManualClock clock_{{1'700'000'000'000'000}};
  base::Random random_{base::Random::system_seed()};  // processes must not choose equal names
  std::unique_ptr<storage::FileIo> files_ = storage::make_local_file_io();
  std::unique_ptr<metastore::Database> database_;
  std::unique_ptr<Catalog> catalog_;
};

inline std::string new_test_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "sluice-lake-XXXXXX").string();
  return mkdtemp(pattern.data());
}

/// A test with a warehouse of its own.
class WarehouseTest : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove_all(lake_.root_); }

  Warehouse lake_{new_test_folder()};
};

}  // namespace sluice::lake
