#pragma once

#include <cstdint>
#include <string>

#include "sluice/base/clock.h"

namespace sluice::ingest {

/// Where landed files are kept as they arrived, never changed:
/// `<root>/<source>/dt=<day>/hh=<hour>/<node>-<epoch>-<seq><extension>`, by time of landing in UTC.
struct RawZone {
  std::string root;        // absolute
  std::string node;        // this installation
  std::int64_t epoch = 0;  // fencing epoch of the source's lease

  std::string dir_of(const std::string& source, base::Timestamp at) const;
  std::string path_of(const std::string& source, base::Timestamp at, std::int64_t seq,
                      const std::string& extension) const;
};

}  // namespace sluice::ingest
