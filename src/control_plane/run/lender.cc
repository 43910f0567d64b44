#include "sluice/run/lender.h"

#include <utility>

#include "sluice/metastore/traceless_read.h"
#include "sluice/run/records.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;

Status read_pointers(metastore::Database& database, const project::Project& project,
                     lake::BorrowedTables& tables) {
  tables.tables.clear();
  SLUICE_ASSIGN_OR_RETURN(auto entries, lake::list_tables_of(database));
  for (lake::TableEntry& entry : entries) {
    entry.borrowed = true;
    tables.tables.emplace(entry.table, std::move(entry));
  }
  for (const project::Source& source : project.sources) {
    SLUICE_ASSIGN_OR_RETURN(const lake::TableName table, lake::parse_table_name(source.table));
    SLUICE_ASSIGN_OR_RETURN(const lake::TableName quarantine,
                            lake::parse_table_name(project::quarantine_table(source)));
    tables.goes_with[quarantine] = table;
  }
  return {};
}

}  // namespace

std::vector<lake::HeldTable> Loan::held() const {
  std::vector<lake::HeldTable> held;
  for (const auto& [table, entry] : tables.tables) {
    held.push_back({table, entry.current_snapshot_id, entry.metadata_location});
  }
  return held;
}

Result<Loan> read_loan(const std::string& name, const std::string& path,
                       const project::Project& project,
                       const std::function<Status(metastore::Database&)>& check) {
  Loan loan;
  loan.lender.name = name;
  loan.tables.from = name;
  const Status read = metastore::read_traceless(path, [&](metastore::Database& database) -> Status {
    SLUICE_RETURN_IF_ERROR(check(database));
    SLUICE_RETURN_IF_ERROR(read_pointers(database, project, loan.tables));
    Records records(database);
    SLUICE_ASSIGN_OR_RETURN(loan.lender.published, records.published_states());
    SLUICE_ASSIGN_OR_RETURN(loan.lender.applied, records.applied_objects());
    return {};
  });
  if (!read && read.error().kind != base::ErrorKind::kNotFound) {
    return read.error().in("reading the tables of target " + name);
  }
  return loan;
}

Result<plan::ProjectObjects> objects_in_use(plan::ProjectObjects own, const Lender& lender,
                                            const project::Project& project,
                                            const project::Analysis& analysis,
                                            lake::Catalog& catalog) {
  const plan::ProjectObjects now = plan::objects_of(project, analysis);
  for (const auto& [name, object] : lender.applied) {
    if (name.first == plan::to_text(plan::ObjectKind::kSettings) ||
        name.first == plan::to_text(plan::ObjectKind::kOptimizer)) {
      own.emplace(name, object);
    }
  }
  for (const project::GraphTable& table : analysis.graph.tables) {
    SLUICE_ASSIGN_OR_RETURN(const auto name, lake::parse_table_name(table.name));
    SLUICE_ASSIGN_OR_RETURN(const auto entry, catalog.find(name));
    if (!entry || !entry->borrowed) {
      continue;
    }
    for (const auto& [key, object] : plan::objects_of_table(project, table, now)) {
      if (const auto theirs = lender.applied.find(key); theirs != lender.applied.end()) {
        own[key] = theirs->second;
      } else {
        own.erase(key);
      }
    }
  }
  return own;
}

Result<plan::Freshness> borrowed_freshness(const Lender& lender, const std::string& table,
                                           const project::ModelAnalysis& model,
                                           lake::Catalog& catalog, bool forced) {
  std::vector<std::string> own_inputs;
  for (const std::string& read : model.reads) {
    SLUICE_ASSIGN_OR_RETURN(const lake::TableName name, lake::parse_table_name(read));
    SLUICE_ASSIGN_OR_RETURN(const auto own, catalog.find_own(name));
    if (own) {
      own_inputs.push_back(read);
    }
  }
  const auto published = lender.published.find(table);
  return plan::assess_borrowed(
      published == lender.published.end() ? std::nullopt : std::optional(published->second),
      model.fingerprint, own_inputs, lender.name, forced);
}

}  // namespace sluice::run
