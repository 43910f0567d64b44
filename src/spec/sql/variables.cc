#include "sluice/sql/variables.h"

#include <fmt/format.h>

#include <algorithm>

#include "sluice/base/text.h"
#include "sluice/sql/internal/scan_text.h"
#include "sluice/sql/lexical.h"

namespace sluice::sql {

namespace {

constexpr std::string_view kFunction = "getvariable";
constexpr std::string_view kBlanks = " \t\r\n";

/// A call `getvariable('name')`; `end` is 0 when its argument is not a plain name in quotes.
struct Call {
  std::string name;
  std::size_t end = 0;
};

std::size_t skip_blanks(std::string_view sql, std::size_t at) {
  return std::min(sql.find_first_not_of(kBlanks, at), sql.size());
}

/// Reads the call whose function name ends at `at`; nothing when no bracket follows.
std::optional<Call> read_call(std::string_view sql, std::size_t at) {
  at = skip_blanks(sql, at);
  if (at >= sql.size() || sql[at] != '(') {
    return std::nullopt;
  }
  Call call;
  const std::size_t quote = skip_blanks(sql, at + 1);
  if (quote >= sql.size() || sql[quote] != '\'') {
    return call;
  }
  const std::size_t after = skip_quoted(sql, quote);
  const std::size_t close = skip_blanks(sql, after);
  if (close >= sql.size() || sql[close] != ')' || after < quote + 2) {
    return call;
  }
  call.name = sql.substr(quote + 1, after - quote - 2);
  call.end = close + 1;
  return call;
}

std::string unknown_text(const std::string& name, const std::vector<std::string>& known) {
  const std::string near = base::nearest(name, known);
  return fmt::format(
      "there is no variable '{}'; {}", name,
      near.empty() ? "declare it under 'vars' in sluice.yaml" : "did you mean '" + near + "'?");
}

}  // namespace

std::int64_t BoundStatement::as_written(std::int64_t offset) const {
  if (offset < 0) {
    return offset;
  }
  auto at = static_cast<std::size_t>(offset);
  std::size_t shift_from = 0;
  std::size_t shift_to = 0;
  for (const Replaced& part : replaced_) {
    if (at < part.at) {
      break;
    }
    if (at < part.at + part.bytes) {
      return static_cast<std::int64_t>(part.from);
    }
    shift_to = part.at + part.bytes;
    shift_from = part.from + part.from_bytes;
  }
  return static_cast<std::int64_t>(at - shift_to + shift_from);
}

BoundStatement bind_variables(std::string_view sql, const VariableLookup& lookup,
                              const std::vector<std::string>& known) {
  BoundStatement bound;
  std::size_t copied = 0;
  for (std::size_t at = 0; at < sql.size();) {
    if (const std::size_t end = skip_quoted(sql, at); end != at) {
      at = end;
      continue;
    }
    const std::size_t end = internal::word_end(sql, at);
    if (end == at) {
      ++at;
      continue;
    }
    const bool named = base::lower(sql.substr(at, end - at)) == kFunction;
    const auto call = named ? read_call(sql, end) : std::nullopt;
    if (!call) {
      at = end;
      continue;
    }
    const auto value = call->end == 0 ? std::nullopt : lookup(call->name);
    if (!value) {
      bound.problems.push_back({static_cast<std::int64_t>(at),
                                call->end == 0 ? "getvariable takes a variable's name in quotes"
                                               : unknown_text(call->name, known)});
      at = end;
      continue;
    }
    bound.sql += sql.substr(copied, at - copied);
    bound.replaced_.push_back({bound.sql.size(), value->size(), at, call->end - at});
    bound.sql += *value;
    if (std::find(bound.used.begin(), bound.used.end(), call->name) == bound.used.end()) {
      bound.used.push_back(call->name);
    }
    at = copied = call->end;
  }
  bound.sql += sql.substr(copied);
  return bound;
}

}  // namespace sluice::sql
