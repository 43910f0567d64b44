#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "sluice/project/load.h"

namespace sluice::project {

/// A project folder that lives as long as the test.
class FolderTest : public testing::Test {
 protected:
  FolderTest() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "sluice-project-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
  }
  ~FolderTest() override {
    std::error_code error;
    std::filesystem::remove_all(root_, error);
  }

  void write(const std::string& file, const std::string& text) {
    std::filesystem::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file, std::ios::binary) << text;
  }

  /// Loads the folder; what is wrong ends up in `said_`.
  Project load(const std::string& target = "") {
    yaml::Diagnostics diagnostics;
    LoadOptions options{root_, target, [this](std::string_view name) -> std::optional<std::string> {
                          const auto found = env_.find(std::string(name));
                          return found == env_.end() ? std::nullopt : std::optional(found->second);
                        }};
    base::Result<Project> project = load_project(options, diagnostics);
    said_ = diagnostics.to_text();
    count_ = diagnostics.size();
    EXPECT_TRUE(project.ok()) << project.error().message;
    return project.ok() ? std::move(*project) : Project{};
  }

  bool says(const std::string& text) const { return said_.find(text) != std::string::npos; }

  std::filesystem::path root_;
  std::map<std::string, std::string> env_;
  std::string said_;
  std::size_t count_ = 0;
};

inline constexpr const char* kSettings =
    "project: shop\ntargets: {dev: {warehouse: ./warehouse, metastore: sqlite}}\n";
inline constexpr const char* kOrdersSource =
    "source: bronze.orders\ntype: files\npath: ${DATA}/orders/*.csv\n"
    "contract: contracts/orders.odcs.yaml\n";
inline constexpr const char* kOrdersContract =
    "apiVersion: v3.2.0\nkind: DataContract\nid: orders\nversion: 1.0.0\nschema:\n"
    "  - name: orders\n    properties:\n      - {name: id, logicalType: integer}\n"
    "      - {name: ts, logicalType: timestamp}\n";

}  // namespace sluice::project
