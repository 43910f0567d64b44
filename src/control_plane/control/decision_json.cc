#include "sluice/control/internal/decision_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sluice/base/json_fields.h"

namespace sluice::control {
namespace {

constexpr const char* kCandidate = "a decision's candidate";

base::Result<double> json_number(const nlohmann::json& object, const char* key) {
  const auto field = object.find(key);
  if (field == object.end() || !field->is_number()) {
    return base::corrupt(fmt::format("{}: '{}' is not a number", kCandidate, key));
  }
  return field->get<double>();
}

base::Result<std::vector<ConstraintCheck>> checks_from_json(const nlohmann::json& list) {
  std::vector<ConstraintCheck> checks;
  for (const nlohmann::json& item : list) {
    ConstraintCheck check;
    SLUICE_ASSIGN_OR_RETURN(check.constraint, base::json_string(item, "constraint", kCandidate));
    SLUICE_ASSIGN_OR_RETURN(const auto refusal, base::json_string_if(item, "refused", kCandidate));
    check.refusal = refusal.value_or("");
    checks.push_back(std::move(check));
  }
  return checks;
}

base::Result<Candidate> candidate_from_json(const nlohmann::json& item) {
  Candidate candidate;
  SLUICE_ASSIGN_OR_RETURN(candidate.name, base::json_string(item, "name", kCandidate));
  SLUICE_ASSIGN_OR_RETURN(const nlohmann::json* config,
                          base::json_array(item, "config", kCandidate));
  SLUICE_ASSIGN_OR_RETURN(candidate.config, config_from_json(*config));
  SLUICE_ASSIGN_OR_RETURN(candidate.cost.predicted_s, json_number(item, "predicted_s"));
  SLUICE_ASSIGN_OR_RETURN(candidate.cost.low_s, json_number(item, "low_s"));
  SLUICE_ASSIGN_OR_RETURN(candidate.cost.high_s, json_number(item, "high_s"));
  SLUICE_ASSIGN_OR_RETURN(const nlohmann::json* checks,
                          base::json_array(item, "checks", kCandidate));
  SLUICE_ASSIGN_OR_RETURN(candidate.checks, checks_from_json(*checks));
  return candidate;
}

}  // namespace

nlohmann::json to_json(const Context& context) {
  nlohmann::json list = nlohmann::json::array();
  for (const Feature& feature : context.features) {
    nlohmann::json item = {{"name", feature.name}};
    std::visit([&](const auto& value) { item["value"] = value; }, feature.value);
    list.push_back(std::move(item));
  }
  return list;
}

nlohmann::json to_json(const Config& config) {
  nlohmann::json list = nlohmann::json::array();
  for (const Setting& setting : config) {
    nlohmann::json item = {{"name", setting.name}};
    std::visit([&](const auto& value) { item["value"] = value; }, setting.value);
    list.push_back(std::move(item));
  }
  return list;
}

nlohmann::json to_json(const std::vector<Candidate>& candidates) {
  nlohmann::json list = nlohmann::json::array();
  for (const Candidate& candidate : candidates) {
    nlohmann::json checks = nlohmann::json::array();
    for (const ConstraintCheck& check : candidate.checks) {
      nlohmann::json item = {{"constraint", check.constraint}};
      if (!check.refusal.empty()) {
        item["refused"] = check.refusal;
      }
      checks.push_back(std::move(item));
    }
    list.push_back({{"name", candidate.name},
                    {"config", to_json(candidate.config)},
                    {"predicted_s", candidate.cost.predicted_s},
                    {"low_s", candidate.cost.low_s},
                    {"high_s", candidate.cost.high_s},
                    {"checks", std::move(checks)}});
  }
  return list;
}

base::Result<std::vector<Feature>> features_from_json(std::string_view text) {
  SLUICE_ASSIGN_OR_RETURN(const auto list, base::parse_json(text, "a decision's context"));
  if (!list.is_array()) {
    return base::corrupt("a decision's context is not a list");
  }
  std::vector<Feature> features;
  for (const nlohmann::json& item : list) {
    Feature feature;
    SLUICE_ASSIGN_OR_RETURN(feature.name, base::json_string(item, "name", "a feature"));
    const auto value = item.find("value");
    if (value != item.end() && value->is_string()) {
      feature.value = value->get<std::string>();
    } else if (value != item.end() && value->is_number()) {
      feature.value = value->get<double>();
    } else {
      return base::corrupt(fmt::format("feature '{}' has no value", feature.name));
    }
    features.push_back(std::move(feature));
  }
  return features;
}

base::Result<Config> config_from_json(const nlohmann::json& json) {
  if (!json.is_array()) {
    return base::corrupt("a candidate's config is not a list");
  }
  Config config;
  for (const nlohmann::json& item : json) {
    Setting setting;
    SLUICE_ASSIGN_OR_RETURN(setting.name, base::json_string(item, "name", "a setting"));
    const auto value = item.find("value");
    if (value != item.end() && value->is_string()) {
      setting.value = value->get<std::string>();
    } else if (value != item.end() && value->is_number_integer()) {
      setting.value = value->get<std::int64_t>();
    } else {
      return base::corrupt(fmt::format("setting '{}' has no value", setting.name));
    }
    config.push_back(std::move(setting));
  }
  return config;
}

base::Result<std::vector<Candidate>> candidates_from_json(std::string_view text) {
  SLUICE_ASSIGN_OR_RETURN(const auto list, base::parse_json(text, "a decision's candidates"));
  if (!list.is_array()) {
    return base::corrupt("a decision's candidates are not a list");
  }
  std::vector<Candidate> candidates;
  for (const nlohmann::json& item : list) {
    SLUICE_ASSIGN_OR_RETURN(Candidate candidate, candidate_from_json(item));
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

}  // namespace sluice::control
