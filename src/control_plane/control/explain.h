#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

#include "sluice/control/decision_store.h"

namespace sluice::control {

/// Predicted against measured cost over the successful outcomes of one decision. Predictions are
/// scaled to each outcome's input bytes.
struct PredictionRecord {
  std::size_t outcomes = 0;
  std::size_t failed = 0;
  double predicted_median_s = 0;
  double measured_median_s = 0;
};

PredictionRecord compare_prediction(const Decision& decision,
                                    std::span<const StoredOutcome> outcomes);

/// Writes for people: the choice, the candidates with predicted cost, interval and checks, reason,
/// guard, measured outcomes, and how to force another choice or undo one.
std::string explain_text(const StoredDecision& stored, std::span<const StoredOutcome> outcomes);

/// The same facts as JSON.
nlohmann::json explain_json(const StoredDecision& stored, std::span<const StoredOutcome> outcomes);

}  // namespace sluice::control
