#include "sluice/duck/quote.h"

namespace sluice::duck {

namespace {

std::string wrap(std::string_view text, char quote) {
  std::string quoted(1, quote);
  for (const char c : text) {
    quoted += c;
    if (c == quote) {
      quoted += c;
    }
  }
  quoted += quote;
  return quoted;
}

}  // namespace

std::string quote_identifier(std::string_view name) { return wrap(name, '"'); }

std::string quote_literal(std::string_view text) { return wrap(text, '\''); }

std::string unquote_identifier(std::string_view quoted) {
  if (quoted.size() < 2 || quoted.front() != '"' || quoted.back() != '"') {
    return std::string(quoted);
  }
  std::string name;
  for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
    name += quoted[i];
    if (quoted[i] == '"') {
      ++i;
    }
  }
  return name;
}

}  // namespace sluice::duck
