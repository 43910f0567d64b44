#include "sluice/contract/internal/property.h"

#include <algorithm>
#include <utility>

#include "sluice/contract/internal/place.h"
#include "sluice/contract/internal/references.h"
#include "sluice/contract/internal/value_rules.h"

namespace sluice::contract::internal {

namespace {

using yaml::Node;
using yaml::Reader;

/// Keys that ask something of others, or of parts of the project that are said elsewhere.
constexpr std::pair<std::string_view, std::string_view> kKeptKeys[] = {
    {"partitioned", "partition_by of the source or model decides"},
    {"encryptedName", "information: values are stored as they come"},
    {"transformLogic", "information: models transform"},
    {"transformSourceObjects", "information: models transform"},
};

void check_semantics(const Node& node, Reader& reader) {
  const std::string semantic = text_or_empty(node, "semanticType", reader);
  if (semantic == "measure" || semantic == "dimension") {
    reader.add(*node.find("semanticType"),
               "semanticType '" + semantic + "' is not built yet: only columns are");
  }
}

/// A primary key is never null.
void require(yaml::Mark mark, const std::string& column, std::vector<RowRule>& rules) {
  if (!rules.empty() && rules.front().kind == RowRuleKind::kRequired &&
      rules.front().path.empty()) {
    rules.front().severity = Severity::kError;
    return;
  }
  RowRule rule;
  rule.kind = RowRuleKind::kRequired;
  rule.column = column;
  rule.message = "present";
  rule.mark = mark;
  rules.insert(rules.begin(), std::move(rule));
}

void read_keys(const Node& node, const std::string& column, Property& property, Reader& reader) {
  const Node* position = node.find("primaryKeyPosition");
  const std::int64_t at =
      position == nullptr
          ? -1
          : reader.integer(*position, "primaryKeyPosition", -1, 10'000).value_or(-1);
  if (flag(node, "primaryKey", reader)) {
    property.primary = at;
    property.primary_mark =
        at < 0 ? node.key_mark("primaryKey") : node.key_mark("primaryKeyPosition");
    const Node* required = node.find("required");
    if (required != nullptr && reader.boolean(*required, "required") == false) {
      reader.add(*required,
                 "column '" + column + "' is part of the primary key (" +
                     place(*node.source, node.key_mark("primaryKey")) +
                     "), so it cannot be optional",
                 "leave 'required: false' out, or 'primaryKey'");
    }
    require(node.key_mark("primaryKey"), column, property.rules);
  } else if (at >= 0) {
    reader.add(*position, "primaryKeyPosition without primaryKey: true");
  }
  if (flag(node, "unique", reader)) {
    property.quality.keys.push_back(
        {"unique", {column}, false, Severity::kError, node.key_mark("unique")});
  }
}

/// Structs, lists and maps are no keys and refer to nothing.
void refuse_nested_keys(const Node& node, const Property& property, Reader& reader) {
  for (const std::string_view key : {"primaryKey", "unique", "relationships"}) {
    if (node.find(key) != nullptr && (key == "relationships" || flag(node, key, reader))) {
      reader.add_at_key(node, key,
                        "'" + std::string(key) + "' of column '" + property.field.name + "', a " +
                            data::to_text(property.field.type) + ", cannot be executed",
                        "give a column of its own to what is compared");
    }
  }
}

std::optional<ValueRules> read_values(const Node& node, const std::string& column,
                                      Property& property, Reader& reader) {
  const auto nested = nested_kind_of(node);
  return nested ? read_nested(node, *nested, column, property.quality, property.inside, reader)
                : read_scalar(node, column, property.quality, reader);
}

}  // namespace

void read_notes(const Node& node, ColumnNotes& notes, std::vector<Kept>& kept, Reader& reader) {
  notes.id = text_or_empty(node, "id", reader);
  notes.classification = text_or_empty(node, "classification", reader);
  notes.critical = flag(node, "criticalDataElement", reader);
  if (const Node* tags = node.find("tags")) {
    notes.tags = reader.texts(*tags, "tags").value_or(std::vector<std::string>());
  }
  for (const auto& [key, why] : kKeptKeys) {
    if (node.find(key) != nullptr) {
      kept.push_back({"property '" + notes.name + "': " + std::string(key), std::string(why),
                      node.key_mark(key)});
    }
  }
}

std::optional<Property> read_property(const Node& node, Reader& reader) {
  if (!reader.expect_map(node, "a property")) {
    return std::nullopt;
  }
  Property property;
  property.mark = node.mark;
  const std::optional<std::string> name = read_property_name(node, property.name, reader);
  std::optional<ValueRules> values = read_values(node, name.value_or(""), property, reader);
  if (!name || !values) {
    return std::nullopt;
  }
  property.field.name = *name;
  property.field.type = std::move(values->type);
  property.field.doc = text_or_empty(node, "description", reader);
  property.rules = std::move(values->rules);
  std::move(values->forms.begin(), values->forms.end(), std::back_inserter(property.inside.forms));
  for (RowRule& rule : property.rules) {
    rule.column = *name;
  }
  for (WrittenForm& form : property.inside.forms) {
    form.column = *name;
  }
  check_semantics(node, reader);
  if (data::is_nested(property.field.type)) {
    refuse_nested_keys(node, property, reader);
  } else {
    read_keys(node, *name, property, reader);
    if (const Node* relationships = node.find("relationships")) {
      read_column_references(*relationships, *name, property.references, reader);
    }
  }
  property.notes.column = *name;
  property.notes.name = property.name;
  read_notes(node, property.notes, property.quality.kept, reader);
  std::move(property.inside.kept.begin(), property.inside.kept.end(),
            std::back_inserter(property.quality.kept));
  std::move(property.inside.names.begin(), property.inside.names.end(),
            std::back_inserter(property.quality.names));
  for (const RowRule& rule : property.rules) {
    const bool required = rule.kind == RowRuleKind::kRequired && rule.path.empty();
    property.field.required |= required && rule.severity == Severity::kError;
  }
  return property;
}

}  // namespace sluice::contract::internal
