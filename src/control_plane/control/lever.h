#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/control/decision.h"
#include "sluice/control/stage_context.h"

namespace sluice::control {

/// Whether a lever may ever be tried away from its default to learn from it.
enum class ExplorationClass {
  kNever,    // it changes results or durable layout
  kBounded,  // within the exploration budget, never on deadline-critical work
};

/// A named rule that a candidate must obey. `refusal` returns "" or, in plain words, why not.
struct Constraint {
  std::string name;
  std::function<std::string(const Config&, const StageContext&)> refusal;
};

/// What the default rule picked, and why, in plain words.
struct DefaultChoice {
  std::size_t candidate = 0;
  std::string reason;
};

/// A lever is data: everything that the one loop (`choose`, guard, record, explain) needs to know
/// about one thing that may be decided. Adding a lever is one file, its test and one line in
/// `levers.cc`.
struct Lever {
  std::string name;
  std::vector<std::string> features;         // names known to feature()
  std::vector<std::string> candidate_names;  // all that candidates() can give, in its order
  std::function<bool(StageKind)> applies;
  std::function<std::string(const StageContext&)> bucket;
  /// Gives one candidate per name, priced and checked by the caller.
  std::function<std::vector<Candidate>(const StageContext&)> candidates;
  std::vector<Constraint> constraints;
  /// Picks among the legal candidates; at least one is legal.
  std::function<DefaultChoice(const StageContext&, std::span<const Candidate>)> default_rule;
  /// Cuts a config down to the configured resources; returns what it cut, or "". Empty function:
  /// the lever takes no resources.
  std::function<std::string(Config&, const StageContext&)> clamp;
  /// CPU work of a config relative to the shipped default's; nothing for a config that the lever no
  /// longer knows (stored by another version).
  std::function<std::optional<double>(const Config&)> work_factor;
  /// Threads' worth of speed-up of a config; 1 where the metric is CPU seconds.
  std::function<double(const Config&)> speedup;
  OutcomeMetric metric = OutcomeMetric::kWallSeconds;
  ExplorationClass exploration = ExplorationClass::kNever;
  LeverMode mode = LeverMode::kOn;  // where the project says nothing
};

std::string_view to_text(ExplorationClass exploration);

/// Returns a pre-run feature by name, or nothing when the context does not know it this time (no
/// previous run). Aborts on a name that no feature has: a lever's list is our own code.
std::optional<Feature> feature(std::string_view name, const StageContext& context);

/// Builds a lever's context, in the order of its feature list.
Context build_context(const Lever& lever, const StageContext& stage);

}  // namespace sluice::control
