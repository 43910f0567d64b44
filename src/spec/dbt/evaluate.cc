#include "sluice/dbt/internal/evaluate.h"

#include <fmt/format.h>

#include <algorithm>

#include "sluice/base/text.h"

namespace sluice::dbt::internal {

namespace {

using base::Result;

/// `dbt_utils.star` as written, "" for anything but names joined by points.
std::string dotted(const Expression& expression) {
  if (expression.kind == ExpressionKind::kName) {
    return expression.text;
  }
  if (expression.kind != ExpressionKind::kAttribute) {
    return "";
  }
  const std::string before = dotted(*expression.children[0]);
  return before.empty() ? "" : before + "." + expression.text;
}

Result<JinjaValue> list_item(const JinjaValue::List& items, const JinjaValue& key) {
  const std::int64_t* number = key.integer();
  if (number == nullptr) {
    return base::invalid_input("a list is indexed by a number");
  }
  const auto size = static_cast<std::int64_t>(items.size());
  const std::int64_t at = *number < 0 ? *number + size : *number;
  if (at < 0 || at >= size) {
    return base::invalid_input(fmt::format("a list of {} has no item {}", size, *number));
  }
  return items[static_cast<std::size_t>(at)];
}

}  // namespace

Result<JinjaValue> Evaluator::evaluate(const Expression& expression) const {
  switch (expression.kind) {
    case ExpressionKind::kLiteral:
      return expression.value;
    case ExpressionKind::kName:
      return name(expression);
    case ExpressionKind::kList: {
      JinjaValue::List items;
      for (const ExpressionPtr& child : expression.children) {
        SLUICE_ASSIGN_OR_RETURN(items.emplace_back(), evaluate(*child));
      }
      return JinjaValue(std::move(items));
    }
    case ExpressionKind::kMap: {
      JinjaValue::Map entries;
      for (std::size_t i = 0; i + 1 < expression.children.size(); i += 2) {
        SLUICE_ASSIGN_OR_RETURN(const JinjaValue key, evaluate(*expression.children[i]));
        SLUICE_ASSIGN_OR_RETURN(entries[key.print()], evaluate(*expression.children[i + 1]));
      }
      return JinjaValue(std::move(entries));
    }
    case ExpressionKind::kAttribute:
      return attribute(expression);
    case ExpressionKind::kItem:
      return item(expression);
    case ExpressionKind::kCall:
      return call(expression);
    case ExpressionKind::kFilter: {
      JinjaValue value;
      if (expression.text != "default" || is_defined(*expression.children[0])) {
        SLUICE_ASSIGN_OR_RETURN(value, evaluate(*expression.children[0]));
      }
      SLUICE_ASSIGN_OR_RETURN(const JinjaArguments given, arguments(expression));
      return apply_filter(expression.text, value, given);
    }
    case ExpressionKind::kTest:
      return test(expression);
    case ExpressionKind::kUnary: {
      SLUICE_ASSIGN_OR_RETURN(const JinjaValue value, evaluate(*expression.children[0]));
      if (expression.text == "not") {
        return JinjaValue(!value.truthy());
      }
      return apply_operator("-", JinjaValue(std::int64_t{0}), value);
    }
    case ExpressionKind::kBinary:
      return binary(expression);
    case ExpressionKind::kChoice: {
      SLUICE_ASSIGN_OR_RETURN(const JinjaValue condition, evaluate(*expression.children[0]));
      return evaluate(*expression.children[condition.truthy() ? 1 : 2]);
    }
  }
  return base::internal_error("an expression of no kind");
}

Result<JinjaValue> Evaluator::name(const Expression& expression) const {
  const auto found = scope_.variables.find(expression.text);
  if (found == scope_.variables.end()) {
    return base::unsupported(fmt::format("'{}' is not known", expression.text));
  }
  return found->second;
}

Result<JinjaValue> Evaluator::item(const Expression& expression) const {
  SLUICE_ASSIGN_OR_RETURN(const JinjaValue value, evaluate(*expression.children[0]));
  SLUICE_ASSIGN_OR_RETURN(const JinjaValue key, evaluate(*expression.children[1]));
  if (const auto* items = value.list()) {
    return list_item(*items, key);
  }
  if (const auto* entries = value.map()) {
    const auto found = entries->find(key.print());
    return found == entries->end() ? JinjaValue() : found->second;
  }
  return base::invalid_input("only lists and maps have items");
}

Result<JinjaValue> Evaluator::attribute(const Expression& expression) const {
  SLUICE_ASSIGN_OR_RETURN(const JinjaValue value, evaluate(*expression.children[0]));
  if (const auto* entries = value.map()) {
    const auto found = entries->find(expression.text);
    return found == entries->end() ? JinjaValue() : found->second;
  }
  return base::unsupported(fmt::format("attribute '{}' is not known", expression.text));
}

Result<JinjaArguments> Evaluator::arguments(const Expression& expression) const {
  JinjaArguments given;
  for (std::size_t i = 1; i < expression.children.size(); ++i) {
    SLUICE_ASSIGN_OR_RETURN(given.positional.emplace_back(), evaluate(*expression.children[i]));
  }
  for (const auto& [key, value] : expression.named) {
    SLUICE_ASSIGN_OR_RETURN(given.named[key], evaluate(*value));
  }
  return given;
}

Result<JinjaValue> Evaluator::call(const Expression& expression) const {
  const Expression& callee = *expression.children[0];
  const std::string function = dotted(callee);
  SLUICE_ASSIGN_OR_RETURN(const JinjaArguments given, arguments(expression));
  if (const auto found = scope_.functions.find(function); found != scope_.functions.end()) {
    return found->second(given);
  }
  if (const auto found = scope_.macros.find(function); found != scope_.macros.end()) {
    return call_macro_(*found->second, given);
  }
  if (callee.kind == ExpressionKind::kAttribute && is_defined(*callee.children[0])) {
    return method(callee, given);
  }
  return base::unsupported(
      fmt::format("'{}' is not known", function.empty() ? "a call" : function + "()"));
}

Result<JinjaValue> Evaluator::method(const Expression& callee,
                                     const JinjaArguments& arguments) const {
  SLUICE_ASSIGN_OR_RETURN(const JinjaValue value, evaluate(*callee.children[0]));
  const std::string& name = callee.text;
  if (const auto* entries = value.map()) {
    JinjaValue::List items;
    for (const auto& [key, held] : *entries) {
      if (name == "items") {
        items.emplace_back(JinjaValue::List{JinjaValue(key), held});
      } else if (name == "keys") {
        items.emplace_back(key);
      } else if (name == "values") {
        items.push_back(held);
      }
    }
    if (name == "items" || name == "keys" || name == "values") {
      return JinjaValue(std::move(items));
    }
    if (name == "get" && !arguments.positional.empty()) {
      const auto found = entries->find(arguments.positional[0].print());
      return found != entries->end()           ? found->second
             : arguments.positional.size() > 1 ? arguments.positional[1]
                                               : JinjaValue();
    }
  }
  if (value.text() != nullptr) {
    if (name == "upper" || name == "lower" || name == "replace" || name == "title") {
      return apply_filter(name, value, arguments);
    }
    if (name == "strip") {
      return apply_filter("trim", value, arguments);
    }
    if (name == "split" && arguments.positional.size() == 1 &&
        arguments.positional[0].print().size() == 1) {
      JinjaValue::List parts;
      for (const std::string& part :
           base::split(*value.text(), arguments.positional[0].print()[0])) {
        parts.emplace_back(part);
      }
      return JinjaValue(std::move(parts));
    }
  }
  return base::unsupported(fmt::format("method '{}()' is not known", name));
}

bool Evaluator::is_defined(const Expression& expression) const {
  if (expression.kind == ExpressionKind::kName) {
    return scope_.variables.contains(expression.text);
  }
  const auto value = evaluate(expression);
  return value.ok() && !value->is_none();
}

Result<JinjaValue> Evaluator::test(const Expression& expression) const {
  const std::string& name = expression.text;
  const Expression& operand = *expression.children[0];
  if (name == "defined" || name == "undefined") {
    return JinjaValue(is_defined(operand) == (name == "defined"));
  }
  SLUICE_ASSIGN_OR_RETURN(const JinjaValue value, evaluate(operand));
  if (name == "none") {
    return JinjaValue(value.is_none());
  }
  if (name == "string") {
    return JinjaValue(value.text() != nullptr);
  }
  if (name == "number") {
    return JinjaValue(value.integer() != nullptr || value.real() != nullptr);
  }
  if (name == "mapping") {
    return JinjaValue(value.map() != nullptr);
  }
  if (name == "iterable" || name == "sequence") {
    return JinjaValue(value.list() != nullptr || value.map() != nullptr || value.text() != nullptr);
  }
  if ((name == "odd" || name == "even") && value.integer() != nullptr) {
    return JinjaValue((*value.integer() % 2 != 0) == (name == "odd"));
  }
  return base::unsupported(fmt::format("test 'is {}' is not known", name));
}

Result<JinjaValue> Evaluator::binary(const Expression& expression) const {
  SLUICE_ASSIGN_OR_RETURN(JinjaValue left, evaluate(*expression.children[0]));
  if (expression.text == "and" || expression.text == "or") {
    return left.truthy() == (expression.text == "or") ? Result<JinjaValue>(std::move(left))
                                                      : evaluate(*expression.children[1]);
  }
  SLUICE_ASSIGN_OR_RETURN(const JinjaValue right, evaluate(*expression.children[1]));
  return apply_operator(expression.text, left, right);
}

}  // namespace sluice::dbt::internal
