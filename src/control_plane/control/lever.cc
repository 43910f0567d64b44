#include "sluice/control/lever.h"

#include <array>

#include "sluice/base/check.h"

namespace sluice::control {
namespace {

using FeatureValue = std::optional<std::variant<double, std::string>>;

/// Reads one feature. It takes a StageContext and nothing else: what a run yields cannot get in.
struct FeatureReader {
  std::string_view name;
  FeatureValue (*read)(const StageContext&);
};

constexpr std::array kFeatures = {
    FeatureReader{
        "kind",
        [](const StageContext& stage) -> FeatureValue { return std::string(to_text(stage.kind)); }},
    FeatureReader{"is_bronze",
                  [](const StageContext& stage) -> FeatureValue {
                    return std::string(stage.is_bronze ? "yes" : "no");
                  }},
    FeatureReader{"input_bytes",
                  [](const StageContext& stage) -> FeatureValue {
                    return static_cast<double>(stage.input_bytes);
                  }},
    FeatureReader{"input_rows",
                  [](const StageContext& stage) -> FeatureValue {
                    return static_cast<double>(stage.input_rows);
                  }},
    FeatureReader{"input_files",
                  [](const StageContext& stage) -> FeatureValue {
                    return static_cast<double>(stage.input_files);
                  }},
    FeatureReader{"output_bytes_last",
                  [](const StageContext& stage) -> FeatureValue {
                    if (!stage.output_bytes_last) {
                      return std::nullopt;
                    }
                    return static_cast<double>(*stage.output_bytes_last);
                  }},
    FeatureReader{"jobs_waiting",
                  [](const StageContext& stage) -> FeatureValue {
                    return static_cast<double>(stage.jobs_waiting);
                  }},
    FeatureReader{"threads_total",
                  [](const StageContext& stage) -> FeatureValue {
                    return static_cast<double>(stage.threads_total);
                  }},
    FeatureReader{"memory_total_bytes",
                  [](const StageContext& stage) -> FeatureValue {
                    return static_cast<double>(stage.memory_total_bytes);
                  }},
};

}  // namespace

std::string_view to_text(ExplorationClass exploration) {
  switch (exploration) {
    case ExplorationClass::kNever:
      return "never";
    case ExplorationClass::kBounded:
      return "bounded";
  }
  return "";
}

std::optional<Feature> feature(std::string_view name, const StageContext& context) {
  for (const FeatureReader& reader : kFeatures) {
    if (reader.name == name) {
      FeatureValue value = reader.read(context);
      if (!value) {
        return std::nullopt;
      }
      return Feature{std::string(name), std::move(*value)};
    }
  }
  SLUICE_CHECK(false, "a lever reads a feature that does not exist");
  return std::nullopt;
}

Context build_context(const Lever& lever, const StageContext& stage) {
  Context context;
  context.bucket = lever.bucket(stage);
  for (const std::string& name : lever.features) {
    if (auto value = feature(name, stage)) {
      context.features.push_back(std::move(*value));
    }
  }
  return context;
}

}  // namespace sluice::control
