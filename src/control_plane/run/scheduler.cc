#include "sluice/run/scheduler.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "sluice/base/bounded_queue.h"
#include "sluice/base/executor.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;

struct Completion {
  std::size_t index;
  Result<job::Response> answer;
};

/// A stage that waits for room.
struct Waiting {
  std::size_t index;
  Stage stage;
};

/// One drive() in progress. All members but the queue belong to the scheduling thread.
class Drive {
 public:
  Drive(engine::Engine& engine, Capacity capacity, const RunListener& listener,
        const ProgressListener& progress, std::vector<ScheduledRun>& runs, std::stop_token stop,
        int& jobs_waiting)
      : jobs_waiting_(jobs_waiting),
        engine_(engine),
        capacity_(capacity),
        listener_(listener),
        progress_(progress),
        runs_(runs),
        stop_(std::move(stop)),
        begun_(runs.size(), false),
        completions_(std::max<std::size_t>(1, runs.size())),
        executor_(static_cast<std::size_t>(std::max(1, capacity.threads)), runs.size() + 1) {}

  Status run() {
    while (true) {
      SLUICE_RETURN_IF_ERROR(begin_ready_runs());
      start_waiting_stages();
      if (running_ == 0) {
        break;
      }
      auto completion = completions_.pop();
      if (!completion) {
        return base::internal_error("the queue of finished stages was closed");
      }
      SLUICE_RETURN_IF_ERROR(finish(std::move(*completion)));
    }
    if (stop_.stop_requested()) {
      return base::cancelled("stopped before all tables were up to date");
    }
    return {};
  }

 private:
  /// Begins every run whose upstream has ended, until no more follows from it.
  Status begin_ready_runs() {
    while (true) {
      std::vector<std::size_t> ready;
      for (std::size_t i = 0; i < runs_.size(); ++i) {
        if (!begun_[i] && upstream_ended(i)) {
          ready.push_back(i);
        }
      }
      if (ready.empty()) {
        return {};
      }
      for (std::size_t k = 0; k < ready.size(); ++k) {
        begun_[ready[k]] = true;
        jobs_waiting_ = static_cast<int>(waiting_.size() + ready.size() - k - 1);
        SLUICE_RETURN_IF_ERROR(begin(ready[k]));
      }
    }
  }

  bool upstream_ended(std::size_t index) const {
    const auto ended = [&](std::size_t up) {
      return is_final(runs_[up].run->summary().state) && !active_.contains(up);
    };
    const ScheduledRun& run = runs_[index];
    return std::all_of(run.upstream.begin(), run.upstream.end(), ended) &&
           std::all_of(run.after.begin(), run.after.end(), ended);
  }

  Status begin(std::size_t index) {
    TableRun& run = *runs_[index].run;
    if (stop_.stop_requested()) {
      SLUICE_RETURN_IF_ERROR(run.skip(RunEvent::kCancel, "stopped"));
      tell(index, nullptr);
      return {};
    }
    for (const std::size_t up : runs_[index].upstream) {
      const RunSummary& upstream = runs_[up].run->summary();
      if (!is_up_to_date(upstream.state)) {
        SLUICE_RETURN_IF_ERROR(
            run.skip(RunEvent::kUpstreamFailed,
                     fmt::format("{} is {}", upstream.table, to_text(upstream.state))));
        tell(index, nullptr);
        return {};
      }
    }
    return go_on(index, std::nullopt);
  }

  Status go_on(std::size_t index, std::optional<Result<job::Response>> answer) {
    SLUICE_ASSIGN_OR_RETURN(auto stage, runs_[index].run->advance(std::move(answer)));
    if (stage) {
      active_.insert(index);
      waiting_.push_back({index, std::move(*stage)});
    } else {
      active_.erase(index);
      tell(index, nullptr);
    }
    return {};
  }

  Status finish(Completion completion) {
    --running_;
    jobs_waiting_ = static_cast<int>(waiting_.size());
    threads_used_ -= grants_[completion.index].threads;
    memory_used_ -= grants_[completion.index].memory_bytes;
    return go_on(completion.index, std::move(completion.answer));
  }

  /// Starts stages in the order asked, each when its grant fits beside those that run.
  void start_waiting_stages() {
    for (auto next = waiting_.begin(); next != waiting_.end();) {
      const job::Limits& limits = next->stage.request.limits;
      const bool fits = threads_used_ + limits.threads <= capacity_.threads &&
                        memory_used_ + limits.memory_bytes <= capacity_.memory_bytes;
      if (!fits && running_ > 0) {
        ++next;
        continue;
      }
      start(std::move(*next));
      next = waiting_.erase(next);
    }
  }

  void start(Waiting waiting) {
    const std::size_t index = waiting.index;
    const job::Limits& limits = waiting.stage.request.limits;
    grants_[index] = {limits.threads, limits.memory_bytes};
    threads_used_ += limits.threads;
    memory_used_ += limits.memory_bytes;
    ++running_;
    tell(index, &waiting.stage);
    const auto submitted = executor_.submit([this, index, table = runs_[index].run->summary().table,
                                             stage = std::move(waiting.stage)](std::stop_token) {
      auto answer = execute(stage, table);
      // The queue has room for every run, so this neither waits nor fails.
      [[maybe_unused]] const auto pushed = completions_.push({index, std::move(answer)});
    });
    SLUICE_CHECK(submitted.ok(), "the executor lives as long as the drive");
  }

  Result<job::Response> execute(const Stage& stage, const std::string& table) {
    if (!stage.task && progress_) {
      return engine_.execute_watched(
          stage.request, {}, [&](const job::Progress& progress) { progress_(table, progress); },
          stop_);
    }
    if (!stage.task) {
      return engine_.execute(stage.request, {}, stop_);
    }
    const Status done = stage.task(stop_);
    return done ? Result<job::Response>(job::Response{}) : Result<job::Response>(done.error());
  }

  void tell(std::size_t index, const Stage* stage) {
    if (listener_) {
      listener_(runs_[index].run->summary(), stage);
    }
  }

  int& jobs_waiting_;
  engine::Engine& engine_;
  const Capacity capacity_;
  const RunListener& listener_;
  const ProgressListener& progress_;
  std::vector<ScheduledRun>& runs_;
  const std::stop_token stop_;
  std::vector<bool> begun_;
  std::set<std::size_t> active_;
  std::map<std::size_t, Capacity> grants_;
  std::deque<Waiting> waiting_;
  int running_ = 0;
  int threads_used_ = 0;
  std::int64_t memory_used_ = 0;
  base::BoundedQueue<Completion> completions_;
  base::Executor executor_;
};

}  // namespace

Scheduler::Scheduler(engine::Engine& engine, Capacity capacity, RunListener listener,
                     ProgressListener progress)
    : engine_(engine),
      capacity_(capacity),
      listener_(std::move(listener)),
      progress_(std::move(progress)) {}

Status Scheduler::drive(std::vector<ScheduledRun>& runs, std::stop_token stop) {
  return Drive(engine_, capacity_, listener_, progress_, runs, std::move(stop), jobs_waiting_)
      .run();
}

}  // namespace sluice::run
