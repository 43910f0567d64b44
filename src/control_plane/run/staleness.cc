#include "sluice/run/staleness.h"

namespace sluice::run {

using base::Result;

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

Result<std::optional<UnseenChange>> oldest_unseen(const std::vector<std::string>& inputs,
                                                  const plan::PublishedState* published,
                                                  lake::Catalog& catalog) {
  std::optional<UnseenChange> oldest;
  for (const std::string& table : inputs) {
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
    if (unseen_us && (!oldest || *unseen_us < oldest->at_us)) {
      oldest = UnseenChange{*unseen_us, table};
    }
  }
  return oldest;
}

}  // namespace sluice::run
