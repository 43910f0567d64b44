#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/worker/unique_fd.h"

namespace sluice::worker {

/// What front and worker say to each other. On the wire: u32 payload length, u8 version, u8 type,
/// u16 number of passed descriptors (all little-endian), then the payload.
enum class FrameType : std::uint8_t {
  kRun = 1,       // front: a job::Request; descriptors for the job come with it
  kCancel = 2,    // front: end the job that runs
  kBatch = 3,     // worker: a data::Batch
  kDone = 4,      // worker: a job::Response
  kFailed = 5,    // worker: a base::Error
  kProgress = 6,  // worker: a job::Progress, now and then while a job runs
};

inline constexpr std::uint8_t kProtocolVersion = 2;
inline constexpr std::size_t kFramePayloadMax = std::size_t{64} << 20;
inline constexpr std::size_t kFrameHeaderBytes = 8;
inline constexpr std::size_t kFrameFdsMax = 64;

struct Frame {
  FrameType type = FrameType::kRun;
  std::string payload;
  std::vector<UniqueFd> fds;
};

/// Writes one frame to a stream socket, waiting while its buffer is full; never raises SIGPIPE. The
/// descriptors stay the caller's. `interrupt_fd` (an eventfd, -1 none) ends the wait with
/// kCancelled and leaves the stream unusable. kUnavailable: the peer is gone. kExhausted: over 64
/// MiB.
base::Status send_frame(int socket, FrameType type, std::string_view payload,
                        std::span<const int> fds = {}, int interrupt_fd = -1);

/// Reassembles frames from a stream socket, never reading past the end of one, so that descriptors
/// belong to the frame they came with. Reads without waiting: poll the socket between calls.
class FrameReader {
 public:
  enum class Progress : std::uint8_t { kFrame, kNeedsMore, kClosed };

  explicit FrameReader(int socket) : socket_(socket) {}

  /// Reads what there is. After kFrame, take() has it. kCorrupt: a wrong version, type or length,
  /// or the peer went away inside a frame (kUnavailable); the stream is then unusable.
  base::Result<Progress> step();

  Frame take();

 private:
  base::Result<Progress> read_some(char* into, std::size_t bytes, std::size_t& got);
  base::Status begin_payload();

  int socket_;
  std::string header_;
  std::size_t payload_bytes_ = 0;
  std::size_t fds_expected_ = 0;
  Frame frame_;
};

/// Parses a frame's header: type, payload length, number of descriptors. kCorrupt otherwise.
struct FrameHeader {
  FrameType type;
  std::size_t payload_bytes;
  std::size_t fds;
};
base::Result<FrameHeader> parse_frame_header(std::string_view bytes);

/// Encodes an error for kFailed, and the reverse: nothing when the bytes are no encoded error.
std::string encode_error(const base::Error& error);
std::optional<base::Error> decode_error(std::string_view bytes);

}  // namespace sluice::worker
