#include "sluice/contract/read.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "sluice/base/digest.h"
#include "sluice/base/text.h"
#include "sluice/contract/internal/contradictions.h"
#include "sluice/contract/internal/json_scalar.h"
#include "sluice/contract/internal/place.h"
#include "sluice/contract/internal/property.h"
#include "sluice/contract/internal/quality_rules.h"
#include "sluice/contract/internal/references.h"
#include "sluice/contract/internal/service_levels.h"
#include "sluice/contract/standard.h"
#include "sluice/yaml/reader.h"

namespace sluice::contract {

namespace {

using internal::Property;
using yaml::Node;
using yaml::Reader;

constexpr std::string_view kApiVersions[] = {"v3.2.0", "v3.1.0", "v3.0.2", "v3.0.1", "v3.0.0"};
constexpr std::string_view kOldApiVersions[] = {"v2.2.2", "v2.2.1", "v2.2.0"};
constexpr std::string_view kKinds[] = {"DataContract"};
/// Parts that only describe, or that other tools act upon.
constexpr std::pair<std::string_view, std::string_view> kKeptKeys[] = {
    {"servers", "information: sources and targets say where data is"},
    {"team", "information"},
    {"roles", "information: Sluice grants nobody access"},
    {"support", "information"},
    {"price", "information"},
    {"customProperties", "information"},
    {"authoritativeDefinitions", "information"},
    {"context", "information"},
};

std::string text_at(const Node& map, std::string_view key, Reader& reader) {
  const Node* node = map.find(key);
  return node == nullptr || node->is_null() ? "" : reader.text(*node, key).value_or("");
}

std::string required_text(const Node& map, std::string_view key, Reader& reader) {
  const Node* node = reader.required(map, key, "a contract");
  return node == nullptr ? "" : reader.text(*node, key).value_or("");
}

/// ODCS 3 has an object here; a plain text says as much.
std::string read_description(const Node& root, Reader& reader) {
  const Node* node = root.find("description");
  if (node == nullptr || !node->is_map()) {
    return node == nullptr || node->is_null() ? "" : reader.text(*node, "description").value_or("");
  }
  return text_at(*node, "purpose", reader);
}

void read_head(const Node& root, Contract& contract, Reader& reader) {
  if (const Node* version = reader.required(root, "apiVersion", "a contract")) {
    (void)reader.choice(*version, "apiVersion", kApiVersions, kOldApiVersions);
  }
  if (const Node* kind = reader.required(root, "kind", "a contract")) {
    (void)reader.choice(*kind, "kind", kKinds);
  }
  contract.id = required_text(root, "id", reader);
  contract.version = required_text(root, "version", reader);
  contract.name = text_at(root, "name", reader);
  contract.status = text_at(root, "status", reader);
  contract.description = read_description(root, reader);
  for (const auto& [key, why] : kKeptKeys) {
    if (root.find(key) != nullptr) {
      contract.kept.push_back({std::string(key), std::string(why), root.key_mark(key)});
    }
  }
}

/// Reports the second of two things of one name, with the place of the first.
class Names {
 public:
  Names(std::string_view of, const yaml::SourceText& source, Reader& reader)
      : of_(of), source_(source), reader_(reader) {}

  /// Names that `key` is equal for are one name; `name` is how it is written.
  void add(const std::string& key, const std::string& name, yaml::Mark mark) {
    const auto [first, fresh] = seen_.emplace(key, std::pair(name, mark));
    if (!fresh) {
      const auto& [other, where] = first->second;
      reader_.diagnostics().add(source_, mark,
                                fmt::format("{} '{}' is declared twice: here and at {}", of_, name,
                                            internal::place(source_, where)),
                                other == name ? "" : "'" + other + "' differs only in case");
    }
  }

