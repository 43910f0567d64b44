#include "sluice/sql/portability.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/sql/functions.h"
#include "sluice/sql/internal/printer.h"
#include "sluice/sql/internal/scan_text.h"
#include "sluice/sql/lexical.h"
#include "sluice/sql/walk.h"

namespace sluice::sql {

namespace {

/// Where an expression stands, as far as it matters to what names may mean.
enum class Clause { kList, kWhere, kGroup, kHaving, kOther };

/// What to write where an engine lacks a function.
constexpr std::array<std::pair<std::string_view, std::string_view>, 21> kInstead = {{
    {"date_diff", "Spark: datediff(end, start); Flink: TIMESTAMPDIFF(DAY, start, end)"},
    {"date_trunc", "Flink: FLOOR(value TO MONTH)"},
    {"dayofweek", "its days count from 0 in DuckDB and from 1 elsewhere; write isodow another way"},
    {"generate_series", "Spark: explode(sequence(a, b))"},
    {"len", "write length() of text, cardinality() of a list"},
    {"list_filter", "unnest the list and filter its rows"},
    {"list_transform", "unnest the list and compute over its rows"},
    {"list_value", "Spark: array(a, b); Flink: ARRAY[a, b]"},
    {"log", "it is to the base of 10 in DuckDB and natural elsewhere: write log10() or ln()"},
    {"median", "Flink: PERCENTILE(value, 0.5)"},
    {"range", "Spark: range(a, b) as a table"},
    {"regexp_extract", "group 0 is the default in DuckDB and group 1 elsewhere"},
    {"regexp_full_match", "write regexp_matches() with ^ and $"},
    {"regexp_replace", "without option 'g' it replaces once in DuckDB and everywhere elsewhere"},
    {"strftime", "Spark and Flink: date_format(value, pattern), with other patterns"},
    {"strptime", "Spark and Flink: to_timestamp(text, pattern), with other patterns"},
    {"struct_pack", "Spark: named_struct('a', x); Flink: ROW(x)"},
    {"to_json", "write the parts as columns"},
    {"unnest", "Spark: explode(list); Flink: CROSS JOIN UNNEST(list)"},
    {"//", "Spark: a div b; Flink: a / b of whole numbers"},
    {"**", "write power(a, b)"},
}};

std::string_view instead_of(std::string_view function) {
  const auto* const found = std::find_if(
      kInstead.begin(), kInstead.end(), [&](const auto& entry) { return entry.first == function; });
  return found == kInstead.end() ? "" : found->second;
}

/// DuckDB reads INTERVAL '3' DAY as a call with a number that it rounds.
bool is_interval(const Expression& node) {
  const auto* call = std::get_if<Call>(&node.node);
  if (call == nullptr) {
    return false;
  }
  const std::string name = base::lower(call->name);  // what is found may be a part of it
  const auto there = function_in(name, OtherEngine::kSpark);
  return there && there->starts_with("INTERVAL") && call->arguments.size() == 1;
}

class Judge {
 public:
  explicit Judge(std::string_view sql) : sql_(sql) {}

  std::vector<PortabilityFinding> take() {
    std::stable_sort(findings_.begin(), findings_.end(),
                     [](const auto& a, const auto& b) { return a.offset < b.offset; });
    return std::move(findings_);
  }

  void query(const QueryNode& node) {
    for (const CommonTable& cte : node.ctes) {
      if (!cte.materialized.empty()) {
        add_words(base::lower(cte.materialized), "AS " + cte.materialized, false, false,
                  "leave it out");
      }
      query(*cte.query);
    }
    if (const auto* body = std::get_if<Select>(&node.body)) {
      select(*body);
    } else {
      set_operation(std::get<SetOperation>(node.body));
    }
    for (const Modifier& modifier : node.modifiers) {
      this->modifier(modifier);
    }
  }

 private:
  void add(PortabilityFinding finding) {
    finding.offset = finding.offset < 0 ? offset_ : finding.offset;
    if (told_.emplace(finding.offset, finding.construct).second) {
      findings_.push_back(std::move(finding));
    }
  }

  void add(std::string construct, bool spark, bool flink, std::string_view instead = "",
           std::int64_t offset = -1) {
    add({offset, std::move(construct), spark, flink, false, std::string(instead)});
  }

