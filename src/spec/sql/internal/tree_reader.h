#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/sql/statement.h"

namespace sluice::sql::internal {

/// Reads the nodes of a serialized statement. The first thing that is wrong is kept in status() and
/// reading goes on with defaults, so a caller looks at status() once, at the end.
class TreeReader {
 public:
  using Json = nlohmann::json;

  const base::Status& status() const { return status_; }

  QueryNode query(const Json& node);
  Expression expression(const Json& node);
  TableRef table(const Json& node);

 private:
  // Fields: what is absent or null is empty, what has another type is an error.
  const Json& field(const Json& node, const char* key);
  std::string text(const Json& node, const char* key);
  bool flag(const Json& node, const char* key);
  std::vector<std::string> texts(const Json& node, const char* key);
  bool has(const Json& node, const char* key);
  const Json& list(const Json& node, const char* key);

  void corrupt(std::string_view what);
  void unsupported(std::string_view construct);

  /// A subquery's statement, which wraps its node.
  Box<QueryNode> statement(const Json& node);
  Select select(const Json& node);
  SetOperation set_operation(const Json& node);
  void ctes(const Json& node, QueryNode& query);
  Modifier modifier(const Json& node);

  bool need(const Json& node, std::initializer_list<const char*> keys);
  void read_node(const Json& node, std::string_view klass, Expression& result);
  /// Reads a kind of node whose every child must be there; false for another kind.
  bool read_plain_node(const Json& node, std::string_view klass, Expression& result);
  Box<Expression> boxed(const Json& node, const char* key);
  std::vector<Expression> expressions(const Json& node, const char* key);
  std::vector<OrderItem> orders(const Json& array);
  Call call(const Json& node);
  Window window(const Json& node);
  FrameBound frame_bound(const Json& node, const char* kind_key, const char* distance_key);
  Case case_of(const Json& node);
  Operator operator_of(const Json& node, std::string_view type);
  Star star(const Json& node);
  Subquery subquery(const Json& node);
  ComparisonKind comparison(std::string_view name);
  QualifiedName qualified(const Json& node);

  Constant constant(const Json& value);
  std::string number(const Json& value, std::string_view type, int width, int scale);
  std::string type(const Json& node);
  std::string struct_type(const Json& info, std::string_view keyword);

  Join join(const Json& node);
  Pivot pivot(const Json& node);

  base::Status status_;
};

/// Writes days since 1970-01-01 as an ISO date.
std::string date_text(std::int64_t days);

}  // namespace sluice::sql::internal
