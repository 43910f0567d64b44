#pragma once

#include <cstddef>
#include <string_view>

namespace sluice::sql {

/// Returns the first byte after the quoted text, quoted name, dollar-quoted text or comment that
/// begins at `at`, or `at` when none begins there. What does not end goes to the end of the text.
/// As DuckDB's scanner: a backslash escapes in E'…' alone, `$tag$…$tag$` may have an empty tag,
/// comments nest.
std::size_t skip_quoted(std::string_view sql, std::size_t at);

/// Says whether a comment begins at `at`.
bool is_comment(std::string_view sql, std::size_t at);

/// Says whether a word stands in the statement outside quotes and comments; `word` is lower case.
bool has_word(std::string_view sql, std::string_view word);

}  // namespace sluice::sql
