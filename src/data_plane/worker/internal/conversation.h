#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "sluice/base/result.h"
#include "sluice/job/request.h"
#include "sluice/worker/batch_sink.h"
#include "sluice/worker/frame.h"
#include "sluice/worker/unique_fd.h"

namespace sluice::worker::internal {

/// How a talk with a worker about one job ended.
enum class TalkEnd : std::uint8_t {
  kDone,     // it answered
  kFailed,   // it answered with an error
  kStopped,  // we wanted it to end, and it answered or had its grace
  kDied,     // its end of the socket closed
  kGarbled,  // it sent what cannot be
};

struct TalkOutcome {
  TalkEnd end = TalkEnd::kDied;
  std::optional<job::Response> response;  // kDone
  base::Error error;                      // kFailed, kStopped, kGarbled
};

struct TalkOptions {
  std::chrono::milliseconds timeout{0};  // 0: none
  std::chrono::milliseconds cancel_grace{1'000};
};

/// The front's half of one job: sends the request, hands batches to the sink, passes a stop
/// request, a timeout or the sink's refusal on as a cancel. Used on one thread, once.
class Conversation {
 public:
  Conversation(int socket, const BatchSink& sink, const ProgressSink& progress, TalkOptions options)
      : socket_(socket), sink_(sink), progress_(progress), options_(options), reader_(socket) {}

  /// `on_cancel` is called once, before the cancel is sent.
  TalkOutcome hold(const std::string& request, std::span<const int> fds, std::stop_token stop,
                   const std::function<void()>& on_cancel);

 private:
  using Time = std::chrono::steady_clock::time_point;

  std::optional<TalkOutcome> wait();
  std::optional<TalkOutcome> read_frames();
  std::optional<TalkOutcome> take(Frame frame);
  void cancel(base::Error reason);

  int socket_;
  const BatchSink& sink_;
  const ProgressSink& progress_;
  TalkOptions options_;
  FrameReader reader_;
  UniqueFd stop_fd_;
  std::function<void()> on_cancel_;
  std::optional<Time> deadline_;           // of the job; once cancelled, of the grace
  std::optional<base::Error> stopped_by_;  // set once a cancel was sent
};

}  // namespace sluice::worker::internal
