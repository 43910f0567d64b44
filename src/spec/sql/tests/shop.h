#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <variant>

#include "sluice/sql/bind.h"

namespace sluice::sql::shop {

/// The tree of the statement in tests/trees, as DuckDB 1.5 serialized it.
inline std::string tree(const std::string& name) {
  std::ifstream file(std::string(SLUICE_SQL_TREES) + "/" + name + ".json");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The tables that the statements read.
struct Tables {
  data::Schema orders{0,
                      {{1, "id", {data::TypeKind::kLong}, true, ""},
                       {2, "day", {data::TypeKind::kDate}, false, ""},
                       {3, "amount", {data::TypeKind::kInt}, false, ""}},
                      {}};
  data::Schema customers{0,
                         {{1, "id", {data::TypeKind::kLong}, true, ""},
                          {2, "name", {data::TypeKind::kString}, false, ""}},
                         {}};
  data::Schema days{0, {{1, "day", {data::TypeKind::kDate}, true, ""}}, {}};
  TableSchemas schemas{
      {"bronze.days", &days}, {"silver.customers", &customers}, {"silver.orders", &orders}};
};

inline std::variant<BoundQuery, Unbound> bind_tree(const std::string& name) {
  static const Tables kTables;
  auto statement = read_statement(tree(name));
  EXPECT_TRUE(statement.ok()) << name;
  return bind(*std::move(statement), kTables.schemas);
}

inline BoundQuery bound(const std::string& name) {
  auto result = bind_tree(name);
  EXPECT_TRUE(std::holds_alternative<BoundQuery>(result))
      << name << ": " << std::get<Unbound>(result).problem.message;
  return std::get<BoundQuery>(std::move(result));
}

}  // namespace sluice::sql::shop
