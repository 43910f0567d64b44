#include "sluice/contract/internal/property.h"

#include <limits>
#include <utility>

#include "sluice/contract/internal/column_rules.h"
#include "sluice/contract/internal/column_type.h"
#include "sluice/contract/internal/json_scalar.h"
#include "sluice/contract/internal/references.h"

namespace sluice::contract::internal {

namespace {

using yaml::Node;
using yaml::Reader;

/// Keys of the standard that ask for something that no part of this version does.
constexpr yaml::UnsupportedKey kUnbuiltKeys[] = {
    {"items", "columns of a list type are not built"},
    {"map", "columns of a map type are not built"},
    {"properties", "columns of a struct type are not built"},
};
/// Keys that ask something of others, or of parts of the project that are said elsewhere.
constexpr std::pair<std::string_view, std::string_view> kKeptKeys[] = {
    {"partitioned", "partition_by of the source or model decides"},
    {"encryptedName", "information: values are stored as they come"},
    {"transformLogic", "information: models transform"},
    {"transformSourceObjects", "information: models transform"},
};

/// The columns that every landed table has of its own begin like this.
constexpr std::string_view kReservedPrefix = "_sluice_";

std::string text_or_empty(const Node& map, std::string_view key, Reader& reader) {
  const Node* node = map.find(key);
  return node == nullptr || node->is_null() ? "" : reader.text(*node, key).value_or("");
}

bool flag(const Node& map, std::string_view key, Reader& reader) {
  const Node* node = map.find(key);
  return node != nullptr && reader.boolean(*node, key).value_or(false);
}

void refuse_unbuilt(const Node& node, Reader& reader) {
  for (const auto& [key, instead] : kUnbuiltKeys) {
    if (node.find(key) != nullptr) {
      reader.add_at_key(node, key, "'" + std::string(key) + "' in a property is not built yet",
                        std::string(instead));
    }
  }
}

std::optional<std::string> read_column_name(const Node& node, std::string& name, Reader& reader) {
  const Node* named = reader.required(node, "name", "a property");
  if (named == nullptr) {
    return std::nullopt;
  }
  const std::optional<std::string> read = reader.text(*named, "the property's name");
  if (!read) {
    return std::nullopt;
  }
  name = *read;
  const std::string physical = text_or_empty(node, "physicalName", reader);
  std::string column = physical.empty() ? name : physical;
  if (column.empty() || column.find_first_of("|\n\r\t") != std::string::npos) {
    reader.add(*named, "'" + column + "' cannot name a column");
    return std::nullopt;
  }
  if (column.starts_with(kReservedPrefix)) {
    reader.add(*named,
               "column names that begin with " + std::string(kReservedPrefix) + " are reserved");
    return std::nullopt;
  }
  return column;
}

/// Options that say how a value is written. Only what the decoder does anyway can be promised.
void check_written_form(const Node& options, const DeclaredType& declared, Reader& reader) {
  if (const Node* format = options.find("format"); format != nullptr && format->is_scalar()) {
    const bool is_iso_date = declared.logical == "date" && format->text == "yyyy-MM-dd";
    const bool is_number = declared.logical == "integer" || declared.logical == "number";
    const bool is_text = declared.logical == "string";
    if (!is_iso_date && !is_number && !is_text) {
      reader.add(*format, "rule format '" + format->text + "' cannot be executed yet",
                 "leave it out: ISO 8601 is read");
    }
  }
  const Node* zone = options.find("defaultTimezone");
  if (zone != nullptr && zone->text != "UTC" && zone->text != "Etc/UTC") {
    reader.add(*zone, "defaultTimezone '" + zone->text + "' cannot be executed yet",
               "values without an offset are read in the project's timezone");
  }
}

std::optional<Bound> read_bound(const Node& options, std::string_view inclusive,
                                std::string_view exclusive, ColumnRules& column, Reader& reader) {
  const Node* within = options.find(inclusive);
  const Node* beyond = options.find(exclusive);
  if (beyond != nullptr && json_type(*beyond) == "boolean") {  // ODCS 3.0: it qualifies the other
    const bool strict = reader.boolean(*beyond, exclusive).value_or(false);
    if (within == nullptr) {
      reader.add(*beyond, std::string(exclusive) + " without " + std::string(inclusive));
      return std::nullopt;
    }
    const auto text = column.value(*within, inclusive);
    return text ? std::optional(Bound{*text, strict, within->mark}) : std::nullopt;
  }
  if (within != nullptr && beyond != nullptr) {
    reader.add(*beyond,
               std::string(inclusive) + " and " + std::string(exclusive) + " are both declared",
               "keep one");
    return std::nullopt;
  }
  const Node* node = within != nullptr ? within : beyond;
  if (node == nullptr) {
    return std::nullopt;
  }
  const auto text = column.value(*node, within != nullptr ? inclusive : exclusive);
  return text ? std::optional(Bound{*text, within == nullptr, node->mark}) : std::nullopt;
}

std::optional<std::int64_t> read_length(const Node& options, std::string_view key, Reader& reader) {
  const Node* node = options.find(key);
  return node == nullptr ? std::nullopt
                         : reader.integer(*node, key, 0, std::numeric_limits<std::int64_t>::max());
}

void add_option_rules(const Node& options, std::string_view logical, ColumnRules& column,
                      Reader& reader) {
  auto minimum = read_bound(options, "minimum", "exclusiveMinimum", column, reader);
  auto maximum = read_bound(options, "maximum", "exclusiveMaximum", column, reader);
  column.add_range(std::move(minimum), std::move(maximum), options.mark);
  const auto length_min = read_length(options, "minLength", reader);
  const auto length_max = read_length(options, "maxLength", reader);
  const bool any_length = length_min || length_max;
  if (any_length && column.type().kind != data::TypeKind::kString) {
    reader.add(options, "a length cannot judge column '" + column.column() +
                            "', which is no text but " + data::to_text(column.type()));
  } else {
    column.add_length(length_min, length_max, options.mark);
  }
  if (const Node* step = options.find("multipleOf")) {
    column.add_multiple(*step);
  }
  const Node* format = options.find("format");
  if (format != nullptr && format->is_scalar() && logical == "string") {
    column.add_format(*format);
  }
  if (const Node* pattern = options.find("pattern")) {
    column.add_pattern(*pattern, Severity::kError);
  }
}

void add_enum_rule(const Node& allowed, ColumnRules& column, Reader& reader) {
  if (!reader.expect_list(allowed, "enum")) {
    return;
  }
  std::vector<const Node*> items;
  for (const Node& entry : allowed.children) {
    if (!reader.expect_map(entry, "each of enum")) {
      continue;
    }
    if (const Node* value = reader.required(entry, "value", "an enum value")) {
      items.push_back(value);
    }
  }
  column.add_domain(std::move(items), allowed.mark, Severity::kError);
}

DeclaredType read_declared(const Node& node, const Node* options, Reader& reader) {
  DeclaredType declared;
  declared.logical = text_or_empty(node, "logicalType", reader);
  declared.physical = text_or_empty(node, "physicalType", reader);
  if (options != nullptr) {
    declared.with_timezone = flag(*options, "timezone", reader);
    if (declared.logical == "integer" || declared.logical == "number") {
      declared.format = text_or_empty(*options, "format", reader);
    }
  }
  return declared;
}

const Node* read_options(const Node& node, Reader& reader) {
  const Node* options = node.find("logicalTypeOptions");
  if (options == nullptr || !reader.expect_map(*options, "logicalTypeOptions")) {
    return nullptr;
  }
  return options;
}

void check_semantics(const Node& node, Reader& reader) {
  const std::string semantic = text_or_empty(node, "semanticType", reader);
  if (semantic == "measure" || semantic == "dimension") {
    reader.add(*node.find("semanticType"),
               "semanticType '" + semantic + "' is not built yet: only columns are");
  }
}

void read_keys(const Node& node, ColumnRules& column, Property& property, Reader& reader) {
  const Node* position = node.find("primaryKeyPosition");
  const std::int64_t at =
      position == nullptr
          ? -1
          : reader.integer(*position, "primaryKeyPosition", -1, 10'000).value_or(-1);
  if (flag(node, "primaryKey", reader)) {
    property.primary = at;
    const Node* required = node.find("required");
    if (required != nullptr && reader.boolean(*required, "required") == false) {
      reader.add(*required,
                 "column '" + column.column() + "' is part of the primary key (line " +
                     std::to_string(node.key_mark("primaryKey").line) +
                     "), so it cannot be optional",
                 "leave 'required: false' out, or 'primaryKey'");
    }
    column.add_required(node.key_mark("primaryKey"), Severity::kError);
  } else if (at >= 0) {
    reader.add(*position, "primaryKeyPosition without primaryKey: true");
  }
  if (flag(node, "unique", reader)) {
    property.quality.keys.push_back(
        {"unique", {column.column()}, false, Severity::kError, node.key_mark("unique")});
  }
}

void read_notes(const Node& node, Property& property, Reader& reader) {
  ColumnNotes& notes = property.notes;
  notes.column = property.field.name;
  notes.name = property.name;
  notes.id = text_or_empty(node, "id", reader);
  notes.classification = text_or_empty(node, "classification", reader);
  notes.critical = flag(node, "criticalDataElement", reader);
  if (const Node* tags = node.find("tags")) {
    notes.tags = reader.texts(*tags, "tags").value_or(std::vector<std::string>());
  }
  for (const auto& [key, why] : kKeptKeys) {
    if (node.find(key) != nullptr) {
      property.quality.kept.push_back({"property '" + property.name + "': " + std::string(key),
                                       std::string(why), node.key_mark(key)});
    }
  }
}

}  // namespace

std::optional<Property> read_property(const Node& node, Reader& reader) {
  if (!reader.expect_map(node, "a property")) {
    return std::nullopt;
  }
  refuse_unbuilt(node, reader);
  Property property;
  property.mark = node.mark;
  const std::optional<std::string> name = read_column_name(node, property.name, reader);
  const Node* options = read_options(node, reader);
  const DeclaredType declared = read_declared(node, options, reader);
  TypeProblem problem;
  const std::optional<ColumnType> type = resolve_type(declared, problem);
  // A word that the standard does not have was told when the file was held to its schema.
  if (!type && !problem.message.empty()) {
    const bool in_options = problem.key == "format" && options != nullptr;
    reader.add_at_key(in_options ? *options : node, problem.key, problem.message, problem.hint);
  }
  if (!name || !type) {
    return std::nullopt;
  }
  property.field.name = *name;
  property.field.type = type->type;
  property.field.doc = text_or_empty(node, "description", reader);

  ColumnRules column(*name, type->type, reader);
  check_semantics(node, reader);
  if (flag(node, "required", reader)) {
    column.add_required(node.key_mark("required"), Severity::kError);
  }
  column.add_type(node.mark);
  column.add_range(type->minimum, type->maximum, node.key_mark("physicalType"));
  column.add_length(std::nullopt, type->length_max, node.key_mark("physicalType"));
  if (options != nullptr) {
    check_written_form(*options, declared, reader);
    add_option_rules(*options, declared.logical, column, reader);
  }
  if (const Node* allowed = node.find("enum")) {
    add_enum_rule(*allowed, column, reader);
  }
  read_keys(node, column, property, reader);
  if (const Node* quality = node.find("quality")) {
    read_column_quality(*quality, column, property.quality, reader);
  }
  if (const Node* relationships = node.find("relationships")) {
    read_column_references(*relationships, *name, property.references, reader);
  }
  read_notes(node, property, reader);
  property.rules = column.take();
  for (const RowRule& rule : property.rules) {
    const bool required = rule.kind == RowRuleKind::kRequired;
    property.field.required |= required && rule.severity == Severity::kError;
  }
  return property;
}

}  // namespace sluice::contract::internal
