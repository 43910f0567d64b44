#include "sluice/plan/freshness.h"

#include <fmt/format.h>

#include <vector>

#include "sluice/base/text.h"

namespace sluice::plan {

namespace {

/// Lists the inputs whose snapshot differs from the one that was read.
std::vector<std::string> moved_inputs(const InputSnapshots& before, const InputSnapshots& now) {
  std::vector<std::string> moved;
  for (const auto& [table, snapshot] : now) {
    const auto found = before.find(table);
    if (found == before.end() || found->second != snapshot) {
      moved.push_back(table);
    }
  }
  for (const auto& [table, snapshot] : before) {
    if (!now.contains(table)) {
      moved.push_back(table);
    }
  }
  return moved;
}

}  // namespace

Freshness assess(const std::optional<PublishedState>& published, const std::string& fingerprint,
                 const InputSnapshots& inputs, std::optional<std::int64_t> current_snapshot,
                 bool forced) {
  if (!published || !current_snapshot) {
    return {Staleness::kNeverBuilt, "the table was never built"};
  }
  if (forced) {
    return {Staleness::kForced, "a refresh was asked for"};
  }
  if (published->fingerprint != fingerprint) {
    return {Staleness::kDefinitionChanged, "the model's definition changed"};
  }
  if (published->snapshot_id != *current_snapshot) {
    return {Staleness::kTableMoved,
            fmt::format("the table is at snapshot {}, not at {} as published", *current_snapshot,
                        published->snapshot_id)};
  }
  if (const auto moved = moved_inputs(published->inputs, inputs); !moved.empty()) {
    return {Staleness::kInputsMoved, base::join(moved, ", ") + " changed"};
  }
  return {Staleness::kFresh, "nothing that it reads has changed"};
}

}  // namespace sluice::plan