  /// Adds a construct of which the tree does not say where it stands: the next place in the text
  /// that has its words.
  void add_words(const std::string& words, std::string construct, bool spark, bool flink,
                 std::string_view instead) {
    std::size_t& from = searched_[words];
    const auto at = find_words(words, from);
    from = at == std::string_view::npos ? from : at + 1;
    add(std::move(construct), spark, flink, instead,
        at == std::string_view::npos ? -1 : static_cast<std::int64_t>(at));
  }

  /// Finds words that follow each other with blanks or comments between, outside quotes.
  std::size_t find_words(const std::string& words, std::size_t from) const {
    const std::vector<std::string> wanted = base::split(words, ' ');
    std::vector<std::pair<std::size_t, std::string>> last;
    for (std::size_t at = 0; at < sql_.size();) {
      if (const std::size_t end = skip_quoted(sql_, at); end != at) {
        if (!is_comment(sql_, at)) {
          last.clear();
        }
        at = end;
      } else if (internal::is_word_character(sql_[at])) {
        const std::size_t word = internal::word_end(sql_, at);
        last.emplace_back(at, base::lower(sql_.substr(at, word - at)));
        if (last.size() > wanted.size()) {
          last.erase(last.begin());
        }
        const bool found = last.size() == wanted.size() && last.front().first >= from &&
                           std::equal(last.begin(), last.end(), wanted.begin(),
                                      [](const auto& have, const std::string& want) {
                                        return have.second == want;
                                      });
        if (found) {
          return last.front().first;
        }
        at = word;
      } else {
        if (std::isspace(static_cast<unsigned char>(sql_[at])) == 0) {
          last.clear();
        }
        ++at;
      }
    }
    return std::string_view::npos;
  }

  void select(const Select& select) {
    for (const Expression& item : select.list) {
      expression(item, Clause::kList);
    }
    if (select.from) {
      table(*select.from);
    }
    if (select.where) {
      expression(*select.where, Clause::kWhere);
    }
    if (select.group_all) {
      add_words("group by all", "GROUP BY ALL", true, false, "write the columns out");
    }
    for (const Expression& item : select.group_by) {
      const auto* number = std::get_if<Constant>(&item.node);
      if (number != nullptr && number->kind == Constant::Kind::kNumber) {
        add("GROUP BY " + number->text, true, false, "write the column out", item.offset);
      }
      expression(item, Clause::kGroup);
    }
    if (select.having) {
      expression(*select.having, Clause::kHaving);
    }
    if (select.qualify) {
      add_words("qualify", "QUALIFY", false, false,
                "compute the window function in a subquery and filter on it");
      expression(*select.qualify, Clause::kOther);
    }
  }

  void set_operation(const SetOperation& operation) {
    if (operation.kind == SetKind::kUnionByName) {
      add_words(operation.all ? "union all by name" : "union by name", "UNION BY NAME", false,
                false, "put the columns in the same order");
    }
    query(*operation.left);
    query(*operation.right);
  }

  void modifier(const Modifier& modifier) {
    if (const auto* distinct = std::get_if<Distinct>(&modifier)) {
      if (!distinct->on.empty()) {
        add_words("distinct on", "DISTINCT ON", false, false,
                  "number the rows with row_number() in a subquery and keep the first");
      }
      expressions(distinct->on, Clause::kOther);
    } else if (const auto* order = std::get_if<OrderBy>(&modifier)) {
      for (const OrderItem& item : order->items) {
        const auto* star = std::get_if<Star>(&item.expression->node);
        if (star != nullptr && star->is_columns && !star->selector && star->relation.empty()) {
          add_words("order by all", "ORDER BY ALL", true, false, "write the columns out");
        } else {
          expression(*item.expression, Clause::kOther);
        }
      }
    } else if (std::get<Limit>(modifier).is_percent) {
      add_words("limit", "LIMIT in percent", false, false, "");
    }
  }

  void table(const TableRef& ref) {
    const std::int64_t outer = std::exchange(offset_, ref.offset < 0 ? offset_ : ref.offset);
    if (const auto* subquery = std::get_if<SubqueryTable>(&ref.node)) {
      query(*subquery->query);
    } else if (const auto* join_of = std::get_if<Join>(&ref.node)) {
      join(*join_of);
    } else if (const auto* function = std::get_if<TableFunction>(&ref.node)) {
      table_function(*function);
    } else if (const auto* values = std::get_if<Values>(&ref.node)) {
      for (const auto& row : values->rows) {
        expressions(row, Clause::kOther);
      }
    } else if (const auto* pivot_of = std::get_if<Pivot>(&ref.node)) {
      pivot(*pivot_of);
    }
    offset_ = outer;
  }

