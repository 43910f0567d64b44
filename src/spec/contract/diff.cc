#include "sluice/contract/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/contract/compile.h"
#include "sluice/contract/path.h"
#include "sluice/data/type.h"
#include "sluice/data/value.h"

namespace sluice::contract {

namespace {

/// What a change does to the set of good data.
struct Effect {
  bool narrows = false;  // something good before is not any more
  bool widens = false;   // something is good now that was not
};

int compare_bounds(const Bound& a, const Bound& b, const data::Type& type) {
  const auto first = data::parse_value(a.value, type);
  const auto second = data::parse_value(b.value, type);
  return first && second ? data::compare_values(*first, *second) : a.value.compare(b.value);
}

/// `side` is 1 for a minimum, whose larger value narrows, and -1 for a maximum.
void add_bound(const std::optional<Bound>& from, const std::optional<Bound>& to, int side,
               const data::Type& type, Effect& effect) {
  if (!from || !to) {
    effect.narrows = effect.narrows || (!from && to);
    effect.widens = effect.widens || (from && !to);
    return;
  }
  int order = compare_bounds(*to, *from, type) * side;
  if (order == 0) {
    order = static_cast<int>(to->exclusive) - static_cast<int>(from->exclusive);
  }
  effect.narrows = effect.narrows || order > 0;
  effect.widens = effect.widens || order < 0;
}

void add_length(std::optional<std::int64_t> from, std::optional<std::int64_t> to, int side,
                Effect& effect) {
  if (from == to) {
    return;
  }
  const bool narrower = !from || (to && (*to - *from) * side > 0);
  effect.narrows = effect.narrows || narrower;
  effect.widens = effect.widens || !narrower;
}

Effect effect_of(const RowRule& from, const RowRule& to, const data::Type& type) {
  Effect effect;
  add_bound(from.minimum, to.minimum, 1, type, effect);
  add_bound(from.maximum, to.maximum, -1, type, effect);
  add_length(from.length_min, to.length_min, 1, effect);
  add_length(from.length_max, to.length_max, -1, effect);
  const std::set<std::string> before(from.values.begin(), from.values.end());
  const std::set<std::string> after(to.values.begin(), to.values.end());
  const bool gained = !std::includes(before.begin(), before.end(), after.begin(), after.end());
  const bool lost = !std::includes(after.begin(), after.end(), before.begin(), before.end());
  const bool refuses_listed = from.kind == RowRuleKind::kMissing;
  effect.widens = effect.widens || (refuses_listed ? lost : gained);
  effect.narrows = effect.narrows || (refuses_listed ? gained : lost);
  if (from.pattern != to.pattern || from.distinct != to.distinct ||
      (from.kind == RowRuleKind::kMultiple && before != after)) {
    effect = {true, true};
  }
  return effect;
}

bool binds(Severity severity) { return severity == Severity::kError; }

class Comparer {
 public:
  Comparer(const Contract& from, const Contract& to) : from_(from), to_(to) {}

  std::vector<Change> run() {
    if (from_.table != to_.table) {
      add(fmt::format("table {} is now {}", from_.table, to_.table), true, true);
    }
    match_columns();
    compare_columns();
    compare_keys();
    compare_references();
    compare_table_rules();
    compare_levels();
    for (const auto& [what, before, after] :
         {std::tuple{"version", from_.version, to_.version},
          std::tuple{"status", from_.status, to_.status},
          std::tuple{"description", from_.description, to_.description}}) {
      if (before != after) {
        add(fmt::format("{} '{}' is now '{}'", what, before, after), false, false);
      }
    }
    return std::move(changes_);
  }

 private:
  void add(std::string what, bool producers, bool consumers) {
    changes_.push_back({std::move(what), producers, consumers});
  }

  static const ColumnNotes* notes_of(const Contract& contract, const std::string& column) {
    const auto found =
        std::find_if(contract.notes.begin(), contract.notes.end(),
                     [&](const ColumnNotes& notes) { return notes.column == column; });
    return found == contract.notes.end() ? nullptr : &*found;
  }

  void match_columns() {
    for (const data::Field& column : to_.schema.fields) {
      const ColumnNotes* notes = notes_of(to_, column.name);
      std::string old = from_.column(column.name) == nullptr ? "" : column.name;
      for (const ColumnNotes& other : from_.notes) {
        if (notes != nullptr && !notes->id.empty() && other.id == notes->id) {
          old = other.column;
        }
      }
      if (!old.empty()) {
        old_name_[column.name] = old;
        new_name_[old] = column.name;
      }
    }
  }

