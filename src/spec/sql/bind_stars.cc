#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "sluice/base/text.h"
#include "sluice/sql/functions.h"
#include "sluice/sql/internal/binder.h"
#include "sluice/sql/walk.h"

namespace sluice::sql::internal {

namespace {

constexpr std::size_t kPatternMax = 200;  // the standard library's matcher recurses

/// Says whether a column's name matches a regular expression; nullopt when the pattern is none
/// that this understands. DuckDB's are RE2's, so an answer is checked against DESCRIBE later.
std::optional<bool> matches_pattern(const std::string& name, const std::string& pattern,
                                    bool whole) {
  if (pattern.size() > kPatternMax || name.size() > kPatternMax) {
    return std::nullopt;
  }
  try {
    const std::regex regex(pattern, std::regex::ECMAScript);
    return whole ? std::regex_match(name, regex) : std::regex_search(name, regex);
  } catch (const std::regex_error&) {
    return std::nullopt;
  }
}

bool matches_like(std::string_view text, std::string_view pattern) {
  // The last % met, and where the text stood then: what goes back on a mismatch.
  std::size_t t = 0;
  std::size_t p = 0;
  std::size_t star = std::string_view::npos;
  std::size_t mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '%') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && (pattern[p] == '_' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '%') {
    ++p;
  }
  return p == pattern.size();
}

const std::string* text_of(const Expression& expression) {
  const auto* constant = std::get_if<Constant>(&expression.node);
  return constant != nullptr && constant->kind == Constant::Kind::kText ? &constant->text : nullptr;
}

/// Evaluates a condition on a column's name, in which the name is a star or a lambda's parameter.
std::optional<bool> holds_for(const Expression& condition, const std::string& name) {
  if (const auto* call = std::get_if<Call>(&condition.node)) {
    const std::string function = base::lower(call->name);
    if (call->arguments.size() != 2 ||
        !(std::holds_alternative<Star>(call->arguments[0].node) ||
          std::holds_alternative<ColumnRef>(call->arguments[0].node))) {
      return std::nullopt;
    }
    const std::string* operand = text_of(call->arguments[1]);
    if (operand == nullptr) {
      return std::nullopt;
    }
    if (function == "~~" || function == "!~~") {
      return matches_like(name, *operand) == (function == "~~");
    }
    if (function == "~~*" || function == "!~~*") {
      return matches_like(base::lower(name), base::lower(*operand)) == (function == "~~*");
    }
    if (function == "starts_with" || function == "prefix" || function == "^@") {
      return name.starts_with(*operand);
    }
    if (function == "ends_with" || function == "suffix") {
      return name.ends_with(*operand);
    }
    if (function == "contains") {
      return name.find(*operand) != std::string::npos;
    }
    if (function == "regexp_full_match" || function == "regexp_matches") {
      return matches_pattern(name, *operand, function == "regexp_full_match");
    }
    return std::nullopt;
  }
  if (const auto* conjunction = std::get_if<Conjunction>(&condition.node)) {
    bool all = true;
    bool any = false;
    for (const Expression& child : conjunction->children) {
      const auto holds = holds_for(child, name);
      if (!holds) {
        return std::nullopt;
      }
      all = all && *holds;
      any = any || *holds;
    }
    return conjunction->is_and ? all : any;
  }
  if (const auto* node = std::get_if<Operator>(&condition.node)) {
    if (node->kind == OperatorKind::kNot) {
      const auto holds = holds_for(node->children[0], name);
      return holds ? std::optional<bool>(!*holds) : std::nullopt;
    }
    if (node->kind == OperatorKind::kIn || node->kind == OperatorKind::kNotIn) {
      bool found = false;
      for (std::size_t i = 1; i < node->children.size(); ++i) {
        const std::string* text = text_of(node->children[i]);
        if (text == nullptr) {
          return std::nullopt;
        }
        found = found || *text == name;
      }
      return found == (node->kind == OperatorKind::kIn);
    }
  }
  if (const auto* comparison = std::get_if<Comparison>(&condition.node)) {
    const std::string* text = text_of(*comparison->right);
    if (text != nullptr && (comparison->kind == ComparisonKind::kEqual ||
                            comparison->kind == ComparisonKind::kNotEqual)) {
      return (*text == name) == (comparison->kind == ComparisonKind::kEqual);
    }
  }
  return std::nullopt;
}

const Star* star_of(const Expression& expression) { return std::get_if<Star>(&expression.node); }

/// Returns the star of `* LIKE 'a%'`.
const Star* filtered_star(const Expression& expression) {
  const auto* call = std::get_if<Call>(&expression.node);
  const Star* star =
      call != nullptr && call->arguments.size() == 2 ? star_of(call->arguments[0]) : nullptr;
  return star != nullptr && !star->is_columns ? star : nullptr;
}

/// Finds the first COLUMNS(…) in an expression, its own query level only.
const Expression* columns_in(const Expression& expression) {
  if (const Star* star = star_of(expression)) {
    return star->is_columns ? &expression : nullptr;
  }
  const Expression* found = nullptr;
  for_each_child(expression, [&](const Expression& child) {
    found = found != nullptr ? found : columns_in(child);
  });
  return found;
}

void replace_columns(Expression& expression, const Expression& column) {
  if (const Star* star = star_of(expression); star != nullptr && star->is_columns) {
    std::string alias = std::move(expression.alias);
    expression = column;
    expression.alias = std::move(alias);
    return;
  }
  for_each_child(expression, [&](Expression& child) { replace_columns(child, column); });
}

bool excludes(const Star& star, const std::string& table, const std::string& name) {
  return std::any_of(star.excluded.begin(), star.excluded.end(), [&](const QualifiedName& item) {
    return same_name(item.column, name) && (item.table.empty() || same_name(item.table, table));
  });
}

}  // namespace

