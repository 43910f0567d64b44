#include "sluice/unit_test/given_rows.h"

#include <set>
#include <utility>
#include <vector>

#include "sluice/base/text.h"
#include "sluice/data/value.h"
#include "sluice/yaml/diagnostics.h"

namespace sluice::unit_test {

namespace {

using base::Result;
using yaml::Node;

base::Error wrong(const Node& node, yaml::Mark mark, std::string message, std::string hint) {
  yaml::Diagnostics diagnostics;
  diagnostics.add(*node.source, mark, std::move(message), std::move(hint));
  return diagnostics.to_error();
}

base::Error unknown_column(const Node& row, const yaml::Key& key, const data::Schema& schema) {
  std::vector<std::string> names;
  for (const data::Field& field : schema.fields) {
    names.push_back(field.name);
  }
  const std::string near = base::nearest(key.name, names);
  return wrong(
      row, key.mark, "there is no column '" + key.name + "' here",
      near.empty() ? "the columns are " + base::join(names, ", ") : "did you mean '" + near + "'?");
}

Result<data::Value> read_value(const Node& node, const data::Field& field) {
  if (node.is_null()) {
    return data::Value();
  }
  if (!node.is_scalar()) {
    return wrong(node, node.mark, "column '" + field.name + "' takes one value",
                 "nested values cannot be given yet");
  }
  auto value = data::parse_value(node.text, field.type);
  if (!value) {
    return wrong(node, node.mark,
                 "'" + node.text + "' is no " + data::to_text(field.type) + ", as column '" +
                     field.name + "' takes",
                 "");
  }
  return value;
}

Result<std::set<std::string>> named_columns(const Node* rows, const data::Schema& schema) {
  std::set<std::string> named;
  for (std::size_t i = 0; rows != nullptr && i < rows->children.size(); ++i) {
    const Node& row = rows->children[i];
    for (const yaml::Key& key : row.keys) {
      if (schema.find(key.name) == nullptr) {
        return unknown_column(row, key, schema);
      }
      named.insert(key.name);
    }
  }
  return named;
}

}  // namespace

Result<data::Batch> given_rows(const Node* rows, const data::Schema& schema, Unnamed unnamed) {
  SLUICE_ASSIGN_OR_RETURN(const auto named, named_columns(rows, schema));
  data::Batch batch;
  for (const data::Field& field : schema.fields) {
    if (unnamed == Unnamed::kLeftOut && !named.contains(field.name) && !named.empty()) {
      continue;
    }
    data::Column column{field.name, field.type, {}};
    for (std::size_t i = 0; rows != nullptr && i < rows->children.size(); ++i) {
      const Node* cell = rows->children[i].find(field.name);
      if (cell == nullptr) {
        column.values.emplace_back();
        continue;
      }
      SLUICE_ASSIGN_OR_RETURN(column.values.emplace_back(), read_value(*cell, field));
    }
    batch.columns.push_back(std::move(column));
  }
  return batch;
}

}  // namespace sluice::unit_test
