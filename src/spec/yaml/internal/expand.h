#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sluice/yaml/reader.h"

namespace sluice::yaml::internal {

/// What expand() could not do, and where in the text.
struct ExpandProblem {
  std::size_t offset = 0;
  std::string message;
  std::string hint;
};

/// Replaces `${NAME}` and `${NAME:-default}` by the variable, `$$` by one dollar sign. Any other
/// dollar sign stays. As in a shell, the default also stands in for an empty variable.
std::optional<std::string> expand(std::string_view text, const EnvLookup& env,
                                  ExpandProblem& problem);

}  // namespace sluice::yaml::internal
