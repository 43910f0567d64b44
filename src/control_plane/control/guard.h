#pragma once

#include <cstddef>
#include <span>

#include "sluice/control/lever.h"

namespace sluice::control {

/// Checks every constraint of the lever on each candidate.
void check_constraints(const Lever& lever, const StageContext& stage,
                       std::span<Candidate> candidates);

/// What the guard lets through.
struct Guarded {
  std::size_t candidate = 0;
  Guard guard;
};

/// Lets a legal candidate through; cuts an illegal one down to the configured resources (its config
/// and checks are updated in place) and lets it through if that makes it legal; else vetoes it and
/// takes `fallback`, which must be legal. Plain code: no model, no randomness.
Guarded guard_choice(const Lever& lever, const StageContext& stage, std::span<Candidate> candidates,
                     std::size_t wanted, std::size_t fallback);

}  // namespace sluice::control