  void join(const Join& node) {
    table(*node.left);
    if (node.kind == JoinKind::kAsof) {
      add_words("asof", "ASOF JOIN", false, false,
                "join on the range and keep the newest row with row_number()");
    } else if (node.kind == JoinKind::kPositional) {
      add_words("positional", "POSITIONAL JOIN", false, false, "join on a number of the row");
    } else if (node.type == JoinType::kSemi || node.type == JoinType::kAnti) {
      const bool semi = node.type == JoinType::kSemi;
      add_words(semi ? "semi" : "anti", semi ? "SEMI JOIN" : "ANTI JOIN", true, false,
                semi ? "write WHERE EXISTS" : "write WHERE NOT EXISTS");
    }
    table(*node.right);
    if (node.condition) {
      expression(*node.condition, Clause::kOther);
    }
  }

  void table_function(const TableFunction& function) {
    const auto* call = std::get_if<Call>(&function.function->node);
    if (call == nullptr) {
      return;
    }
    const std::string name = base::lower(call->name);
    add(name + "() as a table", name == "range", false, instead_of(name),
        function.function->offset);
    if (function.with_ordinality) {
      add_words("with ordinality", "WITH ORDINALITY", false, true, "Spark: posexplode(list)");
    }
    expressions(call->arguments, Clause::kOther);
  }

  void pivot(const Pivot& node) {
    table(*node.source);
    if (node.unpivot_names.empty()) {
      // Spark groups by all columns that are left, and cannot be told which.
      add_words("pivot", "PIVOT", node.groups.empty(), false,
                "write sum(CASE WHEN key = 'a' THEN value END) for each column");
    } else {
      add_words("unpivot", "UNPIVOT", true, false, "write a UNION ALL of one SELECT for each");
    }
    expressions(node.aggregates, Clause::kOther);
  }

  void expressions(const std::vector<Expression>& list, Clause clause) {
    for (const Expression& item : list) {
      expression(item, clause);
    }
  }

  void expression(const Expression& node, Clause clause) {
    const std::int64_t outer = std::exchange(offset_, node.offset < 0 ? offset_ : node.offset);
    std::visit([&](const auto& of) { judge(of, clause); }, node.node);
    const auto* subquery = std::get_if<Subquery>(&node.node);
    if (subquery != nullptr) {
      query(*subquery->query);
    }
    const bool rounded =
        is_interval(node) && internal::only_constant(std::get<Call>(node.node).arguments[0]);
    if (!rounded) {
      for_each_child(node, [&](const Expression& child) { expression(child, clause); });
    }
    offset_ = outer;
  }

  void function(const std::string& written, bool is_operator) {
    const std::string name = base::lower(written);
    if (text_begins_with("interval") || text_begins_with("extract")) {
      return;  // as everybody writes it
    }
    const auto spark = function_in(name, OtherEngine::kSpark);
    const auto flink = function_in(name, OtherEngine::kFlink);
    const std::string construct = is_operator ? "operator " + name : name + "()";
    if (!spark || !flink) {
      const std::string_view known = instead_of(name);
      add(construct, false, false,
          known.empty() ? "the catalogue does not know it, so nobody vouches for it" : known);
      return;
    }
    const bool same = *spark == name && *flink == name;
    const bool is_like = name.find('~') != std::string::npos || name == "count_star";
    if (spark->empty() || flink->empty()) {
      add(construct, !spark->empty(), !flink->empty(), instead_of(name));
    } else if (!same && !is_like) {
      add({-1, construct, true, true, true,
           "Spark: " + std::string(*spark) + "; Flink: " + std::string(*flink)});
    }
  }

  bool text_begins_with(std::string_view word) const {
    if (offset_ < 0 || static_cast<std::size_t>(offset_) >= sql_.size()) {
      return false;
    }
    return base::lower(sql_.substr(static_cast<std::size_t>(offset_), word.size())) == word;
  }

  void type(const std::string& name) {
    const auto spark = type_in(name, OtherEngine::kSpark);
    const auto flink = type_in(name, OtherEngine::kFlink);
    if (!spark || !flink) {
      add("type " + name, spark.has_value(), flink.has_value());
    }
  }

  void judge(const Constant& constant, Clause) {
    if (constant.kind == Constant::Kind::kText && constant.type != "VARCHAR") {
      type(constant.type);
    }
  }

