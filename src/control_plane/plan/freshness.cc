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
                 bool forced, const std::optional<std::string>& contract) {
  if (!published || !current_snapshot) {
    return {Staleness::kNeverBuilt, "the table was never built"};
  }
  if (forced) {
    return {Staleness::kForced, "a refresh was asked for"};
  }
  if (published->fingerprint != fingerprint) {
    return {Staleness::kDefinitionChanged, "the model's definition changed"};
  }
  if (contract && published->contract && *published->contract != *contract) {
    return {Staleness::kContractChanged, contract->empty() ? "it has no contract any more"
                                         : published->contract->empty() ? "it has a contract now"
                                                                        : "its contract changed"};
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

Freshness assess_borrowed(const std::optional<PublishedState>& published,
                          const std::string& fingerprint,
                          const std::vector<std::string>& own_inputs, const std::string& lender,
                          bool forced) {
  if (!published) {
    return {Staleness::kNeverBuilt, fmt::format("no model of {} built it", lender)};
  }
  Freshness there =
      assess(published, fingerprint, published->inputs, published->snapshot_id, forced);
  if (there.stale()) {
    return there;
  }
  if (!own_inputs.empty()) {
    return {Staleness::kInputsMoved,
            fmt::format("this target has its own {}", base::join(own_inputs, ", "))};
  }
  return {Staleness::kFresh,
          fmt::format("borrowed from {}, where it was built as it is defined here", lender)};
}

}  // namespace sluice::plan
