#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/data/internal/primitive_names.h"
#include "sluice/data/sql_quote.h"
#include "sluice/data/type.h"

namespace sluice::data {

namespace {

using base::Result;

// Further names that DuckDB prints for types whose values fit one of ours.
constexpr std::array<std::pair<std::string_view, TypeKind>, 9> kWidened = {{
    {"TINYINT", TypeKind::kInt},
    {"SMALLINT", TypeKind::kInt},
    {"UTINYINT", TypeKind::kInt},
    {"USMALLINT", TypeKind::kInt},
    {"UINTEGER", TypeKind::kLong},
    {"TIMESTAMP WITH TIME ZONE", TypeKind::kTimestamptz},
    {"TIMESTAMP_S", TypeKind::kTimestamp},
    {"TIMESTAMP_MS", TypeKind::kTimestamp},
    {"JSON", TypeKind::kString},
}};

std::optional<Type> plain_type(std::string_view name) {
  for (const internal::PrimitiveNames& names : internal::kPrimitiveNames) {
    if (names.duckdb == name) {
      return Type{names.kind};
    }
  }
  for (const auto& [widened, kind] : kWidened) {
    if (widened == name) {
      return Type{kind};
    }
  }
  if (name == "UBIGINT") {
    return decimal_type(20, 0);
  }
  if (name == "HUGEINT") {
    return decimal_type(38, 0);
  }
  return std::nullopt;
}

/// Reads what DESCRIBE prints: STRUCT(a INTEGER, "b c" MAP(VARCHAR, DATE)[])[3].
class TypeReader {
 public:
  explicit TypeReader(std::string_view text) : text_(text), rest_(text) {}

  Result<Type> run() {
    SLUICE_ASSIGN_OR_RETURN(Type type, read(0));
    return rest_.empty() ? Result<Type>(std::move(type)) : Result<Type>(wrong(rest_));
  }

 private:
  base::Error wrong(std::string_view part) const {
    return base::unsupported(
        fmt::format("a table cannot hold type {}{}; cast the column to another type", text_,
                    part == text_ || part.empty() ? "" : fmt::format(", because of {}", part)));
  }

  base::Error too_deep() const {
    return base::unsupported(
        fmt::format("a table cannot hold a type nested more than {} levels deep", kTypeDepthMax));
  }

  bool take(std::string_view prefix) {
    if (!rest_.starts_with(prefix)) {
      return false;
    }
    rest_.remove_prefix(prefix.size());
    return true;
  }

  Result<Type> read(int depth) {
    if (depth > kTypeDepthMax) {
      return too_deep();
    }
    SLUICE_ASSIGN_OR_RETURN(Type type, read_before_brackets(depth));
    // Every pair of brackets puts what stands before it one level deeper.
    for (int lists = 1; rest_.starts_with('['); ++lists) {
      if (depth + lists > kTypeDepthMax) {
        return too_deep();
      }
      rest_.remove_prefix(std::min(rest_.find_first_not_of("0123456789", 1), rest_.size()));
      if (!take("]")) {
        return wrong(rest_);
      }
      type = list_type(std::move(type));
    }
    return is_well_formed(type) ? Result<Type>(std::move(type)) : Result<Type>(too_deep());
  }

  Result<Type> read_before_brackets(int depth) {
    if (take("STRUCT(")) {
      return read_struct(depth);
    }
    if (take("MAP(")) {
      SLUICE_ASSIGN_OR_RETURN(Type key, read(depth + 1));
      if (!take(", ")) {
        return wrong(rest_);
      }
      SLUICE_ASSIGN_OR_RETURN(Type value, read(depth + 1));
      return take(")") ? Result<Type>(map_type(std::move(key), std::move(value)))
                       : Result<Type>(wrong(rest_));
    }
    if (take("ENUM(")) {
      return skip_enum() ? Result<Type>(Type{TypeKind::kString}) : Result<Type>(wrong("ENUM"));
    }
    if (take("DECIMAL(")) {
      const std::string_view numbers = rest_.substr(0, rest_.find(')'));
      const auto type = internal::read_decimal(numbers);
      if (!type || numbers.size() == rest_.size()) {
        return wrong(fmt::format("DECIMAL({})", numbers));
      }
      rest_.remove_prefix(numbers.size() + 1);
      return *type;
    }
    const std::string_view name = rest_.substr(0, rest_.find_first_of("[](),"));
    const auto type = plain_type(name);
    if (!type) {
      return wrong(name);
    }
    rest_.remove_prefix(name.size());
    return *type;
  }

  Result<Type> read_struct(int depth) {
    std::vector<Field> members;
    do {
      Field& member = members.emplace_back();
      std::optional<std::string> name;
      if (rest_.starts_with('"')) {
        name = internal::take_quoted(rest_);
      } else {
        name = std::string(rest_.substr(0, rest_.find_first_of(" [](),")));
        rest_.remove_prefix(name->size());
      }
      if (!name || name->empty() || !take(" ")) {
        return wrong("a struct without names");
      }
      member.name = *std::move(name);
      SLUICE_ASSIGN_OR_RETURN(member.type, read(depth + 1));
    } while (take(", "));
    return take(")") ? Result<Type>(struct_type(std::move(members))) : Result<Type>(wrong(rest_));
  }

  bool skip_enum() {
    bool quoted = false;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      quoted ^= rest_[i] == '\'';
      if (!quoted && rest_[i] == ')') {
        rest_.remove_prefix(i + 1);
        return true;
      }
    }
    return false;
  }

  std::string_view text_;
  std::string_view rest_;
};

}  // namespace

std::string duckdb_name(const Type& type) {
  if (type.kind == TypeKind::kDecimal) {
    return fmt::format("DECIMAL({},{})", type.precision, type.scale);
  }
  if (type.kind == TypeKind::kFixed) {
    return "BLOB";
  }
  if (type.kind == TypeKind::kList) {
    return duckdb_name(type.fields[0].type) + "[]";
  }
  if (type.kind == TypeKind::kMap) {
    return "MAP(" + duckdb_name(type.fields[0].type) + ", " + duckdb_name(type.fields[1].type) +
           ")";
  }
  if (type.kind == TypeKind::kStruct) {
    std::string members;
    for (const Field& member : type.fields) {
      members += members.empty() ? "" : ", ";
      members += quote_identifier(member.name) + " " + duckdb_name(member.type);
    }
    return "STRUCT(" + members + ")";
  }
  for (const internal::PrimitiveNames& names : internal::kPrimitiveNames) {
    if (names.kind == type.kind) {
      return std::string(names.duckdb);
    }
  }
  return {};
}

Result<Type> type_from_duckdb(std::string_view name) { return TypeReader(name).run(); }

}  // namespace sluice::data
