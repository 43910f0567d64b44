#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/contract/contract.h"
#include "sluice/contract/internal/column_rules.h"
#include "sluice/contract/internal/quality_rules.h"
#include "sluice/yaml/reader.h"

namespace sluice::contract::internal {

/// A property's type, and what it asks of values.
struct ValueRules {
  data::Type type;
  std::vector<RowRule> rules;  // column and path are set by who knows them
  std::vector<WrittenForm> forms;
};

std::string text_or_empty(const yaml::Node& map, std::string_view key, yaml::Reader& reader);
bool flag(const yaml::Node& map, std::string_view key, yaml::Reader& reader);

/// The physical name of a property, else its name, which goes to `name`. nullopt when it has none
/// that a column or a member may have; that is reported.
std::optional<std::string> read_property_name(const yaml::Node& node, std::string& name,
                                              yaml::Reader& reader);

/// Reads type and rules of a property that is no struct, list or map; `place` names it in
/// messages. `quality` gets what its `quality` list asks beyond single rows. nullopt when its type
/// cannot be had, which is reported.
std::optional<ValueRules> read_scalar(const yaml::Node& node, const std::string& place,
                                      QualityRules& quality, yaml::Reader& reader);

/// The least and the most of a length, by the keys of two options.
struct Counts {
  std::optional<std::int64_t> least;
  std::optional<std::int64_t> most;
};

/// Reads them; two that exclude each other are reported with both places and not returned. `unit`
/// is what is counted at `place`, in words.
Counts read_counts(const yaml::Node& options, std::string_view least_key, std::string_view most_key,
                   const std::string& place, std::string_view unit, yaml::Reader& reader);

/// What a property may be besides a scalar.
enum class NestedKind { kStruct, kList, kMap };

/// The kind of a property that is declared as `object`, `array` or `map`, or by a physical type
/// alone that is one; nullopt for any other.
std::optional<NestedKind> nested_kind_of(const yaml::Node& node);

/// What nested properties say besides their types and rules.
struct NestedProperties {
  std::vector<WrittenForm> forms;
  std::vector<ColumnNotes> notes;
  std::vector<Kept> kept;
  std::vector<std::pair<std::string, yaml::Mark>> names;  // of rules
};

/// Reads type and rules of a column that is a struct, list or map, and of all that is inside.
/// `quality` gets what the column's own `quality` list asks beyond single rows.
std::optional<ValueRules> read_nested(const yaml::Node& node, NestedKind kind,
                                      const std::string& column, QualityRules& quality,
                                      NestedProperties& inside, yaml::Reader& reader);

/// Reads what a property says for people and other tools.
void read_notes(const yaml::Node& node, ColumnNotes& notes, std::vector<Kept>& kept,
                yaml::Reader& reader);

}  // namespace sluice::contract::internal
