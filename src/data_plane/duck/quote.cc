#include "sluice/duck/quote.h"

namespace sluice::duck {

std::string unquote_identifier(std::string_view quoted) {
  if (quoted.size() < 2 || quoted.front() != '"' || quoted.back() != '"') {
    return std::string(quoted);
  }
  std::string name;
  for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
    name += quoted[i];
    if (quoted[i] == '"') {
      ++i;
    }
  }
  return name;
}

}  // namespace sluice::duck
