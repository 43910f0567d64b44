#include "sluice/project/analysis.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "sluice/base/digest.h"
#include "sluice/base/text.h"
#include "sluice/data/provenance.h"
#include "sluice/project/internal/contract_patterns.h"
#include "sluice/project/internal/contract_tables.h"
#include "sluice/project/internal/model_binding.h"
#include "sluice/project/internal/source_file.h"
#include "sluice/project/internal/variables.h"
#include "sluice/sql/lexical.h"
#include "sluice/sql/opaque.h"
#include "sluice/sql/query.h"
#include "sluice/sql/variables.h"

namespace sluice::project {

namespace {

using base::Result;
using yaml::Diagnostics;
using yaml::Mark;
using yaml::SourceText;

/// Collects what is wrong with one model at places in its file. Offsets are those of the statement
/// as it runs.
class ModelReport {
 public:
  ModelReport(const Model& model, sql::BoundStatement bound, Diagnostics& diagnostics)
      : model_(model), bound_(std::move(bound)), diagnostics_(diagnostics) {
    for (const sql::Problem& problem : bound_.problems) {
      const auto byte = static_cast<std::size_t>(std::max<std::int64_t>(problem.offset, 0));
      at(model_.place(byte), problem.message);
    }
  }

  const sql::BoundStatement& statement() const { return bound_; }

  /// Returns the place in the model's file.
  Mark place(std::int64_t offset) const {
    const std::int64_t byte = std::max<std::int64_t>(bound_.as_written(offset), 0);
    return model_.place(std::min(static_cast<std::size_t>(byte), model_.sql().size()));
  }

  void at_sql(std::int64_t offset, std::string message, std::string hint = "") {
    at(place(offset), std::move(message), std::move(hint));
  }

  void at(Mark mark, std::string message, std::string hint = "") {
    diagnostics_.add(SourceText{model_.file, model_.text}, mark, std::move(message),
                     std::move(hint));
    failed_ = true;
  }

  bool failed() const { return failed_; }

