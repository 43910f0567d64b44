#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "sluice/control/cost_model.h"
#include "sluice/control/lever.h"

namespace sluice::control {

/// What the project says about one lever (`optimizer.levers.<lever>`).
struct LeverPolicy {
  std::optional<LeverMode> mode;
  std::optional<std::string> force;  // name of a candidate
};

/// What the project says about all levers (`optimizer`). A lever's mode is its own `mode` if it has
/// one; else on, when it has a `force`; else the more cautious of the project's and its shipped
/// one.
struct LeverPolicies {
  std::optional<LeverMode> mode;
  std::map<std::string, LeverPolicy, std::less<>> levers;

  LeverMode mode_of(const Lever& lever) const;
  std::optional<std::string> force_of(const Lever& lever) const;
};

/// Finds policies that name an unknown lever or candidate. kInvalidInput with the nearest known
/// name; for `validate`, before anything runs.
base::Status check_policies(const LeverPolicies& policies);

/// Names in `Decision::policy`.
inline constexpr const char* kDefaultRulePolicy = "default rule";
inline constexpr const char* kForcedPolicy = "forced by project";

/// Decides one lever for one stage. Pure: the same arguments give the same decision. Its id, time
/// and invocation are left empty for the caller. kExhausted when no candidate is legal within the
/// configured resources; the message says what to raise.
base::Result<Decision> choose(const Lever& lever, const StageContext& stage,
                              const LeverPolicies& policies, std::span<const PastOutcome> history,
                              std::uint64_t seed);

}  // namespace sluice::control
