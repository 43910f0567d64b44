#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sluice/base/result.h"
#include "sluice/data/type.h"
#include "sluice/data/value.h"

struct _duckdb_appender;

namespace sluice::duck {

class Connection;

/// Fills a table row by row. Not thread-safe; the connection must outlive it and run nothing else
/// meanwhile. Rows appear in the table at finish(), or in part before.
class Appender {
 public:
  static base::Result<Appender> open(Connection& connection, const std::string& schema,
                                     const std::string& table);
  Appender(Appender&& other) noexcept;
  Appender& operator=(Appender&&) = delete;
  ~Appender();

  void add(std::int64_t value);
  void add(std::string_view text);
  void add_null();
  void add(const data::Value& value, const data::Type& type);

  /// Ends the row; the first error of its values is returned here.
  base::Status end_row();
  base::Status finish();

 private:
  explicit Appender(_duckdb_appender* handle) : handle_(handle) {}
  base::Error last_error() const;

  _duckdb_appender* handle_;
  bool failed_ = false;
};

}  // namespace sluice::duck
