#include "sluice/run/landed_audit.h"

#include <utility>

namespace sluice::run {

std::vector<lake::Finding> audit_raw_files(storage::FileIo& files,
                                           std::span<const lake::LandedFile> landed,
                                           ingest::RawCheck check) {
  std::vector<lake::Finding> findings;
  for (const lake::LandedFile& file : landed) {
    if (file.state == lake::LandedState::kRefused) {
      continue;
    }
    if (auto problem = ingest::raw_problem(files, file, check)) {
      findings.push_back({file.source, std::move(*problem)});
    }
  }
  return findings;
}

}  // namespace sluice::run
