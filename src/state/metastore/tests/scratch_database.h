#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "sluice/metastore/database.h"

namespace sluice::metastore {

/// A test with a folder of its own and a fresh database in it.
class ScratchDatabase : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "sluice-db-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    database_ = *Database::open(path(), OpenMode::kReadWrite);
  }
  void TearDown() override {
    database_.reset();
    std::filesystem::remove_all(root_);
  }

  std::string path() const { return root_ + "/metastore.db"; }

  std::string root_;
  std::unique_ptr<Database> database_;
};

}  // namespace sluice::metastore
