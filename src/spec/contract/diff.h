#pragma once

#include <string>
#include <vector>

#include "sluice/contract/contract.h"

namespace sluice::contract {

/// One change from an old contract to a new one. It breaks producers when data that was good is
/// refused now, consumers when data that they were promised may not come, or otherwise.
struct Change {
  std::string what;  // `column amount: its range at least 0 is now at least 1`
  bool breaks_producers = false;
  bool breaks_consumers = false;

  bool breaking() const { return breaks_producers || breaks_consumers; }
};

/// Compares two contracts rule by rule. Columns are matched by their stable id where both have one,
/// else by name. Rules that only warn break nobody.
std::vector<Change> compare(const Contract& from, const Contract& to);

}  // namespace sluice::contract
