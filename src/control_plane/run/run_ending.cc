#include "sluice/run/run_ending.h"

namespace sluice::run {

base::Status record_end(RunContext& context, const RunSummary& summary) {
  SLUICE_ASSIGN_OR_RETURN(auto transaction, metastore::Transaction::begin(context.database));
  SLUICE_RETURN_IF_ERROR(context.records.end_run(transaction, summary, context.clock.now()));
  return transaction.commit();
}

base::Result<std::optional<std::int64_t>> current_snapshot(lake::Catalog& catalog,
                                                           const lake::TableName& table) {
  SLUICE_ASSIGN_OR_RETURN(const auto entry, catalog.find_own(table));
  return entry ? entry->current_snapshot_id : std::nullopt;
}

}  // namespace sluice::run
