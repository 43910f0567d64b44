#include "sluice/duck_jobs/internal/nested_columns.h"

#include <fmt/format.h>

#include <span>
#include <utility>

#include "sluice/duck/quote.h"

namespace sluice::duck_jobs {

namespace {

using data::Field;
using data::TypeKind;
using duck::quote_identifier;
using duck::quote_literal;

std::string ids_of(std::span<const Field> fields) {
  std::string ids;
  for (const Field& field : fields) {
    ids += (ids.empty() ? "" : ", ") + quote_literal(field.name) + ": ";
    ids += data::is_nested(field.type)
               ? fmt::format("{{__duckdb_field_id: {}, {}}}", field.id, ids_of(field.type.fields))
               : fmt::format("{}", field.id);
  }
  return ids;
}

std::string lacking(const Field& field, const std::string& value, int depth);

/// The condition that an element of `list` lacks something; "" when nothing is required of them.
std::string lacking_element(const Field& element, const std::string& list, int depth) {
  const std::string name = fmt::format("x{}", depth);
  const std::string condition = lacking(element, name, depth + 1);
  return condition.empty()
             ? ""
             : fmt::format("len(list_filter({}, lambda {}: {})) > 0", list, name, condition);
}

std::string lacking_part(const Field& field, const std::string& value, int depth) {
  const std::vector<Field>& parts = field.type.fields;
  switch (field.type.kind) {
    case TypeKind::kList:
      return lacking_element(parts[0], value, depth);
    case TypeKind::kMap:
      return lacking_element(parts[1], "map_values(" + value + ")", depth);
    case TypeKind::kStruct:
      break;
    default:
      return "";
  }
  std::string any;
  for (const Field& member : parts) {
    const std::string condition = lacking(
        member, fmt::format("struct_extract({}, {})", value, quote_literal(member.name)), depth);
    if (!condition.empty()) {
      any += (any.empty() ? "" : " OR ") + condition;
    }
  }
  return any.empty() ? "" : "(" + any + ")";
}

std::string lacking(const Field& field, const std::string& value, int depth) {
  const std::string part = lacking_part(field, value, depth);
  std::string inside =
      part.empty() ? "" : fmt::format("({} IS NOT NULL AND coalesce({}, false))", value, part);
  if (!field.required) {
    return inside;
  }
  return inside.empty() ? value + " IS NULL" : fmt::format("({} IS NULL OR {})", value, inside);
}

}  // namespace

std::map<std::string, Leaf> leaves_of(const data::Schema& schema) {
  std::map<std::string, Leaf> leaves;
  data::walk_fields(schema.fields, [&](data::FieldPath path) {
    if (data::is_nested(path.back()->type)) {
      return;
    }
    std::string name;
    for (const Field* field : path) {
      name += (name.empty() ? "" : ".") + quote_identifier(field->name);
    }
    leaves[std::move(name)] = {{path.begin(), path.end()}};
  });
  return leaves;
}

std::string parquet_path(const Leaf& leaf) {
  std::string path;
  for (const Field* field : leaf.path) {
    path += (path.empty() ? "" : ", ") + field->name;
    path += field->type.kind == TypeKind::kList  ? ", list"
            : field->type.kind == TypeKind::kMap ? ", key_value"
                                                 : "";
  }
  return path;
}

std::string field_ids(const data::Schema& schema) { return "{" + ids_of(schema.fields) + "}"; }

std::string lacks_required(const Field& column) {
  return data::is_nested(column.type) ? lacking(column, quote_identifier(column.name), 0) : "";
}

}  // namespace sluice::duck_jobs
