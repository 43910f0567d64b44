#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/sql/print.h"
#include "sluice/sql/statement.h"

namespace sluice::sql {

/// Engines besides DuckDB that models may have to run on: Apache Spark 4.0 and Apache Flink 2.0,
/// both in SQL with their default settings.
enum class OtherEngine { kSpark, kFlink };

std::string_view to_text(OtherEngine engine);

/// How an engine spells what DuckDB's tree holds. What the engine does not have keeps DuckDB's
/// spelling, and portability_of() names it.
const Dialect& spark_dialect();
const Dialect& flink_dialect();

/// What an engine calls a function that DuckDB calls `name` (lower case, or an operator), with the
/// same arguments in the same order; "" when it has none. nullopt: the catalogue does not know the
/// function, so nobody vouches for it.
std::optional<std::string_view> function_in(std::string_view name, OtherEngine engine);

/// What an engine calls a type that DuckDB calls `duckdb_name`; nullopt when it has none.
std::optional<std::string> type_in(std::string_view duckdb_name, OtherEngine engine);

/// A construct of a statement that one of the other engines does not take as it is written.
struct PortabilityFinding {
  std::int64_t offset = -1;  // in the statement's text; -1 unknown
  std::string construct;     // `QUALIFY`, `list_filter()`, `type HUGEINT`
  bool spark = true;         // whether the engine understands it, printed in its dialect
  bool flink = true;
  bool rewritten = false;  // only its spelling differs: printing in the dialect is enough
  std::string instead;     // what to write, "" when there is nothing to say

  bool portable() const { return spark && flink; }
};

/// Lists them in the order of their places, the same construct at the same place once. `sql` is the
/// text that was parsed. Of a statement that is bound, names that stand for outputs of the same
/// SELECT are seen as well. Whether engines mean the same by what they understand is not judged.
std::vector<PortabilityFinding> portability_of(const QueryNode& query, std::string_view sql);

}  // namespace sluice::sql
