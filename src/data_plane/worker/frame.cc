#include "sluice/worker/frame.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace sluice::worker {
namespace {

constexpr std::size_t kReadChunkBytes = std::size_t{256} << 10;
constexpr std::size_t kControlBytes = CMSG_SPACE(sizeof(int) * kFrameFdsMax);

std::array<char, kFrameHeaderBytes> make_header(FrameType type, std::size_t payload_bytes,
                                                std::size_t fds) {
  std::array<char, kFrameHeaderBytes> header{};
  const auto length = static_cast<std::uint32_t>(payload_bytes);
  const auto count = static_cast<std::uint16_t>(fds);
  std::memcpy(header.data(), &length, sizeof(length));
  header[4] = static_cast<char>(kProtocolVersion);
  header[5] = static_cast<char>(type);
  std::memcpy(header.data() + 6, &count, sizeof(count));
  return header;
}

base::Status wait_for_room(int socket, int interrupt_fd) {
  std::array<pollfd, 2> fds = {pollfd{socket, POLLOUT, 0}, pollfd{interrupt_fd, POLLIN, 0}};
  while (::poll(fds.data(), interrupt_fd < 0 ? 1 : 2, -1) < 0) {
    if (errno != EINTR) {
      return base::from_errno(errno, "poll the worker's socket");
    }
  }
  if (fds[1].revents != 0 && fds[0].revents == 0) {
    return base::cancelled("interrupted while a message was being sent");
  }
  return {};
}

void attach_fds(msghdr& message, std::span<char> control, std::span<const int> fds) {
  message.msg_control = control.data();
  message.msg_controllen = CMSG_SPACE(fds.size_bytes());
  cmsghdr* head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(fds.size_bytes());
  std::memcpy(CMSG_DATA(head), fds.data(), fds.size_bytes());
}

// Takes the received descriptors out of a message. False when the kernel had to drop some.
bool collect_fds(msghdr& message, std::vector<UniqueFd>& into) {
  for (cmsghdr* head = CMSG_FIRSTHDR(&message); head != nullptr;
       head = CMSG_NXTHDR(&message, head)) {
    if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) {
      continue;
    }
    const std::size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(head) + i * sizeof(int), sizeof(int));
      into.emplace_back(fd);
    }
  }
  return (message.msg_flags & MSG_CTRUNC) == 0;
}

bool is_known(std::uint8_t type) {
  return type >= static_cast<std::uint8_t>(FrameType::kRun) &&
         type <= static_cast<std::uint8_t>(FrameType::kProgress);
}

}  // namespace

base::Status send_frame(int socket, FrameType type, std::string_view payload,
                        std::span<const int> fds, int interrupt_fd) {
  if (payload.size() > kFramePayloadMax || fds.size() > kFrameFdsMax) {
    return base::exhausted("a message of " + std::to_string(payload.size()) + " bytes and " +
                           std::to_string(fds.size()) + " descriptors is over the limit of " +
                           std::to_string(kFramePayloadMax) + " bytes and " +
                           std::to_string(kFrameFdsMax) + " descriptors");
  }
  const auto header = make_header(type, payload.size(), fds.size());
  const std::size_t total = header.size() + payload.size();
  std::size_t sent = 0;
  while (sent < total) {
    std::array<iovec, 2> parts{};
    const std::size_t head = std::min(sent, header.size());
    parts[0] = {const_cast<char*>(header.data()) + head, header.size() - head};
    parts[1] = {const_cast<char*>(payload.data()) + (sent - head), payload.size() - (sent - head)};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    alignas(cmsghdr) std::array<char, kControlBytes> control{};
    if (sent == 0 && !fds.empty()) {
      attach_fds(message, control, fds);
    }
    const ssize_t written = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (written >= 0) {
      sent += static_cast<std::size_t>(written);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      SLUICE_RETURN_IF_ERROR(wait_for_room(socket, interrupt_fd));
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return base::unavailable("the other process is gone");
    } else if (errno != EINTR) {
      return base::from_errno(errno, "send to the worker's socket");
    }
  }
  return {};
}

