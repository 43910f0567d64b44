#include "sluice/contract/internal/contradictions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>
#include <regex>
#include <utility>
#include <vector>

#include "sluice/contract/internal/place.h"
#include "sluice/contract/path.h"
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
    std::map<std::string, Judged> places;
    for (const RowRule& rule : contract_.rules) {
      if (rule.severity == Severity::kError) {
        Judged& judged = places[place_of(rule)];
        judged.name = place_of(rule);
        judged.type = &judged_type(contract_, rule);
        judged.rules.push_back(&rule);
      }
    }
    for (const auto& [name, judged] : places) {
      check_bounds(judged);
      check_multiples(judged);
      check_lengths(judged);
      check_domains(judged);
      check_presence(judged);
      const auto items = places.find(name + "[]");
      if (items != places.end()) {
        check_distinct(judged, items->second);
      }
    }
    check_measures();
  }

 private:
  /// The error rules on a column, or on one place inside of it.
  struct Judged {
    std::string name;
    const data::Type* type = nullptr;
    std::vector<const RowRule*> rules;
  };

  void add(yaml::Mark mark, std::string message) {
    diagnostics_.add(source_, mark, std::move(message), "both cannot hold: change one");
  }

  std::string at(yaml::Mark mark) const { return place(source_, mark); }

  void check_bounds(const Judged& judged) {
    const Bound* least = nullptr;
    const Bound* most = nullptr;
    for (const RowRule* rule : judged.rules) {
      if (rule->kind != RowRuleKind::kRange) {
        continue;
      }
      if (rule->minimum &&
          (least == nullptr || above(rule->minimum->value, *least, *judged.type))) {
        least = &*rule->minimum;
      }
      if (rule->maximum && (most == nullptr || below(rule->maximum->value, *most, *judged.type))) {
        most = &*rule->maximum;
      }
    }
    if (least == nullptr || most == nullptr) {
      return;
    }
    const auto order = compare(least->value, most->value, *judged.type);
    const bool touches = order == 0 && (least->exclusive || most->exclusive);
    if (order && (*order > 0 || touches || none_between(*least, *most, *judged.type))) {
      add(std::max(least->mark, most->mark),
          fmt::format("no value of column '{}' is {} {} ({}) and {} {} ({})", judged.name,
                      least->exclusive ? "above" : "at least", least->value, at(least->mark),
                      most->exclusive ? "below" : "at most", most->value, at(most->mark)));
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

  static std::string_view unit_of(const data::Type& type) {
    switch (type.kind) {
      case TypeKind::kList:
      case TypeKind::kMap:
        return "items";
      case TypeKind::kStruct:
        return "properties";
      default:
        return "characters";
    }
  }

  /// A range may lie between two multiples.
  void check_multiples(const Judged& judged) {
    const RowRule* multiple = nullptr;
    const RowRule* range = nullptr;
    for (const RowRule* rule : judged.rules) {
      multiple = rule->kind == RowRuleKind::kMultiple ? rule : multiple;
      range = rule->minimum && rule->maximum ? rule : range;
    }
    if (multiple == nullptr || range == nullptr) {
      return;
    }
    const double step = std::strtod(multiple->values.front().c_str(), nullptr);
    const double least = std::strtod(range->minimum->value.c_str(), nullptr) / step;
    const double most = std::strtod(range->maximum->value.c_str(), nullptr) / step;
    if (!(step > 0) || !(least <= most) || std::abs(least) > 1e9 || std::abs(most) > 1e9) {
      return;  // so large a quotient has no exact fraction; bounds are judged elsewhere
    }
    const double first =
        range->minimum->exclusive ? std::floor(least + 1e-9) + 1 : std::ceil(least - 1e-9);
    const double last =
        range->maximum->exclusive ? std::ceil(most - 1e-9) - 1 : std::floor(most + 1e-9);
    if (first > last) {
      add(std::max(range->mark, multiple->mark),
          fmt::format("no value of column '{}' is {} ({}) and {} ({})", judged.name, range->message,
                      at(range->mark), multiple->message, at(multiple->mark)));
    }
  }

  /// A list without duplicates has no more items than there are values.
  void check_distinct(const Judged& list, const Judged& items) {
    const RowRule* distinct = nullptr;
    const RowRule* least = nullptr;
    for (const RowRule* rule : list.rules) {
      distinct = rule->distinct ? rule : distinct;
      least = rule->length_min ? rule : least;
    }
    if (distinct == nullptr || least == nullptr) {
      return;
    }
    const bool nullable =
        std::none_of(items.rules.begin(), items.rules.end(),
                     [](const auto* rule) { return rule->kind == RowRuleKind::kRequired; });
    for (const RowRule* rule : items.rules) {
      const auto values = static_cast<std::int64_t>(rule->values.size()) + (nullable ? 1 : 0);
      if (rule->kind == RowRuleKind::kDomain && *least->length_min > values) {
        add(std::max(least->mark, rule->mark),
            fmt::format("'{}' has at least {} items ({}), all different ({}), but only {} values "
                        "are allowed ({})",
                        list.name, *least->length_min, at(least->mark), at(distinct->mark), values,
                        at(rule->mark)));
      }
    }
  }

  void check_lengths(const Judged& judged) {
    for (const RowRule* least : judged.rules) {
      for (const RowRule* most : judged.rules) {
        if (least->length_min && most->length_max && *least->length_min > *most->length_max) {
          add(std::max(least->mark, most->mark),
              fmt::format("no value of column '{}' has at least {} {} ({}) and at most {} ({})",
                          judged.name, *least->length_min, unit_of(*judged.type), at(least->mark),
                          *most->length_max, at(most->mark)));
          return;
        }
      }
    }
  }

  void check_domains(const Judged& judged) {
    for (const RowRule* domain : judged.rules) {
      if (domain->kind != RowRuleKind::kDomain) {
        continue;
      }
      for (const RowRule* other : judged.rules) {
        if (other == domain) {
          continue;
        }
        const auto refused = std::find_if(
            domain->values.begin(), domain->values.end(),
            [&](const std::string& value) { return refuses(*other, value, *judged.type); });
        if (refused != domain->values.end()) {
          add(std::max(domain->mark, other->mark),
              fmt::format("column '{}' may be '{}' ({}), which its {} refuses ({}): it "
                          "is not {}",
                          judged.name, *refused, at(domain->mark), to_text(other->kind),
                          at(other->mark), other->message));
          break;
        }
      }
    }
  }

  void check_presence(const Judged& judged) {
    const auto required =
        std::find_if(judged.rules.begin(), judged.rules.end(),
                     [](const RowRule* rule) { return rule->kind == RowRuleKind::kRequired; });
    if (required == judged.rules.end()) {
      return;
    }
    for (const RowRule* rule : judged.rules) {
      if (rule->kind == RowRuleKind::kDomain && rule->values.empty()) {
        add(rule->mark, fmt::format("column '{}' must be present ({}), but no value is "
                                    "allowed ({})",
                                    judged.name, at((*required)->mark), at(rule->mark)));
      }
    }
    for (const TableRule& rule : contract_.table_rules) {
      const bool counts_nulls = rule.metric == Metric::kNullValues ||
                                (rule.metric == Metric::kMissingValues && rule.values.empty());
      if (counts_nulls && rule.severity == Severity::kError &&
          rule.columns.front() == judged.name && !holds(rule.threshold, 0)) {
        add(rule.mark, fmt::format("column '{}' must be present ({}), but {} asks for nulls "
                                   "({})",
                                   judged.name, at((*required)->mark), rule.name, at(rule.mark)));
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
            i == k
                ? fmt::format("{} can never hold ({})", rules[i].name, at(rules[i].threshold.mark))
                : fmt::format("{} ({}) and {} ({}) cannot both hold", rules[k].name,
                              at(rules[k].threshold.mark), rules[i].name,
                              at(rules[i].threshold.mark)));
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
