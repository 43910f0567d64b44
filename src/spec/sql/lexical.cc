#include "sluice/sql/lexical.h"

#include <cctype>

#include "sluice/base/text.h"

namespace sluice::sql {

namespace {

bool is_word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::size_t after_quoted(std::string_view sql, std::size_t at) {
  const char quote = sql[at];
  const bool has_prefix = at > 0 && (sql[at - 1] == 'e' || sql[at - 1] == 'E');
  const bool escapes = quote == '\'' && has_prefix && (at < 2 || !is_word_character(sql[at - 2]));
  for (++at; at < sql.size(); ++at) {
    if (escapes && sql[at] == '\\') {
      ++at;
    } else if (sql[at] == quote) {
      return at + 1;
    }
  }
  return sql.size();
}

std::size_t after_comment(std::string_view sql, std::size_t at) {
  int depth = 0;
  while (at + 1 < sql.size()) {
    if (sql[at] == '/' && sql[at + 1] == '*') {
      ++depth;
      at += 2;
    } else if (sql[at] == '*' && sql[at + 1] == '/') {
      at += 2;
      if (--depth == 0) {
        return at;
      }
    } else {
      ++at;
    }
  }
  return sql.size();
}

/// Returns the mark `$tag$` that begins at `at`, or "" when it is no such mark: `$1`, or a `$`
/// within a name.
std::string_view dollar_mark(std::string_view sql, std::size_t at) {
  if (at > 0 && (is_word_character(sql[at - 1]) || sql[at - 1] == '$')) {
    return {};
  }
  std::size_t end = at + 1;
  while (end < sql.size() && is_word_character(sql[end])) {
    ++end;
  }
  const bool digit = end > at + 1 && std::isdigit(static_cast<unsigned char>(sql[at + 1])) != 0;
  return end < sql.size() && sql[end] == '$' && !digit ? sql.substr(at, end + 1 - at)
                                                       : std::string_view();
}

}  // namespace

bool is_comment(std::string_view sql, std::size_t at) {
  return sql.substr(at, 2) == "--" || sql.substr(at, 2) == "/*";
}

std::size_t skip_quoted(std::string_view sql, std::size_t at) {
  const auto after = [&](std::string_view mark, std::size_t from) {
    const std::size_t found = sql.find(mark, from);
    return found == std::string_view::npos ? sql.size() : found + mark.size();
  };
  if (sql[at] == '\'' || sql[at] == '"') {
    return after_quoted(sql, at);
  }
  if (sql.substr(at, 2) == "--") {
    return after("\n", at);
  }
  if (sql.substr(at, 2) == "/*") {
    return after_comment(sql, at);
  }
  if (sql[at] == '$') {
    const std::string_view mark = dollar_mark(sql, at);
    return mark.empty() ? at : after(mark, at + mark.size());
  }
  return at;
}

bool has_word(std::string_view sql, std::string_view word) {
  for (std::size_t at = 0; at < sql.size();) {
    if (const std::size_t end = skip_quoted(sql, at); end != at) {
      at = end;
      continue;
    }
    std::size_t end = at;
    while (end < sql.size() && is_word_character(sql[end])) {
      ++end;
    }
    if (end - at == word.size() && base::lower(sql.substr(at, end - at)) == word) {
      return true;
    }
    at = end == at ? at + 1 : end;
  }
  return false;
}

}  // namespace sluice::sql
