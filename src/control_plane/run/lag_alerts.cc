#include "sluice/run/lag_alerts.h"

#include <fmt/format.h>

#include "sluice/base/text.h"
#include "sluice/run/staleness.h"

namespace sluice::run {

base::Status note_lags(metastore::Transaction& transaction, AlertBook& alerts,
                       const project::Project& project, const project::Analysis& analysis,
                       lake::Catalog& catalog, Records& records, base::Timestamp now) {
  SLUICE_ASSIGN_OR_RETURN(const auto published, records.published_states());
  for (std::size_t i = 0; i < project.models.size(); ++i) {
    const project::Model& model = project.models[i];
    if (!model.target_lag_ms) {
      continue;
    }
    SLUICE_ASSIGN_OR_RETURN(const lake::TableName name, lake::parse_table_name(model.table));
    SLUICE_ASSIGN_OR_RETURN(const auto entry, catalog.find(name));
    if (entry && entry->borrowed) {
      continue;  // how late it is, its own target tells
    }
    const auto state = published.find(model.table);
    SLUICE_ASSIGN_OR_RETURN(
        const auto unseen,
        oldest_unseen(analysis.models[i].reads, state == published.end() ? nullptr : &state->second,
                      catalog));
    const std::int64_t lag_us = unseen ? now.us - unseen->at_us : 0;
    const std::int64_t target_us = *model.target_lag_ms * 1000;
    if (lag_us <= target_us) {
      SLUICE_RETURN_IF_ERROR(
          alerts.resolve(transaction, project::AlertKind::kStaleness, model.table, ""));
      continue;
    }
    AlertCause cause;
    cause.kind = project::AlertKind::kStaleness;
    cause.subject = model.table;
    cause.summary = fmt::format("{} is {} behind {}, its target_lag is {}", model.table,
                                base::format_duration_us(lag_us), unseen->input,
                                base::format_duration_us(target_us));
    cause.fingerprint = "late";
    SLUICE_RETURN_IF_ERROR(alerts.raise(transaction, cause));
  }
  return {};
}

}  // namespace sluice::run
