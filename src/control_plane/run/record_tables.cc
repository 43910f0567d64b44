#include "sluice/run/record_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "sluice/base/text.h"

namespace sluice::run {

namespace {

using base::Result;
using data::Type;
using data::TypeKind;

constexpr TypeKind kText = TypeKind::kString;
constexpr TypeKind kCount = TypeKind::kLong;
constexpr TypeKind kReal = TypeKind::kDouble;
constexpr TypeKind kFlag = TypeKind::kBoolean;
constexpr TypeKind kTime = TypeKind::kTimestamptz;  // kept as microseconds

/// A column that users see, and the SQL in the metastore that yields it.
struct RecordColumn {
  const char* name;
  TypeKind type;
  const char* sql = nullptr;  // null: the column of that name
};

struct RecordTable {
  const char* name;
  const char* from;   // table or view in the metastore
  const char* order;  // newest first
  std::vector<RecordColumn> columns;
};

const std::vector<RecordTable> kRecordTables = {
    {"invocations",
     "invocations",
     "started_at DESC",
     {{"id", kText},
      {"target", kText},
      {"state", kText},
      {"started_at", kTime},
      {"ended_at", kTime},
      {"published", kCount},
      {"unchanged", kCount},
      {"failed", kCount},
      {"pid", kCount},
      {"program_version", kText}}},
    {"runs",
     "runs",
     "started_at DESC",
     {{"id", kText},
      {"invocation_id", kText},
      {"table_name", kText},
      {"kind", kText},
      {"state", kText},
      {"reason", kText},
      {"tactic", kText},
      {"error", kText},
      {"commit_id", kText},
      {"snapshot_id", kCount},
      {"rows", kCount},
      {"refused", kCount},
      {"bytes", kCount},
      {"wall_s", kReal, "wall_us / 1e6"},
      {"cpu_s", kReal, "cpu_us / 1e6"},
      {"memory_peak_bytes", kCount},
      {"started_at", kTime},
      {"ended_at", kTime}}},
    {"stages",
     "stages",
     "started_at DESC",
     {{"id", kText},
      {"run_id", kText},
      {"table_name", kText},
      {"stage", kText},
      {"attempt", kCount},
      {"outcome", kText},
      {"error", kText},
      {"wall_s", kReal, "wall_us / 1e6"},
      {"started_at", kTime},
      {"ended_at", kTime}}},
    {"traces",
     "traces",
     "started_at DESC",
     {{"stage_id", kText},
      {"version", kCount},
      {"run_id", kText},
      {"table_name", kText},
      {"stage", kText},
      {"attempt", kCount},
      {"template", kText},
      {"input_rows", kCount},
      {"input_bytes", kCount},
      {"input_files", kCount},
      {"threads", kCount},
      {"memory_bytes", kCount},
      {"decisions", kText},
      {"outcome", kText},
      {"wall_s", kReal, "wall_us / 1e6"},
      {"cpu_s", kReal, "cpu_us / 1e6"},
      {"memory_peak_bytes", kCount},
      {"read_bytes", kCount},
      {"written_bytes", kCount},
      {"rows_out", kCount},
      {"bytes_out", kCount},
      {"files_out", kCount},
      {"warm", kFlag},
      {"started_at", kTime},
      {"ended_at", kTime}}},
    {"decisions",
     "decisions",
     "decided_at DESC",
     {{"id", kText},
      {"lever", kText},
      {"scope", kText},
      {"stage", kText},
      {"bucket", kText},
      {"chosen", kText},
      {"applied", kText},
      {"policy", kText},
      {"mode", kText},
      {"propensity", kReal},
      {"guard", kText},
      {"reason", kText},
      {"uses", kCount},
      {"decided_at", kTime},
      {"last_used_at", kTime}}},
    {"decision_outcomes",
     "decision_outcomes",
     "seq DESC",
     {{"decision_id", kText},
      {"stage_id", kText},
      {"ok", kFlag},
      {"input_bytes", kCount},
      {"wall_s", kReal},
      {"cpu_s", kReal},
      {"memory_peak_bytes", kCount},
      {"output_bytes", kCount}}},
    {"quality_results",
     "quality_results",
     "judged_at DESC",
     {{"run_id", kText},
      {"table_name", kText},
      {"expectation", kText},
      {"severity", kText},
      {"violations", kCount},
      {"measured", kReal},
      {"threshold", kText},
      {"dimension", kText},
      {"passed", kFlag},
      {"judged_at", kTime}}},
    {"landed_files",
     "landed_files",
     "landed_at DESC",
     {{"source", kText},
      {"seq", kCount},
      {"name", kText, "original_name"},
      {"sha256", kText},
      {"raw_path", kText},
      {"bytes", kCount},
      {"state", kText},
      {"records", kCount},
      {"committed_rows", kCount},
      {"quarantined_rows", kCount},
      {"waived_rows", kCount},
      {"replayed_rows", kCount},
      {"erased_rows", kCount},
      {"commit_id", kText},
      {"landed_at", kTime}}},
    {"erasures",
     "erasures",
     "committed_at DESC",
     {{"id", kText},
      {"column_name", kText},
      {"key_hash", kText},
      {"salt", kText},
      {"by_whom", kText},
      {"rows", kCount},
      {"commit_id", kText},
      {"committed_at", kTime},
      {"done_at", kTime},
      {"report", kText}}},
    {"alerts",
     "alert_outbox",
     "created_at DESC, id DESC",
     {{"id", kText},
      {"channel", kText},
      {"status", kText},
      {"kind", kText},
      {"subject", kText},
      {"summary", kText},
      {"run_id", kText},
      {"since", kTime},
      {"created_at", kTime},
      {"attempts", kCount},
      {"delivered_at", kTime},
      {"last_error", kText}}},
    {"skipped_files",
     "skipped_files",
     "at DESC",
     {{"source", kText},
      {"name", kText, "original_name"},
      {"sha256", kText},
      {"first_seq", kCount},
      {"skipped_at", kTime, "at"}}},
};

data::Value read_value(const metastore::Statement& row, int column, TypeKind type) {
  if (row.is_null(column)) {
    return {};
  }
  switch (type) {
    case TypeKind::kDouble:
      return row.get_double(column);
    case TypeKind::kBoolean:
      return row.get_int(column) != 0;
    case TypeKind::kString:
      return row.get_text(column);
    default:
      return row.get_int(column);
  }
}

std::string select_text(const RecordTable& table) {
  std::vector<std::string> columns;
  for (const RecordColumn& column : table.columns) {
    columns.emplace_back(column.sql == nullptr ? column.name : column.sql);
  }
  return fmt::format("SELECT {} FROM {} ORDER BY {} LIMIT {}", base::join(columns, ", "),
                     table.from, table.order, kRecordRowsMax);
}

}  // namespace

std::vector<std::string> record_table_names() {
  std::vector<std::string> names;
  for (const RecordTable& table : kRecordTables) {
    names.emplace_back(table.name);
  }
  return names;
}

Result<job::MemoryInput> read_record_table(metastore::Database& database, std::string_view name) {
  const auto& tables = kRecordTables;
  const auto found = std::find_if(tables.begin(), tables.end(),
                                  [&](const RecordTable& table) { return table.name == name; });
  if (found == tables.end()) {
    const auto names = record_table_names();
    const std::string near = base::nearest(name, names);
    return base::not_found(fmt::format("there is no table sluice.{}; {}", name,
                                       near.empty() ? "there are " + base::join(names, ", ")
                                                    : "did you mean sluice." + near + "?"));
  }
  job::MemoryInput input;
  input.name = fmt::format("sluice.{}", name);
  for (const RecordColumn& column : found->columns) {
    input.columns.push_back({column.name, Type{column.type}, {}});
  }
  SLUICE_ASSIGN_OR_RETURN(metastore::Statement rows, database.prepare(select_text(*found)));
  while (true) {
    SLUICE_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) {
      return input;
    }
    if (input.batches.empty() || input.batches.back().rows() == data::kBatchRowsMax) {
      input.batches.push_back({input.columns});
    }
    for (std::size_t c = 0; c < found->columns.size(); ++c) {
      input.batches.back().columns[c].values.push_back(
          read_value(rows, static_cast<int>(c), found->columns[c].type));
    }
  }
}

}  // namespace sluice::run
