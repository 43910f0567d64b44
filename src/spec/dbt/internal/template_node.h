#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/dbt/internal/expression.h"

namespace sluice::dbt::internal {

enum class NodeKind {
  kText,    // text
  kOutput,  // expression
  kSet,     // names = expression, or names[0] = body rendered
  kIf,      // branches: condition (null for else) and body
  kFor,     // names in expression, body; branches[0] is the else of an empty loop
  kMacro,   // text(parameters) body
  kDo,      // expression, for what it does
};

struct Branch;

struct TemplateNode {
  NodeKind kind = NodeKind::kText;
  int line = 1;
  std::string text;
  std::vector<std::string> names;
  ExpressionPtr expression;
  ExpressionPtr condition;  // kFor: `if` behind the list
  std::vector<TemplateNode> body;
  std::vector<Branch> branches;
  std::vector<std::pair<std::string, ExpressionPtr>> parameters;  // kMacro, with defaults or null
};

struct Branch {
  ExpressionPtr condition;
  std::vector<TemplateNode> body;
};

/// Parses a template. Errors begin with `line N: `.
base::Result<std::vector<TemplateNode>> parse_template(std::string_view text);

}  // namespace sluice::dbt::internal
