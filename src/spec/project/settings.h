#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/yaml/diagnostics.h"

namespace sluice::project {

/// Where a target keeps its tables and its metastore. `warehouse` is absolute. One with `from`
/// reads the tables of that target wherever it has none itself, and never writes them.
struct Target {
  std::string name;
  std::string warehouse;
  std::string metastore = "sqlite";
  std::string from;  // "" for none
};

/// What one front may use at once. `query_memory_bytes` is the grant of a second front's queries.
struct Resources {
  int threads = 0;  // 0: as many as the machine has
  std::int64_t memory_bytes = std::int64_t{2} << 30;
  std::int64_t query_memory_bytes = std::int64_t{512} << 20;
};

/// What the machine costs, for `plan`. The defaults are about what clouds ask on demand.
struct Prices {
  std::string currency = "USD";
  double cpu_hour = 0.04;
  double memory_gib_hour = 0.005;
  double storage_gib_month = 0.023;
  bool stated = false;  // by the project; else these are the defaults
};

enum class VariableType { kInteger, kDecimal, kBoolean, kDate, kText };

std::string_view to_text(VariableType type);

/// A name with a value that YAML has as `${vars.name}` and SQL as `getvariable('name')`. Its type
/// is that of its first value in sluice.yaml; a target and the command line may give another value.
struct Variable {
  std::string name;
  VariableType type = VariableType::kText;
  std::string text;
};

enum class OptimizerMode { kOff, kShadow, kOn };

std::string_view to_text(OptimizerMode mode);

/// What the user says of one lever: its own mode, and a candidate to take whatever the policy says.
struct LeverSetting {
  std::string lever;
  std::optional<OptimizerMode> mode;
  std::string force;  // "" for none
  yaml::Mark mark;
};

struct OptimizerSettings {
  OptimizerMode mode = OptimizerMode::kOn;
  std::vector<LeverSetting> levers;

  /// Finds what the user says of a lever; nullptr when nothing.
  const LeverSetting* find(std::string_view lever) const;
};

/// Levers that `optimizer.levers` may name.
inline constexpr std::string_view kLeverNames[] = {"stage_resources", "compression", "file_size"};

}  // namespace sluice::project
