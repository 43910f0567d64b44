#pragma once

#include <map>
#include <string>
#include <vector>

#include "sluice/contract/contract.h"
#include "sluice/contract/internal/column_rules.h"
#include "sluice/yaml/reader.h"

namespace sluice::contract::internal {

/// Reads the `quality` list of a column. Adds what rows can be held to; names what cannot be
/// executed.
void read_column_quality(const yaml::Node& quality, ColumnRules& column, std::vector<KeyRule>& keys,
                         yaml::Reader& reader);

/// Reads the `quality` list of the table itself. `column_of` maps a property's name to its column.
void read_table_quality(const yaml::Node& quality,
                        const std::map<std::string, std::string>& column_of,
                        std::vector<KeyRule>& keys, yaml::Reader& reader);

}  // namespace sluice::contract::internal
