#pragma once

#include <compare>
#include <functional>
#include <string>
#include <utility>

#include "sluice/base/clock.h"
#include "sluice/base/random.h"

namespace sluice::base {

/// A text id that cannot be mixed up with another kind of id.
template <class Tag>
struct StrongId {
  std::string text;

  StrongId() = default;
  explicit StrongId(std::string value) : text(std::move(value)) {}

  bool empty() const { return text.empty(); }
  friend auto operator<=>(const StrongId&, const StrongId&) = default;
};

using InvocationId = StrongId<struct InvocationTag>;
using RunId = StrongId<struct RunTag>;
using StageId = StrongId<struct StageTag>;
using DecisionId = StrongId<struct DecisionTag>;
using CommitId = StrongId<struct CommitTag>;

/// Returns a version 7 UUID (RFC 9562): sorts by the clock's millisecond, then random.
std::string make_uuid7(const Clock& clock, Random& random);

template <class Id>
Id make_id(const Clock& clock, Random& random) {
  return Id(make_uuid7(clock, random));
}

}  // namespace sluice::base

template <class Tag>
struct std::hash<sluice::base::StrongId<Tag>> {
  std::size_t operator()(const sluice::base::StrongId<Tag>& id) const {
    return std::hash<std::string>()(id.text);
  }
};
