#include "sluice/lake/sort_order.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "sluice/base/json_fields.h"

namespace sluice::lake {

namespace {

using base::Result;
using nlohmann::json;

/// Reads a field that has one of two texts; true for the first.
Result<bool> read_either(const json& node, const char* key, std::string_view yes,
                         std::string_view no, std::string_view what) {
  SLUICE_ASSIGN_OR_RETURN(const std::string text, base::json_string(node, key, what));
  if (text != yes && text != no) {
    return base::corrupt(fmt::format("{}: '{}' is '{}'", what, key, text));
  }
  return text == yes;
}

}  // namespace

json to_json(const SortOrder& order) {
  json fields = json::array();
  for (const SortField& field : order.fields) {
    fields.push_back({{"transform", to_text(field.transform)},
                      {"source-id", field.source_id},
                      {"direction", field.ascending ? "asc" : "desc"},
                      {"null-order", field.nulls_first ? "nulls-first" : "nulls-last"}});
  }
  return {{"order-id", order.order_id}, {"fields", std::move(fields)}};
}

Result<SortOrder> sort_order_from_json(const json& node, std::string_view what) {
  SortOrder order;
  SLUICE_ASSIGN_OR_RETURN(const std::int64_t order_id, base::json_int(node, "order-id", what));
  order.order_id = static_cast<int>(order_id);
  SLUICE_ASSIGN_OR_RETURN(const json* fields, base::json_array(node, "fields", what));
  for (const json& item : *fields) {
    SortField field;
    SLUICE_ASSIGN_OR_RETURN(const std::string transform,
                            base::json_string(item, "transform", what));
    SLUICE_ASSIGN_OR_RETURN(field.transform, parse_transform(transform));
    if (item.contains("source-ids") && !item.contains("source-id")) {
      return base::unsupported(
          fmt::format("{}: sorting by a transform of several columns is not supported", what));
    }
    SLUICE_ASSIGN_OR_RETURN(const std::int64_t source, base::json_int(item, "source-id", what));
    field.source_id = static_cast<int>(source);
    SLUICE_ASSIGN_OR_RETURN(field.ascending, read_either(item, "direction", "asc", "desc", what));
    SLUICE_ASSIGN_OR_RETURN(field.nulls_first,
                            read_either(item, "null-order", "nulls-first", "nulls-last", what));
    order.fields.push_back(field);
  }
  return order;
}

}  // namespace sluice::lake