  /// A name may stand for an output of the same SELECT in more places than the standard allows.
  void judge(const ColumnRef& ref, Clause clause) {
    if (ref.reference.kind != ReferenceKind::kOutput || ref.names.empty()) {
      return;
    }
    const std::string name = "'" + ref.names.back() + "' of the SELECT list";
    if (clause == Clause::kWhere) {
      add(name + " in WHERE", false, false, "repeat the expression");
    } else if (clause == Clause::kList) {
      add(name + " in the same list", true, false, "repeat the expression");
    } else if (clause == Clause::kGroup || clause == Clause::kHaving) {
      add(name + (clause == Clause::kGroup ? " in GROUP BY" : " in HAVING"), true, false,
          "repeat the expression");
    }
  }

  void judge(const Call& call, Clause) {
    function(call.name, call.is_operator);
    if (!call.order.empty()) {
      add("ORDER BY inside of " + base::lower(call.name) + "()", false, false,
          "Spark 4 and Flink order listagg() alone, with WITHIN GROUP");
    }
  }

  void judge(const Window& window, Clause) {
    function(window.name, false);
    const std::string name = base::lower(window.name) + "()";
    if (window.ignore_nulls) {
      add("IGNORE NULLS inside of " + name, false, false, "they write it behind the brackets");
    }
    if (window.distinct) {
      add("DISTINCT in window function " + name, false, false);
    }
    if (window.filter) {
      add("FILTER of window function " + name, false, false, "write CASE WHEN inside of it");
    }
    if (window.exclusion != FrameExclusion::kNothing) {
      add("EXCLUDE in a window's frame", false, false);
    }
    if (window.start.unit == FrameUnit::kGroups || window.end.unit == FrameUnit::kGroups) {
      add("GROUPS in a window's frame", false, false);
    }
  }

  void judge(const Cast& cast, Clause) { type(cast.type); }
  void judge(const Case&, Clause) {}
  void judge(const Comparison&, Clause) {}
  void judge(const Conjunction&, Clause) {}
  void judge(const Between&, Clause) {}

  void judge(const Operator& node, Clause) {
    switch (node.kind) {
      case OperatorKind::kTry:
        add("TRY()", false, false, "TRY_CAST is known everywhere");
        break;
      case OperatorKind::kUnpack:
        add("*COLUMNS()", false, false, "write the columns out");
        break;
      case OperatorKind::kSlice:
        add("a slice", false, false, "Spark: slice(list, start, length)");
        break;
      case OperatorKind::kExtract:
        add("an item in brackets", false, true,
            "Spark counts items of lists from 0: write element_at(list, n)");
        break;
      case OperatorKind::kListOf:
        add("a list in brackets", false, true, "Spark: array(a, b)");
        break;
      default:
        break;
    }
  }

  void judge(const Lambda&, Clause) {
    add("a lambda", false, false, "Spark writes x -> x + 1; Flink has none");
  }

  void judge(const Star& star, Clause) {
    const std::string_view out = "write the columns out";
    if (star.is_columns) {
      add("COLUMNS()", false, false, out);
    }
    if (!star.excluded.empty()) {
      add("* EXCLUDE", false, false, out);
    }
    if (!star.replaced.empty()) {
      add("* REPLACE", false, false, out);
    }
    if (!star.renamed.empty()) {
      add("* RENAME", false, false, out);
    }
  }

  void judge(const Subquery& subquery, Clause) {
    if (subquery.kind == SubqueryKind::kAny && subquery.comparison != ComparisonKind::kEqual) {
      add("a comparison with ANY", false, false, "compare with min() or max() of the subquery");
    }
  }

  void judge(const Collate& collate, Clause) {
    add("COLLATE " + collate.collation, false, false, "compare lower() of both sides");
  }

  void judge(const Positional& positional, Clause) {
    add("#" + std::to_string(positional.index), false, false, "write the column's name");
  }

  const std::string_view sql_;
  std::int64_t offset_ = -1;  // of the innermost node that has one
  std::vector<PortabilityFinding> findings_;
  std::set<std::pair<std::int64_t, std::string>> told_;
  std::map<std::string, std::size_t> searched_;
};

}  // namespace

std::vector<PortabilityFinding> portability_of(const QueryNode& query, std::string_view sql) {
  Judge judge(sql);
  judge.query(query);
  return judge.take();
}

}  // namespace sluice::sql
