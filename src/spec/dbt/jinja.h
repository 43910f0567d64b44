#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/dbt/jinja_value.h"

namespace sluice::dbt {

/// Arguments of a call: by position, then by name.
struct JinjaArguments {
  std::vector<JinjaValue> positional;
  std::map<std::string, JinjaValue> named;
};

using JinjaFunction = std::function<base::Result<JinjaValue>(const JinjaArguments&)>;

struct JinjaMacro;

/// What a template may name: variables, functions (dotted names too: `dbt_utils.star`) and macros.
struct JinjaScope {
  std::map<std::string, JinjaValue> variables;
  std::map<std::string, JinjaFunction> functions;
  std::map<std::string, std::shared_ptr<const JinjaMacro>> macros;
};

/// Work that one template may do at most: loops of loops end with kExhausted.
inline constexpr int kJinjaStepsMax = 200'000;
inline constexpr int kJinjaDepthMax = 100;

/// Renders a template: text, `{{ }}`, comments, `set`, `if`, `for`, `macro` (kept in the scope),
/// `do`, `raw`, white-space control, the usual operators, tests and filters. kInvalidInput with the
/// line for what is malformed; kUnsupported, naming it, for what is not known: a function, a
/// filter, a block.
/// Source: Jinja's template designer documentation; the subset that dbt projects use.
base::Result<std::string> render_jinja(std::string_view text, JinjaScope& scope);

}  // namespace sluice::dbt
