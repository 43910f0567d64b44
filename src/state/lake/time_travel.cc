#include "sluice/lake/time_travel.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sluice/base/clock.h"
#include "sluice/base/text.h"

namespace sluice::lake {

namespace {

using base::Result;

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::int64_t floor_ms(std::int64_t us) { return us / 1000 - (us % 1000 < 0 ? 1 : 0); }

Result<std::int64_t> by_id(const TableMetadata& metadata, std::string_view text) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || metadata.snapshot(id) == nullptr) {
    return base::not_found(fmt::format("there is no snapshot {}", text));
  }
  return id;
}

/// The first snapshot of the log that the table still has.
base::Error before_the_oldest(const TableMetadata& metadata, std::string_view text) {
  for (const SnapshotLogEntry& entry : metadata.snapshot_log) {
    if (metadata.snapshot(entry.snapshot_id) != nullptr) {
      return base::not_found(
          fmt::format("the table has no snapshot as of {}; its oldest is {} of {}", text,
                      entry.snapshot_id, base::format_iso8601({entry.timestamp_ms * 1000})));
    }
  }
  return base::not_found("the table has no snapshot yet");
}

/// Names the branch or tag that was probably meant.
std::string near_ref(const TableMetadata& metadata, std::string_view at) {
  std::vector<std::string> names;
  for (const auto& [name, ref] : metadata.refs) {
    names.push_back(name);
  }
  const std::string near = base::nearest(at, names);
  return near.empty() ? "" : fmt::format("; did you mean {}?", near);
}

}  // namespace

Result<std::int64_t> resolve_snapshot(const TableMetadata& metadata, std::string_view at) {
  if (is_number(at)) {
    return by_id(metadata, at);
  }
  if (const auto ref = metadata.refs.find(std::string(at)); ref != metadata.refs.end()) {
    return ref->second.snapshot_id;
  }
  const auto time = base::parse_iso8601(at);
  if (!time) {
    return base::invalid_input(fmt::format(
        "'{}' is no snapshot id, no branch or tag of the table, and no time such as 2013-01-01 or "
        "2013-01-01T05:00:00Z{}",
        at, near_ref(metadata, at)));
  }
  const Snapshot* found = metadata.snapshot_as_of(floor_ms(time->us));
  if (found == nullptr) {
    return before_the_oldest(metadata, at);
  }
  return found->id;
}

}  // namespace sluice::lake
