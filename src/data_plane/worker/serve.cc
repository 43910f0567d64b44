#include "sluice/worker/serve.h"

#include <malloc.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "sluice/job/codec.h"
#include "sluice/job/progress.h"
#include "sluice/worker/frame.h"
#include "sluice/worker/internal/data_limit.h"
#include "sluice/worker/internal/proc.h"
#include "sluice/worker/internal/usage_meter.h"

namespace sluice::worker {
namespace {

constexpr int kProgressEveryMs = 200;

/// Waits until one can be read, or `timeout_ms` (-1: as long as it takes) are over: then false.
base::Result<bool> wait_readable(std::span<pollfd> fds, int timeout_ms) {
  while (true) {
    const int ready = ::poll(fds.data(), fds.size(), timeout_ms);
    if (ready >= 0) {
      return ready > 0;
    }
    if (errno != EINTR) {
      return base::from_errno(errno, "wait for the front");
    }
  }
}

/// Says whether a small frame can be sent without waiting for the front.
bool has_room(int socket) {
  pollfd writable{socket, POLLOUT, 0};
  return ::poll(&writable, 1, 0) == 1 && (writable.revents & POLLOUT) != 0;
}

job::Progress moved_bytes() {
  return {internal::proc_self_number("io", "rchar").value_or(0),
          internal::proc_self_number("io", "wchar").value_or(0)};
}

base::Result<job::Answer> run_guarded(const Executors& executors, const job::Request& request,
                                      JobContext& context) {
  auto limit = internal::DataLimit::set(context.limits);
  if (!limit) {
    return std::move(limit).error();
  }
  try {
    return executors.run(request.job, context);
  } catch (const std::bad_alloc&) {
    return base::exhausted("the job needed more memory than its grant of " +
                           std::to_string(context.limits.memory_bytes) + " bytes");
  } catch (const std::system_error& problem) {
    // A thread whose stack does not fit the data limit.
    return problem.code() == std::errc::resource_unavailable_try_again
               ? base::exhausted("the job could not start a thread within its memory grant")
               : base::internal_error(std::string("the job threw: ") + problem.what());
  } catch (const std::exception& problem) {
    return base::internal_error(std::string("the job threw: ") + problem.what());
  }
}

/// Runs one request and answers it; the job's whole life on its own thread.
class JobRun {
 public:
  JobRun(int socket, const Executors& executors, job::Request request, std::vector<UniqueFd> fds,
         bool warm)
      : socket_(socket),
        executors_(executors),
        request_(std::move(request)),
        fds_(std::move(fds)),
        warm_(warm),
        before_(moved_bytes()) {}

  base::Status operator()(std::stop_token stop) {
    internal::UsageMeter meter;
    JobContext context{request_.limits, stop, {}, std::move(fds_)};
    context.sink = [this, stop](data::Batch batch) { return send_batch(batch, stop); };
    auto answer = run_guarded(executors_, request_, context);
    job::Usage usage = meter.stop();
    usage.warm = warm_;
    context.fds.clear();
    const std::lock_guard lock(sending_);
    answering_ = true;
    // The grant ends with the answer, so what the job left must be given back before it.
    request_ = job::Request{};
    ::malloc_trim(0);
    if (!answer) {
      return send_frame(socket_, FrameType::kFailed, encode_error(answer.error()));
    }
    return send_answer(job::Response{std::move(answer).value(), usage});
  }

  /// Says whether the job is over and only its answer remains. Any thread.
  bool answering() const { return answering_; }

  /// Tells the front how far the job is, unless its own thread talks to it or the front is behind.
  /// Not for the job's thread.
  void tell_progress() {
    const std::unique_lock lock(sending_, std::try_to_lock);
    if (!lock.owns_lock() || answering_ || !has_room(socket_)) {
      return;
    }
    const job::Progress now = moved_bytes();
    const job::Progress progress{now.read_bytes - before_.read_bytes,
                                 now.written_bytes - before_.written_bytes};
    // That the front is gone is found where it is listened to.
    (void)send_frame(socket_, FrameType::kProgress, job::encode(progress)).ok();
  }

 private:
  base::Status send_batch(const data::Batch& batch, const std::stop_token& stop) {
    if (stop.stop_requested()) {
      return base::cancelled("the front asked to stop");
    }
    const std::lock_guard lock(sending_);
    return send_frame(socket_, FrameType::kBatch, job::encode(batch));
  }

