#include "sluice/run/query_inputs.h"

#include <fmt/format.h>

#include <algorithm>

#include "sluice/base/text.h"
#include "sluice/lake/time_travel.h"
#include "sluice/run/record_tables.h"
#include "sluice/run/table_files.h"
#include "sluice/sql/query.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;

constexpr std::string_view kRecordNamespace = "sluice.";

/// Collects a query's inputs table by table.
class InputCollector {
 public:
  InputCollector(const TableQuery& query, lake::Catalog& catalog, QueryInputs& inputs)
      : query_(query), catalog_(catalog), inputs_(inputs) {}

  Status add(const std::string& table) {
    if (table.starts_with(kRecordNamespace)) {
      SLUICE_ASSIGN_OR_RETURN(
          auto input, read_record_table(catalog_.database(),
                                        std::string_view(table).substr(kRecordNamespace.size())));
      inputs_.memory.push_back(std::move(input));
      return {};
    }
    const auto name = lake::parse_table_name(table);
    if (!name) {
      return unknown(table);
    }
    SLUICE_ASSIGN_OR_RETURN(const auto entry, catalog_.find(*name));
    if (!entry) {
      return unknown(table);
    }
    std::optional<std::int64_t> snapshot;
    if (query_.at) {
      SLUICE_ASSIGN_OR_RETURN(const auto metadata,
                              catalog_.load_location(entry->metadata_location));
      auto resolved = lake::resolve_snapshot(*metadata, *query_.at);
      if (!resolved) {
        return resolved.error().in(table);
      }
      snapshot = *resolved;
    }
    SLUICE_ASSIGN_OR_RETURN(auto input, scan_input(catalog_, table, {}, snapshot));
    (entry->borrowed ? lent_ : held_)
        .push_back(
            {*name, snapshot ? snapshot : entry->current_snapshot_id, entry->metadata_location});
    inputs_.scans.push_back(std::move(input));
    return {};
  }

  const std::vector<lake::HeldTable>& held() const { return held_; }
  const std::vector<lake::HeldTable>& lent() const { return lent_; }

 private:
  Status unknown(const std::string& table) {
    SLUICE_ASSIGN_OR_RETURN(const auto entries, catalog_.list_tables());
    std::vector<std::string> names;
    for (const lake::TableEntry& entry : entries) {
      names.push_back(lake::to_text(entry.table));
    }
    for (const std::string& record : record_table_names()) {
      names.push_back("sluice." + record);
    }
    const std::string near = base::nearest(table, names);
    if (!near.empty()) {
      return base::not_found(fmt::format("there is no table {}; did you mean {}?", table, near));
    }
    return base::not_found(
        fmt::format("there is no table {}; there are {}", table, base::join(names, ", ")));
  }

  const TableQuery& query_;
  lake::Catalog& catalog_;
  QueryInputs& inputs_;
  std::vector<lake::HeldTable> held_;
  std::vector<lake::HeldTable> lent_;
};

std::string snapshots_text(std::span<const lake::HeldTable> tables) {
  std::string text;
  for (const lake::HeldTable& one : tables) {
    text += fmt::format("{} {}\n", lake::to_text(one.table), one.snapshot_id.value_or(0));
  }
  return text;
}

/// Returns the tables that the statement names; all of them where it has no tree (DESCRIBE, PIVOT),
/// in which case wrong SQL is found by the engine.
Result<std::vector<std::string>> tables_of(const TableQuery& query, lake::Catalog& catalog,
                                           sql::Frontend& frontend) {
  const std::vector<std::string> texts = {query.sql};
  SLUICE_ASSIGN_OR_RETURN(const auto parsed, frontend.parse(texts));
  std::vector<std::string> tables;
  if (!parsed[0].tree.empty()) {
    if (const auto read = sql::read_query(parsed[0].tree)) {
      for (const sql::TableReference& table : read->tables) {
        tables.push_back(table.name);
      }
      return tables;
    }
  } else if (parsed[0].error_offset >= 0) {
    return base::invalid_input(parsed[0].error);
  }
  SLUICE_ASSIGN_OR_RETURN(const auto entries, catalog.list_tables());
  for (const lake::TableEntry& entry : entries) {
    tables.push_back(lake::to_text(entry.table));
  }
  for (const std::string& record : record_table_names()) {
    tables.push_back(std::string(kRecordNamespace) + record);
  }
  return tables;
}

bool is_snapshot_id(std::string_view at) {
  return !at.empty() &&
         std::all_of(at.begin(), at.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Result<QueryInputs> query_inputs(const TableQuery& query, lake::Catalog& catalog,
                                 sql::Frontend& frontend) {
  SLUICE_ASSIGN_OR_RETURN(const auto tables, tables_of(query, catalog, frontend));
  if (query.at && is_snapshot_id(*query.at) && tables.size() != 1) {
    return base::invalid_input(fmt::format(
        "--at {} names a snapshot of one table, but the query reads {}; give a time instead",
        *query.at, tables.size()));
  }
  QueryInputs inputs;
  InputCollector collector(query, catalog, inputs);
  for (const std::string& table : tables) {
    SLUICE_RETURN_IF_ERROR(collector.add(table));
  }
  if (query.hold != nullptr) {
    SLUICE_RETURN_IF_ERROR(query.hold->narrow(collector.held()));
  }
  if (query.lent_hold != nullptr) {
    SLUICE_RETURN_IF_ERROR(query.lent_hold->narrow(collector.lent()));
  }
  inputs.snapshots = snapshots_text(collector.held()) + snapshots_text(collector.lent());
  return inputs;
}

}  // namespace sluice::run
