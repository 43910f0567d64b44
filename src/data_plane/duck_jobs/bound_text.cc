#include "sluice/duck_jobs/internal/bound_text.h"

#include <cmath>

#include "sluice/data/value.h"

namespace sluice::duck_jobs {

namespace {

using data::TypeKind;

constexpr std::size_t kStringBytesKept = 256;

double number_of(const data::Value& value) {
  const auto* number = std::get_if<double>(&value);
  return number != nullptr ? *number : std::get<float>(value);
}

bool is_nan(const data::Value& value) { return std::isnan(number_of(value)); }

bool is_zero(const data::Value& value) { return number_of(value) == 0; }

}  // namespace

std::optional<std::string> read_printed(std::string_view printed, const data::Type& type) {
  std::string text(printed);
  if (type.kind == TypeKind::kBoolean && (text == "0" || text == "1")) {
    text = text == "1" ? "true" : "false";
  }
  if (type.kind == TypeKind::kTimestamptz && text.ends_with("+00")) {
    text.replace(text.size() - 3, 3, "Z");
  }
  const auto value = data::parse_value(text, type);
  if (!value) {
    return std::nullopt;
  }
  return data::to_text(*value, type);
}

std::optional<std::string> read_bound(std::string_view printed, const data::Type& type, Bound end) {
  if (end == Bound::kMax) {
    const bool hex = type.kind == TypeKind::kBinary || type.kind == TypeKind::kFixed;
    const std::size_t bytes = hex ? printed.size() / 2 : printed.size();
    if ((hex || type.kind == TypeKind::kString) && bytes >= kStringBytesKept) {
      return std::nullopt;
    }
  }
  if (type.kind == TypeKind::kFloat || type.kind == TypeKind::kDouble) {
    const auto value = data::parse_value(printed, type);
    if (!value || is_nan(*value)) {
      return std::nullopt;
    }
    if (is_zero(*value)) {
      return end == Bound::kMin ? "-0.0" : "0.0";
    }
  }
  return read_printed(printed, type);
}

}  // namespace sluice::duck_jobs
