#include "sluice/telemetry/log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

namespace sluice::telemetry {
namespace {

class KeepingSink final : public LogSink {
 public:
  explicit KeepingSink(std::vector<std::string>& lines) : lines_(lines) {}
  void write(std::string_view line) override { lines_.emplace_back(line); }

 private:
  std::vector<std::string>& lines_;
};

TEST(Log, WritesOneJsonObjectALine) {
  const base::ManualClock clock({1356998400000000});
  std::vector<std::string> lines;
  Logger logger(clock, std::make_unique<KeepingSink>(lines));
  logger.log(Severity::kInfo, "run.published",
             {{"table", std::string("gold.a\nb")}, {"rows", std::int64_t{3}}, {"ok", true}});
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0], R"({"ts":"2013-01-01T00:00:00Z","severity":"info","event":"run.published",)"
                      R"("table":"gold.a\nb","rows":3,"ok":true})");
}

TEST(Log, SurvivesTextThatIsNotUtf8) {
  const base::ManualClock clock({0});
  std::vector<std::string> lines;
  Logger logger(clock, std::make_unique<KeepingSink>(lines));
  logger.log(Severity::kError, "x", {{"bytes", std::string("\xff")}});
  EXPECT_EQ(lines.size(), 1u);
}

TEST(Log, AppendsToItsFileAndNeverFails) {
  const base::ManualClock clock({0});
  const auto path = std::filesystem::temp_directory_path() / "sluice_log_test.jsonl";
  std::filesystem::remove(path);
  Logger(clock, open_log_file(path.string())).log(Severity::kInfo, "first");
  Logger(clock, open_log_file(path.string())).log(Severity::kInfo, "second");
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  EXPECT_NE(text.find("first"), std::string::npos);
  EXPECT_NE(text.find("second"), std::string::npos);
  Logger(clock, open_log_file("/proc/none/log")).log(Severity::kInfo, "dropped");
  Logger(clock, nullptr).log(Severity::kInfo, "dropped");
}

}  // namespace
}  // namespace sluice::telemetry
