#include "sluice/ingest/raw_zone.h"

#include <fmt/format.h>

namespace sluice::ingest {

std::string RawZone::dir_of(const std::string& source, base::Timestamp at) const {
  const std::string time = base::format_iso8601(at);
  return fmt::format("{}/{}/dt={}/hh={}", root, source, time.substr(0, 10), time.substr(11, 2));
}

std::string RawZone::path_of(const std::string& source, base::Timestamp at, std::int64_t seq,
                             const std::string& extension) const {
  return fmt::format("{}/{}-{}-{:09}{}", dir_of(source, at), node, epoch, seq, extension);
}

}  // namespace sluice::ingest