bool Binder::starred_columns(const Star& star, std::int64_t offset, const FromNames* names,
                             std::vector<Expression>& columns) {
  if (names == nullptr || names->relations.empty()) {
    return fail(offset, "* needs a FROM clause");
  }
  std::vector<std::pair<std::string, Reference>> visible;
  if (star.relation.empty()) {
    visible = visible_columns(*names);
  } else {
    const auto named =
        std::find_if(names->relations.begin(), names->relations.end(),
                     [&](const auto& item) { return same_name(item.alias, star.relation); });
    if (named == names->relations.end()) {
      std::optional<Reference> column;
      if (!look_up_column(star.relation, offset, *names, column)) {
        return false;
      }
      if (column) {
        return refuse(offset, fmt::format("{}.* of a struct", star.relation));
      }
      return unknown_column(ColumnRef{{star.relation, "*"}, {}}, offset, Scope{nullptr, names});
    }
    FromNames one;
    one.relations.push_back(*named);
    visible = visible_columns(one);
  }
  for (auto& [name, reference] : visible) {
    const std::string& table =
        bound_.relations[static_cast<std::size_t>(reference.columns.front().relation)].alias;
    if (excludes(star, table, name)) {
      continue;
    }
    Expression column{ColumnRef{{table, name}, std::move(reference)}, "", offset};
    for (const auto& [replaced, value] : star.replaced) {
      if (same_name(replaced, name)) {
        column = *value;
        column.alias = replaced;
      }
    }
    for (const auto& [renamed, to] : star.renamed) {
      if (same_name(renamed.column, name) &&
          (renamed.table.empty() || same_name(renamed.table, table))) {
        column.alias = to;
      }
    }
    columns.push_back(std::move(column));
  }
  return true;
}

