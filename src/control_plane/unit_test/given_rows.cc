#include "sluice/unit_test/given_rows.h"

#include <algorithm>
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

base::Error unknown_column(const Node& row, const yaml::Key& key,
                           const std::vector<data::Field>& fields) {
  std::vector<std::string> names;
  for (const data::Field& field : fields) {
    names.push_back(field.name);
  }
  const std::string near = base::nearest(key.name, names);
  return wrong(
      row, key.mark, "there is no column '" + key.name + "' here",
      near.empty() ? "the columns are " + base::join(names, ", ") : "did you mean '" + near + "'?");
}

/// Reads the values of one column, those inside of structs, lists and maps included.
class ValueReader {
 public:
  explicit ValueReader(std::string column) : place_(std::move(column)) {}

  Result<data::Value> read(const Node& node, const data::Type& type) {
    if (node.is_null()) {
      return data::Value();
    }
    switch (type.kind) {
      case data::TypeKind::kStruct:
        return read_struct(node, type);
      case data::TypeKind::kList:
        return read_list(node, type);
      case data::TypeKind::kMap:
        return read_map(node, type);
      default:
        return read_scalar(node, node.text, type);
    }
  }

 private:
  Result<data::Value> read_scalar(const Node& node, const std::string& text,
                                  const data::Type& type) const {
    if (!node.is_scalar() && !node.is_map()) {
      return wrong(node, node.mark, "column '" + place_ + "' takes one value", "");
    }
    auto value = data::parse_value(text, type);
    if (!value) {
      return wrong(
          node, node.mark,
          "'" + text + "' is no " + data::to_text(type) + ", as column '" + place_ + "' takes", "");
    }
    return value;
  }

  base::Error not_of_form(const Node& node, const data::Type& type, std::string form) const {
    return wrong(node, node.mark, "column '" + place_ + "' is a " + data::to_text(type),
                 "write " + std::move(form));
  }

  /// A member that is not named is null.
  Result<data::Value> read_struct(const Node& node, const data::Type& type) {
    if (!node.is_map()) {
      return not_of_form(node, type, "{member: value}");
    }
    std::vector<data::Value> members(type.fields.size());
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      const auto member =
          std::find_if(type.fields.begin(), type.fields.end(),
                       [&](const data::Field& one) { return one.name == node.keys[i].name; });
      if (member == type.fields.end()) {
        return unknown_column(node, node.keys[i], type.fields);
      }
      const Inside inside(*this, "." + member->name);
      SLUICE_ASSIGN_OR_RETURN(members[static_cast<std::size_t>(member - type.fields.begin())],
                              read(node.children[i], member->type));
    }
    return data::Value(data::NestedValue(std::move(members)));
  }

  Result<data::Value> read_list(const Node& node, const data::Type& type) {
    if (!node.is_list()) {
      return not_of_form(node, type, "[value, value]");
    }
    std::vector<data::Value> items;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const Inside inside(*this, "[" + std::to_string(i + 1) + "]");
      SLUICE_ASSIGN_OR_RETURN(items.emplace_back(), read(node.children[i], type.fields[0].type));
    }
    return data::Value(data::NestedValue(std::move(items)));
  }

  Result<data::Value> read_map(const Node& node, const data::Type& type) {
    if (!node.is_map()) {
      return not_of_form(node, type, "{key: value}");
    }
    std::vector<data::Value> entries;
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      const Inside inside(*this, "['" + node.keys[i].name + "']");
      SLUICE_ASSIGN_OR_RETURN(entries.emplace_back(),
                              read_scalar(node, node.keys[i].name, type.fields[0].type));
      SLUICE_ASSIGN_OR_RETURN(entries.emplace_back(), read(node.children[i], type.fields[1].type));
    }
    return data::Value(data::NestedValue(std::move(entries)));
  }

  /// The place while something inside is read.
  class Inside {
   public:
    Inside(ValueReader& reader, const std::string& step)
        : reader_(reader), outside_(reader.place_.size()) {
      reader.place_ += step;
    }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;
    ~Inside() { reader_.place_.resize(outside_); }

   private:
    ValueReader& reader_;
    const std::size_t outside_;
  };

  std::string place_;
};

Result<std::set<std::string>> named_columns(const Node* rows, const data::Schema& schema) {
  std::set<std::string> named;
  for (std::size_t i = 0; rows != nullptr && i < rows->children.size(); ++i) {
    const Node& row = rows->children[i];
    for (const yaml::Key& key : row.keys) {
      if (schema.find(key.name) == nullptr) {
        return unknown_column(row, key, schema.fields);
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
      SLUICE_ASSIGN_OR_RETURN(column.values.emplace_back(),
                              ValueReader(field.name).read(*cell, field.type));
    }
    batch.columns.push_back(std::move(column));
  }
  return batch;
}

}  // namespace sluice::unit_test