 private:
  const std::string of_;
  const yaml::SourceText& source_;
  Reader& reader_;
  std::map<std::string, std::pair<std::string, yaml::Mark>> seen_;
};

/// DuckDB and most databases do not tell Day from day.
void check_distinct_names(const std::vector<Property>& properties, const Node& list,
                          Reader& reader) {
  Names columns("column", *list.source, reader);
  Names names("property", *list.source, reader);
  for (const Property& property : properties) {
    columns.add(base::lower(property.field.name), property.field.name, property.mark);
    if (property.name != property.field.name) {
      names.add(property.name, property.name, property.mark);
    }
  }
}

/// Positions in the primary key are 1, 2, 3, or none is given.
void check_positions(const std::vector<const Property*>& members, const Node& list,
                     Reader& reader) {
  const yaml::SourceText& source = *list.source;
  const auto say = [&](yaml::Mark mark, std::string message) {
    reader.diagnostics().add(source, mark, std::move(message),
                             "number the columns of the key from 1, or none of them");
  };
  for (std::size_t i = 1; i < members.size(); ++i) {
    const Property& before = *members[i - 1];
    const Property& member = *members[i];
    const std::int64_t position = *member.primary;
    const std::string other = internal::place(source, before.primary_mark);
    if (*before.primary < 0 && position >= 0) {
      return say(member.primary_mark,
                 fmt::format("column '{}' has a primaryKeyPosition, but '{}' of the same key has "
                             "none ({})",
                             member.field.name, before.field.name, other));
    }
    if (position >= 0 && position == *before.primary) {
      return say(member.primary_mark,
                 fmt::format("'{}' and '{}' ({}) have the same primaryKeyPosition",
                             member.field.name, before.field.name, other));
    }
    if (position > *before.primary + 1) {
      return say(member.primary_mark, fmt::format("primaryKeyPosition {} follows on {} ({})",
                                                  position, *before.primary, other));
    }
  }
  if (*members.front()->primary == 0 || *members.front()->primary > 1) {
    say(members.front()->primary_mark,
        fmt::format("primaryKeyPosition {} is the first of the key", *members.front()->primary));
  }
}

std::optional<KeyRule> primary_key(std::vector<Property>& properties, const Node& list,
                                   Reader& reader) {
  std::vector<const Property*> members;
  for (const Property& property : properties) {
    if (property.primary) {
      members.push_back(&property);
    }
  }
  if (members.empty()) {
    return std::nullopt;
  }
  std::stable_sort(members.begin(), members.end(),
                   [](const Property* a, const Property* b) { return *a->primary < *b->primary; });
  check_positions(members, list, reader);
  KeyRule key{"primary_key", {}, true, Severity::kError, members.front()->mark};
  for (const Property* member : members) {
    key.columns.push_back(member->field.name);
  }
  return key;
}

/// A unique rule that repeats another adds nothing but work.
void add_key(KeyRule key, std::vector<KeyRule>& keys) {
  for (const KeyRule& other : keys) {
    if (other.columns == key.columns && other.severity <= key.severity) {
      return;
    }
  }
  keys.push_back(std::move(key));
}

bool has_rule(const Contract& contract, const std::string& name) {
  return std::any_of(contract.table_rules.begin(), contract.table_rules.end(),
                     [&](const TableRule& rule) { return rule.name == name; });
}

void take_rules(internal::QualityRules rules, Contract& contract, Names& names) {
  for (const auto& [name, mark] : rules.names) {
    names.add(name, name, mark);
  }
  for (KeyRule& key : rules.keys) {
    add_key(std::move(key), contract.keys);
  }
  std::move(rules.kept.begin(), rules.kept.end(), std::back_inserter(contract.kept));
  for (TableRule& rule : rules.table_rules) {
    // Results are told apart by the rules' names.
    const std::string name = rule.name;
    for (int number = 2; has_rule(contract, rule.name); ++number) {
      rule.name = name + " #" + std::to_string(number);
    }
    contract.table_rules.push_back(std::move(rule));
  }
}

void read_properties(const Node& list, Contract& contract,
                     std::map<std::string, std::string>& column_of, Names& rules, Reader& reader) {
  std::vector<Property> properties;
  for (const Node& node : list.children) {
    if (auto property = internal::read_property(node, reader)) {
      properties.push_back(std::move(*property));
    }
  }
  check_distinct_names(properties, list, reader);
  if (auto key = primary_key(properties, list, reader)) {
    add_key(std::move(*key), contract.keys);
  }
  for (Property& property : properties) {
    column_of.emplace(property.name, property.field.name);
    contract.schema.fields.push_back(std::move(property.field));
    contract.notes.push_back(std::move(property.notes));
    std::move(property.inside.notes.begin(), property.inside.notes.end(),
              std::back_inserter(contract.nested_notes));
    std::move(property.inside.forms.begin(), property.inside.forms.end(),
              std::back_inserter(contract.forms));
    std::move(property.rules.begin(), property.rules.end(), std::back_inserter(contract.rules));
    std::move(property.references.begin(), property.references.end(),
              std::back_inserter(contract.references));
    take_rules(std::move(property.quality), contract, rules);
  }
}

void read_object(const Node& root, const Node& object, Contract& contract, Reader& reader) {
  const Node* name = reader.required(object, "name", "a schema object");
  contract.table = text_at(object, "physicalName", reader);
  if (contract.table.empty() && name != nullptr) {
    contract.table = reader.text(*name, "name").value_or("");
  }
  contract.object = text_at(object, "name", reader);
  contract.object_id = text_at(object, "id", reader);
  if (const Node* tags = object.find("tags")) {
    contract.tags = reader.texts(*tags, "tags").value_or(std::vector<std::string>());
  }
  if (contract.description.empty()) {
    contract.description = text_at(object, "description", reader);
  }
  if (const Node* type = object.find("logicalType"); type != nullptr && type->text != "object") {
    reader.add(*type, "logicalType '" + type->text + "' of a schema object is not built yet");
  }
  const Node* properties = reader.required(object, "properties", "a schema object");
  if (properties == nullptr || !reader.expect_list(*properties, "properties")) {
    return;
  }
  if (properties->children.empty()) {
    reader.add(*properties, "a table needs at least one property");
  }
  std::map<std::string, std::string> column_of;
  Names rule_names("rule", *object.source, reader);
  read_properties(*properties, contract, column_of, rule_names, reader);
  if (const Node* quality = object.find("quality")) {
    internal::QualityRules rules;
    internal::read_table_quality(*quality, column_of, rules, reader);
    take_rules(std::move(rules), contract, rule_names);
  }
  if (const Node* relationships = object.find("relationships")) {
    internal::read_table_references(*relationships, column_of, contract.references, reader);
  }
  internal::read_service_levels(root, column_of, contract, reader);
  internal::check_contradictions(contract, *object.source, reader.diagnostics());
}

/// Adds what the standard's schema says of places that nothing was said of yet.
void add_standard_problems(const Node& root, yaml::Diagnostics& found) {
  std::set<yaml::Mark> told;
  for (const yaml::Diagnostic& diagnostic : found.items()) {
    told.insert(diagnostic.mark);
  }
  yaml::Diagnostics standard;
  check_standard(root, standard);
  for (const yaml::Diagnostic& diagnostic : standard.items()) {
    // A map begins where its first key does, so an unknown key may stand where a key is missing.
    if (!told.contains(diagnostic.mark) || diagnostic.message.starts_with("unknown key")) {
      found.add(diagnostic);
    }
  }
}

}  // namespace

std::optional<Contract> read_contract(yaml::SourceText source, yaml::Diagnostics& diagnostics) {
  yaml::Diagnostics found;
  Contract contract;
  contract.file = source.file;
  contract.text = source.text;
  const yaml::Document document = yaml::parse(std::move(source), found);
  Reader reader(found);
  if (found.empty() && reader.expect_map(document.root, "a contract")) {
    read_head(document.root, contract, reader);
    contract.digest = base::sha256_hex(internal::json_text(document.root)).substr(0, 32);
    const Node* schema = reader.required(document.root, "schema", "a contract");
    if (schema != nullptr && reader.expect_list(*schema, "schema")) {
      if (schema->children.size() != 1) {
        reader.add(*schema,
                   "a contract over " + std::to_string(schema->children.size()) +
                       " tables is not built yet",
                   "write one file for each table");
      } else if (reader.expect_map(schema->children[0], "a schema object")) {
        read_object(document.root, schema->children[0], contract, reader);
      }
    }
  }
  if (document.root.is_map()) {
    add_standard_problems(document.root, found);
  }
  const bool sound = found.empty();
  diagnostics.append(std::move(found));
  return sound ? std::optional(std::move(contract)) : std::nullopt;
}

}  // namespace sluice::contract
