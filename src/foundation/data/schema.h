#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/data/type.h"

namespace sluice::data {

struct Schema {
  int schema_id = 0;
  std::vector<Field> fields;
  std::vector<int> identifier_field_ids;  // the key's columns, in no particular order

  /// Finds a column by exact name; nullptr when there is none.
  const Field* find(std::string_view name) const;
  const Field* find(int id) const;

  /// Finds a column or a field nested in one, at any depth; nullptr when there is none.
  const Field* find_nested(int id) const;

  friend bool operator==(const Schema&, const Schema&) = default;
};

/// The fields that lead to a nested one, outermost first, itself last.
using FieldPath = std::span<const Field* const>;

/// Calls `visit` for every field at any depth, each before those nested in it.
void walk_fields(std::span<const Field> fields, const std::function<void(FieldPath)>& visit);

/// Joins the names of a path for messages: `address.city`, `tags.element`.
std::string path_text(FieldPath path);

/// Gives the parts of `after`, at any depth, the ids of those that they go on with in `before`, by
/// name; parts that are new keep theirs.
void inherit_field_ids(const Type& before, Type& after);

/// Gives every field without an id, nested ones included, the next one after `last_id`, in
/// Iceberg's order: all fields of one level, then those nested in each. Returns the last used.
int assign_field_ids(Schema& schema, int last_id);

}  // namespace sluice::data
