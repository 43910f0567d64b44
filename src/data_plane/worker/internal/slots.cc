#include "sluice/worker/internal/slots.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "sluice/base/check.h"
#include "sluice/base/text.h"
#include "sluice/worker/internal/proc.h"

namespace sluice::worker::internal {
namespace {

using std::chrono::milliseconds;

// A process that closed its socket is on its way out: the kernel frees its memory meanwhile.
constexpr milliseconds kDeathGrace{1'000};

PoolOptions with_defaults(PoolOptions options) {
  if (options.program.empty()) {
    std::error_code ignored;
    options.program =
        std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path() / "sluice-worker";
  }
  options.environment.insert(options.environment.begin(), {"TZ=UTC", "LC_ALL=C.UTF-8"});
  options.workers_max = std::max<std::size_t>(1, options.workers_max);
  return options;
}

// A worker without a job has nothing to say: anything to read is the end of its stream.
bool is_silent(int socket) {
  pollfd readable{socket, POLLIN, 0};
  return ::poll(&readable, 1, 0) == 0;
}

}  // namespace

Slots::Slots(PoolOptions options)
    : options_(with_defaults(std::move(options))),
      slots_(options_.workers_max),
      spawner_(options_.program, options_.environment),
      wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      watcher_([this](std::stop_token stop) { watch(stop); }) {
  SLUICE_CHECK(wake_fd_.valid(), "no eventfd for the pool");
}

Slots::~Slots() {
  watcher_.request_stop();
  wake_watcher();
  watcher_.join();
  end_idle(true);
  for (const Slot& slot : slots_) {
    SLUICE_CHECK(slot.state == SlotState::kDead, "a pool was destroyed while a job ran");
  }
}

void Slots::apply(Slot& slot, SlotEvent event) {
  auto next = transition(slot.state, event);
  SLUICE_CHECK(next.ok(), next.ok() ? "" : next.error().message.c_str());
  slot.state = *next;
}

// The idle worker used last, so that the others may grow old; else a place without one.
std::optional<SlotNumber> Slots::free_slot() const {
  std::optional<SlotNumber> best;
  for (SlotNumber i = 0; i < slots_.size(); ++i) {
    const Slot& slot = slots_[i];
    const bool better_idle =
        slot.state == SlotState::kIdle && (!best || slots_[*best].state == SlotState::kDead ||
                                           slots_[*best].idle_since < slot.idle_since);
    if (better_idle || (slot.state == SlotState::kDead && !best)) {
      best = i;
    }
  }
  return best;
}

base::Result<SlotNumber> Slots::wait_in_line(const std::stop_token& stop,
                                             std::unique_lock<std::mutex>& lock) {
  const bool must_wait = !line_.empty() || !free_slot();
  if (must_wait && line_.size() >= options_.waiting_max) {
    return base::exhausted("all workers are busy and " + std::to_string(line_.size()) +
                           " callers wait already");
  }
  const std::uint64_t ticket = next_ticket_++;
  line_.push_back(ticket);
  std::optional<SlotNumber> slot;
  freed_.wait(lock, stop, [&] {
    slot = line_.front() == ticket ? free_slot() : std::nullopt;
    return slot.has_value();
  });
  line_.erase(std::find(line_.begin(), line_.end(), ticket));
  freed_.notify_all();
  if (!slot || stop.stop_requested()) {
    return base::cancelled("asked to stop while waiting for a worker");
  }
  return *slot;
}

base::Result<SlotNumber> Slots::take(std::int64_t grant_bytes, const std::stop_token& stop) {
  SlotNumber number = 0;
  {
    std::unique_lock lock(mutex_);
    SLUICE_ASSIGN_OR_RETURN(number, wait_in_line(stop, lock));
    Slot& slot = slots_[number];
    if (slot.state == SlotState::kDead) {
      apply(slot, SlotEvent::kStart);
    } else {
      apply(slot, SlotEvent::kTake);
      begin_job(slot, grant_bytes);
    }
  }
  // The slot is this caller's from here on.
  if (slots_[number].state == SlotState::kBusy) {
    if (is_silent(socket(number))) {
      wake_watcher();
      return number;
    }
    reap(number, After::kStartAnother);
  }
  SLUICE_RETURN_IF_ERROR(start_worker(number, grant_bytes));
  wake_watcher();
  return number;
}

base::Status Slots::start_worker(SlotNumber number, std::int64_t grant_bytes) {
  auto child = spawner_.spawn();
  const std::lock_guard lock(mutex_);
  Slot& slot = slots_[number];
  if (!child) {
    apply(slot, SlotEvent::kStartFailed);
    freed_.notify_all();
    return std::move(child).error();
  }
  slot.child = std::move(child).value();
  slot.jobs = 0;
  apply(slot, SlotEvent::kStarted);
  begin_job(slot, grant_bytes);
  return {};
}

void Slots::begin_job(Slot& slot, std::int64_t grant_bytes) {
  ++slot.turn;
  ++slot.jobs;
  slot.grant_bytes = grant_bytes;
  slot.sampled_bytes = 0;
  slot.killed_for_memory = false;
}

void Slots::mark_cancelling(SlotNumber number) {
  const std::lock_guard lock(mutex_);
  apply(slots_[number], SlotEvent::kCancel);
}

void Slots::release(SlotNumber number) {
  bool kept = false;
  const auto memory = memory_of(slots_[number].child.pid);
  {
    const std::lock_guard lock(mutex_);
    Slot& slot = slots_[number];
    // Killed in the moment in which it answered: the answer counts, the worker is gone. What one
    // that did not give its memory back still holds would count against the next grant.
    kept = slot.jobs < options_.jobs_per_worker && !slot.killed_for_memory && memory &&
           memory->anonymous <= options_.base_bytes;
    if (kept) {
      apply(slot, SlotEvent::kRelease);
      slot.idle_since = Clock::now();
      freed_.notify_all();
    }
  }
  if (kept) {
    wake_watcher();
  } else {
    end(number);
  }
}

void Slots::end(SlotNumber number) { reap(number, After::kFree); }

ChildExit Slots::reap(SlotNumber number, After after) {
  pid_t pid = 0;
  UniqueFd socket;
  {
    const std::lock_guard lock(mutex_);
    Slot& slot = slots_[number];
    if (slot.state != SlotState::kEnding) {
      apply(slot, SlotEvent::kEnd);
    }
    pid = slot.child.pid;
    socket = std::move(slot.child.socket);
  }
  const ChildExit exit = kill_and_reap(pid);
  socket.reset();
  const std::lock_guard lock(mutex_);
  Slot& slot = slots_[number];
  slot.child.pid = 0;
  apply(slot, SlotEvent::kReaped);
  if (after == After::kStartAnother) {
    apply(slot, SlotEvent::kStart);
  } else {
    freed_.notify_all();
  }
  return exit;
}

Death Slots::end_dead(SlotNumber number) {
  Death death;
  death.pid = slots_[number].child.pid;
  wait_for_end(death.pid, kDeathGrace);
  std::int64_t grant = 0;
  std::int64_t seen = 0;
  bool killed_for_memory = false;
  {
    const std::lock_guard lock(mutex_);
    Slot& slot = slots_[number];
    apply(slot, SlotEvent::kEnd);
    grant = slot.grant_bytes;
    seen = slot.sampled_bytes;
    killed_for_memory = slot.killed_for_memory;
  }
  const ChildExit exit = reap(number, After::kFree);
  // A SIGKILL that we did not send, over the grant, is the kernel's out-of-memory killer.
  death.over_grant =
      killed_for_memory || (exit.by_signal && exit.number == SIGKILL && seen > grant);
  death.text = to_text(exit) + (killed_for_memory ? " for going over its grant" : "") +
               "; it held " + base::format_bytes(static_cast<std::uint64_t>(seen)) +
               " when last looked at, its grant is " +
               base::format_bytes(static_cast<std::uint64_t>(grant));
  return death;
}

std::vector<WorkerInfo> Slots::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<WorkerInfo> workers;
  for (const Slot& slot : slots_) {
    if (slot.child.pid != 0) {
      workers.push_back({slot.child.pid, slot.state, slot.jobs, slot.sampled_bytes});
    }
  }
  return workers;
}

void Slots::wake_watcher() { ::eventfd_write(wake_fd_.get(), 1); }

void Slots::watch(std::stop_token stop) {
  while (!stop.stop_requested()) {
    std::vector<pollfd> fds = {{wake_fd_.get(), POLLIN, 0}};
    int wait_ms = -1;
    {
      const std::lock_guard lock(mutex_);
      wait_ms = wait_ms_until_next_look();
      for (const Slot& slot : slots_) {
        if (slot.state == SlotState::kIdle) {
          fds.push_back({slot.child.socket.get(), POLLIN, 0});
        }
      }
    }
    ::poll(fds.data(), fds.size(), wait_ms);
    eventfd_t ignored = 0;
    ::eventfd_read(wake_fd_.get(), &ignored);
    sample_busy();
    end_idle(false);
  }
}

int Slots::wait_ms_until_next_look() const {
  std::optional<milliseconds> wait;
  const auto now = Clock::now();
  for (const Slot& slot : slots_) {
    std::optional<milliseconds> until;
    if (slot.state == SlotState::kBusy || slot.state == SlotState::kCancelling) {
      until = options_.sample_every;
    } else if (slot.state == SlotState::kIdle) {
      until = std::chrono::ceil<milliseconds>(slot.idle_since + options_.idle_max - now);
    }
    if (until && (!wait || *until < *wait)) {
      wait = until;
    }
  }
  return wait ? static_cast<int>(std::max<std::int64_t>(wait->count(), 1)) : -1;
}

void Slots::sample_busy() {
  struct Look {
    SlotNumber number;
    std::uint64_t turn;
    pid_t pid;
    std::int64_t bytes = 0;
  };
  std::vector<Look> looks;
  const auto is_at_work = [](const Slot& slot) {
    return slot.state == SlotState::kBusy || slot.state == SlotState::kCancelling;
  };
  {
    const std::lock_guard lock(mutex_);
    for (SlotNumber i = 0; i < slots_.size(); ++i) {
      if (is_at_work(slots_[i])) {
        looks.push_back({i, slots_[i].turn, slots_[i].child.pid});
      }
    }
  }
  for (Look& look : looks) {
    look.bytes = memory_of(look.pid).value_or(Memory{}).anonymous;
  }
  const std::lock_guard lock(mutex_);
  for (const Look& look : looks) {
    Slot& slot = slots_[look.number];
    // Only the job that was looked at may be judged; unreaped, the pid is still its own.
    if (!is_at_work(slot) || slot.turn != look.turn || slot.killed_for_memory) {
      continue;
    }
    slot.sampled_bytes = std::max(slot.sampled_bytes, look.bytes);
    if (look.bytes > slot.grant_bytes + slot.grant_bytes / 10 + options_.base_bytes) {
      slot.killed_for_memory = true;
      ::kill(slot.child.pid, SIGKILL);
    }
  }
}

void Slots::end_idle(bool all) {
  std::vector<SlotNumber> ending;
  {
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    for (SlotNumber i = 0; i < slots_.size(); ++i) {
      Slot& slot = slots_[i];
      if (slot.state == SlotState::kIdle && (all || now - slot.idle_since >= options_.idle_max ||
                                             !is_silent(slot.child.socket.get()))) {
        apply(slot, SlotEvent::kEnd);
        ending.push_back(i);
      }
    }
  }
  for (const SlotNumber number : ending) {
    reap(number, After::kFree);
  }
}

}  // namespace sluice::worker::internal
