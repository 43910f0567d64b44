#include "sluice/worker/internal/data_limit.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "sluice/worker/internal/proc.h"

namespace sluice::worker::internal {
namespace {

constexpr std::int64_t kStackBytes = std::int64_t{8} << 20;
// Threads that a job has beside those it was granted: its own, the sampler, DuckDB's own.
constexpr std::int64_t kThreadsBeside = 4;
constexpr std::int64_t kSlackBytes = std::int64_t{128} << 20;

}  // namespace

base::Result<DataLimit> DataLimit::set(const job::Limits& limits) {
  rlimit before{};
  if (::getrlimit(RLIMIT_DATA, &before) != 0) {
    return base::from_errno(errno, "read the data limit");
  }
  const std::int64_t have = proc_self_number("status", "VmData").value_or(0) * 1024;
  // An allocator keeps address space that it has no pages in, up to as much again as is in use when
  // blocks of many sizes come and go. What is in use is held by DuckDB's own limit, and by the
  // front, which watches the pages; this limit ends what escapes both.
  const std::int64_t room = 2 * limits.memory_bytes + kSlackBytes +
                            (std::max(1, limits.threads) + kThreadsBeside) * kStackBytes;
  rlimit during = before;
  during.rlim_cur = std::min<rlim_t>(static_cast<rlim_t>(have + room), before.rlim_max);
  if (::setrlimit(RLIMIT_DATA, &during) != 0) {
    return base::from_errno(errno, "set the data limit");
  }
  return DataLimit(before);
}

DataLimit::~DataLimit() {
  if (owns_) {
    ::setrlimit(RLIMIT_DATA, &before_);
  }
}

DataLimit::DataLimit(DataLimit&& other) noexcept
    : before_(other.before_), owns_(std::exchange(other.owns_, false)) {}

}  // namespace sluice::worker::internal
