#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "sluice/base/text.h"
#include "sluice/contract/internal/row_sql.h"
#include "sluice/contract/path.h"
#include "sluice/sql/quote.h"

namespace sluice::contract::internal {

namespace {

using data::Type;
using data::TypeKind;
using sql::quote_identifier;
using sql::quote_literal;

/// How a value is there: as the text that decoders write, where scalars are strings and a map is a
/// list of entries, or with its type.
enum class As { kText, kTyped };

/// What from_json() makes of the text.
nlohmann::ordered_json structure_of(const Type& type) {
  using nlohmann::ordered_json;
  switch (type.kind) {
    case TypeKind::kStruct: {
      auto members = ordered_json::object();
      for (const data::Field& member : type.fields) {
        members[member.name] = structure_of(member.type);
      }
      return members;
    }
    case TypeKind::kList:
      return ordered_json::array({structure_of(type.fields[0].type)});
    case TypeKind::kMap:
      return ordered_json::array({ordered_json{{"key", structure_of(type.fields[0].type)},
                                               {"value", structure_of(type.fields[1].type)}}});
    default:
      return "VARCHAR";
  }
}

std::string read_text(const Type& type, const std::string& text_sql) {
  return fmt::format("from_json({}, {})", text_sql, quote_literal(structure_of(type).dump()));
}

std::string member_of(const std::string& value, std::string_view name) {
  return fmt::format("struct_extract({}, {})", value, quote_literal(name));
}

std::string item_name(int depth) { return fmt::format("x{}", depth); }

/// Binds a value that is long to write to a name.
std::string let(const std::string& name, const std::string& value, const std::string& body) {
  return fmt::format("list_transform([{}], lambda {}: {})[1]", value, name, body);
}

std::string part_name(PathStep::Kind kind) {
  return kind == PathStep::Kind::kKey ? "key" : "value";
}

/// The list that a step looks through.
std::string items_of(const std::string& value, const PathStep& step, As as) {
  const bool entries = step.kind != PathStep::Kind::kItem;
  return entries && as == As::kTyped ? fmt::format("map_entries({})", value) : value;
}

class Caster {
 public:
  Caster(const Contract& contract, const std::string& column)
      : contract_(contract), column_(column) {}

  std::string cast(const std::string& value, const Type& type, const Path& path, int depth) const {
    const std::string item = item_name(depth);
    const auto part = [&](std::size_t at, PathStep step, const std::string& from) {
      Path below = path;
      below.push_back(std::move(step));
      return cast(from, type.fields[at].type, below, depth + 1);
    };
    switch (type.kind) {
      case TypeKind::kStruct: {
        std::string members;
        for (std::size_t i = 0; i < type.fields.size(); ++i) {
          const std::string& name = type.fields[i].name;
          members += fmt::format("{}{} := {}", members.empty() ? "" : ", ", quote_identifier(name),
                                 part(i, {PathStep::Kind::kMember, name}, member_of(value, name)));
        }
        return fmt::format("CASE WHEN {} IS NOT NULL THEN struct_pack({}) END", value, members);
      }
      case TypeKind::kList:
        return fmt::format("list_transform({}, lambda {}: {})", value, item,
                           part(0, {PathStep::Kind::kItem, ""}, item));
      case TypeKind::kMap:
        return fmt::format(
            "map_from_entries(list_transform({}, lambda {}: struct_pack(k := {}, v := {})))", value,
            item, part(0, {PathStep::Kind::kKey, ""}, member_of(item, "key")),
            part(1, {PathStep::Kind::kValue, ""}, member_of(item, "value")));
      default:
        return value_cast(value, type, find_form(contract_, column_, path));
    }
  }

