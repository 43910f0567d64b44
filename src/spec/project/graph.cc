#include "sluice/project/graph.h"

#include <algorithm>
#include <functional>
#include <map>
#include <queue>
#include <utility>

#include "sluice/base/text.h"

namespace sluice::project {

namespace {

/// Tables before they are put in order; `index` of `edges` and `files` is that of `tables`.
struct Draft {
  std::vector<GraphTable> tables;
  std::vector<std::string> files;
  std::map<std::string, std::size_t> by_name;
};

void add_table(Draft& draft, GraphTable table, const std::string& file, yaml::Mark mark,
               yaml::Diagnostics& diagnostics) {
  if (table.name.empty()) {
    return;  // a source whose name could not be read was reported as such
  }
  const auto [first, fresh] = draft.by_name.emplace(table.name, draft.tables.size());
  if (!fresh) {
    diagnostics.add({file, mark, "table '" + table.name + "' is made twice",
                     "the other is " + draft.files[first->second], ""});
    return;
  }
  draft.tables.push_back(std::move(table));
  draft.files.push_back(file);
}

Draft list_tables(const Project& project, yaml::Diagnostics& diagnostics) {
  Draft draft;
  for (std::size_t i = 0; i < project.sources.size(); ++i) {
    const Source& source = project.sources[i];
    add_table(draft, {source.table, TableKind::kSource, i, {}, {}}, source.file, source.mark,
              diagnostics);
  }
  for (std::size_t i = 0; i < project.models.size(); ++i) {
    const Model& model = project.models[i];
    add_table(draft, {model.table, TableKind::kModel, i, {}, {}}, model.file, {1, 1}, diagnostics);
  }
  return draft;
}

std::string nearest_table(const Draft& draft, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& [known, index] : draft.by_name) {
    names.push_back(known);
  }
  return base::nearest(name, names);
}

void connect(Draft& draft, const Project& project, std::span<const std::vector<TableUse>> uses,
             yaml::Diagnostics& diagnostics) {
  for (std::size_t at = 0; at < draft.tables.size(); ++at) {
    GraphTable& table = draft.tables[at];
    if (table.kind != TableKind::kModel || table.index >= uses.size()) {
      continue;
    }
    const Model& model = project.models[table.index];
    for (const TableUse& use : uses[table.index]) {
      const auto found = draft.by_name.find(use.table);
      if (found != draft.by_name.end()) {
        table.upstream.push_back(found->second);
        continue;
      }
      if (project.sources_unread && use.table.starts_with("bronze.")) {
        continue;  // it may be that source's, whose fault was reported
      }
      const std::string near = nearest_table(draft, use.table);
      diagnostics.add(yaml::SourceText{model.file, model.text}, use.mark,
                      "unknown table '" + use.table + "'",
                      near.empty() ? "" : "did you mean '" + near + "'?");
    }
    std::sort(table.upstream.begin(), table.upstream.end());
    table.upstream.erase(std::unique(table.upstream.begin(), table.upstream.end()),
                         table.upstream.end());
  }
}

/// Orders the tables (Kahn), the ready one of the first kind and name first. Those of a cycle and
/// behind one are left out.
std::vector<std::size_t> topological_order(const Draft& draft) {
  const auto comes_later = [&](std::size_t a, std::size_t b) {
    return std::pair(draft.tables[a].kind, std::string_view(draft.tables[a].name)) >
           std::pair(draft.tables[b].kind, std::string_view(draft.tables[b].name));
  };
  std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(comes_later)> ready(
      comes_later);
  std::vector<std::size_t> missing(draft.tables.size());
  std::vector<std::vector<std::size_t>> downstream(draft.tables.size());
  for (std::size_t at = 0; at < draft.tables.size(); ++at) {
    missing[at] = draft.tables[at].upstream.size();
    for (const std::size_t up : draft.tables[at].upstream) {
      downstream[up].push_back(at);
    }
    if (missing[at] == 0) {
      ready.push(at);
    }
  }
  std::vector<std::size_t> order;
  while (!ready.empty()) {
    const std::size_t at = ready.top();
    ready.pop();
    order.push_back(at);
    for (const std::size_t down : downstream[at]) {
      if (--missing[down] == 0) {
        ready.push(down);
      }
    }
  }
  return order;
}

/// Walks upstream from a table that no order reaches until a table comes again: that is a cycle.
std::vector<std::size_t> cycle_from(const Draft& draft, std::size_t start,
                                    const std::vector<bool>& ordered) {
  std::vector<std::size_t> walk;
  std::size_t at = start;
  while (std::find(walk.begin(), walk.end(), at) == walk.end()) {
    walk.push_back(at);
    const auto& upstream = draft.tables[at].upstream;
    at = *std::find_if(upstream.begin(), upstream.end(),
                       [&](std::size_t up) { return !ordered[up]; });
  }
  walk.erase(walk.begin(), std::find(walk.begin(), walk.end(), at));
  std::reverse(walk.begin(), walk.end());  // as data flows
  // Begin with the first by name, so that a cycle is printed the same whoever finds it.
  const auto first = std::min_element(walk.begin(), walk.end(), [&](std::size_t a, std::size_t b) {
    return draft.tables[a].name < draft.tables[b].name;
  });
  std::rotate(walk.begin(), first, walk.end());
  return walk;
}

/// Reports each cycle once. Tables behind a cycle belong to none and are not blamed.
void report_cycles(const Draft& draft, const std::vector<std::size_t>& order,
                   yaml::Diagnostics& diagnostics) {
  std::vector<bool> ordered(draft.tables.size(), false);
  for (const std::size_t at : order) {
    ordered[at] = true;
  }
  std::vector<bool> told(draft.tables.size(), false);
  for (std::size_t at = 0; at < draft.tables.size(); ++at) {
    if (ordered[at] || told[at]) {
      continue;
    }
    const std::vector<std::size_t> cycle = cycle_from(draft, at, ordered);
    const bool known =
        std::any_of(cycle.begin(), cycle.end(), [&](std::size_t member) { return told[member]; });
    told[at] = true;
    if (known) {
      continue;
    }
    std::string names;
    std::vector<std::string> files;
    for (const std::size_t member : cycle) {
      told[member] = true;
      names += draft.tables[member].name + " -> ";
      files.push_back(draft.files[member]);
    }
    names += draft.tables[cycle.front()].name;
    diagnostics.add({draft.files[cycle.front()],
                     {1, 1},
                     "tables depend on each other: " + names,
                     "the files are " + base::join(files, ", "),
                     ""});
  }
}

Graph arrange(Draft draft, const std::vector<std::size_t>& order) {
  std::vector<std::size_t> place(draft.tables.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    place[order[i]] = i;
  }
  Graph graph;
  for (const std::size_t at : order) {
    graph.tables.push_back(std::move(draft.tables[at]));
  }
  for (std::size_t at = 0; at < graph.tables.size(); ++at) {
    for (std::size_t& up : graph.tables[at].upstream) {
      up = place[up];
      graph.tables[up].downstream.push_back(at);
    }
    std::sort(graph.tables[at].upstream.begin(), graph.tables[at].upstream.end());
  }
  return graph;
}

}  // namespace

std::optional<std::size_t> Graph::find(std::string_view name) const {
  const auto found = std::find_if(tables.begin(), tables.end(),
                                  [&](const GraphTable& table) { return table.name == name; });
  return found == tables.end() ? std::nullopt : std::optional<std::size_t>(found - tables.begin());
}

std::optional<Graph> build_graph(const Project& project,
                                 std::span<const std::vector<TableUse>> uses,
                                 yaml::Diagnostics& diagnostics) {
  yaml::Diagnostics found;
  Draft draft = list_tables(project, found);
  connect(draft, project, uses, found);
  const std::vector<std::size_t> order = topological_order(draft);
  if (order.size() != draft.tables.size()) {
    report_cycles(draft, order, found);
  }
  if (!found.empty()) {
    found.sort();
    diagnostics.append(std::move(found));
    return std::nullopt;
  }
  return arrange(std::move(draft), order);
}

}  // namespace sluice::project
