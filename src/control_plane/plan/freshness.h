#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sluice::plan {

/// Snapshot of each table that a model read, by dotted name. A table without a snapshot is absent.
using InputSnapshots = std::map<std::string, std::int64_t>;

/// What a model's published table was made from.
struct PublishedState {
  std::string fingerprint;
  InputSnapshots inputs;
  std::int64_t snapshot_id = 0;
  std::optional<std::string> contract;  // digest of what judged it; absent: not recorded then
};

enum class Staleness {
  kFresh,
  kNeverBuilt,
  kDefinitionChanged,  // the statement, its inputs' columns, the layout or the engine
  kContractChanged,    // what its rows are held to, or what it says of them
  kInputsMoved,
  kTableMoved,  // somebody else changed the table since it was published
  kForced,
};

struct Freshness {
  Staleness staleness = Staleness::kFresh;
  std::string reason;  // for people: `bronze.flights has new rows`

  bool stale() const { return staleness != Staleness::kFresh; }
};

/// Says whether a model's table is what its definition and its inputs' current snapshots give.
/// `current_snapshot` is the table's own, absent when it has none; `contract` is the digest of what
/// judges its rows, "" without one, absent when it does not matter.
Freshness assess(const std::optional<PublishedState>& published, const std::string& fingerprint,
                 const InputSnapshots& inputs, std::optional<std::int64_t> current_snapshot,
                 bool forced, const std::optional<std::string>& contract = std::nullopt);

/// The same for a table that is read from another target, `lender`, which built it as `published`
/// says. It is stale when it has another definition here, or when it reads tables that this target
/// has itself (`own_inputs`). That the lender's inputs have moved on is the lender's to follow.
Freshness assess_borrowed(const std::optional<PublishedState>& published,
                          const std::string& fingerprint,
                          const std::vector<std::string>& own_inputs, const std::string& lender,
                          bool forced);

}  // namespace sluice::plan
