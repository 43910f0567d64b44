#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/project/project.h"
#include "sluice/yaml/diagnostics.h"

namespace sluice::project {

/// A table that a model reads. `mark` is a place in the model's file.
struct TableUse {
  std::string table;
  yaml::Mark mark;
};

enum class TableKind { kSource, kModel };

/// A table of the graph: `index` into Project::sources or Project::models. `upstream` and
/// `downstream` are indexes into Graph::tables, ascending, without duplicates.
struct GraphTable {
  std::string name;
  TableKind kind = TableKind::kSource;
  std::size_t index = 0;
  std::vector<std::size_t> upstream;
  std::vector<std::size_t> downstream;
};

/// Tables in topological order: sources first, then each model after all it reads; ties by name.
struct Graph {
  std::vector<GraphTable> tables;

  std::optional<std::size_t> find(std::string_view name) const;
};

/// Builds the graph; `uses[i]` are the tables that Project::models[i] reads. Reports duplicate and
/// unknown tables (with the nearest known name) and each cycle as `a -> b -> a` with its files;
/// nullopt when anything was wrong.
std::optional<Graph> build_graph(const Project& project,
                                 std::span<const std::vector<TableUse>> uses,
                                 yaml::Diagnostics& diagnostics);

/// Chooses tables by an expression: names separated by commas, `+` before a name adds everything
/// upstream, after it everything downstream; names may be globs (`gold.*`). "" chooses all. Returns
/// indexes into Graph::tables, ascending. kNotFound, with the nearest name, for a name that matches
/// none.
base::Result<std::vector<std::size_t>> select(const Graph& graph, std::string_view expression);

}  // namespace sluice::project
