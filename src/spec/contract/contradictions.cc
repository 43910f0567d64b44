#include "sluice/contract/internal/contradictions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <regex>
#include <utility>
#include <vector>

#include "sluice/data/value.h"

namespace sluice::contract::internal {

namespace {

using data::TypeKind;

/// std::regex takes stack for each character; longer texts are left to RE2 in a worker.
constexpr std::size_t kMatchedBytesMax = 1000;

std::optional<int> compare(const std::string& a, const std::string& b, const data::Type& type) {
  const auto first = data::parse_value(a, type);
  const auto second = data::parse_value(b, type);
  return first && second ? std::optional(data::compare_values(*first, *second)) : std::nullopt;
}

bool above(const std::string& value, const Bound& bound, const data::Type& type) {
  const auto order = compare(value, bound.value, type);
  return order && (*order > 0 || (bound.exclusive && *order == 0));
}

bool below(const std::string& value, const Bound& bound, const data::Type& type) {
  const auto order = compare(value, bound.value, type);
  return order && (*order < 0 || (bound.exclusive && *order == 0));
}

std::int64_t characters(const std::string& text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

/// Says whether a text surely does not match. Patterns that std::regex reads otherwise than RE2 or
/// not at all are given the benefit of the doubt.
bool surely_no_match(const std::string& text, const std::string& pattern) {
  if (text.size() > kMatchedBytesMax || pattern.size() > kMatchedBytesMax ||
      pattern.find("(?") != std::string::npos || pattern.find("\\p") != std::string::npos ||
      pattern.find("\\P") != std::string::npos || pattern.find("\\A") != std::string::npos ||
      pattern.find("\\z") != std::string::npos || pattern.find("\\C") != std::string::npos) {
    return false;
  }
  try {
    return !std::regex_search(text, std::regex(pattern));
  } catch (const std::regex_error&) {
    return false;
  }
}

bool is_multiple(const std::string& value, const std::string& step) {
  const double quotient = std::strtod(value.c_str(), nullptr) / std::strtod(step.c_str(), nullptr);
  return std::abs(quotient - std::round(quotient)) <= 1e-9 * std::max(1.0, std::abs(quotient));
}

/// Says whether a value that one rule allows is refused by another.
bool refuses(const RowRule& rule, const std::string& value, const data::Type& type) {
  switch (rule.kind) {
    case RowRuleKind::kMissing:
    case RowRuleKind::kDomain: {
      const bool listed =
          std::find(rule.values.begin(), rule.values.end(), value) != rule.values.end();
      return listed == (rule.kind == RowRuleKind::kMissing);
    }
    case RowRuleKind::kRange:
      return (rule.minimum && below(value, *rule.minimum, type)) ||
             (rule.maximum && above(value, *rule.maximum, type));
    case RowRuleKind::kMultiple:
      return !is_multiple(value, rule.values.front());
    case RowRuleKind::kLength:
      return (rule.length_min && characters(value) < *rule.length_min) ||
             (rule.length_max && characters(value) > *rule.length_max);
    case RowRuleKind::kFormat:
    case RowRuleKind::kPattern:
      return surely_no_match(value, rule.pattern);
    case RowRuleKind::kRequired:
    case RowRuleKind::kType:
      return false;
  }
  return false;
}

class Contradictions {
 public:
  Contradictions(const Contract& contract, const yaml::SourceText& source,
                 yaml::Diagnostics& diagnostics)
      : contract_(contract), source_(source), diagnostics_(diagnostics) {}

  void check() {
    for (const data::Field& column : contract_.schema.fields) {
      std::vector<const RowRule*> rules;
      for (const RowRule& rule : contract_.rules) {
        if (rule.column == column.name && rule.severity == Severity::kError) {
          rules.push_back(&rule);
        }
      }
      check_bounds(column, rules);
      check_lengths(column, rules);
      check_domains(column, rules);
      check_presence(column, rules);
    }
    check_measures();
  }

 private:
  void add(yaml::Mark mark, std::string message) {
    diagnostics_.add(source_, mark, std::move(message), "both cannot hold: change one");
  }

  static int line(yaml::Mark mark) { return mark.line; }

  void check_bounds(const data::Field& column, const std::vector<const RowRule*>& rules) {
    const Bound* least = nullptr;
    const Bound* most = nullptr;
    for (const RowRule* rule : rules) {
      if (rule->kind != RowRuleKind::kRange) {
        continue;
      }
      if (rule->minimum && (least == nullptr || above(rule->minimum->value, *least, column.type))) {
        least = &*rule->minimum;
      }
      if (rule->maximum && (most == nullptr || below(rule->maximum->value, *most, column.type))) {
        most = &*rule->maximum;
      }
    }
    if (least == nullptr || most == nullptr) {
      return;
    }
    const auto order = compare(least->value, most->value, column.type);
    const bool touches = order == 0 && (least->exclusive || most->exclusive);
    if (order && (*order > 0 || touches || none_between(*least, *most, column.type))) {
      add(std::max(least->mark, most->mark),
          fmt::format("no value of column '{}' is {} {} (line {}) and {} {} (line {})", column.name,
                      least->exclusive ? "above" : "at least", least->value, line(least->mark),
                      most->exclusive ? "below" : "at most", most->value, line(most->mark)));
    }
  }

  /// Whole numbers leave gaps.
  static bool none_between(const Bound& least, const Bound& most, const data::Type& type) {
    if (type.kind != TypeKind::kInt && type.kind != TypeKind::kLong) {
      return false;
    }
    const auto first = data::parse_int128(least.value);
    const auto last = data::parse_int128(most.value);
    return first && last && *first + (least.exclusive ? 1 : 0) > *last - (most.exclusive ? 1 : 0);
  }

  void check_lengths(const data::Field& column, const std::vector<const RowRule*>& rules) {
    for (const RowRule* least : rules) {
      for (const RowRule* most : rules) {
        if (least->length_min && most->length_max && *least->length_min > *most->length_max) {
          add(std::max(least->mark, most->mark),
              fmt::format("no value of column '{}' has at least {} characters (line {}) and at "
                          "most {} (line {})",
                          column.name, *least->length_min, line(least->mark), *most->length_max,
                          line(most->mark)));
          return;
        }
      }
    }
  }

  void check_domains(const data::Field& column, const std::vector<const RowRule*>& rules) {
    for (const RowRule* domain : rules) {
      if (domain->kind != RowRuleKind::kDomain) {
        continue;
      }
      for (const RowRule* other : rules) {
        if (other == domain) {
          continue;
        }
        const auto refused = std::find_if(
            domain->values.begin(), domain->values.end(),
            [&](const std::string& value) { return refuses(*other, value, column.type); });
        if (refused != domain->values.end()) {
          add(std::max(domain->mark, other->mark),
              fmt::format("column '{}' may be '{}' (line {}), which its {} refuses (line {}): it "
                          "is not {}",
                          column.name, *refused, line(domain->mark), to_text(other->kind),
                          line(other->mark), other->message));
          break;
        }
      }
    }
  }

  void check_presence(const data::Field& column, const std::vector<const RowRule*>& rules) {
    const auto required = std::find_if(rules.begin(), rules.end(), [](const RowRule* rule) {
      return rule->kind == RowRuleKind::kRequired;
    });
    if (required == rules.end()) {
      return;
    }
    for (const RowRule* rule : rules) {
      if (rule->kind == RowRuleKind::kDomain && rule->values.empty()) {
        add(rule->mark, fmt::format("column '{}' must be present (line {}), but no value is "
                                    "allowed (line {})",
                                    column.name, line((*required)->mark), line(rule->mark)));
      }
    }
    for (const TableRule& rule : contract_.table_rules) {
      const bool counts_nulls = rule.metric == Metric::kNullValues ||
                                (rule.metric == Metric::kMissingValues && rule.values.empty());
      if (counts_nulls && rule.severity == Severity::kError &&
          rule.columns.front() == column.name && !holds(rule.threshold, 0)) {
        add(rule.mark,
            fmt::format("column '{}' must be present (line {}), but {} asks for nulls "
                        "(line {})",
                        column.name, line((*required)->mark), rule.name, line(rule.mark)));
      }
    }
  }

  /// Numbers at which a threshold may change its mind, and some on either side.
  static std::vector<double> candidates(const TableRule& a, const TableRule& b) {
    std::vector<double> found = {0, 100, 1e15};
    std::vector<double> edges = {a.threshold.first, a.threshold.second, b.threshold.first,
                                 b.threshold.second};
    std::sort(edges.begin(), edges.end());
    for (std::size_t i = 0; i < edges.size(); ++i) {
      for (const double near : {-1.0, -1e-6, 0.0, 1e-6, 1.0}) {
        found.push_back(edges[i] + near);
      }
      found.push_back(std::floor(edges[i]));
      found.push_back(std::ceil(edges[i]));
      if (i > 0) {
        found.push_back((edges[i - 1] + edges[i]) / 2);
      }
    }
    return found;
  }

  static bool can_be(double number, const TableRule& rule) {
    if (rule.metric == Metric::kQuery) {
      return true;
    }
    return number >= 0 && (rule.percent ? number <= 100 : number == std::floor(number));
  }

  static bool measure_the_same(const TableRule& a, const TableRule& b) {
    return a.metric == b.metric && a.columns == b.columns && a.percent == b.percent &&
           a.values == b.values && a.has_values == b.has_values && a.pattern == b.pattern &&
           a.query == b.query && a.counts_null == b.counts_null;
  }

  void check_measures() {
    const auto& rules = contract_.table_rules;
    for (std::size_t i = 0; i < rules.size(); ++i) {
      for (std::size_t k = 0; k <= i; ++k) {
        if (rules[i].severity != Severity::kError || rules[k].severity != Severity::kError ||
            !measure_the_same(rules[i], rules[k])) {
          continue;
        }
        const std::vector<double> numbers = candidates(rules[i], rules[k]);
        const bool possible = std::any_of(numbers.begin(), numbers.end(), [&](double number) {
          return can_be(number, rules[i]) && holds(rules[i].threshold, number) &&
                 holds(rules[k].threshold, number);
        });
        if (possible) {
          continue;
        }
        add(rules[i].threshold.mark,
            i == k ? fmt::format("{} can never hold (line {})", rules[i].name,
                                 line(rules[i].threshold.mark))
                   : fmt::format("{} (line {}) and {} (line {}) cannot both hold", rules[k].name,
                                 line(rules[k].threshold.mark), rules[i].name,
                                 line(rules[i].threshold.mark)));
        break;
      }
    }
  }

  const Contract& contract_;
  const yaml::SourceText& source_;
  yaml::Diagnostics& diagnostics_;
};

}  // namespace

void check_contradictions(const Contract& contract, const yaml::SourceText& source,
                          yaml::Diagnostics& diagnostics) {
  Contradictions(contract, source, diagnostics).check();
}

}  // namespace sluice::contract::internal
