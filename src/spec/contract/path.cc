#include "sluice/contract/path.h"

#include <algorithm>

namespace sluice::contract {

std::string to_text(std::string_view column, std::span<const PathStep> path) {
  std::string text(column);
  for (const PathStep& step : path) {
    switch (step.kind) {
      case PathStep::Kind::kMember:
        text += "." + step.name;
        break;
      case PathStep::Kind::kItem:
        text += "[]";
        break;
      case PathStep::Kind::kKey:
        text += "[key]";
        break;
      case PathStep::Kind::kValue:
        text += "[value]";
        break;
    }
  }
  return text;
}

std::string place_of(const RowRule& rule) { return to_text(rule.column, rule.path); }

const data::Field* find_part(const data::Type& type, const PathStep& step) {
  switch (step.kind) {
    case PathStep::Kind::kMember: {
      const auto found =
          std::find_if(type.fields.begin(), type.fields.end(),
                       [&](const data::Field& field) { return field.name == step.name; });
      return found == type.fields.end() ? nullptr : &*found;
    }
    case PathStep::Kind::kItem:
    case PathStep::Kind::kKey:
      return type.fields.empty() ? nullptr : &type.fields.front();
    case PathStep::Kind::kValue:
      return type.fields.empty() ? nullptr : &type.fields.back();
  }
  return nullptr;
}

const data::Field* find_part(const data::Field& column, std::span<const PathStep> path) {
  const data::Field* part = &column;
  for (std::size_t i = 0; i < path.size() && part != nullptr; ++i) {
    part = find_part(part->type, path[i]);
  }
  return part;
}

const data::Type& judged_type(const Contract& contract, const RowRule& rule) {
  return find_part(*contract.column(rule.column), rule.path)->type;
}

const WrittenForm* find_form(const Contract& contract, std::string_view column,
                             std::span<const PathStep> path) {
  const auto found =
      std::find_if(contract.forms.begin(), contract.forms.end(), [&](const WrittenForm& form) {
        return form.column == column &&
               std::equal(form.path.begin(), form.path.end(), path.begin(), path.end());
      });
  return found == contract.forms.end() ? nullptr : &*found;
}

}  // namespace sluice::contract
