#include "sluice/dbt/internal/expression.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <span>

#include "sluice/dbt/jinja.h"

namespace sluice::dbt::internal {

namespace {

using base::Result;
using base::Status;

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

ExpressionPtr make(ExpressionKind kind, std::string text, std::vector<ExpressionPtr> children) {
  return std::make_shared<Expression>(
      Expression{kind, std::move(text), {}, std::move(children), {}});
}

ExpressionPtr literal(JinjaValue value) {
  return std::make_shared<Expression>(
      Expression{ExpressionKind::kLiteral, "", std::move(value), {}, {}});
}

std::string unescaped(std::string_view quoted) {
  std::string text;
  for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
    char c = quoted[i];
    if (c == '\\' && i + 2 < quoted.size()) {
      c = quoted[++i];
      c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
    }
    text += c;
  }
  return text;
}

std::optional<JinjaValue> number(std::string_view token) {
  std::int64_t whole = 0;
  const char* end = token.data() + token.size();
  if (const auto read = std::from_chars(token.data(), end, whole);
      read.ec == std::errc() && read.ptr == end) {
    return JinjaValue(whole);
  }
  double real = 0;
  if (const auto read = std::from_chars(token.data(), end, real);
      read.ec == std::errc() && read.ptr == end) {
    return JinjaValue(real);
  }
  return std::nullopt;
}

/// Parses by precedence: each level reads the next tighter one.
class Parser {
 public:
  Parser(Tokens& tokens, int depth) : tokens_(tokens), depth_(depth) {}

  Result<ExpressionPtr> choice() {
    if (++depth_ > kJinjaDepthMax) {
      return base::exhausted("an expression is nested too deep");
    }
    SLUICE_ASSIGN_OR_RETURN(ExpressionPtr value, binary(0));
    if (tokens_.take_if("if")) {
      SLUICE_ASSIGN_OR_RETURN(ExpressionPtr condition, binary(0));
      ExpressionPtr other = literal({});
      if (tokens_.take_if("else")) {
        SLUICE_ASSIGN_OR_RETURN(other, choice());
      }
      value = make(ExpressionKind::kChoice, "", {condition, value, other});
    }
    --depth_;
    return value;
  }

 private:
  static constexpr int kNotLevel = 2;
  static constexpr int kTightest = 6;

  /// The operator at the front, if it belongs to the level; it is taken.
  std::string take_operator(int level) {
    static constexpr std::array<std::array<std::string_view, 6>, 7> kLevels = {{
        {"or"},
        {"and"},
        {},
        {"==", "!=", "<", ">", "<=", ">="},
        {"~"},
        {"+", "-"},
        {"*", "/", "//", "%"},
    }};
    for (const std::string_view name : kLevels[static_cast<std::size_t>(level)]) {
      if (!name.empty() && tokens_.take_if(name)) {
        return std::string(name);
      }
    }
    if (level != 3) {
      return "";
    }
    if (tokens_.take_if("in")) {
      return "in";
    }
    return tokens_.peek() == "not" && tokens_.take_if("not") && tokens_.take_if("in") ? "not in"
                                                                                      : "";
  }

  Result<ExpressionPtr> binary(int level) {
    if (level > kTightest) {
      return unary();
    }
    if (level == kNotLevel && tokens_.take_if("not")) {
      SLUICE_ASSIGN_OR_RETURN(ExpressionPtr operand, binary(kNotLevel));
      return make(ExpressionKind::kUnary, "not", {operand});
    }
    SLUICE_ASSIGN_OR_RETURN(ExpressionPtr left, binary(level + 1));
    for (std::string name = take_operator(level); !name.empty(); name = take_operator(level)) {
      SLUICE_ASSIGN_OR_RETURN(ExpressionPtr right, binary(level + 1));
      left = make(ExpressionKind::kBinary, name, {left, right});
    }
    return left;
  }

