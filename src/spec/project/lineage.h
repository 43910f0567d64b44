#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/project/analysis.h"
#include "sluice/project/project.h"
#include "sluice/sql/lineage.h"

namespace sluice::project {

/// One column and how the other side of an edge uses it. No uses: it is not known whether it does,
/// since the model between them is opaque.
struct ColumnLink {
  sql::BaseColumn column;
  sql::ColumnUses uses = 0;
};

/// A column found on the way from another one, `depth` steps away.
struct ColumnEdge {
  sql::BaseColumn from;
  sql::BaseColumn to;
  sql::ColumnUses uses = 0;
  int depth = 1;
};

/// What a name of the command line means.
struct LineageTarget {
  std::string table;
  std::optional<std::string> column;
};

enum class LineageDirection { kUpstream, kDownstream };

/// Which columns follow from which, over all models of a project. The project and its analysis must
/// outlive it.
class Lineage {
 public:
  Lineage(const Project& project, const Analysis& analysis);

  /// Finds a table, or a column written behind its table. kNotFound names the nearest.
  base::Result<LineageTarget> find(std::string_view name) const;

  /// Returns the columns one step away: those whose values the column has first.
  const std::vector<ColumnLink>& next(const sql::BaseColumn& column, LineageDirection way) const;

  /// Returns every edge on the ways from a column, nearest first, up to `depth_max` steps away (0:
  /// all).
  std::vector<ColumnEdge> reach(const sql::BaseColumn& column, LineageDirection way,
                                int depth_max) const;

  /// Returns every edge of the project.
  std::vector<ColumnEdge> all() const;

  /// Returns the columns of a table of the project; nullptr when there is no such table.
  const data::Schema* schema(std::string_view table) const;

 private:
  void add_model(const Model& model, const ModelAnalysis& analysis);
  void link(const sql::BaseColumn& from, const sql::BaseColumn& to, sql::ColumnUses uses);

  using Links = std::map<sql::BaseColumn, std::vector<ColumnLink>>;

  std::map<std::string, const data::Schema*, std::less<>> schemas_;
  Links upstream_;
  Links downstream_;
};

}  // namespace sluice::project