bool Binder::select_columns(const Star& star, std::int64_t offset, const FromNames* names,
                            std::vector<Expression>& columns) {
  if (!star.selector) {
    return starred_columns(star, offset, names, columns);
  }
  const auto* call = std::get_if<Call>(&star.selector->node);
  const std::string function = call != nullptr ? base::lower(call->name) : "";
  if (function == "list_value") {
    for (const Expression& item : call->arguments) {
      const std::string* text = text_of(item);
      columns.push_back(text != nullptr ? Expression{ColumnRef{{*text}, {}}, "", offset} : item);
    }
    return true;
  }
  Star all;
  const Expression* condition = nullptr;
  if (function == "list_filter" && call->arguments.size() == 2) {
    if (const Star* inner = star_of(call->arguments[0])) {
      all = *inner;
      const auto* lambda = std::get_if<Lambda>(&call->arguments[1].node);
      condition = lambda != nullptr ? &*lambda->body : nullptr;
    }
  }
  const std::string* pattern = text_of(*star.selector);
  if (condition == nullptr && pattern == nullptr) {
    return refuse(offset, "this form of COLUMNS");
  }
  std::vector<Expression> candidates;
  if (!starred_columns(all, offset, names, candidates)) {
    return false;
  }
  for (Expression& candidate : candidates) {
    const auto* ref = std::get_if<ColumnRef>(&candidate.node);
    const std::string& name = ref != nullptr ? ref->names.back() : candidate.alias;
    const auto holds =
        condition != nullptr ? holds_for(*condition, name) : matches_pattern(name, *pattern, false);
    if (!holds) {
      return refuse(offset, "this form of COLUMNS");
    }
    if (*holds) {
      columns.push_back(std::move(candidate));
    }
  }
  return true;
}

bool Binder::unpack_stars(Expression& expression, const FromNames* names) {
  std::vector<Expression>* list = nullptr;
  if (auto* call = std::get_if<Call>(&expression.node)) {
    list = &call->arguments;
  } else if (auto* node = std::get_if<Operator>(&expression.node)) {
    list = &node->children;
  }
  if (list != nullptr) {
    std::vector<Expression> unpacked;
    for (Expression& item : *list) {
      const auto* unpack = std::get_if<Operator>(&item.node);
      const Star* star = unpack != nullptr && unpack->kind == OperatorKind::kUnpack
                             ? star_of(unpack->children.front())
                             : nullptr;
      if (star == nullptr) {
        unpacked.push_back(std::move(item));
      } else if (!select_columns(Star(*star), item.offset, names, unpacked)) {
        return false;
      }
    }
    *list = std::move(unpacked);
  }
  bool fine = true;
  for_each_child(expression, [&](Expression& child) { fine = fine && unpack_stars(child, names); });
  return fine;
}

bool Binder::filter_star(const Expression& condition, const Star& star, const FromNames* names,
                         std::vector<Expression>& expanded) {
  std::vector<Expression> candidates;
  if (!starred_columns(star, condition.offset, names, candidates)) {
    return false;
  }
  for (Expression& candidate : candidates) {
    const auto* ref = std::get_if<ColumnRef>(&candidate.node);
    const auto holds = holds_for(condition, ref != nullptr ? ref->names.back() : candidate.alias);
    if (!holds) {
      return refuse(condition.offset, "this condition on *");
    }
    if (*holds) {
      expanded.push_back(std::move(candidate));
    }
  }
  return true;
}

bool Binder::expand_one(const Expression& item, const FromNames* names,
                        std::vector<Expression>& expanded) {
  if (const Star* star = star_of(item)) {
    return select_columns(*star, item.offset, names, expanded);
  }
  if (const Star* star = filtered_star(item)) {
    return filter_star(item, *star, names, expanded);
  }
  Expression copy = item;
  if (!unpack_stars(copy, names)) {
    return false;
  }
  const Expression* columns = columns_in(copy);
  if (columns == nullptr) {
    expanded.push_back(std::move(copy));
    return true;
  }
  if (item.alias.find('\\') != std::string::npos) {
    return refuse(item.offset, "an alias made from the groups of COLUMNS");
  }
  std::vector<Expression> candidates;
  const Star star = *star_of(*columns);
  if (!select_columns(star, item.offset, names, candidates)) {
    return false;
  }
  for (const Expression& candidate : candidates) {
    Expression one = copy;
    replace_columns(one, candidate);
    if (one.alias.empty()) {
      const auto* ref = std::get_if<ColumnRef>(&candidate.node);
      one.alias = ref != nullptr ? ref->names.back() : candidate.alias;
    }
    expanded.push_back(std::move(one));
  }
  return true;
}

bool Binder::expand_list(const std::vector<Expression>& list, const FromNames* names,
                         std::vector<Expression>& expanded) {
  for (const Expression& item : list) {
    if (!expand_one(item, names, expanded)) {
      return false;
    }
  }
  return true;
}

}  // namespace sluice::sql::internal
