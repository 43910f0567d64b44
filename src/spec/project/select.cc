#include <algorithm>

#include "sluice/base/text.h"
#include "sluice/project/graph.h"

namespace sluice::project {

namespace {

struct Term {
  std::string_view name;
  bool upstream = false;
  bool downstream = false;
};

Term parse_term(std::string_view text) {
  Term term;
  term.name = base::trim(text);
  if (term.name.starts_with('+')) {
    term.upstream = true;
    term.name.remove_prefix(1);
  }
  if (term.name.ends_with('+')) {
    term.downstream = true;
    term.name.remove_suffix(1);
  }
  return term;
}

using Edges = std::vector<std::size_t> GraphTable::*;

void choose_along(const Graph& graph, std::size_t start, Edges edges, std::vector<bool>& chosen) {
  std::vector<bool> seen(graph.tables.size(), false);
  std::vector<std::size_t> open = {start};
  while (!open.empty()) {
    const std::size_t at = open.back();
    open.pop_back();
    if (seen[at]) {
      continue;
    }
    seen[at] = true;
    chosen[at] = true;
    const std::vector<std::size_t>& next = graph.tables[at].*edges;
    open.insert(open.end(), next.begin(), next.end());
  }
}

base::Error unknown(const Graph& graph, std::string_view name) {
  std::vector<std::string> names;
  for (const GraphTable& table : graph.tables) {
    names.push_back(table.name);
  }
  const std::string near = base::nearest(name, names);
  return base::not_found("no table matches '" + std::string(name) + "'" +
                         (near.empty() ? "" : "; did you mean '" + near + "'?"));
}

}  // namespace

base::Result<std::vector<std::size_t>> select(const Graph& graph, std::string_view expression) {
  const std::size_t count = graph.tables.size();
  std::vector<bool> chosen(count, base::trim(expression).empty());
  if (!base::trim(expression).empty()) {
    for (const std::string& part : base::split(expression, ',')) {
      const Term term = parse_term(part);
      bool any = false;
      for (std::size_t at = 0; at < count; ++at) {
        if (!base::glob_matches(term.name, graph.tables[at].name)) {
          continue;
        }
        any = true;
        chosen[at] = true;
        if (term.upstream) {
          choose_along(graph, at, &GraphTable::upstream, chosen);
        }
        if (term.downstream) {
          choose_along(graph, at, &GraphTable::downstream, chosen);
        }
      }
      if (!any) {
        return unknown(graph, term.name);
      }
    }
  }
  std::vector<std::size_t> indexes;
  for (std::size_t at = 0; at < count; ++at) {
    if (chosen[at]) {
      indexes.push_back(at);
    }
  }
  return indexes;
}

}  // namespace sluice::project
