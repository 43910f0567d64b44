#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/sql/bind.h"

namespace sluice::sql::internal {

/// A relation under the name that columns are qualified with.
struct VisibleRelation {
  std::string schema;
  std::string alias;
  int relation = -1;
};

/// Columns that USING or NATURAL made one.
struct MergedColumn {
  std::string name;
  std::vector<ColumnId> all;
  Reference reference;  // what the unqualified name stands for
};

/// The names that a FROM clause offers.
struct FromNames {
  std::vector<VisibleRelation> relations;
  std::vector<MergedColumn> merged;
};

/// When an unqualified name may stand for an output column of the same SELECT.
enum class AliasRule { kNever, kAfterColumns, kBeforeColumns };

/// Where an expression stands: what its names can mean.
struct Scope {
  const Scope* parent = nullptr;
  const FromNames* names = nullptr;
  const std::vector<Expression>* outputs = nullptr;  // of the SELECT; aliases are looked up here
  std::size_t outputs_end = 0;                       // those before this one may be named
  AliasRule aliases = AliasRule::kNever;
  bool aliases_at_root_only = false;  // ORDER BY
};

/// Binds one statement. The first failure is kept and ends the binding.
class Binder {
 public:
  Binder(const TableSchemas& tables, BoundQuery& bound) : tables_(tables), bound_(bound) {}

  bool bind(QueryNode& query, const Scope* outer);
  Unbound failure() && { return std::move(failure_); }

 private:
  struct VisibleCte {
    std::string name;
    const CommonTable* table;
  };

  bool fail(std::int64_t offset, std::string message, std::string hint = "");
  bool refuse(std::int64_t offset, std::string construct);

  // Queries.
  bool bind_select(QueryNode& query, Select& select, const Scope* outer);
  bool bind_groups(Select& select, Scope scope);
  bool bind_set_operation(QueryNode& query, SetOperation& operation, const Scope* outer);
  bool bind_select_modifiers(QueryNode& query, Select& select, Scope scope);
  bool bind_set_modifiers(QueryNode& query);
  bool bind_order(OrderItem& item, const Scope& scope, std::size_t outputs);
  bool bind_limit(Limit& limit, const Scope* outer);
  void name_outputs(QueryNode& query, const Select& select);

  // FROM.
  bool bind_table(TableRef& ref, const Scope* outer, FromNames& names);
  bool bind_named(TableRef& ref, const NamedTable& table, FromNames& names);
  bool bind_join(Join& join, const Scope* outer, FromNames& names, std::int64_t offset);
  bool merge_columns(const std::vector<std::string>& columns, JoinType type, const FromNames& left,
                     const FromNames& right, std::vector<MergedColumn>& merged,
                     std::int64_t offset);
  bool bind_function(TableRef& ref, TableFunction& function, const Scope* outer, FromNames& names);
  bool bind_values(TableRef& ref, Values& values, const Scope* outer, FromNames& names);
  bool bind_pivot(TableRef& ref, Pivot& pivot, const Scope* outer, FromNames& names);
  bool pivot_columns(const Pivot& pivot, const FromNames& source, Relation& relation);
  bool unpivot_columns(const Pivot& pivot, const FromNames& source, Relation& relation,
                       std::int64_t offset);
  bool add_relation(TableRef& ref, Relation relation, std::string schema, FromNames& names);
  std::vector<RelationColumn> columns_of(const std::vector<OutputColumn>& outputs);
  std::vector<std::pair<std::string, Reference>> visible_columns(const FromNames& names) const;

  // Stars.
  bool expand_list(const std::vector<Expression>& list, const FromNames* names,
                   std::vector<Expression>& expanded);
  bool expand_one(const Expression& item, const FromNames* names,
                  std::vector<Expression>& expanded);
  bool filter_star(const Expression& condition, const Star& star, const FromNames* names,
                   std::vector<Expression>& expanded);
  bool starred_columns(const Star& star, std::int64_t offset, const FromNames* names,
                       std::vector<Expression>& columns);
  bool select_columns(const Star& star, std::int64_t offset, const FromNames* names,
                      std::vector<Expression>& columns);
  bool unpack_stars(Expression& expression, const FromNames* names);

  // Expressions.
  bool bind_expression(Expression& expression, const Scope& scope, bool is_root = false);
  bool bind_list(std::vector<Expression>& list, const Scope& scope);
  bool bind_boxed(Box<Expression>& expression, const Scope& scope);
  bool bind_column(ColumnRef& ref, std::int64_t offset, const Scope& scope, bool is_root);
  bool bind_call(Call& call, std::int64_t offset, const Scope& scope);
  bool bind_window(Window& window, const Scope& scope);
  bool bind_lambda(Lambda& lambda, std::int64_t offset, const Scope& scope);
  bool bind_subquery(Subquery& subquery, std::int64_t offset, const Scope& scope);

  // Names. `found` is set when the name means something; false is a failure.
  bool look_up(const std::vector<std::string>& names, std::int64_t offset, const FromNames& from,
               std::optional<Reference>& found);
  bool look_up_column(std::string_view name, std::int64_t offset, const FromNames& from,
                      std::optional<Reference>& found);
  std::optional<Reference> look_up_alias(std::string_view name, const Scope& scope) const;
  bool unknown_column(const ColumnRef& ref, std::int64_t offset, const Scope& scope);
  int column_index(int relation, std::string_view name) const;

  // Types.
  std::string type_of(const Expression& expression) const;
  std::string type_of(const Reference& reference) const;
  std::string type_of_call(std::string_view name, const std::vector<Expression>& arguments) const;
  std::string common_type(const std::vector<const Expression*>& expressions) const;

  const TableSchemas& tables_;
  BoundQuery& bound_;
  Unbound failure_;
  std::vector<VisibleCte> ctes_;
  std::vector<std::string> parameters_;    // of the lambdas around
  std::vector<std::string> output_types_;  // of the SELECT at hand, as far as it is bound
  std::size_t columns_ = 0;                // of all relations
  int subqueries_without_name_ = 0;
};

/// Says whether two names are the same to DuckDB, which does not look at case.
bool same_name(std::string_view a, std::string_view b);

/// Says whether an expression has an aggregate of its own query level.
bool has_aggregate(const Expression& expression);

/// Compares DuckDB's type texts, which differ in blanks, quotes and the name of TIMESTAMPTZ between
/// DESCRIBE and a cast.
bool same_type(std::string_view a, std::string_view b);

}  // namespace sluice::sql::internal
