#include "sluice/sql/query.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "sluice/base/digest.h"
#include "sluice/base/json_fields.h"
#include "sluice/base/text.h"
#include "sluice/sql/functions.h"

namespace sluice::sql {

namespace {

using base::Result;
using base::Status;
using nlohmann::json;

constexpr int kTreeDepthMax = 1000;

std::string text_of(const json& node, const char* key) {
  const auto found = node.find(key);
  return found != node.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// The byte at which a node begins; DuckDB writes 2^64 - 1 for a node that stands nowhere.
std::int64_t offset_of(const json& node) {
  const auto found = node.find("query_location");
  if (found == node.end() || !found->is_number_unsigned()) {
    return -1;
  }
  const auto location = found->get<std::uint64_t>();
  return location > (std::uint64_t{1} << 40) ? -1 : static_cast<std::int64_t>(location);
}

/// Collects references from a tree, keeping which names are common table expressions where.
class Collector {
 public:
  explicit Collector(Query& query) : query_(query) {}

  Status visit(const json& node) {
    if (node.is_array()) {
      for (const json& item : node) {
        SLUICE_RETURN_IF_ERROR(visit(item));
      }
      return {};
    }
    if (!node.is_object()) {
      return {};
    }
    const std::size_t scope = cte_names_.size();
    SLUICE_RETURN_IF_ERROR(visit_ctes(node));
    SLUICE_RETURN_IF_ERROR(note(node));
    for (const auto& [key, child] : node.items()) {
      if (key != "cte_map") {
        SLUICE_RETURN_IF_ERROR(visit(child));
      }
    }
    cte_names_.resize(scope);
    return {};
  }

 private:
  /// A CTE sees those before it, and itself when recursive; the statement sees all of them.
  Status visit_ctes(const json& node) {
    const auto ctes = node.find("cte_map");
    if (ctes == node.end() || !ctes->is_object()) {
      return {};
    }
    SLUICE_ASSIGN_OR_RETURN(const json* entries, base::json_array(*ctes, "map", "cte_map"));
    for (const json& entry : *entries) {
      const std::string name = base::lower(text_of(entry, "key"));
      const bool recursive = entry.dump().find("\"RECURSIVE_CTE_NODE\"") != std::string::npos;
      if (recursive) {
        cte_names_.push_back(name);
      }
      SLUICE_RETURN_IF_ERROR(visit(entry.value("value", json())));
      if (!recursive) {
        cte_names_.push_back(name);
      }
    }
    return {};
  }

  Status note(const json& node) {
    const std::string type = text_of(node, "type");
    if (type == "BASE_TABLE") {
      note_table(node);
    } else if (type == "SHOW_REF") {
      return base::unsupported("DESCRIBE, SHOW and SUMMARIZE cannot stand inside a query");
    } else if (type == "TABLE_FUNCTION") {
      const auto function = node.find("function");
      if (function != node.end() && function->is_object()) {
        note_function(text_of(*function, "function_name"), offset_of(*function), true);
      }
    } else if (const std::string klass = text_of(node, "class");
               klass == "FUNCTION" || klass == "WINDOW") {
      note_call(node);
    } else if (klass == "COLUMN_REF") {
      note_clock_keyword(node);
    }
    return {};
  }

  void note_table(const json& node) {
    const std::string catalog = text_of(node, "catalog_name");
    const std::string schema = text_of(node, "schema_name");
    const std::string table = text_of(node, "table_name");
    if (schema.empty() &&
        std::find(cte_names_.begin(), cte_names_.end(), base::lower(table)) != cte_names_.end()) {
      return;
    }
    std::string name = schema.empty() ? table : schema + "." + table;
    if (!catalog.empty()) {
      name = catalog + "." + name;
    }
    if (seen_tables_.insert(name).second) {
      query_.tables.push_back({std::move(name), offset_of(node)});
    }
  }

  /// age() with one argument counts from today, with two it does not.
  void note_call(const json& node) {
    std::string name = base::lower(text_of(node, "function_name"));
    const auto arguments = node.find("children");
    if (name == "age" && arguments != node.end() && arguments->size() == 1) {
      name = "age(timestamp)";
    }
    note_function(name, offset_of(node), false);
  }

  void note_function(const std::string& written, std::int64_t offset, bool is_table_function) {
    const std::string name = base::lower(written);
    if (!name.empty() && seen_functions_.insert(name).second) {
      query_.functions.push_back({name, offset, is_table_function});
    }
  }

  void note_clock_keyword(const json& node) {
    const auto names = node.find("column_names");
    if (names == node.end() || !names->is_array() || names->size() != 1 ||
        !names->front().is_string()) {
      return;
    }
    const std::string name = base::lower(names->front().get<std::string>());
    if (determinism_of(name) == Determinism::kClock && is_clock_keyword(name)) {
      note_function(name, offset_of(node), false);
    }
  }

  Query& query_;
  std::vector<std::string> cte_names_;
  std::set<std::string> seen_tables_;
  std::set<std::string> seen_functions_;
};

/// Drops places from the tree, so that layout and comments do not change the fingerprint.
void drop_locations(json& node) {
  if (node.is_object()) {
    node.erase("query_location");
  }
  for (json& child : node) {
    if (child.is_structured()) {
      drop_locations(child);
    }
  }
}

}  // namespace

Result<Query> read_query(std::string_view tree) {
  SLUICE_ASSIGN_OR_RETURN(json document, base::parse_json(tree, "query tree", kTreeDepthMax));
  SLUICE_ASSIGN_OR_RETURN(const bool failed, base::json_bool(document, "error", "query tree"));
  if (failed) {
    return base::invalid_input(text_of(document, "error_message"));
  }
  SLUICE_ASSIGN_OR_RETURN(const json* statements,
                          base::json_array(document, "statements", "query tree"));
  if (statements->size() != 1) {
    return base::invalid_input(
        fmt::format("expected one SELECT, found {} statements", statements->size()));
  }
  Query query;
  SLUICE_RETURN_IF_ERROR(Collector(query).visit(statements->front()));
  json canonical = statements->front();
  drop_locations(canonical);
  query.fingerprint = base::sha256_hex(canonical.dump()).substr(0, 32);
  return query;
}

std::vector<Problem> model_problems(const Query& query) {
  std::vector<Problem> problems;
  for (const TableReference& table : query.tables) {
    const auto dots = std::count(table.name.begin(), table.name.end(), '.');
    if (dots != 1) {
      problems.push_back(
          {table.offset, fmt::format("table '{}' must be written as namespace.name, such as "
                                     "silver.orders",
                                     table.name)});
    }
  }
  for (const FunctionReference& function : query.functions) {
    switch (determinism_of(function.name)) {
      case Determinism::kClock:
        problems.push_back(
            {function.offset,
             fmt::format("{} depends on when the model runs; clock functions are not "
                         "supported in models",
                         function.name)});
        break;
      case Determinism::kRandom:
        problems.push_back(
            {function.offset,
             fmt::format("{} gives other rows at each run; a model must give the same "
                         "rows for the same inputs",
                         function.name)});
        break;
      case Determinism::kEnvironment:
        problems.push_back(
            {function.offset,
             fmt::format("{} reads outside the project, past lineage and audit; land "
                         "the data by a source instead",
                         function.name)});
        break;
      case Determinism::kDeterministic:
        if (function.is_table_function && !is_pure_table_function(function.name)) {
          problems.push_back({function.offset,
                              fmt::format("table function {} is not supported in models; supported "
                                          "are range, generate_series, unnest",
                                          function.name)});
        }
        break;
    }
  }
  return problems;
}

}  // namespace sluice::sql
