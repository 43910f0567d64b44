#include "sluice/project/project.h"

#include <algorithm>

namespace sluice::project {

namespace {

template <class Items, class Member>
auto find_by(const Items& items, Member member, std::string_view name) -> Items::const_pointer {
  const auto found = std::find_if(items.begin(), items.end(),
                                  [&](const auto& item) { return item.*member == name; });
  return found == items.end() ? nullptr : &*found;
}

}  // namespace

std::string_view to_text(FileFormat format) {
  switch (format) {
    case FileFormat::kCsv:
      return "csv";
    case FileFormat::kNdjson:
      return "ndjson";
    case FileFormat::kJson:
      return "json";
    case FileFormat::kParquet:
      return "parquet";
  }
  return "";
}

std::string_view to_text(OnViolation action) {
  switch (action) {
    case OnViolation::kQuarantine:
      return "quarantine";
    case OnViolation::kDrop:
      return "drop";
    case OnViolation::kFail:
      return "fail";
  }
  return "";
}

std::string_view to_text(SchemaChanges changes) {
  switch (changes) {
    case SchemaChanges::kDiscardRow:
      return "discard_row";
    case SchemaChanges::kFreeze:
      return "freeze";
    case SchemaChanges::kEvolve:
      return "evolve";
    case SchemaChanges::kDiscardValue:
      return "discard_value";
  }
  return "";
}

std::string_view to_text(RawMode mode) {
  switch (mode) {
    case RawMode::kCopy:
      return "copy";
    case RawMode::kMove:
      return "move";
    case RawMode::kReference:
      return "reference";
  }
  return "";
}

std::string_view to_text(RefreshMode mode) {
  switch (mode) {
    case RefreshMode::kAuto:
      return "auto";
    case RefreshMode::kIncremental:
      return "incremental";
    case RefreshMode::kFull:
      return "full";
  }
  return "";
}

std::string_view to_text(Priority priority) {
  switch (priority) {
    case Priority::kLow:
      return "low";
    case Priority::kNormal:
      return "normal";
    case Priority::kHigh:
      return "high";
  }
  return "";
}

std::string_view to_text(OptimizerMode mode) {
  switch (mode) {
    case OptimizerMode::kOff:
      return "off";
    case OptimizerMode::kShadow:
      return "shadow";
    case OptimizerMode::kOn:
      return "on";
  }
  return "";
}

std::string_view to_text(VariableType type) {
  switch (type) {
    case VariableType::kInteger:
      return "a whole number";
    case VariableType::kDecimal:
      return "a decimal number";
    case VariableType::kBoolean:
      return "true or false";
    case VariableType::kDate:
      return "a date";
    case VariableType::kText:
      return "text";
  }
  return "";
}

const LeverSetting* OptimizerSettings::find(std::string_view lever) const {
  return find_by(levers, &LeverSetting::lever, lever);
}

yaml::Mark Model::place(std::size_t sql_byte) const {
  const std::string_view before = std::string_view(text).substr(0, sql_offset + sql_byte);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  return {static_cast<int>(lines) + 1, static_cast<int>(before.size() - line_begin) + 1};
}

const Target* Project::find_target(std::string_view target) const {
  return find_by(targets, &Target::name, target);
}

const Source* Project::find_source(std::string_view table) const {
  return find_by(sources, &Source::table, table);
}

const Variable* Project::find_variable(std::string_view variable) const {
  return find_by(variables, &Variable::name, variable);
}

const Model* Project::find_model(std::string_view table) const {
  return find_by(models, &Model::table, table);
}

}  // namespace sluice::project
