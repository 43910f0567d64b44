#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "sluice/app/commands.h"
#include "sluice/base/text.h"
#include "sluice/project/lineage.h"
#include "sluice/sql/print.h"

namespace sluice::app {

namespace {

using base::Result;
using nlohmann::ordered_json;
using project::Lineage;
using project::LineageDirection;
using sql::BaseColumn;

std::string name_of(const BaseColumn& column) { return column.table + "." + column.column; }

std::string text_of(sql::ColumnUses uses) {
  return uses == 0 ? "unknown" : base::join(sql::to_texts(uses), ", ");
}

ordered_json to_json(const std::vector<project::ColumnEdge>& edges) {
  ordered_json list = ordered_json::array();
  for (const project::ColumnEdge& edge : edges) {
    list.push_back({{"from", name_of(edge.from)},
                    {"to", name_of(edge.to)},
                    {"uses", sql::to_texts(edge.uses)},
                    {"depth", edge.depth}});
  }
  return list;
}

/// What contracts say of how confidential columns are.
class Classifications {
 public:
  explicit Classifications(const project::Project& project) {
    for (const project::Source& source : project.sources) {
      add(project, source.table, source.contract);
    }
    for (const project::Model& model : project.models) {
      add(project, model.table, model.expectations);
    }
  }

  /// "" when nothing is said of the column.
  std::string of(const BaseColumn& column) const {
    const auto found = said_.find(column);
    return found == said_.end() ? "" : found->second;
  }

  /// The column's name, with what is said of it in brackets.
  std::string name(const BaseColumn& column) const {
    const std::string said = of(column);
    return name_of(column) + (said.empty() ? "" : " [" + said + "]");
  }

 private:
  void add(const project::Project& project, const std::string& table,
           std::optional<std::size_t> contract) {
    if (!contract) {
      return;
    }
    for (const contract::ColumnNotes& notes : project.contracts[*contract].notes) {
      if (!notes.classification.empty()) {
        said_[{table, notes.column}] = notes.classification;
      }
    }
  }

  std::map<BaseColumn, std::string> said_;
};

/// What the command line asked to see.
struct Ways {
  std::vector<std::pair<const char*, LineageDirection>> list;
  int depth = 0;

