#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "sluice/base/clock.h"

namespace sluice::telemetry {

enum class Severity { kDebug, kInfo, kWarning, kError };

std::string_view to_text(Severity severity);

/// A named value of a log line.
struct LogField {
  std::string_view key;
  std::variant<std::string, std::int64_t, double, bool> value;
};

/// Takes finished lines, without their line break. Thread-safe.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void write(std::string_view line) = 0;
};

/// Returns a sink that appends to `path`, starting a new file at 16 MiB and keeping 4 old ones. A
/// file that cannot be written makes a sink that drops its lines: a log never stops a run.
std::unique_ptr<LogSink> open_log_file(const std::string& path);

/// Writes events as one JSON object a line: `ts`, `severity`, `event`, then the fields.
/// Thread-safe.
class Logger {
 public:
  /// `sink` may be null: then nothing is written. `clock` is declared to outlive the logger.
  Logger(const base::Clock& clock, std::unique_ptr<LogSink> sink);

  /// `event` is a constant name such as `run.published`; values go into the fields.
  void log(Severity severity, std::string_view event, std::initializer_list<LogField> fields = {});

 private:
  const base::Clock& clock_;
  std::unique_ptr<LogSink> sink_;
};

}  // namespace sluice::telemetry
