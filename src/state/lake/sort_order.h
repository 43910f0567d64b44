#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/lake/transform.h"

namespace sluice::lake {

struct SortField {
  int source_id = 0;
  Transform transform;
  bool ascending = true;
  bool nulls_first = true;

  friend bool operator==(const SortField&, const SortField&) = default;
};

/// How rows within a file are ordered; order 0 has no fields.
struct SortOrder {
  int order_id = 0;
  std::vector<SortField> fields;

  friend bool operator==(const SortOrder&, const SortOrder&) = default;
};

nlohmann::json to_json(const SortOrder& order);
base::Result<SortOrder> sort_order_from_json(const nlohmann::json& json, std::string_view what);

}  // namespace sluice::lake
