#include "sluice/decode/internal/nested_parquet.h"

#include <fmt/format.h>

#include <algorithm>

#include "sluice/data/type.h"
#include "sluice/duck/quote.h"

namespace sluice::decode {

namespace {

using data::Field;
using data::Type;
using data::TypeKind;
using duck::quote_identifier;
using duck::quote_literal;

const Field* find_member(const Type& type, std::string_view name) {
  const auto found = std::find_if(type.fields.begin(), type.fields.end(),
                                  [&](const Field& field) { return field.name == name; });
  return found == type.fields.end() ? nullptr : &*found;
}

class Matcher {
 public:
  explicit Matcher(job::UnknownFields unknown) : unknown_(unknown) {}

  Refusal match(const Type& in_file, const Type& wanted, const std::string& place) const {
    const bool same_form =
        data::is_nested(wanted) ? in_file.kind == wanted.kind : !data::is_nested(in_file);
    const bool is_text = wanted.kind != TypeKind::kString || in_file.kind == TypeKind::kString;
    if (!same_form || !is_text) {
      return {"type", place,
              fmt::format("{}: values of type {} are not {}", place, data::to_text(in_file),
                          data::to_text(wanted))};
    }
    switch (wanted.kind) {
      case TypeKind::kStruct:
        return match_members(in_file, wanted, place);
      case TypeKind::kList:
        return match(in_file.fields[0].type, wanted.fields[0].type, place + "[]");
      case TypeKind::kMap: {
        Refusal keys = match(in_file.fields[0].type, wanted.fields[0].type, place + "[key]");
        return keys.rule.empty()
                   ? match(in_file.fields[1].type, wanted.fields[1].type, place + "[value]")
                   : keys;
      }
      default:
        return {};
    }
  }

 private:
  Refusal match_members(const Type& in_file, const Type& wanted, const std::string& place) const {
    for (const Field& member : in_file.fields) {
      const std::string member_place = place + "." + member.name;
      const Field* known = find_member(wanted, member.name);
      if (known == nullptr) {
        if (unknown_ == job::UnknownFields::kRefuse) {
          return {"unknown_column", member_place,
                  fmt::format("the contract does not know '{}'", member_place)};
        }
        continue;
      }
      Refusal refusal = match(member.type, known->type, member_place);
      if (!refusal.rule.empty()) {
        return refusal;
      }
    }
    return {};
  }

  const job::UnknownFields unknown_;
};

/// Turns a value into one of the same form whose scalars are text.
std::string as_texts(const std::string& value, const Type& in_file, const Type& wanted, int depth) {
  const std::string item = fmt::format("x{}", depth);
  switch (wanted.kind) {
    case TypeKind::kStruct: {
      std::string members;
      for (const Field& member : wanted.fields) {
        const Field* found = find_member(in_file, member.name);
        const std::string part =
            fmt::format("struct_extract({}, {})", value, quote_literal(member.name));
        members +=
            fmt::format("{}{} := {}", members.empty() ? "" : ", ", quote_identifier(member.name),
                        found == nullptr ? "CAST(NULL AS VARCHAR)"
                                         : as_texts(part, found->type, member.type, depth));
      }
      return fmt::format("CASE WHEN {} IS NOT NULL THEN struct_pack({}) END", value, members);
    }
    case TypeKind::kList:
      return fmt::format("list_transform({}, lambda {}: {})", value, item,
                         as_texts(item, in_file.fields[0].type, wanted.fields[0].type, depth + 1));
    case TypeKind::kMap: {
      const auto part = [&](std::size_t at, const char* name) {
        return as_texts(fmt::format("struct_extract({}, '{}')", item, name),
                        in_file.fields[at].type, wanted.fields[at].type, depth + 1);
      };
      return fmt::format(
          "list_transform(map_entries({}), lambda {}: struct_pack(\"key\" := {}, \"value\" := {}))",
          value, item, part(0, "key"), part(1, "value"));
    }
    default:
      return in_file.kind == TypeKind::kBinary || in_file.kind == TypeKind::kFixed
                 ? "hex(" + value + ")"
                 : "CAST(" + value + " AS VARCHAR)";
  }
}

}  // namespace

Refusal nested_mismatch(std::string_view file_type, const job::DecodeColumn& column,
                        job::UnknownFields unknown) {
  const auto in_file = data::type_from_duckdb(file_type);
  if (!in_file) {
    return {"type", column.name,
            fmt::format("a column of type {} is not {}", file_type, data::to_text(column.type))};
  }
  return Matcher(unknown).match(*in_file, column.type, column.name);
}

std::string nested_text_sql(const std::string& column_sql, std::string_view file_type,
                            const data::Type& type) {
  const auto in_file = data::type_from_duckdb(file_type);
  if (!in_file) {
    return "CAST(NULL AS VARCHAR)";
  }
  return fmt::format("CASE WHEN {0} IS NOT NULL THEN CAST(to_json({1}) AS VARCHAR) END", column_sql,
                     as_texts(column_sql, *in_file, type, 0));
}

}  // namespace sluice::decode
