#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>

#include "sluice/base/random.h"
#include "sluice/base/result.h"
#include "sluice/notify/channel.h"

namespace sluice::notify {

/// How often a message is tried at once; between two attempts passes a pause that doubles, with
/// jitter.
struct Retries {
  int attempts_max = 3;
  std::int64_t first_pause_ms = 200;
};

/// Makes one attempt.
using Attempt = std::function<base::Status()>;
/// Waits; false when somebody asked to stop.
using Pause = std::function<bool(std::int64_t ms)>;

/// Tries until an attempt goes well, fails in a way that another would not mend (see
/// base::is_retryable), or there have been enough. Returns the last attempt's error.
base::Status try_again(const Attempt& attempt, const Retries& retries, const Pause& pause,
                       base::Random& random);

/// Sends a message with retries.
base::Status deliver(const Channel& channel, const Message& message, const Retries& retries,
                     base::Random& random, std::stop_token stop);

/// Microseconds until a message that failed `times` times is tried by a later process: a minute
/// that doubles, up to six hours.
std::int64_t later_us(int times);

}  // namespace sluice::notify
