#include "sluice/contract/internal/threshold.h"

#include <utility>

#include "sluice/contract/internal/json_scalar.h"

namespace sluice::contract::internal {

namespace {

using yaml::Node;
using yaml::Reader;

constexpr std::pair<std::string_view, Comparison> kOperators[] = {
    {"mustBe", Comparison::kEqual},
    {"mustNotBe", Comparison::kNotEqual},
    {"mustBeGreaterThan", Comparison::kGreater},
    {"mustBeGreaterOrEqualTo", Comparison::kGreaterOrEqual},
    {"mustBeLessThan", Comparison::kLess},
    {"mustBeLessOrEqualTo", Comparison::kLessOrEqual},
    {"mustBeBetween", Comparison::kBetween},
    {"mustNotBeBetween", Comparison::kNotBetween}};

std::optional<double> number_of(const Node& node, std::string_view what, Reader& reader) {
  const std::optional<double> number = json_number(node);
  if (!number) {
    reader.add(node, std::string(what) + " must be a number");
  }
  return number;
}

}  // namespace

std::optional<Threshold> read_threshold(const Node& rule, const std::string& title,
                                        Reader& reader) {
  const std::pair<std::string_view, Comparison>* found = nullptr;
  for (const auto& named : kOperators) {
    if (rule.find(named.first) == nullptr) {
      continue;
    }
    if (found != nullptr) {
      reader.add_at_key(
          rule, named.first,
          title + " has both " + std::string(found->first) + " and " + std::string(named.first),
          "write a rule for each");
      return std::nullopt;
    }
    found = &named;
  }
  if (found == nullptr) {
    reader.add(rule, title + " has no threshold", "say what the number must be, such as mustBe: 0");
    return std::nullopt;
  }
  const Node& node = *rule.find(found->first);
  Threshold threshold{found->second, 0, 0, rule.key_mark(found->first)};
  if (threshold.comparison != Comparison::kBetween &&
      threshold.comparison != Comparison::kNotBetween) {
    const auto number = number_of(node, found->first, reader);
    threshold.first = number.value_or(0);
    return number ? std::optional(threshold) : std::nullopt;
  }
  if (!reader.expect_list(node, found->first) || node.children.size() != 2) {
    if (node.is_list()) {
      reader.add(node, std::string(found->first) + " needs two numbers");
    }
    return std::nullopt;
  }
  const auto first = number_of(node.children[0], found->first, reader);
  const auto second = number_of(node.children[1], found->first, reader);
  if (!first || !second) {
    return std::nullopt;
  }
  threshold.first = *first;
  threshold.second = *second;
  if (*first > *second) {
    reader.add(node, std::string(found->first) +
                         " has its larger number first: nothing lies "
                         "between them");
    return std::nullopt;
  }
  return threshold;
}

bool allows_none(const Threshold& threshold, bool percent) {
  switch (threshold.comparison) {
    case Comparison::kEqual:
    case Comparison::kLessOrEqual:
      return threshold.first == 0;
    case Comparison::kLess:
      return !percent && threshold.first > 0 && threshold.first <= 1;
    case Comparison::kBetween:
      return threshold.first <= 0 && threshold.second == 0;
    default:
      return false;
  }
}

}  // namespace sluice::contract::internal
