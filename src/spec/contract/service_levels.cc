#include "sluice/contract/internal/service_levels.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "sluice/contract/internal/json_scalar.h"
#include "sluice/contract/reference.h"

namespace sluice::contract::internal {

namespace {

using yaml::Node;
using yaml::Reader;

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

struct Unit {
  std::string_view name;
  std::int64_t seconds;
};
constexpr Unit kUnits[] = {{"s", 1},
                           {"sec", 1},
                           {"second", 1},
                           {"seconds", 1},
                           {"m", kMinute},
                           {"min", kMinute},
                           {"minute", kMinute},
                           {"minutes", kMinute},
                           {"h", kHour},
                           {"hr", kHour},
                           {"hour", kHour},
                           {"hours", kHour},
                           {"d", kDay},
                           {"day", kDay},
                           {"days", kDay},
                           {"w", 7 * kDay},
                           {"week", 7 * kDay},
                           {"weeks", 7 * kDay},
                           {"y", 365 * kDay},
                           {"yr", 365 * kDay},
                           {"year", 365 * kDay},
                           {"years", 365 * kDay}};

/// How old the newest data may be; ODCS knows it as latency, and as frequency of the updates.
constexpr std::string_view kOfData[] = {"freshness", "latency", "ly"};
constexpr std::string_view kOfUpdates[] = {"frequency", "fy"};

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::optional<std::int64_t> limit_of(const Node& level, Reader& reader) {
  const Node* value = reader.required(level, "value", "a service level");
  const Node* unit = reader.required(level, "unit", "a service level that is a duration");
  if (value == nullptr || unit == nullptr) {
    return std::nullopt;
  }
  const auto number = json_number(*value);
  if (!number || !(*number > 0 && *number < 1e9)) {
    reader.add(*value, "the value of this service level must be a number of " + unit->text);
    return std::nullopt;
  }
  const auto* const known = std::find_if(std::begin(kUnits), std::end(kUnits),
                                         [&](const Unit& u) { return u.name == unit->text; });
  if (known == std::end(kUnits)) {
    reader.add(*unit, "unit '" + unit->text + "' is no duration",
               "write seconds, minutes, hours, days, weeks or years");
    return std::nullopt;
  }
  return static_cast<std::int64_t>(*number * static_cast<double>(known->seconds));
}

/// Reads the column that a level is measured on, "" for the table. nullopt when it is reported.
std::optional<std::string> element_of(const Node& root, const Node& level,
                                      const std::map<std::string, std::string>& column_of,
                                      const Contract& contract, Reader& reader) {
  const Node* element = level.find("element");
  if (element == nullptr) {
    element = root.find("slaDefaultElement");
  }
  if (element == nullptr || element->text == contract.object || element->text == contract.table) {
    return "";
  }
  const auto column = column_of.find(parse_reference(element->text).property);
  const data::Field* field = column == column_of.end() ? nullptr : contract.column(column->second);
  if (field == nullptr) {
    reader.add(*element, "element '" + element->text + "' names no property of this contract");
    return std::nullopt;
  }
  const data::TypeKind kind = field->type.kind;
  if (kind != data::TypeKind::kDate && kind != data::TypeKind::kTimestamp &&
      kind != data::TypeKind::kTimestamptz) {
    reader.add(*element, "element '" + element->text + "' is no date or timestamp but " +
                             data::to_text(field->type));
    return std::nullopt;
  }
  return column->second;
}

void read_level(const Node& root, const Node& level, std::size_t index,
                const std::map<std::string, std::string>& column_of, Contract& contract,
                Reader& reader) {
  const Node* property = level.find("property");
  if (property == nullptr) {
    return;  // the standard's schema says so
  }
  const bool of_data = is_one_of(kOfData, property->text);
  if (!of_data && !is_one_of(kOfUpdates, property->text)) {
    contract.kept.push_back({fmt::format("slaProperties[{}] ({})", index, property->text),
                             "information: nothing here can measure it", level.mark});
    return;
  }
  const auto limit = limit_of(level, reader);
  const auto column = of_data ? element_of(root, level, column_of, contract, reader)
                              : std::optional<std::string>("");
  if (!limit || !column) {
    return;
  }
  ServiceLevel made;
  made.column = *column;
  made.limit_s = *limit;
  made.mark = level.mark;
  made.name = fmt::format("{}{} <= {} {}", of_data ? "freshness" : "frequency",
                          column->empty() ? "" : "(" + *column + ")", level.find("value")->text,
                          level.find("unit")->text);
  contract.service_levels.push_back(std::move(made));
}

}  // namespace

void read_service_levels(const Node& root, const std::map<std::string, std::string>& column_of,
                         Contract& contract, Reader& reader) {
  const Node* levels = root.find("slaProperties");
  if (levels == nullptr || !reader.expect_list(*levels, "slaProperties")) {
    return;
  }
  for (std::size_t i = 0; i < levels->children.size(); ++i) {
    if (reader.expect_map(levels->children[i], "a service level")) {
      read_level(root, levels->children[i], i, column_of, contract, reader);
    }
  }
}

}  // namespace sluice::contract::internal
