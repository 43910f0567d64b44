#pragma once

#include "sluice/yaml/document.h"

namespace sluice::yaml::internal {

/// Runs yaml-cpp over a part of `source` and builds the tree from its events. The only file that
/// knows yaml-cpp is this one's body; its exceptions end there.
Node build_tree(const SourceText& source, Extent extent, Diagnostics& diagnostics);

}  // namespace sluice::yaml::internal
