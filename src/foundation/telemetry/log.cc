#include "sluice/telemetry/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>

#include <nlohmann/json.hpp>
#include <utility>

namespace sluice::telemetry {

namespace {

constexpr std::size_t kLogFileBytesMax = std::size_t{16} << 20;
constexpr std::size_t kLogFilesKept = 4;

class FileSink final : public LogSink {
 public:
  explicit FileSink(const std::string& path)
      : logger_("sluice", std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
                              path, kLogFileBytesMax, kLogFilesKept)) {
    logger_.set_pattern("%v");
    logger_.flush_on(spdlog::level::trace);
    logger_.set_error_handler([](const std::string&) {});
  }

  void write(std::string_view line) override {
    logger_.info(spdlog::string_view_t(line.data(), line.size()));
  }

 private:
  spdlog::logger logger_;
};

class DroppingSink final : public LogSink {
 public:
  void write(std::string_view) override {}
};

}  // namespace

std::string_view to_text(Severity severity) {
  switch (severity) {
    case Severity::kDebug:
      return "debug";
    case Severity::kInfo:
      return "info";
    case Severity::kWarning:
      return "warning";
    case Severity::kError:
      return "error";
  }
  return "error";
}

std::unique_ptr<LogSink> open_log_file(const std::string& path) {
  try {
    return std::make_unique<FileSink>(path);
  } catch (const spdlog::spdlog_ex&) {
    return std::make_unique<DroppingSink>();
  }
}

Logger::Logger(const base::Clock& clock, std::unique_ptr<LogSink> sink)
    : clock_(clock), sink_(std::move(sink)) {}

void Logger::log(Severity severity, std::string_view event,
                 std::initializer_list<LogField> fields) {
  if (sink_ == nullptr) {
    return;
  }
  nlohmann::ordered_json line;
  line["ts"] = base::format_iso8601(clock_.now());
  line["severity"] = to_text(severity);
  line["event"] = event;
  for (const LogField& field : fields) {
    std::visit([&](const auto& value) { line[std::string(field.key)] = value; }, field.value);
  }
  sink_->write(line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

}  // namespace sluice::telemetry
