#include "sluice/project/internal/contract_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>
#include <vector>

#include "sluice/base/text.h"
#include "sluice/contract/compile.h"
#include "sluice/contract/reference.h"
#include "sluice/data/type.h"
#include "sluice/sql/query.h"

namespace sluice::project::internal {

namespace {

using contract::Contract;
using yaml::Diagnostics;

/// The tables that hold to a contract.
std::vector<std::string> tables_of(const Project& project, std::size_t index) {
  std::vector<std::string> tables;
  for (const Source& source : project.sources) {
    if (source.contract == index) {
      tables.push_back(source.table);
    }
  }
  for (const Model& model : project.models) {
    if (model.expectations == index) {
      tables.push_back(model.table);
    }
  }
  return tables;
}

/// A table is also known by its last part: `customers` for `bronze.customers`.
bool is_called(const Contract& contract, const std::vector<std::string>& tables,
               const std::string& name) {
  if (name == contract.object || (!name.empty() && name == contract.object_id) ||
      name == contract.table) {
    return true;
  }
  return std::any_of(tables.begin(), tables.end(), [&](const std::string& table) {
    return table == name || table.substr(table.find('.') + 1) == name;
  });
}

const contract::ColumnNotes* find_column(const Contract& contract, const std::string& property) {
  const auto found =
      std::find_if(contract.notes.begin(), contract.notes.end(), [&](const auto& notes) {
        return notes.name == property || notes.id == property || notes.column == property;
      });
  return found == contract.notes.end() ? nullptr : &*found;
}

/// Resolves the relationships of one contract.
class Resolver {
 public:
  Resolver(const Project& project, std::size_t self, Diagnostics& diagnostics)
      : project_(project), self_(self), diagnostics_(diagnostics) {}

  void resolve(contract::ReferenceRule& rule) {
    for (std::size_t i = 0; i < rule.to.size(); ++i) {
      const auto reference = contract::parse_reference(rule.to[i]);
      const auto target = find_contract(rule, reference, rule.to[i]);
      if (!target) {
        return;
      }
      const Contract& referred = project_.contracts[target->first];
      const contract::ColumnNotes* column = find_column(referred, reference.property);
      if (column == nullptr) {
        return say(rule, fmt::format("relationship to '{}': {} has no property '{}'", rule.to[i],
                                     referred.file, reference.property));
      }
      if (!rule.table.empty() && rule.table != target->second) {
        return say(rule, fmt::format("a relationship leads to two tables: {} and {}", rule.table,
                                     target->second));
      }
      check_types(rule, i, *referred.column(column->column));
      rule.table = target->second;
      rule.target.push_back(column->column);
    }
  }

 private:
  void say(const contract::ReferenceRule& rule, std::string message, std::string hint = "") {
    diagnostics_.add(
        {project_.contracts[self_].file, rule.mark, std::move(message), std::move(hint), ""});
  }

  std::optional<std::pair<std::size_t, std::string>> find_contract(
      const contract::ReferenceRule& rule, const contract::PropertyReference& reference,
      const std::string& text) {
    std::vector<std::pair<std::size_t, std::string>> found;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < project_.contracts.size(); ++i) {
      const Contract& candidate = project_.contracts[i];
      const auto tables = tables_of(project_, i);
      names.push_back(candidate.object);
      const bool in_file =
          reference.file.empty() || std::filesystem::path(candidate.file).filename() ==
                                        std::filesystem::path(reference.file).filename();
      const bool here = reference.object.empty() && reference.file.empty();
      if (here ? i == self_ : in_file && is_called(candidate, tables, reference.object)) {
        for (const std::string& table : tables) {
          found.emplace_back(i, table);
        }
      }
    }
    if (found.size() == 1) {
      return found.front();
    }
    if (found.empty()) {
      const std::string near = base::nearest(reference.object, names);
      say(rule,
          fmt::format("relationship to '{}': no contract of the project is called '{}'", text,
                      reference.object),
          near.empty() ? "" : fmt::format("did you mean '{}'?", near));
    } else {
      say(rule,
          fmt::format("relationship to '{}' may mean {} or {}", text, found[0].second,
                      found[1].second),
          "give the table's full name");
    }
    return std::nullopt;
  }

  void check_types(const contract::ReferenceRule& rule, std::size_t at, const data::Field& target) {
    const data::Field* own = project_.contracts[self_].column(rule.columns[at]);
    if (own != nullptr && own->type != target.type) {
      say(rule,
          fmt::format("relationship to '{}': column '{}' is {}, but the other is {}", rule.to[at],
                      own->name, data::to_text(own->type), data::to_text(target.type)));
    }
  }

