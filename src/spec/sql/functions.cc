#include "sluice/sql/functions.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::sql {

namespace {

constexpr std::pair<std::string_view, Determinism> kImpure[] = {
    {"now", Determinism::kClock},
    {"today", Determinism::kClock},
    {"current_date", Determinism::kClock},
    {"current_time", Determinism::kClock},
    {"current_timestamp", Determinism::kClock},
    {"current_localtime", Determinism::kClock},
    {"current_localtimestamp", Determinism::kClock},
    {"localtime", Determinism::kClock},
    {"localtimestamp", Determinism::kClock},
    {"get_current_time", Determinism::kClock},
    {"get_current_timestamp", Determinism::kClock},
    {"transaction_timestamp", Determinism::kClock},
    {"age(timestamp)", Determinism::kClock},
    {"random", Determinism::kRandom},
    {"uuid", Determinism::kRandom},
    {"uuidv4", Determinism::kRandom},
    {"uuidv7", Determinism::kRandom},
    {"gen_random_uuid", Determinism::kRandom},
    {"setseed", Determinism::kRandom},
    {"nextval", Determinism::kRandom},
    {"currval", Determinism::kRandom},
    {"txid_current", Determinism::kRandom},
    {"getenv", Determinism::kEnvironment},
    {"getvariable", Determinism::kEnvironment},
    {"current_setting", Determinism::kEnvironment},
    {"current_database", Determinism::kEnvironment},
    {"current_schema", Determinism::kEnvironment},
    {"current_schemas", Determinism::kEnvironment},
    {"current_query", Determinism::kEnvironment},
    {"current_user", Determinism::kEnvironment},
    {"version", Determinism::kEnvironment},
    {"glob", Determinism::kEnvironment},
    {"query", Determinism::kEnvironment},
    {"query_table", Determinism::kEnvironment},
    {"read_csv", Determinism::kEnvironment},
    {"read_csv_auto", Determinism::kEnvironment},
    {"read_json", Determinism::kEnvironment},
    {"read_json_auto", Determinism::kEnvironment},
    {"read_json_objects", Determinism::kEnvironment},
    {"read_ndjson", Determinism::kEnvironment},
    {"read_ndjson_auto", Determinism::kEnvironment},
    {"read_ndjson_objects", Determinism::kEnvironment},
    {"read_parquet", Determinism::kEnvironment},
    {"parquet_scan", Determinism::kEnvironment},
    {"read_text", Determinism::kEnvironment},
    {"read_blob", Determinism::kEnvironment},
    {"sniff_csv", Determinism::kEnvironment},
    {"iceberg_scan", Determinism::kEnvironment},
    {"delta_scan", Determinism::kEnvironment},
};

constexpr std::array<std::string_view, 5> kClockKeywords = {
    "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"};

constexpr std::array<std::string_view, 3> kPureTableFunctions = {"range", "generate_series",
                                                                 "unnest"};

template <class List>
bool contains(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

}  // namespace

Determinism determinism_of(std::string_view name) {
  for (const auto& [listed, determinism] : kImpure) {
    if (listed == name) {
      return determinism;
    }
  }
  return Determinism::kDeterministic;
}

bool is_clock_keyword(std::string_view name) { return contains(kClockKeywords, name); }

bool is_pure_table_function(std::string_view name) { return contains(kPureTableFunctions, name); }

}  // namespace sluice::sql