base::Result<FrameHeader> parse_frame_header(std::string_view bytes) {
  if (bytes.size() != kFrameHeaderBytes) {
    return base::corrupt("a frame header has " + std::to_string(kFrameHeaderBytes) + " bytes");
  }
  std::uint32_t length = 0;
  std::uint16_t fds = 0;
  std::memcpy(&length, bytes.data(), sizeof(length));
  std::memcpy(&fds, bytes.data() + 6, sizeof(fds));
  const auto version = static_cast<std::uint8_t>(bytes[4]);
  const auto type = static_cast<std::uint8_t>(bytes[5]);
  if (version != kProtocolVersion) {
    return base::corrupt("the other process speaks version " + std::to_string(version) +
                         " of the worker protocol, this one " + std::to_string(kProtocolVersion) +
                         ": install both programs from one package");
  }
  if (!is_known(type) || length > kFramePayloadMax || fds > kFrameFdsMax) {
    return base::corrupt("a frame of type " + std::to_string(type) + " with " +
                         std::to_string(length) + " bytes and " + std::to_string(fds) +
                         " descriptors cannot be");
  }
  return FrameHeader{static_cast<FrameType>(type), length, fds};
}

base::Result<FrameReader::Progress> FrameReader::read_some(char* into, std::size_t bytes,
                                                           std::size_t& got) {
  got = 0;
  iovec part{into, bytes};
  alignas(cmsghdr) std::array<char, kControlBytes> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t received = ::recvmsg(socket_, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (received < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
      return Progress::kNeedsMore;
    }
    if (errno == ECONNRESET) {
      return Progress::kClosed;
    }
    return base::from_errno(errno, "receive from the worker's socket");
  }
  if (!collect_fds(message, frame_.fds)) {
    return base::corrupt("passed descriptors were lost: too many are open");
  }
  got = static_cast<std::size_t>(received);
  return received == 0 ? Progress::kClosed : Progress::kNeedsMore;
}

base::Status FrameReader::begin_payload() {
  auto header = parse_frame_header(header_);
  if (!header) {
    return std::move(header).error();
  }
  frame_.type = header->type;
  frame_.payload.clear();
  payload_bytes_ = header->payload_bytes;
  fds_expected_ = header->fds;
  return {};
}

base::Result<FrameReader::Progress> FrameReader::step() {
  while (true) {
    if (header_.size() == kFrameHeaderBytes && frame_.payload.size() == payload_bytes_) {
      if (frame_.fds.size() != fds_expected_) {
        return base::corrupt("a frame announced " + std::to_string(fds_expected_) +
                             " descriptors and came with " + std::to_string(frame_.fds.size()));
      }
      return Progress::kFrame;
    }
    const bool in_header = header_.size() < kFrameHeaderBytes;
    std::string& into = in_header ? header_ : frame_.payload;
    const std::size_t have = into.size();
    const std::size_t wanted = (in_header ? kFrameHeaderBytes : payload_bytes_) - have;
    // The buffer follows what has come, so an announced length alone costs no memory.
    into.resize(have + std::min(wanted, std::max(kReadChunkBytes, have)));
    std::size_t got = 0;
    auto progress = read_some(into.data() + have, into.size() - have, got);
    into.resize(have + got);
    if (!progress) {
      return std::move(progress).error();
    }
    if (*progress == Progress::kClosed) {
      if (header_.empty()) {
        return Progress::kClosed;
      }
      return base::unavailable("the other process went away in the middle of a message");
    }
    if (got == 0) {
      return Progress::kNeedsMore;
    }
    if (in_header && header_.size() == kFrameHeaderBytes) {
      SLUICE_RETURN_IF_ERROR(begin_payload());
    }
  }
}

Frame FrameReader::take() {
  header_.clear();
  return std::exchange(frame_, Frame());
}

std::string encode_error(const base::Error& error) {
  std::string bytes(1, static_cast<char>(error.kind));
  return bytes + error.message;
}

std::optional<base::Error> decode_error(std::string_view bytes) {
  if (bytes.empty() ||
      static_cast<std::uint8_t>(bytes[0]) > static_cast<std::uint8_t>(base::ErrorKind::kInternal)) {
    return std::nullopt;
  }
  return base::Error{static_cast<base::ErrorKind>(bytes[0]), std::string(bytes.substr(1))};
}

}  // namespace sluice::worker