  Result<ExpressionPtr> unary() {
    if (tokens_.take_if("-")) {
      SLUICE_ASSIGN_OR_RETURN(ExpressionPtr operand, unary_operand());
      return make(ExpressionKind::kUnary, "-", {operand});
    }
    (void)tokens_.take_if("+");
    return unary_operand();
  }

  Result<ExpressionPtr> unary_operand() {
    SLUICE_ASSIGN_OR_RETURN(ExpressionPtr value, primary());
    return postfix(std::move(value));
  }

  Result<ExpressionPtr> primary() {
    const std::string_view token = tokens_.take();
    if (token.empty()) {
      return base::invalid_input("the expression ends too early");
    }
    if (token.front() == '\'' || token.front() == '"') {
      std::string text = unescaped(token);
      while (!tokens_.peek().empty() &&
             (tokens_.peek().front() == '\'' || tokens_.peek().front() == '"')) {
        text += unescaped(tokens_.take());
      }
      return literal(std::move(text));
    }
    if (std::isdigit(static_cast<unsigned char>(token.front())) != 0) {
      if (auto value = number(token)) {
        return literal(std::move(*value));
      }
      return base::invalid_input(fmt::format("'{}' is no number", token));
    }
    if (token == "true" || token == "True" || token == "false" || token == "False") {
      return literal(token == "true" || token == "True");
    }
    if (token == "none" || token == "None") {
      return literal({});
    }
    if (token == "[") {
      return list("]");
    }
    if (token == "{") {
      return map();
    }
    if (token == "(") {
      return bracketed();
    }
    if (is_identifier(token)) {
      return make(ExpressionKind::kName, std::string(token), {});
    }
    return base::invalid_input(fmt::format("'{}' does not begin an expression", token));
  }

  /// `( a )`, or a tuple `( a, b )`, which is a list here.
  Result<ExpressionPtr> bracketed() {
    SLUICE_ASSIGN_OR_RETURN(ExpressionPtr items, list(")"));
    return items->children.size() == 1 && items->text.empty() ? items->children[0] : items;
  }

  /// `text` of the result is "," when one stood behind the last item.
  Result<ExpressionPtr> list(std::string_view close) {
    std::vector<ExpressionPtr> items;
    bool comma = false;
    while (!tokens_.take_if(close)) {
      SLUICE_ASSIGN_OR_RETURN(ExpressionPtr item, choice());
      items.push_back(std::move(item));
      comma = tokens_.take_if(",");
      if (!comma) {
        SLUICE_RETURN_IF_ERROR(tokens_.expect(close));
        break;
      }
    }
    return make(ExpressionKind::kList, comma ? "," : "", std::move(items));
  }

  Result<ExpressionPtr> map() {
    std::vector<ExpressionPtr> items;
    while (!tokens_.take_if("}")) {
      SLUICE_ASSIGN_OR_RETURN(ExpressionPtr key, choice());
      SLUICE_RETURN_IF_ERROR(tokens_.expect(":"));
      SLUICE_ASSIGN_OR_RETURN(ExpressionPtr value, choice());
      items.push_back(std::move(key));
      items.push_back(std::move(value));
      if (!tokens_.take_if(",")) {
        SLUICE_RETURN_IF_ERROR(tokens_.expect("}"));
        break;
      }
    }
    return make(ExpressionKind::kMap, "", std::move(items));
  }

