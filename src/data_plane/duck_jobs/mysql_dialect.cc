#include <fmt/format.h>

#include <optional>

#include "sluice/base/text.h"
#include "sluice/duck/quote.h"
#include "sluice/duck_jobs/internal/database_dialect.h"

namespace sluice::duck_jobs {

namespace {

using duck::quote_literal;

/// A text for the server whatever its session holds of backslashes.
std::string text_of(std::string_view text) {
  std::string hex;
  for (const char c : text) {
    hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
  }
  return "CONVERT(0x" + hex + " USING utf8mb4)";
}

bool is_whole(std::string_view type) {
  return type.ends_with("INT") || type == "INTEGER" || type == "UINTEGER";
}

bool is_number(std::string_view type) {
  return is_whole(type) || type == "DOUBLE" || type == "FLOAT" || type.starts_with("DECIMAL(");
}

bool is_time(std::string_view type) { return type == "TIMESTAMP" || type == "DATE"; }

class MysqlDialect final : public DatabaseDialect {
 public:
  using DatabaseDialect::DatabaseDialect;

  std::string_view extension() const override { return "mysql_scanner"; }

  std::vector<std::string> attach() const override {
    return {"SET mysql_tinyint1_as_boolean = false", "SET mysql_bit1_as_boolean = false",
            "SET mysql_session_time_zone = '+00:00'", "SET mysql_query_timeout_enabled = false",
            fmt::format("ATTACH {} AS {} (TYPE mysql, READ_ONLY)", quote_literal(job_.connection),
                        kAttached)};
  }

  std::string identity() const override {
    if (!job_.query.empty()) {
      return "SELECT CONCAT('mysql:', COALESCE(DATABASE(), ''), '/query') AS identity";
    }
    return fmt::format(
        "SELECT (SELECT CONCAT('mysql:', table_schema, '/', table_name) FROM "
        "information_schema.tables WHERE {}) AS identity",
        this_table());
  }

  std::string shape() const override { return "SELECT * FROM " + from() + " LIMIT 0"; }

  std::string natures(std::span<const job::NamedColumn> columns) const override {
    std::vector<std::string> inner;
    std::vector<std::string> outer;
    for (const job::NamedColumn& column : columns) {
      const std::string name = fmt::format("n{}", inner.size());
      inner.push_back(nature_of(column) + " AS " + name);
      outer.push_back(fmt::format("MAX({0}) AS {0}", name));
    }
    const std::string rows = job_.query.empty() ? "(SELECT 1) AS one" : from() + " LIMIT 1";
    return fmt::format("SELECT {} FROM (SELECT {} FROM {}) AS natures", base::join(outer, ", "),
                       base::join(inner, ", "), rows);
  }

 protected:
  std::string_view query_function() const override { return "mysql_query"; }

  std::string quoted(std::string_view name) const override {
    std::string quoted = "`";
    for (const char c : name) {
      quoted += c == '`' ? "``" : std::string(1, c);
    }
    return quoted + "`";
  }

  std::string highest(const job::NamedColumn& cursor) const override {
    std::string value = fmt::format("CAST(MAX({}) AS CHAR)", quoted(cursor.name));
    if (is_number(cursor.type)) {
      return value;
    }
    if (is_time(cursor.type)) {
      return fmt::format("CAST(CONCAT(CHAR(39), {}, CHAR(39)) AS CHAR)", value);
    }
    // What a backslash means depends on the session.
    return fmt::format(
        "CAST(CASE WHEN LOCATE(CHAR(92), {0}) + LOCATE(CHAR(39), {0}) > 0 THEN "
        "CONCAT('CONVERT(0x', "
        "HEX(CONVERT({0} USING utf8mb4)), ' USING utf8mb4)') ELSE CONCAT(CHAR(39), {0}, CHAR(39)) "
        "END AS CHAR)",
        value);
  }

  std::string column(const job::NamedColumn& column, std::string_view nature) const override {
    std::string name = quoted(column.name);
    if (is_whole(column.type)) {
      return name;
    }
    if (column.type == "FLOAT") {
      return fmt::format("CAST({0} + 0e0 AS CHAR) AS {0}", name);  // as text it has six digits
    }
    if (column.type != "BLOB") {
      // DuckDB makes unsigned decimals too narrow, nulls of zero dates, and errors of the 0th May.
      const bool zoned = nature == "timestamp";
      return zoned ? fmt::format("CONCAT(CAST({0} AS CHAR), '+00:00') AS {0}", name)
                   : fmt::format("CAST({0} AS CHAR) AS {0}", name);
    }
    if (nature == "bit") {
      return fmt::format("CAST({0} + 0 AS CHAR) AS {0}", name);
    }
    if (is_geometry(nature)) {
      return fmt::format("ST_AsText({0}) AS {0}", name);
    }
    const bool bytes = nature.empty() || nature == "binary" || nature.ends_with("binary") ||
                       nature.ends_with("blob");
    return bytes ? name : fmt::format("CAST({0} AS CHAR) AS {0}", name);
  }

  std::string behind(const job::NamedColumn&) const override {
    return job_.lag.is_time ? fmt::format("(CAST({} AS DATETIME(6)) - INTERVAL {} MICROSECOND)",
                                          job_.after, job_.lag.amount * 1000)
                            : fmt::format("({} - {})", job_.after, job_.lag.amount);
  }

 private:
  static bool is_geometry(std::string_view nature) {
    constexpr std::string_view kShapes[] = {
        "geometry",   "point",           "linestring",   "polygon",
        "multipoint", "multilinestring", "multipolygon", "geometrycollection"};
    for (const std::string_view shape : kShapes) {
      if (nature == shape) {
        return true;
      }
    }
    return false;
  }

  std::string this_table() const {
    const std::size_t dot = job_.table.find('.');
    return fmt::format("table_schema = {} AND table_name = {}",
                       dot == std::string::npos ? "DATABASE()" : text_of(job_.table.substr(0, dot)),
                       text_of(job_.table.substr(dot == std::string::npos ? 0 : dot + 1)));
  }

  /// DuckDB calls texts of a binary collation bytes, and times in UTC and others the same. Of a
  /// table its own description tells them apart, of a query's columns their character set.
  std::string nature_of(const job::NamedColumn& column) const {
    if (column.type != "BLOB" && column.type != "TIMESTAMP") {
      return "''";
    }
    if (job_.query.empty()) {
      return fmt::format(
          "(SELECT LOWER(data_type) FROM information_schema.columns WHERE {} AND column_name = {})",
          this_table(), text_of(column.name));
    }
    return column.type == "BLOB" ? "CHARSET(" + quoted(column.name) + ")" : "''";
  }
};

}  // namespace

std::unique_ptr<DatabaseDialect> make_mysql_dialect(const job::ExtractJob& job) {
  return std::make_unique<MysqlDialect>(job);
}

}  // namespace sluice::duck_jobs
