#include "sluice/contract/reference.h"

#include <vector>

#include "sluice/base/text.h"

namespace sluice::contract {

PropertyReference parse_reference(std::string_view text) {
  PropertyReference reference;
  const std::size_t hash = text.find('#');
  if (hash != std::string_view::npos) {
    reference.file = text.substr(0, hash);
    text.remove_prefix(hash + 1);
  }
  if (text.find('/') == std::string_view::npos) {
    const std::size_t dot = text.rfind('.');
    reference.object = text.substr(0, dot == std::string_view::npos ? 0 : dot);
    reference.property = dot == std::string_view::npos ? text : text.substr(dot + 1);
    return reference;
  }
  const std::vector<std::string> parts = base::split(text, '/');
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    if (parts[i] == "schema") {
      reference.object = parts[i + 1];
    } else if (parts[i] == "properties") {
      reference.property = parts[i + 1];
    }
  }
  return reference;
}

}  // namespace sluice::contract
