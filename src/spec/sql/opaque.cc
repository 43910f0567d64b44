#include "sluice/sql/opaque.h"

#include <fmt/format.h>

#include "sluice/base/text.h"
#include "sluice/sql/functions.h"
#include "sluice/sql/internal/scan_text.h"
#include "sluice/sql/lexical.h"

namespace sluice::sql {

using internal::is_word_character;

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
    const std::size_t end = internal::word_end(sql, at);
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
