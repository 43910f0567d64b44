#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sluice/base/result.h"

namespace sluice::data {

/// How far a source has been read: everything up to and including `offset` is in the table.
/// `lineage` names the thing that counts (for files the landing ledger, for a topic its id), so
/// that a recreated one cannot be mistaken for the old.
struct Position {
  std::string lineage;
  std::int64_t offset = 0;

  friend bool operator==(const Position&, const Position&) = default;
};

/// Writes the position as the table property `sluice.pos.<source>` holds it: `<lineage>:<offset>`.
std::string to_text(const Position& position);
base::Result<Position> parse_position(std::string_view text);

/// Says whether `next` may follow `current`. kCorrupt when the lineage changed or it goes
/// backwards.
base::Status check_advance(const Position& current, const Position& next);

}  // namespace sluice::data
