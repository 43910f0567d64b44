#include "sluice/sql/internal/scan_text.h"

#include <cctype>

namespace sluice::sql::internal {

namespace {

/// In E'...' a backslash takes the next character with it.
bool has_escapes(std::string_view sql, std::size_t at) {
  const bool has_prefix = at > 0 && (sql[at - 1] == 'e' || sql[at - 1] == 'E');
  return sql[at] == '\'' && has_prefix && (at < 2 || !is_word_character(sql[at - 2]));
}

}  // namespace

bool is_word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

std::size_t skip_quoted(std::string_view sql, std::size_t at) {
  const auto after = [&](std::string_view end, std::size_t from) {
    const std::size_t found = sql.find(end, from);
    return found == std::string_view::npos ? sql.size() : found + end.size();
  };
  if (sql[at] == '\'' || sql[at] == '"') {
    const bool escapes = has_escapes(sql, at);
    for (std::size_t i = at + 1; i < sql.size(); ++i) {
      if (escapes && sql[i] == '\\') {
        ++i;
      } else if (sql[i] == sql[at]) {
        return i + 1;
      }
    }
    return sql.size();
  }
  if (sql.substr(at, 2) == "--") {
    return after("\n", at);
  }
  if (sql.substr(at, 2) == "/*") {
    return after("*/", at + 2);
  }
  if (sql.substr(at, 2) == "$$") {
    return after("$$", at + 2);
  }
  return at;
}

std::size_t word_end(std::string_view sql, std::size_t at) {
  while (at < sql.size() && is_word_character(sql[at])) {
    ++at;
  }
  return at;
}

}  // namespace sluice::sql::internal
