#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "sluice/worker/frame.h"

// Whatever a peer writes must end in frames, an error or the end of the stream.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using sluice::worker::FrameReader;
  std::array<int, 2> pair{};
  if (size > 64 * 1024 || ::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()) != 0) {
    return 0;
  }
  const sluice::worker::UniqueFd reading(pair[0]);
  sluice::worker::UniqueFd writing(pair[1]);
  if (::send(writing.get(), data, size, MSG_NOSIGNAL) != static_cast<ssize_t>(size)) {
    return 0;
  }
  writing.reset();
  FrameReader reader(reading.get());
  while (true) {
    auto progress = reader.step();
    if (!progress || *progress != FrameReader::Progress::kFrame) {
      break;
    }
    const auto frame = reader.take();
    (void)sluice::worker::decode_error(frame.payload).has_value();
  }
  return 0;
}
