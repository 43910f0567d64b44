#pragma once

#include <map>
#include <string>
#include <vector>

#include "sluice/contract/contract.h"
#include "sluice/yaml/reader.h"

namespace sluice::contract::internal {

/// Reads the `relationships` of a property: foreign keys of its column.
void read_column_references(const yaml::Node& list, const std::string& column,
                            std::vector<ReferenceRule>& references, yaml::Reader& reader);

/// Reads the `relationships` of the schema object: foreign keys of one or several columns.
/// `column_of` maps a property's name to its column.
void read_table_references(const yaml::Node& list,
                           const std::map<std::string, std::string>& column_of,
                           std::vector<ReferenceRule>& references, yaml::Reader& reader);

}  // namespace sluice::contract::internal
