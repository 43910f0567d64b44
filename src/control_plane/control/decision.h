#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/ids.h"
#include "sluice/base/result.h"

namespace sluice::control {

/// One named input of a decision, known before the stage runs.
struct Feature {
  std::string name;
  std::variant<double, std::string> value;

  friend bool operator==(const Feature&, const Feature&) = default;
};

/// What a decision saw: its features in the lever's order, and the bucket they fall in. Two
/// contexts of one bucket share a decision row as long as the choice is the same.
struct Context {
  std::vector<Feature> features;
  std::string bucket;

  /// Returns a feature's number, or nothing when it is absent or text.
  std::optional<double> number(std::string_view name) const;
};

/// One value that a candidate sets.
struct Setting {
  std::string name;
  std::variant<std::int64_t, std::string> value;

  friend bool operator==(const Setting&, const Setting&) = default;
};

using Config = std::vector<Setting>;

/// Return a candidate's value by name; nothing when it is absent or of the other type.
std::optional<std::int64_t> config_int(const Config& config, std::string_view name);
std::optional<std::string> config_text(const Config& config, std::string_view name);

/// Predicted cost in seconds with the interval that holds it in most past runs.
struct CostEstimate {
  double predicted_s = 0;
  double low_s = 0;
  double high_s = 0;
};

/// The verdict of one constraint on one candidate; `refusal` is empty when it passed.
struct ConstraintCheck {
  std::string constraint;
  std::string refusal;

  friend bool operator==(const ConstraintCheck&, const ConstraintCheck&) = default;
};

struct Candidate {
  std::string name;
  Config config;
  CostEstimate cost;
  std::vector<ConstraintCheck> checks;

  bool legal() const;
  /// Returns the first check that refused this candidate, or nothing.
  const ConstraintCheck* refused_by() const;
};

enum class GuardVerdict {
  kAllowed,  // the wanted candidate is legal as it is
  kClamped,  // it was cut down to the machine's configured resources
  kVetoed,   // it may not be used; the default was taken in its place
};

struct Guard {
  GuardVerdict verdict = GuardVerdict::kAllowed;
  std::string text;

  friend bool operator==(const Guard&, const Guard&) = default;
};

/// Which measured quantity a `CostEstimate` predicts.
enum class OutcomeMetric { kWallSeconds, kCpuSeconds };

/// In the order of caution.
enum class LeverMode {
  kOn,      // the choice is used
  kShadow,  // the choice is recorded, the default is used
  kOff,     // nothing is chosen automatically: the default, or what the project forces
};

/// One use of one lever: one type for every lever. `chosen` is what the policy wanted after the
/// guard; `applied` is what the stage gets, and differs from it only in shadow mode.
struct Decision {
  base::DecisionId id;
  std::string lever;
  std::string scope;  // table or source
  std::string stage;  // decode, refresh, check, query
  Context context;
  std::vector<Candidate> candidates;
  OutcomeMetric metric = OutcomeMetric::kWallSeconds;
  std::size_t chosen = 0;
  std::size_t applied = 0;
  double propensity = 1.0;  // probability with which the policy picks `chosen` in this context
  std::string policy;
  LeverMode mode = LeverMode::kOn;
  std::string model_version;  // of the cost model that priced the candidates
  std::uint64_t seed = 0;
  Guard guard;
  std::string reason;
  base::Timestamp decided_at;
  base::InvocationId invocation;

  const Candidate& chosen_candidate() const { return candidates.at(chosen); }
  const Candidate& applied_candidate() const { return candidates.at(applied); }
};

/// What a stage attempt that followed a decision turned out to cost; known only after the run, and
/// never an input of a decision about the same attempt.
struct Outcome {
  std::int64_t input_bytes = 0;
  double wall_s = 0;
  double cpu_s = 0;
  std::int64_t memory_peak_bytes = 0;
  std::int64_t output_bytes = 0;
  bool ok = true;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

std::string_view to_text(GuardVerdict verdict);
std::string_view to_text(LeverMode mode);
std::string_view to_text(OutcomeMetric metric);
/// kCorrupt for anything but what to_text() writes.
base::Result<OutcomeMetric> parse_outcome_metric(std::string_view text);
base::Result<GuardVerdict> parse_guard_verdict(std::string_view text);
/// Reads `on`, `shadow`, `off`. `canary` is kUnsupported, anything else kInvalidInput.
base::Result<LeverMode> parse_lever_mode(std::string_view text);

/// Returns the measured quantity that a metric names.
double measured_cost_s(OutcomeMetric metric, const Outcome& outcome);

/// Formats as `name=value, name=value`.
std::string to_text(const Config& config);

}  // namespace sluice::control
