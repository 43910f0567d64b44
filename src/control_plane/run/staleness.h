#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/lake/catalog.h"
#include "sluice/lake/table_metadata.h"
#include "sluice/plan/freshness.h"

namespace sluice::run {

/// The oldest change of an input that a table has not taken in.
struct UnseenChange {
  std::int64_t at_us = 0;  // since the epoch
  std::string input;
};

/// When the first snapshot after `seen` was committed; nothing when there is none.
std::optional<std::int64_t> first_unseen_us(const lake::TableMetadata& metadata,
                                            std::optional<std::int64_t> seen);

/// Compares the snapshots that a model's table was made from (none: it never was) with those that
/// its inputs have now.
base::Result<std::optional<UnseenChange>> oldest_unseen(const std::vector<std::string>& inputs,
                                                        const plan::PublishedState* published,
                                                        lake::Catalog& catalog);

}  // namespace sluice::run
