#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/dbt/jinja_value.h"

namespace sluice::dbt::internal {

enum class ExpressionKind {
  kLiteral,    // value
  kName,       // text
  kList,       // children
  kMap,        // key, value, key, value, ...
  kAttribute,  // children[0].text
  kItem,       // children[0][children[1]]
  kCall,       // children[0](children[1...], named)
  kFilter,     // children[0] | text(children[1...], named)
  kTest,       // children[0] is text(children[1...])
  kUnary,      // text: `-`, `+`, `not`
  kBinary,     // text: `+`, `~`, `==`, `and`, `in`, ...
  kChoice,     // children[1] if children[0] else children[2]
};

struct Expression;
using ExpressionPtr = std::shared_ptr<const Expression>;

struct Expression {
  ExpressionKind kind = ExpressionKind::kLiteral;
  std::string text;
  JinjaValue value;
  std::vector<ExpressionPtr> children;
  std::vector<std::pair<std::string, ExpressionPtr>> named;
};

/// Reads tokens of an expression one by one.
class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) {}

  /// Returns the next token without taking it: a name, number, quoted text or operator; "" at the
  /// end.
  std::string_view peek();
  std::string_view take();
  bool take_if(std::string_view token);
  base::Status expect(std::string_view token);
  bool at_end() { return peek().empty(); }

 private:
  std::string_view next();

  std::string_view text_;
  std::string_view peeked_;
  bool has_peeked_ = false;
};

bool is_identifier(std::string_view token);

/// Parses one expression (with `,` left over). kInvalidInput says what is in the way.
base::Result<ExpressionPtr> parse_expression(Tokens& tokens, int depth = 0);

}  // namespace sluice::dbt::internal
