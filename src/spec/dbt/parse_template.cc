#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "sluice/base/text.h"
#include "sluice/dbt/internal/template_node.h"
#include "sluice/dbt/jinja.h"

namespace sluice::dbt::internal {

namespace {

using base::Result;
using base::Status;

enum class PieceKind { kText, kOutput, kStatement };

/// Text, or what stands between braces, without them.
struct Piece {
  PieceKind kind = PieceKind::kText;
  std::string_view text;
  int line = 1;
};

bool is_blank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

std::string_view trim_end(std::string_view text) {
  while (!text.empty() && is_blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

std::string_view trim_begin(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) {
    text.remove_prefix(1);
  }
  return text;
}

/// Finds where a block ends, quoted texts inside it aside.
std::size_t block_end(std::string_view text, std::size_t from, std::string_view close) {
  char quote = 0;
  for (std::size_t i = from; i + 1 < text.size(); ++i) {
    if (quote != 0) {
      if (text[i] == '\\') {
        ++i;
      } else if (text[i] == quote) {
        quote = 0;
      }
    } else if (text.substr(i).starts_with(close)) {
      return i;
    } else if (text[i] == '\'' || text[i] == '"') {
      quote = text[i];
    }
  }
  return std::string_view::npos;
}

/// Cuts a template into pieces; comments vanish, `raw` becomes text.
class Cutter {
 public:
  explicit Cutter(std::string_view text) : text_(text) {}

  Result<std::vector<Piece>> cut() {
    while (at_ < text_.size()) {
      const std::size_t open = next_open();
      add_text(text_.substr(at_, open - at_));
      if (open == text_.size()) {
        break;
      }
      SLUICE_RETURN_IF_ERROR(block(open));
    }
    return std::move(pieces_);
  }

 private:
  std::size_t next_open() const {
    for (std::size_t i = at_; i + 1 < text_.size(); ++i) {
      if (text_[i] == '{' && (text_[i + 1] == '{' || text_[i + 1] == '%' || text_[i + 1] == '#')) {
        return i;
      }
    }
    return text_.size();
  }

  int line_at(std::size_t at) const {
    return 1 + static_cast<int>(std::count(text_.begin(),
                                           text_.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
  }

  void add_text(std::string_view text) {
    if (trims_next_) {
      text = trim_begin(text);
      trims_next_ = false;
    }
    if (!text.empty()) {
      pieces_.push_back({PieceKind::kText, text, line_at(at_)});
    }
  }

  Status block(std::size_t open) {
    const char mark = text_[open + 1];
    const std::string close = mark == '{' ? "}}" : mark == '%' ? "%}" : "#}";
    const std::size_t end =
        mark == '#' ? text_.find(close, open + 2) : block_end(text_, open + 2, close);
    if (end == std::string_view::npos) {
      return base::invalid_input(
          fmt::format("line {}: '{{{}' is never closed", line_at(open), mark));
    }
    std::string_view inside = text_.substr(open + 2, end - open - 2);
    if (inside.starts_with('-')) {
      inside.remove_prefix(1);
      if (!pieces_.empty() && pieces_.back().kind == PieceKind::kText) {
        pieces_.back().text = trim_end(pieces_.back().text);
      }
    }
    if (inside.ends_with('-')) {
      inside.remove_suffix(1);
      trims_next_ = true;
    }
    at_ = end + 2;
    inside = base::trim(inside);
    if (mark == '%' && inside == "raw") {
      return raw(open);
    }
    if (mark != '#') {
      pieces_.push_back(
          {mark == '{' ? PieceKind::kOutput : PieceKind::kStatement, inside, line_at(open)});
    }
    return {};
  }

  Status raw(std::size_t open) {
    for (std::size_t i = text_.find("{%", at_); i != std::string_view::npos;
         i = text_.find("{%", i + 2)) {
      const std::size_t close = text_.find("%}", i);
      const std::string_view inside =
          close == std::string_view::npos ? "" : text_.substr(i + 2, close - i - 2);
      if (base::trim(inside) == "endraw") {
        add_text(text_.substr(at_, i - at_));
        at_ = close + 2;
        return {};
      }
    }
    return base::invalid_input(fmt::format("line {}: 'raw' is never closed", line_at(open)));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool trims_next_ = false;
  std::vector<Piece> pieces_;
};

/// Builds the tree from the pieces.
class TreeBuilder {
 public:
  explicit TreeBuilder(std::vector<Piece> pieces) : pieces_(std::move(pieces)) {}

  Result<std::vector<TemplateNode>> build() {
    SLUICE_ASSIGN_OR_RETURN(auto nodes, body({}));
    return nodes;
  }

 private:
  /// Reads nodes up to a statement that begins with one of `ends`; that statement is left in
  /// `ending_`.
  Result<std::vector<TemplateNode>> body(const std::vector<std::string_view>& ends) {
    if (++depth_ > kJinjaDepthMax) {
      return base::exhausted("blocks are nested too deep");
    }
    std::vector<TemplateNode> nodes;
    while (at_ < pieces_.size()) {
      const Piece piece = pieces_[at_++];
      if (piece.kind == PieceKind::kText) {
        TemplateNode& node = nodes.emplace_back();
        node.line = piece.line;
        node.text = std::string(piece.text);
        continue;
      }
      Tokens tokens(piece.text);
      if (piece.kind == PieceKind::kStatement) {
        const std::string_view word = tokens.peek();
        if (std::find(ends.begin(), ends.end(), word) != ends.end()) {
          ending_ = piece;
          --depth_;
          return nodes;
        }
      }
      auto node = piece.kind == PieceKind::kOutput ? output(tokens) : statement(tokens);
      if (!node) {
        return located(node.error(), piece.line);
      }
      node->line = piece.line;
      nodes.push_back(std::move(*node));
    }
    --depth_;
    if (!ends.empty()) {
      return base::invalid_input(fmt::format("'{}' is missing", ends.back()));
    }
    return nodes;
  }

  static base::Error located(base::Error error, int line) {
    if (!error.message.starts_with("line ")) {
      error.message = fmt::format("line {}: {}", line, error.message);
    }
    return error;
  }

  static Result<ExpressionPtr> whole_expression(Tokens& tokens) {
    SLUICE_ASSIGN_OR_RETURN(ExpressionPtr expression, parse_expression(tokens));
    if (!tokens.at_end()) {
      return base::invalid_input(fmt::format("'{}' is in the way", tokens.peek()));
    }
    return expression;
  }

  static Result<TemplateNode> output(Tokens& tokens) {
    TemplateNode node;
    node.kind = NodeKind::kOutput;
    SLUICE_ASSIGN_OR_RETURN(node.expression, whole_expression(tokens));
    return node;
  }

  Result<TemplateNode> statement(Tokens& tokens) {
    const std::string word(tokens.take());
    if (word == "set") {
      return set(tokens);
    }
    if (word == "if") {
      return condition(tokens);
    }
    if (word == "for") {
      return loop(tokens);
    }
    if (word == "macro") {
      return macro(tokens);
    }
    if (word == "do") {
      TemplateNode node;
      node.kind = NodeKind::kDo;
      SLUICE_ASSIGN_OR_RETURN(node.expression, whole_expression(tokens));
      return node;
    }
    return base::unsupported(fmt::format("block '{}' is not known", word));
  }

  Result<std::vector<std::string>> names(Tokens& tokens) {
    std::vector<std::string> list;
    do {
      list.emplace_back(tokens.take());
      if (!is_identifier(list.back())) {
        return base::invalid_input(fmt::format("'{}' is no name", list.back()));
      }
    } while (tokens.take_if(","));
    return list;
  }

  Result<TemplateNode> set(Tokens& tokens) {
    TemplateNode node;
    node.kind = NodeKind::kSet;
    SLUICE_ASSIGN_OR_RETURN(node.names, names(tokens));
    if (tokens.take_if("=")) {
      SLUICE_ASSIGN_OR_RETURN(node.expression, whole_expression(tokens));
      return node;
    }
    if (!tokens.at_end()) {
      return base::unsupported(fmt::format("setting '{}{}'", node.names[0], tokens.peek()));
    }
    SLUICE_ASSIGN_OR_RETURN(node.body, body({"endset"}));
    return node;
  }

  Result<TemplateNode> condition(Tokens& tokens) {
    TemplateNode node;
    node.kind = NodeKind::kIf;
    SLUICE_ASSIGN_OR_RETURN(ExpressionPtr test, whole_expression(tokens));
    for (;;) {
      SLUICE_ASSIGN_OR_RETURN(auto inside, body({"elif", "else", "endif"}));
      node.branches.push_back({test, std::move(inside)});
      Tokens ending(ending_.text);
      const std::string word(ending.take());
      if (word == "endif") {
        return node;
      }
      test = nullptr;
      if (word == "elif") {
        SLUICE_ASSIGN_OR_RETURN(test, whole_expression(ending));
      }
    }
  }

  Result<TemplateNode> loop(Tokens& tokens) {
    TemplateNode node;
    node.kind = NodeKind::kFor;
    SLUICE_ASSIGN_OR_RETURN(node.names, names(tokens));
    SLUICE_RETURN_IF_ERROR(tokens.expect("in"));
    SLUICE_ASSIGN_OR_RETURN(node.expression, parse_expression(tokens));
    // `for x in list if condition` reads like a choice without else.
    if (node.expression->kind == ExpressionKind::kChoice) {
      node.condition = node.expression->children[0];
      node.expression = node.expression->children[1];
    }
    SLUICE_ASSIGN_OR_RETURN(node.body, body({"else", "endfor"}));
    if (Tokens(ending_.text).take_if("else")) {
      SLUICE_ASSIGN_OR_RETURN(auto otherwise, body({"endfor"}));
      node.branches.push_back({nullptr, std::move(otherwise)});
    }
    return node;
  }

  Result<TemplateNode> macro(Tokens& tokens) {
    TemplateNode node;
    node.kind = NodeKind::kMacro;
    node.text = std::string(tokens.take());
    SLUICE_RETURN_IF_ERROR(tokens.expect("("));
    while (!tokens.take_if(")")) {
      std::string parameter(tokens.take());
      if (!is_identifier(parameter)) {
        return base::invalid_input(fmt::format("'{}' is no parameter", parameter));
      }
      ExpressionPtr value;
      if (tokens.take_if("=")) {
        SLUICE_ASSIGN_OR_RETURN(value, parse_expression(tokens));
      }
      node.parameters.emplace_back(std::move(parameter), std::move(value));
      if (!tokens.take_if(",")) {
        SLUICE_RETURN_IF_ERROR(tokens.expect(")"));
        break;
      }
    }
    SLUICE_ASSIGN_OR_RETURN(node.body, body({"endmacro"}));
    return node;
  }

  std::vector<Piece> pieces_;
  std::size_t at_ = 0;
  Piece ending_;
  int depth_ = 0;
};

}  // namespace

Result<std::vector<TemplateNode>> parse_template(std::string_view text) {
  SLUICE_ASSIGN_OR_RETURN(auto pieces, Cutter(text).cut());
  return TreeBuilder(std::move(pieces)).build();
}

}  // namespace sluice::dbt::internal
