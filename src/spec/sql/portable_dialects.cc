#include <algorithm>
#include <cctype>
#include <iterator>
#include <string>

#include "sluice/base/text.h"
#include "sluice/data/type.h"
#include "sluice/sql/portability.h"

namespace sluice::sql {

namespace {

using data::TypeKind;

/// Types that a table cannot have, or that would change on the way.
constexpr std::string_view kTypesOfDuckDbAlone[] = {
    "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "HUGEINT",      "UHUGEINT",
    "UUID",     "JSON",      "ENUM",     "BIT",     "TIMESTAMP_NS", "INTERVAL",
    "UNION",    "BIGNUM",    "TIMETZ",   "TIME_NS"};

bool has_word_of(std::string_view text, std::string_view word) {
  const auto is_part = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  };
  for (std::size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !is_part(text[at - 1])) && (end == text.size() || !is_part(text[end]))) {
      return true;
    }
  }
  return false;
}

std::string backticked(std::string_view name) {
  std::string quoted = "`";
  for (const char c : name) {
    quoted += c;
    if (c == '`') {
      quoted += c;
    }
  }
  return quoted + "`";
}

std::optional<std::string> spelled(const data::Type& type, OtherEngine engine) {
  const bool spark = engine == OtherEngine::kSpark;
  const auto part = [&](std::size_t i) { return spelled(type.fields[i].type, engine); };
  switch (type.kind) {
    case TypeKind::kBoolean:
      return "BOOLEAN";
    case TypeKind::kInt:
      return "INT";
    case TypeKind::kLong:
      return "BIGINT";
    case TypeKind::kFloat:
      return "FLOAT";
    case TypeKind::kDouble:
      return "DOUBLE";
    case TypeKind::kDecimal:
      return "DECIMAL(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
    case TypeKind::kDate:
      return "DATE";
    case TypeKind::kTime:
      return spark ? std::nullopt : std::optional<std::string>("TIME");
    case TypeKind::kTimestamp:
      return spark ? "TIMESTAMP_NTZ" : "TIMESTAMP(6)";
    case TypeKind::kTimestamptz:
      return spark ? "TIMESTAMP" : "TIMESTAMP_LTZ(6)";
    case TypeKind::kString:
      return "STRING";
    case TypeKind::kBinary:
      return spark ? "BINARY" : "BYTES";
    case TypeKind::kUuid:
    case TypeKind::kFixed:
      return std::nullopt;
    case TypeKind::kList: {
      const auto item = part(0);
      return item ? std::optional("ARRAY<" + *item + ">") : std::nullopt;
    }
    case TypeKind::kMap: {
      const auto key = part(0);
      const auto value = part(1);
      return key && value ? std::optional("MAP<" + *key + ", " + *value + ">") : std::nullopt;
    }
    case TypeKind::kStruct: {
      std::string members;
      for (std::size_t i = 0; i < type.fields.size(); ++i) {
        const auto member = part(i);
        if (!member) {
          return std::nullopt;
        }
        members +=
            (i == 0 ? "" : ", ") + backticked(type.fields[i].name) + (spark ? ": " : " ") + *member;
      }
      return (spark ? "STRUCT<" : "ROW<") + members + ">";
    }
  }
  return std::nullopt;
}

bool is_plain(std::string_view name) {
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

/// Words are quoted where DuckDB quotes them, and some more; quoting too often is harmless.
std::string identifier(std::string_view name) {
  return is_plain(name) && duckdb_dialect().identifier(name) == name ? std::string(name)
                                                                     : backticked(name);
}

std::string spark_literal(std::string_view text) {
  std::string literal = "'";
  for (const char c : text) {
    literal += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  }
  return literal + "'";
}

template <OtherEngine kEngine>
std::string function(std::string_view name) {
  const std::string known = base::lower(name);  // what is found may be a part of it
  const auto there = function_in(known, kEngine);
  return std::string(there && !there->empty() ? *there : name);
}

template <OtherEngine kEngine>
std::string type(std::string_view name) {
  return type_in(name, kEngine).value_or(std::string(name));
}

}  // namespace

std::string_view to_text(OtherEngine engine) {
  return engine == OtherEngine::kSpark ? "Spark" : "Flink";
}

std::optional<std::string> type_in(std::string_view duckdb_name, OtherEngine engine) {
  const bool alone =
      std::any_of(std::begin(kTypesOfDuckDbAlone), std::end(kTypesOfDuckDbAlone),
                  [&](std::string_view word) { return has_word_of(duckdb_name, word); });
  const auto known = data::type_from_duckdb(duckdb_name);
  if (alone || !known) {
    return std::nullopt;
  }
  if (duckdb_name == "TINYINT" || duckdb_name == "SMALLINT") {
    return std::string(duckdb_name);
  }
  return spelled(*known, engine);
}

const Dialect& spark_dialect() {
  static constexpr Dialect kSpark{&identifier, &spark_literal, &function<OtherEngine::kSpark>,
                                  &type<OtherEngine::kSpark>};
  return kSpark;
}

const Dialect& flink_dialect() {
  static const Dialect kFlink{&identifier, duckdb_dialect().literal, &function<OtherEngine::kFlink>,
                              &type<OtherEngine::kFlink>};
  return kFlink;
}

}  // namespace sluice::sql
