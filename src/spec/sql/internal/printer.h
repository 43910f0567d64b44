#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sluice/sql/print.h"
#include "sluice/sql/statement.h"

namespace sluice::sql::internal {

/// The constant that an expression is once casts and rounding are taken away, as DuckDB puts them
/// around the number of an INTERVAL; nullptr when it is anything else.
const Constant* only_constant(const Expression& expression);

/// Writes nodes one after the other.
class Printer {
 public:
  explicit Printer(const Dialect& dialect) : dialect_(dialect) {}

  void query(const QueryNode& query);
  void expression(const Expression& expression);
  std::string take() && { return std::move(out_); }

 private:
  void add(std::string_view text) { out_ += text; }
  void identifier(std::string_view name) { out_ += dialect_.identifier(name); }
  void identifiers(const std::vector<std::string>& names);
  void expressions(const std::vector<Expression>& list, bool with_aliases = false);
  void with_alias(const Expression& expression);

  void select(const QueryNode& query, const Select& select);
  void set_operation(const SetOperation& operation);
  void groups(const Select& select);
  void limit(const Limit& limit);
  void order(const std::vector<OrderItem>& items);
  void values(const Values& values);
  void table(const TableRef& ref);
  void table_name(const NamedTable& table);
  void join(const Join& join);
  void pivot(const Pivot& pivot);
  void unpivot(const Pivot& pivot);
  void alias_of(const TableRef& ref);

  void operator()(const Constant& constant);
  void operator()(const ColumnRef& ref);
  void operator()(const Call& call);
  void operator()(const Window& window);
  void operator()(const Cast& cast);
  void operator()(const Case& expression);
  void operator()(const Comparison& comparison);
  void operator()(const Conjunction& conjunction);
  void operator()(const Between& between);
  void operator()(const Operator& expression);
  void operator()(const Lambda& lambda);
  void operator()(const Star& star);
  void operator()(const Subquery& subquery);
  void operator()(const Collate& collate);
  void operator()(const Positional& positional);

  void function_name(std::string_view catalog, std::string_view schema, std::string_view name);
  bool special_form(const Call& call);
  void arguments(const Call& call);
  void argument_of(const Call& call, const Expression& argument);
  void lambda_argument(const Lambda& lambda);
  void frame(const Window& window);
  void frame_bound(const FrameBound& bound);
  void subscripted(const Expression& expression);
  void slice(const Operator& node);
  void star_changes(const Star& star);

  const Dialect& dialect_;
  std::string out_;
};

}  // namespace sluice::sql::internal
