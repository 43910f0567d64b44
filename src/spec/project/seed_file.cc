#include "sluice/project/internal/seed_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "sluice/data/sql_quote.h"
#include "sluice/project/internal/table_name.h"

namespace sluice::project::internal {

namespace {

constexpr std::string_view kFolder = "seeds/";
constexpr std::string_view kEnding = ".csv";
constexpr std::string_view kNamespace = "seeds";
constexpr std::size_t kBytesMax = std::size_t{1} << 20;

std::string table_of(const std::string& file, yaml::Diagnostics& diagnostics) {
  std::string table = file.substr(kFolder.size(), file.size() - kFolder.size() - kEnding.size());
  std::replace(table.begin(), table.end(), '/', '.');
  if (table.find('.') == std::string::npos) {
    table = std::string(kNamespace) + "." + table;
  }
  const std::string space = table.substr(0, table.find('.'));
  if (!is_table_name(table)) {
    diagnostics.add({file,
                     {1, 1},
                     "the file's path names no table",
                     "write seeds/<table>.csv or seeds/<namespace>/<table>.csv in lower-case "
                     "letters, digits and _",
                     ""});
  } else if (space == "bronze" || is_reserved_namespace(space)) {
    diagnostics.add({file,
                     {1, 1},
                     "namespace '" + space + "' is not for seeds",
                     "leave the folder out, or take one such as silver",
                     ""});
  }
  return table;
}

std::string type_name(const Seed& seed, std::size_t column, const contract::Contract* contract) {
  const data::Field* declared =
      contract == nullptr ? nullptr : contract->column(seed.rows.names[column]);
  return data::duckdb_name(declared == nullptr ? data::narrowest_type(seed.rows, column)
                                               : declared->type);
}

}  // namespace

Seed read_seed(std::string file, std::string_view text, yaml::Diagnostics& diagnostics) {
  Seed seed;
  seed.model.table = table_of(file, diagnostics);
  seed.model.file = std::move(file);
  if (text.size() > kBytesMax) {
    diagnostics.add({seed.model.file,
                     {1, 1},
                     fmt::format("a seed of {} bytes: seeds are small tables of up to {}",
                                 text.size(), kBytesMax),
                     "make it a source: sources/<name>.yaml with its path",
                     ""});
    return seed;
  }
  auto rows = data::parse_csv_table(text);
  if (!rows) {
    diagnostics.add({seed.model.file, {1, 1}, rows.error().message, "", ""});
    return seed;
  }
  seed.rows = std::move(*rows);
  return seed;
}

void write_select(Seed& seed, const contract::Contract* contract) {
  std::string columns;
  std::string cells;
  for (std::size_t i = 0; i < seed.rows.names.size(); ++i) {
    const char* comma = i == 0 ? "" : ", ";
    columns += fmt::format("{}CAST(c{} AS {}) AS {}", comma, i, type_name(seed, i, contract),
                           data::quote_identifier(seed.rows.names[i]));
    cells += fmt::format("{}c{}", comma, i);
  }
  std::string values;
  for (const auto& record : seed.rows.records) {
    values += values.empty() ? "(" : ",\n(";
    for (std::size_t i = 0; i < record.size(); ++i) {
      values += i == 0 ? "" : ", ";
      values += record[i] ? data::quote_literal(*record[i]) : "NULL";
    }
    values += ")";
  }
  std::string empty;
  if (values.empty()) {  // VALUES needs a row
    for (std::size_t i = 0; i < seed.rows.names.size(); ++i) {
      values += i == 0 ? "(NULL" : ", NULL";
    }
    values += ")";
    empty = "\nWHERE false";
  }
  seed.model.text =
      fmt::format("SELECT {}\nFROM (VALUES\n{}) AS seed({}){}", columns, values, cells, empty);
  seed.model.sql_offset = 0;
  seed.model.sql_end = seed.model.text.size();
}

}  // namespace sluice::project::internal
