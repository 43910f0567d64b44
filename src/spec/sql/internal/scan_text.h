#pragma once

#include <cstddef>
#include <string_view>

namespace sluice::sql::internal {

bool is_word_character(char c);

/// Returns the first byte after the word that begins at `at`.
std::size_t word_end(std::string_view sql, std::size_t at);

}  // namespace sluice::sql::internal
