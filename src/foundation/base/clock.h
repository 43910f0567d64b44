#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sluice/base/result.h"

namespace sluice::base {

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
struct Timestamp {
  std::int64_t us = 0;

  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

/// Gives the time. Injected everywhere, so that tests and the simulator own it. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Wall time; may jump backwards when the machine's clock is set.
  virtual Timestamp now() const = 0;
  /// Nanoseconds of a clock that never goes backwards, for durations only.
  virtual std::int64_t monotonic_ns() const = 0;
};

class SystemClock final : public Clock {
 public:
  Timestamp now() const override;
  std::int64_t monotonic_ns() const override;
};

/// A clock that moves only when told.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start) : now_(start) {}
  Timestamp now() const override { return now_; }
  std::int64_t monotonic_ns() const override { return monotonic_ns_; }
  void advance_us(std::int64_t us);
  /// Sets the wall time only, as an administrator would; may go backwards.
  void set(Timestamp now) { now_ = now; }

 private:
  Timestamp now_;
  std::int64_t monotonic_ns_ = 0;
};

/// Formats as `2013-01-01T05:00:00.123456Z`; the fraction is left out when it is zero.
std::string format_iso8601(Timestamp at);

/// Parses a date `2013-01-01` or a time `2013-01-01T05:00[:00[.ffffff]][Z|+hh:mm]` (space for T
/// too); without an offset it is UTC. kInvalidInput otherwise.
Result<Timestamp> parse_iso8601(std::string_view text);

/// Days since 1970-01-01 of a proleptic Gregorian date (month and day from 1), and the reverse.
std::int64_t days_from_civil(int year, int month, int day);
struct CivilDate {
  int year;
  int month;
  int day;
};
CivilDate civil_from_days(std::int64_t days);

/// Parses `90s`, `5m`, `36h`, `7d`, `250ms` to microseconds. kInvalidInput otherwise.
Result<std::int64_t> parse_duration_us(std::string_view text);

}  // namespace sluice::base
