#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/dbt/import.h"
#include "sluice/dbt/internal/folder.h"

namespace sluice::dbt::internal {

/// What a properties file says of a model, a seed or a source's table.
struct Properties {
  std::string file;
  std::string name;
  std::string source;      // of a source's table: the source's name
  std::string identifier;  // of a source's table: its name in the database
  std::string description;
  ModelConfig config;
  bool has_config = false;
  std::vector<ColumnDescription> columns;
  std::vector<ColumnTest> tests;
};

struct PropertyFile {
  std::vector<Properties> models;
  std::vector<Properties> seeds;
  std::vector<Properties> sources;
};

/// Reads one YAML file beside the models. `to` of a relationships test is kept as written in
/// ColumnTest::to_table. What has no equal goes to `left`.
PropertyFile read_properties(const std::string& file, const yaml::Node& root,
                             std::vector<LeftOver>& left);

}  // namespace sluice::dbt::internal
