#include "sluice/control/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sluice/base/text.h"
#include "sluice/control/internal/decision_json.h"
#include "sluice/control/internal/median.h"
#include "sluice/control/policy.h"

namespace sluice::control {
namespace {

constexpr std::size_t kLabelWidth = 12;

std::string line(std::string_view label, std::string_view text) {
  return fmt::format("{:<{}}{}\n", label, kLabelWidth, text);
}

std::string seconds(double value_s) { return fmt::format("{:.3g} s", value_s); }

std::string verdict_on(const Candidate& candidate) {
  if (const ConstraintCheck* refused = candidate.refused_by()) {
    return fmt::format("refused by {}: {}", refused->constraint, refused->refusal);
  }
  std::vector<std::string> passed;
  for (const ConstraintCheck& check : candidate.checks) {
    passed.push_back(check.constraint);
  }
  return passed.empty() ? "legal" : fmt::format("legal ({})", base::join(passed, ", "));
}

std::string feature_text(const Context& context) {
  std::vector<std::string> parts;
  for (const Feature& feature : context.features) {
    const auto* number = std::get_if<double>(&feature.value);
    parts.push_back(feature.name + '=' +
                    (number == nullptr ? std::get<std::string>(feature.value)
                                       : fmt::format("{:.0f}", *number)));
  }
  return base::join(parts, ", ");
}

std::string candidates_text(const Decision& decision) {
  std::size_t width = 0;
  for (const Candidate& candidate : decision.candidates) {
    width = std::max(width, candidate.name.size());
  }
  std::string text =
      line("candidates", fmt::format("predicted {}, with interval", to_text(decision.metric)));
  for (std::size_t i = 0; i < decision.candidates.size(); ++i) {
    const Candidate& candidate = decision.candidates[i];
    text += fmt::format("  {} {:<{}}  {} ({} to {})  {}  {}\n", i == decision.chosen ? '*' : ' ',
                        candidate.name, width, seconds(candidate.cost.predicted_s),
                        seconds(candidate.cost.low_s), seconds(candidate.cost.high_s),
                        to_text(candidate.config), verdict_on(candidate));
  }
  return text;
}

std::string measured_text(const Decision& decision, const PredictionRecord& record) {
  if (record.outcomes == 0) {
    return record.failed == 0 ? "nothing yet" : fmt::format("{} failed, none done", record.failed);
  }
  std::string text = fmt::format("{} stage(s): median {} measured, {} predicted ({})",
                                 record.outcomes, seconds(record.measured_median_s),
                                 seconds(record.predicted_median_s), to_text(decision.metric));
  if (record.failed > 0) {
    text += fmt::format("; {} failed", record.failed);
  }
  return text;
}

std::string force_key(const Decision& decision) {
  return fmt::format("optimizer.levers.{}.force", decision.lever);
}

std::string undo_text(const Decision& decision) {
  if (decision.policy == kForcedPolicy) {
    return fmt::format("remove {} from sluice.yaml", force_key(decision));
  }
  return "nothing to undo: the default is in use";
}

std::vector<std::string> candidate_names(const Decision& decision) {
  std::vector<std::string> names;
  for (const Candidate& candidate : decision.candidates) {
    names.push_back(candidate.name);
  }
  return names;
}

}  // namespace

PredictionRecord compare_prediction(const Decision& decision,
                                    std::span<const StoredOutcome> outcomes) {
  PredictionRecord record;
  const double decided_bytes = decision.context.number("input_bytes").value_or(0);
  std::vector<double> predicted;
  std::vector<double> measured;
  for (const StoredOutcome& stored : outcomes) {
    if (!stored.outcome.ok) {
      ++record.failed;
      continue;
    }
    const double bytes = static_cast<double>(stored.outcome.input_bytes);
    const double scale = decided_bytes > 0 && bytes > 0 ? bytes / decided_bytes : 1;
    predicted.push_back(decision.applied_candidate().cost.predicted_s * scale);
    measured.push_back(measured_cost_s(decision.metric, stored.outcome));
  }
  record.outcomes = measured.size();
  if (!measured.empty()) {
    record.predicted_median_s = median(std::move(predicted));
    record.measured_median_s = median(std::move(measured));
  }
  return record;
}

std::string explain_text(const StoredDecision& stored, std::span<const StoredOutcome> outcomes) {
  const Decision& decision = stored.decision;
  const Candidate& applied = decision.applied_candidate();
  std::string text;
  text += line("decision", decision.id.text);
  text +=
      line("about", fmt::format("{} of {} ({})", decision.lever, decision.scope, decision.stage));
  text += line("choice", fmt::format("{} ({})", decision.chosen_candidate().name,
                                     to_text(decision.chosen_candidate().config)));
  if (decision.applied != decision.chosen) {
    text += line("applied", fmt::format("{} ({})", applied.name, to_text(applied.config)));
  }
  text += line("reason", decision.reason);
  text += line("guard",
               decision.guard.text.empty()
                   ? std::string(to_text(decision.guard.verdict))
                   : fmt::format("{}: {}", to_text(decision.guard.verdict), decision.guard.text));
  text += candidates_text(decision);
  text += line("context", decision.context.bucket);
  text += line("", feature_text(decision.context));
  text += line("policy", fmt::format("{}, mode {}, probability {:g}, cost model {}, seed {}",
                                     decision.policy, to_text(decision.mode), decision.propensity,
                                     decision.model_version, decision.seed));
  text += line("measured", measured_text(decision, compare_prediction(decision, outcomes)));
  text +=
      line("valid", fmt::format("{} to {}, {} use(s)", base::format_iso8601(decision.decided_at),
                                base::format_iso8601(stored.last_used_at), stored.uses));
  text += line("undo", undo_text(decision));
  text += line("force", fmt::format("set {} in sluice.yaml to one of {}", force_key(decision),
                                    base::join(candidate_names(decision), ", ")));
  return text;
}

nlohmann::json explain_json(const StoredDecision& stored, std::span<const StoredOutcome> outcomes) {
  const Decision& decision = stored.decision;
  const PredictionRecord record = compare_prediction(decision, outcomes);
  nlohmann::json measured = {{"outcomes", record.outcomes},
                             {"failed", record.failed},
                             {"predicted_median_s", nullptr},
                             {"measured_median_s", nullptr}};
  if (record.outcomes > 0) {
    measured["predicted_median_s"] = record.predicted_median_s;
    measured["measured_median_s"] = record.measured_median_s;
  }
  return {{"id", decision.id.text},
          {"lever", decision.lever},
          {"scope", decision.scope},
          {"stage", decision.stage},
          {"chosen", decision.chosen_candidate().name},
          {"applied", decision.applied_candidate().name},
          {"reason", decision.reason},
          {"guard", {{"verdict", to_text(decision.guard.verdict)}, {"text", decision.guard.text}}},
          {"candidates", to_json(decision.candidates)},
          {"metric", to_text(decision.metric)},
          {"bucket", decision.context.bucket},
          {"features", to_json(decision.context)},
          {"policy", decision.policy},
          {"mode", to_text(decision.mode)},
          {"propensity", decision.propensity},
          {"model_version", decision.model_version},
          {"seed", decision.seed},
          {"decided_at", base::format_iso8601(decision.decided_at)},
          {"last_used_at", base::format_iso8601(stored.last_used_at)},
          {"uses", stored.uses},
          {"invocation", decision.invocation.text},
          {"measured", std::move(measured)},
          {"undo", undo_text(decision)},
          {"force", {{"key", force_key(decision)}, {"candidates", candidate_names(decision)}}}};
}

}  // namespace sluice::control
