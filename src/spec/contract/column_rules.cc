#include "sluice/contract/internal/column_rules.h"

#include <algorithm>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/contract/internal/text_format.h"
#include "sluice/data/value.h"

namespace sluice::contract::internal {

namespace {

constexpr std::size_t kNamedValuesMax = 10;

/// Says in words what is allowed: `one of EWR, JFK, LGA`.
std::string one_of(const std::vector<std::string>& values) {
  const std::size_t shown = std::min(values.size(), kNamedValuesMax);
  std::string text =
      "one of " + base::join(std::span<const std::string>(values).first(shown), ", ");
  if (shown < values.size()) {
    text += ", ... (" + std::to_string(values.size()) + " values)";
  }
  return text;
}

std::string range_words(const RowRule& rule) {
  std::string text;
  if (rule.minimum) {
    text = (rule.minimum->exclusive ? "above " : "at least ") + rule.minimum->value;
  }
  if (rule.maximum) {
    text += text.empty() ? "" : " and ";
    text += (rule.maximum->exclusive ? "below " : "at most ") + rule.maximum->value;
  }
  return text;
}

std::string length_words(const RowRule& rule, std::string_view of) {
  const std::string unit = of == "characters" ? " characters long" : " " + std::string(of);
  const std::string least = rule.length_min ? std::to_string(*rule.length_min) : "";
  const std::string most = rule.length_max ? std::to_string(*rule.length_max) : "";
  if (least.empty()) {
    return "at most " + most + unit;
  }
  if (most.empty()) {
    return "at least " + least + unit;
  }
  return (least == most ? least : least + " to " + most) + unit;
}

/// JSON calls 2.0 an integer.
std::string_view without_zeros(std::string_view text, const data::Type& type) {
  const std::size_t point = text.find('.');
  const bool whole = type.kind == data::TypeKind::kInt || type.kind == data::TypeKind::kLong;
  return whole && point != std::string_view::npos && point > 0 &&
                 text.find_first_not_of('0', point + 1) == std::string_view::npos
             ? text.substr(0, point)
             : text;
}

std::string with_article(const std::string& type_name) {
  return (type_name.starts_with('i') ? "an " : "a ") + type_name;
}

}  // namespace

RowRule& ColumnRules::add(RowRuleKind kind, yaml::Mark mark, Severity severity) {
  RowRule rule;
  rule.kind = kind;
  rule.column = column_;
  rule.severity = severity;
  rule.mark = mark;
  return rules_.emplace_back(std::move(rule));
}

std::optional<std::string> ColumnRules::value(const yaml::Node& node, std::string_view what) {
  std::optional<std::string> text = reader_.text(node, what);
  if (!text || type_.kind == data::TypeKind::kString) {
    return text;
  }
  const base::Result<data::Value> parsed = data::parse_value(without_zeros(*text, type_), type_);
  if (!parsed) {
    reader_.add(node, std::string(what) + " '" + *text + "' is no " + data::to_text(type_) +
                          ", which column '" + column_ + "' is");
    return std::nullopt;
  }
  return data::to_text(*parsed, type_);
}

void ColumnRules::add_type(yaml::Mark mark, const std::string& format) {
  if (type_.kind != data::TypeKind::kString) {
    add(RowRuleKind::kType, mark, Severity::kError).message =
        with_article(data::to_text(type_)) + (format.empty() ? "" : " written " + format);
  }
}

void ColumnRules::add_required(yaml::Mark mark, Severity severity) {
  for (RowRule& rule : rules_) {
    if (rule.kind == RowRuleKind::kRequired) {
      rule.severity = std::min(rule.severity, severity);  // kError comes first
      return;
    }
  }
  add(RowRuleKind::kRequired, mark, severity).message = "present";
}

void ColumnRules::add_missing(const yaml::Node& values, Severity severity) {
  if (!reader_.expect_list(values, "missingValues")) {
    return;
  }
  std::vector<std::string> spellings;
  bool names_null = false;
  for (const yaml::Node& item : values.children) {
    if (item.is_null()) {
      names_null = true;
    } else if (std::optional<std::string> text = reader_.text(item, "each of missingValues")) {
      spellings.push_back(std::move(*text));
    }
  }
  if (names_null) {
    add_required(values.mark, severity);
  }
  if (!spellings.empty()) {
    RowRule& rule = add(RowRuleKind::kMissing, values.mark, severity);
    rule.message = "a value, it spells a missing one";
    rule.values = std::move(spellings);
  }
}

void ColumnRules::add_domain(const yaml::Node& values, Severity severity) {
  if (!reader_.expect_list(values, "validValues")) {
    return;
  }
  std::vector<const yaml::Node*> items;
  for (const yaml::Node& item : values.children) {
    items.push_back(&item);
  }
  add_domain(std::move(items), values.mark, severity);
}

void ColumnRules::add_domain(std::vector<const yaml::Node*> items, yaml::Mark mark,
                             Severity severity) {
  std::vector<std::string> values;
  for (const yaml::Node* item : items) {
    if (item->is_null()) {
      continue;  // null meets every domain; kRequired is what forbids it
    }
    if (std::optional<std::string> read = value(*item, "the allowed value")) {
      values.push_back(std::move(*read));
    }
  }
  RowRule& rule = add(RowRuleKind::kDomain, mark, severity);
  rule.message = values.empty() ? "absent, no value is allowed" : one_of(values);
  rule.values = std::move(values);
}

std::optional<std::vector<std::string>> ColumnRules::values(const yaml::Node& list,
                                                            std::string_view what) {
  if (!reader_.expect_list(list, what)) {
    return std::nullopt;
  }
  std::vector<std::string> read;
  for (const yaml::Node& item : list.children) {
    if (item.is_null()) {
      continue;
    }
    std::optional<std::string> text = value(item, "each of " + std::string(what));
    if (!text) {
      return std::nullopt;
    }
    read.push_back(std::move(*text));
  }
  return read;
}

void ColumnRules::add_multiple(const yaml::Node& step) {
  std::optional<std::string> text = value(step, "multipleOf");
  if (!text) {
    return;
  }
  RowRule& rule = add(RowRuleKind::kMultiple, step.mark, Severity::kError);
  rule.message = "a multiple of " + *text;
  rule.values.push_back(std::move(*text));
}

void ColumnRules::add_format(const yaml::Node& format) {
  const TextFormat* known = find_text_format(format.text);
  if (known == nullptr) {
    reader_.add(format, "rule format '" + format.text + "' cannot be executed yet",
                "write it as a pattern; known are " + base::join(text_format_names(), ", "));
    return;
  }
  if (known->pattern.empty() || type_.kind != data::TypeKind::kString) {
    return;  // it only describes, or the column's type says it already
  }
  RowRule& rule = add(RowRuleKind::kFormat, format.mark, Severity::kError);
  rule.message = known->words;
  rule.pattern = known->pattern;
}

void ColumnRules::add_range(std::optional<Bound> minimum, std::optional<Bound> maximum,
                            yaml::Mark mark) {
  if (!minimum && !maximum) {
    return;
  }
  RowRule& rule = add(RowRuleKind::kRange, mark, Severity::kError);
  rule.minimum = std::move(minimum);
  rule.maximum = std::move(maximum);
  for (std::optional<Bound>* bound : {&rule.minimum, &rule.maximum}) {
    if (*bound && (*bound)->mark == yaml::Mark()) {
      (*bound)->mark = mark;  // a type's own bounds stand where the type does
    }
  }
  rule.message = range_words(rule);
}

void ColumnRules::add_length(std::optional<std::int64_t> minimum,
                             std::optional<std::int64_t> maximum, yaml::Mark mark,
                             std::string_view of) {
  if (!minimum && !maximum) {
    return;
  }
  RowRule& rule = add(RowRuleKind::kLength, mark, Severity::kError);
  rule.length_min = minimum;
  rule.length_max = maximum;
  rule.message = length_words(rule, of);
}

void ColumnRules::add_distinct(yaml::Mark mark) {
  RowRule& rule = add(RowRuleKind::kLength, mark, Severity::kError);
  rule.message = "free of duplicates";
  rule.distinct = true;
}

std::optional<std::string> ColumnRules::pattern(const yaml::Node& node) {
  std::optional<std::string> text = reader_.text(node, "pattern");
  if (text && type_.kind != data::TypeKind::kString) {
    reader_.add(node, "a pattern cannot judge column '" + column_ + "', which is no text but " +
                          data::to_text(type_));
    return std::nullopt;
  }
  return text;
}

void ColumnRules::add_pattern(const yaml::Node& node, Severity severity) {
  std::optional<std::string> text = pattern(node);
  if (!text) {
    return;
  }
  RowRule& rule = add(RowRuleKind::kPattern, node.mark, severity);
  rule.message = "a match of " + *text;
  rule.pattern = std::move(*text);
}

std::vector<RowRule> ColumnRules::take() {
  std::stable_sort(rules_.begin(), rules_.end(),
                   [](const RowRule& a, const RowRule& b) { return a.kind < b.kind; });
  return std::move(rules_);
}

}  // namespace sluice::contract::internal
