#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sluice/contract/contract.h"
#include "sluice/contract/internal/quality_rules.h"
#include "sluice/contract/internal/value_rules.h"
#include "sluice/yaml/reader.h"

namespace sluice::contract::internal {

/// A property of the schema object as read: a column, its rules and its part in keys.
struct Property {
  std::string name;  // as the contract calls it; the column may be called otherwise
  data::Field field;
  std::vector<RowRule> rules;
  QualityRules quality;  // its keys are of one column
  std::vector<ReferenceRule> references;
  ColumnNotes notes;
  NestedProperties inside;
  std::optional<std::int64_t> primary;  // position in the primary key
  yaml::Mark primary_mark;              // where it says so
  yaml::Mark mark;
};

/// Reads one property. nullopt when its name or type cannot be had; what is wrong is reported.
std::optional<Property> read_property(const yaml::Node& node, yaml::Reader& reader);

}  // namespace sluice::contract::internal
