#include "sluice/app/user_name.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

namespace sluice::app {

std::string user_name() {
  if (const passwd* user = ::getpwuid(::getuid()); user != nullptr) {
    return user->pw_name;
  }
  return fmt::format("uid {}", ::getuid());
}

}  // namespace sluice::app
