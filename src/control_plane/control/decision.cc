#include "sluice/control/decision.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::control {
namespace {

template <class T>
std::optional<T> config_value(const Config& config, std::string_view name) {
  for (const Setting& setting : config) {
    if (setting.name == name) {
      const T* value = std::get_if<T>(&setting.value);
      return value == nullptr ? std::nullopt : std::optional<T>(*value);
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<double> Context::number(std::string_view name) const {
  for (const Feature& feature : features) {
    if (feature.name == name) {
      const double* value = std::get_if<double>(&feature.value);
      return value == nullptr ? std::nullopt : std::optional<double>(*value);
    }
  }
  return std::nullopt;
}

std::optional<std::int64_t> config_int(const Config& config, std::string_view name) {
  return config_value<std::int64_t>(config, name);
}

std::optional<std::string> config_text(const Config& config, std::string_view name) {
  return config_value<std::string>(config, name);
}

bool Candidate::legal() const { return refused_by() == nullptr; }

const ConstraintCheck* Candidate::refused_by() const {
  const auto refused = std::find_if(checks.begin(), checks.end(), [](const ConstraintCheck& check) {
    return !check.refusal.empty();
  });
  return refused == checks.end() ? nullptr : &*refused;
}

std::string_view to_text(GuardVerdict verdict) {
  switch (verdict) {
    case GuardVerdict::kAllowed:
      return "allowed";
    case GuardVerdict::kClamped:
      return "clamped";
    case GuardVerdict::kVetoed:
      return "vetoed";
  }
  return "";
}

std::string_view to_text(LeverMode mode) {
  switch (mode) {
    case LeverMode::kOn:
      return "on";
    case LeverMode::kShadow:
      return "shadow";
    case LeverMode::kOff:
      return "off";
  }
  return "";
}

std::string_view to_text(OutcomeMetric metric) {
  switch (metric) {
    case OutcomeMetric::kWallSeconds:
      return "wall seconds";
    case OutcomeMetric::kCpuSeconds:
      return "CPU seconds";
  }
  return "";
}

base::Result<OutcomeMetric> parse_outcome_metric(std::string_view text) {
  for (const OutcomeMetric metric : {OutcomeMetric::kWallSeconds, OutcomeMetric::kCpuSeconds}) {
    if (text == to_text(metric)) {
      return metric;
    }
  }
  return base::corrupt(fmt::format("'{}' is not a measured quantity", text));
}

base::Result<GuardVerdict> parse_guard_verdict(std::string_view text) {
  for (const GuardVerdict verdict :
       {GuardVerdict::kAllowed, GuardVerdict::kClamped, GuardVerdict::kVetoed}) {
    if (text == to_text(verdict)) {
      return verdict;
    }
  }
  return base::corrupt(fmt::format("'{}' is not a guard verdict", text));
}

base::Result<LeverMode> parse_lever_mode(std::string_view text) {
  for (const LeverMode mode : {LeverMode::kOn, LeverMode::kShadow, LeverMode::kOff}) {
    if (text == to_text(mode)) {
      return mode;
    }
  }
  if (text == "canary") {
    return base::unsupported("lever mode 'canary' is not built yet; use on, shadow or off");
  }
  return base::invalid_input(fmt::format("'{}' is not a lever mode; use on, shadow or off", text));
}

double measured_cost_s(OutcomeMetric metric, const Outcome& outcome) {
  switch (metric) {
    case OutcomeMetric::kWallSeconds:
      return outcome.wall_s;
    case OutcomeMetric::kCpuSeconds:
      return outcome.cpu_s;
  }
  return outcome.wall_s;
}

std::string to_text(const Config& config) {
  std::string text;
  for (const Setting& setting : config) {
    text += text.empty() ? "" : ", ";
    text += setting.name + '=';
    if (const auto* number = std::get_if<std::int64_t>(&setting.value)) {
      text += fmt::to_string(*number);
    } else {
      text += std::get<std::string>(setting.value);
    }
  }
  return text;
}

}  // namespace sluice::control
