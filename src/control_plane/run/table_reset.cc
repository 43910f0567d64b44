#include "sluice/run/table_reset.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "sluice/lake/landed_files.h"
#include "sluice/run/records.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;

/// The names of the selected tables, and of the quarantine tables of selected sources.
Result<std::set<std::string>> selected_names(const project::Project& project,
                                             const project::Analysis& analysis,
                                             const std::string& select,
                                             const std::string& exclude) {
  const project::Selection selection{select, exclude, nullptr};
  SLUICE_ASSIGN_OR_RETURN(const auto chosen, project::select(project, analysis.graph, selection));
  std::set<std::string> names;
  for (const std::size_t at : chosen) {
    const project::GraphTable& table = analysis.graph.tables[at];
    names.insert(table.name);
    if (table.kind == project::TableKind::kSource) {
      names.insert(project::quarantine_table(project.sources[table.index]));
    }
  }
  return names;
}

Result<ResetTable> describe(lake::Catalog& catalog, const lake::TableEntry& entry) {
  ResetTable table;
  table.table = entry.table;
  const auto lent = catalog.borrowed().tables.find(entry.table);
  if (lent != catalog.borrowed().tables.end()) {
    table.lent = lent->second;
  }
  SLUICE_ASSIGN_OR_RETURN(const auto metadata, catalog.load_location(entry.metadata_location));
  if (const lake::Snapshot* snapshot = metadata->current_snapshot()) {
    table.rows = lake::summary_count(*snapshot, "total-records");
  }
  return table;
}

}  // namespace

Result<Reset> find_reset(const project::Project& project, const project::Target& target,
                         const project::Analysis* analysis, lake::Catalog& catalog,
                         const std::string& select, const std::string& exclude) {
  if (target.from.empty()) {
    return base::unsupported(fmt::format(
        "target {} reads the tables of no other target (`from:` in sluice.yaml), so that a reset "
        "would leave nothing in their place; its tables stay",
        target.name));
  }
  std::optional<std::set<std::string>> names;
  if (!select.empty() || !exclude.empty()) {
    SLUICE_ASSIGN_OR_RETURN(names, selected_names(project, *analysis, select, exclude));
  }
  const auto is_meant = [&](const std::string& table) { return !names || names->contains(table); };
  Reset reset;
  SLUICE_ASSIGN_OR_RETURN(const auto entries, catalog.list_own_tables());
  for (const lake::TableEntry& entry : entries) {
    if (is_meant(lake::to_text(entry.table))) {
      SLUICE_ASSIGN_OR_RETURN(ResetTable table, describe(catalog, entry));
      reset.tables.push_back(std::move(table));
    }
  }
  SLUICE_ASSIGN_OR_RETURN(reset.sources, lake::list_landed_sources(catalog.database()));
  std::erase_if(reset.sources, [&](const std::string& source) { return !is_meant(source); });
  return reset;
}

Status apply_reset(const Reset& reset, lake::Catalog& catalog, const base::Clock& clock) {
  lake::Drop drop;
  drop.sources = reset.sources;
  for (const ResetTable& table : reset.tables) {
    drop.tables.push_back(table.table);
  }
  drop.in_transaction = [&](metastore::Transaction& transaction) -> Status {
    Records records(catalog.database());
    for (const ResetTable& table : reset.tables) {
      SLUICE_RETURN_IF_ERROR(records.forget_table(transaction, lake::to_text(table.table)));
    }
    return {};
  };
  return lake::drop_tables(catalog, drop, clock);
}

}  // namespace sluice::run
