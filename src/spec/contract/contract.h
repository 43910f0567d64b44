#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/contract/severity.h"
#include "sluice/contract/table_rule.h"
#include "sluice/data/schema.h"
#include "sluice/yaml/diagnostics.h"

namespace sluice::contract {

/// What a row rule asks of one column. In the order in which a row's rules are judged per column.
enum class RowRuleKind {
  kRequired,  // not null
  kType,      // the text is a value of the column's type
  kMissing,   // none of `values`, which spell "missing"; not null either
  kDomain,    // one of `values`
  kRange,     // within `minimum` and `maximum`
  kMultiple,  // a multiple of the one of `values`
  kLength,    // characters, items or members within `length_min` and `length_max`, or `distinct`
  kFormat,    // written as `pattern` (RE2) says: an e-mail address, a UUID, ...
  kPattern,   // `pattern` (RE2) is found in the text; anchors say where
};

std::string_view to_text(RowRuleKind kind);

/// One step from a column of a nested type to what is inside: a struct's member, a list's items, a
/// map's keys or its values.
struct PathStep {
  enum class Kind { kMember, kItem, kKey, kValue };

  Kind kind = Kind::kMember;
  std::string name;  // of a member

  friend bool operator==(const PathStep&, const PathStep&) = default;
};
using Path = std::vector<PathStep>;

/// A bound of a range, as text of the column's type.
struct Bound {
  std::string value;
  bool exclusive = false;
  yaml::Mark mark;

  friend bool operator==(const Bound& a, const Bound& b) {
    return a.value == b.value && a.exclusive == b.exclusive;
  }
};

/// A rule that one row meets or breaks by itself. Null meets every rule but kRequired and kMissing.
/// With a path it is about every value that the path leads to inside of the column; what has no
/// parent is not missed.
struct RowRule {
  RowRuleKind kind = RowRuleKind::kRequired;
  std::string column;
  Path path = {};
  Severity severity = Severity::kError;
  std::string message;  // what a good value is, for people: `one of EWR, JFK, LGA`
  std::vector<std::string> values;
  std::optional<Bound> minimum;
  std::optional<Bound> maximum;
  std::optional<std::int64_t> length_min;
  std::optional<std::int64_t> length_max;
  std::string pattern;
  bool distinct = false;  // a list has no item twice
  yaml::Mark mark;
};

/// How text spells the dates and times of a column, or of a part of it, when it is not ISO 8601.
/// ODCS `logicalTypeOptions.format`.
struct WrittenForm {
  std::string column;
  Path path;
  std::string format;   // as the contract writes it: `dd.MM.yyyy`
  std::string pattern;  // RE2 that all of the text matches
  std::string iso;      // what to make of the pattern's groups: `\3-\2-\1`
};

/// Columns that no two rows share. `name` is `primary_key` or `unique`.
struct KeyRule {
  std::string name;
  std::vector<std::string> columns;
  bool primary = false;
  Severity severity = Severity::kError;
  yaml::Mark mark;
};

/// A foreign key: the columns' values, where none is null, are those of a row of another table.
/// `to` names the other table's columns as the contract writes it (`customers.id`, or
/// `schema/customers/properties/id`); who knows all contracts fills `table` and `target`.
struct ReferenceRule {
  std::vector<std::string> columns;
  std::vector<std::string> to;  // as many as `columns`
  std::string table;            // dotted
  std::vector<std::string> target;
  Severity severity = Severity::kError;
  yaml::Mark mark;
};

/// What a contract says of a column beyond its type and rules; carried to the table.
struct ColumnNotes {
  std::string column;
  Path path = {};    // to a part of a nested column
  std::string id;    // the standard's stable identifier: it outlives a change of name
  std::string name;  // as the contract calls the column
  std::string classification;
  std::vector<std::string> tags;
  bool critical = false;
};

/// A part of a contract that asks nothing of rows, or asks what Sluice does not do: it is kept for
/// people and other tools. `why` says what becomes of it.
struct Kept {
  std::string path;  // `team`, `slaProperties[0] (availability)`
  std::string why;
  yaml::Mark mark;
};

/// An Open Data Contract (ODCS 3.0 to 3.2) over one table, as far as rows can be held to it.
/// Columns have no field ids yet; `schema.fields[i].required` is set where a rule of severity error
/// says so.
struct Contract {
  std::string file;
  std::string id;
  std::string name;
  std::string version;
  std::string status;
  std::string description;
  std::string table;      // physicalName of the schema object, else its name
  std::string object;     // the schema object's name
  std::string object_id;  // its stable identifier, "" without
  std::vector<std::string> tags;
  data::Schema schema;
  std::vector<std::string> inferred;  // columns that data brought, behind those of the file
  std::vector<RowRule> rules;         // by column, each column's in the order of RowRuleKind
  std::vector<KeyRule> keys;          // the primary key first
  std::vector<ReferenceRule> references;
  std::vector<TableRule> table_rules;
  std::vector<ServiceLevel> service_levels;
  std::vector<WrittenForm> forms;
  std::vector<ColumnNotes> notes;         // one for each column, in the schema's order
  std::vector<ColumnNotes> nested_notes;  // of parts of columns that something is said of
  std::vector<Kept> kept;
  std::string text;  // the file as it was read
  /// Of all that the file says; the same for files that differ in layout and comments alone.
  std::string digest;

  /// Finds a column by name; nullptr when there is none.
  const data::Field* column(std::string_view name) const { return schema.find(name); }
};

/// A regular expression and where it stands. RE2 judges it in a worker at validate time.
struct PatternUse {
  std::string pattern;
  std::string column;
  yaml::Mark mark;
};
std::vector<PatternUse> patterns_of(const Contract& contract);

}  // namespace sluice::contract
