#include "sluice/data/sql_quote.h"

namespace sluice::data {

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

std::string quote_table(std::string_view dotted_name) {
  const std::size_t dot = dotted_name.find('.');
  if (dot == std::string_view::npos) {
    return quote_identifier(dotted_name);
  }
  return quote_identifier(dotted_name.substr(0, dot)) + "." +
         quote_identifier(dotted_name.substr(dot + 1));
}

}  // namespace sluice::data
