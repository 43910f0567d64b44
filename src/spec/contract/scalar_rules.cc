#include <fmt/format.h>

#include <limits>
#include <utility>

#include "sluice/contract/internal/column_type.h"
#include "sluice/contract/internal/json_scalar.h"
#include "sluice/contract/internal/place.h"
#include "sluice/contract/internal/value_rules.h"
#include "sluice/contract/internal/written_form.h"

namespace sluice::contract::internal {

using yaml::Node;
using yaml::Reader;

namespace {

/// The columns that every landed table has of its own begin like this.
constexpr std::string_view kReservedPrefix = "_sluice_";

}  // namespace

std::string text_or_empty(const Node& map, std::string_view key, Reader& reader) {
  const Node* node = map.find(key);
  return node == nullptr || node->is_null() ? "" : reader.text(*node, key).value_or("");
}

bool flag(const Node& map, std::string_view key, Reader& reader) {
  const Node* node = map.find(key);
  return node != nullptr && reader.boolean(*node, key).value_or(false);
}

std::optional<std::string> read_property_name(const Node& node, std::string& name, Reader& reader) {
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
    reader.add(*named, "'" + column + "' cannot name a column or a part of one");
    return std::nullopt;
  }
  if (column.starts_with(kReservedPrefix)) {
    reader.add(*named,
               "column names that begin with " + std::string(kReservedPrefix) + " are reserved");
    return std::nullopt;
  }
  return column;
}

namespace {

bool is_temporal(const data::Type& type) {
  return type.kind == data::TypeKind::kDate || type.kind == data::TypeKind::kTime ||
         type.kind == data::TypeKind::kTimestamp || type.kind == data::TypeKind::kTimestamptz;
}

/// Reads how dates and times are written; the formats of numbers and texts are read elsewhere.
std::optional<WrittenForm> read_written_form(const Node& options, const data::Type& type,
                                             Reader& reader) {
  const Node* zone = options.find("defaultTimezone");
  if (zone != nullptr && zone->text != "UTC" && zone->text != "Etc/UTC") {
    reader.add(*zone, "defaultTimezone '" + zone->text + "' cannot be executed yet",
               "values without an offset are read in the project's timezone");
  }
  const Node* format = options.find("format");
  if (format == nullptr || !format->is_scalar() || !is_temporal(type) ||
      (type.kind == data::TypeKind::kDate && format->text == "yyyy-MM-dd")) {
    return std::nullopt;
  }
  std::string problem;
  std::optional<WrittenForm> form = read_form(format->text, type.kind, problem);
  if (!form) {
    reader.add(*format,
               "format '" + format->text + "' of a " + data::to_text(type) + ": " + problem,
               "yyyy, MM, dd, HH, mm, ss, S to SSSSSS, XXX and quoted text can be executed; "
               "without a format ISO 8601 is read");
  }
  return form;
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

std::optional<std::int64_t> read_count(const Node& options, std::string_view key, Reader& reader) {
  const Node* node = options.find(key);
  return node == nullptr ? std::nullopt
                         : reader.integer(*node, key, 0, std::numeric_limits<std::int64_t>::max());
}

void add_option_rules(const Node& options, std::string_view logical, ColumnRules& column,
                      Reader& reader) {
  auto minimum = read_bound(options, "minimum", "exclusiveMinimum", column, reader);
  auto maximum = read_bound(options, "maximum", "exclusiveMaximum", column, reader);
  column.add_range(std::move(minimum), std::move(maximum), options.mark);
  const Counts length =
      read_counts(options, "minLength", "maxLength", column.column(), "characters", reader);
  const bool any_length = length.least || length.most;
  if (any_length && column.type().kind != data::TypeKind::kString) {
    reader.add(options, "a length cannot judge column '" + column.column() +
                            "', which is no text but " + data::to_text(column.type()));
  } else {
    column.add_length(length.least, length.most, options.mark);
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

}  // namespace

Counts read_counts(const Node& options, std::string_view least_key, std::string_view most_key,
                   const std::string& place, std::string_view unit, Reader& reader) {
  const Counts counts{read_count(options, least_key, reader),
                      read_count(options, most_key, reader)};
  if (!counts.least || !counts.most || *counts.least <= *counts.most) {
    return counts;
  }
  const auto at = [&](std::string_view key) {
    return internal::place(*options.source, options.find(key)->mark);
  };
  reader.add(*options.find(most_key),
             fmt::format("no value of column '{}' has at least {} {} ({}) and at most {} ({})",
                         place, *counts.least, unit, at(least_key), *counts.most, at(most_key)),
             "both cannot hold: change one");
  return {};
}

std::optional<ValueRules> read_scalar(const Node& node, const std::string& place,
                                      QualityRules& quality, Reader& reader) {
  const Node* options = read_options(node, reader);
  const DeclaredType declared = read_declared(node, options, reader);
  TypeProblem problem;
  const std::optional<ColumnType> type = resolve_type(declared, problem);
  // A word that the standard does not have was told when the file was held to its schema.
  if (!type && !problem.message.empty()) {
    const bool in_options = problem.key == "format" && options != nullptr;
    reader.add_at_key(in_options ? *options : node, problem.key, problem.message, problem.hint);
  }
  if (!type) {
    return std::nullopt;
  }
  ValueRules values;
  values.type = type->type;
  ColumnRules column(place, type->type, reader);
  if (flag(node, "required", reader)) {
    column.add_required(node.key_mark("required"), Severity::kError);
  }
  if (options != nullptr) {
    if (auto form = read_written_form(*options, type->type, reader)) {
      values.forms.push_back(std::move(*form));
    }
  }
  column.add_type(node.mark, values.forms.empty() ? "" : values.forms.front().format);
  column.add_range(type->minimum, type->maximum, node.key_mark("physicalType"));
  column.add_length(std::nullopt, type->length_max, node.key_mark("physicalType"));
  if (options != nullptr) {
    add_option_rules(*options, declared.logical, column, reader);
  }
  if (const Node* allowed = node.find("enum")) {
    add_enum_rule(*allowed, column, reader);
  }
  if (const Node* rules = node.find("quality")) {
    read_column_quality(*rules, column, quality, reader);
  }
  values.rules = column.take();
  return values;
}

}  // namespace sluice::contract::internal
