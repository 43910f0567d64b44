#pragma once

#include <string>

#include "sluice/yaml/diagnostics.h"

namespace sluice::contract::internal {

/// Writes `file:line:column`, for messages that name a second place.
inline std::string place(const yaml::SourceText& source, yaml::Mark mark) {
  return source.file + ":" + std::to_string(mark.line) + ":" + std::to_string(mark.column);
}

}  // namespace sluice::contract::internal