 private:
  const Contract& contract_;
  const std::string& column_;
};

/// Judges how much a struct, list or map holds. `distinct_sql` is the list with typed items.
std::string container_broken(const RowRule& rule, const Type& type, const std::string& value,
                             const std::string& distinct_sql, As as) {
  if (rule.kind == RowRuleKind::kRequired) {
    return value + " IS NULL";
  }
  if (rule.distinct) {
    return fmt::format(
        "len({0}) - list_count({0}) > 1 OR len(list_distinct({1})) <> list_count({1})", value,
        distinct_sql);
  }
  std::string size = "len(" + value + ")";
  if (type.kind == TypeKind::kMap && as == As::kTyped) {
    size = "cardinality(" + value + ")";
  } else if (type.kind == TypeKind::kStruct) {
    std::vector<std::string> present;
    for (const data::Field& member : type.fields) {
      present.push_back(
          fmt::format("CAST({} IS NOT NULL AS INTEGER)", member_of(value, member.name)));
    }
    size = fmt::format("CASE WHEN {} IS NOT NULL THEN {} END", value, base::join(present, " + "));
  }
  std::vector<std::string> outside;
  if (rule.length_min) {
    outside.push_back(fmt::format("{} < {}", size, *rule.length_min));
  }
  if (rule.length_max) {
    outside.push_back(fmt::format("{} > {}", size, *rule.length_max));
  }
  return base::join(outside, " OR ");
}

bool misses_member(const RowRule& rule, std::size_t step) {
  return rule.kind == RowRuleKind::kRequired && step + 1 == rule.path.size();
}

/// True when a typed value breaks the rule from this step of its path on; may be null.
std::string violated(const RowRule& rule, std::size_t at, const Type& type,
                     const std::string& value, int depth) {
  if (at == rule.path.size()) {
    if (data::is_nested(type)) {
      return container_broken(rule, type, value, value, As::kTyped);
    }
    return broken(rule, type,
                  type.kind == TypeKind::kString ? value : "CAST(" + value + " AS VARCHAR)", value);
  }
  const PathStep& step = rule.path[at];
  const Type& below = find_part(type, step)->type;
  if (step.kind == PathStep::Kind::kMember) {
    const std::string inside = violated(rule, at + 1, below, member_of(value, step.name), depth);
    return misses_member(rule, at) ? fmt::format("{} IS NOT NULL AND {}", value, inside) : inside;
  }
  const std::string item = item_name(depth);
  const std::string part =
      step.kind == PathStep::Kind::kItem ? item : member_of(item, part_name(step.kind));
  return fmt::format("len(list_filter({}, lambda {}: coalesce({}, false))) > 0",
                     items_of(value, step, As::kTyped), item,
                     violated(rule, at + 1, below, part, depth + 1));
}

/// Writes SQL that yields the verdict on the text of one column by one rule.
class Faults {
 public:
  Faults(const Contract& contract, const data::Field& column, const RowRule& rule)
      : column_(column), rule_(rule), caster_(contract, column.name) {}

  /// Null where the rule is met.
  std::string of(const std::string& value) {
    return of(0, column_.type, value, {}, {quote_literal(column_.name)}, 1);
  }

 private:
  using Place = std::vector<std::string>;  // SQL texts that together name a place

  std::string of(std::size_t at, const Type& type, const std::string& value, const Path& path,
                 const Place& place, int depth) {
    if (at == rule_.path.size()) {
      return of_value(type, value, path, place, depth);
    }
    const PathStep& step = rule_.path[at];
    const Type& below = find_part(type, step)->type;
    Path path_below = path;
    path_below.push_back(step);
    Place place_below = place;
    if (step.kind == PathStep::Kind::kMember) {
      place_below.push_back(quote_literal("." + step.name));
      const std::string inside =
          of(at + 1, below, member_of(value, step.name), path_below, place_below, depth);
      return misses_member(rule_, at)
                 ? fmt::format("CASE WHEN {} IS NOT NULL THEN {} END", value, inside)
                 : inside;
    }
    const std::string item = item_name(depth);
    const std::string index = fmt::format("i{}", depth);
    const bool entries = step.kind != PathStep::Kind::kItem;
    const std::string part = entries ? member_of(item, part_name(step.kind)) : item;
    place_below.push_back(quote_literal(entries ? "['" : "["));
    place_below.push_back(entries ? member_of(item, "key") : index);
    place_below.push_back(quote_literal(entries ? "']" : "]"));
    std::string found = fmt::format(
        "list_filter(list_transform({}, lambda {}, {}: {}), lambda f: f IS NOT NULL)[1]", value,
        item, index, of(at + 1, below, part, path_below, place_below, depth + 1));
    if (step.kind == PathStep::Kind::kKey && rule_.kind == RowRuleKind::kType) {
      found =
          fmt::format("coalesce({}, {})", found, same_keys(below, value, path_below, place, depth));
    }
    return found;
  }

