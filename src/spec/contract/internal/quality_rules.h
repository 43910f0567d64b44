#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sluice/contract/contract.h"
#include "sluice/contract/internal/column_rules.h"
#include "sluice/yaml/reader.h"

namespace sluice::contract::internal {

/// What `quality` lists ask beyond single rows.
struct QualityRules {
  std::vector<KeyRule> keys;
  std::vector<TableRule> table_rules;
  std::vector<Kept> kept;
  std::vector<std::pair<std::string, yaml::Mark>> names;  // that the contract gives its rules
};

/// Reads the `quality` list of a column. Adds what rows and tables can be held to; names what
/// cannot be executed. A rule that allows no offender at all is judged row by row.
void read_column_quality(const yaml::Node& quality, ColumnRules& column, QualityRules& rules,
                         yaml::Reader& reader);

/// Reads the `quality` list of the table itself. `column_of` maps a property's name to its column.
void read_table_quality(const yaml::Node& quality,
                        const std::map<std::string, std::string>& column_of, QualityRules& rules,
                        yaml::Reader& reader);

}  // namespace sluice::contract::internal
