#include "sluice/contract/internal/references.h"

#include <utility>

#include "sluice/contract/reference.h"

namespace sluice::contract::internal {

namespace {

using yaml::Node;
using yaml::Reader;

/// The standard has no severity of a relationship; a customProperty may give one.
Severity severity_of(const Node& relationship, Reader& reader) {
  constexpr std::string_view kSeverities[] = {"error", "warning", "info"};
  const Node* custom = relationship.find("customProperties");
  if (custom == nullptr || !custom->is_list()) {
    return Severity::kError;
  }
  for (const Node& property : custom->children) {
    const Node* name = property.find("property");
    const Node* value = property.find("value");
    if (name != nullptr && name->text == "severity" && value != nullptr) {
      const auto text = reader.choice(*value, "severity", kSeverities);
      return text && *text != "error" ? Severity::kWarning : Severity::kError;
    }
  }
  return Severity::kError;
}

void add_reference(const Node& relationship, std::vector<std::string> columns,
                   std::vector<ReferenceRule>& references, Reader& reader) {
  const Node* to = reader.required(relationship, "to", "a relationship");
  auto targets = to == nullptr ? std::nullopt : reader.texts(*to, "to");
  if (!targets || targets->empty()) {
    return;
  }
  if (targets->size() != columns.size()) {
    reader.add(*to, "a relationship of " + std::to_string(columns.size()) + " to " +
                        std::to_string(targets->size()) + " properties pairs nothing");
    return;
  }
  ReferenceRule rule;
  rule.columns = std::move(columns);
  rule.to = std::move(*targets);
  rule.severity = severity_of(relationship, reader);
  rule.mark = to->mark;
  references.push_back(std::move(rule));
}

}  // namespace

void read_column_references(const Node& list, const std::string& column,
                            std::vector<ReferenceRule>& references, Reader& reader) {
  if (!reader.expect_list(list, "relationships")) {
    return;
  }
  for (const Node& relationship : list.children) {
    if (reader.expect_map(relationship, "a relationship")) {
      add_reference(relationship, {column}, references, reader);
    }
  }
}

void read_table_references(const Node& list, const std::map<std::string, std::string>& column_of,
                           std::vector<ReferenceRule>& references, Reader& reader) {
  if (!reader.expect_list(list, "relationships")) {
    return;
  }
  for (const Node& relationship : list.children) {
    if (!reader.expect_map(relationship, "a relationship")) {
      continue;
    }
    const Node* from = reader.required(relationship, "from", "a relationship of the table");
    const auto names = from == nullptr ? std::nullopt : reader.texts(*from, "from");
    std::vector<std::string> columns;
    for (const std::string& name : names.value_or(std::vector<std::string>())) {
      const auto column = column_of.find(parse_reference(name).property);
      if (column == column_of.end()) {
        reader.add(*from, "relationship from '" + name + "' names no property of this table");
      } else {
        columns.push_back(column->second);
      }
    }
    if (names && columns.size() == names->size() && !columns.empty()) {
      add_reference(relationship, std::move(columns), references, reader);
    }
  }
}

}  // namespace sluice::contract::internal
