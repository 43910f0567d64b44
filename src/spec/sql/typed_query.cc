#include "sluice/sql/typed_query.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <cstddef>

#include "sluice/sql/lexical.h"

namespace sluice::sql {

namespace {

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

/// The first byte that belongs to the statement itself.
std::size_t begin_of(std::string_view typed) {
  std::size_t at = 0;
  while (at < typed.size()) {
    if (is_space(typed[at]) || typed[at] == ';') {
      ++at;
    } else if (is_comment(typed, at)) {
      at = skip_quoted(typed, at);
    } else {
      break;
    }
  }
  return at;
}

std::string word_at(std::string_view typed, std::size_t at) {
  std::string word;
  while (at < typed.size() && std::isalpha(static_cast<unsigned char>(typed[at])) != 0) {
    word += static_cast<char>(std::toupper(static_cast<unsigned char>(typed[at++])));
  }
  return word;
}

/// The byte of the semicolon that ends the first statement, or the end of the text.
std::size_t end_of(std::string_view typed, std::size_t at) {
  while (at < typed.size() && typed[at] != ';') {
    const std::size_t after = skip_quoted(typed, at);
    at = after == at ? at + 1 : after;
  }
  return at;
}

constexpr std::array<std::string_view, 16> kChanges = {
    "INSERT", "UPDATE", "DELETE", "MERGE",  "CREATE", "DROP",   "ALTER",   "TRUNCATE",
    "COPY",   "ATTACH", "DETACH", "VACUUM", "EXPORT", "IMPORT", "INSTALL", "LOAD"};

}  // namespace

base::Result<std::string> typed_query(std::string_view typed) {
  const std::size_t begin = begin_of(typed);
  const std::string word = word_at(typed, begin);
  for (const std::string_view change : kChanges) {
    if (word == change) {
      return base::unsupported(fmt::format(
          "{} is no query: tables change by sources and models alone; a query reads (SELECT, FROM, "
          "WITH, DESCRIBE, SUMMARIZE)",
          word));
    }
  }
  if (word == "SHOW") {
    return base::unsupported(
        "SHOW is no query: 'sluice status' lists the tables, DESCRIBE <table> its columns");
  }
  if (word == "EXPLAIN") {
    return base::unsupported(
        "EXPLAIN is no query: 'sluice plan' says what a run would do, 'sluice explain' what one "
        "did");
  }
  if (word != "DESCRIBE" && word != "DESC" && word != "SUMMARIZE") {
    return std::string(typed);
  }
  const std::size_t end = end_of(typed, begin);
  if (begin_of(typed.substr(end)) != typed.size() - end) {
    return std::string(typed);  // two statements: the parser says so
  }
  // A comment in its last line must not hide the bracket.
  return fmt::format("FROM ({}\n)", typed.substr(begin, end - begin));
}

}  // namespace sluice::sql
