#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/data/type.h"

namespace sluice::data {

/// A small CSV file (RFC 4180, UTF-8, comma, a header) held whole: reference data kept with a
/// project. A field without quotes that is empty has no value; blank lines are no records.
struct CsvTable {
  std::vector<std::string> names;
  std::vector<std::vector<std::optional<std::string>>> records;
};

/// Reads the text. kInvalidInput, with the physical line: no header, a column without a name or
/// named twice (whatever the case), a record with another number of fields, text behind a closing
/// quote, a quote that does not end, bytes that are no text.
base::Result<CsvTable> parse_csv_table(std::string_view text);

/// The narrowest type that every value of a column has: boolean (true, false), long, decimal,
/// double (more than 38 digits), date, timestamp, else string. Numbers that begin with a 0 are
/// codes, so strings. A column without any value is a string.
Type narrowest_type(const CsvTable& table, std::size_t column);

}  // namespace sluice::data