 private:
  const Model& model_;
  sql::BoundStatement bound_;
  Diagnostics& diagnostics_;
  bool failed_ = false;
};

std::string hint_of_nearest(std::string_view word, const data::Schema& schema) {
  std::vector<std::string> names;
  for (const data::Field& field : schema.fields) {
    names.push_back(field.name);
  }
  const std::string near = base::nearest(word, names);
  if (!near.empty()) {
    return fmt::format("did you mean '{}'?", near);
  }
  return fmt::format("its columns are {}", base::join(names, ", "));
}

/// Reads what a model's statement says of itself: the tables it reads and its own fingerprint.
std::vector<TableUse> read_uses(const Model& model, const sql::ParsedStatement& parsed,
                                ModelAnalysis& analysis, ModelReport& report) {
  std::vector<TableUse> uses;
  if (parsed.tree.empty()) {
    analysis.opaque = true;
    analysis.opaque_reason = parsed.error;
    if (sql::has_word(model.sql(), "pivot")) {
      report.at_sql(
          -1, "this PIVOT takes its columns from the data, so they are not known before it runs",
          "list them: PIVOT ... ON v IN ('a', 'b')");
      return uses;
    }
    if (model.depends_on.empty()) {
      report.at_sql(parsed.error_offset, parsed.error,
                    parsed.error_offset >= 0
                        ? ""
                        : "if the statement is right, list the tables it reads in 'depends_on'; it "
                          "is then refreshed in full");
      return uses;
    }
    for (const sql::Problem& problem : sql::opaque_problems(analysis.sql)) {
      report.at_sql(problem.offset, problem.message);
    }
    analysis.fingerprint = base::sha256_hex(base::trim(analysis.sql)).substr(0, 32);
    for (const NamedPlace& table : model.depends_on) {
      uses.push_back({table.name, table.mark});
    }
    return uses;
  }
  const auto query = sql::read_query(parsed.tree);
  if (!query) {
    report.at_sql(-1, query.error().message);
    return uses;
  }
  // Where a variable could not be bound its call would be refused for a second reason.
  if (report.statement().problems.empty()) {
    for (const sql::Problem& problem : sql::model_problems(*query)) {
      report.at_sql(problem.offset, problem.message);
    }
  }
  analysis.fingerprint = query->fingerprint;
  for (const sql::TableReference& table : query->tables) {
    if (std::count(table.name.begin(), table.name.end(), '.') != 1) {
      continue;  // reported as such by model_problems()
    }
    uses.push_back({table.name, report.place(table.offset)});
  }
  for (const NamedPlace& table : model.depends_on) {
    const bool read = std::any_of(uses.begin(), uses.end(),
                                  [&](const TableUse& use) { return use.table == table.name; });
    if (!read) {
      uses.push_back({table.name, table.mark});
    }
  }
  return uses;
}

sql::TableShape shape_of(const std::string& name, const data::Schema& schema) {
  sql::TableShape shape{name, {}};
  for (const data::Field& field : schema.fields) {
    shape.columns.push_back({field.name, data::duckdb_name(field.type)});
  }
  return shape;
}

/// Takes the descriptions of a column and of all that is inside; types may differ still.
void take_docs(const data::Field& declared, data::Field& field) {
  field.doc = declared.doc;
  for (data::Field& part : field.type.fields) {
    const auto found = std::find_if(declared.type.fields.begin(), declared.type.fields.end(),
                                    [&](const data::Field& one) { return one.name == part.name; });
    if (found != declared.type.fields.end()) {
      take_docs(*found, part);
    }
  }
}

/// Turns a described statement into the table's schema.
void read_columns(const sql::DescribedStatement& described, const Model& model,
                  const contract::Contract* expectations, data::Schema& schema,
                  ModelReport& report) {
  std::set<std::string> seen;
  for (const sql::EngineColumn& column : described.columns) {
    if (!seen.insert(base::lower(column.name)).second) {
      report.at_sql(-1, fmt::format("two columns are named '{}'; give one another name with AS",
                                    column.name));
      continue;
    }
    const auto type = data::type_from_duckdb(column.type);
    if (!type) {
      report.at_sql(-1, fmt::format("column '{}': {}", column.name, type.error().message));
      continue;
    }
    data::Field field{0, column.name, *type, false, ""};
    if (expectations != nullptr) {
      if (const data::Field* declared = expectations->column(column.name)) {
        take_docs(*declared, field);
      }
    }
    schema.fields.push_back(std::move(field));
  }
  if (schema.fields.empty() && !report.failed()) {
    report.at_sql(-1, fmt::format("model {} yields no column", model.table));
  }
}

/// Checks the header's columns against what the statement yields.
void check_header(const Model& model, const data::Schema& schema, ModelReport& report) {
  for (const NamedPlace& column : model.key) {
    if (schema.find(column.name) == nullptr) {
      report.at(column.mark,
                fmt::format("key column '{}' is not in the model's output", column.name),
                hint_of_nearest(column.name, schema));
    }
  }
  for (const NamedPlace& partition : model.partition_by) {
    const std::string column = internal::partition_column(partition.name);
    if (schema.find(column) == nullptr) {
      report.at(
          partition.mark,
          fmt::format("partition_by '{}' names no column of the model's output", partition.name),
          hint_of_nearest(column, schema));
    }
  }
}

/// Checks that every column that a contract declares is there with its type.
void check_expectations(const Model& model, const contract::Contract& contract,
                        const data::Schema& schema, ModelReport& report) {
  for (const data::Field& declared : contract.schema.fields) {
    const data::Field* found = schema.find(declared.name);
    if (found == nullptr) {
      report.at_sql(-1,
                    fmt::format("contract {} declares column '{}', which {} does not yield",
                                contract.file, declared.name, model.table),
                    hint_of_nearest(declared.name, schema));
    } else if (!data::same_shape(found->type, declared.type)) {
      report.at_sql(
          -1,
          fmt::format("column '{}' is {}, but contract {} declares {}", declared.name,
                      data::to_text(found->type), contract.file, data::to_text(declared.type)),
          fmt::format("cast it: CAST(... AS {})", data::duckdb_name(declared.type)));
    }
  }
}

void check_output(const Project& project, const Model& model, const std::string& tree,
                  const sql::DescribedStatement& described, const sql::TableSchemas& schemas,
                  ModelAnalysis& result, ModelReport& report) {
  if (!described.error.empty()) {
    const auto problem = internal::explain_failure(tree, schemas);
    problem ? report.at_sql(problem->problem.offset, problem->problem.message, problem->hint)
            : report.at_sql(described.error_offset, described.error);
    return;
  }
  internal::bind_model(tree, schemas, described, result);
  const contract::Contract* expectations =
      model.expectations ? &project.contracts[*model.expectations] : nullptr;
  read_columns(described, model, expectations, result.schema, report);
  check_header(model, result.schema, report);
  if (expectations != nullptr && !report.failed()) {
    check_expectations(model, *expectations, result.schema, report);
  }
}

std::string schema_text(const data::Schema& schema) {
  std::string text;
  for (const data::Field& field : schema.fields) {
    text += fmt::format("{}:{};", field.name, data::to_text(field.type));
  }
  return text;
}

/// Adds to a statement's fingerprint all else that its rows and their layout follow from.
std::string complete_fingerprint(const Project& project, const Model& model,
                                 const ModelAnalysis& analysis,
                                 const std::map<std::string, const data::Schema*>& schemas,
                                 std::string_view engine_version) {
  std::string text = fmt::format("{}\n{}\n{}\n{}\n", analysis.fingerprint, project.timezone,
                                 engine_version, schema_text(analysis.schema));
  for (const std::string& table : analysis.reads) {
    if (const auto found = schemas.find(table); found != schemas.end()) {
      text += fmt::format("{}={}\n", table, schema_text(*found->second));
    }
  }
  for (const NamedPlace& field : model.partition_by) {
    text += fmt::format("partition {}\n", field.name);
  }
  return base::sha256_hex(text).substr(0, 32);
}

/// Collects the columns of every table that is not a model, reporting sources without a contract.
std::map<std::string, data::Schema> base_tables(const Project& project,
                                                const data::Schema& quarantine_schema,
                                                Diagnostics& diagnostics) {
  const bool loaded_whole = diagnostics.empty();
  std::map<std::string, data::Schema> tables;
  for (const Source& source : project.sources) {
    if (source.table.empty()) {
      continue;  // reported where it should have its name
    }
    const bool looked_for = !source.inferred || loaded_whole;  // else it has none yet
    if (source.contract && looked_for) {
      tables[source.table] = bronze_schema(project.contracts[*source.contract]);
    } else if (loaded_whole) {
      diagnostics.add(
          {source.file, source.mark,
           fmt::format("source {} has no contract, so its columns are not known", source.table),
           "add 'contract: contracts/<name>.odcs.yaml'", ""});
    }
    if (!tables.emplace(quarantine_table(source), quarantine_schema).second) {
      diagnostics.add(
          {source.file, source.mark,
           fmt::format("two sources would share the table {}", quarantine_table(source)),
           "rename one of them", ""});
    }
  }
  return tables;
}

/// A quarantine table is no node of the graph: who reads it waits for its source.
std::string graph_node_of(const Project& project, const std::string& table) {
  for (const Source& source : project.sources) {
    if (table == quarantine_table(source)) {
      return source.table;
    }
  }
  return table;
}

/// Parses every model in one call; returns what each reads, as nodes of the graph.
Result<std::vector<std::vector<TableUse>>> parse_models(const Project& project,
                                                        const std::vector<std::string>& texts,
                                                        sql::Frontend& frontend, Analysis& analysis,
                                                        std::vector<std::string>& trees,
                                                        std::vector<ModelReport>& reports) {
  SLUICE_ASSIGN_OR_RETURN(auto parsed, frontend.parse(texts));
  analysis.models.resize(project.models.size());
  trees.resize(project.models.size());
  std::vector<std::vector<TableUse>> uses(project.models.size());
  for (std::size_t i = 0; i < project.models.size(); ++i) {
    analysis.models[i].sql = texts[i];
    analysis.models[i].variables = reports[i].statement().used;
    if (texts[i].empty()) {
      continue;  // a file without a statement was reported
    }
    uses[i] = read_uses(project.models[i], parsed[i], analysis.models[i], reports[i]);
    for (TableUse& use : uses[i]) {
      analysis.models[i].reads.push_back(use.table);
      use.table = graph_node_of(project, use.table);
    }
    trees[i] = std::move(parsed[i].tree);
  }
  return uses;
}

/// Returns the models whose inputs are all there, upstream first. Without a graph (a table is
/// unknown, or there is a cycle) the rest of the project is still looked at, so that one pass
/// reports all.
std::vector<std::size_t> describable_models(const Project& project, const Analysis& analysis,
                                            const std::map<std::string, data::Schema>& tables) {
  std::vector<std::size_t> order;
  for (const GraphTable& table : analysis.graph.tables) {
    if (table.kind == TableKind::kModel) {
      order.push_back(table.index);
    }
  }
  if (!analysis.graph.tables.empty()) {
    return order;
  }
  std::set<std::string> known;
  for (const auto& [name, schema] : tables) {
    known.insert(name);
  }
  std::vector<bool> taken(project.models.size(), false);
  for (bool found = true; found;) {
    found = false;
    for (std::size_t i = 0; i < project.models.size(); ++i) {
      const auto& reads = analysis.models[i].reads;
      if (!taken[i] && std::all_of(reads.begin(), reads.end(),
                                   [&](const auto& name) { return known.contains(name); })) {
        taken[i] = true;
        found = true;
        known.insert(project.models[i].table);
        order.push_back(i);
      }
    }
  }
  return order;
}

/// Describes every model in one call, upstream first, and checks what it yields. A model whose
/// upstream is wrong is not reported: the cause is.
base::Status describe_models(const Project& project, const std::vector<std::string>& texts,
                             const std::vector<std::string>& trees,
                             const std::map<std::string, data::Schema>& tables,
                             std::string_view engine_version, sql::Frontend& frontend,
                             Analysis& analysis, std::vector<ModelReport>& reports) {
  sql::TableSchemas schemas;
  std::vector<sql::TableShape> shapes;
  for (const auto& [name, schema] : tables) {
    schemas[name] = &schema;
    shapes.push_back(shape_of(name, schema));
  }
  const std::vector<std::size_t> order = describable_models(project, analysis, tables);
  std::vector<sql::DescribeRequest> requests;
  requests.reserve(order.size());
  for (const std::size_t model : order) {
    requests.push_back({project.models[model].table, texts[model]});
  }
  SLUICE_ASSIGN_OR_RETURN(const auto described, frontend.describe(shapes, requests));
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Model& model = project.models[order[i]];
    ModelAnalysis& result = analysis.models[order[i]];
    ModelReport& report = reports[order[i]];
    const bool upstream_known =
        std::all_of(result.reads.begin(), result.reads.end(),
                    [&](const auto& name) { return schemas.contains(name); });
    if (!upstream_known || report.failed() || texts[order[i]].empty()) {
      continue;
    }
    check_output(project, model, trees[order[i]], described[i], schemas, result, report);
    if (!report.failed()) {
      schemas[model.table] = &result.schema;
      result.fingerprint = complete_fingerprint(project, model, result, schemas, engine_version);
      result.contract_digest =
          model.expectations ? project.contracts[*model.expectations].digest : "";
    }
  }
  return {};
}

}  // namespace

