#include "sluice/worker/pool.h"

#include <utility>

#include "sluice/job/codec.h"
#include "sluice/worker/frame.h"
#include "sluice/worker/internal/conversation.h"
#include "sluice/worker/internal/slots.h"

namespace sluice::worker {
namespace {

using internal::TalkEnd;
using internal::TalkOutcome;

const char* job_name(const job::Job& job) {
  static constexpr const char* kNames[] = {"parse", "describe", "stage",  "decode",
                                           "query", "check",    "footer", "export",
                                           "infer", "extract",  "deliver"};
  static_assert(std::size(kNames) == std::variant_size_v<job::Job>);
  return kNames[job.index()];
}

// The slot keeps its worker only after an answer; whatever else happened, what the job left behind
// in the process is unknown.
base::Result<job::Response> conclude(internal::Slots& slots, internal::SlotNumber slot,
                                     const job::Request& request, TalkOutcome outcome) {
  switch (outcome.end) {
    case TalkEnd::kDone:
      slots.release(slot);
      return std::move(*outcome.response);
    case TalkEnd::kFailed:
    case TalkEnd::kStopped:
    case TalkEnd::kGarbled:
      slots.end(slot);
      return std::move(outcome.error);
    case TalkEnd::kDied:
      break;
  }
  const internal::Death death = slots.end_dead(slot);
  const std::string what = "worker " + std::to_string(death.pid) + ", running a " +
                           job_name(request.job) + " job, " + death.text;
  return death.over_grant ? base::exhausted(what + ": raise its memory or give it less to do")
                          : base::unavailable(what);
}

}  // namespace

class Pool::Impl {
 public:
  explicit Impl(PoolOptions options) : options_(options), slots_(std::move(options)) {}

  base::Result<job::Response> run(const job::Request& request, const BatchSink& sink,
                                  std::stop_token stop, std::span<const int> fds,
                                  const ProgressSink& progress) {
    const std::string bytes = job::encode(request);
    if (bytes.size() > kFramePayloadMax || fds.size() > kFrameFdsMax) {
      return base::exhausted("a " + std::string(job_name(request.job)) + " job of " +
                             std::to_string(bytes.size()) +
                             " bytes is over what can be sent to a worker");
    }
    internal::SlotNumber slot = 0;
    SLUICE_ASSIGN_OR_RETURN(slot, slots_.take(request.limits.memory_bytes, stop));
    internal::Conversation conversation(
        slots_.socket(slot), sink, progress,
        {std::chrono::milliseconds(request.limits.timeout_ms), options_.cancel_grace});
    auto outcome = conversation.hold(bytes, fds, stop, [&] { slots_.mark_cancelling(slot); });
    return conclude(slots_, slot, request, std::move(outcome));
  }

  std::vector<WorkerInfo> workers() const { return slots_.list(); }

 private:
  const PoolOptions options_;
  internal::Slots slots_;
};

Pool::Pool(PoolOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Pool::~Pool() = default;

base::Result<job::Response> Pool::run(const job::Request& request, const BatchSink& sink,
                                      std::stop_token stop, std::span<const int> fds,
                                      const ProgressSink& progress) {
  return impl_->run(request, sink, std::move(stop), fds, progress);
}

std::vector<WorkerInfo> Pool::workers() const { return impl_->workers(); }

}  // namespace sluice::worker
