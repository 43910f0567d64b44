#include "sluice/contract/draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sluice/base/text.h"

namespace sluice::contract {

namespace {

using data::ColumnProfile;
using data::TypeKind;

constexpr std::int64_t kEnumRowsMin = 20;  // fewer say nothing of which values there may be
constexpr std::size_t kEnumValuesMax = 20;
constexpr std::int64_t kEnumRepeatsMin = 4;  // rows for each value
constexpr std::int64_t kPairRowsMin = 20;    // fewer are unique by chance
constexpr std::string_view kKeyEndings[] = {"id", "key", "code", "uuid", "number", "no", "nr"};
constexpr std::string_view kReservedPrefix = "_sluice_";

/// A scalar of YAML that is read as this very text.
std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool is_plain(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  constexpr std::string_view kWords[] = {"true", "false", "null", "yes", "no",
                                         "on",   "off",   "y",    "n"};
  return !text.empty() && (letter(text.front()) || text.front() == '_') &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; }) &&
         std::find(std::begin(kWords), std::end(kWords), base::lower(text)) == std::end(kWords);
}

std::string scalar(const std::string& text) { return is_plain(text) ? text : quoted(text); }

bool can_name(std::string_view name) {
  return !name.empty() && name.find_first_of("|\n\r\t") == std::string_view::npos &&
         !name.starts_with(kReservedPrefix);
}

/// `logicalType: ..., physicalType: ...` of a scalar.
std::string type_keys(const data::Type& type) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return "logicalType: boolean";
    case TypeKind::kInt:
      return "logicalType: integer, physicalType: int";
    case TypeKind::kLong:
      return "logicalType: integer, physicalType: bigint";
    case TypeKind::kFloat:
      return "logicalType: number, physicalType: float";
    case TypeKind::kDouble:
      return "logicalType: number, physicalType: double";
    case TypeKind::kDecimal:
      return fmt::format("logicalType: {}, physicalType: \"decimal({},{})\"",
                         type.scale == 0 ? "integer" : "number", type.precision, type.scale);
    case TypeKind::kDate:
      return "logicalType: date";
    case TypeKind::kTime:
      return "logicalType: time";
    case TypeKind::kTimestamp:
      return "logicalType: timestamp, physicalType: timestamp";
    case TypeKind::kTimestamptz:
      return "logicalType: timestamp, physicalType: timestamptz";
    case TypeKind::kUuid:
      return "logicalType: string, physicalType: uuid";
    case TypeKind::kFixed:
    case TypeKind::kBinary:
      return "logicalType: string, physicalType: binary";
    default:
      return "logicalType: string";
  }
}

/// The keys of a property, or of an item, that say its type; nested ones in flow style.
std::string declared_type(const data::Type& type) {
  if (type.kind == TypeKind::kStruct) {
    std::vector<std::string> members;
    for (const data::Field& field : type.fields) {
      members.push_back(
          fmt::format("{{ name: {}, {} }}", scalar(field.name), declared_type(field.type)));
    }
    return "logicalType: object, properties: [" + base::join(members, ", ") + "]";
  }
  if (type.kind == TypeKind::kList) {
    return fmt::format("logicalType: array, items: {{ {} }}", declared_type(type.fields[0].type));
  }
  if (type.kind == TypeKind::kMap) {
    return fmt::format("logicalType: map, map: {{ key: {{ {} }}, value: {{ {} }} }}",
                       declared_type(type.fields[0].type), declared_type(type.fields[1].type));
  }
  return type_keys(type);
}

bool looks_like_enum(const ColumnProfile& column, std::int64_t rows) {
  return column.type.kind == TypeKind::kString && !column.domain.empty() &&
         column.domain.size() <= kEnumValuesMax && rows >= kEnumRowsMin &&
         column.values >= kEnumRepeatsMin * static_cast<std::int64_t>(column.domain.size());
}

std::string counted(std::int64_t count, std::string_view what) {
  return fmt::format("{} {}{}", base::format_count(count), what, count == 1 ? "" : "s");
}

/// What was seen, in one line.
std::string seen(const ColumnProfile& column) {
  std::vector<std::string> parts;
  if (column.nulls > 0) {
    parts.push_back(counted(column.nulls, "null"));
  }
  if (!data::is_nested(column.type)) {
    parts.push_back(column.unique ? "no value twice"
                                  : (column.distinct_exact ? "" : "more than ") +
                                        counted(column.distinct, "distinct value"));
  }
  if (!column.minimum.empty()) {
    parts.push_back(fmt::format("from {} to {}", column.minimum, column.maximum));
  }
  if (column.type.kind == TypeKind::kString) {
    parts.push_back(column.length_min == column.length_max
                        ? counted(column.length_max, "character")
                        : fmt::format("{} to {} characters", column.length_min, column.length_max));
  }
  return base::join(parts, ", ");
}