data::Schema bronze_schema(const contract::Contract& contract) {
  data::Schema schema = contract.schema;
  schema.fields.push_back({0,
                           data::kFileColumn,
                           {data::TypeKind::kLong},
                           true,
                           "landing sequence number of the row's file"});
  schema.fields.push_back({0,
                           data::kLineColumn,
                           {data::TypeKind::kLong},
                           true,
                           "line of the row's record in its file, from 1"});
  return schema;
}

std::string quarantine_table(const Source& source) {
  return "quarantine." + source.table.substr(source.table.find('.') + 1);
}

Result<std::optional<Analysis>> analyze(const Project& project, sql::Frontend& frontend,
                                        const data::Schema& quarantine_schema,
                                        std::string_view engine_version, Diagnostics& diagnostics) {
  const auto tables = base_tables(project, quarantine_schema, diagnostics);
  SLUICE_RETURN_IF_ERROR(internal::check_patterns(project, frontend, diagnostics));
  std::vector<std::string> texts;
  std::vector<std::string> trees;
  std::vector<ModelReport> reports;
  reports.reserve(project.models.size());
  for (const Model& model : project.models) {
    reports.emplace_back(model, internal::bind_variables_of(project, model), diagnostics);
    texts.push_back(reports.back().statement().sql);
  }
  Analysis analysis;
  SLUICE_ASSIGN_OR_RETURN(const auto uses,
                          parse_models(project, texts, frontend, analysis, trees, reports));
  if (auto graph = build_graph(project, uses, diagnostics)) {
    analysis.graph = std::move(*graph);
  }
  SLUICE_RETURN_IF_ERROR(
      describe_models(project, texts, trees, tables, engine_version, frontend, analysis, reports));
  SLUICE_RETURN_IF_ERROR(
      internal::check_contract_queries(project, tables, frontend, analysis, diagnostics));
  diagnostics.sort();
  if (!diagnostics.empty()) {
    return std::optional<Analysis>();
  }
  for (const Source& source : project.sources) {
    analysis.sources.push_back(tables.at(source.table));
  }
  return std::optional<Analysis>(std::move(analysis));
}

}  // namespace sluice::project
