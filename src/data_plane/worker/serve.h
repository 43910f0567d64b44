#pragma once

#include <array>
#include <functional>
#include <stop_token>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/job/request.h"
#include "sluice/worker/batch_sink.h"
#include "sluice/worker/unique_fd.h"

namespace sluice::worker {

/// What a job gets beside its own values. `sink` hands a batch to the front and waits while the
/// front is behind; it answers kCancelled once the job should stop.
struct JobContext {
  const job::Limits& limits;
  std::stop_token stop;
  BatchSink sink;
  std::vector<UniqueFd> fds;
};

/// Says which function runs which kind of job. Functions may throw std::bad_alloc (kExhausted).
class Executors {
 public:
  using Run = std::function<base::Result<job::Answer>(const job::Job&, JobContext&)>;

  /// Registers `run` (`Result<SomeAnswer>(const SomeJob&, JobContext&)`) for jobs of type SomeJob.
  template <class SomeJob, class Function>
  void add(Function run) {
    runs_[job::Job(SomeJob{}).index()] = [run = std::move(run)](
                                             const job::Job& job,
                                             JobContext& context) -> base::Result<job::Answer> {
      auto answer = run(std::get<SomeJob>(job), context);
      if (!answer) {
        return std::move(answer).error();
      }
      return job::Answer(std::move(answer).value());
    };
  }

  /// Runs the job's function on this thread. kUnsupported when there is none.
  base::Result<job::Answer> run(const job::Job& job, JobContext& context) const;

 private:
  std::array<Run, std::variant_size_v<job::Job>> runs_;
};

/// Serves one front over a stream socket, one job at a time, until the front closes it: the
/// worker's whole life. Each job runs on a thread of its own while this one listens for a cancel.
/// Limits the process's data segment to the grant during a job and trims the heap after it.
base::Status serve(UniqueFd socket, const Executors& executors);

}  // namespace sluice::worker
