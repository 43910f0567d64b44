#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "sluice/worker/serve.h"
#include "sluice/worker_app/executors.h"

namespace {

constexpr int kUsage = 2;

int usage() {
  std::fputs("sluice-worker is started by sluice: sluice-worker --socket <descriptor>\n", stderr);
  return kUsage;
}

}  // namespace

int main(int count, char** arguments) {
  if (count == 2 && std::string_view(arguments[1]) == "--version") {
    std::printf("sluice-worker %s\n", SLUICE_VERSION);
    return 0;
  }
  if (count != 3 || std::string_view(arguments[1]) != "--socket") {
    return usage();
  }
  int socket = -1;
  const char* end = arguments[2] + std::strlen(arguments[2]);
  if (const auto read = std::from_chars(arguments[2], end, socket);
      read.ec != std::errc() || read.ptr != end || socket < 0) {
    return usage();
  }
  const auto served =
      sluice::worker::serve(sluice::worker::UniqueFd(socket), sluice::worker_app::all_executors());
  if (!served) {
    std::fprintf(stderr, "sluice-worker: %s\n", served.error().message.c_str());
    return kUsage;
  }
  return 0;
}
