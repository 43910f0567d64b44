#include "sluice/app/confirmation.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace sluice::app {

base::Result<bool> confirmed(std::string_view question, std::string_view advice) {
  if (::isatty(STDIN_FILENO) != 1) {
    return base::invalid_input(std::string(advice));
  }
  fmt::print("\n{} [y/N] ", question);
  std::fflush(stdout);
  const int answer = std::getchar();
  return answer == 'y' || answer == 'Y';
}

}  // namespace sluice::app
