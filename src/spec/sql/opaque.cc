#include "sluice/sql/opaque.h"

#include <fmt/format.h>

#include <cctype>

#include "sluice/base/text.h"
#include "sluice/sql/functions.h"

namespace sluice::sql {

namespace {

bool is_word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Returns the first byte after the quoted text, comment or dollar quote that begins at `at`; `at`
/// when none begins there.
std::size_t skip_quoted(std::string_view sql, std::size_t at) {
  const auto after = [&](std::string_view end, std::size_t from) {
    const std::size_t found = sql.find(end, from);
    return found == std::string_view::npos ? sql.size() : found + end.size();
  };
  if (sql[at] == '\'' || sql[at] == '"') {
    return after(sql.substr(at, 1), at + 1);
  }
  if (sql.substr(at, 2) == "--") {
    return after("\n", at);
  }
  if (sql.substr(at, 2) == "/*") {
    return after("*/", at + 2);
  }
  return at;
}

}  // namespace

std::vector<Problem> opaque_problems(std::string_view sql) {
  std::vector<Problem> problems;
  for (std::size_t at = 0; at < sql.size();) {
    if (const std::size_t end = skip_quoted(sql, at); end != at) {
      at = end;
      continue;
    }
    if (!is_word_character(sql[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < sql.size() && is_word_character(sql[end])) {
      ++end;
    }
    const std::string word = base::lower(sql.substr(at, end - at));
    const std::size_t next = sql.find_first_not_of(" \t\r\n", end);
    const bool called = next != std::string_view::npos && sql[next] == '(';
    if (determinism_of(word) != Determinism::kDeterministic && (called || is_clock_keyword(word))) {
      problems.push_back(
          {static_cast<std::int64_t>(at),
           fmt::format("{} is not supported in a model: the same inputs must give the same rows",
                       word)});
    }
    at = end;
  }
  return problems;
}

}  // namespace sluice::sql
