#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sluice/data/type.h"

namespace sluice::data {

/// A column of a table. `id` is the Iceberg field id, stable over renames; 0 means not yet given.
struct Field {
  int id = 0;
  std::string name;
  Type type;
  bool required = false;
  std::string doc;

  friend bool operator==(const Field&, const Field&) = default;
};

struct Schema {
  int schema_id = 0;
  std::vector<Field> fields;
  std::vector<int> identifier_field_ids;  // the key's columns, in no particular order

  /// Finds a column by exact name; nullptr when there is none.
  const Field* find(std::string_view name) const;
  const Field* find(int id) const;

  friend bool operator==(const Schema&, const Schema&) = default;
};

/// Gives every field without an id the next one after `last_id` in order; returns the last used.
int assign_field_ids(Schema& schema, int last_id);

}  // namespace sluice::data
