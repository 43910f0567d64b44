#include "sluice/sql/internal/scan_text.h"

#include <cctype>

namespace sluice::sql::internal {

bool is_word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

std::size_t word_end(std::string_view sql, std::size_t at) {
  while (at < sql.size() && is_word_character(sql[at])) {
    ++at;
  }
  return at;
}

}  // namespace sluice::sql::internal