/// A rule that the data meets, commented out: whether it holds tomorrow is for people to say.
std::string suggestion(const ColumnProfile& column, std::int64_t rows) {
  if (!column.known) {
    return "";
  }
  if (looks_like_enum(column, rows)) {
    std::vector<std::string> values;
    for (const std::string& value : column.domain) {
      values.push_back("{ value: " + quoted(value) + " }");
    }
    return "enum: [" + base::join(values, ", ") + "]";
  }
  if (column.type.kind == TypeKind::kString) {
    return fmt::format("logicalTypeOptions: {{ maxLength: {} }}", column.length_max);
  }
  const bool is_number =
      column.type.kind == TypeKind::kInt || column.type.kind == TypeKind::kLong ||
      column.type.kind == TypeKind::kDecimal || column.type.kind == TypeKind::kDouble;
  if (is_number && !column.minimum.empty()) {
    return fmt::format("logicalTypeOptions: {{ minimum: {}, maximum: {} }}", column.minimum,
                       column.maximum);
  }
  return "";
}

std::string no_break(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return text;
}

/// Name and type of a property.
std::string declaration(const ColumnProfile& column) {
  std::string text = fmt::format("      - name: {}\n", scalar(column.name));
  const std::string types = declared_type(column.type);
  const std::size_t comma = types.find(", ");
  text += "        " + types.substr(0, comma) + "\n";
  return comma == std::string::npos ? text : text + "        " + types.substr(comma + 2) + "\n";
}

std::string head(const std::string& table, std::string_view version, std::string_view status) {
  return fmt::format(
      "apiVersion: v3.2.0\nkind: DataContract\nid: {0}\nversion: {1}\nstatus: {2}\nschema:\n"
      "  - name: {0}\n    properties:\n",
      scalar(table), version, status);
}

std::string property(const ColumnProfile& column, std::int64_t rows, int key_position,
                     bool single_key) {
  if (!can_name(column.name)) {
    return fmt::format("      # {}: no contract can name this column\n", quoted(column.name));
  }
  std::string text = declaration(column);
  if (column.known && column.nulls == 0 && column.misfits == 0) {
    text += "        required: true\n";
  }
  if (key_position > 0) {
    text += "        primaryKey: true\n";
    if (!single_key) {
      text += fmt::format("        primaryKeyPosition: {}\n", key_position);
    }
  }
  if (!column.known) {
    text += "        # no value was seen: say what it is\n";
  } else if (column.misfits > 0) {
    text += fmt::format("        # {} would go to quarantine: {}\n",
                        counted(column.misfits, "value"), no_break(column.note));
  } else if (!column.note.empty()) {
    text += "        # " + no_break(column.note) + "\n";
  }
  const std::string line = column.known ? seen(column) : "";
  if (!line.empty()) {
    text += "        # seen: " + no_break(line) + "\n";
  }
  if (key_position == 0 && column.unique) {
    text += "        # unique: true\n";
  }
  const std::string rule = suggestion(column, rows);
  if (!rule.empty()) {
    text += "        # " + no_break(rule) + "\n";
  }
  return text;
}

bool looks_like_key(const ColumnProfile& column, const DraftInput& input) {
  if (column.name == input.columns.front().name) {
    return true;
  }
  const std::string name = base::lower(column.name);
  return std::any_of(std::begin(kKeyEndings), std::end(kKeyEndings), [&](std::string_view ending) {
    return name == ending || name.ends_with("_" + std::string(ending));
  });
}

}  // namespace

std::vector<std::string> choose_key(const DraftInput& input) {
  for (const ColumnProfile& column : input.columns) {
    if (column.unique && column.misfits == 0 && can_name(column.name) &&
        looks_like_key(column, input)) {
      return {column.name};
    }
  }
  const bool any_unique = std::any_of(input.columns.begin(), input.columns.end(),
                                      [](const ColumnProfile& column) { return column.unique; });
  for (const std::vector<std::string>& key : input.keys) {
    const auto find = [&](const std::string& name) {
      return std::find_if(input.columns.begin(), input.columns.end(),
                          [&](const ColumnProfile& column) { return column.name == name; });
    };
    const bool may_be = std::all_of(key.begin(), key.end(), [&](const std::string& name) {
      const auto column = find(name);
      return column != input.columns.end() && can_name(name) && column->misfits == 0;
    });
    if (!any_unique && may_be && input.rows >= kPairRowsMin &&
        looks_like_key(*find(key.front()), input)) {
      return key;
    }
  }
  return {};
}

std::string draft_contract(const DraftInput& input) {
  const std::vector<std::string> key = choose_key(input);
  std::string text = fmt::format(
      "# Drafted from {} of {}{}. What was seen is no promise: read it before it holds anybody.\n"
      "# A line that begins with # is a rule that this data would meet, or says what was seen.\n",
      counted(input.rows, "record"), no_break(input.origin), input.whole ? "" : ", which has more");
  text += head(input.table, "0.1.0", "draft");
  for (const ColumnProfile& column : input.columns) {
    const auto at = std::find(key.begin(), key.end(), column.name);
    const int position = at == key.end() ? 0 : static_cast<int>(at - key.begin()) + 1;
    text += property(column, input.rows, position, key.size() == 1);
  }
  for (const std::vector<std::string>& pair : input.keys) {
    if (pair != key) {
      text += "    # unique together: " + no_break(base::join(pair, ", ")) + "\n";
    }
  }
  return text;
}

std::string declare_columns(const DraftInput& input, const std::string& version) {
  std::string text = head(input.table, version, "active");
  for (const ColumnProfile& column : input.columns) {
    text += declaration(column);
  }
  return text;
}

}  // namespace sluice::contract