  base::Status send_answer(const job::Response& response) {
    auto sent = send_frame(socket_, FrameType::kDone, job::encode(response));
    if (!sent && sent.error().kind == base::ErrorKind::kExhausted) {
      return send_frame(socket_, FrameType::kFailed, encode_error(sent.error()));
    }
    return sent;
  }

  int socket_;
  const Executors& executors_;
  job::Request request_;
  std::vector<UniqueFd> fds_;
  bool warm_;
  const job::Progress before_;  // of the process, when the job began
  std::mutex sending_;
  std::atomic<bool> answering_{false};
};

/// The serving thread's half: reads what the front says, while a job runs and while none does.
class Server {
 public:
  Server(UniqueFd socket, const Executors& executors)
      : socket_(std::move(socket)), executors_(executors), reader_(socket_.get()) {}

  base::Status run() {
    while (true) {
      Frame frame;
      if (next_) {
        frame = *std::exchange(next_, std::nullopt);
      } else {
        pollfd readable{socket_.get(), POLLIN, 0};
        SLUICE_RETURN_IF_ERROR(wait_readable({&readable, 1}, -1));
        FrameReader::Progress progress;
        SLUICE_ASSIGN_OR_RETURN(progress, reader_.step());
        if (progress == FrameReader::Progress::kClosed) {
          return {};
        }
        if (progress == FrameReader::Progress::kNeedsMore) {
          continue;
        }
        frame = reader_.take();
      }
      // A cancel that crossed the answer on its way is late, not wrong.
      if (frame.type == FrameType::kRun) {
        SLUICE_RETURN_IF_ERROR(serve_job(std::move(frame)));
        warm_ = true;
      } else if (frame.type != FrameType::kCancel) {
        return base::corrupt("the front sent a frame that only workers send");
      }
    }
  }

 private:
  base::Status serve_job(Frame frame) {
    auto request = job::decode_request(frame.payload);
    frame.payload = std::string();
    if (!request) {
      return send_frame(socket_.get(), FrameType::kFailed, encode_error(request.error()));
    }
    const UniqueFd ended(::eventfd(0, EFD_CLOEXEC));
    if (!ended.valid()) {
      return base::from_errno(errno, "make an eventfd");
    }
    JobRun job_run(socket_.get(), executors_, std::move(request).value(), std::move(frame.fds),
                   warm_);
    std::stop_source stop;
    base::Status outcome;
    base::Status attended;
    {
      std::jthread thread([&] {
        outcome = job_run(stop.get_token());
        ::eventfd_write(ended.get(), 1);
      });
      attended = attend(job_run, ended.get(), stop);
      if (!attended) {
        stop.request_stop();
      }
    }
    return attended ? outcome : attended;
  }

  // Waits for the end of a job, listening for a cancel meanwhile.
  base::Status attend(JobRun& job_run, int ended_fd, std::stop_source& stop) {
    bool closed = false;
    while (true) {
      std::array<pollfd, 2> fds = {pollfd{ended_fd, POLLIN, 0}, pollfd{socket_.get(), POLLIN, 0}};
      SLUICE_ASSIGN_OR_RETURN(
          const bool ready,
          wait_readable({fds.data(), next_ || closed ? 1U : 2U}, closed ? -1 : kProgressEveryMs));
      if (!ready) {
        job_run.tell_progress();
        continue;
      }
      if (fds[0].revents != 0) {
        return {};
      }
      auto progress = reader_.step();
      if (!progress || *progress == FrameReader::Progress::kClosed) {
        // Nobody will read the answer, and a job that does not listen must not keep the process.
        if (!job_run.answering()) {
          std::_Exit(EXIT_FAILURE);
        }
        closed = true;
        continue;
      }
      if (*progress == FrameReader::Progress::kFrame) {
        Frame frame = reader_.take();
        if (frame.type == FrameType::kCancel) {
          stop.request_stop();
        } else {
          // The front has the answer already, and this thread does not know it yet.
          next_ = std::move(frame);
        }
      }
    }
  }

  UniqueFd socket_;
  const Executors& executors_;
  FrameReader reader_;
  std::optional<Frame> next_;
  bool warm_ = false;
};

}  // namespace

base::Result<job::Answer> Executors::run(const job::Job& job, JobContext& context) const {
  const Run& run = runs_.at(job.index());
  if (!run) {
    return base::unsupported("this worker has no executor for jobs of kind " +
                             std::to_string(job.index()));
  }
  return run(job, context);
}

base::Status serve(UniqueFd socket, const Executors& executors) {
  return Server(std::move(socket), executors).run();
}

}  // namespace sluice::worker