  /// Keys that are written differently may be the same value.
  std::string same_keys(const Type& type, const std::string& value, const Path& path,
                        const Place& place, int depth) {
    const std::string item = item_name(depth);
    return fmt::format(
        "CASE WHEN len(list_distinct(list_transform({0}, lambda {1}: {2}))) < len({0}) THEN "
        "concat({3}, {4}, ': a key occurs twice') END",
        value, item, caster_.cast(member_of(item, "key"), type, path, depth + 1), head(),
        base::join(place, ", "));
  }

  std::string head() const {
    return quote_literal(std::string(to_text(rule_.kind)) + "|" + place_of(rule_) + "|");
  }

  std::string of_value(const Type& type, const std::string& value, const Path& path,
                       const Place& place, int depth) {
    const std::string where = base::join(place, ", ");
    const bool nested = data::is_nested(type);
    std::string condition;
    std::string reason = quote_literal(": it is not " + rule_.message);
    if (nested) {
      const std::string typed = rule_.distinct ? caster_.cast(value, type, path, depth) : "";
      condition = container_broken(rule_, type, value, typed, As::kText);
    } else {
      condition = rule_.kind == RowRuleKind::kRequired
                      ? value + " IS NULL"
                      : broken(rule_, type, value, caster_.cast(value, type, path, depth));
      reason = fmt::format("': ''', left({}, {}), {}", value, kShownCharacters,
                           quote_literal("' is not " + rule_.message));
    }
    if (rule_.kind == RowRuleKind::kRequired) {
      reason = quote_literal(": no value");
    }
    return fmt::format("CASE WHEN {} THEN concat({}, {}, {}) END", condition, head(), where,
                       reason);
  }

  const data::Field& column_;
  const RowRule& rule_;
  Caster caster_;
};

}  // namespace

std::string nested_cast(const Contract& contract, const data::Field& column,
                        const std::string& text_sql) {
  const Caster caster(contract, column.name);
  return let(item_name(0), read_text(column.type, text_sql),
             caster.cast(item_name(0), column.type, {}, 1));
}

std::string nested_verdict(const Contract& contract, const data::Field& column,
                           std::span<const RowRule* const> rules, const std::string& text_sql) {
  std::vector<std::string> verdicts;
  std::vector<std::string> faults;
  for (const RowRule* rule : rules) {
    if (rule->kind == RowRuleKind::kRequired && rule->path.empty()) {
      verdicts.push_back(fmt::format("CASE WHEN {} IS NULL THEN {} END", text_sql,
                                     quote_literal("required|" + column.name + "|no value")));
    } else {
      faults.push_back(Faults(contract, column, *rule).of(item_name(0)));
    }
  }
  if (!faults.empty()) {
    verdicts.push_back(let(item_name(0), read_text(column.type, text_sql),
                           fmt::format("coalesce({})", base::join(faults, ", "))));
  }
  return fmt::format("coalesce({})", base::join(verdicts, ", "));
}

std::string nested_violation(const RowRule& rule, const data::Type& column_type,
                             const std::string& column_sql) {
  return "coalesce(" + violated(rule, 0, column_type, column_sql, 0) + ", false)";
}

}  // namespace sluice::contract::internal
