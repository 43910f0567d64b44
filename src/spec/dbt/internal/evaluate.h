#pragma once

#include <functional>
#include <string>

#include "sluice/base/result.h"
#include "sluice/dbt/internal/expression.h"
#include "sluice/dbt/jinja.h"

namespace sluice::dbt::internal {

/// Calls a macro with arguments; given by the renderer.
using CallMacro =
    std::function<base::Result<JinjaValue>(const JinjaMacro& macro, const JinjaArguments&)>;

/// Works expressions out in a scope. kInvalidInput: a name that there is not, an operand that does
/// not fit; kUnsupported names a function, filter or test that is not known.
class Evaluator {
 public:
  Evaluator(const JinjaScope& scope, CallMacro call_macro)
      : scope_(scope), call_macro_(std::move(call_macro)) {}

  base::Result<JinjaValue> evaluate(const Expression& expression) const;

 private:
  base::Result<JinjaValue> name(const Expression& expression) const;
  base::Result<JinjaValue> item(const Expression& expression) const;
  base::Result<JinjaValue> attribute(const Expression& expression) const;
  base::Result<JinjaValue> call(const Expression& expression) const;
  base::Result<JinjaValue> method(const Expression& callee, const JinjaArguments& arguments) const;
  base::Result<JinjaValue> test(const Expression& expression) const;
  base::Result<JinjaValue> binary(const Expression& expression) const;
  base::Result<JinjaArguments> arguments(const Expression& expression) const;
  bool is_defined(const Expression& expression) const;

  const JinjaScope& scope_;
  CallMacro call_macro_;
};

/// Applies a filter: upper, lower, trim, length, join, default, replace, first, last, list, int,
/// float, string, title, capitalize, map(attribute=), unique, sort, reject('equalto', x), indent.
base::Result<JinjaValue> apply_filter(std::string_view name, const JinjaValue& value,
                                      const JinjaArguments& arguments);

/// Applies a binary operator but `and` and `or`.
base::Result<JinjaValue> apply_operator(std::string_view name, const JinjaValue& left,
                                        const JinjaValue& right);

}  // namespace sluice::dbt::internal