  void compare_columns() {
    for (const data::Field& column : from_.schema.fields) {
      if (!new_name_.contains(column.name)) {
        add(fmt::format("column {} is gone", column.name), true, true);
      }
    }
    for (const data::Field& column : to_.schema.fields) {
      const auto old = old_name_.find(column.name);
      if (old == old_name_.end()) {
        add(fmt::format("column {} is new{}", column.name, column.required ? " and required" : ""),
            column.required, false);
        continue;
      }
      compare_column(*from_.column(old->second), column);
    }
  }

  void compare_column(const data::Field& from, const data::Field& to) {
    if (from.name != to.name) {
      add(fmt::format("column {} is now called {}", from.name, to.name), true, true);
    }
    if (!data::same_shape(from.type, to.type)) {
      const bool wider = data::can_widen(from.type, to.type);
      const bool narrower = data::can_widen(to.type, from.type);
      add(fmt::format("column {}: its type {} is now {}", to.name, data::to_text(from.type),
                      data::to_text(to.type)),
          !wider, !narrower && !wider);
    }
    compare_rules(from, to);
    compare_forms(from, to);
    compare_notes(from, to);
  }

  /// Text of another form is refused.
  void compare_forms(const data::Field& from, const data::Field& to) {
    const auto format_of = [](const WrittenForm* form) {
      return form == nullptr ? std::string("ISO 8601") : form->format;
    };
    std::set<std::string> told;
    for (const auto* forms : {&from_.forms, &to_.forms}) {
      for (const WrittenForm& form : *forms) {
        if (form.column != (forms == &from_.forms ? from.name : to.name)) {
          continue;
        }
        const std::string before = format_of(find_form(from_, from.name, form.path));
        const std::string after = format_of(find_form(to_, to.name, form.path));
        const std::string where = to_text(to.name, form.path);
        if (before != after && told.insert(where).second) {
          add(fmt::format("column {}: it was written {} and now is {}", where, before, after), true,
              false);
        }
      }
    }
  }

  void compare_notes(const data::Field& from, const data::Field& to) {
    const ColumnNotes* before = notes_of(from_, from.name);
    const ColumnNotes* after = notes_of(to_, to.name);
    if (from.doc != to.doc) {
      add(fmt::format("column {}: its description changed", to.name), false, false);
    }
    if (before == nullptr || after == nullptr) {
      return;
    }
    if (before->classification != after->classification) {
      add(fmt::format("column {}: its classification '{}' is now '{}'", to.name,
                      before->classification, after->classification),
          false, false);
    }
    if (before->tags != after->tags) {
      add(fmt::format("column {}: its tags '{}' are now '{}'", to.name,
                      base::join(before->tags, ", "), base::join(after->tags, ", ")),
          false, false);
    }
  }

  /// A column's rules of one kind: on the column, or on one place inside of it.
  static std::vector<const RowRule*> rules_of(const Contract& contract, const std::string& column,
                                              const Path& path, RowRuleKind kind) {
    std::vector<const RowRule*> rules;
    for (const RowRule& rule : contract.rules) {
      if (rule.column == column && rule.path == path && rule.kind == kind) {
        rules.push_back(&rule);
      }
    }
    return rules;
  }

  /// The paths that rules of a column have in either contract, in their order.
  std::vector<Path> paths_of(const data::Field& from, const data::Field& to) const {
    std::vector<Path> paths = {{}};
    const auto collect = [&](const Contract& contract, const std::string& column) {
      for (const RowRule& rule : contract.rules) {
        if (rule.column == column &&
            std::find(paths.begin(), paths.end(), rule.path) == paths.end()) {
          paths.push_back(rule.path);
        }
      }
    };
    collect(from_, from.name);
    collect(to_, to.name);
    return paths;
  }

  void compare_rules(const data::Field& from, const data::Field& to) {
    for (const Path& path : paths_of(from, to)) {
      for (const RowRuleKind kind :
           {RowRuleKind::kRequired, RowRuleKind::kMissing, RowRuleKind::kDomain,
            RowRuleKind::kRange, RowRuleKind::kMultiple, RowRuleKind::kLength, RowRuleKind::kFormat,
            RowRuleKind::kPattern}) {
        const auto before = rules_of(from_, from.name, path, kind);
        const auto after = rules_of(to_, to.name, path, kind);
        for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
          compare_rule(i < before.size() ? before[i] : nullptr,
                       i < after.size() ? after[i] : nullptr);
        }
      }
    }
  }