  Result<ExpressionPtr> postfix(ExpressionPtr value) {
    for (;;) {
      if (tokens_.take_if(".")) {
        const std::string name(tokens_.take());
        if (!is_identifier(name)) {
          return base::invalid_input("'.' must be followed by a name");
        }
        value = make(ExpressionKind::kAttribute, name, {value});
      } else if (tokens_.take_if("[")) {
        SLUICE_ASSIGN_OR_RETURN(ExpressionPtr key, choice());
        SLUICE_RETURN_IF_ERROR(tokens_.expect("]"));
        value = make(ExpressionKind::kItem, "", {value, key});
      } else if (tokens_.take_if("(")) {
        SLUICE_ASSIGN_OR_RETURN(value, call(ExpressionKind::kCall, "", std::move(value)));
      } else if (tokens_.take_if("|")) {
        const std::string name(tokens_.take());
        SLUICE_ASSIGN_OR_RETURN(value, applied(ExpressionKind::kFilter, name, std::move(value)));
      } else if (tokens_.take_if("is")) {
        const bool negated = tokens_.take_if("not");
        const std::string name(tokens_.take());
        SLUICE_ASSIGN_OR_RETURN(value, applied(ExpressionKind::kTest, name, std::move(value)));
        if (negated) {
          value = make(ExpressionKind::kUnary, "not", {value});
        }
      } else {
        return value;
      }
    }
  }

  Result<ExpressionPtr> applied(ExpressionKind kind, const std::string& name, ExpressionPtr value) {
    if (tokens_.take_if("(")) {
      return call(kind, name, std::move(value));
    }
    return make(kind, name, {std::move(value)});
  }

  Result<ExpressionPtr> call(ExpressionKind kind, std::string name, ExpressionPtr callee) {
    auto made = std::make_shared<Expression>();
    made->kind = kind;
    made->text = std::move(name);
    made->children.push_back(std::move(callee));
    while (!tokens_.take_if(")")) {
      SLUICE_ASSIGN_OR_RETURN(ExpressionPtr argument, choice());
      if (argument->kind == ExpressionKind::kName && tokens_.take_if("=")) {
        SLUICE_ASSIGN_OR_RETURN(ExpressionPtr value, choice());
        made->named.emplace_back(argument->text, std::move(value));
      } else {
        made->children.push_back(std::move(argument));
      }
      if (!tokens_.take_if(",")) {
        SLUICE_RETURN_IF_ERROR(tokens_.expect(")"));
        break;
      }
    }
    return ExpressionPtr(std::move(made));
  }

  Tokens& tokens_;
  int depth_;
};

}  // namespace

bool is_identifier(std::string_view token) {
  return !token.empty() && is_word(token.front()) &&
         std::isdigit(static_cast<unsigned char>(token.front())) == 0;
}

std::string_view Tokens::peek() {
  if (!has_peeked_) {
    peeked_ = next();
    has_peeked_ = true;
  }
  return peeked_;
}

std::string_view Tokens::take() {
  const std::string_view token = peek();
  has_peeked_ = false;
  return token;
}

bool Tokens::take_if(std::string_view token) {
  if (peek() != token) {
    return false;
  }
  (void)take();
  return true;
}

Status Tokens::expect(std::string_view token) {
  if (take_if(token)) {
    return {};
  }
  return base::invalid_input(fmt::format("'{}' is missing before '{}'", token, peek()));
}

std::string_view Tokens::next() {
  while (!text_.empty() && std::isspace(static_cast<unsigned char>(text_.front())) != 0) {
    text_.remove_prefix(1);
  }
  if (text_.empty()) {
    return text_;
  }
  std::size_t length = 1;
  const char first = text_.front();
  if (first == '\'' || first == '"') {
    while (length < text_.size() && text_[length] != first) {
      length += text_[length] == '\\' ? 2 : 1;
    }
    length = std::min(length + 1, text_.size());
  } else if (is_word(first)) {
    const bool digits = std::isdigit(static_cast<unsigned char>(first)) != 0;
    while (length < text_.size() && (is_word(text_[length]) || (digits && text_[length] == '.'))) {
      ++length;
    }
  } else {
    for (const std::string_view two : {"==", "!=", "<=", ">=", "//", "**"}) {
      length = text_.starts_with(two) ? 2 : length;
    }
  }
  const std::string_view token = text_.substr(0, length);
  text_.remove_prefix(length);
  return token;
}

Result<ExpressionPtr> parse_expression(Tokens& tokens, int depth) {
  return Parser(tokens, depth).choice();
}

}  // namespace sluice::dbt::internal
