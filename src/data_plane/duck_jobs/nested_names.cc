#include "sluice/duck_jobs/internal/nested_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sluice/base/text.h"
#include "sluice/duck/quote.h"

namespace sluice::duck_jobs {

namespace {

using base::Result;
using data::Field;
using data::Type;
using data::TypeKind;
using duck::quote_identifier;
using duck::quote_literal;

/// Calls `visit` for every member of a struct at any depth, with the path to it.
template <class Visit>
void walk_members(const data::Schema& schema, Visit visit) {
  data::walk_fields(schema.fields, [&](data::FieldPath path) {
    if (path.size() > 1 && path[path.size() - 2]->type.kind == TypeKind::kStruct) {
      visit(*path.back());
    }
  });
}

Result<Type> type_in_file(const Type& type, const FileNames& names, const std::string& column) {
  Type in_file = type;
  bool any = type.kind != TypeKind::kStruct;
  for (Field& part : in_file.fields) {
    const std::string path = column + "." + part.name;
    const auto name = names.find(part.id);
    if (type.kind == TypeKind::kStruct) {
      any = any || name != names.end();
      part.name = name == names.end() ? fmt::format("_sluice_absent_{}", part.id) : name->second;
    }
    // What a file lacks as a whole is null in it, whatever its members are called.
    if (name != names.end()) {
      SLUICE_ASSIGN_OR_RETURN(part.type, type_in_file(part.type, names, path));
    }
  }
  return any ? Result<Type>(std::move(in_file))
             : Result<Type>(base::unsupported(fmt::format(
                   "column '{}' has no member any more that older files have", column)));
}

std::string unless_null(const std::string& value, const std::string& otherwise) {
  return fmt::format("CASE WHEN {} IS NULL THEN NULL ELSE {} END", value, otherwise);
}

std::string renamed_at(const std::string& value, const Type& in_file, const Type& wanted,
                       int depth) {
  if (data::same_shape(in_file, wanted)) {
    return value;
  }
  const std::string item = fmt::format("x{}", depth);
  if (wanted.kind == TypeKind::kList) {
    return fmt::format("list_transform({}, lambda {}: {})", value, item,
                       renamed_at(item, in_file.fields[0].type, wanted.fields[0].type, depth + 1));
  }
  if (wanted.kind == TypeKind::kMap) {
    const auto part = [&](std::size_t i, const char* name) {
      return renamed_at(fmt::format("struct_extract({}, '{}')", item, name), in_file.fields[i].type,
                        wanted.fields[i].type, depth + 1);
    };
    return unless_null(value,
                       fmt::format("map_from_entries(list_transform(map_entries({}), lambda {}: "
                                   "struct_pack(k := {}, v := {})))",
                                   value, item, part(0, "key"), part(1, "value")));
  }
  std::string members;
  for (std::size_t i = 0; i < wanted.fields.size(); ++i) {
    const std::string member =
        fmt::format("struct_extract({}, {})", value, quote_literal(in_file.fields[i].name));
    members += (members.empty() ? "" : ", ") + quote_identifier(wanted.fields[i].name) +
               " := " + renamed_at(member, in_file.fields[i].type, wanted.fields[i].type, depth);
  }
  return unless_null(value, "struct_pack(" + members + ")");
}

}  // namespace

bool has_members(const data::Schema& schema) {
  bool any = false;
  walk_members(schema, [&](const Field&) { any = true; });
  return any;
}

bool names_agree(const data::Schema& schema, const FileNames& names) {
  // A name that the table does not use any more may hide what a member of that name lacks.
  std::set<std::string> given_up;
  for (const auto& [id, name] : names) {
    if (schema.find_nested(id) == nullptr) {
      given_up.insert(base::lower(name));
    }
  }
  bool agree = true;
  // DuckDB reads no struct of which it finds no member.
  data::walk_fields(schema.fields, [&](data::FieldPath path) {
    const Field& field = *path.back();
    agree = agree && (field.type.kind != TypeKind::kStruct || !names.contains(field.id) ||
                      std::any_of(field.type.fields.begin(), field.type.fields.end(),
                                  [&](const Field& member) { return names.contains(member.id); }));
  });
  walk_members(schema, [&](const Field& member) {
    const auto name = names.find(member.id);
    agree = agree && (name == names.end() ? !given_up.contains(base::lower(member.name))
                                          : name->second == member.name);
  });
  return agree;
}

Result<data::Schema> schema_in_file(const data::Schema& schema, const FileNames& names) {
  data::Schema in_file = schema;
  for (Field& field : in_file.fields) {
    if (names.contains(field.id)) {
      SLUICE_ASSIGN_OR_RETURN(field.type, type_in_file(field.type, names, field.name));
    }
  }
  return in_file;
}

std::string renamed(const std::string& value, const Type& in_file, const Type& wanted) {
  return renamed_at(value, in_file, wanted, 0);
}

}  // namespace sluice::duck_jobs
