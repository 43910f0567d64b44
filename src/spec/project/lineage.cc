#include "sluice/project/lineage.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sluice/base/text.h"

namespace sluice::project {

namespace {

using sql::BaseColumn;

bool gives_values(const ColumnLink& link) { return (link.uses & sql::kValueUses) != 0; }

}  // namespace

Lineage::Lineage(const Project& project, const Analysis& analysis) {
  for (std::size_t i = 0; i < project.sources.size(); ++i) {
    schemas_[project.sources[i].table] = &analysis.sources[i];
  }
  for (std::size_t i = 0; i < project.models.size(); ++i) {
    schemas_[project.models[i].table] = &analysis.models[i].schema;
  }
  for (std::size_t i = 0; i < project.models.size(); ++i) {
    add_model(project.models[i], analysis.models[i]);
  }
  for (Links* links : {&upstream_, &downstream_}) {
    for (auto& [column, list] : *links) {
      std::stable_sort(list.begin(), list.end(), [](const ColumnLink& a, const ColumnLink& b) {
        return gives_values(a) != gives_values(b) ? gives_values(a) : a.column < b.column;
      });
    }
  }
}

void Lineage::link(const BaseColumn& from, const BaseColumn& to, sql::ColumnUses uses) {
  upstream_[to].push_back({from, uses});
  downstream_[from].push_back({to, uses});
}

void Lineage::add_model(const Model& model, const ModelAnalysis& analysis) {
  if (analysis.bound) {
    for (const sql::ColumnLineage& column : sql::column_lineage(*analysis.bound)) {
      for (const auto& [from, uses] : column.uses) {
        link(from, {model.table, column.column}, uses);
      }
    }
    return;
  }
  // Not understood: any column may follow from any column that the model can see.
  for (const std::string& table : analysis.reads) {
    const data::Schema* read = schema(table);
    for (std::size_t i = 0; read != nullptr && i < read->fields.size(); ++i) {
      for (const data::Field& field : analysis.schema.fields) {
        link({table, read->fields[i].name}, {model.table, field.name}, 0);
      }
    }
  }
}

const data::Schema* Lineage::schema(std::string_view table) const {
  const auto found = schemas_.find(table);
  return found == schemas_.end() ? nullptr : found->second;
}

base::Result<LineageTarget> Lineage::find(std::string_view name) const {
  if (schema(name) != nullptr) {
    return LineageTarget{std::string(name), std::nullopt};
  }
  for (const auto& [table, columns] : schemas_) {
    if (!name.starts_with(table + ".")) {
      continue;
    }
    const std::string_view column = name.substr(table.size() + 1);
    std::vector<std::string> names;
    for (const data::Field& field : columns->fields) {
      if (base::lower(field.name) == base::lower(column)) {
        return LineageTarget{table, field.name};
      }
      names.push_back(field.name);
    }
    const std::string near = base::nearest(column, names);
    return base::not_found(fmt::format("table {} has no column '{}'; {}", table, column,
                                       near.empty()
                                           ? "it has " + base::join(names, ", ")
                                           : fmt::format("did you mean '{}.{}'?", table, near)));
  }
  std::vector<std::string> names;
  for (const auto& [table, columns] : schemas_) {
    names.push_back(table);
    for (const data::Field& field : columns->fields) {
      names.push_back(table + "." + field.name);
    }
  }
  const std::string near = base::nearest(name, names);
  return base::not_found(fmt::format(
      "there is no table or column '{}'; {}", name,
      near.empty() ? "'sluice status' lists the tables" : fmt::format("did you mean '{}'?", near)));
}

const std::vector<ColumnLink>& Lineage::next(const BaseColumn& column, LineageDirection way) const {
  static const std::vector<ColumnLink> kNone;
  const Links& links = way == LineageDirection::kUpstream ? upstream_ : downstream_;
  const auto found = links.find(column);
  return found == links.end() ? kNone : found->second;
}

std::vector<ColumnEdge> Lineage::reach(const BaseColumn& column, LineageDirection way,
                                       int depth_max) const {
  std::vector<ColumnEdge> edges;
  std::set<BaseColumn> seen = {column};
  std::vector<BaseColumn> front = {column};
  for (int depth = 1; !front.empty() && (depth_max == 0 || depth <= depth_max); ++depth) {
    std::vector<BaseColumn> beyond;
    for (const BaseColumn& at : front) {
      for (const ColumnLink& link : next(at, way)) {
        const bool up = way == LineageDirection::kUpstream;
        edges.push_back({up ? link.column : at, up ? at : link.column, link.uses, depth});
        if (seen.insert(link.column).second) {
          beyond.push_back(link.column);
        }
      }
    }
    front = std::move(beyond);
  }
  return edges;
}

std::vector<ColumnEdge> Lineage::all() const {
  std::vector<ColumnEdge> edges;
  for (const auto& [to, links] : upstream_) {
    for (const ColumnLink& link : links) {
      edges.push_back({link.column, to, link.uses, 1});
    }
  }
  return edges;
}

}  // namespace sluice::project
