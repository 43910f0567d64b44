#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sluice/base/check.h"
#include "sluice/base/text.h"
#include "sluice/control/internal/size_class.h"
#include "sluice/control/levers.h"
#include "sluice/control/setting_names.h"

namespace sluice::control {
namespace {

constexpr std::int64_t kMiB = std::int64_t{1} << 20;

struct FileSize {
  const char* name;
  std::int64_t bytes;
  double work;  // CPU against the default: smaller files repeat footers and dictionaries
};

constexpr std::array kSizes = {
    FileSize{"128MiB", 128 * kMiB, 1.0},
    FileSize{"32MiB", 32 * kMiB, 1.03},
    FileSize{"512MiB", 512 * kMiB, 1.0},
};
constexpr std::size_t kDefault = 0;
constexpr std::int64_t kDefaultBytes = kSizes[kDefault].bytes;
// More files than this in one commit cost every reader more in planning than they save in pruning.
constexpr std::int64_t kFilesPerCommitMax = 1000;

/// Bytes that the stage is expected to write: its last output, else at most its input.
std::int64_t expected_output_bytes(const StageContext& stage) {
  return std::max<std::int64_t>(stage.output_bytes_last.value_or(stage.input_bytes), 0);
}

std::string text_of(std::int64_t bytes) {
  return base::format_bytes(static_cast<std::uint64_t>(bytes));
}

std::int64_t target_of(const Config& config) {
  const auto bytes = config_int(config, kFileBytesTarget);
  SLUICE_CHECK(bytes, "a file_size config has a target");
  return *bytes;
}

std::vector<Candidate> candidates(const StageContext&) {
  std::vector<Candidate> offered;
  for (const FileSize& size : kSizes) {
    offered.push_back({size.name, {{kFileBytesTarget, size.bytes}}, {}, {}});
  }
  return offered;
}

/// The default is always legal: both rules judge only what departs from it.
std::string never_filled(const Config& config, const StageContext& stage) {
  const std::int64_t target = target_of(config);
  const std::int64_t expected = expected_output_bytes(stage);
  return target <= kDefaultBytes || expected >= target
             ? ""
             : fmt::format("{} of expected output never fills a file of {}", text_of(expected),
                           text_of(target));
}

std::string too_many_files(const Config& config, const StageContext& stage) {
  const std::int64_t target = target_of(config);
  const std::int64_t files = expected_output_bytes(stage) / target;
  return target >= kDefaultBytes || files <= kFilesPerCommitMax
             ? ""
             : fmt::format("{} files in one commit, at most {}", files, kFilesPerCommitMax);
}

DefaultChoice default_rule(const StageContext& stage, std::span<const Candidate> offered) {
  const std::int64_t expected = expected_output_bytes(stage);
  const std::int64_t files =
      std::max<std::int64_t>((expected + kDefaultBytes - 1) / kDefaultBytes, 1);
  return {kDefault, fmt::format("{} expected ({}): {} file{} of up to {}", text_of(expected),
                                stage.output_bytes_last ? "as last time" : "at most the input",
                                files, files == 1 ? "" : "s", offered[kDefault].name)};
}

std::optional<double> work_factor(const Config& config) {
  const auto bytes = config_int(config, kFileBytesTarget);
  for (const FileSize& size : kSizes) {
    if (bytes == size.bytes) {
      return size.work;
    }
  }
  return std::nullopt;
}

Lever make_lever() {
  Lever lever;
  lever.name = "file_size";
  lever.features = {"kind", "is_bronze", "input_bytes", "input_files", "output_bytes_last"};
  for (const FileSize& size : kSizes) {
    lever.candidate_names.push_back(size.name);
  }
  lever.applies = writes_files;
  lever.bucket = [](const StageContext& stage) {
    return "expected output " + size_class(expected_output_bytes(stage));
  };
  lever.candidates = candidates;
  lever.constraints = {{"fills_a_file", never_filled}, {"files_per_commit", too_many_files}};
  lever.default_rule = default_rule;
  lever.work_factor = work_factor;
  lever.speedup = [](const Config&) { return 1.0; };
  lever.metric = OutcomeMetric::kCpuSeconds;
  lever.exploration = ExplorationClass::kNever;
  lever.mode = LeverMode::kShadow;
  return lever;
}

}  // namespace

const Lever& file_size_lever() {
  static const Lever kLever = make_lever();
  return kLever;
}

}  // namespace sluice::control
