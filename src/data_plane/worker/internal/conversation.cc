#include "sluice/worker/internal/conversation.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "sluice/job/codec.h"

namespace sluice::worker::internal {
namespace {

TalkOutcome garbled(base::Error error) {
  return {TalkEnd::kGarbled, std::nullopt, std::move(error)};
}

}  // namespace

TalkOutcome Conversation::hold(const std::string& request, std::span<const int> fds,
                               std::stop_token stop, const std::function<void()>& on_cancel) {
  on_cancel_ = on_cancel;
  stop_fd_ = UniqueFd(::eventfd(0, EFD_CLOEXEC));
  if (!stop_fd_.valid()) {
    return garbled(base::from_errno(errno, "make an eventfd"));
  }
  const std::stop_callback wake(stop, [this] { ::eventfd_write(stop_fd_.get(), 1); });
  if (options_.timeout.count() > 0) {
    deadline_ = std::chrono::steady_clock::now() + options_.timeout;
  }
  if (auto sent = send_frame(socket_, FrameType::kRun, request, fds, stop_fd_.get()); !sent) {
    if (sent.error().kind == base::ErrorKind::kCancelled) {
      return {TalkEnd::kStopped, std::nullopt, base::cancelled("asked to stop")};
    }
    return sent.error().kind == base::ErrorKind::kUnavailable
               ? TalkOutcome{TalkEnd::kDied, std::nullopt, sent.error()}
               : garbled(sent.error());
  }
  while (true) {
    if (auto outcome = wait()) {
      return std::move(*outcome);
    }
  }
}

std::optional<TalkOutcome> Conversation::wait() {
  int wait_ms = -1;
  if (deadline_) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(*deadline_ - std::chrono::steady_clock::now());
    wait_ms = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
  }
  std::array<pollfd, 2> fds = {pollfd{socket_, POLLIN, 0}, pollfd{stop_fd_.get(), POLLIN, 0}};
  const int count = ::poll(fds.data(), stopped_by_ ? 1 : 2, wait_ms);
  if (count < 0 && errno != EINTR) {
    return garbled(base::from_errno(errno, "wait for a worker"));
  }
  if (!stopped_by_ && fds[1].revents != 0) {
    cancel(base::cancelled("asked to stop"));
    return std::nullopt;
  }
  if (deadline_ && std::chrono::steady_clock::now() >= *deadline_) {
    if (stopped_by_) {
      return TalkOutcome{TalkEnd::kStopped, std::nullopt, *stopped_by_};
    }
    cancel({base::ErrorKind::kTimeout,
            "the job did not end within " + std::to_string(options_.timeout.count()) + " ms"});
    return std::nullopt;
  }
  return count > 0 && fds[0].revents != 0 ? read_frames() : std::nullopt;
}

std::optional<TalkOutcome> Conversation::read_frames() {
  auto progress = reader_.step();
  if (!progress) {
    return progress.error().kind == base::ErrorKind::kUnavailable
               ? TalkOutcome{TalkEnd::kDied, std::nullopt, progress.error()}
               : garbled(progress.error());
  }
  switch (*progress) {
    case FrameReader::Progress::kNeedsMore:
      return std::nullopt;
    case FrameReader::Progress::kClosed:
      return TalkOutcome{TalkEnd::kDied, std::nullopt, {}};
    case FrameReader::Progress::kFrame:
      return take(reader_.take());
  }
  return std::nullopt;
}

std::optional<TalkOutcome> Conversation::take(Frame frame) {
  const bool ends = frame.type == FrameType::kDone || frame.type == FrameType::kFailed;
  if (stopped_by_) {
    return ends ? std::optional(TalkOutcome{TalkEnd::kStopped, std::nullopt, *stopped_by_})
                : std::nullopt;
  }
  if (frame.type == FrameType::kBatch) {
    auto batch = job::decode_batch(frame.payload);
    if (!batch) {
      return garbled(batch.error());
    }
    auto taken = sink_ ? sink_(std::move(batch).value())
                       : base::internal_error("a job yielded rows that nobody asked for");
    if (!taken) {
      cancel(taken.error());
    }
    return std::nullopt;
  }
  if (frame.type == FrameType::kProgress) {
    const auto progress = job::decode_progress(frame.payload);
    if (!progress) {
      return garbled(progress.error());
    }
    if (progress_) {
      progress_(*progress);
    }
    return std::nullopt;
  }
  if (frame.type == FrameType::kDone) {
    auto response = job::decode_response(frame.payload);
    if (!response) {
      return garbled(response.error());
    }
    return TalkOutcome{TalkEnd::kDone, std::move(response).value(), {}};
  }
  if (frame.type == FrameType::kFailed) {
    auto error = decode_error(frame.payload);
    return error ? TalkOutcome{TalkEnd::kFailed, std::nullopt, *std::move(error)}
                 : garbled(base::corrupt("a worker sent a damaged error"));
  }
  return garbled(base::corrupt("a worker sent a frame that only the front sends"));
}

void Conversation::cancel(base::Error reason) {
  on_cancel_();
  stopped_by_ = std::move(reason);
  deadline_ = std::chrono::steady_clock::now() + options_.cancel_grace;
  // Signalled, it keeps the send below from waiting for a worker that does not read.
  ::eventfd_write(stop_fd_.get(), 1);
  (void)send_frame(socket_, FrameType::kCancel, {}, {}, stop_fd_.get()).ok();
}

}  // namespace sluice::worker::internal
