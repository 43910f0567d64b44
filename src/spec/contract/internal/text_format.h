#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice::contract::internal {

/// A way to write a text that the standard names. `pattern` (RE2) is "" for one that only
/// describes.
struct TextFormat {
  std::string_view name;
  std::string_view words;  // `an e-mail address`
  std::string_view pattern;
};

/// Finds `logicalTypeOptions.format` of a string; nullptr when no rule stands for the name.
const TextFormat* find_text_format(std::string_view name);

std::vector<std::string> text_format_names();

}  // namespace sluice::contract::internal