  explicit Ways(const CommandLine& line) : depth(line.depth) {
    if (line.upstream || !line.downstream) {
      list.emplace_back("upstream", LineageDirection::kUpstream);
    }
    if (line.downstream || !line.upstream) {
      list.emplace_back("downstream", LineageDirection::kDownstream);
    }
  }
};

/// Prints the columns one step away, each with those beyond it; a column met again is not followed
/// twice.
void print_tree(const Lineage& lineage, const Classifications& said, const BaseColumn& column,
                LineageDirection way, int depth_left, int indent, std::set<BaseColumn>& seen) {
  constexpr int kNameWidth = 44;
  for (const project::ColumnLink& link : lineage.next(column, way)) {
    const bool first = seen.insert(link.column).second;
    const bool more = !first && !lineage.next(link.column, way).empty();
    fmt::print("{:{}}{:<{}}  {}{}\n", "", indent, said.name(link.column),
               std::max(1, kNameWidth - indent), text_of(link.uses), more ? "  (above)" : "");
    if (first && depth_left != 1) {
      print_tree(lineage, said, link.column, way, depth_left == 0 ? 0 : depth_left - 1, indent + 2,
                 seen);
    }
  }
}

int print_column(const Lineage& lineage, const Classifications& said, const BaseColumn& column,
                 const Ways& ways, bool as_json) {
  const data::Field* field = lineage.schema(column.table)->find(column.column);
  if (as_json) {
    ordered_json document = {{"column", name_of(column)},
                             {"type", data::to_text(field->type)},
                             {"classification", said.of(column)}};
    for (const auto& [name, way] : ways.list) {
      document[name] = to_json(lineage.reach(column, way, ways.depth));
    }
    fmt::print("{}\n", document.dump(2));
    return 0;
  }
  fmt::print("{}  {}\n", said.name(column), data::to_text(field->type));
  for (const auto& [name, way] : ways.list) {
    fmt::print("\n{}\n", name);
    if (lineage.next(column, way).empty()) {
      fmt::print("  nothing\n");
    }
    std::set<BaseColumn> seen = {column};
    print_tree(lineage, said, column, way, ways.depth, 2, seen);
  }
  return 0;
}

/// What a table is, and what it was made from.
struct TableFacts {
  std::string kind = "source";
  std::string file;
  std::string opaque_reason;
  std::string sql;  // as understood; "" for sources and opaque models
  std::vector<std::string> reads;
  std::vector<std::string> read_by;
};

TableFacts facts_of(const Workspace& workspace, const project::Analysis& analysis,
                    const std::string& table) {
  TableFacts facts;
  const project::Project& project = workspace.project();
  for (std::size_t i = 0; i < project.models.size(); ++i) {
    const project::ModelAnalysis& model = analysis.models[i];
    if (project.models[i].table == table) {
      facts.kind = "model";
      facts.file = project.models[i].file;
      facts.opaque_reason = model.opaque_reason;
      facts.reads = model.reads;
      facts.sql = model.bound ? sql::print(*model.bound->statement.query) : "";
    }
    if (std::find(model.reads.begin(), model.reads.end(), table) != model.reads.end()) {
      facts.read_by.push_back(project.models[i].table);
    }
  }
  if (const project::Source* source = project.find_source(table)) {
    facts.file = source->file;
  }
  return facts;
}

ordered_json table_json(const Lineage& lineage, const std::string& table, const TableFacts& facts,
                        const Ways& ways) {
  ordered_json document = {{"table", table},       {"kind", facts.kind},
                           {"file", facts.file},   {"opaque", !facts.opaque_reason.empty()},
                           {"reads", facts.reads}, {"read_by", facts.read_by},
                           {"sql", facts.sql}};
  if (!facts.opaque_reason.empty()) {
    document["opaque_reason"] = facts.opaque_reason;
  }
  document["columns"] = ordered_json::array();
  for (const data::Field& field : lineage.schema(table)->fields) {
    ordered_json column = {{"name", field.name}, {"type", data::to_text(field.type)}};
    for (const auto& [name, way] : ways.list) {
      column[name] = to_json(lineage.reach({table, field.name}, way, ways.depth));
    }
    document["columns"].push_back(std::move(column));
  }
  return document;
}

/// Prints each column with the columns that its values come from, then what decides the rows.
void print_table(const Lineage& lineage, const std::string& table, const TableFacts& facts) {
  fmt::print("{}  {}, {}\n", table, facts.kind, facts.file);
  if (!facts.opaque_reason.empty()) {
    fmt::print("  its columns' lineage is not known: {}\n", facts.opaque_reason);
  }
  std::map<BaseColumn, sql::ColumnUses> rows;
  for (const data::Field& field : lineage.schema(table)->fields) {
    std::vector<std::string> values;
    for (const auto& link : lineage.next({table, field.name}, LineageDirection::kUpstream)) {
      const auto value = static_cast<sql::ColumnUses>(link.uses & sql::kValueUses);
      const auto other = static_cast<sql::ColumnUses>(link.uses & ~sql::kValueUses);
      if (value != 0) {
        values.push_back(fmt::format("{} ({})", name_of(link.column), text_of(value)));
      }
      if (other != 0) {
        rows[link.column] |= other;
      }
    }
    fmt::print("  {:<28} {}{}\n", field.name, values.empty() ? "" : "<- ",
               base::join(values, ", "));
  }
  if (!rows.empty()) {
    fmt::print("\nrows and groups follow from\n");
    for (const auto& [column, uses] : rows) {
      fmt::print("  {:<44}  {}\n", name_of(column), text_of(uses));
    }
  }
  fmt::print("\nreads    {}\nread by  {}\n",
             facts.reads.empty() ? "nothing" : base::join(facts.reads, ", "),
             facts.read_by.empty() ? "nothing" : base::join(facts.read_by, ", "));
}

int print_all(const Workspace& workspace, const project::Analysis& analysis, const Lineage& lineage,
              bool as_json) {
  const std::vector<project::ColumnEdge> edges = lineage.all();
  const project::Project& project = workspace.project();
  if (as_json) {
    ordered_json models = ordered_json::array();
    for (std::size_t i = 0; i < analysis.models.size(); ++i) {
      const project::ModelAnalysis& model = analysis.models[i];
      models.push_back({{"table", project.models[i].table},
                        {"opaque_reason", model.opaque_reason},
                        {"sql", model.bound ? sql::print(*model.bound->statement.query) : ""}});
    }
    fmt::print("{}\n", ordered_json{{"models", models}, {"edges", to_json(edges)}}.dump(1));
    return 0;
  }
  for (const project::ColumnEdge& edge : edges) {
    fmt::print("{:<44} <- {:<44} {}\n", name_of(edge.to), name_of(edge.from), text_of(edge.uses));
  }
  for (std::size_t i = 0; i < analysis.models.size(); ++i) {
    if (analysis.models[i].opaque) {
      fmt::print("{} is not understood: {}\n", project.models[i].table,
                 analysis.models[i].opaque_reason);
    }
  }
  return 0;
}

}  // namespace

Result<int> run_lineage(const CommandLine& line) {
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  SLUICE_ASSIGN_OR_RETURN(const project::Analysis* analysis, workspace->analyze());
  const Lineage lineage(workspace->project(), *analysis);
  if (line.lineage_name.empty()) {
    return print_all(*workspace, *analysis, lineage, line.json);
  }
  SLUICE_ASSIGN_OR_RETURN(const auto target, lineage.find(line.lineage_name));
  const Ways ways(line);
  if (target.column) {
    return print_column(lineage, Classifications(workspace->project()),
                        {target.table, *target.column}, ways, line.json);
  }
  const TableFacts facts = facts_of(*workspace, *analysis, target.table);
  if (line.json) {
    fmt::print("{}\n", table_json(lineage, target.table, facts, ways).dump(2));
  } else {
    print_table(lineage, target.table, facts);
  }
  return 0;
}

}  // namespace sluice::app
