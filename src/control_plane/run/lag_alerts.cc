#include "sluice/run/lag_alerts.h"

#include <fmt/format.h>

#include <algorithm>

#include "sluice/base/text.h"

namespace sluice::run {

namespace {

using base::Result;

/// A model's distance from one of its inputs.
struct Lag {
  std::int64_t us = 0;
  std::string behind;  // the input
};

/// When the first snapshot after `seen` was committed; nothing when there is none.
std::optional<std::int64_t> first_unseen_us(const lake::TableMetadata& metadata,
                                            std::optional<std::int64_t> seen) {
  std::optional<std::int64_t> first_us;
  const lake::Snapshot* snapshot = metadata.current_snapshot();
  while (snapshot != nullptr && snapshot->id != seen) {
    first_us = snapshot->timestamp_ms * 1000;
    snapshot = snapshot->parent_id ? metadata.snapshot(*snapshot->parent_id) : nullptr;
  }
  return first_us;
}

Result<Lag> lag_of(const project::ModelAnalysis& model, lake::Catalog& catalog,
                   const plan::PublishedState* published, base::Timestamp now) {
  Lag lag;
  for (const std::string& table : model.reads) {
    SLUICE_ASSIGN_OR_RETURN(const lake::TableName name, lake::parse_table_name(table));
    SLUICE_ASSIGN_OR_RETURN(const auto entry, catalog.find(name));
    if (!entry) {
      continue;
    }
    std::optional<std::int64_t> seen;
    if (published != nullptr) {
      if (const auto found = published->inputs.find(table); found != published->inputs.end()) {
        seen = found->second;
      }
    }
    SLUICE_ASSIGN_OR_RETURN(const auto metadata, catalog.load_location(entry->metadata_location));
    const auto unseen_us = first_unseen_us(*metadata, seen);
    if (unseen_us && now.us - *unseen_us > lag.us) {
      lag = {now.us - *unseen_us, table};
    }
  }
  return lag;
}

}  // namespace

base::Status note_lags(metastore::Transaction& transaction, AlertBook& alerts,
                       const project::Project& project, const project::Analysis& analysis,
                       lake::Catalog& catalog, Records& records, base::Timestamp now) {
  SLUICE_ASSIGN_OR_RETURN(const auto published, records.published_states());
  for (std::size_t i = 0; i < project.models.size(); ++i) {
    const project::Model& model = project.models[i];
    if (!model.target_lag_ms) {
      continue;
    }
    const auto state = published.find(model.table);
    SLUICE_ASSIGN_OR_RETURN(const Lag lag,
                            lag_of(analysis.models[i], catalog,
                                   state == published.end() ? nullptr : &state->second, now));
    const std::int64_t target_us = *model.target_lag_ms * 1000;
    if (lag.us <= target_us) {
      SLUICE_RETURN_IF_ERROR(
          alerts.resolve(transaction, project::AlertKind::kStaleness, model.table, ""));
      continue;
    }
    AlertCause cause;
    cause.kind = project::AlertKind::kStaleness;
    cause.subject = model.table;
    cause.summary = fmt::format("{} is {} behind {}, its target_lag is {}", model.table,
                                base::format_duration_us(lag.us), lag.behind,
                                base::format_duration_us(target_us));
    cause.fingerprint = "late";
    SLUICE_RETURN_IF_ERROR(alerts.raise(transaction, cause));
  }
  return {};
}

}  // namespace sluice::run
