#pragma once

#include <cstddef>
#include <functional>
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

/// How a table's definition compares with the one that its rows were made by.
enum class DefinitionState { kSame, kModified, kNew };

/// Which tables are meant. Both expressions are words separated by blanks, whose tables are taken
/// together; a word is terms separated by commas, whose tables must be in all of them (of plain
/// names, which no table has two of, each is taken). A term is
///   [N+]name[+N]   a name or a glob, with what is up to N steps upstream or downstream (+: all),
/// where the name may be `tag:x`, `path:models/gold`, `source:x` or `state:modified|new`.
/// `select` "" means all tables. `state` answers for an index into Graph::tables. With
/// `sources_by_name`, sources are meant only where a name, a glob or `source:` matches them.
struct Selection {
  std::string select;
  std::string exclude;
  std::function<DefinitionState(std::size_t table)> state;
  bool sources_by_name = false;

  bool everything() const;
};

/// Chooses tables. Returns indexes into Graph::tables, ascending. kNotFound, with the nearest name,
/// for a name, a tag or a path that matches none; kInvalidInput for a term that is no term.
base::Result<std::vector<std::size_t>> select(const Project& project, const Graph& graph,
                                              const Selection& selection);

}  // namespace sluice::project