  const Project& project_;
  const std::size_t self_;
  Diagnostics& diagnostics_;
};

/// A query of a contract's rule as bound to one table.
struct BoundQuery {
  std::size_t contract = 0;
  const contract::TableRule* rule = nullptr;
  std::string sql;
};

bool is_number(const std::string& engine_type) {
  const auto type = data::type_from_duckdb(engine_type);
  if (!type) {
    return false;
  }
  switch (type->kind) {
    case data::TypeKind::kInt:
    case data::TypeKind::kLong:
    case data::TypeKind::kFloat:
    case data::TypeKind::kDouble:
    case data::TypeKind::kDecimal:
      return true;
    default:
      return false;
  }
}

std::vector<sql::TableShape> shapes_of(const std::map<std::string, const data::Schema*>& schemas) {
  std::vector<sql::TableShape> shapes;
  for (const auto& [name, schema] : schemas) {
    sql::TableShape shape{name, {}};
    for (const data::Field& field : schema->fields) {
      shape.columns.push_back({field.name, data::duckdb_name(field.type)});
    }
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

/// Judges what a query reads and calls; returns whether it may be described.
bool check_query(const Project& project, const BoundQuery& query,
                 const sql::ParsedStatement& parsed,
                 const std::map<std::string, const data::Schema*>& schemas,
                 std::vector<std::string>& reads, Diagnostics& diagnostics) {
  const auto say = [&](const std::string& message) {
    diagnostics.add({project.contracts[query.contract].file, query.rule->mark,
                     fmt::format("{}: {}", query.rule->name, message), "", ""});
    return false;
  };
  if (parsed.tree.empty()) {
    return say(parsed.error.empty() ? "the query must be one SELECT" : parsed.error);
  }
  const auto read = sql::read_query(parsed.tree);
  if (!read) {
    return say(read.error().message);
  }
  bool good = true;
  for (const sql::Problem& problem : sql::model_problems(*read)) {
    good = say(problem.message);
  }
  for (const sql::TableReference& table : read->tables) {
    if (!schemas.contains(table.name)) {
      std::vector<std::string> names;
      for (const auto& [name, schema] : schemas) {
        names.push_back(name);
      }
      const std::string near = base::nearest(table.name, names);
      good = say(fmt::format("unknown table '{}'{}", table.name,
                             near.empty() ? "" : fmt::format(", did you mean '{}'?", near)));
    }
    reads.push_back(table.name);
  }
  return good;
}

void sort_unique(std::vector<std::string>& names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

}  // namespace

void resolve_references(Project& project, Diagnostics& diagnostics) {
  for (std::size_t i = 0; i < project.contracts.size(); ++i) {
    for (contract::ReferenceRule& rule : project.contracts[i].references) {
      Resolver(project, i, diagnostics).resolve(rule);
    }
  }
}

base::Status check_contract_queries(const Project& project,
                                    const std::map<std::string, data::Schema>& tables,
                                    sql::Frontend& frontend, Analysis& analysis,
                                    Diagnostics& diagnostics) {
  analysis.contract_reads.assign(project.contracts.size(), {});
  std::map<std::string, const data::Schema*> schemas;
  for (const auto& [name, schema] : tables) {
    schemas.emplace(name, &schema);
  }
  for (std::size_t i = 0; i < analysis.models.size(); ++i) {
    schemas.emplace(project.models[i].table, &analysis.models[i].schema);
  }
  std::vector<BoundQuery> queries;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < project.contracts.size(); ++i) {
    const Contract& contract = project.contracts[i];
    for (const contract::ReferenceRule& rule : contract.references) {
      analysis.contract_reads[i].push_back(rule.table);
    }
    for (const std::string& table : tables_of(project, i)) {
      for (const contract::TableRule& rule : contract.table_rules) {
        if (rule.metric == contract::Metric::kQuery) {
          queries.push_back({i, &rule, contract::measure(rule, contract, table)});
          texts.push_back(queries.back().sql);
        }
      }
    }
  }
  if (!queries.empty()) {
    SLUICE_ASSIGN_OR_RETURN(const auto parsed, frontend.parse(texts));
    std::vector<sql::DescribeRequest> requests;
    std::vector<const BoundQuery*> described;
    for (std::size_t i = 0; i < queries.size(); ++i) {
      if (check_query(project, queries[i], parsed[i], schemas,
                      analysis.contract_reads[queries[i].contract], diagnostics)) {
        requests.push_back({"", queries[i].sql});
        described.push_back(&queries[i]);
      }
    }
    SLUICE_ASSIGN_OR_RETURN(const auto answers, frontend.describe(shapes_of(schemas), requests));
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const auto& columns = answers[i].columns;
      std::string message = answers[i].error;
      if (message.empty() && (columns.size() != 1 || !is_number(columns[0].type))) {
        message = "the query must yield one column with a number";
      }
      if (!message.empty()) {
        diagnostics.add({project.contracts[described[i]->contract].file, described[i]->rule->mark,
                         fmt::format("{}: {}", described[i]->rule->name, message), "", ""});
      }
    }
  }
  for (auto& reads : analysis.contract_reads) {
    sort_unique(reads);
  }
  return {};
}

}  // namespace sluice::project::internal