  void compare_rule(const RowRule* from, const RowRule* to) {
    if (from == nullptr || to == nullptr) {
      const RowRule& rule = from == nullptr ? *to : *from;
      add(fmt::format("column {}: the {} rule '{}' is {}", place_of(rule), to_text(rule.kind),
                      rule.message, from == nullptr ? "new" : "gone"),
          from == nullptr && binds(rule.severity), to == nullptr && binds(rule.severity));
      return;
    }
    const Effect effect = effect_of(*from, *to, judged_type(to_, *to));
    if (effect.narrows || effect.widens) {
      add(fmt::format("column {}: its {} '{}' is now '{}'", place_of(*to), to_text(to->kind),
                      from->message, to->message),
          effect.narrows && binds(to->severity), effect.widens && binds(from->severity));
    }
    compare_severity(fmt::format("column {}: its {}", place_of(*to), to_text(to->kind)),
                     from->severity, to->severity);
  }

  void compare_severity(const std::string& what, Severity from, Severity to) {
    if (from != to) {
      add(fmt::format("{} was of severity {} and is now {}", what, to_text(from), to_text(to)),
          binds(to), binds(from));
    }
  }

  /// The rules of either contract by name; those with a name in both are of the same meaning.
  template <class Rule, class Name>
  void compare_named(const std::vector<Rule>& from, const std::vector<Rule>& to, Name name_of) {
    std::map<std::string, Severity> before;
    std::map<std::string, Severity> after;
    for (const Rule& rule : from) {
      before.emplace(name_of(rule), rule.severity);
    }
    for (const Rule& rule : to) {
      after.emplace(name_of(rule), rule.severity);
    }
    for (const auto& [name, severity] : before) {
      const auto found = after.find(name);
      if (found == after.end()) {
        add(fmt::format("rule {} is gone", name), false, binds(severity));
      } else {
        compare_severity("rule " + name, severity, found->second);
      }
    }
    for (const auto& [name, severity] : after) {
      if (!before.contains(name)) {
        add(fmt::format("rule {} is new", name), binds(severity), false);
      }
    }
  }

  void compare_keys() {
    compare_named(from_.keys, to_.keys, [](const KeyRule& rule) { return rule_name(rule); });
  }

  void compare_references() {
    compare_named(from_.references, to_.references, [](const ReferenceRule& rule) {
      return rule_name(rule) + " to " + base::join(rule.to, ", ");
    });
  }

  void compare_table_rules() {
    compare_named(from_.table_rules, to_.table_rules, [](const TableRule& rule) {
      std::string said = rule.name;
      const std::string threshold = to_text(rule.threshold);
      said += said.find(threshold) == std::string::npos ? " " + threshold : "";
      for (const std::string& value : rule.values) {
        said += ", '" + value + "'";
      }
      return said + (rule.pattern.empty() ? "" : ", " + rule.pattern) +
             (rule.query.empty() ? "" : ": " + rule.query);
    });
  }

  void compare_levels() {
    const auto find = [](const Contract& contract, const std::string& column) {
      const auto found =
          std::find_if(contract.service_levels.begin(), contract.service_levels.end(),
                       [&](const ServiceLevel& level) { return level.column == column; });
      return found == contract.service_levels.end() ? nullptr : &*found;
    };
    for (const ServiceLevel& level : from_.service_levels) {
      const ServiceLevel* after = find(to_, level.column);
      if (after == nullptr) {
        add(fmt::format("service level {} is gone", level.name), false, true);
      } else if (after->limit_s != level.limit_s) {
        add(fmt::format("service level {} is now {}", level.name, after->name),
            after->limit_s<level.limit_s, after->limit_s> level.limit_s);
      }
    }
    for (const ServiceLevel& level : to_.service_levels) {
      if (find(from_, level.column) == nullptr) {
        add(fmt::format("service level {} is new", level.name), true, false);
      }
    }
  }

  const Contract& from_;
  const Contract& to_;
  std::map<std::string, std::string> old_name_;
  std::map<std::string, std::string> new_name_;
  std::vector<Change> changes_;
};

}  // namespace

std::vector<Change> compare(const Contract& from, const Contract& to) {
  return Comparer(from, to).run();
}

}  // namespace sluice::contract
